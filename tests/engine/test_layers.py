"""Forward passes against slow transcriptions of their formulas, and shapes that do not fit."""

import inspect
import math
import textwrap
from typing import Any

import numpy as np
import pytest

import engine as nn
from engine.functions import sigmoid, softmax
from engine.initializers import INITIALIZERS
from engine.layers.windows import Windows, sides


def built(layer: nn.Layer, x: np.ndarray) -> nn.Layer:
    layer.build(x.shape[1:], np.random.default_rng(0), np.float64)
    return layer


def pixel(x: np.ndarray, n: int, i: int, j: int, c: int, outside: float) -> float:
    inside = 0 <= i < x.shape[1] and 0 <= j < x.shape[2]
    return float(x[n, i, j, c]) if inside else outside


@pytest.mark.parametrize("padding", ["same", "valid", "full", 1])
@pytest.mark.parametrize(("stride", "dilation"), [(1, 1), (2, 1), (1, 2), (3, 2)])
def test_convolution_is_its_formula(padding: str | int, stride: int, dilation: int) -> None:
    x = np.random.default_rng(1).normal(size=(2, 7, 6, 2))
    layer = built(nn.Conv2D(3, 3, stride=stride, padding=padding, dilation=dilation), x)
    layer.b[...] = [0.5, -1, 2]
    y = layer.forward(x)
    before = [Windows.along(n, 3, stride, padding, dilation).before for n in x.shape[1:3]]
    for n, i, j, f in np.ndindex(y.shape):
        total = layer.b[f]
        for u, v, c in np.ndindex(3, 3, 2):
            at = (i * stride + u * dilation - before[0], j * stride + v * dilation - before[1])
            total += pixel(x, n, *at, c, 0) * layer.W[u, v, c, f]
        assert y[n, i, j, f] == pytest.approx(total)


def run_the_docstrings_loop(layer: type[nn.Layer], **names: Any) -> None:
    """Execute the lines of code that stand in a docstring; they write into y."""
    lines = inspect.cleandoc(layer.__doc__ or "").splitlines()
    code = [line for line in lines if line.startswith("    ")]
    assert len(code) >= 6
    assert lines[1 : len(code) + 3] == ["", *code, ""], "the loop comes right after the first sentence"
    exec(textwrap.dedent("\n".join(code)), {"np": np, **names})


@pytest.mark.parametrize("padding", ["same", "valid", "full", 1, (2, 0), (1, 0, 2, 3)])
@pytest.mark.parametrize(("stride", "dilation"), [(1, 1), (2, 1), (1, 2), (3, 2)])
def test_the_loop_in_the_docstring_of_a_convolution_is_what_it_computes(padding: str | int, stride: int, dilation: int) -> None:
    x = np.random.default_rng(5).normal(size=(2, 7, 6, 2))
    layer = built(nn.Conv2D(3, (3, 2), stride=stride, padding=padding, dilation=dilation), x)
    layer.b[...] = [0.5, -1, 2]
    y = layer.forward(x)
    rows, columns = layer.windows(x.shape[1:])
    said = np.full_like(y, np.nan)
    sizes = {"height": 3, "width": 2, "channels": 2, "stride": stride, "dilation": dilation}
    run_the_docstrings_loop(nn.Conv2D, x=x, y=said, W=layer.W, b=layer.b, top=rows.before, left=columns.before, **sizes)
    np.testing.assert_allclose(y, said, atol=1e-12)


@pytest.mark.parametrize("padding", ["same", "valid", 1, (0, 1), (1, 0, 2, 1)])
@pytest.mark.parametrize("stride", [1, 2, 3])
def test_the_loop_in_the_docstring_of_a_transposed_convolution_is_what_it_computes(padding: str | int, stride: int) -> None:
    x = np.random.default_rng(6).normal(size=(2, 4, 3, 2))
    layer = built(nn.Conv2DTranspose(3, (3, 4), stride=stride, padding=padding), x)
    layer.b[...] = [0.5, -1, 2]
    y = layer.forward(x)
    rows, columns = layer.windows(x.shape[1:])
    said = np.full_like(y, np.nan)
    sizes = {"height": 3, "width": 4, "filters": 3, "stride": stride}
    run_the_docstrings_loop(
        nn.Conv2DTranspose, x=x, y=said, W=layer.W, b=layer.b, top=rows.before, left=columns.before, **sizes
    )
    np.testing.assert_allclose(y, said, atol=1e-12)


