"""How ONNX's operators for sequences become layers of ours: recurrence and attention."""

from collections.abc import Callable

import numpy as np

import engine as nn
from tests.onnx.cases import Case, InexpressibleError, through
from tests.onnx.layers import Outputs

GATES = {"RNN": [0], "LSTM": [0, 2, 3, 1], "GRU": [1, 0, 2]}
"""Where our gates (LSTM: i f g o, GRU: r z n) lie among theirs (i o f c, z r h)."""
NEVER = -1e4
"""A score whose exponential is 0, and whose product with 0 is."""


def recur(cell: str) -> Callable[[Case], Outputs]:
    def recurrent(case: Case) -> Outputs:
        x, W, U = case.inputs[:3]
        x = x if case.get("layout") else x.swapaxes(0, 1)  # (N, T, features)
        units, directions, steps = case.get("hidden_size"), len(W), x.shape[1]
        bias = np.zeros((directions, 2 * len(GATES[cell]) * units), W.dtype) if case.input(3) is None else case.inputs[3]
        if any(np.any(case.input(i)) for i in (5, 6, 7) if case.input(i) is not None):
            raise InexpressibleError("our states start at 0, and our cells do not look into the gates")
        if cell == "GRU" and steps > 1 and not case.get("linear_before_reset"):
            raise InexpressibleError("the reset gate acts after the product with U in our GRU, as in PyTorch, not before it")

        def ours(direction: int) -> dict[str, np.ndarray]:
            def ordered(a: np.ndarray) -> np.ndarray:
                gates = a.reshape(len(GATES[cell]), units, -1)[GATES[cell]]
                return gates.reshape(a.shape).T

            b, d = np.split(bias[direction], 2)  # in a GRU's first step, without a state, both biases are one
            return {"W": ordered(W[direction]), "U": ordered(U[direction]), "b": ordered(b + d)}

        way = case.get("direction", "forward")
        if way == "forward":
            layer = nn.layers.LAYERS[cell](units, True)
            readers, y = [layer], through(x, [layer], {layer: ours(0)})[:, :, None]
        else:
            both = nn.Bidirectional(units, cell, True)
            network = nn.Network([both], x.shape[1:])
            readers = both.inside[-directions:]
            for direction, layer in enumerate(readers):
                for name, value in ours(direction).items():
                    setattr(layer, name, value)
            y = network.forward(x).reshape(*x.shape[:2], 2, units)[:, :, -directions:]
        ends = [-1] if way == "forward" else [0] if way == "reverse" else [-1, 0]
        h = np.stack([y[:, end, i] for i, end in enumerate(ends)])  # (directions, N, units)
        c = np.stack([layer.c[-1] for layer in readers]) if cell == "LSTM" else h
        if case.get("layout"):
            return [y, h.swapaxes(0, 1), c.swapaxes(0, 1)]
        return [y.transpose(1, 2, 0, 3), h, c]

    return recurrent


