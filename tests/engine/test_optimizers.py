"""Every optimizer against a slow transcription of its paper's algorithm, one number at a time; and the schedules."""

import math
from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np
import pytest

import engine as nn
from engine.optimizers import BLOCK, OPTIMIZERS, Optimizer
from engine.schedules import SCHEDULES

Oracle = Callable[[Optimizer], Iterator[float]]


def sgd(o: nn.SGD, theta: float, gradients: list[float]) -> float:
    v = 0.0
    for g in gradients:
        v = o.momentum * v + g
        theta -= o.learning_rate * (g + o.momentum * v if o.nesterov else v)
    return theta


def adagrad(o: nn.AdaGrad, theta: float, gradients: list[float]) -> float:
    for t in range(len(gradients)):
        size = math.sqrt(sum(g**2 for g in gradients[: t + 1]))
        theta -= o.learning_rate * gradients[t] / (size + o.epsilon)
    return theta


def rmsprop(o: nn.RMSProp, theta: float, gradients: list[float]) -> float:
    m = v = 0.0
    for g in gradients:
        m, v = o.decay * m + (1 - o.decay) * g, o.decay * v + (1 - o.decay) * g**2
        theta -= o.learning_rate * g / (math.sqrt(v - m**2 if o.centered else v) + o.epsilon)
    return theta


def adam(o: nn.Adam, theta: float, gradients: list[float], decay: float = 0.0, lazy: bool = False) -> float:
    m = v = v_max = 0.0
    for t, g in enumerate(gradients, start=1):
        if lazy and g == 0:
            continue
        theta -= o.learning_rate * decay * theta
        m = o.beta1 * m + (1 - o.beta1) * g
        v = o.beta2 * v + (1 - o.beta2) * g**2
        v_max = max(v_max, v)
        m_hat = m / (1 - o.beta1**t)
        v_hat = (v_max if o.amsgrad else v) / (1 - o.beta2**t)
        theta -= o.learning_rate * m_hat / (math.sqrt(v_hat) + o.epsilon)
    return theta


def adadelta(o: nn.AdaDelta, theta: float, gradients: list[float]) -> float:
    v = u = 0.0
    for g in gradients:
        v = o.decay * v + (1 - o.decay) * g**2
        delta = math.sqrt(u + o.epsilon) / math.sqrt(v + o.epsilon) * g
        u = o.decay * u + (1 - o.decay) * delta**2
        theta -= o.learning_rate * delta
    return theta


def nadam(o: nn.Nadam, theta: float, gradients: list[float]) -> float:
    def mu(t: int) -> float:
        return o.beta1 * (1 - 0.5 * 0.96 ** (t * o.momentum_decay))

    m = v = 0.0
    for t, g in enumerate(gradients, start=1):
        m, v = o.beta1 * m + (1 - o.beta1) * g, o.beta2 * v + (1 - o.beta2) * g**2
        until, beyond = (math.prod(mu(i) for i in range(1, last + 1)) for last in (t, t + 1))
        m_bar = mu(t + 1) * m / (1 - beyond) + (1 - mu(t)) * g / (1 - until)
        theta -= o.learning_rate * m_bar / (math.sqrt(v / (1 - o.beta2**t)) + o.epsilon)
    return theta


def lion(o: nn.Lion, theta: float, gradients: list[float]) -> float:
    m = 0.0
    for g in gradients:
        c = o.beta1 * m + (1 - o.beta1) * g
        theta -= o.learning_rate * (math.copysign(1, c) * (c != 0) + o.weight_decay * theta)
        m = o.beta2 * m + (1 - o.beta2) * g
    return theta


ORACLES = {
    "SGD": sgd,
    "AdaGrad": adagrad,
    "RMSProp": rmsprop,
    "Adam": adam,
    "AdamW": lambda o, theta, gradients: adam(o, theta, gradients, decay=o.weight_decay),
    "LazyAdam": lambda o, theta, gradients: adam(o, theta, gradients, lazy=True),
    "AdaDelta": adadelta,
    "Nadam": nadam,
    "Lion": lion,
    "Muon": adam,  # of what is no matrix
}


def test_every_optimizer_has_an_oracle() -> None:
    assert set(ORACLES) == set(OPTIMIZERS)


