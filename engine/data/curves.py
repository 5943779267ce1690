"""Curves y = f(x) over 0 ≤ x ≤ 10, to be guessed from noisy points."""

from collections.abc import Callable

import numpy as np

from engine.arrays import Array

INTERVAL = (0.0, 10.0)


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
