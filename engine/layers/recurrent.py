"""Recurrent layers: they read a sequence step by step, and what they have read so far is their hidden state h.

x (N, T, inputs) → y (N, units), the last state, or with return_sequences (N, T, units), all of them.  h₀ = 0.
The gates' weights lie side by side: W (inputs, gates · units), U (units, gates · units), b (gates · units,).
Back-propagation through time (Werbos 1990): backward walks from the last step to the first, and carries ∂L/∂h along.
Inside, arrays are time first: h (T + 1, N, units), h[t + 1] the state after step t.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from engine.arrays import Array, Shape
from engine.functions import sigmoid
from engine.hyperparameter import choice
from engine.initializers import INITIALIZERS
from engine.layers.layer import Layer, Weighted, padding_of


@dataclass(eq=False)
class Recurrent(Weighted):
    """What RNN, LSTM and GRU share: shapes, first weights (gate by gate), and the sums over all steps."""

    weights: ClassVar[tuple[str, ...]] = ("W", "U")
    seen: ClassVar[tuple[str, ...]] = ("dh",)
    gates: ClassVar[tuple[str, ...]]
    """The names of the blocks of W, in their order."""

    units: int = choice("numbers in the hidden state", minimum=1, maximum=1024, suggestion=32)
    return_sequences: bool = choice("give the state after every step, not only the last", default=False)
    initializer: str = choice("how W starts", default="xavier", among=INITIALIZERS)
    recurrent_initializer: str = choice("how U starts", default="orthogonal", among=INITIALIZERS)

    def output_shape(self, input_shape: Shape) -> Shape:
        if len(input_shape) != 2:
            raise self.refuse("a sequence of steps × features (a Reshape, or an Embedding, makes one)", input_shape)
        return (input_shape[0], self.units) if self.return_sequences else (self.units,)

    def follow_padding(self, source: Layer | None, input_shape: Shape) -> Layer | None:
        self.padded_by = source
        return source if self.return_sequences else None

    def parameter_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        width = len(self.gates) * self.units
        return {"W": (input_shape[1], width), "U": (self.units, width), "b": (width,)}

    def initial(self, name: str, shape: Shape, rng: np.random.Generator) -> Array:
        if name not in self.weights:
            return np.zeros(shape)
        draw = INITIALIZERS[self.recurrent_initializer if name == "U" else self.initializer]
        return np.concatenate([draw((shape[0], self.units), rng) for _ in self.gates], axis=1)

    def memory(self, input_shape: Shape) -> int:
        return input_shape[0] * (2 * input_shape[1] + self.units * (2 * len(self.gates) + 5))

    def begin(self, x: Array) -> Array:
        """Keep x time first, make room for the states, and compute  x_t W + b  of all steps at once."""
        x = self.numbers(x)
        self.x: Array = np.ascontiguousarray(x.transpose(1, 0, 2))
        steps, n, _ = self.x.shape
        self.h: Array = np.zeros((steps + 1, n, self.units), x.dtype)
        return self.x @ self.W + self.b

    def output(self) -> Array:
        """Give y, a copy of the states; no step sees a later one, so a row's padding only has to be kept out of y."""
        if self.padded_by is None:
            return (self.h[1:].transpose(1, 0, 2) if self.return_sequences else self.h[-1]).copy(order="K")
        lengths: Array = self.padded_by.lengths
        if not self.return_sequences:
            return self.h[lengths, np.arange(len(lengths))]  # h[0] = 0 where a row is empty
        y = self.h[1:].transpose(1, 0, 2).copy(order="K")
        y[padding_of(lengths, y.shape[1])] = 0
        return y

    def begin_backward(self, dy: Array) -> None:
        """Start dh (T, N, units), which becomes ∂L/∂h of every step, with what comes from above."""
        self.dh: Array = np.zeros_like(self.h[1:])
        if self.return_sequences:
            self.dh += dy.transpose(1, 0, 2)
            if self.padded_by is not None:
                self.dh[padding_of(self.padded_by.lengths, len(self.dh)).T] = 0
        elif self.padded_by is None:
            self.dh[-1] = dy
        else:
            lengths = self.padded_by.lengths
            rows = np.flatnonzero(lengths)
            self.dh[lengths[rows] - 1, rows] = dy[rows]

    def carry(self, t: int, dh_before: Array) -> None:
        """Hand ∂L/∂h back to the step before t."""
        if t > 0:
            self.dh[t - 1] += dh_before

    def backward(self, dy: Array) -> Array:
        return (self.through_time(dy) @ self.W.T).transpose(1, 0, 2)  # ∂L/∂xₜ = ∂L/∂aₜ Wᵀ

    def backward_parameters(self, dy: Array) -> None:
        self.through_time(dy)

    def through_time(self, dy: Array) -> Array:
        """Walk back from the last step to the first, write the gradients, and return  da = ∂L/∂(x W + b)."""
        raise NotImplementedError

    def finish(self, da: Array, dc: Array) -> Array:
        """Sum the gradients over all steps: da = ∂L/∂(x W + b), dc = ∂L/∂(h U).  Returns da."""
        width = da.shape[2]
        rows = da.reshape(-1, width)
        np.matmul(self.x.reshape(len(rows), -1).T, rows, out=self.dW)  # Σₜ xₜᵀ ∂L/∂aₜ
        np.matmul(self.h[:-1].reshape(len(rows), -1).T, dc.reshape(-1, width), out=self.dU)  # Σₜ hₜ₋₁ᵀ ∂L/∂cₜ
        rows.sum(axis=0, out=self.db)
        return da


