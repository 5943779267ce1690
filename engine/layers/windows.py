"""The geometry of a window that slides over an image, and how images lie in memory: what convolution and pooling share.

A window of `size` cells that lie `dilation` apart spans  span = (size − 1) · dilation + 1  pixels.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from engine.arrays import Array, Shape

PADDINGS = ("same", "valid", "full")
Pair = int | tuple[int, int]
Side = int | str | tuple[int, int]
Padding = int | str | tuple[int, int] | tuple[int, int, int, int]

AT_A_TIME = 1 << 18
"""About how many numbers are worked on before the next ones: they stay in the cache of a processor's core."""

SMALL_PRODUCT = 1_000_000
"""Up to so many multiplications OpenBLAS does not rearrange the matrices first, which would take longer than they do."""


@dataclass(frozen=True)
class Windows:
    """Where the windows lie along one axis of the image."""

    length: int
    size: int
    stride: int
    dilation: int
    before: int
    after: int

    @classmethod
    def along(cls, length: int, size: int, stride: int, padding: Side, dilation: int = 1) -> "Windows":
        """Place windows along an axis of `length` pixels.

        valid: only windows inside the image.  full: every window that touches it.  a number: so many pixels on both
        sides.  two: so many before and after.  same: ⌈length / stride⌉ windows; an odd pixel of padding goes after the
        image, as in TensorFlow.
        """
        span = (size - 1) * dilation + 1
        if padding == "same":
            total = max((-(-length // stride) - 1) * stride + span - length, 0)
            return cls(length, size, stride, dilation, total // 2, total - total // 2)
        both = {"valid": 0, "full": span - 1}[padding] if isinstance(padding, str) else padding
        before, after = pair(both)
        return cls(length, size, stride, dilation, before, after)

    @property
    def span(self) -> int:
        """Count the pixels from a window's first cell to its last."""
        return (self.size - 1) * self.dilation + 1

    @property
    def count(self) -> int:
        """Count the windows; 0 or less where not even one fits."""
        return (self.padded_length - self.span) // self.stride + 1

    @property
    def padded_length(self) -> int:
        """Count the pixels with those of the padding."""
        return self.before + self.length + self.after

    def cell(self, i: int, part: slice = slice(None)) -> slice:
        """Select, in the padded image, cell `i` of all windows, or of those in `part`."""
        first, last, _ = part.indices(self.count)
        start = first * self.stride + i * self.dilation
        return slice(start, start + (last - first - 1) * self.stride + 1, self.stride)

    def met(self, i: int) -> tuple[slice, slice]:
        """Select the windows whose cell `i` lies in the image, and the pixels of the image, without padding, that it meets."""
        offset = i * self.dilation - self.before
        first = min(max(0, -(offset // self.stride)), self.count)
        last = max(first, min(self.count, (self.length - 1 - offset) // self.stride + 1))
        start = first * self.stride + offset
        return slice(first, last), slice(start, start + (last - first) * self.stride, self.stride)

    def pixels(self, place: int) -> list[tuple[int, int]]:
        """List what the window at a place sees of the image: its cells, each with the pixel that it meets."""
        met = ((cell, place * self.stride + cell * self.dilation - self.before) for cell in range(self.size))
        return [(cell, pixel) for cell, pixel in met if 0 <= pixel < self.length]

    def seers(self, pixel: int) -> list[tuple[int, int]]:
        """List who sees a pixel: the cell that meets it, and the place of its window."""
        return [(cell, place) for place in range(self.count) for cell, met in self.pixels(place) if met == pixel]

    def meetings(self, cell: int) -> list[tuple[int, int]]:
        """List whom one cell of the windows meets: the place of the window, and the pixel."""
        return [(place, pixel) for place in range(self.count) for met_by, pixel in self.pixels(place) if met_by == cell]

    @property
    def tile(self) -> bool:
        """Say whether every pixel lies in one window, and in one only."""
        return self.stride == self.size == self.span and self.count * self.size == self.padded_length

    @property
    def inside(self) -> slice:
        """Select the image in the padded image."""
        return slice(self.before, self.before + self.length)

    @property
    def back(self) -> "Windows":
        """Place windows along the places of these (where stride is 1), a window of places around every pixel."""
        return Windows(self.count, self.size, 1, self.dilation, self.span - 1 - self.before, self.span - 1 - self.after)


def windows_over(image: Shape, size: Pair, stride: Pair, padding: Padding, dilation: Pair = 1) -> tuple[Windows, Windows]:
    """Place windows along the height and the width of an image (height, width, …)."""
    axes = zip(image[:2], pair(size), pair(stride), sides(padding), pair(dilation), strict=True)
    rows, columns = (Windows.along(*axis) for axis in axes)
    return rows, columns


def sides(padding: Padding) -> tuple[Side, Side]:
    """Say what surrounds the image along its height and along its width.

    One name or number is for both,  (rows, columns) for each axis, and  (top, bottom, left, right) for each side.
    """
    if isinstance(padding, (int, str)):
        return padding, padding
    return (padding[0], padding[1]) if len(padding) == 2 else (padding[:2], padding[2:])


def pair(value: Pair) -> tuple[int, int]:
    """Read one number as both, height and width."""
    return (value, value) if isinstance(value, int) else (value[0], value[1])


def padded(x: Array, rows: Windows, columns: Windows, value: float = 0) -> Array:
    """Surround the images of x (C, H, W, N) by the pixels that the windows need."""
    if not (rows.before or rows.after or columns.before or columns.after):
        return x
    result = np.empty((len(x), rows.padded_length, columns.padded_length, x.shape[3]), x.dtype)
    for outside in (slice(rows.before), slice(rows.before + rows.length, None)):
        result[:, outside] = value
    for outside in (slice(columns.before), slice(columns.before + columns.length, None)):
        result[:, :, outside] = value
    result[:, rows.inside, columns.inside] = x
    return result


def padded_pixels(rows: Windows, columns: Windows) -> int:
    """Count the pixels of an image with those of the padding."""
    return rows.padded_length * columns.padded_length


def batch_last(x: Array) -> Array:
    """Give images (N, H, W, C) as (C, H, W, N), one number after the other in memory; a copy only where they lie otherwise.

    Layers of images compute in this order and hand on images that lie in it, seen as (N, H, W, C): what they gather,
    compare and add up are then long runs, the same pixels of all examples, row after row.
    """
    return np.ascontiguousarray(x.transpose(3, 1, 2, 0))


def batch_first(x: Array) -> Array:
    """See images (C, H, W, N) as (N, H, W, C)."""
    return x.transpose(3, 1, 2, 0)


def in_rows(x: Array) -> Array:
    """Lay all numbers of an example out in one row, (N, …) → (N, numbers), where x lies batch-last in long runs again."""
    if x.ndim != 4 or x.strides[0] != x.itemsize:
        return x.reshape(len(x), -1)
    return np.ascontiguousarray(x.transpose(1, 2, 3, 0)).reshape(-1, len(x)).T


def pieces(count: int, numbers: int, products: int = SMALL_PRODUCT) -> Iterator[slice]:
    """Cut `count` things of `numbers` numbers each into pieces to work on one after the other; each of small products where
    one thing takes much fewer multiplications (`products`) than that.
    """
    step = max(1, AT_A_TIME // max(1, numbers))
    if 2 * products <= SMALL_PRODUCT:
        step = min(step, SMALL_PRODUCT // max(1, products))
    for start in range(0, count, step):
        yield slice(start, min(start + step, count))
