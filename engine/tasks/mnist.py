"""Handwritten digits, read by a small convolutional network."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from engine import probes
from engine.arrays import Array, Shape
from engine.choice import choice
from engine.data import mnist
from engine.events import Confusion, FeatureMaps, Filters
from engine.events import Digits as Guesses
from engine.network import Network
from engine.tasks.task import Probe, Task

GRID = 40
CONFUSION_EXAMPLES = 500

ORIGINAL: Mapping[str, Any] = {
    "network": [
        {"layer": "Conv2D", "filters": 32, "kernel_size": 7}, {"layer": "ReLU"},
        {"layer": "MaxPool2D", "pool_size": 4, "stride": 1, "padding": "same"}, {"layer": "Flatten"},
        {"layer": "Dense", "units": 100}, {"layer": "ReLU"}, {"layer": "Dense"},
    ],
    "optimizer": {"name": "SGD", "learning_rate": 1e-4}, "regularizer": {"name": "L2", "strength": 1e-3},
    "batch_size": 32,
}


@dataclass(eq=False)
class Digits(Task):
    """Handwritten digits, and where they come from."""

    group: ClassVar[str] = "images"

    source: str = field(default="auto", metadata=choice(
        "which digits: the full MNIST, the bundled 10,000, or the best that is here", among=mnist.SOURCES))
    train_examples: int = field(default=8000, metadata=choice(
        "how many digits to train on", minimum=100, maximum=60_000, scale="log"))
    test_examples: int = field(default=500, metadata=choice(
        "how many test digits each row of the metrics measures", minimum=100, maximum=10_000, scale="log"))

    @property
    def input_shape(self) -> Shape:
        return (28, 28, 1)

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

    def to_input(self, x: Array) -> Array:
        return (x.astype(np.float32) / 255)[..., np.newaxis]


@dataclass(eq=False)
class MNIST(Digits):
    """Handwritten digits. The defaults reach 95 % of the bundled test digits after about 300 steps."""

    name: ClassVar[str] = "mnist"
    title: ClassVar[str] = "MNIST"
    summary: ClassVar[str] = "Filters turn from noise into strokes, and the guesses under the digits come right."
    defaults: ClassVar[Mapping[str, Any]] = {
        "network": [
            {"layer": "Conv2D", "filters": 16, "kernel_size": 7}, {"layer": "ReLU"},
            {"layer": "MaxPool2D", "pool_size": 4}, {"layer": "Flatten"},
            {"layer": "Dense", "units": 64, "initializer": "he"}, {"layer": "ReLU"}, {"layer": "Dense"},
        ],
        "optimizer": {"name": "Adam", "learning_rate": 0.002}, "loss": {"name": "CrossEntropy"},
        "batch_size": 32, "steps": 2500, "evaluate_every": 20,
    }
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "Batch norm, average pooling, dropout": {"network": [
            {"layer": "Conv2D", "filters": 16, "kernel_size": 5}, {"layer": "BatchNorm"}, {"layer": "ReLU"},
            {"layer": "AveragePool2D", "pool_size": 4}, {"layer": "Flatten"},
            {"layer": "Dense", "units": 64, "initializer": "he"}, {"layer": "BatchNorm"}, {"layer": "ReLU"},
            {"layer": "Dropout", "rate": 0.3}, {"layer": "Dense"},
        ]},
        "The original, simple: 2,000 steps": {
            **ORIGINAL, "steps": 2000, "evaluate_every": 50, "data": {"source": "auto", "train_examples": 60_000},
        },
        "The original, full: 5 epochs of 60,000": {
            **ORIGINAL, "steps": 9375, "evaluate_every": 375,
            "data": {"source": "full", "train_examples": 60_000, "test_examples": 10_000},
        },
    }
    pictures: ClassVar[Mapping[str, str]] = {
        "digits": "digits", "filters": "filters", "feature maps": "maps", "confusion": "confusion",
    }

    def follow(self, network: Network, image: Array) -> FeatureMaps:
        digit = mnist.normalized(image)
        return probes.feature_maps(network, digit, self.to_input(digit[np.newaxis]), -1, -1, 0)

    def probes(self) -> Mapping[str, Probe]:
        x_test = self.to_input(self.x_test[:CONFUSION_EXAMPLES])

        def guesses(network: Network, example: int) -> Guesses:
            return probes.digits(network, self.x_test[:GRID], x_test[:GRID], self.target_test[:GRID])

        def filters(network: Network, example: int) -> Filters | None:
            return probes.filters(network)

        def maps(network: Network, example: int) -> FeatureMaps:
            i = example % len(x_test)
            return probes.feature_maps(network, self.x_test[i], x_test[i : i + 1], int(self.target_test[i]), i, len(x_test))

        def confusion(network: Network, example: int) -> Confusion:
            return probes.confusion(network, x_test, self.target_test[: len(x_test)], self.outputs)

        return {"digits": guesses, "filters": filters, "feature maps": maps, "confusion": confusion}
