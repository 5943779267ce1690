"""Pooling: one number for every window of an image."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod

import numpy as np

from engine.arrays import Array, Shape
from engine.hyperparameter import choice
from engine.layers.layer import Layer
from engine.layers.windows import (
    PADDINGS,
    Padding,
    Pair,
    Windows,
    batch_first,
    batch_last,
    padded,
    padded_pixels,
    pieces,
    windows_over,
)


@dataclass(eq=False)
class Pool2D(Layer):
    """A window that slides over the image, channel by channel; what it makes of the pixels inside is a subclass's."""

    pool_size: Pair = choice("height and width of a window", minimum=1, maximum=64, unit="pixels", suggestion=2)
    stride: Pair | None = choice("pixels from one window to the next (empty: its size)", default=None, minimum=1, maximum=64)
    padding: Padding = choice("room around the image", default="valid", among=PADDINGS, minimum=0, maximum=64, unit="pixels")

    def __post_init__(self) -> None:
        super().__post_init__()
        self.input_shape: Shape = ()

    def windows(self, input_shape: Shape) -> tuple[Windows, Windows]:
        """Place the windows along height and width."""
        stride = self.pool_size if self.stride is None else self.stride
        return windows_over(input_shape, self.pool_size, stride, self.padding)

    def output_shape(self, input_shape: Shape) -> Shape:
        if len(input_shape) != 3:
            raise self.refuse("an image of height × width × channels", input_shape)
        rows, columns = self.windows(input_shape)
        named = isinstance(self.padding, str)
        if not named and any(max(axis.before, axis.after) >= axis.size for axis in (rows, columns)):
            raise ValueError(
                f"{type(self).__name__}: padding must be smaller than the window ({rows.size} × {columns.size}), "
                f"or a window would hold nothing, got {self.padding}"
            )
        if rows.count < 1 or columns.count < 1:
            raise self.refuse(f"an image of at least {rows.size} × {columns.size} pixels", input_shape)
        self.input_shape = input_shape
        return rows.count, columns.count, input_shape[2]

    def pieces(self) -> Iterator[slice]:
        """Go through the channels of x, a few at a time."""
        n, height, width, channels = self.x_shape
        return pieces(channels, 2 * n * padded_pixels(*self.windows((height, width))))

    def memory(self, input_shape: Shape) -> int:
        return super().memory(input_shape) + self.between(input_shape)

    def between(self, input_shape: Shape) -> int:
        """Count the numbers of the padded image, and those of what its rows make."""
        rows, columns = self.windows(input_shape)
        return (padded_pixels(rows, columns) + rows.padded_length * columns.count) * input_shape[2]


@dataclass(eq=False)
class MaxPool2D(Pool2D):
    """Keeps the largest number of every window, channel by channel:  y[n, i, j, c] = max over the window of x.

    ∂L/∂x is ∂L/∂y at the pixel that was largest (the first one, row by row, where several are), summed over the
    windows that chose it. Windows may overlap; pixels outside the image never win.

    The largest of a rectangle is the largest of its rows' largest, so height + width comparisons do, not
    height · width.  Yamaguchi et al. (1990), A neural network for speaker-independent isolated word recognition.
    """

    def kept(self, input_shape: Shape) -> int:
        rows, columns = self.windows(input_shape)
        return prod(self.output_shape(input_shape)) + rows.padded_length * columns.count * input_shape[2] // 4  # bytes

    def forward(self, x: Array, training: bool = False) -> Array:
        x = self.numbers(x)
        self.x_shape = x.shape
        x, (rows, columns) = batch_last(x), self.windows(x.shape[1:])
        channels, n = len(x), x.shape[3]
        y = np.empty((channels, rows.count, columns.count, n), x.dtype)
        self.won_across = np.empty((channels, rows.padded_length, columns.count, n), np.uint8)
        self.won_down = np.empty(y.shape, np.uint8)
        for c in self.pieces():
            across = largest(cells(padded(x[c], rows, columns, value=-np.inf), columns, 2), self.won_across[c])
            y[c] = largest(cells(across, rows, 1), self.won_down[c])
        return batch_first(y)

    def backward(self, dy: Array) -> Array:
        return self.put_back(dy)

    def put_back(self, values: Array) -> Array:
        """Add values (shaped like y) to the pixels (shaped like x) that were the largest, all others 0."""
        values, (rows, columns) = batch_last(values), self.windows(self.x_shape[1:])
        n, _, _, channels = self.x_shape
        image = np.empty((channels, rows.padded_length, columns.padded_length, n), values.dtype)
        for c in self.pieces():
            across = np.empty(self.won_across[c].shape, values.dtype)
            give(values[c], self.won_down[c], across, rows, 1)
            give(across, self.won_across[c], image[c], columns, 2)
        return batch_first(image[:, rows.inside, columns.inside])

    def pick(self, values: Array) -> Array:
        """Take, of values (shaped like x), those at the pixels that were the largest (shaped like y)."""
        values, (rows, columns) = batch_last(values), self.windows(self.x_shape[1:])
        taken = np.empty(self.won_down.shape, values.dtype)
        for c in self.pieces():
            across = take(cells(padded(values[c], rows, columns), columns, 2), self.won_across[c])
            taken[c] = take(cells(across, rows, 1), self.won_down[c])
        return batch_first(taken)


