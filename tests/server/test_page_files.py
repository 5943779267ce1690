"""The page's files: the modules that its script needs are named in the page, and what has not changed is not sent again."""

import asyncio
import json
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from engine.training.check import MOST_LAYERS
from server.api.opening.first_run import first_run
from server.app import API, create_app
from server.page import files, front
from server.page.choices import engines_catalog
from server.page.files import FRONTEND, Files
from server.page.front import Page
from server.settings import Settings
from server.storage.home import Home
from server.storage.kept_catalog import KeptCatalog
from tests.conftest import Server

STATIC = re.compile(r"""^\s*(?:import|export)\b(?:[^;()]*?\bfrom)?\s*["'](\.[^"']+)["'];""", re.M)


def needed(path: Path, found: set[Path]) -> set[Path]:
    """The oracle: go through the statements, one module after the other, deep first."""
    if path not in found:
        found.add(path)
        for said in STATIC.findall(path.read_text(encoding="utf-8")):
            needed((path.parent / said).resolve(), found)
    return found


VIEWS = {"": ["plane/field"], "sine": ["plane/curve"]}
"""The files of the views that a task has and others do not; without one the page begins with the first."""


def unversioned(address: str) -> str:
    found = re.fullmatch(r"/static/[0-9a-f]{20}/(.+)", address)
    assert found, address
    return found[1]


def preloaded(html: str) -> list[str]:
    return re.findall(r'<link rel="modulepreload" href="([^"]+)">', html)


def test_every_module_that_the_script_needs_is_preloaded_and_nothing_else(server: Server) -> None:
    for path in ("", "/", "/index.html", "/?task=sine"):
        addresses = preloaded(httpx.get(f"{server.url}{path}").text)
        names = [unversioned(address) for address in addresses]
        wanted = needed((FRONTEND / "main.js").resolve(), set())
        for view in (*VIEWS[path.partition("=")[2]], "layers/diagram", "layers/statistics"):
            needed((FRONTEND / "pictures" / f"{view}.js").resolve(), wanted)
        assert len(names) == len(set(names)) > 40
        assert {(FRONTEND / name).resolve() for name in names} == wanted - {(FRONTEND / "main.js").resolve()}
        assert names[0] in re.findall(r'from "\./([^"]+)"', (FRONTEND / "main.js").read_text(encoding="utf-8"))
    for address in addresses:
        assert httpx.get(server.url + address).headers["content-type"].startswith("text/javascript")


def test_every_view_has_the_name_of_its_file_by_which_its_modules_are_preloaded() -> None:
    own = known_page()
    for task in engines_catalog()["tasks"]:
        kinds = task["pictures"].values()
        views = {next(FRONTEND.glob(f"pictures/*/{kind.replace('-', '_')}.js")) for kind in kinds}
        assert views <= {FRONTEND / unversioned(address) for address in preloaded(own.page(task=task["name"]))}


def test_what_opens_later_is_closed_in_the_page_that_is_painted_before_its_script_is_there() -> None:
    panels = re.findall(r'<\w+ [^>]*class="(?:help|menu)\b[^>]*>', (FRONTEND / "index.html").read_text(encoding="utf-8"))
    assert len(panels) == 2
    assert all(re.search(r"\bpopover\b", panel) for panel in panels), panels


def test_files_have_an_address_with_their_version_under_which_they_are_kept_for_good(server: Server) -> None:
    html = httpx.get(server.url).text
    [script], [icon, *_] = re.findall(r'src="(/static/\w+/main\.js)"', html), re.findall(r'="(/static/\w+/icon\.svg)"', html)
    folder = script.removesuffix("main.js")
    assert not re.search(r'(?:src|href)="(?!/static/|\./|#|api/)', html), "the page names no file without its version"
    for path in (
        script,
        icon,
        f"{folder}styles/runs/table.css",
        f"{folder}thumbnails/spiral.png",
        f"{folder}thumbnails/new.png",
    ):
        reply = httpx.get(server.url + path)
        assert (reply.status_code, reply.headers["cache-control"]) == (200, "public, max-age=31536000, immutable"), path
        assert "script-src 'self'" in reply.headers["content-security-policy"]
        assert reply.headers["x-content-type-options"] == "nosniff"
        head = httpx.head(server.url + path)
        assert (head.status_code, head.content) == (200, b"")
    for name in ("main.js", "pictures/card.js", "icon.svg"):
        assert httpx.get(f"{server.url}{folder}{name}").content == (FRONTEND / name).read_bytes()
        plain = httpx.get(f"{server.url}/{name}")
        assert plain.content == (FRONTEND / name).read_bytes(), "as its address was before"
        assert plain.headers["cache-control"] == "no-cache"
        asked = {"if-none-match": plain.headers["etag"]}
        assert httpx.get(f"{server.url}/{name}", headers=asked).status_code == 304
    for path in (f"{folder}none.js", f"{folder}charts", folder, f"{folder}%2e%2e/server/app.py"):
        assert httpx.get(server.url + path).status_code == 404, path


