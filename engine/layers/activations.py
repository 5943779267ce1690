"""Activation functions: what makes a network more than one matrix. Each works on every number of x alone."""

from dataclasses import dataclass, field

import numpy as np

from engine.arrays import Array
from engine.choice import choice
from engine.layers.layer import Layer


@dataclass(eq=False)
class Activation(Layer):
    """A layer without parameters whose output has the shape of its input."""


@dataclass(eq=False)
class ReLU(Activation):
    """Positive numbers pass, negative ones become zero:  y = max(x, 0).

    ∂y/∂x = 1 where x > 0, else 0 (also at 0).
    Nair & Hinton (2010), Rectified linear units improve restricted Boltzmann machines.
    """

    def forward(self, x: Array, training: bool = False) -> Array:
        self.y: Array = np.maximum(x, 0)
        return self.y

    def backward(self, dy: Array) -> Array:
        return dy * (self.y > 0)


@dataclass(eq=False)
class LeakyReLU(Activation):
    """Like ReLU, but negative numbers leak through a little:  y = x where x > 0, else slope · x.

    Maas, Hannun & Ng (2013), Rectifier nonlinearities improve neural network acoustic models.
    """

    slope: float = field(default=0.01, metadata=choice("how much of a negative number passes", minimum=0, maximum=1))

    def forward(self, x: Array, training: bool = False) -> Array:
        self.factor: Array = np.where(x > 0, 1, self.slope).astype(x.dtype)
        return x * self.factor

    def backward(self, dy: Array) -> Array:
        dx: Array = dy * self.factor
        return dx


@dataclass(eq=False)
class Tanh(Activation):
    """Squashes every number smoothly into (−1, 1):  y = tanh x,  ∂y/∂x = 1 − y².

    LeCun, Bottou, Orr & Müller (1998), Efficient backprop.
    """

    def forward(self, x: Array, training: bool = False) -> Array:
        self.y: Array = np.tanh(x)
        return self.y

    def backward(self, dy: Array) -> Array:
        dx: Array = dy * (1 - self.y * self.y)
        return dx


@dataclass(eq=False)
class Sigmoid(Activation):
    """Squashes every number smoothly into (0, 1):  y = σ(x) = 1 / (1 + e⁻ˣ),  ∂y/∂x = y (1 − y).

    Rumelhart, Hinton & Williams (1986), Learning representations by back-propagating errors.
    """

    def forward(self, x: Array, training: bool = False) -> Array:
        self.y: Array = 0.5 * np.tanh(0.5 * x) + 0.5           # the same function, and e⁻ˣ cannot overflow
        return self.y

    def backward(self, dy: Array) -> Array:
        dx: Array = dy * self.y * (1 - self.y)
        return dx
