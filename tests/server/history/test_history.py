"""The history of a run: its snapshots look as the run did, and a new run goes on from each of them."""

import json
from typing import Any

import httpx
import numpy as np
import pytest
from websockets.sync.client import connect

from tests.conftest import Server
from tests.server.api import create, wait_for
from tests.server.frames import Read, frames_of, read_frame

BOUNDARY = "decision boundary"


Bytes = tuple[dict[str, Any], dict[str, bytes]]
"""A header without its id, and the bytes of each array: what is the same wherever it was made."""


def raw(picture: Read) -> Bytes:
    header, arrays = picture
    return {key: value for key, value in header.items() if key != "id"}, {name: a.tobytes() for name, a in arrays.items()}


def by_name(answer: bytes) -> dict[str, Bytes]:
    return {picture[0]["name"]: raw(picture) for picture in map(read_frame, frames_of(answer))}


@pytest.fixture(scope="module")
def api(server: Server):
    with httpx.Client(base_url=f"{server.url}/api", timeout=60) as client:
        yield client


@pytest.fixture(scope="module")
def run(api: httpx.Client) -> dict:
    """A run that went from 0.005 to 0.05 while it trained."""
    id = create(api, start=False, steps=1000)["id"]
    for _ in range(37):
        api.post(f"/runs/{id}/step")
    api.patch(f"/runs/{id}", json={"optimizer": {"learning_rate": 0.05}})
    api.post(f"/runs/{id}/resume")
    return wait_for(api, id, lambda r: r["status"] == "finished")


def test_a_history_has_the_first_the_newest_and_every_change(api: httpx.Client, run: dict) -> None:
    history = api.get(f"/runs/{run['id']}/history").json()
    assert history["steps"] == sorted(history["steps"])
    assert {0, 37, 1000} <= set(history["steps"])
    assert 10 < len(history["steps"]) <= 310
    assert [change["step"] for change in history["changes"]] == [0, 37]


def test_the_history_of_a_short_fast_run_is_not_thin(api: httpx.Client) -> None:
    id = create(api, task="sine", steps=1200, speed=None)["id"]
    wait_for(api, id, lambda r: r["status"] == "finished")
    steps = api.get(f"/runs/{id}/history").json()["steps"]
    assert set(range(0, 1201, 20)) <= set(steps)


def test_a_snapshot_looks_exactly_as_it_did_live(server: Server, api: httpx.Client) -> None:
    id = create(api, start=False)["id"]
    names = [BOUNDARY, "network", "layer statistics"]
    live = {}
    with connect(f"{server.socket}/api/runs/{id}/stream") as page:
        page.send(json.dumps({"watch": names}))
        for step in range(1, 6):
            api.post(f"/runs/{id}/step")
            while (step, names[-1]) not in live or (step, names[0]) not in live or (step, names[1]) not in live:
                message = page.recv(timeout=30)
                if isinstance(message, bytes):
                    picture = read_frame(message)
                    live[picture[0]["step"], picture[0]["name"]] = raw(picture)
                    page.send(json.dumps({"drawn": picture[0]["id"]}))
    for step in (5, 1, 3, 2, 4):
        seen = by_name(api.get(f"/runs/{id}/history/{step}", params={"names": names}).content)
        assert seen == {name: live[step, name] for name in names}


def test_a_snapshot_answers_exactly_as_the_network_did_then(api: httpx.Client) -> None:
    id = create(api, task="mnist", start=False, data={"source": "bundled", "train_examples": 200})["id"]
    blank = np.zeros((28, 28, 1))
    blank[4:24, 13:16] = 1
    asked = {
        "predict": {"inputs": [blank.tolist()]},
        "follow": {"strokes": [[[0.5, 0.1], [0.45, 0.9]], [[0.2, 0.2]]]},
    }

    def told(call: str, **more: int) -> Any:
        answer = api.post(f"/runs/{id}/{call}", json={**asked[call], **more})
        assert answer.status_code == 200, answer.text
        return answer.json() if call == "predict" else raw(read_frame(answer.content))

    live = {}
    for step in range(4):
        live[step] = {call: told(call) for call in asked}
        api.post(f"/runs/{id}/step")
    assert len({str(said["follow"]) for said in live.values()}) == 4
    for step in (3, 0, 2, 1):
        assert {call: told(call, step=step) for call in asked} == live[step]
    assert told("predict")["step"] == 4
    for call, request in asked.items():
        missing = api.post(f"/runs/{id}/{call}", json={**request, "step": 5000})
        assert missing.status_code == 404
        assert "no snapshot of step 5,000" in missing.json()["error"]["message"]


def test_what_is_no_snapshot_is_refused(api: httpx.Client, run: dict) -> None:
    id = run["id"]
    assert by_name(api.get(f"/runs/{id}/history/999999", params={"names": [BOUNDARY]}).content)[BOUNDARY][0]["step"] == 1000
    assert api.get(f"/runs/{id}/history/-1", params={"names": [BOUNDARY]}).status_code == 422
    assert api.get(f"/runs/{id}/history/37", params={"names": ["nothing"]}).content == b""
    assert api.post(f"/runs/{id}/fork", json={"step": 999_999}).status_code == 404
    refused = api.post(f"/runs/{id}/fork", json={"step": 37, "changes": {"batch_size": "many"}})
    assert (refused.status_code, refused.json()["error"]["field"]) == (422, "batch_size")
    refused = api.post(f"/runs/{id}/fork", json={"step": 37, "changes": {"network": [{"layer": "Dense"}]}})
    assert (refused.status_code, refused.json()["error"]["field"]) == (422, "network")


def weights(api: httpx.Client, id: str) -> bytes:
    return api.get(f"/runs/{id}/export/weights.npz").content


