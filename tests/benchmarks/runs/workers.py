"""Runs in worker processes beside the same runs in threads: how fast, what each costs, and what is left after kills.

python -m tests.benchmarks.runs.workers speed     four runs at a time, two processes and threads in turns (ABAB)
python -m tests.benchmarks.runs.workers races     the lanes of a race that is watched, in processes and in threads (ABAB)
python -m tests.benchmarks.runs.workers bound     the engine's loop alone in one process and in two: what is to be had at best
python -m tests.benchmarks.runs.workers kills 25  kill a worker and the server so often, and compare the rows bit for bit
"""

import os
import random
import signal
import statistics
import sys
import tempfile
import time
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack
from functools import partial
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import httpx

from engine import Training, configure
from engine.tasks import TASKS
from tests.conftest import Server
from tests.server.api import rows_of, wait_for
from tests.server.workers.conftest import opened, sweep, wait

CASES: dict[str, dict[str, Any]] = {
    "MNIST's CNN, 60 steps": {"task": "mnist", "steps": 60},
    "spiral, 3,000 steps": {"task": "spiral", "steps": 3000},
    "memory's LSTM, 40 steps": {"task": "memory", "steps": 40},
}
RUNS, ROUNDS = 4, 3
RACES: list[tuple[str, dict[str, Any], int]] = [
    ("spiral, 12,000 steps", {"task": "spiral", "steps": 12_000}, 2),
    ("MNIST's CNN, 150 steps", {"task": "mnist", "steps": 150}, 2),
    ("spiral, 6,000 steps", {"task": "spiral", "steps": 6_000}, 4),
]
BRIEF = {"task": "spiral", "steps": 1}
"""A run whose time is almost all overhead."""
OVERHEAD_RUNS = 24
KILLED = {"task": "spiral", "steps": 30_000, "optimizer": {"name": "Adam", "learning_rate": 0.003}}


def seconds(workers: int, request: dict[str, Any], number: int) -> float:
    """Train so many runs of a sweep, in so many workers or in threads, and give the seconds until the last one has ended."""
    with tempfile.TemporaryDirectory() as folder, opened(Path(folder), workers) as registry:
        for run in sweep(registry, *[BRIEF] * max(2, workers)):  # all workers have started
            wait(lambda run=run: run.status == "finished")
        before = time.perf_counter()
        runs = sweep(registry, *[{**request, "seed": seed} for seed in range(number)])
        wait(lambda: all(run.status == "finished" for run in runs), 600)
        return time.perf_counter() - before


def speed() -> None:
    """Measure threads and processes in turns, and print the median of each and of the ratios."""
    for name, request in CASES.items():
        pairs = [(seconds(0, request, RUNS), seconds(2, request, RUNS)) for _ in range(ROUNDS)]
        threads, processes = zip(*pairs, strict=True)
        ratio = statistics.median(one / other for one, other in pairs)
        print(
            f"{name}: {RUNS} runs in threads {statistics.median(threads):.2f} s, in two processes "
            f"{statistics.median(processes):.2f} s: {ratio:.2f} times as fast "
            f"({', '.join(f'{one:.2f}/{other:.2f}' for one, other in pairs)})",
            flush=True,
        )
    pairs = [(seconds(0, BRIEF, OVERHEAD_RUNS), seconds(2, BRIEF, OVERHEAD_RUNS)) for _ in range(ROUNDS)]
    threads, processes = (1000 * statistics.median(times) / OVERHEAD_RUNS for times in zip(*pairs, strict=True))
    print(f"a run of one step: {threads:.1f} ms in a thread, {processes:.1f} ms in a process")
    with tempfile.TemporaryDirectory() as folder, opened(Path(folder), 1) as registry:
        before = time.perf_counter()
        (run,) = sweep(registry, BRIEF)
        wait(lambda: run.status == "finished")
        print(f"the first run, for which the worker starts: {1000 * (time.perf_counter() - before):.0f} ms")


