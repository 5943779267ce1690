"""Every optimizer against a slow transcription of its paper's algorithm, one number at a time; and the schedules."""

import math
from collections.abc import Callable, Iterator

import numpy as np
import pytest

import engine as nn
from engine.optimizers import OPTIMIZERS, Optimizer
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


ORACLES = {
    "SGD": sgd,
    "AdaGrad": adagrad,
    "RMSProp": rmsprop,
    "Adam": adam,
    "AdamW": lambda o, theta, gradients: adam(o, theta, gradients, decay=o.weight_decay),
    "LazyAdam": lambda o, theta, gradients: adam(o, theta, gradients, lazy=True),
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


def test_start_forgets_the_past() -> None:
    adam = nn.Adam()
    first, second = np.ones(3), np.ones(3)
    for theta in (first, second):
        adam.start(theta)
        adam.step(theta, np.array([1.0, -2.0, 3.0]))
    assert (first == second).all()


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


def test_schedules() -> None:
    assert set(SCHEDULES) == {"Constant", "StepDecay", "Exponential", "Cosine", "WarmupCosine", "OneCycle"}
    assert [nn.StepDecay(decay=0.5, every=10).factor(t, 100) for t in (0, 9, 10, 25)] == [1, 1, 0.5, 0.25]
    assert [nn.WarmupCosine(warmup=3).factor(t, 103) for t in (0, 2, 3, 53, 103)] == pytest.approx([0.25, 0.75, 1, 0.5, 0])
    assert [nn.OneCycle(divisor=20).factor(t, 101) for t in (0, 100)] == pytest.approx([0.05, 5e-6])
    assert max(nn.OneCycle().factor(t, 101) for t in range(101)) == pytest.approx(1, abs=1e-3)
    assert nn.Constant().factor(5, 10) == 1
    assert nn.Exponential(decay=0.5, every=100).factor(200, 1000) == pytest.approx(0.25)
    assert [nn.Cosine().factor(t, 100) for t in (0, 50, 100)] == pytest.approx([1, 0.5, 0])
