"""A home that version 0.3.0 wrote: its runs are there, look as they did, and go on as they would have gone on there."""

import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conftest import Server
from tests.fixtures.version_0_3_0 import HOME, WROTE
from tests.server.api import create, wait_for
from tests.server.frames import frames_of, read_frame


@pytest.fixture
def api(tmp_path: Path, start_server: Callable[..., Server]) -> Iterator[httpx.Client]:
    """A client of a server on a copy of the home."""
    with zipfile.ZipFile(HOME) as home:
        home.extractall(tmp_path / "runs")
    with httpx.Client(base_url=f"{start_server().url}/api", timeout=60) as client:
        yield client


def close(values: list[float | None]) -> Any:
    """As near as on another machine, whose BLAS adds up in another order."""
    return [None if value is None else pytest.approx(value, rel=1e-3, abs=1e-4) for value in values]


def test_every_run_is_listed_as_it_was(api: httpx.Client) -> None:
    runs = {run["id"]: run for run in api.get("/runs").json()}
    assert set(runs) == {run["id"] for run in WROTE["runs"]}
    for wrote in WROTE["runs"]:
        run = runs[wrote["id"]]
        grown = ("metrics", "configuration")  # they say more today, and of what they said then the same
        assert all(run[key].items() >= wrote[key].items() for key in grown)
        assert {key: run[key] for key in wrote} == wrote | {key: run[key] for key in grown}
        rows = api.get(f"/runs/{wrote['id']}/metrics").json()["columns"]
        assert {key: rows[key] for key in WROTE["rows"][wrote["id"]]} == WROTE["rows"][wrote["id"]]
        assert api.get(f"/runs/{wrote['id']}/film").json()["steps"] == WROTE["snapshots"][wrote["id"]]
    [group] = api.get("/groups").json()
    assert group["id"] == WROTE["group"]
    assert group["runs"] == [run["id"] for run in WROTE["runs"] if run["group"]]


def test_waiting_runs_go_on_as_they_would_have_gone_on(api: httpx.Client) -> None:
    for id, wrote in WROTE["goes_on"].items():
        assert api.post(f"/runs/{id}/resume").status_code == 200, id
        wait_for(api, id, lambda run: run["status"] == "finished")
        rows = api.get(f"/runs/{id}/metrics").json()["columns"]
        for name, values in wrote.items():
            assert rows[name] == close(values), (id, name)


def test_a_finished_run_shows_its_history_answers_and_is_exported(api: httpx.Client) -> None:
    id = WROTE["finished"]
    step, means = WROTE["snapshot"]["step"], WROTE["snapshot"]["means"]
    for frame in frames_of(api.get(f"/runs/{id}/film/{step}", params={"names": list(means)}).content):
        header, arrays = read_frame(frame)
        assert header["step"] == step
        for name, mean in means.pop(header["name"]).items():
            assert arrays[name].mean() == pytest.approx(mean, rel=0.01, abs=0.01), name
    assert not means
    _, arrays = read_frame(api.get(f"/runs/{id}/stories").content)
    for name, values in WROTE["stories"].items():
        assert list(arrays[name][: len(values)]) == values, name
    answered = api.post(f"/runs/{id}/predict", json={"inputs": WROTE["predict"]["inputs"]}).json()
    for one, wrote in zip(answered["outputs"], WROTE["predict"]["outputs"]["outputs"], strict=True):
        assert one == close(wrote)
    for name in ("script.py", "weights.safetensors", "weights.npz", "metrics.csv", "replay.html"):
        exported = api.get(f"/runs/{id}/export/{name}")
        assert exported.status_code == 200, name
        assert len(exported.content) > 500, name


def test_the_dataset_is_listed_and_trained_on(api: httpx.Client) -> None:
    [dataset] = api.get("/datasets").json()
    assert (dataset["id"], dataset["name"], dataset["rows"]) == (WROTE["dataset"], "fruit.csv", 40)
    [before] = [run for run in WROTE["runs"] if run["id"] == WROTE["table"]]
    run = create(api, **before["configuration"])
    wait_for(api, run["id"], lambda r: r["status"] == "finished")
    rows = api.get(f"/runs/{run['id']}/metrics").json()["columns"]
    assert rows["loss"] == close(WROTE["rows"][WROTE["table"]]["loss"])


def test_no_call_has_gone(api: httpx.Client) -> None:
    ids = {"runs": WROTE["finished"], "groups": WROTE["group"], "datasets": WROTE["dataset"]}
    queries = {
        "/api/runs/{id}/film/{step}": {"names": "network"},
        "/api/runs/{id}/fits": {"before": 1},
        "/api/qr": {"text": "http://127.0.0.1:8000/"},
    }
    assert "post" in api.get("/openapi.json").json()["paths"]["/api/data/mnist"]  # asked, it would begin to download
    calls = [call.split() for call in WROTE["calls"] if call != "POST /api/data/mnist"]
    for method, path in sorted(calls, key=lambda call: ("restore" in call[1], call[0] == "DELETE")):  # these come last
        filled = path.replace("{id}", ids.get(path.split("/")[2], "")).replace("{step}", "12").replace("{name}", "metrics.csv")
        answer = api.request(method, filled.removeprefix("/api"), params=queries.get(path))
        allowed = (200,) if method == "GET" else (200, 201, 204, 400, 409, 415, 422)  # some want a body
        assert answer.status_code in allowed, (method, path, answer.text)
