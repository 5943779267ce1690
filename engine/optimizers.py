"""How the gradient becomes a step, in order of increasing complexity.

Every optimizer works in place on theta, the vector of all parameters; its own memory (velocities, moments) is a
vector of the same length. A first reading may end with Adam.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from engine.arrays import BLOCK, Array, OrderError, Shape
from engine.expression import Expression, Formulas, Quantities, explained, expression, function, maximum, root
from engine.hyperparameter import check, choice
from engine.network import Network

EPSILON = "keeps the division finite (ε)"

LETTERS = {"learning_rate": "eta", "momentum": "mu", "decay": "rho", "weight_decay": "lambda", "momentum_decay": "psi"}
"""The letters that the formulas have for hyperparameters."""


@dataclass(eq=False)
class Optimizer:
    """A rule that moves theta against the gradient. Its fields are its hyperparameters; they may change at any time."""

    first_rate: ClassVar[Mapping[str, float]] = {"classes": 0.01, "numbers": 0.01}
    """A learning rate that it can begin with, by what there is to learn, where it races another optimizer."""
    vectors: ClassVar[int] = 5
    """How many vectors as long as theta a step holds at the most: its memory, and what comes and goes."""

    learning_rate: float = choice("how far one step goes (η)", default=0.01, minimum=1e-7, maximum=100, scale="log")

    shape: Shape = field(init=False, repr=False)
    """The shape of the theta that it was started for."""
    explaining: bool = field(default=True, init=False, repr=False)
    """Whether it remembers what each step began with, for `explain`; a Training's does not."""
    went: dict[str, Array] = field(init=False, repr=False)
    """What it remembers."""

    def __post_init__(self) -> None:
        check(self)

    def start(self, theta: Array) -> None:
        """Forget the past and make room for a theta of this length."""
        self.shape = theta.shape

    def start_on(self, network: Network) -> None:
        """Start for the theta of a network whose shapes it may want to know."""
        self.start(network.theta)

    def step(self, theta: Array, gradient: Array) -> None:
        """Change theta in place; the gradient stays as it is.

        Raises ValueError where theta or the gradient has another length than the theta that it was started for.
        """
        if not theta.shape == gradient.shape == self.shape:
            raise ValueError(
                f"{type(self).__name__} was started for a theta of shape {self.shape}, and its gradient has the same; "
                f"got theta {theta.shape} and gradient {gradient.shape}"
            )
        if not self.explaining:
            self.move(theta, gradient)
            return
        before = {name: value.copy() for name, value in {"theta": theta, **self.state_dict()}.items()}
        g = gradient.copy()
        self.move(theta, gradient)
        self.went = {"theta": theta.copy(), "g": g} | {f"{name}_before": value for name, value in before.items()}

    def move(self, theta: Array, gradient: Array) -> None:
        """Do the step: change theta in place, with a gradient of its length."""
        raise NotImplementedError

    def quantities(self) -> Quantities:
        """Give what the last step was made of: theta, theta_before, g, the hyperparameters by their letters, its memory (m, and
        m_before the step), and what the formula passes through (m_hat). Raises OrderError before the first step.
        """
        if "went" not in vars(self):
            raise OrderError(self, "quantities", "optimizer.explaining = True comes first, then step")
        q = Quantities(self.went)
        q.update(
            {LETTERS.get(f.name, f.name): np.asarray(getattr(self, f.name)) for f in fields(self) if "choice" in f.metadata}
        )
        q.update(self.state_dict())
        q.update(self.on_the_way(q))
        return q

    def explain(self, k: int, symbol: str = "theta") -> Expression:
        """Open the k-th parameter after the step into what it was made from: itself before, g, m, v …; or another quantity."""
        q = self.quantities()
        return explained(type(self).__name__, q, self.formulas(q), symbol, (k,) if q.get(symbol, q["theta"]).ndim else ())

    def formulas(self, q: Quantities) -> Formulas:
        """Say how each number is made, by symbol: theta after the step, its memory, and what lies on the way."""
        raise NotImplementedError(f"{type(self).__name__} says no formulas; CONTRIBUTING says how")

    def on_the_way(self, q: Quantities) -> dict[str, Array]:
        """Give by symbol what the formula passes through."""
        return {}

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Array:
            """Say what an attribute that is not there means."""
            raise OrderError(self, name, "start(theta) comes first, then step")

    def state_dict(self) -> dict[str, Array]:
        """Give its memory, everything that `start` made, for a checkpoint."""
        chosen = {f.name for f in fields(self)}
        return {name: np.asarray(value) for name, value in vars(self).items() if name not in chosen}

    def load_state_dict(self, state: Mapping[str, Array]) -> None:
        """Take back what `state_dict` gave."""
        for name, value in state.items():
            setattr(self, name, value.copy() if value.ndim else value.item())
            if value.ndim:
                self.shape = value.shape


