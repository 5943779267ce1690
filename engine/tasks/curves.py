"""Curves: the network bends a line onto noisy points."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from engine.arrays import Array
from engine.data import curves
from engine.hyperparameter import choice
from engine.pictures import TrackedExamples
from engine.tasks.families.curves import Curves
from engine.tasks.families.goal import Goal, curve_met
from engine.tasks.families.networks import dense_network


@dataclass(eq=False)
class SampledCurve(Curves):
    """A curve by formula, seen through noisy points."""

    f: ClassVar[Callable[[Array], Array]]

    points: int = choice("how many points to train on", default=200, minimum=10, maximum=5000, scale="log")
    noise: float = choice("how far points stray from the curve", default=0.05, minimum=0, maximum=1)
    test_share: float = choice("test points, as a share of all points", default=0.5, minimum=0.0, maximum=0.9)
    fresh: bool = choice("draw new training points for every step", default=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.fresh and (self.shuffled_labels or self.one_batch):
            raise ValueError("fresh must be off where answers are shuffled or one batch is all: it draws points for every step")

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

    def truth(self, x: Array) -> Array:
        return type(self).f(x)

    def tracked_examples(self) -> TrackedExamples:
        return TrackedExamples.of((self.x, self.target), (self.x_test, self.target_test))


@dataclass(eq=False)
class Sine(SampledCurve):
    """y = sin x. The defaults reach a test MSE of 0.01 after about 500 steps, 0.1 s on one core."""

    name: ClassVar[str] = "sine"
    title: ClassVar[str] = "Sine"
    summary: ClassVar[str] = "Every hidden neuron bends the line once: together they make a wave."
    goal: ClassVar[Goal] = curve_met("The line lies on the wave", 0.01)
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
class Step(SampledCurve):
    """A jump from −1 to 1. The defaults reach a test MSE of 0.05 after about 500 steps, 0.1 s on one core."""

    name: ClassVar[str] = "step"
    title: ClassVar[str] = "Step"
    summary: ClassVar[str] = "A smooth network cannot jump: watch how steep it dares to become."
    goal: ClassVar[Goal] = curve_met("The line is as steep as it can be", 0.05)
    f: ClassVar[Callable[[Array], Array]] = staticmethod(curves.step)


@dataclass(eq=False)
class Polynomial(SampledCurve):
    """A cubic with a hill and a valley. The defaults reach a test MSE of 0.01 after about 300 steps, 0.1 s on one core."""

    name: ClassVar[str] = "polynomial"
    title: ClassVar[str] = "Polynomial"
    summary: ClassVar[str] = "A hill and a valley: few neurons are enough."
    goal: ClassVar[Goal] = curve_met("The line follows hill and valley", 0.01)
    f: ClassVar[Callable[[Array], Array]] = staticmethod(curves.polynomial)


@dataclass(eq=False)
class Sines(SampledCurve):
    """A slow wave with fast ones on it; networks learn the slow one first (Rahaman et al. 2019, spectral bias).

    The defaults reach a test MSE of 0.05 after about 1,000 steps, 0.1 s on one core.
    """

    name: ClassVar[str] = "sines"
    title: ClassVar[str] = "Waves"
    summary: ClassVar[str] = "Slow waves are learned first, fast ones later."
    goal: ClassVar[Goal] = curve_met("Slow waves and fast ones are there", 0.05)
    f: ClassVar[Callable[[Array], Array]] = staticmethod(curves.sines)
