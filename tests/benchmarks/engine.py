"""Measure steps of training beside PyTorch's (eager, fused optimizer) and, where it is installed, JAX's (jit).

    python -m tests.benchmarks.engine [--rounds 7] [--seconds 0.5] [--no-jax] [--as-csv] [NAME …]

Every contender runs in a process of its own, and they take turns (ABAB …), so that a busy machine is busy for all. Printed
are medians over the rounds of  rival's time / our time  for the same step: above 1 we are faster.  "wall": each with its
best of one thread and as many as it takes by itself (BLAS variables unset, as a user has them).  "CPU": by the CPU time of
one thread.  The spread is that of our own seconds per step, its quartiles over its median.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
WARM_UP = 5


def conv(filters: int, size: int, padding: str = "same") -> dict[str, Any]:
    return {"layer": "Conv2D", "filters": filters, "kernel_size": size, "padding": padding}


def dense(*units: int, then: str = "Tanh") -> list[dict[str, Any]]:
    """Describe dense layers, with an activation between them."""
    described: list[dict[str, Any]] = []
    for number in units:
        described += [{"layer": then}, {"layer": "Dense", "units": number}]
    return described[1:]


RELU, FLATTEN, POOL = {"layer": "ReLU"}, {"layer": "Flatten"}, {"layer": "MaxPool2D", "pool_size": 2}
BLOCKS = [layer for filters in (16, 32, 64) for layer in (conv(filters, 3), {"layer": "BatchNorm"}, RELU, POOL)]


@dataclass(frozen=True)
class Case:
    """A network, and a batch to train it on: of a task's defaults or preset, or of one's own."""

    task: str
    preset: str | None = None
    network: list[dict[str, Any]] | None = None
    batch_size: int | None = None


CASES = {
    "spiral MLP": Case("spiral"),
    "2-8-8-2": Case("xor", network=dense(8, 8, 2), batch_size=32),
    "1-64-64-1": Case("sine", network=dense(64, 64, 1), batch_size=32),
    "original CNN": Case("mnist", "The original, simple: 2,000 steps"),
    "LeNet": Case(
        "mnist", network=[conv(6, 5), RELU, POOL, conv(16, 5, "valid"), RELU, POOL, FLATTEN, *dense(120, 84, 10, then="ReLU")]
    ),
    "three 3x3 blocks": Case("mnist", network=[*BLOCKS, FLATTEN, *dense(10)], batch_size=64),
    "LSTM 64 x 28": Case("rows"),
    "GRU 64 x 28": Case("rows", network=[{"layer": "GRU", "units": 64, "return_sequences": True}, {"layer": "Dense"}]),
    "transformer block": Case("sort"),
    "autoencoder": Case("autoencoder"),
}


def stepper(contender: str, case: Case) -> Callable[[], None]:
    """Give a function that does one step of training on one batch, which is the same for all."""
    import numpy as np

    import engine as nn
    from engine.training.factory import TASKS

    presets = TASKS[case.task].presets
    own = {"network": case.network, "batch_size": case.batch_size}
    request = {"task": case.task, **(presets[case.preset] if case.preset else {}), **{k: v for k, v in own.items() if v}}
    request["data"] = {
        **request.get("data", {}),
        **({"source": "bundled"} if case.task in ("mnist", "rows", "autoencoder") else {}),
    }
    request.pop("steps", None)
    request["data"].pop("train_examples", None)
    training = nn.Training(nn.configure(request))
    x, target = next(training.task.batches(training.configuration.batch_size, np.random.default_rng(0)))
    network, loss, optimizer = training.network, training.loss, training.optimizer
    if contender == "ours":
        regularizer = training.regularizer

        def step() -> None:
            loss.forward(network.forward(x, training=True), target)
            network.backward(loss.backward(), dx=False)
            if regularizer:
                regularizer.add_gradients(network)
            optimizer.step(network.theta, network.gradient)

        return step
    x = x.astype(np.float32) if x.dtype.kind == "f" else x
    target = target.astype(np.float32) if target.dtype.kind == "f" else target
    if contender == "JAX":
        from tests.benchmarks.rivals import jax as rival
    else:
        from tests.benchmarks.rivals import pytorch as rival
    return rival.stepper(training, x, target)


def work(contender: str, name: str, threads: int) -> None:
    """Be a contender: for every line that comes, train for as many seconds and say the wall and CPU seconds of a step."""
    if contender == "PyTorch" and threads:
        import torch

        torch.set_num_threads(threads)
    step = stepper(contender, CASES[name])
    for _ in range(WARM_UP):
        step()
    print("ready", flush=True)
    for line in sys.stdin:
        wall, cpu, steps = time.perf_counter(), time.process_time(), 0
        while time.perf_counter() - wall < float(line):
            step()
            steps += 1
        print(json.dumps([(time.perf_counter() - wall) / steps, (time.process_time() - cpu) / steps]), flush=True)


class Worker:
    """A contender in a process of its own."""

    def __init__(self, contender: str, name: str, threads: int) -> None:
        environment = {key: value for key, value in os.environ.items() if key not in THREADS}
        if threads:
            environment |= dict.fromkeys(THREADS, str(threads))
        command = [sys.executable, "-m", "tests.benchmarks.engine", "--work", contender, name, str(threads)]
        self.process = subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if self.answer() != "ready":
            raise RuntimeError(f"{contender} could not train {name}")

    def answer(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def measure(self, seconds: float) -> tuple[float, float]:
        """Give the wall and the CPU seconds of a step."""
        assert self.process.stdin is not None
        print(seconds, file=self.process.stdin, flush=True)
        wall, cpu = json.loads(self.answer())
        return wall, cpu

    def end(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()


def compare(name: str, rivals: list[str], rounds: int, seconds: float) -> list[str]:
    """Measure one network, and give its row of the table."""
    keys = [(contender, threads) for contender in ("ours", *rivals) for threads in (0, 1)]
    workers = {key: Worker(key[0], name, key[1]) for key in keys}
    times: dict[tuple[str, int], list[tuple[float, float]]] = {key: [] for key in keys}
    for _ in range(rounds):
        for key, worker in workers.items():
            times[key].append(worker.measure(seconds))
    for worker in workers.values():
        worker.end()

    def median(contender: str, threads: int, which: int) -> float:
        return statistics.median(t[which] for t in times[contender, threads])

    def best(contender: str) -> float:
        return min(median(contender, threads, 0) for threads in (0, 1))

    low, middle, high = statistics.quantiles((t[0] for t in times["ours", 1]), n=4)
    row = [name, f"{1e3 * best('ours'):.2f}", f"{100 * (high - low) / middle:.0f} %"]
    for rival in rivals:
        row += [f"{best(rival) / best('ours'):.2f}", f"{median(rival, 1, 1) / median('ours', 1, 1):.2f}"]
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=0.5)
    parser.add_argument("--no-jax", action="store_true")
    parser.add_argument("--work", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        contender, name, threads = options.work
        return work(contender, name, int(threads))
    rivals = ["PyTorch", *(["JAX"] if find_spec("jax") and not options.no_jax else [])]
    titles = ["network", "ours, ms a step", "spread", *(title for r in rivals for title in (f"{r}, wall", f"{r}, CPU"))]
    print("| " + " | ".join(titles) + " |\n" + "|---" * len(titles) + "|")
    for name in options.names or CASES:
        print("| " + " | ".join(compare(name, rivals, options.rounds, options.seconds)) + " |", flush=True)
    return None


if __name__ == "__main__":
    main()
