"""What a worker does: train a run for a moment, and hand over all that came of it.

Nothing here knows of an executor. A worker keeps the training of a run from one piece to the next; one that has it not, as
after another one's death, makes it anew from a checkpoint or from the configuration, which gives the same bits.
"""

import threading
import time
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from traceback import format_exception
from typing import Any

import engine as nn
from engine import Configuration, Training
from engine.data.datasets import NotHereError
from engine.data.folders import DataFolders
from engine.training import checkpoint
from engine.training.events import Event, Metrics
from server.runs.actor import in_words
from server.runs.picture_sampler import Frame, PictureSampler
from server.runs.state import RunState, shapes
from server.runs.trainer import Trainer
from server.settings import Settings
from server.storage.checkpoints import Checkpoints, Data, packed_of

UNUSED_SECONDS = 60.0
"""A training that nobody asked for so long is dropped when another run comes: its run trains elsewhere, or no more."""
LARGE = 1 << 16
"""Bytes from which a snapshot is left on the disk, where the server has the same one: a pipe copies it four times."""
SHORTEST = 0.04
"""Seconds of a piece that ends early, because a picture was made that somebody waits for."""


@dataclass(frozen=True)
class Job:
    """What a worker is to do: train a run on from a step, for so many seconds."""

    run: str
    step: int
    source: "Source | None"
    """What the training is made from; None where the worker has it, as it was after this step."""
    seconds: float
    until: int | None
    """After which step the piece ends, whatever the time."""
    watched: list[str]
    """The pictures that somebody looks at."""
    made: int
    """How many pictures the run has made."""


@dataclass(frozen=True)
class Source:
    """What a training is made from: a checkpoint, or the configuration alone."""

    configuration: Configuration
    checkpoint: bytes | None
    folders: DataFolders
    settings: Settings
    room: Path | None = None
    """The folder in which a worker on the same machine leaves large snapshots."""


@dataclass(frozen=True)
class Measured:
    """A row of metrics, the seconds of training since the one before, when it was, and what the doctor says where it is new."""

    row: Metrics
    seconds: float
    at: float
    findings: tuple[nn.Finding, ...] | None

    @property
    def step(self) -> int:
        """Say of which step the row is."""
        return self.row.step


@dataclass(frozen=True)
class Found:
    """What the doctor says after a step that has no row."""

    step: int
    findings: tuple[nn.Finding, ...]


@dataclass(frozen=True)
class Packed:
    """A checkpoint, or the file that has it; `durable` where it is to outlast a loss of power, else one more snapshot."""

    step: int
    data: bytes | Path
    durable: bool


@dataclass
class Piece:
    """What came of a job, in order."""

    step: int
    """The step that the run has come to."""
    items: list[Measured | Found | Packed] = field(default_factory=list)
    missing: bool = False
    """The worker has not the training that it was to go on with, and did nothing."""
    shapes: dict[str, Any] | None = None
    """What is known of the training, where it was made anew."""
    began: int = 0
    """The step that the worker went on from."""
    seconds: float = 0.0
    """Seconds of training since the last row."""
    now: float = 0.0
    """When the piece ended, by the worker's clock."""
    frames: dict[str, Frame] = field(default_factory=dict)
    made: int = 0
    troubles: dict[str, str] = field(default_factory=dict)
    """Why a picture cannot be made."""
    doctor: str = ""
    """Why the doctor cannot look, in words."""
    end: str = ""
    """Why the run trains no more: "finished", "diverged", "failed", or "not here" for its data; empty where it goes on."""
    words: str = ""
    traceback: str = ""
    best_step: int | None = None


class Outbox(Checkpoints):
    """Where a worker puts checkpoints: they go to the run with all else, and are kept by it."""

    def __init__(self, run: str, room: Path | None) -> None:
        self.items: list[Measured | Found | Packed] = []
        self._run, self._room = run, room

    def steps(self) -> list[int]:
        """List none: a training is made from what the job brings."""
        return []

    def write(self, step: int, data: Data, durable: bool = True, keep: Collection[int] = ()) -> None:
        """Hand over a checkpoint."""
        packed = packed_of(data)
        self.items.append(Packed(step, packed if durable else self._left(packed), durable))

    def _left(self, packed: bytes) -> bytes | Path:
        """Leave a large snapshot in a file, where that can be."""
        if self._room is None or len(packed) < LARGE:
            return packed
        path = self._room / f"{self._run}-{len(self.items)}"  # the next piece uses the name again
        try:
            path.write_bytes(packed)
        except OSError:  # the run tries to keep it, and says why that cannot be
            with suppress(OSError):
                path.unlink()
            return packed
        return path


