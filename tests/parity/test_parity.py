"""The engine against PyTorch: the same weights and inputs, outputs and all gradients.

Run with the extra `parity` (torch==2.13.0); .ci/run does. Without torch these tests are not collected, see conftest.py.
"""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch.func import functional_call
from torch.nn import functional

import engine as nn
from engine.layers import LAYERS
from engine.optimizers import OPTIMIZERS
from engine.schedules import SCHEDULES
from engine.training.factory import LOSSES
from tests.engine.test_gradients import CASES as GRADIENT_CASES
from tests.parity.theirs import THEIRS, attention_parameters

TOLERANCE = {np.float32: 1e-5, np.float64: 1e-10}


def pool_that_saw(shape: tuple[int, ...]) -> nn.MaxPool2D:
    pool = nn.MaxPool2D(2)
    pool.build(shape, np.random.default_rng(0), np.float64)
    pool.image = np.random.default_rng(1).normal(size=(4, *shape))
    pool.forward(pool.image)
    return pool


CASES = [
    (nn.Dense(7), (5,)),
    (nn.Dense(7), (4, 5)),
    (nn.Conv2D(6, 3), (9, 8, 3)),
    (nn.Conv2D(6, 7), (28, 28, 1)),
    (nn.Conv2D(4, 3, stride=2), (9, 8, 3)),
    (nn.Conv2D(4, (3, 2), stride=(1, 2), padding="full", dilation=2), (9, 8, 3)),
    (nn.Conv2D(4, 3, padding="valid", dilation=(2, 1)), (9, 8, 3)),
    (nn.Conv2D(4, 3, padding=2), (9, 8, 3)),
    (nn.Conv2D(4, 3, padding=(0, 2)), (9, 8, 3)),
    (nn.Conv2D(2, 3, stride=2, padding=(0, 2, 1, 3)), (9, 8, 3)),
    (nn.MaxPool2D(2), (8, 9, 3)),
    (nn.MaxPool2D(4, stride=1, padding="same"), (8, 9, 3)),
    (nn.MaxPool2D(3, stride=2, padding=1), (8, 9, 3)),
    (nn.Flatten(), (3, 4, 2)),
    (nn.Reshape((6, 4)), (3, 4, 2)),
    (nn.ReLU(), (9,)),
    (nn.LeakyReLU(0.2), (9,)),
    (nn.Tanh(), (9,)),
    (nn.Sigmoid(), (9,)),
    (nn.GELU(), (9,)),
    (nn.GELU(approximate=False), (9,)),
    (nn.Softmax(), (4, 9)),
    (nn.AveragePool2D(2), (8, 9, 3)),
    (nn.AveragePool2D(3, stride=(1, 2), padding="same"), (8, 9, 3)),
    (nn.GlobalAveragePool2D(), (8, 9, 3)),
    (nn.MaxUnpool2D(pool_that_saw((8, 10, 3))), (4, 5, 3)),
    (nn.UpSample2D((2, 3)), (4, 5, 3)),
    (nn.Conv2DTranspose(4, 3), (5, 6, 3)),
    (nn.Conv2DTranspose(4, (5, 2), stride=2), (5, 6, 3)),
    (nn.Conv2DTranspose(4, 3, stride=(2, 3), padding="valid"), (5, 6, 3)),
    (nn.Conv2DTranspose(4, 4, stride=2, padding=1), (5, 6, 3)),
    (nn.Conv2DTranspose(4, 4, stride=2, padding=(0, 1, 2, 0)), (5, 6, 3)),
    (nn.Dropout(0.3), (40,)),
    (nn.BatchNorm(), (6,)),
    (nn.BatchNorm(epsilon=1e-3), (4, 5, 3)),
    (nn.LayerNorm(), (6,)),
    (nn.LayerNorm(epsilon=1e-3), (5, 6)),
    (nn.RNN(7), (9, 3)),
    (nn.RNN(7, return_sequences=True), (9, 3)),
    (nn.LSTM(7), (9, 3)),
    (nn.LSTM(7, return_sequences=True), (9, 3)),
    (nn.GRU(7), (9, 3)),
    (nn.GRU(7, return_sequences=True), (9, 3)),
    (nn.Embedding(11, 5), (8,)),
    (nn.PositionalEncoding(), (7, 6)),
    (nn.PositionalEncoding(learned=True, longest=9), (7, 6)),
    (nn.MultiHeadAttention(2), (5, 6)),
    (nn.MultiHeadAttention(3, causal=True), (5, 6)),
    (nn.TransformerBlock(2), (5, 6)),
    (nn.TransformerBlock(3, causal=True, expansion=2), (5, 6)),
    (nn.Residual([nn.Dense(6), nn.Tanh(), nn.Dense(6)]), (6,)),
]
CASES += [
    case for name, cases in GRADIENT_CASES.items() if name not in {type(layer).__name__ for layer, _ in CASES} for case in cases
]


