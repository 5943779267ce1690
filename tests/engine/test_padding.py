"""Rows of different lengths in one batch give what each of them gives alone, and no layer takes padding for numbers."""

import copy
import re
from collections.abc import Callable

import numpy as np
import pytest

import engine as nn

LENGTHS = [3, 5, 1, 4]
STEPS, FEATURES = 5, 4
READERS: dict[str, Callable[[], list[nn.Layer]]] = {
    "RNN": lambda: [nn.RNN(3)],
    "LSTM": lambda: [nn.LSTM(3)],
    "GRU": lambda: [nn.GRU(3)],
    "RNN, then RNN": lambda: [nn.RNN(3, return_sequences=True), nn.RNN(2)],
    "LSTM, then LSTM": lambda: [nn.LSTM(3, return_sequences=True), nn.Dropout(0), nn.LayerNorm(), nn.LSTM(2)],
    "GRU, then GRU": lambda: [nn.GRU(3, return_sequences=True), nn.Tanh(), nn.Dense(3), nn.GRU(2)],
    "LSTM both ways": lambda: [nn.Bidirectional(3)],
    "GRU both ways, twice": lambda: [
        nn.Bidirectional(3, "GRU", return_sequences=True),
        nn.RMSNorm(),
        nn.Bidirectional(2, "RNN"),
    ],
    "causal convolution": lambda: [nn.Conv1D(3, 2, padding="causal", dilation=2), nn.SiLU(), nn.GRU(3)],
    "attention": lambda: [nn.MultiHeadAttention(2), nn.LSTM(3)],
    "causal attention": lambda: [nn.MultiHeadAttention(2, causal=True), nn.RNN(3)],
    "block": lambda: [nn.PositionalEncoding(), nn.TransformerBlock(2), nn.TransformerBlock(2), nn.GRU(3)],
    "residual": lambda: [nn.Residual([nn.RMSNorm(), nn.MultiHeadAttention(2)]), nn.Residual([nn.PReLU()]), nn.RNN(3)],
}


def rows() -> np.ndarray:
    x = np.random.default_rng(0).normal(size=(len(LENGTHS), STEPS, FEATURES))
    for n, length in enumerate(LENGTHS):
        x[n, length:] = 7
    return x


def alone(make: Callable[[], list[nn.Layer]], theta: np.ndarray, row: np.ndarray, dy: np.ndarray) -> list[np.ndarray]:
    network = nn.Network(make(), row.shape, dtype=np.float64)
    network.theta = theta
    y = network.forward(row[None], training=True)
    return [y[0], network.backward(dy[None])[0], network.gradient]


@pytest.mark.parametrize("name", READERS)
def test_a_padded_batch_gives_what_its_rows_give_alone(name: str) -> None:
    x, make = rows(), READERS[name]
    network = nn.Network([nn.Masking(7), *make()], x.shape[1:], dtype=np.float64)
    network.theta = np.random.default_rng(1).normal(0, 0.5, network.theta.size)
    y = network.forward(x, training=True)
    dy = np.random.default_rng(2).normal(size=y.shape)
    dx = network.backward(dy)
    gradient = np.zeros_like(network.gradient)
    for n, length in enumerate(LENGTHS):
        its_y, its_dx, its_gradient = alone(make, network.theta, x[n, :length], dy[n])
        np.testing.assert_allclose(y[n], its_y, atol=1e-12)
        np.testing.assert_allclose(dx[n, :length], its_dx, atol=1e-12)
        assert not dx[n, length:].any()
        gradient += its_gradient
    np.testing.assert_allclose(network.gradient, gradient, atol=1e-12)


@pytest.mark.parametrize(
    "make",
    [
        lambda: [nn.LSTM(3, return_sequences=True)],
        lambda: [nn.Bidirectional(3, return_sequences=True), nn.Dense(2)],
        lambda: [nn.MultiHeadAttention(2), nn.Dense(2)],
    ],
)
def test_answers_at_every_place_are_those_of_the_row_alone(make: Callable[[], list[nn.Layer]]) -> None:
    x = rows()
    network = nn.Network([nn.Masking(7), *make()], x.shape[1:], dtype=np.float64)
    loss, target = nn.CrossEntropy(), np.full((len(LENGTHS), STEPS), -1)
    for n, length in enumerate(LENGTHS):
        target[n, :length] = np.arange(length) % 2
    y = network.forward(x)
    loss.forward(y, target)
    dy = loss.backward()
    dx, gradient = network.backward(dy), np.zeros_like(network.gradient)
    for n, length in enumerate(LENGTHS):
        its_y, its_dx, its_gradient = alone(make, network.theta, x[n, :length], dy[n, :length])
        np.testing.assert_allclose(y[n, :length], its_y, atol=1e-12)
        np.testing.assert_allclose(dx[n, :length], its_dx, atol=1e-12)
        gradient += its_gradient
    np.testing.assert_allclose(network.gradient, gradient, atol=1e-12)


