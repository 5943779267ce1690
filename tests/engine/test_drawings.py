"""Drawings: written and read, painted while it trains, and kept in checkpoints."""

from itertools import islice

import numpy as np
import pytest

import engine as nn
from engine.data import drawings
from engine.training import checkpoint
from engine.training.weights import named_arrays


def test_what_was_written_is_read() -> None:
    rng = np.random.default_rng(0)
    places, classes = rng.random((200, 2)), rng.integers(0, 6, 200)
    found, labels = drawings.read(drawings.write(places, classes))
    np.testing.assert_allclose(found, places, atol=1 / drawings.FINEST)
    np.testing.assert_array_equal(labels, classes)
    assert drawings.write(found, labels) == drawings.write(places, classes)
    assert drawings.read("AAA__")[0].tolist() == [[0.0, 1.0]]


@pytest.mark.parametrize("drawing", ["x", "GAAAA", "AAAA", "AAAA!", "AAAAA" * 2001, "AAAAä"])
def test_what_is_no_drawing_is_refused(drawing: str) -> None:
    with pytest.raises(ValueError, match="drawing"):
        drawings.read(drawing)
    with pytest.raises(nn.ConfigurationError) as refused:
        nn.configure({"task": "painted", "data": {"drawing": drawing}})
    assert refused.value.field == "data.drawing"


def test_points_that_are_added_change_nothing_for_those_before_them() -> None:
    few, many = drawings.held_out(30, 0.2), drawings.held_out(500, 0.2)
    np.testing.assert_array_equal(many[:30], few)
    assert many.mean() == pytest.approx(0.2, abs=0.01)
    assert not drawings.held_out(100, 0.0).any()
    assert not drawings.held_out(1, 0.5).any()


def circle(n: int) -> str:
    angle = np.linspace(0, 2 * np.pi, n)
    return drawings.write(0.5 + 0.4 * np.stack([np.sin(angle), np.cos(angle)], axis=1), np.arange(n) * 3 // n)


def test_a_painting_is_learned() -> None:
    training = nn.Training(nn.configure({"task": "painted", "data": {"drawing": circle(90)}, "steps": 600}))
    rows = [event for event in training.events() if isinstance(event, nn.Metrics)]
    assert rows[-1].test_accuracy >= 0.9


def test_a_sketch_is_learned() -> None:
    x = np.linspace(0, 1, 80)
    drawing = drawings.write(np.stack([x, 0.5 + 0.3 * np.sin(6 * x)], axis=1), np.zeros(80, int))
    training = nn.Training(nn.configure({"task": "sketched", "data": {"drawing": drawing}, "steps": 1500}))
    rows = [event for event in training.events() if isinstance(event, nn.Metrics)]
    assert rows[-1].test_loss < 0.01
    assert np.isnan(training.picture("fitted curve").truth).all()


@pytest.mark.parametrize("batch_size", [300, 7])
def test_data_change_between_two_steps_and_a_checkpoint_goes_on_bit_for_bit(batch_size: int) -> None:
    training = nn.Training(nn.configure({"task": "painted", "steps": 60, "batch_size": batch_size}))
    list(islice(training.events(), 21))
    training.change_data({"drawing": circle(50)})
    assert len(training.task.x) + len(training.task.x_test) == 50
    events = training.events()
    list(islice(events, 13))
    packed = checkpoint.pack(training)
    again = checkpoint.unpack(packed)
    list(events)
    list(again.events())
    assert training.step == again.step == 60
    for name, array in named_arrays(training.network).items():
        np.testing.assert_array_equal(array, named_arrays(again.network)[name])
    picture = again.picture("decision boundary")
    early = checkpoint.pack(nn.Training(nn.configure({"task": "painted", "steps": 60, "batch_size": batch_size})))
    checkpoint.show(again, early)
    assert len(again.picture("decision boundary").labels) == 36
    checkpoint.show(again, packed)
    assert len(again.picture("decision boundary").labels) == len(picture.labels) == 50


def test_data_of_another_shape_are_refused() -> None:
    training = nn.Training(nn.configure({"task": "painted"}))
    with pytest.raises(nn.ConfigurationError) as refused:
        training.change_data({"classes": 4})
    assert refused.value.field in ("data", "network.4")
    assert training.task.classes == 3