def difference(ours: np.ndarray, theirs: torch.Tensor, least: float = 1e-30) -> float:
    """‖ours − theirs‖ / ‖theirs‖, or / least where theirs is smaller: some gradients are zero but for rounding."""
    theirs = theirs.detach().numpy()
    return float(np.linalg.norm(ours - theirs) / max(np.linalg.norm(theirs), least))


def test_everything_is_compared() -> None:
    assert set(THEIRS) == set(LAYERS) == {type(layer).__name__ for layer, _ in CASES}
    assert set(LOSSES) == {"CrossEntropy", "Height", *NUMBER_LOSSES}
    assert set(OPTIMIZERS) == {type(ours).__name__ for ours, _ in OPTIMIZER_CASES} | {"Muon", "Lion"}, "they have no Lion"
    assert set(SCHEDULES) == {type(ours).__name__ for ours, _ in SCHEDULE_CASES} | {"ReduceOnPlateau"}


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize(("layer", "shape"), CASES)
def test_layer(layer: nn.Layer, shape: tuple[int, ...], dtype: type) -> None:
    rng, tokens = np.random.default_rng(0), isinstance(layer, nn.Embedding)
    layer.build(shape, rng, dtype)
    for value in layer.parameters.values():
        value[...] = rng.normal(0, 0.5, value.shape)
    x = rng.integers(0, 11, (4, *shape)) if tokens else rng.normal(size=(4, *shape)).astype(dtype)
    y = layer.forward(x, training=True)
    dy = rng.normal(size=y.shape).astype(dtype)
    dx = layer.backward(dy)
    p = {name: torch.tensor(value, requires_grad=True) for name, value in layer.parameters.items()}
    their_x = torch.tensor(x, requires_grad=not tokens)
    their_y = THEIRS[type(layer).__name__](layer, their_x, p)
    their_y.backward(torch.tensor(dy))
    size = 0.1 * float(np.linalg.norm(dy))
    worst = {"y": difference(y, their_y)} | ({} if tokens else {"dx": difference(dx, their_x.grad, size)})
    worst |= {f"d{name}": difference(layer.gradients[name], value.grad, size) for name, value in p.items()}
    print("PARITY", type(layer).__name__, dtype.__name__, f"{max(worst.values()):.1e}")
    assert y.dtype == dx.dtype == dtype
    assert max(worst.values()) < TOLERANCE[dtype]


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("cell", ["RNN", "LSTM", "GRU"])
def test_a_given_state_is_their_h_0_and_c_0(cell: str, dtype: type) -> None:
    rng, layer = np.random.default_rng(8), getattr(nn, cell)(5, return_sequences=True)
    layer.build((6, 3), rng, dtype)
    x, dy = rng.normal(size=(4, 6, 3)).astype(dtype), rng.normal(size=(4, 6, 5)).astype(dtype)
    state = tuple(rng.normal(size=(4, 5)).astype(dtype) for _ in layer.carried)
    y = layer.forward(x, initial_state=state)
    layer.backward(dy)
    p = {name: torch.tensor(value, requires_grad=True) for name, value in layer.parameters.items()}
    second = p.get("d", torch.zeros_like(p["b"]))
    theirs = {"weight_ih_l0": p["W"].T, "weight_hh_l0": p["U"].T, "bias_ih_l0": p["b"], "bias_hh_l0": second}
    module = getattr(torch.nn, cell)(3, 5, batch_first=True).to(p["b"].dtype)
    begun = tuple(torch.tensor(one[None]) for one in state)
    their_y, last = functional_call(module, theirs, (torch.tensor(x), begun if cell == "LSTM" else begun[0]))
    their_y.backward(torch.tensor(dy))
    assert difference(y, their_y) < TOLERANCE[dtype]
    for ours, their_last in zip(layer.final_state, last if cell == "LSTM" else (last,), strict=True):
        assert difference(ours, their_last[0]) < TOLERANCE[dtype]
    for name, value in p.items():
        assert difference(layer.gradients[name], value.grad, float(value.grad.abs().max())) < TOLERANCE[dtype]


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("both_ways", [False, True])
@pytest.mark.parametrize("cell", ["RNN", "LSTM", "GRU"])
def test_rows_of_different_lengths_are_their_packed_sequences(cell: str, both_ways: bool, dtype: type) -> None:
    rng, lengths = np.random.default_rng(6), [5, 2, 4, 1]
    x = rng.normal(size=(4, 5, 3)).astype(dtype)
    for n, length in enumerate(lengths):
        x[n, length:] = 0
    reader = nn.Bidirectional(2, cell, return_sequences=True) if both_ways else getattr(nn, cell)(2, return_sequences=True)
    y = nn.Network([nn.Masking(), reader], (5, 3), dtype=dtype).forward(x)
    module = getattr(torch.nn, cell)(3, 2, batch_first=True, bidirectional=both_ways).to(torch.tensor(x).dtype)
    for i, end in enumerate(("_l0", "_l0_reverse")[: 1 + both_ways]):
        layer = reader.inside[i] if both_ways else reader
        zero = np.zeros_like(layer.b)
        for name, value in {"weight_ih": layer.W.T, "weight_hh": layer.U.T, "bias_ih": layer.b, "bias_hh": zero}.items():
            getattr(module, f"{name}{end}").data[...] = torch.tensor(value)
    packed = torch.nn.utils.rnn.pack_padded_sequence(torch.tensor(x), lengths, batch_first=True, enforce_sorted=False)
    theirs, _ = torch.nn.utils.rnn.pad_packed_sequence(module(packed)[0], batch_first=True)
    assert difference(y, theirs) < TOLERANCE[dtype]


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("gaps", [False, True])
def test_attention_leaves_padding_out_as_their_key_padding_mask_does(gaps: bool, dtype: type) -> None:
    rng, lengths = np.random.default_rng(7), np.array([5, 2, 4, 1])
    x = rng.normal(size=(4, 5, 6)).astype(dtype)
    padding = np.arange(5) >= lengths[:, None]
    if gaps:
        padding[0, [0, 2]] = padding[2, 1] = True
    x[padding] = 0
    layer = nn.MultiHeadAttention(2)
    y = nn.Network([nn.Masking(gaps=gaps), layer], (5, 6), dtype=dtype).forward(x)
    module = torch.nn.MultiheadAttention(6, 2, batch_first=True).to(torch.tensor(x).dtype)
    theirs = attention_parameters({name: torch.tensor(value) for name, value in layer.parameters.items()})
    mask = {"key_padding_mask": torch.tensor(padding), "need_weights": False}
    assert difference(y, functional_call(module, theirs, (torch.tensor(x),) * 3, mask)[0]) < TOLERANCE[dtype]