def attend(case: Case) -> Outputs:
    """Every place holds, head by head, its question, key and value side by side, and Wq, Wk, Wv pick them out.

    A mask M is added to the scores by as many numbers more: the question at place i has a one at i, the key at j holds M[:, j].
    """
    Q, K, V, mask, past_key, past_value, lengths = (case.input(i) for i in range(7))
    if case.get("softcap"):
        raise InexpressibleError("our scores are not bent by tanh")
    if 3 in case.outputs and case.get("qk_matmul_output_mode", 0) != 3:
        raise InexpressibleError("our attention keeps its shares, not the scores before the softmax")
    if {"score_mod", "prob_mod"} & set(case.attributes):
        raise InexpressibleError("our attention takes no program that changes scores or shares")
    in_rows = Q.ndim == 3
    if in_rows:
        heads_of = (case.get("q_num_heads"), case.get("kv_num_heads"), case.get("kv_num_heads"))
        Q, K, V = (a.reshape(*a.shape[:2], h, -1).transpose(0, 2, 1, 3) for a, h in zip((Q, K, V), heads_of, strict=True))
    before = 0 if past_key is None else past_key.shape[2]
    if past_key is not None:
        K, V = np.concatenate([past_key, K], axis=2), np.concatenate([past_value, V], axis=2)
    (n, heads, asking, dk), asked, dv, shared = Q.shape, K.shape[2], V.shape[3], Q.shape[1] // K.shape[1]

    offset = np.full(n, before) if lengths is None else lengths.reshape(n) - asking
    i, j = np.arange(asking)[:, None] + offset[:, None, None, None], np.arange(asked)
    allowed = np.ones((n, heads, asking, asked), bool)
    left, right = case.get("left_window_size", -1), case.get("right_window_size", -1)
    causal = bool(case.get("is_causal")) and lengths is None
    if case.get("is_causal"):
        allowed &= j <= i
    if left >= 0:
        allowed &= i - j <= left
    if right >= 0:
        allowed &= j - i <= right
    if lengths is not None:
        allowed &= j < lengths[:, None, None, None]
    bias = np.zeros(allowed.shape, Q.dtype)
    if mask is not None:
        mask = np.where(mask, 0, -np.inf) if mask.dtype == bool else mask
        mask = np.pad(mask, [(0, 0)] * (mask.ndim - 1) + [(0, asked - mask.shape[-1])], constant_values=-np.inf)
        bias = bias + mask
        allowed &= bias > -np.inf
        bias = np.where(allowed, bias, 0)
    if not allowed.any(axis=-1).all():
        raise InexpressibleError("a row that may see nothing is 0 in ONNX; ours always sees something")

    places = max(asked, (before if causal else 0) + asking)
    here = slice(before, before + asking) if causal else slice(asking)
    scores = np.full((n, heads, asking, places), NEVER, Q.dtype)
    by_order = (j <= i) if causal else np.ones_like(allowed)
    scores[..., :asked] = np.where(allowed | ~by_order, bias, NEVER)  # what the order forbids, the layer's causal does
    marks = asking if scores.any() else 0
    d = 2 * dk + dv + 2 * marks
    x = np.zeros((n, places, heads, d), Q.dtype)
    x[:, here, :, :dk] = Q.swapaxes(1, 2)
    x[:, :asked, :, dk : 2 * dk] = np.repeat(K, shared, axis=1).swapaxes(1, 2)
    x[:, :asked, :, 2 * dk : 2 * dk + dv] = np.repeat(V, shared, axis=1).swapaxes(1, 2)
    start = 2 * dk + dv
    if marks:
        x[:, here, :, start : start + marks] = np.eye(marks)[:, None]
        x[..., start + marks :] = scores.transpose(0, 3, 1, 2)

    def pick(parts: list[tuple[int, int, float]]) -> np.ndarray:
        """For each head, put `count` numbers from `source` on first, times a factor, one part after the other."""
        P, row = np.zeros((d, d)), 0
        for source, count, factor in parts:
            P[range(source, source + count), range(row, row + count)] = factor
            row += count
        return np.kron(np.eye(heads), P)

    root = d**0.5  # our scores are divided by it
    layer = nn.MultiHeadAttention(heads, causal)
    weights = {
        "Wq": pick([(0, dk, case.get("scale", dk**-0.5) * root), (start, marks, root)]),
        "Wk": pick([(dk, dk, 1), (start + marks, marks, 1)]),
        "Wv": pick([(2 * dk, dv, 1)]),
        "Wo": np.eye(heads * d),
    }
    y = through(x.reshape(n, places, -1), [layer], {layer: weights}).reshape(n, places, heads, d)[:, here, :, :dv]
    present = (layer.K[:, ::shared, :asked, :dk], layer.V[:, ::shared, :asked, :dv])
    return [y.reshape(n, asking, -1) if in_rows else y.swapaxes(1, 2), *present, layer.attention[:, :, here, :asked]]
