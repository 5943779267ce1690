"""The experiments before training: what they find, against plain loops and NumPy, and that the run does not notice."""

import json
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import engine as nn
from engine.data import drawings
from engine.explain.experiments import EXPERIMENTS
from engine.explain.experiments.outcome import Outcome
from engine.tasks import TASKS
from engine.training import checkpoint
from engine.training.training import BATCH_STREAM

BIG = 60.0
"""Seconds that no experiment needs, however busy the machine is."""


def outcome(events: Iterator[nn.Stepped | Outcome]) -> Outcome:
    """Let an experiment go on to its end."""
    *steps, last = events
    assert isinstance(last, Outcome)
    assert [event.step for event in steps if isinstance(event, nn.Stepped)] == list(range(1, last.steps + 1))
    return last


def said(found: Outcome) -> str:
    return " ".join(statement.sentence for statement in found.statements)


def chosen(task: str, **choices: Any) -> nn.Configuration:
    return nn.configure({"task": task, **choices})


DROPPING = [
    {"layer": "Dense", "units": 16},
    {"layer": "BatchNorm"},
    {"layer": "Tanh"},
    {"layer": "Dropout"},
    {"layer": "Dense"},
]


@pytest.mark.parametrize("steps", [0, 7])
def test_a_run_does_not_notice_the_experiments(steps: int) -> None:
    configuration = chosen("spiral", network=DROPPING, batch_size=40, regularizer={"name": "L2"}, schedule={"name": "OneCycle"})
    runs = [nn.Training(configuration), nn.Training(configuration)]
    going = [run.events() for run in runs]
    for events in going:
        for _ in range(steps):
            next(events)
    before = checkpoint.pack(runs[0])
    for experiment in EXPERIMENTS.values():
        outcome(experiment(runs[0], None))
    assert checkpoint.pack(runs[0]) == before  # theta, gradient, moments, and where every rng stands
    for _ in range(5):
        for events in going:
            next(events)
    np.testing.assert_array_equal(runs[0].network.theta, runs[1].network.theta)


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_experiment_ends_in_time_on_every_task_and_says_something(name: str) -> None:
    for task in TASKS:
        experiment = EXPERIMENTS[name](chosen(task), None, 0.0)  # no time at all: what it sees in a step or two
        found = outcome(experiment)
        assert found.steps <= 4, task
        assert found.statements, task
        json.dumps(found.as_dict(), allow_nan=False)


def test_the_same_choices_give_the_same_outcome() -> None:
    for experiment in EXPERIMENTS.values():
        assert outcome(experiment(chosen("xor"), None, BIG)) == outcome(experiment(chosen("xor"), None, BIG))


def test_the_check_up_begins_with_the_weights_that_a_run_begins_with() -> None:
    run = nn.Training(chosen("xor"))
    run.network.theta = np.zeros_like(run.network.theta)
    found = outcome(nn.check_up(run, None, BIG))
    assert found.kind == "ill"
    assert "From layer 1 (Dense) on, all examples get the same answer" in said(found)
    assert found.evidence["untrained loss"] == pytest.approx(math.log(2))


def test_the_check_up_measures_the_untrained_loss_and_how_far_answers_lie_apart() -> None:
    found = outcome(nn.check_up(chosen("spiral"), None, BIG))
    run = nn.Training(chosen("spiral"))
    x, target = next(run.task.batches(256, np.random.default_rng((7, BATCH_STREAM))))
    assert found.evidence["untrained loss"] == pytest.approx(nn.CrossEntropy().forward(run.network.predict(x), target))
    assert found.evidence["loss of one who knows nothing"] == pytest.approx(math.log(3), rel=1e-6)
    apart = [np.sqrt(np.mean((y - y.mean(axis=0)) ** 2)) for y in (x, *run.network.activations(x))]
    np.testing.assert_allclose([layer.spread for layer in found.layers], apart, rtol=1e-5)
    assert [layer.name for layer in found.layers] == ["input", "Dense", "Tanh", "Dense", "Tanh", "Dense"]
    assert {statement.kind for statement in found.statements} == {"good"}
    assert "it learns from what it sees" in said(found)


def test_the_check_up_compares_with_the_variance_where_there_are_numbers_to_give() -> None:
    found = outcome(nn.check_up(chosen("sine"), None, BIG))
    run = nn.Training(chosen("sine"))
    target = next(run.task.batches(256, np.random.default_rng((7, BATCH_STREAM))))[1]
    assert found.evidence["loss of one who knows nothing"] == pytest.approx(target.var(), rel=1e-5)
    assert found.kind == "good"


