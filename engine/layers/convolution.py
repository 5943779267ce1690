"""Convolution: the same small weights, looked through at every place of the image."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod

import numpy as np
from numpy.lib.stride_tricks import as_strided

from engine.arrays import Array, Shape
from engine.hyperparameter import choice
from engine.initializers import INITIALIZERS
from engine.layers.layer import Weighted
from engine.layers.windows import (
    PADDINGS,
    Padding,
    Pair,
    Side,
    Windows,
    batch_first,
    batch_last,
    padded,
    padded_pixels,
    pair,
    pieces,
    sides,
    windows_over,
)


@dataclass(eq=False)
class Conv2D(Weighted):
    """Every filter answers, at every place of the image, how much the patch there looks like it.

        for n, i, j, f in np.ndindex(y.shape):
            y[n, i, j, f] = b[f]
            for u, v, c in np.ndindex(height, width, channels):
                p, q = i * stride + u * dilation - top, j * stride + v * dilation - left
                if 0 <= p < x.shape[1] and 0 <= q < x.shape[2]:
                    y[n, i, j, f] += x[n, p, q, c] * W[u, v, c, f]

    x (N, H, W, channels)   W (height, width, channels, filters)   b (filters,)   y (N, H', W', filters)
    top and left count the rows and columns of zeros before the image. This loop is what is computed, not how: the patches
    are gathered into the columns of a matrix, so that one matrix product does all the sums (Chellapilla, Puri & Simard 2006,
    High performance convolutional neural networks for document processing), for a few rows of places after the other.
    LeCun et al. (1989), Backpropagation applied to handwritten zip code recognition.
    """

    filters: int = choice("how many filters", minimum=1, maximum=512, suggestion=8)
    kernel_size: Pair = choice("height and width of a filter", minimum=1, maximum=64, unit="pixels", suggestion=3)
    stride: Pair = choice("pixels from one place to the next", default=1, minimum=1, maximum=64)
    padding: Padding = choice("zeros around the image", default="same", among=PADDINGS, minimum=0, maximum=64, unit="pixels")
    dilation: Pair = choice("pixels from one weight to the next", default=1, minimum=1, maximum=64)
    initializer: str = choice("how W starts", default="xavier", among=INITIALIZERS)
    bias_initializer: str = choice("how b starts", default="zeros", among=INITIALIZERS)

    def windows(self, input_shape: Shape) -> tuple[Windows, Windows]:
        """Place the patches along height and width."""
        return windows_over(input_shape, self.kernel_size, self.stride, self.padding, self.dilation)

    def output_shape(self, input_shape: Shape) -> Shape:
        if len(input_shape) != 3:
            raise self.refuse("an image of height × width × channels", input_shape)
        rows, columns = self.windows(input_shape)
        if rows.count < 1 or columns.count < 1:
            raise self.refuse(f"an image of at least {rows.span} × {columns.span} pixels", input_shape)
        return rows.count, columns.count, self.filters

    def parameter_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        return {"W": (*pair(self.kernel_size), input_shape[2], self.filters), "b": (self.filters,)}

    def memory(self, input_shape: Shape) -> int:
        rows, columns = self.windows(input_shape)
        patches = columns.count * rows.size * columns.size * input_shape[2]  # those of one row of places
        return super().memory(input_shape) + patches + padded_pixels(rows, columns) * input_shape[2]

    def kept(self, input_shape: Shape) -> int:
        return padded_pixels(*self.windows(input_shape)) * input_shape[2]

    def forward(self, x: Array, training: bool = False) -> Array:
        x = self.numbers(x)
        self.x_shape = x.shape
        rows, columns = self.windows(x.shape[1:])
        self.image = padded(batch_last(x), rows, columns)
        return batch_first(look(self.image, self.W, rows, columns, self.b))

    def backward(self, dy: Array) -> Array:
        dy = batch_last(dy)
        self.learn(dy)
        rows, columns = self.windows(self.x_shape[1:])
        back = rows.back, columns.back
        turns = rows.stride == columns.stride == 1 and min(side for axis in back for side in (axis.before, axis.after)) >= 0
        if turns and self.filters <= self.x_shape[3]:  # the same as below in fewer sums: every pixel looks at its places
            W_turned = self.W[::-1, ::-1].swapaxes(2, 3)
            return batch_first(look(padded(dy, *back), W_turned, *back))
        return batch_first(lay(dy, self.W, rows, columns))

    def backward_parameters(self, dy: Array) -> None:
        self.learn(batch_last(dy))

    def learn(self, dy: Array) -> None:
        """Write ∂L/∂W = patches (∂L/∂y)ᵀ and ∂L/∂b = Σ ∂L/∂y."""
        compare(self.image, dy, *self.windows(self.x_shape[1:]), out=self.dW)
        dy.reshape(self.filters, -1).sum(axis=1, out=self.db)


@dataclass(eq=False)
class Conv2DTranspose(Weighted):
    """The way back of a convolution: every pixel of x lays a patch, W times its value, onto a larger image; patches add up.

        y[...] = b
        for n, i, j, c in np.ndindex(x.shape):
            for u, v, f in np.ndindex(height, width, filters):
                p, q = i * stride + u - top, j * stride + v - left
                if 0 <= p < y.shape[1] and 0 <= q < y.shape[2]:
                    y[n, p, q, f] += x[n, i, j, c] * W[u, v, c, f]

    x (N, H, W, channels)   W (height, width, channels, filters)   b (filters,)   y (N, H', W', filters)
    same: H' = H · stride.  valid: all of every patch, H' = (H − 1) · stride + height.  a number: so many pixels less at each
    side.   Zeiler, Krishnan, Taylor & Fergus (2010), Deconvolutional networks.
    """

    filters: int = choice("how many filters", minimum=1, maximum=512, suggestion=8)
    kernel_size: Pair = choice("height and width of a filter", minimum=1, maximum=64, unit="pixels", suggestion=3)
    stride: Pair = choice("pixels from one patch to the next", default=1, minimum=1, maximum=64)
    padding: Padding = choice(
        "what is cut off at the sides", default="same", among=("same", "valid"), minimum=0, maximum=64, unit="pixels"
    )
    initializer: str = choice("how W starts", default="xavier", among=INITIALIZERS)
    bias_initializer: str = choice("how b starts", default="zeros", among=INITIALIZERS)

    def windows(self, input_shape: Shape) -> tuple[Windows, Windows]:
        """Place the patches along height and width of y."""
        axes = zip(input_shape[:2], pair(self.kernel_size), pair(self.stride), sides(self.padding), strict=True)
        rows, columns = (Windows.along(self.length(n, k, s, padding), k, s, padding) for n, k, s, padding in axes)
        return rows, columns

    def length(self, n: int, k: int, s: int, padding: Side) -> int:
        """Give y's length along an axis where x has n pixels."""
        if padding == "same":
            return n * s
        return (n - 1) * s + k - (0 if isinstance(padding, str) else sum(pair(padding)))

    def output_shape(self, input_shape: Shape) -> Shape:
        if len(input_shape) != 3:
            raise self.refuse("an image of height × width × channels", input_shape)
        rows, columns = self.windows(input_shape)
        if rows.length < 1 or columns.length < 1:
            raise self.refuse("an image of which the padding leaves something", input_shape)
        return rows.length, columns.length, self.filters

    def parameter_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        return {"W": (*pair(self.kernel_size), input_shape[2], self.filters), "b": (self.filters,)}

    def memory(self, input_shape: Shape) -> int:
        rows, columns = self.windows(input_shape)
        patches = columns.count * rows.size * columns.size * self.filters  # those of one row of x
        return super().memory(input_shape) + patches + padded_pixels(rows, columns) * self.filters

    def kept(self, input_shape: Shape) -> int:
        return prod(input_shape)

    def forward(self, x: Array, training: bool = False) -> Array:
        x = self.numbers(x)
        self.x, self.x_shape = batch_last(x), x.shape
        y = lay(self.x, self.W.swapaxes(2, 3), *self.windows(x.shape[1:]))
        return batch_first(y + self.b[:, None, None, None])

    def backward(self, dy: Array) -> Array:
        dy, (rows, columns) = batch_last(dy), self.windows(self.x_shape[1:])
        image = padded(dy, rows, columns)
        compare(image, self.x, rows, columns, out=self.dW.swapaxes(2, 3))  # ∂L/∂W = ∂L/∂patches xᵀ
        dy.reshape(self.filters, -1).sum(axis=1, out=self.db)
        return batch_first(look(image, self.W.swapaxes(2, 3), rows, columns))  # ∂L/∂x = Wᵀ ∂L/∂patches


