"""A run: the same seed gives the same theta, looking changes nothing, and the defaults learn what they promise."""

import math
import threading
from typing import Any

import numpy as np
import pytest

import engine as nn
from engine.tasks import TASKS
from engine.tasks.mnist import MNIST
from engine.tasks.points import Spiral

FROM_MNIST = ("mnist", "autoencoder", "rows")
BUNDLED = {"data": {"source": "bundled"}}


def run(request: dict[str, Any], steps: int, look: bool = False) -> nn.Training:
    training = nn.Training(nn.configure({**request, "steps": steps}))
    for _ in training.events():
        if look:
            for name in training.task.pictures:
                training.picture(name)
            training.answer(training.task.to_input(training.task.x[:1]))
    return training


def request_for(task: str) -> dict[str, Any]:
    return {"task": task, **(BUNDLED if task in FROM_MNIST else {})}


@pytest.mark.parametrize("task", TASKS)
def test_looking_changes_nothing(task: str) -> None:
    steps = 5 if task in (*FROM_MNIST, "text") else 40
    plain, watched = run(request_for(task), steps), run(request_for(task), steps, look=True)
    assert plain.step == steps
    assert plain.network.theta.tobytes() == watched.network.theta.tobytes()


def test_runs_beside_each_other_give_what_they_give_alone() -> None:
    alone = [run({"task": "spiral", "seed": seed, "batch_size": 32}, 200).network.theta for seed in range(4)]
    beside: dict[int, np.ndarray] = {}

    def work(seed: int) -> None:
        beside[seed] = run({"task": "spiral", "seed": seed, "batch_size": 32}, 200).network.theta

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for seed in range(4):
        assert alone[seed].tobytes() == beside[seed].tobytes()
    assert alone[0].tobytes() != alone[1].tobytes()


def test_events_are_a_metrics_row_first_then_every_so_often_and_last() -> None:
    training = nn.Training(nn.configure({"task": "spiral", "steps": 107, "evaluate_every": 25}))
    rows = [event for event in training.events() if isinstance(event, nn.Metrics)]
    assert [row.step for row in rows] == [*range(20), 25, 50, 75, 100, 107]
    assert rows[0].loss == pytest.approx(np.log(3), rel=0.5)
    assert all(row.test_accuracy is not None for row in rows)


def test_whoever_stops_asking_stops_the_training() -> None:
    training = nn.Training(nn.configure({"task": "spiral"}))
    events = training.events()
    for _ in range(11):
        next(events)
    theta = training.network.theta.copy()
    events.close()
    assert training.step == 10
    assert (training.network.theta == theta).all()


def test_a_run_that_diverges_says_at_which_step() -> None:
    training = nn.Training(
        nn.configure(
            {
                "task": "sine",
                "optimizer": {"name": "SGD", "learning_rate": 100.0},
                "network": [{"layer": "Dense", "units": 8}, {"layer": "ReLU"}, {"layer": "Dense"}],
            }
        )
    )
    with pytest.raises(nn.DivergedError, match="the loss became (inf|nan) in step") as diverged:
        list(training.events())
    assert diverged.value.step == training.step + 1


def test_the_regularizer_keeps_weights_small() -> None:
    plain, kept = (run({"task": "spiral", "regularizer": r}, 300) for r in (None, {"name": "L2", "strength": 0.1}))
    assert np.abs(kept.network.layers[0].W).sum() < 0.5 * np.abs(plain.network.layers[0].W).sum()


def test_a_schedule_ends_where_it_says() -> None:
    training = run({"task": "spiral", "schedule": {"name": "Cosine"}}, 100)
    assert 0 < training.optimizer.learning_rate < 0.001 * training.learning_rate


@pytest.mark.parametrize(("task", "steps"), [("spiral", 600), ("circles", 300), ("xor", 300), ("blobs", 200), ("moons", 600)])
@pytest.mark.parametrize("seed", [7, 1, 2])
def test_points_are_learned(task: str, steps: int, seed: int) -> None:
    training = run({"task": task, "seed": seed, "evaluate_every": steps}, steps)
    _, accuracy = training.measure(training.task.x_test, training.task.target_test)
    assert accuracy >= (0.98 if task in ("spiral", "xor", "blobs") else 0.97)


