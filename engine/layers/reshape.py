"""Layers that only arrange the same numbers differently."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from engine.arrays import Array, Shape, in_words
from engine.expression import Formulas, Quantities
from engine.hyperparameter import choice
from engine.layers.layer import Layer
from engine.layers.windows import in_rows


@dataclass(eq=False)
class Flatten(Layer):
    """Lays all numbers of an example out in one row:  (N, H, W, C) → (N, H·W·C)."""

    def output_shape(self, input_shape: Shape) -> Shape:
        return (prod(input_shape),)

    def kept(self, input_shape: Shape) -> int:
        return 0  # y is x, looked at in another way

    def forward(self, x: Array, training: bool = False) -> Array:
        self.x_shape = x.shape
        return in_rows(x)

    def backward(self, dy: Array) -> Array:
        return dy.reshape(self.x_shape)

    def formulas(self, q: Quantities) -> Formulas:
        return moved(q)


@dataclass(eq=False)
class Reshape(Layer):
    """Gives the same numbers another shape, in row-major order:  (N, …) → (N, *shape)."""

    shape: tuple[int, ...] = choice("the new shape", minimum=1, maximum=65536, suggestion=(4, 4, 1))

    def __post_init__(self) -> None:
        shape: Any = self.shape
        self.shape = tuple(shape) if np.ndim(shape) else (shape,)
        super().__post_init__()

    def output_shape(self, input_shape: Shape) -> Shape:
        if prod(self.shape) != prod(input_shape):
            raise self.refuse(f"{prod(self.shape)} numbers (for {in_words(self.shape)})", input_shape)
        return self.shape

    def kept(self, input_shape: Shape) -> int:
        return 0  # as in Flatten

    def forward(self, x: Array, training: bool = False) -> Array:
        self.x_shape = x.shape
        return x.reshape(len(x), *self.shape)

    def backward(self, dy: Array) -> Array:
        return dy.reshape(self.x_shape)

    def formulas(self, q: Quantities) -> Formulas:
        return moved(q)


def moved(q: Quantities) -> Formulas:
    """Say where a number stood before: the k-th of an example stays the k-th."""
    x, y = (q[name].shape[1:] for name in "xy")

    def place(index: tuple[int, ...], now: Shape, before: Shape) -> Iterator[int]:
        return map(int, np.unravel_index(np.ravel_multi_index(index, now), before))

    return {"y": lambda n, *at: q("x", n, *place(at, y, x)), "dx": lambda n, *at: q("dy", n, *place(at, x, y))}
