"""A network cannot be silently wrong: what would give other numbers than it seems to is right, or refused in words."""

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import numpy as np
import pytest

import engine as nn
from engine.arrays import OrderError
from engine.layers import LAYERS
from engine.optimizers import OPTIMIZERS
from engine.training.weights import load_arrays, named_arrays

SHAPES = {
    "images": (6, 6, 2),
    "rows": (6,),
    "sequences": (5, 4),
}
FITTING = {
    "Dense": (lambda: [nn.Dense(3)], "rows"),
    "ReLU": (lambda: [nn.ReLU()], "rows"),
    "LeakyReLU": (lambda: [nn.LeakyReLU(0.1)], "rows"),
    "Tanh": (lambda: [nn.Tanh()], "rows"),
    "Sigmoid": (lambda: [nn.Sigmoid()], "rows"),
    "GELU": (lambda: [nn.GELU()], "rows"),
    "Softmax": (lambda: [nn.Softmax()], "rows"),
    "Conv2D": (lambda: [nn.Conv2D(3, 3)], "images"),
    "MaxPool2D": (lambda: [nn.MaxPool2D(2, padding="same")], "images"),
    "AveragePool2D": (lambda: [nn.AveragePool2D(2)], "images"),
    "GlobalAveragePool2D": (lambda: [nn.GlobalAveragePool2D()], "images"),
    "Conv2DTranspose": (lambda: [nn.Conv2DTranspose(2, 3)], "images"),
    "MaxUnpool2D": (lambda: [nn.MaxPool2D(2), nn.MaxUnpool2D()], "images"),
    "UpSample2D": (lambda: [nn.UpSample2D()], "images"),
    "Flatten": (lambda: [nn.Flatten()], "images"),
    "Reshape": (lambda: [nn.Reshape((3, 2))], "rows"),
    "Dropout": (lambda: [nn.Dropout(0.4)], "rows"),
    "BatchNorm": (lambda: [nn.BatchNorm()], "rows"),
    "LayerNorm": (lambda: [nn.LayerNorm()], "rows"),
    "RNN": (lambda: [nn.RNN(3, return_sequences=True)], "sequences"),
    "LSTM": (lambda: [nn.LSTM(3)], "sequences"),
    "GRU": (lambda: [nn.GRU(3, return_sequences=True)], "sequences"),
    "Embedding": (lambda: [nn.Embedding(9, 3)], "rows"),
    "PositionalEncoding": (lambda: [nn.PositionalEncoding(learned=True, longest=6)], "sequences"),
    "MultiHeadAttention": (lambda: [nn.MultiHeadAttention(2)], "sequences"),
    "TransformerBlock": (lambda: [nn.TransformerBlock(2, dropout=0.2)], "sequences"),
    "Residual": (lambda: [nn.Residual([nn.Dense(6), nn.Tanh()])], "rows"),
    "ELU": (lambda: [nn.ELU(0.5)], "rows"),
    "SELU": (lambda: [nn.SELU()], "rows"),
    "SiLU": (lambda: [nn.SiLU()], "rows"),
    "Softplus": (lambda: [nn.Softplus()], "rows"),
    "PReLU": (lambda: [nn.PReLU()], "images"),
    "Mish": (lambda: [nn.Mish()], "rows"),
    "Softsign": (lambda: [nn.Softsign()], "rows"),
    "HardSigmoid": (lambda: [nn.HardSigmoid()], "rows"),
    "HardSwish": (lambda: [nn.HardSwish()], "rows"),
    "ThresholdedReLU": (lambda: [nn.ThresholdedReLU()], "rows"),
    "LogSoftmax": (lambda: [nn.LogSoftmax()], "rows"),
    "RMSNorm": (lambda: [nn.RMSNorm()], "rows"),
    "Bidirectional": (lambda: [nn.Bidirectional(3, return_sequences=True)], "sequences"),
    "GroupedConv2D": (lambda: [nn.GroupedConv2D(4, 3, groups=2)], "images"),
    "DepthwiseConv2D": (lambda: [nn.DepthwiseConv2D(3)], "images"),
    "Conv1D": (lambda: [nn.Conv1D(3, 3)], "sequences"),
    "Masking": (lambda: [nn.Masking()], "sequences"),
    "GroupNorm": (lambda: [nn.GroupNorm(groups=2)], "images"),
}
"""Every layer, and a kind of input that it takes."""
EVERY_LAYER = pytest.mark.parametrize("name", FITTING)


