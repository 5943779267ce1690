"""Curves, wherever their points come from: the network bends a line onto them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from engine.arrays import Array, Shape
from engine.data.curves import INTERVAL
from engine.network import Network
from engine.pictures import Curve, Diagram, observe_curve, observe_neuron, observe_neurons
from engine.tasks.families.labelled import Labelled
from engine.tasks.families.networks import dense_network
from engine.tasks.task_picture import picture


@dataclass(eq=False)
class Curves(Labelled):
    """A curve y = f(x) over 0 ≤ x ≤ 10, seen only through points."""

    group: ClassVar[str] = "curves"
    kind: ClassVar[str] = "numbers"
    defaults: ClassVar[Mapping[str, Any]] = {
        "network": dense_network(16, 16),
        "optimizer": {"name": "Adam", "learning_rate": 0.01},
        "loss": {"name": "MSE"},
        "batch_size": 50,
        "steps": 20_000,
        "evaluate_every": 20,
    }
    watching_speed: ClassVar[int | None] = 300

    @property
    def input_shape(self) -> Shape:
        return (1,)

    @property
    def outputs(self) -> int:
        return 1

    def truth(self, x: Array) -> Array:
        """Give the curve without noise, NaN where nobody knows it."""
        raise NotImplementedError

    @picture("fitted curve")
    def fit(self, network: Network) -> Curve:
        """Ask for y along the curve."""
        x = np.linspace(*INTERVAL, 300)
        points = np.concatenate([np.hstack([self.x, self.target]), np.hstack([self.x_test, self.target_test])])
        return observe_curve(network, x, self.truth(x), points, np.arange(len(points)) >= len(self.x))

    @picture("network")
    def neurons(self, network: Network) -> Diagram:
        """Draw every neuron by its answers along the curve."""
        return observe_neurons(network, np.linspace(*INTERVAL, 64).reshape(-1, 1), (1, 64))

    @picture("neuron", by_hand=True)
    def neuron_map(self, network: Network, neuron: int) -> Diagram | None:
        """Draw one neuron by its answers along the curve, as finely as the fit."""
        return observe_neuron(network, np.linspace(*INTERVAL, 300).reshape(-1, 1), (1, 300), neuron)
