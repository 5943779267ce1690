"""Points of the plane, wherever they come from: what a network is told of them, and their classes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from engine.arrays import Array, Shape
from engine.data.points import FEATURES, features
from engine.hyperparameter import choice
from engine.network import Network
from engine.pictures import Diagram, Extent, Field, TrackedExamples, grid, observe_field, observe_neuron, observe_neurons
from engine.tasks.families.networks import dense_network
from engine.tasks.task import Task
from engine.tasks.task_picture import picture


@dataclass(eq=False, kw_only=True)
class OfThePlane(Task):
    """Something to learn about the points of the plane; what the network is told of each can be chosen."""

    inputs: tuple[str, ...] = choice("what the network is told of each point", default=("x1", "x2"), among=FEATURES)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.inputs = tuple(name for name in FEATURES if name in self.inputs)

    @property
    def input_shape(self) -> Shape:
        return (len(self.inputs),)

    @property
    def input_names(self) -> list[str]:
        return [FEATURES[name][0] for name in self.inputs]

    @property
    def asked_shape(self) -> Shape:
        return (2,)

    def to_input(self, x: Array) -> Array:
        return features(x, self.inputs)

    def asked(self, x: Array) -> Array:
        return self.to_input(x)

    @picture("network")
    def neurons(self, network: Network) -> Diagram:
        """Draw every neuron by its answers over the plane."""
        return observe_neurons(network, self.to_input(grid(self.extent, 32)), (32, 32), self.input_names)

    @picture("neuron", by_hand=True)
    def neuron_map(self, network: Network, neuron: int) -> Diagram | None:
        """Draw one neuron by its answers over the plane, as finely as the boundary."""
        return observe_neuron(network, self.to_input(grid(self.extent, 100)), (100, 100), neuron)

    def tracked_examples(self) -> TrackedExamples:
        return TrackedExamples.of((self.to_input(self.x), self.target), (self.to_input(self.x_test), self.target_test))

    @property
    def extent(self) -> Extent:
        """Give left, right, bottom and top of what is shown: all points, and a little more."""
        reach = 1.05 * max(1.0, float(np.abs(self.x).max()), float(np.abs(self.x_test).max(initial=0)))
        return (-reach, reach, -reach, reach)


@dataclass(eq=False)
class Plane(OfThePlane):
    """Points of the plane in two or more classes."""

    group: ClassVar[str] = "points"
    defaults: ClassVar[Mapping[str, Any]] = {
        "network": dense_network(12, 12),
        "optimizer": {"name": "Adam", "learning_rate": 0.005},
        "loss": {"name": "CrossEntropy"},
        "batch_size": 300,
        "steps": 10_000,
        "evaluate_every": 20,
    }
    watching_speed: ClassVar[int | None] = 200

    @picture("decision boundary")
    def boundary(self, network: Network) -> Field:
        """Ask for the class at every place."""
        shown = TrackedExamples.of((self.x, self.target), (self.x_test, self.target_test))
        return observe_field(network, self.extent, shown.x, shown.target, shown.is_test, self.to_input)
