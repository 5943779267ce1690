"""What became of single examples over a run's history: each snapshot is asked once, and its answers are kept."""

import threading
from collections import OrderedDict
from collections.abc import Sequence

from engine import Training
from engine.arrays import Array
from engine.pictures import observe_example_history, responses_of
from engine.training import checkpoint
from engine.training.checkpoint import DamagedError
from server.messages import picture_frame
from server.runs.run import NO_NETWORK, ConflictError, Run
from server.storage.checkpoints import GoneError

RUNS, SNAPSHOTS = 4, 80
"""How many runs are kept at hand, and how many snapshots of a history are asked at the most."""


def few(steps: Sequence[int], most: int) -> list[int]:
    """Choose steps evenly, at multiples of a power of two, so that a history that grows needs few new ones; and the newest."""
    every = 1
    while sum(step % every == 0 for step in steps) > most:
        every *= 2
    return [step for step in steps if step % every == 0 or step == steps[-1]]


class Recording:
    """One run's answers so far, and a training to ask them with."""

    def __init__(self, run: Run) -> None:
        if run.state.imported or run.damage:
            raise ConflictError(run.damage or NO_NETWORK)
        self.data = dict(run.configuration.data)
        self.training = Training(run.configuration, run.folders)
        self.tracked = self.training.task.tracked_examples()
        self.answers: dict[tuple[int, int], Array] = {}

    def frame(self, run: Run) -> bytes:
        """Ask the snapshots that are new, and pack what all of them said."""
        if self.tracked is None:
            raise ConflictError(f"{run.configuration.task} has no single examples whose history could be shown")
        found: dict[tuple[int, int], Array] = {}
        for step in few(run.checkpoints.steps(), SNAPSHOTS):
            try:
                snapshot = (step, run.checkpoints.version(step))
                if (answer := self.answers.get(snapshot)) is None:
                    checkpoint.show(self.training, run.checkpoints.read(step), with_data=False)
                    with self.training.shown() as network:
                        answer = responses_of(network, self.tracked)
            except (OSError, GoneError, DamagedError):  # thinned out just now, or spoiled
                continue
            found[snapshot] = answer
        if not found:
            raise ConflictError("the run has not begun; its examples have no history yet")
        self.answers = found
        steps, answers = [step for step, _ in found], list(found.values())
        return picture_frame(observe_example_history(self.tracked, steps, answers), run.id, 0)


class ExampleHistories:
    """Remembers the runs that were asked about last."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._recordings: OrderedDict[str, Recording] = OrderedDict()

    def frame(self, run: Run) -> bytes:
        """Give a run's packed example history. Raises ConflictError where there is none, ValueError on a bad checkpoint."""
        with self._lock:
            recording = self._recordings.pop(run.id, None)
            if recording is None or recording.data != run.configuration.data:  # points were painted meanwhile
                recording = Recording(run)
            self._recordings[run.id] = recording
            if len(self._recordings) > RUNS:
                self._recordings.popitem(last=False)
            return recording.frame(run)
