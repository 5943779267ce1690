"""What became of one parameter in the steps before: they are done again from a snapshot that the run kept."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from engine.training.checkpoint import configuration_of, unpack
from engine.training.training import DivergedError, Training

STEPS = 50
"""So many steps are done again at the most."""
SECONDS = 1.0
"""How much of a processor's time that may take."""


@dataclass
class Past:
    """A parameter's gradient and move in each of some steps: step s is the one from s to s + 1."""

    steps: list[int]
    g: list[float]
    moved: list[float]


class UnknownPastError(ValueError):
    """The steps before cannot be done again; the message says why."""


def past_of(
    k: int, until: int, kept: Sequence[int], read: Callable[[int], bytes], beside: Training, seconds: float = SECONDS
) -> Past:
    """Do the steps before `until` again, from a snapshot that was kept, and watch the k-th number of theta.

    Raises UnknownPastError where no snapshot lies before, where it takes too long, or where it comes to something else than
    what was kept.
    """
    starts = [step for step in kept if step < until]
    if not starts:
        raise UnknownPastError("nothing was kept of the steps before this one")
    start = max((step for step in starts if step <= until - STEPS), default=starts[0])
    past, end, training = Past([], [], []), time.thread_time() + seconds, None
    for step, following in pairwise([*(s for s in starts if s >= start), until]):
        data = read(step)
        if training is None or configuration_of(data) != training.configuration:
            training = unpack(data, beside.folders, beside)
        batches = training.batches()
        while training.step < following:
            if time.thread_time() > end:
                raise UnknownPastError(f"the steps since {start:,}, the snapshot before, take longer than {seconds:g} s")
            before = float(training.network.theta[k])
            try:
                training.update(*next(batches))
            except DivergedError as error:
                raise UnknownPastError(f"done again, the steps since {start:,} end: {error}") from error
            past.steps.append(training.step)
            past.g.append(float(training.network.gradient[k]))
            past.moved.append(float(training.network.theta[k]) - before)
            training.step += 1
    if training is not None and not np.array_equal(
        training.network.theta, unpack(read(until), beside.folders, beside).network.theta
    ):
        raise UnknownPastError("the steps before depend on more than what was kept, as a schedule that looks at the loss does")
    return Past(past.steps[-STEPS:], past.g[-STEPS:], past.moved[-STEPS:])
