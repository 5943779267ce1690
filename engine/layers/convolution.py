"""Convolution: the same small weights, looked through at every place of the image."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from math import prod

import numpy as np
from numpy.lib.stride_tricks import as_strided

from engine.arrays import Array, Shape
from engine.expression import ALL, Expression, Formulas, Quantities, dot, total
from engine.hyperparameter import choice
from engine.initializers import INITIALIZERS
from engine.layers.layer import Weighted
from engine.layers.windows import (
    PADDINGS,
    SMALL_PRODUCT,
    Padding,
    Pair,
    Side,
    Windows,
    batch_first,
    batch_last,
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
                p = i * stride + u * dilation - top
                q = j * stride + v * dilation - left
                if 0 <= p < x.shape[1] and 0 <= q < x.shape[2]:
                    y[n, i, j, f] += x[n, p, q, c] * W[u, v, c, f]

    x (N, H, W, channels)   W (height, width, channels, filters)   b (filters,)   y (N, H', W', filters)
    top and left count the rows and columns of zeros before the image. This loop is what is computed, not how: the patches
    are seen as the columns of a matrix (im2col), so that one matrix product does all the sums (Chellapilla, Puri & Simard
    2006, High performance convolutional neural networks for document processing), for one row of places after the other.
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
        patches = columns.count * rows.size * columns.size  # those of one row of places
        return super().memory(input_shape) + (patches + padded_pixels(rows, columns)) * input_shape[-1] + self.kept(input_shape)

    def kept(self, input_shape: Shape) -> int:
        return spread_pixels(*self.windows(input_shape)) * input_shape[-1]

    def forward(self, x: Array, training: bool = False) -> Array:
        x = self.numbers(x)
        self.x_shape = x.shape
        rows, columns = self.windows(x.shape[1:])
        self.spread = spread(batch_last(x), rows, columns)
        return batch_first(look(self.spread, self.W, rows, columns, self.b))

    def backward(self, dy: Array) -> Array:
        dy = batch_last(dy)
        self.learn(dy)
        rows, columns = self.windows(self.x_shape[1:])
        back = rows.back, columns.back
        turns = rows.stride == columns.stride == 1 and min(side for axis in back for side in (axis.before, axis.after)) >= 0
        if turns and self.filters <= self.x_shape[3]:  # the same as lay in fewer sums: every pixel looks at its places
            W_turned = self.W[::-1, ::-1].swapaxes(2, 3)
            return batch_first(look(spread(dy, *back), W_turned, *back))
        return batch_first((fold if turns else lay)(dy, self.W, rows, columns))

    def backward_parameters(self, dy: Array) -> None:
        self.learn(batch_last(dy))

    def learn(self, dy: Array) -> None:
        """Write ∂L/∂W = patches (∂L/∂y)ᵀ and ∂L/∂b = Σ ∂L/∂y."""
        compare(self.spread, dy, self.windows(self.x_shape[1:])[0], out=self.dW)
        np.matmul(dy.reshape(self.filters, -1), self.ones(dy[0].size), out=self.db)

    def formulas(self, q: Quantities) -> Formulas:
        rows, columns = self.windows(q["x"].shape[1:])
        seen = self.seen_channels

        def y(n: int, i: int, j: int, f: int) -> Expression:
            (u, p), (v, r) = columns_of(rows.pixels(i)), columns_of(columns.pixels(j))
            return dot(q, ("x", [n, p, r, seen(f)]), ("W", [u, v, ALL, f])) + q("b", f)

        def dW(u: int, v: int, k: int, f: int) -> Expression:
            (i, p), (j, r) = columns_of(rows.meetings(u)), columns_of(columns.meetings(v))
            return dot(q, ("x", [ALL, p, r, seen(f)[k]]), ("dy", [ALL, i, j, f]))

        def dx(n: int, p: int, r: int, c: int) -> Expression:
            (u, i), (v, j) = columns_of(rows.seers(p)), columns_of(columns.seers(r))
            f = [f for f in range(self.filters) if c in seen(f)]
            return dot(q, ("dy", [n, i, j, f]), ("W", [u, v, seen(f[0]).index(c), f]))

        return {"y": y, "dW": dW, "db": lambda f: dot(q, ("dy", [ALL, ALL, ALL, f])), "dx": dx}

    def seen_channels(self, f: int) -> range:
        """Say which channels of x a filter looks at."""
        return range(self.W.shape[2])


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
        pixels = spread_pixels(rows, columns) + padded_pixels(rows, columns)
        return super().memory(input_shape) + patches + pixels * self.filters

    def kept(self, input_shape: Shape) -> int:
        return prod(input_shape)

    def forward(self, x: Array, training: bool = False) -> Array:
        x = self.numbers(x)
        self.x, self.x_shape = batch_last(x), x.shape
        y = lay(self.x, self.W.swapaxes(2, 3), *self.windows(x.shape[1:]))
        return batch_first(y + self.b[:, None, None, None])

    def backward(self, dy: Array) -> Array:
        dy, (rows, columns) = batch_last(dy), self.windows(self.x_shape[1:])
        seen = spread(dy, rows, columns)
        compare(seen, self.x, rows, out=self.dW.swapaxes(2, 3))  # ∂L/∂W = ∂L/∂patches xᵀ
        dy.reshape(self.filters, -1).sum(axis=1, out=self.db)
        return batch_first(look(seen, self.W.swapaxes(2, 3), rows, columns))  # ∂L/∂x = Wᵀ ∂L/∂patches

    def formulas(self, q: Quantities) -> Formulas:
        rows, columns = self.windows(q["x"].shape[1:])
        channels = range(q["x"].shape[3])

        def dW(u: int, v: int, c: int, f: int) -> Expression:
            (i, p), (j, r) = columns_of(rows.meetings(u)), columns_of(columns.meetings(v))
            return dot(q, ("x", [ALL, i, j, c]), ("dy", [ALL, p, r, f]))

        return {
            "y": lambda n, p, r, f: (
                total(
                    q("x", n, i, j, c) * q("W", u, v, c, f)
                    for (u, i), (v, j), c in product(rows.seers(p), columns.seers(r), channels)
                )
                + q("b", f)
            ),
            "dW": dW,
            "db": lambda f: dot(q, ("dy", [ALL, ALL, ALL, f])),
            "dx": lambda n, i, j, c: total(
                q("dy", n, p, r, f) * q("W", u, v, c, f)
                for (u, p), (v, r), f in product(rows.pixels(i), columns.pixels(j), range(self.filters))
            ),
        }


def columns_of(pairs: list[tuple[int, int]]) -> tuple[list[int], list[int]]:
    """Give all firsts, and all seconds."""
    return [first for first, _ in pairs], [second for _, second in pairs]


def spread_pixels(rows: Windows, columns: Windows) -> int:
    """Count the pixels of a spread image, for each channel."""
    return rows.padded_length * columns.size * columns.count


def spread(image: Array, rows: Windows, columns: Windows) -> Array:
    """Lay out, for every row of pixels, what each column of the windows sees of it: (C, H, W, N) → (H, width, C, W', N).

    The patches of a row of places are then numbers that lie together, and what rows of places share is there once: for 3 × 3
    weights an image is laid out three times, not nine. It is padded on the way.
    """
    channels, _, _, n = image.shape
    seen = np.empty((rows.padded_length, columns.size, channels, columns.count, n), image.dtype)
    seen[: rows.before] = seen[rows.before + rows.length :] = 0
    for v in range(columns.size):
        places, pixels = columns.met(v)
        inside = seen[rows.inside, v]
        inside[:, :, : places.start] = inside[:, :, places.stop :] = 0
        inside[:, :, places] = image[:, :, pixels].swapaxes(0, 1)
    return seen


def patches_of(seen: Array, rows: Windows, filters: int) -> Iterator[tuple[slice, Array]]:
    """See the patches of a spread image for some rows of places after the other: which rows, and for each of them a matrix
    (height · width · C, W' · N), to be multiplied by one of so many filters.
    """
    row, n = seen[0].size, seen[0, 0, 0].size
    shape, step = (rows.count, rows.size, row // n, n), seen.strides[0]
    all_patches = as_strided(seen, shape, (rows.stride * step, rows.dilation * step, n * seen.itemsize, seen.itemsize))
    for part in pieces(rows.count, (rows.size * row // n + filters) * n):
        yield part, all_patches[part].reshape(-1, rows.size * row // n, n)  # a copy only where rows.dilation > 1


def look(seen: Array, W: Array, rows: Windows, columns: Windows, b: Array | None = None) -> Array:
    """Compute  y = Wᵀ patches + b:  spread image, W (height, width, C, filters) → y (filters, H', W', N)."""
    W_columns = W.reshape(-1, W.shape[3]).T
    y = np.empty((len(W_columns), rows.count, columns.count, seen.shape[4]), np.result_type(seen, W))
    by_row = y.reshape(len(y), rows.count, -1).swapaxes(0, 1)
    for part, patches in patches_of(seen, rows, len(y)):
        halves = SMALL_PRODUCT < len(y) * patches[0].size <= 2 * SMALL_PRODUCT  # each is small, and faster
        step = -(-len(y) // 2) if halves else len(y)
        for f in (slice(start, start + step) for start in range(0, len(y), step)):
            np.matmul(W_columns[f], patches, out=by_row[part, f])
    if b is not None:
        y += b[:, None, None, None]
    return y


def compare(seen: Array, dy: Array, rows: Windows, out: Array) -> None:
    """Compute  out = patches dyᵀ:  spread image, dy (filters, H', W', N) → (height, width, C, filters)."""
    by_row = dy.reshape(len(dy), rows.count, -1).transpose(1, 2, 0)
    total = np.zeros((prod(out.shape[:3]), len(dy)), np.result_type(seen, dy))
    product = np.empty_like(total)
    for part, patches in patches_of(seen, rows, len(dy)):
        for matrix, dy_row in zip(patches, by_row[part], strict=True):
            total += np.matmul(matrix, dy_row, out=product)
    out[...] = total.reshape(out.shape)


def fold(dy: Array, W: Array, rows: Windows, columns: Windows) -> Array:
    """Compute the same as lay, where stride is 1, with fewer sums: all rows of y that a row of pixels belongs to go into one
    product, so that only the columns are left to be added.
    """
    back, (height, width, channels, filters) = rows.back, W.shape
    alone = Windows.along(columns.count, 1, 1, 0)
    W_rows = W[::-1].transpose(1, 2, 0, 3).reshape(width * channels, height * filters)
    image = np.zeros((channels, rows.length, columns.length, dy.shape[3]), np.result_type(dy, W))
    for part, places in patches_of(spread(dy, back, alone), back, len(W_rows)):
        patches = np.matmul(W_rows, places).reshape(-1, width, channels, columns.count, dy.shape[3])
        for v in range(width):
            of_v, pixels = columns.met(v)
            image[:, part, pixels] += patches[:, v, :, of_v].swapaxes(0, 1)
    return image


def lay(dy: Array, W: Array, rows: Windows, columns: Windows) -> Array:
    """Add every patch, of  patches = W dy,  to the pixels that it lies on (col2im):  dy (filters, H', W', N) → (C, H, W, N)."""
    W_rows, n = W.reshape(-1, W.shape[3]), dy.shape[3]
    image = np.zeros((W.shape[2], rows.padded_length, columns.padded_length, n), np.result_type(dy, W))
    for part in pieces(rows.count, len(W_rows) * columns.count * n):
        patches = (W_rows @ dy[:, part].reshape(len(dy), -1)).reshape(*W.shape[:3], -1, columns.count, n)
        for u, v in np.ndindex(rows.size, columns.size):
            image[:, rows.cell(u, part), columns.cell(v)] += patches[u, v]
        del patches  # before there are others
    return image[:, rows.inside, columns.inside]
