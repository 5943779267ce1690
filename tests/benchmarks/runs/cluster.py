"""Runs in the workers of a Dask cluster: how fast, what is left after kills, and where a large cluster would break.

python -m tests.benchmarks.runs.cluster speed     four runs of MNIST's CNN in threads and in two workers, ABAB
python -m tests.benchmarks.runs.cluster kills 9   kill a worker, the scheduler and the server in turn (9 8: seed 8); what was
                                                  shown must stay, and all rows are compared bit for bit with runs alone
python -m tests.benchmarks.runs.cluster plan 20   10,000 runs, and 100 simulated workers that bring so many rows a second each

The plan, measured on two cores, which the store, the event loop and a hundred threads of runs share: 10,000 runs are made
in 19 s (1.9 ms each) and take 190 MiB; a hundred workers that bring 20 rows a second each, about what MNIST's CNN has, are
1,960 rows a second on the disk, 600 of them on their way, and the event loop is 3.9 ms late (p95). What would have broken
first is who keeps the workers busy: a search had twice as many runs at work as this machine has cores, so that 94 of 100
workers would have had nothing to do; now it counts the workers (Registry.at_once). The page's list is asked in parts
(many_runs.py, beside this file).
"""

import asyncio
import os
import random
import resource
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

import engine as nn
from engine.training.events import Metrics
from server.runs.groups import new_group
from server.runs.registry import Launch, Registry
from server.runs.run import Run
from server.runs.status import ACTIVE
from server.runs.workers.lanes import Lane, Lanes
from server.runs.workers.piece import Job, Measured, Piece
from server.settings import Settings
from server.storage.home import Home
from tests.benchmarks.runs.turns import lag
from tests.conftest import Server
from tests.server.api import rows_of

MNIST = {"task": "mnist", "steps": 120}
KILLED = {"task": "spiral", "steps": 20_000}
WORKERS, RUNS = 100, 10_000


class Cluster:
    """A scheduler and two workers, each a process that can be killed and started again."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self.address, self._folder = f"tcp://127.0.0.1:{self._port}", folder
        self.scheduler = self._start("dask_scheduler", "--host", "127.0.0.1", "--port", str(self._port))
        self.workers = [self._worker() for _ in range(2)]

    def _start(self, *command: str) -> "subprocess.Popen[bytes]":
        name, *rest = command
        line = [sys.executable, "-m", f"distributed.cli.{name}", *rest, "--no-dashboard"]
        return subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=Path.cwd())

    def _worker(self) -> "subprocess.Popen[bytes]":
        place = ("--local-directory", str(self._folder), "--host", "127.0.0.1")
        return self._start("dask_worker", self.address, "--nthreads", "1", "--no-nanny", "--death-timeout", "60", *place)

    def kill(self, what: str, dice: random.Random) -> None:
        """Kill a worker or the scheduler, and start another one; workers leave where their scheduler is gone."""
        if what == "scheduler":
            self.scheduler.send_signal(signal.SIGKILL)
            self.scheduler.wait()
            self.scheduler = self._start("dask_scheduler", "--host", "127.0.0.1", "--port", str(self._port))
        else:
            self.workers[dice.randrange(2)].send_signal(signal.SIGKILL)
        time.sleep(0.5)
        for i, worker in enumerate(self.workers):
            if what == "scheduler":
                worker.kill()
            if what == "scheduler" or worker.poll() is not None:
                worker.wait()
                self.workers[i] = self._worker()

    def end(self) -> None:
        for process in [*self.workers, self.scheduler]:
            process.kill()
            process.wait()


@contextmanager
def opened(folder: Path, **settings: Any) -> Iterator[Registry]:
    home = Home(folder)
    registry = Registry(Settings(**settings), home, lambda listener: None)
    try:
        yield registry
    finally:
        registry.close(5)
        home.release()


def sweep(registry: Registry, request: dict[str, Any], seeds: range) -> list[Run]:
    wanted = [nn.configure({**request, "seed": seed}) for seed in seeds]
    return registry.create_all(list(zip(wanted, new_group("sweep", ["seed"], [[s] for s in seeds]), strict=True)), Launch())


def ended(runs: list[Run]) -> None:
    while any(run.status in ACTIVE for run in runs):
        time.sleep(0.005)
    assert all(run.status == "finished" for run in runs), [(run.status, run.error) for run in runs]


def rows(run: Run) -> list[tuple[Any, ...]]:
    """Give a run's rows without their times."""
    return [tuple(row[:-1]) for row in run.log]


