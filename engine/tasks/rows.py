"""Rows: a digit is read from top to bottom, one row of pixels at a time."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from engine import probes
from engine.arrays import Array, Shape
from engine.events import Backflow, States
from engine.events import Rows as RowsPicture
from engine.hyperparameter import choice
from engine.losses import IGNORE
from engine.network import Network
from engine.tasks.mnist import Digits
from engine.tasks.task import Probe

SHOWN = 6


@dataclass(eq=False)
class Rows(Digits):
    """MNIST as 28 steps of 28 pixels: the network guesses after every row, and the last guess counts as its accuracy.

    The defaults (LSTM 64) reach 93 % of the bundled test digits after about 800 steps, 7 s on 2 cores.
    """

    name: ClassVar[str] = "rows"
    title: ClassVar[str] = "Rows"
    group: ClassVar[str] = "sequences"
    summary: ClassVar[str] = "After which row is the network sure? A 7 shows early, a 5 and a 3 part late."
    defaults: ClassVar[Mapping[str, Any]] = {
        "network": [{"layer": "LSTM", "units": 64, "return_sequences": True}, {"layer": "Dense"}],
        "optimizer": {"name": "Adam", "learning_rate": 0.004},
        "loss": {"name": "CrossEntropy"},
        "batch_size": 64,
        "steps": 2000,
        "evaluate_every": 20,
        "clip_norm": 1.0,
    }
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "GRU": {"network": [{"layer": "GRU", "units": 64, "return_sequences": True}, {"layer": "Dense"}]},
        "RNN": {"network": [{"layer": "RNN", "units": 64, "return_sequences": True}, {"layer": "Dense"}]},
    }
    pictures: ClassVar[Mapping[str, str]] = {
        "guesses row by row": "rows",
        "hidden state and gates": "states",
        "gradient through time": "backflow",
        "network": "diagram",
    }

    judged_from: int = choice("the first row whose guess counts in the loss", default=14, minimum=1, maximum=28)

    @property
    def input_shape(self) -> Shape:
        return (28, 28)

    @property
    def output_shape(self) -> Shape:
        return (28, 10)

    def load(self, rng: np.random.Generator) -> None:
        super().load(rng)
        self.target, self.target_test = self.at_every_row(self.target), self.at_every_row(self.target_test)

    def at_every_row(self, labels: Array) -> Array:
        """Repeat the labels (N,) for every row that is judged: (N, 28)."""
        target = np.full((len(labels), 28), IGNORE)
        target[:, self.judged_from - 1 :] = labels[:, None]
        return target

    def accuracy(self, prediction: Array, target: Array) -> float:
        return float(np.mean(prediction[:, -1].argmax(axis=-1) == target[:, -1]))

    def to_input(self, x: Array) -> Array:
        return x.astype(np.float32) / 255

    def probes(self) -> Mapping[str, Probe]:
        x_test, labels = self.to_input(self.x_test), self.target_test[:, -1]

        def rows(network: Network, example: int) -> RowsPicture:
            i = example % (len(x_test) - SHOWN + 1)
            return probes.rows(network, self.x_test[i : i + SHOWN], x_test[i : i + SHOWN], labels[i : i + SHOWN])

        def states(network: Network, example: int) -> States | None:
            i = example % len(x_test)
            return probes.states(
                network, x_test[i : i + 1], [], lambda y: f"says {y[-1].argmax()}, it is {labels[i]}", i, len(x_test)
            )

        def backflow(network: Network, example: int) -> Backflow | None:
            return probes.backflow(network)

        return {
            "guesses row by row": rows,
            "hidden state and gates": states,
            "gradient through time": backflow,
            "network": self.journey,
        }