@dataclass(eq=False)
class AveragePool2D(Pool2D):
    """Takes the mean of every window, channel by channel:  y[n, i, j, c] = mean over the window of x.

    Pixels outside the image are not counted (PyTorch: count_include_pad=False).  ∂L/∂x is, over the windows that hold the
    pixel, the sum of  ∂L/∂y / (pixels in the window).
    LeCun et al. (1990), Handwritten digit recognition with a back-propagation network.
    """

    def sums(self, x: Array) -> Array:
        """Add the pixels of every window of x (C, H, W, N): sums of rows, then sums of those."""
        rows, columns = self.windows(x.shape[1:])
        return added(cells(added(cells(padded(x, rows, columns), columns, 2)), rows, 1))

    def kept(self, input_shape: Shape) -> int:
        return 0  # how many pixels each window has is the same for all examples

    def forward(self, x: Array, training: bool = False) -> Array:
        x = self.numbers(x)
        self.x_shape = x.shape
        self.counts = self.sums(np.ones((1, *x.shape[1:3], 1), x.dtype))  # pixels in every window: (1, H', W', 1)
        x = batch_last(x)
        y = np.empty((len(x), *self.counts.shape[1:3], x.shape[3]), x.dtype)
        for c in self.pieces():
            np.divide(self.sums(x[c]), self.counts, out=y[c])
        return batch_first(y)

    def backward(self, dy: Array) -> Array:
        dy, (rows, columns) = batch_last(dy), self.windows(self.x_shape[1:])
        n, _, _, channels = self.x_shape
        dimage = np.zeros((channels, rows.padded_length, columns.padded_length, n), dy.dtype)
        for c in self.pieces():
            share = dy[c] / self.counts
            dacross = np.zeros((len(share), rows.padded_length, columns.count, n), dy.dtype)
            for cell in cells(dacross, rows, 1):
                cell += share
            for cell in cells(dimage[c], columns, 2):
                cell += dacross
        return batch_first(dimage[:, rows.inside, columns.inside])


@dataclass(eq=False)
class GlobalAveragePool2D(Layer):
    """Takes the mean of every channel over the whole image:  (N, H, W, C) → (N, C).

    ∂L/∂x = ∂L/∂y / (H W) at every pixel.   Lin, Chen & Yan (2014), Network in network.
    """

    def output_shape(self, input_shape: Shape) -> Shape:
        if len(input_shape) != 3:
            raise self.refuse("an image of height × width × channels", input_shape)
        return (input_shape[2],)

    def forward(self, x: Array, training: bool = False) -> Array:
        self.x_shape = x.shape
        y: Array = self.numbers(x).mean(axis=(1, 2))
        return y

    def backward(self, dy: Array) -> Array:
        _, height, width, _ = self.x_shape
        return np.broadcast_to(dy[:, None, None] / (height * width), self.x_shape)


def cells(image: Array, windows: Windows, axis: int) -> list[Array]:
    """View the image (C, H, W, N) once for every cell of the windows along one axis: that cell of all windows."""
    before = (slice(None),) * axis
    return [image[(*before, windows.cell(i))] for i in range(windows.size)]


def added(parts: list[Array]) -> Array:
    """Add arrays of one shape."""
    total = parts[0].copy()
    for part in parts[1:]:
        total += part
    return total


def largest(candidates: list[Array], won: Array) -> Array:
    """Give, number by number, the largest of the candidates, and write into `won` which it is (the first where several are)."""
    value, won[...] = candidates[0], 0
    for i, candidate in enumerate(candidates[1:], 1):
        larger = candidate > value
        value = np.maximum(value, candidate)
        np.maximum(won, larger * np.uint8(i), out=won)
    return value


def give(dy: Array, won: Array, dx: Array, windows: Windows, axis: int) -> None:
    """Write into dx, along one axis, the sums of dy at the cells that won in their windows, and 0 elsewhere."""
    if windows.tile:
        for i, cell in enumerate(cells(dx, windows, axis)):
            np.multiply(dy, won == i, out=cell)
        return
    dx[...] = 0
    for i, cell in enumerate(cells(dx, windows, axis)):
        cell += dy * (won == i)


def take(values: list[Array], won: Array) -> Array:
    """Take, number by number, the value that belongs to the candidate that won."""
    taken: Array = values[0] * (won == 0)
    for i, value in enumerate(values[1:], 1):
        taken += value * (won == i)
    return taken
