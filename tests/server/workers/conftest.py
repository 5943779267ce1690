"""What the tests of workers share: runs of a sweep, in processes or in threads, and what is kept of them."""

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from engine import configure
from server.runs.groups import new_group
from server.runs.registry import Launch, Registry
from server.runs.run import Run
from server.runs.status import ACTIVE
from server.settings import Settings
from server.storage.home import Home


@dataclass
class Kept:
    """What is on the disk of a run, without the times."""

    status: str
    step: int
    rows: list[tuple[Any, ...]]
    findings: list[dict[str, Any]]
    checkpoints: dict[int, bytes]


def wait(happened: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.005)


@contextmanager
def opened(folder: Path, workers: int) -> Iterator[Registry]:
    home = Home(folder)
    registry = Registry(Settings(workers=workers, max_training=2), home, lambda listener: listener())
    try:
        yield registry
    finally:
        registry.close(10)
        home.release()


def sweep(registry: Registry, *requests: dict[str, Any], start: bool = True, kind: str = "sweep") -> list[Run]:
    states = new_group(kind, ["seed"], [[i] for i in range(len(requests))])
    wanted = [(configure(request), state) for request, state in zip(requests, states, strict=True)]
    runs = registry.create_all(wanted, Launch(start=start))
    for run in runs:
        run.begun.result(30)
    return runs


def kept(run: Run) -> Kept:
    """Give what is kept of a run that trains no more."""
    wait(lambda: run.status not in ACTIVE)
    run.ask(lambda: None).result(30)
    run.saved.result(30)
    rows = [row[:-1] for row in run.log]
    steps = run.checkpoints.steps()
    return Kept(run.status, run.step, rows, run.diagnosis.log(), {step: run.checkpoints.read(step) for step in steps})


def trained(folder: Path, workers: int, *requests: dict[str, Any]) -> list[Kept]:
    """Train runs to their end in a folder of their own, and give what is kept of each."""
    try:
        with opened(folder, workers) as registry:
            return [kept(run) for run in sweep(registry, *requests)]
    finally:
        shutil.rmtree(folder)


@pytest.fixture(autouse=True)
def short_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a run come back to the server often, so that tests need not train long to see several pieces."""
    monkeypatch.setattr("server.runs.workers.away.SHORT", 0.02)
    monkeypatch.setattr("server.runs.workers.away.LONG", 0.05)


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    """Runs of whose sweeps one at a time trains in a worker."""
    with opened(tmp_path, 1) as registry:
        yield registry
