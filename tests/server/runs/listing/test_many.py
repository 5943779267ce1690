"""Tags, and what is done with many runs at once: all that can be found, and words on the others."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from server.runs.registry import Registry
from tests.server.api import create, wait_for
from tests.server.runs.test_records import train

NOBODY = {"id": "000000000000", "message": "there is no run '000000000000'"}


@pytest.fixture
def three(api: httpx.Client) -> list[str]:
    """Two runs that took steps, and one that did not."""
    ids = [create(api, task="xor", steps=20, name=f"n{k}", start=k < 2)["id"] for k in range(3)]
    for id in ids[:2]:
        wait_for(api, id, lambda run: run["status"] == "finished")
    return ids


def tags(api: httpx.Client) -> dict[str, list[str] | None]:
    found = api.get("/runs", params={"columns": "name,tags"}).json()["columns"]
    return dict(zip(found["name"], found["tags"], strict=True))


def test_a_run_has_tags_which_are_trimmed_and_stand_once(api: httpx.Client, three: list[str]) -> None:
    changed = api.patch(f"/runs/{three[0]}", json={"tags": [" b", "a ", "b"]})
    assert changed.json()["tags"] == ["b", "a"]
    assert tags(api) == {"n0": ["b", "a"], "n1": None, "n2": None}
    for wrong, words in (([""], "at least 1 character"), (["x" * 41], "at most 40"), (["a"] * 21, "at most 20"), ("a", "list")):
        refused = api.patch(f"/runs/{three[0]}", json={"tags": wrong, "note": "other"})
        assert refused.status_code == 422
        assert refused.json()["error"]["field"].startswith("tags")
        assert words in refused.json()["error"]["message"]
    assert api.get(f"/runs/{three[0]}").json()["tags"] == ["b", "a"]
    assert api.get(f"/runs/{three[0]}").json()["note"] == ""


def test_tags_are_there_after_a_restart(open_runs: Callable[[], Registry]) -> None:
    run = train(open_runs(), 6)
    run.ask(lambda: run.tune({"tags": ["good"]})).result(30)
    again = open_runs().get(run.id)
    assert again.state.tags == ["good"]


def test_many_runs_are_changed_alike_and_the_others_named(api: httpx.Client, three: list[str]) -> None:
    api.patch(f"/runs/{three[0]}", json={"tags": ["old", "stays"]})
    said = {"add_tags": ["new", "stays"], "remove_tags": ["old"], "note": "all"}
    answer = api.patch("/runs", json={"ids": [*three, three[0], NOBODY["id"]], "changes": said}).json()
    assert answer == {"changed": three, "refused": [NOBODY]}
    assert tags(api) == {"n0": ["stays", "new"], "n1": ["new", "stays"], "n2": ["new", "stays"]}
    assert [run["note"] for run in api.get("/runs").json()] == ["all"] * 3
    api.patch(f"/runs/{three[0]}", json={"tags": [str(k) for k in range(20)]})
    answer = api.patch("/runs", json={"ids": three[:2], "changes": {"add_tags": ["one more"], "name": "same"}}).json()
    assert answer["changed"] == [three[1]]
    assert answer["refused"][0]["message"] == "a run has 20 tags at the most, this one would have 21"
    assert [run["name"] for run in api.get("/runs").json()] == ["n0", "same", "n2"]


def test_many_are_deleted_and_those_that_took_steps_come_back_in_their_places(api: httpx.Client, three: list[str]) -> None:
    stays = create(api, task="xor", steps=20, name="stays")["id"]
    answer = api.post("/runs/delete", json={"ids": [*reversed(three), NOBODY["id"]]}).json()
    assert (answer["deleted"], answer["refused"]) == (three[::-1], [NOBODY])
    assert [run["id"] for run in api.get("/runs").json()] == [stays]
    assert list(tags(api)) == ["stays"]
    answer = api.post("/runs/restore", json={"ids": three[::-1]}).json()
    assert sorted(answer["restored"]) == sorted(three[:2])
    assert [one["id"] for one in answer["refused"]] == [three[2]]
    assert [run["id"] for run in api.get("/runs").json()] == [*three[:2], stays]
    assert list(tags(api)) == ["n0", "n1", "stays"]


def test_runs_with_which_nobody_did_anything_are_in_no_table(api: httpx.Client) -> None:
    id = create(api, task="xor", start=False)["id"]
    assert tags(api) == {}
    assert len(api.get("/runs").json()) == len(api.get("/runs", params={"order": "created"}).json()) == 1
    api.patch(f"/runs/{id}", json={"tags": ["mine"]})
    assert list(tags(api).values()) == [["mine"]]


def test_groups_count_what_is_alike_with_the_best_of_each(api: httpx.Client) -> None:
    axes = [{"path": "optimizer.learning_rate", "values": [0.1, 0.2, 0.3]}]
    group = api.post("/groups", json={"kind": "sweep", "base": {"task": "xor", "steps": 30}, "axes": axes}).json()
    for run in group["runs"]:
        wait_for(api, run["id"], lambda run: run["status"] == "finished")
    sine = create(api, task="sine", steps=20, name="alone")["id"]
    loss = wait_for(api, sine, lambda run: run["status"] == "finished")["metrics"]["test_loss"]

    def groups(**query: Any) -> list[dict[str, Any]]:
        return api.get("/runs/groups", params=query).json()

    best = max(api.get(f"/runs/{run['id']}").json()["best_accuracy"] for run in group["runs"])
    alone = {"value": None, "title": "", "count": 1, "best": loss, "goal": "down"}
    swept = {"value": group["id"], "title": "Sweep of XOR: learning rate", "count": 3, "best": best, "goal": "up"}
    assert groups(by="sweep") == [alone, swept]
    assert groups(by="sweep", filter="learning_rate > 0.15 and has sweep")[0]["count"] == 2
    assert [(one["title"], one["count"]) for one in groups(by="task")] == [("Sine", 1), ("XOR", 3)]
    assert api.get("/runs/groups", params={"by": "nothing"}).json()["error"]["field"] == "by"
