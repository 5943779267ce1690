"""Handwritten digits, read by a small convolutional network."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from engine.tasks.families.digits import Digits
from engine.tasks.families.goal import Goal, answers_right
from engine.tasks.families.labelled import Emptied
from engine.tasks.families.recognizer import Recognizer

BATCH = 32
SUMMED = {"bias_initializer": "xavier", "learning_rate_scale": BATCH}
"""A dense layer of the original: its gradient is the sum over a batch, where its convolution's is the mean."""

ORIGINAL: Mapping[str, Any] = {
    "network": [
        {"layer": "Conv2D", "filters": 32, "kernel_size": 7, "bias_initializer": "xavier"},
        {"layer": "ReLU"},
        {"layer": "MaxPool2D", "pool_size": 4, "stride": 1, "padding": "same"},
        {"layer": "Flatten"},
        {"layer": "Dense", "units": 100, **SUMMED},
        {"layer": "ReLU"},
        {"layer": "Dense", **SUMMED},
    ],
    "optimizer": {"name": "SGD", "learning_rate": 1e-4},
    "regularizer": {"name": "L2", "strength": 1e-3 / BATCH, "biases": True},  # 1e-3 on a sum is this on a mean
    "batch_size": BATCH,
}


def convolution_block(filters: int) -> list[dict[str, Any]]:
    """Describe a convolution whose answers are pooled before they are normalized, since there are fewer of them then."""
    convolution = {"layer": "Conv2D", "filters": filters, "kernel_size": 5, "padding": "valid"}
    return [convolution, {"layer": "MaxPool2D", "pool_size": 2}, {"layer": "BatchNorm"}, {"layer": "ReLU"}]


def two_convolutions(first: int, second: int, units: int) -> list[dict[str, Any]]:
    """Describe a LeNet of today: two convolutions and a hidden layer, each with batch norm."""
    hidden: list[dict[str, Any]] = [{"layer": "Dense", "units": units}, {"layer": "BatchNorm"}, {"layer": "ReLU"}]
    return [*convolution_block(first), *convolution_block(second), {"layer": "Flatten"}, *hidden, {"layer": "Dense"}]


QUICKLY: Mapping[str, Any] = {
    "network": two_convolutions(12, 32, 100),
    "optimizer": {"name": "Adam", "learning_rate": 0.01},
    "schedule": {"name": "OneCycle"},
    "batch_size": 100,
}
ALL_DIGITS: Mapping[str, Any] = {"source": "full", "train_examples": 60_000, "test_examples": 10_000}
MOVED: Mapping[str, Any] = {"shift": 2, "rotation": 10}

PROMISED: Mapping[str, Mapping[str, Any]] = {
    "99 % of 10,000 test digits: two passes": {**QUICKLY, "steps": 1200, "evaluate_every": 100, "data": ALL_DIGITS},
    "99.5 % of them, with patience": {
        **QUICKLY,
        "network": two_convolutions(16, 32, 128),
        "steps": 15_000,
        "evaluate_every": 600,
        "data": {**ALL_DIGITS, **MOVED},
    },
    "98.5 % from the bundled digits alone": {
        **QUICKLY,
        "steps": 1600,
        "evaluate_every": 80,
        "data": {"source": "bundled", "train_examples": 8000, "test_examples": 2000, **MOVED},
    },
}
"""Presets that promise a share of right answers; `python -m tests.benchmarks.full_mnist` measures them over ten seeds."""


def depthwise_separable(filters: int) -> list[dict[str, Any]]:
    """Describe a block of Howard et al. (2017): a filter for each channel, then 1 × 1 pixel of all of them."""
    filter = [{"layer": "DepthwiseConv2D", "kernel_size": 3}, {"layer": "Conv2D", "filters": filters, "kernel_size": 1}]
    return [*filter, {"layer": "BatchNorm"}, {"layer": "ReLU"}]


@dataclass(eq=False)
class MNIST(Emptied, Digits, Recognizer):
    """Handwritten digits. The defaults reach 95 % of 500 test digits after about 400 steps, 5 s on one core."""

    name: ClassVar[str] = "mnist"
    seeded: ClassVar[bool] = False
    title: ClassVar[str] = "MNIST"
    summary: ClassVar[str] = "Filters turn from noise into strokes, and the guesses under the digits come right."
    goal: ClassVar[Goal] = answers_right("From noise to strokes to digits: {value} of those {unseen} are read right.", 0.95)
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
        "MobileNet in small: depthwise, then 1 × 1": {
            "network": [
                {"layer": "Conv2D", "filters": 16, "kernel_size": 3, "stride": 2},
                {"layer": "BatchNorm"},
                {"layer": "ReLU"},
                *depthwise_separable(32),
                {"layer": "MaxPool2D", "pool_size": 2},
                *depthwise_separable(64),
                {"layer": "GlobalAveragePool2D"},
                {"layer": "Dense"},
            ],
            "optimizer": {"name": "Adam", "learning_rate": 0.01},
            "schedule": {"name": "Cosine"},
            "steps": 1000,
        },
        **PROMISED,
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
            "data": ALL_DIGITS,
        },
    }

    @property
    def names(self) -> list[str]:
        return [str(k) for k in range(self.outputs)]
