"""The page's files: the modules that its script needs are named in the page, and what has not changed is not sent again."""

import re
import shutil
from pathlib import Path

import httpx
import pytest

from server import app
from server.modules import FRONTEND
from tests.conftest import Server

STATIC = re.compile(r"""^\s*(?:import|export)\b(?:[^;()]*?\bfrom)?\s*["'](\.[^"']+)["'];""", re.M)


def needed(path: Path, found: set[Path]) -> set[Path]:
    """The oracle: go through the statements, one module after the other, deep first."""
    if path not in found:
        found.add(path)
        for said in STATIC.findall(path.read_text(encoding="utf-8")):
            needed((path.parent / said).resolve(), found)
    return found


def preloaded(html: str) -> list[str]:
    return re.findall(r'<link rel="modulepreload" href="([^"]+)">', html)


def test_every_module_that_the_script_needs_is_preloaded_and_nothing_else(server: Server) -> None:
    for path in ("", "/", "/index.html", "/?task=sine"):
        names = preloaded(httpx.get(f"{server.url}{path}").text)
        wanted = needed((FRONTEND / "main.js").resolve(), set()) - {(FRONTEND / "main.js").resolve()}
        assert len(names) == len(set(names)) > 40
        assert {(FRONTEND / name).resolve() for name in names} == wanted
        assert names[0] in re.findall(r'from "\./([^"]+)"', (FRONTEND / "main.js").read_text(encoding="utf-8"))
    for name in names:
        assert httpx.get(f"{server.url}/{name}").headers["content-type"].startswith("text/javascript")


def test_the_page_is_asked_for_anew_and_sent_where_it_changed(server: Server) -> None:
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


def test_a_module_that_comes_is_preloaded_without_a_new_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "frontend"
    shutil.copytree(FRONTEND, folder)
    monkeypatch.setattr(app, "FRONTEND", folder)
    files = app.PageFiles(directory=folder, html=True)
    before = files.page()
    assert files.page() is before
    (folder / "new.js").write_text("export const one = 1;\n", encoding="utf-8")
    main = folder / "main.js"
    main.write_text(
        'import { one } from "./new.js";\nimport("./never.js");\n' + main.read_text(encoding="utf-8"), encoding="utf-8"
    )
    assert set(preloaded(files.page())) == {*preloaded(before), "new.js"}


def test_the_style_sheets_stand_in_the_page_in_their_order_and_as_they_are_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "frontend"
    shutil.copytree(FRONTEND, folder)
    monkeypatch.setattr(app, "FRONTEND", folder)
    files = app.PageFiles(directory=folder, html=True)
    names = re.findall(r'<link rel="stylesheet" href="([^"]+)">', (folder / "index.html").read_text(encoding="utf-8"))
    texts = [(folder / name).read_text(encoding="utf-8") for name in names]
    assert len(texts) > 5
    assert re.findall(r"<style>\n(.*?)</style>", files.page(), re.S) == texts
    assert "stylesheet" not in files.page()
    (folder / names[-1]).write_text("p { color: red; }\n", encoding="utf-8")
    assert re.findall(r"<style>\n(.*?)</style>", files.page(), re.S)[-1] == "p { color: red; }\n"
