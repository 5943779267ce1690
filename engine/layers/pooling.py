"""Pooling: one number for every window of an image."""

from dataclasses import dataclass

import numpy as np

from engine.arrays import Array, Shape
from engine.hyperparameter import choice
from engine.layers.layer import Layer
from engine.layers.windows import PADDINGS, Pair, Windows, padded, padded_pixels, pair


@dataclass(eq=False)
class Pool2D(Layer):
    """A window that slides over the image, channel by channel; what it makes of the pixels inside is a subclass's."""

    pool_size: Pair = choice("height and width of a window", minimum=1, maximum=64, unit="pixels", suggestion=2)
    stride: Pair | None = choice("pixels from one window to the next (empty: its size)", default=None, minimum=1, maximum=64)
    padding: int | str = choice("room around the image", default="valid", among=PADDINGS, minimum=0, maximum=64, unit="pixels")

    def __post_init__(self) -> None:
        super().__post_init__()
        self.input_shape: Shape = ()

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
                f"{type(self).__name__}: padding must be smaller than the window ({rows.size} × {columns.size}), "
                f"or a window would hold nothing, got {self.padding}"
            )
        if rows.count < 1 or columns.count < 1:
            raise self.refuse(f"an image of at least {rows.size} × {columns.size} pixels", input_shape)
        self.input_shape = input_shape
        return rows.count, columns.count, input_shape[2]

    def memory(self, input_shape: Shape) -> int:
        return super().memory(input_shape) + self.between(input_shape)

    def between(self, input_shape: Shape) -> int:
        """Count the numbers of the padded image, and twice those of what its rows make."""
        rows, columns = self.windows(input_shape)
        return (padded_pixels(rows, columns) + 2 * rows.padded_length * columns.count) * input_shape[2]


@dataclass(eq=False)
class MaxPool2D(Pool2D):
    """Keeps the largest number of every window, channel by channel:  y[n, i, j, c] = max over the window of x.

    ∂L/∂x is ∂L/∂y at the pixel that was largest (the first one, row by row, where several are), summed over the
    windows that chose it. Windows may overlap; pixels outside the image never win.

    The largest of a rectangle is the largest of its rows' largest, so height + width comparisons do, not
    height · width.  Yamaguchi et al. (1990), A neural network for speaker-independent isolated word recognition.
    """

    def forward(self, x: Array, training: bool = False) -> Array:
        x = self.numbers(x)
        rows, columns = self.windows(x.shape[1:])
        self.x_shape = x.shape
        self.image = padded(x, rows, columns, value=-np.inf)
        self.across = largest([self.image[:, :, columns.cell(v)] for v in range(columns.size)])
        self.y = largest([self.across[:, rows.cell(u)] for u in range(rows.size)])
        return self.y.copy()

    def backward(self, dy: Array) -> Array:
        return self.put_back(dy)

    def put_back(self, values: Array) -> Array:
        """Add values (shaped like y) to the pixels (shaped like x) that were the largest, all others 0."""
        rows, columns = self.windows(self.x_shape[1:])
        across, image = np.zeros_like(self.across, values.dtype), np.zeros_like(self.image, values.dtype)
        give_to_first(cells(self.across, rows, 1), self.y, cells(across, rows, 1), values)
        give_to_first(cells(self.image, columns, 2), self.across, cells(image, columns, 2), across)
        return image[:, rows.inside, columns.inside]

    def pick(self, values: Array) -> Array:
        """Take, of values (shaped like x), those at the pixels that were the largest (shaped like y)."""
        rows, columns = self.windows(self.x_shape[1:])
        image = padded(values, rows, columns)
        across = take_from_first(cells(self.image, columns, 2), self.across, cells(image, columns, 2))
        return take_from_first(cells(self.across, rows, 1), self.y, cells(across, rows, 1))


@dataclass(eq=False)
class AveragePool2D(Pool2D):
    """Takes the mean of every window, channel by channel:  y[n, i, j, c] = mean over the window of x.

    Pixels outside the image are not counted (PyTorch: count_include_pad=False).  ∂L/∂x is, over the windows that hold the
    pixel, the sum of  ∂L/∂y / (pixels in the window).
    LeCun et al. (1990), Handwritten digit recognition with a back-propagation network.
    """

    def sums(self, x: Array) -> Array:
        """Add the pixels of every window: sums of rows, then sums of those."""
        rows, columns = self.windows(x.shape[1:])
        return added(cells(added(cells(padded(x, rows, columns), columns, 2)), rows, 1))

    def kept(self, input_shape: Shape) -> int:
        return 0  # how many pixels each window has is the same for all examples

    def forward(self, x: Array, training: bool = False) -> Array:
        x = self.numbers(x)
        self.x_shape = x.shape
        self.counts = self.sums(np.ones((1, *x.shape[1:3], 1), x.dtype))  # pixels in every window: (1, H', W', 1)
        y: Array = self.sums(x) / self.counts
        return y

    def backward(self, dy: Array) -> Array:
        rows, columns = self.windows(self.x_shape[1:])
        n, _, _, channels = self.x_shape
        share = dy / self.counts
        dacross = np.zeros((n, rows.padded_length, columns.count, channels), dy.dtype)
        for cell in cells(dacross, rows, 1):
            cell += share
        dimage = np.zeros((n, rows.padded_length, columns.padded_length, channels), dy.dtype)
        for cell in cells(dimage, columns, 2):
            cell += dacross
        return dimage[:, rows.inside, columns.inside]


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
    """View the image (N, H, W, C) once for every cell of the windows along one axis: that cell of all windows."""
    before = (slice(None),) * axis
    return [image[(*before, windows.cell(i))] for i in range(windows.size)]


def added(parts: list[Array]) -> Array:
    """Add arrays of one shape."""
    total = parts[0].copy()
    for part in parts[1:]:
        total += part
    return total


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
        left -= share  # what was given away cannot be given again


def take_from_first(candidates: list[Array], winner: Array, values: list[Array]) -> Array:
    """Take, number by number, the value that belongs to the first candidate that equals the winner."""
    taken, free = np.zeros(winner.shape, values[0].dtype), np.ones(winner.shape, bool)
    for candidate, value in zip(candidates, values, strict=True):
        here = free & (candidate == winner)
        np.copyto(taken, value, where=here)
        free &= ~here
    return taken
