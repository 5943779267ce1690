"""The network: layers in a row, all their parameters in one vector."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import prod

import numpy as np

from engine.arrays import Array, Shape, in_words
from engine.layers import Layer, MaxPool2D, MaxUnpool2D

PREDICT_NUMBERS = 2_000_000
"""How many numbers predict lets the layers hold at a time: about what fits into a processor's cache."""


@dataclass(frozen=True)
class Plan:
    """What one layer of a network will be, known before anything is allocated."""

    layer: Layer
    output_shape: Shape
    parameters: int
    memory: int


def plan(layers: Sequence[Layer], input_shape: Shape) -> list[Plan]:
    """Work out every layer's output shape, number of parameters, and numbers held per example.

    Raises ValueError where a layer does not fit on the one before it, saying which.
    """
    plans, shape = [], input_shape
    pair_pools(layers)
    for position, layer in enumerate(layers):
        try:
            output_shape = layer.output_shape(shape)  # first, because it says what does not fit
            parameters = sum(map(prod, layer.parameter_shapes(shape).values()))
            plans.append(Plan(layer, output_shape, parameters, layer.memory(shape)))
        except ValueError as error:
            raise LayerError(position, f"layer {position + 1}: {error}") from error
        shape = output_shape
    return plans


def pair_pools(layers: Sequence[Layer]) -> None:
    """Give every MaxUnpool2D that has no pool the nearest MaxPool2D before it that no other undoes, as brackets pair."""
    free: list[MaxPool2D] = []
    for layer in layers:
        if isinstance(layer, MaxPool2D):
            free.append(layer)
        elif isinstance(layer, MaxUnpool2D):
            if layer.pool is None and free:
                layer.pool = free[-1]
            free = [pool for pool in free if pool is not layer.pool]


class LayerError(ValueError):
    """A layer that does not fit where it stands; `position` counts from 0."""

    def __init__(self, position: int, message: str) -> None:
        super().__init__(message)
        self.position = position


class Network:
    """Layers one after the other, y = fₗ(… f₂(f₁(x))), whose parameters lie in one vector theta.

    `gradient` is a vector of the same length; the layers hold views into both. The same seed gives the same weights,
    and each layer draws from a stream of its own, so that a change behind it leaves its weights as they are.
    """

    def __init__(
        self,
        layers: Sequence[Layer],
        input_shape: Shape,
        seed: int = 0,
        dtype: np.typing.DTypeLike = np.float32,
    ) -> None:
        """Build the layers; a ValueError names the first that does not fit."""
        self.layers, self.input_shape, self.dtype = list(layers), tuple(input_shape), np.dtype(dtype)
        self.plans = plan(self.layers, self.input_shape)
        shape = self.input_shape
        for position, layer in enumerate(self.layers):
            shape = layer.build(shape, np.random.default_rng((seed, position)), self.dtype)
        self.output_shape = shape
        self._gather()

    def _gather(self) -> None:
        """Move all parameters into theta, and give the layers views in their place."""
        size = sum(p.size for layer in self.layers for p in layer.parameters.values())
        self.theta, self.gradient = np.empty(size, self.dtype), np.zeros(size, self.dtype)
        start = 0
        for layer in self.layers:
            for name, value in list(layer.parameters.items()):
                part = slice(start, start := start + value.size)
                self.theta[part] = value.ravel()
                layer.hold(name, self.theta[part].reshape(value.shape), self.gradient[part].reshape(value.shape))

    def weights(self) -> Iterator[tuple[Array, Array]]:
        """Go through the arrays that a regularizer penalizes, each with its gradient."""
        for layer in self.walk():
            for name in layer.weights:
                if name in layer.parameters:
                    yield layer.parameters[name], layer.gradients[name]

    def walk(self) -> Iterator[Layer]:
        """Go through all layers, with those inside others."""
        for layer in self.layers:
            yield from layer.walk()

    def forward(self, x: Array, training: bool = False) -> Array:
        """Compute the output for a batch x (N, *input_shape)."""
        y = self._input(x)
        for layer in self.layers:
            y = layer.forward(y, training)
        return y

    def _input(self, x: Array) -> Array:
        """Check a batch's shape, and bring numbers (not tokens) to the network's precision."""
        x = np.asarray(x)
        if x.shape[1:] != self.input_shape:
            raise ValueError(f"the network wants inputs of shape (N, {', '.join(map(str, self.input_shape))}), got {x.shape}")
        return x.astype(self.dtype, copy=False) if x.dtype.kind == "f" else x

    def backward(self, dy: Array) -> Array:
        """Turn ∂L/∂y into the gradient of all parameters, and return ∂L/∂x. Nothing accumulates."""
        for layer in reversed(self.layers):
            dy = layer.backward(dy)
        return dy

    def predict(self, x: Array) -> Array:
        """Compute the output for any number of examples, a batch at a time, never in training mode."""
        batch_size = max(1, PREDICT_NUMBERS // sum(p.memory for p in self.plans))
        if len(x) <= batch_size:
            return self.forward(x)
        return np.concatenate([self.forward(x[i : i + batch_size]) for i in range(0, len(x), batch_size)])

    def activations(self, x: Array) -> list[Array]:
        """Compute the outputs of every layer for one batch, never in training mode."""
        result, y = [], self._input(x)
        for layer in self.layers:
            y = layer.forward(y)
            result.append(y)
        return result

    def parts(self) -> list[slice]:
        """Say which part of theta each layer holds."""
        ends = np.cumsum([0, *(sum(p.size for p in layer.parameters.values()) for layer in self.layers)])
        return [slice(int(start), int(end)) for start, end in pairwise(ends)]

    def summary(self) -> str:
        """Tabulate layers, output shapes and parameter counts."""
        rows = [("layer", "output", "parameters"), ("input", in_words(self.input_shape), "")]
        rows += [(type(p.layer).__name__, in_words(p.output_shape), f"{p.parameters:,}") for p in self.plans]
        rows.append(("total", "", f"{self.theta.size:,}"))
        widths = [max(len(row[i]) for row in rows) for i in range(3)]
        return "\n".join(f"{a:<{widths[0]}}  {b:<{widths[1]}}  {c:>{widths[2]}}".rstrip() for a, b, c in rows)