@dataclass(eq=False)
class SGD(Optimizer):
    """Steps downhill; with momentum it rolls:  v ← μ v + g,  θ ← θ − η v;  Nesterov:  θ ← θ − η (g + μ v).

    Robbins & Monro (1951); Polyak (1964) for momentum; Nesterov's in the form of Bengio, Boulanger-Lewandowski & Pascanu
    (2013), Advances in optimizing recurrent networks, and of PyTorch; η is taken out of v, so that a change of η acts at once.
    """

    first_rate: ClassVar[Mapping[str, float]] = {"classes": 0.5, "numbers": 0.05}

    momentum: float = choice("how much of the last step stays (μ)", default=0.0, minimum=0, maximum=0.999)
    nesterov: bool = choice("look ahead along the momentum", default=False)

    def start(self, theta: Array) -> None:
        super().start(theta)
        self.velocity = np.zeros_like(theta)

    def move(self, theta: Array, gradient: Array) -> None:
        velocity = self.velocity
        for part, step in parts(theta):
            direction, moved = gradient[part], theta[part]
            if self.momentum != 0:
                v = velocity[part]
                v *= self.momentum
                v += direction
                direction = direction + self.momentum * v if self.nesterov else v
            moved -= np.multiply(direction, self.learning_rate, out=step)

    def formulas(self, q: Quantities) -> Formulas:
        def direction(k: int) -> Expression:
            if not self.momentum:
                return q("g", k)
            return q("g", k) + q("mu") * q("velocity", k) if self.nesterov else q("velocity", k)

        return {
            "velocity": lambda k: q("mu") * q("velocity_before", k) + q("g", k) if self.momentum else q("velocity_before", k),
            "theta": lambda k: q("theta_before", k) - q("eta") * direction(k),
        }


@dataclass(eq=False)
class AdaGrad(Optimizer):
    """Gives every parameter a step size of its own, the smaller the more it has moved already.

    G ← G + g²          θ ← θ − η g / (√G + ε)
    Duchi, Hazan & Singer (2011), Adaptive subgradient methods for online learning and stochastic optimization.
    """

    first_rate: ClassVar[Mapping[str, float]] = {"classes": 0.1, "numbers": 0.1}

    epsilon: float = choice(EPSILON, default=1e-10, minimum=1e-12, maximum=1, scale="log")

    def start(self, theta: Array) -> None:
        super().start(theta)
        self.total = np.zeros_like(theta)

    def move(self, theta: Array, gradient: Array) -> None:
        self.total += gradient * gradient
        theta -= self.learning_rate * gradient / (np.sqrt(self.total) + self.epsilon)

    def formulas(self, q: Quantities) -> Formulas:
        return {
            "total": lambda k: q("total_before", k) + q("g", k) ** 2,
            "theta": lambda k: q("theta_before", k) - q("eta") * q("g", k) / (root(q("total", k)) + q("epsilon")),
        }


