"""The checkpoints of one run, which are its history too: files that are whole or not there."""

import math
import os
import shutil
import time
from collections.abc import Callable, Collection
from pathlib import Path
from typing import TypeAlias, TypeVar

from engine.training.checkpoint import DamagedError, Snapshot

SNAPSHOTS = 300
"""How many snapshots a history has at the most, beside those that are always kept."""
BYTES = 128 << 20
"""How much room a history may take; with large networks it has fewer snapshots."""

WAITING_SECONDS, WAITING_BYTES = 3.0, 8 << 20
"""How long a snapshot that need not be durable may wait in memory while training goes on, and how much all of them may hold."""
LATE = 8
"""Of those that have waited so long, one and this part of them go to the disk with every further snapshot: training never
stands still for all of them.
"""

UNFINISHED = "unfinished"
"""The file that is being written."""
Made = TypeVar("Made")
Data: TypeAlias = bytes | Snapshot | Path
"""A checkpoint: packed, a copy of the arrays that is packed when there is time, or a file that somebody else wrote."""


class GoneError(KeyError):
    """The step has no checkpoint, or none any more."""


class Checkpoints:
    """A folder with a checkpoint for some of the run's steps: the first, the newest, every change, and many between, evenly."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._sizes: dict[int, int] | None = None
        self._waiting: dict[int, tuple[float, bytes | Snapshot]] = {}
        """Since when they wait, the oldest first, and what is to be written."""
        self._held = 0
        self._versions: dict[int, int] = {}
        self.damaged: set[int] = set()
        """Steps whose checkpoint cannot be read any more: it is as if they had none."""

    def write(self, step: int, data: Data, durable: bool = True, keep: Collection[int] = ()) -> None:
        """Put a checkpoint on the disk, whole, or raise OSError and leave what is there as it was.

        One that is a file of the same disk already is taken in; it must not be durable.

        Where it is not `durable` it may wait in memory first, for `flush` or WAITING_SECONDS of further snapshots, and does
        not outlive a loss of power; a copy of the arrays is packed only then. The steps in `keep` are never thinned out.
        """
        size = size_of(data)
        if isinstance(data, Path):
            self._take_in(step, data)
        elif durable:
            self._put(step, data, durable)
            self._sync()
        else:
            self._wait_no_more(step)
            self._waiting[step] = (time.perf_counter(), data)
            self._held += size
        self._known()[step], self._versions[step] = size, time.time_ns()
        self.damaged.discard(step)
        self.thin(room_for(size), keep)
        if not durable:
            self._relieve()

    def _relieve(self) -> None:
        """Put on the disk what has waited too long, a few at a time, and the oldest of what is too much."""
        before = time.perf_counter() - WAITING_SECONDS
        oldest = next((since for since, _ in self._waiting.values()), math.inf)
        if oldest >= before and self._held <= WAITING_BYTES:
            return
        waiting = list(self._waiting.items())
        late = sum(since < before for _, (since, _) in waiting)
        for i, (step, (_, data)) in enumerate(waiting):
            if self._held <= WAITING_BYTES and not (late and i <= late // LATE):
                break
            self._put(step, data, durable=False)

    def _wait_no_more(self, step: int) -> None:
        if waiting := self._waiting.pop(step, None):
            self._held -= size_of(waiting[1])

    def flush(self) -> None:
        """Put on the disk what still waits in memory. Raises OSError, and what is not there yet goes on waiting."""
        for step, (_, data) in list(self._waiting.items()):
            self._put(step, data, durable=False)

    def _take_in(self, step: int, file: Path) -> None:
        """Let a file that is whole be the checkpoint of a step."""
        self.folder.mkdir(exist_ok=True)
        file.replace(self.path(step))
        self._wait_no_more(step)

    def _put(self, step: int, data: bytes | Snapshot, durable: bool) -> None:
        """Write one file, whole; from now on it is read from there."""
        packed = packed_of(data)
        self.folder.mkdir(exist_ok=True)  # where the folder of all is gone, nothing is written in another one of its name
        path, unfinished = self.path(step), self.folder / UNFINISHED
        try:
            with unfinished.open("wb") as file:
                file.write(packed)
                file.flush()
                if durable:
                    os.fsync(file.fileno())
            unfinished.replace(path)
        except OSError:
            unfinished.unlink(missing_ok=True)
            raise
        self._known()[step] = len(packed)
        self._wait_no_more(step)

    def path(self, step: int) -> Path:
        """Say where the checkpoint of a step is."""
        return self.folder / f"{step:010d}.safetensors"

    def read(self, step: int) -> bytes:
        """Give a checkpoint. Raises KeyError where that step has none, or has none any more."""
        if (waiting := self._waiting.get(step)) is not None:
            return packed_of(waiting[1])
        try:
            return self.path(step).read_bytes()
        except FileNotFoundError:
            raise GoneError(step) from None

    def version(self, step: int) -> int:
        """Give a number that is another one after the step's checkpoint was written anew. Raises FileNotFoundError."""
        return self._versions.get(step) or self.path(step).stat().st_mtime_ns

    def _sync(self) -> None:
        """Make the new name durable as well, where folders can be synced."""
        if os.name == "posix":
            folder = os.open(self.folder, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    def _known(self) -> dict[int, int]:
        """Give the size of each checkpoint by its step; the folder is read once."""
        if self._sizes is None:
            files = [path for path in self.folder.glob("*.safetensors") if path.stem.isdecimal()]
            self._sizes = {int(path.stem): path.stat().st_size for path in files}
        return self._sizes

    def steps(self) -> list[int]:
        """List the steps that have a checkpoint, in order."""
        return sorted(set(self._known()) - self.damaged)

    def nearest(self, step: int) -> int:
        """Find the step nearest to this one that has a checkpoint. Raises KeyError where none has."""
        steps = self.steps()
        if not steps:
            raise KeyError(step)
        return min(steps, key=lambda other: abs(other - step))

    def _drop(self, step: int) -> None:
        self._wait_no_more(step)
        self._versions.pop(step, None)
        self.path(step).unlink(missing_ok=True)
        self._known().pop(step, None)

    def thin(self, most: int, keep: Collection[int] = ()) -> None:
        """Of the old ones, drop that whose neighbours are closest together, until few enough are left."""
        if len(self._known()) <= most + 2:
            return
        steps = self.steps()
        while len(steps) > most + 2:
            old = [i for i in range(1, len(steps) - 1) if steps[i] not in keep]
            if not old:
                break
            self._drop(steps.pop(min(old, key=lambda i: steps[i + 1] - steps[i - 1])))

    def cut(self, before: int) -> None:
        """Drop those of this step and later ones, but never the first."""
        for step in self.steps()[1:]:
            if step >= before:
                self._drop(step)

    @property
    def size(self) -> int:
        """Count the bytes on the disk."""
        return sum(tuple(self._known().values()))

    def latest(self, use: Callable[[int], Made], step: int | None = None) -> tuple[int, Made]:
        """Give the newest step, up to this one, whose checkpoint is whole, and what `use` makes of it.

        A damaged one is passed over for the one before it, now and ever after. Raises KeyError where there is none, and what
        the newest was damaged by where none is whole.
        """
        trouble: Exception = KeyError(step)
        passed: list[int] = []
        for at in reversed(self.steps()):
            if step is not None and at > step:
                continue
            try:
                made = use(at)
            except (DamagedError, OSError) as error:
                passed, trouble = [*passed, at], error if not passed else trouble
            except GoneError:
                continue
            else:
                self.damaged.update(passed)
                return at, made
        raise trouble

    def remove(self) -> None:
        """Drop them all."""
        self._waiting, self._held, self._versions = {}, 0, {}
        shutil.rmtree(self.folder, ignore_errors=True)
        self._sizes = None


def size_of(data: Data) -> int:
    """Count the bytes of a checkpoint, packed or not yet."""
    if isinstance(data, Path):
        return data.stat().st_size
    return len(data) if isinstance(data, bytes) else data.nbytes


def packed_of(data: Data) -> bytes:
    """Give the bytes that are written."""
    if isinstance(data, Path):
        return data.read_bytes()
    return data if isinstance(data, bytes) else data.pack()


def room_for(size: int) -> int:
    """Count how many checkpoints of this size a history may have."""
    return max(10, min(SNAPSHOTS, BYTES // max(size, 1)))


def spacing(step: int, size: int) -> int:
    """Say how many steps are between two snapshots of a history that has come this far: a power of two."""
    every, most = 1, room_for(size)
    while step // every > most:
        every *= 2
    return every