@pytest.mark.parametrize("address", ["/static/0123456789abcdef0123/main.js", "/static/x/", "/static/main.js", "/static/"])
def test_of_another_version_nothing_is_given_but_the_advice_to_reload(server: Server, address: str) -> None:
    reply = httpx.get(server.url + address)
    assert (reply.status_code, reply.headers["cache-control"]) == (410, "no-store")
    assert "reload" in reply.json()["error"]["message"]


def test_a_file_that_changes_makes_another_version_and_an_open_page_still_gets_the_rest_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "ui").mkdir()
    one, two = tmp_path / "main.js", tmp_path / "ui" / "menu.js"
    one.write_text("first", encoding="utf-8")
    two.write_text("second", encoding="utf-8")
    kept = Files(tmp_path)
    before = kept.now()
    assert kept.now() is before
    assert Files(tmp_path).now().name == before.name, "the same in every server"
    for change in (lambda: two.write_text("longer than before", encoding="utf-8"), lambda: two.rename(tmp_path / "menu.js")):
        known = {kept.now().name, before.name}
        change()
        assert kept.now().name not in known
    assert kept.get(before.address("ui/menu.js"), "").body == b"second"
    assert kept.get(kept.now().address("menu.js"), "").body == b"longer than before"
    for length in range(files.MOST):
        one.write_text("." * length, encoding="utf-8")
        kept.now()
    assert kept.get(before.address("main.js"), "").status_code == 410


def test_the_page_is_asked_for_anew_and_sent_where_it_changed(server: Server) -> None:
    httpx.get(f"{server.url}/api/health", timeout=30)  # from now on the page comes whole: all that can be chosen is known
    first = httpx.get(f"{server.url}/")
    assert first.headers["cache-control"] == "no-cache"
    assert first.headers["content-type"].startswith("text/html")
    again = httpx.get(f"{server.url}/", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert again.headers["cache-control"] == "no-cache"
    assert httpx.get(f"{server.url}/", headers={"if-none-match": '"another"'}).text == first.text
    head = httpx.head(f"{server.url}/")
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", first.headers["etag"])


def test_the_catalog_stands_in_the_page_as_the_api_gives_it(start_server: Callable[..., Server]) -> None:
    own = start_server("--token", "a" * 20, "--view-only", "b" * 20)
    for token, view_only in (("a" * 20, False), ("b" * 20, True)):
        with httpx.Client(base_url=f"http://127.0.0.1:{own.port}", follow_redirects=True) as client:
            html = client.get(f"/?token={token}").text
            said = re.search(r'<script type="application/json" id="catalog">(.*?)</script>', html, re.S)[1]
            assert json.loads(said) == client.get("/api/catalog").json()
            assert json.loads(said)["view_only"] is view_only
            assert "<" not in said
            assert client.get("/", headers={"if-none-match": client.get("/").headers["etag"]}).status_code == 304


def test_what_is_no_file_of_the_page_is_refused_in_words(server: Server) -> None:
    for method, path, status in (
        ("GET", "none.js", 404),
        ("GET", "charts", 404),
        ("POST", "main.js", 405),
        ("GET", "api", 404),
    ):
        answer = httpx.request(method, f"{server.url}/{path}")
        assert (answer.status_code, set(answer.json()["error"])) == (status, {"message", "field"})
        assert answer.headers["x-content-type-options"] == "nosniff"
    for path in ("/../server/app.py", "/%2e%2e/server/app.py", "/a%00b", f"/{'a' * 5000}"):
        assert httpx.get(server.url + path).status_code == 404


def test_what_can_be_painted_comes_before_the_engine_is_there_and_the_catalog_with_it() -> None:
    in_a_thread(page_in_two_parts())


async def page_in_two_parts() -> None:
    own, sent = Page(Settings()), asyncio.Queue()
    scope = {"type": "http", "method": "GET", "path": "/", "headers": [], "view_only": True}
    task = asyncio.create_task(own(scope, asyncio.Event().wait, sent.put))
    head = await sent.get()
    assert (head["status"], dict(head["headers"])[b"cache-control"]) == (200, b"no-cache")
    assert b"etag" not in dict(head["headers"])
    first = (await sent.get())["body"].decode()
    assert "<noscript>" in first
    assert 'id="catalog"' not in first
    assert not task.done()
    assert sent.empty()
    await own.know()
    await task
    rest = [sent.get_nowait()["body"].decode() for _ in range(sent.qsize())]
    assert first + "".join(rest) == own.page(view_only=True)


def test_page_and_address_need_nothing_of_the_engine_and_a_first_picture_nothing_of_fastapi() -> None:
    for module, heavy in (("server.terminal.serve", "engine numpy fastapi pydantic"), ("server.app", "fastapi pydantic")):
        said = f"import sys, {module}; print(*{{*{heavy.split()}}} & {{*sys.modules}})"
        assert subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True).stdout == "\n"


