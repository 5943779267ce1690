"""What is searched: for each choice a list of values or a range; every combination of them is a point of the unit cube.

On the cube all choices are alike, so that samples, distances and forests know one kind of number only.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from engine.arrays import Array

Values = tuple[Any, ...]
"""One value for each choice, in the order of the space's axes."""


@dataclass(frozen=True)
class Listed:
    """A choice among some values: the i-th of k has the place  (i + ½) / k."""

    name: str
    values: Values

    def __post_init__(self) -> None:
        if not self.values:
            raise ValueError(f"{self.name} needs at least one value")

    @property
    def size(self) -> float:
        """Count the values."""
        return len(self.values)

    @property
    def is_ordered(self) -> bool:
        """Tell whether the values are different numbers that grow or fall."""
        numbers = [v for v in self.values if isinstance(v, (int, float)) and not isinstance(v, bool)]
        return len(numbers) == len(self.values) and numbers in (sorted(set(numbers)), sorted(set(numbers), reverse=True))

    def grid(self) -> Values:
        """Give the values of a grid: all."""
        return self.values

    def at(self, place: float) -> Any:
        """Give the value at a place from 0 to 1."""
        return self.values[min(int(place * len(self.values)), len(self.values) - 1)]

    def place(self, value: Any) -> float:
        """Give a value's place. Raises ValueError where it is none of them."""
        return (self.values.index(value) + 0.5) / len(self.values)


@dataclass(frozen=True)
class Range:
    """A number from low to high:  low + u (high − low), or on a logarithmic scale  low (high / low)ᵘ,  at the place u.

    Where only whole numbers are wanted, the scale reaches half a number further on both sides, and what it gives is rounded.
    """

    name: str
    low: float
    high: float
    scale: str = "linear"
    whole: bool = False
    count: int = 5
    """How many values a grid has of it."""

    def __post_init__(self) -> None:
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low < self.high):
            raise ValueError(f"{self.name}: low must be less than high, got {self.low:g} and {self.high:g}")
        if self.scale not in ("linear", "log"):
            raise ValueError(f"{self.name}: scale must be linear or log, got {self.scale!r}")
        if self.scale == "log" and self.low <= 0:
            raise ValueError(f"{self.name}: on a logarithmic scale low must be more than 0, got {self.low:g}")
        if self.whole and not (float(self.low).is_integer() and float(self.high).is_integer()):
            raise ValueError(f"{self.name}: low and high must be whole numbers, got {self.low:g} and {self.high:g}")
        if self.count < 2:
            raise ValueError(f"{self.name}: count must be at least 2, got {self.count}")

    is_ordered = True

    @property
    def size(self) -> float:
        """Count the values; ∞ where they are not whole."""
        return self.high - self.low + 1 if self.whole else math.inf

    @property
    def _ends(self) -> tuple[float, float]:
        margin = 0.5 if self.whole else 0.0
        low, high = self.low - margin, self.high + margin
        return (math.log(low), math.log(high)) if self.scale == "log" else (low, high)

    def grid(self) -> Values:
        """Give the values of a grid: `count`, evenly on the scale, with both ends."""
        low, high = (math.log(self.low), math.log(self.high)) if self.scale == "log" else (self.low, self.high)
        even = [low + (high - low) * i / (self.count - 1) for i in range(self.count)]
        return tuple(dict.fromkeys(self._plain(math.exp(v) if self.scale == "log" else v) for v in even))

    def at(self, place: float) -> float:
        """Give the number at a place from 0 to 1."""
        low, high = self._ends
        value = low + (high - low) * min(max(place, 0.0), 1.0)
        return self._plain(math.exp(value) if self.scale == "log" else value)

    def _plain(self, value: float) -> float:
        """Write a number without the dust of its logarithm, and inside the range."""
        within = min(max(value, self.low), self.high)
        return round(within) if self.whole else float(f"{within:.12g}")

    def place(self, value: float) -> float:
        """Give a number's place; that of one outside lies outside 0 to 1."""
        low, high = self._ends
        return float(((math.log(value) if self.scale == "log" else value) - low) / (high - low))


Axis = Listed | Range


@dataclass(frozen=True)
class Space:
    """All combinations of what may be chosen."""

    axes: tuple[Axis, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Name the choices."""
        return tuple(axis.name for axis in self.axes)

    @property
    def size(self) -> float:
        """Count the combinations; ∞ where a range is not of whole numbers."""
        return math.prod(axis.size for axis in self.axes)

    @property
    def grid_size(self) -> int:
        """Count the combinations of the grid."""
        return math.prod(len(axis.grid()) for axis in self.axes)

    def grid(self) -> list[Values]:
        """Give every combination of the axes' values, the last axis the fastest."""
        return list(product(*(axis.grid() for axis in self.axes)))

    def at(self, point: Sequence[float] | Array) -> Values:
        """Give the combination at a point of the unit cube."""
        return tuple(axis.at(float(place)) for axis, place in zip(self.axes, point, strict=True))

    def place(self, values: Sequence[Any]) -> Array:
        """Give a combination's point of the unit cube (axes,)."""
        return np.array([axis.place(value) for axis, value in zip(self.axes, values, strict=True)])