@pytest.mark.parametrize("padding", ["same", "valid", "full", 1, (0, 1), (1, 0, 0, 1)])
@pytest.mark.parametrize(("size", "stride"), [(2, None), (3, 1), (4, 1), (2, 3)])
def test_pooling_is_its_formula(padding: str | int, size: int, stride: int | None) -> None:
    x = np.random.default_rng(2).normal(size=(2, 7, 6, 2))
    y = built(nn.MaxPool2D(size, stride, padding), x).forward(x)
    step = stride or size
    before = [Windows.along(n, size, step, side).before for n, side in zip(x.shape[1:3], sides(padding), strict=True)]
    for n, i, j, c in np.ndindex(y.shape):
        window = [
            pixel(x, n, i * step + u - before[0], j * step + v - before[1], c, -math.inf) for u, v in np.ndindex(size, size)
        ]
        assert y[n, i, j, c] == max(window)


def test_a_tie_gives_the_gradient_to_the_first_pixel_alone() -> None:
    layer = built(nn.MaxPool2D(2), x := np.ones((1, 2, 2, 1)))
    layer.forward(x)
    assert layer.backward(np.full((1, 1, 1, 1), 3.0))[0, :, :, 0].tolist() == [[3, 0], [0, 0]]


def test_padding_for_each_axis_and_for_each_side_is_that_many_zeros() -> None:
    x = np.random.default_rng(3).normal(size=(2, 5, 4, 2))
    for padding, room in (((2, 1), ((2, 2), (1, 1))), ((1, 0, 3, 2), ((1, 0), (3, 2))), (1, ((1, 1), (1, 1)))):
        around = np.pad(x, ((0, 0), *room, (0, 0)))
        ours, same = nn.Conv2D(3, 3, padding=padding), nn.Conv2D(3, 3, padding="valid")
        np.testing.assert_array_equal(built(ours, x).forward(x), built(same, around).forward(around))


def test_same_padding_keeps_the_size_and_full_touches_every_pixel() -> None:
    assert nn.Conv2D(4, 7).output_shape((28, 28, 1)) == (28, 28, 4)
    assert nn.Conv2D(4, 3, stride=2).output_shape((7, 7, 1)) == (4, 4, 4)
    assert nn.Conv2D(4, 3, padding="full").output_shape((5, 5, 1)) == (7, 7, 4)
    assert nn.Conv2D(4, 3, padding="full", dilation=2).output_shape((5, 5, 1)) == (9, 9, 4)
    assert nn.MaxPool2D(4, stride=1, padding="same").output_shape((28, 28, 32)) == (28, 28, 32)


@pytest.mark.parametrize(
    ("layer", "f"),
    [
        (nn.ReLU(), lambda x: max(x, 0.0)),
        (nn.LeakyReLU(0.1), lambda x: x if x > 0 else 0.1 * x),
        (nn.Tanh(), math.tanh),
        (nn.Sigmoid(), lambda x: 1 / (1 + math.exp(-x))),
    ],
)
def test_activation_is_its_formula(layer: nn.Layer, f) -> None:
    x = np.linspace(-5, 5, 21).reshape(3, 7)
    np.testing.assert_allclose(layer.forward(x), np.vectorize(f)(x), atol=1e-12)


def test_softmax_and_sigmoid_are_their_formulas_and_leave_their_arguments_alone() -> None:
    z = np.random.default_rng(7).normal(0, 3, (4, 5))
    kept = z.copy()
    np.testing.assert_allclose(sigmoid(z), 1 / (1 + np.exp(-z)), rtol=1e-12)
    np.testing.assert_allclose(softmax(z), np.exp(z) / np.exp(z).sum(axis=1)[:, None], rtol=1e-12)
    assert (z == kept).all()
    assert sigmoid(0) == 0.5
    assert sigmoid(z.astype(np.float32)).dtype == softmax(z.astype(np.float32)).dtype == np.float32


def test_sigmoid_does_not_overflow() -> None:
    assert nn.Sigmoid().forward(np.array([[-1e4, 1e4]])).tolist() == [[0, 1]]


