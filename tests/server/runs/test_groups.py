"""Races and sweeps: all their runs or none, together, and in one table."""

import csv
import io
from collections.abc import Callable

import httpx
import pytest

from engine.training.check import configure
from server.runs.groups import new_group
from server.runs.registry import Launch, Registry
from server.settings import Settings
from server.storage.home import Home
from tests.conftest import Server
from tests.server.api import wait_for

BASE = {"task": "xor", "steps": 60, "data": {"points": 40}}
RACE = {
    "kind": "race",
    "base": BASE,
    "axes": [
        {"path": "optimizer", "values": [{"name": "Adam"}, {"name": "SGD"}]},
        {"path": "optimizer.learning_rate", "values": [0.01, 0.5]},
    ],
}
SWEEP = {
    "kind": "sweep",
    "base": BASE,
    "axes": [{"path": "network.0.units", "values": [2, 3]}, {"path": "activation", "values": ["ReLU", "Tanh", "GELU"]}],
}


def ended(api: httpx.Client, group: dict) -> list[dict]:
    return [wait_for(api, run["id"], lambda r: r["status"] == "finished") for run in group["runs"]]


def test_a_race_has_the_same_data_and_first_weights_and_other_optimizers(api: httpx.Client) -> None:
    group = api.post("/groups", json=RACE | {"start": False})
    assert group.status_code == 201, group.text
    adam, sgd = group.json()["runs"]
    assert (adam["optimizer"]["name"], adam["optimizer"]["learning_rate"]) == ("Adam", 0.01)
    assert (sgd["optimizer"]["name"], sgd["optimizer"]["learning_rate"]) == ("SGD", 0.5)
    assert adam["configuration"]["seed"] == sgd["configuration"]["seed"]
    weights = [api.get(f"/runs/{run['id']}/export/weights.npz").content for run in (adam, sgd)]
    assert weights[0] == weights[1]
    id = group.json()["id"]
    assert {run["status"] for run in api.post(f"/groups/{id}/resume").json()["runs"]} <= {"running", "finished"}
    ended(api, group.json())
    assert api.post(f"/groups/{id}/pause").status_code == 200


def test_four_run_at_once_though_the_machine_may_have_fewer_cores(
    start_server: Callable[..., Server], client: Callable[..., httpx.Client]
) -> None:
    api = client(start_server(NN_BASICS_MAX_TRAINING="1").url)
    axes = [{"path": "batch_size", "values": [5, 10, 20, 40]}]
    race = api.post("/groups", json=RACE | {"axes": axes, "base": BASE | {"steps": 1_000_000}, "speed": 50}).json()
    for run in race["runs"]:
        wait_for(api, run["id"], lambda r: r["status"] == "running" and r["step"] > 5)
    sweep = api.post("/groups", json=SWEEP | {"base": BASE | {"steps": 1_000_000}, "speed": 50}).json()
    for run in sweep["runs"]:
        wait_for(api, run["id"], lambda r: r["status"] in ("running", "queued"))
    assert [run["status"] for run in api.get(f"/groups/{sweep['id']}").json()["runs"]].count("running") == 1
    assert {r["status"] for r in api.post(f"/groups/{race['id']}/pause").json()["runs"]} == {"paused"}
    assert {r["status"] for r in api.post(f"/groups/{sweep['id']}/stop").json()["runs"]} == {"stopped"}


def test_a_sweep_has_a_run_for_every_combination_and_one_table(api: httpx.Client) -> None:
    group = api.post("/groups", json=SWEEP).json()
    runs = ended(api, group)
    assert [run["group"]["at"] for run in runs] == [[u, a] for u in (2, 3) for a in ("ReLU", "Tanh", "GELU")]
    for run in runs:
        units, activation = run["group"]["at"]
        assert [run["configuration"]["network"][i]["layer"] for i in (1, 3)] == [activation, activation]
        assert run["configuration"]["network"][0]["units"] == units
    rows = list(csv.DictReader(io.StringIO(api.get(f"/groups/{group['id']}/export/metrics.csv").text)))
    assert {(row["network.0.units"], row["activation"]) for row in rows} == {
        (u, a) for u in "23" for a in ("ReLU", "Tanh", "GELU")
    }
    assert {row["run"] for row in rows} == {run["id"] for run in runs}
    listed = next(g for g in api.get("/groups").json() if g["id"] == group["id"])
    assert (listed["kind"], listed["paths"], len(listed["runs"])) == ("sweep", ["network.0.units", "activation"], 6)
    assert api.delete(f"/groups/{group['id']}").status_code == 204
    assert api.get(f"/groups/{group['id']}").status_code == 404


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"axes": [{"path": "batch_size", "values": [5]}]}, "axes"),
        ({"axes": [{"path": "batch_size", "values": [5, 0]}]}, "batch_size"),
        ({"axes": [{"path": "network.0.units", "values": list(range(1, 66))}]}, "axes.0.values"),
        ({"axes": [{"path": "seed", "values": list(range(20))}, {"path": "batch_size", "values": [1, 2, 3, 4]}]}, "axes"),
        ({"axes": [{"path": "nothing.here", "values": [1, 2]}]}, "axes"),
        ({"axes": [{"path": "nothing", "values": [1, 2]}]}, "nothing"),
        ({"axes": [{"path": "network.9.units", "values": [1, 2]}]}, "axes"),
        ({"base": {"task": "nothing"}}, "task"),
        ({"kind": "race", "axes": [{"path": "batch_size", "values": [1, 2, 3, 4, 5]}]}, "axes"),
        ({"kind": "race", "axes": [{"path": "batch_size", "values": [1, 2]}, {"path": "seed", "values": [1]}]}, "axes"),
    ],
    ids=str,
)
def test_what_is_not_allowed_is_named_and_no_run_is_made(api: httpx.Client, changes: dict, field: str) -> None:
    before = len(api.get("/runs").json())
    refused = api.post("/groups", json=SWEEP | changes)
    assert (refused.status_code, refused.json()["error"]["field"]) == (422, field), refused.text
    assert len(api.get("/runs").json()) == before