@pytest.mark.parametrize("dtype", TOLERANCE)
def test_running_averages_of_batch_norm(dtype: type) -> None:
    rng, ours = np.random.default_rng(3), nn.BatchNorm(momentum=0.8)
    theirs = torch.nn.BatchNorm2d(3, momentum=0.2).to(torch.tensor(np.zeros(1, dtype)).dtype)
    ours.build((5, 4, 3), rng, dtype)
    for _ in range(10):
        x = rng.normal(2, 3, (6, 5, 4, 3)).astype(dtype)
        ours.forward(x, training=True)
        theirs(torch.tensor(x).permute(0, 3, 1, 2))
    assert difference(ours.state["running_mean"], theirs.running_mean) < TOLERANCE[dtype]
    assert difference(ours.state["running_variance"], theirs.running_var) < TOLERANCE[dtype]
    theirs.eval()
    assert difference(ours.forward(x), theirs(torch.tensor(x).permute(0, 3, 1, 2)).permute(0, 2, 3, 1)) < TOLERANCE[dtype]


def test_places_of_the_largest() -> None:
    """Unpooling a pool's output gives PyTorch's indices back."""
    x = np.random.default_rng(4).normal(size=(2, 9, 8, 3))
    pool = nn.MaxPool2D(2)
    pool.build(x.shape[1:], np.random.default_rng(0), np.float64)
    pool.forward(x)
    places = np.broadcast_to(np.arange(72.0).reshape(1, 9, 8, 1), x.shape)
    _, indices = functional.max_pool2d(torch.tensor(x).permute(0, 3, 1, 2), 2, return_indices=True)
    np.testing.assert_array_equal(pool.pick(places), indices.permute(0, 2, 3, 1).numpy())


