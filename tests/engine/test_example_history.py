"""Training dynamics: since when each is right, how often it was lost, and the hardest first, against slow transcriptions."""

import numpy as np
import pytest

import engine as nn
from engine.functions import softmax
from engine.pictures import observe_example_history, responses_of
from engine.pictures.example_history import turning_points
from engine.training import checkpoint


def slow(steps: list[int], right: list[list[bool]]) -> tuple[list[int], list[int]]:
    learned, lost = [], []
    for history in zip(*right, strict=True):
        since, forgotten, before = -1, 0, False
        for step, now in zip(steps, history, strict=True):
            if now and not before:
                since = step
            if before and not now:
                since, forgotten = -1, forgotten + 1
            before = now
        learned.append(since)
        lost.append(forgotten)
    return learned, lost


@pytest.mark.parametrize("seed", range(5))
def test_turning_points_are_those_of_one_example_after_the_other(seed: int) -> None:
    rng = np.random.default_rng(seed)
    steps, right = np.arange(0, 60, 3), rng.random((20, 40)) < rng.random(40)
    learned, forgotten = turning_points(steps, right)
    assert (learned.tolist(), forgotten.tolist()) == slow(steps.tolist(), right.tolist())


@pytest.mark.parametrize("task", ["spiral", "table", "images", "sine", "numbers"])
def test_the_history_says_what_the_network_said_at_each_step(task: str) -> None:
    training = nn.Training(nn.configure({"task": task, "steps": 12}))
    tracked = training.task.tracked_examples()
    steps, packed = [], []
    for event in training.events():
        steps.append(event.step)
        packed.append((checkpoint.pack(training), training.network.predict(tracked.x)))
    other = nn.Training(training.configuration)
    answers = []
    for data, _ in packed:
        checkpoint.show(other, data, with_data=False)
        answers.append(responses_of(other.network, tracked))
    told = observe_example_history(tracked, steps, answers)
    assert told.steps.tolist() == steps
    for m, (_, prediction) in enumerate(packed):
        if tracked.are_classes:
            confidence = softmax(prediction)[np.arange(len(prediction)), tracked.target]
            np.testing.assert_array_equal(told.confidence[m], (255 * confidence).round())
            np.testing.assert_array_equal(told.right[m], prediction.argmax(axis=1) == tracked.target)
        else:
            error = tracked.middle + tracked.scale * prediction[:, 0] - tracked.truth
            np.testing.assert_allclose(told.error[m], error, rtol=1e-3, atol=1e-4 * tracked.scale)
    if tracked.are_classes:
        mean = np.mean([a[:, 0] for a in answers], axis=0)
        assert (np.diff(mean[told.order.astype(int)]) >= 0).all()
    else:
        assert (np.diff(abs(told.error[-1][told.order.astype(int)])) <= 0).all()
    if len(tracked.images):
        np.testing.assert_array_equal(told.images[3], tracked.images[int(told.order[3])])


@pytest.mark.parametrize("task", ["spiral", "table"])
def test_the_examples_are_in_the_order_of_the_picture(task: str) -> None:
    training = nn.Training(nn.configure({"task": task}))
    picture, tracked = training.picture("decision boundary"), training.task.tracked_examples()
    np.testing.assert_array_equal(picture.labels, tracked.target)
    np.testing.assert_array_equal(picture.is_test, tracked.is_test)
