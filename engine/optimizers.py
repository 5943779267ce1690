"""How the gradient becomes a step, in order of increasing complexity.

Every optimizer works in place on theta, the vector of all parameters; its own memory (velocities, moments) is a
vector of the same length.
"""

from dataclasses import dataclass, field

import numpy as np

from engine.arrays import Array
from engine.choice import check, choice


@dataclass(eq=False)
class Optimizer:
    """A rule that moves theta against the gradient. Its fields are its hyperparameters; they may change at any time."""

    learning_rate: float = field(
        default=0.01, metadata=choice("how far one step goes (η)", minimum=1e-7, maximum=100, scale="log")
    )

    def __post_init__(self) -> None:
        check(self)

    def start(self, theta: Array) -> None:
        """Forget the past and make room for a theta of this length."""

    def step(self, theta: Array, gradient: Array) -> None:
        """Change theta in place; the gradient stays as it is."""
        raise NotImplementedError


@dataclass(eq=False)
class SGD(Optimizer):
    """Steps downhill; with momentum it rolls:  v ← μ v + g,  θ ← θ − η v;  Nesterov:  θ ← θ − η (g + μ v).

    Robbins & Monro (1951); Polyak (1964) for momentum; Nesterov's in the form of Sutskever et al. (2013), with η taken
    out of v, so that a change of η acts at once.
    """

    momentum: float = field(default=0.0, metadata=choice("how much of the last step stays (μ)", minimum=0, maximum=0.999))
    nesterov: bool = field(default=False, metadata=choice("look ahead along the momentum"))

    def start(self, theta: Array) -> None:
        self.velocity = np.zeros_like(theta)

    def step(self, theta: Array, gradient: Array) -> None:
        if self.momentum == 0:
            theta -= self.learning_rate * gradient
            return
        self.velocity *= self.momentum
        self.velocity += gradient
        direction = gradient + self.momentum * self.velocity if self.nesterov else self.velocity
        theta -= self.learning_rate * direction


@dataclass(eq=False)
class Adam(Optimizer):
    """Gives every parameter a step size of its own, from the mean and the size of its recent gradients.

    t ← t + 1
    m ← β₁ m + (1 − β₁) g           v ← β₂ v + (1 − β₂) g²
    m̂ = m / (1 − β₁ᵗ)               v̂ = v / (1 − β₂ᵗ)               θ ← θ − η m̂ / (√v̂ + ε)
    Kingma & Ba (2015), Adam: a method for stochastic optimization, algorithm 1.
    """

    learning_rate: float = field(
        default=1e-3, metadata=choice("how far one step goes (η)", minimum=1e-7, maximum=100, scale="log")
    )
    beta1: float = field(default=0.9, metadata=choice("memory of the gradient's mean (β₁)", minimum=0, maximum=0.9999))
    beta2: float = field(default=0.999, metadata=choice("memory of its square (β₂)", minimum=0, maximum=0.99999))
    epsilon: float = field(
        default=1e-8, metadata=choice("keeps the division finite (ε)", minimum=1e-12, maximum=1, scale="log")
    )

    def start(self, theta: Array) -> None:
        self.t = 0
        self.m, self.v = np.zeros_like(theta), np.zeros_like(theta)

    def step(self, theta: Array, gradient: Array) -> None:
        self.t += 1
        self.m *= self.beta1
        self.m += (1 - self.beta1) * gradient
        self.v *= self.beta2
        self.v += (1 - self.beta2) * (gradient * gradient)
        m_hat = self.m / (1 - self.beta1**self.t)
        v_hat = self.v / (1 - self.beta2**self.t)
        theta -= self.learning_rate * m_hat / (np.sqrt(v_hat) + self.epsilon)


OPTIMIZERS: dict[str, type[Optimizer]] = {optimizer.__name__: optimizer for optimizer in (SGD, Adam)}
