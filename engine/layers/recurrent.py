"""Recurrent layers: they read a sequence step by step, and what they have read so far is their hidden state h.

x (N, T, inputs) → y (N, units), the last state, or with return_sequences (N, T, units), all of them.  h₀ = 0 where not given.
The gates' weights lie side by side: W (inputs, gates · units), U (units, gates · units), b (gates · units,).
Back-propagation through time (Werbos 1990): backward walks from the last step to the first, and carries ∂L/∂h along.
Inside, time comes first, and the batch last, so that each gate lies together in memory: a gate is (T, units, N).
hx (T + 1, units + 1 + inputs, N) holds, one below the other, hₜ₋₁, a one and xₜ, so that one product with V, which holds U, b
and W, gives  xₜ W + hₜ₋₁ U + b.  For those who look, h (T + 1, N, units) is a view; h[t + 1] is the state after step t.
σ(a) = 1 / (1 + e⁻ᵃ): the columns of V that belong to such gates are negated, so that the product is −a already.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from engine.arrays import Array, Shape, in_words
from engine.expression import ALL, Expression, Formulas, Quantities, dot, each_row, expression, function, total
from engine.hyperparameter import choice
from engine.initializers import INITIALIZERS
from engine.layers.layer import Layer, Weighted, padding_of
from engine.layers.windows import pieces

State = tuple[Array, ...]
"""What a recurrent layer carries from step to step: (h,), or of an LSTM (h, c), each (N, units); () stands for zeros."""


@dataclass(eq=False)
class Recurrent(Weighted):
    """What RNN, LSTM and GRU share: shapes, first weights (gate by gate), and the sums over all steps."""

    weights: ClassVar[tuple[str, ...]] = ("W", "U")
    seen: ClassVar[tuple[str, ...]] = ("dh",)
    gates: ClassVar[tuple[str, ...]]
    """The names of the blocks of W, in their order."""
    carried: ClassVar[tuple[str, ...]] = ("h",)
    """The names of what is carried from step to step."""

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

    def forward(self, x: Array, training: bool = False, initial_state: State = ()) -> Array:
        """Compute y, reading on from the initial_state: what was carried after the steps before."""
        raise NotImplementedError

    def begin(self, x: Array, initial_state: State) -> Array:
        """Lay out hx with the steps' x, and h₀."""
        x = self.numbers(x)
        if self.padded_by is not None:
            x = in_order(x, self.padded_by.order)
        n, steps, inputs = x.shape
        self.check_state(initial_state, (n, self.units))
        self.hx: Array = self.room("hx", (steps + 1, self.units + 1 + inputs, n), x.dtype)
        self.h: Array = self.hx[:, : self.units].swapaxes(1, 2)
        self.h[0] = initial_state[0] if initial_state else 0
        self.hx[:, self.units] = 1
        self.hx[:-1, self.units + 1 :] = x.transpose(1, 2, 0)
        return self.hx

    def check_state(self, initial_state: State, shape: Shape) -> None:
        """Raise a ValueError where a given state is not this layer's."""
        got = [np.shape(one) for one in initial_state]
        if got and got != [shape] * len(self.carried):
            wanted = " and ".join(f"{name}₀ of shape {in_words(shape)}" for name in self.carried)
            raise ValueError(f"{type(self).__name__} wants as initial_state {wanted}, got {', '.join(map(in_words, got))}")

    def stack(self) -> Array:
        """Give V (units + 1 + inputs, gates · units): U, b and W below each other."""
        return np.concatenate([self.U, self.b[None], self.W])

    def output(self) -> Array:
        """Give y, a copy of the states; no step sees a later one, so what follows a row's real steps only stays out of y."""
        if self.padded_by is None:
            return self.h[1:].transpose(1, 0, 2).copy("C") if self.return_sequences else self.h[-1].copy("K")
        lengths: Array = self.padded_by.lengths
        if not self.return_sequences:
            return self.last(self.h)
        y = self.h[1:].transpose(1, 0, 2).copy("C")
        y[padding_of(lengths, y.shape[1])] = 0
        return in_order(y, self.places())

    def last(self, states: Array) -> Array:
        """Take of states (T + 1, N, units) those after the last step, which is each row's own; the first where it has none."""
        return states[-1] if self.padded_by is None else states[self.padded_by.lengths, np.arange(states.shape[1])]

    @property
    def final_state(self) -> State:
        """Copy what is carried after the last step: the initial_state with which a forward of the steps that follow goes on."""
        return tuple(self.last(getattr(self, name)).copy("K") for name in self.carried)

    def begin_backward(self, dy: Array) -> Array:
        """Start dh (T, units, N), which becomes ∂L/∂h of every step, with what comes from above."""
        steps, n = len(self.hx) - 1, len(dy)
        dh = self.room("dh", (steps, self.units, n), self.hx.dtype)
        dh[...] = 0
        self.dh: Array = dh.swapaxes(1, 2)  # (T, N, units), for those who look
        if self.return_sequences:
            if self.padded_by is not None:
                dy = in_order(dy, self.padded_by.order)
            self.dh[...] = dy.transpose(1, 0, 2)
            if self.padded_by is not None:
                self.dh[padding_of(self.padded_by.lengths, len(self.dh)).T] = 0
        elif self.padded_by is None:
            self.dh[-1] = dy
        else:
            lengths = self.padded_by.lengths
            rows = np.flatnonzero(lengths)
            self.dh[lengths[rows] - 1, rows] = dy[rows]
        return dh

    def like(self, name: str, array: Array) -> Array:
        """Give an array to write into of this array's shape."""
        return self.room(name, array.shape, array.dtype)

    def places(self) -> Array:
        """Say where in its row each place (N, T) finds what was read there, when all rows' real steps were read first."""
        assert self.padded_by is not None
        return np.argsort(self.padded_by.order, axis=1)

    def backward(self, dy: Array) -> Array:
        dx = (self.W @ self.back(dy)).transpose(2, 0, 1)  # ∂L/∂xₜ = ∂L/∂aₜ Wᵀ
        return dx if self.padded_by is None else in_order(dx, self.places())

    def backward_parameters(self, dy: Array) -> None:
        self.back(dy)

    def back(self, dy: Array) -> Array:
        """Go back through time, and let those who look find dh where the steps stand in their rows."""
        da = self.through_time(dy)
        if self.padded_by is not None:
            self.dh = in_order(self.dh.swapaxes(0, 1), self.places()).swapaxes(0, 1)
        return da

    def through_time(self, dy: Array) -> Array:
        """Walk back from the last step to the first, write the gradients, and return  da = ∂L/∂(x W + b)  (T, …, N)."""
        raise NotImplementedError

    def finish(self, da: Array) -> Array:
        """Sum the gradients over all steps, and return da."""
        dV = self.summed(self.hx, da)
        self.dU[...], self.db[...], self.dW[...] = dV[: self.units], dV[self.units], dV[self.units + 1 :]
        return da

    def summed(self, hx: Array, da: Array) -> Array:
        """Compute  Σₜ hxₜ ∂L/∂aₜᵀ,  turned round, since OpenBLAS is faster where the larger side of a product comes first."""
        total: Array = da[0] @ hx[0].T
        one = np.empty_like(total)
        for t in range(1, len(da)):
            total += np.matmul(da[t], hx[t].T, out=one)
        return total.T

    def by_example(self, array: Array) -> Array:
        """See (T, …, N), which lies with the batch last, as (N, T, …), in the order of reading."""
        return array.transpose(2, 0, 1)

    def on_the_way(self, q: Quantities) -> dict[str, Array]:
        h, (n, T, _) = self.h.swapaxes(0, 1), q["x"].shape
        lengths, order = np.full(n, T), np.broadcast_to(np.arange(T), (n, T))
        if self.padded_by is not None:
            lengths, order = self.padded_by.lengths, self.padded_by.order
        between = {"lengths": lengths, "order": order, "h": h}
        return {**between, "a": in_order(q["x"], order) @ self.W + h[:, :-1] @ self.U + self.b}

    def on_the_way_back(self, q: Quantities) -> dict[str, Array]:
        return {"dh": in_order(self.dh.swapaxes(0, 1), q["order"]), "da": self.by_example(self.rooms["da"])}

    def formulas(self, q: Quantities) -> Formulas:
        """Say what all of them share: y and ∂L/∂h, a = xₜ W + hₜ₋₁ U + b, and what comes back through it."""
        return {
            **self.handed_on(q, "da"),
            **weights(q, "da"),
            "dU": lambda j, k: dot(q, ("h", [ALL, range(q["x"].shape[1]), j]), ("da", [ALL, ALL, k])),
            "a": lambda n, t, k: (
                total(q("x", n, int(q["order"][n, t]), i) * q("W", i, k) for i in range(len(self.W)))
                + total(q("h", n, t, j) * q("U", j, k) for j in range(self.units))
                + q("b", k)
            ),
        }

    def handed_on(self, q: Quantities, back: str) -> Formulas:
        """Say how y is taken from the states, and how ∂L/∂h comes from above and from the next step."""
        T, lengths, order = q["x"].shape[1], q["lengths"], q["order"]
        read = np.argsort(order, axis=1)

        def y(n: int, *at: int) -> Expression:
            if not self.return_sequences:
                return q("h", n, int(lengths[n]), *at)
            t, k = int(read[n, at[0]]), at[1]
            return q("h", n, t + 1, k) if t < lengths[n] else expression(0)

        def dh(n: int, t: int, j: int) -> Expression:
            terms = [self.from_next(q, n, t, j, back)] if t + 1 < T else []
            if self.return_sequences and t < lengths[n]:
                terms = [q("dy", n, int(order[n, t]), j), *terms]
            elif not self.return_sequences and t + 1 == lengths[n]:
                terms = [q("dy", n, j), *terms]
            return sum(terms, expression(0)) if len(terms) != 1 else terms[0]

        return {"y": y, "dh": dh}

    def from_next(self, q: Quantities, n: int, t: int, j: int, back: str) -> Expression:
        """Say what ∂L/∂h of a step gets through U from the step after it."""
        return total(q(back, n, t + 1, k) * q("U", j, k) for k in range(self.U.shape[1]))


