"""Normalization: every number is measured by how far it lies from its neighbours' mean, in their standard deviations."""

from dataclasses import dataclass
from math import prod
from typing import ClassVar

import numpy as np

from engine.arrays import Array, Shape
from engine.hyperparameter import choice
from engine.layers.layer import Layer

Axes = int | tuple[int, ...]


def standardize(x: Array, axes: Axes, epsilon: float) -> tuple[Array, Array, Array, Array]:
    """Compute  x̂ = (x − mean) / σ,  σ = √(variance + ε);  return x̂, σ, mean, variance."""
    mean = x.mean(axis=axes, keepdims=True)
    centred = x - mean
    variance = np.mean(centred * centred, axis=axes, keepdims=True)
    sigma = np.sqrt(variance + epsilon)
    return centred / sigma, sigma, mean, variance


def standardize_backward(d_x_hat: Array, x_hat: Array, sigma: Array, axes: Axes) -> Array:
    """Compute  ∂L/∂x = (d − mean d − x̂ · mean(d x̂)) / σ  for  d = ∂L/∂x̂: the mean and σ depend on x as well."""
    pull = d_x_hat.mean(axis=axes, keepdims=True) + x_hat * (d_x_hat * x_hat).mean(axis=axes, keepdims=True)
    dx: Array = (d_x_hat - pull) / sigma
    return dx


@dataclass(eq=False)
class Normalization(Layer):
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

    def scale(self, x_hat: Array) -> Array:
        """Compute  y = γ x̂ + β."""
        self.x_hat = x_hat
        return self.gamma * x_hat + self.beta

    def scale_backward(self, dy: Array) -> Array:
        """Write ∂L/∂γ and ∂L/∂β, return ∂L/∂x̂."""
        rows = tuple(range(dy.ndim - 1))
        np.sum(dy * self.x_hat, axis=rows, out=self.dgamma)
        np.sum(dy, axis=rows, out=self.dbeta)
        return dy * self.gamma


@dataclass(eq=False)
class BatchNorm(Normalization):
    """Every feature by its mean and variance over the batch (and over all places of an image or a sequence).

    x (N, features), (N, T, features) or (N, H, W, features);  γ, β (features,).
    It keeps running averages because predict has no batch to measure, or another one, and an example's answer must not
    depend on which others are asked about beside it:  r ← momentum · r + (1 − momentum) · batch  while training, where the
    batch's variance is the unbiased one, m / (m − 1) of the above: one example alone is refused.   PyTorch's momentum is
    1 − ours.
    Ioffe & Szegedy (2015), Batch normalization: accelerating deep network training, algorithms 1 and 2.
    """

    momentum: float = choice("how slowly the running averages follow", default=0.9, minimum=0, maximum=0.999)

    def build(self, input_shape: Shape, rng: np.random.Generator, dtype: np.typing.DTypeLike) -> Shape:
        features = input_shape[-1]
        self.state = {"running_mean": np.zeros(features, dtype), "running_variance": np.ones(features, dtype)}
        return super().build(input_shape, rng, dtype)

    def forward(self, x: Array, training: bool = False) -> Array:
        x = self.numbers(x)
        self.axes, self.by_batch = tuple(range(x.ndim - 1)), training
        m = x.size // len(self.gamma)  # how many numbers each feature has
        if not training:
            self.sigma: Array = np.sqrt(self.state["running_variance"] + self.epsilon)
            return self.scale((x - self.state["running_mean"]) / self.sigma)
        if m < 2:
            raise ValueError("BatchNorm cannot be trained on one example, which has no variance; take batches of two or more")
        x_hat, self.sigma, mean, variance = standardize(x, self.axes, self.epsilon)
        self.follow("running_mean", mean)
        self.follow("running_variance", variance * (m / (m - 1)))
        return self.scale(x_hat)

    def follow(self, name: str, value: Array) -> None:
        """Move a running average towards the batch's value."""
        self.state[name] += (1 - self.momentum) * (value.reshape(-1) - self.state[name])

    def backward(self, dy: Array) -> Array:
        d_x_hat = self.scale_backward(dy)
        if self.by_batch:
            return standardize_backward(d_x_hat, self.x_hat, self.sigma, self.axes)
        dx: Array = d_x_hat / self.sigma
        return dx


@dataclass(eq=False)
class LayerNorm(Normalization):
    """Every example, and every place of a sequence or image, by the mean and variance over its own features.

    x (…, features);  γ, β (features,).   So an example does not depend on the others of its batch, and predict does the same.
    Ba, Kiros & Hinton (2016), Layer normalization; over the last axis only, as transformers have it.
    """

    alone: ClassVar[bool] = True

    def forward(self, x: Array, training: bool = False) -> Array:
        x_hat, self.sigma, _, _ = standardize(self.numbers(x), -1, self.epsilon)
        return self.scale(x_hat)

    def backward(self, dy: Array) -> Array:
        return standardize_backward(self.scale_backward(dy), self.x_hat, self.sigma, -1)

    def backward_parameters(self, dy: Array) -> None:
        self.scale_backward(dy)
