"""What is measured of a network that trains, without touching it: one look, and all looks so far."""

from dataclasses import dataclass, field

import numpy as np

from engine.arrays import Array
from engine.losses import IGNORE, MAE, BinaryCrossEntropy, CrossEntropy
from engine.training.events import Metrics
from engine.training.training import Training

MOST_LOOKS = 256
"""How many looks are kept; with more, every second one is forgotten, and the next come half as often."""
TINY = 1e-12
"""Keeps divisions finite."""


@dataclass(frozen=True)
class Vitals:
    """What one look saw; arrays have a number for each of the network's layers, 0 where a layer has no parameters."""

    step: int
    loss: float
    """The mean of the batches' losses since the look before, without the penalty."""
    lowest: float
    """The smallest of them."""
    ratio: Array
    """‖Δθ‖ / ‖θ‖ of every layer's step, the median of those that were measured since the look before."""
    gradient: Array
    """‖∂L/∂θ‖ of every layer, as the optimizer was given it, in the last step."""
    size: Array
    """‖θ‖ of every layer before the last step."""
    row: Metrics | None
    """The newest row of metrics."""


@dataclass
class Record:
    """What the doctor knows of a run: how it was set up, what its data allow, and what the looks saw."""

    training: Training
    baseline: float | None
    """The loss of the best answer that is always the same, whatever the input; None where nothing is like that."""
    first: float | None = None
    """The loss before the first step; None where nobody looked then."""
    looks: list[Vitals] = field(default_factory=list)

    @property
    def step(self) -> int:
        """Say how far the run is."""
        return self.training.step

    @property
    def now(self) -> Vitals | None:
        """Give the newest look; None before the first."""
        return self.looks[-1] if self.looks else None


def constant_loss(training: Training) -> float | None:
    """Compute the loss of the best constant answer: the classes' shares, the mean, the median of the targets.

    For evenly spread classes it is ln K.
    """
    task = training.task
    if not len(task.target) or task.kind not in ("classes", "numbers", "shares"):
        return None
    target, shape = task.to_target(task.target[:1000]), training.network.output_shape
    if isinstance(training.test_loss, CrossEntropy):
        counted = target[target != IGNORE]
        answer = np.log(np.maximum(np.bincount(counted.reshape(-1), minlength=shape[-1]) / max(counted.size, 1), TINY))
    elif isinstance(training.test_loss, BinaryCrossEntropy):
        share = np.clip(target.mean(axis=0), 1e-6, 1 - 1e-6)
        answer = np.log(share / (1 - share))
    elif task.kind == "classes":
        return None
    else:
        answer = np.median(target, axis=0) if isinstance(training.test_loss, MAE) else target.mean(axis=0)
    return training.test_loss.forward(np.broadcast_to(answer, (len(target), *shape)), target)
