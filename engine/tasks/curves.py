"""Curves: the network bends a line onto noisy points."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from engine import probes
from engine.arrays import Array, Shape
from engine.data import curves
from engine.events import Curve, Diagram
from engine.hyperparameter import choice
from engine.network import Network
from engine.tasks.points import dense_network
from engine.tasks.task import Probe, Task
from engine.training.example_history import Witnesses


@dataclass(eq=False)
class CurveTask(Task):
    """A curve y = f(x) over 0 ≤ x ≤ 10, seen only through noisy points."""

    group: ClassVar[str] = "curves"
    kind: ClassVar[str] = "numbers"
    f: ClassVar[Callable[[Array], Array]]
    defaults: ClassVar[Mapping[str, Any]] = {
        "network": dense_network(16, 16),
        "optimizer": {"name": "Adam", "learning_rate": 0.01},
        "loss": {"name": "MSE"},
        "batch_size": 50,
        "steps": 20_000,
        "evaluate_every": 20,
    }
    pictures: ClassVar[Mapping[str, str]] = {"fitted curve": "curve", "network": "diagram"}
    watching_speed: ClassVar[int | None] = 300

    points: int = choice("how many points to train on", default=200, minimum=10, maximum=5000, scale="log")
    noise: float = choice("how far points stray from the curve", default=0.05, minimum=0, maximum=1)
    test_share: float = choice("test points, as a share of all points", default=0.5, minimum=0.0, maximum=0.9)
    fresh: bool = choice("draw new training points for every step", default=False)

    @property
    def input_shape(self) -> Shape:
        return (1,)

    @property
    def outputs(self) -> int:
        return 1

    @property
    def examples(self) -> int:
        return self.points

    def draw(self, n: int, rng: np.random.Generator) -> tuple[Array, Array]:
        """Draw n points of the curve, x and y (n, 1)."""
        x, y = curves.sample(type(self).f, n, self.noise, rng)
        return x.astype(np.float32), y.astype(np.float32)

    def load(self, rng: np.random.Generator) -> None:
        self.x, self.target = self.draw(self.points, rng)
        test_points = round(self.points * self.test_share / (1 - self.test_share))
        self.x_test, self.target_test = self.draw(test_points, rng)

    def batches(self, batch_size: int, rng: np.random.Generator) -> Iterator[tuple[Array, Array]]:
        if not self.fresh:
            yield from super().batches(batch_size, rng)
        while True:
            yield self.draw(batch_size, rng)

    def witnesses(self) -> Witnesses:
        x, target = np.concatenate([self.x, self.x_test]), np.concatenate([self.target, self.target_test])
        return Witnesses(x, target, np.arange(len(x)) >= len(self.x))

    def probes(self) -> Mapping[str, Probe]:
        low, high = curves.INTERVAL
        x = np.linspace(low, high, 300)
        truth, shown = type(self).f(x), self.witnesses()
        points = np.hstack([shown.x, shown.target])

        def fit(network: Network, example: int) -> Curve:
            return probes.curve(network, x, truth, points, shown.is_test)

        def neurons(network: Network, example: int) -> Diagram:
            return probes.diagram(network, np.linspace(low, high, 64).reshape(-1, 1), (1, 64))

        return {"fitted curve": fit, "network": neurons}


@dataclass(eq=False)
class Sine(CurveTask):
    """y = sin x. The defaults reach a test MSE of 0.01 after about 600 steps."""

    name: ClassVar[str] = "sine"
    title: ClassVar[str] = "Sine"
    summary: ClassVar[str] = "Every hidden neuron bends the line once: together they make a wave."
    f: ClassVar[Callable[[Array], Array]] = staticmethod(curves.sine)
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "The original: 1-100-1, SGD": {
            "network": dense_network(100, activation="ReLU"),
            "optimizer": {"name": "SGD", "learning_rate": 0.01},
            "regularizer": {"name": "L2", "strength": 1e-3},
            "batch_size": 1000,
            "steps": 100_000,
            "data": {"points": 1000, "noise": 0.0, "fresh": True},
            "evaluate_every": 100,
        },
    }


@dataclass(eq=False)
class Step(CurveTask):
    """A jump from −1 to 1."""

    name: ClassVar[str] = "step"
    title: ClassVar[str] = "Step"
    summary: ClassVar[str] = "A smooth network cannot jump: watch how steep it dares to become."
    f: ClassVar[Callable[[Array], Array]] = staticmethod(curves.step)


@dataclass(eq=False)
class Polynomial(CurveTask):
    """A cubic with a hill and a valley."""

    name: ClassVar[str] = "polynomial"
    title: ClassVar[str] = "Polynomial"
    summary: ClassVar[str] = "A hill and a valley: few neurons are enough."
    f: ClassVar[Callable[[Array], Array]] = staticmethod(curves.polynomial)


@dataclass(eq=False)
class Sines(CurveTask):
    """A slow wave with fast ones on it; networks learn the slow one first (Rahaman et al. 2019, spectral bias)."""

    name: ClassVar[str] = "sines"
    title: ClassVar[str] = "Waves"
    summary: ClassVar[str] = "Slow waves are learned first, fast ones later."
    f: ClassVar[Callable[[Array], Array]] = staticmethod(curves.sines)
