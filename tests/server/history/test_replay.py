"""What goes into replay.html: every picture under its own step, all of it coming out as it went in, and no link outwards."""

import base64
import gzip
import html
import json
import re
import shutil
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import numpy as np
import pytest

import engine as nn
from engine.training import checkpoint
from server.history import replay
from server.history.replay import PAGE, ROWS, SNAPSHOTS, evenly, modules, packed, page, pictures_by_step, replay_html
from server.history.snapshots import SnapshotRenderer
from server.messages import COLUMNS
from server.page.files import FRONTEND
from server.runs.run import ConflictError
from server.runs.state import RunState
from server.storage.checkpoints import Checkpoints
from tests.conftest import Server
from tests.server.api import create, wait_for
from tests.server.frames import read_frame

NAMES = ["decision boundary", "network", "layer statistics"]


@pytest.fixture
def run(tmp_path: Path) -> SimpleNamespace:
    """A history of the steps 0 to 6."""
    checkpoints = Checkpoints(tmp_path)
    training = nn.Training(nn.configure({"task": "moons", "steps": 6}))
    for event in training.events():
        checkpoints.write(event.step, checkpoint.pack(training), durable=False)
    return SimpleNamespace(id="abc", checkpoints=checkpoints, folders=None)


def unpacked(content: bytes, lengths: list[list[int]]) -> list[list[bytes]]:
    """Undo what `packed` did, as the page does."""
    found, at = [], 0
    for row in lengths:
        before, frames = b"", []
        for length in row:
            frame = np.frombuffer(content[at : at + length], np.uint8)
            if length and len(before) == length:
                frame = frame + np.frombuffer(before, np.uint8)
            frames.append(frame.tobytes())
            before, at = frame.tobytes() if length else before, at + length
        found.append(frames)
    return found


def test_pictures_come_out_as_they_went_in_each_under_its_own_step(run: SimpleNamespace) -> None:
    snapshots = pictures_by_step(run, [0, 2, 5, 6, 40], [*NAMES, "nothing of the kind"])
    assert list(snapshots) == [0, 2, 5, 6]  # the history has no step 40, and its neighbour is not shown as that
    for step, frames in snapshots.items():
        assert [read_frame(frame)[0]["step"] for frame in frames[:3]] == [step] * 3
        assert frames[3] == b""
        assert frames[0] == SnapshotRenderer().pictures(run, step, [NAMES[0]])[0]
    rows = list(zip(*snapshots.values(), strict=True))
    content = packed(list(snapshots.values()))
    assert unpacked(content, [[len(frame) for frame in row] for row in rows]) == [list(row) for row in rows]


def test_the_modules_need_nothing_but_each_other() -> None:
    found = modules("replay/replay.js")
    assert "nn/replay/replay.js" in found
    for name, url in found.items():
        source = base64.b64decode(url.partition(",")[2]).decode()
        source = re.sub(r"/\*\*.*?\*/", "", source, flags=re.S)  # comments import types
        assert set(re.findall(r'(?:from |import\()"([^"]+)"', source)) <= set(found), name
    for folder in ("images", "layers", "plane", "sequences"):  # the views, which a card loads
        there = (FRONTEND / "pictures" / folder).glob("*.js")
        assert {f"nn/pictures/{folder}/{path.name}" for path in there} <= set(found)


def test_the_page_holds_its_style_sheets_and_links_to_nothing() -> None:
    found = page().template
    named = re.findall(r'<link rel="stylesheet" href="([^"]+)">', (FRONTEND / PAGE).read_text(encoding="utf-8"))
    assert len(named) > 1
    for sheet in named:
        assert ((FRONTEND / PAGE).parent / sheet).read_text(encoding="utf-8").replace("$", "$$") in found, sheet
    assert "<link" not in found
    assert " src=" not in found


def test_names_and_data_cannot_break_out_of_the_page(server: Server) -> None:
    evil = "</script><script>alert(1)</script>"
    with httpx.Client(base_url=f"{server.url}/api", timeout=30) as api:
        id = create(api, steps=5, name=evil)["id"]
        wait_for(api, id, lambda r: r["status"] == "finished")
        answer = api.get(f"/runs/{id}/export/replay.html")
        api.delete(f"/runs/{id}")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["content-security-policy"] == "sandbox"
    assert evil not in answer.text
    assert answer.text.count("</script>") == 4
    about = json.loads(re.search(r'id="about">(.*?)</script>', answer.text, re.S)[1])
    assert about["steps"][-1] == 5
    assert about["columns"]["step"][-1] == 5


EVIL = "</script><script>alert(1)</script><!-- <script> ]]> &amp; \u2028 $about $$"


