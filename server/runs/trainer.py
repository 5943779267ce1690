"""The training behind a run: made when somebody needs it, kept on the disk, and put away when nobody does."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from engine import Configuration, Training
from engine.arrays import Array
from engine.data.folders import DataFolders
from engine.training import checkpoint
from engine.training.events import Event
from engine.training.weights import fitting_arrays, from_npz, from_safetensors, held_arrays, load_arrays
from server.runs.actor import in_words
from server.runs.state import RunState, shapes, with_change
from server.storage.checkpoints import WAITING_BYTES, Checkpoints, Data, room_for, size_of, spacing

FIRST, EVERY = 0.5, 5.0
"""Seconds of training to the first checkpoint after step 0, and, doubling, at last between two of them."""
SHARE = 0.02
"""The share of the time that writing checkpoints may take."""
HISTORY_SHARE = 0.01
"""The share that writing the other snapshots of the history may take besides."""
EVENLY = 60
"""Snapshots, evenly over the steps that are wanted, that every history has: without them that of a short run would be thin."""

Made = TypeVar("Made")


class Trainer:
    """Makes a training from its configuration or from its newest checkpoint, and steps it."""

    def __init__(self, configuration: Configuration, checkpoints: Checkpoints, state: RunState, folders: DataFolders) -> None:
        self.configuration, self.state, self.folders = configuration, state, folders
        self.training: Training | None = None
        self.trouble = ""
        """What is wrong with the checkpoints, in words; empty where they are as they were written."""
        self._checkpoints = checkpoints
        self._events: Iterator[Event] = iter(())
        self._saved_at, self._pause, self._saved_step = 0.0, FIRST, -1
        self._size, self._evenly, self._next_snapshot_at, self._packing = 0, EVENLY, 0.0, 0.0

    def wake(self) -> Training:
        """Give the training, as the newest checkpoint has it where there is one."""
        if self.training is None:
            found = self._latest(lambda data: checkpoint.unpack(data, self.folders))
            return self.adopt(found[1], found[0]) if found else self.adopt(Training(self.configuration, self.folders))
        return self.training

    def adopt(self, training: Training, saved_step: int | None = None) -> Training:
        """Go on with a training that was made just now, from a checkpoint where that is of the step that is saved."""
        self.training, self.configuration = training, training.configuration
        self._saved_step = self._saved_step if saved_step is None else saved_step
        self._events = training.events()
        self.state = replace(self.state, **shapes(training))
        self._saved_at, self._pause = time.perf_counter(), FIRST
        return training

    def newest(self) -> tuple[int, bytes] | None:
        """Give the newest checkpoint that is whole, with its step; None where there is none. Raises ValueError."""
        return self._latest(lambda data: (checkpoint.step_of(data), data)[1])

    def _latest(self, use: Callable[[bytes], Made]) -> tuple[int, Made] | None:
        """Find the newest checkpoint that is whole, and say where that is not the newest."""
        steps = self._checkpoints.steps()
        if not steps:
            return None
        try:
            step, found = self._checkpoints.latest(lambda step: use(self._checkpoints.read(step)))
        except (ValueError, KeyError, TypeError, OSError) as error:
            raise ValueError(f"its checkpoints cannot be read: {error}") from error
        if step != steps[-1]:
            self.trouble = f"the checkpoint of step {steps[-1]:,} is damaged; that of step {step:,} counts instead"
        return step, found

    def next(self) -> Event:
        """Do one step, or measure the untouched network. Raises DivergedError."""
        event = next(self._events, None)
        if event is None:  # it was put away, or the last step was done and more are wanted since
            training = self.wake()
            self._events = training.events()
            event = next(self._events, None)
        if event is None:
            raise ValueError(f"all {training.step:,} steps are done")
        return event

    def change(self, values: Mapping[str, Any]) -> None:
        """Let the training go on with other choices, and remember since when. Raises ConfigurationError, and nothing is."""
        training, changes = self.wake(), self.state.changes
        before = replace(training.configuration)
        training.change(values)
        if training.step or changes or set(values) - {"steps"}:
            changes = with_change(changes, before, training.configuration, training.step)
        self.state = replace(self.state, **shapes(training), changes=changes)

    def change_data(self, data: Mapping[str, Any]) -> None:
        """Let the training go on with other data; before its first step it is as if they had always been there."""
        training = self.wake()
        training.change_data(data)
        self._begin_anew(replace(self.state, forked=self.state.forked or training.step > 0))

    def read_weights(self, data: bytes) -> dict[str, Array]:
        """Read the weights of a file, safetensors or npz, and look whether they fit. Raises ValueError."""
        network = self.wake().network
        wanted = {name: array.shape for name, array in held_arrays(network).items()}
        arrays = from_npz(data, wanted) if data[:2] == b"PK" else from_safetensors(data, wanted)[0]
        return fitting_arrays(network, arrays)

    def load_weights(self, data: bytes) -> None:
        """Put the weights of a file into the network. Raises ValueError, and it is as it was."""
        load_arrays(self.wake().network, self.read_weights(data))
        self._begin_anew(replace(self.state, weights_loaded=True))

    def _begin_anew(self, state: RunState) -> None:
        """Go on anew from here, because weights or data are others now."""
        training = self.wake()
        self._events = training.events()
        self.state = replace(state, **shapes(training))

    def note_best(self) -> None:
        """Say which step's weights count at the end, where it was ready to stop early."""
        if (best := self.best_step) is not None:
            self.state = replace(self.state, best_step=best)

    @property
    def best_step(self) -> int | None:
        """Give the step with the best weights so far; None where it is not ready to stop early, or not in memory."""
        training = self.training
        return None if training is None or training.configuration.patience is None else training.kept.best_step

    def is_checkpoint_due(self, now: float) -> bool:
        """Tell whether it is time for a checkpoint."""
        return now - self._saved_at > self._pause

    def is_snapshot_due(self, now: float) -> bool:
        """Tell whether the history wants this step: those of a race, stepped alike, then have snapshots of the same steps."""
        step = self.wake().step if self.training is None else self.training.step
        if step % max(1, self.configuration.steps // self._evenly) == 0:
            return True
        return now >= self._next_snapshot_at and step % spacing(step, self._size) == 0

    def quiet(self, now: float) -> tuple[int, float]:
        """Say before which step, and until when, neither a checkpoint nor a snapshot is due; those of the next step may be."""
        step, most = self.wake().step, max(1, self.configuration.steps // self._evenly)
        due, when = step + most - step % most, self._saved_at + self._pause
        if now < self._next_snapshot_at:
            return due, min(when, self._next_snapshot_at)
        every = spacing(step, self._size)
        return min(due, step + every - step % every), when

    def save(self, again: bool = False) -> None:
        """Put a checkpoint on the disk; `again` where the step is the same and something else has changed. Raises OSError."""
        if self.training is None or (self.training.step == self._saved_step and not again):
            return
        before = time.perf_counter()
        self._write(durable=again or self.training.step > 0)  # the configuration makes step 0 anew
        self._saved_at, self._saved_step = time.perf_counter(), self.training.step
        self._pause = max(min(EVERY, 2 * self._pause), (self._saved_at - before) / SHARE)

    def snapshot(self) -> None:
        """Add a snapshot of this step to the history, where it has none. Raises OSError."""
        if self.wake().step not in self._checkpoints.steps():
            self._write(durable=False)

    def _write(self, durable: bool) -> None:
        training, before = self.wake(), time.perf_counter()
        later = not durable and self._packing > 0 and self._size <= WAITING_BYTES // 2
        data = checkpoint.copied(training) if later else checkpoint.pack(training)
        if not later:
            self._packing = time.perf_counter() - before
        self._put(training.step, data, durable)
        now = time.perf_counter()
        if not durable:  # what waits is packed when there is time, which takes time too
            self._next_snapshot_at = now + max(now - before, self._packing) / HISTORY_SHARE

    def _put(self, step: int, data: Data, durable: bool) -> None:
        self._size = size_of(data)
        self._checkpoints.write(step, data, durable, {change.step for change in self.state.changes})
        self._evenly = min(EVENLY, room_for(self._size))
        if durable:
            self._saved_step = step

    def try_to_put(self, step: int, data: Data, durable: bool) -> str:
        """Put a checkpoint on the disk that was packed elsewhere, and say what the trouble was where there was any."""
        return self._try(lambda: self._put(step, data, durable))

    def try_to_save(self, again: bool = False, for_history: bool = False) -> str:
        """Do the same, or add a snapshot to the history, and say what the trouble was where there was any."""
        if for_history:
            return self._try(lambda: self._write(durable=False))
        return self._try(lambda: self.save(again))

    def try_to_flush(self) -> str:
        """Put on the disk what waits of the history, now that there is time, and say what the trouble was."""
        return self._try(self._checkpoints.flush)

    def _try(self, write: Callable[[], None]) -> str:
        try:
            write()
        except OSError as error:
            return f"the disk does not take the checkpoint ({error.strerror}); make room and resume, the run waits here"
        except Exception as error:
            return f"the checkpoint cannot be written ({in_words(error)})"
        return ""

    @property
    def is_saved(self) -> bool:
        """Tell whether the disk has all that the training has learned."""
        return self.training is None or self.training.step in (0, self._saved_step)

    def sleep(self) -> None:
        """Put the training away; the disk has it, or the configuration makes it anew."""
        self.training, self._events = None, iter(())

    @property
    def size(self) -> int:
        """Count the bytes that data, parameters and what goes with them hold; 0 where they are not in memory."""
        training = self.training
        if training is None:
            return 0
        task, theta = training.task, training.network.theta
        held = [task.x, task.target, task.x_test, task.target_test, theta, training.network.gradient, training.theta_before]
        held += [*training.optimizer.state_dict().values(), *training.kept.state_dict().values()]
        if training.kept.average_before is not None:
            held.append(training.kept.average_before)
        return sum(array.nbytes for array in held)
