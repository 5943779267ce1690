"""Images in classes, and yours among them: what the filters look for, what they see, what the network says."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from engine import probes
from engine.arrays import Array, Shape
from engine.data import datasets, mnist
from engine.data.shapes import NAMES, shapes
from engine.events import Confusion, Digits, FeatureMaps, Filters
from engine.hyperparameter import choice
from engine.network import Network
from engine.tasks.task import Probe, Task
from engine.training.example_history import Witnesses

GRID = 40
CONFUSION_EXAMPLES = 500
STORIES = 200
"""How many images have their stories told."""
DATASET = "which of your images, by their id; the page chooses it (empty: made-up shapes)"


class Pixels(Task):
    """Images (28, 28) of ink on nothing, kept as bytes."""

    group: ClassVar[str] = "images"

    @property
    def input_shape(self) -> Shape:
        return (28, 28, 1)

    def to_input(self, x: Array) -> Array:
        return (x.astype(np.float32) / 255)[..., np.newaxis]


class Recognizer(Pixels):
    """Images in classes: what a convolution looks for in them, what it sees, and what the network says."""

    defaults: ClassVar[Mapping[str, Any]] = {
        "network": [
            {"layer": "Conv2D", "filters": 16, "kernel_size": 7},
            {"layer": "ReLU"},
            {"layer": "MaxPool2D", "pool_size": 4},
            {"layer": "Flatten"},
            {"layer": "Dense", "units": 64, "initializer": "he"},
            {"layer": "ReLU"},
            {"layer": "Dense"},
        ],
        "optimizer": {"name": "Adam", "learning_rate": 0.002},
        "loss": {"name": "CrossEntropy"},
        "batch_size": 32,
        "steps": 2500,
        "evaluate_every": 20,
    }
    pictures: ClassVar[Mapping[str, str]] = {
        "digits": "digits",
        "filters": "filters",
        "feature maps": "maps",
        "confusion": "confusion",
    }

    @property
    def names(self) -> list[str]:
        """Name the classes."""
        raise NotImplementedError

    @property
    def outputs(self) -> int:
        return len(self.names)

    def seen(self) -> tuple[Array, Array]:
        """Give the images that pictures show, and their classes: of the test images, or where there are none the others."""
        images, labels = (self.x_test, self.target_test) if len(self.x_test) else (self.x, self.target)
        return images[:CONFUSION_EXAMPLES], labels[:CONFUSION_EXAMPLES]

    def witnesses(self) -> Witnesses:
        images, labels = (array[:STORIES] for array in self.seen())
        return Witnesses(self.to_input(images), labels, np.full(len(images), len(self.x_test) > 0), self.names, images)

    def follow(self, network: Network, image: Array) -> FeatureMaps:
        drawn = mnist.normalized(image)
        return probes.feature_maps(network, drawn, self.to_input(drawn[np.newaxis]), -1, -1, 0, self.names)

    def probes(self) -> Mapping[str, Probe]:
        images, labels = self.seen()
        names, x = self.names, self.to_input(images)

        def guesses(network: Network, example: int) -> Digits:
            return probes.digits(network, images[:GRID], x[:GRID], labels[:GRID], names)

        def filters(network: Network, example: int) -> Filters | None:
            return probes.filters(network)

        def maps(network: Network, example: int) -> FeatureMaps:
            i = example % len(x)
            return probes.feature_maps(network, images[i], x[i : i + 1], int(labels[i]), i, len(x), names)

        def confusion(network: Network, example: int) -> Confusion:
            return probes.confusion(network, x, labels, self.outputs, names)

        return {next(iter(self.pictures)): guesses, "filters": filters, "feature maps": maps, "confusion": confusion}


@dataclass(eq=False)
class Images(Recognizer):
    """Your own images, a folder for each class. 98 % of the made-up shapes are told apart after about 150 steps."""

    name: ClassVar[str] = "images"
    title: ClassVar[str] = "Images"
    summary: ClassVar[str] = "Your own images: a folder for each class, brought to 28 × 28 grey pixels as MNIST's."
    pictures: ClassVar[Mapping[str, str]] = {
        "images": "digits",
        "filters": "filters",
        "feature maps": "maps",
        "confusion": "confusion",
    }

    dataset: str = choice(DATASET, default="", pattern=datasets.PATTERN)
    test_share: float = choice("images that are kept for testing, as a share of all", default=0.2, minimum=0.0, maximum=0.9)

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.missing() and self.dataset and datasets.about(self.dataset)["kind"] != "images":
            raise ValueError(f"dataset {self.dataset} holds a table, not images")

    def missing(self) -> tuple[str, str] | None:
        return datasets.missing(self.dataset)

    @cached_property
    def _about(self) -> dict[str, Any]:
        return datasets.about(self.dataset) if self.dataset else {"classes": list(NAMES), "rows": 600}

    @property
    def names(self) -> list[str]:
        return list(self._about["classes"])

    @property
    def tests(self) -> int:
        """Count the images that are kept for testing."""
        return round(self.test_share * int(self._about["rows"]))

    @property
    def examples(self) -> int:
        return int(self._about["rows"]) - self.tests

    def load(self, rng: np.random.Generator) -> None:
        if self.dataset:
            held = datasets.load(self.dataset)
            images, labels = held["images"], held["labels"].astype(np.int64)
        else:
            images, labels = shapes(int(self._about["rows"]), np.random.default_rng(0))
        order = rng.permutation(len(images))
        test, train = order[: self.tests], order[self.tests :]
        self.x, self.target = images[train], labels[train]
        self.x_test, self.target_test = images[test], labels[test]
