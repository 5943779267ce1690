"""What guessing comes to: the losses of those who know nothing of the inputs."""

import numpy as np

from engine.arrays import Array
from engine.losses import IGNORE, MAE, BinaryCrossEntropy, CrossEntropy, Loss
from engine.tasks import Task
from engine.training.training import Training

COUNTED = 1000
"""Of how many examples the best constant answer is computed."""


def unsure_loss(task: Task, loss: Loss, target: Array, shape: tuple[int, ...]) -> float:
    """Compute the loss of one who is sure of nothing: all K classes alike, ln K; one half everywhere, ln 2; or the mean."""
    answer = target.mean(axis=0) if task.kind == "numbers" else np.zeros(shape)
    return loss.forward(np.broadcast_to(answer, (len(target), *shape)), target)


def constant_losses(training: Training) -> tuple[float | None, float | None]:
    """Compute the loss of the best constant answer, and that of the same answer on the test data.

    It is the classes' shares, the mean, or the median of the targets for training. For evenly spread classes its loss is ln K.
    """
    task = training.task
    if not len(task.target) or task.kind not in ("classes", "numbers", "shares"):
        return None, None
    target, shape = task.to_target(evenly(task.target, COUNTED)), training.network.output_shape
    if isinstance(training.test_loss, CrossEntropy):
        counted = target[target != IGNORE].reshape(-1)
        shares = np.bincount(counted, minlength=shape[-1]) / max(counted.size, 1)
        answer = np.log(np.maximum(shares, 1e-9))
    elif isinstance(training.test_loss, BinaryCrossEntropy):
        share = np.clip(target.mean(axis=0), 1e-6, 1 - 1e-6)
        answer = np.log(share / (1 - share))
    elif task.kind == "classes":
        return None, None
    else:
        answer = np.median(target, axis=0) if isinstance(training.test_loss, MAE) else target.mean(axis=0)
    tested = task.to_target(evenly(task.target_test, COUNTED)) if len(task.target_test) else target[:0]
    known, others = (
        training.test_loss.forward(np.broadcast_to(answer, (len(one), *shape)), one) if len(one) else None
        for one in (target, tested)
    )
    return known, others


def evenly(values: Array, most: int) -> Array:
    """Choose examples evenly over all of them, for their order may mean something."""
    n = min(most, len(values))
    return values if n == len(values) else values[np.arange(n) * len(values) // n]
