"""How an operator of ONNX becomes layers of ours, for layers of numbers, of features and of images.

Each function gives the outputs of a case by position, or says why our engine cannot (InexpressibleError). All that is computed
is computed by the engine: what stands here only lays numbers out, (N, C, H, W) as (N, H, W, C), and reads attributes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import prod

import numpy as np

import engine as nn
from tests.onnx.cases import Case, InexpressibleError, through

Outputs = list[np.ndarray | None]
Sides = list[tuple[int, int]]


# One number at a time


def activation(make: Callable[[Case], nn.Layer]) -> Callable[[Case], Outputs]:
    return lambda case: [through(case.inputs[0][None], [make(case)])[0]]


def along_features(make: type[nn.Layer]) -> Callable[[Case], Outputs]:
    def along(case: Case) -> Outputs:
        axis = case.get("axis", -1)
        return [np.moveaxis(through(np.moveaxis(case.inputs[0], axis, -1)[None], [make()])[0], -1, axis)]

    return along


def selu(case: Case) -> Outputs:
    if {"alpha", "gamma"} & set(case.attributes):
        raise InexpressibleError("SELU has the two constants of its paper, no others")
    return activation(lambda _: nn.SELU())(case)


def swish(case: Case) -> Outputs:
    if case.get("alpha", 1.0) != 1:
        raise InexpressibleError("SiLU has no factor in its gate")
    return activation(lambda _: nn.SiLU())(case)


def prelu(case: Case) -> Outputs:
    x, slope = case.inputs
    layer, rows = nn.PReLU(), x[None] if slope.ndim == 1 else x.reshape(1, -1)  # a feature is what has a slope of its own
    return [through(rows, [layer], {layer: {"a": slope.ravel()}}).reshape(x.shape)]


class Their:
    """ONNX's own random numbers in the place of a layer's stream."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def random(self, shape: tuple[int, ...], dtype: type) -> np.ndarray:
        return np.random.RandomState(self.seed).uniform(0, 1, shape)


def dropout(case: Case) -> Outputs:
    x, rate, training = case.input(0), case.input(1), case.input(2)
    layer = nn.Dropout(float(case.get("ratio", 0.5) if rate is None else rate))
    network = nn.Network([layer], x[None].shape[1:])
    layer.rng = Their(case.get("seed", 0))
    y = network.forward(x[None], bool(training))[0]
    return [y, layer.backward(np.ones_like(x[None]))[0] != 0]


# Rows of features


def dense(x: np.ndarray, W: np.ndarray, b: np.ndarray | float = 0.0, rows: np.ndarray | None = None) -> np.ndarray:
    """Give  x W + b,  x (N, inputs);  `rows` (N, units), if any, are added by their place."""
    layer = nn.Dense(W.shape[1])
    layers, parameters = [layer], {layer: {"W": W, "b": np.broadcast_to(b, W.shape[1])}}
    if rows is None:
        return through(x, layers, parameters)
    places = nn.PositionalEncoding(learned=True, longest=len(rows))
    return through(x[None], [layer, places], {**parameters, places: {"P": rows}})[0]


def gemm(case: Case) -> Outputs:
    a, b, c = case.input(0), case.input(1), case.input(2)
    a, b = a.T if case.get("transA") else a, b.T if case.get("transB") else b
    W, c = case.get("alpha", 1.0) * b, case.get("beta", 1.0) * np.float32(0 if c is None else c)
    return [
        dense(a, W, rows=c) if c.ndim == 2 and len(c) > 1 else dense(a, W, c.ravel() if c.size > 1 else float(c.ravel()[0]))
    ]


def matmul(case: Case) -> Outputs:
    """A matrix after the other, each the weights of a Dense."""
    a, b = case.inputs
    one_row, one_column = a.ndim == 1, b.ndim == 1
    a, b = a[None] if one_row else a, b[:, None] if one_column else b
    batch = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    a, b = (np.broadcast_to(m, (*batch, *m.shape[-2:])) for m in (a, b))
    y = np.empty((*batch, a.shape[-2], b.shape[-1]), a.dtype)
    for place in np.ndindex(batch):
        y[place] = dense(a[place], b[place])
    y = y[..., 0] if one_column else y
    return [(y[..., 0, :] if not one_column else y[..., 0]) if one_row else y]


