"""One thing on the disk that cannot be read is shown as bad, with words, and everything else is there."""

import json
import shutil
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import engine as nn
from server.history.example_history import ExampleHistories
from server.history.replay import pictures_by_step, replay_html
from server.history.snapshots import SnapshotRenderer
from server.messages import MEASURED, read_header
from server.runs.registry import Launch, Registry
from server.runs.run import ConflictError, Run
from server.runs.status import Status
from server.settings import Settings
from server.storage.database import FILE, Database, Record, StorageError
from server.storage.home import Home, HomeError

BOUNDARY = "decision boundary"
NOTHING = [None] * (len(MEASURED) - 1)
"""What a row has after its loss where nothing else was measured."""


def train(runs: Registry, steps: int = 60, **request: Any) -> Run:
    """Make a run and train it to its end."""
    run = runs.create(nn.configure({"task": "spiral", "steps": steps, **request}), Launch())
    end = time.monotonic() + 30
    while run.status is not Status.FINISHED:
        assert time.monotonic() < end, run.status
        time.sleep(0.005)
    run.ask(lambda: None).result(30)
    return run


def change(folder: Path, id: str, **values: Any) -> None:
    file = sqlite3.connect(folder / FILE)
    for name, value in values.items():
        file.execute(f"UPDATE runs SET {name} = ? WHERE id = ?", (value, id))
    file.commit()
    file.close()


def stored(folder: Path, id: str) -> tuple[Any, ...]:
    file = sqlite3.connect(folder / FILE)
    found = file.execute("SELECT configuration, facts, status, error FROM runs WHERE id = ?", (id,)).fetchone()
    file.close()
    return found


DAMAGES: dict[str, tuple[Callable[[dict[str, Any]], dict[str, Any]], str]] = {
    "no JSON": (lambda c: {"configuration": '{"task": "spi'}, "configuration cannot be read"),
    "no object": (lambda c: {"configuration": "[]"}, "no JSON object"),
    "an unknown field": (lambda c: {"configuration": json.dumps({**c, "warmth": 3})}, "knows no 'warmth'"),
    "a missing field": (lambda c: {"configuration": json.dumps({"task": "spiral"})}, "lacks 'data'"),
    "an unknown task": (lambda c: {"configuration": json.dumps({**c, "task": "alchemy"})}, "no task 'alchemy'"),
    "an unknown status": (lambda c: {"status": "dreaming"}, "no status 'dreaming'"),
    "other facts": (lambda c: {"facts": '{"layers": [1]}'}, "cannot be read"),
    "brackets": (lambda c: {"facts": "[" * 100_000}, "facts cannot be read"),
}


def test_records_that_cannot_be_read_are_listed_as_bad_and_stay_as_they_are(
    open_runs: Callable[[], Registry], tmp_path: Path
) -> None:
    runs = open_runs()
    good, damaged = train(runs, 6), {kind: train(runs) for kind in DAMAGES}
    open_runs.close()  # type: ignore[attr-defined]
    for kind, bad in damaged.items():
        change(tmp_path, bad.id, **DAMAGES[kind][0](bad.configuration.as_dict()))
    before = {bad.id: stored(tmp_path, bad.id) for bad in damaged.values()}
    runs = open_runs()
    assert {run.id for run in runs.all()} == {good.id, *before}
    described = {run.id: run.describe() for run in runs.all()}
    json.dumps(described)
    assert (described[good.id]["status"], described[good.id]["step"]) == ("finished", 6)
    assert b"nn/" in replay_html(runs.get(good.id), 0)
    for kind, bad in damaged.items():
        assert (described[bad.id]["status"], described[bad.id]["step"]) == ("failed", 60), kind
        assert DAMAGES[kind][1] in described[bad.id]["error"], kind
        shown = runs.get(bad.id)
        assert len(list(shown.log)) > 5, kind
        for asked in (
            shown.trained,
            shown.resume,
            lambda shown=shown: shown.tune({"name": "x"}),
            lambda shown=shown: replay_html(shown, 0),
        ):
            with pytest.raises(ConflictError):
                shown.ask(asked).result(30)
    open_runs.close()  # type: ignore[attr-defined]
    assert {id: stored(tmp_path, id) for id in before} == before
    runs = open_runs()
    for id in before:
        shown = runs.get(id)
        runs.delete(shown)
        shown.ask(shown.erase).result(30)
    open_runs.close()  # type: ignore[attr-defined]
    assert not any(stored(tmp_path, id) for id in before)


def test_what_belongs_to_no_run_is_cleaned_at_the_start(open_runs: Callable[[], Registry], tmp_path: Path) -> None:
    run = train(open_runs())
    open_runs.close()  # type: ignore[attr-defined]
    checkpoints = tmp_path / "checkpoints"
    shutil.copytree(checkpoints / run.id, checkpoints / "0123456789ab")
    (checkpoints / "ba9876543210").mkdir()
    (checkpoints / "somebody's own").mkdir()
    (checkpoints / run.id / "unfinished").write_bytes(b"half")
    file = sqlite3.connect(tmp_path / FILE)
    file.execute("INSERT INTO rows (run, number, step, time) VALUES ('nobody', 0, 0, 0.0)")
    file.commit()
    runs = open_runs()
    assert sorted(path.name for path in checkpoints.iterdir()) == sorted([run.id, "somebody's own"])
    assert not (checkpoints / run.id / "unfinished").exists()
    assert len(list(runs.get(run.id).log)) > 5
    open_runs.close()  # type: ignore[attr-defined]
    assert file.execute("SELECT DISTINCT run FROM rows").fetchall() == [(run.id,)]
    file.close()