def patches_of(image: Array, rows: Windows, columns: Windows, filters: int) -> Iterator[tuple[slice, Array]]:
    """Gather the patches of a padded image (C, H, W, N) for some rows of places after the other: which rows, and the matrix
    (height · width · C, places · N), to be multiplied by one of so many filters.
    """
    channels, n = len(image), image.shape[3]
    of_c, down, across, of_n = image.strides
    shape = rows.size, columns.size, channels, rows.count, columns.count, n
    steps = rows.dilation * down, columns.dilation * across, of_c, rows.stride * down, columns.stride * across, of_n
    all_patches = as_strided(image, shape, steps, writeable=False)  # [u, v, c, i, j, n]: a view, no number is there twice
    numbers = rows.size * columns.size * channels * columns.count * n  # those of one row of places
    room = np.empty(0, image.dtype)
    for part in pieces(rows.count, numbers, filters * numbers):
        patches = all_patches[:, :, :, part]
        room = room if room.size else np.empty(patches.size, image.dtype)  # the first piece is the largest
        matrix = room[: patches.size].reshape(patches.shape)
        matrix[...] = patches
        yield part, matrix.reshape(rows.size * columns.size * channels, -1)


def look(image: Array, W: Array, rows: Windows, columns: Windows, b: Array | None = None) -> Array:
    """Compute  y = Wᵀ patches + b:  padded image (C, H, W, N), W (height, width, C, filters) → y (filters, H', W', N)."""
    W_columns = W.reshape(-1, W.shape[3]).T
    y = np.empty((len(W_columns), rows.count, columns.count, image.shape[3]), np.result_type(image, W))
    for part, patches in patches_of(image, rows, columns, len(y)):
        np.matmul(W_columns, patches, out=y[:, part].reshape(len(y), -1))
        if b is not None:
            y[:, part] += b[:, None, None, None]
    return y


