"""What is minimized: one number that says how wrong the predictions are."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from engine.arrays import Array, OrderError
from engine.functions import sigmoid
from engine.hyperparameter import check, choice


@dataclass(eq=False)
class Loss:
    """A mean over the batch, and its gradient with respect to the prediction. Neither argument is ever changed."""

    kinds: ClassVar[tuple[str, ...]] = ()
    """What the target may be: "classes" (integers), "numbers", "shares" (numbers from 0 to 1), or "places"."""

    def __post_init__(self) -> None:
        check(self)

    def forward(self, prediction: Array, target: Array) -> float:
        """Compute the loss, and keep what backward will read."""
        raise NotImplementedError

    def backward(self) -> Array:
        """Give ∂L/∂prediction."""
        raise NotImplementedError

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Array:
            """Say what an attribute that is not there means."""
            raise OrderError(self, name, "forward comes first, then backward")


MANY = 128
"""With fewer classes, CrossEntropy keeps the scores of each class together in memory, which is faster to sum."""

IGNORE = -1
"""A class that CrossEntropy leaves out: what the network says there has no loss and no gradient."""


@dataclass(eq=False)
class CrossEntropy(Loss):
    """How surprised the network is by the right class:  L = −mean log p[target],  p = softmax(logits).

    prediction: logits (N, K) or (N, T, K);  target: classes 0 … K−1, (N,) or (N, T).   ∂L/∂logits = (p − onehot) / N
    A target of −1 is ignored: its row has no loss and no gradient, and the mean is over the others (0 where there are none).
    log p_k = z_k − max z − log Σⱼ e^{z_j − max z}: no logarithm of zero, no overflow.
    Bridle (1990), Probabilistic interpretation of feedforward classification network outputs.
    With weights w and smoothing ε of K classes:  L = −Σₙ Σₖ qₙₖ log pₙₖ,  q = w ((1 − ε) onehot + ε / K) / Σₙ w[targetₙ]:
    as if each example stood there w[target] times, and its target were sure only to 1 − ε.
    Szegedy, Vanhoucke, Ioffe, Shlens & Wojna (2016), Rethinking the Inception architecture, section 7, for label smoothing.
    """

    kinds: ClassVar[tuple[str, ...]] = ("classes",)

    label_smoothing: float = choice(
        "share of what is wanted that all classes get alike (ε), so that nothing is wanted for certain",
        default=0.0,
        minimum=0,
        maximum=0.9,
    )
    class_weights: tuple[float, ...] | None = choice(
        "how much an example of each class counts, such as 1, 5, 1 for three classes (empty: all alike)",
        default=None,
        minimum=0,
        maximum=1000,
    )

    def forward(self, prediction: Array, target: Array) -> float:
        prediction, target = numbers(self, prediction), np.asarray(target)
        if target.shape != prediction.shape[:-1] or target.dtype.kind not in "iu":
            raise ValueError(
                f"CrossEntropy wants integer classes of shape {prediction.shape[:-1]} for logits of shape "
                f"{prediction.shape}, got {target.dtype} of shape {target.shape}"
            )
        classes, flat = prediction.shape[-1], target.reshape(-1)
        lowest, highest = flat.min(), flat.max()
        if not IGNORE <= lowest <= highest < classes:
            raise ValueError(
                f"CrossEntropy wants classes from 0 to {classes - 1} (or {IGNORE}, which is ignored), got {lowest} to {highest}"
            )
        self.shape = prediction.shape
        self.counted = np.flatnonzero(flat != IGNORE) if lowest == IGNORE else slice(None)
        logits = prediction.reshape(-1, classes).T
        if lowest == IGNORE:
            logits, flat = logits[:, self.counted], flat[self.counted]
        z = np.array(logits, order="C" if classes < MANY else "K")  # (K, N)
        z -= np.maximum.reduce(z, axis=0)
        self.e = np.exp(z)
        self.total = np.add.reduce(self.e, axis=0)
        self.right = flat.copy(), np.arange(z.shape[1])  # where the targets' scores lie in z
        self.q = self.smoothed(z) if self.label_smoothing or self.class_weights else None
        if self.q is not None:
            return float(np.sum(self.q * (np.log(self.total) - z)))
        surprise = np.log(self.total) - z[self.right]
        return float(np.add.reduce(surprise)) / max(len(surprise), 1)

    def smoothed(self, z: Array) -> Array:
        """Compute q (K, N), what is wanted of each class's logarithm."""
        K, q = len(z), np.zeros_like(z)
        w = np.ones(K, z.dtype) if self.class_weights is None else np.array(self.class_weights, z.dtype)
        if len(w) != K:
            raise ValueError(f"CrossEntropy has class_weights for {len(w)} classes, and logits for {K}")
        q[self.right] = 1 - self.label_smoothing
        q += self.label_smoothing / K
        total = w[self.right[0]].sum()
        q *= (w / total if total else 0 * w)[:, None]
        return q

    def backward(self) -> Array:
        if self.q is not None:
            d_counted = self.e * (self.q.sum(axis=0) / self.total) - self.q  # ∂L/∂z = p Σₖ qₖ − q
        else:
            n = max(len(self.total), 1)
            d_counted = self.e * (1 / n / self.total)  # p / N
            d_counted[self.right] -= 1 / n
        d_logits: Array = d_counted
        if not isinstance(self.counted, slice):
            d_logits = np.zeros((self.shape[-1], math.prod(self.shape[:-1])), d_counted.dtype)
            d_logits[:, self.counted] = d_counted
        return d_logits.T.reshape(self.shape)


