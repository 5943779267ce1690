"""Pooling: one number for every window of an image."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np

from engine.arrays import Array, Shape
from engine.expression import Formulas, Quantities, maximum, total
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

    The largest of a rectangle is the largest of its rows' largest, and the largest of 2 k pixels in a row the larger of the
    largest of k and of the next k: for a window of 4 × 4, four comparisons do, not fifteen, and which one won is kept of each.
    Yamaguchi et al. (1990), A neural network for speaker-independent isolated word recognition.
    """

    def kept(self, input_shape: Shape) -> int:
        rows, columns = self.windows(input_shape)
        across = rows.padded_length * sum(count for _, _, count in comparisons(columns))
        down = columns.count * sum(count for _, _, count in comparisons(rows))
        return -(-(across + down) * input_shape[2] // 4)  # a byte for each comparison

    def forward(self, x: Array, training: bool = False) -> Array:
        x = self.numbers(x)
        self.x_shape = x.shape
        x, (rows, columns) = batch_last(x), self.windows(x.shape[1:])
        y = np.empty((len(x), rows.count, columns.count, x.shape[3]), x.dtype)
        self.won: list[tuple[list[Array], list[Array]]] = []  # for each piece: down and across
        for c in self.pieces():
            across, won_across = largest(padded(x[c], rows, columns, value=-np.inf), columns, 2)
            y[c], won_down = largest(across, rows, 1)
            self.won.append((won_down, won_across))
        return batch_first(y)

    def backward(self, dy: Array) -> Array:
        return self.put_back(dy)

    def put_back(self, values: Array) -> Array:
        """Add values (shaped like y) to the pixels (shaped like x) that were the largest, all others 0."""
        values, (rows, columns) = batch_last(values), self.windows(self.x_shape[1:])
        n, _, _, channels = self.x_shape
        image = np.empty((channels, rows.padded_length, columns.padded_length, n), values.dtype)
        for c, (won_down, won_across) in zip(self.pieces(), self.won, strict=True):
            across = np.empty((len(values[c]), rows.padded_length, columns.count, n), values.dtype)
            give(values[c], won_down, across, rows, 1)
            give(across, won_across, image[c], columns, 2)
        return batch_first(image[:, rows.inside, columns.inside])

    def pick(self, values: Array) -> Array:
        """Take, of values (shaped like x), those at the pixels that were the largest (shaped like y)."""
        values, (rows, columns) = batch_last(values), self.windows(self.x_shape[1:])
        taken = np.empty((len(values), rows.count, columns.count, values.shape[3]), values.dtype)
        for c, (won_down, won_across) in zip(self.pieces(), self.won, strict=True):
            taken[c] = take(take(padded(values[c], rows, columns), won_across, columns, 2), won_down, rows, 1)
        return batch_first(taken)

    def winners(self) -> Array:
        """Say which pixel was the largest of each window, counted row by row: shaped like y."""
        _, height, width, _ = self.x_shape
        pixels = np.arange(height * width, dtype=np.float64).reshape(1, height, width, 1)
        return self.pick(np.broadcast_to(pixels, self.x_shape)).astype(np.intp)

    def on_the_way(self, q: Quantities) -> dict[str, Array]:
        return {"winner": self.winners()}

    def formulas(self, q: Quantities) -> Formulas:
        rows, columns = self.windows(q["x"].shape[1:])

        def chosen_by(n: int, p: int, r: int, c: int) -> Iterator[tuple[int, int]]:
            for (_, i), (_, j) in product(rows.seers(p), columns.seers(r)):
                if q["winner"][n, i, j, c] == p * columns.length + r:
                    yield i, j

        return {
            "y": lambda n, i, j, c: maximum(
                q("x", n, p, r, c) for (_, p), (_, r) in product(rows.pixels(i), columns.pixels(j))
            ),
            "dx": lambda n, p, r, c: total(q("dy", n, i, j, c) for i, j in chosen_by(n, p, r, c)),
        }


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

    def on_the_way(self, q: Quantities) -> dict[str, Array]:
        return {"count": self.counts[0, :, :, 0]}

    def formulas(self, q: Quantities) -> Formulas:
        rows, columns = self.windows(q["x"].shape[1:])
        return {
            "y": lambda n, i, j, c: (
                total(q("x", n, p, r, c) for (_, p), (_, r) in product(rows.pixels(i), columns.pixels(j))) / q("count", i, j)
            ),
            "dx": lambda n, p, r, c: total(
                q("dy", n, i, j, c) / q("count", i, j) for (_, i), (_, j) in product(rows.seers(p), columns.seers(r))
            ),
        }


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

    def on_the_way(self, q: Quantities) -> dict[str, Array]:
        return {"H": np.asarray(self.x_shape[1]), "W": np.asarray(self.x_shape[2])}

    def formulas(self, q: Quantities) -> Formulas:
        pixels = list(np.ndindex(self.x_shape[1:3]))
        return {
            "y": lambda n, c: total(q("x", n, *pixel, c) for pixel in pixels) / (q("H") * q("W")),
            "dx": lambda n, p, r, c: q("dy", n, c) / (q("H") * q("W")),
        }


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


def comparisons(windows: Windows) -> list[tuple[int, int, int]]:
    """Say which comparisons find the largest of `size` cells in a row: of two cells, of two such pairs, and so on.

    Each is (apart, stride, count): of what the one before found, at  i · stride  and `apart` further,  for i < count.
    """
    found, size = [], 1
    while size < windows.size:
        apart = min(size, windows.size - size)  # the two overlap in the end where size is no power of two
        size += apart
        last = size == windows.size
        found.append((apart, windows.stride, windows.count) if last else (apart, 1, windows.padded_length - size + 1))
    return found or [(0, windows.stride, windows.count)]


def two(image: Array, apart: int, stride: int, count: int, axis: int) -> tuple[Array, Array]:
    """View what a comparison compares, in an image (C, H, W, N) along one axis."""
    before, length = (slice(None),) * axis, (count - 1) * stride + 1
    return image[(*before, slice(0, length, stride))], image[(*before, slice(apart, apart + length, stride))]


def largest(image: Array, windows: Windows, axis: int) -> tuple[Array, list[Array]]:
    """Give the largest of every window along one axis, and for each comparison where the second was larger."""
    won = []
    for comparison in comparisons(windows):
        first, second = two(image, *comparison, axis)
        won.append(second > first)
        image = np.maximum(first, second)
    return image, won


def give(dy: Array, won: list[Array], dx: Array, windows: Windows, axis: int) -> None:
    """Write into dx, along one axis, the sums of dy at the cells that won in their windows, and 0 elsewhere."""
    steps = comparisons(windows)
    for i in reversed(range(len(steps))):
        to = dx if i == 0 else np.empty((*dy.shape[:axis], steps[i - 1][2], *dy.shape[axis + 1 :]), dy.dtype)
        share(dy, won[i], to, *steps[i], axis)
        dy = to


def share(dy: Array, second_won: Array, dx: Array, apart: int, stride: int, count: int, axis: int) -> None:
    """Write into dx what one comparison gives back, to the first or the second of the two."""
    first, second = two(dx, apart, stride, count, axis)
    if stride == 2 * apart and 2 * dy.size == dx.size:  # no pixel was compared twice
        np.multiply(dy, second_won, out=second)
        np.subtract(dy, second, out=first)
        return
    to_second = dy * second_won
    dx[(slice(None),) * axis + (slice(count if stride == 1 else 0, None),)] = 0
    np.subtract(dy, to_second, out=first)
    second += to_second


def take(values: Array, won: list[Array], windows: Windows, axis: int) -> Array:
    """Take, along one axis, the value of the cell that won in every window."""
    for comparison, second_won in zip(comparisons(windows), won, strict=True):
        first, second = two(values, *comparison, axis)
        values = first * ~second_won + second * second_won
    return values
