"""Searches through the API: what they try, what they tell, and that they outlast orders and a killed server."""

import math
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.conftest import Server

BASE = {"task": "xor", "steps": 90, "data": {"points": 40}, "evaluate_every": 10}
RATES = {"path": "optimizer.learning_rate", "values": [0.001, 0.01, 0.1]}
BATCHES = {"path": "batch_size", "values": [5, 10, 20]}


def begin(api: httpx.Client, search: dict[str, Any], axes: list[dict] | None = None, **more: Any) -> dict[str, Any]:
    said = {"kind": "sweep", "base": BASE, "axes": axes or [RATES, BATCHES], "search": search, **more}
    reply = api.post("/groups", json=said)
    assert reply.status_code == 201, reply.text
    return reply.json()


def wait(api: httpx.Client, group: dict[str, Any], condition: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    end = time.monotonic() + 90
    while time.monotonic() < end:
        now = api.get(f"/groups/{group['id']}", params={"brief": True}).json()
        if condition(now["search"]):
            return now["search"]
        time.sleep(0.02)
    raise AssertionError(now["search"])


def ended(api: httpx.Client, group: dict[str, Any]) -> dict[str, Any]:
    return wait(api, group, lambda search: search["status"] == "finished")


def last_loss(api: httpx.Client, id: str, step: int) -> float:
    columns = api.get(f"/runs/{id}/metrics").json()["columns"]
    return columns["test_loss"][columns["step"].index(step)]


def test_halving_trains_all_a_little_and_the_best_further(api: httpx.Client) -> None:
    group = begin(api, {"how": "halving"})
    search = ended(api, group)
    assert search["rungs"] == [{"steps": 10, "trials": 9}, {"steps": 30, "trials": 4}, {"steps": 90, "trials": 1}]
    trials = search["trials"]
    assert [trial["values"] for trial in trials] == [[r, b] for r in RATES["values"] for b in BATCHES["values"]]
    first = {trial["number"]: last_loss(api, trial["runs"][0], 10) for trial in trials}
    third = sorted(first, key=first.__getitem__)[:4]
    assert sorted(t["number"] for t in trials if t["rung"] > 0) == sorted(third)
    second = {number: last_loss(api, trials[number]["runs"][0], 30) for number in third}
    assert search["best"] == min(second, key=second.__getitem__)
    best = trials[search["best"]]
    assert (best["status"], best["step"], best["rung"]) == ("done", 90, 2)
    assert best["score"] == last_loss(api, best["runs"][0], 90)
    assert {trial["status"] for trial in trials} == {"out", "done"}
    assert [trial["scored_at"] for trial in trials] == [[10, 30, 90][trial["rung"]] for trial in trials]
    assert (search["steps"], search["grid_steps"]) == (9 * 10 + 4 * 20 + 60, 9 * 90)
    assert (search["planned"], search["begun"], search["ended"]) == (9, 9, 9)
    assert sum(one["share"] for one in search["importance"]) == pytest.approx(1, abs=0.6)
    run = api.get(f"/runs/{best['runs'][0]}").json()
    assert run["configuration"]["steps"] == 90
    assert not run["changes"], "the schedule knew the number of steps from the beginning"
    listed = next(one for one in api.get("/groups").json() if one["id"] == group["id"])
    assert (listed["search"]["how"], listed["search"]["status"], listed["search"]["ended"]) == ("halving", "finished", 9)
    assert "learning rate" in listed["search"]["best"]
    assert len(api.get(f"/groups/{group['id']}").json()["runs"]) == 9


def test_repeats_are_seeds_of_the_same_data_with_mean_and_spread(api: httpx.Client) -> None:
    group = begin(api, {"how": "grid", "repeats": 3}, [RATES])
    search = ended(api, group)
    runs = {run["id"]: run for run in api.get(f"/groups/{group['id']}").json()["runs"]}
    for trial in search["trials"]:
        own = [runs[id] for id in trial["runs"]]
        losses = [run["metrics"]["test_loss"] for run in own]
        assert trial["scores"] == losses
        assert trial["score"] == pytest.approx(sum(losses) / 3)
        assert trial["spread"] == pytest.approx(math.sqrt(sum((x - trial["score"]) ** 2 for x in losses) / 3))
        assert [run["configuration"]["seed"] for run in own] == [7, 8, 9]
        assert {run["configuration"]["data_seed"] for run in own} == {7}
        assert [run["group"]["place"] for run in own] == [3 * trial["number"] + k for k in range(3)]


def test_what_diverges_is_the_worst_and_no_gap(api: httpx.Client) -> None:
    sine = {"task": "sine", "steps": 40, "optimizer": {"name": "SGD", "learning_rate": 0.01}, "evaluate_every": 10}
    axis = {"path": "optimizer.learning_rate", "values": [0.01, 100]}
    linear = [{"layer": "Dense", "units": 8}, {"layer": "ReLU"}, {"layer": "Dense"}]
    search = ended(api, begin(api, {"how": "halving", "keep": 2}, [axis], base={**sine, "network": linear}))
    good, bad = search["trials"]
    assert (bad["status"], bad["score"], bad["diverged"], bad["rung"]) == ("diverged", None, 1, 0)
    assert (good["status"], search["best"]) == ("done", 0)


def test_random_search_has_any_number_of_choices_and_the_same_by_its_seed(api: httpx.Client) -> None:
    axes = [
        {"path": "optimizer.learning_rate", "low": 1e-4, "high": 0.1},
        {"path": "network.0.units", "low": 2, "high": 9},
        {"path": "data.noise", "low": 0, "high": 0.3},
        {"path": "activation", "values": ["ReLU", "Tanh"]},
    ]
    wanted = {"how": "random", "runs": 5, "goal": "test_accuracy"}
    searches = [ended(api, begin(api, {**wanted, "seed": seed}, axes)) for seed in (3, 3, 4)]
    found = [search["trials"] for search in searches]
    assert searches[0]["better"] == "higher"
    assert found[0][searches[0]["best"]]["score"] == max(trial["score"] for trial in found[0])
    values = [[trial["values"] for trial in trials] for trials in found]
    assert values[0] == values[1] != values[2]
    scores = [[trial["score"] for trial in trials] for trials in found]
    assert scores[0] == scores[1]
    rates, units, noises, _ = zip(*values[0], strict=True)
    assert all(1e-4 <= rate <= 0.1 for rate in rates)
    assert all(isinstance(unit, int) and 2 <= unit <= 9 for unit in units)
    described = api.get(f"/runs/{found[0][0]['runs'][0]}").json()
    run = described["configuration"]
    assert found[0][0]["score"] == described["metrics"]["test_accuracy"]
    assert (run["network"][0]["units"], run["data"]["noise"]) == (units[0], noises[0])


def test_widened_and_more_it_goes_on(api: httpx.Client) -> None:
    group = begin(api, {"how": "grid"}, [{"path": "optimizer.learning_rate", "values": [0.0001, 0.001, 0.01]}])
    search = ended(api, group)
    (edge,) = search["edges"]
    assert (edge["path"], edge["side"], edge["value"], edge["values"]) == (
        *("optimizer.learning_rate", "high", 0.01),
        [0.0001, 0.001, 0.01, 0.1],
    )
    assert edge["sentence"] == "The best learning rate, 0.01, is the largest that was tried: widen it."
    wider = api.post(f"/groups/{group['id']}/widen", json={})
    assert wider.status_code == 200, wider.text
    assert wider.json()["search"]["axes"][0]["values"] == [0.0001, 0.001, 0.01, 0.1]
    search = ended(api, group)
    assert [trial["values"] for trial in search["trials"]] == [[0.0001], [0.001], [0.01], [0.1]]
    refused = api.post(f"/groups/{group['id']}/more", json={})
    assert (refused.status_code, refused.json()["error"]["field"]) == (422, "runs"), "the list has nothing new"
    other = api.post(f"/groups/{group['id']}/widen", json={"path": "batch_size"})
    assert (other.status_code, other.json()["error"]["field"]) == (422, "path")

    group = begin(api, {"how": "random", "runs": 4}, [{"path": "optimizer.learning_rate", "low": 1e-4, "high": 0.1}])
    first = ended(api, group)
    best = first["trials"][first["best"]]["values"][0]
    more = api.post(f"/groups/{group['id']}/more", json={"runs": 3})
    assert more.json()["search"]["planned"] == 7
    near = [trial["values"][0] for trial in ended(api, group)["trials"][4:]]
    assert len(near) == 3
    assert sum(abs(math.log10(rate / best)) < 0.75 for rate in near) >= 2


def test_orders_reach_the_search_and_its_runs(api: httpx.Client) -> None:
    group = begin(api, {"how": "halving"}, base={**BASE, "steps": 900_000}, start=False, speed=200)
    assert (group["runs"], group["search"]["status"]) == ([], "paused")
    assert api.get(f"/groups/{group['id']}").json()["search"]["begun"] == 0
    assert group["id"] in [one["id"] for one in api.get("/groups").json()]
    resumed = api.post(f"/groups/{group['id']}/resume").json()
    assert resumed["search"]["status"] == "running"
    wait(api, group, lambda search: search["steps"] > 10)
    paused = api.post(f"/groups/{group['id']}/pause").json()
    assert {run["status"] for run in paused["runs"]} == {"paused"}
    assert paused["search"]["status"] == "paused"
    refused = api.post(f"/groups/{group['id']}/pause")
    assert (refused.status_code, refused.json()["error"]["message"]) == (409, "cannot pause a search that is paused")
    api.post(f"/groups/{group['id']}/resume")
    stopped = api.post(f"/groups/{group['id']}/stop").json()
    assert {run["status"] for run in stopped["runs"]} == {"stopped"}
    search = stopped["search"]
    assert search["status"] == "stopped"
    assert {trial["status"] for trial in search["trials"]} == {"stopped"}
    assert search["planned"] == search["begun"] == search["ended"]
    assert api.post(f"/groups/{group['id']}/resume").status_code == 409
    assert api.delete(f"/groups/{group['id']}").status_code == 204
    assert api.get(f"/groups/{group['id']}").status_code == 404
    api.post(f"/runs/{stopped['runs'][0]['id']}/restore")
    assert api.get(f"/groups/{group['id']}").json()["search"]["status"] == "stopped"


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"search": {"how": "luck"}}, "search.how", "'grid'"),
        ({"search": {"how": "grid", "runs": 4}}, "search.runs", "a grid has all 9 combinations; for 4 choose random"),
        (
            {"search": {"how": "random", "runs": 100_000}, "axes": [{"path": "seed", "low": 0, "high": 999_999}]},
            "search.runs",
            "",
        ),
        ({"search": {"how": "halving"}, "axes": [{"path": "steps", "values": [10, 20]}]}, "search.how", "steps cannot be"),
        ({"search": {"how": "grid", "repeats": 2}, "axes": [{"path": "seed", "values": [1, 2]}]}, "search.repeats", "seed"),
        ({"search": {"how": "grid"}, "axes": [RATES, RATES]}, "", "every path stands only once"),
        ({"axes": [{"path": "batch_size", "low": 5, "high": 1}]}, "axes.0.low", "low must be less than high"),
        ({"axes": [{"path": "batch_size", "low": 0, "high": 9}]}, "axes.0.low", "must be a number from 1 to 10000, got 0"),
        ({"axes": [{"path": "batch_size", "low": 1.5, "high": 9}]}, "axes.0.low", "whole numbers, got 1.5"),
        ({"axes": [{"path": "optimizer", "low": 1, "high": 9}]}, "axes.0.path", "is no number"),
        ({"axes": [{"path": "batch_size", "low": 1}]}, "axes.0", "both low and high"),
        ({"axes": [{"path": "batch_size", "low": 1, "high": 3, "values": [1]}]}, "axes.0", "one of the two"),
        ({"axes": [{"path": "batch_size", "values": [5, 0]}]}, "batch_size", "must be a number from 1"),
        ({"base": {"task": "sine"}, "search": {"how": "grid", "goal": "test_accuracy"}}, "search.goal", "has no accuracy"),
        ({"kind": "race"}, "", "no search"),
    ],
    ids=str,
)
def test_what_is_not_allowed_is_named(api: httpx.Client, changes: dict, field: str, words: str) -> None:
    said = {"kind": "sweep", "base": BASE, "axes": [RATES, BATCHES], "search": {"how": "grid"}, "start": False}
    refused = api.post("/groups", json=said | changes)
    assert refused.status_code == 422, refused.text
    error = refused.json()["error"]
    assert (error["field"] or "", words in error["message"]) == (field, True), error
    assert not api.get("/runs").json()


