"""Sequences of different lengths in one batch: short ones are filled up, and layers leave the filling out."""

from dataclasses import dataclass

import numpy as np

from engine.arrays import Array, Shape
from engine.expression import Formulas, Quantities, expression
from engine.hyperparameter import choice
from engine.layers.layer import Layer


@dataclass(eq=False)
class Masking(Layer):
    """Tells the layers after it how long every row is: places at its end that hold nothing but `value` are padding.

    x, y (N, T) tokens, or (N, T, features): the same numbers;  real (N, T): the places up to the last that holds anything
    else;  lengths (N,): how many.
    RNN, LSTM, GRU and Bidirectional then end with each row's last real step, and their states are 0 at its padding; attention
    asks no padding. Layers that take each place alone (Dense, activations, LayerNorm, Embedding …) compute on as ever: leave
    the network's answers at padding out of the loss, as a target of −1 does. Layers that mix places or examples are refused.
    gaps: places of nothing but `value` are left out wherever they stand, at the beginning and in the middle too. Recurrent
    layers keep their state over them, and read a row as if it were closed up;  a Conv1D would see them, and is refused.
    ∂L/∂x = ∂L/∂y, and 0 at what is left out.
    After the Masking layer of Keras (2015); PyTorch has packed sequences for this.
    """

    value: float = choice("the token or the number that fills rows up", default=0.0, minimum=-4096, maximum=4096)
    gaps: bool = choice("leave such places out in the middle of a row too, not only at its end", default=False)

    def output_shape(self, input_shape: Shape) -> Shape:
        if len(input_shape) not in (1, 2):
            raise self.refuse("a row of tokens, or a sequence of steps × features", input_shape)
        return input_shape

    def follow_padding(self, source: Layer | None, input_shape: Shape) -> Layer | None:
        return self

    def forward(self, x: Array, training: bool = False) -> Array:
        differs = (x != self.value) & (x != np.float32(self.value))  # 0.1 out of a float32 is another number than 0.1
        real = differs.reshape(*x.shape[:2], -1).any(axis=2)  # (N, T)
        if not self.gaps:
            real = np.logical_or.accumulate(real[:, ::-1], axis=1)[:, ::-1]  # and what has anything real after it
        self.real: Array = real
        self.lengths: Array = real.sum(axis=1)
        self.order: Array = np.argsort(~real, axis=1, kind="stable")  # (N, T): the real places, then the others
        return x

    def backward(self, dy: Array) -> Array:
        dx = dy.copy()
        dx[~self.real] = 0
        return dx

    def on_the_way(self, q: Quantities) -> dict[str, Array]:
        return {"lengths": self.lengths, "real": self.real}

    def formulas(self, q: Quantities) -> Formulas:
        return {
            "y": lambda *at: q("x", *at),
            "dx": lambda n, t, *k: q("dy", n, t, *k) if self.real[n, t] else expression(0),
        }