@dataclass(eq=False)
class BinaryCrossEntropy(Loss):
    """How surprised the network is by yes or no:  L = −mean (t log p + (1 − t) log(1 − p)),  p = σ(logit).

    prediction: logits;  target: numbers from 0 to 1, of the same shape.   ∂L/∂z = (σ(z) − t) / (their number)
    Taken as  max(z, 0) − z t + log(1 + e^{−|z|}): no overflow, no logarithm of zero.
    Cox (1958), The regression analysis of binary sequences.
    """

    kinds: ClassVar[tuple[str, ...]] = ("shares",)

    def forward(self, prediction: Array, target: Array) -> float:
        prediction, target = alike(self, prediction, target)
        if not 0 <= target.min() <= target.max() <= 1:
            raise ValueError(f"BinaryCrossEntropy wants targets from 0 to 1, got {target.min()} to {target.max()}")
        self.z, self.target = prediction.copy(), target.copy()
        return float(np.mean(np.maximum(self.z, 0) - self.z * target + np.log1p(np.exp(-np.abs(self.z)))))

    def backward(self) -> Array:
        d_prediction: Array = (sigmoid(self.z) - self.target) / self.z.size
        return d_prediction


def numbers(loss: Loss, values: Array) -> Array:
    """Give numbers to compute with: whole ones become float64. A ValueError where there are none: they have no mean."""
    values = real(loss, values)
    if not values.size:
        raise ValueError(f"{type(loss).__name__} wants at least one example, got an array of shape {values.shape}")
    return values if values.dtype.kind == "f" else values.astype(np.float64)


def real(loss: Loss, values: Array) -> Array:
    """Give real numbers as an array; a ValueError where they are others, of which a mean would drop a part in silence."""
    values = np.asarray(values)
    if values.dtype.kind not in "fiub":
        raise ValueError(f"{type(loss).__name__} wants real numbers, got an array of {values.dtype}")
    return values


def alike(loss: Loss, prediction: Array, target: Array) -> tuple[Array, Array]:
    """Give prediction and target to compute with; a ValueError where the target has not the prediction's shape."""
    prediction, target = numbers(loss, prediction), real(loss, target)
    if target.shape != prediction.shape:
        raise ValueError(
            f"{type(loss).__name__} wants a target of the prediction's shape {prediction.shape}, got {target.shape}"
        )
    return prediction, target


@dataclass(eq=False)
class MSE(Loss):
    """The mean squared error:  L = mean (prediction − target)²,  over all numbers of the batch.

    ∂L/∂prediction = 2 (prediction − target) / (their number).   Legendre (1805), the method of least squares.
    """

    kinds: ClassVar[tuple[str, ...]] = ("numbers", "shares")

    def forward(self, prediction: Array, target: Array) -> float:
        prediction, target = alike(self, prediction, target)
        self.difference = prediction - target
        return float(np.mean(self.difference * self.difference))

    def backward(self) -> Array:
        return self.difference * (2 / self.difference.size)


@dataclass(eq=False)
class MAE(Loss):
    """The mean absolute error:  L = mean |prediction − target|: far and near pull alike, so it finds the median.

    ∂L/∂prediction = sign(prediction − target) / (their number), 0 where they are equal.
    Edgeworth (1887), On observations relating to several quantities.
    """

    kinds: ClassVar[tuple[str, ...]] = ("numbers", "shares")

    def forward(self, prediction: Array, target: Array) -> float:
        prediction, target = alike(self, prediction, target)
        self.difference = prediction - target
        return float(np.mean(np.abs(self.difference)))

    def backward(self) -> Array:
        d_prediction: Array = np.sign(self.difference) / self.difference.size
        return d_prediction


@dataclass(eq=False)
class Huber(Loss):
    """Squared near the target, straight far from it, so that outliers pull no harder than others.

    With d = prediction − target:  L = mean of d²/2 where |d| ≤ δ, else δ (|d| − δ/2).
    ∂L/∂d = clip(d, −δ, δ) / (their number)
    Huber (1964), Robust estimation of a location parameter.
    """

    kinds: ClassVar[tuple[str, ...]] = ("numbers", "shares")

    delta: float = choice("where squared turns into straight (δ)", default=1.0, minimum=1e-3, maximum=1000, scale="log")

    def forward(self, prediction: Array, target: Array) -> float:
        prediction, target = alike(self, prediction, target)
        difference = prediction - target
        self.clipped = np.clip(difference, -self.delta, self.delta)
        return float(np.mean(self.clipped * (difference - 0.5 * self.clipped)))

    def backward(self) -> Array:
        d_prediction: Array = self.clipped / self.clipped.size
        return d_prediction


LOSSES: dict[str, type[Loss]] = {loss.__name__: loss for loss in (CrossEntropy, BinaryCrossEntropy, MSE, MAE, Huber)}