def in_order(x: Array, order: Array) -> Array:
    """Take the steps of each row of x (N, T, features) in its own order (N, T)."""
    return np.take_along_axis(x, order[..., None], axis=1)


def blocks(a: Array, count: int) -> list[Array]:
    """View the gates' parts of a (…, count · units): as many arrays (…, units)."""
    return np.split(a, count, axis=-1)


def gates(a: Array, count: int) -> Array:
    """View the gates' parts of a (T, count · units, N), one after the other: (count, T, units, N)."""
    return a.reshape(len(a), count, -1, a.shape[2]).swapaxes(0, 1)


def sigmoid_of_negated(a: Array, one: Array) -> None:
    """Make  σ(a) = 1 / (1 + e⁻ᵃ)  out of −a, in place; one is 1 as an array (), made once for all steps.

    An exponential takes half as long as a tanh. Where it overflows, σ is 0, as it should be: callers let it.
    """
    np.exp(a, out=a)
    a += one
    np.divide(one, a, out=a)


def weights(q: Quantities, back: str) -> Formulas:
    """Say what comes back to the W, the b and the x of  x W + b,  from all steps; q["order"] says which step was read when."""
    steps, order, read = list(each_row(q["x"])), q["order"], np.argsort(q["order"], axis=1)
    in_turn = bool((order == read).all() and (np.diff(order, axis=1) == 1).all())

    def dW(i: int, k: int) -> Expression:
        if in_turn:
            return dot(q, ("x", [ALL, ALL, i]), (back, [ALL, ALL, k]))
        return total(q("x", n, int(order[n, t]), i) * q(back, n, t, k) for n, t in steps)

    return {
        "dW": dW,
        "db": lambda k: dot(q, (back, [ALL, ALL, k])),
        "dx": lambda n, s, i: total(q(back, n, int(read[n, s]), k) * q("W", i, k) for k in range(q["W"].shape[1])),
    }


