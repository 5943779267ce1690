"""What is minimized: one number that says how wrong the predictions are."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from engine.arrays import Array
from engine.choice import check


@dataclass(eq=False)
class Loss:
    """A mean over the batch, and its gradient with respect to the prediction. Neither argument is ever changed."""

    kind: ClassVar[str] = ""
    """What the target is: "classes" (integers) or "numbers"."""

    def __post_init__(self) -> None:
        check(self)

    def forward(self, prediction: Array, target: Array) -> float:
        """Compute the loss, and keep what backward will read."""
        raise NotImplementedError

    def backward(self) -> Array:
        """Give ∂L/∂prediction."""
        raise NotImplementedError


def softmax(logits: Array) -> Array:
    """Turn scores into probabilities that sum to one:  p_k = e^{z_k} / Σⱼ e^{z_j}.

    Taking the largest score off first changes nothing, and no exponential can overflow.
    """
    e: Array = np.exp(logits - logits.max(axis=-1, keepdims=True))
    e /= e.sum(axis=-1, keepdims=True)
    return e


@dataclass(eq=False)
class CrossEntropy(Loss):
    """How surprised the network is by the right class:  L = −mean log p[target],  p = softmax(logits).

    prediction: logits (N, K) or (N, T, K);  target: classes 0 … K−1, (N,) or (N, T).   ∂L/∂logits = (p − onehot) / N
    log p_k = z_k − max z − log Σⱼ e^{z_j − max z}: no logarithm of zero, no overflow.
    Bridle (1990), Probabilistic interpretation of feedforward classification network outputs.
    """

    kind: ClassVar[str] = "classes"

    def forward(self, prediction: Array, target: Array) -> float:
        if target.shape != prediction.shape[:-1] or target.dtype.kind not in "iu":
            raise ValueError(
                f"CrossEntropy wants integer classes of shape {prediction.shape[:-1]} for logits of shape "
                f"{prediction.shape}, got {target.dtype} of shape {target.shape}"
            )
        classes = prediction.shape[-1]
        logits, self.target, self.shape = prediction.reshape(-1, classes), target.reshape(-1), prediction.shape
        if self.target.size and not 0 <= self.target.min() <= self.target.max() < classes:
            raise ValueError(f"CrossEntropy wants classes from 0 to {classes - 1}, got {self.target.min()} to "
                             f"{self.target.max()}")
        shifted = logits - logits.max(axis=1, keepdims=True)
        e = np.exp(shifted)
        total = e.sum(axis=1, keepdims=True)
        self.rows = np.arange(len(logits))
        self.probabilities = e / total
        return float(np.mean(np.log(total[:, 0]) - shifted[self.rows, self.target]))

    def backward(self) -> Array:
        d_logits: Array = self.probabilities.copy()
        d_logits[self.rows, self.target] -= 1
        d_logits /= len(d_logits)
        return d_logits.reshape(self.shape)


@dataclass(eq=False)
class MSE(Loss):
    """The mean squared error:  L = mean (prediction − target)²,  over all numbers of the batch.

    ∂L/∂prediction = 2 (prediction − target) / (their number).   Legendre (1805), the method of least squares.
    """

    kind: ClassVar[str] = "numbers"

    def forward(self, prediction: Array, target: Array) -> float:
        if target.shape != prediction.shape:
            raise ValueError(f"MSE wants a target of the prediction's shape {prediction.shape}, got {target.shape}")
        self.difference = prediction - target
        return float(np.mean(self.difference * self.difference))

    def backward(self) -> Array:
        return self.difference * (2 / self.difference.size)


LOSSES: dict[str, type[Loss]] = {loss.__name__: loss for loss in (CrossEntropy, MSE)}