def speed(rounds: int = 3) -> None:
    with tempfile.TemporaryDirectory() as folder:
        cluster = Cluster(Path(folder) / "dask")
        found: list[tuple[float, float]] = []
        with (
            opened(Path(folder) / "away", cluster=cluster.address) as away,
            opened(Path(folder) / "here", workers=0) as here,
        ):
            while len(away.workers()) < 2:  # the workers are there, and have made such a run
                ended(sweep(away, {**MNIST, "steps": 2}, range(2)))
            ended(sweep(away, {**MNIST, "steps": 2}, range(4)))
            for _ in range(rounds):
                took = []
                for registry in (here, away):
                    before = time.perf_counter()
                    runs = sweep(registry, MNIST, range(4))
                    ended(runs)
                    took.append(time.perf_counter() - before)
                found.append((took[0], took[1]))
        cluster.end()
    threads, workers = (statistics.median(column) for column in zip(*found, strict=True))
    times = statistics.median(one / other for one, other in found)
    print(f"four runs of MNIST's CNN: {threads:.2f} s in threads, {workers:.2f} s in two workers: {times:.2f} times")


class Killed:
    """A server whose runs train in a cluster, and what its pages have been shown, through any number of its deaths."""

    def __init__(self, folder: Path, cluster: Cluster, dice: random.Random) -> None:
        self.cluster, self._dice, self._folder = cluster, dice, folder
        self.groups: list[str] = []
        self.seen: dict[str, dict[int, Any]] = {}
        """By run the rows that were answered, by step."""
        self._start()

    def _start(self, port: int = 0) -> None:
        self.server = Server(self._folder, "--cluster", self.cluster.address, port=port)
        self.api = httpx.Client(base_url=f"{self.server.url}/api", timeout=60)

    def begin(self, seeds: range) -> None:
        """Begin a sweep."""
        axis = {"path": "seed", "values": [*seeds]}
        made = self.api.post("/groups", json={"kind": "sweep", "base": KILLED, "axes": [axis]}).raise_for_status().json()
        self.groups.append(made["id"])

    def runs(self) -> list[dict[str, Any]]:
        """Give all runs."""
        return [run for id in self.groups for run in self.api.get(f"/groups/{id}").json()["runs"]]

    def look(self) -> list[dict[str, Any]]:
        """Be shown all rows that there are, and hold the server to those that were shown before."""
        runs = self.runs()
        for run in runs:
            now, before = rows_of(self.api, run["id"]), self.seen.get(run["id"], {})
            lost = [step for step, row in before.items() if now.get(step) != row]
            assert not lost, f"rows that were shown are others or gone: {run['id']}, steps {lost[:5]}"
            self.seen[run["id"]] = now
        return runs

    def kill(self, what: str) -> None:
        """Kill a worker, the scheduler or the server, and start another one; the runs of a killed server are resumed."""
        if what != "server":
            self.cluster.kill(what, self._dice)
            return
        self.server.kill()
        self._start(self.server.port)
        for id in self.groups:
            self.api.post(f"/groups/{id}/resume").raise_for_status()