def test_the_check_up_finds_weights_that_are_too_large_answers_that_fade_and_inputs_that_say_nothing() -> None:
    network = nn.Training(chosen("mnist", network=[{"layer": "Flatten"}, {"layer": "Dense"}]))
    network.network.theta *= 300
    assert "it is sure, and wrong" in said(outcome(nn.check_up(network, None, BIG)))
    sigmoids = TASKS["spiral"].presets["Eight sigmoid layers: little comes through"]
    assert "of the differences arrives" in said(outcome(nn.check_up(chosen("spiral", **sigmoids), None, BIG)))
    normed = TASKS["spiral"].presets["The same with batch norm"]
    assert "what it sees arrives" in said(outcome(nn.check_up(chosen("spiral", **normed), None, BIG)))
    rng = np.random.default_rng(0)
    drawing = drawings.write(rng.random((400, 2)), (rng.random(400) < 0.1).astype(int))  # by chance: nine of ten are A
    assert "so far the inputs do not help" in said(
        outcome(nn.check_up(chosen("painted", data={"drawing": drawing}), None, BIG))
    )


def test_one_batch_is_learned_by_heart_by_the_steps_of_a_plain_loop() -> None:
    configuration = chosen("xor", network=DROPPING, regularizer={"name": "L2", "strength": 1.0}, schedule={"name": "Cosine"})
    found = outcome(nn.overfit_one_batch(configuration, None, BIG))
    network = [{"layer": "Dropout", "rate": 0.0} if layer["layer"] == "Dropout" else layer for layer in DROPPING]
    run = nn.Training(chosen("xor", network=network))
    x, target = next(run.task.batches(20, np.random.default_rng((7, BATCH_STREAM))))
    assert found.lines[0].y == [run.update(x, target)[1] for _ in range(200)]
    assert found.kind == "note"  # that something was left out
    assert "it knows them by heart" in said(found)
    assert found.evidence["accuracy"] == 1
    assert "Left out meanwhile, since it hinders learning by heart: penalty, dropout." in said(found)


def test_one_batch_tells_a_network_that_is_too_small_from_a_rate_that_is_far_off() -> None:
    line = outcome(nn.overfit_one_batch(chosen("xor", network=[{"layer": "Dense"}]), None, BIG))
    assert line.kind in ("caution", "ill")
    assert "by heart" not in said(line)
    slow = outcome(nn.overfit_one_batch(chosen("xor", optimizer={"name": "Adam", "learning_rate": 1e-3}), None, BIG))
    assert "At 0.01 it knows them by heart: the network is large enough" in said(slow)
    rocket = {"name": "SGD", "learning_rate": 100.0, "momentum": 0.99}
    fast = outcome(nn.overfit_one_batch(chosen("sine", optimizer=rocket), None, BIG))
    assert fast.kind == "ill"
    assert "threw the weights so far that the loss is no number" in said(fast)


def test_one_batch_counts_from_the_loss_of_the_right_answers() -> None:
    found = outcome(nn.overfit_one_batch(chosen("autoencoder"), None, 0.0))
    run = nn.Training(chosen("autoencoder"))
    target = next(run.task.batches(20, np.random.default_rng((7, BATCH_STREAM))))[1]
    p = np.clip(target.astype(np.float64), 1e-9, 1 - 1e-9)
    right = nn.BinaryCrossEntropy().forward(np.log(p / (1 - p)), target)
    assert found.evidence["least loss possible"] == pytest.approx(right, abs=1e-6)


def test_the_rate_grows_exponentially_and_what_is_suggested_learns_fastest() -> None:
    configuration = chosen("moons", optimizer={"name": "SGD", "learning_rate": 1e-4})
    found = outcome(nn.find_the_rate(configuration, None, BIG))
    rates, losses = np.array(found.lines[0].x), found.lines[0].y
    np.testing.assert_allclose(rates, 1e-7 * 1e8 ** (np.arange(len(rates)) / 99), rtol=1e-9)
    assert found.across == "learning rate"
    run = nn.Training(configuration)
    batches = run.task.batches(configuration.batch_size, np.random.default_rng((7, BATCH_STREAM)))
    for rate, loss in zip(rates, losses, strict=True):
        run.learning_rate = float(rate)
        assert run.update(*next(batches))[1] == loss
    assert found.suggestion is not None
    assert found.marks["suggestion"] == found.suggestion

    def learned(rate: float) -> float:
        run = nn.Training(chosen("moons", optimizer={"name": "SGD", "learning_rate": rate}))
        return float(np.mean([run.update(run.task.x, run.task.target)[1] for _ in range(1000)][500:]))

    here = learned(found.suggestion)
    assert here < learned(found.suggestion / 5)
    assert here < learned(found.suggestion * 5)
    assert "The chosen rate, 0.0001, is" in said(found)
    assert "times smaller" in said(found)


def test_no_rate_is_suggested_where_none_helps() -> None:
    network = [{"layer": "Dense", "units": 8, "initializer": "zeros"}, {"layer": "ReLU"}, {"layer": "Dense"}]
    found = outcome(nn.find_the_rate(chosen("xor", network=network), None, BIG))
    assert found.suggestion is None
    assert found.kind == "caution"
    assert "steps: it takes longer, or it is not the rate." in said(found)
