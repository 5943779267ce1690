"""What people do to a run that trains in a worker: nothing is lost, and what it learns is what it learns in a thread."""

import errno
import logging
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from engine import configure
from engine.data.folders import DataFolders
from engine.training import checkpoint
from engine.training.training import Training
from server.__main__ import main
from server.messages import read_header
from server.runs.registry import Registry
from server.runs.run import Run
from server.runs.workers.lanes import Lane, Lanes
from server.runs.workers.piece import Job, Resident, Residents, Source, hand_over, train_piece
from server.settings import Settings
from server.storage.checkpoints import Checkpoints
from tests.server.workers.conftest import Kept, kept, opened, sweep, wait

LONG = {"task": "circles", "steps": 1_000_000, "data": {"points": 60}, "evaluate_every": 10}


def in_thread(folder: Path, request: dict[str, Any], *changes: tuple[int, dict[str, Any]]) -> Kept:
    """Train in a thread of the server, with changes after these steps: the oracle."""
    with opened(folder, 0) as registry:
        (run,) = sweep(registry, request, start=False)
        for step, change in changes:
            run.ask(lambda step=step: run.train_until(step)).result(30)
            kept(run)
            run.ask(lambda change=change: run.tune(change)).result(30)
        run.ask(run.resume).result(30)
        return kept(run)


def replaced(registry: Registry, make: Any) -> Registry:
    """Let its runs train through another executor."""
    registry._lanes = Lanes([Lane("worker 1", make)])
    return registry


@pytest.fixture
def threads(tmp_path: Path) -> Iterator[Registry]:
    """Runs that train through another executor: a thread, in which a test can change what the worker does."""
    with opened(tmp_path / "threads", 1) as registry:
        yield replaced(registry, lambda: ThreadPoolExecutor(1))


def trains(run: Run, step: int = 0) -> None:
    """Wait until a run trains in a worker, beyond a step."""
    wait(lambda: run.where == "worker 1" and run.step > step and run.status == "running")


def test_looking_changing_waiting_and_stepping_give_the_same_rows_as_in_a_thread(registry: Registry, tmp_path: Path) -> None:
    (run,) = sweep(registry, LONG)
    trains(run)
    assert registry.workers() == [{"name": "worker 1", "run": run.id, "started": True}]
    looked = run.ask(lambda: (run.step, run.trained().step, run.status)).result(30)  # as predict does
    assert looked[0] == looked[1]
    assert looked[2] == "running"
    trains(run, looked[0])
    changed = run.ask(lambda: (run.tune({"optimizer": {"learning_rate": 0.02}, "batch_size": 8}), run.step)[1]).result(30)
    trains(run, changed)
    run.ask(run.pause).result(30)
    assert run.describe()["where"] == "here"
    paused = run.step
    assert run.checkpoints.steps()[-1] == paused
    run.ask(run.advance_once).result(30)
    assert run.step == paused + 1
    run.ask(lambda: run.tune({"steps": paused + 400})).result(30)
    run.ask(run.resume).result(30)
    found = kept(run)
    assert (found.status, found.step) == ("finished", paused + 400)
    assert [change.step for change in run.state.changes][1:] == [changed, paused + 1]
    changes = [
        (changed, {"optimizer": {"learning_rate": 0.02}, "batch_size": 8}),
        (paused + 1, {"steps": paused + 400}),
    ]
    oracle = in_thread(tmp_path / "thread", LONG, *changes)
    assert found.rows == oracle.rows
    assert found.checkpoints[found.step] == oracle.checkpoints[found.step]


def test_it_pauses_exactly_after_the_step_that_was_asked_for(registry: Registry) -> None:
    (run,) = sweep(registry, LONG, start=False)
    for step in (7, 123):
        run.ask(lambda step=step: run.train_until(step)).result(30)
        found = kept(run)
        assert (found.status, found.step) == ("paused", step)
        assert max(found.checkpoints) == step
    run.ask(lambda: run.tune({"steps": 130})).result(30)
    run.ask(lambda: run.train_until(130)).result(30)
    assert kept(run).status == "finished"
    run.ask(lambda: run.tune({"steps": 160})).result(30)  # what was asked for before counts no more
    run.ask(run.resume).result(30)
    found = kept(run)
    assert (found.status, found.step) == ("finished", 160)


