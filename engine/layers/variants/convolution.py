"""Convolutions that ask less: each filter a share of the channels, or a single one; and convolution along time."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np

from engine.arrays import Array, Shape
from engine.expression import ALL, Expression, Formulas, Quantities, dot, total
from engine.hyperparameter import choice
from engine.initializers import INITIALIZERS
from engine.layers.convolution import Conv2D, columns_of, compare, lay, look, spread
from engine.layers.layer import Layer, Weighted
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
    windows_over,
)


@dataclass(eq=False, kw_only=True)
class GroupedConv2D(Conv2D):
    """A convolution in groups, of which each looks at its share of the channels with its share of the filters.

    y = [conv(x₁, W₁), …, conv(x_g, W_g)] + b,  where conv is Conv2D's and x₁ … x_g are the channels in equal shares.
    x (N, H, W, channels)   W (height, width, channels / groups, filters)   b (filters,)   y (N, H', W', filters)
    As many groups as channels, and as many filters, are DepthwiseConv2D.
    Krizhevsky, Sutskever & Hinton (2012), ImageNet classification; Xie et al. (2017), Aggregated residual transformations.
    """

    groups: int = choice("how many groups; they share channels and filters evenly", minimum=1, maximum=512, suggestion=2)

    def output_shape(self, input_shape: Shape) -> Shape:
        output_shape = super().output_shape(input_shape)
        if input_shape[2] % self.groups:
            raise self.refuse(f"channels that {self.groups} groups can share evenly", input_shape)
        if self.filters % self.groups:
            raise ValueError(f"GroupedConv2D: {self.groups} groups must share the filters evenly, got {self.filters}")
        return output_shape

    def parameter_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        return {"W": (*pair(self.kernel_size), input_shape[2] // self.groups, self.filters), "b": (self.filters,)}

    def initial(self, name: str, shape: Shape, rng: np.random.Generator) -> Array:
        if name not in self.weights:
            return super().initial(name, shape, rng)
        each = (*shape[:3], self.filters // self.groups)  # a group's filters know nothing of the others
        return np.concatenate([super(GroupedConv2D, self).initial(name, each, rng) for _ in range(self.groups)], axis=3)

    def shares(self) -> Iterator[tuple[slice, slice]]:
        """Go through the groups: its channels of x, its filters."""
        c, f = self.W.shape[2], self.filters // self.groups
        for group in range(self.groups):
            yield slice(group * c, (group + 1) * c), slice(group * f, (group + 1) * f)

    def forward(self, x: Array, training: bool = False) -> Array:
        x = self.numbers(x)
        self.x_shape = x.shape
        rows, columns = self.windows(x.shape[1:])
        x = batch_last(x)
        self.spreads = [(spread(x[c], rows, columns), f) for c, f in self.shares()]  # with the filters that see it
        y = np.concatenate([look(seen, self.W[..., f], rows, columns) for seen, f in self.spreads])
        y += self.b[:, None, None, None]
        return batch_first(y)

    def backward(self, dy: Array) -> Array:
        dy, (rows, columns) = batch_last(dy), self.windows(self.x_shape[1:])
        self.learn(dy)
        return batch_first(np.concatenate([lay(dy[f], self.W[..., f], rows, columns) for _, f in self.shares()]))

    def learn(self, dy: Array) -> None:
        rows, _ = self.windows(self.x_shape[1:])
        for seen, f in self.spreads:
            compare(seen, dy[f], rows, out=self.dW[..., f])
        dy.reshape(self.filters, -1).sum(axis=1, out=self.db)

    def seen_channels(self, f: int) -> range:
        channels = self.W.shape[2]
        group = f // (self.filters // self.groups)
        return range(group * channels, (group + 1) * channels)


@dataclass(eq=False)
class DepthwiseConv2D(Weighted):
    """Every channel has one small filter of its own, and no filter sees two channels:

    y[c] = Σᵤᵥ W[u, v, c] · x[c], moved by u and v, + b[c]       (for all places and examples at once)
    ∂L/∂W[u, v, c] = Σ ∂L/∂y[c] · x[c], moved alike;  ∂L/∂x[c] = Σᵤᵥ W[u, v, c] · ∂L/∂y[c], moved back
    x (N, H, W, channels)   W (height, width, channels)   b (channels,)   y (N, H', W', channels)
    A Conv2D of 1 × 1 after it mixes the channels: both together do a Conv2D's work with a fraction of its weights.
    Howard et al. (2017), MobileNets: efficient convolutional neural networks for mobile vision applications.
    """

    kernel_size: Pair = choice("height and width of a filter", minimum=1, maximum=64, unit="pixels", suggestion=3)
    stride: Pair = choice("pixels from one place to the next", default=1, minimum=1, maximum=64)
    padding: Padding = choice("zeros around the image", default="same", among=PADDINGS, minimum=0, maximum=64, unit="pixels")
    dilation: Pair = choice("pixels from one weight to the next", default=1, minimum=1, maximum=64)
    initializer: str = choice("how W starts", default="xavier", among=INITIALIZERS)

    def windows(self, input_shape: Shape) -> tuple[Windows, Windows]:
        """Place the patches along height and width."""
        return windows_over(input_shape, self.kernel_size, self.stride, self.padding, self.dilation)

    def output_shape(self, input_shape: Shape) -> Shape:
        if len(input_shape) != 3:
            raise self.refuse("an image of height × width × channels", input_shape)
        rows, columns = self.windows(input_shape)
        if rows.count < 1 or columns.count < 1:
            raise self.refuse(f"an image of at least {rows.span} × {columns.span} pixels", input_shape)
        return rows.count, columns.count, input_shape[2]

    def parameter_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        return {"W": (*pair(self.kernel_size), input_shape[2]), "b": (input_shape[2],)}

    def initial(self, name: str, shape: Shape, rng: np.random.Generator) -> Array:
        if name not in self.weights:
            return np.zeros(shape)
        draw = INITIALIZERS[self.initializer]  # each filter is one of one channel
        return np.concatenate([draw((*shape[:2], 1, 1), rng)[..., 0] for _ in range(shape[2])], axis=2)

    def memory(self, input_shape: Shape) -> int:
        return super().memory(input_shape) + 2 * self.kept(input_shape)

    def kept(self, input_shape: Shape) -> int:
        return padded_pixels(*self.windows(input_shape)) * input_shape[2]

    def moved(self) -> Iterator[tuple[slice, tuple[int, int], tuple[slice, slice, slice]]]:
        """Go through the channels, a few at a time, and the weights of each: channels, weight, the pixels that it meets."""
        rows, columns = self.windows(self.x_shape[1:])
        for c in pieces(len(self.image), self.image[0].size):
            for u, v in np.ndindex(rows.size, columns.size):
                yield c, (u, v), (c, rows.cell(u), columns.cell(v))

    def forward(self, x: Array, training: bool = False) -> Array:
        x = self.numbers(x)
        self.x_shape = x.shape
        rows, columns = self.windows(x.shape[1:])
        self.image = padded(batch_last(x), rows, columns)
        y = np.empty((len(self.image), rows.count, columns.count, len(x)), np.result_type(x, self.W))
        y[...] = self.b[:, None, None, None]
        for c, weight, met in self.moved():
            y[c] += self.W[weight][c, None, None, None] * self.image[met]
        return batch_first(y)

    def backward(self, dy: Array) -> Array:
        self.backward_parameters(dy)
        dy, (rows, columns) = batch_last(dy), self.windows(self.x_shape[1:])
        image = np.zeros_like(self.image, np.result_type(dy, self.W))
        for c, weight, met in self.moved():
            image[met] += self.W[weight][c, None, None, None] * dy[c]
        return batch_first(image[:, rows.inside, columns.inside])

    def backward_parameters(self, dy: Array) -> None:
        dy = batch_last(dy)
        for c, weight, met in self.moved():
            self.dW[weight][c] = np.einsum("chwn,chwn->c", self.image[met], dy[c])
        dy.reshape(len(dy), -1).sum(axis=1, out=self.db)

    def formulas(self, q: Quantities) -> Formulas:
        rows, columns = self.windows(q["x"].shape[1:])
        everywhere = [ALL] * 3

        def dW(u: int, v: int, c: int) -> Expression:
            (i, p), (j, r) = columns_of(rows.meetings(u)), columns_of(columns.meetings(v))
            return dot(q, ("x", [ALL, p, r, c]), ("dy", [ALL, i, j, c]))

        return {
            "y": lambda n, i, j, c: (
                total(q("x", n, p, r, c) * q("W", u, v, c) for (u, p), (v, r) in product(rows.pixels(i), columns.pixels(j)))
                + q("b", c)
            ),
            "dW": dW,
            "db": lambda c: dot(q, ("dy", [*everywhere, c])),
            "dx": lambda n, p, r, c: total(
                q("dy", n, i, j, c) * q("W", u, v, c) for (u, i), (v, j) in product(rows.seers(p), columns.seers(r))
            ),
        }


@dataclass(eq=False)
class Conv1D(Conv2D):
    """A convolution along time: every filter answers, at every step, how much the steps around it look like it.

    y[n, t, f] = b[f] + Σᵤ,c x[n, t · stride + u · dilation − before, c] · W[0, u, c, f],  with zeros outside the sequence
    x (N, T, channels)   W (1, size, channels, filters)   b (filters,)   y (N, T', filters):  Conv2D's on images of one row.
    causal: all zeros go before the sequence, so that no step sees a later one, nor the padding that a Masking names.
    Waibel, Hanazawa, Hinton, Shikano & Lang (1989), Phoneme recognition using time-delay neural networks.
    """

    kernel_size: int = choice("steps that a filter sees", minimum=1, maximum=64, unit="steps", suggestion=3)
    stride: int = choice("steps from one place to the next", default=1, minimum=1, maximum=64)
    padding: int | str | tuple[int, int] = choice(
        "zeros around the sequence", default="same", among=(*PADDINGS, "causal"), minimum=0, maximum=64, unit="steps"
    )
    dilation: int = choice("steps from one weight to the next", default=1, minimum=1, maximum=64)

    def windows(self, input_shape: Shape) -> tuple[Windows, Windows]:
        past: Side = ((self.kernel_size - 1) * self.dilation, 0)
        padding = past if self.padding == "causal" else self.padding
        return Windows.along(1, 1, 1, 0), Windows.along(input_shape[-2], self.kernel_size, self.stride, padding, self.dilation)

    def output_shape(self, input_shape: Shape) -> Shape:
        if len(input_shape) != 2:
            raise self.refuse("a sequence of steps × channels (a Reshape, or an Embedding, makes one)", input_shape)
        _, steps = self.windows(input_shape)
        if steps.count < 1:
            raise self.refuse(f"a sequence of at least {steps.span} steps", input_shape)
        return steps.count, self.filters

    def follow_padding(self, source: Layer | None, input_shape: Shape) -> Layer | None:
        if self.padding == "causal" and self.stride == 1 and not (source and source.gaps):
            return source  # a row's padding comes after all that its places see
        return super().follow_padding(source, input_shape)

    def parameter_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        return {"W": (1, self.kernel_size, input_shape[1], self.filters), "b": (self.filters,)}

    def forward(self, x: Array, training: bool = False) -> Array:
        return super().forward(x[:, None], training)[:, 0]

    def backward(self, dy: Array) -> Array:
        return super().backward(dy[:, None])[:, 0]

    def backward_parameters(self, dy: Array) -> None:
        super().backward_parameters(dy[:, None])

    def formulas(self, q: Quantities) -> Formulas:
        (_, steps), channels = self.windows(q["x"].shape[1:]), range(self.W.shape[2])

        def dW(_: int, u: int, c: int, f: int) -> Expression:
            t, s = columns_of(steps.meetings(u))
            return dot(q, ("x", [ALL, s, c]), ("dy", [ALL, t, f]))

        return {
            "y": lambda n, t, f: (
                total(q("x", n, s, c) * q("W", 0, u, c, f) for (u, s), c in product(steps.pixels(t), channels)) + q("b", f)
            ),
            "dW": dW,
            "db": lambda f: dot(q, ("dy", [ALL, ALL, f])),
            "dx": lambda n, s, c: total(
                q("dy", n, t, f) * q("W", 0, u, c, f) for (u, t), f in product(steps.seers(s), range(self.filters))
            ),
        }