def test_states_at_padding_are_zero_and_tokens_are_masked_too() -> None:
    tokens = np.array([[1, 2, 9, 9], [3, 9, 1, 2], [9, 9, 9, 9]])  # a 9 before the end is a token like others
    network = nn.Network([nn.Masking(9), nn.Embedding(10, 4), nn.LSTM(3, return_sequences=True)], (4,))
    y = network.forward(tokens)
    assert network.layers[0].lengths.tolist() == [2, 4, 0]
    assert not y[0, 2:].any()
    assert y[:2, :2].all()
    assert not y[2].any()


def test_padding_is_known_in_any_precision() -> None:
    """A float32 batch filled up with 0.1 had no padding in a float64 network."""
    network = nn.Network([nn.Masking(0.1), nn.GRU(2)], (4, 2), dtype=np.float64)
    x = np.ones((1, 4, 2))
    x[:, 2:] = 0.1
    np.testing.assert_array_equal(network.predict(x.astype(np.float32)), network.predict(x))


def test_what_comes_back_at_padding_changes_nothing() -> None:
    network = nn.Network([nn.Masking(7), nn.Dense(3), nn.GRU(3, return_sequences=True)], (STEPS, FEATURES))
    y = network.forward(rows())
    dy = np.ones_like(y)
    network.backward(dy)
    gradient = network.gradient.copy()
    for n, length in enumerate(LENGTHS):
        dy[n, length:] = 5
    assert not network.backward(dy)[0, LENGTHS[0] :].any()
    assert (network.gradient == gradient).all()


@pytest.mark.parametrize("name", READERS)
def test_an_empty_row_says_nothing_and_breaks_nothing(name: str) -> None:
    x = rows()
    x[1] = 7
    network = nn.Network([nn.Masking(7), *READERS[name]()], x.shape[1:], dtype=np.float64)
    y = network.forward(x, training=True)
    assert not y[1].any()
    assert not network.backward(np.ones_like(y))[1].any()
    assert np.isfinite(network.gradient).all()


@pytest.mark.parametrize(
    ("layers", "shape", "words"),
    [
        ([nn.Flatten(), nn.Dense(2)], (5, 4), "layer 2: Flatten cannot leave out the padding that the Masking before it names"),
        ([nn.BatchNorm(), nn.LSTM(2)], (5, 4), "layer 2: BatchNorm cannot leave out"),
        ([nn.GroupNorm(groups=2), nn.LSTM(2)], (5, 4), "layer 2: GroupNorm cannot leave out"),
        ([nn.Dense(2), nn.Reshape((5, 2, 1)), nn.Conv2D(2, 3)], (5, 4), "layer 3: Reshape cannot leave out"),
        ([nn.Residual([nn.Dense(4), nn.BatchNorm()])], (5, 4), "layer 2: BatchNorm cannot leave out"),
        ([nn.Conv1D(2, 2)], (5, 4), "layer 2: Conv1D cannot leave out"),
        ([nn.Conv1D(2, 2, stride=2, padding="causal")], (5, 4), "layer 2: Conv1D cannot leave out"),
        ([nn.Dense(2)], (5,), "layer 2: Dense cannot leave out"),
        ([nn.ReLU()], (5,), "layer 2: ReLU cannot leave out"),
    ],
)
def test_a_layer_that_cannot_leave_padding_out_is_refused(layers: list[nn.Layer], shape: tuple[int, ...], words: str) -> None:
    with pytest.raises(ValueError, match=re.escape(words)):
        nn.Network([nn.Masking(), *layers], shape)
    without = [copy.deepcopy(layer) for layer in layers]
    assert nn.Network(without, shape).forward(np.ones((2, *shape))).shape[0] == 2


def test_after_a_last_state_everything_may_stand() -> None:
    assert nn.Network([nn.Masking(), nn.LSTM(6), nn.BatchNorm(), nn.Reshape((2, 3, 1)), nn.Conv2D(2, 3)], (5, 4)).theta.size


def test_a_layer_that_stood_in_a_refused_network_reads_whole_rows_in_another() -> None:
    layer, x = nn.LSTM(3), rows()
    with pytest.raises(ValueError, match="Flatten"):
        nn.Network([nn.Masking(7), layer, nn.Dense(3), nn.Reshape((3, 1)), nn.Masking(), nn.Flatten()], x.shape[1:])
    network = nn.Network([layer], x.shape[1:], seed=1)
    assert (network.forward(x) == nn.Network([nn.LSTM(3)], x.shape[1:], seed=1).forward(x)).all()


def test_looking_and_copying_keep_to_their_own_lengths() -> None:
    x = rows()
    network = nn.Network([nn.Masking(7), nn.TransformerBlock(2), nn.Bidirectional(3)], x.shape[1:])
    y = network.forward(x)
    dx = network.backward(np.ones_like(y)).copy()
    network.forward(x)
    whole = np.ones((9, STEPS, FEATURES))
    assert network.predict(whole).shape == (9, 6)
    network.activations(whole)
    twin = copy.deepcopy(network)
    assert (twin.forward(whole) == network.predict(whole)).all()
    assert (network.backward(np.ones_like(y)) == dx).all()