@pytest.mark.parametrize(
    ("task", "steps", "most"), [("sine", 1500, 0.01), ("step", 4000, 0.03), ("polynomial", 1500, 0.01), ("sines", 8000, 0.01)]
)
def test_curves_are_learned(task: str, steps: int, most: float) -> None:
    training = run({"task": task, "evaluate_every": steps}, steps)
    loss, _ = training.measure(training.task.x_test, training.task.target_test)
    assert loss <= most


def test_digits_are_learned() -> None:
    training = run({"task": "mnist", "data": {"source": "bundled", "test_examples": 2000}, "evaluate_every": 600}, 600)
    _, accuracy = training.measure(training.task.x_test, training.task.target_test)
    assert accuracy >= 0.95


def test_the_spiral_of_the_original_is_learned() -> None:
    original = Spiral.presets["The original: 2-100-3, SGD"]
    training = run({"task": "spiral", **original}, 3000)
    _, accuracy = training.measure(training.task.x, training.task.target)
    assert accuracy >= 0.97


def test_the_originals_are_what_they_were() -> None:
    spiral = nn.configure({"task": "spiral", **TASKS["spiral"].presets["The original: 2-100-3, SGD"]})
    assert [layer.get("units") for layer in spiral.network] == [100, None, 3]
    assert (spiral.batch_size, spiral.steps, spiral.data["points"]) == (300, 10_000, 300)
    assert spiral.optimizer["learning_rate"] == 1
    assert spiral.regularizer == {"name": "L2", "strength": 1e-3, "biases": False}
    sine = nn.configure({"task": "sine", **TASKS["sine"].presets["The original: 1-100-1, SGD"]})
    assert (sine.batch_size, sine.steps, sine.data["fresh"], sine.optimizer["learning_rate"]) == (1000, 100_000, True, 0.01)
    simple = nn.configure({"task": "mnist", **MNIST.presets["The original, simple: 2,000 steps"]})
    assert [layer["layer"] for layer in simple.network] == ["Conv2D", "ReLU", "MaxPool2D", "Flatten", "Dense", "ReLU", "Dense"]
    assert (simple.batch_size, simple.optimizer["learning_rate"]) == (32, 1e-4)
    assert {layer.get("initializer", "xavier") for layer in simple.network} == {"xavier"}


def test_every_preset_can_be_configured_and_begun() -> None:
    for name, task in TASKS.items():
        for preset in task.presets.values():
            request = {"task": name, **preset}
            if name in FROM_MNIST:
                request["data"] = {**preset.get("data", {}), "source": "bundled", "train_examples": 200}
            assert run(request, 1).step == 1


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        ({"task": "spirall"}, "task"),
        ({"task": "spiral", "data": {"noise": 2}}, "data.noise"),
        ({"task": "spiral", "data": {"colour": 2}}, "data.colour"),
        ({"task": "spiral", "network": []}, "network"),
        ({"task": "spiral", "network": [{"layer": "Dense", "units": 4}]}, "network.0"),
        (
            {"task": "spiral", "network": [{"layer": "Flatten"}, {"layer": "Conv2D", "filters": 2, "kernel_size": 3}]},
            "network.1",
        ),
        ({"task": "spiral", "network": [{"layer": "Dens"}]}, "network.0.layer"),
        ({"task": "spiral", "optimizer": {"name": "Adam", "learning_rate": float("inf")}}, "optimizer.learning_rate"),
        ({"task": "spiral", "steps": 0}, "steps"),
        ({"task": "sine", "loss": {"name": "CrossEntropy"}}, "loss.name"),
        ({"task": "spiral", "loss": {"name": "CrossEntropy", "class_weights": [1, 2]}}, "loss.class_weights"),
        ({"task": "spiral", "loss": {"name": "CrossEntropy", "class_weights": [1, 2, -1]}}, "loss.class_weights"),
        ({"task": "spiral", "loss": {"name": "CrossEntropy", "class_weights": 3}}, "loss.class_weights"),
    ],
)
def test_a_wrong_configuration_names_its_field(request_: dict[str, Any], field: str) -> None:
    with pytest.raises(nn.ConfigurationError) as refused:
        nn.configure(request_)
    assert refused.value.field == field


