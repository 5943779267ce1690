"""Steps of several batches, averaged weights, and training that ends early and keeps the best."""

from itertools import islice, pairwise
from typing import Any

import numpy as np
import pytest

import engine as nn
from engine.training import checkpoint
from engine.training.weights import named_arrays

OVERFITTING: dict[str, Any] = {
    "task": "spiral",
    "network": [{"layer": "Dense", "units": 30}, {"layer": "BatchNorm"}, {"layer": "Tanh"}, {"layer": "Dense"}],
    "data": {"points": 40, "noise": 0.5, "test_share": 0.5},
    "optimizer": {"name": "Adam", "learning_rate": 0.05},
    "batch_size": 8,
    "evaluate_every": 5,
    "steps": 400,
}


def training_of(**changes: Any) -> nn.Training:
    return nn.Training(nn.configure({**OVERFITTING, **changes}))


def rows(events: Any) -> list[nn.Metrics]:
    return [event for event in events if isinstance(event, nn.Metrics)]


def shown(training: nn.Training) -> dict[str, bytes]:
    with training.shown() as network:
        return {name: array.tobytes() for name, array in named_arrays(network).items()}


@pytest.mark.parametrize("loss", [{"name": "CrossEntropy"}, {"name": "CrossEntropy", "label_smoothing": 0.1}])
def test_a_step_of_several_batches_is_one_of_a_larger_batch(loss: dict[str, Any]) -> None:
    network = [{"layer": "Dense", "units": 9}, {"layer": "Tanh"}, {"layer": "Dense"}]
    request = {"task": "spiral", "network": network, "data": {"points": 86, "test_share": 0.2}, "steps": 23, "loss": loss}
    one = nn.Training(nn.configure({**request, "batch_size": 24}))
    several = nn.Training(nn.configure({**request, "batch_size": 8, "batches_per_step": 3}))
    assert len(one.task.x) % 24 % 8, "the last batch of an epoch is smaller than the others"
    for mine, wanted in zip(rows(several.events()), rows(one.events()), strict=True):
        assert (mine.step, mine.epoch, mine.accuracy, mine.test_accuracy) == (
            wanted.step,
            wanted.epoch,
            pytest.approx(wanted.accuracy),
            wanted.test_accuracy,
        )
        assert (mine.loss, mine.test_loss) == pytest.approx((wanted.loss, wanted.test_loss), rel=1e-4)
    np.testing.assert_allclose(several.network.theta, one.network.theta, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("decay", [0.9, 0.99999])
def test_the_average_is_the_mean_of_all_that_then_forgets(decay: float) -> None:
    plain, averaged = training_of(steps=60), training_of(steps=60, averaging=decay)
    expected, thetas = np.zeros(0), []
    for event, plain_event in zip(averaged.events(), plain.events(), strict=True):
        assert averaged.network.theta.tobytes() == plain.network.theta.tobytes(), "what learns is not touched"
        if event.step:
            thetas.append(plain.network.theta.astype(np.float64))
            t = len(thetas)
            expected = thetas[0] if t == 1 else decay_step(expected, thetas[-1], min(decay, 1 - 1 / t))
            with averaged.shown() as network:
                np.testing.assert_allclose(network.theta, expected, atol=1e-6)
        if isinstance(event, nn.Metrics) and event.step > 1:
            assert (event.loss, event.accuracy) == (plain_event.loss, plain_event.accuracy)
            assert event.test_loss != plain_event.test_loss
    with averaged.shown() as network:
        prediction = network.predict(averaged.task.x_test)
        if decay > 0.999:
            np.testing.assert_allclose(network.theta, np.mean(thetas, axis=0), atol=1e-6)
    assert event.test_loss == nn.CrossEntropy().forward(prediction, averaged.task.target_test)
    assert averaged.measure(averaged.task.x_test, averaged.task.target_test)[0] == event.test_loss
    boundary, statistics = averaged.task.pictures, "layer statistics"
    first = next(iter(boundary))
    assert packed(averaged, first) != packed(plain, first)
    assert packed(averaged, statistics) == packed(plain, statistics)


def test_a_step_beyond_all_numbers_is_taken_back_from_the_average_too() -> None:
    """theta was as before that step, and its average, which counts, was none any more."""
    training = training_of(averaging=0.9, optimizer={"name": "SGD", "learning_rate": 0.1}, evaluate_every=400)
    events = training.events()
    while training.step < 12:
        next(events)
    theta, average = training.network.theta.copy(), training.kept.state_dict()["average"].copy()
    training.learning_rate = 1e300
    with pytest.raises(nn.DivergedError, match="in step 14"):
        list(events)
    np.testing.assert_array_equal(training.network.theta, theta)
    np.testing.assert_array_equal(training.kept.state_dict()["average"], average)


def decay_step(average: np.ndarray, theta: np.ndarray, decay: float) -> np.ndarray:
    return decay * average + (1 - decay) * theta


def packed(training: nn.Training, name: str) -> list[bytes]:
    picture = training.picture(name)
    assert picture is not None
    return [value.tobytes() for value in vars(picture).values() if isinstance(value, np.ndarray)]


@pytest.mark.parametrize("averaging", [0.0, 0.9])
def test_training_ends_where_nothing_became_better_and_the_best_weights_count(averaging: float) -> None:
    whole = {row.step: row.test_loss for row in rows(training_of(averaging=averaging).events())}
    training = training_of(patience=32, averaging=averaging)
    found = rows(training.events())
    best = min(found, key=lambda row: row.test_loss)
    assert best.step
    assert training.step == found[-1].step == best.step + 32
    assert training.finished
    assert training.has_waited
    assert training.kept.best_step == best.step
    assert all(row.test_loss == whole[row.step] for row in found if row.step in whole)
    loss, accuracy = training.measure(training.task.x_test, training.task.target_test)
    assert (loss, accuracy) == (best.test_loss, best.test_accuracy)
    learning = training.network.theta.copy()
    at_best = training_of(patience=32, averaging=averaging)
    for event in at_best.events():
        if event.step == best.step:
            break
    assert shown(training) == shown(at_best), "with the running averages of then"
    assert (training.network.theta == learning).all()
    assert not (training.network.theta == at_best.network.theta).all()
    assert list(training.events()) == []


def is_best(row: nn.Metrics, all_rows: list[nn.Metrics]) -> bool:
    return row.test_loss < min(other.test_loss for other in all_rows if other.step < row.step)


def test_who_is_patient_trains_to_the_end_and_still_keeps_the_best() -> None:
    whole = rows(training_of().events())
    best, worse = next((a, b) for a, b in pairwise(whole) if a.step > 20 and a.test_loss < b.test_loss and is_best(a, whole))
    end = worse.step
    training = training_of(patience=1000, steps=end)
    found = rows(training.events())
    assert (found[-1].step, training.kept.best_step) == (end, best.step)
    assert found[-1].test_loss > best.test_loss == training.measure(training.task.x_test, training.task.target_test)[0]
    training.configuration.steps = end + 30
    more = rows(training.events())
    assert more == rows(training_of(steps=end + 30).events())[-len(more) :], "it goes on with the weights that learn"


def test_a_part_of_the_test_data_is_no_best_and_the_deadline_measures_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.training.training.FEWEST_TESTED", 4)
    training = training_of(patience=17, batch_size=1, evaluate_every=2, network=[{"layer": "Dense"}], steps=100)
    found = rows(training.events())
    whole = [row for row in found if row.tested is None]
    assert len(whole) < len(found) / 2
    assert whole[0].step == 17, "the deadline"
    assert training.kept.best_step == min(whole, key=lambda row: row.test_loss).step


@pytest.mark.parametrize("at", [0, 1, 7, 60, 93, 200])
def test_it_all_goes_on_bit_for_bit(at: int) -> None:
    changes = {"patience": 55, "averaging": 0.95, "batches_per_step": 2, "batch_size": 5, "clip_norm": 1.0}
    whole = training_of(**changes)
    events = whole.events()
    list(islice(events, at + 1))
    packed = checkpoint.pack(whole)
    again, forked, beside = checkpoint.unpack(packed), checkpoint.fork(packed, {}), training_of(**changes)
    checkpoint.show(beside, packed)
    assert shown(beside) == shown(whole) == shown(again)
    after = rows(events)
    for training in (again, forked):
        assert rows(training.events())[-len(after) :] == after or not after
        assert shown(training) == shown(whole)
        assert training.network.theta.tobytes() == whole.network.theta.tobytes()
        assert training.kept.best_step == whole.kept.best_step


def test_a_fork_may_be_more_patient_or_begin_to_average() -> None:
    training = training_of(patience=32)
    list(training.events())
    end, best = training.step, training.kept.best_step
    more = checkpoint.fork(checkpoint.pack(training), {"patience": 60})
    list(islice(more.events(), 2))
    assert (more.step, more.kept.best_step) == (end + 2, best)
    assert checkpoint.fork(checkpoint.pack(training), {"patience": 20}).finished
    plain = training_of(steps=30)
    list(plain.events())
    later = checkpoint.fork(checkpoint.pack(plain), {"patience": 20, "averaging": 0.9, "steps": 200})
    assert not later.finished, "it waits from now on"
    assert shown(later) == shown(plain), "and averages from now on"
    found = rows(later.events())
    assert 30 < later.kept.best_step == min(found, key=lambda row: row.test_loss).step


def test_other_data_begin_to_wait_anew() -> None:
    training = training_of(patience=40)
    events = training.events()
    list(islice(events, 31))
    training.change_data({"noise": 0.1})
    assert (training.kept.best_step, training.kept.best_loss) == (30, np.inf)


def test_fit_leaves_the_weights_that_count_in_the_network() -> None:
    rng = np.random.default_rng(0)
    x, x_test = rng.normal(size=(20, 3)), rng.normal(size=(20, 3))
    target, target_test = rng.integers(0, 2, 20), rng.integers(0, 2, 20)
    network = nn.Network([nn.Dense(20), nn.Tanh(), nn.Dense(2)], (3,))
    fitted = nn.fit(
        network, x, target, nn.CrossEntropy(), nn.Adam(0.05), test_data=(x_test, target_test), patience=50, steps=5000
    )
    found = rows(fitted)
    best = min(row.test_loss for row in found)
    assert found[-1].step < 5000
    assert nn.CrossEntropy().forward(network.predict(x_test), target_test) == pytest.approx(best)
    averaged = rows(
        nn.fit(network, x, target, nn.CrossEntropy(), nn.Adam(), test_data=(x_test, target_test), averaging=0.9, steps=40)
    )
    assert nn.CrossEntropy().forward(network.predict(x_test), target_test) == averaged[-1].test_loss
    with pytest.raises(ValueError, match="patience must be a number from 1"):
        nn.fit(network, x, target, nn.CrossEntropy(), nn.Adam(), patience=0)
