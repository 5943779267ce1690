"""More activation functions: smooth ones, learned ones, and those that are cheap on small processors."""

from dataclasses import dataclass
from math import prod
from typing import ClassVar

import numpy as np

from engine.arrays import Array, Shape
from engine.expression import ALL, Expression, Formulas, Quantities, Value, dot, expression, function, maximum, total
from engine.functions import sigmoid
from engine.hyperparameter import choice
from engine.layers.activations import Activation
from engine.layers.layer import Parametric

SELU_SCALE, SELU_ALPHA = 1.0507009873554805, 1.6732632423543772
"""λ and α, for which numbers with mean 0 and variance 1 keep both from layer to layer."""


@dataclass(eq=False)
class Curve(Activation):
    """An activation whose forward works out the slope ∂y/∂x of every number as well, which is all that backward needs."""

    def memory(self, input_shape: Shape) -> int:
        return 4 * prod(input_shape)

    def curve(self, x: Array) -> tuple[Array, Array]:
        """Compute y and ∂y/∂x."""
        raise NotImplementedError

    def forward(self, x: Array, training: bool = False) -> Array:
        y, self.slope = self.curve(self.numbers(x))
        return y

    def backward(self, dy: Array) -> Array:
        return dy * self.slope

    def on_the_way(self, q: Quantities) -> dict[str, Array]:
        return {"slope": self.slope}

    def formulas(self, q: Quantities) -> Formulas:
        return {
            "y": lambda *n: self.written(q("x", *n))[0],
            "slope": lambda *n: self.written(q("x", *n))[1],
            "dx": lambda *n: q("dy", *n) * q("slope", *n),
        }

    def written(self, x: Value) -> tuple[Expression, Expression]:
        """Write y and ∂y/∂x of one number as formulas; of the branches that it may take, the one that it took."""
        raise NotImplementedError(f"{type(self).__name__} says no formulas; CONTRIBUTING says how")


def exponential(x: Array, alpha: float, scale: float = 1) -> tuple[Array, Array]:
    """Compute  scale · (x where x > 0, else α (eˣ − 1)),  and its slope  scale · (1 where x > 0, else α eˣ)."""
    below = alpha * np.expm1(np.minimum(x, 0))  # no exponential of a large number
    return scale * np.where(x > 0, x, below), scale * np.where(x > 0, 1, below + alpha)


def written_exponential(x: Value, alpha: float) -> tuple[Expression, Expression]:
    """Write the same as formulas, with a scale of 1."""
    if x.value > 0:
        return x, expression(1)
    return alpha * (function("exp", x) - 1), alpha * function("exp", x)


@dataclass(eq=False)
class ELU(Curve):
    """Like ReLU, but negative numbers bend smoothly towards −α:  y = x where x > 0, else α (eˣ − 1).

    ∂y/∂x = 1 where x > 0, else α eˣ.
    Clevert, Unterthiner & Hochreiter (2016), Fast and accurate deep network learning by exponential linear units.
    """

    alpha: float = choice("what very negative numbers come close to, with a minus (α)", default=1.0, minimum=0, maximum=10)

    def curve(self, x: Array) -> tuple[Array, Array]:
        return exponential(x, self.alpha)

    def written(self, x: Value) -> tuple[Expression, Expression]:
        return written_exponential(x, self.alpha)


@dataclass(eq=False)
class SELU(Curve):
    """An ELU whose two constants keep mean 0 and variance 1 through many layers:  y = λ x where x > 0, else λ α (eˣ − 1).

    λ ≈ 1.0507, α ≈ 1.6733;  ∂y/∂x = λ where x > 0, else λ α eˣ.   It wants weights that start by `lecun`.
    Klambauer, Unterthiner, Mayr & Hochreiter (2017), Self-normalizing neural networks.
    """

    def curve(self, x: Array) -> tuple[Array, Array]:
        return exponential(x, SELU_ALPHA, SELU_SCALE)

    def written(self, x: Value) -> tuple[Expression, Expression]:
        y, slope = written_exponential(x, SELU_ALPHA)
        return SELU_SCALE * y, SELU_SCALE * slope


@dataclass(eq=False)
class SiLU(Curve):
    """A number times its own gate, also called Swish:  y = x σ(x),  ∂y/∂x = σ(x) (1 + x (1 − σ(x))).

    Elfwing, Uchibe & Doya (2018), Sigmoid-weighted linear units; Ramachandran, Zoph & Le (2017) found it by search.
    """

    def curve(self, x: Array) -> tuple[Array, Array]:
        gate = sigmoid(x)
        return x * gate, gate * (1 + x * (1 - gate))

    def written(self, x: Value) -> tuple[Expression, Expression]:
        gate = function("sigmoid", x)
        return x * gate, gate * (1 + x * (1 - gate))