def bare(request: dict[str, Any]) -> float:
    """Train half of the runs one after the other, without a server, and give the seconds."""
    before = time.perf_counter()
    for seed in range(RUNS // 2):
        for _ in Training(configure({**request, "seed": seed})).events():
            pass
    return time.perf_counter() - before


def bound() -> None:
    """Measure how many times as much two processes do as one in the same time, and print the medians."""
    with ExitStack() as opened_ones:
        make = partial(ProcessPoolExecutor, 1, get_context("spawn"))
        one, other = (opened_ones.enter_context(make()) for _ in range(2))
        for name, request in CASES.items():
            wait_for_all([pool.submit(bare, request) for pool in (one, other)])  # both have started, and have the data
            pairs = []
            for _ in range(ROUNDS):
                alone = one.submit(bare, request).result()
                both = wait_for_all([pool.submit(bare, request) for pool in (one, other)])
                pairs.append((alone, max(both)))
            ratio = statistics.median(2 * alone / together for alone, together in pairs)
            alone, together = (statistics.median(column) for column in zip(*pairs, strict=True))
            print(
                f"{name}: {alone:.2f} s in one process, {together:.2f} s in each of two: {ratio:.2f} times as fast", flush=True
            )


def wait_for_all(futures: list[Future[float]]) -> list[float]:
    """Give what all of them return."""
    return [future.result() for future in futures]


def raced(workers: int, request: dict[str, Any], lanes: int) -> tuple[float, float, float]:
    """Train the lanes of a race that somebody watches; give its seconds, its pictures a second, and the longest gap between.

    Of the pictures the lane counts that has the fewest.
    """
    with tempfile.TemporaryDirectory() as folder, opened(Path(folder), workers) as registry:
        requests = [{**request, "seed": seed} for seed in range(lanes)]
        runs = sweep(registry, *requests, start=False, kind="race")
        for run in runs:
            run.watch({next(iter(TASKS[request["task"]].pictures))})
        began = time.perf_counter()
        for run in runs:
            run.ask(run.resume)
        seen: list[dict[int, float]] = [{} for _ in runs]
        while any(run.status in ("running", "queued", "paused") for run in runs):
            for run, frames in zip(runs, seen, strict=True):
                if run.status == "running":
                    for frame in list(run.sampler.frames.values()):
                        run.hear_drawn(frame.id)
                        frames.setdefault(frame.id, time.perf_counter() - began)
            time.sleep(0.002)
        took = time.perf_counter() - began
        gaps = [max((b - a for a, b in pairwise(sorted(frames.values()))), default=took) for frames in seen]
        return took, min(len(frames) for frames in seen) / took, max(gaps)


def races() -> None:
    """Measure races in threads and in processes in turns, and print the medians."""
    for name, request, lanes in RACES:
        pairs = [(raced(0, request, lanes), raced(2, request, lanes)) for _ in range(ROUNDS)]
        said = []
        for found in zip(*pairs, strict=True):
            took, often, gap = (statistics.median(column) for column in zip(*found, strict=True))
            said.append(f"{took:.2f} s, {often:.0f} pictures a second, at most {gap:.2f} s between two")
        ratio = statistics.median(one[0] / other[0] for one, other in pairs)
        print(f"{lanes} lanes of {name}: in threads {said[0]}; in processes {said[1]}: {ratio:.2f} times as fast", flush=True)


def kills(number: int) -> None:
    """Kill a worker, or the server with all of them, so often while a sweep trains, and compare with one that is left alone."""
    dice = random.Random(number)
    axes = [{"path": "seed", "values": [1, 2]}]
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder), NN_BASICS_WORKERS="2")
        shown: dict[str, dict[int, Any]] = {}
        runs: list[str] = []
        of_worker = of_server = 0
        for _ in range(number):
            with httpx.Client(base_url=f"{server.url}/api", timeout=60) as api:
                if not runs:
                    reply = api.post("/groups", json={"kind": "sweep", "base": KILLED, "axes": axes})
                    runs = [run["id"] for run in reply.json()["runs"]]
                for id in runs:
                    if api.get(f"/runs/{id}").json()["status"] == "interrupted":
                        api.post(f"/runs/{id}/resume")
                    at = api.get(f"/runs/{id}").json()["step"]
                    wait_for(api, id, lambda run, at=at: run["step"] > at or run["status"] == "finished")
                time.sleep(dice.uniform(0, 0.6))
                for id in runs:
                    rows = rows_of(api, id)
                    lost = shown.get(id, {}).items() - rows.items()
                    assert not lost, f"rows that were shown are gone or others: {sorted(lost)[:3]}"
                    shown[id] = rows
                    run = api.get(f"/runs/{id}").json()
                    assert run["status"] in ("running", "finished"), run["error"]
            if dice.random() < 0.5:
                of_server += 1
                server.kill()
                server = Server(Path(folder), NN_BASICS_WORKERS="2")
            elif victims := workers_of(server.process.pid):
                of_worker += 1
                os.kill(dice.choice(victims), signal.SIGKILL)
        with httpx.Client(base_url=f"{server.url}/api", timeout=60) as api:
            for id in runs:
                if api.get(f"/runs/{id}").json()["status"] == "interrupted":
                    api.post(f"/runs/{id}/resume")
            for id in runs:
                wait_for(api, id, lambda run: run["status"] == "finished", 600)
            wait(lambda: all(len(rows_of(api, id)) >= len(shown[id]) for id in runs))
            time.sleep(0.5)
            after = [rows_of(api, id) for id in runs]
        server.end()
    with tempfile.TemporaryDirectory() as folder, opened(Path(folder), 0) as registry:
        alone = sweep(registry, *[{**KILLED, "seed": seed} for seed in (1, 2)])
        wait(lambda: all(run.status == "finished" for run in alone), 600)
        time.sleep(0.5)
        oracle = [{row[0]: row[:-1] for row in run.log} for run in alone]
    same = [{step: tuple(row) for step, row in one.items()} == other for one, other in zip(after, oracle, strict=True)]
    print(
        f"{of_worker} kills of a worker, {of_server} of the server: rows of {configure(KILLED).steps:,} steps "
        f"{'the same bits' if all(same) else 'DIFFER'} ({' and '.join(f'{len(rows):,}' for rows in after)} rows)"
    )
    if not all(same):
        raise SystemExit(1)


def workers_of(server: int) -> list[int]:
    """Find the workers of a server: the processes that its fork server has started."""
    parents: dict[int, int] = {}
    for process in Path("/proc").iterdir():
        if process.name.isdecimal():
            try:
                parents[int(process.name)] = int((process / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
    return [child for child, parent in parents.items() if parents.get(parent) == server]


if __name__ == "__main__":
    kind, *number = sys.argv[1:]
    {"speed": speed, "bound": bound, "races": races, "kills": lambda: kills(int(number[0]) if number else 25)}[kind]()
