"""The network: layers in a row, all their parameters in one vector."""

import copy
import operator
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import prod
from typing import Any, Literal, Self, overload

import numpy as np

from engine.arrays import Array, OrderError, Shape, in_words
from engine.layers import Embedding, Layer, MaxPool2D, MaxUnpool2D
from engine.layers.layer import Parametric, backward_to_parameters, copy_into
from engine.notebook import table

PREDICT_NUMBERS = 8_000_000
"""How many numbers predict lets the layers hold at a time, by their memory: some tens of images, thousands of points."""
PREDICT_EXAMPLES = 2_000
"""How many examples it takes at a time at the most: of small networks all then stays in the cache, twice as fast."""


class Network:
    """Layers one after the other, y = fₗ(… f₂(f₁(x))), whose parameters lie in one vector theta.

    `gradient` is a vector of the same length; the layers hold views into both. The same seed gives the same weights,
    and each layer draws from a stream of its own, so that a change behind it leaves its weights as they are.

    Setting theta or gradient copies the numbers in. A copy (copy.deepcopy, pickle) has arrays of its own and trains alike.
    `forward` keeps what `backward` reads; `predict` and `activations` keep nothing: they may come between the two, and from
    several threads at once.
    """

    def __init__(
        self,
        layers: Sequence[Layer],
        input_shape: Shape,
        seed: int = 0,
        dtype: np.typing.DTypeLike = np.float32,
    ) -> None:
        """Build the layers; a ValueError names the first that does not fit.

        Each layer stands in one network, once. dtype: float32, or float64.
        """
        self.layers, self.input_shape, self.dtype = list(layers), tuple(map(operator.index, input_shape)), np.dtype(dtype)
        if self.dtype not in (np.float32, np.float64):
            raise ValueError(f"a network computes in float32 or float64, got dtype {self.dtype}")
        if min(self.input_shape, default=1) < 1:
            raise ValueError(f"every length of input_shape must be at least 1, got {self.input_shape}")
        if not self.layers:
            raise ValueError("a network needs at least one layer")
        check_places(self.layers)
        self.plans = plan(self.layers, self.input_shape)
        shape = self.input_shape
        for position, layer in enumerate(self.layers):
            shape = layer.build(shape, np.random.default_rng((seed, position)), self.dtype)
        self.output_shape = shape
        self._y_shape: Shape | None = None
        values = [value.ravel() for layer in self.layers for value in layer.parameters.values()]
        self._theta = np.concatenate([np.empty(0, self.dtype), *values])
        self._gradient = np.zeros_like(self._theta)
        self._hand_out()

    def _hand_out(self) -> None:
        """Give the layers views into theta and gradient in the place of their own arrays."""
        start = 0
        for layer in self.layers:
            for name, value in list(layer.parameters.items()):
                part = slice(start, start := start + value.size)
                layer.hold(name, self._theta[part].reshape(value.shape), self._gradient[part].reshape(value.shape))
        for layer in self.walk():
            layer.in_network = True
        self.hear_scales()

    def hear_scales(self) -> None:
        """Take in how fast each layer learns, after a learning_rate_scale was changed."""
        self._scaled = list(self.scaled_parts())

    def scaled_parts(self) -> Iterator[tuple[slice, float]]:
        """Find the parts of theta that learn faster or slower than the rest."""
        start = 0
        for layer, scale in scaled(self.layers):
            part = slice(start, start := start + sum(p.size for p in layer.parameters.values()))
            if scale != 1:
                yield part, scale

    def scale_step(self, before: Array) -> None:
        """After a step from `before`, let layers go learning_rate_scale times as far:  θ ← before + scale (θ − before)."""
        for part, scale in self._scaled:
            self._theta[part] = before[part] + scale * (self._theta[part] - before[part])

    @property
    def explaining(self) -> bool:
        """Whether the layers remember what goes through them, so that each can be asked: layer.quantities(), layer.explain(…).

        They do, but in a Training: there nobody asks in every step, and a step costs nothing more.
        """
        return any(layer.remembers for layer in self.layers)

    @explaining.setter
    def explaining(self, on: bool) -> None:
        for layer in self.walk():
            layer.remember(on)

    @property
    def theta(self) -> Array:
        """All parameters, one after the other."""
        return self._theta

    @theta.setter
    def theta(self, value: Array) -> None:
        copy_into(self._theta, value, "theta")

    @property
    def gradient(self) -> Array:
        """∂L/∂theta, as the last `backward` left it."""
        return self._gradient

    @gradient.setter
    def gradient(self, value: Array) -> None:
        copy_into(self._gradient, value, "gradient")

    def __copy__(self) -> Self:
        """Copy all of the network, since a layer stands in one network only."""
        return copy.deepcopy(self)

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Become a copy: its layers hold views into its own theta."""
        vars(self).update(state)
        self._hand_out()

    def __repr__(self) -> str:
        """Show the summary."""
        return self.summary()

    def _repr_html_(self) -> str:
        """Show the same in a notebook, as a table."""
        head, *rows = self._rows()
        return table(f"{type(self).__name__} of {self.theta.size:,} parameters", head, rows)

    def twin(self) -> Self:
        """Make a network with the very same parameters whose layers keep their own x and y, for whoever looks.

        What it computes leaves this one's gradient as it was. It costs a few microseconds, whatever the size.
        """
        twin, twins = object.__new__(type(self)), dict[Layer, Layer]()
        vars(twin).update(vars(self))
        twin.layers = [layer.twin(twins) for layer in self.layers]
        return twin

    def weights(self, biases: bool = False) -> Iterator[tuple[Array, Array]]:
        """Go through the arrays that a regularizer penalizes, each with its gradient; where wanted through biases too."""
        for layer in self.walk():
            for name in layer.weights + (layer.biases if biases else ()):
                if name in layer.parameters:
                    yield layer.parameters[name], layer.gradients[name]

    def matrices(self) -> list[tuple[slice, Shape]]:
        """Say where theta holds matrices, each with its rows and columns: all weights but an Embedding's, filters flattened."""
        start, found = 0, list[tuple[slice, Shape]]()
        for layer in self.walk():
            for name, value in ({} if layer.inside else layer.parameters).items():
                part = slice(start, start := start + value.size)
                shape = prod(value.shape[:-1]), value.shape[-1]
                if name in layer.weights and min(shape) > 1 and not isinstance(layer, Embedding):
                    found.append((part, shape))
        return found

    def walk(self) -> Iterator[Layer]:
        """Go through all layers, with those inside others."""
        for layer in self.layers:
            yield from layer.walk()

    def forward(self, x: Array, training: bool = False) -> Array:
        """Compute the output for a batch x (N, *input_shape)."""
        x = self._input(x)
        if not len(x):
            raise ValueError("the network wants a batch of at least one example, got none")
        self._y_shape = None  # until all layers have kept what belongs together
        y = x.astype(self.dtype, order="C") if x.dtype.kind == "f" else x  # a copy: the caller may go on to fill its own array
        for layer in self.layers:
            y = layer.silence(layer.forward(y, training))
        self._y_shape = y.shape
        return y

    def _input(self, x: Array) -> Array:
        """Check a batch's type and shape."""
        x = np.asarray(x)
        if x.shape[1:] != self.input_shape or not x.ndim:
            raise ValueError(f"the network wants inputs of shape (N, {', '.join(map(str, self.input_shape))}), got {x.shape}")
        if x.dtype.kind not in "fiub":
            raise ValueError(f"the network wants numbers, got an array of {x.dtype}")
        return x

    @overload
    def backward(self, dy: Array, dx: Literal[True] = True) -> Array: ...

    @overload
    def backward(self, dy: Array, dx: Literal[False]) -> None: ...

    @overload
    def backward(self, dy: Array, dx: bool) -> Array | None: ...

    def backward(self, dy: Array, dx: bool = True) -> Array | None:
        """Turn ∂L/∂y into the gradient of all parameters, and return ∂L/∂x. Nothing accumulates.

        With dx=False it stops at the first layer that has parameters and returns None: a step of training needs no more.
        """
        if self._y_shape is None:
            raise OrderError(self, "y", "forward comes first, then backward")
        dy = np.asarray(dy)
        if dy.shape != self._y_shape:
            raise ValueError(f"backward wants ∂L/∂y in the shape of y, {self._y_shape}, got {dy.shape}")
        dy = dy.astype(self.dtype, copy=False)
        if not dx:
            backward_to_parameters(self.layers, dy)
            return None
        for layer in reversed(self.layers):
            dy = layer.backward(layer.silence(dy))
        return dy

    def predict(self, x: Array) -> Array:
        """Compute the output for any number of examples, a batch at a time, never in training mode."""
        fits = PREDICT_NUMBERS // sum(p.memory for p in self.plans)
        x, batch_size = self._input(x), max(1, min(PREDICT_EXAMPLES, fits))
        twin = self.twin()
        parts = [twin._output(x[i : i + batch_size]) for i in range(0, len(x), batch_size)]
        if not parts:
            return np.empty((0, *self.output_shape), self.dtype)
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def activations(self, x: Array, last: int | None = None) -> list[Array]:
        """Compute the outputs of every layer for one batch, or of those up to position `last`, never in training mode."""
        return self.twin().outputs(x, last)

    def outputs(self, x: Array, last: int | None = None) -> list[Array]:
        """Compute the same, and let the layers keep what they saw: for a twin, whose layers a picture then looks at."""
        result, y = [], self._numbers(self._input(x))
        self._y_shape = None
        for layer in self.layers if last is None else self.layers[: last + 1]:
            y = layer.silence(layer.forward(y))
            result.append(y)
        return result

    def _output(self, x: Array) -> Array:
        """Compute the output for one batch whose shape is known to be right."""
        y = self._numbers(x)
        for layer in self.layers:
            y = layer.silence(layer.forward(y))
        return y

    def _numbers(self, x: Array) -> Array:
        """Bring numbers to the network's precision; whole ones stay as they are, since they may be tokens."""
        return x.astype(self.dtype, order="C", copy=False) if x.dtype.kind == "f" else x

    def parts(self) -> list[slice]:
        """Say which part of theta each layer holds."""
        ends = np.cumsum([0, *(sum(p.size for p in layer.parameters.values()) for layer in self.layers)])
        return [slice(int(start), int(end)) for start, end in pairwise(ends)]

    def place(self, position: int, name: str, index: tuple[int, ...]) -> int:
        """Say which number of theta a cell of a layer's parameter is, as in  network.place(0, "W", (2, 5)).

        Raises ValueError where the layer has no such parameter.
        """
        place: int = self.parts()[position].start
        parameters = self.layers[position].parameters
        for its, value in parameters.items():
            if its == name:
                return place + int(np.ravel_multi_index(index, value.shape))
            place += value.size
        raise ValueError(f"layer {position + 1} has no parameter {name!r}")

    def _rows(self) -> list[tuple[str, str, str]]:
        """Say what the summary says, cell by cell: a head, the input, each layer, and the total."""
        rows = [("layer", "output", "parameters"), ("input", in_words(self.input_shape), "")]
        rows += [(type(p.layer).__name__, in_words(p.output_shape), f"{p.parameters:,}") for p in self.plans]
        return [*rows, ("total", "", f"{self.theta.size:,}")]

    def summary(self) -> str:
        """Tabulate layers, output shapes and parameter counts."""
        rows = self._rows()
        widths = [max(len(row[i]) for row in rows) for i in range(3)]
        return "\n".join(f"{a:<{widths[0]}}  {b:<{widths[1]}}  {c:>{widths[2]}}".rstrip() for a, b, c in rows)


