"""What a run can be taken away as, read by the programs it is meant for."""

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import httpx
import numpy as np
import pytest
from safetensors.numpy import load as load_safetensors

import engine as nn
from engine.data import mnist
from engine.training.weights import named_arrays, to_safetensors
from tests.samples import TABLE, idx
from tests.server.api import wait_for

NETWORK = [
    {"layer": "Dense", "units": 5},
    {"layer": "BatchNorm"},
    {"layer": "Residual", "layers": [{"layer": "Dense", "units": 5}, {"layer": "Tanh"}]},
    {"layer": "Dense"},
]
NAMES = ["0.W", "0.b", "1.gamma", "1.beta", "1.running_mean", "1.running_variance", "2.0.W", "2.0.b", "3.W", "3.b"]


@pytest.fixture
def run(api: httpx.Client) -> str:
    id = api.post("/runs", json={"task": "circles", "network": NETWORK, "start": False}).json()["id"]
    for _ in range(5):
        api.post(f"/runs/{id}/step")
    return id


def theta() -> dict[str, np.ndarray]:
    """The same five steps, here."""
    training = nn.Training(nn.configure({"task": "circles", "network": NETWORK}))
    events = training.events()
    for _ in range(6):
        next(events)
    return named_arrays(training.network)


def test_weights_are_the_runs_own_in_both_formats(api: httpx.Client, run: str) -> None:
    expected = theta()
    assert list(expected) == NAMES
    answer = api.get(f"/runs/{run}/export/weights.safetensors")
    assert answer.headers["content-disposition"] == f'attachment; filename="circles-{run}-weights.safetensors"'
    npz = np.load(io.BytesIO(api.get(f"/runs/{run}/export/weights.npz").content), allow_pickle=False)
    for found in (load_safetensors(answer.content), npz):
        assert set(found) == set(NAMES)
        for name, array in expected.items():
            assert found[name].dtype == array.dtype
            np.testing.assert_array_equal(found[name], array)
    header = json.loads(answer.content[8 : 8 + int.from_bytes(answer.content[:8], "little")])
    assert header["__metadata__"]["step"] == "5"
    assert nn.configure(json.loads(header["__metadata__"]["configuration"])).task == "circles"