def test_the_page_is_there_before_the_api_which_is_waited_for() -> None:
    in_a_thread(page_then_api())


async def page_then_api() -> None:
    begin, api = threading.Event(), Starlette(routes=[Route("/api/one", lambda request: PlainTextResponse("made"))])

    def make() -> Starlette:
        assert begin.wait(20)
        return api

    own = front.Front(Settings(), make, lambda: None)
    async with living(own), httpx.AsyncClient(transport=httpx.ASGITransport(own), base_url="http://page") as client:
        assert "catalog" in (await client.get("/")).text
        asked = asyncio.create_task(client.get("/api/one"))
        await asyncio.sleep(0)
        assert not asked.done()
        begin.set()
        assert (await asked).text == "made"


def test_an_api_that_cannot_be_made_ends_the_server_and_says_why() -> None:
    in_a_thread(no_api())


async def no_api() -> None:
    def make() -> Starlette:
        raise OSError("no room")

    failed = asyncio.Event()
    own = front.Front(Settings(), make, failed.set)
    async with living(own):
        await asyncio.wait_for(failed.wait(), 20)
    assert str(own.trouble) == "no room"


def test_calls_that_no_first_picture_needs_are_made_when_the_first_of_them_comes_and_once(tmp_path: Path) -> None:
    home = Home(tmp_path)
    app = create_app(Settings(), home)
    app.state.started -= 1000
    paths = ["/health", "/catalog", "/none", "/runs/none/predict", "/runs", "/openapi.json", "/groups"]

    async def ask() -> list[httpx.Response]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1/api") as api:
            return await asyncio.gather(*(api.get(path) for path in paths))

    with ThreadPoolExecutor(1) as pool:
        answers = dict(zip(paths, pool.submit(asyncio.run, ask()).result(), strict=True))
    assert {path: answer.status_code for path, answer in answers.items() if answer.status_code != 200} == {
        "/none": 404,
        "/runs/none/predict": 404,
    }
    assert answers["/health"].json()["uptime"] > 1000, "since the server began, not since its calls are there"
    described = answers["/openapi.json"].json()["paths"]
    assert {"/api/runs", "/api/runs/{id}/history", "/api/health", "/api/lessons", "/api/class"} <= set(described)
    calls = next(route.calls for route in app.routes if isinstance(route, API))
    made = [(route.path, method) for route in calls.routes for method in getattr(route, "methods", None) or ()]
    assert len(made) == len(set(made)) > 50
    app.state.registry.close(10)
    home.release()


JSON = {"content-type": "application/json"}
HIDDEN = [{"layer": "Dense", "units": 3}, {"layer": "Tanh"}]
FIRST = {"task": "xor", "start": False, "speed": None, "network": [*HIDDEN, {"layer": "Dense"}]}


MANY = json.dumps({**FIRST, "network": [{"layer": "Tanh"}] * (MOST_LAYERS + 1)})
OF_OTHERS = (MANY.encode(), MANY.replace("a", "\\u0061").encode(), json.dumps(FIRST).encode("utf-16"))
"""Requests that no page begins with, and that the call for any run refuses."""


