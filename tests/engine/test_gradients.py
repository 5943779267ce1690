"""Every layer and every loss against finite differences, in float64."""

import numpy as np
import pytest

import engine as nn
from engine.arrays import Array, Shape
from engine.gradient_check import check_layer, check_loss, numerical_gradient, relative_error
from engine.layers import LAYERS
from engine.training.factory import LOSSES


def random_input(shape: Shape, batch: int = 2, seed: int = 0) -> Array:
    """Draw a batch of inputs in float64 whose numbers are all different, so that no maximum is tied."""
    return np.random.default_rng(seed).normal(size=(batch, *shape))


def unpool(pool: nn.MaxPool2D, shape: tuple[int, ...]) -> nn.MaxUnpool2D:
    """An unpooling whose pool has just seen a batch of images of this shape."""
    pool.build(shape, np.random.default_rng(0), np.float64)
    pool.forward(random_input(shape, batch=3, seed=9))
    return nn.MaxUnpool2D(pool)


CASES = {
    "Dense": [(nn.Dense(4), (3,)), (nn.Dense(1), (5,)), (nn.Dense(3), (4, 2))],
    "Conv2D": [
        (nn.Conv2D(3, 3), (5, 6, 2)),
        (nn.Conv2D(2, 3, padding="valid"), (5, 6, 2)),
        (nn.Conv2D(2, 3, padding="full"), (4, 3, 2)),
        (nn.Conv2D(2, (2, 3), stride=2), (5, 6, 1)),
        (nn.Conv2D(2, 3, stride=(2, 3), padding=2), (6, 7, 2)),
        (nn.Conv2D(2, 2, dilation=2), (5, 5, 2)),
        (nn.Conv2D(2, (3, 2), stride=2, padding="full", dilation=(1, 3)), (5, 6, 2)),
        (nn.Conv2D(2, 1, padding=0), (3, 3, 2)),
        (nn.Conv2D(3, 3, padding=(0, 2)), (4, 3, 2)),
        (nn.Conv2D(2, 3, stride=2, padding=(0, 2, 1, 3)), (5, 6, 3)),
    ],
    "MaxPool2D": [
        (nn.MaxPool2D(2), (4, 6, 2)),
        (nn.MaxPool2D(2), (5, 7, 2)),
        (nn.MaxPool2D(4, stride=1, padding="same"), (6, 7, 2)),
        (nn.MaxPool2D(3, stride=2, padding="same"), (7, 6, 2)),
        (nn.MaxPool2D((2, 3), stride=(1, 2), padding=1), (5, 6, 2)),
        (nn.MaxPool2D(3, padding="full"), (5, 4, 1)),
        (nn.MaxPool2D(2, stride=5), (9, 9, 1)),
        (nn.MaxPool2D(3, stride=2, padding=(0, 2, 1, 0)), (5, 6, 2)),
    ],
    "Flatten": [(nn.Flatten(), (3, 2, 2))],
    "Reshape": [(nn.Reshape((4, 3)), (2, 6))],
    "ReLU": [(nn.ReLU(), (7,))],
    "LeakyReLU": [(nn.LeakyReLU(0.2), (7,))],
    "Tanh": [(nn.Tanh(), (7,))],
    "Sigmoid": [(nn.Sigmoid(), (7,))],
    "GELU": [(nn.GELU(), (7,)), (nn.GELU(approximate=False), (7,))],
    "Softmax": [(nn.Softmax(), (5,)), (nn.Softmax(), (3, 4))],
    "AveragePool2D": [
        (nn.AveragePool2D(2), (5, 6, 2)),
        (nn.AveragePool2D(3, stride=1, padding="same"), (5, 6, 2)),
        (nn.AveragePool2D((2, 3), stride=(1, 2), padding=1), (5, 6, 2)),
        (nn.AveragePool2D(3, padding="full"), (5, 4, 1)),
        (nn.AveragePool2D(3, stride=2, padding=(0, 2, 1, 0)), (5, 6, 2)),
    ],
    "GlobalAveragePool2D": [(nn.GlobalAveragePool2D(), (3, 4, 2))],
    "MaxUnpool2D": [
        (unpool(nn.MaxPool2D(2), (4, 6, 2)), (2, 3, 2)),
        (unpool(nn.MaxPool2D(2), (5, 7, 2)), (2, 3, 2)),
        (unpool(nn.MaxPool2D(3, stride=2, padding="same"), (7, 6, 2)), (4, 3, 2)),
    ],
    "UpSample2D": [(nn.UpSample2D(), (2, 3, 2)), (nn.UpSample2D((3, 1)), (2, 3, 2))],
    "Conv2DTranspose": [
        (nn.Conv2DTranspose(3, 3), (4, 5, 2)),
        (nn.Conv2DTranspose(2, 3, stride=2), (4, 3, 2)),
        (nn.Conv2DTranspose(2, (2, 4), stride=(3, 2), padding="valid"), (2, 3, 2)),
        (nn.Conv2DTranspose(2, 4, stride=2, padding=1), (3, 3, 2)),
        (nn.Conv2DTranspose(2, 2, stride=3), (2, 3, 1)),
        (nn.Conv2DTranspose(2, 3, stride=2, padding=(0, 1, 2, 0)), (3, 4, 2)),
    ],
    "Dropout": [(nn.Dropout(0.4), (30,))],
    "BatchNorm": [(nn.BatchNorm(), (4,)), (nn.BatchNorm(), (3, 2)), (nn.BatchNorm(epsilon=0.1), (2, 3, 2))],
    "LayerNorm": [(nn.LayerNorm(), (5,)), (nn.LayerNorm(), (3, 4)), (nn.LayerNorm(epsilon=0.1), (2, 3, 4))],
    "RNN": [(nn.RNN(3), (5, 2)), (nn.RNN(3, return_sequences=True), (4, 2)), (nn.RNN(2), (1, 3))],
    "LSTM": [(nn.LSTM(3), (5, 2)), (nn.LSTM(3, return_sequences=True), (4, 2)), (nn.LSTM(2), (1, 3))],
    "GRU": [(nn.GRU(3), (5, 2)), (nn.GRU(3, return_sequences=True), (4, 2)), (nn.GRU(2), (1, 3))],
    "Embedding": [(nn.Embedding(6, 3), (7,))],
    "PositionalEncoding": [
        (nn.PositionalEncoding(), (4, 5)),
        (nn.PositionalEncoding(), (3, 4)),
        (nn.PositionalEncoding(learned=True, longest=6), (4, 3)),
    ],
    "MultiHeadAttention": [
        (nn.MultiHeadAttention(1), (3, 4)),
        (nn.MultiHeadAttention(2), (4, 6)),
        (nn.MultiHeadAttention(3, causal=True), (5, 6)),
    ],
    "TransformerBlock": [
        (nn.TransformerBlock(2), (3, 4)),
        (nn.TransformerBlock(2, causal=True, expansion=1, dropout=0.3), (3, 4)),
    ],
    "Residual": [
        (nn.Residual([nn.Dense(4), nn.Tanh()]), (4,)),
        (nn.Residual([nn.Conv2D(2, 3), nn.BatchNorm(), nn.Residual([nn.Tanh()])]), (3, 4, 2)),
    ],
    "ELU": [(nn.ELU(), (7,)), (nn.ELU(0.4), (7,))],
    "SELU": [(nn.SELU(), (7,))],
    "SiLU": [(nn.SiLU(), (7,))],
    "Softplus": [(nn.Softplus(), (7,))],
    "PReLU": [(nn.PReLU(), (7,)), (nn.PReLU(), (2, 3, 4))],
    "Mish": [(nn.Mish(), (7,))],
    "Softsign": [(nn.Softsign(), (7,))],
    "HardSigmoid": [(nn.HardSigmoid(), (7,)), (nn.HardSigmoid(0.6, 0.3), (7,))],
    "HardSwish": [(nn.HardSwish(), (30,))],
    "ThresholdedReLU": [(nn.ThresholdedReLU(0.3), (7,))],
    "LogSoftmax": [(nn.LogSoftmax(), (5,)), (nn.LogSoftmax(), (3, 4))],
    "RMSNorm": [(nn.RMSNorm(), (5,)), (nn.RMSNorm(), (3, 4)), (nn.RMSNorm(epsilon=0.1), (2, 3, 4))],
    "Bidirectional": [
        (nn.Bidirectional(3), (4, 2)),
        (nn.Bidirectional(3, "RNN", return_sequences=True), (4, 2)),
        (nn.Bidirectional(2, "GRU", return_sequences=True, merge="sum"), (3, 2)),
        (nn.Bidirectional(2, merge="sum"), (1, 3)),
    ],
    "GroupedConv2D": [
        (nn.GroupedConv2D(4, 3, groups=2), (4, 5, 4)),
        (nn.GroupedConv2D(6, (2, 3), stride=(1, 2), padding="full", groups=3), (4, 5, 3)),
        (nn.GroupedConv2D(2, 2, padding=(1, 0), dilation=2, groups=1), (4, 5, 3)),
    ],
    "DepthwiseConv2D": [
        (nn.DepthwiseConv2D(3), (4, 5, 3)),
        (nn.DepthwiseConv2D((2, 3), stride=(2, 1), padding="valid", dilation=(1, 2)), (5, 6, 2)),
        (nn.DepthwiseConv2D(3, stride=2, padding=(0, 2, 1, 0)), (5, 6, 2)),
    ],
    "Conv1D": [
        (nn.Conv1D(3, 3), (6, 2)),
        (nn.Conv1D(2, 3, stride=2, padding="full"), (6, 3)),
        (nn.Conv1D(2, 2, padding="causal", dilation=3), (6, 2)),
        (nn.Conv1D(2, 3, padding=(0, 2)), (4, 2)),
        (nn.Conv1D(2, 3, padding=2), (4, 2)),
    ],
    "Masking": [(nn.Masking(), (4, 2))],
    "GroupNorm": [
        (nn.GroupNorm(groups=2), (6,)),
        (nn.GroupNorm(groups=2), (3, 4)),
        (nn.GroupNorm(groups=3, epsilon=0.1), (2, 3, 3)),
        (nn.GroupNorm(groups=1), (2, 3, 4)),
    ],
}
LOSS_CASES = {
    "CrossEntropy": [((6, 4), (6,)), ((2, 3, 5), (2, 3))],
    "BinaryCrossEntropy": [((6, 1), (6, 1)), ((3, 4), (3, 4))],
    "MSE": [((6, 1), (6, 1)), ((3, 4), (3, 4))],
    "Height": [((9, 2), (9,))],
    "MAE": [((6, 1), (6, 1)), ((3, 4), (3, 4))],
    "Huber": [((6, 1), (6, 1)), ((3, 4), (3, 4))],
}