def test_dropout_has_their_mean_and_spread() -> None:
    layer, x = nn.Dropout(0.3), np.ones((1, 400_000), np.float32)
    layer.build((400_000,), np.random.default_rng(0), np.float32)
    theirs = functional.dropout(torch.tensor(x), 0.3)
    y = layer.forward(x, training=True)
    assert y.mean() == pytest.approx(theirs.mean().item(), abs=0.005)
    assert y.std() == pytest.approx(theirs.std().item(), abs=0.005)


NUMBER_LOSSES: dict[str, Callable[..., torch.Tensor]] = {
    "MSE": functional.mse_loss,
    "MAE": functional.l1_loss,
    "Huber": functional.huber_loss,
    "BinaryCrossEntropy": functional.binary_cross_entropy_with_logits,
}


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize(
    ("smoothing", "weights"), [(0.0, None), (0.1, None), (0.0, (1, 0, 3, 0.5, 9)), (0.2, (1, 0, 3, 0.5, 9))]
)
@pytest.mark.parametrize(("shape", "ignored"), [((8, 5), False), ((3, 4, 5), False), ((3, 4, 5), True)])
def test_cross_entropy(
    dtype: type, shape: tuple[int, ...], ignored: bool, smoothing: float, weights: tuple[float, ...]
) -> None:
    rng = np.random.default_rng(1)
    logits, target = (5 * rng.normal(size=shape)).astype(dtype), rng.integers(-1 if ignored else 0, 5, shape[:-1])
    theirs = torch.tensor(logits, requires_grad=True)
    their_weights = None if weights is None else torch.tensor(weights, dtype=theirs.dtype)
    value = functional.cross_entropy(
        theirs.reshape(-1, 5), torch.tensor(target).reshape(-1), their_weights, ignore_index=-1, label_smoothing=smoothing
    )
    value.backward()
    ours = nn.CrossEntropy(smoothing, weights)
    assert ours.forward(logits, target) == pytest.approx(value.item(), rel=TOLERANCE[dtype])
    assert difference(ours.backward(), theirs.grad) < TOLERANCE[dtype]


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("name", NUMBER_LOSSES)
def test_loss_on_numbers(name: str, dtype: type) -> None:
    rng = np.random.default_rng(1)
    prediction, target = (2 * rng.normal(size=(8, 2))).astype(dtype), rng.random((8, 2)).astype(dtype)
    theirs = torch.tensor(prediction, requires_grad=True)
    value = NUMBER_LOSSES[name](theirs, torch.tensor(target))
    value.backward()
    ours = LOSSES[name]()
    assert ours.forward(prediction, target) == pytest.approx(value.item(), rel=TOLERANCE[dtype])
    assert difference(ours.backward(), theirs.grad) < TOLERANCE[dtype]


optim = torch.optim
OPTIMIZER_CASES: list[tuple[nn.Optimizer, Callable[..., torch.optim.Optimizer]]] = [
    (nn.SGD(0.1), lambda p: optim.SGD(p, 0.1)),
    (nn.SGD(0.1, momentum=0.9), lambda p: optim.SGD(p, 0.1, momentum=0.9)),
    (nn.SGD(0.1, momentum=0.9, nesterov=True), lambda p: optim.SGD(p, 0.1, momentum=0.9, nesterov=True)),
    (nn.AdaGrad(0.1), lambda p: optim.Adagrad(p, 0.1)),
    (nn.RMSProp(0.01, decay=0.95), lambda p: optim.RMSprop(p, 0.01, alpha=0.95)),
    (nn.RMSProp(0.01, centered=True), lambda p: optim.RMSprop(p, 0.01, alpha=0.9, centered=True)),
    (nn.Adam(0.01), lambda p: optim.Adam(p, 0.01)),
    (nn.Adam(0.1, beta1=0.5, beta2=0.9, epsilon=1e-4), lambda p: optim.Adam(p, 0.1, betas=(0.5, 0.9), eps=1e-4)),
    (nn.Adam(0.01, amsgrad=True, beta2=0.5), lambda p: optim.Adam(p, 0.01, betas=(0.9, 0.5), amsgrad=True)),
    (nn.AdamW(0.01, weight_decay=0.2), lambda p: optim.AdamW(p, 0.01, weight_decay=0.2)),
    (nn.LazyAdam(0.01), lambda p: optim.Adam(p, 0.01)),
    (nn.AdaDelta(), lambda p: optim.Adadelta(p)),
    (nn.AdaDelta(0.5, decay=0.7, epsilon=1e-4), lambda p: optim.Adadelta(p, 0.5, 0.7, 1e-4)),
    (nn.Nadam(), lambda p: optim.NAdam(p)),
    (nn.Nadam(0.1, beta1=0.7, beta2=0.8, momentum_decay=0.1), lambda p: optim.NAdam(p, 0.1, (0.7, 0.8), momentum_decay=0.1)),
]
STEPS = 50
schedulers = optim.lr_scheduler


