"""Normalization: every number is measured by how far it lies from its neighbours' mean, in their standard deviations."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import prod
from typing import ClassVar

import numpy as np

from engine.arrays import Array, Shape
from engine.expression import ALL, Expression, Formulas, Quantities, dot, root, total
from engine.hyperparameter import choice
from engine.layers.layer import Parametric
from engine.layers.windows import batch_first, batch_last, pieces

Place = tuple[int, ...]


@dataclass(eq=False)
class Normalization(Parametric):
    """x̂ by some mean and standard deviation, then a learned scale and shift:  y = γ x̂ + β.  γ starts at 1, β at 0."""

    weights: ClassVar[tuple[str, ...]] = ()

    epsilon: float = choice("keeps the division finite (ε)", default=1e-5, minimum=1e-12, maximum=1, scale="log")

    def parameter_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        return {"gamma": (input_shape[-1],), "beta": (input_shape[-1],)}

    def memory(self, input_shape: Shape) -> int:
        return 4 * prod(input_shape)

    def kept(self, input_shape: Shape) -> int:
        return 2 * prod(input_shape)  # x̂, and σ, which is as large where an example has one feature

    def initial(self, name: str, shape: Shape, rng: np.random.Generator) -> Array:
        return np.ones(shape) if name == "gamma" else np.zeros(shape)

    def scaled(self, q: Quantities) -> Formulas:
        """Say how γ, and β where there is one, make y of x̂, and what comes back to them."""
        rows = [ALL] * (q["x"].ndim - 1)
        scaled: dict[str, Callable[..., Expression]] = {
            "y": lambda *at: q("gamma", at[-1]) * q("x_hat", *at),
            "dgamma": lambda f: dot(q, ("dy", [*rows, f]), ("x_hat", [*rows, f])),
        }
        shifted: dict[str, Callable[..., Expression]] = {
            "y": lambda *at: q("gamma", at[-1]) * q("x_hat", *at) + q("beta", at[-1]),
            "dbeta": lambda f: dot(q, ("dy", [*rows, f])),
        }
        return scaled | (shifted if "beta" in self.parameters else {})


@dataclass(eq=False)
class BatchNorm(Normalization):
    """Standardizes every feature by its mean and variance over the batch (and over all places of an image or a sequence):

    y = γ (x − mean) / √(variance + ε) + β
    x (N, features), (N, T, features) or (N, H, W, features);  mean, variance, γ, β (features,).
    predict takes running averages instead, so that an example's answer does not depend on which others are asked about beside
    it:  r ← momentum · r + (1 − momentum) · batch  in every step of training. The variance that goes into r is the unbiased
    one, m / (m − 1) times that of the batch's m numbers: one example alone is refused.   PyTorch's momentum is 1 − ours.
    Ioffe & Szegedy (2015), Batch normalization: accelerating deep network training, algorithms 1 and 2.
    """

    momentum: float = choice("how slowly the running averages follow", default=0.9, minimum=0, maximum=0.999)

    def build(self, input_shape: Shape, rng: np.random.Generator, dtype: np.typing.DTypeLike) -> Shape:
        features = input_shape[-1]
        self.state = {"running_mean": np.zeros(features, dtype), "running_variance": np.ones(features, dtype)}
        return super().build(input_shape, rng, dtype)

    def forward(self, x: Array, training: bool = False) -> Array:
        x = self.numbers(x)
        self.rows, self.by_batch = by_feature(x), training
        m = x.size // len(self.gamma)  # how many numbers each feature has
        if training and m < 2:
            raise ValueError("BatchNorm cannot be trained on one example, which has no variance; take batches of two or more")
        y, one = np.empty_like(self.rows), self.ones(m)
        mean, variance = (self.state[name].astype(x.dtype)[:, None] for name in ("running_mean", "running_variance"))
        for f in pieces(len(y), 2 * m):
            if training:
                mean[f] = dots(self.rows[f], one) / m
            centred = np.subtract(self.rows[f], mean[f], out=y[f])
            if training:
                variance[f] = dots(centred, centred) / m
            centred *= self.slope(variance[f], f)  # y = γ (x − mean) / σ + β
            centred += self.beta[f, None]
        if training:
            self.follow("running_mean", mean)
            self.follow("running_variance", variance * (m / (m - 1)))
        self.mean, self.variance = mean, variance
        return like(x, y)

    def slope(self, variance: Array, f: slice) -> Array:
        """Compute  γ / σ,  σ = √(variance + ε)  for some of the features."""
        slope: Array = self.gamma[f, None] / np.sqrt(variance + self.epsilon)
        return slope

    def follow(self, name: str, value: Array) -> None:
        """Move a running average towards the batch's value."""
        self.state[name] += (1 - self.momentum) * (value.reshape(-1) - self.state[name])

    def backward(self, dy: Array) -> Array:
        rows = by_feature(dy)
        dx, m = np.empty_like(rows, dtype=np.result_type(rows, self.rows)), rows.shape[1]
        for f in pieces(len(rows), 2 * m):
            d, variance, slope = rows[f], self.variance[f] + self.epsilon, self.slope(self.variance[f], f)
            centred = np.subtract(self.rows[f], self.mean[f], out=dx[f])
            total, along = dots(d, self.ones(m)), dots(d, centred)
            self.dbeta[f], self.dgamma[f] = total[:, 0], (along / np.sqrt(variance))[:, 0]
            if self.by_batch:  # ∂L/∂x = γ / σ (d − mean d − x̂ · mean(d x̂)),  d = ∂L/∂y,  x̂ = centred / σ
                centred *= -along / (m * variance)
                centred += d
                centred -= total / m
                centred *= slope
            else:
                np.multiply(d, slope, out=dx[f])
        return like(dy, dx)

    def on_the_way(self, q: Quantities) -> dict[str, Array]:
        mean, variance, centred = self.mean[:, 0], self.variance[:, 0], self.rows - self.mean
        centred, x_hat = (like(q["x"], c) for c in (centred, centred / np.sqrt(self.variance + self.epsilon)))
        m, momentum, epsilon = (np.asarray(value) for value in (self.rows.shape[1], self.momentum, self.epsilon))
        numbers = {"m": m, "momentum": momentum, "epsilon": epsilon}
        return {"mean": mean, "centred": centred, "variance": variance, "x_hat": x_hat, **numbers}

    def formulas(self, q: Quantities) -> Formulas:
        def sigma(f: int) -> Expression:
            return root(q("variance", f) + q("epsilon"))

        def dx(*at: int) -> Expression:
            f = at[-1]
            d: Expression = q("dy", *at)
            if self.by_batch:
                d = d - q("dbeta", f) / q("m") - q("x_hat", *at) * q("dgamma", f) / q("m")
            return q("gamma", f) / sigma(f) * d

        def followed(name: str, value: Callable[[int], Expression]) -> Callable[..., Expression]:
            before = f"{name}_before"
            return lambda f: q(before, f) + (1 - q("momentum")) * (value(f) - q(before, f)) if self.by_batch else q(before, f)

        own: dict[str, Callable[..., Expression]] = {}
        if self.by_batch:
            rows = [ALL] * (q["x"].ndim - 1)
            own = {
                "mean": lambda f: dot(q, ("x", [*rows, f])) / q("m"),
                "variance": lambda f: dot(q, ("centred", [*rows, f]), ("centred", [*rows, f])) / q("m"),
            }
        return {
            **self.scaled(q),
            **own,
            "centred": lambda *at: q("x", *at) - q("mean", at[-1]),
            "x_hat": lambda *at: q("centred", *at) / sigma(at[-1]),
            "running_mean": followed("running_mean", lambda f: q("mean", f)),
            "running_variance": followed("running_variance", lambda f: q("variance", f) * q("m") / (q("m") - 1)),
            "dx": dx,
        }


