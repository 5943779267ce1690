"""Activation functions: what makes a network more than one matrix. Each works on every number of x alone."""

import math
from dataclasses import dataclass
from math import prod
from typing import ClassVar

import numpy as np

from engine.arrays import Array, Shape
from engine.expression import Expression, Formulas, Quantities, function, maximum, total
from engine.functions import erf, sigmoid, softmax, softmax_backward
from engine.hyperparameter import choice
from engine.layers.layer import Layer

FROM_ZERO = np.float32(0), np.float32(np.inf)
"""The bounds of what ReLU lets pass, of a type that turns no numbers into wider ones."""

GELU_WIDTH, GELU_CUBIC = math.sqrt(2 / math.pi), 0.044715


@dataclass(eq=False)
class Activation(Layer):
    """A layer without parameters whose output has the shape of its input."""

    alone: ClassVar[bool] = True

    def memory(self, input_shape: Shape) -> int:
        return 3 * prod(input_shape)  # those on the way from x to y too

    def kept(self, input_shape: Shape) -> int:
        return prod(input_shape)  # ∂y/∂x, or y, from which it follows


@dataclass(eq=False)
class ReLU(Activation):
    """Positive numbers pass, negative ones become zero:  y = max(x, 0).

    ∂y/∂x = 1 where x > 0, else 0 (also at 0).
    Nair & Hinton (2010), Rectified linear units improve restricted Boltzmann machines.
    """

    def kept(self, input_shape: Shape) -> int:
        return -(-prod(input_shape) // 4)  # a byte for each number

    def forward(self, x: Array, training: bool = False) -> Array:
        x = self.numbers(x)
        self.positive: Array = x > 0
        y: Array = x.clip(*FROM_ZERO)  # y = max(x, 0); np.maximum takes three times as long with a number for all
        return y

    def backward(self, dy: Array) -> Array:
        return dy * self.positive

    def on_the_way(self, q: Quantities) -> dict[str, Array]:
        return {"positive": self.positive}

    def formulas(self, q: Quantities) -> Formulas:
        return {"y": lambda *n: maximum([q("x", *n), 0]), "dx": lambda *n: q("dy", *n) * q("positive", *n)}


@dataclass(eq=False)
class LeakyReLU(Activation):
    """Like ReLU, but negative numbers leak through a little:  y = x where x > 0, else slope · x.

    Maas, Hannun & Ng (2013), Rectifier nonlinearities improve neural network acoustic models.
    """

    slope: float = choice("how much of a negative number passes", default=0.01, minimum=0, maximum=1)

    def forward(self, x: Array, training: bool = False) -> Array:
        x = self.numbers(x)
        self.factor: Array = np.where(x > 0, 1, self.slope).astype(x.dtype)
        return x * self.factor

    def backward(self, dy: Array) -> Array:
        dx: Array = dy * self.factor
        return dx

    def on_the_way(self, q: Quantities) -> dict[str, Array]:
        return {"factor": self.factor}

    def formulas(self, q: Quantities) -> Formulas:
        return {"y": lambda *n: q("x", *n) * q("factor", *n), "dx": lambda *n: q("dy", *n) * q("factor", *n)}


@dataclass(eq=False)
class Tanh(Activation):
    """Squashes every number smoothly into (−1, 1):  y = tanh x,  ∂y/∂x = 1 − y².

    LeCun, Bottou, Orr & Müller (1998), Efficient backprop.
    """

    def forward(self, x: Array, training: bool = False) -> Array:
        self.y: Array = np.tanh(self.numbers(x))
        return self.y.copy("K")

    def backward(self, dy: Array) -> Array:
        dx = self.y * self.y
        np.subtract(1, dx, out=dx)
        dx *= dy  # ∂L/∂x = ∂L/∂y (1 − y²)
        return dx

    def formulas(self, q: Quantities) -> Formulas:
        return {
            "y": lambda *n: function("tanh", q("x", *n)),
            "dx": lambda *n: q("dy", *n) * (1 - q("y", *n) ** 2),
        }


@dataclass(eq=False)
class Sigmoid(Activation):
    """Squashes every number smoothly into (0, 1):  y = σ(x) = 1 / (1 + e⁻ˣ),  ∂y/∂x = y (1 − y).

    Rumelhart, Hinton & Williams (1986), Learning representations by back-propagating errors.
    """

    def forward(self, x: Array, training: bool = False) -> Array:
        self.y: Array = sigmoid(self.numbers(x))
        return self.y.copy("K")

    def backward(self, dy: Array) -> Array:
        dx = 1 - self.y
        dx *= self.y
        dx *= dy  # ∂L/∂x = ∂L/∂y y (1 − y)
        return dx

    def formulas(self, q: Quantities) -> Formulas:
        return {
            "y": lambda *n: function("sigmoid", q("x", *n)),
            "dx": lambda *n: q("dy", *n) * q("y", *n) * (1 - q("y", *n)),
        }


@dataclass(eq=False)
class GELU(Activation):
    """Lets a number pass by how likely it is to be larger than a random one:  y = x · P(N(0, 1) ≤ x) = x (1 + t) / 2.

    exactly:       t = erf(x / √2)                          ∂y/∂x = (1 + t) / 2 + x e^{−x²/2} / √(2π)
    approximate:   t = tanh(√(2/π) (x + 0.044715 x³))       ∂y/∂x = (1 + t) / 2 + x (1 − t²) √(2/π) (1 + 3 · 0.044715 x²) / 2
    The paper's own approximation differs by less than 0.0005;  it is PyTorch's approximate="tanh".
    Hendrycks & Gimpel (2016), Gaussian error linear units.
    """

    approximate: bool = choice("by tanh, which is faster, not by erf", default=True)

    def memory(self, input_shape: Shape) -> int:
        return (4 if self.approximate else 8) * prod(input_shape)

    def kept(self, input_shape: Shape) -> int:
        return 2 * prod(input_shape)  # x and t

    def forward(self, x: Array, training: bool = False) -> Array:
        self.x = x = self.numbers(x)
        if self.approximate:
            t: Array = x * x
            t *= GELU_WIDTH * GELU_CUBIC
            t += GELU_WIDTH
            t *= x
            np.tanh(t, out=t)  # t = tanh(√(2/π) (x + 0.044715 x³))
        else:
            t = erf(x / math.sqrt(2))
        self.t = t
        y: Array = t + 1
        y *= x
        y *= 0.5  # y = x (1 + t) / 2
        return y

    def backward(self, dy: Array) -> Array:
        x, t = self.x, self.t
        if self.approximate:
            dx: Array = x * x
            dx *= 3 * GELU_WIDTH * GELU_CUBIC
            dx += GELU_WIDTH
            dx *= x
            t_t = t * t
            dx *= np.subtract(1, t_t, out=t_t)  # x ∂t/∂x = x (1 − t²) √(2/π) (1 + 3 · 0.044715 x²)
        else:
            dx = x * (GELU_WIDTH * np.exp(-0.5 * x * x))  # x ∂t/∂x;  √(2/π) = 2/√π · 1/√2
        dx += t
        dx += 1
        dx *= 0.5
        dx *= dy  # ∂L/∂x = ∂L/∂y (1 + t + x ∂t/∂x) / 2
        return dx

    def on_the_way(self, q: Quantities) -> dict[str, Array]:
        return {"t": self.t}

    def formulas(self, q: Quantities) -> Formulas:
        if self.approximate:
            return {
                "y": lambda *n: q("x", *n) * (1 + q("t", *n)) / 2,
                "t": lambda *n: function("tanh", GELU_WIDTH * (q("x", *n) + GELU_CUBIC * q("x", *n) ** 3)),
                "dx": lambda *n: q("dy", *n) * ((1 + q("t", *n)) / 2 + self.bend(q("x", *n), q("t", *n))),
            }
        return {
            "y": lambda *n: q("x", *n) * (1 + q("t", *n)) / 2,
            "t": lambda *n: function("erf", q("x", *n) / math.sqrt(2)),
            "dx": lambda *n: (
                q("dy", *n)
                * ((1 + q("t", *n)) / 2 + q("x", *n) * function("exp", -(q("x", *n) ** 2) / 2) / math.sqrt(2 * math.pi))
            ),
        }

    def bend(self, x: Expression, t: Expression) -> Expression:
        """Write  x (1 − t²) √(2/π) (1 + 3 · 0.044715 x²) / 2."""
        return x * (1 - t**2) * GELU_WIDTH * (1 + 3 * GELU_CUBIC * x**2) / 2


@dataclass(eq=False)
class Softmax(Activation):
    """Turns the features of every example into shares that sum to one:  y_k = e^{x_k} / Σⱼ e^{x_j}.

    ∂L/∂x = y (∂L/∂y − Σⱼ yⱼ ∂L/∂yⱼ).   CrossEntropy takes logits: it needs no Softmax before it.
    Bridle (1990), Probabilistic interpretation of feedforward classification network outputs.
    """

    def forward(self, x: Array, training: bool = False) -> Array:
        self.y: Array = softmax(self.numbers(x))
        return self.y.copy("K")

    def backward(self, dy: Array) -> Array:
        return softmax_backward(dy, self.y)

    def on_the_way(self, q: Quantities) -> dict[str, Array]:
        return {"top": q["x"].max(axis=-1)}

    def formulas(self, q: Quantities) -> Formulas:
        K = q["x"].shape[-1]

        def e(*n: int) -> Expression:
            return function("exp", q("x", *n) - q("top", *n[:-1]))  # what is taken off above and below changes nothing

        return {
            "top": lambda *n: maximum(q("x", *n, j) for j in range(K)),
            "y": lambda *n: e(*n) / total(e(*n[:-1], j) for j in range(K)),
            "dx": lambda *n: q("y", *n) * (q("dy", *n) - total(q("y", *n[:-1], j) * q("dy", *n[:-1], j) for j in range(K))),
        }
