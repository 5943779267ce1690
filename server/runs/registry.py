"""All runs: who may train now, who waits, who rests on the disk, who is forgotten."""

import secrets
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from logging import ERROR

from engine import Configuration, Training
from engine.training import checkpoint
from server.logs import event
from server.runs.groups import RACERS
from server.runs.run import Run
from server.runs.scheduler import Scheduler
from server.runs.state import Parent, RunState, inherited
from server.runs.status import ACTIVE, Status
from server.settings import Settings
from server.storage.checkpoints import Checkpoints
from server.storage.database import Database, Record
from server.storage.home import Home

FEW = 10
"""Snapshots that are left between the first and the newest of an old history."""


@dataclass(frozen=True)
class Launch:
    """How a new run is called, and whether it trains as soon as it is its turn or waits before its first step."""

    name: str = ""
    note: str = ""
    speed: float | None = None
    start: bool = True


class TooManyError(Exception):
    """A limit on the number of something is reached; the message says which."""


class Registry:
    """The runs by id, oldest first; those that were deleted just now can come back for a while."""

    def __init__(self, settings: Settings, home: Home, wake: Callable[[Callable[[], None]], None]) -> None:
        """Find the runs that are in the folder: those that trained when the last server ended are interrupted."""
        self._settings, self._folder, self._wake = settings, home.folder / "checkpoints", wake
        self.folders = home.data
        self._store = Database(home.folder)
        self._store.on_trouble = self._suspend
        self._scheduler = Scheduler(settings.max_training)
        self._race_scheduler = Scheduler(RACERS)  # a race needs all its runs to train at once
        self._lock = threading.Lock()
        self._runs: dict[str, Run] = {}
        self._trash: dict[str, Run] = {}
        for record in self._store.records():
            self._reopen(record)

    def _reopen(self, record: Record) -> None:
        checkpoints = Checkpoints(self._folder / record.id)
        if record.deleted is not None:
            self._store.forget(record.id)
            checkpoints.remove()
            return
        if record.status in ACTIVE:  # rows that were not on the disk yet are made once more, from a checkpoint before them
            last = self._store.last_row(record.id)
            checkpoints.cut(Configuration(**record.configuration).next_row(last[1][0] if last else -1))
        steps = checkpoints.steps()
        record.step = steps[-1] if steps else 0
        if record.status in ACTIVE:
            record.status, record.best = Status.INTERRUPTED, self._store.best(record.id)
            self._store.save(record)
        self._place(record)

    def create(self, configuration: Configuration, launch: Launch) -> Run:
        """Make a run. Raises TooManyError."""
        return self._add([new_record(configuration, RunState(), launch)], launch.start)[0]

    def create_all(self, wanted: Sequence[tuple[Configuration, RunState]], launch: Launch) -> list[Run]:
        """Make runs that belong together, each with its state: all of them, or TooManyError and none."""
        return self._add([new_record(configuration, state, launch) for configuration, state in wanted], launch.start)

    def fork(self, parent: Run, before: Configuration, training: Training, launch: Launch) -> Run:
        """Make a run that goes on from a snapshot of another one, and has its rows until then. Raises TooManyError, OSError.

        `training` stands at the snapshot's step, `before` is the parent's configuration at that step.
        """
        step, after = training.step, training.configuration
        record = new_record(after, inherited(parent.state, Parent(parent.id, step), before, after), launch)
        record.step = step
        Checkpoints(self._folder / record.id).write(step, checkpoint.pack(training))
        self._store.copy(parent.id, step, record.id).result()
        last = self._store.last_row(record.id)
        record.seconds, record.best = last[1][-1] if last else 0.0, self._store.best(record.id)
        return self._add([record], launch.start)[0]

    def _add(self, records: Sequence[Record], start: bool) -> list[Run]:
        with self._lock:
            waiting = sum(run.status is Status.QUEUED for run in self._runs.values())
            if start and waiting + len(records) > self._settings.max_waiting:
                raise TooManyError(f"{waiting} runs are waiting already, of {self._settings.max_waiting}; stop some of them")
            self._make_room(len(records))
            runs = [self._place(record) for record in records]
        for run in runs:
            run.begin(start)
        return runs

    def _place(self, record: Record) -> Run:
        races = (record.facts.get("group") or {}).get("kind") == "race"
        scheduler = self._race_scheduler if races else self._scheduler
        run = Run(
            record, self._settings, scheduler, self._store, Checkpoints(self._folder / record.id), self.folders, self._wake
        )
        self._runs[record.id] = run
        return run

    def _make_room(self, number: int = 1) -> None:
        """Forget runs that were never touched until there is room for some more; others only a person may delete."""
        spare = [run for run in self._runs.values() if run.is_untouched]
        while len(self._runs) + number > self._settings.max_runs:
            if not spare:
                raise TooManyError(f"{len(self._runs):,} runs are kept already; delete some of them first")
            erase(self._runs.pop(spare.pop(0).id))
        self._put_to_rest()

    def _put_to_rest(self) -> None:
        """Let runs that nobody watches give their memory back, oldest first, while all together hold too much."""
        awake = [run for run in [*self._runs.values(), *self._trash.values()] if run.held]
        held = sum(run.held for run in awake)
        for run in awake:
            if len(awake) <= self._settings.max_awake and held <= self._settings.max_kept:
                return
            if run.status not in ACTIVE and not run.notifier.listeners:
                awake, held = awake[1:], held - run.held
                run.ask(run.rest)

    def get(self, id: str) -> Run:
        """Find a run. Raises KeyError."""
        return self._runs[id]

    def all(self) -> Iterable[Run]:
        """Give all runs, oldest first."""
        return list(self._runs.values())

    def delete(self, run: Run) -> None:
        """Stop a run and take it off the list; for some seconds it can be restored, unless it never took a step."""
        with self._lock:
            if self._runs.pop(run.id, None) is None:
                return
            if run.step:
                self._trash[run.id] = run
                run.ask(partial(run.discard, time.time()))
            else:
                erase(run)

    def restore(self, id: str) -> Run:
        """Put a run that was deleted just now back on the list, paused where it trained. Raises KeyError."""
        with self._lock:
            run = self._trash.pop(id)
            self._runs[id] = run
            self._runs = dict(sorted(self._runs.items(), key=lambda pair: pair[1].created))
            run.ask(partial(run.discard, None))
        return run

    def tidy(self) -> None:
        """Do what is due now and then: forget what was deleted some time ago, and give memory back."""
        with self._lock:
            for run in list(self._trash.values()):
                if run.deleted is not None and time.time() - run.deleted > self._settings.undo_seconds:
                    erase(self._trash.pop(run.id))
            self._put_to_rest()
        self._thin_histories()

    def _thin_histories(self) -> None:
        """Where all histories together take too much room, leave those of the oldest runs a few snapshots only."""
        runs = sorted(self.all(), key=lambda run: run.created)
        sizes = [run.checkpoints.size for run in runs]
        for run, size in zip(runs, sizes, strict=True):
            if sum(sizes) <= self._settings.max_history:
                return
            if run.status not in ACTIVE and len(run.checkpoints.steps()) > FEW + 2:
                run.ask(partial(run.checkpoints.thin, FEW))
                sizes[sizes.index(size)] = 0

    def _suspend(self, words: str) -> None:
        """Hear from the store that the disk takes nothing: nobody trains on what cannot be kept."""
        event(ERROR, "store", error=words)
        for run in self.all():
            if run.status in ACTIVE:
                run.ask(partial(run.suspend, f"paused: {words}; make room and resume"))

    def close(self, seconds: float) -> None:
        """Interrupt all runs, keep what they have learned, and wait for that so long at the most."""
        end = time.monotonic() + seconds
        runs = [run for run in [*self._runs.values(), *self._trash.values()] if run.status in ACTIVE or run.held]
        for run in sorted(runs, key=lambda run: run.status is Status.RUNNING):
            run.ask(partial(run.abandon, Status.INTERRUPTED))
        for run in runs:
            run.join(max(0.0, end - time.monotonic()))
        self._store.close()


def erase(run: Run) -> None:
    """Have a run be deleted for good."""
    run.ask(run.erase)


def new_record(configuration: Configuration, state: RunState, launch: Launch) -> Record:
    """Write down a run that is to begin."""
    return Record(
        secrets.token_hex(6),
        time.time(),
        configuration.as_dict(),
        launch.name,
        launch.note,
        launch.speed,
        Status.QUEUED,
        facts=state.as_dict(),
    )