def test_whoever_watches_sees_its_pictures_within_the_same_bounds(registry: Registry) -> None:
    name = "decision boundary"
    (run,) = sweep(registry, LONG)
    trains(run, 100)  # later it opens no more, and goes away at once
    run.watch({name, "no such picture"})
    seen: list[tuple[int, int]] = []

    def look() -> bool:
        frame = run.sampler.frames.get(name)
        if frame is not None and (not seen or frame.id > seen[-1][0]):
            seen.append((frame.id, frame.step))
            header = read_header(frame.data)
            assert (header["id"], header["run"], header["step"], header["name"]) == (frame.id, run.id, frame.step, name)
        return len(seen) >= 3

    wait(look)
    assert run.where == "worker 1"
    assert seen == sorted(seen)
    assert len({step for _, step in seen}) == len(seen)
    run.ask(run.pause).result(30)
    run.ask(lambda: None).result(30)
    wait(lambda: run.sampler.frames[name].step == run.step)


def test_a_speed_lets_it_train_here_and_the_rows_go_on(registry: Registry, tmp_path: Path) -> None:
    (run,) = sweep(registry, LONG)
    trains(run)
    run.ask(lambda: run.tune({"speed": 500.0})).result(30)
    wait(lambda: run.trainer.training is not None)
    run.ask(lambda: run.tune({"speed": None})).result(30)
    step = run.step
    trains(run, step)
    run.ask(run.pause).result(30)
    until = run.step
    found = kept(run)
    oracle = in_thread(tmp_path / "thread", {**LONG, "steps": until})
    every = [row for row in oracle.rows if row[0] % 10 == 0 or row[0] < 10]  # a last row may stand between
    assert [row for row in found.rows if row[0] <= until][: len(every)] == every


class Dying(ThreadPoolExecutor):
    """An executor whose worker dies in every piece."""

    def submit(self, *arguments: Any) -> "Future[Any]":  # type: ignore[override]
        broken: Future[Any] = Future()
        broken.set_exception(BrokenExecutor("gone"))
        return broken


class Unpicklable(ThreadPoolExecutor):
    """An executor that cannot send what it is given."""

    def submit(self, *arguments: Any) -> "Future[Any]":  # type: ignore[override]
        failed: Future[Any] = Future()
        failed.set_exception(TypeError("cannot pickle 'a thing'"))
        return failed


@pytest.mark.parametrize(
    ("executor", "words"),
    [
        (Dying, "its worker was lost 3 times at step 0: it was ended from outside, or the memory was too small"),
        (Unpicklable, "TypeError: cannot pickle 'a thing'"),
    ],
)
def test_a_worker_that_is_lost_three_times_at_a_step_and_an_odd_error_fail_the_run_in_words(
    tmp_path: Path, executor: type[Executor], words: str
) -> None:
    with opened(tmp_path, 1) as registry:
        replaced(registry, lambda: executor(1))
        one, other = sweep(registry, LONG, LONG)  # the second one has its turn too
        for run in (one, other):
            found = kept(run)
            assert found.status == "failed"
            assert run.describe()["error"] == words
        assert registry.workers()[0]["run"] is None