def whole(name: str, n: int = 4) -> np.ndarray:
    return np.random.default_rng(3).integers(0, 9, (n, *SHAPES[FITTING[name][1]]), dtype=np.uint8)


def network_of(name: str, **options: object) -> nn.Network:
    make, kind = FITTING[name]
    return nn.Network(make(), SHAPES[kind], **options)


def test_every_layer_is_here() -> None:
    assert set(FITTING) == set(LAYERS)


def deep() -> nn.Network:
    layers = [nn.Conv2D(3, 3), nn.BatchNorm(), nn.ReLU(), nn.MaxPool2D(2), nn.Conv2D(3, 3), nn.MaxUnpool2D(), nn.Flatten()]
    return nn.Network([*layers, nn.Dropout(0.3), nn.Residual([nn.Dense(108), nn.Tanh()]), nn.Dense(3)], (6, 6, 2), seed=3)


def train(network: nn.Network, adam: nn.Optimizer, loss: nn.Loss, steps: int, seed: int = 0) -> None:
    rng = np.random.default_rng(seed)
    for _ in range(steps):
        x, target = rng.normal(size=(5, *network.input_shape)), rng.integers(0, 3, 5)
        loss.forward(network.forward(x, training=True), target)
        network.backward(loss.backward())
        adam.step(network.theta, network.gradient)


@pytest.mark.parametrize("copied", [copy.deepcopy, copy.copy, lambda n: pickle.loads(pickle.dumps(n))])
def test_a_copy_trains_like_the_original(copied) -> None:
    network, adam, loss = deep(), nn.Adam(0.01), nn.CrossEntropy()
    adam.start(network.theta)
    train(network, adam, loss, 3)
    twin, adam_2, loss_2 = copied(network), copy.deepcopy(adam), pickle.loads(pickle.dumps(loss))
    assert (twin.gradient == network.gradient).all()
    before = network.theta.copy()
    train(twin, adam_2, loss_2, 3, seed=1)
    assert (network.theta == before).all(), "the copy has its own arrays"
    assert (twin.theta != before).any()
    train(network, adam, loss, 3, seed=1)
    assert (twin.theta == network.theta).all()
    assert (twin.layers[0].W.ravel() == twin.theta[: twin.layers[0].W.size]).all()


def test_a_copy_between_forward_and_backward_goes_back_alike() -> None:
    network, x = deep(), np.random.default_rng(0).normal(size=(4, 6, 6, 2))
    dy = np.ones_like(network.forward(x, training=True))
    twin = copy.deepcopy(network)
    dx = network.backward(dy)
    assert (twin.backward(dy) == dx).all()
    assert (twin.gradient == network.gradient).all()


def test_a_copied_training_trains_like_the_original() -> None:
    training = nn.Training(nn.configure({"task": "optimizers"}))
    events = training.events()
    for _ in range(5):
        next(events)
    twin = copy.deepcopy(training)
    assert twin.task.theta is twin.network.theta


def test_a_layer_stands_once_in_one_network() -> None:
    shared, inner = nn.Dense(2), nn.Dense(2)
    with pytest.raises(ValueError, match="layer 2: this Dense stands in the network twice"):
        nn.Network([shared, shared], (2,))
    with pytest.raises(ValueError, match="layer 2: this Dense stands in the network twice"):
        nn.Network([inner, nn.Residual([inner])], (2,))
    network = nn.Network([shared, nn.Residual([inner])], (2,))  # what was refused may be used
    theta = network.theta.copy()
    for layer in (shared, inner, network.layers[1], nn.Residual([inner])):
        with pytest.raises(ValueError, match="layer 1: this (Dense|Residual) stands in another network"):
            nn.Network([layer], (2,))
    assert (network.theta == theta).all()
    assert network.layers[0].W.base is not None
    for copied in (copy.copy(shared), copy.deepcopy(shared), pickle.loads(pickle.dumps(shared))):
        other = nn.Network([copied], (2,), seed=9)
        other.theta[:] = 7
    assert (network.theta == theta).all()
    copied = copy.deepcopy(network)
    with pytest.raises(ValueError, match="stands in another network"):
        nn.Network(copied.layers, (2,))