def test_metrics_are_all_rows(api: httpx.Client, run: str) -> None:
    answer = api.get(f"/runs/{run}/export/metrics.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    columns = api.get(f"/runs/{run}/metrics").json()["columns"]
    assert [int(row["step"]) for row in rows] == columns["step"] == [0, 1, 2, 3, 4, 5]
    assert [float(row["test_loss"]) for row in rows] == columns["test_loss"]


def test_what_cannot_be_exported_is_refused(api: httpx.Client, run: str) -> None:
    for name in ("weights.pkl", "..%2f..%2fpyproject.toml", "metrics.csv.exe"):
        refused = api.get(f"/runs/{run}/export/{name}")
        assert refused.status_code == 404, name
    assert api.get("/runs/nobody/export/metrics.csv").status_code == 404


def test_double_precision_and_no_arrays_can_be_packed() -> None:
    arrays = {"a": np.arange(6.0).reshape(2, 3), "empty": np.zeros((0, 2), np.float32)}
    found = load_safetensors(to_safetensors(arrays, {}))
    np.testing.assert_array_equal(found["a"], arrays["a"])
    assert found["empty"].shape == (0, 2)


@pytest.mark.parametrize(
    "request_",
    [
        {
            "task": "spiral",
            "steps": 250,
            "optimizer": {"name": "Adam"},
            "network": NETWORK,
            "data": {"inputs": ["x1", "x1*x2"]},
            "data_seed": 4,
        },
        {"task": "sine", "steps": 70, "schedule": {"name": "Cosine"}, "regularizer": {"name": "L2"}},
        {"task": "copy", "steps": 45},
    ],
    ids=lambda r: r["task"],
)
def test_the_script_ends_with_the_same_loss_to_the_last_digit(api: httpx.Client, tmp_path: Path, request_: dict) -> None:
    id = api.post("/runs", json={**request_, "start": False}).json()["id"]
    for _ in range(3):
        api.post(f"/runs/{id}/step")
    api.patch(f"/runs/{id}", json={"optimizer": {"learning_rate": 0.0123}})
    api.post(f"/runs/{id}/step")
    api.patch(f"/runs/{id}", json={"optimizer": {"learning_rate": 0.003}})
    api.post(f"/runs/{id}/resume")
    wait_for(api, id, lambda r: r["status"] == "finished")
    assert_the_script_ends_alike(api, id, tmp_path)


@pytest.mark.parametrize("schedule", ["Cosine", "OneCycle", "Constant"])
@pytest.mark.parametrize("forked", [False, True])
def test_the_script_repeats_steps_that_were_changed(api: httpx.Client, tmp_path: Path, schedule: str, forked: bool) -> None:
    id = api.post("/runs", json={"task": "moons", "steps": 45, "schedule": {"name": schedule}, "start": False}).json()["id"]
    for _ in range(3):
        api.post(f"/runs/{id}/step")
    api.patch(f"/runs/{id}", json={"steps": 70, "optimizer": {"learning_rate": 0.02}})
    api.post(f"/runs/{id}/resume")
    wait_for(api, id, lambda r: r["status"] == "finished")
    if forked:
        request = {"step": 70, "changes": {"steps": 110}, "start": False}
        id = api.post(f"/runs/{id}/fork", json=request).json()["id"]
    else:
        api.patch(f"/runs/{id}", json={"steps": 110})
    api.post(f"/runs/{id}/resume")
    wait_for(api, id, lambda r: r["status"] == "finished" and r["step"] == 110)
    assert_the_script_ends_alike(api, id, tmp_path)


@pytest.mark.parametrize("forked", [False, True])
def test_the_script_repeats_every_choice_that_was_taken_over_while_it_trained(
    api: httpx.Client, tmp_path: Path, forked: bool
) -> None:
    request = {"task": "spiral", "steps": 90, "batch_size": 16, "evaluate_every": 4, "start": False}
    id = api.post("/runs", json={**request, "schedule": {"name": "ReduceOnPlateau", "patience": 5}}).json()["id"]

    def after(steps: int, *changes: dict) -> None:
        for _ in range(steps):
            api.post(f"/runs/{id}/step")
        for change in changes:
            assert api.patch(f"/runs/{id}", json=change).status_code == 200

    after(7, {"batch_size": 40}, {"batch_size": 16}, {"schedule": {"name": "ReduceOnPlateau", "patience": 3}})
    after(6, {"regularizer": {"name": "L2", "strength": 0.01}, "clip_norm": 0.3})
    after(5, {"evaluate_every": 7, "batches_per_step": 3}, {"optimizer": {"beta1": 0.8}})
    last = {"regularizer": None, "clip_norm": None, "schedule": {"name": "Cosine"}, "batch_size": 9}
    if forked:
        id = api.post(f"/runs/{id}/fork", json={"step": 18, "changes": last, "start": False}).json()["id"]
    else:
        after(0, last)
    api.post(f"/runs/{id}/resume")
    wait_for(api, id, lambda r: r["status"] == "finished")
    assert_the_script_ends_alike(api, id, tmp_path)


def test_the_script_of_a_recurrent_network_adds_up_in_one_thread_as_the_server_does(api: httpx.Client, tmp_path: Path) -> None:
    id = api.post("/runs", json={"task": "memory", "steps": 60}).json()["id"]
    wait_for(api, id, lambda r: r["status"] == "finished")
    assert_the_script_ends_alike(api, id, tmp_path)


def assert_the_script_ends_alike(api: httpx.Client, id: str, folder: Path) -> None:
    """Run a run's script in a folder that has nothing to do with the server's, and compare its last row."""
    (folder / "script.py").write_bytes(api.get(f"/runs/{id}/export/script.py").content)
    elsewhere = {k: v for k, v in os.environ.items() if not k.startswith("NN_BASICS_") and not k.endswith("_THREADS")}
    said = subprocess.run(
        [sys.executable, "script.py"],
        capture_output=True,
        text=True,
        check=True,
        cwd=folder,
        env={**elsewhere, "PYTHONPATH": str(Path.cwd())},
    ).stdout.splitlines()
    rows = list(csv.DictReader(io.StringIO(api.get(f"/runs/{id}/export/metrics.csv").text)))
    assert said[-1].split()[:4] == ["step", rows[-1]["step"], "loss", rows[-1]["loss"]]
    losses = [words[3] for line in said if (words := line.split())[:1] == ["step"]]
    assert losses == [row["loss"] for row in rows]


@pytest.mark.parametrize("task", ["table", "mnist"])
def test_the_script_says_where_data_lie_that_it_cannot_make(start_server, tmp_path: Path, task: str) -> None:
    (tmp_path / "mnist").mkdir()
    for name in mnist.FILES:
        (tmp_path / "mnist" / name).write_bytes(idx(name))
    with httpx.Client(base_url=f"{start_server(NN_BASICS_DATA=str(tmp_path)).url}/api", timeout=30) as api:
        data = {"source": "full"}
        if task == "table":
            data = {"dataset": api.post("/datasets/table", content=TABLE.encode()).json()["id"]}
        id = api.post("/runs", json={"task": task, "data": data, "steps": 5}).json()["id"]
        wait_for(api, id, lambda r: r["status"] == "finished")
        assert_the_script_ends_alike(api, id, tmp_path)
        script = (tmp_path / "script.py").read_text()
        assert ("table.csv" if task == "table" else "full MNIST") in script
        assert script.index('"OPENBLAS_NUM_THREADS"') < script.index("import engine")


@pytest.mark.parametrize("name", ["weights.npz", "weights.safetensors"])
def test_weights_go_into_a_new_run_of_the_same_network(api: httpx.Client, run: str, name: str) -> None:
    saved = api.get(f"/runs/{run}/export/{name}").content
    other = api.post("/runs", json={"task": "circles", "network": NETWORK, "start": False, "seed": 5}).json()
    loaded = api.post(f"/runs/{other['id']}/weights", content=saved, headers={"content-type": "application/octet-stream"})
    assert loaded.status_code == 200, loaded.text
    assert loaded.json()["metrics"]["loss"] != other["metrics"]["loss"]
    for export in ("weights.npz",):
        exported = [api.get(f"/runs/{id}/export/{export}").content for id in (run, other["id"])]
        assert exported[0] == exported[1]
    api.post(f"/runs/{other['id']}/step")
    refused = api.post(f"/runs/{other['id']}/weights", content=saved)
    assert refused.status_code == 409
    assert api.get(f"/runs/{other['id']}/export/script.py").status_code == 409


def test_weights_of_another_network_are_refused_in_words(api: httpx.Client, run: str) -> None:
    other = api.post("/runs", json={"task": "circles", "start": False}).json()["id"]
    before = api.get(f"/runs/{other}/export/weights.npz").content
    for content in (api.get(f"/runs/{run}/export/weights.npz").content, b"", b"PK\3\4nonsense", b"\xff" * 3000):
        refused = api.post(f"/runs/{other}/weights", content=content)
        assert (refused.status_code, refused.json()["error"]["field"]) == (422, "file")
    assert api.get(f"/runs/{other}/export/weights.npz").content == before


def test_weights_are_checked_against_a_run_that_trains_and_goes_on(api: httpx.Client, run: str) -> None:
    fitting, other = (api.get(f"/runs/{run}/export/weights.{kind}").content for kind in ("safetensors", "npz"))
    trains = api.post("/runs", json={"task": "circles", "network": NETWORK, "steps": 10_000_000}).json()["id"]
    wait_for(api, trains, lambda r: r["step"] > 5)
    for content, status in ((fitting, 200), (other, 200), (fitting[:-4], 422), (b"", 422), (other[:80], 422)):
        assert api.post(f"/runs/{trains}/weights?check=true", content=content).status_code == status
        assert api.get(f"/runs/{trains}").json()["status"] == "running"
    assert not api.get(f"/runs/{trains}").json()["weights_loaded"]
    assert api.post(f"/runs/{trains}/weights", content=fitting).status_code == 409
    step = api.get(f"/runs/{trains}").json()["step"]
    wait_for(api, trains, lambda r: r["step"] > step)
    api.delete(f"/runs/{trains}")
    another = api.post("/runs", json={"task": "circles", "start": False}).json()
    refused = api.post(f"/runs/{another['id']}/weights?check=true", content=fitting)
    assert (refused.status_code, refused.json()["error"]["field"]) == (422, "file")
    assert "another network" in refused.json()["error"]["message"]


def test_a_run_that_ends_early_says_its_best_step_and_gives_its_best_weights(api: httpx.Client, tmp_path: Path) -> None:
    request = {"task": "spiral", "data": {"points": 40, "noise": 0.5, "test_share": 0.5}, "network": NETWORK, "batch_size": 5}
    request |= {"optimizer": {"name": "Adam", "learning_rate": 0.05}, "averaging": 0.8, "batches_per_step": 2, "patience": 60}
    id = api.post("/runs", json={**request, "steps": 5000}).json()["id"]
    run = wait_for(api, id, lambda r: r["status"] == "finished")
    training = nn.Training(nn.configure({**request, "steps": 5000}))
    rows = [event for event in training.events() if isinstance(event, nn.Metrics)]
    best = min(rows, key=lambda row: row.test_loss)
    assert (run["step"], run["best_step"]) == (training.step, best.step)
    assert run["step"] == best.step + 60 < 5000
    weights = load_safetensors(api.get(f"/runs/{id}/export/weights.safetensors").content)
    with training.shown() as network:
        for name, array in named_arrays(network).items():
            np.testing.assert_array_equal(weights[name], array)
    refused = api.patch(f"/runs/{id}", json={"steps": 6000})
    assert refused.status_code == 409
    assert "nothing became better for 60 steps; continue from its last snapshot with more patience" in refused.text
    more = api.post(f"/runs/{id}/fork", json={"step": run["step"], "changes": {"patience": 61}, "start": False}).json()["id"]
    api.post(f"/runs/{more}/step")
    assert api.get(f"/runs/{more}").json()["step"] == run["step"] + 1
    assert_the_script_ends_alike(api, id, tmp_path)


def test_a_run_without_patience_has_no_best_step(api: httpx.Client) -> None:
    id = api.post("/runs", json={"task": "circles", "steps": 3}).json()["id"]
    assert wait_for(api, id, lambda r: r["status"] == "finished")["best_step"] is None
