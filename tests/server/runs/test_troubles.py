"""Whatever is raised in a run's thread, the thread lives, the run says what happened, and its place is another's."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

import engine as nn
from engine.pictures import Picture
from server.runs.actor import Actor
from server.runs.registry import Launch, Registry
from server.runs.run import ConflictError, Run
from server.runs.status import Status
from server.settings import Settings
from server.storage.home import Home

FOREVER = 10_000_000


@pytest.fixture
def runs(tmp_path: Path) -> Iterator[Registry]:
    """The runs of a folder, of which one may train at a time."""
    home = Home(tmp_path)
    registry = Registry(Settings(max_training=1), home, lambda listener: listener())
    yield registry
    registry.close(5)
    home.release()


def create(runs: Registry, start: bool = True, **request: Any) -> Run:
    run = runs.create(nn.configure({"task": "spiral", "steps": FOREVER, **request}), Launch(start=start))
    run.ask(lambda: None).result(30)
    return run


def until(condition: Callable[[], Any], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.005)


def raises(error: Exception) -> Callable[..., Any]:
    def fail(*_: Any) -> Any:
        raise error

    return fail


@pytest.mark.parametrize("start", [True, False])
def test_a_picture_that_cannot_be_drawn_says_so_and_harms_nothing(
    runs: Registry, monkeypatch: pytest.MonkeyPatch, start: bool
) -> None:
    run = create(runs, start)
    look = nn.Training.picture

    def picture(training: nn.Training, name: str) -> Picture | None:
        if name == "layer statistics":
            raise ValueError("Too many bins")
        return look(training, name)

    monkeypatch.setattr(nn.Training, "picture", picture)
    run.watch({"layer statistics", "decision boundary"})
    until(lambda: run.describe()["error"] and "decision boundary" in run.sampler.frames)
    assert run.describe()["error"] == "the picture “layer statistics” cannot be drawn: ValueError: Too many bins"
    assert run.status is (Status.RUNNING if start else Status.PAUSED)
    monkeypatch.undo()
    run.ask(run.sampler.hurry).result(30)
    until(lambda: "layer statistics" in run.sampler.frames)
    assert run.describe()["error"] is None


def test_pictures_of_weights_at_the_end_of_float32_are_sent(runs: Registry) -> None:
    run = create(runs, start=False)
    run.trained().network.theta[::2] = 2e38
    run.trained().network.theta[1::2] = -2e38
    run.watch({"layer statistics"})
    until(lambda: "layer statistics" in run.sampler.frames)
    assert run.describe()["error"] is None


def test_an_unexpected_error_fails_the_run_in_words_and_gives_its_place_back(
    runs: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, waiting = create(runs), create(runs)
    assert (broken.status, waiting.status) == (Status.RUNNING, Status.QUEUED)
    monkeypatch.setattr(broken.progress, "take", raises(RuntimeError("nobody expected this")))
    until(lambda: broken.status is Status.FAILED)
    assert broken.error == "RuntimeError: nobody expected this"
    until(lambda: waiting.status is Status.RUNNING)
    broken.ask(lambda: broken.tune({"name": "kept"})).result(30)
    assert broken.name == "kept"
    with pytest.raises(ConflictError, match="cannot pause a run that is failed"):
        broken.ask(broken.pause).result(30)


def test_a_run_that_cannot_even_say_that_it_failed_gives_its_place_back(
    runs: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, waiting = create(runs), create(runs)
    monkeypatch.setattr(broken, "_save", raises(RuntimeError("nor this")))
    monkeypatch.setattr(broken.progress, "take", raises(RuntimeError("nobody expected this")))
    until(lambda: broken.status is Status.FAILED and waiting.status is Status.RUNNING)
    assert broken.error == "RuntimeError: nobody expected this"
    assert broken.ask(lambda: 7).result(30) == 7


class Idle(Actor):
    """An actor that does what it is asked."""

    def busy(self) -> bool:
        return False

    def turn(self) -> None:
        pass


def test_who_asks_and_goes_away_harms_nobody() -> None:
    idle, gone = Idle("idle"), []
    held: Future[None] = Future()
    idle.ask(lambda: held.result(30))
    cancelled = idle.ask(lambda: gone.append(1))
    assert cancelled.cancel()
    held.set_result(None)
    assert idle.ask(lambda: gone).result(30) == [1]


def test_an_answer_is_never_a_stop_iteration() -> None:
    with pytest.raises(RuntimeError, match="StopIteration"):
        Idle("idle").ask(lambda: next(iter(()))).result(30)


def test_a_run_whose_steps_are_done_finishes_where_it_is_resumed(runs: Registry) -> None:
    parent = create(runs, steps=30)
    until(lambda: parent.status is Status.FINISHED)
    training = nn.Training(parent.configuration)
    for _ in training.events():
        continue
    for start in (True, False):
        forked = runs.fork(parent, parent.configuration, training, Launch(start=start))
        if not start:
            forked.ask(forked.advance_once).result(30)
        until(lambda forked=forked: forked.status is Status.FINISHED)
        assert (forked.error, forked.step) == ("", 30)
        forked.ask(lambda forked=forked: forked.tune({"steps": 40})).result(30)
        forked.ask(forked.resume).result(30)
        until(lambda forked=forked: forked.step == 40)


def test_looking_never_changes_a_status(runs: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    run = create(runs, start=False)
    run.ask(run.advance_once).result(30)
    run.ask(run.trainer.sleep).result(30)
    monkeypatch.setattr(run.trainer, "wake", raises(ValueError("cannot be read")))
    with pytest.raises(ConflictError, match="cannot be read"):
        run.ask(run.trained).result(30)
    assert run.status is Status.PAUSED
    with pytest.raises(ConflictError, match="cannot be read"):
        run.ask(run.advance_once).result(30)
    assert run.status is Status.FAILED