def test_a_range_without_a_search_is_cut_into_its_values(api: httpx.Client) -> None:
    axis = {"path": "optimizer.learning_rate", "low": 1e-3, "high": 1e-1, "count": 3}
    group = api.post("/groups", json={"kind": "sweep", "base": BASE, "axes": [axis], "start": False}).json()
    assert [run["group"]["at"] for run in group["runs"]] == [[0.001], [0.01], [0.1]]
    assert group["search"] is None
    assert api.post(f"/groups/{group['id']}/more", json={}).status_code == 409


def test_a_killed_server_goes_on_where_it_was(start_server: Callable[..., Server], client: Callable[..., httpx.Client]) -> None:
    """The same trials as in one go, with the same scores, whenever the server was killed."""
    server = start_server(NN_BASICS_MAX_TRAINING="2")
    api = client(server.url)
    slow = {**BASE, "steps": 900, "evaluate_every": 20}
    straight = ended(api, begin(api, {"how": "halving"}, base=slow))
    group = begin(api, {"how": "halving"}, base=slow, speed=600)
    for rung in (0, 1):
        wait(api, group, lambda search, rung=rung: any(trial["rung"] == rung for trial in search["trials"]))
        server.kill()
        server = start_server(port=server.port, NN_BASICS_MAX_TRAINING="2")
        now = api.get(f"/groups/{group['id']}", params={"brief": True}).json()["search"]
        assert now["status"] == "interrupted"
        assert any(trial["rung"] == rung for trial in now["trials"]), "what was told is kept"
        assert api.post(f"/groups/{group['id']}/resume").json()["search"]["status"] == "running"
    again = ended(api, group)
    told = ("values", "status", "rung", "step", "score")
    assert [[t[name] for name in told] for t in again["trials"]] == [[t[name] for name in told] for t in straight["trials"]]
    assert again["best"] == straight["best"]