def test_what_is_no_layer_and_a_pool_from_elsewhere_are_named() -> None:
    with pytest.raises(ValueError, match="layer 1 must be a layer"):
        nn.Network([nn.Dense], (2,))
    with pytest.raises(ValueError, match="Residual: layers must be layers"):
        nn.Residual([3])
    with pytest.raises(ValueError, match="layer 1: this MaxUnpool2D undoes a MaxPool2D that does not stand before it"):
        pool = nn.MaxPool2D(2)
        nn.Network([pool], (4, 4, 1))
        nn.Network([nn.MaxUnpool2D(pool)], (2, 2, 1))


def test_setting_theta_or_a_parameter_copies_the_numbers_in() -> None:
    network = nn.Network([nn.Dense(2), nn.Residual([nn.Dense(2)])], (3,))
    theta, given = network.theta, np.arange(network.theta.size)
    network.theta = given
    assert network.theta is theta
    assert network.layers[0].W.tolist() == [[0, 1], [2, 3], [4, 5]]
    network.theta -= 1
    assert network.layers[0].W[0, 0] == -1
    network.layers[0].W = np.full((3, 2), 9)
    network.layers[1].inside[0].b = [5, 6]
    network.layers[0].dW = np.ones((3, 2))
    assert network.theta[:6].tolist() == [9] * 6
    assert network.theta[-2:].tolist() == [5, 6]
    assert network.gradient[:6].tolist() == [1] * 6
    network.gradient = np.zeros(network.gradient.size)
    assert not network.layers[0].dW.any()
    before = network.theta.copy()
    with pytest.raises(ValueError, match=r"theta has the shape \(14,\), got \(\)"):
        network.theta = 0
    with pytest.raises(ValueError, match=r"Dense: W has the shape \(3, 2\), got \(2, 3\)"):
        network.layers[0].W = np.zeros((2, 3))
    assert (network.theta == before).all()


@EVERY_LAYER
@pytest.mark.parametrize("training", [True, False], ids=["training", "predicting"])
def test_looking_between_forward_and_backward_leaves_the_gradient(name: str, training: bool) -> None:
    network, asked = network_of(name), network_of(name)
    x, other = whole(name), whole(name, 7)[::-1]
    if name != "Embedding":
        x, other = x - 4.25, other * 0.5
    y = network.forward(x, training)
    dy = np.random.default_rng(1).normal(size=y.shape)
    dx = network.backward(dy)
    asked.forward(x, training)
    asked.predict(other)
    asked.activations(other)
    assert (asked.backward(dy) == dx).all()
    assert (asked.gradient == network.gradient).all()
    asked.predict(other)
    assert (asked.backward(dy) == dx).all()


@EVERY_LAYER
@pytest.mark.parametrize("before", [[], [nn.ReLU]], ids=["first", "second"])
def test_the_gradient_is_the_same_without_dx(name: str, before: list[type[nn.Layer]]) -> None:
    make, kind = FITTING[name]
    if name == "Embedding" and before:
        return
    networks = [nn.Network([layer() for layer in before] + make(), SHAPES[kind]) for _ in range(2)]
    whole_network, network = networks
    y, _ = [each.forward(whole(name), training=True) for each in networks]
    dy = np.random.default_rng(1).normal(size=y.shape)
    assert whole_network.backward(dy).shape == (4, *SHAPES[kind])
    network.gradient = np.full(network.gradient.size, 7)
    assert network.backward(dy, dx=False) is None
    assert (network.gradient == whole_network.gradient).all()


def test_a_backward_of_ones_own_is_asked_without_dx_too() -> None:
    class Doubled(nn.Dense):
        def backward(self, dy: np.ndarray) -> np.ndarray:
            dx = super().backward(dy)
            self.dW *= 2
            return dx

    network, doubled = nn.Network([nn.Dense(3)], (6,)), nn.Network([Doubled(3)], (6,))
    for each in (network, doubled):
        each.forward(np.ones((2, 6)))
        each.backward(np.ones((2, 3)), dx=False)
    assert (doubled.layers[0].dW == 2 * network.layers[0].dW).all()