@dataclass(frozen=True)
class Plan:
    """What one layer of a network will be, known before anything is allocated."""

    layer: Layer
    output_shape: Shape
    parameters: int
    memory: int
    kept: int
    passing: int


def plan(layers: Sequence[Layer], input_shape: Shape) -> list[Plan]:
    """Work out every layer's output shape, number of parameters, and numbers held per example.

    Raises ValueError where a layer does not fit on the one before it, saying which.
    """
    plans, shape = [], input_shape
    padded_by: Layer | None = None
    pair_pools(layers)
    for position, layer in enumerate(layers):
        try:
            output_shape = layer.output_shape(shape)  # first, because it says what does not fit
            layer.check_silenced(output_shape)
            parameters = sum(map(prod, layer.parameter_shapes(shape).values()))
            padded_by = layer.follow_padding(padded_by, shape)
            memory, kept, passing = layer.memory(shape), layer.kept(shape), layer.passing(shape)
            plans.append(Plan(layer, output_shape, parameters, memory, kept, passing))
        except ValueError as error:
            raise LayerError(position, f"layer {position + 1}: {error}") from error
        shape = output_shape
    return plans


def pair_pools(layers: Sequence[Layer]) -> None:
    """Give every MaxUnpool2D that has no pool the nearest MaxPool2D before it that no other undoes, as brackets pair."""
    free: list[MaxPool2D] = []
    for layer in layers:
        if isinstance(layer, MaxPool2D):
            free.append(layer)
        elif isinstance(layer, MaxUnpool2D):
            if layer.pool is None and free:
                layer.pool = free[-1]
            free = [pool for pool in free if pool is not layer.pool]


