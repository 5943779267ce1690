"""A real server and a real browser for each worker; the server on a free port of the loopback, with folders of its own."""

import os
import re
import signal
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from httpx._config import DEFAULT_TIMEOUT_CONFIG
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from tests.browser.browsers import NAME, fetch_browser, find_browser, launch, launch_with_profile

PATIENCE = 60_000
"""Milliseconds until what a page shall do counts as not done: many, for only a test that fails waits so long."""
expect.set_options(timeout=PATIENCE)
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as in the server, and before NumPy is loaded
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # else each of a hundred servers compiles all our modules again: 0.3 s
sys.dont_write_bytecode = False
ssl.create_default_context = cache(ssl.create_default_context)  # httpx reads all certificates for each client: 20 ms
DEFAULT_TIMEOUT_CONFIG.read = 30  # of every call that says nothing else; 5 seconds are few where cores are shared
NOISE = ("error", "warning") if NAME == "chromium" else ("error",)
"""What a page must not write on the console; other browsers warn of their own affairs too."""
WHOLE = "() => !document.getElementById('catalog') || 'whole' in document.body.dataset"
"""All parts of the page are there; a replay has no catalog, and all of its parts from the beginning."""
KEPT = "cookies,local_storage,indexeddb,service_workers"
"""What a page may leave behind in the browser's profile, but what was cached."""
INTERRUPT = signal.SIGINT if os.name == "posix" else signal.CTRL_BREAK_EVENT  # what a person's Ctrl+C is to a server


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="kill the server 25 times instead of 3")