@dataclass(eq=False)
class RMSProp(Optimizer):
    """Divides the gradient by its recent size, so that steep and flat directions move alike.

    v ← ρ v + (1 − ρ) g²          θ ← θ − η g / (√v + ε)
    centered:  m ← ρ m + (1 − ρ) g,  and √(v − m²), the gradient's standard deviation, in place of √v.
    Hinton (2012), Neural networks for machine learning, lecture 6e; Graves (2013), Generating sequences with recurrent neural
    networks, for the centered form; his ε stands under the root, √(v − m² + ε), ours beside it, as in PyTorch.
    """

    decay: float = choice("memory of the gradient's square (ρ)", default=0.9, minimum=0, maximum=0.9999)
    epsilon: float = choice(EPSILON, default=1e-8, minimum=1e-12, maximum=1, scale="log")
    centered: bool = choice("take the mean gradient off its square", default=False)

    def start(self, theta: Array) -> None:
        super().start(theta)
        self.v, self.m = np.zeros_like(theta), np.zeros_like(theta)

    def move(self, theta: Array, gradient: Array) -> None:
        self.v *= self.decay
        self.v += (1 - self.decay) * (gradient * gradient)
        self.m *= self.decay
        self.m += (1 - self.decay) * gradient
        # v − m² is a variance, which rounding can take below zero
        size = np.sqrt(np.maximum(self.v - self.m * self.m, 0) if self.centered else self.v)
        theta -= self.learning_rate * gradient / (size + self.epsilon)

    def formulas(self, q: Quantities) -> Formulas:
        def size(k: int) -> Expression:
            return root(maximum([q("v", k) - q("m", k) ** 2, 0]) if self.centered else q("v", k))

        return {
            "v": lambda k: q("rho") * q("v_before", k) + (1 - q("rho")) * q("g", k) ** 2,
            "m": lambda k: q("rho") * q("m_before", k) + (1 - q("rho")) * q("g", k),
            "theta": lambda k: q("theta_before", k) - q("eta") * q("g", k) / (size(k) + q("epsilon")),
        }


@dataclass(eq=False)
class Adam(Optimizer):
    """Gives every parameter a step size of its own, from the mean and the size of its recent gradients.

    t ← t + 1
    m ← β₁ m + (1 − β₁) g           v ← β₂ v + (1 − β₂) g²
    m̂ = m / (1 − β₁ᵗ)               v̂ = v / (1 − β₂ᵗ)               θ ← θ − η m̂ / (√v̂ + ε)
    amsgrad:  the largest v so far takes the place of v in v̂, so that steps can only become smaller.
    Kingma & Ba (2015), Adam: a method for stochastic optimization, algorithm 1.
    Reddi, Kale & Kumar (2018), On the convergence of Adam and beyond; here with the bias correction, as in PyTorch.
    """

    learning_rate: float = choice("how far one step goes (η)", default=1e-3, minimum=1e-7, maximum=100, scale="log")
    beta1: float = choice("memory of the gradient's mean (β₁)", default=0.9, minimum=0, maximum=0.9999)
    beta2: float = choice("memory of its square (β₂)", default=0.999, minimum=0, maximum=0.99999)
    epsilon: float = choice(EPSILON, default=1e-8, minimum=1e-12, maximum=1, scale="log")
    amsgrad: bool = choice("never forget the largest square", default=False)

    def start(self, theta: Array) -> None:
        super().start(theta)
        self.t = 0
        self.m, self.v, self.v_max = np.zeros_like(theta), np.zeros_like(theta), np.zeros_like(theta)

    def move(self, theta: Array, gradient: Array) -> None:
        self.t += 1
        for part, step in parts(theta):
            moved = theta[part]
            self.decay(moved)
            moved -= self.update(gradient[part], self.m[part], self.v[part], self.v_max[part], step)

    def decay(self, theta: Array) -> None:
        """Let parameters shrink; here none do."""

    def update(self, g: Array, m: Array, v: Array, v_max: Array, step: Array) -> Array:
        """Move the means m and v towards g and g², and compute  η m̂ / (√v̂ + ε)  in the array `step`."""
        m *= self.beta1  # m ← β₁ m + (1 − β₁) g
        m += np.multiply(g, 1 - self.beta1, out=step)
        v *= self.beta2  # v ← β₂ v + (1 − β₂) g²
        np.multiply(g, g, out=step)
        step *= 1 - self.beta2
        v += step
        if self.amsgrad:
            v = np.maximum(v_max, v, out=v_max)
        root = math.sqrt(1 - self.beta2**self.t)  # √v̂ = √v / root, so  η m̂ / (√v̂ + ε) = η root m̂ / (√v + ε root)
        np.sqrt(v, out=step)
        step += self.epsilon * root
        np.divide(m, step, out=step)
        step *= self.learning_rate * root / (1 - self.beta1**self.t)
        return step

    def on_the_way(self, q: Quantities) -> dict[str, Array]:
        v = self.v_max if self.amsgrad else self.v
        return {"m_hat": self.m / (1 - self.beta1**self.t), "v_hat": v / (1 - self.beta2**self.t)}

    def formulas(self, q: Quantities) -> Formulas:
        return {
            "m": lambda k: q("beta1") * q("m_before", k) + (1 - q("beta1")) * q("g", k),
            "v": lambda k: q("beta2") * q("v_before", k) + (1 - q("beta2")) * q("g", k) ** 2,
            "v_max": lambda k: maximum([q("v_max_before", k), q("v", k)]) if self.amsgrad else q("v_max_before", k),
            "t": lambda: q("t_before") + 1,
            "m_hat": lambda k: q("m", k) / (1 - q("beta1") ** q("t")),
            "v_hat": lambda k: q("v_max" if self.amsgrad else "v", k) / (1 - q("beta2") ** q("t")),
            "theta": lambda k: self.decayed(q, k) - q("eta") * q("m_hat", k) / (root(q("v_hat", k)) + q("epsilon")),
        }

    def decayed(self, q: Quantities, k: int) -> Expression:
        """Write the parameter as the step found it, after `decay`."""
        return q("theta_before", k)


