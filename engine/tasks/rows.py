"""Rows: a digit is read from top to bottom, one row of pixels at a time."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from engine import pictures
from engine.arrays import Array, Shape
from engine.hyperparameter import choice
from engine.losses import IGNORE
from engine.network import Network
from engine.tasks.families.digits import Digits
from engine.tasks.families.followed import Followed
from engine.tasks.families.goal import Goal, answers_right
from engine.tasks.families.labelled import Labelled
from engine.tasks.task_picture import picture

SHOWN = 6


@dataclass(eq=False)
class Rows(Labelled, Followed, Digits):
    """MNIST as 28 steps of 28 pixels: the network guesses after every row, and the last guess counts as its accuracy.

    The defaults reach 95 % of 500 test digits after about 1,100 steps, 10 s on one core.
    """

    name: ClassVar[str] = "rows"
    seeded: ClassVar[bool] = False
    title: ClassVar[str] = "Rows"
    group: ClassVar[str] = "sequences"
    summary: ClassVar[str] = "After which row is the network sure? A 7 shows early, a 5 and a 3 part late."
    goal: ClassVar[Goal] = answers_right("After the last row, {value} of the digits {unseen} are read right.", 0.95)
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

    @picture("guesses row by row")
    def guesses(self, network: Network, example: int) -> pictures.Rows:
        """Let the network guess some digits after every row."""
        shown = slice(i := example % (len(self.x_test) - SHOWN + 1), i + SHOWN)
        images, labels = self.x_test[shown], self.target_test[shown, -1]
        return pictures.observe_rows(network, images, self.to_input(images), labels)

    @picture("hidden state and gates")
    def states(self, network: Network, example: int) -> pictures.States | None:
        """Watch the recurrent layer read one digit."""
        i = example % len(self.x_test)
        x, label = self.to_input(self.x_test[i : i + 1]), self.target_test[i, -1]
        return pictures.observe_states(network, x, [], lambda y: f"says {y[-1].argmax()}, it is {label}", i, len(self.x_test))

    @picture("gradient through time")
    def gradient_through_time(self, network: Network) -> pictures.GradientNorm | None:
        """Measure how far the last batch's gradient reached back."""
        return pictures.observe_gradient_norm(network)
