"""The doctor names what goes wrong, says it with this run's own numbers, and leaves the run as it is."""

import math
import re
from typing import Any

import numpy as np
import pytest

import engine as nn
from engine.explain.finding import apply
from engine.tasks import TASKS

Request = dict[str, Any]


def dense(*units: int, then: str = "Tanh", **more: Any) -> list[Request]:
    hidden = [layer for number in units for layer in ({"layer": "Dense", "units": number, **more}, {"layer": then})]
    return [*hidden, {"layer": "Dense", **more}]


def sgd(rate: float) -> Request:
    return {"name": "SGD", "learning_rate": rate}


def examined(request: Request, steps: int) -> tuple[nn.Training, nn.Doctor, list[nn.Finding]]:
    """Train for so many steps, and collect all findings, each as it was first said."""
    training = nn.Training(nn.configure(request))
    doctor = nn.Doctor(training)
    said = {finding.cause: finding for finding in doctor.findings}
    try:
        for event in training.events():
            doctor.observe(event)
            said = {finding.cause: finding for finding in doctor.findings} | said
            if event.step >= steps:
                break
    except nn.DivergedError:
        said = {finding.cause: finding for finding in doctor.findings} | said
    return training, doctor, list(said.values())


FAULTS: dict[str, tuple[Request, str, int]] = {
    "SGD with rate 10": ({"task": "spiral", "optimizer": sgd(10.0)}, "step too large", 40),
    "Adam with rate 10": (
        {"task": "spiral", "optimizer": {"name": "Adam", "learning_rate": 10.0}},
        "step too large",
        40,
    ),
    "eight sigmoid layers": (
        {"task": "spiral", "network": dense(*[8] * 8, then="Sigmoid"), "optimizer": sgd(0.1)},
        "vanishing gradient",
        160,
    ),
    "zeros, tanh": ({"task": "spiral", "network": dense(12, 12, initializer="zeros")}, "identical units", 0),
    "zeros, ReLU": ({"task": "sine", "network": dense(16, 16, then="ReLU", initializer="zeros")}, "identical units", 0),
    "ReLU, SGD 3": ({"task": "spiral", "network": dense(12, 12, then="ReLU"), "optimizer": sgd(3.0)}, "dead units", 80),
    "XOR without a hidden layer": ({"task": "xor", "network": dense()}, "cannot fit", 0),
    "no activations": (
        {"task": "spiral", "network": [{"layer": "Dense", "units": 12}, {"layer": "Dense"}]},
        "linear stack",
        0,
    ),
    "30 points, three layers of 64": (
        {"task": "circles", "data": {"points": 30}, "network": dense(64, 64, 64)},
        "overfitting",
        80,
    ),
    "30 points on the spiral": (
        {"task": "spiral", "data": {"points": 30}, "network": dense(64, 64, 64)},
        "overfitting",
        460,
    ),
    "rate 1e-5": (
        {"task": "spiral", "optimizer": {"name": "Adam", "learning_rate": 1e-5}},
        "step too small",
        260,
    ),
    "std 1 on the sine": (
        {"task": "sine", "network": dense(16, 16, initializer="normal", gain=100.0)},
        "first weights too large",
        0,
    ),
    "L2 of strength 10": ({"task": "spiral", "regularizer": {"name": "L2", "strength": 10.0}}, "penalty too strong", 0),
    "a Softmax before the loss": (
        {"task": "spiral", "network": [*dense(12)[:-1], {"layer": "Dense", "units": 3}, {"layer": "Softmax"}]},
        "softmax twice",
        0,
    ),
    "an infinite loss": ({"task": "sine", "optimizer": sgd(10.0)}, "not finite", 30),
}
"""What the page can choose, what is wrong with it, and by which step it is named."""


