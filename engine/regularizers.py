"""A price on large weights, so that the network prefers simple answers. Biases are free, unless one wants it otherwise."""

from dataclasses import dataclass

import numpy as np

from engine.arrays import BLOCK, Array
from engine.expression import Expression, Formulas, Quantities, explained, function, total
from engine.hyperparameter import check, choice
from engine.network import Network


@dataclass(eq=False)
class Regularizer:
    """A penalty R(W) beside the loss, and its gradient, for one array of weights.

    What is minimized is  loss + Σ R(W),  over the weights of all layers. A run reports the two apart, so that losses with and
    without a regularizer can be compared: Metrics.loss is without the penalty, Metrics.penalty is Σ R(W).
    """

    strength: float = choice("how much large weights cost (λ)", default=1e-3, minimum=0, maximum=10, scale="log")
    biases: bool = choice("penalize biases as well", default=False)

    def __post_init__(self) -> None:
        check(self)

    def penalty(self, W: Array) -> float:
        """Compute R(W)."""
        raise NotImplementedError

    def add_gradient(self, W: Array, dW: Array) -> None:
        """Add ∂R/∂W to dW."""
        raise NotImplementedError

    def quantities(self, W: Array) -> Quantities:
        """Give what the penalty of one array of weights is made of: W, λ, R, and dR, which comes to ∂L/∂W."""
        dR = np.zeros_like(W)
        self.add_gradient(W, dR)
        strength, R = np.asarray(self.strength), np.asarray(self.penalty(W))
        return Quantities({"W": W, "lambda": strength, "R": R, "dR": dR})

    def explain(self, symbol: str, index: tuple[int, ...], W: Array) -> Expression:
        """Open the penalty R, or a number of its gradient dR, into those it was made from."""
        q = self.quantities(W)
        return explained(type(self).__name__, q, self.formulas(q), symbol, index)

    def formulas(self, q: Quantities) -> Formulas:
        """Say how R and dR are made."""
        raise NotImplementedError(f"{type(self).__name__} says no formulas; CONTRIBUTING says how")

    def total(self, network: Network) -> float:
        """Compute  Σ R(W)  over a network's weights:  loss + total is what is minimized."""
        return sum(self.penalty(W) for W, _ in network.weights(self.biases))

    def add_gradients(self, network: Network) -> None:
        """Add  ∂ Σ R(W) / ∂W  to the gradients of a network's weights."""
        for W, dW in network.weights(self.biases):
            self.add_gradient(W, dW)


@dataclass(eq=False)
class L1(Regularizer):
    """Drives unneeded weights to exactly zero:  R = λ Σ |w|,  ∂R/∂w = λ sign w.

    Tibshirani (1996), Regression shrinkage and selection via the lasso.
    """

    def penalty(self, W: Array) -> float:
        return self.strength * float(np.abs(W).sum())

    def add_gradient(self, W: Array, dW: Array) -> None:
        dW += self.strength * np.sign(W)

    def formulas(self, q: Quantities) -> Formulas:
        return {
            "R": lambda: q("lambda") * total(function("abs", q("W", *i)) for i in np.ndindex(q["W"].shape)),
            "dR": lambda *i: q("lambda") * function("sign", q("W", *i)),
        }


@dataclass(eq=False)
class L2(Regularizer):
    """Keeps all weights small:  R = λ/2 Σ w²,  ∂R/∂w = λ w.

    Krogh & Hertz (1991), A simple weight decay can improve generalization.
    """

    def penalty(self, W: Array) -> float:
        return 0.5 * self.strength * float(np.vdot(W, W))

    def add_gradient(self, W: Array, dW: Array) -> None:
        rows = max(1, BLOCK * len(W) // max(1, W.size))
        for start in range(0, len(W), rows):
            dW[start : start + rows] += self.strength * W[start : start + rows]

    def formulas(self, q: Quantities) -> Formulas:
        return {
            "R": lambda: q("lambda") * total(q("W", *i) ** 2 for i in np.ndindex(q["W"].shape)) / 2,
            "dR": lambda *i: q("lambda") * q("W", *i),
        }


REGULARIZERS: dict[str, type[Regularizer]] = {r.__name__: r for r in (L1, L2)}