def by_feature(x: Array) -> Array:
    """See x (N, …, features) as a matrix (features, numbers of each)."""
    return batch_last(x).reshape(x.shape[3], -1) if x.ndim == 4 else x.reshape(-1, x.shape[-1]).T


def dots(a: Array, b: Array) -> Array:
    """Multiply row by row and add up, as products of a row and a column: (features, m) → (features, 1)."""
    products: Array = np.matmul(a[:, None, :], b[..., None])
    return products[:, 0]


def like(x: Array, rows: Array) -> Array:
    """See such a matrix in the shape of x again."""
    if x.ndim != 4:
        return rows.T.reshape(x.shape)
    n, height, width, features = x.shape
    return batch_first(rows.reshape(features, height, width, n))


@dataclass(eq=False)
class LayerNorm(Normalization):
    """Standardizes every example, and every place of a sequence or image, by the mean and variance over its own features:

    y = γ (x − mean) / √(variance + ε) + β
    x (…, features);  mean, variance (…);  γ, β (features,).   No example depends on the others of its batch, so predict does
    the same as training.
    Ba, Kiros & Hinton (2016), Layer normalization; over the last axis only, as transformers have it.
    """

    alone: ClassVar[bool] = True

    def kept(self, input_shape: Shape) -> int:
        return 2 * prod(input_shape) + 2 * prod(input_shape[:-1])  # x̂ and ∂L/∂y x̂; σ and a 1 for every row

    def forward(self, x: Array, training: bool = False) -> Array:
        x = self.numbers(x)
        rows, share = x.reshape(-1, x.shape[-1]), np.full(x.shape[-1], 1 / x.shape[-1], x.dtype)
        x_hat: Array = rows - (rows @ share)[:, None]  # x − mean; a product with 1 / features is a mean over the features
        self.sigma: Array = np.sqrt((x_hat * x_hat) @ share + self.epsilon)[:, None]
        x_hat /= self.sigma
        self.x_hat = x_hat
        y = self.gamma * x_hat
        y += self.beta
        return y.reshape(x.shape)

    def backward(self, dy: Array) -> Array:
        LayerNorm.backward_parameters(self, dy)
        rows, share = dy.reshape(self.x_hat.shape), self.gamma / len(self.gamma)
        mean_d, mean_dx = rows @ share, self.dy_x_hat @ share  # of d = ∂L/∂x̂ = γ ∂L/∂y, and of d x̂
        dx = self.gamma * rows
        dx -= mean_d[:, None]
        dx -= self.x_hat * mean_dx[:, None]
        dx /= self.sigma  # ∂L/∂x = (d − mean d − x̂ · mean(d x̂)) / σ
        return dx.reshape(dy.shape)

    def backward_parameters(self, dy: Array) -> None:
        rows = dy.reshape(self.x_hat.shape)
        self.dy_x_hat: Array = rows * self.x_hat
        np.matmul(self.ones(len(rows)), self.dy_x_hat, out=self.dgamma)  # ∂L/∂γ = Σ ∂L/∂y x̂
        np.matmul(self.ones(len(rows)), rows, out=self.dbeta)  # ∂L/∂β = Σ ∂L/∂y

    def on_the_way(self, q: Quantities) -> dict[str, Array]:
        x = self.numbers(q["x"])
        around = {"mean": x.mean(axis=-1), "sigma": self.sigma.reshape(x.shape[:-1]), "x_hat": self.x_hat.reshape(x.shape)}
        return around | {"m": np.asarray(x.shape[-1]), "epsilon": np.asarray(self.epsilon)}

    def on_the_way_back(self, q: Quantities) -> dict[str, Array]:
        d = q["dy"] * self.gamma
        return {"dx_hat": d, "mean_d": d.mean(axis=-1), "mean_d_x_hat": (d * q["x_hat"]).mean(axis=-1)}

    def formulas(self, q: Quantities) -> Formulas:
        features = range(q["x"].shape[-1])
        return {
            **self.scaled(q),
            **standardized(q, lambda *n: n[:-1], lambda *of: [(*of, f) for f in features]),
        }


