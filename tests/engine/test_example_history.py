"""Stories of examples: since when each is right, how often it was lost, and the hardest first, against slow transcriptions."""

import numpy as np
import pytest

import engine as nn
from engine.functions import softmax
from engine.training import checkpoint, example_history


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
    learned, forgotten = example_history.turning_points(steps, right)
    assert (learned.tolist(), forgotten.tolist()) == slow(steps.tolist(), right.tolist())


@pytest.mark.parametrize("task", ["spiral", "table", "images", "sine", "numbers"])
def test_stories_say_what_the_network_said_at_each_moment(task: str) -> None:
    training = nn.Training(nn.configure({"task": task, "steps": 12}))
    witnesses = training.task.witnesses()
    moments, packed = [], []
    for event in training.events():
        moments.append(event.step)
        packed.append((checkpoint.pack(training), training.network.predict(witnesses.x)))
    other = nn.Training(training.configuration)
    answers = []
    for data, _ in packed:
        checkpoint.show(other, data, with_data=False)
        answers.append(example_history.ask(other.network, witnesses))
    told = example_history.tell(witnesses, moments, answers)
    assert told.steps.tolist() == moments
    for m, (_, prediction) in enumerate(packed):
        if witnesses.are_classes:
            sure = softmax(prediction)[np.arange(len(prediction)), witnesses.target]
            np.testing.assert_array_equal(told.sure[m], (255 * sure).round())
            np.testing.assert_array_equal(told.right[m], prediction.argmax(axis=1) == witnesses.target)
        else:
            error = witnesses.middle + witnesses.scale * prediction[:, 0] - witnesses.truth
            np.testing.assert_allclose(told.error[m], error, rtol=1e-3, atol=1e-4 * witnesses.scale)
    if witnesses.are_classes:
        mean = np.mean([a[:, 0] for a in answers], axis=0)
        assert (np.diff(mean[told.order.astype(int)]) >= 0).all()
    else:
        assert (np.diff(abs(told.error[-1][told.order.astype(int)])) <= 0).all()
    if len(witnesses.images):
        np.testing.assert_array_equal(told.images[3], witnesses.images[int(told.order[3])])


@pytest.mark.parametrize("task", ["spiral", "table"])
def test_the_examples_are_in_the_order_of_the_picture(task: str) -> None:
    training = nn.Training(nn.configure({"task": task}))
    picture, witnesses = training.picture("decision boundary"), training.task.witnesses()
    np.testing.assert_array_equal(picture.labels, witnesses.target)
    np.testing.assert_array_equal(picture.is_test, witnesses.is_test)
