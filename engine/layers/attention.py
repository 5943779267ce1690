"""Attention: every place of a sequence asks all the others, and takes most from those whose key fits its question."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from engine.arrays import Array, Shape
from engine.expression import ALL, Expression, Formulas, Quantities, dot, expression, function, maximum, root, total
from engine.functions import softmax, softmax_backward
from engine.hyperparameter import choice
from engine.initializers import INITIALIZERS
from engine.layers.dense import rows
from engine.layers.layer import Layer, Weighted


@dataclass(eq=False)
class MultiHeadAttention(Weighted):
    """Self-attention with several heads, each with questions Q, keys K and values V of its own:

    A = softmax(Q Kᵀ / √d)   head = A V   y = [head₁ … head_h] Wo + bo,   Q = x Wq + bq,  K, V alike,  d = width / heads
    x, y (N, T, width)   Wq, Wk, Wv, Wo (width, width)   bq, bk, bv, bo (width,)   Q, K, V, head (N, heads, T, d)
    A (N, heads, T, T): row = who asks, column = who is asked
    causal: A is 0 for places that come later, so that a place cannot read its own future. So it is for padding (see Masking).
    Vaswani et al. (2017), Attention is all you need, section 3.2.
    """

    weights: ClassVar[tuple[str, ...]] = ("Wq", "Wk", "Wv", "Wo")
    biases: ClassVar[tuple[str, ...]] = ("bq", "bk", "bv", "bo")

    heads: int = choice("how many heads; they share the width evenly", minimum=1, maximum=16, suggestion=2)
    causal: bool = choice("a place may not see the ones after it", default=False)
    initializer: str = choice("how the weights start", default="xavier", among=INITIALIZERS)

    def output_shape(self, input_shape: Shape) -> Shape:
        if len(input_shape) != 2:
            raise self.refuse("a sequence of steps × width (a Reshape, or an Embedding, makes one)", input_shape)
        if input_shape[1] % self.heads:
            raise self.refuse(f"a width that {self.heads} heads can share evenly", input_shape)
        return input_shape

    def follow_padding(self, source: Layer | None, input_shape: Shape) -> Layer | None:
        self.padded_by = source
        return source

    def parameter_shapes(self, input_shape: Shape) -> dict[str, Shape]:
        width = input_shape[1]
        return {f"{kind}{name}": (width, width) if kind == "W" else (width,) for name in "qkvo" for kind in "Wb"}

    def memory(self, input_shape: Shape) -> int:
        return input_shape[0] * (8 * input_shape[1] + 3 * self.heads * input_shape[0])

    def stack(self, kind: str) -> Array:
        """Give Wq, Wk and Wv (width, 3 · width), or bq, bk and bv, side by side, so that one product serves all three."""
        return np.concatenate([getattr(self, f"{kind}{name}") for name in "qkv"], axis=-1)

    def split(self, x: Array) -> Array:
        """(N · T, k · width) → (k, N, heads, T, d)."""
        n, steps, width = self.x.shape
        return x.reshape(n, steps, -1, self.heads, width // self.heads).transpose(2, 0, 3, 1, 4)

    def forward(self, x: Array, training: bool = False) -> Array:
        self.x = x = self.numbers(x)  # (N, T, width)
        self.Wqkv: Array = self.stack("W")  # (width, 3 · width)
        self.Q, self.K, self.V = self.split(rows(x) @ self.Wqkv + self.stack("b"))  # each (N, heads, T, d)
        scores = self.Q @ self.K.swapaxes(2, 3)  # (N, heads, T, T)
        scores /= math.sqrt(self.Q.shape[3])
        if self.causal:
            later = np.triu(np.ones(scores.shape[2:], bool), k=1)  # (T, T): above the diagonal
            scores[..., later] = -np.inf
        if self.padded_by is not None:  # no padding is asked; a place that could ask nobody asks itself
            scores = np.where(self.padded_by.real[:, None, None, :], scores, -np.inf)
            n, head, place = np.nonzero(scores.max(axis=3) == -np.inf)
            scores[n, head, place, place] = 0
        self.attention: Array = softmax(scores)  # (N, heads, T, T): every row sums to 1
        heads = np.empty((*x.shape[:2], self.heads, self.Q.shape[3]), x.dtype)  # (N, T, heads, d): the heads side by side
        np.matmul(self.attention, self.V, out=heads.swapaxes(1, 2))
        self.heads_y: Array = heads.reshape(-1, x.shape[2])  # (N · T, width)
        y = self.heads_y @ self.Wo
        y += self.bo
        return y.reshape(x.shape)  # (N, T, width)

    def backward(self, dy: Array) -> Array:
        return (self.into_projections(dy) @ self.Wqkv.T).reshape(dy.shape)  # (N, T, width)

    def backward_parameters(self, dy: Array) -> None:
        self.into_projections(dy)

    def into_projections(self, dy: Array) -> Array:
        """Write the gradients, and return ∂L/∂Q, ∂L/∂K and ∂L/∂V side by side:  (N · T, 3 · width)."""
        A, ones = self.attention, self.ones(len(self.heads_y))  # (N, heads, T, T), (N · T,)
        dy = rows(dy)
        np.matmul(self.heads_y.T, dy, out=self.dWo)
        np.matmul(ones, dy, out=self.dbo)
        (dhead,) = self.split(dy @ self.Wo.T)  # (N, heads, T, d)
        dscores = softmax_backward(dhead @ self.V.swapaxes(2, 3), A)  # (N, heads, T, T):  ∂L/∂A = ∂L/∂head Vᵀ
        dscores /= math.sqrt(self.Q.shape[3])
        d = np.empty((len(dy), 3 * dy.shape[1]), dy.dtype)
        dQ, dK, dV = self.split(d)  # each (N, heads, T, d)
        np.matmul(dscores, self.K, out=dQ)
        np.matmul(dscores.swapaxes(2, 3), self.Q, out=dK)
        np.matmul(A.swapaxes(2, 3), dhead, out=dV)
        dW, db = np.split(rows(self.x).T @ d, 3, axis=1), np.split(ones @ d, 3)
        for k, name in enumerate("qkv"):
            self.gradients[f"W{name}"][...], self.gradients[f"b{name}"][...] = dW[k], db[k]
        return d

    def on_the_way(self, q: Quantities) -> dict[str, Array]:
        n, T, width = q["x"].shape
        d, asked = width // self.heads, np.ones((n, 1, T, T), bool)
        if self.causal:
            asked = asked & np.tri(T, dtype=bool)
        if self.padded_by is not None:
            asked = asked & self.padded_by.real[:, None, None]
        S = np.where(asked, self.Q @ self.K.swapaxes(2, 3) / math.sqrt(d), -np.inf)
        n_, h_, t_ = np.nonzero(S.max(axis=3) == -np.inf)
        S[n_, h_, t_, t_] = 0
        asked = np.broadcast_to(asked, S.shape)
        head = self.heads_y.reshape(n, T, self.heads, d).swapaxes(1, 2)
        between = {"Q": self.Q, "K": self.K, "V": self.V, "S": S, "top": S.max(axis=-1), "A": self.attention, "head": head}
        return between | {"d": np.asarray(d), "asked": asked}

    def on_the_way_back(self, q: Quantities) -> dict[str, Array]:
        (dhead,) = self.split(rows(q["dy"]) @ self.Wo.T)
        dA = dhead @ self.V.swapaxes(2, 3)
        dS = softmax_backward(dA, self.attention) / math.sqrt(q["d"])
        dQ, dK, dV = dS @ self.K, dS.swapaxes(2, 3) @ self.Q, self.attention.swapaxes(2, 3) @ dhead
        return {"dhead": dhead, "dA": dA, "dS": dS, "dQ": dQ, "dK": dK, "dV": dV}

    def formulas(self, q: Quantities) -> Formulas:
        T, d = (range(length) for length in q["Q"].shape[2:])
        width, root_d = range(q["x"].shape[2]), root(q("d"))
        of_head = [(k // len(d), k % len(d)) for k in width]  # the head of each number, and its place in it
        formulas: dict[str, Callable[..., Expression]] = {
            "S": lambda n, h, t, s: (
                total(q("Q", n, h, t, e) * q("K", n, h, s, e) for e in d) / root_d
                if q["asked"][n, h, t, s]
                else expression(float(q["S"][n, h, t, s]))
            ),
            "top": lambda n, h, t: maximum(q("S", n, h, t, s) for s in T),
            "A": lambda n, h, t, s: (
                function("exp", q("S", n, h, t, s) - q("top", n, h, t))
                / total(function("exp", q("S", n, h, t, other) - q("top", n, h, t)) for other in T)
            ),
            "head": lambda n, h, t, e: total(q("A", n, h, t, s) * q("V", n, h, s, e) for s in T),
            "y": lambda n, t, j: dot(q, ("head", [n, ALL, t, ALL]), ("Wo", [ALL, j])) + q("bo", j),
            "dWo": lambda i, j: dot(q, ("head", [ALL, of_head[i][0], ALL, of_head[i][1]]), ("dy", [ALL, ALL, j])),
            "dbo": lambda j: dot(q, ("dy", [ALL, ALL, j])),
            "dhead": lambda n, h, t, e: total(q("dy", n, t, j) * q("Wo", h * len(d) + e, j) for j in width),
            "dA": lambda n, h, t, s: total(q("dhead", n, h, t, e) * q("V", n, h, s, e) for e in d),
            "dS": lambda n, h, t, s: (
                q("A", n, h, t, s)
                * (q("dA", n, h, t, s) - total(q("dA", n, h, t, other) * q("A", n, h, t, other) for other in T))
                / root_d
            ),
            "dQ": lambda n, h, t, e: total(q("dS", n, h, t, s) * q("K", n, h, s, e) for s in T),
            "dK": lambda n, h, s, e: total(q("dS", n, h, t, s) * q("Q", n, h, t, e) for t in T),
            "dV": lambda n, h, s, e: total(q("A", n, h, t, s) * q("dhead", n, h, t, e) for t in T),
            "dx": lambda n, t, i: total(
                dot(q, (f"d{name.upper()}", [n, ALL, t, ALL]), (f"W{name}", [i, ALL])) for name in "qkv"
            ),
        }
        for name in "qkv":
            formulas |= self.projection(q, name, of_head)
        return formulas

    def projection(self, q: Quantities, name: str, of_head: list[tuple[int, int]]) -> Formulas:
        """Say how Q, K or V is made of x, and what comes back to its weights."""
        d, big = int(q["d"]), name.upper()
        return {
            big: lambda n, h, t, e: dot(q, ("x", [n, t, ALL]), (f"W{name}", [ALL, h * d + e])) + q(f"b{name}", h * d + e),
            f"dW{name}": lambda i, j: dot(q, ("x", [ALL, ALL, i]), (f"d{big}", [ALL, of_head[j][0], ALL, of_head[j][1]])),
            f"db{name}": lambda j: dot(q, (f"d{big}", [ALL, of_head[j][0], ALL, of_head[j][1]])),
        }
