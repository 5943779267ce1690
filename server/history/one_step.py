"""Steps of runs that people look into: each is done again from its snapshot, and kept at hand for a while."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from engine.data.datasets import NotHereError
from engine.explain.array_part import Whole
from engine.explain.one_step import OneStep
from engine.explain.walk import Walk
from engine.training.training import DivergedError
from server.runs.actor import Answer
from server.runs.run import ConflictError, Run
from server.runs.status import ACTIVE
from server.storage.checkpoints import GoneError

ROOM = 256 << 20
"""How many bytes the steps at hand may hold, by their shapes."""
MOST_STEPS = 12
"""How many steps are kept at hand."""


@dataclass
class Opened:
    """A step at hand: the walk through it, whether it came to what the run kept, and how much room it takes."""

    walk: Walk
    equal: bool | None
    size: int
    wholes: dict[tuple[int | str, str, int | None], Whole] = field(default_factory=dict)
    """What was seen of all of an array, by the room of its stop, its symbol and the example, while windows into it move."""


@dataclass
class Door:
    """What one run has open: one thread at a time goes through."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    newest: Walk | None = None


class OpenedSteps:
    """Does steps again, one at a time for each run, and keeps the last ones. It never asks the run's own thread to wait."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._doors: OrderedDict[str, Door] = OrderedDict()
        self._opened: OrderedDict[tuple[str, int, int], Opened] = OrderedDict()

    def ask(self, run: Run, step: int | None, question: Callable[[Opened], Answer]) -> Answer:
        """Ask about the step that follows a snapshot; None for the newest one.

        Raises KeyError where there is none of this step, ConflictError where it cannot be done again.
        """
        if run.damage:
            raise ConflictError(run.damage)
        with self._lock:
            door = self._doors.setdefault(run.id, Door())
            self._doors.move_to_end(run.id)
            while len(self._doors) > 4 * MOST_STEPS:
                self._doors.popitem(last=False)
        with door.lock:
            at = newest(run) if step is None else step
            try:
                opened = self._open(run, at, door)
            except ConflictError as error:
                before = [kept for kept in run.checkpoints.steps() if kept < at]
                if step is not None or not before or not isinstance(error.__cause__, DivergedError):
                    raise
                opened = self._open(run, before[-1], door)  # the last step that came to numbers
            return question(opened)

    def _open(self, run: Run, step: int, door: Door) -> Opened:
        if step not in run.checkpoints.steps():
            return self._still_open(run.id, step)
        key = (run.id, step, run.checkpoints.version(step))
        with self._lock:
            if (found := self._opened.get(key)) is not None:
                self._opened.move_to_end(key)
                return found
        near, training = door.newest, run.trainer.training
        beside = training if training is not None else near.step.training if near is not None else None
        try:
            walk = Walk(OneStep(run.checkpoints.read(step), run.folders, beside), near)
        except DivergedError as error:
            raise ConflictError(f"step {step:,} → {step + 1:,} cannot be looked into: {error}") from error
        except (ValueError, NotHereError) as error:
            raise ConflictError(f"the snapshot of step {step:,} cannot be read: {error}") from error
        opened = Opened(walk, equals(run, walk.step), size_of(walk))
        with self._lock:
            door.newest, self._opened[key] = walk, opened
            while len(self._opened) > MOST_STEPS or (
                len(self._opened) > 1 and sum(one.size for one in self._opened.values()) > ROOM
            ):
                (id, *_), _ = self._opened.popitem(last=False)
                if not any(other == id for other, *_ in self._opened) and id in self._doors:
                    self._doors[id].newest = None
        return opened

    def _still_open(self, run: str, step: int) -> Opened:
        """Give a step that somebody looks into while the history has thinned it out. Raises KeyError."""
        with self._lock:
            key = next((key for key in reversed(self._opened) if key[:2] == (run, step)), None)
            if key is None:
                raise KeyError(step)
            self._opened.move_to_end(key)
            return self._opened[key]


def newest(run: Run) -> int:
    """Find the newest snapshot, before the end of a finished run; where nothing trains, that of where it stands now."""
    steps = run.checkpoints.steps()
    if not steps or (run.step not in steps and run.status not in ACTIVE):
        try:
            run.ask(run.keep_snapshot).result()
        except OSError as error:
            raise ConflictError(f"the disk does not take a snapshot of where the run is now ({error.strerror})") from error
        steps = run.checkpoints.steps()
    return max((step for step in steps if step < run.configuration.steps), default=steps[-1])


def equals(run: Run, step: OneStep) -> bool | None:
    """Tell whether the step came to the very bits that the run kept after it; None where it kept none."""
    if step.step + 1 not in run.checkpoints.steps():
        return None
    try:
        return step.equals(run.checkpoints.read(step.step + 1))
    except (OSError, GoneError, ValueError):  # thinned out just now, or spoiled
        return None


def size_of(walk: Walk) -> int:
    """Estimate the bytes of a step: what its layers hold for the batch, and all vectors as long as theta."""
    network = walk.step.network
    of_layers = 2 * walk.examples * sum(plan.memory for plan in network.plans) * network.dtype.itemsize
    return of_layers + 14 * network.theta.nbytes