def blocks(a: Array, count: int) -> list[Array]:
    """View the gates' parts of a (…, count · units): as many arrays (…, units)."""
    return np.split(a, count, axis=-1)


@dataclass(eq=False)
class RNN(Recurrent):
    """The new state is a squashed sum of the input and the old state:  hₜ = tanh(xₜ W + hₜ₋₁ U + b).

    Elman (1990), Finding structure in time.
    """

    gates: ClassVar[tuple[str, ...]] = ("state",)

    def forward(self, x: Array, training: bool = False) -> Array:
        a = self.begin(x)
        h = self.h
        for t in range(len(a)):
            np.tanh(a[t] + h[t] @ self.U, out=h[t + 1])
        return self.output()

    def through_time(self, dy: Array) -> Array:
        self.begin_backward(dy)
        h, da = self.h, np.empty_like(self.dh)
        for t in reversed(range(len(da))):
            da[t] = self.dh[t] * (1 - h[t + 1] * h[t + 1])
            self.carry(t, da[t] @ self.U.T)
        return self.finish(da, da)


@dataclass(eq=False)
class LSTM(Recurrent):
    """A cell c beside the state, which gates write to, keep and read: its gradient need not shrink from step to step.

    iₜ, fₜ, oₜ = σ(xₜ W + hₜ₋₁ U + b)     gₜ = tanh(xₜ W + hₜ₋₁ U + b)      (each with its own block of W, U and b: i f g o)
    cₜ = fₜ cₜ₋₁ + iₜ gₜ                 hₜ = oₜ tanh cₜ
    Hochreiter & Schmidhuber (1997), Long short-term memory; the forget gate f from Gers, Schmidhuber & Cummins (2000); its
    bias starts at forget_bias, so that a new cell remembers (Jozefowicz, Zaremba & Sutskever 2015).  PyTorch has a second,
    redundant b.
    """

    gates: ClassVar[tuple[str, ...]] = ("input", "forget", "cell", "output")

    forget_bias: float = choice("first bias of the forget gate", default=1.0, minimum=-10, maximum=10)

    def initial(self, name: str, shape: Shape, rng: np.random.Generator) -> Array:
        value = super().initial(name, shape, rng)
        if name == "b":
            _, forget, _, _ = blocks(value, 4)
            forget[:] = self.forget_bias
        return value

    def forward(self, x: Array, training: bool = False) -> Array:
        self.gate: Array = self.begin(x)
        a, (i, f, g, o) = self.gate, blocks(self.gate, 4)  # a (T, N, 4 · units); i, f, g, o (T, N, units) are its parts
        i_f, _ = blocks(a, 2)  # i and f at once
        h, c, tanh_c = self.h, np.zeros_like(self.h), np.empty_like(self.h)
        for t in range(len(a)):
            a[t] += h[t] @ self.U
            i_f[t], g[t], o[t] = sigmoid(i_f[t]), np.tanh(g[t]), sigmoid(o[t])
            c[t + 1] = f[t] * c[t] + i[t] * g[t]
            np.tanh(c[t + 1], out=tanh_c[t + 1])
            np.multiply(o[t], tanh_c[t + 1], out=h[t + 1])
        self.c: Array = c
        self.tanh_c: Array = tanh_c
        return self.output()

    def through_time(self, dy: Array) -> Array:
        self.begin_backward(dy)
        da, dc = np.empty_like(self.gate), np.zeros_like(self.dh[0])
        i, f, g, o = blocks(self.gate, 4)
        di, df, dg, do = blocks(da, 4)
        for t in reversed(range(len(da))):
            dh, tanh_c = self.dh[t], self.tanh_c[t + 1]
            dc += dh * o[t] * (1 - tanh_c * tanh_c)  # ∂L/∂cₜ
            di[t] = dc * g[t] * i[t] * (1 - i[t])
            df[t] = dc * self.c[t] * f[t] * (1 - f[t])
            dg[t] = dc * i[t] * (1 - g[t] * g[t])
            do[t] = dh * tanh_c * o[t] * (1 - o[t])
            dc *= f[t]  # ∂L/∂cₜ₋₁
            self.carry(t, da[t] @ self.U.T)
        return self.finish(da, da)


