"""Tells stories from a run's film: each moment is asked once, and its answers are kept."""

import threading
from collections import OrderedDict
from collections.abc import Sequence

from engine import Training
from engine.arrays import Array
from engine.pictures import observe_example_history, responses_of
from engine.training import checkpoint
from server.messages import picture_frame
from server.runs.run import ConflictError, Run

RUNS, MOMENTS = 4, 80
"""How many runs are kept at hand, and how many moments of a film are asked at the most."""


def few(steps: Sequence[int], most: int) -> list[int]:
    """Choose moments evenly, at multiples of a power of two, so that a film that grows needs few new ones; and the newest."""
    every = 1
    while sum(step % every == 0 for step in steps) > most:
        every *= 2
    return [step for step in steps if step % every == 0 or step == steps[-1]]


class Recording:
    """One run's answers so far, and a training to ask them with."""

    def __init__(self, run: Run) -> None:
        self.data = dict(run.configuration.data)
        self.training = Training(run.configuration)
        self.tracked = self.training.task.tracked_examples()
        self.answers: dict[tuple[int, int], Array] = {}

    def frame(self, run: Run) -> bytes:
        """Ask the moments that are new, and tell."""
        if self.tracked is None:
            raise ConflictError(f"{run.configuration.task} has no single examples whose story could be told")
        told: dict[tuple[int, int], Array] = {}
        for step in few(run.checkpoints.steps(), MOMENTS):
            try:
                moment = (step, run.checkpoints.path(step).stat().st_mtime_ns)
                if (answer := self.answers.get(moment)) is None:
                    checkpoint.show(self.training, run.checkpoints.read(step), with_data=False)
                    answer = responses_of(self.training.network, self.tracked)
            except (FileNotFoundError, KeyError):  # thinned out just now
                continue
            told[moment] = answer
        if not told:
            raise ConflictError("the run has not begun; its examples have no story yet")
        self.answers = told
        return picture_frame(observe_example_history(self.tracked, [step for step, _ in told], list(told.values())), run.id, 0)


class Stories:
    """Remembers the runs that were asked about last."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tellings: OrderedDict[str, Recording] = OrderedDict()

    def frame(self, run: Run) -> bytes:
        """Give a run's packed stories. Raises ConflictError where there are none, ValueError on a bad checkpoint."""
        with self._lock:
            telling = self._tellings.pop(run.id, None)
            if telling is None or telling.data != run.configuration.data:  # points were painted meanwhile
                telling = Recording(run)
            self._tellings[run.id] = telling
            if len(self._tellings) > RUNS:
                self._tellings.popitem(last=False)
            return telling.frame(run)
