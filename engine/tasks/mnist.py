"""Handwritten digits, read by a small convolutional network."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from engine.data import mnist
from engine.hyperparameter import choice
from engine.tasks.images import Pixels, Recognizer

ORIGINAL: Mapping[str, Any] = {
    "network": [
        {"layer": "Conv2D", "filters": 32, "kernel_size": 7},
        {"layer": "ReLU"},
        {"layer": "MaxPool2D", "pool_size": 4, "stride": 1, "padding": "same"},
        {"layer": "Flatten"},
        {"layer": "Dense", "units": 100},
        {"layer": "ReLU"},
        {"layer": "Dense"},
    ],
    "optimizer": {"name": "SGD", "learning_rate": 1e-4},
    "regularizer": {"name": "L2", "strength": 1e-3},
    "batch_size": 32,
}


@dataclass(eq=False)
class Digits(Pixels):
    """Handwritten digits, and where they come from."""

    source: str = choice(
        "which digits: the full MNIST, the bundled 10,000, or the best that is here", default="auto", among=mnist.SOURCES
    )
    train_examples: int = choice("how many digits to train on", default=8000, minimum=100, maximum=60_000, scale="log")
    test_examples: int = choice(
        "how many test digits each row of the metrics measures", default=500, minimum=100, maximum=10_000, scale="log"
    )

    @property
    def outputs(self) -> int:
        return 10

    @property
    def examples(self) -> int:
        if len(self.x):
            return len(self.x)
        largest = 60_000 if self.source != "bundled" and mnist.find() else 10_000 - mnist.BUNDLED_TEST
        return min(self.train_examples, largest)

    def missing(self) -> tuple[str, str] | None:
        if self.source == "full" and not mnist.find():
            return "source", "the full MNIST is not on this machine: get it first, or choose the bundled digits"
        return None

    def load(self, rng: np.random.Generator) -> None:
        loaded = mnist.load(self.source)
        n, m = self.train_examples, self.test_examples
        self.x, self.target = loaded.images[:n].copy(), loaded.labels[:n].astype(np.int64)
        self.x_test, self.target_test = loaded.test_images[:m].copy(), loaded.test_labels[:m].astype(np.int64)


@dataclass(eq=False)
class MNIST(Digits, Recognizer):
    """Handwritten digits. The defaults reach 95 % of the bundled test digits after about 300 steps."""

    name: ClassVar[str] = "mnist"
    title: ClassVar[str] = "MNIST"
    summary: ClassVar[str] = "Filters turn from noise into strokes, and the guesses under the digits come right."
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "Batch norm, average pooling, dropout": {
            "network": [
                {"layer": "Conv2D", "filters": 16, "kernel_size": 5},
                {"layer": "BatchNorm"},
                {"layer": "ReLU"},
                {"layer": "AveragePool2D", "pool_size": 4},
                {"layer": "Flatten"},
                {"layer": "Dense", "units": 64, "initializer": "he"},
                {"layer": "BatchNorm"},
                {"layer": "ReLU"},
                {"layer": "Dropout", "rate": 0.3},
                {"layer": "Dense"},
            ]
        },
        "The original, simple: 2,000 steps": {
            **ORIGINAL,
            "steps": 2000,
            "evaluate_every": 50,
            "data": {"source": "auto", "train_examples": 60_000},
        },
        "The original, full: 5 epochs of 60,000": {
            **ORIGINAL,
            "steps": 9375,
            "evaluate_every": 375,
            "data": {"source": "full", "train_examples": 60_000, "test_examples": 10_000},
        },
    }

    @property
    def names(self) -> list[str]:
        return [str(k) for k in range(self.outputs)]