@pytest.mark.parametrize(
    "optimizer",
    [
        *(optimizer(0.05) for optimizer in OPTIMIZERS.values()),
        nn.SGD(0.1),
        nn.SGD(0.1, momentum=0.9),
        nn.SGD(0.1, momentum=0.9, nesterov=True),
        nn.AdaGrad(0.1),
        nn.RMSProp(0.01),
        nn.RMSProp(0.01, decay=0.5, centered=True, epsilon=1e-4),
        nn.Adam(0.01),
        nn.Adam(0.01, amsgrad=True, beta2=0.5),
        nn.AdamW(0.01, weight_decay=0.3),
        nn.LazyAdam(0.01),
        nn.LazyAdam(0.01, amsgrad=True, beta2=0.5),
        nn.Adam(0.1, beta1=0.5, beta2=0.9, epsilon=1e-3),
        nn.AdaDelta(0.5, decay=0.6, epsilon=1e-3),
        nn.Nadam(0.01, beta1=0.8, beta2=0.9, momentum_decay=0.1),
        nn.Lion(0.01, beta1=0.7, beta2=0.8, weight_decay=0.3),
        nn.Muon(0.01, momentum=0.5, weight_decay=0.3),
    ],
)
def test_optimizer_is_its_algorithm(optimizer: Optimizer) -> None:
    rng = np.random.default_rng(0)
    theta, gradients = rng.normal(size=4), rng.normal(size=(50, 4))
    gradients[rng.random((50, 4)) < 0.3] = 0
    expected = [ORACLES[type(optimizer).__name__](optimizer, t, list(gradients[:, i])) for i, t in enumerate(theta)]
    optimizer.start(theta)
    for gradient in gradients:
        kept = gradient.copy()
        optimizer.step(theta, gradient)
        assert (gradient == kept).all()
    np.testing.assert_allclose(theta, expected, rtol=1e-10)


def near_rotation(M: np.ndarray) -> np.ndarray:
    """What the iteration of Jordan et al. does to the singular values, one number at a time."""
    U, S, Vt = np.linalg.svd(M, full_matrices=False)
    for i, s in enumerate(S / (math.sqrt(sum(s**2 for s in S)) + 1e-7)):
        for _ in range(5):
            s = 3.4445 * s - 4.7750 * s**3 + 2.0315 * s**5
        S[i] = s
    assert ((S > 0.6) & (S < 1.3)).all()
    return (U * S) @ Vt


def test_muon_moves_matrices_near_a_rotation_and_all_else_by_adam() -> None:
    inside: list[nn.Layer] = [nn.LayerNorm(), nn.Dense(4)]
    layers = [nn.Embedding(9, 4), nn.Residual(inside), nn.GRU(3), nn.Dense(1), nn.Dense(2)]
    network = nn.Network(layers, (5,), seed=1, dtype=np.float64)
    muon, plain = nn.Muon(0.01, momentum=0.8, weight_decay=0.2), nn.Adam(0.01)
    muon.start_on(network)
    expected, by_adam = network.theta.copy(), network.theta.copy()
    plain.start(by_adam)
    shapes = [shape for _, shape in muon.matrices]
    assert shapes == [(4, 4), (4, 9), (3, 9)], "not the Embedding, nor a Dense of one unit, nor one of one input"
    rng, M = np.random.default_rng(2), np.zeros(network.theta.size)
    for _ in range(6):
        gradient = rng.normal(size=M.size)
        muon.step(network.theta, gradient)
        plain.step(by_adam, gradient)
        M = 0.8 * M + gradient
        for part, shape in muon.matrices:
            W = expected[part].reshape(shape)
            step = 0.2 * math.sqrt(max(shape)) * near_rotation((gradient + 0.8 * M)[part].reshape(shape)) + 0.2 * W
            expected[part] = (W - 0.01 * step).reshape(-1)
    is_matrix = np.zeros(M.size, bool)
    for part, _ in muon.matrices:
        is_matrix[part] = True
    np.testing.assert_allclose(network.theta, np.where(is_matrix, expected, by_adam), rtol=1e-9)


def test_muon_forgets_where_the_matrices_of_another_network_lay() -> None:
    """It moved the parts of the second network that lie where the first one's matrices were, without a word."""
    other, muon, plain = nn.Network([nn.Dense(3)], (4,)), nn.Muon(0.01), nn.Adam(0.01)
    muon.start_on(other)
    theta, expected, gradient = np.ones(40), np.ones(40), np.random.default_rng(0).normal(size=40)
    muon.start(theta)
    plain.start(expected)
    muon.step(theta, gradient)
    plain.step(expected, gradient)
    np.testing.assert_array_equal(theta, expected)


def test_muon_sees_filters_as_a_matrix() -> None:
    network = nn.Network([nn.Conv2D(3, (2, 5)), nn.Flatten(), nn.Dense(2)], (4, 4, 2))
    assert [shape for _, shape in network.matrices()] == [(2 * 5 * 2, 3), (48, 2)]
    sizes = [network.theta[part].size for part, _ in network.matrices()]
    assert sizes == [60, 96]
    assert (network.theta[network.matrices()[1][0]] == network.layers[2].W.ravel()).all()


def test_start_forgets_the_past() -> None:
    adam = nn.Adam()
    first, second = np.ones(3), np.ones(3)
    for theta in (first, second):
        adam.start(theta)
        adam.step(theta, np.array([1.0, -2.0, 3.0]))
    assert (first == second).all()


