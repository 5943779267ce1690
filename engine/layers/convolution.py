"""Convolution: the same small weights, looked through at every place of the image."""

from dataclasses import dataclass
from math import prod
from typing import Any, Self

import numpy as np

from engine.arrays import Array, Shape
from engine.hyperparameter import choice
from engine.initializers import INITIALIZERS
from engine.layers.layer import Layer, Weighted
from engine.layers.windows import PADDINGS, Pair, Windows, padded, padded_pixels, pair


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
    are gathered into the rows of one matrix, so that one matrix product does all the sums (Chellapilla, Puri & Simard 2006,
    High performance convolutional neural networks for document processing).
    LeCun et al. (1989), Backpropagation applied to handwritten zip code recognition.
    """

    filters: int = choice("how many filters", minimum=1, maximum=512, suggestion=8)
    kernel_size: Pair = choice("height and width of a filter", minimum=1, maximum=64, unit="pixels", suggestion=3)
    stride: Pair = choice("pixels from one place to the next", default=1, minimum=1, maximum=64)
    padding: int | str = choice("zeros around the image", default="same", among=PADDINGS, minimum=0, maximum=64, unit="pixels")
    dilation: Pair = choice("pixels from one weight to the next", default=1, minimum=1, maximum=64)
    initializer: str = choice("how W starts", default="xavier", among=INITIALIZERS)
    bias_initializer: str = choice("how b starts", default="zeros", among=INITIALIZERS)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.buffers: dict[str, Array] = {}

    def windows(self, input_shape: Shape) -> tuple[Windows, Windows]:
        """Place the patches along height and width."""
        axes = zip(input_shape[:2], pair(self.kernel_size), pair(self.stride), pair(self.dilation), strict=True)
        rows, columns = (Windows.along(n, k, s, self.padding, d) for n, k, s, d in axes)
        return rows, columns

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
        places = prod(self.output_shape(input_shape)[:2])
        image = padded_pixels(*self.windows(input_shape)) * input_shape[2]
        return super().memory(input_shape) + 2 * places * prod(pair(self.kernel_size)) * input_shape[2] + image

    def forward(self, x: Array, training: bool = False) -> Array:
        x = self.numbers(x)
        self.x_shape = x.shape
        rows, columns = self.windows(x.shape[1:])
        patches = patches_of(padded(x, rows, columns), rows, columns)  # a view (N, H', W', height, width, C)
        self.patches = self.buffer("patches", (prod(patches.shape[:3]), prod(patches.shape[3:])), x.dtype)
        np.copyto(self.patches.reshape(patches.shape), patches)
        y = self.patches @ self.W.reshape(-1, self.filters)
        y += self.b
        return y.reshape(len(x), rows.count, columns.count, self.filters)

    def backward(self, dy: Array) -> Array:
        dy_rows, W_rows = dy.reshape(-1, self.filters), self.W.reshape(-1, self.filters)
        np.matmul(self.patches.T, dy_rows, out=self.dW.reshape(-1, self.filters))  # ∂L/∂W = patchesᵀ ∂L/∂y
        dy_rows.sum(axis=0, out=self.db)  # ∂L/∂b = Σ ∂L/∂y
        dpatches = self.buffer("dpatches", self.patches.shape[::-1], dy.dtype)
        np.matmul(W_rows, dy_rows.T, out=dpatches)  # (∂L/∂patches)ᵀ = W (∂L/∂y)ᵀ
        return scatter(dpatches, self.x_shape[0], *self.windows(self.x_shape[1:]))

    def twin(self, twins: dict[Layer, Layer]) -> Self:
        twin = super().twin(twins)
        twin.buffers = {}
        return twin

    def buffer(self, name: str, shape: Shape, dtype: np.dtype[Any]) -> Array:
        """Give an array to write into, the same one as last time where the shape allows: asking the operating system
        for megabytes in every step took longer than the sums.
        """
        buffer: Array | None = self.buffers.get(name)
        if buffer is None or buffer.shape != shape or buffer.dtype != dtype:
            buffer = self.buffers[name] = np.empty(shape, dtype)
        return buffer


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
    padding: int | str = choice(
        "what is cut off at the sides", default="same", among=("same", "valid"), minimum=0, maximum=64, unit="pixels"
    )
    initializer: str = choice("how W starts", default="xavier", among=INITIALIZERS)
    bias_initializer: str = choice("how b starts", default="zeros", among=INITIALIZERS)

    def windows(self, input_shape: Shape) -> tuple[Windows, Windows]:
        """Place the patches along height and width of y."""
        axes = zip(input_shape[:2], pair(self.kernel_size), pair(self.stride), strict=True)
        rows, columns = (Windows.along(self.length(n, k, s), k, s, self.padding) for n, k, s in axes)
        return rows, columns

    def length(self, n: int, k: int, s: int) -> int:
        """Give y's length along an axis where x has n pixels."""
        if self.padding == "same":
            return n * s
        return (n - 1) * s + k - (0 if isinstance(self.padding, str) else 2 * self.padding)

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
        image = padded_pixels(*self.windows(input_shape)) * self.filters
        return super().memory(input_shape) + 2 * prod(input_shape[:2]) * prod(pair(self.kernel_size)) * self.filters + image

    def kept(self, input_shape: Shape) -> int:
        return prod(input_shape)

    def forward(self, x: Array, training: bool = False) -> Array:
        self.x = x = self.numbers(x)
        rows, columns = self.windows(x.shape[1:])
        W_rows = self.W.transpose(0, 1, 3, 2).reshape(-1, x.shape[3])  # (height · width · filters, channels)
        y = scatter(W_rows @ x.reshape(-1, x.shape[3]).T, len(x), rows, columns)
        y += self.b
        return y

    def backward(self, dy: Array) -> Array:
        rows, columns = self.windows(self.x.shape[1:])
        x_rows = self.x.reshape(-1, self.x.shape[3])
        dpatches = patches_of(padded(dy, rows, columns), rows, columns).reshape(len(x_rows), -1)
        dW = (dpatches.T @ x_rows).reshape(rows.size, columns.size, self.filters, -1)
        self.dW[...] = dW.transpose(0, 1, 3, 2)  # ∂L/∂W = xᵀ ∂L/∂patches
        dy.sum(axis=(0, 1, 2), out=self.db)
        W_rows = self.W.transpose(0, 1, 3, 2).reshape(-1, self.x.shape[3])
        return (dpatches @ W_rows).reshape(self.x.shape)  # ∂L/∂x = ∂L/∂patches Wᵀ


def patches_of(image: Array, rows: Windows, columns: Windows) -> Array:
    """Look at every patch of the padded images: a view (N, H', W', height, width, C) that copies nothing."""
    windows = np.lib.stride_tricks.sliding_window_view(image, (rows.span, columns.span), axis=(1, 2))
    chosen = windows[:, :: rows.stride, :: columns.stride, :, :: rows.dilation, :: columns.dilation]
    return chosen.transpose(0, 1, 2, 4, 5, 3)


def scatter(patches: Array, n: int, rows: Windows, columns: Windows) -> Array:
    """Add every patch to the pixels that it lies on: patches (height · width · C, N · H' · W') → images (N, H, W, C)."""
    patches = patches.reshape(rows.size, columns.size, -1, n, rows.count, columns.count)
    image = np.zeros((n, rows.padded_length, columns.padded_length, patches.shape[2]), patches.dtype)
    for u in range(rows.size):
        for v in range(columns.size):
            image[:, rows.cell(u), columns.cell(v)] += patches[u, v].transpose(1, 2, 3, 0)
    return image[:, rows.inside, columns.inside]