@pytest.mark.parametrize("name", FAULTS)
def test_what_goes_wrong_is_named_in_time_and_first(name: str) -> None:
    request, cause, step = FAULTS[name]
    training, doctor, said = examined(request, step)
    assert doctor.findings, [finding.cause for finding in said]
    first = doctor.findings[0]
    assert first.cause == cause
    assert first.kind != "good"
    assert first.as_dict()["title"]
    assert len(first.sentence) <= 110
    assert first.remedies
    for remedy in first.remedies:
        nn.configure(apply(training.configuration.as_dict(), remedy.changes))  # can be trained
    for quoted in re.findall(r"(?<![\w.])\d[\d,.]*(?<![.,])(?= %)", first.sentence):
        assert any(
            math.isclose(100 * value, float(quoted.replace(",", "")), rel_tol=0.06)
            for value in [*first.evidence.values(), 0.001]
            if isinstance(value, int | float)
        ), (first.sentence, first.evidence)


SOUND: dict[str, float] = {"spiral": 0.25, "sine": 0.05, "xor": 0.1, "circles": 0.1}
"""A test loss that shows that a task is learned: a fifth of that by chance, or less."""


@pytest.mark.parametrize("name", FAULTS)
def test_the_first_remedy_cures(name: str) -> None:
    request, cause, step = FAULTS[name]
    _, doctor, _ = examined(request, step)
    finding = doctor.findings[0]
    assert finding.since <= step
    repaired = apply(nn.configure(request).as_dict(), finding.remedies[0].changes)
    training, doctor, _ = examined(repaired, 4000 if request["task"] == "sine" else 1500)
    assert cause not in [one.cause for one in doctor.findings]
    assert training.row is not None
    assert (training.row.test_loss or 1.0) < SOUND[request["task"]]


def test_what_guesses_is_not_called_learned() -> None:
    training = nn.Training(nn.configure({"task": "xor", "optimizer": sgd(1e-4)}))
    doctor = nn.Doctor(training)
    for event in training.events():
        doctor.observe(event)
        assert "learned" not in [finding.cause for finding in doctor.findings]
        if event.step >= 900:
            break


def test_a_sorted_table_says_no_other_than_a_mixed_one() -> None:
    rng = np.random.default_rng(3)
    x = rng.standard_normal((3000, 2)).astype(np.float32)
    y = np.sort((rng.random(3000) < 0.5).astype(int))
    network = nn.Network([nn.Dense(4), nn.Tanh(), nn.Dense(2)], (2,))
    doctor = nn.Doctor(nn.fit(network, x, y, nn.CrossEntropy(), nn.Adam(), steps=3).training)
    assert doctor.record.baseline == pytest.approx(math.log(2), abs=2e-3)
    assert not doctor.findings


