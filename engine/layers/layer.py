"""The contract that every layer keeps."""

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import prod
from typing import Any, ClassVar, Self

import numpy as np

from engine.arrays import Array, OrderError, Shape, in_words
from engine.expression import Expression, Formulas, Quantities, explained
from engine.hyperparameter import check, choice
from engine.initializers import INITIALIZERS

BUILD_FIRST = "build (which a Network does) comes first, then forward, then backward"
WATCHED = ("forward", "backward", "backward_parameters", "went")
"""What a layer that remembers has of its own: its three passes, wrapped so that they note x, y, dy and dx, and the notes."""


@dataclass(eq=False, kw_only=True)
class Layer:
    """A step of the network:  y = f(x; parameters), and how ∂L/∂y becomes ∂L/∂x and ∂L/∂parameters.

    Shapes are without the batch. A subclass says its `output_shape`, its `parameter_shapes` if it has any, and
    `forward` and `backward`. Each parameter, say W, is also there as the attribute W and its gradient as dW; after a
    Network took the layer in, both are views into the network's theta and gradient. Setting one, as in  layer.W = W,  copies
    the numbers in.

    forward keeps what backward reads, and never the very array that it returns: whoever changes y leaves the gradient right.

    What else outlives a step: `state`, arrays that training keeps beside the parameters (running averages); `rng`, the
    layer's own stream of random numbers where it draws any; `inside`, the layers that it is made of.
    """

    weights: ClassVar[tuple[str, ...]] = ("W",)
    """The parameters that the initializer draws and a regularizer penalizes; the others start at zero."""
    biases: ClassVar[tuple[str, ...]] = ("b",)
    """The parameters that a regularizer penalizes only where it is asked to."""
    seen: ClassVar[tuple[str, ...]] = ()
    """What a picture reads of the last step; a checkpoint keeps it."""
    alone: ClassVar[bool] = False
    """Whether every place of a sequence is computed without the others, so that what fills up a row's end disturbs none."""
    silenced: tuple[int, ...] | None = choice(
        "neurons, counted from 0, whose output is 0, whatever they compute (empty: none)",
        default=None,
        minimum=0,
        maximum=4095,
    )
    held = frozenset[str]()
    """The names of the attributes that are views into a network's vectors, W and dW for one."""

    def __init_subclass__(cls) -> None:
        """Let a class that has a backward of its own not inherit another one's backward_parameters.

        So a backward that calls backward_parameters names its class, as in Dense.backward_parameters(self, dy).
        """
        super().__init_subclass__()
        if "backward" in vars(cls) and "backward_parameters" not in vars(cls):
            cls.backward_parameters = Layer.backward_parameters  # type: ignore[method-assign]

    def __post_init__(self) -> None:
        check(self)
        self.parameters: dict[str, Array] = Held()
        self.gradients: dict[str, Array] = Held()
        self.state: dict[str, Array] = {}
        self.rng: np.random.Generator | None = None
        self.inside: list[Layer] = []
        self.padded_by: Layer | None = None
        self.dtype: np.dtype[Any] = np.dtype(np.float32)
        self.in_network = False
        self.n_ones: Array = np.ones(0)
        self.rooms: dict[str, Array] = {}
        self.remember()

    def output_shape(self, input_shape: Shape) -> Shape:
        """Give the shape of y for x of `input_shape`; a ValueError where such an x does not fit."""
        return input_shape

    def parameter_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        """Name the parameters and give their shapes."""
        return {}

    def forward(self, x: Array, training: bool = False) -> Array:
        """Compute y, and keep what backward will read."""
        raise NotImplementedError

    def backward(self, dy: Array) -> Array:
        """Turn ∂L/∂y into ∂L/∂x, and write ∂L/∂parameters into the gradients."""
        raise NotImplementedError

    def backward_parameters(self, dy: Array) -> None:
        """Write ∂L/∂parameters into the gradients, without ∂L/∂x: nothing before a network's first weights needs it."""
        self.backward(dy)

    def build(self, input_shape: Shape, rng: np.random.Generator, dtype: np.typing.DTypeLike) -> Shape:
        """Make the parameters for inputs of `input_shape` and return the shape of the outputs.

        Raises ValueError, naming the layer, what it wants and what it got, where the shape does not fit.
        """
        output_shape = self.output_shape(input_shape)
        self.dtype, self.parameters, self.gradients = np.dtype(dtype), Held(), Held()
        for name, shape in self.parameter_shapes(input_shape).items():
            value = self.initial(name, shape, rng).astype(dtype)
            self.hold(name, value, np.zeros_like(value))
        return output_shape

    def initial(self, name: str, shape: Shape, rng: np.random.Generator) -> Array:
        """Draw a parameter's first value; a bias as the weights (1, units) of one more input, which is always 1."""
        if name in self.weights:
            return INITIALIZERS[str(self.initializer)](shape, rng)
        bias: Array = INITIALIZERS[str(vars(self).get("bias_initializer", "zeros"))]((1, *shape), rng)[0]
        return bias

    def hold(self, name: str, value: Array, gradient: Array) -> None:
        """Keep a parameter and its gradient in these arrays from now on."""
        self.parameters |= {name: value}  # in the place of what was there; parameters[name] = value would copy the numbers
        self.gradients |= {name: gradient}
        self.held = self.held | {name, f"d{name}"}
        object.__setattr__(self, name, value)
        object.__setattr__(self, f"d{name}", gradient)

    def numbers(self, x: Array) -> Array:
        """Give x to compute with: whole numbers become the layer's dtype."""
        return x if x.dtype.kind == "f" else x.astype(self.dtype)

    def ones(self, n: int) -> Array:
        """Give n ones, which nobody may change: a product with them is three times as fast as a sum over n rows."""
        if len(self.n_ones) != n:
            self.n_ones = np.ones(n, self.dtype)
        return self.n_ones

    def room(self, name: str, shape: Shape, dtype: np.dtype[Any]) -> Array:
        """Give an array to write into, the same one as last time where the shape allows: asking the operating system for
        megabytes in every step takes longer than the sums.
        """
        room: Array | None = self.rooms.get(name)
        if room is None or room.shape != shape or room.dtype != dtype:
            room = self.rooms[name] = np.empty(shape, dtype)
        return room

    def refuse(self, wanted: str, got: Shape) -> ValueError:
        """Make the error for an input shape that does not fit."""
        return ValueError(f"{type(self).__name__} wants {wanted}, got an input of shape {in_words(got)}")

    def silence(self, y: Array) -> Array:
        """Give y, or ∂L/∂y, with 0 in the place of silenced neurons, which are the last axis:  y · m,  m = 0 there, else 1."""
        if self.silenced is None:
            return y
        y = y.copy()
        y[..., list(self.silenced)] = 0
        return y

    def check_silenced(self, output_shape: Shape) -> None:
        """Raise a ValueError where a neuron is silenced that the layer does not have."""
        if self.silenced is not None and max(self.silenced) >= output_shape[-1]:
            raise ValueError(
                f"{type(self).__name__} has {output_shape[-1]:,} neurons, counted from 0; silenced names {max(self.silenced):,}"
            )

    def follow_padding(self, source: "Layer | None", input_shape: Shape) -> "Layer | None":
        """Hear which layer knows how long each row is (its `lengths`; None: all are full), and say whom the next shall ask.

        Raises ValueError where this layer would take what fills a row up for a part of it.
        """
        if source is not None and not (self.alone and len(input_shape) == 2):
            raise ValueError(
                f"{type(self).__name__} cannot leave out the padding that the {type(source).__name__} before it names"
            )
        return source

    def memory(self, input_shape: Shape) -> int:
        """Count the numbers that forward and backward hold for one example."""
        return prod(input_shape) + prod(self.output_shape(input_shape))

    def kept(self, input_shape: Shape) -> int:
        """Count those that stay from forward to backward, because backward reads them: all, where a layer knows no better."""
        return self.memory(input_shape)

    def passing(self, input_shape: Shape) -> int:
        """Count the numbers that come and go, for one example, while this layer works, in forward or in backward."""
        return 2 * self.memory(input_shape) - self.kept(input_shape)  # what forward does not keep, and as much as it held

    def __setattr__(self, name: str, value: Any) -> None:
        """Keep an attribute; a parameter or a gradient stays the same array, and the numbers are copied into it."""
        if name not in self.held:
            object.__setattr__(self, name, value)
        elif value is not (held := getattr(self, name)):
            copy_into(held, value, f"{type(self).__name__}: {name}")

    def __getattr__(self, name: str) -> Array:
        """Say what an attribute that is not there means; parameters and gradients, self.W and self.dW, are set by `hold`."""
        raise OrderError(self, name, BUILD_FIRST)

    def __copy__(self) -> Self:
        """Copy all of the layer: two layers that share arrays would be wrong in silence."""
        return copy.deepcopy(self)

    def __getstate__(self) -> dict[str, Any]:
        """Give what a copy consists of; the copy stands in no network, and nothing went through it yet."""
        return {**{name: value for name, value in vars(self).items() if name not in WATCHED}, "in_network": False}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Become a copy."""
        vars(self).update(state)
        self.remember(self.remembers)

    def twin(self, twins: "dict[Layer, Layer]") -> Self:
        """Make a layer with the very same parameters and state which keeps its own x and y, and note it among the twins."""
        twin = object.__new__(type(self))
        vars(twin).update(vars(self))
        twin.remember(False)
        twin.rooms = {}
        twin.inside = [layer.twin(twins) for layer in self.inside]
        twin.padded_by = None if self.padded_by is None else twins.get(self.padded_by, self.padded_by)
        twins[self] = twin
        return twin

    def walk(self) -> Iterator["Layer"]:
        """Go through this layer and all those inside."""
        yield self
        for layer in self.inside:
            yield from layer.walk()

    def remember(self, on: bool = True) -> None:
        """Let x, y, ∂L/∂y and ∂L/∂x of every pass be kept, for `explain`; or not, and a pass costs nothing more.

        Kept are the arrays themselves: whoever writes into them changes what is said of them.
        """
        for name in WATCHED:
            vars(self).pop(name, None)
        self.remembers = on
        if on:
            vars(self).update(watched(self))

    def quantities(self) -> Quantities:
        """Give what the last forward and backward computed with and computed, by the symbols of the formula.

        x, y, dy and dx are what went through; W and dW are as they are now; what lies between, as x_hat, is worked out now.
        Without a backward there is no dy, dx and dW. Raises OrderError where nothing went through.
        """
        if "went" not in vars(self):
            raise OrderError(
                self, "quantities", "network.explaining = True (as it is but in a Training), then forward and backward"
            )
        went: dict[str, Array] = vars(self)["went"]
        q = Quantities({name: np.asarray(value) for name, value in went.items() if name not in ("dy", "dx")})
        q.update(self.parameters | self.state)
        q.update(self.on_the_way(q))
        if "dy" in went:
            q.update({name: np.asarray(went[name]) for name in ("dy", "dx") if name in went})
            q.update({derivative(name): value for name, value in self.gradients.items()})
            q.update(self.on_the_way_back(q))
        return q

    def explain(self, symbol: str, index: tuple[int, ...]) -> Expression:
        """Open one number of the last forward and backward, as in  layer.explain("dW", (2, 5)),  into those it was made from.

        Its leaves are cells of `quantities()`; what comes from outside (x, dy, W) is itself.
        """
        q = self.quantities()
        return explained(type(self).__name__, q, self.formulas(q), symbol, index)

    def formulas(self, q: Quantities) -> Formulas:
        """Say how each number is made, by symbol: y, dx, the gradients, and what lies on the way."""
        raise NotImplementedError(f"{type(self).__name__} says no formulas; CONTRIBUTING says how")

    def on_the_way(self, q: Quantities) -> dict[str, Array]:
        """Give by symbol what the formula passes through from x to y, and the numbers that it names (ε)."""
        return {}

    def on_the_way_back(self, q: Quantities) -> dict[str, Array]:
        """Give by symbol what it passes through from ∂L/∂y to ∂L/∂x."""
        return {}


@dataclass(eq=False, kw_only=True)
class Parametric(Layer):
    """A layer that learns; how fast its parameters do beside other layers' is a choice.

    Every step takes them learning_rate_scale times as far as the optimizer's would, whichever optimizer it is: Training and
    nn.fit see to it, in a loop of one's own network.scale_step does. With plain SGD it is a factor of their gradient, so 32
    sums the loss over a batch of 32 where 1 averages it; Adam divides such a factor out, but not this one. Of a layer made
    of layers it is a factor of what those inside have.
    """

    learning_rate_scale: float = choice(
        "how many times as far as the others' its parameters go in a step (0: they stay)",
        default=1.0,
        minimum=0,
        maximum=1000,
        scale="log",
    )


@dataclass(eq=False, kw_only=True)
class Weighted(Parametric):
    """A layer whose weights start at random; how large is a choice."""

    gain: float = choice("factor of the first weights", default=1.0, minimum=0, maximum=100, scale="log")

    def build(self, input_shape: Shape, rng: np.random.Generator, dtype: np.typing.DTypeLike) -> Shape:
        output_shape = super().build(input_shape, rng, dtype)
        for name in self.weights:
            self.parameters[name] *= self.gain
        return output_shape


class Held(dict[str, Array]):
    """Arrays by name which stay the same: setting one, as in  layer.parameters["W"] = W,  copies the numbers in."""

    def __setitem__(self, name: str, value: Array) -> None:
        """Copy the numbers into the array of this name, or keep this one where there is none yet."""
        if name not in self:
            super().__setitem__(name, value)
        elif value is not self[name]:
            copy_into(self[name], value, name)


def copy_into(held: Array, value: Any, name: str) -> None:
    """Copy numbers into an array that stays where it is; a ValueError where the shape is another."""
    given = np.asarray(value)
    if given.shape != held.shape:
        raise ValueError(f"{name} has the shape {held.shape}, got {given.shape}")
    np.copyto(held, given, casting="same_kind")


def derivative(name: str) -> str:
    """Name the gradient of a parameter:  dW for W,  d0.1.Wq for 0.1.Wq."""
    return f"d{name}"


def watched(layer: Layer) -> dict[str, Callable[..., Any]]:
    """Make a layer's forward and backward, each with a note taken of what goes in and comes out."""
    forward, backward, backward_parameters = layer.forward, layer.backward, layer.backward_parameters
    notes = vars(layer)

    def watched_forward(x: Array, training: bool = False, *given: Any, **named: Any) -> Array:
        before = {f"{name}_before": value.copy() for name, value in layer.state.items()} if layer.state else {}
        y = forward(x, training, *given, **named)
        notes["went"] = {"x": x, "y": y, **before}
        return y

    def watched_backward(dy: Array) -> Array:
        dx = backward(dy)
        if "went" in notes:
            notes["went"]["dy"], notes["went"]["dx"] = dy, dx
        return dx

    def watched_backward_parameters(dy: Array) -> None:
        backward_parameters(dy)
        if "went" in notes:
            notes["went"]["dy"] = dy

    return dict(zip(WATCHED, (watched_forward, watched_backward, watched_backward_parameters), strict=False))


def padding_of(lengths: Array, steps: int) -> Array:
    """Mark the places (N, T) that lie behind the end of their row."""
    padding: Array = np.arange(steps) >= lengths[:, None]
    return padding


def backward_to_parameters(layers: list[Layer], dy: Array) -> None:
    """Go back through layers in a row as far as the first that has parameters; nothing before it learns."""
    first = next((i for i, layer in enumerate(layers) if layer.parameters), None)
    if first is not None:
        for layer in reversed(layers[first + 1 :]):
            dy = layer.backward(layer.silence(dy))
        layers[first].backward_parameters(layers[first].silence(dy))
