"""Train the original project's MNIST example, five epochs over the full set, and print its table beside ours.

For each seed that is named, else for seed 7:

    NN_BASICS_DATA=… python -m tests.benchmarks.original_mnist [SEED …]
"""

import os
import sys
import time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import engine as nn
from engine.tasks.mnist import MNIST

ORIGINAL = (89.682, 91.688, 92.980, 93.760, 94.189)
"""Test accuracy in percent after epochs 1 to 5, as the original project reports it."""


def train(seed: int) -> None:
    preset = next(preset for title, preset in MNIST.presets.items() if "full" in title)
    training = nn.Training(nn.configure({"task": "mnist", **preset, "evaluate_every": 1875, "seed": seed}))
    start = time.perf_counter()
    print(f"seed {seed}\nepoch  original %   ours %   train loss   seconds")
    for event in training.events():
        if isinstance(event, nn.Metrics) and event.step and event.step % 1875 == 0:
            epoch = event.step // 1875
            seconds = time.perf_counter() - start
            print(
                f"{epoch:5}  {ORIGINAL[epoch - 1]:10.3f} {100 * event.test_accuracy:8.3f} {event.loss:12.4f} {seconds:9.0f}",
                flush=True,
            )


def main() -> None:
    for seed in sys.argv[1:] or [7]:
        train(int(seed))


if __name__ == "__main__":
    main()