@pytest.mark.parametrize(
    ("gated", "x", "y"), [(nn.LSTM(1), 1e4, np.tanh(3)), (nn.LSTM(1), -1e4, 0), (nn.GRU(1), 1e4, 0), (nn.GRU(1), -1e4, -1)]
)
def test_gates_do_not_overflow(gated: nn.Layer, x: float, y: float) -> None:
    layer = built(gated, np.full((1, 3, 1), x))
    for W in layer.parameters.values():
        W[...] = 1
    assert layer.forward(np.full((1, 3, 1), x)).tolist() == [[y]]


def test_what_relu_lets_pass_has_no_bound_and_what_is_not_a_number_stays_so() -> None:
    x = np.array([[-np.inf, -2, 0, 1e-30, 3, np.inf, np.nan]], np.float32)
    np.testing.assert_array_equal(nn.ReLU().forward(x), [[0, 0, 0, np.float32(1e-30), 3, np.inf, np.nan]])


@pytest.mark.parametrize(
    ("layer", "shape", "words"),
    [
        (
            nn.Dense(3),
            (28, 28, 1),
            "Dense wants a row of features (put a Flatten before it), got an input of shape 28 × 28 × 1",
        ),
        (nn.Conv2D(3, 3), (5,), "Conv2D wants an image of height × width × channels, got an input of shape 5"),
        (nn.Conv2D(3, 5, padding="valid"), (4, 4, 1), "Conv2D wants an image of at least 5 × 5 pixels"),
        (nn.MaxPool2D(5), (4, 4, 1), "MaxPool2D wants an image of at least 5 × 5 pixels, got an input of shape 4 × 4 × 1"),
        (nn.MaxPool2D(2, padding=2), (4, 4, 1), "padding must be smaller than the window"),
        (nn.AveragePool2D((2, 3), padding=(0, 0, 1, 3)), (4, 4, 1), "padding must be smaller than the window"),
        (nn.Reshape((3, 3)), (8,), "Reshape wants 9 numbers (for 3 × 3), got an input of shape 8"),
    ],
)
def test_a_layer_that_does_not_fit_says_so(layer: nn.Layer, shape: tuple[int, ...], words: str) -> None:
    with pytest.raises(ValueError, match="wants|must") as refused:
        layer.build(shape, np.random.default_rng(0), np.float32)
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: nn.Dense(0), "Dense: units must be a number from 1 to 4096, got 0"),
        (lambda: nn.Dense(2.5), "units must be a whole number"),
        (lambda: nn.Dense("3"), "units must be"),
        (lambda: nn.Dense(True), "units must be"),
        (lambda: nn.Dense(3, initializer="best"), "initializer must be xavier or"),
        (
            lambda: nn.Conv2D(3, 3, padding=(1, 2, 3)),
            "padding must be 2 or 4 whole numbers, each a number from 0 to 64, got (1",
        ),
        (lambda: nn.MaxPool2D(3, padding=(1, -1)), "padding must be whole numbers, each a number from 0 to 64, got (1, -1)"),
        (lambda: nn.Conv2D(3, 3, padding="round"), "padding must be same or valid or full, or a number from 0 to 64"),
        (lambda: nn.SGD(learning_rate=float("nan")), "learning_rate must be"),
        (lambda: nn.SGD(momentum=1.0), "momentum must be a number from 0 to 0.999, got 1.0"),
        (lambda: nn.LeakyReLU(-1), "slope must be"),
    ],
)
def test_a_hyperparameter_out_of_its_limits_is_refused(make, words: str) -> None:
    with pytest.raises(ValueError, match="must be") as refused:
        make()
    assert words in str(refused.value)


def test_initializers_have_the_variance_of_their_papers() -> None:
    rng, dense, filters = np.random.default_rng(0), (300, 200), (5, 5, 20, 30)
    expected = {"xavier": lambda i, o: 2 / (i + o), "he": lambda i, o: 2 / i}
    for shape, (fan_in, fan_out) in ((dense, (300, 200)), (filters, (500, 750))):
        for name, variance in expected.items():
            for initializer in (INITIALIZERS[name], INITIALIZERS[f"{name}_normal"]):
                W = initializer(shape, rng)
                assert W.shape == shape
                assert W.var() == pytest.approx(variance(fan_in, fan_out), rel=0.05)
                assert abs(W.mean()) < 0.01
    assert abs(nn.xavier(dense, rng)).max() <= math.sqrt(6 / 500)
    assert not nn.zeros(dense, rng).any()
    assert nn.normal(dense, rng).std() == pytest.approx(0.01, rel=0.05)