@EVERY_LAYER
@pytest.mark.parametrize("training", [True, False], ids=["training", "predicting"])
def test_whoever_changes_y_or_x_in_place_leaves_the_gradient(name: str, training: bool) -> None:
    network, changed = network_of(name), network_of(name)
    x = whole(name)
    if name != "Embedding":
        x = x.astype(np.float32) - 4.25
    y = network.forward(x, training)
    dy = np.random.default_rng(1).normal(size=y.shape)
    dx = network.backward(dy)
    y = changed.forward(x, training)
    y[...] = 3 - 2 * y
    x[...] = 0
    assert (changed.backward(dy) == dx).all()
    assert (changed.gradient == network.gradient).all()


@pytest.mark.parametrize(
    "loss", [nn.CrossEntropy(), nn.BinaryCrossEntropy(), nn.MSE(), nn.MAE(), nn.Huber()], ids=lambda o: type(o).__name__
)
def test_whoever_changes_the_prediction_in_place_leaves_its_gradient(loss: nn.Loss) -> None:
    prediction = np.random.default_rng(0).normal(size=(4, 3))
    target = np.array([0, 2, 1, 1]) if isinstance(loss, nn.CrossEntropy) else np.random.default_rng(1).random((4, 3))
    loss.forward(prediction, target)
    kept = loss.backward().copy()
    loss.forward(prediction, target)
    prediction[...], target[...] = 0, 1
    assert (loss.backward() == kept).all()


@EVERY_LAYER
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("kind", [np.uint8, np.int64, bool])
def test_whole_numbers_are_computed_with_in_the_networks_dtype(name: str, dtype: type, kind: type) -> None:
    x = whole(name).astype(kind)
    network, same = network_of(name, dtype=dtype), network_of(name, dtype=dtype)
    for training in (True, False):
        y, expected = network.forward(x, training), same.forward(x.astype(dtype), training)
        assert y.dtype == expected.dtype or name in ("Flatten", "Reshape", "Masking")  # which only arrange the numbers
        assert (y == expected).all()
        dy = np.ones(y.shape, int)
        assert (network.backward(dy) == same.backward(dy)).all()
        assert (network.gradient == same.gradient).all()


@EVERY_LAYER
def test_a_layer_alone_computes_with_whole_numbers_in_its_dtype(name: str) -> None:
    (layer, *_), shape = FITTING[name][0](), SHAPES[FITTING[name][1]]
    if name == "MaxUnpool2D":
        return
    layer.build(shape, np.random.default_rng(0), np.float64)
    y = layer.forward(whole(name))
    assert y.dtype == np.float64 or name in ("Flatten", "Reshape", "Masking")
    assert (y == layer.forward(whole(name).astype(np.float64))).all()


@EVERY_LAYER
def test_a_call_out_of_order_says_so(name: str) -> None:
    network = network_of(name)
    dy = np.ones((4, *network.output_shape))
    with pytest.raises(RuntimeError, match="forward comes first, then backward"):
        network.backward(dy)
    (layer, *_), shape = FITTING[name][0](), SHAPES[FITTING[name][1]]
    if layer.parameter_shapes(shape):
        with pytest.raises(OrderError, match=r"build .* comes first"):
            layer.forward(whole(name))
    (layer, *_) = FITTING[name][0]()
    dy = np.ones((4, *layer.build(shape, np.random.default_rng(0), np.float64)))
    with pytest.raises(OrderError, match="comes first, then forward, then backward"):
        layer.backward(dy)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_step_before_start_says_so_and_moves_nothing(name: str) -> None:
    theta = np.ones(3)
    with pytest.raises(OrderError, match=rf"{name} has no .*: start\(theta\) comes first, then step"):
        OPTIMIZERS[name]().step(theta, np.ones(3))
    assert (theta == 1).all()


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize(("theta", "gradient"), [(3, 1), (3, 4), (2, 3), (2, 2), (4, 4), (1, 3)])
def test_a_step_with_a_gradient_or_a_theta_of_another_size_moves_nothing(name: str, theta: int, gradient: int) -> None:
    """A gradient of one number broadcast in silence, and LazyAdam moved what it found of a shorter theta."""
    optimizer, values = OPTIMIZERS[name](), np.ones(theta)
    optimizer.start(np.ones(3))
    before = {key: value.copy() for key, value in optimizer.state_dict().items()}
    with pytest.raises(ValueError, match=rf"{name} was started for a theta of shape \(3,\).*got theta .* and gradient"):
        optimizer.step(values, np.ones(gradient))
    assert (values == 1).all()
    assert all((value == before[key]).all() for key, value in optimizer.state_dict().items())