def test_after_a_restart_a_group_is_there(start_server: Callable[..., Server], client: Callable[..., httpx.Client]) -> None:
    server = start_server()
    api = client(server.url)
    group = api.post("/groups", json=RACE).json()
    ended(api, group)
    server.end()
    start_server(port=server.port)
    again = api.get(f"/groups/{group['id']}").json()
    assert [run["id"] for run in again["runs"]] == [run["id"] for run in group["runs"]]
    assert [run["group"]["at"] for run in again["runs"]] == [[{"name": "Adam"}, 0.01], [{"name": "SGD"}, 0.5]]


def test_a_sweep_that_waits_holds_no_networks(tmp_path) -> None:
    """64 runs of 4 million parameters, asked for in 500 bytes, took the server to 9,650 MB."""
    home = Home(tmp_path / "home")
    registry = Registry(Settings(max_training=1, workers=0), home, lambda listener: listener())
    states = new_group("sweep", ["seed"], [[seed] for seed in range(4)])
    try:
        wanted = [(configure({"task": "spiral", "seed": seed}), state) for seed, state in enumerate(states)]
        runs = registry.create_all(wanted, Launch(start=False))
        for run in runs:
            assert run.ask(lambda run=run: (run.status, run.held, run.log.last[0])).result() == ("paused", 0, 0)
        runs[0].ask(runs[0].advance_once).result()
        assert runs[0].step == 1, "the network is made again when it is wanted"
    finally:
        registry.close(5)
        home.release()


@pytest.mark.parametrize("start", [True, False])
def test_nobody_waits_for_the_networks_of_a_sweep(tmp_path, start: bool) -> None:
    """64 runs of 4 million parameters took a minute to answer, while all were made only to be measured."""
    home = Home(tmp_path / "home")
    registry = Registry(Settings(max_training=1, workers=0), home, lambda listener: listener())
    states = new_group("sweep", ["seed"], [[seed] for seed in range(4)])
    wanted = [(configure({"task": "spiral", "seed": seed, "steps": 1_000_000}), state) for seed, state in enumerate(states)]
    try:
        with registry._scheduler.making:  # nothing can be made meanwhile
            runs = registry.create_all(wanted, Launch(start=start))
            for run in runs:
                run.begun.result(timeout=20)
        assert sorted(run.status for run in runs) == (["queued"] * 3 + ["running"] if start else ["paused"] * 4)
        first = next((run for run in runs if run.status == "running"), None)
        for run in runs:
            if run is not first:
                made = run.ask(lambda run=run: (run.held, run.step, run.log.last and run.log.last[0], run.state.parameters > 0))
                assert made.result(timeout=20) == ((0, 0, None, False) if start else (0, 0, 0, True))
        if first:
            second = min((run for run in runs if run is not first), key=lambda run: registry._scheduler.position(run.id))
            first.ask(first.stop).result(timeout=20)
            second.ask(lambda: None).result(timeout=20)
            while second.status == "running" and second.log.last is None:
                second.ask(lambda: None).result(timeout=20)
            second.ask(second.stop).result(timeout=20)
            second.saved.result(timeout=20)
            assert registry._store.rows(second.id, 0, 1)[0][1][0] == 0, "it is made and measured when it is its turn"
    finally:
        registry.close(5)
        home.release()


def test_nothing_is_made_for_a_sweep_that_was_deleted(tmp_path) -> None:
    home = Home(tmp_path / "home")
    registry = Registry(Settings(max_training=1, workers=0), home, lambda listener: listener())
    wanted = [(configure({"task": "spiral"}), state) for state in new_group("sweep", ["seed"], [[0], [0]])]
    try:
        with registry._scheduler.making:
            runs = registry.create_all(wanted, Launch(start=False))
            for run in runs:
                run.begun.result(timeout=20)
                registry.delete(run)
        for run in runs:
            run.join(20)
        assert [run.log.last for run in runs] == [None, None], "none that waited for its turn is made any more"
    finally:
        registry.close(5)
        home.release()
