"""Images in classes, wherever they come from: what the filters look for, what they see, what the network says."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from engine.arrays import Array
from engine.data.augmentation import moved
from engine.data.centring import Strokes, are_lines, centred, inked, resized
from engine.hyperparameter import choice
from engine.network import Network
from engine.pictures import (
    Confusion,
    Digits,
    FeatureMaps,
    Filters,
    TrackedExamples,
    observe_confusion,
    observe_digits,
    observe_feature_maps,
    observe_filters,
)
from engine.tasks.families.pixels import Pixels
from engine.tasks.task_picture import picture

GRID = 40
CONFUSION_EXAMPLES = 500
LOOKED_AT = 50
"""By how many images it is judged whether one drawn by hand is like them."""
TRACKED = 200
"""How many images are tracked through the history."""


@dataclass(eq=False)
class Recognizer(Pixels):
    """Images in classes: what a convolution looks for in them, what it sees, and what the network says.

    Training may see every image moved a little, another way each time; tests never do.
    """

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

    shift: int = choice(
        "how far every training image may move, another way each time", default=0, minimum=0, maximum=8, unit="pixels"
    )
    rotation: float = choice(
        "how far it may turn, to the left or to the right", default=0.0, minimum=0, maximum=45, unit="degrees"
    )

    def batches(self, batch_size: int, rng: np.random.Generator) -> Iterator[tuple[Array, Array]]:
        for x, target in super().batches(batch_size, rng):
            yield (moved(x, self.shift, self.rotation, rng) if self.shift or self.rotation else x), target

    @property
    def names(self) -> list[str]:
        """Name the classes."""
        raise NotImplementedError

    @property
    def class_names(self) -> list[str]:
        return self.names

    @property
    def outputs(self) -> int:
        return len(self.names)

    def seen(self) -> tuple[Array, Array]:
        """Give the images that pictures show, and their classes: of the test images, or where there are none the others."""
        images, labels = (self.x_test, self.target_test) if len(self.x_test) else (self.x, self.target)
        return images[:CONFUSION_EXAMPLES], labels[:CONFUSION_EXAMPLES]

    @picture("digits")
    def guesses(self, network: Network) -> Digits:
        """Let the network guess the first images."""
        images, labels = self.seen()
        return observe_digits(network, images[:GRID], self.to_input(images[:GRID]), labels[:GRID], self.names)

    @picture("filters")
    def filters(self, network: Network) -> Filters | None:
        """Show what the first convolution looks for."""
        return observe_filters(network)

    @picture("feature maps")
    def feature_maps(self, network: Network, example: int) -> FeatureMaps:
        """Follow one image through the network."""
        images, labels = self.seen()
        i = example % len(images)
        x = self.to_input(images[i : i + 1])
        return observe_feature_maps(network, images[i], x, int(labels[i]), i, len(images), self.names)

    @picture("confusion")
    def confusion(self, network: Network) -> Confusion:
        """Count which class is taken for which."""
        images, labels = self.seen()
        return observe_confusion(network, self.to_input(images), labels, self.outputs, self.names)

    def tracked_examples(self) -> TrackedExamples:
        images, labels = (array[:TRACKED] for array in self.seen())
        return TrackedExamples(self.to_input(images), labels, np.full(len(images), len(self.x_test) > 0), self.names, images)

    def follow(self, network: Network, drawing: Array | Strokes) -> FeatureMaps:
        drawn = inked(drawing) if isinstance(drawing, Strokes) else centred(drawing)
        side, _, channels = self.input_shape
        if side != len(drawn):
            drawn = resized(drawn, side)
        if channels == 3:
            drawn = np.repeat(drawn[..., np.newaxis], 3, axis=2)
        followed = observe_feature_maps(network, drawn, self.to_input(drawn[np.newaxis]), -1, -1, 0, self.names)
        if not are_lines(self.seen()[0][:LOOKED_AT]):
            followed.words = "these images are no line drawings, so a drawing is unlike all of them"
        return followed