@dataclass(eq=False)
class AdamW(Adam):
    """Adam, and all parameters shrink a little in every step, whatever their gradients:  θ ← θ − η λ θ, then Adam's step.

    As in PyTorch, λ is scaled by the learning rate η too (in the paper only by its schedule), and biases shrink as well. An L2
    penalty would be divided by √v̂ like any gradient; this is not.
    Loshchilov & Hutter (2019), Decoupled weight decay regularization, algorithm 2.
    """

    weight_decay: float = choice("how much of a parameter goes (λ)", default=0.01, minimum=0, maximum=10)

    def decay(self, theta: Array) -> None:
        theta *= 1 - self.learning_rate * self.weight_decay

    def decayed(self, q: Quantities, k: int) -> Expression:
        return q("theta_before", k) - q("eta") * q("lambda") * q("theta_before", k)


@dataclass(eq=False)
class LazyAdam(Adam):
    """Adam that leaves alone what this batch says nothing about: where g = 0, neither m, v nor θ move.

    So a word's embedding does not drift while other words are read. Where no gradient is zero it is Adam; t counts all steps.
    The idea is TensorFlow's LazyAdamOptimizer (2017), on single numbers instead of rows.
    """

    vectors: ClassVar[int] = 11

    def move(self, theta: Array, gradient: Array) -> None:
        self.t += 1
        moved = np.flatnonzero(gradient)
        m, v, v_max = self.m[moved], self.v[moved], self.v_max[moved]
        theta[moved] -= self.update(gradient[moved], m, v, v_max, np.empty_like(m))
        self.m[moved], self.v[moved], self.v_max[moved] = m, v, v_max

    def formulas(self, q: Quantities) -> Formulas:
        moving, moves = super().formulas(q), q["g"] != 0
        return {
            name: formula
            if name in ("t", "m_hat", "v_hat")
            else lambda k, name=name, formula=formula: formula(k) if moves[k] else q(f"{name}_before", k)
            for name, formula in moving.items()
        }


