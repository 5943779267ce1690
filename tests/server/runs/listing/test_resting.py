"""Runs that rest on the disk: nobody sees that they are not in memory, and no two of a run are ever there."""

import gc
import json
from collections.abc import Callable
from pathlib import Path

import pytest

import engine as nn
from server.runs.groups import new_group
from server.runs.listing.table import Wanted
from server.runs.registry import Launch, Registry
from server.runs.run import Run
from server.runs.status import Status
from server.settings import Settings
from server.storage.home import Home
from tests.server.runs.test_records import change, train

Open = Callable[[], Registry]


def resting(runs: Registry) -> list[str]:
    return [id for id, run in runs._runs.items() if run is None]


def test_a_resting_run_is_described_as_one_that_is_awake_and_goes_on_resting(open_runs: Open) -> None:
    runs = open_runs()
    ids = [train(runs, 30, seed=k, batch_size=8).id for k in range(2)]
    waiting = runs.create(nn.configure({"task": "sine"}), Launch(name="waits", start=False))
    waiting.ask(waiting.advance_once).result(30)
    ids.append(waiting.id)
    runs = open_runs()
    assert resting(runs) == ids
    told, rows = list(runs.described()), [runs.seen([id])[id] for id in ids]
    assert runs.statuses() == {"finished": 2, "paused": 1}
    assert resting(runs) == ids
    awake = [run.describe() for run in runs.all()]
    assert resting(runs) == []
    assert told == awake
    assert [run["step"] for run in told] == [30, 30, 1]
    assert [row.found for row in rows] == [run["findings"] for run in awake]


def test_a_run_that_was_let_go_is_the_same_one_while_anybody_has_it(
    tmp_path: Path,
) -> None:
    home = Home(tmp_path)
    runs = Registry(Settings(max_awake=1), home, lambda listener: listener())
    both = [train(runs, 6), train(runs, 6)]
    for run in both:
        run.ask(run.rest).result(30)
        run.saved.result(30)  # until then the disk has not all of it, and it stays
    runs.tidy()
    id = both[0].id
    assert resting(runs) == [id]
    assert runs.get(id) is both[0]
    both[0].ask(lambda: both[0].tune({"name": "again"})).result(30)
    runs.tidy()
    both.clear()
    gc.collect()
    assert runs.get(id).name == "again"
    runs.close(5)
    home.release()


def test_a_new_run_takes_the_place_of_a_resting_one_that_nobody_touched(tmp_path: Path) -> None:
    home = Home(tmp_path)
    runs = Registry(Settings(), home, lambda listener: listener())
    blank = runs.create(nn.configure({"task": "xor"}), Launch(start=False))
    kept = train(runs, 6)
    blank.begun.result(30)
    runs.close(5)
    change(tmp_path, blank.id, created=kept.created - 3600)
    runs = Registry(Settings(max_runs=2), home, lambda listener: listener())
    assert len(resting(runs)) == 2
    new = runs.create(nn.configure({"task": "xor"}), Launch(start=False))
    assert {run.id for run in runs.all()} == {kept.id, new.id}
    runs.close(5)
    home.release()


def test_a_network_that_is_no_list_of_layers_damages_its_own_run_only(tmp_path: Path, open_runs: Open) -> None:
    runs = open_runs()
    ids = [train(runs, 6).id for _ in range(2)]
    configuration = runs.get(ids[0]).configuration.as_dict()
    open_runs.close()  # type: ignore[attr-defined]
    change(tmp_path, ids[0], configuration=json.dumps({**configuration, "network": [1, *configuration["network"]]}))
    runs = open_runs()
    assert runs.table.page(Wanted(columns=("status",)))["columns"]["status"] == ["failed", "finished"]
    assert "no list of layers" in next(runs.described(ids))["error"]


def test_of_many_runs_those_are_given_that_nobody_deletes_meanwhile(open_runs: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = open_runs()
    ids = [train(runs, 6).id for _ in range(2)]
    get = runs.get

    def deleted_meanwhile(id: str) -> Run:
        if id == ids[0]:
            raise KeyError(id)
        return get(id)

    monkeypatch.setattr(runs, "get", deleted_meanwhile)
    assert [run.id for run in runs.some(ids)] == ids[1:]


def test_groups_of_resting_runs_are_listed_and_given_as_before(open_runs: Open) -> None:
    runs = open_runs()
    states = new_group("race", ["seed"], [[1], [2]])
    made = runs.create_all([(nn.configure({"task": "xor", "seed": k + 1}), states[k]) for k in range(2)], Launch(start=False))
    for run in made:
        run.begun.result(30)
    before = [(one.id, one.group) for one in runs.table.members()]
    runs = open_runs()
    assert [(one.id, one.group) for one in runs.table.members()] == before
    assert len(resting(runs)) == 2


def test_histories_of_resting_runs_count_and_are_thinned(tmp_path: Path) -> None:
    home = Home(tmp_path)
    runs = Registry(Settings(), home, lambda listener: listener())
    old, new = train(runs, 200), train(runs, 200)
    assert len(old.checkpoints.steps()) > 40
    runs.close(5)
    runs = Registry(Settings(max_history=int(1.3 * old.checkpoints.size)), home, lambda listener: listener())
    runs.tidy()
    assert resting(runs) == [new.id], "only that is made which is thinned"
    thinned = runs.get(old.id)
    assert thinned.status is Status.FINISHED
    thinned.ask(lambda: None).result(30)
    assert len(thinned.checkpoints.steps()) == 12
    runs.tidy()
    assert resting(runs) == [new.id]
    runs.close(5)
    home.release()