def squashed(q: Quantities, start: int, name: str) -> Callable[..., Expression]:
    """Say that a gate is a function of its block of a, which begins there."""
    return lambda n, t, j: function(name, q("a", n, t, start + j))


@dataclass(eq=False)
class RNN(Recurrent):
    """The new state is a squashed sum of the input and the old state:  hₜ = tanh(xₜ W + hₜ₋₁ U + b).

    Elman (1990), Finding structure in time.
    """

    gates: ClassVar[tuple[str, ...]] = ("state",)

    def forward(self, x: Array, training: bool = False, initial_state: State = ()) -> Array:
        hx, Vt = self.begin(x, initial_state), self.stack().T
        h = hx[:, : self.units]
        for t in range(len(hx) - 1):
            np.tanh(Vt @ hx[t], out=h[t + 1])
        return self.output()

    def through_time(self, dy: Array) -> Array:
        dh, h = self.begin_backward(dy), self.hx[1:, : self.units]
        da = self.like("da", dh)
        np.multiply(h, h, out=da)
        np.subtract(1, da, out=da)  # 1 − h², of all steps at once
        for t in reversed(range(len(da))):
            da_t = np.multiply(da[t], dh[t], out=da[t])
            if t > 0:
                np.add(dh[t - 1], self.U @ da_t, out=dh[t - 1])
        return self.finish(da)

    def formulas(self, q: Quantities) -> Formulas:
        return {
            **super().formulas(q),
            "h": lambda n, t, j: function("tanh", q("a", n, t - 1, j)) if t else expression(q["h"][n, 0, j]),
            "da": lambda n, t, j: q("dh", n, t, j) * (1 - q("h", n, t + 1, j) ** 2),
        }


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
    carried: ClassVar[tuple[str, ...]] = ("h", "c")

    forget_bias: float = choice("first bias of the forget gate", default=1.0, minimum=-10, maximum=10)

    def initial(self, name: str, shape: Shape, rng: np.random.Generator) -> Array:
        value = super().initial(name, shape, rng)
        if name == "b":
            _, forget, _, _ = blocks(value, 4)
            forget[:] = self.forget_bias
        return value

    @np.errstate(over="ignore")
    def forward(self, x: Array, training: bool = False, initial_state: State = ()) -> Array:
        hx, V = self.begin(x, initial_state), self.stack()
        h, steps, n = hx[:, : self.units], len(hx) - 1, hx.shape[2]
        a = self.room("a", (steps, 4 * self.units, n), hx.dtype)
        c = self.room("c", (steps + 1, self.units, n), hx.dtype)
        i, f, g, o = gates(a, 4)
        tanh_c, written = self.like("tanh_c", c[1:]), np.empty_like(c[0])
        V *= -1  # i, f and o are sigmoids,
        V[:, 2 * self.units : 3 * self.units] *= 2  # and  g = tanh a = 2 σ(2a) − 1,  so that one exponential serves all four
        Vt, one = V.T, np.array(1, a.dtype)
        c[0] = initial_state[1].T if initial_state else 0
        every_step = zip(hx[:-1], a, i, f, g, o, c[:-1], c[1:], tanh_c, h[1:], strict=True)
        for hx_t, a_t, i_t, f_t, g_t, o_t, c_before, c_t, tanh_c_t, h_t in every_step:
            sigmoid_of_negated(np.matmul(Vt, hx_t, out=a_t), one)
            g_t += g_t
            g_t -= one
            np.multiply(f_t, c_before, out=c_t)
            c_t += np.multiply(i_t, g_t, out=written)  # cₜ = fₜ cₜ₋₁ + iₜ gₜ
            np.multiply(o_t, np.tanh(c_t, out=tanh_c_t), out=h_t)  # hₜ = oₜ tanh cₜ
        self.a, self.tanh_c = a, tanh_c
        self.gate: Array = a.swapaxes(1, 2)  # (T, N, 4 · units) and (T + 1, N, units), for those who look
        self.c: Array = c.swapaxes(1, 2)
        return self.output()

    def through_time(self, dy: Array) -> Array:
        a, c, tanh_c = self.a, self.c.swapaxes(1, 2), self.tanh_c
        dh, da, dh_dc = self.begin_backward(dy), self.like("da", a), self.like("dh_dc", tanh_c)
        (i, f, g, o), (di, df, dg, do) = gates(a, 4), gates(da, 4)
        dc, back = np.zeros_like(dh[0]), np.empty_like(dh[0])
        d_ifg = da.reshape(len(da), 4, *dc.shape)[:, :3]
        for few in reversed(list(pieces(len(da), 8 * dc.size))):
            # first, what needs no ∂L/∂h, of a few steps at once, which then lie in the cache:
            for gate, other, d in ((i, g, di), (f, c[:-1], df), (o, tanh_c, do)):
                np.subtract(1, gate[few], out=d[few])
                d[few] *= gate[few]
                d[few] *= other[few]  # di = g i (1 − i),  df = cₜ₋₁ f (1 − f),  do = tanh c o (1 − o)
            for factor, y, d in ((i, g, dg), (o, tanh_c, dh_dc)):
                np.multiply(y[few], y[few], out=d[few])
                np.subtract(1, d[few], out=d[few])
                d[few] *= factor[few]  # dg = i (1 − g²),  ∂hₜ/∂cₜ = o (1 − tanh² c)
            for t in reversed(range(few.start, few.stop)):
                dc += np.multiply(dh_dc[t], dh[t], out=back)  # ∂L/∂cₜ
                np.multiply(do[t], dh[t], out=do[t])
                np.multiply(d_ifg[t], dc, out=d_ifg[t])
                dc *= f[t]  # ∂L/∂cₜ₋₁
                if t > 0:
                    dh[t - 1] += np.matmul(self.U, da[t], out=back)
        return self.finish(da)

    def on_the_way(self, q: Quantities) -> dict[str, Array]:
        named = zip("ifgo", gates(self.a, 4), strict=True)
        each = {name: self.by_example(gate) for name, gate in named}
        return {**super().on_the_way(q), **each, "c": self.c.swapaxes(0, 1), "tanh_c": self.by_example(self.tanh_c)}

    def on_the_way_back(self, q: Quantities) -> dict[str, Array]:
        back = super().on_the_way_back(q)
        dc = back["dh"] * q["o"] * (1 - q["tanh_c"] ** 2)
        for t in reversed(range(dc.shape[1] - 1)):
            dc[:, t] += dc[:, t + 1] * q["f"][:, t + 1]
        return {**back, "dc": dc}

    def formulas(self, q: Quantities) -> Formulas:
        units, T = self.units, q["x"].shape[1]

        def da(n: int, t: int, k: int) -> Expression:
            gate, j = divmod(k, units)
            i, f, g, o, dc = (q(name, n, t, j) for name in ("i", "f", "g", "o", "dc"))
            return (
                dc * g * i * (1 - i),
                dc * q("c", n, t, j) * f * (1 - f),
                dc * i * (1 - g**2),
                q("dh", n, t, j) * q("tanh_c", n, t, j) * o * (1 - o),
            )[gate]

        def dc(n: int, t: int, j: int) -> Expression:
            here = q("dh", n, t, j) * q("o", n, t, j) * (1 - q("tanh_c", n, t, j) ** 2)
            return here + q("dc", n, t + 1, j) * q("f", n, t + 1, j) if t + 1 < T else here

        return {
            **super().formulas(q),
            **{name: squashed(q, k * units, "tanh" if name == "g" else "sigmoid") for k, name in enumerate("ifgo")},
            "c": lambda n, t, j: (
                q("f", n, t - 1, j) * q("c", n, t - 1, j) + q("i", n, t - 1, j) * q("g", n, t - 1, j)
                if t
                else expression(q["c"][n, 0, j])
            ),
            "tanh_c": lambda n, t, j: function("tanh", q("c", n, t + 1, j)),
            "h": lambda n, t, j: q("o", n, t - 1, j) * q("tanh_c", n, t - 1, j) if t else expression(q["h"][n, 0, j]),
            "da": da,
            "dc": dc,
        }


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

    @np.errstate(over="ignore")
    def forward(self, x: Array, training: bool = False, initial_state: State = ()) -> Array:
        hx, V, units = self.begin(x, initial_state), self.stack(), self.units
        h, steps, examples = hx[:, :units], len(hx) - 1, hx.shape[2]
        a = self.room("a", (steps, 3 * units, examples), hx.dtype)
        rz, (r, z, n) = a[:, : 2 * units], gates(a, 3)  # rz are both at once
        c = self.like("c", n)  # hₜ₋₁ U + d, as n sees it
        V_rz, V_n, U_n = V[:, : 2 * units], V[units:, 2 * units :], V[: units + 1, 2 * units :].copy()
        V_rz[units] += self.d[: 2 * units]
        V_rz *= -1  # r and z are sigmoids
        U_n[units] = self.d[2 * units :]
        np.matmul(V_n.T, hx[:-1, units:], out=n)  # xₜ W + b, of all steps at once
        one = np.array(1, a.dtype)
        every_step = zip(hx[:-1], hx[:-1, : units + 1], rz, r, z, n, c, h[:-1], h[1:], strict=True)
        for hx_t, h_and_one, rz_t, r_t, z_t, n_t, c_t, h_before, h_t in every_step:
            sigmoid_of_negated(np.matmul(V_rz.T, hx_t, out=rz_t), one)
            np.matmul(U_n.T, h_and_one, out=c_t)
            n_t += r_t * c_t
            np.tanh(n_t, out=n_t)
            np.subtract(h_before, n_t, out=h_t)
            h_t *= z_t
            h_t += n_t  # hₜ = nₜ + zₜ (hₜ₋₁ − nₜ)
        self.a, self.c = a, c
        self.gate: Array = a.swapaxes(1, 2)  # (T, N, 3 · units), for those who look
        return self.output()

    def through_time(self, dy: Array) -> Array:
        units, dh = self.units, self.begin_backward(dy)
        da, dc = self.like("da", self.a), self.like("dc", self.a)
        (r, z, n), (dr, dz, dn), (_, _, dc_n) = gates(self.a, 3), gates(da, 3), gates(dc, 3)
        np.subtract(1, z, out=dc_n)
        np.multiply(n, n, out=dn)  # first, of all steps at once, what ∂L/∂h comes to in the loop:
        np.subtract(1, dn, out=dn)
        dn *= dc_n  # dn = (1 − z) (1 − n²)
        np.subtract(self.hx[:-1, :units], n, out=dz)
        dz *= z
        dz *= dc_n  # dz = (hₜ₋₁ − n) z (1 − z)
        np.subtract(1, r, out=dr)
        dr *= r
        dr *= self.c  # dr = ∂L/∂n c r (1 − r)
        dz_dn, before = da.reshape(len(da), 3, units, -1)[:, 1:], np.empty_like(dh[0])
        for t in reversed(range(len(da))):
            np.multiply(dz_dn[t], dh[t], out=dz_dn[t])
            np.multiply(dr[t], dn[t], out=dr[t])
            dc[t] = da[t]
            np.multiply(dn[t], r[t], out=dc_n[t])  # n sees c times r
            if t > 0:
                np.multiply(dh[t], z[t], out=before)
                before += self.U @ dc[t]
                np.add(dh[t - 1], before, out=dh[t - 1])
        dUd, dbW = self.summed(self.hx[:, : units + 1], dc), self.summed(self.hx[:, units:], da)
        self.dU[...], self.dd[...], self.db[...], self.dW[...] = dUd[:-1], dUd[-1], dbW[0], dbW[1:]
        return da

    def on_the_way(self, q: Quantities) -> dict[str, Array]:
        between = super().on_the_way(q)
        del between["a"]  # here the two halves of it do not just add up
        named = zip("rzn", gates(self.a, 3), strict=True)
        between |= {name: self.by_example(gate) for name, gate in named}
        return {
            **between,
            "xW": in_order(q["x"], between["order"]) @ self.W + self.b,
            "hU": between["h"][:, :-1] @ self.U + self.d,
        }

    def on_the_way_back(self, q: Quantities) -> dict[str, Array]:
        back = super().on_the_way_back(q)
        return {"dh": back["dh"], "dxW": back["da"], "dhU": self.by_example(self.rooms["dc"])}

    def formulas(self, q: Quantities) -> Formulas:
        units = self.units

        def into(n: int, t: int, k: int) -> Expression:
            gate, j = divmod(k, units)
            r, z, n_, h, dh = q("r", n, t, j), q("z", n, t, j), q("n", n, t, j), q("h", n, t, j), q("dh", n, t, j)
            if gate == 2:
                return dh * (1 - z) * (1 - n_**2)
            if gate == 1:
                return dh * (h - n_) * z * (1 - z)
            return q("dxW", n, t, 2 * units + j) * q("hU", n, t, 2 * units + j) * r * (1 - r)

        return {
            **self.handed_on(q, "dhU"),
            **weights(q, "dxW"),
            "dU": lambda j, k: dot(q, ("h", [ALL, range(q["x"].shape[1]), j]), ("dhU", [ALL, ALL, k])),
            "dd": lambda k: dot(q, ("dhU", [ALL, ALL, k])),
            "xW": lambda n, t, k: (
                total(q("x", n, int(q["order"][n, t]), i) * q("W", i, k) for i in range(len(self.W))) + q("b", k)
            ),
            "hU": lambda n, t, k: total(q("h", n, t, j) * q("U", j, k) for j in range(units)) + q("d", k),
            "r": lambda n, t, j: function("sigmoid", q("xW", n, t, j) + q("hU", n, t, j)),
            "z": lambda n, t, j: function("sigmoid", q("xW", n, t, units + j) + q("hU", n, t, units + j)),
            "n": lambda n, t, j: function(
                "tanh", q("xW", n, t, 2 * units + j) + q("r", n, t, j) * q("hU", n, t, 2 * units + j)
            ),
            "h": lambda n, t, j: (
                (1 - q("z", n, t - 1, j)) * q("n", n, t - 1, j) + q("z", n, t - 1, j) * q("h", n, t - 1, j)
                if t
                else expression(q["h"][n, 0, j])
            ),
            "dxW": into,
            "dhU": lambda n, t, k: q("dxW", n, t, k) if k < 2 * units else q("dxW", n, t, k) * q("r", n, t, k - 2 * units),
        }

    def from_next(self, q: Quantities, n: int, t: int, j: int, back: str) -> Expression:
        return q("dh", n, t + 1, j) * q("z", n, t + 1, j) + super().from_next(q, n, t, j, back)