@dataclass(eq=False)
class AdaDelta(Optimizer):
    """Measures its steps by its own recent steps, so that they have theta's unit and there is no learning rate to find.

    v ← ρ v + (1 − ρ) g²     Δ = g √(u + ε) / √(v + ε)     u ← ρ u + (1 − ρ) Δ²     θ ← θ − η Δ
    Zeiler (2012), ADADELTA: an adaptive learning rate method, algorithm 1, where η is 1.
    """

    first_rate: ClassVar[Mapping[str, float]] = {"classes": 1.0, "numbers": 1.0}

    learning_rate: float = choice("factor of the steps it finds (η)", default=1.0, minimum=1e-7, maximum=100, scale="log")
    decay: float = choice("memory of the squares (ρ)", default=0.9, minimum=0, maximum=0.9999)
    epsilon: float = choice("size of the first steps, squared (ε)", default=1e-6, minimum=1e-12, maximum=1, scale="log")

    def start(self, theta: Array) -> None:
        super().start(theta)
        self.v, self.u = np.zeros_like(theta), np.zeros_like(theta)

    def move(self, theta: Array, gradient: Array) -> None:
        self.v *= self.decay
        self.v += (1 - self.decay) * (gradient * gradient)
        delta = gradient * np.sqrt((self.u + self.epsilon) / (self.v + self.epsilon))
        self.u *= self.decay
        self.u += (1 - self.decay) * (delta * delta)
        theta -= self.learning_rate * delta

    def on_the_way(self, q: Quantities) -> dict[str, Array]:
        return {"delta": q["g"] * np.sqrt((q["u_before"] + self.epsilon) / (self.v + self.epsilon))}

    def formulas(self, q: Quantities) -> Formulas:
        def step(k: int) -> Expression:
            return q("g", k) * root(q("u_before", k) + q("epsilon")) / root(q("v", k) + q("epsilon"))

        return {
            "v": lambda k: q("rho") * q("v_before", k) + (1 - q("rho")) * q("g", k) ** 2,
            "delta": step,
            "u": lambda k: q("rho") * q("u_before", k) + (1 - q("rho")) * q("delta", k) ** 2,
            "theta": lambda k: q("theta_before", k) - q("eta") * q("delta", k),
        }


@dataclass(eq=False)
class Nadam(Optimizer):
    """Adam that looks ahead, as Nesterov's momentum does: its mean already holds what the next step will make of it.

    t ← t + 1               μₜ = β₁ (1 − ½ 0.96^(ψ t))              P ← P μₜ,  P₀ = 1
    m ← β₁ m + (1 − β₁) g   v ← β₂ v + (1 − β₂) g²                  v̂ = v / (1 − β₂ᵗ)
    m̄ = μₜ₊₁ m / (1 − P μₜ₊₁) + (1 − μₜ) g / (1 − P)                θ ← θ − η m̄ / (√v̂ + ε)
    Dozat (2016), Incorporating Nesterov momentum into Adam; m decays by β₁, not by μₜ, as in PyTorch.
    """

    vectors: ClassVar[int] = 7

    learning_rate: float = choice("how far one step goes (η)", default=2e-3, minimum=1e-7, maximum=100, scale="log")
    beta1: float = choice("memory of the gradient's mean (β₁)", default=0.9, minimum=0, maximum=0.9999)
    beta2: float = choice("memory of its square (β₂)", default=0.999, minimum=0, maximum=0.99999)
    epsilon: float = choice(EPSILON, default=1e-8, minimum=1e-12, maximum=1, scale="log")
    momentum_decay: float = choice("how fast the momentum grows to β₁ (ψ)", default=4e-3, minimum=0, maximum=1)

    def start(self, theta: Array) -> None:
        super().start(theta)
        self.t, self.P = 0, 1.0
        self.m, self.v = np.zeros_like(theta), np.zeros_like(theta)

    def move(self, theta: Array, gradient: Array) -> None:
        self.t += 1
        mu, mu_next = self.momenta()
        self.P *= mu
        self.m *= self.beta1
        self.m += (1 - self.beta1) * gradient
        self.v *= self.beta2
        self.v += (1 - self.beta2) * (gradient * gradient)
        v_hat = self.v / (1 - self.beta2**self.t)
        m_bar = mu_next / (1 - self.P * mu_next) * self.m + (1 - mu) / (1 - self.P) * gradient
        theta -= self.learning_rate * m_bar / (np.sqrt(v_hat) + self.epsilon)

    def momenta(self) -> tuple[float, float]:
        """Compute μₜ and μₜ₊₁."""
        mu, mu_next = (self.beta1 * (1 - 0.5 * 0.96 ** (self.momentum_decay * t)) for t in (self.t, self.t + 1))
        return mu, mu_next

    def on_the_way(self, q: Quantities) -> dict[str, Array]:
        mu, mu_next = self.momenta()
        m_bar = mu_next / (1 - self.P * mu_next) * self.m + (1 - mu) / (1 - self.P) * q["g"]
        v_hat = self.v / (1 - self.beta2**self.t)
        return {"mu": np.asarray(mu), "mu_next": np.asarray(mu_next), "m_bar": m_bar, "v_hat": v_hat}

    def formulas(self, q: Quantities) -> Formulas:
        def mu(t: Expression) -> Expression:
            return q("beta1") * (1 - 0.5 * expression(0.96) ** (q("psi") * t))

        def m_bar(k: int) -> Expression:
            ahead = q("mu_next") * q("m", k) / (1 - q("P") * q("mu_next"))
            return ahead + (1 - q("mu")) * q("g", k) / (1 - q("P"))

        return {
            "t": lambda: q("t_before") + 1,
            "mu": lambda: mu(q("t")),
            "mu_next": lambda: mu(q("t") + 1),
            "P": lambda: q("P_before") * q("mu"),
            "m": lambda k: q("beta1") * q("m_before", k) + (1 - q("beta1")) * q("g", k),
            "v": lambda k: q("beta2") * q("v_before", k) + (1 - q("beta2")) * q("g", k) ** 2,
            "v_hat": lambda k: q("v", k) / (1 - q("beta2") ** q("t")),
            "m_bar": m_bar,
            "theta": lambda k: q("theta_before", k) - q("eta") * q("m_bar", k) / (root(q("v_hat", k)) + q("epsilon")),
        }


