"""What goes into replay.html: every picture under its own step, all of it coming out as it went in, and no link outwards."""

import base64
import json
import re
from pathlib import Path
from types import SimpleNamespace

import httpx
import numpy as np
import pytest

import engine as nn
from engine.training import checkpoint
from server.history.replay import PAGE, modules, packed, page, pictures_by_step
from server.history.snapshots import SnapshotRenderer
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
    found = modules(PAGE.parent / "replay.js")
    assert "nn/replay/replay.js" in found
    for name, url in found.items():
        source = base64.b64decode(url.partition(",")[2]).decode()
        source = re.sub(r"/\*\*.*?\*/", "", source, flags=re.S)  # comments import types
        assert set(re.findall(r'from "([^"]+)"', source)) <= set(found), name
        assert "import(" not in source, name


def test_the_page_holds_its_style_sheets_and_links_to_nothing() -> None:
    found = page().template
    named = re.findall(r'<link rel="stylesheet" href="([^"]+)">', PAGE.read_text(encoding="utf-8"))
    assert len(named) > 1
    for sheet in named:
        assert (PAGE.parent / sheet).read_text(encoding="utf-8").replace("$", "$$") in found, sheet
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
