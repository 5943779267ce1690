"""Curves y = f(x) over 0 ≤ x ≤ 10, and heights y = f(x₁, x₂) over −1 ≤ x₁, x₂ ≤ 1, to be guessed from noisy points."""

from collections.abc import Callable

import numpy as np

from engine.arrays import Array

INTERVAL = (0.0, 10.0)
HILLS = ((-0.5, 0.5, 1.0), (0.5, -0.5, 0.8), (0.5, 0.5, -1.0), (-0.5, -0.5, -0.6))
"""Where the middle of each hill is, and how high it is: below 0, a hollow."""
WIDTH = 0.25


def sine(x: Array) -> Array:
    """y = sin x."""
    y: Array = np.sin(x)
    return y


def step(x: Array) -> Array:
    """y = −1 left of the middle, +1 right of it: a jump that a smooth network can only make steep."""
    return np.where(x < 5, -1.0, 1.0)


def polynomial(x: Array) -> Array:
    """y = (t³ − 0.6 t) · 2.5  with t = (x − 5) / 5: a cubic with a hill and a valley."""
    t = (x - 5) / 5
    y: Array = 2.5 * (t**3 - 0.6 * t)
    return y


def sines(x: Array) -> Array:
    """y = (sin x + sin 2x + sin 3x) / 2: a slow wave with fast ones on it."""
    y: Array = (np.sin(x) + np.sin(2 * x) + np.sin(3 * x)) / 2
    return y


def sample(f: Callable[[Array], Array], points: int, noise: float, rng: np.random.Generator) -> tuple[Array, Array]:
    """Draw x (N, 1) uniformly over the interval and y = f(x) + noise · N(0, 1), (N, 1)."""
    x = rng.uniform(*INTERVAL, (points, 1))
    return x, f(x) + noise * rng.normal(size=x.shape)


def plane(x1: Array, x2: Array) -> Array:
    """y = 0.3 x₁ + 0.6 x₂: as tilted as that everywhere."""
    return 0.3 * x1 + 0.6 * x2


def hills(x1: Array, x2: Array) -> Array:
    """y = Σₖ hₖ exp(−((x₁ − aₖ)² + (x₂ − bₖ)²) / 2w²),  w = 0.25: two hills and two hollows."""
    y: Array = sum(h * np.exp(-((x1 - a) ** 2 + (x2 - b) ** 2) / (2 * WIDTH**2)) for a, b, h in HILLS)  # type: ignore[assignment]
    return y


def saddle(x1: Array, x2: Array) -> Array:
    """y = x₁² − x₂²: up on two sides, down on the others."""
    y: Array = x1**2 - x2**2
    return y


def sample_heights(
    f: Callable[[Array, Array], Array], points: int, noise: float, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Draw x (N, 2) uniformly over the plane and y = f(x₁, x₂) + noise · N(0, 1), (N, 1)."""
    x = rng.uniform(-1, 1, (points, 2))
    y = f(x[:, 0], x[:, 1])[:, np.newaxis]
    return x, y + noise * rng.normal(size=y.shape)
