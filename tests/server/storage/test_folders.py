"""Where things lie: runs, datasets and MNIST in one home, in a cache of one name, and what was there before."""

import sys
from dataclasses import asdict
from pathlib import Path

import httpx
import numpy as np
import pytest
from fastapi import FastAPI

from engine.data import mnist, tables
from engine.data.datasets import NotHereError
from engine.data.folders import DataFolders
from server.__main__ import main
from server.app import create_app
from server.settings import Settings
from server.storage.datasets import Datasets
from server.storage.folders import data_folders, default_home, mnist_cache
from server.storage.home import Home
from tests.samples import TABLE
from tests.server.api import run_apart

ABOUT, ARRAYS = {"kind": "table", "name": "t.csv", "columns": [], "rows": 3}, {"cells": np.arange(3.0)}
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="the platform's own folders are platformdirs' business")


def test_data_come_back_from_the_bin_and_are_forgotten_in_time(tmp_path: Path) -> None:
    kept = Datasets(tmp_path / "data")
    id = kept.save(ABOUT, ARRAYS)["id"]
    assert kept.save({**ABOUT, "name": "again.csv"}, ARRAYS)["id"] == id
    assert [one["name"] for one in kept.every()] == ["again.csv"]
    kept.delete(id)
    with pytest.raises(NotHereError):
        kept.about(id)
    assert kept.restore(id)["id"] == id
    kept.delete(id)
    kept.empty_bin(60)
    kept.restore(id)
    kept.delete(id)
    kept.empty_bin()
    with pytest.raises(NotHereError):
        kept.restore(id)
    assert list(kept.every()) == []
    for name in ("", "..", "../x", "/etc", id.upper()):
        with pytest.raises(NotHereError):
            kept.restore(name)
        with pytest.raises(NotHereError):
            kept.about(name)


def test_a_server_keeps_runs_and_datasets_in_the_home_that_it_was_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NN_BASICS_HOME", str(tmp_path / "another"))
    home = Home(tmp_path / "home")
    app = create_app(Settings(), home)
    id, run = run_apart(asked(app))
    app.state.registry.close(10)
    home.release()
    assert (tmp_path / "home" / "data" / id / "about.json").exists()
    assert (tmp_path / "home" / "checkpoints" / run).exists()
    assert not (tmp_path / "another").exists()


async def asked(app: FastAPI) -> tuple[str, str]:
    """Bring a table, train on it, and ask all that makes its data be read again."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1/api", timeout=30) as api:
        id = (await api.post("/datasets/table", content=TABLE.encode())).json()["id"]
        made = await api.post("/runs", json={"task": "table", "data": {"dataset": id}, "start": False})
        assert made.status_code == 201, made.text
        run = made.json()["id"]
        stepped = (await api.post(f"/runs/{run}/step")).json()
        assert (stepped["step"], stepped["error"]) == (1, None)
        for method, path, query in (
            ("POST", "fork", {"json": {"step": 1, "start": False}}),
            ("PATCH", "", {"json": {"data": {"test_share": 0.4}}}),
            ("GET", "fits", {"params": {"before": 0}}),
            ("GET", "film/1", {"params": {"names": "decision boundary"}}),
            ("GET", "stories", {}),
        ):
            answer = await api.request(method, f"/runs/{run}/{path}".rstrip("/"), **query)
            assert answer.status_code in (200, 201), (path, answer.text)
        axes = [{"path": "optimizer.learning_rate", "values": [0.1, 0.01]}]
        race = {"kind": "race", "base": {"task": "table", "data": {"dataset": id}}, "axes": axes, "start": False}
        assert (await api.post("/groups", json=race)).status_code == 201
        return id, run


def test_the_terminal_trains_on_what_the_dashboard_keeps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NN_BASICS_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    table = tables.read(TABLE.encode())
    about = {**ABOUT, "columns": [asdict(column) for column in table.columns], "rows": len(table.cells)}
    id = Datasets(tmp_path / "data").save(about, {"cells": table.cells})["id"]
    assert main(["train", "table", "--steps", "3", "--data", f"dataset={id}"]) == 0
    assert main(["train", "table", "--steps", "3", "--data", "dataset=0123456789ab"]) == 1


def test_the_environment_names_the_home_and_the_folder_of_mnist(tmp_path: Path) -> None:
    environment = {"NN_BASICS_HOME": str(tmp_path), "NN_BASICS_DATA": str(tmp_path / "mine")}
    assert default_home(environment) == tmp_path
    assert DataFolders.from_environment(environment) == DataFolders(tmp_path / "data", (tmp_path / "mine" / "mnist",))
    assert DataFolders.from_environment({}) == DataFolders(None, ())
    folders = data_folders(tmp_path / "home", None, environment)
    assert (folders.datasets, folders.mnist[0]) == (tmp_path / "home" / "data", tmp_path / "mine" / "mnist")
    assert data_folders(tmp_path, tmp_path / "option", environment).mnist[0] == tmp_path / "option" / "mnist"
    assert data_folders(tmp_path, None, {}).mnist[0] == mnist_cache()


@LINUX
def test_home_and_cache_have_one_name_and_the_cache_of_version_0_3_0_is_still_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert default_home({}) == tmp_path / "data" / "nn-basics"
    assert mnist_cache() == tmp_path / "cache" / "nn-basics" / "mnist"
    old = tmp_path / "cache" / "neural-network-basics" / "mnist"
    old.mkdir(parents=True)
    for name in mnist.FILES:
        (old / f"{name}.gz").write_bytes(b"")
    assert mnist.find(data_folders(tmp_path, None, {}).mnist) == old
