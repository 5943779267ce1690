"""A copy of a run that begins before its first step, as often as one likes, and whose steps nobody else sees."""

import time
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from engine.arrays import Array
from engine.data.folders import DataFolders
from engine.layers import Dropout
from engine.training.checkpoint import load_random_states, random_states
from engine.training.configuration import Configuration
from engine.training.kept import held, put
from engine.training.training import DivergedError, Training

SECONDS = 2.3
"""How long an experiment takes at the most, with its sentences and the way to the page less than 3."""


def chosen(of: Configuration | Training) -> Configuration:
    """Give what was chosen for a run."""
    return of.configuration if isinstance(of, Training) else of


class Trial:
    """A copy of a run, untrained: it has the run's first weights, data and order, and networks, rngs and arrays of its own.

    A schedule does not count in it: it is at the chosen rate from its first step on.
    """

    def __init__(self, of: Configuration | Training, folders: DataFolders | None = None, **changes: Any) -> None:
        """Copy a run, or make it from its configuration; `changes` are other values of the configuration."""
        self.began = time.perf_counter()
        run = of if isinstance(of, Training) else None
        plain = {**chosen(of).as_dict(), "schedule": {"name": "Constant"}, "averaging": 0.0, "patience": None, **changes}
        self.training = Training(Configuration.from_dict(plain), run.folders if run else folders)
        if run and not run.step:  # it may have begun with the weights of a file
            put(held(self.training.network), held(run.network))
        self._first = {name: array.copy() for name, array in held(self.training.network).items()}
        self._streams: Mapping[str, Any] = random_states(self.training)
        self.steps = 0

    @property
    def seconds(self) -> float:
        """Count the seconds since it was made."""
        return time.perf_counter() - self.began

    def begin(self, learning_rate: float | None = None) -> Iterator[tuple[Array, Array]]:
        """Stand before the first step again, at this rate where one is given, and go through the batches."""
        training = self.training
        put(held(training.network), self._first)
        load_random_states(training, self._streams)
        training.begin()
        if learning_rate is not None:
            training.learning_rate = learning_rate
        return training.batches()

    def step(self, x: Array, target: Array) -> tuple[Array, float]:
        """Do one step; return what was predicted, and the loss from before it. Raises DivergedError."""
        done = self.training.update(x, target)
        self.training.step += 1
        self.steps += 1
        return done

    def losses(self, steps: int, rate: float | None = None, empty: bool = False) -> Iterator[float]:
        """Train from the beginning, where wanted at a rate or on zeros in the place of the inputs; give the loss of each step,
        until it is no number.
        """
        for _, (x, target) in zip(range(steps), self.begin(rate), strict=False):
            try:
                yield self.step(np.zeros_like(x) if empty else x, target)[1]
            except DivergedError:
                return

    def drop_nothing(self) -> bool:
        """Let Dropout drop nothing; tell whether there is any."""
        found = [layer for layer in self.training.network.walk() if isinstance(layer, Dropout) and layer.rate]
        for layer in found:
            layer.rate = 0.0
        return bool(found)