def flatten(case: Case) -> Outputs:
    x = case.inputs[0]
    axis = case.get("axis", 1) % x.ndim
    return [through(x, [nn.Flatten()]) if axis == 1 else as_one(x, (prod(x.shape[:axis]), prod(x.shape[axis:])))]


def as_one(x: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Reshape x as a single example, so that its first axis changes too."""
    return through(x[None], [nn.Reshape(shape)])[0]


def reshape(case: Case) -> Outputs:
    x, wanted = case.inputs
    if not x.size:
        raise InexpressibleError("a Reshape of nothing: every length is at least 1")
    shape = [x.shape[i] if n == 0 else int(n) for i, n in enumerate(wanted)]
    if -1 in shape:
        shape[shape.index(-1)] = x.size // -prod(shape)
    return [as_one(x, tuple(shape))]


def squeeze(case: Case) -> Outputs:
    x, axes = case.inputs
    return [as_one(x, tuple(n for i, n in enumerate(x.shape) if i not in axes % x.ndim))]


def unsqueeze(case: Case) -> Outputs:
    x, axes = case.inputs
    lengths = iter(x.shape)
    ndim = x.ndim + len(axes)
    return [as_one(x, tuple(1 if i in axes % ndim else next(lengths) for i in range(ndim)))]


def gather(case: Case) -> Outputs:
    data, tokens = case.inputs
    axis = case.get("axis", 0)
    table = np.moveaxis(data, axis, 0)
    W = table.reshape(len(table), -1)
    layer = nn.Embedding(*W.shape)
    y = through(tokens.reshape(1, -1) % len(W), [layer], {layer: {"W": W}}, dtype=W.dtype)
    axes = range(tokens.ndim)
    return [np.moveaxis(y.reshape(*tokens.shape, *table.shape[1:]), axes, [axis + i for i in axes])]


def add(case: Case) -> Outputs:
    x, y = case.inputs
    straight = nn.Dense(x.size)
    always_y = {straight: {"W": np.zeros((x.size, x.size)), "b": np.broadcast_to(y, x.shape).ravel()}}
    return [through(x.reshape(1, -1), [nn.Residual([straight])], always_y).reshape(x.shape)]


def reduce_mean(case: Case) -> Outputs:
    x, axes = case.inputs
    gone = {int(i) % x.ndim for i in axes} or set(range(x.ndim))
    kept = [i for i in range(x.ndim) if i not in gone]
    rows = x.transpose(*kept, *sorted(gone)).reshape(prod(x.shape[i] for i in kept), -1, 1, 1)
    y = through(rows, [nn.GlobalAveragePool2D()])
    return [y.reshape([x.shape[i] if i in kept else 1 for i in range(x.ndim) if i in kept or case.get("keepdims", 1)])]


# Normalization


def features(case: Case) -> np.ndarray:
    """Take all axes from `axis` on for one of features."""
    x = case.inputs[0]
    axis = case.get("axis", -1) % x.ndim
    return x.reshape(prod(x.shape[:axis]), -1)


def layer_norm(case: Case) -> Outputs:
    rows, (x, gamma, beta) = features(case), case.inputs
    layer = nn.LayerNorm(case.get("epsilon", 1e-5))
    y = through(rows, [layer], {layer: {"gamma": gamma.ravel(), "beta": beta.ravel()}})
    mean, inverse = through(rows[:, :, None, None], [nn.GlobalAveragePool2D()]), 1 / layer.sigma
    return [y.reshape(x.shape), *(a.reshape(case.outputs[i + 1].shape) for i, a in enumerate((mean, inverse)))]


def rms_norm(case: Case) -> Outputs:
    layer = nn.RMSNorm(case.get("epsilon", 1e-5))
    return [through(features(case), [layer], {layer: {"gamma": case.inputs[1].ravel()}}).reshape(case.inputs[0].shape)]


def length_norm(case: Case) -> Outputs:
    """x / ‖x‖ is x by its root mean square, divided by √n."""
    x, axis = case.inputs[0], case.get("axis", -1)
    if case.get("p", 2) != 2:
        raise InexpressibleError("the norm of our RMSNorm is p = 2")
    layer, n = nn.RMSNorm(epsilon=1e-12), x.shape[axis]
    return [np.moveaxis(through(np.moveaxis(x, axis, -1)[None], [layer], {layer: {"gamma": np.full(n, n**-0.5)}})[0], -1, axis)]


def batch_norm(case: Case) -> Outputs:
    x, gamma, beta, mean, variance = case.inputs
    if case.get("training_mode"):
        raise InexpressibleError("ONNX averages the batch's own variance, our BatchNorm (as PyTorch's) the unbiased one")
    layer = nn.BatchNorm(case.get("epsilon", 1e-5))
    network = nn.Network([layer], last(x).shape[1:])
    layer.gamma, layer.beta = gamma, beta
    layer.state["running_mean"][:], layer.state["running_variance"][:] = mean, variance
    return [first(network.forward(last(x)))]


def mean_variance_norm(case: Case) -> Outputs:
    return [first(through(last(case.inputs[0]), [nn.BatchNorm(1e-12)], training=True))]


def group_norm(case: Case) -> Outputs:
    x, gamma, beta = case.inputs
    layer = nn.GroupNorm(groups=case.get("num_groups", x.shape[1]), epsilon=case.get("epsilon", 1e-5))
    return [first(through(last(x), [layer], {layer: {"gamma": gamma, "beta": beta}}))]


# Images


def last(x: np.ndarray) -> np.ndarray:
    """(N, C, …) → (N, …, C)."""
    return np.moveaxis(x, 1, -1)


def first(x: np.ndarray) -> np.ndarray:
    """(N, …, C) → (N, C, …)."""
    return np.moveaxis(x, -1, 1)


@dataclass(frozen=True)
class Window:
    """A window along the axes of an image, as the attributes of a case describe it."""

    size: list[int]
    stride: list[int]
    dilation: list[int]
    sides: Sides
    """The pixels before and after the image."""
    more: list[int]
    """Those after the padding that ceil_mode adds."""

    @classmethod
    def of(cls, case: Case, size: list[int]) -> "Window":
        lengths, ones = case.inputs[0].shape[2:], [1] * len(size)
        stride, dilation = case.get("strides", ones), case.get("dilations", ones)
        pads, auto = case.get("pads", [0] * 2 * len(size)), case.get("auto_pad", "NOTSET")
        sides, more = [], []
        for i, (length, k, s, d) in enumerate(zip(lengths, size, stride, dilation, strict=True)):
            span = (k - 1) * d + 1
            before, after = pads[i], pads[i + len(size)]
            if auto.startswith("SAME"):
                total = max((-(-length // s) - 1) * s + span - length, 0)
                before, after = (total // 2, total - total // 2)[:: 1 if auto == "SAME_UPPER" else -1]
            room = before + length + after
            count = (room - span) // s + 1
            if case.get("ceil_mode") and count * s + span > room > (count - 1) * s + span and count * s < before + length:
                count += 1
            sides.append((before, after))
            more.append(max((count - 1) * s + span - room, 0))
        return cls(size, stride, dilation, sides, more)

    def padding(self, axes: list[int]) -> tuple[int, ...]:
        """Give the four sides for our layers, of two axes or of one, which lies across."""
        pairs = [(self.sides[i][0], self.sides[i][1] + self.more[i]) for i in axes]
        return tuple(n for pair in ([(0, 0)] * (2 - len(axes)) + pairs) for n in pair)

    def two(self, numbers: list[int], axes: list[int]) -> tuple[int, int]:
        pair = [1] * (2 - len(axes)) + [numbers[i] for i in axes]
        return pair[0], pair[1]


Slides = Callable[[list[int], int], tuple[nn.Layer, dict[str, np.ndarray]]]
"""Makes the layer for one or two axes, and channels."""


def slid(x: np.ndarray, make: Slides) -> np.ndarray:
    """Slide over x (N, C, length), (N, C, H, W) or (N, C, D, H, W): two axes, then, reshaped, the third."""
    n, channels, *lengths = x.shape
    if len(lengths) < 3:
        layer, parameters = make(list(range(len(lengths))), channels)
        image = last(x) if len(lengths) == 2 else last(x)[:, None]
        y = first(through(image, [layer], {layer: parameters}))
        return y if len(lengths) == 2 else y[:, :, 0]
    depth, height, width = lengths
    image = last(x).reshape(n, depth, height, width * channels)
    (two, its), (one, ones) = make([0, 1], width * channels), make([2], channels)
    rows, columns, _ = two.output_shape(image.shape[1:])
    y = through(image, [two, nn.Reshape((rows * columns, width, channels)), one], {two: its, one: ones})
    return first(y.reshape(n, rows, columns, *y.shape[2:]))


def max_pool(case: Case) -> Outputs:
    x = case.inputs[0]
    window = Window.of(case, case.get("kernel_shape"))
    if set(window.dilation) != {1}:
        raise InexpressibleError("our pools have no dilation")
    pools: list[nn.MaxPool2D] = []

    def make(axes: list[int], channels: int) -> tuple[nn.Layer, dict[str, np.ndarray]]:
        size, stride = window.two(window.size, axes), window.two(window.stride, axes)
        pools.append(nn.MaxPool2D(size, stride=stride, padding=window.padding(axes)))
        return pools[-1], {}

    y = slid(x, make)
    if 1 not in case.outputs:
        return [y]
    number = np.arange(x.size).reshape(x.shape)
    if case.get("storage_order"):
        number = np.arange(x.size).reshape(*x.shape[:-2], x.shape[-1], x.shape[-2]).swapaxes(-1, -2)
    return [y, first(pools[0].pick(last(number)))]


def average_pool(case: Case) -> Outputs:
    """Where padding counts, or cells lie apart, a mean is a convolution whose weights are all one over their number."""
    window = Window.of(case, case.get("kernel_shape"))
    padded = any(map(any, window.sides))
    counted = padded and case.get("count_include_pad")
    apart = set(window.dilation) != {1}
    if (any(window.more) and (counted or apart)) or (apart and padded and not counted):
        raise InexpressibleError("a mean over a window that reaches out of the padding, or a dilated one out of the image")

    def make(axes: list[int], channels: int) -> tuple[nn.Layer, dict[str, np.ndarray]]:
        size, stride, dilation = (window.two(n, axes) for n in (window.size, window.stride, window.dilation))
        if not counted and not apart:
            return nn.AveragePool2D(size, stride=stride, padding=window.padding(axes)), {}
        means = np.broadcast_to(np.eye(channels) / prod(size), (*size, channels, channels))
        return nn.Conv2D(channels, size, stride, window.padding(axes), dilation), {"W": means}

    return [slid(case.inputs[0], make)]


def global_average_pool(case: Case) -> Outputs:
    return [through(last(case.inputs[0]), [nn.GlobalAveragePool2D()])[:, :, None, None]]


def global_max_pool(case: Case) -> Outputs:
    x = case.inputs[0]
    return [first(through(last(x), [nn.MaxPool2D(x.shape[2:])]))]


def max_unpool(case: Case) -> Outputs:
    x, places = case.inputs[:2]
    size, stride = case.get("kernel_shape"), case.get("strides")
    lengths = [(n - 1) * s + k for n, s, k in zip(x.shape[2:], stride, size, strict=True)]
    marks = np.zeros((*x.shape[:2], *lengths), x.dtype)
    marks.flat[places.ravel()] = 1  # what a pool would have chosen there
    wanted = case.input(2)
    if wanted is not None:
        marks = np.pad(marks, [(0, int(n) - m) for n, m in zip(wanted, marks.shape, strict=True)])
    pool = nn.MaxPool2D(tuple(size), stride=tuple(stride))
    unpool = nn.MaxUnpool2D(pool)
    through(last(marks), [pool, unpool])
    return [first(unpool.forward(last(x)))]


def convolve(case: Case) -> Outputs:
    x, W, b = case.input(0), case.input(1), case.input(2)
    window = Window.of(case, list(W.shape[2:]))
    layer = nn.Conv2D(len(W), tuple(window.size), tuple(window.stride), window.padding([0, 1]), tuple(window.dilation))
    parameters = {"W": W.transpose(2, 3, 1, 0)} | ({} if b is None else {"b": b})
    return [first(through(last(x), [layer], {layer: parameters}))]


def convolve_transposed(case: Case) -> Outputs:
    """Weights apart, and rows that are added, are zeros in W; so are the weights between groups."""
    x, W = case.inputs[:2]
    axes = W.ndim - 2
    if axes == 3:
        raise InexpressibleError("our transposed convolution is for images; of cubes it would have a third axis")
    stride, dilation, groups = case.get("strides", [1] * axes), case.get("dilations", [1] * axes), case.get("group", 1)
    spans = [(k - 1) * d + 1 for k, d in zip(W.shape[2:], dilation, strict=True)]
    natural = [(n - 1) * s + k for n, s, k in zip(x.shape[2:], stride, spans, strict=True)]
    pads = case.get("pads", [0] * 2 * axes)
    wanted = [
        n - pads[i] - pads[i + axes] + e
        for i, (n, e) in enumerate(zip(natural, case.get("output_padding", [0] * axes), strict=True))
    ]
    if case.get("auto_pad", "NOTSET").startswith("SAME"):
        wanted = [n * s for n, s in zip(x.shape[2:], stride, strict=True)]
        totals = [n - w for n, w in zip(natural, wanted, strict=True)]
        pads = [*(t // 2 for t in totals), *(t - t // 2 for t in totals)]
    wanted = list(case.get("output_shape", wanted))
    more = [max(w - n + pads[i] + pads[i + axes], 0) for i, (w, n) in enumerate(zip(wanted, natural, strict=True))]
    inputs, filters = W.shape[:2]
    full = np.zeros((*(s + m for s, m in zip(spans, more, strict=True)), inputs, groups * filters), W.dtype)
    for c in range(inputs):
        group = slice(c * groups // inputs * filters, (c * groups // inputs + 1) * filters)
        cells = tuple(slice(0, s, d) for s, d in zip(spans, dilation, strict=True))
        full[(*cells, c, group)] = np.moveaxis(W[c], 0, -1)
    sides = tuple(n for i in range(axes) for n in (pads[i], pads[i + axes]))
    image = last(x)
    if axes == 1:
        image, full, stride, sides = image[:, None], full[None], [1, *stride], (0, 0, *sides)
    layer = nn.Conv2DTranspose(full.shape[-1], full.shape[:2], tuple(stride), sides)
    y = first(through(image, [layer], {layer: {"W": full}}))
    return [y[:, :, 0] if axes == 1 else y]


def causal_convolve(case: Case) -> Outputs:
    """A filter for each channel: the weights between channels are 0. The state is the end of the image that was seen."""
    x, W, b, past = (case.input(i) for i in range(4))
    channels, size = W.shape[0], W.shape[2]
    full = np.zeros((1, size, channels, channels), W.dtype)
    full[0, :, range(channels), range(channels)] = W[:, 0]
    padding = (0, 0, size - 1 if past is None else 0, 0)
    image = last(x if past is None else np.concatenate([past, x], axis=2))[:, None]
    layer = nn.Conv2D(channels, (1, size), padding=padding)
    after = [nn.SiLU()] if case.get("activation") in ("silu", "swish") else []
    y = first(through(image, [layer, *after], {layer: {"W": full, "b": np.zeros(channels) if b is None else b}}))
    seen = np.pad(image[:, 0], ((0, 0), padding[2:], (0, 0)))  # (N, L, C), with the zeros that stand for no past
    return [y[:, :, 0], seen[:, seen.shape[1] - (size - 1) :].transpose(0, 2, 1)]


def enlarge(case: Case) -> Outputs:
    x, wanted = case.inputs[0], case.outputs[0].shape
    times = [b / a for a, b in zip(x.shape, wanted, strict=True)]
    if case.get("mode", "nearest") != "nearest":
        raise InexpressibleError("UpSample2D repeats pixels, it does not mix them")
    if not all(t.is_integer() for t in times):
        raise InexpressibleError("UpSample2D makes images larger, by whole numbers")
    if {"coordinate_transformation_mode", "nearest_mode"} & set(case.attributes):
        raise InexpressibleError("UpSample2D takes the pixel that a place lies in, not one whose corner or middle is nearest")
    return [first(through(last(x), [nn.UpSample2D((int(times[2]), int(times[3])))]))]