LOSSES = [nn.CrossEntropy(), nn.BinaryCrossEntropy(), nn.MSE(), nn.MAE(), nn.Huber()]


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: type(loss).__name__)
def test_a_loss_refuses_what_are_no_real_numbers(loss: nn.Loss) -> None:
    """The imaginary part was dropped in silence, or the error spoke of something else."""
    name, real = type(loss).__name__, np.full((4, 2), 0.5)
    target = np.zeros(4, int) if isinstance(loss, nn.CrossEntropy) else real
    with pytest.raises(ValueError, match=f"{name} wants real numbers, got an array of complex128"):
        loss.forward(real + 1j, target)
    with pytest.raises(ValueError, match=rf"{name} wants .*got .*complex128"):
        loss.forward(real, target + 1j)


@pytest.mark.parametrize("layer", [nn.Dense(2), nn.Residual([nn.Dense(3)])], ids=["Dense", "Residual"])
def test_a_parameter_set_by_its_name_is_copied_in(layer: nn.Layer) -> None:
    """The dict took another array, which neither the network nor the layer ever read."""
    network = nn.Network([layer], (3,), seed=0)
    copied = copy.deepcopy(network)
    for net in (network, copied):
        (outer,) = net.layers
        name = next(iter(outer.parameters))
        W, dW = outer.parameters[name], outer.gradients[name]
        outer.parameters[name] = np.full(W.shape, 2.0)
        outer.gradients[name] = np.full(W.shape, 3.0)
        assert outer.parameters[name] is W
        assert outer.gradients[name] is dW
        assert (net.theta[: W.size] == 2).all()
        assert (net.gradient[: W.size] == 3).all()
        with pytest.raises(ValueError, match=r"has the shape .*, got \(1,\)"):
            outer.parameters[name] = np.ones(1)


def test_a_losss_backward_before_forward_says_so() -> None:
    for loss in (nn.CrossEntropy(), nn.BinaryCrossEntropy(), nn.MSE(), nn.MAE(), nn.Huber()):
        with pytest.raises(OrderError, match="forward comes first, then backward"):
            loss.backward()
        assert not hasattr(loss, "nothing")


def test_a_gradient_of_another_shape_is_refused() -> None:
    network = nn.Network([nn.Dense(1)], (2,))
    network.forward(np.ones((3, 2)))
    with pytest.raises(ValueError, match=r"in the shape of y, \(3, 1\), got \(3,\)"):
        network.backward(np.ones(3))


@pytest.mark.parametrize(
    ("make", "values"),
    [
        (lambda: nn.Dense(np.int64(5)), {"units": 5}),
        (lambda: nn.Dense(2.0), {"units": 2}),
        (lambda: nn.Dense(np.float32(3)), {"units": 3}),
        (lambda: nn.Dense(np.array(4)), {"units": 4}),
        (lambda: nn.Conv2D(np.uint8(2), (np.int32(3), 2.0)), {"filters": 2, "kernel_size": (3, 2)}),
        (lambda: nn.Conv2D(2, [3, 5], padding=np.int16(1)), {"kernel_size": (3, 5), "padding": 1}),
        (lambda: nn.Reshape(np.array([3, 2])), {"shape": (3, 2)}),
        (lambda: nn.Reshape(np.int64(6)), {"shape": (6,)}),
        (lambda: nn.Dropout(np.float32(0.25)), {"rate": 0.25}),
        (lambda: nn.LSTM(3, np.bool_(True)), {"return_sequences": True}),
        (lambda: nn.SGD(np.float64(0.5), nesterov=np.True_), {"learning_rate": 0.5, "nesterov": True}),
        (lambda: nn.Huber(np.int64(2)), {"delta": 2}),
        (lambda: nn.L2(np.float16(0.5)), {"strength": 0.5}),
    ],
)
def test_what_numpy_calls_a_number_is_one_for_a_hyperparameter(make, values: dict[str, object]) -> None:
    made = make()
    for name, value in values.items():
        assert getattr(made, name) == value
        assert type(getattr(made, name)) is type(value)
    if isinstance(made, nn.Dense):
        assert nn.Network([made], (3,)).predict(np.ones((2, 3))).shape == (2, made.units)


