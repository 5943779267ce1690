"""How often find-the-rate is right: its suggestion, beside a sweep of 20 rates that trains each for long.

    python -m tests.benchmarks.rate_finder [--seed 2] [--tasks spiral mnist …] [--optimizers default SGD …]

A suggestion is right where it is within a factor of 3 of the best of the sweep: of 20 rates from 1e-5 to 10, the one whose mean
loss over the last tenth of its steps is lowest. Beside it stand the two rules that the curve alone gives. `near` are the
rates of the sweep whose loss is at most 10 % above the best, and `loss` is what the suggested rate ends with, of that.
"""

import argparse
import math
import time
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

import engine as nn
from engine.explain.experiments.outcome import Outcome
from engine.tasks import TASKS

RATES = np.geomspace(1e-5, 10, 20)
OPTIMIZERS: Mapping[str, Mapping[str, Any]] = {
    "SGD": {"name": "SGD"},
    "momentum": {"name": "SGD", "momentum": 0.9},
    "RMSProp": {"name": "RMSProp"},
    "AdaGrad": {"name": "AdaGrad"},
    "Adam": {"name": "Adam"},
}
"""Beside "default": the task's own, with all that it chooses."""
STEPS, STEPS_OF_THE_DEAR = 1000, 300
DEAR = {"mnist", "images", "autoencoder", "rows", "text", "memory", "copy", "reverse", "sort"}
"""Tasks whose steps take milliseconds."""
FACTOR = 3.0


def trained(configuration: nn.Configuration, rate: float, steps: int) -> float:
    """Train at a rate, and give the mean loss of the last tenth of the steps; infinite where it breaks."""
    run = nn.Training(configuration)
    run.learning_rate = rate
    losses = []
    for _, batch in zip(range(steps), run.batches(), strict=False):
        try:
            losses.append(run.update(*batch)[1])
        except nn.DivergedError:
            return math.inf
        run.step += 1
    return float(np.mean(losses[-steps // 10 :]))


def measured(task: str, optimizer: str, seed: int) -> Iterator[tuple[str, bool]]:
    """Compare one configuration's suggestions with its sweep, print a row, and give for each rule whether it was right."""
    said = {} if optimizer == "default" else {"optimizer": {**OPTIMIZERS[optimizer], "learning_rate": 0.01}}
    configuration = nn.configure({"task": task, "seed": seed, **said})
    began = time.perf_counter()
    *_, found = nn.find_the_rate(configuration)
    took = time.perf_counter() - began
    assert isinstance(found, Outcome)
    steps = STEPS_OF_THE_DEAR if task in DEAR else STEPS
    with np.errstate(over="ignore", invalid="ignore"):
        ends = [trained(configuration, float(rate), steps) for rate in RATES]
        loss = trained(configuration, found.suggestion, steps) if found.suggestion else math.inf
    best = float(RATES[int(np.argmin(ends))])
    near = [f"{rate:.0e}" for rate, end in zip(RATES, ends, strict=True) if end <= 1.1 * min(ends)]
    rules = {"suggestion": found.suggestion, "steepest": found.marks.get("steepest")}
    rules["valley / 10"] = found.marks["valley"] / 10 if "valley" in found.marks else None
    right = {name: rate is not None and best / FACTOR <= rate <= best * FACTOR for name, rate in rules.items()}
    rates = "  ".join(f"{rate or math.nan:8.1e}{' ✓' if right[name] else '  '}" for name, rate in rules.items())
    ratio = loss / max(min(ends), 1e-9)
    print(f"{task:12} {optimizer:9} {took:4.1f} s  {best:8.1e}  {rates}  {near[0]}…{near[-1]}  ×{ratio:.2g}", flush=True)
    yield from right.items()


def main() -> None:
    """Measure all that is asked for, and count."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--seed", type=int, default=2)
    asked.add_argument("--tasks", nargs="+", default=list(TASKS), choices=list(TASKS))
    asked.add_argument("--optimizers", nargs="+", default=["default", *OPTIMIZERS], choices=["default", *OPTIMIZERS])
    chosen = asked.parse_args()
    print("task         optimizer  took      best  suggestion  steepest    valley/10   near  loss")
    counts: dict[str, list[bool]] = {}
    for task in chosen.tasks:
        for optimizer in chosen.optimizers:
            for name, right in measured(task, optimizer, chosen.seed):
                counts.setdefault(name, []).append(right)
    for name, found in counts.items():
        print(f"{name}: right in {sum(found)} of {len(found)} ({np.mean(found):.0%})")


if __name__ == "__main__":
    main()