def scaled(layers: Iterable[Layer], by: float = 1.0) -> Iterator[tuple[Layer, float]]:
    """Go through the layers that are not made of others, each with how fast it learns: its own scale times those around it."""
    for layer in layers:
        scale = by * layer.learning_rate_scale if isinstance(layer, Parametric) else by
        if layer.inside:
            yield from scaled(layer.inside, scale)
        else:
            yield layer, scale


def check_places(layers: Sequence[Layer]) -> None:
    """Raise a LayerError where a layer stands twice, or in another network: two places would share one memory."""
    met: set[Layer] = set()
    for position, outer in enumerate(layers):
        if not isinstance(outer, Layer):
            raise LayerError(position, f"layer {position + 1} must be a layer, as nn.Dense(3) is, got {outer!r}")
        for layer in outer.walk():
            this = f"layer {position + 1}: this {type(layer).__name__}"
            if layer in met:
                raise LayerError(position, f"{this} stands in the network twice; make a layer of its own for each place")
            if layer.in_network:
                raise LayerError(position, f"{this} stands in another network; make a new one, or a copy (copy.deepcopy)")
            if isinstance(layer, MaxUnpool2D) and layer.pool is not None and layer.pool not in met:
                raise LayerError(position, f"{this} undoes a MaxPool2D that does not stand before it in this network")
            met.add(layer)


class LayerError(ValueError):
    """A layer that does not fit where it stands; `position` counts from 0."""

    def __init__(self, position: int, message: str) -> None:
        super().__init__(message)
        self.position = position
