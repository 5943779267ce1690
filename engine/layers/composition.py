"""Layers that are made of layers."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from math import prod

import numpy as np

from engine.arrays import Array, OrderError, Shape, in_words
from engine.expression import Expression, Formulas, Quantities, expression
from engine.hyperparameter import choice
from engine.layers.activations import GELU
from engine.layers.attention import MultiHeadAttention
from engine.layers.dense import Dense
from engine.layers.dropout import Dropout
from engine.layers.layer import BUILD_FIRST, Held, Layer, Parametric, backward_to_parameters
from engine.layers.normalization import LayerNorm


@dataclass(eq=False)
class Composite(Layer):
    """Layers one after the other, taken for one. Its parameters are theirs, named by position: "0.W", "0.b", "2.gamma"."""

    def made_of(self, input_shape: Shape) -> list[Layer]:
        """Give the layers inside, for inputs of this shape."""
        raise NotImplementedError

    def shapes(self, input_shape: Shape) -> Iterator[tuple[int, Layer, Shape, Shape]]:
        """Go through the layers inside: position, layer, input shape, output shape."""
        for i, layer in enumerate(self.made_of(input_shape)):
            try:
                output_shape = layer.output_shape(input_shape)
                layer.check_silenced(output_shape)
            except ValueError as error:
                raise ValueError(f"{type(self).__name__}, layer {i + 1} inside: {error}") from error
            yield i, layer, input_shape, output_shape
            input_shape = output_shape

    def output_shape(self, input_shape: Shape) -> Shape:
        return [shape for _, _, _, shape in self.shapes(input_shape)][-1]

    def parameter_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        return {
            f"{i}.{name}": parameter_shape
            for i, layer, shape, _ in self.shapes(input_shape)
            for name, parameter_shape in layer.parameter_shapes(shape).items()
        }

    def follow_padding(self, source: Layer | None, input_shape: Shape) -> Layer | None:
        self.padded_by = source
        for layer, (_, _, shape, _) in zip(self.inside or self.made_of(input_shape), self.shapes(input_shape), strict=True):
            source = layer.follow_padding(source, shape)
        return source

    def memory(self, input_shape: Shape) -> int:
        return prod(input_shape) + sum(layer.memory(shape) for _, layer, shape, _ in self.shapes(input_shape))

    def kept(self, input_shape: Shape) -> int:
        return prod(input_shape) + sum(layer.kept(shape) for _, layer, shape, _ in self.shapes(input_shape))

    def passing(self, input_shape: Shape) -> int:
        return prod(input_shape) + max(layer.passing(shape) for _, layer, shape, _ in self.shapes(input_shape))

    def build(self, input_shape: Shape, rng: np.random.Generator, dtype: np.typing.DTypeLike) -> Shape:
        output_shape, inside = self.output_shape(input_shape), []
        self.dtype, self.parameters, self.gradients = np.dtype(dtype), Held(), Held()
        for i, layer, shape, _ in self.shapes(input_shape):
            layer.build(shape, rng.spawn(1)[0], dtype)
            inside.append(layer)
            self.parameters |= {f"{i}.{name}": value for name, value in layer.parameters.items()}
            self.gradients |= {f"{i}.{name}": value for name, value in layer.gradients.items()}
        self.inside = inside
        self.follow_padding(self.padded_by, input_shape)
        return output_shape

    def hold(self, name: str, value: Array, gradient: Array) -> None:
        position, _, inner = name.partition(".")
        self.inside[int(position)].hold(inner, value, gradient)
        self.parameters |= {name: value}
        self.gradients |= {name: gradient}

    def forward(self, x: Array, training: bool = False) -> Array:
        if not self.inside:
            raise OrderError(self, "inside", BUILD_FIRST)
        for layer in self.inside:
            x = layer.silence(layer.forward(x, training))
        return x

    def backward(self, dy: Array) -> Array:
        for layer in reversed(self.inside):
            dy = layer.backward(layer.silence(dy))
        return dy

    def backward_parameters(self, dy: Array) -> None:
        backward_to_parameters(self.inside, dy)

    def on_the_way(self, q: Quantities) -> dict[str, Array]:
        inside = (layer.quantities() for layer in self.inside)
        return {named(i, name, its): value for i, its in enumerate(inside) for name, value in its.items()}

    def formulas(self, q: Quantities) -> Formulas:
        last = len(self.inside) - 1
        formulas: dict[str, Callable[..., Expression]] = {
            "y": lambda *at: heard(q, self.inside[last], f"{last}.y", at),
            "dx": lambda *at: q("d0.x", *at),
            "0.x": lambda *at: q("x", *at),
            f"d{last}.y": lambda *at: heard(q, self.inside[last], "dy", at),
        }
        for i, layer in enumerate(self.inside):
            its = layer.quantities()
            its.named = partial(outside, q, i, its)
            formulas |= {named(i, name, its): formula for name, formula in layer.formulas(its).items()}
            if i < last:
                formulas |= between(q, i, layer)
        return formulas


@dataclass(eq=False)
class Residual(Composite):
    """The layers inside only say what to change:  y = x + f(x),  ∂L/∂x = ∂L/∂y + ∂L/∂y ∂f/∂x.

    f must give the shape that it takes.   The gradient always has one straight way back.
    He, Zhang, Ren & Sun (2016), Deep residual learning for image recognition.
    """

    layers: list[Layer] = choice("the layers inside", suggestion=({"layer": "Tanh"},))

    def __post_init__(self) -> None:
        super().__post_init__()
        self.inside = list(self.layers)
        for layer in self.inside:
            if not isinstance(layer, Layer):
                raise ValueError(f"Residual: layers must be layers, as nn.Dense(3) is, got {layer!r}")

    def made_of(self, input_shape: Shape) -> list[Layer]:
        return self.layers

    def output_shape(self, input_shape: Shape) -> Shape:
        shape = super().output_shape(input_shape)
        if shape != input_shape:
            raise self.refuse(f"layers inside that give the shape they take (they give {in_words(shape)})", input_shape)
        return shape

    def forward(self, x: Array, training: bool = False) -> Array:
        x = self.numbers(x)
        return x + super().forward(x, training)

    def backward(self, dy: Array) -> Array:
        return dy + super().backward(dy)

    def backward_parameters(self, dy: Array) -> None:
        super().backward_parameters(dy)  # the straight way has none

    def formulas(self, q: Quantities) -> Formulas:
        last = len(self.inside) - 1
        return {
            **super().formulas(q),
            "y": lambda *at: q("x", *at) + heard(q, self.inside[last], f"{last}.y", at),
            "dx": lambda *at: q("dy", *at) + q("d0.x", *at),
        }


@dataclass(eq=False)
class TransformerBlock(Composite, Parametric):
    """Attention, then two dense layers for every place, each around a straight way back:

    x ← x + Dropout(MultiHeadAttention(LayerNorm(x)))     x ← x + Dropout(Dense(GELU(Dense(LayerNorm(x)))))
    x (N, T, width);  the first Dense has expansion · width units.
    Vaswani et al. (2017); with the norm first, as Xiong et al. (2020), On layer normalization in the transformer architecture.
    """

    heads: int = choice("how many attention heads", minimum=1, maximum=16, suggestion=2)
    causal: bool = choice("a place may not see the ones after it", default=False)
    expansion: int = choice("how much wider the dense layers are inside", default=4, minimum=1, maximum=8)
    dropout: float = choice("share of the numbers that is dropped", default=0.0, minimum=0, maximum=0.95)

    def made_of(self, input_shape: Shape) -> list[Layer]:
        width = input_shape[-1]
        attention: list[Layer] = [LayerNorm(), MultiHeadAttention(self.heads, self.causal)]
        dense: list[Layer] = [LayerNorm(), Dense(self.expansion * width, "he"), GELU(), Dense(width)]
        if self.dropout:
            attention.append(Dropout(self.dropout))
            dense.append(Dropout(self.dropout))
        return [Residual(attention), Residual(dense)]


def named(i: int, name: str, q: Quantities) -> str:
    """Name a quantity of the i-th layer inside:  0.W,  and  d0.W  for its gradient."""
    base = name.removeprefix("d")
    return f"d{i}.{base}" if base != name and base in q else f"{i}.{name}"


def outside(q: Quantities, i: int, its: Quantities, name: str) -> str:
    """Name it as the layer around it does, which may itself be inside another."""
    return q.named(named(i, name, its))


def heard(q: Quantities, layer: Layer, symbol: str, at: tuple[int, ...]) -> Expression:
    """Say what comes on from a layer, there or back: 0 where the neuron is silenced."""
    return expression(0) if layer.silenced is not None and at[-1] in layer.silenced else q(symbol, *at)


def between(q: Quantities, i: int, layer: Layer) -> Formulas:
    """Say that the next layer gets what the i-th one gives, and gives back what that one gets."""
    return {
        f"{i + 1}.x": lambda *at: heard(q, layer, f"{i}.y", at),
        f"d{i}.y": lambda *at: heard(q, layer, f"d{i + 1}.x", at),
    }
