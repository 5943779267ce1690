"""Measure what several runs in threads take together, beside the same runs one after the other, ABAB.

    python -m tests.benchmarks.runs.turns [--rounds 5] [--only spiral] [--number 2]

Prints for each pair or four the medians of both, and of their ratio: 1.1 is allowed, below 1 threads are a gain. The event
loop's lag is that of an asyncio loop in the main thread, which sleeps 5 ms again and again.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import engine as nn
from server.runs.registry import Launch, Registry
from server.runs.run import Run
from server.runs.status import ACTIVE, Status
from server.settings import Settings
from server.storage.home import Home

DENSE = [{"layer": "Dense", "units": 1000}, {"layer": "ReLU"}]
RUNS: dict[str, dict[str, Any]] = {
    "spiral": {"task": "spiral", "steps": 6_000},
    "mnist": {"task": "mnist", "steps": 80},
    "memory": {"task": "memory", "steps": 150},
    "sort": {"task": "sort", "steps": 250},
    "large": {
        **{"task": "mnist", "steps": 60, "evaluate_every": 50, "batch_size": 128},
        "network": [{"layer": "Flatten"}, *DENSE, *DENSE, {"layer": "Dense", "units": 10}],
    },
}
"""What is trained, about a second alone; `large` has products of 1,000 x 1,000."""
MIXED = [("spiral", "mnist"), ("spiral", "memory"), ("mnist", "sort"), ("spiral", "mnist", "memory", "sort")]


async def lag(ended: Callable[[], bool]) -> list[float]:
    """Measure how much later than wanted an event loop comes back, until this has ended."""
    late = []
    while not ended():
        before = time.perf_counter()
        await asyncio.sleep(0.005)
        late.append(time.perf_counter() - before - 0.005)
    return late


def trained(registry: Registry, tasks: Sequence[str], at_once: bool) -> tuple[float, list[float]]:
    """Train runs to their ends, all at once or one after the other; give the seconds that it took, and the lags."""
    runs = [registry.create(nn.configure({**RUNS[task], "seed": seed}), Launch(start=False)) for seed, task in enumerate(tasks)]
    for run in runs:
        run.begun.result(60) if run.begun else None
    before, late = time.perf_counter(), []
    for wave in [runs] if at_once else [[run] for run in runs]:
        for run in wave:
            run.ask(run.resume)

        def ended(wave: list[Run] = wave) -> bool:
            return not any(run.status in (*ACTIVE, Status.PAUSED) for run in wave)

        late += asyncio.run(lag(ended))
    took = time.perf_counter() - before
    assert all(run.status is Status.FINISHED for run in runs), [run.error for run in runs]
    for run in runs:
        registry.delete(run)
    return took, late


def measure(registry: Registry, tasks: Sequence[str], rounds: int) -> None:
    found: list[tuple[float, float]] = []
    late: tuple[list[float], list[float]] = [], []
    for _ in range(rounds):
        pair = []
        for i, at_once in enumerate((False, True)):
            took, lags = trained(registry, tasks, at_once)
            pair.append(took)
            late[i].extend(lags)
        found.append((pair[0], pair[1]))
    ratios = [together / turns for turns, together in found]
    turns, together = (statistics.median(column) for column in zip(*found, strict=True))
    said = f"{turns:6.2f} s {together:6.2f} s  {statistics.median(ratios):.2f} ({min(ratios):.2f}, {max(ratios):.2f})"
    p95 = [1000 * statistics.quantiles(lags, n=20)[-1] for lags in late]
    print(f"{' + '.join(tasks):36} {said}   {p95[0]:5.1f} {p95[1]:5.1f} ms", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="", help="part of the tasks' names")
    parser.add_argument("--number", type=int, default=0, help="2 or 4 runs; 0 for both")
    options = parser.parse_args()
    same = [(task,) * number for number in (2, 4) for task in RUNS]
    print(f"{'':36} {'in turn':>8} {'together':>8}  ratio (lowest, highest)   lag p95")
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        settings: dict[str, Any] = {"max_training": 4, "workers": 0}
        registry = Registry(Settings(**settings), home, lambda listener: None)
        for tasks in [*same, *MIXED]:
            if options.only in " + ".join(tasks) and options.number in (0, len(tasks)):
                measure(registry, tasks, options.rounds)
        registry.close(5)
        home.release()


if __name__ == "__main__":
    main()