def test_without_room_for_its_first_run_it_is_there_says_why_and_goes_on(
    start_server: Callable[..., Server], client: Callable[..., httpx.Client]
) -> None:
    server = start_server(NN_BASICS_MAX_RUNS="3")
    api = client(server.url)
    group = begin(api, {"how": "grid"}, [RATES], start=False)
    kept = [api.post("/runs", json={"task": "xor", "name": "kept", "start": False}).json()["id"] for _ in range(3)]
    full = "3 runs are kept already; delete some of them first"
    for status in (200, 429):  # a run that is asked for, and one that was asked for before
        assert api.post(f"/groups/{group['id']}/resume").status_code == status
        now = api.get(f"/groups/{group['id']}").json()
        assert (now["runs"], now["search"]["status"], now["search"]["error"]) == ([], "paused", f"paused: {full}")
        assert [one["id"] for one in api.get("/groups").json()] == [group["id"]]
    server.kill()
    api = client(start_server(port=server.port, NN_BASICS_MAX_RUNS="4").url)
    assert api.get(f"/groups/{group['id']}").json()["search"]["begun"] == 1
    for id in kept[1:]:
        api.delete(f"/runs/{id}")
    assert api.post(f"/groups/{group['id']}/resume").status_code == 200
    assert ended(api, group)["ended"] == 3