def softplus(x: Array) -> Array:
    """Compute  log(1 + eˣ) = max(x, 0) + log(1 + e^{−|x|}),  where nothing can overflow."""
    y: Array = np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))
    return y


def written_softplus(x: Value) -> Expression:
    """Write the same as a formula."""
    if x.value > 0:
        return x + function("log", 1 + function("exp", -x))
    return function("log", 1 + function("exp", x))


@dataclass(eq=False)
class Softplus(Curve):
    """A ReLU without a corner:  y = log(1 + eˣ),  ∂y/∂x = σ(x).

    Dugas, Bengio, Bélisle, Nadeau & Garcia (2001), Incorporating second-order functional knowledge.
    """

    def curve(self, x: Array) -> tuple[Array, Array]:
        return softplus(x), sigmoid(x)

    def written(self, x: Value) -> tuple[Expression, Expression]:
        return written_softplus(x), function("sigmoid", x)


@dataclass(eq=False)
class Mish(Curve):
    """A number times how far its softplus is from zero:  y = x t,  t = tanh(log(1 + eˣ)).

    ∂y/∂x = t + x (1 − t²) σ(x)
    Misra (2020), Mish: a self regularized non-monotonic activation function.
    """

    def curve(self, x: Array) -> tuple[Array, Array]:
        t = np.tanh(softplus(x))
        return x * t, t + x * (1 - t * t) * sigmoid(x)

    def written(self, x: Value) -> tuple[Expression, Expression]:
        t = function("tanh", written_softplus(x))
        return x * t, t + x * (1 - t**2) * function("sigmoid", x)


@dataclass(eq=False)
class Softsign(Curve):
    """Squashes every number into (−1, 1), more slowly than tanh:  y = x / (1 + |x|),  ∂y/∂x = 1 / (1 + |x|)².

    Glorot & Bengio (2010), Understanding the difficulty of training deep feedforward neural networks.
    """

    def curve(self, x: Array) -> tuple[Array, Array]:
        size = 1 + np.abs(x)
        return x / size, 1 / (size * size)

    def written(self, x: Value) -> tuple[Expression, Expression]:
        size = 1 + function("abs", x)
        return x / size, 1 / size**2


def between_0_and_1(line: Expression) -> Expression:
    """Write  line,  cut off at 0 and 1."""
    return maximum([line, 0]) if line.evaluate() < 1 else expression(1)


@dataclass(eq=False)
class HardSigmoid(Curve):
    """A sigmoid made of three straight lines:  y = α x + β, cut off at 0 and 1;  ∂y/∂x = α between them, else 0.

    Courbariaux, Bengio & David (2015), BinaryConnect: training deep neural networks with binary weights.
    """

    alpha: float = choice("how steep it is in the middle (α)", default=0.2, minimum=0, maximum=10)
    beta: float = choice("its value at 0 (β)", default=0.5, minimum=0, maximum=1)

    def curve(self, x: Array) -> tuple[Array, Array]:
        line = self.alpha * x + self.beta
        return np.clip(line, 0, 1), np.where((line > 0) & (line < 1), self.alpha, 0).astype(x.dtype)

    def written(self, x: Value) -> tuple[Expression, Expression]:
        line = self.alpha * x + self.beta
        inside = 0 < line.evaluate() < 1
        return between_0_and_1(line), expression(self.alpha if inside else 0)


@dataclass(eq=False)
class HardSwish(Curve):
    """A SiLU made of straight lines and one parabola:  y = x · (x / 6 + 1/2, cut off at 0 and 1).

    ∂y/∂x = 0 up to −3,  x / 3 + 1/2 between,  1 from 3 on.
    Howard et al. (2019), Searching for MobileNetV3.
    """

    def curve(self, x: Array) -> tuple[Array, Array]:
        slope = np.where(np.abs(x) < 3, x / 3 + 0.5, x >= 3)
        return x * np.clip(x / 6 + 0.5, 0, 1), slope.astype(x.dtype)

    def written(self, x: Value) -> tuple[Expression, Expression]:
        slope = x / 3 + 0.5 if abs(x.value) < 3 else expression(x.value >= 3)
        return x * between_0_and_1(x / 6 + 0.5), slope