class Server:
    """A dashboard in a process of its own."""

    def __init__(self, home: Path, *options: str, port: int = 0, before: tuple[str, ...] = (), **environment: str) -> None:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("NN_BASICS_")}
        self.process = subprocess.Popen(
            [*before, sys.executable, "-m", "server", "--no-open", "--port", str(port), *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={
                **kept,
                "XDG_CACHE_HOME": str(home),
                "NN_BASICS_HOME": str(home / "runs"),
                "NN_BASICS_WORKERS": "0",  # threads, which start at once; tests of workers say how many
                "PYTHONUNBUFFERED": "1",
                **environment,
            },
            creationflags=0 if os.name == "posix" else subprocess.CREATE_NEW_PROCESS_GROUP,  # else Ctrl+Break ends us too
        )
        line = self.process.stdout.readline()
        found = re.search(r"https?://\S+", line)
        if not found:
            said = "".join(self.process.communicate(timeout=30))
            raise RuntimeError(f"the server did not start: {line}{said}")
        self.url = found.group().rstrip("/")
        self.port = int(re.search(r":(\d+)", self.url.partition(":")[2]).group(1))

    @property
    def socket(self) -> str:
        return self.url.replace("http", "ws", 1)

    def end(self, how: int = INTERRUPT, seconds: float = 60) -> str:
        if self.process.poll() is None:
            self.process.send_signal(how)
        out, err = self.process.communicate(timeout=seconds)
        return out + err

    def kill(self) -> None:
        """End it without a warning, as a power cut does."""
        self.process.kill()
        self.process.communicate()


@pytest.fixture(scope="session", autouse=True)
def nobodys_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Fail where a test writes into the person's home or into the folder it is run from: it has to say where."""
    home, reports = tmp_path_factory.mktemp("nobody"), set(Path.cwd().glob("*.html"))
    with pytest.MonkeyPatch.context() as environment:
        environment.delenv("NN_BASICS_HOME", raising=False)
        environment.setenv("XDG_DATA_HOME", str(home))
        yield
    written = {*home.glob("nn-basics/**/*"), *Path.cwd().glob("*.html")} - reports
    assert not written, f"a test wrote what is not its own: {written}"


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The worker's server; a test must not end it."""
    running = Server(tmp_path_factory.mktemp("home"))
    yield running
    assert "Traceback" not in running.end()


@pytest.fixture
def start_server(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Start servers for one test alone."""
    started: list[Server] = []

    def start(*options: str, **settings) -> Server:
        started.append(Server(tmp_path, *options, **settings))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.end()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the longest single test, an installation, come first, so that no worker is left with it alone in the end."""
    items.sort(key=lambda item: item.path.name != "test_install.py")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Start a worker for each core that the system offers: where psutil is, xdist counts two threads of a core as one."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def pytest_sessionstart(session: pytest.Session) -> None:
    """Make sure of a browser before the workers start. Without one the tests of the page fail."""
    if hasattr(session.config, "workerinput") or session.config.option.collectonly or find_browser():
        return
    fetch_browser()


@pytest.fixture(scope="session")
def browser_path() -> str | None:
    return find_browser()


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright, browser_path: str | None) -> Iterator[Browser]:
    running = launch(playwright, browser_path)
    yield running
    running.close()


@pytest.fixture(scope="session")
def profile(
    playwright: Playwright, browser_path: str | None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BrowserContext]:
    """The worker's browser with a profile on the disk: it keeps Plotly compiled, which is most of what a page costs."""
    running = launch_with_profile(playwright, browser_path, tmp_path_factory.mktemp("profile"))
    yield running
    running.close()


@pytest.fixture(scope="session")
def spare(browser: Browser) -> Iterator[dict[str, list[BrowserContext]]]:
    """The worker's other contexts that are not in use, by what they want of the browser; they keep the page's files too."""
    contexts: dict[str, list[BrowserContext]] = {}
    yield contexts
    for alike in contexts.values():
        for context in alike:
            context.close()


def clear(context: BrowserContext, start: Page, bases: list[str]) -> None:
    """Close all pages of a context but one, and forget all that it kept but what was cached."""
    for page in context.pages:
        if page is not start:
            page.close()
    for base in bases:
        context.new_cdp_session(start).send("Storage.clearDataForOrigin", {"origin": base, "storageTypes": KEPT})


@pytest.fixture
def open_page(
    browser: Browser,
    profile: BrowserContext,
    spare: dict[str, list[BrowserContext]],
    server: Server,
    start_server: Callable[..., Server],
) -> Iterator[Callable[..., Page]]:
    """Open pages; at the end none of them may have complained.

    It asks for `start_server` so that the pages are closed before a test's own servers end: what a page asks for at that
    very moment would else be refused, and be a complaint.

    The first page has the worker's profile, from which all that it kept is cleared in the end; others, and those that want
    something else of their browser, such as a language, have one that nothing was kept in.
    """
    contexts: list[tuple[str, BrowserContext, str]] = []
    complaints: list[str] = []
    in_profile: list[str] = []

    def open(
        path: str = "",
        base: str = server.url,
        width: int = 1280,
        height: int = 800,
        forgive: tuple[str, ...] = (),
        script: str = "",
        color_scheme: str | None = None,
        **context,
    ) -> Page:
        if context or in_profile or NAME != "chromium":
            wanted = {"viewport": {"width": width, "height": height}, **context}
            alike = spare.setdefault(str(wanted), [])
            contexts.append((str(wanted), alike.pop() if alike else browser.new_context(**wanted), base))
            page = contexts[-1][1].new_page()
        else:
            in_profile.append(base)
            page = profile.new_page()
            page.set_viewport_size({"width": width, "height": height})
        if color_scheme:
            page.emulate_media(color_scheme=color_scheme)
        page.add_init_script(script)

        def complain(words: str) -> None:
            if not any(expected in words for expected in forgive):
                complaints.append(words)

        page.on(
            "console",
            lambda message: complain(f"{message.text} {message.location}") if message.type in NOISE else None,
        )
        page.on("pageerror", lambda error: complain(f"{error.stack or error}"))
        page.on(
            "request",
            lambda request: (
                complain(f"foreign: {request.url}") if urlsplit(request.url).hostname not in ("127.0.0.1", None, "") else None
            ),
        )
        page.set_default_timeout(PATIENCE)
        page.goto(f"{base}/{path}")
        page.wait_for_function(WHOLE)
        return page

    yield open
    for wanted, context, base in contexts:
        if NAME == "chromium":
            start = context.new_page()
            clear(context, start, [base])
            start.close()
            spare[wanted].append(context)
        else:
            context.close()
    clear(profile, profile.pages[0], in_profile)
    assert not complaints