@pytest.mark.parametrize(
    ("changes", "is_first", "status"),
    [
        ({}, True, 201),
        ({"speed": 200, "task": "spiral", "seed": 3, "optimizer": {"name": "Adam", "learning_rate": 1}}, True, 201),
        ({"speed": 7}, False, 201),
        ({"name": "mine"}, False, 201),
        ({"batch_size": 10.0}, False, 422),
        ({"batch_size": True}, False, 422),
        ({"start": 0}, False, 422),
        ({"seed": -1}, False, 422),
        ({"network": [{"layer": "Tanh"}] * (MOST_LAYERS + 1)}, False, 422),
        ({"network": [{"layer": "Dense", "units": 3, "colour": 1}]}, False, 422),
        ({"task": ["xor"]}, False, 422),
        ({"data": {"dataset": "none"}, "task": "table"}, False, 422),
    ],
)
def test_a_first_run_is_as_the_call_that_makes_any_would_make_it(
    changes: dict[str, Any], is_first: bool, status: int, tmp_path: Path
) -> None:
    """The oracle: the same request once more, when all calls are there."""
    home = Home(tmp_path)
    app = create_app(Settings(), home)
    api = next(route for route in app.routes if isinstance(route, API))

    async def ask() -> list[httpx.Response]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
            first = await client.post("/api/runs", json={**FIRST, **changes})
            assert (api.calls is None) == is_first
            await api.made()
            return [first, await client.post("/api/runs", json={**FIRST, **changes})]

    with ThreadPoolExecutor(1) as pool:
        first, oracle = pool.submit(asyncio.run, ask()).result()
    said, wanted = first.json(), oracle.json()
    for answer in (said, wanted):
        for own in ("id", "created", "seconds"):
            answer.pop(own, None)
    assert (first.status_code, said) == (oracle.status_code, wanted)
    assert first.status_code == status
    app.state.registry.close(10)
    home.release()


def test_what_is_wrong_with_a_first_request_is_said_in_words_before_all_calls_are_there(tmp_path: Path) -> None:
    home = Home(tmp_path)
    app = create_app(Settings(max_runs=1), home)
    api = next(route for route in app.routes if isinstance(route, API))

    async def ask() -> list[httpx.Response]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
            vendor = await client.get("/vendor/none.js")
            run = await client.post("/api/runs", json={**FIRST, "start": True})
            more = await client.post("/api/runs", json={**FIRST, "start": True})
            for body in OF_OTHERS:
                assert await first_run(body, app.state) is None
            assert api.calls is None
            torn = await client.post("/api/runs", content=b"{", headers=JSON)
            unsaid = await client.post("/api/runs", content=json.dumps(FIRST))
            assert unsaid.status_code == 422, "nobody says that it is JSON"
            return [vendor, run, more, torn]

    with ThreadPoolExecutor(1) as pool:
        vendor, run, more, torn = pool.submit(asyncio.run, ask()).result()
    assert run.status_code == 201
    assert [answer.status_code for answer in (vendor, more, torn)] == [404, 429, 422]
    assert all(set(answer.json()["error"]) == {"message", "field"} for answer in (vendor, more, torn))
    assert "no JSON" in torn.json()["error"]["message"]
    app.state.registry.close(10)
    home.release()


def test_calls_that_cannot_be_made_are_told_of_and_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    home = Home(tmp_path)
    app = create_app(Settings(), home)
    monkeypatch.setattr("server.app.LATER", 0)

    async def ask() -> list[int]:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url="http://page") as client:
            with monkeypatch.context() as patch:
                patch.setattr("server.app.CALLS", ("nothing",))
                first = await client.get("/api/health")
                async with asyncio.timeout(60):
                    while "server.api.nothing" not in caplog.text:  # nobody has asked, and it is said all the same
                        await asyncio.sleep(0.01)
            return [first.status_code, (await client.get("/api/health")).status_code]

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(asyncio.run, ask()).result() == [500, 200]
    home.release()


def test_what_can_be_chosen_is_known_from_the_start_before_as_long_as_the_engine_is_the_same(tmp_path: Path) -> None:
    engine = tmp_path / "engine"
    (engine / "layers").mkdir(parents=True)
    (engine / "layers" / "dense.py").write_text("units = 1")
    kept = KeptCatalog(tmp_path, engine)
    assert kept.read() is None
    kept.write({"tasks": ["∞"]})
    assert KeptCatalog(tmp_path, engine).read() == {"tasks": ["∞"]}
    (engine / "layers" / "dense.py").write_text("units = 10")
    assert kept.read() is None
    kept.write({"tasks": []})
    assert kept.read() == {"tasks": []}
    (engine / "layers" / "conv.py").write_text("")
    assert kept.read() is None
    (engine / "layers" / "conv.py").write_text("filters = 1")
    kept.write({"tasks": ["of the files before"]})
    assert kept.read() is None
    for text in ("", "[]", "null", '{"made_of": 1}', "\0", "[" * 100_000):
        (tmp_path / "catalog.json").write_text(text)
        assert kept.read() is None
    KeptCatalog(tmp_path / "none", engine).write({})  # the disk takes nothing: the next start makes it again