def test_every_layer_and_loss_is_in_the_cases() -> None:
    assert set(CASES) == set(LAYERS)
    assert set(LOSS_CASES) == set(LOSSES)


@pytest.mark.parametrize(
    ("layer", "shape"), [pytest.param(*case, id=f"{name}-{i}") for name, cases in CASES.items() for i, case in enumerate(cases)]
)
@pytest.mark.parametrize("training", [True, False], ids=["training", "predicting"])
def test_layer(layer: nn.Layer, shape: tuple[int, ...], training: bool) -> None:
    tokens = isinstance(layer, nn.Embedding)
    x = np.random.default_rng(4).integers(0, 6, (3, *shape)) if tokens else random_input(shape, batch=3, seed=4)
    errors = check_layer(layer, x, seed=5, training=training)
    assert set(errors) == {*layer.parameters} | (set() if tokens else {"x"})
    assert max(errors.values()) < 1e-6, errors


def random_window_layer(rng: np.random.Generator) -> nn.Layer:
    size, stride, dilation = (tuple(int(n) for n in rng.integers(1, 4, 2)) for _ in range(3))
    padding = [*("same", "valid", "full"), int(rng.integers(0, 3))][rng.integers(4)]
    match rng.integers(4):
        case 0:
            return nn.Conv2D(2, size, stride, padding, dilation)
        case 1:
            return nn.Conv2DTranspose(2, size, stride, "same" if padding == "full" else padding)
        case 2:
            return nn.AveragePool2D(size, stride, padding)
        case _:
            return nn.MaxPool2D(size, stride, padding)


