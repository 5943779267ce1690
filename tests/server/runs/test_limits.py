"""The limits that a server sets: what goes beyond one is refused by name, before anything is made, and what fits is not."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from engine import ConfigurationError, Training, configure
from engine.training import checkpoint
from engine.training.configuration import MOST_STEPS
from server.__main__ import main
from server.api.history import forked
from server.api.models.requests import Fork
from server.settings import Setting, Settings, all_settings, from_environment
from server.storage.checkpoints import Checkpoints
from tests.conftest import Server
from tests.server.api import create

NETWORK = [{"layer": "Dense", "units": 40}, {"layer": "Tanh"}, {"layer": "Dense"}]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server on which everything is small."""
    limits = "PARAMETERS=500 MEMORY=100000 POINTS=200 STEPS=1000 PAGES=2 MESSAGE=1000 BODY=5000 UPLOAD=3000"
    environment = {f"NN_BASICS_MAX_{name}": value for name, value in (limit.split("=") for limit in limits.split())}
    server = Server(tmp_path_factory.mktemp("small"), **environment)
    yield server
    server.end()


@pytest.fixture
def api(small: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{small.url}/api", timeout=30) as client:
        yield client


def body(**changes: Any) -> dict[str, Any]:
    return {"task": "spiral", "network": NETWORK, "steps": 1_000, "batch_size": 20, "data": {"points": 200}, **changes}


@pytest.mark.parametrize(
    ("changes", "field", "limit"),
    [
        ({"network": [{"layer": "Dense", "units": 200}, {"layer": "Dense"}]}, "network.1", "500"),
        ({"batch_size": 150}, "batch_size", "MiB"),
        ({"data": {"points": 201}}, "data.points", "200"),
        ({"steps": 1_001}, "steps", "1,000"),
    ],
    ids=["parameters", "memory", "points", "steps"],
)
def test_a_run_beyond_a_limit_is_refused_by_field(api: httpx.Client, changes: dict[str, Any], field: str, limit: str) -> None:
    api.post("/runs", json=body(start=False)).raise_for_status()
    before = api.get("/runs").json()
    refused = api.post("/runs", json=body(**changes))
    assert refused.status_code == 422
    assert refused.json()["error"]["field"] == field
    assert limit in refused.json()["error"]["message"]
    assert api.get("/runs").json() == before


@pytest.mark.parametrize(
    ("changes", "field", "limit"),
    [
        ({"batch_size": 150}, "batch_size", "MiB"),
        ({"data": {"points": 201}}, "data.points", "200"),
        ({"steps": 1_001}, "steps", "1,000"),
    ],
    ids=["memory", "points", "steps"],
)
def test_a_fork_beyond_a_limit_is_refused_before_it_is_made(
    changes: dict[str, Any], field: str, limit: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    training = Training(configure(body()))
    checkpoints = Checkpoints(tmp_path)
    checkpoints.write(0, checkpoint.pack(training))
    parent = SimpleNamespace(checkpoints=checkpoints, folders=None)
    monkeypatch.setattr(checkpoint, "fork", None)
    with pytest.raises(ConfigurationError, match=limit) as refused:
        forked(
            None,
            parent,
            Fork(step=0, changes=changes),
            replace(Settings(), max_memory=100_000, max_points=200, max_steps=1_000),
        )
    assert refused.value.field == field


def test_steps_cannot_be_raised_beyond_the_limit_later(api: httpx.Client) -> None:
    id = create(api, **body(start=False))["id"]
    assert api.patch(f"/runs/{id}", json={"steps": 1_001}).status_code == 422
    assert api.get(f"/runs/{id}").json()["configuration"]["steps"] == 1_000


def test_a_limit_is_changed_by_its_variable_and_by_the_name_that_it_had_before() -> None:
    assert from_environment({"NN_BASICS_MAX_POINTS": "100"}) == Settings(max_points=100)
    assert from_environment({"NN_BASICS_MAX_FILMS": "5"}) == Settings(max_history=5)
    assert from_environment({"NN_BASICS_MAX_FILMS": "5", "NN_BASICS_MAX_HISTORY": "6"}).max_history == 6
    with pytest.raises(ValueError, match="NN_BASICS_MAX_FILMS must be a whole number: a number of at least 0, got 'many'"):
        from_environment({"NN_BASICS_MAX_FILMS": "many"})


@pytest.mark.parametrize("setting", all_settings(), ids=lambda setting: setting.name)
def test_what_a_variable_must_not_hold_is_refused_by_name(setting: Setting) -> None:
    name = setting.variable
    wrong = ["", "many", "nan", "inf", "-inf", "-1", "1e999"]
    wrong += ["1.5", "0x10"] if type(setting.default) is int else []
    wrong += [str(setting.limit.maximum * 2)] if setting.limit.maximum else []
    for text in wrong:
        with pytest.raises(ValueError, match=f"^{name} must be ") as refused:
            from_environment({name: text})
        assert str(refused.value).endswith(f"{setting.limit.allowed()}, got {text!r}")
    least = type(setting.default)(setting.limit.minimum)
    assert getattr(from_environment({name: str(least)}), setting.name) == least


def test_a_run_may_have_as_many_steps_as_the_engine_allows() -> None:
    assert Settings().max_steps == MOST_STEPS


def test_the_settings_are_listed_each_with_its_variable_default_unit_and_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help-settings"])
    assert ended.value.code == 0
    lines = capsys.readouterr().out.splitlines()
    settings = all_settings()
    assert len(lines) == 2 * len(settings) > 40
    for setting, head, words in zip(settings, lines[::2], lines[1::2], strict=True):
        limit = setting.limit
        assert head.startswith(f"{setting.variable}={setting.default:.15g}  ({limit.unit}; {limit.allowed()})")
        assert float(head.partition("=")[2].split()[0]) == getattr(Settings(), setting.name)
        assert words.strip() == limit.help
        assert words.endswith(".")


def test_a_server_with_a_wrong_setting_does_not_start(start_server) -> None:
    with pytest.raises(RuntimeError, match="NN_BASICS_MAX_RUNS must be a whole number: a number of at least 1, got '0'"):
        start_server(NN_BASICS_MAX_RUNS="0")


def test_only_so_many_pages_watch(small: Server, api: httpx.Client) -> None:
    id = create(api, **body(start=False))["id"]
    url = f"{small.socket}/api/runs/{id}/stream"
    with connect(url), connect(url):
        with pytest.raises(InvalidStatus) as refused:
            connect(url).__enter__()
        assert refused.value.response.status_code == 429
        assert b"2 pages are watching already" in (refused.value.response.body or b"")


def test_a_message_beyond_the_limit_ends_the_page(small: Server, api: httpx.Client) -> None:
    id = create(api, **body(start=False))["id"]
    with connect(f"{small.socket}/api/runs/{id}/stream", max_size=None) as socket:
        socket.send(json.dumps({"watch": ["x" * 70] * 12}))
        socket.send("x" * 1_001)
        with pytest.raises(ConnectionClosed) as closed:
            while True:
                socket.recv(timeout=30)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1009


def test_bodies_and_uploads_beyond_the_limit_are_413(api: httpx.Client) -> None:
    assert api.post("/runs", json=body(name="x" * 5_000)).status_code == 413
    assert api.post("/runs", json=body(name="x" * 500)).status_code == 422
    id = create(api, **body(start=False))["id"]
    refused = api.post(f"/runs/{id}/weights", content=b"x" * 3_001)
    assert refused.status_code == 413
    assert "3,000" in refused.json()["error"]["message"]
    assert api.post(f"/runs/{id}/weights", content=b"x" * 2_999).status_code == 422
