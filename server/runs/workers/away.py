"""A run that trains in a worker: what the server does of it, in the run's own thread."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from logging import ERROR, WARNING
from pathlib import Path

from engine import Configuration
from engine.training import checkpoint
from server.logs import event as log
from server.runs.diagnosis import Diagnosis
from server.runs.notifier import Notifier
from server.runs.picture_sampler import PictureSampler
from server.runs.progress import Progress
from server.runs.status import Status
from server.runs.trainer import Trainer
from server.runs.workers.lanes import ClosedError, HungError, Lane, Lanes, LostError
from server.runs.workers.piece import Job, Measured, Packed, Piece, Source, hand_over, train_piece
from server.settings import Settings

SHORT, LONG = 0.1, 0.25
"""Seconds of a piece: short at first and while somebody looks, then longer, for a piece costs a millisecond or two."""
TRIES = 3
"""A run whose worker is lost so often at the same step costs workers their lives, and fails."""
STATUS_OF = {
    "finished": Status.FINISHED,
    "diverged": Status.DIVERGED,
    "failed": Status.FAILED,
    "not here": Status.PAUSED,
}
"""By why a piece was the last."""


@dataclass(frozen=True)
class Outcome:
    """The status that a run takes on after a piece, and why."""

    status: Status
    words: str | None = None


class Away:
    """Lets one run train in a worker, a piece after the other.

    What a piece brought is put into the same logs, in the same order, as where the run trains in its thread. The worker has
    the training as it was after the last piece (`at`); whoever needs it here is handed a copy. Where a worker dies, another
    one does the steps since the newest checkpoint again, bit for bit, and only what is new counts.
    """

    def __init__(
        self,
        run: str,
        lanes: Lanes,
        trainer: Trainer,
        progress: Progress,
        diagnosis: Diagnosis,
        sampler: PictureSampler,
        notifier: Notifier,
        settings: Settings,
        is_asked: Callable[[], bool],
        here_until_warm: bool,
        room: Path,
    ) -> None:
        """Know what a run is made of; `is_asked` tells whether somebody waits for the run's answer.

        Workers leave large snapshots in the folder `room`.

        One that trains `here_until_warm` goes to a worker only when that has started, so that nobody waits for it; but steps
        that were lost with a worker are done again in the next one, in pieces, between which questions are answered.
        """
        self._room, self._here_until_warm, self._is_there = room, here_until_warm, False
        self._is_asked = is_asked
        self._run, self._lanes, self._trainer = run, lanes, trainer
        self._progress, self._diagnosis, self._sampler, self._notifier = progress, diagnosis, sampler, notifier
        self._settings = replace(settings, token="", view_token="")  # a worker needs no secrets
        self._lane: Lane | None = None
        self._at: int | None = None
        self._packed: bytes | None = None
        """The training after the last piece, where the worker handed it over."""
        self._behind = False
        """Whether steps that count are on no disk and in no worker: they are to be done again."""
        self._lost_at, self._losses = -1, 0
        self._hung = ""
        """What to say of a worker that was given up while it was to hand the training over."""
        self._seconds = SHORT

    @property
    def waits_for_workers(self) -> bool:
        """Tell whether the run waits in line, and trains nowhere else, while no worker is there for it."""
        return self._lanes.waits_for_workers

    @property
    def where(self) -> str:
        """Name the worker; empty where it trains in none."""
        lane = self._lane
        return "" if lane is None or not self._is_there else lane.name

    def take_lane(self) -> bool:
        """Have a lane from now on; False where there is none, or the run is to train here for now."""
        self._lane = self._lane or self._lanes.take(self._run)
        may_wait = self._here_until_warm and self._at is None and not self._behind
        self._is_there = self._lane is not None and (not may_wait or self._lane.is_warm())
        return self._is_there

    def stay(self) -> None:
        """Train here for now; the lane stays the run's."""
        self._is_there = False

    def leave(self) -> None:
        """Give the lane back; what a worker that died had left on the disk goes."""
        lane, self._lane, self._is_there, self._seconds = self._lane, None, False, SHORT
        if lane is not None:
            with suppress(OSError):
                for left in self._room.glob(f"{self._run}-*"):
                    left.unlink(missing_ok=True)
            self._lanes.give_back(lane)

    def train(self, until: int | None) -> Outcome | None:
        """Have the worker train for a moment, `until` a step at the most, and take what came of it; None where the run goes on.

        Raises ValueError where the training can be had from nowhere.
        """
        if self._lane is None:
            raise ValueError(f"run {self._run} has no lane")
        source = self._source()
        is_looked_at = bool(self._sampler.watched or self._notifier.listeners)
        at = self._progress.step if self._at is None else self._at
        seconds = SHORT if is_looked_at else self._seconds
        job = Job(self._run, at, source, seconds, until, self._sampler.watched, self._sampler.made)
        try:
            piece = self._lane.call(train_piece, job, is_awaited=self._is_asked)
        except ClosedError:
            self._forget()
            return Outcome(Status.INTERRUPTED)
        except LostError as error:
            return self._lose(error)
        if piece.missing:
            self._forget()
            return None
        self._seconds = min(LONG, 2 * self._seconds)
        return self._take(piece)

    def _source(self) -> Source | None:
        """Say what the worker is to make the training from; None where it has it as it is now."""
        trainer, training = self._trainer, self._trainer.training
        data: bytes | None = None
        if training is not None:  # somebody needed it here
            data, step = checkpoint.pack(training), training.step
            trainer.sleep()
            if data != self._packed:  # it trained here, or was changed
                self._forget()
        if self._at is not None:
            return None
        if data is None or not (step or trainer.state.weights_loaded):
            step, data = trainer.newest() or (0, None)
        self._behind = step < self._progress.step
        configuration = Configuration.from_dict(trainer.configuration.as_dict())  # the worker's own, where it is a thread
        room = self._room if self._lane is not None and self._lane.shares_disk else None
        return Source(configuration, data, trainer.folders, self._settings, room)

    def _forget(self) -> None:
        """Let what the worker has not count any more."""
        self._at, self._packed = None, None

    def _lose(self, error: LostError) -> Outcome:
        """Go on from the newest checkpoint after the worker died, unless that has happened too often at the same step.

        It may be chance once, and while the steps are done again once more; a run that always takes too much memory there would
        never end. A worker that was given up because somebody waited tells nothing of the run.
        """
        step, hung = self._progress.step, isinstance(error, HungError)
        log(WARNING, "worker lost", run=self._run, step=step, error=str(error))
        self._behind, self._seconds = True, SHORT
        self._forget()
        self._diagnosis.put_away()
        if not hung:
            self._losses = self._losses + 1 if self._lost_at == step else 1
            self._lost_at = step
        if self._lanes.trouble:  # it is not this run that costs workers their lives
            self._lost_at = -1
        elif self._losses >= TRIES and not hung:
            return Outcome(Status.FAILED, f"its worker was lost {TRIES} times at step {step:,}: {error}")
        return Outcome(Status.QUEUED if self.waits_for_workers else Status.RUNNING, self._told(error))

    def _told(self, error: LostError) -> str:
        """Say what became of the worker, and where the run goes on."""
        saved = (self._trainer.newest() or (0, None))[0]
        goes_on = f"goes on from its checkpoint of step {saved:,}" if saved else "begins again"
        return f"its worker was lost at step {self._progress.step:,}, for {error}; it {goes_on}"

    def _take(self, piece: Piece) -> Outcome | None:
        """Take what came of a piece; steps that were done again after a worker's death count only once."""
        progress, trouble = self._progress, ""
        redone = progress.step if self._behind else -1
        self._at, self._packed = piece.step, None
        if piece.shapes is not None:
            self._trainer.state = replace(self._trainer.state, **piece.shapes)
            self._diagnosis.hear_called(piece.began)
        for item in piece.items:
            again = item.step <= redone
            if isinstance(item, Packed):
                trouble = (not again and self._trainer.try_to_put(item.step, item.data, item.durable)) or trouble
                continue
            if isinstance(item, Measured) and not again:
                progress.seconds += item.seconds
                progress.take(item.row, piece.now - item.at)
            self._diagnosis.hear(item.findings, item.step, isinstance(item, Measured), again)
        if piece.step >= redone:
            progress.seconds += piece.seconds
            progress.step, self._behind = piece.step, False
        self._sampler.take(piece.frames, piece.made, piece.troubles)
        if piece.doctor:
            self._diagnosis.trouble = f"the doctor cannot look at this run: {piece.doctor}"
        if piece.traceback:
            log(ERROR, "worker", run=self._run, step=piece.step, error=piece.traceback)
        self._notifier.notify()
        return self._outcome(piece, trouble)

    def _outcome(self, piece: Piece, trouble: str) -> Outcome | None:
        """Say which status a piece brings the run to."""
        if not piece.end:
            return Outcome(Status.PAUSED, trouble) if trouble else None
        self._forget()  # the worker has it no more
        last = piece.items[-1] if piece.items else None
        if (
            trouble and isinstance(last, Packed) and isinstance(last.data, bytes)
        ):  # the disk did not take it: it stays in memory until there is room
            self._trainer.adopt(checkpoint.unpack(last.data, self._trainer.folders))
        if piece.best_step is not None:
            self._trainer.state = replace(self._trainer.state, best_step=piece.best_step)
        return Outcome(STATUS_OF[piece.end], piece.words or trouble or None)

    def fetch(self) -> None:
        """Have the training here, as it is now: a copy of what the worker has, or from the disk and made up to here.

        Raises what making it may raise.
        """
        if self._at is not None and self._packed is None:
            self._packed = self._handed_over(leave=False)
        if self._packed is not None:
            self._trainer.adopt(checkpoint.unpack(self._packed, self._trainer.folders))
        training = self._trainer.wake()
        while self._behind and training.step < self._progress.step:
            self._trainer.next()
        self._behind = False

    def settle(self) -> str:
        """Before the run waits or ends: put on the disk what the worker has, which drops it, and say what the trouble was."""
        if self._at is None:
            return ""
        step, packed = self._at, self._handed_over(leave=True)
        hung, self._hung = self._hung, ""
        self._forget()
        self._diagnosis.put_away()
        trainer = self._trainer
        if packed is None or trainer.training is not None:  # what is here counts, as it may have been changed
            return hung
        if trouble := trainer.try_to_put(step, packed, durable=step > 0):
            trainer.adopt(checkpoint.unpack(packed, trainer.folders))
        return trouble

    def _handed_over(self, leave: bool) -> bytes | None:
        """Give the training as the worker has it, packed; None where it is lost."""
        packed: bytes | None = None
        self._hung = ""
        if self._lane is not None and self._at is not None:
            try:
                packed = self._lane.call(hand_over, self._run, self._at, leave, is_awaited=lambda: True)
            except HungError as error:
                self._hung = self._told(error)
            except LostError:
                packed = None
        if packed is None:
            self._forget()
            self._behind = True
            self._diagnosis.put_away()
        return packed
