"""Races: each run in a process of its own, after a while in its thread, with the same rows and its pictures live."""

import os
import signal
from pathlib import Path

import pytest

from server.runs.workers.lanes import Lane
from tests.server.workers.conftest import kept, opened, sweep, trained, wait

SPIRAL = {"task": "spiral", "steps": 1_000_000, "data": {"points": 60}}
PICTURE = "decision boundary"


def test_runs_of_a_race_go_to_workers_while_they_train_and_are_watched_and_have_the_same_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.runs.registry.HERE_FIRST", 0.05)
    requests = [{**SPIRAL, "seed": seed} for seed in (1, 2)]
    with opened(tmp_path / "race", 2) as registry:
        runs = sweep(registry, *requests, kind="race")
        wait(lambda: {run.where for run in runs} == {"race worker 1", "race worker 2"})
        assert sum(worker["run"] is not None for worker in registry.workers()) == 2
        for run in runs:
            run.watch({PICTURE})
        for run in runs:
            for _ in range(3):
                step = run.step
                wait(lambda run=run, step=step: PICTURE in run.sampler.frames and run.sampler.frames[PICTURE].step > step)
        assert all(run.where for run in runs)
        ends = [run.ask(lambda run=run: (run.tune({"steps": run.step + 300}), run.configuration.steps)[1]) for run in runs]
        steps = [end.result(30) for end in ends]
        found = [kept(run) for run in runs]
    oracle = trained(tmp_path / "alone", 0, *({**one, "steps": end} for one, end in zip(requests, steps, strict=True)))
    assert [one.step for one in found] == steps
    assert [one.rows for one in found] == [one.rows for one in oracle]
    assert [one.checkpoints[end] for one, end in zip(found, steps, strict=True)] == [
        one.checkpoints[end] for one, end in zip(oracle, steps, strict=True)
    ]


def test_a_short_race_starts_no_worker(tmp_path: Path) -> None:
    with opened(tmp_path, 2) as registry:
        runs = sweep(registry, *[{**SPIRAL, "steps": 60, "seed": seed} for seed in (1, 2)], kind="race")
        assert [kept(run).status for run in runs] == ["finished", "finished"]
        assert registry.workers() == []


def test_a_run_of_a_race_makes_up_what_a_killed_worker_had_in_the_next_one_and_says_where_it_trains(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.runs.registry.HERE_FIRST", 0.05)
    with opened(tmp_path / "race", 2) as registry:
        (run,) = sweep(registry, SPIRAL, kind="race")
        wait(lambda: run.where == "race worker 1" and run.step > 20)
        lane = registry._race_lanes._lanes[0]
        with monkeypatch.context() as never:
            never.setattr(Lane, "is_warm", lambda self: False)  # it does not wait for one
            os.kill(next(iter(lane._executor._processes)), signal.SIGKILL if os.name == "posix" else signal.SIGTERM)
            wait(lambda: "its worker was lost" in run.error)
            wait(lambda step=run.step: run.step > step and run.where == "race worker 1")
        run.ask(lambda: run.tune({"speed": 500.0})).result(30)
        wait(lambda: run.where == "" and run.held)  # a slow one trains in its thread
        run.ask(lambda: run.tune({"speed": None})).result(30)
        wait(lambda: run.where == "race worker 1")
        steps = run.ask(lambda: (run.tune({"steps": run.step + 300}), run.configuration.steps)[1]).result(30)
        found = kept(run)
    (oracle,) = trained(tmp_path / "alone", 0, {**SPIRAL, "steps": steps})
    assert (found.status, found.step) == ("finished", steps)
    assert found.rows == oracle.rows