@dataclass(eq=False)
class Lion(Optimizer):
    """Takes only the sign of the mean gradient, so that every parameter goes equally far:

    θ ← θ − η (sign(β₁ m + (1 − β₁) g) + λ θ)          m ← β₂ m + (1 − β₂) g
    Chen et al. (2023), Symbolic discovery of optimization algorithms, algorithm 2: a program found it. Its η is 3 to 10 times
    smaller than Adam's.
    """

    first_rate: ClassVar[Mapping[str, float]] = {"classes": 0.005, "numbers": 0.005}

    learning_rate: float = choice("how far one step goes (η)", default=1e-4, minimum=1e-7, maximum=100, scale="log")
    beta1: float = choice("weight of the mean against this gradient (β₁)", default=0.9, minimum=0, maximum=0.9999)
    beta2: float = choice("memory of the gradient's mean (β₂)", default=0.99, minimum=0, maximum=0.9999)
    weight_decay: float = choice("how much of a parameter goes (λ)", default=0.0, minimum=0, maximum=10)

    def start(self, theta: Array) -> None:
        super().start(theta)
        self.m = np.zeros_like(theta)

    def move(self, theta: Array, gradient: Array) -> None:
        direction = np.sign(self.beta1 * self.m + (1 - self.beta1) * gradient)
        theta -= self.learning_rate * (direction + self.weight_decay * theta)
        self.m *= self.beta2
        self.m += (1 - self.beta2) * gradient

    def formulas(self, q: Quantities) -> Formulas:
        def direction(k: int) -> Expression:
            return function("sign", q("beta1") * q("m_before", k) + (1 - q("beta1")) * q("g", k))

        return {
            "m": lambda k: q("beta2") * q("m_before", k) + (1 - q("beta2")) * q("g", k),
            "theta": lambda k: q("theta_before", k) - q("eta") * (direction(k) + q("lambda") * q("theta_before", k)),
        }


