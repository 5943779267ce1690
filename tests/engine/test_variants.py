"""The layers behind the basics against slow transcriptions of their formulas."""

import math
from collections.abc import Callable

import numpy as np
import pytest

import engine as nn
from engine.functions import erf


def log_of_one_and_e(x: float) -> float:
    return math.log(1 + math.exp(x))


CURVES: list[tuple[nn.Layer, Callable[[float], float]]] = [
    (nn.ELU(), lambda x: x if x > 0 else math.exp(x) - 1),
    (nn.ELU(0.3), lambda x: x if x > 0 else 0.3 * (math.exp(x) - 1)),
    (nn.SELU(), lambda x: 1.0507009873554805 * (x if x > 0 else 1.6732632423543772 * (math.exp(x) - 1))),
    (nn.SiLU(), lambda x: x / (1 + math.exp(-x))),
    (nn.Softplus(), log_of_one_and_e),
    (nn.Mish(), lambda x: x * math.tanh(log_of_one_and_e(x))),
    (nn.Softsign(), lambda x: x / (1 + abs(x))),
    (nn.HardSigmoid(), lambda x: max(0, min(1, 0.2 * x + 0.5))),
    (nn.HardSigmoid(0.5, 0.25), lambda x: max(0, min(1, 0.5 * x + 0.25))),
    (nn.HardSwish(), lambda x: x * max(0, min(1, x / 6 + 0.5))),
    (nn.ThresholdedReLU(), lambda x: x if x > 1 else 0),
    (nn.ThresholdedReLU(0.25), lambda x: x if x > 0.25 else 0),
    (nn.GELU(approximate=False), lambda x: x * (1 + math.erf(x / math.sqrt(2))) / 2),
]


@pytest.mark.parametrize(("layer", "f"), CURVES)
def test_activation_is_its_formula(layer: nn.Layer, f: Callable[[float], float]) -> None:
    x = np.linspace(-5, 5, 21).reshape(3, 7)
    np.testing.assert_allclose(layer.forward(x), np.vectorize(f, otypes=[float])(x), rtol=1e-14, atol=1e-15)


@pytest.mark.parametrize("layer", [layer for layer, _ in CURVES] + [nn.LogSoftmax()], ids=lambda one: type(one).__name__)
def test_an_activation_survives_any_size_and_lets_nan_through(layer: nn.Layer) -> None:
    with np.errstate(all="raise", under="ignore"):
        y = layer.forward(np.array([[-1e4, 1e4, 0]], np.float32))
        dx = layer.backward(np.ones_like(y))
    assert np.isfinite(y).all()
    assert np.isfinite(dx).all()
    assert y.dtype == dx.dtype == np.float32
    assert np.isnan(layer.forward(np.array([[np.nan, 0.5]]))[0, 0])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_erf_is_right_to_three_units_of_the_last_digit(dtype: type) -> None:
    x = np.concatenate([np.linspace(-7, 7, 20_001), np.logspace(-30, 0, 301), np.arange(-6, 6, 1 / 512)]).astype(dtype)
    true = np.array([math.erf(v) for v in x])
    assert (np.abs(erf(x) - true) <= 3 * np.spacing(np.abs(true).astype(dtype))).all()
    assert erf(x).dtype == dtype
    with np.errstate(all="raise"):
        assert erf(np.array([np.inf, -np.inf, np.nan, 0])).tolist()[:2] == [1, -1]
        assert np.isnan(erf(np.array([np.nan]))).all()


def test_the_approximation_of_gelu_is_as_near_as_it_says() -> None:
    x = np.linspace(-8, 8, 10_001)
    apart = np.abs(nn.GELU().forward(x) - nn.GELU(approximate=False).forward(x)).max()
    assert 0.0004 < apart < 0.0005


def test_selu_keeps_mean_0_and_variance_1_through_many_layers() -> None:
    layers = [layer for _ in range(20) for layer in (nn.Dense(200, "lecun"), nn.SELU())]
    y = nn.Network(layers, (200,), seed=1).forward(np.random.default_rng(0).normal(size=(400, 200)))
    assert abs(y.mean()) < 0.1
    assert 0.8 < y.var() < 1.2


def test_prelu_starts_at_its_slope_and_learns_one_for_each_feature_without_a_penalty() -> None:
    network = nn.Network([nn.PReLU(0.1)], (2,), dtype=np.float64)
    assert network.theta.tolist() == [0.1, 0.1]
    assert not list(network.weights())
    x = np.array([[-2.0, 3.0], [-1.0, -4.0]])
    np.testing.assert_allclose(network.forward(x), [[-0.2, 3], [-0.1, -0.4]])
    network.backward(np.ones((2, 2)))
    assert network.gradient.tolist() == [-3, -4]