def kills(number: int, seed: int = 7) -> None:
    dice = random.Random(seed)
    killed = dict.fromkeys(("worker", "scheduler", "server"), 0)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "home"
        folder.mkdir()
        cluster = Cluster(Path(name) / "dask")
        killed_one, seeds = Killed(folder, cluster, dice), range(1000 * seed, 1000 * seed)
        try:
            for i in range(number):
                if not any(run["status"] in ACTIVE for run in killed_one.look()):
                    seeds = range(seeds.stop, seeds.stop + 3)
                    killed_one.begin(seeds)
                before = {run["id"]: run["step"] for run in killed_one.runs()}
                while not any(run["step"] > before[run["id"]] and run["where"] != "here" for run in killed_one.runs()):
                    time.sleep(0.02)
                time.sleep(dice.random() * 0.4)
                killed_one.look()
                what = [*killed][i % 3]
                killed_one.kill(what)
                killed[what] += 1
            while any(run["status"] in ACTIVE for run in killed_one.look()):
                time.sleep(0.2)
            time.sleep(1)  # rows are answered as soon as they are on the disk
            runs = killed_one.look()
            same = lost = 0
            for run in runs:
                assert run["status"] == "finished", (run["status"], run["error"])
                here = killed_one.seen[run["id"]]
                for event in nn.Training(nn.configure({**KILLED, "seed": run["configuration"]["seed"]})).events():
                    if isinstance(event, Metrics):
                        lost += event.step not in here
                        same += event.step in here and here[event.step][1] == event.loss
            rows = sum(map(len, killed_one.seen.values()))
            print(f"{killed} killed; {len(runs)} runs finished, {same:,} of {rows:,} rows the same bit for bit, {lost} missing")
        finally:
            killed_one.server.kill()
            cluster.end()


class Simulated(Lane):
    """A worker that brings so many rows a second, and computes nothing."""

    def __init__(self, name: str, rate: float) -> None:
        super().__init__(name, lambda: None)  # type: ignore[arg-type,return-value]
        self.rate = rate

    def call(self, function: Any, *arguments: Any) -> Any:
        if not isinstance(arguments[0], Job):
            return None
        job, before = arguments[0], time.perf_counter()
        time.sleep(job.seconds)
        number = max(1, round(self.rate * (time.perf_counter() - before)))
        last = job.step + 10 * number
        done = [Metrics(step, 0.1, 0.5, 0.5, 0.9, 0.9, 0.0) for step in range(job.step + 10, last + 1, 10)]
        items = [Measured(event, job.seconds / number, before, None) for event in done]
        return Piece(last, list(items), now=time.perf_counter(), end="finished" if last >= 2_000 else "")


def plan(rate: float, seconds: float = 15.0) -> None:
    base = nn.configure({"task": "spiral", "steps": 2_000, "network": [{"layer": "Dense", "units": 3}]})
    with tempfile.TemporaryDirectory() as folder, opened(Path(folder), workers=WORKERS, max_waiting=RUNS + WORKERS) as registry:
        registry._lanes = Lanes([Simulated(f"worker {i}", rate) for i in range(WORKERS)])
        states = new_group("sweep", ["seed"], [[seed] for seed in range(RUNS)])
        before, memory = time.perf_counter(), resident()
        runs: list[Run] = []
        for start in range(0, RUNS, 100):
            runs += registry.create_all([(base, state) for state in states[start : start + 100]], Launch())
        print(f"{RUNS:,} runs made in {time.perf_counter() - before:.1f} s, {(resident() - memory) >> 20} MiB, ", end="")
        print(f"{threading.active_count()} threads", flush=True)
        first, began = sum(run.log.stored for run in runs), time.perf_counter()
        late = asyncio.run(lag(lambda: time.perf_counter() - began > seconds))
        took = time.perf_counter() - began
        stored, made = sum(run.log.stored for run in runs), sum(run.log.next for run in runs)
        p95 = 1000 * statistics.quantiles(late, n=20)[-1]
        trained = sum(run.where != "" for run in runs)
        print(
            f"{trained} workers at {rate:g} rows a second: {(stored - first) / took:,.0f} rows a second on the disk, "
            f"{made - stored:,} wait for it; the event loop is late by {statistics.median(late) * 1000:.1f} ms, "
            f"p95 {p95:.1f} ms; {resident() >> 20} MiB",
            flush=True,
        )
        for run in runs:
            if run.status in ACTIVE:
                run.ask(run.stop)


def resident() -> int:
    """Give the bytes of memory that this process has used at the most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    number, seed = (float(word) for word in [*sys.argv[2:4], *("0", "7")[len(sys.argv[2:4]) :]])
    if sys.argv[1] == "speed":
        speed(int(number or 3))
    elif sys.argv[1] == "kills":
        kills(int(number or 25), int(seed))
    else:
        plan(number or 20)