def test_a_page_that_knows_what_can_be_chosen_is_whole_at_once_and_says_the_same(tmp_path: Path) -> None:
    in_a_thread(page_from_before(KeptCatalog(tmp_path)))


async def page_from_before(kept: KeptCatalog) -> None:
    first = Page(Settings(), kept)
    await first.know()
    second = Page(Settings(), kept)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(front, "engines_catalog", None)  # it would be asked for
        await second.know()
    assert second.page() == first.page()


def known_page() -> Page:
    """Make a page that knows what can be chosen."""
    made = Page(Settings())
    in_a_thread(made.know())
    return made


def in_a_thread(work: Coroutine[Any, Any, None]) -> None:
    """Run where no other loop runs, as a browser's of another test may."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, work).result()


@asynccontextmanager
async def living(own: front.Front) -> AsyncIterator[None]:
    """Start an application and end it, as a server does."""
    orders, told = asyncio.Queue(), asyncio.Queue()
    task = asyncio.create_task(own({"type": "lifespan"}, orders.get, told.put))
    for order in ("startup", "shutdown"):
        await orders.put({"type": f"lifespan.{order}"})
        assert await told.get() == {"type": f"lifespan.{order}.complete"}
        if order == "startup":
            yield
    await task


def test_a_module_that_comes_is_preloaded_without_a_new_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "frontend"
    shutil.copytree(FRONTEND, folder)
    monkeypatch.setattr(files, "FRONTEND", folder)
    own = known_page()
    before, around = own.page(), own.around_catalog()
    assert own.page() == before
    assert own.around_catalog() is around
    (folder / "new.js").write_text("export const one = 1;\n", encoding="utf-8")
    main = folder / "main.js"
    main.write_text(
        'import { one } from "./new.js";\nimport("./never.js");\n' + main.read_text(encoding="utf-8"), encoding="utf-8"
    )
    assert {*map(unversioned, preloaded(own.page()))} == {*map(unversioned, preloaded(before)), "new.js"}


def test_the_style_sheets_stand_in_the_page_in_their_order_and_as_they_are_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "frontend"
    shutil.copytree(FRONTEND, folder)
    monkeypatch.setattr(files, "FRONTEND", folder)
    own = known_page()
    names = re.findall(r'<link rel="stylesheet" href="([^"]+)">', (folder / "index.html").read_text(encoding="utf-8"))
    texts = [(folder / name).read_text(encoding="utf-8") for name in names]
    assert len(texts) > 5
    assert re.findall(r"<style>\n(.*?)</style>", own.page(), re.S) == texts
    assert "stylesheet" not in own.page()
    (folder / names[-1]).write_text("p { color: red; }\n", encoding="utf-8")
    assert re.findall(r"<style>\n(.*?)</style>", own.page(), re.S)[-1] == "p { color: red; }\n"


def test_all_type_and_the_widths_of_the_layout_grow_with_the_letters_of_the_browser() -> None:
    for sheet in sorted((FRONTEND / "styles").glob("*.css")):
        text = sheet.read_text(encoding="utf-8")
        sizes = re.findall(r"(?:font(?:-size)?|--[a-z]+-size|line-height|@media[^{]*?(?:width|height)):?[^;{}]*?[\d.]px", text)
        assert not sizes, f"{sheet.name}: rem, and em in a media query, for {sizes}"


def test_no_colour_or_size_is_named_that_nobody_uses() -> None:
    texts = [path.read_text(encoding="utf-8") for kind in ("css", "js") for path in FRONTEND.rglob(f"*.{kind}")]
    text = "\n".join(texts)
    named = set(re.findall(r"(?:^|[{;\s])--([a-z][a-z-]*):", text))
    unused = {name for name in named if not re.search(rf"var\(--{name}[,)]|[\"'`]{name}[\"'`]", text)}
    assert not unused