def test_runs_whose_database_is_gone_are_found_again(open_runs: Callable[[], Registry], tmp_path: Path) -> None:
    runs = open_runs()
    done, waiting = train(runs), runs.create(nn.configure({"task": "sine"}), Launch(start=False))
    for _ in range(3):
        waiting.ask(waiting.advance_once).result(30)
    before = [row[:-1] for row in done.log]
    open_runs.close()  # type: ignore[attr-defined]
    for path in tmp_path.glob(f"{FILE}*"):
        path.unlink()
    (tmp_path / "checkpoints" / "0123456789ab").mkdir()
    for _ in range(2):  # found again once, they are kept
        found = {run.id: run for run in open_runs().all()}
        assert set(found) == {done.id, waiting.id}
        assert (found[done.id].status, found[done.id].step) == (Status.FINISHED, 60)
        assert (found[waiting.id].status, found[waiting.id].step) == (Status.INTERRUPTED, 3)
        assert found[waiting.id].configuration == waiting.configuration
        assert "database was gone" in found[done.id].error
        after = [row[:-1] for row in found[done.id].log]
        assert len(after) > 5 and set(after) <= set(before)
        assert after == sorted(after, key=lambda row: row[0]) and after[-1] == before[-1]
        assert found[done.id].progress.best == done.progress.best
        assert f"the {len(after)} that stood in a checkpoint" in found[done.id].error
    found[waiting.id].ask(found[waiting.id].advance_once).result(30)
    assert found[waiting.id].step == 4


def test_revisions_grow_though_the_clock_goes_back(open_runs: Callable[[], Registry], monkeypatch: pytest.MonkeyPatch) -> None:
    run = train(open_runs())
    seen = [run.revision]
    now = time.time()
    for days in (10, 20):
        monkeypatch.setattr(time, "time", lambda days=days: now - days * 86_400)
        run = open_runs().get(run.id)
        seen.append(run.revision)
        run.ask(lambda run=run: run.tune({"name": "again"})).result(30)
        seen.append(run.revision)
    assert seen == sorted(set(seen))


def test_a_checkpoint_with_other_bytes_inside_is_passed_over(open_runs: Callable[[], Registry], tmp_path: Path) -> None:
    run = train(open_runs())
    open_runs.close()  # type: ignore[attr-defined]
    steps = run.checkpoints.steps()
    newest = tmp_path / "checkpoints" / run.id / f"{steps[-1]:010d}.safetensors"
    data = bytearray(newest.read_bytes())
    rng = np.random.default_rng(1)
    for at in rng.integers(len(data) // 2, len(data), 200):
        data[at] = rng.integers(256)
    newest.write_bytes(data)
    for look in ("resume", "snapshot", "replay", "examples"):
        run = open_runs().get(run.id)
        if look == "resume":
            assert run.ask(run.trained).result(30).step == steps[-2]
            assert f"of step {steps[-1]} is damaged; that of step {steps[-2]} counts" in run.describe()["error"]
            assert run.status is Status.FINISHED
        elif look == "snapshot":
            [frame] = SnapshotRenderer().pictures(run, steps[-1], [BOUNDARY])
            assert read_header(frame)["step"] == steps[-2]
        elif look == "replay":
            assert list(pictures_by_step(run, steps, [BOUNDARY])) == steps[:-1]
        else:
            assert ExampleHistories().frame(run)


def test_a_run_without_one_whole_checkpoint_never_begins_from_nothing(
    open_runs: Callable[[], Registry], tmp_path: Path
) -> None:
    run = train(open_runs())
    open_runs.close()  # type: ignore[attr-defined]
    for path in (tmp_path / "checkpoints" / run.id).iterdir():
        path.write_bytes(path.read_bytes()[:-3])
    run = open_runs().get(run.id)
    for _ in range(2):
        with pytest.raises(ConflictError, match="its checkpoints cannot be read"):
            run.ask(run.trained).result(30)
    assert (run.status, run.step) == (Status.FINISHED, 60)


def test_what_no_table_takes_is_refused_and_the_rest_is_written(tmp_path: Path) -> None:
    store = Database(tmp_path)
    store.listen("a", lambda number: 1 / 0)
    store.add("a", 0, (0, 1.0, *NOTHING, 0.0))
    bad = store.save(Record("b", 1.0, {}, name="\ud800"))
    good = store.save(Record("c", 1.0, {}))
    store.add("a", 1, (2**70, 1.0, *NOTHING, 0.0))
    store.add("a", 2, (2, 1.0, *NOTHING, 0.0))
    with pytest.raises(StorageError, match="cannot be kept"):
        bad.result(30)
    good.result(30)
    store.save(Record("d", 1.0, {})).result(30)
    assert [head.id for head in store.heads()] == ["c", "d"]
    assert [number for number, _ in store.rows("a", 0, 10)] == [0, 2]
    store.close()


def test_a_home_that_vanishes_is_said_and_no_second_server_takes_its_place(tmp_path: Path) -> None:
    folder = tmp_path / "home"
    home = Home(folder)
    runs = Registry(Settings(), home, lambda listener: listener())
    run = runs.create(nn.configure({"task": "spiral", "steps": 10_000_000}), Launch())
    run.ask(lambda: None).result(30)
    runs.tidy()
    assert run.status is Status.RUNNING
    folder.rename(tmp_path / "elsewhere")
    runs.tidy()
    run.ask(lambda: None).result(30)
    assert run.status is Status.PAUSED
    assert "taken away" in run.error or "does not take" in run.error
    with pytest.raises(HomeError, match="taken away while it ran"):
        Home(folder)
    assert not (folder / "checkpoints").exists()
    runs.close(5)
    home.release()
    shutil.rmtree(folder)
    Home(folder).release()