def test_log_softmax_is_the_logarithm_of_softmax() -> None:
    x = np.random.default_rng(0).normal(0, 3, (4, 5))
    np.testing.assert_allclose(nn.LogSoftmax().forward(x), np.log(nn.Softmax().forward(x)), rtol=1e-12)
    assert nn.LogSoftmax().forward(np.array([[0.0, 1000.0]])).tolist() == [[-1000, 0]]


def test_rms_norm_is_its_formula() -> None:
    x = np.random.default_rng(1).normal(2, 3, (2, 3, 4))
    layer = nn.RMSNorm(epsilon=0.1)
    layer.build(x.shape[1:], np.random.default_rng(0), np.float64)
    layer.gamma = gamma = np.array([1.0, -2, 0.5, 3])
    y = layer.forward(x)
    for n, t in np.ndindex(2, 3):
        size = math.sqrt(sum(v * v for v in x[n, t]) / 4 + 0.1)
        np.testing.assert_allclose(y[n, t], gamma * x[n, t] / size, rtol=1e-12)


@pytest.mark.parametrize("groups", [1, 2, 3, 6])
def test_group_norm_is_its_formula(groups: int) -> None:
    x = np.random.default_rng(2).normal(2, 3, (2, 3, 4, 6))
    layer = nn.GroupNorm(groups=groups, epsilon=0.1)
    layer.build(x.shape[1:], np.random.default_rng(0), np.float64)
    layer.gamma, layer.beta = gamma, beta = np.arange(1.0, 7), np.arange(6.0, 0, -1)
    y = layer.forward(x)
    for n, c in np.ndindex(2, 6):
        first = c // (6 // groups) * (6 // groups)
        group = x[n, :, :, first : first + 6 // groups]
        expected = gamma[c] * (x[n, :, :, c] - group.mean()) / math.sqrt(group.var() + 0.1) + beta[c]
        np.testing.assert_allclose(y[n, :, :, c], expected, rtol=1e-10)


def test_an_example_is_normalized_alone() -> None:
    x = np.random.default_rng(3).normal(size=(5, 3, 3, 4))
    for layer in (nn.GroupNorm(groups=2), nn.RMSNorm()):
        network = nn.Network([layer], (3, 3, 4))
        assert (network.forward(x)[:1] == network.forward(x[:1], training=True)).all()


def test_groups_that_do_not_share_the_channels_evenly_are_refused() -> None:
    with pytest.raises(ValueError, match="GroupNorm wants channels that 4 groups can share evenly"):
        nn.Network([nn.GroupNorm(groups=4)], (3, 3, 6))


@pytest.mark.parametrize("merge", ["concatenate", "sum"])
@pytest.mark.parametrize("sequences", [True, False])
@pytest.mark.parametrize("cell", ["RNN", "LSTM", "GRU"])
def test_two_directions_are_two_layers_of_which_one_reads_backwards(cell: str, sequences: bool, merge: str) -> None:
    x = np.random.default_rng(4).normal(size=(3, 5, 2))
    layer = nn.Bidirectional(4, cell, sequences, merge)
    layer.build((5, 2), np.random.default_rng(0), np.float64)
    forth, back = getattr(nn, cell)(4, sequences), getattr(nn, cell)(4, sequences)
    for i, one in enumerate((forth, back)):
        one.build((5, 2), np.random.default_rng(9), np.float64)
        for name in one.parameters:
            setattr(one, name, layer.parameters[f"{i}.{name}"])
    y, z = forth.forward(x), back.forward(x[:, ::-1])
    z = z[:, ::-1] if sequences else z
    np.testing.assert_array_equal(layer.forward(x), np.concatenate([y, z], axis=-1) if merge == "concatenate" else y + z)
    assert not np.array_equal(layer.parameters["0.U"], layer.parameters["1.U"]), "each direction draws weights of its own"


def test_the_first_place_knows_the_last_only_where_both_directions_are_read() -> None:
    x = np.random.default_rng(5).normal(size=(1, 6, 2))
    other = x.copy()
    other[0, -1] += 1
    for layer, knows in ((nn.LSTM(3, return_sequences=True), False), (nn.Bidirectional(3, return_sequences=True), True)):
        network = nn.Network([layer], (6, 2))
        assert (network.forward(x)[0, 0] != network.forward(other)[0, 0]).any() == knows


def built(layer: nn.Layer, shape: tuple[int, ...]) -> nn.Layer:
    layer.build(shape, np.random.default_rng(0), np.float64)
    for value in layer.parameters.values():
        value[...] = np.random.default_rng(1).normal(size=value.shape)
    return layer


@pytest.mark.parametrize("groups", [1, 2, 6])
def test_a_grouped_convolution_is_a_convolution_for_each_share_of_the_channels(groups: int) -> None:
    x = np.random.default_rng(6).normal(size=(2, 5, 4, 6))
    layer = built(nn.GroupedConv2D(12, 3, stride=2, groups=groups), x.shape[1:])
    parts = []
    for g in range(groups):
        channels, filters = (slice(g * n // groups, (g + 1) * n // groups) for n in (6, 12))
        one = built(nn.Conv2D(12 // groups, 3, stride=2), x[..., channels].shape[1:])
        one.W, one.b = layer.W[..., filters], layer.b[filters]
        parts.append(one.forward(x[..., channels]))
    np.testing.assert_allclose(layer.forward(x), np.concatenate(parts, axis=3), atol=1e-12)


@pytest.mark.parametrize(("stride", "padding", "dilation"), [(1, "same", 1), (2, "valid", 1), ((1, 2), (0, 1, 2, 3), (1, 2))])
def test_a_depthwise_convolution_is_a_grouped_one_with_a_filter_for_each_channel(stride, padding, dilation) -> None:
    x = np.random.default_rng(7).normal(size=(2, 7, 8, 5))
    layer = built(nn.DepthwiseConv2D((3, 2), stride, padding, dilation), x.shape[1:])
    same = built(nn.GroupedConv2D(5, (3, 2), stride, padding, dilation, groups=5), x.shape[1:])
    same.W, same.b = layer.W[:, :, None], layer.b
    y = layer.forward(x)
    np.testing.assert_allclose(y, same.forward(x), atol=1e-12)
    dy = np.random.default_rng(8).normal(size=y.shape)
    np.testing.assert_allclose(layer.backward(dy), same.backward(dy), atol=1e-12)
    np.testing.assert_allclose(layer.dW, same.dW[:, :, 0], atol=1e-12)


@pytest.mark.parametrize(
    ("padding", "before"), [("same", 2), ("valid", 0), ("full", 4), ("causal", 4), (3, 3), ((1, 3), 1)], ids=str
)
@pytest.mark.parametrize("stride", [1, 2])
def test_convolution_along_time_is_its_formula(padding: str | int | tuple[int, int], before: int, stride: int) -> None:
    x = np.random.default_rng(9).normal(size=(2, 9, 3))
    layer = built(nn.Conv1D(4, 3, stride, padding, dilation=2), x.shape[1:])
    y = layer.forward(x)
    for n, t, f in np.ndindex(y.shape):
        total = layer.b[f]
        for u, c in np.ndindex(3, 3):
            at = t * stride + u * 2 - before
            total += x[n, at, c] * layer.W[0, u, c, f] if 0 <= at < 9 else 0
        assert y[n, t, f] == pytest.approx(total)


def test_a_causal_convolution_knows_no_later_step() -> None:
    x = np.random.default_rng(10).normal(size=(1, 8, 2))
    network = nn.Network([nn.Conv1D(3, 3, padding="causal", dilation=2), nn.Conv1D(3, 2, padding="causal")], (8, 2))
    other = x.copy()
    other[0, 5] += 1
    changed = (network.forward(x) != network.forward(other)).any(axis=(0, 2))
    assert not changed[:5].any()
    assert changed[5]


def test_filters_of_a_group_start_as_those_of_a_convolution_on_its_channels() -> None:
    grouped, depthwise = nn.GroupedConv2D(256, 3, groups=4), nn.DepthwiseConv2D(5)
    grouped.build((5, 5, 256), np.random.default_rng(0), np.float64)
    depthwise.build((5, 5, 512), np.random.default_rng(0), np.float64)
    assert grouped.W.var() == pytest.approx(2 / (9 * 64 + 9 * 64), rel=0.05)
    assert depthwise.W.var() == pytest.approx(2 / (25 + 25), rel=0.05)


@pytest.mark.parametrize(
    ("layer", "shape", "words"),
    [
        (
            nn.GroupedConv2D(4, 3, groups=4),
            (5, 5, 6),
            "channels that 4 groups can share evenly, got an input of",
        ),
        (nn.GroupedConv2D(5, 3, groups=2), (5, 5, 6), "2 groups must share the filters evenly, got 5"),
        (nn.DepthwiseConv2D(5, padding="valid"), (4, 4, 1), "DepthwiseConv2D wants an image of at least 5 × 5 pixels"),
        (nn.Conv1D(2, 5, padding="valid"), (4, 1), "Conv1D wants a sequence of at least 5 steps, got an input of shape 4 × 1"),
        (nn.Conv1D(2, 3), (4, 4, 1), "Conv1D wants a sequence of steps × channels"),
    ],
)
def test_what_does_not_fit_is_refused(layer: nn.Layer, shape: tuple[int, ...], words: str) -> None:
    with pytest.raises(ValueError, match="evenly|wants") as refused:
        nn.Network([layer], shape)
    assert words in str(refused.value)