def test_only_what_is_new_is_told_and_a_combination_that_no_run_can_have_says_why(api: httpx.Client) -> None:
    """Each value can be had with the others' first one, but the largest not together."""
    dense = {"layer": "Dense", "units": 2}
    network = [dense, {"layer": "ReLU"}, dense, dense]
    axes = [{"path": f"network.{k}.units", "values": [2, 4096]} for k in (0, 2)]
    group = begin(api, {"how": "grid"}, axes, base={**BASE, "steps": 2, "network": network}, start=False)

    def told(since: int) -> httpx.Response:
        return api.get(f"/groups/{group['id']}", params={"brief": True, "since": since})

    assert told(group["search"]["revision"]).status_code == 304
    api.post(f"/groups/{group['id']}/resume")
    search = ended(api, group)
    statuses = [(trial["status"], trial["error"] is None) for trial in search["trials"]]
    assert statuses == [("done", True)] * 3 + [("failed", False)]
    last = search["trials"][3]
    assert (last["runs"], last["score"]) == ([None], None)
    assert "parameters, 16,781,312 of them in layer 3; this server allows 5,000,000" in last["error"]
    assert told(search["revision"]).status_code == 304
    assert [trial["number"] for trial in told(0).json()["search"]["trials"]] == [0, 1, 2, 3]
    api.delete(f"/runs/{search['trials'][1]['runs'][0]}")
    now = told(search["revision"]).json()["search"]
    assert [(trial["number"], trial["status"]) for trial in now["trials"]] == [(1, "deleted")]
    assert (now["begun"], now["ended"], now["steps"]) == (4, 4, 4)
    assert told(now["revision"]).status_code == 304
