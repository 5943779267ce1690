"""What every file of the engine shares: an array, its shape, how a shape is written, and calls out of order."""

from typing import Any

from numpy.typing import NDArray

Array = NDArray[Any]
Shape = tuple[int, ...]

BLOCK = 32_768
"""How many numbers of a long vector are worked on at a time: they stay in the processor's cache meanwhile."""


def in_words(shape: Shape) -> str:
    """Write a shape as people do:  28 × 28 × 1."""
    return " × ".join(map(str, shape))


class OrderError(RuntimeError, AttributeError):
    """A call came before the one that makes what it reads: backward before forward, step before start."""

    def __init__(self, owner: object, name: str, order: str) -> None:
        super().__init__(f"{type(owner).__name__} has no {name!r}, or not yet: {order}")