@pytest.mark.parametrize("optimizer", [nn.SGD(0.1), nn.SGD(0.1, 0.9, True), nn.Adam(), nn.Adam(amsgrad=True), nn.AdamW(0.1)])
def test_a_long_theta_moves_as_its_parts_do(optimizer: Optimizer) -> None:
    rng, ends = np.random.default_rng(2), (0, 1000, BLOCK + 7, 2 * BLOCK + 9)
    theta, gradients = rng.normal(size=ends[-1]).astype(np.float32), rng.normal(size=(3, ends[-1])).astype(np.float32)
    expected = theta.copy()
    for start, end in pairwise(ends):
        optimizer.start(expected[start:end])
        for gradient in gradients:
            optimizer.step(expected[start:end], gradient[start:end])
    optimizer.start(theta)
    for gradient in gradients:
        optimizer.step(theta, gradient)
    assert (theta == expected).all()


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_another_optimizer_goes_on_from_its_state_dict(name: str) -> None:
    gradients = np.random.default_rng(3).normal(size=(8, 5))
    first, second, theta = OPTIMIZERS[name](), OPTIMIZERS[name](), np.ones(5)
    first.start(theta)
    for gradient in gradients[:4]:
        first.step(theta, gradient)
    second.load_state_dict(first.state_dict())
    other = theta.copy()
    for gradient in gradients[4:]:
        first.step(theta, gradient)
        second.step(other, gradient)
    assert (theta == other).all()


def test_lazy_adam_is_adam_where_no_gradient_is_zero() -> None:
    rng = np.random.default_rng(1)
    lazy, adam = np.ones(5), np.ones(5)
    optimizers = ((nn.LazyAdam(), lazy), (nn.Adam(), adam))
    for optimizer, theta in optimizers:
        optimizer.start(theta)
    for _ in range(20):
        gradient = rng.normal(size=5)
        for optimizer, theta in optimizers:
            optimizer.step(theta, gradient)
    np.testing.assert_array_equal(lazy, adam)


def test_clipping_keeps_the_direction() -> None:
    gradient = np.array([3.0, 4.0])
    assert nn.clip_by_norm(gradient, 10) == 5
    assert (gradient == [3, 4]).all()
    assert nn.clip_by_norm(gradient, 1) == 5
    np.testing.assert_allclose(gradient, [0.6, 0.8])


SCHEDULE_CASES = (
    "Constant",
    "StepDecay",
    "Exponential",
    "Cosine",
    "WarmupCosine",
    "OneCycle",
    "WarmRestarts",
    "ReduceOnPlateau",
)


def test_schedules() -> None:
    assert set(SCHEDULES) == {*SCHEDULE_CASES}
    assert [nn.StepDecay(decay=0.5, every=10).factor(t, 100) for t in (0, 9, 10, 25)] == [1, 1, 0.5, 0.25]
    assert [nn.WarmupCosine(warmup=3).factor(t, 103) for t in (0, 2, 3, 53, 103)] == pytest.approx([0.25, 0.75, 1, 0.5, 0])
    assert [nn.OneCycle(divisor=20).factor(t, 101) for t in (0, 100)] == pytest.approx([0.05, 5e-6])
    assert max(nn.OneCycle().factor(t, 101) for t in range(101)) == pytest.approx(1, abs=1e-3)
    assert nn.Constant().factor(5, 10) == 1
    assert nn.Exponential(decay=0.5, every=100).factor(200, 1000) == pytest.approx(0.25)
    assert [nn.Cosine().factor(t, 100) for t in (0, 50, 100)] == pytest.approx([1, 0.5, 0])
    restarts = nn.WarmRestarts(first=4, multiple=3)
    assert [restarts.factor(t, 1) for t in (0, 2, 3.999, 4, 10, 15.999, 16)] == pytest.approx(
        [1, 0.5, 0, 1, 0.5, 0, 1], abs=1e-6
    )
    assert [nn.WarmRestarts(first=2, multiple=1).factor(t, 1) for t in range(4)] == pytest.approx([1, 0.5, 1, 0.5])


def test_the_rate_falls_on_a_plateau() -> None:
    plateau = nn.ReduceOnPlateau(decay=0.1, patience=20)
    rows = [(0, 5.0), (10, 4.0), (20, 4.0), (25, 3.99999), (30, 4.5), (49, 4.2), (51, 3.0), (60, 3.1), (71, 3.1), (100, 2.0)]
    factors = []
    for step, loss in rows:
        plateau.observe(step, loss)
        factors.append(plateau.factor(step, 1000))
    assert factors == pytest.approx([1, 1, 1, 1, 0.1, 0.1, 0.1, 0.1, 0.01, 0.01])
    again = nn.ReduceOnPlateau(decay=0.1, patience=20)
    again.load_state_dict(plateau.state_dict())
    for one in (plateau, again):
        one.observe(121, 1.99999)
        assert one.factor(121, 1000) == pytest.approx(0.001)
    plateau.observe(0, 9.0)
    assert (plateau.factor(0, 1000), plateau.best) == (1, 9), "a new run begins"
    below = nn.ReduceOnPlateau(patience=1)
    for step, loss in enumerate((-1.0, -1.00001, -1.01)):
        below.observe(step, loss)
    assert (below.reduced, below.best) == (0.5, -1.01)
