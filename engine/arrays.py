"""The words that every file of the engine shares: an array, its shape, and how a shape is written."""

from typing import Any

from numpy.typing import NDArray

Array = NDArray[Any]
Shape = tuple[int, ...]


def in_words(shape: Shape) -> str:
    """Write a shape as people do:  28 × 28 × 1."""
    return " × ".join(map(str, shape))