def warm_up_and_anneal(optimizer: optim.Optimizer, warmup: int) -> schedulers.LRScheduler:
    climb = schedulers.LinearLR(optimizer, 1 / (warmup + 1), 1, warmup)
    return schedulers.SequentialLR(optimizer, [climb, schedulers.CosineAnnealingLR(optimizer, STEPS - warmup)], [warmup])


SCHEDULE_CASES: list[tuple[nn.schedules.Schedule, Callable[..., schedulers.LRScheduler]]] = [
    (nn.Constant(), lambda o: schedulers.ConstantLR(o, 1)),
    (nn.StepDecay(decay=0.3, every=7), lambda o: schedulers.StepLR(o, 7, 0.3)),
    (nn.Exponential(decay=0.5, every=10), lambda o: schedulers.ExponentialLR(o, 0.5 ** (1 / 10))),
    (nn.Cosine(), lambda o: schedulers.CosineAnnealingLR(o, STEPS)),
    (nn.WarmupCosine(warmup=10), lambda o: warm_up_and_anneal(o, 10)),
    (nn.OneCycle(), lambda o: schedulers.OneCycleLR(o, 0.01, STEPS, cycle_momentum=False)),
    (nn.WarmRestarts(first=7, multiple=2), lambda o: schedulers.CosineAnnealingWarmRestarts(o, 7, 2)),
    (nn.WarmRestarts(first=9, multiple=1), lambda o: schedulers.CosineAnnealingWarmRestarts(o, 9)),
]


@pytest.mark.parametrize("clip", [None, 1.0])
@pytest.mark.parametrize(("ours", "make"), OPTIMIZER_CASES)
def test_optimizer_over_50_steps(ours: nn.Optimizer, make: Callable[..., optim.Optimizer], clip: float | None) -> None:
    rng = np.random.default_rng(2)
    theta = rng.normal(size=20)
    theirs = torch.tensor(theta, requires_grad=True)
    optimizer = make([theirs])
    ours.start(theta)
    for _ in range(STEPS):
        gradient = rng.normal(size=20)
        theirs.grad = torch.tensor(gradient)
        if clip:
            nn.clip_by_norm(gradient, clip)
            torch.nn.utils.clip_grad_norm_([theirs], clip)
        optimizer.step()
        ours.step(theta, gradient)
    print(type(ours).__name__, f"{difference(theta, theirs):.1e}")
    tolerance = 1e-8 if isinstance(ours, nn.Nadam) else 1e-10  # they keep the product of its momenta in 32 bits
    assert difference(theta, theirs) < (1e-6 if clip else tolerance)  # their clipping divides by the norm + 1e-6


