"""One run: a thread that iterates the engine's generator, and what others may ask of it.

Everything that changes a run happens in the run's own thread, between two steps: others hand in a question with `ask`
and get its answer. So no two clients can catch a run half-way, whatever they send at once.
"""

import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import replace
from logging import ERROR, INFO
from traceback import format_exception
from typing import TYPE_CHECKING, Any

import engine as nn
from engine import Configuration, Training
from engine.data.datasets import NotHereError
from engine.data.folders import DataFolders
from engine.tasks import TASKS
from engine.training.events import Metrics
from server.logs import event
from server.runs import changes
from server.runs.actor import Actor, in_words
from server.runs.diagnosis import Diagnosis
from server.runs.listing.resting import description, progress_of
from server.runs.notifier import Notifier
from server.runs.picture_sampler import PictureSampler
from server.runs.progress import Progress
from server.runs.rate_limiter import RateLimiter
from server.runs.scheduler import Scheduler
from server.runs.state import RunState
from server.runs.status import ACTIVE, ENDED, REOPENABLE, WAITING, Status
from server.runs.trainer import Trainer
from server.settings import Settings
from server.storage.checkpoints import Checkpoints
from server.storage.database import Database, Record
from server.storage.metrics_log import MetricsLog

if TYPE_CHECKING:
    from server.runs.workers.away import Away  # which nobody needs before a sweep begins

YOUNG = 60  # seconds during which a run that nobody watches yet is kept


OF_NO_CURE = {"steps", "evaluate_every"}
"""The changes of a training after which what was found of it is as true as before."""


NO_NETWORK = "the run has no network: it was trained elsewhere, and only its rows were imported"


class ConflictError(Exception):
    """The run's status does not allow what was asked."""


