"""The training behind a run: made when somebody needs it, kept on the disk, and put away when nobody does."""

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from engine import Configuration, Training
from engine.training import checkpoint
from engine.training.events import Event
from server.runs.state import Change, RunState, shapes
from server.storage.checkpoints import Checkpoints, room_for, spacing

FIRST, EVERY = 0.5, 5.0
"""Seconds of training to the first checkpoint after step 0, and, doubling, at last between two of them."""
SHARE = 0.02
"""The share of the time that writing checkpoints may take."""
FILM_SHARE = 0.06
"""The share that writing the film may take besides."""
SURE = 60
"""Moments, evenly over the steps that are wanted, that every film has: without them that of a short run would be thin."""


class Trainer:
    """Makes a training from its configuration or from its newest checkpoint, and steps it."""

    def __init__(self, configuration: Configuration, checkpoints: Checkpoints, state: RunState) -> None:
        self.configuration, self.state = configuration, state
        self.training: Training | None = None
        self._checkpoints = checkpoints
        self._events: Iterator[Event] = iter(())
        self._saved_at, self._pause, self._saved_step = 0.0, FIRST, -1
        self._size, self._next_moment_at = 0, 0.0

    def wake(self) -> Training:
        """Give the training, as the newest checkpoint has it where there is one."""
        if self.training is None:
            training = self._restored() or Training(self.configuration)
            self.training, self.configuration = training, training.configuration
            self._events = training.events()
            self.state = replace(self.state, **shapes(training))
            self._saved_at, self._pause = time.perf_counter(), FIRST
        return self.training

    def _restored(self) -> Training | None:
        """Go on from the newest checkpoint that can be read."""
        found, last = None, None
        for data in self._checkpoints.newest():
            try:
                found = checkpoint.unpack(data)
                break
            except (ValueError, KeyError, TypeError) as error:
                last = error
        if found is None and last is not None:
            raise ValueError(f"its checkpoints cannot be read: {last}") from last
        if found is not None:
            self._saved_step = found.step
        return found

    def next(self) -> Event:
        """Do one step, or measure the untouched network. Raises DivergedError."""
        training = self.wake()
        event = next(self._events, None)
        if event is None:  # the last step was done, and more are wanted since
            self._events = training.events()
            event = next(self._events)
        return event

    def note_change(self, optimizer: dict[str, Any]) -> None:
        """Remember that from this step on the optimizer is another."""
        before = self.state.changes or [Change(0, self.configuration.optimizer)]
        self.state = replace(self.state, changes=[*before, Change(self.wake().step, optimizer)])

    def is_due(self, now: float) -> bool:
        """Tell whether it is time for a checkpoint."""
        return now - self._saved_at > self._pause

    def is_moment(self, now: float) -> bool:
        """Tell whether the film wants this step: the films of a race, stepped alike, then have the same moments."""
        step = self.wake().step
        if step % max(1, self.configuration.steps // min(SURE, room_for(self._size))) == 0:
            return True
        return now >= self._next_moment_at and step % spacing(step, self._size) == 0

    def save(self, again: bool = False) -> None:
        """Put a checkpoint on the disk; `again` where the step is the same and something else has changed. Raises OSError."""
        if self.training is None or (self.training.step == self._saved_step and not again):
            return
        before = time.perf_counter()
        self._write(durable=True)
        self._saved_at, self._saved_step = time.perf_counter(), self.training.step
        self._pause = max(min(EVERY, 2 * self._pause), (self._saved_at - before) / SHARE)

    def _write(self, durable: bool) -> None:
        training, before = self.wake(), time.perf_counter()
        data = checkpoint.pack(training)
        self._checkpoints.write(training.step, data, durable, {change.step for change in self.state.changes})
        self._size, now = len(data), time.perf_counter()
        if not durable:
            self._next_moment_at = now + (now - before) / FILM_SHARE

    def try_to_save(self, again: bool = False, for_film: bool = False) -> str:
        """Do the same, or add a moment to the film, and say what the trouble was where there was any."""
        try:
            if for_film:
                self._write(durable=False)
            else:
                self.save(again)
        except OSError as error:
            return f"the disk does not take the checkpoint ({error.strerror}); make room and resume, the run waits here"
        return ""

    @property
    def is_saved(self) -> bool:
        """Tell whether the disk has all that the training has learned."""
        return self.training is None or self.training.step in (0, self._saved_step)

    def restart(self) -> None:
        """Go on anew from here, because weights or data are others now."""
        training = self.wake()
        self._events = training.events()
        self.state = replace(self.state, **shapes(training))

    def sleep(self) -> None:
        """Put the training away; the disk has it, or the configuration makes it anew."""
        self.training, self._events = None, iter(())

    @property
    def size(self) -> int:
        """Estimate the bytes that data and parameters hold."""
        if self.training is None:
            return 0
        return int(self.training.task.x.nbytes + self.training.task.x_test.nbytes + 4 * self.training.network.theta.nbytes)
