"""A part of an array to be shown: a window into it, and where it is large an overview of all."""

from dataclasses import dataclass

import numpy as np

from engine.arrays import Array, Shape

MOST_CELLS = 4_096
"""So many cells are shown at once, unless somebody asks for a window."""
MOST_WINDOW = 16_384
"""So many cells a window may have."""
SIDE = 64
"""How long the sides of the first window into a large array are."""
Window = tuple[tuple[int, int], ...]
"""For each axis the first place, and the one after the last."""


@dataclass(frozen=True)
class Whole:
    """What is said of all of an array: its lowest and highest number, and an overview where it is large."""

    overview: Array | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class ArrayPart(Whole):
    """Some cells of an array, and what is said of all of it."""

    shape: Shape
    window: Window
    values: Array


def whole_of(array: Array) -> Whole:
    """Look at all of an array; what is no number counts neither as its lowest nor as its highest."""
    sound = array[np.isfinite(array)] if array.dtype.kind == "f" and not np.isfinite(array).all() else array
    low, high = (float(sound.min()), float(sound.max())) if sound.size else (None, None)
    return Whole(overview(array) if array.size > MOST_CELLS else None, low, high)


def part_of(array: Array, window: Window | None = None, whole: Whole | None = None) -> ArrayPart:
    """Cut a window out of an array: all of it where it is small, else the beginning of its last two axes. Who has looked at
    the `whole` of it before gives what he saw.

    Raises ValueError where the window does not lie in it, or is too large.
    """
    if window is None:
        window = first_window(array.shape)
    elif len(window) != array.ndim:
        raise ValueError(f"must have {array.ndim} ranges as r0:r1, one for each axis of {array.shape}, got {len(window)}")
    for (first, end), length in zip(window, array.shape, strict=True):
        if not 0 <= first < end <= length and not first == end == length == 0:
            raise ValueError(f"must lie in an array of shape {array.shape}, from 0 on and not empty, got {first}:{end}")
    if (cells := int(np.prod([end - first for first, end in window]))) > MOST_WINDOW:
        raise ValueError(f"may have {MOST_WINDOW:,} cells, got {cells:,}")
    values = array[tuple(slice(*axis) for axis in window)]
    whole = whole or whole_of(array)
    return ArrayPart(whole.overview, whole.low, whole.high, array.shape, window, values)


def first_window(shape: Shape) -> Window:
    """Say what is shown first of an array of this shape."""
    if int(np.prod(shape)) <= MOST_CELLS:
        return tuple((0, length) for length in shape)
    sides = [MOST_CELLS] if len(shape) == 1 else [*[1] * (len(shape) - 2), SIDE, SIDE]
    return tuple((0, min(side, length)) for side, length in zip(sides, shape, strict=True))


def overview(array: Array) -> Array:
    """Make an array small: of two neighbours along its longest axis, take the one further from 0, until few are left."""
    small = array
    while small.size > MOST_CELLS:
        axis = int(np.argmax(small.shape))
        even = small.shape[axis] // 2 * 2
        before = (slice(None),) * axis
        first, second = (small[(*before, slice(start, even, 2))] for start in (0, 1))
        pairs = np.where(np.abs(first) >= np.abs(second), first, second)
        small = np.concatenate([pairs, small[(*before, slice(even, None))]], axis) if even else small
    return small
