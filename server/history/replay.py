"""replay.html: a run's history with its rows and the page's own views in one file, which any browser shows without a server."""

import base64
import gzip
import json
import re
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from engine import catalog
from server.history.snapshots import SnapshotRenderer
from server.messages import columns, finite, read_header
from server.runs.run import ConflictError, Run

FRONTEND = Path(__file__).parents[2] / "frontend"
ENTRY = "replay/replay.js"
SNAPSHOTS, ROWS = 100, 2_000
"""How many snapshots and rows go into the file at the most, evenly taken."""
IMPORT = re.compile(r'from "(\.[^"]+)"')

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="content-security-policy" content="default-src 'none'; script-src 'unsafe-inline' data:; style-src 'unsafe-inline'; img-src data: blob:">
<title>{title}</title>
<style>{style}</style>
<script type="importmap">{modules}</script>
</head>
<body>
<header class="replay-top"><h1>{title}</h1><p>{words}</p><button type="button" id="theme" class="quiet">Theme</button></header>
<main class="replay-main"><section id="board" class="board"></section><section id="graphs"></section></main>
<footer class="replay-bar"><button type="button" id="play"></button>
<input type="range" id="moment" min="0" step="1" aria-label="Moment of the run"><output id="words">…</output></footer>
<script type="application/json" id="about">{about}</script>
<script type="text/plain" id="film">{film}</script>
<script type="module">import "nn/{entry}";</script>
</body>
</html>
"""  # noqa: E501


def modules() -> dict[str, str]:
    """Give the entry and all that it imports as an import map, so that one file holds them: names instead of paths."""
    found: dict[str, str] = {}
    waiting = [FRONTEND / ENTRY]
    while waiting:
        path = waiting.pop()
        name = f"nn/{path.relative_to(FRONTEND).as_posix()}"
        if name in found:
            continue
        imported: list[Path] = []

        def renamed(match: re.Match[str], path: Path = path, imported: list[Path] = imported) -> str:
            imported.append((path.parent / match[1]).resolve())
            return f'from "nn/{imported[-1].relative_to(FRONTEND).as_posix()}"'

        source = IMPORT.sub(renamed, path.read_text(encoding="utf-8"))
        found[name] = "data:text/javascript;base64," + base64.b64encode(source.encode()).decode()
        waiting += imported
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
    task = next(task for task in catalog()["tasks"] if task["name"] == run.configuration.task)
    names = list(task["pictures"])
    numbered = [f"{name}/{example}" if example else name for name in names]
    snapshots = pictures_by_step(run, evenly(run.checkpoints.steps(), SNAPSHOTS), numbered)
    if not snapshots:
        raise ConflictError("the run has not begun; there is no history to replay yet")
    about = finite(
        {
            "run": {"configuration": run.configuration.as_dict(), "id": run.id},
            "task": {k: v for k, v in task.items() if k != "presets"},
            "steps": list(snapshots),
            "columns": columns(evenly(list(run.log), ROWS)),
            "frames": {name: [len(frames[k]) for frames in snapshots.values()] for k, name in enumerate(names)},
        }
    )
    optimizer = run.configuration.optimizer
    title = f"{run.name or task['title']} · {run.step:,} steps"
    rate = optimizer["learning_rate"]
    words = f"{task['summary']} {optimizer['name']}, learning rate {rate:g}, seed {run.configuration.seed}."
    style = "".join((FRONTEND / name).read_text(encoding="utf-8") for name in ("styles/style.css", "styles/replay.css"))
    return PAGE.format(
        title=escape(title),
        words=escape(words),
        style=style,
        modules=json.dumps({"imports": modules()}),
        entry=ENTRY,
        about=json.dumps(about, allow_nan=False).replace("<", "\\u003c"),
        film=base64.b64encode(gzip.compress(packed(list(snapshots.values())), 9)).decode(),
    ).encode()
