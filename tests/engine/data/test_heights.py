"""Heights over the plane: what is drawn, what is seen, and what one neuron can be."""

import numpy as np
import pytest

import engine as nn
from engine.data import curves

LAYER = [{"layer": "Dense"}]


def trained(task: str, **said: object) -> nn.Training:
    training = nn.Training(nn.configure({"task": task, "steps": 1500, **said}))
    list(training.events())
    return training


@pytest.mark.parametrize(
    ("task", "inputs", "is_enough"),
    [
        ("plane", ["x1", "x2"], True),
        ("plane", ["x1^2", "x2^2"], False),
        ("saddle", ["x1", "x2"], False),
        ("saddle", ["x1^2", "x2^2"], True),
        ("hills", ["x1", "x2"], False),
    ],
)
def test_one_neuron_is_the_best_straight_sheet_through_its_inputs(task: str, inputs: list[str], is_enough: bool) -> None:
    training = trained(task, network=LAYER, data={"inputs": inputs, "noise": 0.0})
    told = np.hstack([training.task.to_input(training.task.x), np.ones((200, 1))]).astype(np.float64)
    _, residual, *_ = np.linalg.lstsq(told, training.task.target.astype(np.float64), rcond=None)
    loss, _ = training.measure(training.task.x, training.task.target)
    assert loss == pytest.approx(residual[0] / 200, abs=2e-3)
    assert (loss < 1e-3) == is_enough


@pytest.mark.parametrize("task", ["plane", "hills", "saddle"])
def test_the_defaults_learn_the_heights_to_their_noise(task: str) -> None:
    training = trained(task)
    assert training.row is not None and training.row.test_loss is not None
    assert training.row.accuracy is None
    assert training.row.test_loss < training.task.goal.reached


def test_the_picture_is_what_the_network_says() -> None:
    training = trained("saddle", steps=200)
    picture = training.picture("predicted heights")
    n = len(picture.heights)  # type: ignore[union-attr]
    left, right, bottom, top = picture.extent  # type: ignore[union-attr]
    place = np.array([[left + (right - left) * 10.5 / n, bottom + (top - bottom) * 50.5 / n]], np.float32)
    assert picture.heights[50, 10] == pytest.approx(training.answer(place)["outputs"][0, 0], abs=1e-6)  # type: ignore[union-attr]
    test = picture.is_test == 1  # type: ignore[union-attr]
    error = (picture.guess - picture.target)[test]  # type: ignore[union-attr]
    assert training.row is not None
    assert np.mean(error**2) == pytest.approx(training.row.test_loss, rel=1e-4)
    assert picture.limit == pytest.approx(np.abs(training.task.target).max())  # type: ignore[union-attr]


def test_points_stray_from_the_truth_as_far_as_the_noise_says() -> None:
    x, y = curves.sample_heights(curves.hills, 20_000, 0.2, np.random.default_rng(1))
    strays = y[:, 0] - curves.hills(x[:, 0], x[:, 1])
    assert (x.shape, y.shape) == ((20_000, 2), (20_000, 1))
    assert strays.std() == pytest.approx(0.2, rel=0.03)
    assert abs(strays.mean()) < 0.01
    assert np.abs(x).max() <= 1
