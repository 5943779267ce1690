"""Surfaces over the plane, each a trap of its own: what optimizers are tried on."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engine.arrays import Array

Heights = Callable[[Array, Array], Array]
Slopes = Callable[[Array, Array], tuple[Array, Array]]


@dataclass(frozen=True)
class Landscape:
    """f(x, y) with its gradient, the part worth seeing (left, right, bottom, top), a start, and the minima."""

    f: Heights
    gradient: Slopes
    extent: tuple[float, float, float, float]
    start: tuple[float, float]
    minima: tuple[tuple[float, float], ...]
    help: str


def rosenbrock(x: Array, y: Array) -> Array:
    """f = (1 − x)² + 100 (y − x²)²: into the valley is easy, along it is hard.  Rosenbrock (1960)."""
    f: Array = (1 - x) ** 2 + 100 * (y - x * x) ** 2
    return f


def rosenbrock_gradient(x: Array, y: Array) -> tuple[Array, Array]:
    """∂f/∂x = −2 (1 − x) − 400 x (y − x²),  ∂f/∂y = 200 (y − x²)."""
    return -2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)


def beale(x: Array, y: Array) -> Array:
    """f = Σₖ (cₖ − x (1 − yᵏ))²,  c = 1.5, 2.25, 2.625: flat ground between steep walls.  Beale (1958)."""
    return np.asarray(sum((c - x * (1 - y**k)) ** 2 for k, c in BEALE))


def beale_gradient(x: Array, y: Array) -> tuple[Array, Array]:
    """∂f/∂x = −Σₖ 2 rₖ (1 − yᵏ),  ∂f/∂y = Σₖ 2 rₖ x k yᵏ⁻¹,  rₖ = cₖ − x (1 − yᵏ)."""
    dx = -sum(2 * (c - x * (1 - y**k)) * (1 - y**k) for k, c in BEALE)
    dy = sum(2 * (c - x * (1 - y**k)) * x * k * y ** (k - 1) for k, c in BEALE)
    return np.asarray(dx), np.asarray(dy)


BEALE = ((1, 1.5), (2, 2.25), (3, 2.625))


def saddle(x: Array, y: Array) -> Array:
    """f = x²/2 − y²/2 + y⁴/16 + 1: flat at the origin, up one way and down the other, to 0 at y = ±2."""
    f: Array = x * x / 2 - y * y / 2 + y**4 / 16 + 1
    return f


def saddle_gradient(x: Array, y: Array) -> tuple[Array, Array]:
    """∂f/∂x = x,  ∂f/∂y = −y + y³/4."""
    return x, -y + y**3 / 4


def ravine(x: Array, y: Array) -> Array:
    """f = x²/20 + 5 y²: a hundred times steeper across than along."""
    f: Array = x * x / 20 + 5 * y * y
    return f


def ravine_gradient(x: Array, y: Array) -> tuple[Array, Array]:
    """∂f/∂x = x/10,  ∂f/∂y = 10 y."""
    return x / 10, 10 * y


SURFACES = {
    "rosenbrock": Landscape(rosenbrock, rosenbrock_gradient, (-2, 2, -1, 3), (-1.6, 2.2), ((1, 1),), "a curved valley"),
    "beale": Landscape(beale, beale_gradient, (-1, 4.5, -2, 2), (0.6, 1.4), ((3, 0.5),), "flat between steep walls"),
    "saddle": Landscape(saddle, saddle_gradient, (-3, 3, -3, 3), (-2.4, 0.01), ((0, 2), (0, -2)), "flat where it forks"),
    "ravine": Landscape(ravine, ravine_gradient, (-6, 6, -3, 3), (-5.2, 2), ((0, 0),), "steep across, flat along"),
}


def heights(surface: str, places: Array) -> Array:
    """Give the height of places (N, 2)."""
    return SURFACES[surface].f(places[:, 0], places[:, 1])


def slopes(surface: str, places: Array) -> Array:
    """Give the gradient at places (N, 2): (N, 2)."""
    return np.stack(SURFACES[surface].gradient(places[:, 0], places[:, 1]), axis=1)
