"""What is found of a run is in its JSON, its log, on its stream and in groups; and remedies are tried beside it."""

import json
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from websockets.sync.client import connect

from server.history.snapshots import last_sound
from server.messages import COLUMNS
from tests.conftest import Server
from tests.server.api import create, wait_for

LINEAR = {"network": [{"layer": "Dense", "units": 8}, {"layer": "Dense", "units": 3}]}
TOO_FAST = {"optimizer": {"name": "SGD", "learning_rate": 10.0}, "steps": 400}


def causes(run: dict[str, Any]) -> list[str]:
    return [finding["cause"] for finding in run["findings"]]


def finished(api: httpx.Client, id: str) -> dict[str, Any]:
    return wait_for(api, id, lambda run: run["status"] == "finished")


def test_what_is_found_before_the_first_step_is_told_everywhere(server: Server, api: httpx.Client) -> None:
    run = create(api, **LINEAR, start=False)
    [found] = run["findings"]
    assert (found["cause"], found["kind"], found["since"]) == ("linear stack", "ill", 0)
    assert found["sentence"]
    assert found["remedies"][0]["changes"]
    assert api.get("/runs").json()[0]["findings"] == [found]
    assert api.get(f"/runs/{run['id']}/findings").json() == [{"step": 0, "findings": [found]}]
    with connect(f"{server.socket}/api/runs/{run['id']}/stream") as page:
        heard = [json.loads(page.recv(timeout=30)) for _ in range(2)]
    assert [message["type"] for message in heard] == ["status", "findings"]
    assert heard[1] == {"type": "findings", "step": 0, "findings": [found]}
    healthy = create(api, start=False)
    assert healthy["findings"] == []
    with connect(f"{server.socket}/api/runs/{healthy['id']}/stream") as page:
        page.recv(timeout=30)
        assert json.loads(page.recv(timeout=30)) == {"type": "findings", "step": 0, "findings": []}


def test_a_remedy_that_needs_a_new_start_waits_beside_a_run_that_waits(api: httpx.Client) -> None:
    ill = create(api, **LINEAR, start=False)
    remedy = ill["findings"][0]["remedies"][0]
    answer = api.post(f"/runs/{ill['id']}/remedy", json={"finding": "linear stack"})
    assert answer.status_code == 201, answer.text
    group = answer.json()
    was, cured = group["runs"]
    assert (group["kind"], was["id"], cured["name"], cured["status"]) == ("race", ill["id"], remedy["title"], "paused")
    assert [run["group"]["at"] for run in group["runs"]] == [["as it was"], [remedy["title"]]]
    assert cured["remedy"] == {"run": ill["id"], "cause": "linear stack", "title": remedy["title"]}
    assert cured["findings"] == []
    assert len(cured["configuration"]["network"]) == 3
    assert cured["configuration"]["seed"] == ill["configuration"]["seed"]
    assert api.get(f"/runs/{ill['id']}").json() == ill, "the ill one is as it was"
    assert api.get(f"/groups/{group['id']}").json() == {**group, "search": None}
    mark = {name: ill["findings"][0][name] for name in ("cause", "title", "kind")}
    [entry] = api.get("/groups").json()
    assert (entry["runs"], entry["marks"]) == ([ill["id"], cured["id"]], [mark, None])

    assert api.delete(f"/runs/{cured['id']}").status_code == 204
    assert api.get("/groups").json() == []
    assert api.get(f"/groups/{group['id']}").status_code == 404
    assert api.get(f"/runs/{ill['id']}").json() == ill

    with ThreadPoolExecutor(4) as pages:  # several pages press at once: each has a repaired run of its own
        answers = list(pages.map(lambda _: api.post(f"/runs/{ill['id']}/remedy", json={"finding": "linear stack"}), range(4)))
    assert [answer.status_code for answer in answers] == [201] * 4
    assert len({answer.json()["runs"][1]["id"] for answer in answers}) == 4
    assert api.delete(f"/runs/{ill['id']}").status_code == 204
    for left in (answer.json() for answer in answers):
        assert [run["id"] for run in api.get(f"/groups/{left['id']}").json()["runs"]] == [left["runs"][1]["id"]], (
            "it is cured alone"
        )