class Scripts(HTMLParser):
    """The scripts of a page by their id, as a browser parts them, and the page's title."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.found: list[tuple[dict[str, str | None], str]] = []
        self.title, self._inside = "", ""
        self.feed(content.decode())
        self.close()
        self.by_id = {about.get("id"): text for about, text in self.found}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag
        if tag == "script":
            self.found.append((dict(attrs), ""))

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "script":
            self.found[-1] = (self.found[-1][0], self.found[-1][1] + data)
        elif self._inside == "title":
            self.title += data


def recorded(folder: Path, steps: int = 2, **about: Any) -> Any:
    """Make what the file is made of: a run with its history."""
    training = nn.Training(nn.configure({"task": "moons", "steps": steps, "seed": 3, **about.pop("request", {})}))
    checkpoints = Checkpoints(folder)
    for event in training.events():
        checkpoints.write(event.step, checkpoint.pack(training), durable=False)
    said = {"id": "abc", "step": steps, "name": "", "damage": "", "folders": None, "log": [], "state": RunState(), **about}
    said["trainer"] = SimpleNamespace(training=None)
    said["diagnosis"] = SimpleNamespace(log=lambda: [{"step": 1, "findings": [{"sentence": EVIL}]}])
    return SimpleNamespace(configuration=training.configuration, checkpoints=checkpoints, **said)


def test_what_stands_in_the_json_comes_out_equal_and_ends_no_script(tmp_path: Path) -> None:
    """Names of classes and columns, a note, a text: whatever of them is in a configuration."""
    run = recorded(tmp_path, id=EVIL, name=EVIL)
    plain = Scripts(replay_html(SimpleNamespace(**{**vars(run), "id": "abc", "name": ""}), 0))
    run.configuration = replace(run.configuration, data={**run.configuration.data, "note": EVIL, EVIL: [EVIL]})
    content = replay_html(run, 0)
    page = Scripts(content)
    assert len(page.found) == len(plain.found) == 4
    about = json.loads(page.by_id["about"])
    assert about["run"] == {"configuration": run.configuration.as_dict(), "id": EVIL, "layers": []}
    assert "<" not in page.by_id["about"]
    assert "<!--" not in page.by_id["about"]
    assert page.title == f"{EVIL} · 2 steps"
    assert html.escape(EVIL) in content.decode()


def test_the_file_says_whose_it_is_and_holds_the_run_the_task_and_every_picture(tmp_path: Path) -> None:
    page = Scripts(replay_html(recorded(tmp_path), 0))
    about = json.loads(page.by_id["about"])
    [task] = [task for task in nn.catalog()["tasks"] if task["name"] == "moons"]
    assert page.title == f"{task['title']} · 2 steps"
    assert about["task"] == {name: value for name, value in task.items() if name != "presets"}
    assert about["steps"] == [0, 1, 2]
    assert (about["findings"], about["changes"]) == ([{"step": 1, "findings": [{"sentence": EVIL}]}], [])
    assert list(about["frames"]) == list(task["pictures"])
    explained = about["explained"]
    assert (explained["step"], explained["walk"]["equal"]) == (1, True), "the last step that was done"
    assert {key.split(" ")[0] for key in explained["cells"]} == {stop["id"] for stop in explained["walk"]["stops"]}
    content = gzip.decompress(base64.b64decode(page.by_id["frames"]))
    assert len(content) == sum(map(sum, about["frames"].values()))


@pytest.mark.parametrize("example", [0, 3])
def test_pictures_of_an_example_are_of_the_one_that_is_asked_for(tmp_path: Path, example: int) -> None:
    run = recorded(tmp_path, request={"task": "images"})
    page = Scripts(replay_html(run, example))
    about = json.loads(page.by_id["about"])
    names = list(about["frames"])
    assert "example" in about["task"]["takes"].values()
    frames = unpacked(gzip.decompress(base64.b64decode(page.by_id["frames"])), list(about["frames"].values()))
    for name, found in zip(names, frames, strict=True):
        numbered = f"{name}/{example}" if example and about["task"]["takes"].get(name) == "example" else name
        assert found == [(SnapshotRenderer().pictures(run, step, [numbered]) or [b""])[0] for step in about["steps"]], name


def test_of_a_long_history_so_many_snapshots_and_rows_are_taken_evenly(tmp_path: Path) -> None:
    rows = [(step, *[float(step)] * (len(COLUMNS) - 1)) for step in range(2 * ROWS + 7)]
    run = recorded(tmp_path, steps=SNAPSHOTS + 20, log=rows, request={"evaluate_every": 1, "data": {"points": 50}})
    about = json.loads(Scripts(replay_html(run, 0)).by_id["about"])
    kept = run.checkpoints.steps()
    assert len(kept) > SNAPSHOTS
    for found, of, most in ((about["steps"], kept, 100), (about["columns"]["step"], [row[0] for row in rows], 2_000)):
        assert found == evenly(of, most)
        assert (len(found), found[0], found[-1]) == (most, of[0], of[-1])
        gaps = np.diff([of.index(one) for one in found])
        assert gaps.max() - gaps.min() <= 1


def test_what_has_no_history_or_cannot_be_read_is_refused_in_words(tmp_path: Path) -> None:
    run = recorded(tmp_path / "one")
    for changes, words in (
        ({"checkpoints": Checkpoints(tmp_path / "none")}, "the run has not begun; there is no history to replay yet"),
        ({"damage": "the record is damaged"}, "the record is damaged"),
        ({"configuration": replace(run.configuration, task="later")}, "this version has no task 'later'"),
        ({"configuration": replace(run.configuration, task="later"), "damage": "no row"}, "no row"),
    ):
        with pytest.raises(ConflictError, match=words):
            replay_html(SimpleNamespace(**{**vars(run), **changes}), 0)


def test_a_dollar_in_a_style_sheet_stays_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(FRONTEND, tmp_path / "frontend")
    monkeypatch.setattr(replay, "FRONTEND", tmp_path / "frontend")
    with (tmp_path / "frontend" / "styles" / "base.css").open("a", encoding="utf-8") as sheet:
        sheet.write('.price::after{content:"$title $5"}')
    content = replay_html(recorded(tmp_path / "run"), 0).decode()
    assert '.price::after{content:"$title $5"}' in content
