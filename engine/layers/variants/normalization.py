"""Two more normalizations, neither of which asks the batch: one without a mean, one by groups of channels."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from engine.arrays import Array, Shape
from engine.expression import Formulas, Quantities, root, total
from engine.hyperparameter import choice
from engine.layers.normalization import Normalization, Place, standardized


@dataclass(eq=False)
class RMSNorm(Normalization):
    """Divides every example, and every place of a sequence or image, by the root mean square of its features:

    y = γ x̂,  x̂ = x / r,  r = √(mean x² + ε)
    ∂L/∂x = (d − x̂ · mean(d x̂)) / r,  d = ∂L/∂x̂ = γ ∂L/∂y
    x (…, features);  γ (features,) starts at 1.   It costs less than LayerNorm, and large language models do with it.
    Zhang & Sennrich (2019), Root mean square layer normalization.
    """

    alone: ClassVar[bool] = True

    def parameter_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        return {"gamma": (input_shape[-1],)}

    def forward(self, x: Array, training: bool = False) -> Array:
        x = self.numbers(x)
        self.r: Array = np.sqrt(np.mean(x * x, axis=-1, keepdims=True) + self.epsilon)
        self.x_hat: Array = x / self.r
        y: Array = self.gamma * self.x_hat
        return y

    def backward(self, dy: Array) -> Array:
        np.sum(dy * self.x_hat, axis=tuple(range(dy.ndim - 1)), out=self.dgamma)
        d = dy * self.gamma
        dx: Array = (d - self.x_hat * np.mean(d * self.x_hat, axis=-1, keepdims=True)) / self.r
        return dx

    def on_the_way(self, q: Quantities) -> dict[str, Array]:
        m, epsilon = np.asarray(q["x"].shape[-1]), np.asarray(self.epsilon)
        return {"r": self.r[..., 0], "x_hat": self.x_hat, "m": m, "epsilon": epsilon}

    def on_the_way_back(self, q: Quantities) -> dict[str, Array]:
        d = q["dy"] * self.gamma
        return {"dx_hat": d, "mean_d_x_hat": (d * q["x_hat"]).mean(axis=-1)}

    def formulas(self, q: Quantities) -> Formulas:
        features = range(q["x"].shape[-1])
        return {
            **self.scaled(q),
            "dx_hat": lambda *n: q("dy", *n) * q("gamma", n[-1]),
            "r": lambda *n: root(total(q("x", *n, f) ** 2 for f in features) / q("m") + q("epsilon")),
            "x_hat": lambda *n: q("x", *n) / q("r", *n[:-1]),
            "mean_d_x_hat": lambda *n: total(q("dx_hat", *n, f) * q("x_hat", *n, f) for f in features) / q("m"),
            "dx": lambda *n: (q("dx_hat", *n) - q("x_hat", *n) * q("mean_d_x_hat", *n[:-1])) / q("r", *n[:-1]),
        }


@dataclass(eq=False, kw_only=True)
class GroupNorm(Normalization):
    """Standardizes every example by the mean and variance of each group of neighbouring channels, over all its places:

    y = γ x̂ + β,  x̂ = (x − mean) / σ,  σ = √(variance + ε)
    ∂L/∂x = (d − mean d − x̂ · mean(d x̂)) / σ,  d = ∂L/∂x̂ = γ ∂L/∂y
    x (N, features), (N, T, features) or (N, H, W, features);  γ, β (features,).   So the batch may be as small as one.
    As many groups as channels are instance norm (Ulyanov, Vedaldi & Lempitsky 2016); one group takes all of an example.
    Wu & He (2018), Group normalization.
    """

    groups: int = choice("how many groups; they share the channels evenly", minimum=1, maximum=512, suggestion=4)

    def output_shape(self, input_shape: Shape) -> Shape:
        if input_shape[-1] % self.groups:
            raise self.refuse(f"channels that {self.groups} groups can share evenly", input_shape)
        return input_shape

    def grouped(self, x: Array) -> Array:
        """(N, …, features) → (N, …, groups, features of a group), a view."""
        return x.reshape(*x.shape[:-1], self.groups, -1)

    def forward(self, x: Array, training: bool = False) -> Array:
        x = self.numbers(x)
        self.axes = (*range(1, x.ndim - 1), x.ndim)  # all places, and the features of a group
        centred = self.grouped(x) - self.mean(self.grouped(x))
        self.sigma: Array = np.sqrt(self.mean(centred * centred) + self.epsilon)
        self.x_hat: Array = (centred / self.sigma).reshape(x.shape)
        y: Array = self.gamma * self.x_hat + self.beta
        return y

    def backward(self, dy: Array) -> Array:
        rows = tuple(range(dy.ndim - 1))
        np.sum(dy * self.x_hat, axis=rows, out=self.dgamma)
        np.sum(dy, axis=rows, out=self.dbeta)
        d, x_hat = self.grouped(dy * self.gamma), self.grouped(self.x_hat)
        pull = self.mean(d) + x_hat * self.mean(d * x_hat)  # the mean and σ depend on x as well
        dx: Array = (d - pull) / self.sigma
        return dx.reshape(dy.shape)

    def mean(self, grouped: Array) -> Array:
        """Average over each group, and keep the axes."""
        mean: Array = grouped.mean(axis=self.axes, keepdims=True)
        return mean

    def on_the_way(self, q: Quantities) -> dict[str, Array]:
        grouped, n = self.grouped(self.numbers(q["x"])), len(q["x"])
        statistics = {"mean": grouped.mean(axis=self.axes), "sigma": self.sigma.reshape(n, -1), "x_hat": self.x_hat}
        return statistics | {"m": np.asarray(grouped.size // (n * self.groups)), "epsilon": np.asarray(self.epsilon)}

    def on_the_way_back(self, q: Quantities) -> dict[str, Array]:
        d = q["dy"] * self.gamma
        grouped = self.grouped(d)
        means = {"mean_d": grouped, "mean_d_x_hat": grouped * self.grouped(q["x_hat"])}
        return {"dx_hat": d, **{name: value.mean(axis=self.axes) for name, value in means.items()}}

    def formulas(self, q: Quantities) -> Formulas:
        *around, channels = q["x"].shape[1:]
        width = channels // self.groups

        def members(n: int, g: int) -> list[Place]:
            return [(n, *at, f) for at in np.ndindex(*around) for f in range(g * width, (g + 1) * width)]

        return {**self.scaled(q), **standardized(q, lambda *n: (n[0], n[-1] // width), members)}