class Run(Actor):
    """A training that people start, watch and change (`Status` says what it goes through)."""

    def __init__(
        self,
        record: Record,
        settings: Settings,
        scheduler: Scheduler,
        store: Database,
        checkpoints: Checkpoints,
        folders: DataFolders,
        wake: Callable[[Callable[[], None]], None],
        mark: Callable[[str], None],
        opened: float,
        go_away: "Callable[[Run], Away] | None" = None,
        away_after: float = 0.0,
    ) -> None:
        """Read a record; `opened` is when the server began, `mark` hears of all news.

        `go_away` has it train in a worker, `away_after` so many seconds of training in its thread.
        """
        super().__init__(f"run {record.id}")
        self.id, self.created, self.speed = record.id, record.created, record.speed
        self.name, self.note, self.error = record.name, record.note, record.error
        self.status = Status(record.status)
        self.damage = record.damage
        # revisions grow across restarts too, even where the clock went back, so that a page knows what is newer
        self.deleted, self.revision = record.deleted, max(int(1000 * opened), record.revision + 1)
        self.notifier = Notifier(wake, lambda: mark(self.id))
        self.log = MetricsLog(store, self.id, self.notifier.notify)
        self.progress = Progress(self.log, record.step, record.seconds, record.best)
        self.diagnosis = Diagnosis(store, self.id, self.notifier.notify)
        self.sampler = PictureSampler(self.id, lambda name: self.trained().picture(name), settings)
        state = RunState.from_dict(record.facts)
        self.trainer = Trainer(Configuration.from_dict(record.configuration), checkpoints, state, folders)
        self.begun: Future[None] | None = None
        self.saved: Future[None] | None = None
        self.checkpoints, self._store, self._scheduler = checkpoints, store, scheduler
        self._admitted, self._rate_limiter = False, RateLimiter()
        self.until: int | None = None
        """After which step it pauses of itself; None: it trains to the end."""
        self._go_away, self._away_after = go_away, away_after
        self._away: Away | None = None

    def begin(self, start: bool) -> None:
        """Be ready before the first step, and where wanted train as soon as the scheduler admits it; `begun` is done then.

        A sweep may have many large networks, for which nobody shall wait: each is made when it is its turn to train, or, where
        none trains yet, measured later, a few at a time.
        """
        in_sweep = self.state.group is not None and self.state.group.kind == "sweep"

        def begin() -> None:
            self.status = Status.PAUSED
            if not in_sweep:
                self._measure_untouched()
            if start:
                self.resume()
            if self.status is Status.QUEUED:
                self._sleep()
            self._save()

        def measure() -> None:
            with self._scheduler.making:
                if self.deleted is not None or self.trainer.training is not None or self.log.last is not None:
                    return
                self._measure_untouched()
                self._sleep()
            self.revision += 1
            self._save()
            self.notifier.notify()

        self.begun = self.ask(begin)
        if in_sweep and not start:
            self.ask(measure)

    def _measure_untouched(self) -> None:
        """Make the training, and before its first step take the row of the network as it is then."""
        training = self._ready()
        if not self.step:
            row = self.trainer.next()
            self.progress.take(row)
            self.diagnosis.observe(training, row)

    def pause(self) -> None:
        """Wait between two steps, and let another run train meanwhile."""
        self._allow("pause", *ACTIVE)
        self._enter(Status.PAUSED)

    def resume(self) -> None:
        """Train on, as soon as the scheduler admits it."""
        self._allow("resume", *WAITING)
        self.error = ""
        if self._scheduler.admit(self.id, self._begin_to_train):
            self._admitted = True
            self._enter(Status.RUNNING)
        else:
            self._enter(Status.QUEUED)

    def train_until(self, step: int | None) -> None:
        """Train on, and pause after this step, so that others are trained as far before this one goes on; None: to the end."""
        self._allow("resume", *WAITING)
        self.until = step
        self.resume()

    def advance_once(self) -> None:
        """Do exactly one step, and stay paused."""
        self._allow("step", *WAITING)
        self._ready()
        self.status, before = Status.PAUSED, self.step
        while self.step == before and self._advance():
            continue
        if self.status is Status.PAUSED:
            self._save_checkpoint(for_history=not self.trainer.is_checkpoint_due(time.perf_counter()))
            self._save()
        self.notifier.notify()

    def stop(self) -> None:
        """End the training; what was learned stays."""
        self._allow("stop", *ACTIVE, *WAITING)
        self._enter(Status.STOPPED)

    def suspend(self, words: str) -> None:
        """Pause because of trouble, and say what it is."""
        if self.status in ACTIVE:
            self._enter(Status.PAUSED, words)

    def tune(self, wanted: Mapping[str, Any]) -> None:
        """Change what can be changed of its training, or its data, speed, name, note or tags: all of it, or nothing."""
        if self.damage:
            raise ConflictError(f"{self.damage}; nothing about this run can be changed")
        chosen = changes.of_training(wanted)
        if self.state.imported and (chosen or "speed" in wanted):
            raise ConflictError("the run was trained elsewhere and imported: only its name, note and tags can be changed")
        if not self.state.imported:
            changes.check(self.configuration, wanted, self.step, self.folders)
        if chosen and "steps" not in wanted and self.status in ENDED:
            raise ConflictError(f"the run is {self.status}: nothing changes it any more; more steps would reopen it")
        if "steps" in wanted and self.status in ENDED and self.trained().has_waited:
            raise ConflictError(
                f"the run ended because nothing became better for {self.configuration.patience:,} steps; "
                "continue from its last snapshot with more patience"
            )
        if chosen:
            self._tune_training(chosen)
        self.speed = wanted.get("speed", self.speed)
        self.name, self.note = wanted.get("name", self.name), wanted.get("note", self.note)
        if "tags" in wanted:
            self.trainer.state = replace(self.state, tags=list(dict.fromkeys(wanted["tags"])))
        self._rate_limiter.reset()
        self.revision += 1
        self._save()
        self.notifier.notify()

    def _tune_training(self, chosen: Mapping[str, Any]) -> None:
        self.trained()
        self.progress.cut()
        self.diagnosis.cut(self.step)
        if "data" in chosen:
            self.trainer.change_data(chosen["data"])
            self.diagnosis.put_away()
            if not self.step:
                self._begin_anew()
            self.sampler.forget()
        self.trainer.change({name: value for name, value in chosen.items() if name != "data"})
        if set(chosen) - OF_NO_CURE:
            self.diagnosis.forget_known()
        if self.status in REOPENABLE and self.configuration.steps > self.step:
            self._enter(Status.PAUSED)
        self._save_checkpoint(again=True)

    def _begin_anew(self) -> None:
        """Let the next row be the first: the network is another one, or learns from other data, and untouched."""
        row = self.trainer.next()
        self.progress.begin_anew(row)
        self.diagnosis.begin_anew()
        self.diagnosis.observe(self.trained(), row)

    def check_weights(self, data: bytes) -> None:
        """Raise a ValueError unless the weights of a file fit into the network; the run goes on as it was."""
        self.trained()
        self.trainer.read_weights(data)

    def load_weights(self, data: bytes) -> None:
        """Begin with the weights of a file, not with those of the seed. Raises ValueError, and the run is as it was."""
        if self.step or self.status is not Status.PAUSED:
            raise ConflictError(f"only a run that waits before its first step takes weights; this one is {self.status}")
        self.trained()
        self.trainer.load_weights(data)
        self._begin_anew()
        self.revision += 1
        self._save_checkpoint(again=True)
        self.sampler.forget()
        self._save()

    def keep_snapshot(self) -> int:
        """Keep a snapshot of where the run is now, whatever it does, and say of which step. Raises ConflictError, OSError."""
        self.trained()
        self.trainer.snapshot()
        return self.step

    def watch(self, names: set[str]) -> None:
        """Say which pictures anybody looks at now."""

        def change() -> None:
            known = TASKS[self.configuration.task].known if self.where else self.trained().task.known
            self.sampler.watch(known(names) if names else [])

        self.ask(change)

    def trained(self) -> Training:
        """Give the training, made or read from the disk where that was not done yet.

        Raises ConflictError where that cannot be; the status stays as it is, since many only look.
        """
        if self.trainer.training is None:
            if self.state.imported:
                raise ConflictError(NO_NETWORK)
            if self.status is Status.FAILED:
                raise ConflictError(f"the run has no network: {self.error}")
            try:
                self._away.fetch() if self._away else self.trainer.wake()
            except NotHereError as error:
                raise ConflictError(str(error)) from error
            except Exception as error:
                raise ConflictError(f"the run has no network: {in_words(error)}") from error
            self.progress.step = self.trainer.wake().step
        return self.trainer.wake()

    def _ready(self) -> Training:
        """Give the training to train it: where it cannot be had, the run fails, or waits for data that can come back."""
        try:
            return self.trained()
        except ConflictError as error:
            if isinstance(error.__cause__, NotHereError):
                self.suspend(str(error.__cause__))
            elif isinstance(error.__cause__, Exception):
                self._fail(error.__cause__)
            raise

    def rest(self) -> None:
        """Put the training away where it is not needed now."""
        if self.status not in ACTIVE and not self.notifier.listeners:
            self._save_checkpoint()
            if self.trainer.is_saved:
                self._sleep()

    def _sleep(self) -> None:
        """Put the training away, and the doctor who looks at it."""
        self.trainer.sleep()
        self.diagnosis.put_away()

    def abandon(self, status: Status) -> None:
        """Stop training, because the run is deleted or the server ends; what is there stays on the disk."""
        if self.status in ACTIVE:
            self._enter(status)
        elif self.step:
            self._save_checkpoint()
        self.notifier.notify()

    def erase(self) -> None:
        """Be deleted for good: nothing of it is left in memory or on the disk."""
        self.discard(time.time())
        self._sleep()
        self._store.forget(self.id)
        self.checkpoints.remove()

    def discard(self, when: float | None) -> None:
        """Be deleted, for now; or with None be as if never deleted."""
        self.deleted = when
        self.revision += 1
        self.abandon(Status.PAUSED)
        self._save()

    @property
    def folders(self) -> DataFolders:
        """Say where the run's data lie."""
        return self.trainer.folders

    @property
    def configuration(self) -> Configuration:
        """Give what the run is made from."""
        return self.trainer.configuration

    @property
    def state(self) -> RunState:
        """Give what is known of it beside configuration and metrics."""
        return self.trainer.state

    @property
    def held(self) -> int:
        """Count the bytes of memory that its data and parameters hold; 0 where it rests on the disk."""
        return self.trainer.size

    @property
    def is_blank(self) -> bool:
        """Tell whether nobody has done anything with it: no step, no name, note or tag, and in no race or sweep."""
        said = self.step or self.name or self.note or self.state.tags or self.state.group
        return not said and self.status is Status.PAUSED

    @property
    def is_untouched(self) -> bool:
        """Tell whether nothing would be lost with this run: no step, no name, and no page on its way."""
        touched = self.step or self.name or self.note or self.state.tags or self.state.group or self.notifier.listeners
        return self.status is Status.PAUSED and not touched and time.time() - self.created > YOUNG

    @property
    def step(self) -> int:
        """Count the steps done."""
        return self.progress.step

    @property
    def seconds(self) -> float:
        """Say how long it has trained."""
        return self.progress.seconds

    @property
    def best(self) -> float | None:
        """Give the best accuracy that it has reached."""
        return self.progress.best

    @property
    def metrics(self) -> dict[str, Any]:
        """Give its newest row by the names of the columns; empty where there is none."""
        return self.progress.metrics

    @property
    def found(self) -> list[dict[str, Any]]:
        """Give what is found of it now, most causal first."""
        return self.diagnosis.now.found

    @property
    def trouble(self) -> str:
        """Say in words what the trouble is; empty where there is none."""
        waits = self._scheduler.trouble if self.status is Status.QUEUED else ""
        return self.error or waits or self.trainer.trouble or self.sampler.trouble or self.diagnosis.trouble

    @property
    def where(self) -> str:
        """Name the worker that it trains in; empty where it trains in its thread, or not."""
        return self._away.where if self._away else ""

    @property
    def is_idle(self) -> bool:
        """Tell whether it rests on the disk: nothing of it is in memory that the disk has not, and nobody watches it."""
        is_saved = (self.saved is None or self.saved.done()) and self.log.stored == self.log.next
        at_rest = self.status in (*ENDED, Status.INTERRUPTED) and not self.is_asked and not self.held
        return at_rest and is_saved and not self.notifier.listeners and self.deleted is None and self.until is None

    def busy(self) -> bool:
        """Tell whether it trains."""
        return self.status is Status.RUNNING

    def turn(self) -> None:
        """Do steps until somebody asks; where none is done, or no more, make the pictures that are watched."""
        try:
            self._train()
        finally:
            self._scheduler.turns.leave(self)
        if self.status is not Status.RUNNING:
            self._make_pictures()
            if trouble := self.trainer.try_to_flush():
                self.error = self.error or trouble

    def _train(self) -> None:
        """Do steps, here in turns with other runs, until somebody asks or no more are done."""
        turns = self._scheduler.turns
        while self.status is Status.RUNNING and not self.is_asked:
            if self.sampler.is_opening(self.step):
                turns.rest(self)
                self.sampler.open(self.step, self._wait_for_pages)
            if not self._advance_away():
                until = turns.take(self)
                if self.is_asked:
                    break
                self._advance(until)
            if self.speed and (seconds := self._rate_limiter.until_next(self.speed)) > 0:
                turns.rest(self)
                self.wait(seconds)  # a question interrupts the waiting

    def _wait_for_pages(self, have_drawn: Callable[[], bool], seconds: float) -> None:
        """Send the pictures that were made, and wait until a page has drawn them."""
        self.notifier.notify()
        self.wait_until(have_drawn, seconds)

    @property
    def is_opening(self) -> bool:
        """Tell whether it trains, and lets pages draw each of its first steps."""
        return self.status is Status.RUNNING and self.sampler.is_opening(self.step)

    def hear_drawn(self, picture: int) -> None:
        """Hear that a page has drawn a picture, for which training waits in its first steps."""
        self.sampler.hear_drawn(picture)
        if self.sampler.is_opening(self.step):
            self.nudge()

    def _advance(self, until: float = 0.0) -> bool:
        """Go on to the next event, take its row, and save and look where it is time to; False where training ended.

        Before `until` it may be several steps, as long as there is nothing but the doctor to hear of them.
        """
        before = time.perf_counter()
        try:
            training = self.trainer.training or self._ready()
            if training.finished:  # as where it goes on from the last snapshot of another run
                self._enter(Status.FINISHED)
                return False
            if training.step == 0:
                self._save_checkpoint()
            (last, when), step, count = self._quiet_until(until), self.trainer.next, self._scheduler.turns.count
            while True:
                event = step()
                now, is_row = time.perf_counter(), isinstance(event, Metrics)
                self.progress.seconds += now - before
                count(self, now - before, is_row)
                if event.step >= last or now >= when or is_row or self.is_asked:
                    break
                self.progress.step = event.step
                self.diagnosis.observe(training, event)
                before = time.perf_counter()
        except nn.DivergedError as error:
            self.diagnosis.look(self.step)
            self._enter(Status.DIVERGED, str(error))
            return False
        except ConflictError:
            return False
        except Exception as error:
            self._fail(error)
            return False
        self.progress.take(event)
        self.diagnosis.observe(training, event)
        if training.finished:
            self._enter(Status.FINISHED)
        elif self.until is not None and training.step >= self.until:
            self.until = None
            self._enter(Status.PAUSED)
        elif self.status is Status.RUNNING:
            if (due := self.trainer.is_checkpoint_due(now)) or self.trainer.is_snapshot_due(now):
                self._save_checkpoint(for_history=not due)
            if self.sampler.due(now):
                self.sampler.once(now, self.step)
                self.notifier.notify()
        return True

    def _quiet_until(self, until: float) -> tuple[int, float]:
        """Say before which step, and until when, a step is nothing but a step: no picture, snapshot, wait or end is due."""
        if not until or self.speed or self.sampler.is_opening(self.step):
            return 0, 0.0
        step, when = self.trainer.quiet(time.perf_counter())
        return step if self.until is None else min(step, self.until), min(when, until, self.sampler.due_at)

    def _advance_away(self) -> bool:
        """Have a worker train for a moment where the run trains in one; one that is slow on purpose, or opens, needs none."""
        if self._go_away is None or self.seconds < self._away_after or self.speed or self.sampler.is_opening(self.step):
            if self._away is not None:
                self._away.stay()
            return False
        self._away = self._away or self._go_away(self)
        if not self._away.take_lane():
            if self._away.waits_for_workers:
                self._wait_in_line("")
            return self._away.waits_for_workers
        self._scheduler.turns.leave(self)
        try:
            outcome = self._away.train(self.until)
        except Exception as error:
            self._fail(error)
            return True
        if outcome is not None and outcome.status is Status.QUEUED:
            self._wait_in_line(outcome.words or "")
        elif outcome is not None:
            self._enter(outcome.status, outcome.words)
        elif self.until is not None and self.step >= self.until:
            self.until = None
            self._enter(Status.PAUSED)
        return True

    def _wait_in_line(self, words: str) -> None:
        """Give the worker's place back, and go on when there is one again."""
        self._release()
        self._admitted = self._scheduler.admit(self.id, self._begin_to_train)
        self._enter(Status.RUNNING if self._admitted else Status.QUEUED, words)

    def _save_checkpoint(self, again: bool = False, for_history: bool = False) -> None:
        """Write a checkpoint, to outlast all or only for the history. A run that cannot be saved pauses."""
        if trouble := self.trainer.try_to_save(again, for_history):
            if self.status in ACTIVE:
                self._enter(Status.PAUSED, trouble)
            else:
                self.error = trouble

    def _make_pictures(self) -> None:
        """Make the watched pictures anew where they show another step."""
        self.sampler.all(self.step)
        self.notifier.notify()

    def broken(self, error: Exception) -> None:
        """Fail, because something was raised that nobody expected; the thread lives and answers on."""
        event(ERROR, "run broken", id=self.id, error="".join(format_exception(error)))
        self._fail(error)

    def _fail(self, error: Exception) -> None:
        """End in words, whatever else goes wrong: nobody may wait for this run's place."""
        words = in_words(error)
        try:
            self._enter(Status.FAILED, words)
        finally:
            self.status, self.error = Status.FAILED, words
            self._release()

    def _begin_to_train(self) -> None:
        """Begin to train, unless nobody wants that any more."""

        def begin() -> None:
            if self.status is not Status.QUEUED:
                self._scheduler.release()
                return
            self._admitted = True
            self._enter(Status.RUNNING)

        self.ask(begin)

    def _release(self) -> None:
        had, self._admitted = self._admitted, False
        if self._away is not None:
            self._away.leave()
        self._scheduler.release() if had else self._scheduler.withdraw(self.id)

    def _enter(self, status: Status, error: str | None = None) -> None:
        """Take on a status and its error, both at once for who reads them: with a checkpoint where training ends, and on the
        disk at once.
        """
        error = self.error if error is None else error
        if status in ENDED:
            self.until = None  # more steps, where somebody wants them, are not to end there
        if status is Status.FINISHED:
            self.trainer.note_best()
        if status not in ACTIVE and (self.status in ACTIVE or status in ENDED):
            error = (self._away.settle() if self._away else "") or self.trainer.try_to_save() or error
            self.diagnosis.settle(self.step)
        self.revision += 1
        self._save(status, error)  # who sees the status can rely on what is behind it
        self.status, self.error = status, error
        if status not in ACTIVE:
            self._release()
        self.sampler.hurry()
        self._rate_limiter.reset()
        self.progress.forget_speed()
        event(
            ERROR if status is Status.FAILED else INFO,
            "run status",
            id=self.id,
            status=status,
            step=self.step,
            error=self.error,
        )
        self.notifier.notify()

    def _save(self, status: Status | None = None, error: str | None = None) -> None:
        """Have the store write down how the run is, or how it is about to be; a record that cannot be read stays as it is."""
        self.notifier.mark()
        if self.damage:
            return
        self.saved = self._store.save(self._record(status or self.status, self.error if error is None else error))

    def _record(self, status: Status, error: str) -> Record:
        return Record(
            id=self.id,
            created=self.created,
            configuration=self.configuration.as_dict(),
            name=self.name,
            note=self.note,
            speed=self.speed,
            status=status,
            error=error,
            step=self.step,
            seconds=self.progress.seconds,
            best=self.progress.best,
            facts=self.state.as_dict(),
            deleted=self.deleted,
            revision=self.revision,
        )

    def describe(self) -> dict[str, Any]:
        """Give everything about the run that JSON can say."""
        return description(self)

    def describe_progress(self) -> dict[str, Any]:
        """Give what changes while the run trains."""
        return progress_of(self)

    @property
    def rows(self) -> int:
        """Give the number of the row that comes next."""
        return self.log.next

    @property
    def waiting(self) -> int:
        """Say at which place it waits for its turn; 0 where it does not."""
        return self._scheduler.position(self.id)

    @property
    def steps_per_second(self) -> float | None:
        """Give its speed while it trains."""
        return self.progress.steps_per_second() if self.status is Status.RUNNING else None

    def _allow(self, what: str, *statuses: Status) -> None:
        if self.status not in statuses:
            raise ConflictError(f"cannot {what} a run that is {self.status}; it must be {' or '.join(statuses)}")
