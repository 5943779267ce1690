"""Where the best lies at the edge of what was tried, and how far to look beyond."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from engine.search.space import Axis, Listed, Range, Space

OUTERMOST = 0.1
"""The best lies at the edge of a range where nothing further out was tried, and it is in the outermost tenth."""
FURTHER = 1 / 3
"""A range is widened by so much of its length on its scale, a list by so much of its values."""


@dataclass(frozen=True)
class Edge:
    """A choice whose best value is the smallest or the largest that was tried."""

    name: str
    side: str
    value: float


def edges(space: Space, tried: Sequence[Sequence[Any]], best: Sequence[Any]) -> list[Edge]:
    """Find the choices whose best value lies at the edge of what was tried: there a better one may lie beyond."""
    found = []
    for k, axis in enumerate(space.axes):
        values = [values[k] for values in tried]
        if not axis.is_ordered or len({float(value) for value in values}) < 2:
            continue
        value = best[k]
        for side, outermost in (("low", min(values)), ("high", max(values))):
            border = value if isinstance(axis, Listed) else axis.low if side == "low" else axis.high
            if value == outermost and abs(axis.place(value) - axis.place(border)) <= OUTERMOST:
                found.append(Edge(axis.name, side, value))
    return found


def widened(axis: Axis, side: str, minimum: float | None = None, maximum: float | None = None) -> Axis | None:
    """Give an axis that goes further on one side, within the limits of what is allowed; None where it cannot."""
    low, high = -math.inf if minimum is None else minimum, math.inf if maximum is None else maximum
    wider = _longer_list(axis, side, low, high) if isinstance(axis, Listed) else _longer_range(axis, side, low, high)
    return None if wider == axis else wider


def _longer_range(axis: Range, side: str, low: float, high: float) -> Range:
    """Go on by a third of the length on the scale."""
    if axis.scale == "log":
        factor = (axis.high / axis.low) ** FURTHER
        below, above = axis.low / factor, axis.high * factor
    else:
        more = (axis.high - axis.low) * FURTHER
        below, above = axis.low - more, axis.high + more
    if axis.whole:
        below, above = math.floor(below), math.ceil(above)
    else:
        below, above = float(f"{below:.3g}"), float(f"{above:.3g}")
    if side == "low":
        return replace(axis, low=min(axis.low, max(below, low)))
    return replace(axis, high=max(axis.high, min(above, high)))


def _longer_list(axis: Listed, side: str, low: float, high: float) -> Listed:
    """Go on by the factor between the two last values, where all are positive and the list spans more than two, else by their
    difference.
    """
    values = sorted(axis.values)
    number = max(1, math.floor(len(values) * FURTHER))
    by_factor = values[0] > 0 and len(values) > 1 and values[-1] / values[0] > 2
    more: list[float] = []
    for _ in range(number):
        row = [*sorted(more), *values] if side == "low" else [*values, *more]
        near, next_to = (row[0], row[1]) if side == "low" else (row[-1], row[-2])
        value: float = near * near / next_to if by_factor else near + near - next_to
        if all(isinstance(v, int) for v in values):
            value = math.floor(value) if side == "low" else math.ceil(value)
        else:
            value = float(f"{value:.6g}")
        value = min(max(value, low), high)
        if value in row:
            break
        more.append(value)
    is_falling = len(axis.values) > 1 and axis.values[0] > axis.values[-1]
    in_order = sorted([*values, *more], reverse=is_falling)
    return Listed(axis.name, tuple(in_order))
