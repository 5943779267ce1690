"""Classes of points in the plane: the network draws a line between them, as crooked as it must be."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from engine.arrays import Array
from engine.data import points as draw
from engine.hyperparameter import choice
from engine.tasks.families.goal import Goal, points_right
from engine.tasks.families.labelled import Emptied
from engine.tasks.families.networks import dense_network
from engine.tasks.families.plane import Plane

NOISE = "how far points stray"


def deep(layers: int, activation: str, normalization: str = "", initializer: str = "xavier") -> list[dict[str, Any]]:
    """Describe many narrow layers, with a normalization between each and its activation where wanted."""
    norm: list[dict[str, Any]] = [{"layer": normalization}] if normalization else []
    hidden: list[dict[str, Any]] = [{"layer": "Dense", "units": 8, "initializer": initializer}, *norm, {"layer": activation}]
    return [*hidden * layers, {"layer": "Dense"}]


GLIDING: Mapping[str, Any] = {"schedule": {"name": "Cosine"}, "steps": 1500}
"""With batch norm the learning rate has to come down: the running averages lag behind weights that move fast."""


QUICK: Mapping[str, Any] = {"optimizer": {"name": "Adam", "learning_rate": 0.05}, "steps": 1000}
"""What one layer learns with: it has no steep places."""


@dataclass(eq=False)
class Points(Emptied, Plane):
    """Points that are drawn at random, once for training and once more for testing."""

    points: int = choice("how many points to train on", default=300, minimum=10, maximum=5000, scale="log")
    noise: float = choice(NOISE, default=0.1, minimum=0, maximum=0.5)
    test_share: float = choice("test points, as a share of all points", default=0.5, minimum=0.0, maximum=0.9)

    @property
    def outputs(self) -> int:
        return 2

    @property
    def examples(self) -> int:
        return self.points

    def draw(self, n: int, rng: np.random.Generator) -> tuple[Array, Array]:
        """Draw n points and their classes."""
        raise NotImplementedError

    def load(self, rng: np.random.Generator) -> None:
        test_points = round(self.points * self.test_share / (1 - self.test_share))
        self.x, self.target = self.draw(self.points, rng)
        self.x_test, self.target_test = self.draw(test_points, rng)
        self.x, self.x_test = self.x.astype(np.float32), self.x_test.astype(np.float32)


@dataclass(eq=False)
class Spiral(Points):
    """Arms that wind around each other. The defaults reach 98 % of 300 test points after about 400 steps, 0.1 s on one core."""

    name: ClassVar[str] = "spiral"
    title: ClassVar[str] = "Spiral"
    summary: ClassVar[str] = "No straight line separates the arms: watch the boundary fold itself around them."
    goal: ClassVar[Goal] = points_right("The boundary has folded around the {arms} arms")
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "Eight sigmoid layers: little comes through": {"network": deep(8, "Sigmoid"), **GLIDING},
        "The same with batch norm": {"network": deep(8, "Sigmoid", "BatchNorm"), **GLIDING},
        "Eight SELU layers: no norm needed": {"network": deep(8, "SELU", initializer="lecun"), **GLIDING},
        "The original: 2-100-3, SGD": {
            "network": dense_network(100, activation="ReLU"),
            "optimizer": {"name": "SGD", "learning_rate": 1.0},
            "regularizer": {"name": "L2", "strength": 1e-3},
            "batch_size": 300,
            "steps": 10_000,
            "data": {"points": 300, "noise": 0.2, "arms": 3},
        },
    }

    arms: int = choice("how many arms, one class each", default=3, minimum=2, maximum=5)
    noise: float = choice(NOISE, default=0.15, minimum=0, maximum=0.5)

    @property
    def outputs(self) -> int:
        return self.arms

    def draw(self, n: int, rng: np.random.Generator) -> tuple[Array, Array]:
        return draw.spiral(n, self.arms, self.noise, rng)


@dataclass(eq=False)
class Circles(Points):
    """A disc inside a ring. The defaults reach 98 % of 300 test points after about 100 steps, 0.1 s on one core."""

    name: ClassVar[str] = "circles"
    title: ClassVar[str] = "Circles"
    summary: ClassVar[str] = "One class surrounds the other: the boundary has to close."
    goal: ClassVar[Goal] = points_right("The boundary has closed around the inner disc")
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "Squares as inputs, no hidden layer": {"network": dense_network(), "data": {"inputs": ["x1^2", "x2^2"]}, **QUICK},
    }

    def draw(self, n: int, rng: np.random.Generator) -> tuple[Array, Array]:
        return draw.circles(n, self.noise, rng)


@dataclass(eq=False)
class XOR(Points):
    """Four squares like a chessboard, which no single neuron can tell apart (Minsky & Papert 1969, Perceptrons).

    The defaults reach 98 % of 300 test points after about 40 steps, 0.1 s on one core.
    """

    name: ClassVar[str] = "xor"
    title: ClassVar[str] = "XOR"
    summary: ClassVar[str] = "The problem that stopped perceptrons: remove the hidden layers and see why."
    goal: ClassVar[Goal] = points_right("Each class has two of the four fields")
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "The product as input, no hidden layer": {"network": dense_network(), "data": {"inputs": ["x1*x2"]}, **QUICK},
    }

    noise: float = choice(NOISE, default=0.03, minimum=0, maximum=0.5)

    def draw(self, n: int, rng: np.random.Generator) -> tuple[Array, Array]:
        return draw.xor(n, self.noise, rng)


@dataclass(eq=False)
class Blobs(Points):
    """Round clouds, which straight lines can separate.

    The defaults reach 98 % of 300 test points after about 20 steps, 0.1 s on one core.
    """

    name: ClassVar[str] = "blobs"
    title: ClassVar[str] = "Blobs"
    summary: ClassVar[str] = "Straight lines are enough: a network without hidden layers learns this."
    goal: ClassVar[Goal] = points_right("Each of the {classes} clouds has its own region")

    classes: int = choice("how many clouds, one class each", default=4, minimum=2, maximum=8)
    noise: float = choice(NOISE, default=0.15, minimum=0, maximum=0.5)

    @property
    def outputs(self) -> int:
        return self.classes

    def draw(self, n: int, rng: np.random.Generator) -> tuple[Array, Array]:
        return draw.blobs(n, self.classes, self.noise, rng)


@dataclass(eq=False)
class Moons(Points):
    """Two half circles that reach into each other.

    The defaults reach 98 % of 300 test points after about 300 steps, 0.1 s on one core.
    """

    name: ClassVar[str] = "moons"
    title: ClassVar[str] = "Moons"
    summary: ClassVar[str] = "Two crescents, hooked into each other: one smooth bend is enough."
    goal: ClassVar[Goal] = points_right("One smooth bend parts the two moons")

    noise: float = choice(NOISE, default=0.08, minimum=0, maximum=0.5)

    def draw(self, n: int, rng: np.random.Generator) -> tuple[Array, Array]:
        return draw.moons(n, self.noise, rng)
