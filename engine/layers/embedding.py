"""From tokens to vectors, and from places to vectors."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from engine.arrays import Array, Shape
from engine.expression import Expression, Formulas, Quantities, expression, function, total
from engine.hyperparameter import choice
from engine.layers.layer import Layer, Parametric, Weighted

SORTED_FROM = 256
"""The vocabulary from which sorting the tokens is faster than a product with their one-hot rows (4,096 tokens: 30 times)."""


@dataclass(eq=False)
class Embedding(Weighted):
    """Every token has a row of numbers, which is learned:  y[n, t] = W[x[n, t]].

    x (N, T): whole numbers from 0 to vocabulary − 1   W (vocabulary, width)   y (N, T, width);  W starts as N(0, 1).
    ∂L/∂W[k] = the sum of ∂L/∂y over all places that hold k;  tokens have no gradient: ∂L/∂x is 0.   A small vocabulary sums by
    a product with one-hot rows, a large one by sorting the places.
    Bengio, Ducharme, Vincent & Jauvin (2003), A neural probabilistic language model.
    """

    vocabulary: int = choice("how many tokens there are", minimum=1, maximum=4096, suggestion=32)
    width: int = choice("numbers for each token", minimum=1, maximum=1024, suggestion=16)

    def output_shape(self, input_shape: Shape) -> Shape:
        if len(input_shape) != 1:
            raise self.refuse("a row of tokens", input_shape)
        return (input_shape[0], self.width)

    def follow_padding(self, source: Layer | None, input_shape: Shape) -> Layer | None:
        return source

    def parameter_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        return {"W": (self.vocabulary, self.width)}

    def initial(self, name: str, shape: Shape, rng: np.random.Generator) -> Array:
        return rng.normal(size=shape)

    def memory(self, input_shape: Shape) -> int:
        return input_shape[0] * (self.vocabulary + 2 * self.width if self.vocabulary < SORTED_FROM else 4 * self.width + 8)

    def forward(self, x: Array, training: bool = False) -> Array:
        self.tokens: Array = x.astype(np.intp)
        if (self.tokens != x).any() or self.tokens.min(initial=0) < 0 or self.tokens.max(initial=0) >= self.vocabulary:
            strange = x[(self.tokens != x) | (self.tokens < 0) | (self.tokens >= self.vocabulary)]
            raise ValueError(f"Embedding wants tokens, whole numbers from 0 to {self.vocabulary - 1}, got {strange[0]}")
        y: Array = self.W[self.tokens]
        return y

    def backward(self, dy: Array) -> Array:
        Embedding.backward_parameters(self, dy)
        return np.zeros(self.tokens.shape, dy.dtype)

    def backward_parameters(self, dy: Array) -> None:
        flat = self.tokens.reshape(-1)
        rows = dy.reshape(len(flat), -1)
        if self.vocabulary < SORTED_FROM:
            one_hot = np.zeros((len(flat), self.vocabulary), dy.dtype)
            one_hot[np.arange(len(flat)), flat] = 1
            np.matmul(one_hot.T, rows, out=self.dW)
        else:
            order = np.argsort(flat, kind="stable")
            found, first = np.unique(flat[order], return_index=True)
            self.dW[...] = 0
            self.dW[found] = np.add.reduceat(rows[order], first, axis=0)

    def formulas(self, q: Quantities) -> Formulas:
        return {
            "y": lambda n, t, j: q("W", int(self.tokens[n, t]), j),
            "dW": lambda k, j: total(q("dy", int(n), int(t), j) for n, t in np.argwhere(self.tokens == k)),
            "dx": lambda n, t: expression(0),
        }


@dataclass(eq=False)
class PositionalEncoding(Parametric):
    """Adds to every place of a sequence a vector that says which place it is:  y[n, t] = x[n, t] + P[t].

    sinusoidal:  P[t, 2i] = sin(t / 10000^(2i / width)),  P[t, 2i + 1] = cos of the same: clocks of many speeds.
    learned:  P (longest, width) are parameters, which start as N(0, 0.1²) and are not penalized.
    Vaswani et al. (2017), Attention is all you need, section 3.5; Gehring et al. (2017) for learned ones.
    """

    weights: ClassVar[tuple[str, ...]] = ()
    alone: ClassVar[bool] = True

    learned: bool = choice("learn the places' vectors instead of sines", default=False)
    longest: int = choice("the longest sequence", default=512, minimum=1, maximum=4096, unit="steps")

    def output_shape(self, input_shape: Shape) -> Shape:
        if len(input_shape) != 2:
            raise self.refuse("a sequence of steps × width (an Embedding makes one)", input_shape)
        if input_shape[0] > self.longest:
            raise self.refuse(f"a sequence of at most {self.longest} steps (its `longest` says so)", input_shape)
        return input_shape

    def parameter_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        return {"P": (self.longest, input_shape[1])} if self.learned else {}

    def initial(self, name: str, shape: Shape, rng: np.random.Generator) -> Array:
        return rng.normal(0, 0.1, shape)

    def build(self, input_shape: Shape, rng: np.random.Generator, dtype: np.typing.DTypeLike) -> Shape:
        output_shape = super().build(input_shape, rng, dtype)
        if not self.learned:
            self.P = sinusoids(input_shape[0], input_shape[1], dtype)
        return output_shape

    def forward(self, x: Array, training: bool = False) -> Array:
        self.steps = x.shape[1]
        return self.numbers(x) + self.P[: self.steps]

    def backward(self, dy: Array) -> Array:
        steps = self.steps
        if self.learned:
            self.dP[...] = 0
            dy.sum(axis=0, out=self.dP[:steps])
        return dy

    def on_the_way(self, q: Quantities) -> dict[str, Array]:
        return {} if self.learned else {"P": self.P, "width": np.asarray(self.P.shape[1])}

    def formulas(self, q: Quantities) -> Formulas:
        n_all, steps = range(len(q["x"])), q["x"].shape[1]

        def wave(t: int, k: int) -> Expression:
            return function("sin" if k % 2 == 0 else "cos", t / expression(10_000) ** (k // 2 * 2 / q("width")))

        def learned(t: int, k: int) -> Expression:
            return total(q("dy", n, t, k) for n in n_all if t < steps)

        return {
            "y": lambda n, t, k: q("x", n, t, k) + q("P", t, k),
            "dx": lambda n, t, k: q("dy", n, t, k),
            **({"dP": learned} if self.learned else {"P": wave}),
        }


def sinusoids(steps: int, width: int, dtype: np.typing.DTypeLike) -> Array:
    """Compute  P (steps, width)  of the sinusoidal encoding."""
    angle = np.arange(steps)[:, None] / 10_000 ** (np.arange(0, width, 2) / width)
    P = np.empty((steps, width), dtype)
    P[:, 0::2], P[:, 1::2] = np.sin(angle), np.cos(angle)[:, : width // 2]
    return P
