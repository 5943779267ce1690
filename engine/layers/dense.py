"""The fully connected layer."""

from dataclasses import dataclass
from math import prod
from typing import ClassVar

import numpy as np

from engine.arrays import Array, Shape
from engine.expression import ALL, Formulas, Quantities, dot
from engine.hyperparameter import choice
from engine.initializers import INITIALIZERS
from engine.layers.layer import Weighted


@dataclass(eq=False)
class Dense(Weighted):
    """Every output is a weighted sum of every input:  y = x W + b.

    x (N, inputs)   W (inputs, units)   b (units,)   y (N, units);  also (N, T, inputs), each of the T rows alike.
    Rumelhart, Hinton & Williams (1986), Learning representations by back-propagating errors.
    """

    alone: ClassVar[bool] = True

    units: int = choice("how many outputs", minimum=1, maximum=4096, suggestion=12)
    initializer: str = choice("how W starts", default="xavier", among=INITIALIZERS)
    bias_initializer: str = choice("how b starts", default="zeros", among=INITIALIZERS)

    def output_shape(self, input_shape: Shape) -> Shape:
        if len(input_shape) not in (1, 2):
            raise self.refuse("a row of features (put a Flatten before it)", input_shape)
        return (*input_shape[:-1], self.units)

    def parameter_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        return {"W": (input_shape[-1], self.units), "b": (self.units,)}

    def kept(self, input_shape: Shape) -> int:
        return prod(input_shape)

    def forward(self, x: Array, training: bool = False) -> Array:
        self.x = x = self.numbers(x)
        if x.ndim == 2:
            y: Array = self.W.T.dot(x.T).T  # yᵀ = Wᵀ xᵀ: in memory, a feature of all examples lies together
            y += self.b
            return y
        y = rows(x).dot(self.W)
        y += self.b
        return y.reshape(*x.shape[:-1], self.units)

    def backward(self, dy: Array) -> Array:
        Dense.backward_parameters(self, dy)
        dx: Array = self.W.dot(dy.T).T if dy.ndim == 2 else rows(dy).dot(self.W.T)  # ∂L/∂x = ∂L/∂y Wᵀ
        return dx.reshape(self.x.shape)

    def backward_parameters(self, dy: Array) -> None:
        dy = rows(dy)
        np.matmul(rows(self.x).T, dy, out=self.dW)  # ∂L/∂W = xᵀ ∂L/∂y
        np.matmul(dy.T, self.ones(len(dy)), out=self.db)  # ∂L/∂b = Σₙ ∂L/∂yₙ

    def formulas(self, q: Quantities) -> Formulas:
        examples = [ALL] * (q["x"].ndim - 1)
        return {
            "y": lambda *at: dot(q, ("x", [*at[:-1], ALL]), ("W", [ALL, at[-1]])) + q("b", at[-1]),
            "dW": lambda i, j: dot(q, ("x", [*examples, i]), ("dy", [*examples, j])),
            "db": lambda j: dot(q, ("dy", [*examples, j])),
            "dx": lambda *at: dot(q, ("dy", [*at[:-1], ALL]), ("W", [at[-1], ALL])),
        }


def rows(x: Array) -> Array:
    """Give all rows of an array one below the other:  (N, T, features) → (N · T, features)."""
    return x if x.ndim == 2 else x.reshape(-1, x.shape[-1])
