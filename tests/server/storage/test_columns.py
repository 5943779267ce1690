"""A column of the metrics is declared once, in the engine: from there it reaches store, stream, table and replay."""

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from websockets.sync.client import connect

from server.messages import COLUMNS, MEASURED
from server.storage.database import FILE, MIGRATIONS, Database
from tests.server.api import create

DECLARED = '''
"""A server whose engine measures one thing more: the length of theta."""
import sys
from dataclasses import dataclass
from typing import Annotated

import numpy as np

import engine.training.events as events
import engine.training.training as training

@dataclass(frozen=True)
class Metrics(events.Metrics):
    theta_norm: Annotated[float | None, events.Column("length of theta")] = None

class Training(training.Training):
    def metrics(self, loss, accuracy):
        row = super().metrics(loss, accuracy)
        return Metrics(**vars(row), theta_norm=float(np.linalg.norm(self.network.theta)))

import engine
from engine.training import checkpoint
events.COLUMNS = (*events.COLUMNS, events.Column("length of theta", name="theta_norm"))
engine.Training = training.Training = checkpoint.Training = Training

from server.__main__ import main
sys.exit(main())
'''
OLD = {
    "task": "xor",
    "network": [{"layer": "Dense", "units": 2, "initializer": "xavier"}],
    "optimizer": {"name": "SGD", "learning_rate": 0.1, "momentum": 0.0, "nesterov": False},
    "schedule": {"name": "Constant"},
    "loss": {"name": "CrossEntropy"},
    "regularizer": None,
    "data": {},
}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder as 0.3.0 left it: its schema, a run that was stopped, two of its rows."""
    file = sqlite3.connect(tmp_path / FILE)
    file.executescript(f"{MIGRATIONS[0]}; PRAGMA user_version = 1")
    file.execute(
        "INSERT INTO runs VALUES ('old', 1.5, ?, 'old', '', NULL, 'stopped', '', 1, 0.5, 0.75, '{}', NULL)", [json.dumps(OLD)]
    )
    file.executemany(
        "INSERT INTO rows VALUES ('old', ?, ?, ?, NULL, ?, NULL, ?)", [(0, 0, 0.7, 0.5, 0.0), (1, 1, 0.6, 0.75, 0.5)]
    )
    file.commit()
    file.close()
    return tmp_path


@pytest.fixture
def server(home: Path) -> Iterator[str]:
    """The address of a server over that folder that measures one thing more."""
    environment = {**os.environ, "NN_BASICS_HOME": str(home), "PYTHONPATH": str(Path.cwd()), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-c", DECLARED, "--no-open", "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    yield re.search(r"http://[^/]+", process.stdout.readline()).group()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)


def test_a_column_is_declared_once_and_is_everywhere(server: str, home: Path, client: Callable[..., httpx.Client]) -> None:
    api = client(server)
    id = create(api, start=False)["id"]
    for _ in range(3):
        run = api.post(f"/runs/{id}/step").json()
    with connect(f"{server.replace('http', 'ws')}/api/runs/{id}/stream") as page:
        while "columns" not in (said := json.loads(page.recv(timeout=30))):
            continue
    found = api.get(f"/runs/{id}/metrics").json()["columns"]
    assert list(found) == ["step", *MEASURED, "theta_norm", "time"]
    assert list(found)[:5] == ["step", "loss", "test_loss", "accuracy", "test_accuracy"]
    norms = found["theta_norm"]
    assert len(set(norms)) == 4
    assert min(norms) > 0
    assert run["metrics"]["theta_norm"] == norms[-1]
    assert said["columns"] == found
    lines = api.get(f"/runs/{id}/export/metrics.csv").text.splitlines()
    assert lines[0] == ",".join(found)
    assert [float(line.split(",")[-2]) for line in lines[1:]] == norms
    replay = re.search(r'id="about">(.*?)</script>', api.get(f"/runs/{id}/export/replay.html").text, re.S)[1]
    assert json.loads(replay)["columns"] == found
    # rows that were written before the column was declared have nothing there
    old = api.get("/runs/old/metrics").json()["columns"]
    assert (old["loss"], old["penalty"], old["theta_norm"]) == ([0.7, 0.6], [None, None], [None, None])
    file = sqlite3.connect(home / FILE)
    assert [norm for (norm,) in file.execute("SELECT theta_norm FROM rows WHERE run != 'old' ORDER BY number")] == norms
    file.close()


@pytest.mark.parametrize("version", range(1, len(MIGRATIONS) + 1))
def test_the_file_has_what_0_3_0_knew_and_what_is_declared_since(home: Path, version: int) -> None:
    file = sqlite3.connect(home / FILE)
    for migration in MIGRATIONS[1:version]:
        file.executescript(f"{migration}; PRAGMA user_version = {version}")
    file.close()
    store = Database(home)
    assert [head.id for head in store.heads()] == ["old"]
    assert [dict(zip(COLUMNS, row, strict=True)) for _, row in store.rows("old", 0, 9)] == [
        {**dict.fromkeys(COLUMNS), "step": step, "loss": loss, "accuracy": accuracy, "time": time}
        for step, loss, accuracy, time in ((0, 0.7, 0.5, 0.0), (1, 0.6, 0.75, 0.5))
    ]
    store.close()
    file = sqlite3.connect(home / FILE)
    names = [name for _, name, *_ in file.execute("PRAGMA table_info(rows)")]
    known = ["run", "number", "step", "loss", "test_loss", "accuracy", "test_accuracy", "time"]
    assert names == [*known, *(name for name in MEASURED if name not in known)]
    assert file.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
    file.close()
