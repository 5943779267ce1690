"""What a network is told of a point: squares let one layer learn circles, the product XOR; the plain coordinates neither."""

from typing import Any

import numpy as np
import pytest

import engine as nn
from engine.data.points import FEATURES, features
from engine.training import checkpoint

LAYER = [{"layer": "Dense"}]
QUICK = {"optimizer": {"name": "Adam", "learning_rate": 0.05}, "steps": 600, "network": LAYER}


def made(task: str, inputs: list[str], **said: Any) -> nn.Training:
    return nn.Training(nn.configure({"task": task, **QUICK, **said, "data": {"inputs": inputs}}))


def trained(training: nn.Training) -> nn.Training:
    list(training.events())
    return training


@pytest.mark.parametrize(
    ("task", "inputs", "is_enough"),
    [
        ("circles", ["x1", "x2"], False),
        ("circles", ["x1^2", "x2^2"], True),
        ("circles", ["x1*x2"], False),
        ("xor", ["x1", "x2"], False),
        ("xor", ["x1^2", "x2^2"], False),
        ("xor", ["x1*x2"], True),
    ],
)
def test_one_layer_draws_a_straight_line_through_what_it_is_told(task: str, inputs: list[str], is_enough: bool) -> None:
    row = trained(made(task, inputs)).row
    assert row is not None and row.test_accuracy is not None
    assert row.test_accuracy > 0.95 if is_enough else row.test_accuracy < 0.75


def test_the_features_are_what_their_names_say() -> None:
    x = np.array([[0.5, -0.25], [-1.0, 0.5]])
    a, b = x.T
    namespace = {"sin": np.sin, "pi": np.pi, "x1": a, "x2": b}
    for name in FEATURES:
        wanted = eval(name.replace("^", "**"), {}, namespace)
        assert np.allclose(features(x, [name])[:, 0], wanted), name
    everywhere = np.stack(np.meshgrid(*2 * [np.linspace(-1, 1, 41)]), axis=-1).reshape(-1, 2)
    assert np.abs(features(everywhere, list(FEATURES))).max(axis=0) == pytest.approx(np.ones(7))  # comparable


def test_the_plain_coordinates_are_the_points_themselves_as_they_always_were() -> None:
    training = nn.Training(nn.configure({"task": "moons"}))
    assert training.configuration.data["inputs"] == ["x1", "x2"]
    assert training.task.to_input(training.task.x) is training.task.x


def test_their_order_is_fixed_and_the_width_follows() -> None:
    one, other = made("moons", ["x2", "sin(pi*x1)", "x1"]), made("moons", ["x1", "x2", "sin(pi*x1)"])
    assert one.configuration == other.configuration
    assert one.network.input_shape == (3,)
    assert [column.names for column in one.picture("network").columns] == [["x₁", "x₂", "sin πx₁"], []]  # type: ignore[union-attr]


def test_pictures_answers_and_history_ask_with_the_features() -> None:
    training = trained(made("circles", ["x1^2", "x2^2"], steps=300))
    field = training.picture("decision boundary")
    rows, columns = field.winner.shape  # type: ignore[union-attr]
    left, right, bottom, top = field.extent  # type: ignore[union-attr]
    place = np.array([[left + (right - left) * 20.5 / columns, bottom + (top - bottom) * 70.5 / rows]], np.float32)
    answer = training.answer(place)
    assert answer["classes"][0] == field.winner[70, 20]  # type: ignore[union-attr]
    wanted = place.astype(np.float32) ** 2 @ training.network.layers[0].W + training.network.layers[0].b  # type: ignore[attr-defined]
    assert np.allclose(answer["outputs"], wanted, atol=1e-5)
    tracked = training.task.tracked_examples()
    assert tracked is not None
    assert np.array_equal(tracked.x[:300], training.task.x**2)
    again = checkpoint.unpack(checkpoint.pack(training))
    assert np.array_equal(again.answer(place)["outputs"], answer["outputs"])
    again.configuration.steps = training.configuration.steps = 350
    assert trained(again).network.theta.tobytes() == trained(training).network.theta.tobytes()


@pytest.mark.parametrize("inputs", [[], ["x3"], ["x1", "x1"], "x1", [1], None, [["x1"]]])
def test_what_is_no_choice_of_inputs_is_refused_by_name(inputs: Any) -> None:
    words = r"inputs must be one or more of x1, x2, x1\^2, .*, each once, got"
    with pytest.raises(nn.ConfigurationError, match=words) as refused:
        made("xor", inputs)
    assert refused.value.field == "data.inputs"
