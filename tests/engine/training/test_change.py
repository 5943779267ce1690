"""Choices that are taken over between two steps: as if they had always been there, bit for bit the same again, also forked."""

from itertools import islice
from typing import Any

import numpy as np
import pytest

import engine as nn
from engine.training import checkpoint
from engine.training.configuration import ConfigurationError

REQUEST: dict[str, Any] = {
    "task": "spiral",
    "network": [{"layer": "Dense", "units": 8}, {"layer": "Tanh"}, {"layer": "Dropout", "rate": 0.2}, {"layer": "Dense"}],
    "optimizer": {"name": "Adam", "learning_rate": 0.01},
    "data": {"points": 100, "test_share": 0.2},  # 100 to train on, 20 to test
    "batch_size": 10,
    "steps": 60,
    "evaluate_every": 4,
}
CHANGES: list[dict[str, Any]] = [
    {"optimizer": {"learning_rate": 0.05}},
    {"schedule": {"name": "StepDecay", "decay": 0.5, "every": 2}},
    {"regularizer": {"name": "L2", "strength": 0.01}},
    {"batch_size": 32},
    {"batches_per_step": 2},
    {"clip_norm": 0.01},
    {"evaluate_every": 3},
    {"batch_size": 7, "regularizer": {"name": "L1", "strength": 0.001}, "optimizer": {"beta1": 0.5}, "steps": 70},
]
IDS = ["-".join(change) for change in CHANGES]


def trained(
    changes: dict[int, list[dict[str, Any]]], request: dict[str, Any] = REQUEST
) -> tuple[nn.Training, list[nn.Metrics]]:
    training = nn.Training(nn.configure(request))
    rows = []
    for event in training.events():
        rows += [event] if isinstance(event, nn.Metrics) else []
        for change in changes.get(event.step, []):
            training.change(change)
    return training, rows


def bits(training: nn.Training) -> bytes:
    return training.network.theta.tobytes()


@pytest.mark.parametrize("change", CHANGES, ids=IDS)
def test_a_change_before_the_first_step_trains_as_if_it_had_been_chosen_at_once(change: dict[str, Any]) -> None:
    request = {**REQUEST, **change, "optimizer": {**REQUEST["optimizer"], **change.get("optimizer", {})}}
    late, at_once = trained({0: [change]})[0], trained({}, request)[0]
    assert bits(late) == bits(at_once)
    assert late.configuration == at_once.configuration
    assert late.epoch == at_once.epoch


@pytest.mark.parametrize("at", [3, 10, 21])  # 10 steps are an epoch at first
@pytest.mark.parametrize("change", CHANGES, ids=IDS)
def test_it_takes_effect_in_the_very_next_step_and_is_repeated_bit_for_bit(change: dict[str, Any], at: int) -> None:
    plain, changed = (nn.Training(nn.configure(REQUEST)) for _ in range(2))
    for training in (plain, changed):
        list(islice(training.events(), at + 1))
    assert bits(plain) == bits(changed)
    changed.change(change)
    next(plain.events()), next(changed.events())
    assert (bits(plain) == bits(changed)) is (set(change) == {"evaluate_every"})
    (one, rows), (other, again) = trained({at: [change]}), trained({at: [change]})
    assert (bits(one), rows) == (bits(other), again)
    list(changed.events())
    assert bits(changed) == bits(one)  # whether the events go on or are begun anew


@pytest.mark.parametrize("change", CHANGES, ids=IDS)
def test_a_checkpoint_after_it_goes_on_and_a_fork_with_it_is_the_same(change: dict[str, Any]) -> None:
    whole, rows = trained({11: [change]})
    before, after = (nn.Training(nn.configure(REQUEST)) for _ in range(2))
    events = after.events()
    list(islice(events, 12))
    after.change(change)
    list(islice(events, 6))
    again = checkpoint.unpack(checkpoint.pack(after))
    assert again.epoch == after.epoch
    assert [event for event in again.events() if isinstance(event, nn.Metrics)] == [row for row in rows if row.step > 17]
    assert bits(again) == bits(whole)
    list(islice(before.events(), 12))
    fork = checkpoint.fork(checkpoint.pack(before), change)
    list(fork.events())
    assert (bits(fork), fork.epoch) == (bits(whole), whole.epoch)


def test_another_batch_size_begins_an_epoch_and_those_before_stay_counted() -> None:
    training = nn.Training(nn.configure(REQUEST))
    events = training.events()
    list(islice(events, 16))
    assert training.epoch == 1.5
    training.change({"batch_size": 40})
    assert (training.epoch, training.steps_per_epoch) == (1.5, 3)
    batches = training.batches()
    all_three = [next(batches) for _ in range(3)]
    points = np.concatenate([x for x, _ in all_three])
    assert sorted(map(tuple, points.tolist())) == sorted(map(tuple, training.task.x.tolist()))  # each example once
    list(islice(events, 6))
    assert training.epoch == 3.5


def test_a_schedule_of_the_same_name_keeps_what_it_has_gathered() -> None:
    training = nn.Training(nn.configure({**REQUEST, "schedule": {"name": "ReduceOnPlateau"}}))
    training.schedule.load_state_dict({"reduced": np.asarray(0.25), "best": np.asarray(1.0), "since": np.asarray(7)})
    training.change({"schedule": {"name": "ReduceOnPlateau", "patience": 9}})
    assert training.schedule.factor(0, 1) == 0.25
    training.change({"schedule": {"name": "Constant"}})
    training.change({"schedule": {"name": "ReduceOnPlateau"}})
    assert training.schedule.factor(0, 1) == 1.0


def test_what_a_task_sets_can_be_set_to_none() -> None:
    training = nn.Training(nn.configure({"task": "memory"}))
    assert training.configuration.clip_norm == 1.0
    training.change({"clip_norm": None, "regularizer": None})
    assert training.configuration.clip_norm is None
    assert nn.configure({"task": "memory", "clip_norm": None}).clip_norm is None


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"batch_size": 0}, "batch_size"),
        ({"batch_size": 32, "seed": 8}, "seed"),
        ({"optimizer": {"name": "SGD", "learning_rate": 0.1}}, "optimizer.name"),
        ({"regularizer": {"name": "L2", "strength": -1}}, "regularizer.strength"),
        ({"batch_size": 16, "schedule": {"name": "Sometimes"}}, "schedule.name"),
        ({"network": []}, "network"),
    ],
)
def test_what_is_refused_leaves_all_as_it_was(change: dict[str, Any], field: str) -> None:
    training = nn.Training(nn.configure(REQUEST))
    events, before = training.events(), training.configuration.as_dict()
    list(islice(events, 6))
    with pytest.raises(ConfigurationError) as refused:
        training.change(change)
    assert (refused.value.field, training.configuration.as_dict()) == (field, before)
    list(events)
    assert bits(training) == bits(trained({})[0])
