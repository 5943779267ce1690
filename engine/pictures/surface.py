"""Optimizers on a surface: the ways they took."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from engine.arrays import Array
from engine.data.surfaces import SURFACES, heights
from engine.pictures.picture import Picture
from engine.pictures.plane import Extent, grid


@dataclass
class Path:
    """The places that an optimizer went through: points (N, 2), from the start to now."""

    points: Array


@dataclass
class Surface(Picture):
    """Optimizers on their way over a surface: height (rows, columns) as bytes of its logarithm, row 0 at the bottom.

    paths: for every optimizer (steps, 2), thinned;  extent = (left, right, bottom, top);  minimum (minima, 2).
    """

    view: ClassVar[str] = "surface"
    height: Array
    extent: Extent
    minima: Array
    names: list[str]
    values: Array
    paths: list[Path]


def observe_surface(name: str, trails: list[tuple[str, Array]], resolution: int = 120) -> Surface:
    """Lay the optimizers' ways over the surface's heights, on a logarithmic scale above its lowest place."""
    landscape = SURFACES[name]
    height = heights(name, grid(landscape.extent, resolution).astype(np.float64))
    above = np.log(height - height.min() + 0.01 * height.std())
    scaled = 255 * (above - above.min()) / (above.max() - above.min())
    now = np.array([path[-1] for _, path in trails], np.float64)
    return Surface(
        scaled.round().astype(np.uint8).reshape(resolution, resolution),
        landscape.extent,
        np.array(landscape.minima, np.float32),
        [label for label, _ in trails],
        heights(name, now).astype(np.float32),
        [Path(path.astype(np.float32)) for _, path in trails],
    )


@dataclass
class Standings(Picture):
    """How low optimizers have come: the height where each of them is now (optimizers,), and where all of them began."""

    view: ClassVar[str] = "standings"
    names: list[str]
    heights: Array
    start: float


def observe_standings(name: str, places: list[tuple[str, Array]]) -> Standings:
    """Measure how high each optimizer (its name, its place) is on the surface."""
    now = np.array([place for _, place in places], np.float64)
    start = heights(name, np.array([SURFACES[name].start], np.float64))
    return Standings([label for label, _ in places], heights(name, now).astype(np.float32), float(start[0]))