@pytest.mark.parametrize(
    "make",
    [
        lambda: nn.Dense(np.float64(2.5)),
        lambda: nn.Dense(np.nan),
        lambda: nn.Dense(np.bool_(True)),
        lambda: nn.Dense(np.array([3])),
        lambda: nn.Conv2D(2, (3, 3, 3)),
        lambda: nn.Conv2D(2, (3, True)),
        lambda: nn.SGD(np.float32(np.inf)),
        lambda: nn.SGD(np.complex64(1)),
    ],
)
def test_other_numbers_are_still_refused(make) -> None:
    with pytest.raises(ValueError, match="must be"):
        make()


def test_a_configuration_takes_whole_floats_for_whole_numbers() -> None:
    configuration = nn.configure({"task": "spiral", "batch_size": 32.0, "seed": np.int64(3), "data": {"points": 90.0}})
    assert (type(configuration.batch_size), type(configuration.seed), type(configuration.data["points"])) == (int, int, int)


def test_threads_that_predict_at_once_do_not_see_each_others_numbers() -> None:
    barrier = Barrier(2)

    class Meeting(nn.ReLU):
        def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
            barrier.wait(10)  # both have pooled, and none has put back
            return super().forward(x, training)

    network = nn.Network([nn.MaxPool2D(2), Meeting(), nn.MaxUnpool2D()], (4, 4, 1))
    corner = np.array([[1, 0], [0, 0]])
    images = [np.kron(np.ones((2, 2)), pixels)[None, :, :, None] for pixels in (corner, corner[::-1, ::-1])]
    with ThreadPoolExecutor(2) as threads:
        for image, seen in zip(images, threads.map(network.predict, images), strict=True):
            assert (seen == image).all()


def test_several_threads_may_predict_at_once() -> None:
    network = deep()
    batches = [np.random.default_rng(k).normal(size=(50 + k, 6, 6, 2)) for k in range(6)]
    expected = [network.predict(x) for x in batches]
    with ThreadPoolExecutor(6) as threads:
        for _ in range(20):
            assert all((y == e).all() for y, e in zip(threads.map(network.predict, batches), expected, strict=True))


def test_arrays_are_loaded_all_or_none() -> None:
    network = deep()
    before = {name: array.copy() for name, array in named_arrays(network).items()}
    last = list(before)[-1]
    good = {name: array + 1 for name, array in before.items()}
    for bad in (good[last].astype(complex), good[last].astype(str), np.full(good[last].shape, 1e300), good[last][:0]):
        with pytest.raises(ValueError, match=last):
            load_arrays(network, good | {last: bad})
        assert all((array == before[name]).all() for name, array in named_arrays(network).items())
    load_arrays(network, good)
    assert all((array == good[name]).all() for name, array in named_arrays(network).items())


@EVERY_LAYER
def test_no_examples_are_predicted_to_nothing_and_refused_for_training(name: str) -> None:
    network = network_of(name)
    x = whole(name)[:0]
    assert network.predict(x).shape == (0, *network.output_shape)
    with pytest.raises(ValueError, match="a batch of at least one example"):
        network.forward(x, training=True)


def test_a_loss_of_no_examples_is_refused() -> None:
    for loss in (nn.BinaryCrossEntropy(), nn.MSE(), nn.MAE(), nn.Huber()):
        with pytest.raises(ValueError, match="at least one example"):
            loss.forward(np.zeros((0, 3)), np.zeros((0, 3)))
    with pytest.raises(ValueError, match="at least one example"):
        nn.CrossEntropy().forward(np.zeros((0, 3)), np.zeros(0, int))