def test_random_convolutions_and_pools() -> None:
    rng = np.random.default_rng(0)
    checked = 0
    while checked < 60:
        shape = tuple(int(n) for n in rng.integers(3, 8, 3))
        layer = random_window_layer(rng)
        try:
            layer.output_shape(shape)
        except ValueError:
            continue
        errors = check_layer(layer, random_input(shape, seed=checked), seed=checked)
        assert max(errors.values()) < 1e-6, (layer, shape, errors)
        checked += 1


@pytest.mark.parametrize(("name", "shape", "target_shape"), [(name, *c) for name, cases in LOSS_CASES.items() for c in cases])
def test_loss(name: str, shape: tuple[int, ...], target_shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(1)
    loss = LOSSES[name]()
    integers = {"classes": (-1, shape[-1]), "places": (0, 4)}.get(loss.kinds[0])
    target = rng.integers(*integers, target_shape) if integers else rng.random(target_shape)
    assert check_loss(loss, rng.normal(size=shape), target) < 1e-6


WEIGHTED = [
    nn.CrossEntropy(label_smoothing=0.3),
    nn.CrossEntropy(class_weights=(1, 0.5, 0, 4, 2)),
    nn.CrossEntropy(label_smoothing=0.1, class_weights=(1, 0.5, 0, 4, 2)),
]


@pytest.mark.parametrize("loss", WEIGHTED)
@pytest.mark.parametrize("shape", [(7, 5), (2, 4, 5)])
def test_smoothed_and_weighted_cross_entropy(loss: nn.CrossEntropy, shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(1)
    logits, target = rng.normal(size=shape), rng.integers(-1, 5, shape[:-1])
    assert check_loss(loss, logits, target) < 1e-6
    w, total, wanted = loss.class_weights or [1.0] * 5, 0.0, 0.0
    for z, t in zip(logits.reshape(-1, 5), target.reshape(-1), strict=True):
        if t >= 0:
            log_p = [float(z[k] - np.log(np.exp(z).sum())) for k in range(5)]
            q = [(1 - loss.label_smoothing) * (k == t) + loss.label_smoothing / 5 for k in range(5)]
            total -= sum(w[k] * q[k] * log_p[k] for k in range(5))
            wanted += w[t]
    assert loss.forward(logits, target) == pytest.approx(total / wanted)
    assert loss.forward(logits, np.full(shape[:-1], -1)) == 0
    assert (loss.backward() == 0).all()


def test_a_weighted_cross_entropy_that_counts_nothing_is_zero_and_says_how_many_weights_it_wants() -> None:
    loss = nn.CrossEntropy(class_weights=[0, 1, 2])
    assert loss.forward(np.ones((2, 3), np.float32), np.array([0, 0])) == 0
    assert (loss.backward() == 0).all()
    assert loss.backward().dtype == np.float32
    with pytest.raises(ValueError, match="class_weights for 3 classes, and logits for 4"):
        loss.forward(np.ones((2, 4)), np.array([0, 0]))


@pytest.mark.parametrize("regularizer", [nn.L1(0.3), nn.L2(0.3)])
def test_regularizer(regularizer: nn.L1 | nn.L2) -> None:
    W = np.random.default_rng(2).normal(size=(4, 3))
    dW = np.zeros_like(W)
    regularizer.add_gradient(W, dW)
    assert relative_error(dW, numerical_gradient(lambda: regularizer.penalty(W), W)) < 1e-6


def test_a_broken_backward_fails_the_check() -> None:
    class Broken(nn.Dense):
        def backward(self, dy: np.ndarray) -> np.ndarray:
            dx = super().backward(dy)
            self.dW *= 1.001
            return dx

    class BrokenInput(nn.Conv2D):
        def backward(self, dy: np.ndarray) -> np.ndarray:
            return super().backward(dy)[:, ::-1]

    assert check_layer(Broken(4), random_input((3,)))["W"] > 1e-6
    assert check_layer(BrokenInput(2, 3), random_input((4, 4, 1)))["x"] > 1e-6


def test_a_whole_network_against_finite_differences() -> None:
    rng = np.random.default_rng(3)
    network = nn.Network([nn.Conv2D(2, 3), nn.Tanh(), nn.MaxPool2D(2), nn.Flatten(), nn.Dense(3)], (4, 4, 1), dtype=np.float64)
    x, target, loss = rng.normal(size=(2, 4, 4, 1)), np.array([0, 2]), nn.CrossEntropy()
    loss.forward(network.forward(x), target)
    network.backward(loss.backward())
    network.backward(loss.backward())  # nothing accumulates
    numerical = numerical_gradient(lambda: loss.forward(network.forward(x), target), network.theta)
    assert relative_error(network.gradient, numerical) < 1e-6


def test_cross_entropy_leaves_ignored_places_out() -> None:
    rng = np.random.default_rng(6)
    logits, target, loss = rng.normal(size=(2, 3, 5)), np.array([[1, -1, 4], [-1, -1, 0]]), nn.CrossEntropy()
    counted = target >= 0
    assert loss.forward(logits, target) == nn.CrossEntropy().forward(logits[counted], target[counted])
    assert (loss.backward()[~counted] == 0).all()
    assert loss.forward(logits, np.full((2, 3), -1)) == 0
    assert (loss.backward() == 0).all()


def test_losses_survive_any_size() -> None:
    far = np.array([[1e4, -1e4]])
    assert nn.CrossEntropy().forward(far, np.array([1])) == pytest.approx(2e4)
    assert nn.BinaryCrossEntropy().forward(far, np.array([[0.0, 1.0]])) == pytest.approx(1e4)
    assert nn.Huber().forward(far, np.zeros((1, 2))) == pytest.approx(1e4 - 0.5)
    with pytest.raises(ValueError, match="targets from 0 to 1, got -2"):
        nn.BinaryCrossEntropy().forward(far, np.array([[0.0, -2.0]]))
