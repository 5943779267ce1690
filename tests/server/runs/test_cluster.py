"""Runs of a sweep in the workers of a real Dask cluster: the same rows as alone, also where a worker dies."""

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

import distributed
import pytest

import engine as nn
from engine.data import tables
from server.runs.groups import new_group
from server.runs.registry import Launch, Registry
from server.runs.run import Run
from server.runs.scheduler import Scheduler
from server.runs.status import ACTIVE
from server.runs.workers.cluster import ClusterLane, ClusterLanes, differences, versions
from server.runs.workers.lanes import LostError
from server.runs.workers.piece import hand_over
from server.settings import Settings
from server.storage.datasets import Datasets
from server.storage.home import Home
from server.terminal.serve import checked_cluster

BASE = {"task": "spiral", "steps": 3_000, "network": [{"layer": "Dense", "units": 3}]}


@pytest.fixture(scope="module")
def cluster() -> Iterator[distributed.LocalCluster]:
    with begun() as cluster:
        yield cluster


def begun(tries: int = 3) -> distributed.LocalCluster:
    """Start a cluster of two processes; where the machine has too much to do, Dask gives up, and is asked again."""
    try:
        return distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None, silence_logs="CRITICAL"
        )
    except Exception:
        if tries == 1:
            raise
        return begun(tries - 1)