def test_another_remedy_goes_on_from_where_the_run_was_sound(server: Server, api: httpx.Client) -> None:
    id = create(api, **TOO_FAST, start=False)["id"]
    heard: list[dict[str, Any]] = []
    with connect(f"{server.socket}/api/runs/{id}/stream") as page:
        api.post(f"/runs/{id}/resume")
        ended = finished(api, id)
        while not heard or heard[-1]["findings"] != ended["findings"]:
            message = json.loads(page.recv(timeout=30))
            heard += [message] if message["type"] == "findings" else []
    assert (heard[0]["step"], heard[0]["findings"]) == (0, [])
    assert "step too large" in causes(ended)
    log = api.get(f"/runs/{id}/findings").json()
    assert [entry["step"] for entry in log] == sorted({entry["step"] for entry in log})
    assert log[-1]["findings"] == ended["findings"]

    place = causes(ended).index("step too large")
    group = api.post(f"/runs/{id}/remedy", json={"finding": "step too large", "remedy": 0}).json()
    cured = finished(api, group["runs"][1]["id"])
    assert cured["parent"]["run"] == id
    assert cured["parent"]["step"] <= ended["findings"][place]["since"]
    assert cured["optimizer"]["learning_rate"] < 10
    assert cured["metrics"]["test_loss"] < 0.5 * ended["metrics"]["test_loss"]
    early = api.get(f"/runs/{cured['id']}/findings").json()
    assert [entry for entry in early if entry["step"] < cured["parent"]["step"]] == [
        entry for entry in log if entry["step"] < cured["parent"]["step"]
    ]
    table = api.get(f"/groups/{group['id']}/export/metrics.csv").text
    assert table.startswith("run,remedy,step,")
    assert {line.split(",")[1] for line in table.splitlines()[1:]} == {"as it was", cured["name"]}
    assert api.delete(f"/groups/{group['id']}").status_code == 204
    assert [run["id"] for run in api.get("/runs").json()] == [id], "only the new one was of the group's own"


@pytest.mark.parametrize(
    ("losses", "since", "step"),
    [
        ({0: 1.1, 10: 0.8, 20: 0.85, 30: 5.0, 40: 0.7}, 35, 20),  # thrown at 30; what came later does not count
        ({0: 1.1, 10: 9.0, 20: 8.0}, 20, 0),
        ({0: 1.1, 10: 1.0, 20: float("nan")}, 20, 10),
        ({0: None, 10: None}, 10, None),
    ],
)
def test_a_cure_begins_at_the_last_snapshot_where_all_was_well(
    losses: dict[int, float | None], since: int, step: int | None
) -> None:
    rows = [tuple(at if name == "step" else loss for name in COLUMNS) for at, loss in losses.items()]
    checkpoints = SimpleNamespace(steps=lambda: list(losses))
    assert last_sound(SimpleNamespace(log=rows, checkpoints=checkpoints), since) == step


def test_a_remedy_that_cannot_be_tried_is_refused_in_words(api: httpx.Client) -> None:
    id = create(api, **LINEAR, start=False)["id"]

    def refused(**said: Any) -> tuple[int, str | None, str]:
        answer = api.post(f"/runs/{id}/remedy", json=said)
        error = answer.json()["error"]
        return answer.status_code, error["field"], error["message"]

    status, field, words = refused(finding="dead units")
    assert (status, field, words) == (
        409,
        None,
        "dead units is not found in this run any more; now it is: linear stack",
    )
    there = len(api.get(f"/runs/{id}").json()["findings"][0]["remedies"])
    assert refused(finding="linear stack", remedy=9)[:2] == (422, "remedy")
    assert f"0 to {there - 1}, got 9" in refused(finding="linear stack", remedy=9)[2]
    assert refused(finding="linear stack", remedy=-1)[:2] == (422, "remedy")
    assert refused(finding="flu")[:2] == (422, "finding")
    assert refused()[:2] == (422, "finding")
    assert api.post("/runs/0123456789ab/remedy", json={"finding": "linear stack"}).status_code == 404
    assert [run["id"] for run in api.get("/runs").json()] == [id]