def test_a_step_that_is_too_small_is_shown_by_a_longer_one() -> None:
    training, doctor, _ = examined({"task": "numbers", "optimizer": {"name": "Adam", "learning_rate": 2e-5}}, 160)
    (finding,) = doctor.findings
    assert finding.cause == "step too small"
    assert finding.evidence["loss there"] < finding.evidence["loss here"] - 0.1
    task = training.task
    x, y = (values[np.arange(64) * len(values) // 64] for values in (task.x, task.target))
    here = nn.MSE().forward(training.network.predict(task.to_input(x)), task.to_target(y))
    assert finding.evidence["loss here"] == pytest.approx(here)


def test_layers_that_a_person_froze_are_named_and_let_learn_again() -> None:
    still = {"learning_rate_scale": 0.0}
    request = {"task": "spiral", "network": dense(16, 16, **still)}
    training, _, (finding,) = examined(request, 300)
    assert finding.cause == "step too small"
    assert finding.sentence == "All layers with weights are frozen: no weight moves, so nothing is learned."
    assert finding.evidence["frozen layers"] == 3
    (remedy,) = finding.remedies
    cured = apply(training.configuration.as_dict(), remedy.changes)["network"]
    assert [layer.get("learning_rate_scale", 1.0) for layer in cured if layer["layer"] == "Dense"] == [1.0, 1.0, 1.0]
    one = {"task": "numbers", "optimizer": {"name": "Adam", "learning_rate": 2e-5}, "network": dense(16, 16)}
    one["network"][0] |= still
    _, doctor, _ = examined(one, 160)
    assert doctor.findings[0].sentence.startswith("Layer 1 is frozen: its weights do not move. A step changes")


@pytest.mark.parametrize(("then", "cause"), [("Tanh", "vanishing gradient"), ("ReLU", "dead units")])
def test_neurons_that_a_person_silenced_are_named(then: str, cause: str) -> None:
    network = dense(16, 16, then=then)
    network[3]["silenced"] = list(range(16 if then == "Tanh" else 15))
    training, doctor, _ = examined({"task": "spiral", "network": network}, 300)
    finding = next(one for one in doctor.findings if one.cause == cause)
    count = len(network[3]["silenced"])
    assert finding.sentence.startswith(f"{count} of 16 neurons of layer 4 ({then}) are silenced by hand")
    cured = apply(training.configuration.as_dict(), finding.remedies[0].changes)["network"]
    assert not cured[3].get("silenced")
    nn.configure({"task": "spiral", "network": cured})


def test_a_gradient_that_leaps_out_of_a_row_is_named_with_its_step() -> None:
    request = {
        "task": "memory",
        "network": [{"layer": "RNN", "units": 24}, {"layer": "Dense"}],
        "data": {"delay": 20},
        "optimizer": sgd(1.0),
        "clip_norm": None,
        "seed": 4,  # early: a leap after a step of chance depends on how a machine adds
    }
    training, doctor, _ = examined(request, 80)
    finding = doctor.findings[0]
    assert finding.cause == "exploding gradient"
    again = nn.Training(training.configuration)
    lengths = [0.0]
    for event in again.events():
        lengths += [float(np.linalg.norm(again.network.gradient))] if event.step else []
        if event.step >= 80:
            break
    assert finding.evidence["step"] == int(np.argmax(lengths))
    assert finding.evidence["length"] == pytest.approx(max(lengths))
    assert "Clip gradients" in finding.remedies[0].title


@pytest.mark.parametrize("task", ["spiral", "moons", "xor", "blobs", "sine", "step", "table", "numbers"])
def test_what_learns_well_raises_no_alarm(task: str) -> None:
    _, _, said = examined({"task": task}, 700)
    assert [finding for finding in said if finding.kind != "good"] == []


@pytest.mark.parametrize(
    "request_",
    [
        {"task": "spiral", "optimizer": sgd(1.0)},
        {"task": "memory", "network": [{"layer": "RNN", "units": 8}, {"layer": "Dense"}], "data": {"delay": 5}},
        {"task": "reverse", "data": {"length": 4, "vocabulary": 5, "train_examples": 200}},
        {
            "task": "moons",
            "network": [
                {"layer": "Dense", "units": 12},
                {"layer": "BatchNorm"},
                {"layer": "ReLU"},
                {"layer": "Dropout", "rate": 0.3},
                {"layer": "Dense"},
            ],
            "averaging": 0.9,
            "regularizer": {"name": "L2", "strength": 0.01},
        },
    ],
    ids=["vectors", "recurrent", "attention", "norm and dropout"],
)
def test_observing_changes_no_bit(request_: Request) -> None:
    def trained(observed: bool) -> tuple[bytes, ...]:
        training = nn.Training(nn.configure({**request_, "batch_size": 16, "clip_norm": None}))
        doctor = nn.Doctor(training) if observed else None
        looked = 0
        for event in training.events():
            if doctor:
                doctor.observe(event)
                looked = len(doctor.record.looks)
            if event.step >= 170:
                break
        assert looked >= 5 or not observed
        states = [value for layer in training.network.walk() for value in layer.state.values()]
        arrays = [training.network.theta, training.network.gradient, *training.optimizer.state_dict().values(), *states]
        return tuple(np.asarray(array).tobytes() for array in arrays)

    assert trained(True) == trained(False)


def test_the_numbers_of_a_step_that_is_too_large_are_the_weights_own() -> None:
    training, doctor, _ = examined({"task": "spiral", "optimizer": sgd(10.0)}, 40)
    finding = doctor.findings[0]
    again = nn.Training(training.configuration)
    ratios = []
    for event in again.events():
        if event.step in (22, 24, 26, 28, 30, 32, 34, 36, 38, 40):  # not all: the doctor takes the median of some
            layer = again.network.layers[finding.layer or 0]
            size = layer.W.size + layer.b.size
            start = sum(p.size for one in again.network.layers[: finding.layer] for p in one.parameters.values())
            before, after = (theta[start : start + size] for theta in (again.theta_before, again.network.theta))
            ratios.append(float(np.linalg.norm(after - before) / np.linalg.norm(before)))
        if event.step >= 40:
            break
    assert min(ratios) <= finding.evidence["change per step"] <= max(ratios)


def test_the_numbers_of_silent_neurons_are_the_layers_own() -> None:
    training, doctor, _ = examined(FAULTS["ReLU, SGD 3"][0], 80)
    finding = doctor.findings[0]
    assert finding.layer is not None
    answers = training.network.activations(training.task.x)[finding.layer]
    assert finding.evidence["silent neurons"] == int((answers.max(axis=0) <= 0).sum())
    assert f"{finding.evidence['silent neurons']} of 12 neurons" in finding.sentence


def test_the_loss_by_chance_is_that_of_the_best_constant_answer() -> None:
    _, doctor, _ = examined({"task": "spiral"}, 0)
    assert doctor.record.baseline == pytest.approx(math.log(3), abs=1e-6)
    training, doctor, _ = examined({"task": "sine"}, 0)
    assert doctor.record.baseline == pytest.approx(float(np.var(training.task.target)), rel=1e-5)


def test_a_finding_is_gone_when_it_is_over() -> None:
    _, doctor, said = examined({"task": "sine", "network": dense(16, 16, initializer="normal", gain=100.0)}, 900)
    assert said[0].cause == "first weights too large"
    assert all(finding.kind == "good" for finding in doctor.findings)


def test_what_was_learned_is_said_with_the_loss_that_it_came_to() -> None:
    training = nn.Training(nn.configure({"task": "xor"}))
    doctor, losses = nn.Doctor(training), [0.0]
    for event in training.events():
        doctor.observe(event)
        losses += [training.last_loss or 0.0] if event.step else []
        if event.step >= 900:
            break
    (finding,) = doctor.findings
    assert (finding.cause, finding.kind, finding.remedies) == ("learned", "good", ())
    before, now = (look.step for look in doctor.record.looks[-2:])
    assert finding.evidence["loss"] == pytest.approx(float(np.mean(losses[before + 1 : now + 1])))


def test_one_matrix_is_nothing_wrong_where_a_straight_line_is_enough() -> None:
    _, doctor, _ = examined({"task": "blobs", "network": [{"layer": "Dense", "units": 12}, {"layer": "Dense"}]}, 0)
    assert not doctor.findings


def test_a_training_of_ones_own_arrays_is_examined_too() -> None:
    x = np.random.default_rng(0).standard_normal((64, 3)).astype(np.float32) * np.float32(1000)
    network = nn.Network([nn.Dense(8), nn.Tanh(), nn.Dense(2)], (3,))
    events = nn.fit(network, x, (x[:, 0] > 0).astype(int), nn.CrossEntropy(), nn.Adam(), steps=3)
    doctor = nn.Doctor(events.training)
    assert [finding.cause for finding in doctor.findings] == ["inputs not scaled"]
    assert doctor.findings[0].evidence["largest"] == pytest.approx(np.abs(x).max(axis=0).max())
    assert not doctor.findings[0].remedies, "there is no configuration to change"
    for event in events:
        doctor.observe(event)


def test_one_layer_is_enough_where_its_inputs_are_bent_already() -> None:
    for task in ("circles", "xor"):
        (preset,) = [one for title, one in TASKS[task].presets.items() if "no hidden layer" in title]
        training, _, said = examined({"task": task, **preset}, 200)
        assert [finding.cause for finding in said if finding.kind != "good"] == []
        assert training.row is not None
        assert (training.row.test_accuracy or 0) > 0.9