def test_what_training_raises_fails_the_run_in_words_and_the_log_has_how(
    threads: Registry, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    update = Training.update

    def fails(self: Training, *batch: Any) -> Any:
        if self.step == 30:
            raise RuntimeError("out of paper")
        return update(self, *batch)

    monkeypatch.setattr(Training, "update", fails)
    with caplog.at_level(logging.ERROR):
        (run,) = sweep(threads, LONG)
        found = kept(run)
    assert (found.status, found.step) == ("failed", 30)
    assert run.describe()["error"] == "RuntimeError: out of paper"
    assert found.rows[-1][0] == 30
    assert "in fails" in caplog.text


def test_what_a_full_disk_did_not_take_at_the_end_stays_in_memory_until_there_is_room(
    threads: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*arguments: Any, **more: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(Checkpoints, "_put", refuses)
        (run,) = sweep(threads, {**LONG, "steps": 5})
        wait(lambda: run.status == "finished")
        run.ask(run.rest).result(30)
        assert "the disk does not take the checkpoint" in run.describe()["error"]
        assert run.trainer.training.step == 5
    run.ask(run.rest).result(30)
    assert run.trainer.training is None
    assert run.checkpoints.path(5).is_file()


def test_a_worker_goes_on_only_with_the_very_step_that_is_asked_for(tmp_path: Path) -> None:
    source = Source(configure(LONG), None, DataFolders(), Settings())
    first = train_piece(Job("a run", 0, source, 60.0, 10, [], 0))
    assert (first.step, first.missing, first.end) == (10, False, "")
    assert train_piece(Job("a run", 9, None, 60.0, 20, [], 0)).missing
    again = train_piece(Job("a run", 10, source, 60.0, 12, [], 0))  # what the job brings counts
    assert (again.began, again.step) == (0, 12)
    packed = hand_over("a run", 12, leave=True)
    assert checkpoint.step_of(packed) == 12
    assert hand_over("a run", 12, leave=True) is None


def test_a_full_disk_lets_it_wait_and_nothing_is_lost(
    threads: Registry, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    put, full = Checkpoints._put, [True]

    def refuses(self: Checkpoints, *arguments: Any, **more: Any) -> None:
        if full:
            raise OSError(errno.ENOSPC, "No space left on device")
        put(self, *arguments, **more)

    monkeypatch.setattr(Checkpoints, "_put", refuses)
    monkeypatch.setattr("server.runs.trainer.FIRST", 0.0)  # the first checkpoint after the first step
    (run,) = sweep(threads, LONG)
    wait(lambda: run.status == "paused" and run.step)
    assert run.where == ""
    assert "the disk does not take the checkpoint" in run.describe()["error"]
    assert run.trainer.training.step == run.step
    full.clear()
    change = (run.step, {"steps": run.step + 500})
    run.ask(lambda: run.tune(change[1])).result(30)
    run.ask(run.resume).result(30)
    found = kept(run)
    assert (found.status, found.step) == ("finished", change[0] + 500)
    assert found.rows == in_thread(tmp_path / "thread", LONG, change).rows


def test_large_snapshots_come_as_files_or_where_the_disk_refuses_through_the_pipe_with_the_same_bits(
    threads: Registry, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("server.runs.workers.piece.LARGE", 0)
    room, left = threads._folder / "on their way", list[Path]()
    write = Path.write_bytes

    def writes(path: Path, data: bytes) -> int:
        if path.parent == room:
            left.append(path)
            if len(left) == 3:
                raise OSError(errno.ENOSPC, "No space left on device")  # it comes through the pipe then
        return write(path, data)

    monkeypatch.setattr(Path, "write_bytes", writes)
    request = {**LONG, "steps": 600}
    (run,) = sweep(threads, request)
    found, oracle = kept(run), in_thread(tmp_path / "thread", request)
    assert len(left) >= 59
    assert list(room.iterdir()) == []
    every = set(range(0, 601, 10))
    assert every <= found.checkpoints.keys() & oracle.checkpoints.keys()
    assert all(found.checkpoints[step] == oracle.checkpoints[step] for step in every)
    assert found.rows == oracle.rows


def test_snapshots_come_through_the_pipe_where_there_is_no_folder_for_them_and_what_was_left_there_goes(
    threads: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.runs.workers.piece.LARGE", 0)
    room = threads._folder / "on their way"
    room.write_text("a file, in which nothing can be left")
    (run,) = sweep(threads, {**LONG, "steps": 120})
    found = kept(run)
    assert (found.status, found.step, run.error) == ("finished", 120, "")
    assert {*range(0, 121, 2)} <= found.checkpoints.keys()
    room.unlink()
    room.mkdir()
    (room / f"{run.id}-70").write_bytes(b"of a piece that a worker died in")
    (room / "another-70").write_bytes(b"of another run")
    run.ask(lambda: (run.tune({"steps": 140}), run.resume())).result(30)
    assert kept(run).status == "finished"
    wait(lambda: [path.name for path in room.iterdir()] == ["another-70"])


def test_a_worker_that_has_lost_the_training_is_given_it_again(
    threads: Registry, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    lost, take = list[int](), Residents.take

    def forgetful(self: Residents, job: Job) -> Resident | None:
        if job.source is None:  # each second piece, for the next one brings what it is made from
            self._of.clear()
            lost.append(job.step)
        return take(self, job)

    monkeypatch.setattr(Residents, "take", forgetful)
    (run,) = sweep(threads, {**LONG, "steps": 1000})
    found = kept(run)
    assert found.status == "finished"
    assert lost
    oracle = in_thread(tmp_path / "thread", {**LONG, "steps": 1000})
    assert found.rows == oracle.rows
    assert checkpoint.step_of(found.checkpoints[1000]) == 1000
    assert found.checkpoints[1000] == oracle.checkpoints[1000]


def test_nothing_of_workers_is_imported_before_a_sweep_needs_it() -> None:
    said = (
        "import sys, server.app; print([name for name in sys.modules if name.startswith(('server.runs.workers.', 'multipro'))])"
    )
    found = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_the_command_says_how_many_workers_there_are_and_refuses_a_wrong_number(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["serve", "--help"])
    assert "--workers N" in capsys.readouterr().out
    assert main(["serve", "--workers", "-1"]) == 1
    assert "--workers must be a whole number: a number from 0 to 256, got '-1'" in capsys.readouterr().err