def test_whole_predictions_do_not_wrap_around() -> None:
    prediction, target = np.array([[1, 2]], np.uint8), np.array([[3, 4]], np.uint8)
    assert nn.MSE().forward(prediction, target) == 4
    assert nn.CrossEntropy().forward(prediction, np.array([1])) == pytest.approx(np.log(1 + np.exp(-1)))


@pytest.mark.parametrize("dtype", [np.float16, int, bool, complex, object])
def test_a_network_computes_in_float32_or_float64(dtype: type) -> None:
    with pytest.raises(ValueError, match="a network computes in float32 or float64, got dtype"):
        nn.Network([nn.Dense(2)], (2,), dtype=dtype)


def test_a_network_of_nothing_and_inputs_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one layer"):
        nn.Network([], (2,))
    with pytest.raises(ValueError, match="every length of input_shape must be at least 1"):
        nn.Network([nn.Dense(2)], (0,))
    network = nn.Network([nn.Dense(2)], (2,))
    assert (network.predict([[1, 2]]) == network.predict(np.array([[1.0, 2.0]]))).all()
    for x in (np.array([["1", "2"]]), np.ones((1, 2), complex), np.array([[None, 1]])):
        with pytest.raises(ValueError, match="the network wants numbers"):
            network.forward(x)


def test_batch_norm_is_not_trained_on_one_example() -> None:
    network = nn.Network([nn.BatchNorm()], (3,))
    with pytest.raises(ValueError, match="BatchNorm cannot be trained on one example"):
        network.forward(np.ones((1, 3)), training=True)
    assert network.predict(np.ones((1, 3))).shape == (1, 3)
    assert nn.Network([nn.BatchNorm()], (4, 3)).forward(np.ones((1, 4, 3)), training=True).shape == (1, 4, 3)


@pytest.mark.parametrize("inside", [False, True])
def test_batches_that_leave_one_example_alone_with_a_batch_norm_are_refused(inside: bool) -> None:
    norm = {"layer": "Residual", "layers": [{"layer": "BatchNorm"}]} if inside else {"layer": "BatchNorm"}
    request = {"task": "spiral", "steps": 20, "network": [norm, {"layer": "Dense"}]}
    examples = nn.Training(nn.configure(request)).task.examples
    for size, words in ((1, "every batch has one"), (examples - 1, f"the last of {examples} examples is alone")):
        with pytest.raises(nn.ConfigurationError, match=words) as refused:
            nn.configure({**request, "batch_size": size})
        assert refused.value.field == "batch_size"
        nn.configure({**request, "batch_size": size, "network": [{"layer": "Dense"}]})
    for size in (2, examples, examples + 1):
        assert list(nn.Training(nn.configure({**request, "batch_size": size})).events())


@pytest.mark.parametrize("vocabulary", [5, 255, 256, 4096])
def test_an_embedding_adds_the_gradient_at_the_rows(vocabulary: int) -> None:
    rng = np.random.default_rng(0)
    network = nn.Network([nn.Embedding(vocabulary, 7)], (30,), dtype=np.float64)
    tokens = rng.integers(0, vocabulary, (20, 30))
    dy = rng.normal(size=network.forward(tokens).shape)
    network.backward(dy)
    network.backward(dy)  # nothing accumulates
    expected = np.zeros((vocabulary, 7))
    np.add.at(expected, tokens, dy)
    np.testing.assert_allclose(network.layers[0].dW, expected, atol=1e-12)


def test_a_row_of_metrics_says_loss_and_penalty() -> None:
    request = {"task": "spiral", "steps": 3}
    training = nn.Training(nn.configure({**request, "regularizer": {"name": "L2", "strength": 0.1}}))
    for row in training.events():
        assert isinstance(row, nn.Metrics)
        assert row.penalty == pytest.approx(0.05 * sum(float((W**2).sum()) for W, _ in training.network.weights()))
    assert all(row.penalty == 0 for row in nn.Training(nn.configure({**request, "regularizer": None})).events())


def test_a_network_shows_its_summary() -> None:
    network = deep()
    assert repr(network) == network.summary()
