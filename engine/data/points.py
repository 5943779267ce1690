"""Points in the plane that belong to classes, and what a network can be told of each.

Each function that draws returns x (N, 2) in about [−1, 1]² and the classes (N,), as evenly split as N allows.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from engine.arrays import Array

FEATURES: Mapping[str, tuple[str, Callable[[Array, Array], Array]]] = {
    "x1": ("x₁", lambda x1, x2: x1),
    "x2": ("x₂", lambda x1, x2: x2),
    "x1^2": ("x₁²", lambda x1, x2: x1 * x1),
    "x2^2": ("x₂²", lambda x1, x2: x2 * x2),
    "x1*x2": ("x₁x₂", lambda x1, x2: x1 * x2),
    "sin(pi*x1)": ("sin πx₁", lambda x1, x2: np.sin(np.pi * x1)),
    "sin(pi*x2)": ("sin πx₂", lambda x1, x2: np.sin(np.pi * x2)),
}
"""What can be told of a point, by name: how it is written, and the function. With x₁ and x₂ in [−1, 1] each of them is, too, so
that they are comparable; therefore the sines are those of πx, one whole wave over the plane.
"""


def features(x: Array, names: Sequence[str]) -> Array:
    """Tell of points x (N, 2) the features of these names, in this order: (N, features)."""
    if tuple(names) == ("x1", "x2"):
        return x
    return np.stack([FEATURES[name][1](x[:, 0], x[:, 1]) for name in names], axis=1).astype(x.dtype)


def spread_evenly(n: int) -> Array:
    """Give n numbers from 0 to 1 that lie evenly, however many more come after them: the fractions of φ, 2 φ … n φ.

    φ is the golden ratio: no two of its multiples come close soon.
    """
    numbers: Array = (np.arange(1, n + 1) * 0.6180339887498949) % 1
    return numbers


def _members(points: int, classes: int) -> list[int]:
    """Split `points` over `classes`, the first classes taking what does not divide."""
    return [points // classes + (k < points % classes) for k in range(classes)]


def _stack(parts: list[Array]) -> tuple[Array, Array]:
    classes = np.concatenate([np.full(len(part), k) for k, part in enumerate(parts)])
    return np.concatenate(parts), classes


def spiral(points: int, arms: int, noise: float, rng: np.random.Generator) -> tuple[Array, Array]:
    """Arms that wind around each other:  radius r from 0 to 1, angle turn · arm + 4 r + noise · N(0, 1).

    Three arms start 4 rad apart, as in the CS231n notes (Karpathy 2015); other numbers of arms are spread evenly.
    """
    turn = 4.0 if arms == 3 else 2 * np.pi / arms
    parts = []
    for arm, n in enumerate(_members(points, arms)):
        r = np.linspace(0, 1, n)
        angle = turn * arm + 4 * r + noise * rng.normal(size=n)
        parts.append(np.stack([r * np.sin(angle), r * np.cos(angle)], axis=1))
    return _stack(parts)


def circles(points: int, noise: float, rng: np.random.Generator) -> tuple[Array, Array]:
    """A disc inside a ring: radius 0.4 against radius 0.9, each ± noise."""
    parts = []
    for radius, n in zip((0.4, 0.9), _members(points, 2), strict=True):
        angle = rng.uniform(0, 2 * np.pi, n)
        r = radius + noise * rng.normal(size=n)
        parts.append(np.stack([r * np.cos(angle), r * np.sin(angle)], axis=1))
    return _stack(parts)


def xor(points: int, noise: float, rng: np.random.Generator) -> tuple[Array, Array]:
    """Four squares like a chessboard: the class says whether x₁ and x₂ have different signs."""
    parts = []
    for k, n in enumerate(_members(points, 2)):
        first = np.where(np.arange(n) % 2 == 0, 1.0, -1.0)
        signs = np.stack([first, first if k == 0 else -first], axis=1)
        parts.append(signs * rng.uniform(0.08, 1, (n, 2)) + noise * rng.normal(size=(n, 2)))
    return _stack(parts)


def blobs(points: int, classes: int, noise: float, rng: np.random.Generator) -> tuple[Array, Array]:
    """Round clouds whose centres stand on a circle of radius 0.7."""
    parts = []
    for k, n in enumerate(_members(points, classes)):
        angle = 2 * np.pi * k / classes
        parts.append(0.7 * np.array([np.cos(angle), np.sin(angle)]) + noise * rng.normal(size=(n, 2)))
    return _stack(parts)


def moons(points: int, noise: float, rng: np.random.Generator) -> tuple[Array, Array]:
    """Two half circles that reach into each other."""
    parts = []
    for k, n in enumerate(_members(points, 2)):
        angle = rng.uniform(0, np.pi, n)
        arc = np.stack([np.cos(angle), np.sin(angle)], axis=1)
        moon = arc - [0.5, 0.25] if k == 0 else [0.5, 0.25] - arc
        parts.append(0.65 * moon + noise * rng.normal(size=(n, 2)))
    return _stack(parts)
