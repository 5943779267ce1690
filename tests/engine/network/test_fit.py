"""Training on one's own arrays is what a task's training is."""

import numpy as np
import pytest

import engine as nn


def test_fit_yields_the_events_of_a_tasks_training_bit_for_bit() -> None:
    request = {"task": "spiral", "steps": 50, "batch_size": 40, "regularizer": {"name": "L2", "strength": 1e-3}}
    training = nn.Training(nn.configure({**request, "clip_norm": 0.5}))
    task, seed = training.task, training.configuration.seed
    network = nn.Network([nn.Dense(12), nn.Tanh(), nn.Dense(12), nn.Tanh(), nn.Dense(3)], (2,), seed)
    assert (network.theta == training.network.theta).all()
    optimizer = nn.Adam(training.optimizer.learning_rate)
    events = nn.fit(
        network,
        task.to_input(task.x),
        task.target,
        nn.CrossEntropy(),
        optimizer,
        steps=50,
        batch_size=40,
        test_data=(task.to_input(task.x_test), task.target_test),
        regularizer=nn.L2(1e-3),
        clip_norm=0.5,
        seed=seed,
    )
    assert list(events) == list(training.events())
    assert (network.theta == training.network.theta).all()


def test_fit_learns_numbers_and_refuses_what_does_not_fit() -> None:
    x = np.linspace(-1, 1, 64)[:, None]
    network = nn.Network([nn.Dense(16), nn.Tanh(), nn.Dense(1)], (1,))
    rows = [e for e in nn.fit(network, x, x**2, nn.MSE(), nn.Adam(0.01), steps=400) if isinstance(e, nn.Metrics)]
    assert rows[-1].loss < 0.01 < rows[0].loss
    assert rows[-1].accuracy is None
    assert rows[-1].test_loss is None
    with pytest.raises(ValueError, match="a target for each of at least one example, got 64 and 3"):
        nn.fit(network, x, x[:3], nn.MSE(), nn.Adam())
    with pytest.raises(ValueError, match="Configuration: steps must be"):
        nn.fit(network, x, x, nn.MSE(), nn.Adam(), steps=0)