def compare(image: Array, dy: Array, rows: Windows, columns: Windows, out: Array) -> None:
    """Compute  out = patches dyᵀ:  padded image (C, H, W, N), dy (filters, H', W', N) → (height, width, C, filters)."""
    parts = patches_of(image, rows, columns, len(dy))
    total = sum(patches @ dy[:, part].reshape(len(dy), -1).T for part, patches in parts)
    out[...] = np.reshape(total, out.shape)


def lay(dy: Array, W: Array, rows: Windows, columns: Windows) -> Array:
    """Add every patch, of  patches = W dy,  to the pixels that it lies on:  dy (filters, H', W', N) → image (C, H, W, N)."""
    W_rows, n = W.reshape(-1, W.shape[3]), dy.shape[3]
    image = np.zeros((W.shape[2], rows.padded_length, columns.padded_length, n), np.result_type(dy, W))
    for part in pieces(rows.count, len(W_rows) * columns.count * n):
        patches = (W_rows @ dy[:, part].reshape(len(dy), -1)).reshape(*W.shape[:3], -1, columns.count, n)
        for u, v in np.ndindex(rows.size, columns.size):
            image[:, rows.cell(u, part), columns.cell(v)] += patches[u, v]
        del patches  # before there are others
    return image[:, rows.inside, columns.inside]
