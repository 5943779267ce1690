"""A run that pauses at a rung: exactly there, with its checkpoint, and what it does later is as if it had never paused."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine import configure
from server.runs.groups import new_group
from server.runs.registry import Launch, Registry
from server.runs.run import Run
from server.settings import Settings
from server.storage.home import Home

CHOSEN = {"task": "xor", "steps": 90, "data": {"points": 40}, "schedule": {"name": "Cosine"}, "evaluate_every": 10}


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    home = Home(tmp_path)
    runs = Registry(Settings(workers=0), home, lambda listener: listener())
    yield runs
    runs.close(5)
    home.release()


def wait(run: Run, *statuses: str) -> None:
    end = time.monotonic() + 30
    while run.status not in statuses:
        assert time.monotonic() < end, run.status
        time.sleep(0.002)
    run.ask(lambda: None).result(30)


def rows(run: Run) -> list[tuple[Any, ...]]:
    run.saved.result(30)
    return [row[:-1] for row in run.log]


def test_a_run_pauses_at_its_rungs_and_learns_the_same(registry: Registry) -> None:
    """The schedule asks for the number of steps: a rung that shortened them would let the learning rate fall too soon."""
    straight = registry.create(configure(CHOSEN), Launch())
    wanted = [(configure(CHOSEN), state) for state in new_group("sweep", ["seed"], [[7]])]
    halved = registry.create_all(wanted, Launch(until=10))[0]
    wait(halved, "paused")
    assert (halved.step, halved.log.last[0], halved.checkpoints.steps()[-1], halved.configuration.steps) == (10, 10, 10, 90)
    halved.ask(lambda: halved.train_until(30)).result(30)
    wait(halved, "paused")
    assert halved.step == 30
    halved.ask(halved.rest).result(30)
    assert not halved.held, "it rests on the disk meanwhile"
    halved.ask(halved.resume).result(30)
    wait(halved, "finished")
    wait(straight, "finished")
    assert rows(halved) == rows(straight)