class Resident:
    """A training that a worker keeps from one piece to the next, its doctor, and who makes its pictures."""

    def __init__(self, run: str, source: Source, beside: Training | None) -> None:
        self.outbox, self.used = Outbox(run, source.room), time.monotonic()
        configuration = source.configuration
        if source.checkpoint is not None:
            training = checkpoint.unpack(source.checkpoint, source.folders, beside)
        else:
            shared = None if beside is None else checkpoint.shared_task(beside, configuration)
            training = Training(configuration, source.folders, shared)
        self.trainer = Trainer(training.configuration, self.outbox, RunState(), source.folders)
        self.training = self.trainer.adopt(training, None if source.checkpoint is None else training.step)
        self.sampler = PictureSampler(run, training.picture, source.settings)
        self.doctor: nn.Doctor | None = None
        self.findings: tuple[nn.Finding, ...] = ()
        self._raised: set[type[Exception]] = set()

    def train(self, job: Job, piece: Piece) -> None:
        """Do steps until the time is over, or training ends."""
        began = time.perf_counter()
        self.outbox.items = piece.items
        self.sampler.lend(job.watched, job.made)
        try:
            while not self._advance(piece):
                now = time.perf_counter()
                if now - began >= job.seconds or (self.sampler.made > job.made and now - began >= SHORTEST):
                    break
                if job.until is not None and self.training.step >= job.until:
                    break
            else:
                piece.end, piece.best_step = "finished", self.trainer.best_step
        except nn.DivergedError as error:
            piece.end, piece.words = "diverged", str(error)
            self._look(piece, None)
        finally:
            piece.step, piece.now = self.training.step, time.perf_counter()
        if piece.end and self.training.step:
            self.outbox.write(self.training.step, checkpoint.pack(self.training))
        piece.frames = {name: frame for name, frame in self.sampler.frames.items() if frame.id > job.made}
        piece.made, piece.troubles = self.sampler.made, self.sampler.troubles

    def _advance(self, piece: Piece) -> bool:
        """Do a step, and all that is due after it; True where training is finished."""
        training, trainer = self.training, self.trainer
        if training.finished:
            return True
        if training.step == 0:
            trainer.try_to_save()
        before = time.perf_counter()
        event = trainer.next()
        now = time.perf_counter()
        piece.seconds += now - before
        self._look(piece, event, now)
        if training.finished:
            return True
        if (due := trainer.is_checkpoint_due(now)) or trainer.is_snapshot_due(now):
            trainer.try_to_save(for_history=not due)
        if self.sampler.due(now):
            self.sampler.once(now, training.step)
        return False

    def _look(self, piece: Piece, event: Event | None, now: float = 0.0) -> None:
        """Let the doctor see what happened, None for the end of training; hand over the row, and what he says that is new."""
        new: tuple[nn.Finding, ...] | None = None
        try:
            if event is not None:
                self.doctor = self.doctor or nn.Doctor(self.training)
                self.doctor.observe(event)
            if self.doctor is not None and self.doctor.findings != self.findings:
                self.findings = new = self.doctor.findings
        except Exception as error:  # training does not suffer for it
            piece.doctor = in_words(error)
            if type(error) not in self._raised:
                self._raised.add(type(error))
                piece.traceback = "".join(format_exception(error))
        if isinstance(event, Metrics):
            piece.items.append(Measured(event, piece.seconds, now, new))
            piece.seconds = 0.0
        elif new is not None:
            piece.items.append(Found(self.training.step, new))


class Residents:
    """The trainings that a worker keeps."""

    def __init__(self) -> None:
        self._lock = threading.Lock()  # a worker may have several threads
        self._of: dict[str, Resident] = {}
        self._newest: Training | None = None

    def take(self, job: Job) -> Resident | None:
        """Give the training of a run for a while: as it is here, or made from the job's source; None where that is neither."""
        with self._lock:
            found, beside = self._of.pop(job.run, None), self._newest
            now = time.monotonic()
            self._of = {run: kept for run, kept in self._of.items() if now - kept.used < UNUSED_SECONDS}
        if job.source is not None:
            return Resident(job.run, job.source, beside)
        return found if found is not None and found.training.step == job.step else None

    def keep(self, run: str, resident: Resident, again: bool) -> None:
        """Put it back; where it is not trained `again`, its data alone are kept, for the next run that learns from them."""
        resident.used = time.monotonic()
        with self._lock:
            self._newest = resident.training
            if again:
                self._of[run] = resident


RESIDENTS = Residents()
"""Those of this process."""


def train_piece(job: Job) -> Piece:
    """Train a run for a moment. Whatever training raises is said in the piece, in words."""
    piece = Piece(job.step)
    try:
        resident = RESIDENTS.take(job)
        if resident is None:
            piece.missing = True
            return piece
        if job.source is not None:
            piece.shapes = shapes(resident.training)
        piece.step = piece.began = resident.training.step
        resident.train(job, piece)
        RESIDENTS.keep(job.run, resident, again=not piece.end)
    except NotHereError as error:
        piece.end, piece.words = "not here", str(error)
    except Exception as error:
        piece.end, piece.words, piece.traceback = "failed", in_words(error), "".join(format_exception(error))
    return piece


def hand_over(run: str, step: int, leave: bool) -> bytes | None:
    """Give the training of a run as it is after this step, packed; None where it is not here. It may `leave` this worker."""
    resident = RESIDENTS.take(Job(run, step, None, 0.0, None, [], 0))
    if resident is None:
        return None
    try:
        return checkpoint.pack(resident.training)
    finally:
        RESIDENTS.keep(run, resident, again=not leave)
