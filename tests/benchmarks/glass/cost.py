"""What training pays for the glass box while nobody looks:  python -m tests.benchmarks.glass.cost

A Training's layers and loss run the very methods that stand in their classes: what takes notes for the glass box is put into an
object when somebody asks, and taken out again. What is left in a step is one question of the optimizer. Two trainings of one
network take turns, one without it; the cost is the median of the turns' ratios of CPU time, between the 2.5th and the 97.5th
percentile of medians of turns drawn anew.
"""

import time
from typing import Any

import numpy as np

import engine as nn
from engine.arrays import Array
from engine.layers.layer import WATCHED

SMALLEST: dict[str, dict[str, Any]] = {
    "xor, Dense 2": {"task": "xor", "network": [{"layer": "Dense", "units": 2}], "batch_size": 4},
    "spiral, Dense 4, batch 8": {
        "task": "spiral",
        "network": [{"layer": "Dense", "units": 4}, {"layer": "Tanh"}, {"layer": "Dense", "units": 3}],
        "batch_size": 8,
    },
    "sine, Dense 4, SGD": {
        "task": "sine",
        "network": [{"layer": "Dense", "units": 4}, {"layer": "Tanh"}, {"layer": "Dense"}],
        "batch_size": 8,
        "optimizer": {"name": "SGD", "learning_rate": 0.01},
    },
    "spiral, as it opens": {"task": "spiral"},
}
TURNS, SECONDS = 300, 0.02


def without_glass_box(training: nn.Training) -> None:
    """Take out of a training's step what the glass box has put there."""
    optimizer = training.optimizer

    def step(theta: Array, gradient: Array) -> None:
        if not theta.shape == gradient.shape == optimizer.shape:
            raise ValueError
        optimizer.move(theta, gradient)

    optimizer.step = step  # type: ignore[method-assign]


def turn(training: nn.Training, batches: Any, steps: int) -> float:
    """Give the CPU seconds of so many steps."""
    start = time.process_time()
    for _ in range(steps):
        training.update(*next(batches))
        training.step += 1
    return time.process_time() - start


def measure(name: str, request: dict[str, Any]) -> None:
    """Print one network's line."""
    trainings = [nn.Training(nn.configure({**request, "steps": 10_000_000, "seed": 1})) for _ in range(2)]
    without_glass_box(trainings[1])
    watched = [trainings[0].loss, *trainings[0].network.walk()]
    assert not any(way in vars(one) for one in watched for way in WATCHED), "they run what stands in their classes"
    pairs = [(training, training.batches()) for training in trainings]
    _, once = (min(turn(*pair, 300) for pair in pairs) / 300 for _ in range(2))  # the first time nothing is warm
    steps = max(20, round(SECONDS / once))
    ratios = []
    for n in range(TURNS):
        order = (0, 1) if n % 2 else (1, 0)
        took = {which: turn(*pairs[which], steps) for which in order}
        ratios.append(took[0] / took[1])
    assert (trainings[0].network.theta == trainings[1].network.theta).all(), "the same steps, bit for bit"
    rng = np.random.default_rng(0)
    medians = np.median(rng.choice(ratios, (2000, TURNS)), axis=1)
    low, high = np.percentile(medians, (2.5, 97.5))
    said = f"{100 * (np.median(ratios) - 1):+.2f} % ({100 * (low - 1):+.2f} to {100 * (high - 1):+.2f})"
    print(f"{name:26}  {1e6 * once:6.1f} µs a step   {said}   of {TURNS} turns of {steps} steps", flush=True)


if __name__ == "__main__":
    for name, request in SMALLEST.items():
        measure(name, request)
