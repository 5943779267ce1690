"""What learning needs, taken away: labels that are shuffled, inputs that are empty, one batch for ever."""

from itertools import islice
from typing import Any

import numpy as np
import pytest

import engine as nn
from engine.tasks import TASKS
from engine.tasks.families.labelled import Emptied, Labelled
from engine.training import checkpoint

TASKS_WITH_LABELS = [name for name, task in TASKS.items() if issubclass(task, Labelled)]


def made(task: str, data: dict[str, Any], **said: Any) -> nn.Training:
    source = {"source": "bundled", "train_examples": 300} if task in ("mnist", "rows", "autoencoder") else {}
    return nn.Training(nn.configure({"task": task, **said, "data": {**source, **data}}))


def test_these_tasks_have_the_switches() -> None:
    points = ["spiral", "circles", "xor", "blobs", "moons", "painted"]
    heights = ["plane", "hills", "saddle"]
    assert set(TASKS) - set(TASKS_WITH_LABELS) == {"optimizers"}, "which has no examples at all"
    assert [name for name, task in TASKS.items() if issubclass(task, Emptied)] == [*points, *heights, "mnist", "images"]


@pytest.mark.parametrize("task", TASKS_WITH_LABELS)
def test_shuffled_labels_are_the_same_labels_in_other_places_and_only_those_of_the_training(task: str) -> None:
    plain, shuffled = made(task, {}).task, made(task, {"shuffled_labels": True}).task
    assert np.array_equal(np.sort(shuffled.target, axis=0), np.sort(plain.target, axis=0))
    assert not np.array_equal(shuffled.target, plain.target)
    for name in ("x", "x_test", "target_test"):
        assert np.array_equal(getattr(shuffled, name), getattr(plain, name)), name
    again, other = (made(task, {"shuffled_labels": True}, data_seed=seed).task for seed in (7, 8))
    assert np.array_equal(again.target, shuffled.target)
    assert not np.array_equal(other.target, shuffled.target)


def test_shuffled_labels_are_learned_by_heart_and_say_nothing_about_others() -> None:
    network = [{"layer": "Dense", "units": 128}, {"layer": "ReLU"}, {"layer": "Dense", "units": 128}, {"layer": "ReLU"}]
    said = {"network": [*network, {"layer": "Dense"}], "optimizer": {"name": "Adam", "learning_rate": 0.01}, "steps": 1500}
    training = made("blobs", {"points": 40, "classes": 2, "noise": 0.5, "shuffled_labels": True}, **said)
    list(training.events())
    assert training.row is not None and training.row.accuracy is not None and training.row.test_accuracy is not None
    assert training.row.accuracy > 0.97
    assert training.row.test_accuracy < 0.75


@pytest.mark.parametrize("task", [name for name in TASKS_WITH_LABELS if issubclass(TASKS[name], Emptied)])
def test_empty_inputs_tell_nothing(task: str) -> None:
    training = made(task, {"empty_inputs": True})
    given = training.task.to_input(training.task.x[:5])
    assert not given.any()
    assert given.dtype == np.float32
    assert np.array_equal(training.task.x, made(task, {}).task.x)  # the examples stay, the network is not told of them


def test_empty_inputs_leave_nothing_but_chance() -> None:
    training = made("circles", {"empty_inputs": True}, steps=300)
    list(training.events())
    assert training.row is not None
    assert training.row.test_accuracy == 0.5
    assert training.row.test_loss == pytest.approx(np.log(2), abs=0.01)
    field = training.picture("decision boundary")
    assert len(np.unique(field.winner)) == 1  # type: ignore[union-attr]


@pytest.mark.parametrize("task", TASKS_WITH_LABELS)
def test_one_batch_is_the_same_in_every_step(task: str) -> None:
    training = made(task, {"one_batch": True}, batch_size=16)
    batches = list(islice(training.batches(), 5))
    for x, target in batches[1:]:
        assert np.array_equal(x, batches[0][0])
        assert np.array_equal(target, batches[0][1])
    assert len(batches[0][0]) == 16
    plain = made(task, {}, batch_size=16).task
    everything = plain.to_input(plain.x)
    assert all((everything == x).reshape(len(everything), -1).all(axis=1).any() for x in batches[0][0])


def test_one_batch_goes_on_bit_for_bit() -> None:
    whole, half = (made("moons", {"one_batch": True}, batch_size=20, steps=60) for _ in range(2))
    list(whole.events())
    for event in half.events():
        if event.step == 31:
            break
    again = checkpoint.unpack(checkpoint.pack(half))
    list(again.events())
    assert again.network.theta.tobytes() == whole.network.theta.tobytes()
    assert whole.epoch == 60


def test_labels_are_not_shuffled_where_nothing_tells_what_is_known() -> None:
    with pytest.raises(nn.ConfigurationError, match="test_share must be above 0 where labels are shuffled"):
        made("spiral", {"shuffled_labels": True, "test_share": 0})
    with pytest.raises(nn.ConfigurationError, match="fresh must be off where answers are shuffled"):
        made("sine", {"shuffled_labels": True, "fresh": True})
    with pytest.raises(nn.ConfigurationError, match="one_batch must be true or false, got 'yes'"):
        made("spiral", {"one_batch": "yes"})
