"""What is computed in place and all steps at once, against the formulas written plainly."""

from collections.abc import Callable

import numpy as np
import pytest

import engine as nn

Array = np.ndarray


def sigma(a: Array) -> Array:
    return 1 / (1 + np.exp(-a))


def rnn(layer: nn.RNN, x: Array, h: Array, c: Array) -> tuple[Array, Array]:
    return np.tanh(x @ layer.W + h @ layer.U + layer.b), c


def lstm(layer: nn.LSTM, x: Array, h: Array, c: Array) -> tuple[Array, Array]:
    i, f, g, o = np.split(x @ layer.W + h @ layer.U + layer.b, 4, axis=1)
    c = sigma(f) * c + sigma(i) * np.tanh(g)
    return sigma(o) * np.tanh(c), c


def gru(layer: nn.GRU, x: Array, h: Array, c: Array) -> tuple[Array, Array]:
    (r, z, n), (hr, hz, hn) = np.split(x @ layer.W + layer.b, 3, axis=1), np.split(h @ layer.U + layer.d, 3, axis=1)
    z, n = sigma(z + hz), np.tanh(n + sigma(r + hr) * hn)
    return (1 - z) * n + z * h, c


@pytest.mark.parametrize(("make", "step"), [(nn.RNN, rnn), (nn.LSTM, lstm), (nn.GRU, gru)])
def test_a_recurrent_layer_is_its_formula_step_by_step(make: type[nn.Layer], step: Callable[..., tuple[Array, Array]]) -> None:
    rng, layer = np.random.default_rng(4), make(5, return_sequences=True)
    layer.build((7, 3), rng, np.float64)
    for value in layer.parameters.values():
        value[...] = rng.normal(size=value.shape)
    x = rng.normal(size=(6, 7, 3))
    h, c, states = np.zeros((6, 5)), np.zeros((6, 5)), []
    for t in range(7):
        h, c = step(layer, x[:, t], h, c)
        states.append(h)
    y = layer.forward(x)
    np.testing.assert_allclose(y, np.stack(states, axis=1), rtol=1e-12)
    kept = y.copy()
    layer.forward(-x)
    assert (y == kept).all(), "y is nobody's buffer"


@pytest.mark.parametrize("make", [nn.RNN, nn.LSTM, nn.GRU])
@pytest.mark.parametrize("padded", [False, True])
def test_a_sequence_read_in_two_pieces_is_one_read_whole_where_the_state_is_handed_over(
    make: type[nn.layers.Recurrent], padded: bool
) -> None:
    rng, layer = np.random.default_rng(8), make(5, return_sequences=True)
    network = nn.Network([*([nn.Masking(gaps=True)] if padded else []), layer], (7, 3), dtype=np.float64)
    network.theta = rng.normal(size=network.theta.size)
    x = rng.normal(size=(6, 7, 3))
    if padded:
        x[0, 3:], x[1, 2:4], x[2] = 0, 0, 0  # left out, at an end and between the pieces
    whole, at_the_end, pieces, state = network.forward(x), layer.final_state, [], ()
    for piece in (x[:, :4], x[:, 4:]):
        seen = network.layers[0].forward(piece) if padded else piece
        pieces.append(layer.forward(seen, initial_state=state))
        state = layer.final_state
    np.testing.assert_allclose(np.concatenate(pieces, axis=1), whole, rtol=1e-12)
    np.testing.assert_allclose(state, at_the_end, rtol=1e-12)
    assert layer.final_state[0] is not layer.h[-1], "a state is nobody's buffer"


def test_softmax_and_layer_norm_are_their_formulas() -> None:
    x = np.random.default_rng(5).normal(size=(4, 3, 9))
    e = np.exp(x)
    np.testing.assert_allclose(nn.Softmax().forward(x), e / e.sum(axis=-1, keepdims=True), rtol=1e-13)
    norm = nn.LayerNorm()
    norm.build((3, 9), np.random.default_rng(0), np.float64)
    expected = (x - x.mean(axis=-1, keepdims=True)) / np.sqrt(x.var(axis=-1, keepdims=True) + norm.epsilon)
    np.testing.assert_allclose(norm.forward(x), expected, rtol=1e-11)
