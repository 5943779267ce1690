"""replay.html: a run's history with its rows and the page's own views in one file, which any browser shows without a server."""

import base64
import gzip
import json
import re
from html import escape
from string import Template
from typing import Any

import numpy as np

from engine import catalog
from server.history.explained import explanations_of
from server.history.snapshots import SnapshotRenderer
from server.messages import columns, finite, isolated, read_header
from server.page.files import FRONTEND
from server.page.modules import IMPORT, LATER, STYLE, reachable, target
from server.runs.run import NO_NETWORK, ConflictError, Run

PAGE = "replay/replay.html"
"""The page as it stands in the folder; what it links to is put into the file, and $words with a dollar are the run's."""
SCRIPT = re.compile(r'<script type="module" src="([^"]+)"></script>')
SNAPSHOTS, ROWS = 100, 2_000
"""How many snapshots and rows go into the file at the most, evenly taken."""


def page() -> Template:
    """Give the page with its style sheets and modules inside, still without a run."""
    html = read(PAGE)
    [said] = SCRIPT.findall(html)
    entry = target(PAGE, said)

    def style(match: re.Match[str]) -> str:
        return f"<style>{read(target(PAGE, match[1]))}</style>".replace("$", "$$")

    script = f'<script type="module">import "{inside(entry)}";</script>'
    html = SCRIPT.sub(lambda _: script, STYLE.sub(style, html))
    imports = f'<script type="importmap">{json.dumps({"imports": modules(entry)})}</script>\n</head>'
    return Template(html.replace("</head>", imports.replace("$", "$$"), 1))


def read(name: str) -> str:
    """Read a file of the page."""
    return (FRONTEND / name).read_text(encoding="utf-8")


def inside(name: str) -> str:
    """Name a module inside the file, where it has no path."""
    return f"nn/{name}"


def modules(entry: str) -> dict[str, str]:
    """Give a module and all that it imports as an import map, so that one file holds them: names instead of paths."""
    found: dict[str, str] = {}
    for name, text in reachable([entry], read, IMPORT, LATER).items():

        def renamed(match: re.Match[str], name: str = name) -> str:
            return f'{match[1]}"{inside(target(name, match[2]))}"'

        source = LATER.sub(renamed, IMPORT.sub(renamed, text))
        found[inside(name)] = "data:text/javascript;base64," + base64.b64encode(source.encode()).decode()
    return found


def evenly(items: list[Any], most: int) -> list[Any]:
    """Take so many at the most, evenly, the first and the last among them."""
    return items if len(items) <= most else [items[round(i * (len(items) - 1) / (most - 1))] for i in range(most)]


def pictures_by_step(run: Run, steps: list[int], names: list[str]) -> dict[int, list[bytes]]:
    """Give the packed pictures of these names by step; empty ones show nothing.

    Snapshots that are thinned out meanwhile are left out: a picture stands only under its own step.
    """
    renderer, found = SnapshotRenderer(), {}
    for step in steps:
        frames = [(renderer.pictures(run, step, [name]) or [b""])[0] for name in names]
        if {read_header(frame)["step"] for frame in frames if frame} == {step}:
            found[step] = frames
    return found


def packed(snapshots: list[list[bytes]]) -> bytes:
    """Join pictures one after the other, of each the first snapshot and then every byte's change: small ones take no room."""
    parts = []
    for frames in zip(*snapshots, strict=True):
        before = np.zeros(0, np.uint8)
        for now in (np.frombuffer(frame, np.uint8) for frame in frames if frame):
            parts.append((now - before if len(now) == len(before) else now).tobytes())
            before = now
    return b"".join(parts)


def replay_html(run: Run, example: int) -> bytes:
    """Make the file. Raises ConflictError where the run has no history yet."""
    task = next((task for task in catalog()["tasks"] if task["name"] == run.configuration.task), None)
    if task is None or run.damage:
        raise ConflictError(
            NO_NETWORK if run.state.imported else run.damage or f"this version has no task {run.configuration.task!r}"
        )
    names = list(task["pictures"])
    numbered = [f"{name}/{example}" if example and task["takes"].get(name) == "example" else name for name in names]
    snapshots = pictures_by_step(run, evenly(run.checkpoints.steps(), SNAPSHOTS), numbered)
    if not snapshots:
        raise ConflictError("the run has not begun; there is no history to replay yet")
    state = run.state.as_dict()
    about = finite(
        {
            "run": {"configuration": run.configuration.as_dict(), "id": run.id, "layers": state["layers"]},
            "task": {k: v for k, v in task.items() if k != "presets"},
            "steps": list(snapshots),
            "findings": run.diagnosis.log(),
            "changes": state["changes"],
            "explained": explanations_of(run),
            "metrics": catalog()["columns"],
            "columns": columns(evenly(list(run.log), ROWS)),
            "frames": {name: [len(frames[k]) for frames in snapshots.values()] for k, name in enumerate(names)},
        }
    )
    optimizer = run.configuration.optimizer
    title = f"{isolated(run.name) or task['title']} · {run.step:,} steps"
    rate = optimizer["learning_rate"]
    words = f"{optimizer['name']}, learning rate {rate:g}, seed {run.configuration.seed}."
    content = page().substitute(
        title=escape(title),
        words=escape(words),
        about=json.dumps(about, allow_nan=False).replace("<", "\\u003c"),
        frames=base64.b64encode(gzip.compress(packed(list(snapshots.values())), 9)).decode(),
    )
    return content.encode()
