"""Sequences of different lengths in one batch: short ones are filled up at their end, and layers leave the filling out."""

from dataclasses import dataclass

import numpy as np

from engine.arrays import Array, Shape
from engine.hyperparameter import choice
from engine.layers.layer import Layer, padding_of


@dataclass(eq=False)
class Masking(Layer):
    """Tells the layers after it how long every row is: places at its end that hold nothing but `value` are padding.

    x, y (N, T) tokens, or (N, T, features): the same numbers;  lengths (N,): places up to the last that holds anything else.
    RNN, LSTM, GRU and Bidirectional then end with each row's last real step, and their states are 0 at its padding; attention
    asks no padding. Layers that take each place alone (Dense, activations, LayerNorm, Embedding …) compute on as ever: leave
    the network's answers at padding out of the loss, as a target of −1 does. Layers that mix places or examples are refused.
    ∂L/∂x = ∂L/∂y, and 0 at padding.
    Graves, Fernández, Gomez & Schmidhuber (2006) train on sequences of any length; filled up batches are Keras's way to.
    """

    value: float = choice("the token or the number that fills rows up", default=0.0, minimum=-4096, maximum=4096)

    def output_shape(self, input_shape: Shape) -> Shape:
        if len(input_shape) not in (1, 2):
            raise self.refuse("a row of tokens, or a sequence of steps × features", input_shape)
        return input_shape

    def follow_padding(self, source: Layer | None, input_shape: Shape) -> Layer | None:
        return self

    def forward(self, x: Array, training: bool = False) -> Array:
        differs = (x != self.value) & (x != np.float32(self.value))  # 0.1 out of a float32 is another number than 0.1
        real = differs.reshape(*x.shape[:2], -1).any(axis=2)  # (N, T)
        last = x.shape[1] - real[:, ::-1].argmax(axis=1)
        self.lengths: Array = np.where(real.any(axis=1), last, 0)
        return x

    def backward(self, dy: Array) -> Array:
        dx = dy.copy()
        dx[padding_of(self.lengths, dy.shape[1])] = 0
        return dx