@dataclass(eq=False)
class Muon(Adam):
    """Moves a matrix as a whole: its momentum is brought near a rotation, so that it goes about equally far in every direction.

    M ← μ M + G     O = U Vᵀ, nearly, of  G + μ M = U S Vᵀ     W ← W − η (0.2 √max(rows, columns) O + λ W)
    for each weight matrix of a network, filters as a matrix (height · width · in, out); biases and what else is no matrix, and
    an Embedding, go by Adam. 0.2 √… makes the steps as long as Adam's, so that one η serves both.
    Jordan et al. (2024), Muon: an optimizer for hidden layers in neural networks; Liu et al. (2025), Muon is scalable for LLM
    training, for 0.2 √… and λ.
    """

    first_rate: ClassVar[Mapping[str, float]] = {"classes": 0.02, "numbers": 0.02}
    vectors: ClassVar[int] = 12

    learning_rate: float = choice("how far one step goes (η)", default=0.02, minimum=1e-7, maximum=100, scale="log")
    momentum: float = choice("how much of the last step stays (μ)", default=0.95, minimum=0, maximum=0.999)
    weight_decay: float = choice("how much of a matrix goes (λ)", default=0.0, minimum=0, maximum=10)
    matrices: Sequence[tuple[slice, Shape]] = field(default=(), init=False, repr=False)
    """Where theta holds matrices, with rows and columns; `start_on` asks the network. After `start` alone all goes by Adam."""

    def start_on(self, network: Network) -> None:
        super().start_on(network)
        self.matrices = network.matrices()

    def start(self, theta: Array) -> None:
        super().start(theta)
        self.matrices = ()  # those of another network would lie elsewhere
        self.velocity = np.zeros_like(theta)

    def move(self, theta: Array, gradient: Array) -> None:
        before = theta.copy()
        super().move(theta, gradient)
        self.velocity *= self.momentum
        self.velocity += gradient
        direction = gradient + self.momentum * self.velocity
        for part, shape in self.matrices:
            W, rotation = before[part], orthogonalized(direction[part].reshape(shape)).reshape(-1)
            theta[part] = W - self.learning_rate * (0.2 * math.sqrt(max(shape)) * rotation + self.weight_decay * W)

    def on_the_way(self, q: Quantities) -> dict[str, Array]:
        O, scale = np.zeros_like(self.velocity), np.zeros_like(self.velocity)  # noqa: E741
        direction = q["g"] + self.momentum * self.velocity
        for part, shape in self.matrices:
            O[part] = orthogonalized(direction[part].reshape(shape)).reshape(-1)
            scale[part] = 0.2 * math.sqrt(max(shape))
        return {**super().on_the_way(q), "O": O, "scale": scale}

    def formulas(self, q: Quantities) -> Formulas:
        by_adam = super().formulas(q)

        def theta(k: int) -> Expression:
            if not any(part.start <= k < part.stop for part, _ in self.matrices):
                return by_adam["theta"](k)
            step = q("scale", k) * q("O", k) + q("lambda") * q("theta_before", k)
            return q("theta_before", k) - q("eta") * step

        return {**by_adam, "velocity": lambda k: q("mu") * q("velocity_before", k) + q("g", k), "theta": theta}


def orthogonalized(G: Array) -> Array:
    """Bring all singular values of a matrix G = U S Vᵀ near 1 (0.7 to 1.2), which gives nearly U Vᵀ.

    X ← G / ‖G‖, then five times  X ← a X + b (X Xᵀ) X + c (X Xᵀ)² X,  which makes each singular value s  a s + b s³ + c s⁵.
    The quintic Newton–Schulz iteration with the coefficients of Jordan et al. (2024).
    """
    X: Array = G if G.shape[0] <= G.shape[1] else G.T
    X = X / (np.linalg.norm(X) + 1e-7)
    for _ in range(5):
        A = X @ X.T
        X = 3.4445 * X + (-4.7750 * A + 2.0315 * (A @ A)) @ X
    return X if G.shape[0] <= G.shape[1] else X.T


def parts(theta: Array) -> Iterator[tuple[slice, Array]]:
    """Go through a vector block by block, each with an array of its length to compute in."""
    room = np.empty_like(theta[:BLOCK])
    for start in range(0, len(theta), BLOCK):
        yield slice(start, start + BLOCK), room[: len(theta) - start]


def clip_by_norm(gradient: Array, limit: float) -> float:
    """Shorten the gradient in place to this length where it is longer:  g ← g · min(1, limit / ‖g‖);  return ‖g‖.

    Pascanu, Mikolov & Bengio (2013), On the difficulty of training recurrent neural networks.
    """
    norm = float(np.linalg.norm(gradient))
    if norm > limit:
        gradient *= limit / norm
    return norm


OPTIMIZERS: dict[str, type[Optimizer]] = {
    optimizer.__name__: optimizer for optimizer in (SGD, AdaGrad, RMSProp, Adam, AdamW, LazyAdam, AdaDelta, Nadam, Lion, Muon)
}