def test_muon_over_50_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Theirs brings matrices near a rotation in 16 bits; here in as many as ours has."""
    monkeypatch.setattr(torch.Tensor, "bfloat16", lambda tensor: tensor.clone())
    network = nn.Network([nn.Dense(7), nn.Dense(3)], (4,), dtype=np.float64)
    matrices, biases = ([torch.tensor(p[n], requires_grad=True) for p in parameters(network)] for n in "Wb")
    theirs = (
        optim.Muon(matrices, 0.02, weight_decay=0.1, momentum=0.9, adjust_lr_fn="match_rms_adamw"),
        optim.Adam(biases, 0.02),
    )
    ours = nn.Muon(0.02, weight_decay=0.1, momentum=0.9)
    ours.start_on(network)
    rng = np.random.default_rng(2)
    for _ in range(STEPS):
        network.gradient[:] = rng.normal(size=network.theta.size)
        for layer, W, b in zip(network.layers, matrices, biases, strict=True):
            W.grad, b.grad = torch.tensor(layer.dW), torch.tensor(layer.db)
        for optimizer in theirs:
            optimizer.step()
        ours.step(network.theta, network.gradient)
    for p, W, b in zip(parameters(network), matrices, biases, strict=True):
        assert difference(p["W"], W) < 1e-5  # eps is added to another norm: their buffer is 1 − μ of ours
        assert difference(p["b"], b) < 1e-10


def parameters(network: nn.Network) -> list[dict[str, np.ndarray]]:
    return [layer.parameters for layer in network.layers]


@pytest.mark.parametrize("name", ["SGD", "Adam", "AdamW"])
def test_a_scaled_learning_rate_is_that_of_a_group(name: str) -> None:
    scales, chosen = (3.0, 0.5), {"AdamW": {"weight_decay": 0.2}, "SGD": {"momentum": 0.9}}.get(name, {})
    network = nn.Network([nn.Dense(4, learning_rate_scale=scale) for scale in scales], (4,), dtype=np.float64)
    groups = [[torch.tensor(value, requires_grad=True) for value in p.values()] for p in parameters(network)]
    theirs = getattr(optim, name)([{"params": g, "lr": 0.01 * s} for g, s in zip(groups, scales, strict=True)], 0.01, **chosen)
    ours = OPTIMIZERS[name](0.01, **chosen)
    ours.start(network.theta)
    rng = np.random.default_rng(2)
    for _ in range(STEPS):
        network.gradient[:] = rng.normal(size=network.theta.size)
        for layer, group in zip(network.layers, groups, strict=True):
            for gradient, value in zip(layer.gradients.values(), group, strict=True):
                value.grad = torch.tensor(gradient)
        theirs.step()
        before = network.theta.copy()
        ours.step(network.theta, network.gradient)
        network.scale_step(before)
    for p, group in zip(parameters(network), groups, strict=True):
        for value, theirs_value in zip(p.values(), group, strict=True):
            assert difference(value, theirs_value) < 1e-10


@pytest.mark.parametrize(("schedule", "make"), SCHEDULE_CASES)
def test_schedule_over_50_steps_of_adamw(schedule: nn.schedules.Schedule, make: Callable[..., schedulers.LRScheduler]) -> None:
    rng = np.random.default_rng(3)
    theta, ours = rng.normal(size=20), nn.AdamW(0.01, weight_decay=0.1)
    theirs = torch.tensor(theta, requires_grad=True)
    optimizer = optim.AdamW([theirs], 0.01, weight_decay=0.1)
    scheduler = make(optimizer)
    ours.start(theta)
    for t in range(STEPS):
        gradient = rng.normal(size=20)
        theirs.grad = torch.tensor(gradient)
        ours.learning_rate = 0.01 * schedule.factor(t, STEPS)
        assert ours.learning_rate == pytest.approx(optimizer.param_groups[0]["lr"], rel=1e-10, abs=1e-12)
        optimizer.step()
        scheduler.step()
        ours.step(theta, gradient)
    assert difference(theta, theirs) < 1e-10


def test_reduce_on_plateau_over_200_losses() -> None:
    """Theirs waits for more than `patience` losses that are not better, ours for as many."""
    optimizer = optim.SGD([torch.zeros(1, requires_grad=True)], 1.0)
    theirs = schedulers.ReduceLROnPlateau(optimizer, factor=0.7, patience=4, eps=0)
    ours = nn.ReduceOnPlateau(decay=0.7, patience=5)
    rng, rates = np.random.default_rng(4), set()
    for step in range(200):
        loss = float(np.exp(-step / 50) + 0.1 * rng.random())
        theirs.step(loss)
        ours.observe(step, loss)
        rates.add(ours.factor(step, 200))
        assert ours.factor(step, 200) == pytest.approx(optimizer.param_groups[0]["lr"])
    assert len(rates) > 10


def test_heights_and_slopes() -> None:
    def f(p: torch.Tensor) -> torch.Tensor:
        (a, b), (c, d), (e, g), (h, i) = p
        rosenbrock = (1 - a) ** 2 + 100 * (b - a**2) ** 2
        beale = (1.5 - c + c * d) ** 2 + (2.25 - c + c * d**2) ** 2 + (2.625 - c + c * d**3) ** 2
        return (rosenbrock + beale + e**2 / 2 - g**2 / 2 + g**4 / 16 + 1 + h**2 / 20 + 5 * i**2) / 4

    places, ours = np.random.default_rng(5).normal(size=(4, 2)), LOSSES["Height"]()
    theirs = torch.tensor(places, requires_grad=True)
    value = f(theirs)
    value.backward()
    assert ours.forward(places, np.arange(4)) == pytest.approx(value.item(), rel=1e-10)
    assert difference(ours.backward(), theirs.grad) < 1e-10
