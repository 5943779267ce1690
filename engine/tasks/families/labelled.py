"""Switches that show what learning needs: labels that say something, inputs that tell something, more than one batch."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from engine.arrays import Array
from engine.hyperparameter import choice
from engine.tasks.task import Task

SWITCHES = "What learning needs"
"""Where they stand on a form."""


@dataclass(eq=False, kw_only=True)
class Labelled(Task):
    """Examples with an answer each (a class, a number, a row, an image), which can be taken from the network's reach. All tasks
    have it but the optimizers' landscapes, which have no examples.

    Zhang et al. (2017), Understanding deep learning requires rethinking generalization: a network that is large enough learns
    shuffled labels by heart, and knows nothing about new examples.
    """

    shuffled_labels: bool = choice(
        "training answers change places, so that none says anything about its example; those of the test stay true",
        default=False,
        section=SWITCHES,
    )
    one_batch: bool = choice("every step trains on the same batch, the first one", default=False, section=SWITCHES)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.shuffled_labels and getattr(self, "test_share", 1) == 0:
            raise ValueError("test_share must be above 0 where labels are shuffled: only true labels tell what it knows")

    def prepare(self, rng: np.random.Generator) -> None:
        super().prepare(rng)
        if not (self.shuffled_labels or self.one_batch):
            return
        labels, batch = rng.spawn(2)  # the same data, and the same batch of them, whatever else is switched on
        self.first = batch.permutation(len(self.x))
        if self.shuffled_labels:
            self.target = self.target[labels.permutation(len(self.target))]

    def batches(self, batch_size: int, rng: np.random.Generator) -> Iterator[tuple[Array, Array]]:
        if not self.one_batch:
            yield from super().batches(batch_size, rng)
        chosen = self.first[:batch_size]
        while True:
            yield self.to_input(self.x[chosen]), self.to_target(self.target[chosen])

    def steps_per_epoch(self, batch_size: int) -> int:
        return 1 if self.one_batch else super().steps_per_epoch(batch_size)


@dataclass(eq=False, kw_only=True)
class Emptied(Labelled):
    """Labelled examples of which the network can be told nothing."""

    empty_inputs: bool = choice(
        "every input is 0: the network is told nothing about any example", default=False, section=SWITCHES
    )

    def to_input(self, x: Array) -> Array:
        told = super().to_input(x)
        return np.zeros_like(told) if self.empty_inputs else told