ROWS_OF_A_HEAVY_RUN = {
    "task": "mnist",
    "network": [{"layer": "Flatten"}, {"layer": "Dense"}],
    "data": {"source": "bundled", "train_examples": 3000, "test_examples": 1000},
    "batch_size": 200,
    "evaluate_every": 20,
    "steps": 47,
}


def test_a_row_measures_no_more_than_training_took_and_says_so() -> None:
    rows = [event for event in nn.Training(nn.configure(ROWS_OF_A_HEAVY_RUN)).events() if isinstance(event, nn.Metrics)]
    tested = {row.step: row.tested for row in rows}
    assert tested[0] == 500  # nothing was trained yet
    assert {tested[step] for step in (*range(1, 15), *range(16, 21))} == {600}  # one step of 200, forward once and back twice
    assert tested[15] is None  # the last row of an epoch
    assert tested[40] is None  # 20 steps since the row before: time for all
    assert tested[47] is None  # the last row of the run


def test_the_last_row_of_an_epoch_measures_all() -> None:
    request = {**ROWS_OF_A_HEAVY_RUN, "evaluate_every": 1, "steps": 16}
    rows = [event for event in nn.Training(nn.configure(request)).events() if isinstance(event, nn.Metrics)]
    assert [row.step for row in rows if row.tested is None] == [15, 16]
    training = nn.Training(nn.configure({**request, "steps": 15}))
    *_, last = [event for event in training.events() if isinstance(event, nn.Metrics)]
    at_15 = next(row for row in rows if row.step == 15)
    assert (last.test_loss, last.test_accuracy) == (at_15.test_loss, at_15.test_accuracy)


def test_a_part_of_the_test_data_is_spread_evenly_over_them() -> None:
    training = nn.Training(nn.configure(ROWS_OF_A_HEAVY_RUN))
    some = training.some_tested(1000)
    assert some is not None and (some == np.arange(500) * 2).all()
    x, target = training.task.x_test[some], training.task.target_test[some]
    row = next(iter(training.events()))
    assert isinstance(row, nn.Metrics)
    assert (row.test_loss, row.test_accuracy) == training.measure(x, target)


def test_after_a_step_beyond_all_numbers_theta_is_as_it_was_before_it() -> None:
    """The loss was still a number, its gradient none, and the network was left with infinite weights."""
    network = nn.Network([nn.Dense(1)], (2,), seed=0)
    before, x, target = network.theta.copy(), np.full((8, 2), 3e19, np.float32), np.zeros((8, 1))
    with pytest.raises(nn.DivergedError, match="in step 2"):
        list(nn.fit(network, x, target, nn.MSE(), nn.SGD(0.01), steps=20, batch_size=8))
    np.testing.assert_array_equal(network.theta, before)


def test_a_row_says_the_rate_and_the_gradient_of_the_last_step() -> None:
    training = nn.Training(nn.configure({"task": "xor", "steps": 40, "evaluate_every": 10, "schedule": {"name": "Cosine"}}))
    rate = training.learning_rate
    rows = [event for event in training.events() if isinstance(event, nn.Metrics)]
    assert (rows[0].learning_rate, rows[0].gradient_norm) == (None, None)
    for row in rows[1:]:
        assert row.learning_rate == pytest.approx(rate * (1 + math.cos(math.pi * (row.step - 1) / 40)) / 2, rel=1e-12)
    assert rows[-1].gradient_norm == pytest.approx(math.sqrt(float((training.network.gradient.astype(float) ** 2).sum())))
    assert rows[1].gradient_norm != rows[-1].gradient_norm


def test_an_output_behind_which_activations_stand_has_as_many_units_as_the_task_asks() -> None:
    network = [{"layer": "Dense", "units": 4}, {"layer": "Tanh"}, {"layer": "Dense"}, {"layer": "Softmax"}]
    made = nn.configure({"task": "spiral", "network": network, "data": {"arms": 4}})
    assert [layer.get("units") for layer in made.network] == [4, None, 4, None]
