"""The fully connected layer."""

from dataclasses import dataclass
from math import prod
from typing import ClassVar

import numpy as np

from engine.arrays import Array, Shape
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
        return x @ self.W + self.b

    def backward(self, dy: Array) -> Array:
        Dense.backward_parameters(self, dy)
        if self.x.ndim == 2 and self.x.flags.fnc:  # images that lie batch-last in memory: so does their gradient
            return (self.W @ dy.T).T
        return dy @ self.W.T  # ∂L/∂x = ∂L/∂y Wᵀ

    def backward_parameters(self, dy: Array) -> None:
        rows, dy_rows = self.x.reshape(-1, len(self.W)), dy.reshape(-1, self.units)
        np.matmul(rows.T, dy_rows, out=self.dW)  # ∂L/∂W = xᵀ ∂L/∂y
        dy_rows.sum(axis=0, out=self.db)  # ∂L/∂b = Σₙ ∂L/∂yₙ
