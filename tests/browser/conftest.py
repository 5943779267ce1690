"""A real Chromium, and a page that must stay free of errors and must not ask anybody but our own server."""

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.conftest import Server, find_browser

QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = find_browser()
    assert path, "no Chromium: install one (apt-get install chromium, or python -m playwright install chromium)"
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield running
        running.close()


@pytest.fixture
def open_page(browser: Browser, server: Server) -> Iterator[Callable[..., Page]]:
    """Open pages; at the end none of them may have complained."""
    contexts, complaints = [], []

    def open(
        path: str = "", base: str = server.url, width: int = 1280, height: int = 800, forgive: tuple[str, ...] = (), **context
    ) -> Page:
        contexts.append(browser.new_context(viewport={"width": width, "height": height}, **context))
        page = contexts[-1].new_page()

        def complain(words: str) -> None:
            if not any(expected in words for expected in forgive):
                complaints.append(words)

        page.on(
            "console",
            lambda message: complain(f"{message.text} {message.location}") if message.type in ("error", "warning") else None,
        )
        page.on("pageerror", lambda error: complain(str(error)))
        page.on(
            "request",
            lambda request: (
                complain(f"foreign: {request.url}") if urlsplit(request.url).hostname not in ("127.0.0.1", None, "") else None
            ),
        )
        page.set_default_timeout(20_000)
        page.goto(f"{base}/{path}")
        return page

    yield open
    for context in contexts:
        context.close()
    assert not complaints
