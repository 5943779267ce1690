"""What each lesson in the box claims, as trainings whose outcome the lesson's own goal or a figure decides.

python -m tests.benchmarks.lessons     prints the figures over five seeds
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np

import engine as nn
from engine.training.configuration import merged
from server.lessons.goals import Verdict, Watched, judge
from server.lessons.lesson_file import Lesson, boxed, read_lesson


@cache
def lesson(name: str) -> Lesson:
    return read_lesson(boxed()[name])


@dataclass
class Trained:
    """What came of a step's settings with some changes."""

    watched: Watched
    theta: Any

    def last(self, column: str) -> float:
        return next(value for value in reversed(self.watched.columns[column]) if value is not None)


def train(name: str, step: int, changes: dict[str, Any] | None = None, seed: int | None = None) -> Trained:
    """Train what a step sets, as a person would have changed it."""
    settings = next(one.settings for one in reversed(lesson(name).steps[:step]) if one.settings)
    request = {key: value for key, value in settings.items() if key != "speed"}
    chosen = nn.configure({**request, **({"seed": seed} if seed is not None else {})}).as_dict()
    return trained(json.dumps(nn.configure(merged(chosen, changes or {})).as_dict()))


@cache
def trained(configuration: str) -> Trained:
    """Train once what goals and figures both speak of."""
    training = nn.Training(nn.configure(json.loads(configuration)))
    doctor, rows, found = nn.Doctor(training), [], []
    for event in training.events():
        doctor.observe(event)
        if isinstance(event, nn.Metrics):
            rows.append(event)
            found.append((event.step, [finding.cause for finding in doctor.findings]))
    columns = {key: [getattr(row, key) for row in rows] for key in ("step", "loss", "test_loss", "accuracy", "test_accuracy")}
    return Trained(Watched(training.configuration.as_dict(), columns, found), training.network.theta.copy())


def judged(name: str, step: int, changes: dict[str, Any] | None = None, seed: int | None = None) -> Verdict:
    return judge(lesson(name), step, train(name, step, changes, seed).watched)


@dataclass(frozen=True)
class Claim:
    """That a step's goal is reached, or is not, with some changes, whatever the seed."""

    lesson: str
    step: int
    reached: bool
    words: str
    changes: dict[str, Any] = field(default_factory=dict)


def layers(*units: int, activation: str = "Tanh") -> list[dict[str, Any]]:
    inner = [layer for k in units for layer in ({"layer": "Dense", "units": k}, {"layer": activation})]
    return [*inner, {"layer": "Dense"}]


