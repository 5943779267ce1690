"""Rows of different lengths in one batch give what each of them gives alone, and no layer takes padding for numbers."""

import copy
import re
from collections.abc import Callable

import numpy as np
import pytest

import engine as nn
from engine.pictures.sequences import observe_states

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


ENDS = np.arange(STEPS) < np.array(LENGTHS)[:, None]
GAPS = np.array([[1, 0, 1, 0, 1], [1, 1, 1, 1, 1], [0, 0, 0, 1, 0], [0, 1, 1, 0, 1]], bool)


def rows(real: np.ndarray = ENDS) -> np.ndarray:
    x = np.random.default_rng(0).normal(size=(len(LENGTHS), STEPS, FEATURES))
    x[~real] = 7
    return x


def alone(make: Callable[[], list[nn.Layer]], theta: np.ndarray, row: np.ndarray, dy: np.ndarray) -> list[np.ndarray]:
    network = nn.Network(make(), row.shape, dtype=np.float64)
    network.theta = theta
    y = network.forward(row[None], training=True)
    return [y[0], network.backward(dy[None])[0], network.gradient]


@pytest.mark.parametrize("gaps", [False, True])
@pytest.mark.parametrize("name", READERS)
def test_a_padded_batch_gives_what_its_rows_give_alone(name: str, gaps: bool) -> None:
    real, make = GAPS if gaps else ENDS, READERS[name]
    x = rows(real)
    if gaps and name == "causal convolution":
        with pytest.raises(ValueError, match="layer 2: Conv1D cannot leave out"):
            nn.Network([nn.Masking(7, gaps=True), *make()], x.shape[1:])
        return
    if gaps and name == "block":
        make = block_without_places
    network = nn.Network([nn.Masking(7, gaps), *make()], x.shape[1:], dtype=np.float64)
    network.theta = np.random.default_rng(1).normal(0, 0.5, network.theta.size)
    y = network.forward(x, training=True)
    dy = np.random.default_rng(2).normal(size=y.shape)
    dx = network.backward(dy)
    gradient = np.zeros_like(network.gradient)
    for n in range(len(x)):
        its_y, its_dx, its_gradient = alone(make, network.theta, x[n, real[n]], dy[n])
        np.testing.assert_allclose(y[n], its_y, atol=1e-12)
        np.testing.assert_allclose(dx[n, real[n]], its_dx, atol=1e-12)
        assert not dx[n, ~real[n]].any()
        gradient += its_gradient
    np.testing.assert_allclose(network.gradient, gradient, atol=1e-12)


def block_without_places() -> list[nn.Layer]:
    """Build a block that closed-up rows go through alike: where a step stands in its row says nothing."""
    return [nn.TransformerBlock(2), nn.TransformerBlock(2), nn.GRU(3)]


@pytest.mark.parametrize("gaps", [False, True])
@pytest.mark.parametrize(
    "make",
    [
        lambda: [nn.LSTM(3, return_sequences=True)],
        lambda: [nn.Bidirectional(3, return_sequences=True), nn.Dense(2)],
        lambda: [nn.MultiHeadAttention(2), nn.Dense(2)],
    ],
)
def test_answers_at_every_place_are_those_of_the_row_alone(make: Callable[[], list[nn.Layer]], gaps: bool) -> None:
    real = GAPS if gaps else ENDS
    x = rows(real)
    network = nn.Network([nn.Masking(7, gaps), *make()], x.shape[1:], dtype=np.float64)
    loss, target = nn.CrossEntropy(), np.where(real, np.arange(STEPS) % 2, -1)
    y = network.forward(x)
    loss.forward(y, target)
    dy = loss.backward()
    dx, gradient = network.backward(dy), np.zeros_like(network.gradient)
    for n in range(len(x)):
        its_y, its_dx, its_gradient = alone(make, network.theta, x[n, real[n]], dy[n, real[n]])
        np.testing.assert_allclose(y[n, real[n]], its_y, atol=1e-12)
        np.testing.assert_allclose(dx[n, real[n]], its_dx, atol=1e-12)
        gradient += its_gradient
    np.testing.assert_allclose(network.gradient, gradient, atol=1e-12)


@pytest.mark.parametrize("cell", [nn.RNN, nn.LSTM, nn.GRU])
def test_a_state_is_kept_over_a_gap_and_its_gradient_too(cell: type[nn.RNN]) -> None:
    """Where the second step is a gap: the state after the third comes from the first, and ∂L/∂h is seen where the steps are."""
    x = rows(GAPS)[:1, :3]
    layer, loss, target = cell(3, return_sequences=True), nn.MSE(), np.zeros((1, 3, 3))
    network = nn.Network([nn.Masking(7, gaps=True), layer], x.shape[1:], dtype=np.float64)

    def forward() -> float:
        return loss.forward(network.forward(x), target)

    forward()
    assert not network.backward(loss.backward())[0, 1].any()
    assert [bool(dh.any()) for dh in layer.dh[:, 0]] == [True, False, True]
    gradient, numeric = network.gradient.copy(), np.empty_like(network.gradient)
    for k in range(len(numeric)):
        ends = []
        for change in (1e-5, -2e-5):
            network.theta[k] += change
            ends.append(forward())
        network.theta[k] += 1e-5
        numeric[k] = (ends[0] - ends[1]) / 2e-5
    np.testing.assert_allclose(gradient, numeric, atol=1e-9)
    picture = observe_states(network, x, ["a", "", "b"], str, 0, 1)
    assert picture is not None
    np.testing.assert_array_equal(picture.maps[:, :, 1], picture.maps[:, :, 0])
    assert (picture.maps[:, :, 2] != picture.maps[:, :, 1]).any()


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
