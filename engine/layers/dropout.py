"""Dropout: neurons learn not to lean on any single one of the others."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from engine.arrays import Array, Shape
from engine.expression import Formulas, Quantities
from engine.hyperparameter import choice
from engine.layers.layer import Layer


@dataclass(eq=False)
class Dropout(Layer):
    """While training, every number is zero with probability `rate`, and the others grow to keep the mean:

    y = x · mask / (1 − rate),  mask = 0 or 1;  ∂L/∂x = ∂L/∂y · mask / (1 − rate).   predict leaves x as it is.
    The mask comes from the layer's own stream of random numbers.
    Srivastava et al. (2014), Dropout: a simple way to prevent neural networks from overfitting. This is inverted
    dropout: the paper scales by 1 − rate when it predicts, instead of by 1 / (1 − rate) while it trains.
    """

    alone: ClassVar[bool] = True

    rate: float = choice("share of the numbers that is dropped", default=0.5, minimum=0, maximum=0.95)

    def build(self, input_shape: Shape, rng: np.random.Generator, dtype: np.typing.DTypeLike) -> Shape:
        self.rng = rng
        return super().build(input_shape, rng, dtype)

    def forward(self, x: Array, training: bool = False) -> Array:
        x = self.numbers(x)
        self.mask: Array | None = None
        if training and self.rng is not None:
            kept = self.rng.random(x.shape, np.float32) >= self.rate
            self.mask = kept.astype(x.dtype) / (1 - self.rate)
        return x if self.mask is None else x * self.mask

    def backward(self, dy: Array) -> Array:
        return dy if self.mask is None else dy * self.mask

    def on_the_way(self, q: Quantities) -> dict[str, Array]:
        return {} if self.mask is None else {"mask": self.mask}

    def formulas(self, q: Quantities) -> Formulas:
        if self.mask is None:
            return {"y": lambda *n: q("x", *n), "dx": lambda *n: q("dy", *n)}
        return {"y": lambda *n: q("x", *n) * q("mask", *n), "dx": lambda *n: q("dy", *n) * q("mask", *n)}