SEVEN = ["x1", "x2", "x1^2", "x2^2", "x1*x2", "sin(pi*x1)", "sin(pi*x2)"]
CLAIMS = [
    Claim("learning-rate", 1, True, "ten steps are taken"),
    Claim("learning-rate", 2, True, "a rate of 10 throws the loss above 2 within ten steps"),
    Claim("learning-rate", 3, False, "0.1 is too slow for 50 steps"),
    Claim("learning-rate", 3, True, "1 reaches 95 % within 50 steps", {"optimizer": {"learning_rate": 1.0}}),
    Claim("smallest-network", 2, False, "two neurons do not close the circle"),
    Claim("smallest-network", 2, True, "three do", {"network": layers(3)}),
    Claim("smallest-network", 3, False, "two neurons do not solve XOR"),
    Claim("smallest-network", 3, True, "three do", {"network": layers(3)}),
    Claim("spiral-features", 1, False, "a line in x1 and x2 closes no circle"),
    Claim("spiral-features", 1, True, "a line in the squares does", {"data": {"inputs": ["x1^2", "x2^2"]}}),
    Claim("spiral-features", 2, False, "a line in x1 and x2 does not follow the spiral"),
    Claim("spiral-features", 2, True, "a line in seven inputs reaches 90 %", {"data": {"inputs": SEVEN}}),
    Claim("spiral-features", 3, True, "eight neurons find their own features", {"network": layers(8)}),
    Claim("l2-few-points", 1, True, "without a penalty the test loss grows above 1.5"),
    Claim("l2-few-points", 2, False, "L2 of 0.0001 is too weak"),
    Claim("l2-few-points", 2, True, "L2 of 0.01 keeps it below 0.7", {"regularizer": {"name": "L2", "strength": 0.01}}),
    Claim("linear-or-hidden", 1, True, "a linear network reaches 45 %"),
    Claim("linear-or-hidden", 2, False, "and never 95 %"),
    Claim("linear-or-hidden", 2, True, "2-100-3 does", {"network": layers(100, activation="ReLU")}),
    Claim("optimizers", 1, True, "SGD gets there in 1,500 steps"),
    Claim("optimizers", 2, False, "and not in 300"),
    Claim("optimizers", 2, True, "with momentum it does", {"optimizer": {"momentum": 0.9}}),
    Claim("optimizers", 2, True, "with a rate of 1 too", {"optimizer": {"learning_rate": 1.0}}),
    Claim("optimizers", 3, True, "Adam needs no more than 200", {"optimizer": {"name": "Adam", "learning_rate": 0.01}}),
    Claim("batch-and-rate", 1, True, "small batches get below 0.33"),
    Claim("batch-and-rate", 2, False, "one batch of all does not at the same rate"),
    Claim("batch-and-rate", 2, True, "at 30 times the rate it does", {"optimizer": {"learning_rate": 1.5}}),
    Claim("dropout", 1, True, "without dropout the training loss falls below 0.001"),
    Claim("dropout", 2, True, "with it it stays above 0.005"),
    Claim("vanishing-gradients", 1, True, "the doctor finds the vanishing gradient"),
    Claim("vanishing-gradients", 2, True, "ReLU reaches 90 % in 300 steps"),
    Claim("vanishing-gradients", 3, True, "batch norm's training accuracy passes 90 %"),
    Claim("rnn-or-lstm", 2, True, "the LSTM remembers over 40 steps"),
    Claim("shuffled-labels", 1, True, "true labels are learned within 200 steps"),
    Claim("shuffled-labels", 2, True, "shuffled ones are learned by heart within 1,500"),
    Claim("attention-positions", 2, True, "with positions 95 % of the tokens are right"),
]
SHORT: dict[tuple[str, int], int] = {
    ("rnn-or-lstm", 2): 100,
    ("attention-positions", 2): 250,
    ("vanishing-gradients", 2): 300,
    ("learning-rate", 3): 60,
    ("optimizers", 3): 250,
}
"""Steps that are enough to see it, where the lesson takes more."""


def holds(claim: Claim, seed: int) -> tuple[bool, Verdict]:
    """Train it, and compare."""
    steps = SHORT.get((claim.lesson, claim.step))
    verdict = judged(claim.lesson, claim.step, {**claim.changes, **({"steps": steps} if steps else {})}, seed)
    return (verdict.reached is not None) == claim.reached, verdict


def small(trained: Trained) -> float:
    """Give the share of weights that are as good as 0."""
    return float((np.abs(trained.theta) < 1e-3).mean())


def circles_stay_open(seed: int) -> tuple[bool, str]:
    share = train("smallest-network", 1, {"steps": 400}, seed).last("test_accuracy")
    return share < 0.9, f"two neurons: {share:.0%}"


def starts_differ(seed: int) -> tuple[bool, str]:
    """Of twelve starts from this one on some succeed and some do not; with eight neurons more do."""
    seeds = range(12 * seed, 12 * seed + 12)
    four = [train("same-network", 1, {}, one).last("test_accuracy") for one in seeds]
    eight = [train("same-network", 1, {"network": layers(8, activation="ReLU")}, one).last("test_accuracy") for one in seeds]
    lucky, more = sum(v >= 0.95 for v in four), sum(v >= 0.95 for v in eight)
    stuck = sum(v <= 0.8 for v in four)
    return 0 < lucky < 12 and stuck > 0 and more > lucky, f"4 neurons: {lucky} of 12, {stuck} stuck; 8 neurons: {more} of 12"


