"""Autoencoder: a digit has to pass through a narrow place, and come out again."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from engine.arrays import Array, Shape
from engine.functions import sigmoid
from engine.hyperparameter import choice
from engine.network import Network
from engine.pictures import (
    Filters,
    LatentSpace,
    Reconstructions,
    observe_filters,
    observe_latent_space,
    observe_reconstructions,
)
from engine.tasks.families.digits import Digits
from engine.tasks.families.followed import Followed
from engine.tasks.families.goal import Goal
from engine.tasks.families.labelled import Labelled
from engine.tasks.task_picture import picture

SHOWN, SCATTERED = 12, 200


def hourglass(back: str, code: int = 8) -> list[dict[str, Any]]:
    """Describe a network that goes down to `code` numbers, and up again by MaxUnpool2D or UpSample2D."""
    return [
        {"layer": "Conv2D", "filters": 8, "kernel_size": 3},
        {"layer": "ReLU"},
        {"layer": "MaxPool2D", "pool_size": 2},
        {"layer": "Conv2D", "filters": 8, "kernel_size": 3},
        {"layer": "ReLU"},
        {"layer": "MaxPool2D", "pool_size": 2},
        {"layer": "Flatten"},
        {"layer": "Dense", "units": code},
        {"layer": "Dense", "units": 7 * 7 * 8},
        {"layer": "ReLU"},
        {"layer": "Reshape", "shape": [7, 7, 8]},
        {"layer": back},
        {"layer": "Conv2D", "filters": 8, "kernel_size": 3},
        {"layer": "ReLU"},
        {"layer": back},
        {"layer": "Conv2D", "filters": 1, "kernel_size": 3},
    ]


@dataclass(eq=False)
class Autoencoder(Labelled, Followed, Digits):
    """MNIST digits through a few numbers and back: the target is the image itself, without the noise it was given with.

    The defaults reach a binary cross-entropy of 0.17 per pixel after about 300 steps, 3 s on one core. They have 8 numbers, and
    sample up. An exact answer would still have about 0.07, because pixels are grey.
    """

    name: ClassVar[str] = "autoencoder"
    seeded: ClassVar[bool] = False
    title: ClassVar[str] = "Autoencoder"
    summary: ClassVar[str] = "Nobody says which digit it is, and still the code sorts them: watch the colours part."
    goal: ClassVar[Goal] = Goal(
        "test_loss", 0.17, "Digits come out as they went in: a loss of {value}, and an exact copy would have 0.07."
    )
    kind: ClassVar[str] = "shares"
    defaults: ClassVar[Mapping[str, Any]] = {
        "network": hourglass("UpSample2D"),
        "optimizer": {"name": "Adam", "learning_rate": 0.003},
        "loss": {"name": "BinaryCrossEntropy"},
        "batch_size": 32,
        "steps": 2000,
        "evaluate_every": 20,
        "data": {"test_examples": 200},
    }
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "Unpooling: the pools' places help": {"network": hourglass("MaxUnpool2D")},
        "Only 2 numbers": {"network": hourglass("UpSample2D", code=2)},
        "Denoising": {"data": {"noise": 0.5, "test_examples": 200}},
    }

    noise: float = choice("noise on what the network is given", default=0.0, minimum=0, maximum=1)

    @property
    def outputs(self) -> int:
        return 1

    @property
    def output_shape(self) -> Shape:
        return (28, 28, 1)

    def load(self, rng: np.random.Generator) -> None:
        super().load(rng)
        self.labels_test = self.target_test
        self.target, self.target_test = self.x, self.x_test
        if self.noise:
            self.x, self.x_test = self.spoil(self.x, rng), self.spoil(self.x_test, rng)

    def spoil(self, images: Array, rng: np.random.Generator) -> Array:
        """Add  noise · N(0, 1)  to every pixel, drawn once, and cut at black and white."""
        strays = rng.standard_normal(images.shape, np.float32)
        strays *= 255 * self.noise
        strays += images
        return strays.clip(0, 255, out=strays).astype(np.uint8)

    def to_target(self, target: Array) -> Array:
        return self.to_input(target)

    @picture("reconstructions")
    def reconstructions(self, network: Network, example: int) -> Reconstructions:
        """Let the network make some test images again."""
        i = example % (len(self.x_test) - SHOWN + 1)
        x = self.to_input(self.x_test[i : i + SHOWN])
        return observe_reconstructions(self.target_test[i : i + SHOWN], x, sigmoid(network.predict(x)))

    @picture("latent space", formerly=("code",))
    def latent_space(self, network: Network) -> LatentSpace:
        """Lay test images out by the few numbers that are left of them."""
        x = self.to_input(self.x_test[:SCATTERED])
        return observe_latent_space(network, x, self.labels_test[:SCATTERED], 10)

    @picture("filters")
    def filters(self, network: Network) -> Filters | None:
        """Show what the first convolution looks for."""
        return observe_filters(network)
