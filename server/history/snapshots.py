"""Shows snapshots of a run's history: the pictures as they were at a step, made anew from its checkpoint."""

import math
import threading
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Sequence

from engine import Training
from engine.data.datasets import NotHereError
from engine.training import checkpoint
from server.messages import COLUMNS, picture_frame
from server.runs.actor import Answer
from server.runs.run import ConflictError, Run

SOUND = 1.1
"""A loss up to so many times the lowest is about as low."""
NETWORKS, ROOM = 4, 48 << 20
"""How many networks are kept at hand to look with, and how many bytes of pictures."""


def last_sound(run: Run, since: int) -> int | None:
    """Find where to go on from to avoid a trouble: the last snapshot up to this step at which the loss was about as low as it
    had been until then; None where there is none.

    A row's test loss is that of the network after the very step; where there is none, the training loss has to do.
    """
    step_at, loss_at, test_at = (COLUMNS.index(name) for name in ("step", "loss", "test_loss"))
    rows = list(run.log)
    at = [row[step_at] for row in rows]
    losses = [row[loss_at] if row[test_at] is None else row[test_at] for row in rows]
    sound: dict[int, float] = {}
    for step in run.checkpoints.steps():
        loss = losses[place - 1] if (place := bisect_right(at, step)) else None
        if step <= since and loss is not None and math.isfinite(loss):
            sound[step] = loss
    return max((step for step, loss in sound.items() if loss <= SOUND * min(sound.values())), default=None)


class SnapshotRenderer:
    """Puts a snapshot's numbers into a network of its own, so that looking back never touches the training."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._trainings: OrderedDict[str, tuple[Training, tuple[int, int]]] = OrderedDict()
        self._frames: OrderedDict[tuple[str, tuple[int, int], str], bytes] = OrderedDict()
        self._held = 0

    def pictures(self, run: Run, step: int, names: Sequence[str]) -> list[bytes]:
        """Give the packed pictures of these names at the snapshot nearest to a step, without those that show nothing there.

        Where the nearest is damaged, the one before it is shown.

        Raises KeyError where the history has no snapshot, ValueError where its checkpoint cannot be read.
        """
        with self._lock:
            nearest = run.checkpoints.nearest(step)
            return run.checkpoints.latest(lambda at: self._pictures(run, at, names), nearest)[1]

    def ask(self, run: Run, step: int, question: Callable[[Training], Answer]) -> Answer:
        """Ask the network of exactly this snapshot, which the question must leave as it is.

        Raises KeyError where the history has none of this step, ConflictError where its checkpoint cannot be read.
        """
        with self._lock:
            if step not in run.checkpoints.steps():
                raise KeyError(step)
            try:
                training = self._at(run, (step, run.checkpoints.version(step)))
            except (ValueError, NotHereError) as error:
                raise ConflictError(f"the snapshot of step {step:,} cannot be read: {error}") from error
            return question(training)

    def _pictures(self, run: Run, step: int, names: Sequence[str]) -> list[bytes]:
        snapshot = (step, run.checkpoints.version(step))  # weights that are loaded change a snapshot
        missing = [name for name in names if (run.id, snapshot, name) not in self._frames]
        if missing:
            training = self._at(run, snapshot)
            for name in training.task.known(missing):
                picture = training.picture(name)
                self._keep((run.id, snapshot, name), picture_frame(picture, run.id, 0) if picture else b"")
        return [frame for name in names if (frame := self._frames.get((run.id, snapshot, name)))]

    def _at(self, run: Run, snapshot: tuple[int, int]) -> Training:
        """Give a training that holds this snapshot."""
        kept = self._trainings.pop(run.id, None)
        if kept is None:
            kept = (checkpoint.unpack(run.checkpoints.read(snapshot[0]), run.folders), snapshot)
        elif kept[1] != snapshot:
            checkpoint.show(kept[0], run.checkpoints.read(snapshot[0]))
        self._trainings[run.id] = (kept[0], snapshot)
        if len(self._trainings) > NETWORKS:
            self._trainings.popitem(last=False)
        return kept[0]

    def _keep(self, key: tuple[str, tuple[int, int], str], frame: bytes) -> None:
        self._frames[key] = frame
        self._held += len(frame)
        while self._held > ROOM and len(self._frames) > 1:
            self._held -= len(self._frames.popitem(last=False)[1])
