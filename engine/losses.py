"""What is minimized: one number that says how wrong the predictions are."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from engine.arrays import Array, OrderError
from engine.expression import (
    ALL,
    FEW_TERMS,
    Expression,
    Formulas,
    Quantities,
    dot,
    explained,
    expression,
    function,
    maximum,
    total,
)
from engine.functions import sigmoid
from engine.hyperparameter import check, choice

WATCHED = ("forward", "backward", "went")
"""What a loss that remembers has of its own: its two passes, wrapped so that they note what they compare, and the notes."""

MANY = 128
"""With fewer classes, CrossEntropy keeps the scores of each class together in memory, which is faster to sum."""

IGNORE = -1
"""A class that CrossEntropy leaves out: what the network says there has no loss and no gradient."""


@dataclass(eq=False)
class Loss:
    """A mean over the batch, and its gradient with respect to the prediction. Neither argument is ever changed."""

    kinds: ClassVar[tuple[str, ...]] = ()
    """What the target may be: "classes" (integers), "numbers", "shares" (numbers from 0 to 1), or "places"."""

    def __post_init__(self) -> None:
        check(self)
        self.explaining = True

    def __getstate__(self) -> dict[str, Any]:
        """Give what a copy consists of; nothing was compared by it yet."""
        return {name: value for name, value in vars(self).items() if name not in WATCHED} | {"explaining": self.explaining}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Become a copy."""
        vars(self).update({name: value for name, value in state.items() if name != "explaining"})
        self.explaining = state["explaining"]

    @property
    def explaining(self) -> bool:
        """Whether it remembers what it compared, for `explain`. A Training's does not, and a step costs nothing more."""
        return "forward" in vars(self)

    @explaining.setter
    def explaining(self, on: bool) -> None:
        for name in WATCHED:
            vars(self).pop(name, None)
        if on:
            vars(self).update(watched(self))

    def forward(self, prediction: Array, target: Array) -> float:
        """Compute the loss, and keep what backward will read."""
        raise NotImplementedError

    def backward(self) -> Array:
        """Give ∂L/∂prediction."""
        raise NotImplementedError

    def quantities(self) -> Quantities:
        """Give what the last forward and backward compared and computed: y, the prediction; target; loss; dy, its gradient; and
        what the formula passes through. Raises OrderError where nothing was compared.
        """
        if "went" not in vars(self):
            raise OrderError(self, "quantities", "loss.explaining = True comes first, then forward, then backward")
        went: dict[str, Any] = vars(self)["went"]
        q = Quantities({name: np.asarray(value) for name, value in went.items()})
        q.update(self.on_the_way(q))
        return q

    def explain(self, symbol: str, index: tuple[int, ...]) -> Expression:
        """Open one number of the last forward and backward into those it was made from:  loss.explain("dy", (0, 1))."""
        q = self.quantities()
        return explained(type(self).__name__, q, self.formulas(q), symbol, index)

    def formulas(self, q: Quantities) -> Formulas:
        """Say how each number is made, by symbol: loss, dy, and what lies on the way."""
        raise NotImplementedError(f"{type(self).__name__} says no formulas; CONTRIBUTING says how")

    def on_the_way(self, q: Quantities) -> dict[str, Array]:
        """Give by symbol what the formula passes through; for most losses N, how many numbers the mean is over."""
        return {"N": np.asarray(q["y"].size)}

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Array:
            """Say what an attribute that is not there means."""
            raise OrderError(self, name, "forward comes first, then backward")


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

    def on_the_way(self, q: Quantities) -> dict[str, Array]:
        z, target = q["y"], q["target"]
        top = z.max(axis=-1)
        e = np.exp(z - top[..., None])
        sum_e = e.sum(axis=-1)
        q_wanted = np.zeros_like(z)
        counted = target != IGNORE
        if self.q is None:
            q_wanted[(*np.nonzero(counted), target[counted])] = 1 / max(counted.sum(), 1)
        else:
            q_wanted[counted] = self.q.T
        return {
            "K": np.asarray(z.shape[-1]),
            "N": np.asarray(max(counted.sum(), 1)),
            "top": top,
            "sum_e": sum_e,
            "log_p": z - top[..., None] - np.log(sum_e)[..., None],
            "p": e / sum_e[..., None],
            "q": q_wanted,
            "epsilon": np.asarray(self.label_smoothing),
            "w": np.ones(z.shape[-1]) if self.class_weights is None else np.array(self.class_weights, np.float64),
        }

    def formulas(self, q: Quantities) -> Formulas:
        K, target = q["y"].shape[-1], q["target"]
        counted = [n for n in np.ndindex(target.shape) if target[n] != IGNORE]

        def loss() -> Expression:
            if self.q is None:
                return -total(q("log_p", *n, int(target[n])) for n in counted) / q("N")
            return -total(q("q", *n, k) * q("log_p", *n, k) for n in counted for k in range(K))

        def dy(*at: int) -> Expression:
            *n, k = at
            if target[tuple(n)] == IGNORE:
                return expression(0)
            if self.q is None:
                return (q("p", *at) - float(k == target[tuple(n)])) / q("N")
            return q("p", *at) * total(q("q", *n, j) for j in range(K)) - q("q", *at)

        def wanted(*at: int) -> Expression:
            *n, k = at
            right = int(target[tuple(n)])
            if right == IGNORE or not q["q"][tuple(n)].any():
                return expression(0)
            if self.q is None:
                return float(k == right) / q("N")
            share = float(k == right) * (1 - q("epsilon")) + q("epsilon") / q("K")
            return q("w", k) * share / total(q("w", int(target[m])) for m in counted)

        return {
            "top": lambda *n: maximum(q("y", *n, k) for k in range(K)),
            "sum_e": lambda *n: total(function("exp", q("y", *n, k) - q("top", *n)) for k in range(K)),
            "log_p": lambda *at: q("y", *at) - q("top", *at[:-1]) - function("log", q("sum_e", *at[:-1])),
            "p": lambda *at: function("exp", q("y", *at) - q("top", *at[:-1])) / q("sum_e", *at[:-1]),
            "q": wanted,
            "loss": loss,
            "dy": dy,
        }


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

    def on_the_way(self, q: Quantities) -> dict[str, Array]:
        z, t = q["y"], q["target"]
        surprise = np.maximum(z, 0) - z * t + np.log1p(np.exp(-np.abs(z)))
        return {**super().on_the_way(q), "p": sigmoid(z), "surprise": surprise}

    def formulas(self, q: Quantities) -> Formulas:
        def surprise(*n: int) -> Expression:
            z = q("y", *n)
            return maximum([z, 0]) - z * q("target", *n) + function("log", 1 + function("exp", -function("abs", z)))

        return {
            "p": lambda *n: function("sigmoid", q("y", *n)),
            "surprise": surprise,
            "loss": lambda: dot(q, ("surprise", [ALL] * q["y"].ndim)) / q("N"),
            "dy": lambda *n: (q("p", *n) - q("target", *n)) / q("N"),
        }


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

    def on_the_way(self, q: Quantities) -> dict[str, Array]:
        return {**super().on_the_way(q), "difference": q["y"] - q["target"]}

    def formulas(self, q: Quantities) -> Formulas:
        return {
            "difference": lambda *n: q("y", *n) - q("target", *n),
            "loss": lambda: squares(q, "difference") / q("N"),
            "dy": lambda *n: 2 * q("difference", *n) / q("N"),
        }


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

    def on_the_way(self, q: Quantities) -> dict[str, Array]:
        return {**super().on_the_way(q), "difference": q["y"] - q["target"]}

    def formulas(self, q: Quantities) -> Formulas:
        return {
            "difference": lambda *n: q("y", *n) - q("target", *n),
            "loss": lambda: total(function("abs", q("difference", *n)) for n in np.ndindex(q["y"].shape)) / q("N"),
            "dy": lambda *n: function("sign", q("difference", *n)) / q("N"),
        }


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

    def on_the_way(self, q: Quantities) -> dict[str, Array]:
        return {**super().on_the_way(q), "difference": q["y"] - q["target"], "delta": np.asarray(self.delta)}

    def formulas(self, q: Quantities) -> Formulas:
        def near(n: tuple[int, ...]) -> bool:
            return bool(abs(q["difference"][n]) <= self.delta)

        def term(*n: int) -> Expression:
            d, delta = q("difference", *n), q("delta")
            return d**2 / 2 if near(n) else delta * (function("abs", d) - delta / 2)

        def slope(*n: int) -> Expression:
            d = q("difference", *n)
            return d if near(n) else function("sign", d) * q("delta")

        return {
            "difference": lambda *n: q("y", *n) - q("target", *n),
            "loss": lambda: total(term(*n) for n in np.ndindex(q["y"].shape)) / q("N"),
            "dy": lambda *n: slope(*n) / q("N"),
        }


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


def squares(q: Quantities, symbol: str) -> Expression:
    """Write the sum of the squares of an array."""
    if q[symbol].size <= FEW_TERMS:
        return total(q(symbol, *n) ** 2 for n in np.ndindex(q[symbol].shape))
    places = [ALL] * q[symbol].ndim
    return dot(q, (symbol, places), (symbol, places))


def watched(loss: Loss) -> dict[str, Callable[..., Any]]:
    """Make a loss's forward and backward, each with a note taken of what goes in and comes out."""
    forward, backward, notes = loss.forward, loss.backward, vars(loss)

    def watched_forward(prediction: Array, target: Array) -> float:
        value = forward(prediction, target)
        notes["went"] = {"y": np.array(prediction), "target": np.array(target), "loss": value}
        return value

    def watched_backward() -> Array:
        dy = backward()
        notes["went"]["dy"] = np.array(dy)
        return dy

    return {"forward": watched_forward, "backward": watched_backward}


LOSSES: dict[str, type[Loss]] = {loss.__name__: loss for loss in (CrossEntropy, BinaryCrossEntropy, MSE, MAE, Huber)}
