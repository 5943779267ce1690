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

    pool_size: Pair = field(metadata=choice("height and width of a window", minimum=1, maximum=64, unit="pixels"))
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
        self.x_shape = x.shape
        rows, columns = self.windows(x.shape[1:])
        image = padded(x, rows, columns, value=-np.inf)
        across, self.winner_across = largest([image[:, :, columns.cell(v)] for v in range(columns.size)])
        y, self.winner_down = largest([across[:, rows.cell(u)] for u in range(rows.size)])
        return y

    def backward(self, dy: Array) -> Array:
        rows, columns = self.windows(self.x_shape[1:])
        n, height, width, channels = self.x_shape
        dacross = np.zeros((n, rows.before + height + rows.after, columns.count, channels), dy.dtype)
        for u in range(rows.size):
            dacross[:, rows.cell(u)] += dy * (self.winner_down == u)
        dimage = np.zeros((*dacross.shape[:2], columns.before + width + columns.after, channels), dy.dtype)
        for v in range(columns.size):
            dimage[:, :, columns.cell(v)] += dacross * (self.winner_across == v)
        return dimage[:, rows.inside, columns.inside]


def largest(candidates: list[Array]) -> tuple[Array, Array]:
    """Give, number by number, the largest of the candidates, and which one it was (the first where several are)."""
    value = candidates[0].copy()
    winner = np.zeros(value.shape, np.uint8)
    for k, candidate in enumerate(candidates[1:], start=1):
        np.copyto(winner, k, where=candidate > value)
        np.maximum(value, candidate, out=value)
    return value, winner
