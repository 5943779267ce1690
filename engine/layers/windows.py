"""The geometry of a window that slides over an image, shared by convolution and pooling.

A window of `size` cells that lie `dilation` apart spans  span = (size − 1) · dilation + 1  pixels.
"""

from dataclasses import dataclass

import numpy as np

from engine.arrays import Array

PADDINGS = ("same", "valid", "full")
Pair = int | tuple[int, int]


def pair(value: Pair) -> tuple[int, int]:
    """Read one number as both, height and width."""
    return (value, value) if isinstance(value, int) else (value[0], value[1])


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
    def along(cls, length: int, size: int, stride: int, padding: str | int, dilation: int = 1) -> "Windows":
        """Place windows along an axis of `length` pixels.

        valid: only windows inside the image.  full: every window that touches it.  a number: so many pixels on both
        sides.  same: ⌈length / stride⌉ windows; an odd pixel of padding goes after the image, as in TensorFlow.
        """
        span = (size - 1) * dilation + 1
        if padding == "same":
            total = max((-(-length // stride) - 1) * stride + span - length, 0)
            return cls(length, size, stride, dilation, total // 2, total - total // 2)
        both = {"valid": 0, "full": span - 1}[padding] if isinstance(padding, str) else padding
        return cls(length, size, stride, dilation, both, both)

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

    def cell(self, i: int) -> slice:
        """Select, in the padded image, cell `i` of all windows."""
        start = i * self.dilation
        return slice(start, start + (self.count - 1) * self.stride + 1, self.stride)

    @property
    def inside(self) -> slice:
        """Select the image in the padded image."""
        return slice(self.before, self.before + self.length)


def padded_pixels(rows: Windows, columns: Windows) -> int:
    """Count the pixels of an image with those of the padding."""
    return rows.padded_length * columns.padded_length


def padded(x: Array, rows: Windows, columns: Windows, value: float = 0) -> Array:
    """Surround the images of x (N, H, W, C) by the pixels that the windows need."""
    if not (rows.before or rows.after or columns.before or columns.after):
        return x
    result = np.full((len(x), rows.padded_length, columns.padded_length, x.shape[3]), value, x.dtype)
    result[:, rows.inside, columns.inside] = x
    return result
