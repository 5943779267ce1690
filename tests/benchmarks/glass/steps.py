"""What a step costs that is looked into, without page and network:  python -m tests.benchmarks.glass.steps

For each task, in milliseconds of a processor: a step done again with the data in memory, and read anew; the walk through it,
the first time and for another example; one weight's history; a stop as the page asks for it (arrays, and the cell that comes
first); and a cell.
"""

import json
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import engine as nn
from engine.explain.one_step import OneStep
from engine.explain.walk import Walk
from engine.tasks.mnist import MNIST
from engine.training import checkpoint
from server.history import glass_box
from server.history.one_step import Opened

DIGITS: dict[str, Any] = {"data": {"source": "bundled"}}
ORIGINAL = {**MNIST.presets["The original, simple: 2,000 steps"], **DIGITS, "task": "mnist"}
TASKS: dict[str, dict[str, Any]] = {"spiral": {}, "mnist": DIGITS, "memory": {}, "sort": {}, "original": ORIGINAL}
"""What is opened; the original is MNIST's preset of 2.5 million parameters."""
STEPS, CELLS = 30, 4


def milliseconds(work: Callable[[], Any]) -> tuple[float, Any]:
    """Time something once, whoever else works here; what it gives goes into JSON, as an answer does."""
    start = time.process_time()
    result = work()
    if isinstance(result, dict):
        json.dumps(result)
    return 1000 * (time.process_time() - start), result


def measure(task: str, request: dict[str, Any]) -> None:
    """Print one task's line."""
    training = nn.Training(nn.configure({"task": task, **request}))
    batches, rng = training.batches(), np.random.default_rng(0)
    for _ in range(STEPS):
        training.update(*next(batches))
        training.step += 1
    data = checkpoint.pack(training)
    anew = min(milliseconds(lambda: OneStep(data))[0] for _ in range(3))
    again, step = min((milliseconds(lambda: OneStep(data, None, training)) for _ in range(3)), key=lambda pair: pair[0])
    one = Opened(Walk(step), None, 0)
    walk, said = milliseconds(lambda: glass_box.walk_of(one, None))
    other = milliseconds(lambda: glass_box.walk_of(one, 1))[0]
    history = milliseconds(lambda: glass_box.chain_of(one, 1))[0]
    stops, cells = [], []
    for stop in said["stops"]:
        took = milliseconds(lambda: glass_box.cell_of(one, stop["id"], stop["main"], tuple(stop["start"])))[0]  # noqa: B023
        for quantity in stop["quantities"]:
            took += milliseconds(lambda: glass_box.array_of(one, stop["id"], quantity["symbol"], 1, None))[0]  # noqa: B023
            if 0 in quantity["shape"]:
                continue
            for _ in range(CELLS):
                at = [int(rng.integers(length)) for length in quantity["shape"]]
                if quantity["example_axis"]:
                    at[0] = 1
                place = (stop["id"], quantity["symbol"], tuple(at))
                cells.append((milliseconds(lambda: glass_box.cell_of(one, *place))[0], place))  # noqa: B023
        stops.append((took, stop["id"]))
    worst, highest = max(cells), max(stops)
    print(
        f"{task:8} step {again:5.1f} (anew {anew:5.1f})  walk {walk:5.1f} (other example {other:4.1f})  "
        f"a weight's history {history:4.1f}  "
        f"stop {statistics.median(s[0] for s in stops):4.1f}, at most {highest[0]:5.1f} ({highest[1]})  "
        f"cell {statistics.median(c[0] for c in cells):4.2f}, at most {worst[0]:5.1f} ({worst[1][0]} {worst[1][1]})"
    )


if __name__ == "__main__":
    for task, request in TASKS.items():
        measure(task, request)
