"""Pictures of points and curves: what a network says everywhere."""

from dataclasses import dataclass, field
from typing import ClassVar

from engine.arrays import Array
from engine.events.event import Picture


@dataclass
class Field(Picture):
    """The decision at every place of the plane, and the points it was learned from.

    winner (rows, columns): the likeliest class, row 0 at the bottom; confidence: its probability × 255.
    points (N, 2), labels (N,), is_test (N,);  extent = (left, right, bottom, top).
    Of a plane that is cut through more inputs: what the axes are, what else they could be, and in words what is not seen.
    """

    view: ClassVar[str] = "field"
    winner: Array
    confidence: Array
    points: Array
    labels: Array
    is_test: Array
    classes: int
    extent: tuple[float, float, float, float]
    axes: list[str] = field(default_factory=lambda: ["x₁", "x₂"])
    names: list[str] = field(default_factory=list)
    choices: list[str] = field(default_factory=list)
    words: str = ""


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


@dataclass
class Agreement(Picture):
    """What the network says against what is true, for some examples: truth, guess (N,), is_test (N,); both in `unit`."""

    view: ClassVar[str] = "agreement"
    truth: Array
    guess: Array
    is_test: Array
    unit: str


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
    extent: tuple[float, float, float, float]
    minima: Array
    names: list[str]
    values: Array
    paths: list[Path]