def waited_for(happened: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


def rows(run: Run) -> list[tuple[object, ...]]:
    """Give the rows without their last column, the time."""
    return [tuple(row[:-1]) for row in run.log.rows(0, 100_000)[0]]


def brought(folder: Path) -> str:
    """Keep a small table that a person brought, and give its id."""
    read = tables.read("\n".join(["a,b,kind", *(f"{k % 13},{k % 11},{'yx'[k % 13 > 6]}" for k in range(60))]).encode())
    about = {"kind": "table", "name": "t", "rows": 60, "columns": [asdict(column) for column in read.columns], "notes": []}
    return str(Datasets(folder).save(about, {"cells": read.cells})["id"])


def test_a_sweep_trains_in_a_cluster_as_it_would_alone_though_a_worker_dies_and_data_travel_once(
    cluster: distributed.LocalCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Home(tmp_path)
    assert home.data.datasets
    table = {"task": "table", "data": {"dataset": brought(home.data.datasets)}, "steps": 30}
    sent: list[tuple[str, str]] = []
    send = ClusterLane._send

    def counted(lane: ClusterLane, name: str, path: Path) -> None:
        sent.append((lane.name, path.name))
        send(lane, name, path)

    monkeypatch.setattr(ClusterLane, "_send", counted)
    monkeypatch.setattr("server.runs.workers.cluster.LOOK_EVERY", 0.05)
    registry = Registry(Settings(cluster=cluster.scheduler_address), home, lambda listener: None)
    try:
        wanted = [{**BASE, "seed": 0}, {**BASE, "seed": 1}, {**table, "seed": 2}, {**table, "seed": 3}, {**table, "seed": 4}]
        configurations = [nn.configure(one, registry.folders) for one in wanted]
        states = new_group("sweep", ["seed"], [[one["seed"]] for one in wanted])
        runs = registry.create_all(list(zip(configurations, states, strict=True)), Launch())
        at: list[str] = []

        def one_trains() -> bool:
            at.extend(run.where for run in runs[:2] if run.step and run.where)
            return bool(at)

        waited_for(one_trains)
        waited_for(lambda: registry.at_once == 2)
        address = f"tcp://{at[0].removeprefix('worker at ')}"
        with distributed.Client(cluster.scheduler_address, set_as_default=False) as client:
            pid = client.run(os.getpid, workers=[address])[address]
        os.kill(pid, getattr(signal, "SIGKILL", signal.SIGTERM))  # which ends it at once on Windows
        waited_for(lambda: not any(run.status in ACTIVE for run in runs))
        assert [run.status for run in runs] == ["finished"] * 5, [run.error for run in runs]
        for run, configuration in zip(runs, configurations, strict=True):
            events = nn.Training(configuration, registry.folders).events()
            alone = [(event.step, event.loss) for event in events if isinstance(event, nn.training.events.Metrics)]
            waited_for(lambda run=run: run.log.stored == run.log.next)
            assert [row[:2] for row in rows(run)] == alone
        assert sent, "the data came to no worker"
        assert len(sent) == len(set(sent)), "to each worker they travel once"
    finally:
        registry.close(5)
        home.release()


def test_while_no_worker_is_there_runs_wait_and_say_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.runs.workers.cluster.CONNECT_SECONDS", 0.1)
    monkeypatch.setattr("server.runs.workers.cluster.LOOK_EVERY", 0.05)
    tries, before, look = list[str](), loops(), ClusterLanes._look
    monkeypatch.setattr(ClusterLanes, "_look", lambda lanes: (tries.append(look(lanes)), tries[-1])[1])
    home = Home(tmp_path)
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{nobody.getsockname()[1]}"
        registry = Registry(Settings(cluster=address), home, lambda listener: None)
        try:
            configuration = nn.configure({**BASE, "steps": 5})
            (state, another) = new_group("sweep", ["seed"], [[0], [1]])
            (run,) = registry.create_all([(configuration, state)], Launch())
            (untouched,) = registry.create_all([(configuration, another)], Launch(start=False))
            waited_for(lambda: untouched.log.last is not None)
            assert untouched.ask(lambda: untouched.status).result(30) == "paused", "it is measured here, and answers"
            waited_for(lambda: bool(run.trouble))
            assert run.status == "queued"
            assert run.trouble.startswith(f"the cluster at {address} is not to be reached")
            assert not run.step
            waited_for(lambda: len(tries) >= 4)
            assert loops() <= before + 1, "a try that fails leaves nothing behind"
        finally:
            registry.close(5)
            home.release()


def loops() -> int:
    """Count the threads in which clients of Dask have their event loop."""
    return sum(thread.name == "IO loop" for thread in threading.enumerate())


class Broken(ThreadPoolExecutor):
    """An executor whose connection is lost."""

    def submit(self, *arguments: object) -> "Future[Any]":  # type: ignore[override]
        raise OSError("the connection is lost")


def test_a_worker_that_was_lost_is_given_to_no_run_before_it_was_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ClusterLanes, "_watch", lambda lanes: None)
    scheduler = Scheduler(0)
    lanes = ClusterLanes("tcp://127.0.0.1:1", scheduler)
    lanes._take_over({name: ClusterLane(name, lambda: Broken(1)) for name in ("tcp://a", "tcp://b")})
    assert scheduler.number == 2
    lost = lanes.take("run 1")
    with pytest.raises(LostError, match="the connection is lost"):
        lost.call(hand_over, "run 1", 0, True)
    lanes.give_back(lost)
    assert scheduler.number == 1
    other = lanes.take("run 1")
    assert other not in (lost, None)
    assert lanes.take("run 2") is None


class Client:
    """A client of seven workers, of a release of Dask that names five of them unless asked for all."""

    status = "running"

    def scheduler_info(self, n_workers: int = 5) -> dict[str, dict[str, None]]:
        names = [f"tcp://host:{k}" for k in range(7)]
        return {"workers": dict.fromkeys(names if n_workers < 0 else names[:n_workers])}

    def submit(self, function: Callable[[], object], **only: object) -> "Future[object]":
        answer: Future[object] = Future()
        answer.set_result(function())
        return answer


def test_all_workers_of_a_cluster_count_once_they_have_said_their_versions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ClusterLanes, "_watch", lambda lanes: None)
    scheduler = Scheduler(0)
    lanes = ClusterLanes("tcp://127.0.0.1:1", scheduler)
    lanes._client = Client()
    assert lanes._look() == ""
    assert scheduler.number == 0
    assert lanes._look() == ""
    assert scheduler.number == len(lanes.describe()) == 7


def test_a_scheduler_admits_more_or_fewer_when_workers_come_and_go() -> None:
    scheduler, granted = Scheduler(0), list[str]()
    for name in "abcd":
        assert not scheduler.admit(name, lambda name=name: granted.append(name))  # type: ignore[misc]
    scheduler.resize(2)
    assert granted == ["a", "b"]
    scheduler.resize(1)
    scheduler.release()
    assert granted == ["a", "b"], "one of the two goes on, and is all that may train now"
    scheduler.release()
    assert granted == ["a", "b", "c"]


@pytest.mark.parametrize("address", ["localhost", "tcp://host", "http://host:80", "tcp://a b:1"])
def test_what_is_no_schedulers_address_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="--cluster"):
        checked_cluster(address)


def test_what_is_another_version_is_said_in_words() -> None:
    assert differences(versions()) == ""
    assert "its NumPy is 1.0 and the server's" in differences({**versions(), "NumPy": "1.0"})
