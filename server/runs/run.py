"""One run: a thread that iterates the engine's generator, and what others may ask of it.

Everything that changes a run happens in the run's own thread, between two steps: others hand in a question with `ask`
and get its answer. So no two clients can catch a run half-way, whatever they send at once.
"""

import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from logging import ERROR, INFO

import engine as nn
from engine import Configuration, Training
from engine.data.datasets import NotHereError
from server.logs import event
from server.runs.actor import Actor
from server.runs.description import record
from server.runs.notifier import Notifier
from server.runs.picture_sampler import PictureSampler
from server.runs.progress import Progress
from server.runs.rate_limiter import RateLimiter
from server.runs.scheduler import Scheduler
from server.runs.state import RunState
from server.runs.status import ACTIVE, ENDED, WAITING, Status
from server.runs.trainer import Trainer
from server.settings import Settings
from server.storage.checkpoints import Checkpoints
from server.storage.database import Database, Record
from server.storage.metrics_log import Log

YOUNG = 60  # seconds during which a run that nobody watches yet is kept


class ConflictError(Exception):
    """The run's status does not allow what was asked."""


class Run(Actor):
    """A training that people start, watch and change (its life: server/runs/status.py)."""

    def __init__(
        self,
        record: Record,
        settings: Settings,
        slots: Scheduler,
        store: Database,
        checkpoints: Checkpoints,
        wake: Callable[[Callable[[], None]], None],
    ) -> None:
        super().__init__(f"run {record.id}")
        self.id, self.created, self.speed = record.id, record.created, record.speed
        self.name, self.note, self.error = record.name, record.note, record.error
        self.status = Status(record.status)
        # revisions grow across restarts too, so that a page knows what is newer
        self.deleted, self.revision = record.deleted, int(1000 * time.time())
        self.notifier = Notifier(wake)
        self.log = Log(store, self.id, self.notifier.notify)
        self.reached = Progress(self.log, record.step, record.seconds, record.best)
        self.sampler = PictureSampler(self.id, lambda name: self.trained().picture(name), settings)
        self.trainer = Trainer(Configuration(**record.configuration), checkpoints, RunState.from_dict(record.facts))
        self.saved: Future[None] | None = None
        self.checkpoints, self._store, self.slots = checkpoints, store, slots
        self._has_slot, self.rate_limiter = False, RateLimiter()

    def begin(self, start: bool) -> None:
        """Be ready before the first step, and where wanted train as soon as there is a slot."""

        def begin() -> None:
            self.status = Status.PAUSED
            self.trained()
            if not self.step:
                self.reached.take(self.trainer.next())
            if start:
                self.resume()
            if self.status is Status.QUEUED:
                self.trainer.sleep()
            self.save()

        self.ask(begin)

    def pause(self) -> None:
        """Wait between two steps, and let another run train meanwhile."""
        self._allow("pause", *ACTIVE)
        self.change(Status.PAUSED)

    def resume(self) -> None:
        """Train on, as soon as there is a slot."""
        self._allow("resume", *WAITING)
        self.error = ""
        if self.slots.take(self.id, self._granted):
            self._has_slot = True
            self.change(Status.RUNNING)
        else:
            self.change(Status.QUEUED)

    def advance_once(self) -> None:
        """Do exactly one step, and stay paused."""
        self._allow("step", *WAITING)
        self.trained()
        self.status, before = Status.PAUSED, self.step
        while self.step == before and self._advance():
            continue
        if self.status is Status.PAUSED:
            self.keep(for_film=not self.trainer.is_due(time.perf_counter()))
            self.save()
        self.notifier.notify()

    def stop(self) -> None:
        """End the training; what was learned stays."""
        self._allow("stop", *ACTIVE, *WAITING)
        self.change(Status.STOPPED)

    def suspend(self, words: str) -> None:
        """Pause because of trouble, and say what it is."""
        if self.status in ACTIVE:
            self.error = words
            self.change(Status.PAUSED)

    def watch(self, names: set[str]) -> None:
        """Say which pictures anybody looks at now."""

        def change() -> None:
            self.sampler.watch(self.trained().task.known(names) if names else [])

        self.ask(change)

    def trained(self) -> Training:
        """Give the training, made or read from the disk where that was not done yet; ConflictError where it cannot be."""
        if self.trainer.training is None:
            if self.status is Status.FAILED:
                raise ConflictError(f"the run has no network: {self.error}")
            try:
                self.trainer.wake()
            except NotHereError as error:  # they can come back, and then all goes on
                self.suspend(str(error))
                raise ConflictError(str(error)) from error
            except Exception as error:
                self._fail(error)
                raise ConflictError(f"the run has no network: {self.error}") from error
            self.reached.step = self.trainer.wake().step
        return self.trainer.wake()

    def rest(self) -> None:
        """Put the training away where it is not needed now."""
        if self.status not in ACTIVE and not self.notifier.listeners:
            self.keep()
            if self.trainer.is_saved:
                self.trainer.sleep()

    def abandon(self, status: Status) -> None:
        """Stop training, because the run is deleted or the server ends; what is there stays on the disk."""
        if self.status in ACTIVE:
            self.change(status)
        elif self.step:
            self.keep()
        self.notifier.notify()

    def discard(self, when: float | None) -> None:
        """Be deleted, for now; or with None be as if never deleted."""
        self.deleted = when
        self.revision += 1
        self.abandon(Status.PAUSED)
        self.save()

    @property
    def configuration(self) -> Configuration:
        """Give what the run is made from."""
        return self.trainer.configuration

    @property
    def state(self) -> RunState:
        """Give what is known of it beside configuration and metrics."""
        return self.trainer.state

    @property
    def is_untouched(self) -> bool:
        """Tell whether nothing would be lost with this run: no step, no name, and no page on its way."""
        touched = self.step or self.name or self.note or self.notifier.listeners
        return self.status is Status.PAUSED and not touched and time.time() - self.created > YOUNG

    @property
    def step(self) -> int:
        """Count the steps done."""
        return self.reached.step

    def busy(self) -> bool:
        """Tell whether it trains."""
        return self.status is Status.RUNNING

    def turn(self) -> None:
        """Do a step, or look around."""
        if self.status is Status.RUNNING:
            self._advance()
            if self.speed and (seconds := self.rate_limiter.until_next(self.speed)) > 0:
                self.wait(seconds)  # a question interrupts the waiting
        else:
            self._look_around()

    def _advance(self) -> bool:
        """Go on to the next event, keep its row, and look around where it is time to; False where it ended."""
        before = time.perf_counter()
        try:
            if self.trained().step == 0:
                self.keep()
            event = self.trainer.next()
        except nn.DivergedError as error:
            self.error = str(error)
            self.change(Status.DIVERGED)
            return False
        except ConflictError:
            return False
        except Exception as error:
            self._fail(error)
            return False
        now = time.perf_counter()
        self.reached.seconds += now - before
        self.reached.take(event)
        if self.step >= self.configuration.steps:
            self.change(Status.FINISHED)
        elif self.status is Status.RUNNING:
            if (due := self.trainer.is_due(now)) or self.trainer.is_moment(now):
                self.keep(for_film=not due)
            if self.sampler.due(now):
                self.sampler.once(now, self.step)
                self.notifier.notify()
        return True

    def keep(self, again: bool = False, for_film: bool = False) -> None:
        """Write a checkpoint, to outlast all or only for the film. A run that cannot be saved pauses."""
        if trouble := self.trainer.try_to_save(again, for_film):
            self.error = trouble
            if self.status in ACTIVE:
                self.change(Status.PAUSED)

    def _look_around(self) -> None:
        """Make the watched pictures anew where they are of another step."""
        try:
            self.sampler.all(self.step)
        except ConflictError:
            return
        except Exception as error:
            self._fail(error)
        self.notifier.notify()

    def _fail(self, error: Exception) -> None:
        self.error = f"{type(error).__name__}: {error}"
        self.change(Status.FAILED)

    def _granted(self) -> None:
        """Take the slot that came free, unless nobody wants it any more."""

        def take() -> None:
            if self.status is not Status.QUEUED:
                self.slots.give_back()
                return
            self._has_slot = True
            self.change(Status.RUNNING)

        self.ask(take)

    def _release(self) -> None:
        had, self._has_slot = self._has_slot, False
        self.slots.give_back() if had else self.slots.leave(self.id)

    def change(self, status: Status) -> None:
        """Take on a status: with a checkpoint where training ends, and on the disk at once."""
        if status not in ACTIVE and (self.status in ACTIVE or status in ENDED):
            self.error = self.trainer.try_to_save() or self.error
        self.revision += 1
        self.save(status)  # who sees the status can rely on what is behind it
        self.status = status
        if status not in ACTIVE:
            self._release()
        self.sampler.hurry()
        self.rate_limiter = RateLimiter()
        self.reached.forget_speed()
        event(
            ERROR if status is Status.FAILED else INFO,
            "run status",
            id=self.id,
            status=status,
            step=self.step,
            error=self.error,
        )
        self.notifier.notify()

    def save(self, status: Status | None = None) -> None:
        """Have the store write down how the run is, or how it is about to be."""
        self.saved = self._store.save(replace(record(self), status=status or self.status))

    def _allow(self, what: str, *statuses: Status) -> None:
        if self.status not in statuses:
            raise ConflictError(f"cannot {what} a run that is {self.status}; it must be {' or '.join(statuses)}")
