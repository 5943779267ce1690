"""The first steps of a run that somebody watches: he misses none of them, and nobody waits for long, or for nobody."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

import engine as nn
from server.runs.picture_sampler import OPENING_STEPS
from server.runs.registry import Launch, Registry
from server.runs.run import Run
from server.runs.status import Status
from server.settings import Settings
from server.storage.home import Home
from tests.server.runs.test_troubles import until

STEPS = OPENING_STEPS + 20
BOUNDARY = "decision boundary"


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Callable[[float], Registry]]:
    """Registries whose runs wait so many seconds for their pages."""
    ends = []

    def open_registry(seconds: float) -> Registry:
        home = Home(tmp_path)
        registry = Registry(Settings(opening_seconds=seconds), home, lambda listener: listener())
        ends.extend([lambda: registry.close(5), home.release])
        return registry

    yield open_registry
    for end in ends:
        end()


def begin(runs: Registry, *watched: str) -> Run:
    run = runs.create(nn.configure({"task": "spiral", "steps": STEPS}), Launch(start=False))
    run.watch(set(watched))
    run.ask(run.resume).result(30)
    return run


def theta(run: Run) -> np.ndarray:
    return run.ask(lambda: run.trained().network.theta.copy()).result(30)


def test_training_waits_until_a_page_has_drawn_each_of_the_first_steps_and_learns_the_same(
    opened: Callable[[float], Registry],
) -> None:
    run, seen = begin(opened(60), BOUNDARY), []
    for step in range(OPENING_STEPS):
        until(lambda step=step: run.sampler.frames.get(BOUNDARY) and run.sampler.frames[BOUNDARY].step >= step)
        assert run.ask(lambda: run.step).result(30) == step, "it waits, whoever asks"
        seen.append(run.sampler.frames[BOUNDARY].step)
        run.hear_drawn(run.sampler.frames[BOUNDARY].id)
    assert seen == list(range(OPENING_STEPS))
    until(lambda: run.status is Status.FINISHED)
    bare = nn.Training(nn.configure({"task": "spiral", "steps": STEPS}))
    for _ in bare.events():
        pass
    np.testing.assert_array_equal(theta(run), bare.network.theta)


def test_when_a_run_ends_every_picture_shows_its_last_step(opened: Callable[[float], Registry]) -> None:
    run = begin(opened(0.05), BOUNDARY, "network")
    until(lambda: run.status is Status.FINISHED)
    until(lambda: [run.sampler.frames[name].step for name in (BOUNDARY, "network")] == [STEPS, STEPS])


def test_whoever_draws_nothing_is_not_waited_for_longer_than_a_moment_in_all(opened: Callable[[float], Registry]) -> None:
    run = begin(opened(0.05), BOUNDARY)
    until(lambda: run.status is Status.FINISHED)


def test_a_run_that_nobody_watches_waits_for_nobody_and_one_whose_page_leaves_no_longer(
    opened: Callable[[float], Registry],
) -> None:
    runs = opened(60)
    run = begin(runs)
    until(lambda: run.status is Status.FINISHED)
    assert not run.sampler.frames
    left = begin(runs, BOUNDARY)
    until(lambda: BOUNDARY in left.sampler.frames)
    left.watch(set())
    until(lambda: left.status is Status.FINISHED)


def test_a_run_that_waits_for_its_page_pauses_at_once_and_a_wrong_answer_ends_no_waiting(
    opened: Callable[[float], Registry],
) -> None:
    run = begin(opened(60), BOUNDARY)
    until(lambda: BOUNDARY in run.sampler.frames)
    run.hear_drawn(10**9)
    run.hear_drawn(-1)
    until(lambda: run.sampler.frames[BOUNDARY].step == 1)
    run.ask(run.pause).result(30)
    assert (run.status, run.step) == (Status.PAUSED, 1)
