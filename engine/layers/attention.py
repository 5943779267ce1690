"""Attention: every place of a sequence asks all the others, and takes most from those whose key fits its question."""

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from engine.arrays import Array, Shape
from engine.functions import softmax
from engine.hyperparameter import choice
from engine.initializers import INITIALIZERS
from engine.layers.layer import Layer, Weighted, padding_of


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

    def split(self, x: Array) -> Array:
        """(N, T, width) → (N, heads, T, d)."""
        n, steps, width = x.shape
        return x.reshape(n, steps, self.heads, width // self.heads).transpose(0, 2, 1, 3)

    def merge(self, heads: Array) -> Array:
        """(N, heads, T, d) → (N, T, width)."""
        n, _, steps, _ = heads.shape
        return heads.transpose(0, 2, 1, 3).reshape(n, steps, -1)

    def forward(self, x: Array, training: bool = False) -> Array:
        self.x = x = self.numbers(x)  # (N, T, width)
        self.Q: Array = self.split(x @ self.Wq + self.bq)  # (N, heads, T, d)
        self.K: Array = self.split(x @ self.Wk + self.bk)  # (N, heads, T, d)
        self.V: Array = self.split(x @ self.Wv + self.bv)  # (N, heads, T, d)
        scores = self.Q @ self.K.swapaxes(2, 3) / math.sqrt(self.Q.shape[3])  # (N, heads, T, T)
        if self.causal:
            later = np.triu(np.ones(scores.shape[2:], bool), k=1)  # (T, T): above the diagonal
            scores[..., later] = -np.inf
        if self.padded_by is not None:  # nobody is asked behind the end of his row; an empty row has its first place
            padding = padding_of(np.maximum(self.padded_by.lengths, 1), x.shape[1])  # (N, T)
            scores = np.where(padding[:, None, None, :], -np.inf, scores)
        self.attention: Array = softmax(scores)  # (N, heads, T, T): every row sums to 1
        self.heads_y: Array = self.merge(self.attention @ self.V)  # (N, T, width): the heads side by side
        return self.heads_y @ self.Wo + self.bo  # (N, T, width)

    def backward(self, dy: Array) -> Array:
        A = self.attention  # (N, heads, T, T)
        dhead = self.split(self.project_backward("o", self.heads_y, dy))  # (N, heads, T, d)
        dA = dhead @ self.V.swapaxes(2, 3)  # (N, heads, T, T):  ∂L/∂A = ∂L/∂head Vᵀ
        dscores = A * (dA - np.sum(dA * A, axis=-1, keepdims=True)) / math.sqrt(self.Q.shape[3])  # (N, heads, T, T)
        dV = A.swapaxes(2, 3) @ dhead  # (N, heads, T, d):  Aᵀ ∂L/∂head
        dQ = dscores @ self.K  # (N, heads, T, d)
        dK = dscores.swapaxes(2, 3) @ self.Q  # (N, heads, T, d)
        dx = self.project_backward("v", self.x, self.merge(dV))  # (N, T, width)
        dx += self.project_backward("q", self.x, self.merge(dQ))
        dx += self.project_backward("k", self.x, self.merge(dK))
        return dx

    def project_backward(self, name: str, x: Array, dy: Array) -> Array:
        """Go back through  y = x W + b  of this name:  x, y (N, T, width)."""
        rows, dy_rows = x.reshape(-1, x.shape[2]), dy.reshape(-1, dy.shape[2])  # (N · T, width)
        np.matmul(rows.T, dy_rows, out=self.gradients[f"W{name}"])  # (width, width)
        dy_rows.sum(axis=0, out=self.gradients[f"b{name}"])  # (width,)
        dx: Array = dy @ self.parameters[f"W{name}"].T  # (N, T, width)
        return dx