@dataclass(eq=False)
class GRU(Recurrent):
    """Two gates and no cell: r says how much of the old state the proposal n sees, z how much of it stays.

    rₜ, zₜ = σ(xₜ W + b + hₜ₋₁ U + d)     nₜ = tanh(xₜ W + b + rₜ (hₜ₋₁ U + d))     (each with its own block: r z n)
    hₜ = (1 − zₜ) nₜ + zₜ hₜ₋₁
    Cho et al. (2014), Learning phrase representations using RNN encoder-decoder; r acts after the product with U, as in
    cuDNN and PyTorch, so that one product serves all three; in the paper it acts before.
    """

    biases: ClassVar[tuple[str, ...]] = ("b", "d")
    gates: ClassVar[tuple[str, ...]] = ("reset", "update", "proposal")

    def parameter_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        return {**super().parameter_shapes(input_shape), "d": (3 * self.units,)}

    def gates_and_proposal(self, a: Array) -> list[Array]:
        """View the parts r z, side by side, and n."""
        return np.split(a, [2 * self.units], axis=-1)

    def forward(self, x: Array, training: bool = False) -> Array:
        self.gate: Array = self.begin(x)
        self.c: Array = np.empty_like(self.gate)  # hₜ₋₁ U + d
        h, c = self.h, self.c
        (rz, n), (c_rz, c_n) = self.gates_and_proposal(self.gate), self.gates_and_proposal(c)
        r, z = blocks(rz, 2)  # each (T, N, units); rz are both at once
        for t in range(len(c)):
            np.add(h[t] @ self.U, self.d, out=c[t])
            rz[t] = sigmoid(rz[t] + c_rz[t])
            n_t = n[t] = np.tanh(n[t] + r[t] * c_n[t])
            h[t + 1] = n_t + z[t] * (h[t] - n_t)
        return self.output()

    def through_time(self, dy: Array) -> Array:
        self.begin_backward(dy)
        h, da, dc = self.h, np.empty_like(self.gate), np.empty_like(self.gate)
        r, z, n = blocks(self.gate, 3)
        dr, dz, dn = blocks(da, 3)
        (_, c_n), (_, dc_n) = self.gates_and_proposal(self.c), self.gates_and_proposal(dc)
        for t in reversed(range(len(da))):
            dh = self.dh[t]
            dn_t = dn[t] = dh * (1 - z[t]) * (1 - n[t] * n[t])
            dz[t] = dh * (h[t] - n[t]) * z[t] * (1 - z[t])
            dr[t] = dn_t * c_n[t] * r[t] * (1 - r[t])
            dc[t], dc_n[t] = da[t], dn_t * r[t]  # n sees c times r
            self.carry(t, dh * z[t] + dc[t] @ self.U.T)
        dc.sum(axis=(0, 1), out=self.dd)
        return self.finish(da, dc)
