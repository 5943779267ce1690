"""Networks that predict a number: the curve that they bend onto points, and their guesses against what is true."""

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from engine.arrays import Array
from engine.network import Network
from engine.pictures.picture import Picture


@dataclass
class Curve(Picture):
    """A fitted curve over x, the truth it should bend onto, and the points it sees of it.

    x, fit, truth (M,);  points (N, 2) as (x, y);  residual (N,) = y − fit at the points;  is_test (N,).
    """

    view: ClassVar[str] = "curve"
    x: Array
    fit: Array
    truth: Array
    points: Array
    residual: Array
    is_test: Array
    axes: list[str] = field(default_factory=lambda: ["x", "y"])
    choices: list[str] = field(default_factory=list)
    words: str = ""


def observe_curve(network: Network, x: Array, truth: Array, points: Array, is_test: Array) -> Curve:
    """Ask the network for its y along the curve and at the points."""
    fit = network.predict(x.astype(np.float32).reshape(-1, 1))[:, 0]
    at_points = network.predict(points[:, :1].astype(np.float32))[:, 0]
    return Curve(x, fit, truth, points.astype(np.float32), points[:, 1] - at_points, is_test.astype(np.uint8))


@dataclass
class Agreement(Picture):
    """What the network says against what is true, for some examples: truth, guess (N,), is_test (N,); both in `unit`."""

    view: ClassVar[str] = "agreement"
    truth: Array
    guess: Array
    is_test: Array
    unit: str
