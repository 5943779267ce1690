"""Recurrence that knows the future as well as the past."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from engine.arrays import Array, OrderError, Shape
from engine.expression import Expression, Formulas, Quantities
from engine.hyperparameter import choice
from engine.layers.composition import Composite
from engine.layers.layer import BUILD_FIRST, Layer, Parametric
from engine.layers.recurrent import GRU, LSTM, RNN, Recurrent

CELLS: dict[str, type[Recurrent]] = {"LSTM": LSTM, "GRU": GRU, "RNN": RNN}


@dataclass(eq=False)
class Bidirectional(Composite, Parametric):
    """Two recurrent layers, of which one reads from the first step to the last, the other from the last to the first:

    y = merge(forth(x), turned back(turned x)),  where turned means the steps in the opposite order.
    x (N, T, features)   y (N, T, 2 · units) by concatenation, forth's numbers first, (N, T, units) by their sum.
    Without return_sequences y is the last state of each: forth's after step T, back's after step 1.
    Schuster & Paliwal (1997), Bidirectional recurrent neural networks.
    """

    units: int = choice("numbers in the hidden state of each direction", minimum=1, maximum=1024, suggestion=16)
    cell: str = choice("what reads", default="LSTM", among=CELLS)
    return_sequences: bool = choice("give the states at every step, not only the last", default=False)
    merge: str = choice("how the two directions become one", default="concatenate", among=("concatenate", "sum"))

    def made_of(self, input_shape: Shape) -> list[Layer]:
        cell = CELLS[self.cell]
        return [cell(self.units, self.return_sequences), cell(self.units, self.return_sequences)]

    def shapes(self, input_shape: Shape) -> Iterator[tuple[int, Layer, Shape, Shape]]:
        for i, layer in enumerate(self.made_of(input_shape)):  # both read the same
            yield i, layer, input_shape, layer.output_shape(input_shape)

    def output_shape(self, input_shape: Shape) -> Shape:
        if len(input_shape) != 2:
            raise self.refuse("a sequence of steps × features (a Reshape, or an Embedding, makes one)", input_shape)
        *steps, units = super().output_shape(input_shape)
        return (*steps, 2 * units if self.merge == "concatenate" else units)

    def follow_padding(self, source: Layer | None, input_shape: Shape) -> Layer | None:
        self.padded_by = source
        for layer in self.inside:
            layer.follow_padding(source, input_shape)
        return source if self.return_sequences else None

    def memory(self, input_shape: Shape) -> int:
        return super().memory(input_shape) + 4 * input_shape[0] * self.units

    def both(self) -> list[Layer]:
        """Give the two directions."""
        if not self.inside:
            raise OrderError(self, "inside", BUILD_FIRST)
        return self.inside

    def turned(self, x: Array) -> Array:
        """Put the steps of every row in the opposite order, (N, T, …) → (N, T, …); padding stays where it is."""
        if self.padded_by is None:
            return x[:, ::-1]
        real, lengths = self.padded_by.real, self.padded_by.lengths[:, None]
        counted = np.maximum(lengths - real.cumsum(axis=1), 0)  # (N, T): the real places after each real one
        opposite = np.where(real, np.take_along_axis(self.padded_by.order, counted, axis=1), np.arange(x.shape[1]))
        return np.take_along_axis(x, opposite[..., None], axis=1)

    def forward(self, x: Array, training: bool = False) -> Array:
        forth, back = self.both()
        y = forth.forward(x, training)
        y_back = back.forward(self.turned(x), training)
        if self.return_sequences:
            y_back = self.turned(y_back)
        return np.concatenate([y, y_back], axis=-1) if self.merge == "concatenate" else y + y_back

    def parts(self, dy: Array) -> tuple[Array, Array]:
        """Give each direction its part of ∂L/∂y."""
        dy_forth, dy_back = np.split(dy, 2, axis=-1) if self.merge == "concatenate" else (dy, dy)
        return dy_forth, self.turned(dy_back) if self.return_sequences else dy_back

    def backward(self, dy: Array) -> Array:
        forth, back = self.both()
        dy_forth, dy_back = self.parts(dy)
        return forth.backward(dy_forth) + self.turned(back.backward(dy_back))

    def backward_parameters(self, dy: Array) -> None:
        for layer, its_dy in zip(self.both(), self.parts(dy), strict=True):
            layer.backward_parameters(its_dy)

    def formulas(self, q: Quantities) -> Formulas:
        sums = self.merge == "sum"
        n_all, steps, _ = q["x"].shape
        places = self.turned(np.broadcast_to(np.arange(steps)[:, None], (n_all, steps, 1)))[..., 0]

        def opposite(n: int, *at: int) -> tuple[int, ...]:
            """Turn the step in the place of a number, (n, t, k) → (n, T − 1 − t, k)."""
            *t, k = at
            return (n, *(int(places[n, s]) for s in t), k)

        def y(*at: int) -> Expression:
            if sums:
                return q("0.y", *at) + q("1.y", *opposite(*at))
            *n, k = at
            return q("0.y", *at) if k < self.units else q("1.y", *opposite(*n, k - self.units))

        return {
            **super().formulas(q),
            "y": y,
            "1.x": lambda *at: q("x", *opposite(*at)),
            "d0.y": lambda *at: q("dy", *at),
            "d1.y": lambda *at: q("dy", *opposite(*at[:-1], at[-1] + (0 if sums else self.units))),
            "dx": lambda *at: q("d0.x", *at) + q("d1.x", *opposite(*at)),
        }