@pytest.mark.parametrize("step", [0, 37, 1000])
def test_a_fork_without_changes_follows_its_parent_bit_for_bit(api: httpx.Client, run: dict, step: int) -> None:
    forked = api.post(f"/runs/{run['id']}/fork", json={"step": step, "start": False}).json()
    assert forked["parent"] == {"run": run["id"], "step": step}
    assert forked["step"] == step
    if step < 1000:
        if step < 37:
            for _ in range(37 - step):
                api.post(f"/runs/{forked['id']}/step")
            api.patch(f"/runs/{forked['id']}", json={"optimizer": {"learning_rate": 0.05}})
        api.post(f"/runs/{forked['id']}/resume")
        wait_for(api, forked["id"], lambda r: r["status"] == "finished")
    assert weights(api, forked["id"]) == weights(api, run["id"])
    mine, its = (api.get(f"/runs/{id}/metrics").json()["columns"] for id in (forked["id"], run["id"]))
    assert {k: v for k, v in mine.items() if k != "time"} == {k: v for k, v in its.items() if k != "time"}


def test_a_fork_with_changes_keeps_the_rows_until_then_and_goes_its_own_way(api: httpx.Client, run: dict) -> None:
    changes = {"optimizer": {"learning_rate": 0.2}, "batch_size": 50}
    forked = api.post(f"/runs/{run['id']}/fork", json={"step": 37, "changes": changes, "name": "faster"}).json()
    assert (forked["name"], forked["optimizer"]["learning_rate"], forked["configuration"]["batch_size"]) == ("faster", 0.2, 50)
    wait_for(api, forked["id"], lambda r: r["status"] == "finished")
    mine, its = (api.get(f"/runs/{id}/metrics").json()["columns"] for id in (forked["id"], run["id"]))
    common = sum(step <= 37 for step in its["step"])
    assert mine["loss"][:common] == its["loss"][:common]
    assert mine["loss"][-1] != its["loss"][-1]
    assert api.get(f"/runs/{forked['id']}/export/script.py").status_code == 200


def test_a_snapshot_with_arrays_is_the_same_for_every_page(api: httpx.Client, run: dict) -> None:
    first = api.get(f"/runs/{run['id']}/history/37", params={"names": [BOUNDARY]}).content
    assert first == api.get(f"/runs/{run['id']}/history/37", params={"names": [BOUNDARY]}).content
    header, _ = by_name(first)[BOUNDARY]
    assert header["step"] == 37
    assert np.prod(header["arrays"][0]["shape"]) == 100 * 100


def test_painting_while_it_trains_changes_the_data_and_the_history_remembers_both(api: httpx.Client) -> None:
    id = create(api, task="painted", start=False)["id"]
    for _ in range(3):
        api.post(f"/runs/{id}/step")
    painted = api.patch(f"/runs/{id}", json={"data": {"drawing": "AAAAABgAgACAgAgB__AA" + "C_____"[:5]}})
    assert painted.status_code == 200, painted.text
    assert painted.json()["examples"] == [4, 1]
    api.post(f"/runs/{id}/step")
    counts = {}
    for step in (2, 4, 2):
        header, _ = by_name(api.get(f"/runs/{id}/history/{step}", params={"names": [BOUNDARY]}).content)[BOUNDARY]
        counts[step] = next(a["shape"][0] for a in header["arrays"] if a["name"] == "labels")
    assert counts == {2: 36, 4: 5}
    assert api.get(f"/runs/{id}/export/script.py").status_code == 409
    refused = api.patch(f"/runs/{id}", json={"data": {"drawing": "nonsense"}})
    assert (refused.status_code, refused.json()["error"]["field"]) == (422, "data.drawing")
    assert api.patch(f"/runs/{id}", json={"data": {"classes": 5}}).status_code == 422
    assert api.get(f"/runs/{id}").json()["configuration"]["data"]["classes"] == 3


def test_the_example_history_is_that_of_the_snapshots(api: httpx.Client, run: dict) -> None:
    answer = api.get(f"/runs/{run['id']}/history/examples")
    assert answer.status_code == 200
    _, arrays = read_frame(answer.content)
    kept = set(api.get(f"/runs/{run['id']}/history").json()["steps"])
    steps = arrays["steps"].astype(int).tolist()
    assert set(steps) <= kept
    assert (steps[0], steps[-1]) == (0, 1000)
    assert 20 < len(steps) <= 82
    # at the newest snapshot the right ones are as many as the network says now
    accuracy = api.get(f"/runs/{run['id']}").json()["metrics"]["test_accuracy"]
    assert arrays["right"][-1][arrays["is_test"] == 1].mean() == pytest.approx(accuracy, abs=1e-6)
    again = api.get(f"/runs/{run['id']}/history/examples")
    assert again.content == answer.content


def test_a_task_without_single_examples_has_no_example_history(api: httpx.Client) -> None:
    id = create(api, start=False, task="memory")["id"]
    refused = api.get(f"/runs/{id}/history/examples")
    assert refused.status_code == 409
    assert "no single examples" in refused.json()["error"]["message"]


def test_points_that_are_painted_later_have_a_history_too(api: httpx.Client) -> None:
    id = create(api, start=False, task="painted")["id"]
    for _ in range(5):
        api.post(f"/runs/{id}/step")
    before, _ = read_frame(api.get(f"/runs/{id}/history/examples").content)
    drawing = "AAAAA" * 3 + "B____" * 4
    api.patch(f"/runs/{id}", json={"data": {"drawing": drawing}})
    header, _ = read_frame(api.get(f"/runs/{id}/history/examples").content)
    assert next(a["shape"] for a in header["arrays"] if a["name"] == "labels") == [7]
    assert len(before["arrays"]) == len(header["arrays"])
