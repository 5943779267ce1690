"""The calls of the API, against a real server."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

import engine as nn
from engine.training.check import MOST_LAYERS
from server.messages import COLUMNS
from tests.conftest import Server
from tests.server.api import create, wait_for


def test_the_catalog_lists_everything_with_limits_and_help(api: httpx.Client) -> None:
    catalog = api.get("/catalog").json()
    for table in ("tasks", "layers", "optimizers", "schedules", "losses", "regularizers", "initializers", "run"):
        assert catalog[table]
    for table in ("tasks", "layers", "optimizers"):
        for owner in catalog[table]:
            for field in owner["fields"]:
                assert field["help"]
                assert {"name", "type", "default", "minimum", "maximum", "among"} <= set(field)


def test_the_engines_own_lines_can_be_read_and_no_others(api: httpx.Client) -> None:
    found = api.get("/catalog/source", params={"kind": "layers", "name": "ReLU"}).json()
    lines = (Path(__file__).parents[2] / found["path"]).read_text(encoding="utf-8").splitlines()
    assert lines[found["first"] - 1 :][: len(found["text"].splitlines())] == found["text"].splitlines()
    assert "class ReLU(Activation):" in found["text"]
    for kind, name in (("layers", "../../server/app.py"), ("server", "app"), ("../..", "Dense"), ("terms", "replay"), ("", "")):
        refused = api.get("/catalog/source", params={"kind": kind, "name": name})
        assert refused.status_code == 404, (kind, name)
        assert "there are no lines of the engine for" in refused.json()["error"]["message"]
    assert api.get("/catalog/source").status_code == 422


def test_a_run_trains_to_its_end(api: httpx.Client) -> None:
    run = create(api, steps=300)
    done = wait_for(api, run["id"], lambda r: r["status"] == "finished")
    assert (done["step"], done["epoch"], done["error"]) == (300, 300, None)
    assert done["metrics"]["test_accuracy"] > 0.9
    assert done["configuration"]["network"][0]["units"] == 12
    assert [layer["output_shape"] for layer in done["layers"]] == [[12], [12], [12], [12], [3]]
    columns = api.get(f"/runs/{run['id']}/metrics").json()["columns"]
    assert list(columns) == list(COLUMNS)
    assert columns["step"][-1] == 300
    later = api.get(f"/runs/{run['id']}/metrics", params={"since": 5}).json()
    assert later["since"] == 5
    assert later["columns"]["step"] == columns["step"][5:]


def test_pause_step_resume_stop(api: httpx.Client) -> None:
    id = create(api, start=False, steps=10_000_000)["id"]
    assert api.get(f"/runs/{id}").json()["status"] == "paused"
    assert api.post(f"/runs/{id}/step").json()["step"] == 1
    assert api.post(f"/runs/{id}/step").json()["step"] == 2
    assert api.post(f"/runs/{id}/resume").json()["status"] == "running"
    wait_for(api, id, lambda r: r["step"] > 50)
    paused = api.post(f"/runs/{id}/pause").json()
    assert paused["status"] == "paused"
    assert api.get(f"/runs/{id}").json()["step"] == paused["step"]
    assert api.post(f"/runs/{id}/step").json()["step"] == paused["step"] + 1
    assert api.post(f"/runs/{id}/stop").json()["status"] == "stopped"
    for order, allowed in (
        ("pause", "running or queued"),
        ("resume", "paused or interrupted"),
        ("step", "paused or interrupted"),
        ("stop", "running or queued or paused or interrupted"),
    ):
        refused = api.post(f"/runs/{id}/{order}")
        assert refused.status_code == 409
        assert refused.json()["error"]["message"] == f"cannot {order} a run that is stopped; it must be {allowed}"
    assert api.delete(f"/runs/{id}").status_code == 204
    assert api.get(f"/runs/{id}").status_code == 404


def test_what_may_change_while_it_trains(api: httpx.Client) -> None:
    id = create(api, steps=10_000_000, speed=50)["id"]
    changed = api.patch(
        f"/runs/{id}", json={"optimizer": {"learning_rate": 0.5}, "speed": 100, "name": "fast", "note": "hot"}
    ).json()
    assert (changed["optimizer"]["learning_rate"], changed["speed"], changed["name"], changed["note"]) == (
        0.5,
        100,
        "fast",
        "hot",
    )
    assert changed["configuration"]["optimizer"]["learning_rate"] == 0.5
    for body, field in (
        ({"optimizer": {"learning_rate": -1}}, "optimizer.learning_rate"),
        ({"optimizer": {"momentum": 0.5}}, "optimizer.momentum"),
        ({"optimizer": {"name": "SGD"}}, "optimizer.name"),
        ({"speed": 0}, "speed"),
        ({"name": "x" * 81}, "name"),
        ({"seed": 3}, "seed"),
        ({"batch_size": 0}, "batch_size"),
        ({"evaluate_every": 2.5}, "evaluate_every"),
        ({"clip_norm": "no"}, "clip_norm"),
        ({"speed": 7, "regularizer": {"strength": 1}}, "regularizer.name"),
        ({"batch_size": 64, "schedule": {"name": "Cosine", "warmup": 3}}, "schedule.warmup"),
        ({"speed": 7, "optimizer": {"beta1": 2}}, "optimizer.beta1"),
    ):
        refused = api.patch(f"/runs/{id}", json=body)
        assert refused.status_code == 422, body
        assert refused.json()["error"]["field"] == field
    assert api.get(f"/runs/{id}").json()["speed"] == 100
    assert api.get(f"/runs/{id}").json()["configuration"]["batch_size"] == changed["configuration"]["batch_size"]
    assert api.patch(f"/runs/{id}", json={"speed": None}).json()["speed"] is None


def test_each_choice_of_the_catalog_that_may_change_does_while_it_trains_and_counts_as_a_change(api: httpx.Client) -> None:
    values = {
        "optimizer": {"learning_rate": 0.0123},
        "schedule": {"name": "Cosine"},
        "regularizer": {"name": "L1", "strength": 0.001},
        "batch_size": 50,
        "batches_per_step": 2,
        "clip_norm": 0.5,
        "evaluate_every": 10,
        "steps": 9_000_000,
    }
    assert set(values) == set(api.get("/catalog").json()["changeable"])
    id = create(api, steps=10_000_000, regularizer={"name": "L2", "strength": 0.01})["id"]
    for number, (name, value) in enumerate(values.items()):
        run = api.patch(f"/runs/{id}", json={name: value}).json()
        assert run["status"] == "running"
        assert len(run["changes"]) == number + 2
        said, kept = run["configuration"][name], {**run["changes"][-1], **run["changes"][-1]["choices"]}[name]
        assert said == kept
        assert (value.items() <= said.items()) if isinstance(value, dict) else said == value
    assert (
        api.patch(f"/runs/{id}", json={"regularizer": None, "clip_norm": None}).json()["configuration"]["regularizer"] is None
    )
    assert len(api.patch(f"/runs/{id}", json={"batch_size": 50}).json()["changes"]) == len(values) + 2  # that is none


def test_epochs_go_on_from_where_they_are_when_a_step_has_another_number_of_examples(api: httpx.Client) -> None:
    id = create(api, start=False, batch_size=10, data={"points": 100, "test_share": 0.2})["id"]
    for _ in range(4):
        before = api.post(f"/runs/{id}/step").json()
    assert before["epoch"] == 4 / before["steps_per_epoch"]
    assert api.patch(f"/runs/{id}", json={"batch_size": 1000}).json()["epoch"] == before["epoch"]
    assert api.post(f"/runs/{id}/step").json()["epoch"] == before["epoch"] + 1


def test_speed_limits_the_steps_per_second(api: httpx.Client) -> None:
    start = time.monotonic()  # the run begins before its making is answered
    id = create(api, steps=1_000_000, speed=20)["id"]
    done = wait_for(api, id, lambda r: r["step"] >= 20)
    passed = time.monotonic() - start
    assert passed > 0.8
    assert done["step"] <= 20 * passed + 3


def test_more_runs_than_may_train_wait_their_turn(start_server: Callable[..., Server]) -> None:
    server = start_server(NN_BASICS_MAX_TRAINING="1", NN_BASICS_MAX_WAITING="2")
    with httpx.Client(base_url=f"{server.url}/api", timeout=30) as api:
        first, second, third = (create(api, steps=10_000_000)["id"] for _ in range(3))
        assert [api.get(f"/runs/{id}").json()["status"] for id in (first, second, third)] == ["running", "queued", "queued"]
        assert api.get(f"/runs/{third}").json()["waiting"] == 2
        assert api.post("/runs", json={"task": "spiral"}).status_code == 429
        api.post(f"/runs/{first}/pause")
        wait_for(api, second, lambda r: r["status"] == "running")
        assert api.post(f"/runs/{first}/resume").json()["status"] == "queued"
        api.post(f"/runs/{second}/stop")
        wait_for(api, third, lambda r: r["status"] == "running")
        api.delete(f"/runs/{third}")
        wait_for(api, first, lambda r: r["status"] == "running")


def test_a_diverged_run_says_at_which_step(api: httpx.Client) -> None:
    id = create(
        api,
        task="sine",
        optimizer={"name": "SGD", "learning_rate": 100},
        network=[{"layer": "Dense", "units": 8}, {"layer": "ReLU"}, {"layer": "Dense"}],
    )["id"]
    run = wait_for(api, id, lambda r: r["status"] == "diverged")
    assert f"in step {run['step'] + 1}" in run["error"]
    assert "NaN" not in api.get(f"/runs/{id}/metrics").text


def test_predict_asks_for_a_place_whatever_the_network_is_told_of_it(api: httpx.Client) -> None:
    said = {"task": "xor", "network": [{"layer": "Dense"}], "data": {"inputs": ["x1*x2", "x1^2", "sin(pi*x2)"]}, "start": False}
    run = api.post("/runs", json=said).json()
    assert run["configuration"]["data"]["inputs"] == ["x1^2", "x1*x2", "sin(pi*x2)"]
    x1, x2 = 0.5, -0.25
    weights = nn.Training(nn.configure(run["configuration"])).network.layers[0].parameters
    wanted = np.array([x1 * x1, x1 * x2, np.sin(np.pi * x2)]) @ weights["W"] + weights["b"]
    answer = api.post(f"/runs/{run['id']}/predict", json={"inputs": [[x1, x2]]}).json()
    assert answer["outputs"][0] == pytest.approx(wanted.tolist(), abs=1e-6)
    assert api.post(f"/runs/{run['id']}/predict", json={"inputs": [[x1, x2, 1]]}).status_code == 422
    refused = api.post("/runs", json={**said, "data": {"inputs": ["x1", "x9"]}})
    assert refused.status_code == 422
    assert refused.json()["error"]["field"] == "data.inputs"
    assert "one or more of x1, x2, x1^2" in refused.json()["error"]["message"]


def test_predict_says_what_the_network_says_now(api: httpx.Client) -> None:
    id = create(api, start=False)["id"]
    said = api.post(f"/runs/{id}/predict", json={"inputs": [[0, 0], [1, 0.5]]}).json()
    assert said["step"] == 0
    assert sum(said["probabilities"][0]) == pytest.approx(1)
    api.post(f"/runs/{id}/stop")
    assert api.post(f"/runs/{id}/predict", json={"inputs": [[0, 0], [1, 0.5]]}).json() == said
    for inputs in ([], [[1]], [[1, 2, 3]], [["a", "b"]], [[1, None]], "x", [[1, 1e999]], [[[1, 2]]], [[0, 0]] * 1001):
        refused = api.post(
            f"/runs/{id}/predict",
            content=__import__("json").dumps({"inputs": inputs}),
            headers={"content-type": "application/json"},
        )
        assert refused.status_code == 422, inputs
        assert refused.json()["error"]["field"] == "inputs"


NESTED: dict[str, Any] = {"layer": "Tanh"}
for _ in range(25):
    NESTED = {"layer": "Residual", "layers": [NESTED]}


def test_the_server_takes_as_many_layers_as_the_engine(api: httpx.Client) -> None:
    run = create(api, network=[{"layer": "Tanh"}] * (MOST_LAYERS - 1) + [{"layer": "Dense"}], start=False)
    assert len(run["configuration"]["network"]) == MOST_LAYERS
    assert api.get(f"/runs/{run['id']}/parameters/{MOST_LAYERS - 1}").status_code == 200
    assert api.get(f"/runs/{run['id']}/parameters/{MOST_LAYERS}").status_code == 422


@pytest.mark.parametrize(
    ("body", "field", "words"),
    [
        ({"task": "spirall"}, "task", "choose 'spiral', 'circles'"),
        ({}, "task", "task is missing"),
        ({"data": {"noise": 7}}, "data.noise", "noise must be a number from 0 to 0.5, got 7"),
        ({"data": {"nois": 7}}, "data.nois", "not permitted"),
        ({"network": []}, "network", "at least 1"),
        ({"network": [{"layer": "Dense", "units": "3"}]}, "network.0.units", "a number from 1 to 4096, got '3'"),
        ({"network": [{"layer": "Dense", "units": 3.5}]}, "network.0.units", "whole number"),
        ({"network": [{"layer": "Dens", "units": 3}]}, "network.0.layer", "choose 'Dense'"),
        ({"network": [{"units": 3}]}, "network.0.layer", "missing"),
        (
            {"network": [{"layer": "Tanh"}, {"layer": "Conv2D", "filters": 2, "kernel_size": 3}]},
            "network.1",
            "Conv2D wants an image",
        ),
        ({"network": [{"layer": "Conv2D", "filters": 2}]}, "network.0.kernel_size", "required"),
        ({"network": [{"layer": "Dense", "units": 5}]}, "network.0", "must give 3 outputs"),
        ({"network": [{"layer": "Dense", "units": 4096}] * 3 + [{"layer": "Dense"}]}, "network.1", "allows 5,000,000"),
        ({"optimizer": {"name": "Foo"}}, "optimizer.name", "choose 'SGD', 'AdaGrad'"),
        ({"optimizer": {"name": "SGD", "momentum": 1}}, "optimizer.momentum", "from 0 to 0.999"),
        ({"regularizer": {"name": "L2", "strength": -1}}, "regularizer.strength", "from 0 to 10"),
        ({"loss": {"name": "MSE"}}, "loss.name", "choose CrossEntropy"),
        ({"seed": False}, "seed", "got False"),
        ({"steps": 10**9}, "steps", "from 1 to 1e+07"),
        ({"batch_size": 0}, "batch_size", "from 1 to 10000"),
        ({"speed": 0}, "speed", "greater than or equal to 1"),
        ({"bogus": 1}, "bogus", "not permitted"),
        ({"clip_norm": 0}, "clip_norm", "a number from 0.001 to 1000, got 0"),
        ({"network": [{"layer": "Dropout", "rate": 1}, {"layer": "Dense"}]}, "network.0.rate", "from 0 to 0.95, got 1"),
        ({"network": [{"layer": "MultiHeadAttention", "heads": 2}, {"layer": "Dense"}]}, "network.0", "wants a sequence"),
        ({"network": [{"layer": "MaxUnpool2D"}, {"layer": "Dense"}]}, "network.0", "wants a MaxPool2D before it"),
        ({"network": [{"layer": "Residual", "layers": []}, {"layer": "Dense"}]}, "network.0.layers", "at least one layer"),
        (
            {"network": [{"layer": "Residual", "layers": [{"layer": "Dense", "units": 0}]}, {"layer": "Dense"}]},
            "network.0.layers.0.units",
            "units must be a number from 1 to 4096, got 0",
        ),
        ({"network": [{"layer": "Residual", "layers": [3]}, {"layer": "Dense"}]}, "network.0.layers.0", "dictionary"),
        (
            {"network": [{"layer": "Residual", "layers": [{"layer": "Tanh"}] * 60}] * 4 + [{"layer": "Dense"}]},
            "network",
            "a network may have 200 layers, those inside others counted, got 245",
        ),
        ({"network": [NESTED, {"layer": "Dense"}]}, "network.0.layers.0.layers.0.layers.0.layers", "at most 3 deep"),
        (
            {"task": "copy", "network": [{"layer": "Embedding", "vocabulary": 3, "width": 8}, {"layer": "Dense"}]},
            "network.0.vocabulary",
            "Copy has 10 tokens; the vocabulary must hold them all, got 3",
        ),
        (
            {
                "task": "copy",
                "network": [
                    {"layer": "Embedding", "vocabulary": 10, "width": 8},
                    {"layer": "PositionalEncoding", "longest": 4},
                    {"layer": "Dense"},
                ],
            },
            "network.1",
            "a sequence of at most 4 steps",
        ),
        ({"task": "mnist", "network": [{"layer": "MaxPool2D", "pool_size": 30}]}, "network.0", "at least 30 × 30 pixels"),
        (
            {"task": "mnist", "network": [{"layer": "MultiHeadAttention", "heads": 1, "causal": True}]},
            "network.0",
            "a sequence of steps × width (a Reshape, or an Embedding, makes one), got an input of shape 28 × 28 × 1",
        ),
        (
            {"network": [{"layer": "Embedding", "vocabulary": 5, "width": 3}, {"layer": "Flatten"}, {"layer": "Dense"}]},
            "network.0",
            "Embedding wants tokens, and Spiral has numbers",
        ),
        (
            {
                "task": "copy",
                "network": [{"layer": "Tanh"}, {"layer": "Embedding", "vocabulary": 10, "width": 8}, {"layer": "Dense"}],
            },
            "network.1",
            "it must be the first layer",
        ),
        ({"task": "copy", "loss": {"name": "Height"}}, "loss.name", "choose CrossEntropy"),
        ({"task": "mnist", "data": {"source": "full"}}, "data.source", "get it first"),
        ({"task": "mnist", "batch_size": 10_000}, "batch_size", "MiB"),
    ],
)
def test_what_is_wrong_is_refused_by_name(api: httpx.Client, body: dict[str, Any], field: str, words: str) -> None:
    request = body if body == {} else {"task": "spiral", **body}
    refused = api.post("/runs", json=request)
    assert refused.status_code == 422, refused.text
    assert refused.json()["error"]["field"] == field
    assert words in refused.json()["error"]["message"]
    assert api.get("/runs").json() == []


@pytest.mark.parametrize(
    "text",
    [
        '{"task": "spiral", "data": {"noise": NaN}}',
        '{"task": "spiral", "optimizer": {"name": "SGD", "learning_rate": Infinity}}',
        "{",
        "[]",
        "null",
        '"spiral"',
        "",
    ],
)
def test_what_is_no_request_is_refused(api: httpx.Client, text: str) -> None:
    refused = api.post("/runs", content=text, headers={"content-type": "application/json"})
    assert refused.status_code == 422
    assert refused.json()["error"]["message"]
    assert api.get("/runs").json() == []


def test_what_is_not_there_is_404_in_the_same_form(api: httpx.Client) -> None:
    for method, path in (
        ("GET", "/runs/nobody"),
        ("POST", "/runs/nobody/pause"),
        ("DELETE", "/runs/nobody"),
        ("GET", "/nothing"),
        ("PUT", "/runs"),
    ):
        reply = api.request(method, path)
        assert reply.status_code in (404, 405)
        assert reply.json()["error"]["message"]


def test_health(api: httpx.Client) -> None:
    create(api, start=False)
    health = api.get("/health").json()
    assert health["runs"] == {"paused": 1}
    assert health["version"]
    assert health["uptime"] > 0
    assert health["clients"] == 0


def test_only_so_many_runs_are_kept_and_none_goes_by_itself(start_server: Callable[..., Server]) -> None:
    server = start_server(NN_BASICS_MAX_RUNS="3", NN_BASICS_MAX_TRAINING="8")
    with httpx.Client(base_url=f"{server.url}/api", timeout=30) as api:
        ended = create(api, steps=5)["id"]
        wait_for(api, ended, lambda r: r["status"] == "finished")
        kept = [ended, *(create(api, steps=10_000_000)["id"] for _ in range(2))]
        refused = api.post("/runs", json={"task": "spiral"})
        assert refused.status_code == 429
        assert "3 runs are kept already" in refused.json()["error"]["message"]
        assert [run["id"] for run in api.get("/runs").json()] == kept
        api.delete(f"/runs/{ended}")
        create(api, steps=5)


def test_the_schema_describes_the_calls(api: httpx.Client) -> None:
    schema = api.get("/openapi.json").json()
    assert {
        "/api/catalog",
        "/api/health",
        "/api/runs",
        "/api/runs/{id}",
        "/api/runs/{id}/metrics",
        "/api/runs/{id}/predict",
    } <= set(schema["paths"])
    noise = schema["components"]["schemas"]["Data_spiral"]["properties"]["noise"]
    assert (noise["minimum"], noise["maximum"], noise["default"]) == (0, 0.5, 0.15)


def test_what_fits_before_the_output_is_said_of_every_layer(api: httpx.Client) -> None:
    id = api.post("/runs", json={"task": "copy", "start": False}).json()["id"]
    fits = api.get(f"/runs/{id}/fits", params={"before": 3}).json()
    assert set(fits) == {layer["name"] for layer in api.get("/catalog").json()["layers"]}
    assert fits["LSTM"]["layer"]["return_sequences"] is True
    assert fits["Conv2D"]["reason"].startswith("wants an image")
    for layer, answer in fits.items():
        network = api.get(f"/runs/{id}").json()["configuration"]["network"]
        network.insert(3, answer.get("layer", {"layer": layer}))
        status = api.post("/runs", json={"task": "copy", "start": False, "network": network}).status_code
        assert status == (201 if "layer" in answer else 422), layer


def test_tokens_that_are_none_are_refused(api: httpx.Client) -> None:
    id = api.post("/runs", json={"task": "copy", "start": False}).json()["id"]
    said = api.post(f"/runs/{id}/predict", json={"inputs": [[0, 1, 2, 3, 4, 5, 6, 7]]})
    assert said.status_code == 200
    assert len(said.json()["classes"][0]) == 8
    for token in (10, -1, 0.5):
        refused = api.post(f"/runs/{id}/predict", json={"inputs": [[0, 1, 2, 3, 4, 5, 6, token]]})
        assert refused.status_code == 422
        assert refused.json()["error"]["field"] == "inputs"
        assert "whole numbers from 0 to 9" in refused.json()["error"]["message"]


def test_a_drawn_digit_is_followed_through_the_network(api: httpx.Client) -> None:
    id = create(api, task="mnist", start=False)["id"]
    image = [[255 if 40 < x < 70 and y > 20 else 0 for x in range(112)] for y in range(112)]
    answer = api.post(f"/runs/{id}/follow", json={"image": image})
    assert answer.status_code == 200
    assert b'"name":"drawn"' in answer.content
    assert b'"label":-1' in answer.content
    for bad in ([[1], [1, 2]], [], [[300]], "x", [[0.5]], [[0, 0]]):
        refused = api.post(f"/runs/{id}/follow", json={"image": bad})
        assert refused.status_code == 422, bad
    line = [[0.5, 0.1], [0.5, 0.9]]
    drawn = api.post(f"/runs/{id}/follow", json={"strokes": [line, [[0.1, 0.1]]], "pen": 2})
    assert drawn.status_code == 200
    assert b'"label":-1' in drawn.content
    for bad in (
        *({"strokes": strokes} for strokes in ([], [[]], [[[0.5]]], [[[0.5, 1.1]]], "x", [line * 2501])),
        *({"strokes": [line], "pen": pen} for pen in (0.5, 7, "broad")),
        *({"strokes": [line], "step": step} for step in (-1, 0.5, "now")),
        {},
        {"strokes": [line], "image": image},
    ):
        refused = api.post(f"/runs/{id}/follow", json=bad)
        assert refused.status_code == 422, bad
    other = create(api, start=False)["id"]
    assert api.post(f"/runs/{other}/follow", json={"image": image}).json()["error"]["field"] == "image"
