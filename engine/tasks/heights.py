"""Heights over the plane: the network bends a sheet onto noisy points."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from engine.arrays import Array
from engine.data import curves
from engine.hyperparameter import choice
from engine.network import Network
from engine.pictures import Heights, TrackedExamples, observe_heights
from engine.tasks.families.goal import Goal, curve_met
from engine.tasks.families.labelled import Emptied
from engine.tasks.families.networks import dense_network
from engine.tasks.families.plane import OfThePlane
from engine.tasks.task_picture import picture


@dataclass(eq=False)
class SampledHeights(Emptied, OfThePlane):
    """A height for every place of the plane, seen only through noisy points."""

    f: ClassVar[Callable[[Array, Array], Array]]
    group: ClassVar[str] = "curves"
    kind: ClassVar[str] = "numbers"
    defaults: ClassVar[Mapping[str, Any]] = {
        "network": dense_network(12, 12),
        "optimizer": {"name": "Adam", "learning_rate": 0.01},
        "loss": {"name": "MSE"},
        "batch_size": 100,
        "steps": 10_000,
        "evaluate_every": 20,
    }
    watching_speed: ClassVar[int | None] = 200

    points: int = choice("how many points to train on", default=200, minimum=10, maximum=5000, scale="log")
    noise: float = choice("how far heights stray from the truth", default=0.05, minimum=0, maximum=1)
    test_share: float = choice("test points, as a share of all points", default=0.5, minimum=0.0, maximum=0.9)

    @property
    def outputs(self) -> int:
        return 1

    @property
    def examples(self) -> int:
        return self.points

    def draw(self, n: int, rng: np.random.Generator) -> tuple[Array, Array]:
        """Draw n points (n, 2) and their heights (n, 1)."""
        x, y = curves.sample_heights(type(self).f, n, self.noise, rng)
        return x.astype(np.float32), y.astype(np.float32)

    def load(self, rng: np.random.Generator) -> None:
        self.x, self.target = self.draw(self.points, rng)
        self.x_test, self.target_test = self.draw(round(self.points * self.test_share / (1 - self.test_share)), rng)

    @picture("predicted heights")
    def predicted(self, network: Network) -> Heights:
        """Ask for the height of every place."""
        shown = TrackedExamples.of((self.x, self.target), (self.x_test, self.target_test))
        return observe_heights(network, self.extent, shown.x, shown.target, shown.is_test, self.to_input)


@dataclass(eq=False)
class TiltedPlane(SampledHeights):
    """y = 0.3 x₁ + 0.6 x₂, which a single neuron can be: linear regression."""

    name: ClassVar[str] = "plane"
    title: ClassVar[str] = "Plane"
    summary: ClassVar[str] = "Heights that rise evenly: one neuron without activation is enough. Take the others away."
    goal: ClassVar[Goal] = curve_met("The sheet lies on the plane", 0.004)
    f: ClassVar[Callable[[Array, Array], Array]] = staticmethod(curves.plane)
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {"One neuron: linear regression": {"network": dense_network()}}


@dataclass(eq=False)
class Hills(SampledHeights):
    """Two hills and two hollows, each a Gaussian."""

    name: ClassVar[str] = "hills"
    title: ClassVar[str] = "Hills"
    summary: ClassVar[str] = "Two hills, two hollows: watch the sheet rise to one after the other."
    goal: ClassVar[Goal] = curve_met("The hills and hollows are there", 0.008)
    f: ClassVar[Callable[[Array, Array], Array]] = staticmethod(curves.hills)
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "No activation: only a tilted plane": {"network": [{"layer": "Dense", "units": 12}, {"layer": "Dense"}]},
    }


@dataclass(eq=False)
class Saddle(SampledHeights):
    """y = x₁² − x₂²: up to the left and the right, down in front and behind."""

    name: ClassVar[str] = "saddle"
    title: ClassVar[str] = "Saddle"
    summary: ClassVar[str] = "Up on two sides, down on the others: no tilted plane comes near it."
    goal: ClassVar[Goal] = curve_met("The sheet lies on the saddle", 0.005)
    f: ClassVar[Callable[[Array, Array], Array]] = staticmethod(curves.saddle)
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "Squares as inputs, one neuron": {"network": dense_network(), "data": {"inputs": ["x1^2", "x2^2"]}},
    }
