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


def adam(o: nn.Adam, theta: float, gradients: list[float]) -> float:
    m = v = 0.0
    for t, g in enumerate(gradients, start=1):
        m = o.beta1 * m + (1 - o.beta1) * g
        v = o.beta2 * v + (1 - o.beta2) * g**2
        m_hat = m / (1 - o.beta1**t)
        v_hat = v / (1 - o.beta2**t)
        theta -= o.learning_rate * m_hat / (math.sqrt(v_hat) + o.epsilon)
    return theta


ORACLES = {"SGD": sgd, "Adam": adam}


def test_every_optimizer_has_an_oracle() -> None:
    assert set(ORACLES) == set(OPTIMIZERS)


@pytest.mark.parametrize(
    "optimizer",
    [
        nn.SGD(0.1),
        nn.SGD(0.1, momentum=0.9),
        nn.SGD(0.1, momentum=0.9, nesterov=True),
        nn.Adam(0.01),
        nn.Adam(0.1, beta1=0.5, beta2=0.9, epsilon=1e-3),
    ],
)
def test_optimizer_is_its_algorithm(optimizer: Optimizer) -> None:
    rng = np.random.default_rng(0)
    theta, gradients = rng.normal(size=4), rng.normal(size=(50, 4))
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


def test_schedules() -> None:
    assert set(SCHEDULES) == {"Constant", "Exponential", "Cosine"}
    assert nn.Constant().factor(5, 10) == 1
    assert nn.Exponential(decay=0.5, every=100).factor(200, 1000) == pytest.approx(0.25)
    assert [nn.Cosine().factor(t, 100) for t in (0, 50, 100)] == pytest.approx([1, 0.5, 0])
