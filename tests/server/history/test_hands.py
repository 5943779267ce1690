"""What a person does to a network by hand is a run of its own: it goes on from where the other is, and outlives the server."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors.numpy import load

from tests.conftest import Server
from tests.server.api import create, rows_of, wait_for

SET = {"do": "set", "layer": 0, "parameter": "W", "index": [1, 3], "value": 2.5}
SILENCE = {"do": "silence", "layer": 1, "unit": 3}
FREEZE = {"do": "freeze", "layer": 2}
DEEP = [
    {"layer": "Dense", "units": 30},
    {"layer": "ReLU"},
    {"layer": "Dense", "units": 30},
    {"layer": "ReLU"},
    {"layer": "Dense"},
]
RENEW = {"do": "renew", "layer": 2}


def weights(api: httpx.Client, id: str) -> dict[str, NDArray[Any]]:
    return load(api.get(f"/runs/{id}/export/weights.safetensors").content)


def paused_at(api: httpx.Client, step: int, **request: Any) -> str:
    id: str = create(api, start=False, **request)["id"]
    for _ in range(step):
        api.post(f"/runs/{id}/step")
    return id


def fork(api: httpx.Client, id: str, *edits: dict[str, Any], **request: Any) -> dict[str, Any]:
    reply = api.post(f"/runs/{id}/fork", json={"edits": list(edits), "start": False, **request})
    assert reply.status_code == 201, reply.text
    return reply.json()


def test_a_weight_that_is_set_is_a_run_that_differs_in_it_alone(api: httpx.Client) -> None:
    parent = paused_at(api, 21, steps=60)
    made = fork(api, parent, SET)
    assert (made["step"], made["status"], made["parent"]) == (21, "paused", {"run": parent, "step": 21})
    was, now = weights(api, parent), weights(api, made["id"])
    assert now["0.W"][1, 3] == 2.5
    now["0.W"][1, 3] = was["0.W"][1, 3]
    assert all(np.array_equal(now[name], was[name]) for name in was)
    assert made["configuration"] == api.get(f"/runs/{parent}").json()["configuration"]
    assert [(change["step"], change.get("edits")) for change in made["changes"]] == [(0, None), (21, [SET])]
    before, after = rows_of(api, parent), rows_of(api, made["id"])
    assert before.keys() <= {*after}, "it keeps the parent's curve"
    assert all(before[step] == after[step] for step in before if step < 21)
    assert after[21][2] != before.get(21, after[20])[2], "and begins with what it loses now"
    assert 21 in api.get(f"/runs/{parent}/history").json()["steps"]


def test_everything_by_hand_outlives_a_kill_and_the_script_repeats_it(
    start_server: Callable[..., Server], tmp_path: Path
) -> None:
    server = start_server()
    with httpx.Client(base_url=f"{server.url}/api", timeout=30) as api:
        first = fork(api, paused_at(api, 8, steps=40, evaluate_every=4), SILENCE, FREEZE)
        for _ in range(3):
            api.post(f"/runs/{first['id']}/step")
        id = fork(api, first["id"], RENEW, SET)["id"]
        id = fork(api, id, {**SET, "index": [0, 0]})["id"]  # at the same step once more
        frozen = weights(api, id)
        server.kill()
        start_server(port=server.port)
        run = api.get(f"/runs/{id}").json()
        assert run["step"] == 11
        assert run["configuration"]["network"][1]["silenced"] == [3]
        assert run["configuration"]["network"][2]["learning_rate_scale"] == 0
        assert [change.get("edits") for change in run["changes"][1:]] == [
            [{**SILENCE, "on": True}, {**FREEZE, "on": True}],
            [RENEW, SET],
            [{**SET, "index": [0, 0]}],
        ]
        again = weights(api, id)
        assert all(np.array_equal(again[name], frozen[name]) for name in frozen)
        api.post(f"/runs/{id}/resume")
        wait_for(api, id, lambda r: r["status"] == "finished")
        ended = weights(api, id)
        assert np.array_equal(ended["2.W"], frozen["2.W"])
        assert not np.array_equal(ended["0.W"], frozen["0.W"])
        script = api.get(f"/runs/{id}/export/script.py").text
        rows = rows_of(api, id)
    (tmp_path / "script.py").write_text(script)
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    said = subprocess.run(
        [sys.executable, "script.py"], capture_output=True, text=True, check=True, cwd=tmp_path, env=environment
    )
    losses = {int(w[1]): w[3] for line in said.stdout.splitlines() if (w := line.split())[:1] == ["step"]}
    assert {step: repr(rows[step][1]) for step in losses if step > 11} == {k: v for k, v in losses.items() if k > 11}
    assert max(losses) == 40


def test_a_fork_by_hand_of_a_run_that_trains_begins_at_its_newest_step(api: httpx.Client) -> None:
    id = create(api, steps=1_000_000, evaluate_every=100)["id"]
    wait_for(api, id, lambda r: r["step"] > 300)
    before = api.get(f"/runs/{id}").json()["step"]
    made = fork(api, id, SET, start=True)
    assert made["step"] >= before
    wait_for(api, made["id"], lambda r: r["step"] > made["step"] + 100)
    assert api.get(f"/runs/{id}").json()["status"] == "running", "which goes on"
    old = fork(api, id, SET, step=0)
    assert old["step"] == 0
    assert weights(api, old["id"])["0.W"][1, 3] == 2.5
    api.post(f"/runs/{old['id']}/step")
    assert api.get(f"/runs/{old['id']}").json()["step"] == 1


def test_a_run_that_diverged_goes_on_by_hand_from_its_last_good_step(api: httpx.Client) -> None:
    id = create(api, task="sine", steps=2000, optimizer={"name": "SGD", "learning_rate": 100.0}, network=DEEP)["id"]
    run = wait_for(api, id, lambda r: r["status"] in ("diverged", "finished"))
    assert run["status"] == "diverged"
    made = fork(api, id, RENEW)
    assert made["step"] == run["step"]
    assert all(np.isfinite(array).all() for array in weights(api, made["id"]).values())


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        ({**SET, "layer": 7}, "from 0 to 4, got 7"),
        ({**SET, "layer": -1}, "layer"),
        ({**SET, "index": [1, 12]}, "0 to 1 × 0 to 11, got [1, 12]"),
        ({**SET, "layer": 1}, "Tanh, layer 2, has no weights"),
        ({**SET, "value": 1e300}, "value must be a finite number"),
        ({**SET, "value": "NaN"}, "value"),
        ({**SILENCE, "unit": 12}, "unit must be a number from 0 to 11, got 12"),
        ({**FREEZE, "layer": 1}, "cannot be frozen"),
        ({**RENEW, "layer": 1}, "has no weights that could be drawn anew"),
        ({"do": "dance", "layer": 1}, "dance"),
    ],
)
def test_what_cannot_be_done_is_refused_in_words_and_makes_no_run(api: httpx.Client, edit: dict[str, Any], words: str) -> None:
    id = paused_at(api, 1)
    reply = api.post(f"/runs/{id}/fork", json={"edits": [SET, edit]})
    assert reply.status_code == 422
    error = reply.json()["error"]
    assert words in error["message"] and error["field"].startswith("edits")
    assert [run["id"] for run in api.get("/runs").json()] == [id]
    for number in ("NaN", "Infinity", "-Infinity"):
        edit_of = '{"do": "set", "layer": 0, "parameter": "W", "index": [0, 0], "value": '
        body = f'{{"edits": [{edit_of}{number}}}]}}'
        reply = api.post(f"/runs/{id}/fork", content=body, headers={"content-type": "application/json"})
        assert reply.status_code == 422, number


def test_a_step_without_a_snapshot_has_no_fork_and_silence_is_a_choice_of_any_run(api: httpx.Client) -> None:
    id = paused_at(api, 1)
    missing = api.post(f"/runs/{id}/fork", json={"step": 700, "edits": [SET]})
    assert missing.status_code == 404
    network = [{"layer": "Dense", "units": 4}, {"layer": "Tanh", "silenced": [0, 3]}, {"layer": "Dense"}]
    assert create(api, network=network, start=False)["configuration"]["network"][1] == network[1]
    network[1]["silenced"] = [4]
    refused = api.post("/runs", json={"task": "spiral", "network": network})
    assert refused.status_code == 422
    assert refused.json()["error"]["field"] == "network.1"
