"""Overfit one batch: what cannot learn 20 examples by heart will not learn 20,000."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from engine.arrays import Array
from engine.data.folders import DataFolders
from engine.explain.experiments.outcome import Line, Outcome, Statement
from engine.explain.experiments.trial import SECONDS, Trial, chosen
from engine.explain.words import number, percent
from engine.losses import BinaryCrossEntropy
from engine.tasks import TASKS
from engine.training.configuration import Configuration
from engine.training.events import Stepped
from engine.training.training import DivergedError, Training

NAME = "overfit one batch"
EXAMPLES, STEPS = 20, 200
RATES = (1.0, 10.0, 0.1)
"""Which multiples of the chosen rate are tried, one after the other, until one is good enough."""
BY_HEART, MOSTLY = 0.05, 0.5
"""Which share of the first loss may be left where the examples are known by heart, and where they mostly are."""


@dataclass
class Tried:
    """What became of the examples at one learning rate."""

    rate: float
    losses: list[float] = field(default_factory=list)
    accuracy: float | None = None
    diverged: bool = False

    def left(self, floor: float) -> float:
        """Say which share of the first loss is left, beyond the one that right answers have."""
        return (self.losses[-1] - floor) / max(self.losses[0] - floor, 1e-12)

    def by_heart(self, floor: float) -> bool:
        """Tell whether the examples are known."""
        return not self.diverged and self.left(floor) <= BY_HEART


def overfit_one_batch(
    of: Configuration | Training, folders: DataFolders | None = None, seconds: float = SECONDS
) -> Iterator[Stepped | Outcome]:
    """Let a copy learn 20 examples by heart, in 200 steps on nothing else, without penalty and dropout: its loss must go to 0.

    Where it doesn't, ten times and a tenth of the rate are tried: the network is too small, or only the steps are.
    Yields a Stepped for every step of the copy, and in the end the Outcome, after so many seconds at the latest.
    Karpathy (2019), A recipe for training neural networks.
    """
    configuration = chosen(of)
    if TASKS[configuration.task].kind == "places":
        words = "There is nothing to learn by heart: a place on a surface has no examples."
        yield Outcome(NAME, [Statement("note", words)])
        return
    plain, left_out = plainly(configuration)
    trial = Trial(of, folders, **plain)
    if trial.drop_nothing():
        left_out.append("dropout")
    trial.begin()
    x, target = next(trial.training.task.batches(EXAMPLES, trial.training.rng))
    floor = least(trial.training, target)
    rate = trial.training.learning_rate
    tried = list[Tried]()
    for times in RATES:
        one = Tried(rate * times)
        try:
            for prediction, loss in learned(trial, one.rate, x, target):
                one.losses.append(loss)
                one.accuracy = trial.training.task.accuracy(prediction, target)
                yield Stepped(trial.steps)
                if trial.seconds > seconds:
                    break
        except DivergedError:
            one.diverged = True
        if times == 1 or len(one.losses) == STEPS:
            tried.append(one)
        if one.by_heart(floor) or trial.seconds > seconds:
            break
    first = tried[0]
    evidence = {"examples": float(len(x)), "least loss possible": floor}
    if first.losses:
        evidence |= {"first loss": first.losses[0], "last loss": first.losses[-1]}
    if first.accuracy is not None:
        evidence["accuracy"] = first.accuracy
    lines = [Line(f"loss at rate {number(t.rate)}", [*map(float, range(len(t.losses)))], t.losses) for t in tried if t.losses]
    if floor:
        lines.append(Line("least possible", [0.0, float(STEPS - 1)], [floor, floor]))
    said = [judged(tried, floor, len(x))]
    if left_out:
        said.append(Statement("note", f"Left out meanwhile, since it hinders learning by heart: {', '.join(left_out)}."))
    yield Outcome(NAME, said, trial.steps, evidence, lines=lines)


def learned(trial: Trial, rate: float, x: Array, target: Array) -> Iterator[tuple[Array, float]]:
    """Train from the beginning on the same examples; give what each step predicted, and its loss. Raises DivergedError."""
    trial.begin(rate)
    for _ in range(STEPS):
        yield trial.step(x, target)


def plainly(configuration: Configuration) -> tuple[dict[str, Any], list[str]]:
    """Say what is chosen otherwise so that nothing hinders learning by heart, and name in words what is left out."""
    changes: dict[str, Any] = {"regularizer": None, "batches_per_step": 1, "batch_size": EXAMPLES}
    left_out = ["penalty"] if configuration.regularizer else []
    if configuration.loss.get("label_smoothing"):
        changes["loss"] = {**configuration.loss, "label_smoothing": 0.0}
        left_out.append("label smoothing")
    if configuration.optimizer.get("weight_decay"):
        changes["optimizer"] = {**configuration.optimizer, "weight_decay": 0.0}
        left_out.append("weight decay")
    return changes, left_out


def least(training: Training, target: Array) -> float:
    """Compute the loss of the right answers: 0, but for yes or no where the target is in between, as grey pixels are."""
    if not isinstance(training.loss, BinaryCrossEntropy):
        return 0.0
    p = np.clip(target.astype(np.float64), 1e-12, 1 - 1e-12)
    return float(-np.mean(p * np.log(p) + (1 - p) * np.log(1 - p)))


def judged(tried: Sequence[Tried], floor: float, examples: int) -> Statement:
    """Say how much of the first loss is left at the chosen rate, and whether another one leaves less."""
    first, others = tried[0], tried[1:]
    if first.diverged:
        steps = len(first.losses) + 1
        said = f"Step {steps} at rate {number(first.rate)} threw the weights so far that the loss is no number"
    else:
        fell = f"the loss goes from {number(first.losses[0])} to {number(first.losses[-1])}"
        said = f"In {len(first.losses)} steps on the same {examples} examples {fell}"
        if floor:
            said += f" (the right answers have {number(floor)})"
        if first.accuracy is not None:
            said += f", and {percent(first.accuracy)} of the answers are right"
        if first.by_heart(floor):
            return Statement("good", f"{said}: it knows them by heart. It is large enough, and its gradients are right.")
        said += f"; {percent(first.left(floor))} is left"
    if others and others[-1].by_heart(floor):
        words = f"At {number(others[-1].rate)} it knows them by heart: the network is large enough, only the rate is not right."
        return Statement("caution" if first.diverged else "note", f"{said}. {words}")
    if not first.diverged and first.left(floor) <= MOSTLY:
        more = "more time" if len(first.losses) < STEPS else "more steps, another rate or more units"
        words = f"It knows most of them: {more} would show whether it can know all."
        return Statement("caution", f"{said}. {words}")
    if not first.diverged and len(first.losses) < STEPS:
        return Statement("note", f"{said}. There was no time for more.")
    words = "Not even these few can be learned so: the rate is far off, the network too small, or something is broken."
    return Statement("ill", f"{said}. {words}")