def l1_makes_zeros(seed: int) -> tuple[bool, str]:
    l2 = small(train("l1-l2", 1, {}, seed))
    l1 = small(train("l1-l2", 1, {"regularizer": {"name": "L1", "strength": 0.001}}, seed))
    return l1 > 0.4 and l1 > l2 + 0.15, f"below 0.001: L1 {l1:.0%}, L2 {l2:.0%}"


def rate_follows_batch(seed: int) -> tuple[bool, str]:
    few = train("batch-and-rate", 1, {}, seed).last("test_loss")
    same = train("batch-and-rate", 2, {}, seed).last("test_loss")
    scaled = train("batch-and-rate", 2, {"optimizer": {"learning_rate": 1.5}}, seed).last("test_loss")
    return abs(scaled - few) < abs(same - few), f"10 × 0.05: {few:.3f}; 300 × 0.05: {same:.3f}; 300 × 1.5: {scaled:.3f}"


def dropout_is_no_cure(seed: int) -> tuple[bool, str]:
    without = train("dropout", 1, {}, seed)
    with_it = train("dropout", 2, {}, seed)
    told = [f"{one.last('loss'):.2g}/{one.last('test_loss'):.2g}" for one in (without, with_it)]
    return with_it.last("test_loss") > 0.6 and with_it.last("loss") > without.last("loss"), f"loss/test loss {told}"


def nothing_arrives(seed: int) -> tuple[bool, str]:
    share = train("vanishing-gradients", 1, {"steps": 300}, seed).last("accuracy")
    return share < 0.7, f"eight sigmoid layers after 300 steps: {share:.0%}"


def rnn_guesses(seed: int) -> tuple[bool, str]:
    share = train("rnn-or-lstm", 1, {"steps": 200}, seed).last("test_accuracy")
    return share < 0.4, f"RNN: {share:.0%} of 4 symbols"


def a_set_has_no_order(seed: int) -> tuple[bool, str]:
    share = train("attention-positions", 1, {"steps": 200}, seed).last("test_accuracy")
    return share < 0.5, f"without positions: {share:.0%}"


def narrow_is_worse(seed: int) -> tuple[bool, str]:
    two = train("narrow-autoencoder", 1, {"steps": 200}, seed)
    more = train("narrow-autoencoder", 2, {"steps": 200}, seed)
    verdict = judge(lesson("narrow-autoencoder"), 2, more.watched, two.watched)
    return verdict.reached is not None, f"2: {two.last('test_loss'):.3f}, 16: {more.last('test_loss'):.3f}"


def by_heart_is_not_learned(seed: int) -> tuple[bool, str]:
    true, lot = train("shuffled-labels", 1, {"steps": 200}, seed), train("shuffled-labels", 2, {"steps": 1500}, seed)
    verdicts = [judge(lesson("shuffled-labels"), step, one.watched).reached for step, one in ((1, true), (2, lot))]
    right = [one.last("test_accuracy") for one in (true, lot)]
    held = right[0] > 0.9 and right[1] < 0.7 and (verdicts[1] or 0) > 3 * (verdicts[0] or 0)
    return held, f"steps {verdicts[0]} and {verdicts[1]}, test accuracy {right[0]:.0%} and {right[1]:.0%}"


FIGURES: dict[str, Callable[[int], tuple[bool, str]]] = {
    "smallest-network": circles_stay_open,
    "same-network": starts_differ,
    "l1-l2": l1_makes_zeros,
    "batch-and-rate": rate_follows_batch,
    "dropout": dropout_is_no_cure,
    "vanishing-gradients": nothing_arrives,
    "rnn-or-lstm": rnn_guesses,
    "attention-positions": a_set_has_no_order,
    "shuffled-labels": by_heart_is_not_learned,
    "narrow-autoencoder": narrow_is_worse,
}
"""What no goal says, by lesson."""