def standardized(q: Quantities, of: Callable[..., Place], members: Callable[..., list[Place]]) -> Formulas:
    """Write  x̂ = (x − mean) / σ  and its way back as formulas: `of` says by which mean a number is measured, `members` which
    numbers that mean is over.
    """

    def mean(terms: Iterable[Expression]) -> Expression:
        return total(terms) / q("m")

    def dx(*n: int) -> Expression:
        pull = q("mean_d", *of(*n)) + q("x_hat", *n) * q("mean_d_x_hat", *of(*n))
        return (q("dx_hat", *n) - pull) / q("sigma", *of(*n))

    return {
        "mean": lambda *of_: mean(q("x", *n) for n in members(*of_)),
        "sigma": lambda *of_: root(mean((q("x", *n) - q("mean", *of_)) ** 2 for n in members(*of_)) + q("epsilon")),
        "x_hat": lambda *n: (q("x", *n) - q("mean", *of(*n))) / q("sigma", *of(*n)),
        "dx_hat": lambda *n: q("dy", *n) * q("gamma", n[-1]),
        "mean_d": lambda *of_: mean(q("dx_hat", *n) for n in members(*of_)),
        "mean_d_x_hat": lambda *of_: mean(q("dx_hat", *n) * q("x_hat", *n) for n in members(*of_)),
        "dx": dx,
    }