@dataclass(eq=False)
class ThresholdedReLU(Curve):
    """Only what is larger than a threshold passes:  y = x where x > θ, else 0.

    Konda, Memisevic & Krueger (2015), Zero-bias autoencoders and the benefits of co-adapting features.
    """

    threshold: float = choice("what a number must be larger than to pass (θ)", default=1.0, minimum=0, maximum=100)

    def curve(self, x: Array) -> tuple[Array, Array]:
        passes = (x > self.threshold).astype(x.dtype)
        return x * passes, passes

    def written(self, x: Value) -> tuple[Expression, Expression]:
        passes = expression(x.value > self.threshold)
        return x * passes, passes


@dataclass(eq=False)
class PReLU(Activation, Parametric):
    """A leaky ReLU that learns how much leaks, for every feature:  y = x where x > 0, else a · x.

    x, y (…, features)   a (features,), which starts at `slope` and is not penalized.
    ∂L/∂a = Σ ∂L/∂y · x over all numbers of the feature that are negative.
    He, Zhang, Ren & Sun (2015), Delving deep into rectifiers.
    """

    weights: ClassVar[tuple[str, ...]] = ()

    slope: float = choice("how much of a negative number passes at first", default=0.25, minimum=0, maximum=1)

    def parameter_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        return {"a": (input_shape[-1],)}

    def initial(self, name: str, shape: Shape, rng: np.random.Generator) -> Array:
        return np.full(shape, self.slope)

    def kept(self, input_shape: Shape) -> int:
        return 2 * prod(input_shape)  # where x is positive, and where it is not

    def forward(self, x: Array, training: bool = False) -> Array:
        x = self.numbers(x)
        self.positive: Array = x > 0
        self.below: Array = np.minimum(x, 0)
        y: Array = np.maximum(x, 0) + self.a * self.below
        return y

    def backward(self, dy: Array) -> Array:
        np.sum(dy * self.below, axis=tuple(range(dy.ndim - 1)), out=self.da)
        dx: Array = dy * np.where(self.positive, 1, self.a)
        return dx

    def on_the_way(self, q: Quantities) -> dict[str, Array]:
        return {"below": self.below, "positive": self.positive}

    def formulas(self, q: Quantities) -> Formulas:
        rows = [ALL] * (q["x"].ndim - 1)
        return {
            "below": lambda *n: -maximum([-q("x", *n), 0]),
            "y": lambda *n: maximum([q("x", *n), 0]) + q("a", n[-1]) * q("below", *n),
            "da": lambda c: dot(q, ("dy", [*rows, c]), ("below", [*rows, c])),
            "dx": lambda *n: q("dy", *n) if q["positive"][n] else q("dy", *n) * q("a", n[-1]),
        }


@dataclass(eq=False)
class LogSoftmax(Activation):
    """The logarithms of a Softmax's shares, without ever taking the logarithm of zero:  y_k = x_k − log Σⱼ e^{x_j}.

    ∂L/∂x = ∂L/∂y − softmax(x) Σⱼ ∂L/∂yⱼ.   CrossEntropy takes logits: it needs none before it, and is not changed by one.
    Bridle (1990), Probabilistic interpretation of feedforward classification network outputs.
    """

    def forward(self, x: Array, training: bool = False) -> Array:
        x = self.numbers(x)
        shifted = x - x.max(axis=-1, keepdims=True)
        e = np.exp(shifted)
        total = e.sum(axis=-1, keepdims=True)
        self.shares: Array = e / total  # softmax(x)
        y: Array = shifted - np.log(total)
        return y

    def backward(self, dy: Array) -> Array:
        dx: Array = dy - self.shares * dy.sum(axis=-1, keepdims=True)
        return dx

    def on_the_way(self, q: Quantities) -> dict[str, Array]:
        return {"top": q["x"].max(axis=-1), "shares": self.shares}

    def formulas(self, q: Quantities) -> Formulas:
        K = q["x"].shape[-1]

        def shifted(*n: int) -> Expression:
            return q("x", *n) - q("top", *n[:-1])

        def sum_of_e(*n: int) -> Expression:
            return total(function("exp", shifted(*n, j)) for j in range(K))

        return {
            "top": lambda *n: maximum(q("x", *n, j) for j in range(K)),
            "y": lambda *n: shifted(*n) - function("log", sum_of_e(*n[:-1])),
            "shares": lambda *n: function("exp", shifted(*n)) / sum_of_e(*n[:-1]),
            "dx": lambda *n: q("dy", *n) - q("shares", *n) * total(q("dy", *n[:-1], j) for j in range(K)),
        }
