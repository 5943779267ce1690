"""Pooling: one number for every window of an image."""

from dataclasses import dataclass, field

import numpy as np

from engine.arrays import Array, Shape
from engine.choice import choice
from engine.layers.layer import Layer
from engine.layers.windows import PADDINGS, Pair, Windows, padded, pair


@dataclass(eq=False)
class MaxPool2D(Layer):
    """Keeps the largest number of every window, channel by channel:  y[n, i, j, c] = max over the window of x.

    ∂L/∂x is ∂L/∂y at the pixel that was largest (the first one, row by row, where several are), summed over the
    windows that chose it. Windows may overlap; pixels outside the image never win.

    The largest of a rectangle is the largest of its rows' largest, so height + width comparisons do, not
    height · width.  Yamaguchi et al. (1990), A neural network for speaker-independent isolated word recognition.
    """

    pool_size: Pair = field(
        metadata=choice("height and width of a window", minimum=1, maximum=64, unit="pixels", suggestion=2)
    )
    stride: Pair | None = field(
        default=None, metadata=choice("pixels from one window to the next (empty: its size)", minimum=1, maximum=64)
    )
    padding: int | str = field(
        default="valid", metadata=choice("room around the image", among=PADDINGS, minimum=0, maximum=64, unit="pixels")
    )

    def windows(self, input_shape: Shape) -> tuple[Windows, Windows]:
        """Place the windows along height and width."""
        strides = pair(self.pool_size if self.stride is None else self.stride)
        axes = zip(input_shape[:2], pair(self.pool_size), strides, strict=True)
        rows, columns = (Windows.along(n, size, stride, self.padding) for n, size, stride in axes)
        return rows, columns

    def output_shape(self, input_shape: Shape) -> Shape:
        if len(input_shape) != 3:
            raise self.refuse("an image of height × width × channels", input_shape)
        rows, columns = self.windows(input_shape)
        if isinstance(self.padding, int) and self.padding >= min(rows.size, columns.size):
            raise ValueError(
                f"MaxPool2D: padding must be smaller than the window ({rows.size} × {columns.size}), "
                f"or a window would hold nothing, got {self.padding}"
            )
        if rows.count < 1 or columns.count < 1:
            raise self.refuse(f"an image of at least {rows.size} × {columns.size} pixels", input_shape)
        return rows.count, columns.count, input_shape[2]

    def forward(self, x: Array, training: bool = False) -> Array:
        rows, columns = self.windows(x.shape[1:])
        self.x_shape = x.shape
        self.image = padded(x, rows, columns, value=-np.inf)
        self.across = largest([self.image[:, :, columns.cell(v)] for v in range(columns.size)])
        self.y = largest([self.across[:, rows.cell(u)] for u in range(rows.size)])
        return self.y

    def backward(self, dy: Array) -> Array:
        rows, columns = self.windows(self.x_shape[1:])
        dacross, dimage = np.zeros_like(self.across, dy.dtype), np.zeros_like(self.image, dy.dtype)
        down = [(slice(None), rows.cell(u)) for u in range(rows.size)]
        give_to_first([self.across[cell] for cell in down], self.y, [dacross[cell] for cell in down], dy)
        along = [(slice(None), slice(None), columns.cell(v)) for v in range(columns.size)]
        give_to_first([self.image[cell] for cell in along], self.across, [dimage[cell] for cell in along], dacross)
        return dimage[:, rows.inside, columns.inside]


def largest(candidates: list[Array]) -> Array:
    """Give, number by number, the largest of the candidates."""
    value = candidates[0].copy()
    for candidate in candidates[1:]:
        np.maximum(value, candidate, out=value)
    return value


def give_to_first(candidates: list[Array], winner: Array, dcandidates: list[Array], dy: Array) -> None:
    """Add dy, number by number, to the gradient of the first candidate that equals the winner."""
    left = dy.copy()
    for candidate, dcandidate in zip(candidates, dcandidates, strict=True):
        share = left * (candidate == winner)
        dcandidate += share
        left -= share                                   # what was given away cannot be given again
