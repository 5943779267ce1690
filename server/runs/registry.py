"""All runs: who may train now, who waits, who rests on the disk, who is forgotten."""

import errno
import re
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from logging import ERROR
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine import Configuration, Training
from engine.tasks import TASKS
from engine.training import checkpoint
from engine.training.configuration import MOST_STEPS
from server.logs import event
from server.messages import Row, row
from server.runs.actor import in_words
from server.runs.listing.table import Table
from server.runs.run import Run
from server.runs.scheduler import Scheduler, Turns
from server.runs.state import Parent, RunState, inherited
from server.runs.status import ACTIVE, Status
from server.settings import RACERS, Settings
from server.storage.checkpoints import UNFINISHED, Checkpoints
from server.storage.database import Database, Record, StorageError
from server.storage.home import Home, HomeError, full

if TYPE_CHECKING:
    from server.runs.workers.away import Away
    from server.runs.workers.lanes import Lanes

IDS = "[0-9a-f]{12}"
"""How the id of a run looks, which is the name of its folder too."""
FEW = 10
"""Snapshots that are left between the first and the newest of an old history."""


@dataclass(frozen=True)
class Launch:
    """How a new run is called, whether it trains as soon as it is its turn or waits before its first step, and how far."""

    name: str = ""
    note: str = ""
    speed: float | None = None
    start: bool = True
    until: int | None = None
    """The step after which it pauses of itself; None: it trains to the end."""


class TooManyError(Exception):
    """A limit on the number of something is reached; the message says which."""


class Registry:
    """The runs by id, oldest first; those that were deleted just now can come back for a while."""

    def __init__(self, settings: Settings, home: Home, wake: Callable[[Callable[[], None]], None]) -> None:
        """Find the runs that are in the folder: those that trained when the last server ended are interrupted."""
        self._settings, self._folder, self._wake = settings, home.folder / "checkpoints", wake
        self.folders, self._home = home.data, home
        self._store = Database(home.folder)
        self._store.on_trouble = lambda words: self._suspend(f"{words}; make room and resume")
        turns = Turns()
        self._scheduler = Scheduler(settings.max_training, turns)
        self._race_scheduler = Scheduler(RACERS, turns)  # a race needs all its runs to train at once
        self._lane_scheduler = Scheduler(settings.workers, turns)
        self._lanes: Lanes | None = None
        """The workers, where a sweep has needed them."""
        self._lock = threading.Lock()
        self._runs: dict[str, Run] = {}
        self._trash: dict[str, Run] = {}
        self.table = Table(self._runs_by_id)
        try:
            self._folder.mkdir(exist_ok=True)
        except OSError as error:
            raise HomeError(full(home.folder) if error.errno == errno.ENOSPC else str(error)) from error
        for record in self._found():
            try:
                if not record.damage:
                    check_record(record)
                    self._reopen(record)
            except Exception as error:  # whatever is wrong with one run, the others are there
                record.damage = in_words(error)
            if record.damage:
                event(ERROR, "record", id=record.id, error=record.damage)
                self._place(readable(record))

    @property
    def store(self) -> Database:
        """Give the database, for what belongs to no single run."""
        return self._store

    def _found(self) -> list[Record]:
        """Give all records; where the database has none, because it is gone, those that the checkpoints tell of.

        What belongs to no run is dropped: what a server that was killed had not finished.
        """
        known = [record for record in self._store.records() if re.fullmatch(r"[\w-]+", record.id)]  # it becomes part of a path
        folders = [path for path in self._folder.iterdir() if re.fullmatch(IDS, path.name) and path.is_dir()]
        if not known:
            found = sorted(filter(None, map(found_again, folders)), key=lambda pair: pair[0].created)
            known = [record for record, _ in found]
            try:
                for record, rows in found:
                    self._store.add_all(record.id, rows).result()
                    record.best = self._store.best(record.id)
                self._store.save_all(known).result()
            except StorageError as error:
                raise HomeError(f"{len(known)} runs were found again, but {error}; make room and start again") from error
            return known
        self._store.forget_orphans()
        ids = {record.id for record in known}
        for folder in folders:
            if folder.name not in ids:
                Checkpoints(folder).remove()
            else:
                (folder / UNFINISHED).unlink(missing_ok=True)
        return known

    def _reopen(self, record: Record) -> None:
        checkpoints = Checkpoints(self._folder / record.id)
        if record.deleted is not None:
            self._store.forget(record.id)
            checkpoints.remove()
            return
        if record.status in ACTIVE:  # rows that were not on the disk yet are made once more, from a checkpoint before them
            last = self._store.last_row(record.id)
            configuration, state = Configuration.from_dict(record.configuration), RunState.from_dict(record.facts)
            rarely = [(change.choices or {}).get("evaluate_every", MOST_STEPS) for change in state.changes]
            often = replace(configuration, evaluate_every=min(configuration.evaluate_every, *rarely, MOST_STEPS))
            checkpoints.cut(often.next_row(last[1][0] if last else -1))
        steps = checkpoints.steps()
        record.step = steps[-1] if steps else 0
        if record.status in ACTIVE:
            record.status, record.best = Status.INTERRUPTED, self._store.best(record.id)
            self._store.save(record)
        self._place(record)

    def create(self, configuration: Configuration, launch: Launch) -> Run:
        """Make a run. Raises TooManyError."""
        return self._add([new_record(configuration, RunState(), launch)], launch)[0]

    def create_all(self, wanted: Sequence[tuple[Configuration, RunState]], launch: Launch) -> list[Run]:
        """Make runs that belong together, each with its state: all of them, or TooManyError and none."""
        return self._add([new_record(configuration, state, launch) for configuration, state in wanted], launch)

    def fork(
        self,
        parent: Run,
        before: Configuration,
        training: Training,
        launch: Launch,
        group: RunState | None = None,
        edits: Sequence[Mapping[str, Any]] = (),
    ) -> Run:
        """Make a run that goes on from a snapshot of another one, and has its rows and what was found until then.

        `training` stands at the snapshot's step, `before` is the parent's configuration at that step; where it belongs to a
        group, `group` says how. Where its network was changed by hand (`edits`), the row of that step is measured anew.
        Raises TooManyError, StorageError.
        """
        step, after, group = training.step, training.configuration, group or RunState()
        state = inherited(parent.state, Parent(parent.id, step), before, after, edits)
        record = new_record(after, replace(state, group=group.group, remedy=group.remedy), launch)
        record.step = step
        checkpoints = Checkpoints(self._folder / record.id)
        try:
            measured = training.first_metrics() if edits else None
            checkpoints.write(step, checkpoint.pack(training))
            self._store.copy(parent.id, step - 1 if measured else step, record.id).result()
            if measured:
                before_it = self._store.last_row(record.id)
                number, seconds = (before_it[0] + 1, before_it[1][-1]) if before_it else (0, 0.0)
                self._store.add_all(record.id, [row(measured, seconds)], number).result()
            if before != after or edits:  # whatever was found may be cured by that
                self._store.add_findings(record.id, step, []).result()
        except (OSError, StorageError) as error:
            self._store.forget(record.id)
            checkpoints.remove()
            why = error.strerror if isinstance(error, OSError) else error
            raise StorageError(f"the disk does not take the new run ({why}); make room and try again") from error
        last = self._store.last_row(record.id)
        record.seconds, record.best = last[1][-1] if last else 0.0, self._store.best(record.id)
        return self._add([record], launch)[0]

    def _add(self, records: Sequence[Record], launch: Launch) -> list[Run]:
        with self._lock:
            waiting = sum(run.status is Status.QUEUED for run in self._runs.values())
            if launch.start and waiting + len(records) > self._settings.max_waiting:
                raise TooManyError(f"{waiting} runs are waiting already, of {self._settings.max_waiting}; stop some of them")
            self._make_room(len(records))
            runs = [self._place(record) for record in records]
        for run in runs:
            run.until = launch.until
            run.begin(launch.start)
        return runs

    def _place(self, record: Record) -> Run:
        kind = (record.facts.get("group") or {}).get("kind")
        away = kind == "sweep" and self._settings.workers > 0
        scheduler = self._race_scheduler if kind == "race" else self._lane_scheduler if away else self._scheduler
        run = Run(
            record,
            self._settings,
            scheduler,
            self._store,
            Checkpoints(self._folder / record.id),
            self.folders,
            self._wake,
            self.table.mark,
            self._go_away if away else None,
        )
        self._runs[record.id] = run
        self.table.mark(record.id)
        return run

    def _go_away(self, run: Run) -> "Away":
        """Let a run train in a worker; what belongs to them is imported only here, because few need it."""
        from server.runs.workers.away import Away
        from server.runs.workers.lanes import on_this_machine

        with self._lock:
            self._lanes = self._lanes or on_this_machine(self._settings.workers)
        return Away(run.id, self._lanes, run.trainer, run.progress, run.diagnosis, run.sampler, run.notifier, self._settings)

    def workers(self) -> list[dict[str, Any]]:
        """Say of each worker what it is called, which run it trains, and whether it has started; none before a sweep begins."""
        return self._lanes.describe() if self._lanes else []

    def _make_room(self, number: int = 1) -> None:
        """Forget runs that were never touched until there is room for some more; others only a person may delete."""
        spare = [run for run in self._runs.values() if run.is_untouched]
        while len(self._runs) + number > self._settings.max_runs:
            if not spare:
                raise TooManyError(f"{len(self._runs):,} runs are kept already; delete some of them first")
            erase(self._taken_off(spare.pop(0).id))
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

    def _taken_off(self, id: str) -> Run:
        """Take a run off the list."""
        run = self._runs.pop(id)
        self.table.mark(id)
        return run

    def _runs_by_id(self, id: str) -> Run | None:
        return self._runs.get(id)

    def get(self, id: str) -> Run:
        """Find a run. Raises KeyError."""
        return self._runs[id]

    def all(self) -> Iterable[Run]:
        """Give all runs, oldest first."""
        return list(self._runs.values())

    def some(self, ids: Iterable[str]) -> list[Run]:
        """Give those of these runs that are there, in this order."""
        return [self._runs[id] for id in ids if id in self._runs]

    def delete(self, run: Run) -> None:
        """Stop a run and take it off the list; for some seconds it can be restored, unless it never took a step."""
        self.delete_all([run])

    def delete_all(self, runs: Iterable[Run]) -> None:
        """Do the same with many."""
        with self._lock:
            for run in runs:
                if run.id not in self._runs:
                    continue
                self._taken_off(run.id)
                if run.step:
                    self._trash[run.id] = run
                    run.ask(partial(run.discard, time.time()))
                else:
                    erase(run)

    def withdraw(self, runs: Iterable[Run]) -> None:
        """Take back runs that were made just now, because the disk did not take all of them."""
        with self._lock:
            for run in runs:
                if run.id in self._runs:
                    erase(self._taken_off(run.id))

    def restore(self, id: str) -> Run:
        """Put a run that was deleted just now back on the list, paused where it trained. Raises KeyError."""
        found = self.restore_all([id])
        if not found:
            raise KeyError(id)
        return found[0]

    def restore_all(self, ids: Iterable[str]) -> list[Run]:
        """Do the same with many, and give those of them that were deleted just now."""
        with self._lock:
            found = [self._trash.pop(id) for id in dict.fromkeys(ids) if id in self._trash]
            self._runs = dict(
                sorted([*self._runs.items(), *((run.id, run) for run in found)], key=lambda pair: pair[1].created)
            )
            for run in found:
                self.table.mark(run.id)
                run.ask(partial(run.discard, None))
        return found

    def tidy(self) -> None:
        """Do what is due now and then: forget what was deleted some time ago, and give memory back."""
        if not self._home.is_here():
            self._suspend(f"the folder {self._home.folder} was taken away; bring it back and start the server again")
            return
        with self._lock:
            for run in list(self._trash.values()):
                if run.deleted is not None and time.time() - run.deleted > self._settings.undo_seconds:
                    erase(self._trash.pop(run.id))
            self._put_to_rest()
        if self._lanes:
            self._lanes.end_idle()
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
                run.ask(partial(run.suspend, f"paused: {words}"))

    def close(self, seconds: float) -> None:
        """Interrupt all runs, keep what they have learned, and wait for that so long at the most."""
        end = time.monotonic() + seconds
        runs = [run for run in [*self._runs.values(), *self._trash.values()] if run.status in ACTIVE or run.held]
        for run in sorted(runs, key=lambda run: run.status is Status.RUNNING):
            run.ask(partial(run.abandon, Status.INTERRUPTED))
        for run in runs:
            run.join(max(0.0, end - time.monotonic()))
        if self._lanes:
            self._lanes.close()
        self._store.close()


def check_record(record: Record) -> None:
    """Raise a ValueError that says why a record tells of no run that this version could go on with."""
    configuration = Configuration.from_dict(record.configuration)
    if configuration.task not in TASKS:
        raise ValueError(f"this version has no task {configuration.task!r}")
    if record.status not in tuple(Status):
        raise ValueError(f"this version knows no status {record.status!r}")
    try:
        RunState.from_dict(record.facts)
    except (TypeError, AttributeError) as error:
        raise ValueError(f"what is known of it cannot be read: {error}") from error


def readable(record: Record) -> Record:
    """Give of a damaged record what can be shown: a failed run that says what is wrong with it."""
    nothing = Configuration("unknown", [], {"name": "unknown"}, {"name": "Constant"}, {"name": "unknown"}, None, {})
    said = {
        name: value if type(value := record.configuration.get(name)) is type(default) else default
        for name, default in nothing.as_dict().items()
    }
    words = f"the record of this run cannot be read: {record.damage}"
    return replace(record, configuration=said, facts={}, status=Status.FAILED, error=words, damage=words)


def found_again(folder: Path) -> tuple[Record, list[Row]] | None:
    """Tell of a run whose record is gone what its checkpoints say, and the rows that they had; None where none can be read."""
    checkpoints = Checkpoints(folder)
    try:
        step, configuration = checkpoints.latest(lambda at: checkpoint.configuration_of(checkpoints.read(at)))
        created = min(checkpoints.path(at).stat().st_mtime for at in checkpoints.steps())
    except (KeyError, ValueError, OSError) as error:
        event(ERROR, "record", id=folder.name, error=f"it is gone, and its checkpoints cannot be read: {error}")
        return None
    rows = rows_kept(checkpoints, created)
    return Record(
        folder.name,
        created,
        configuration.as_dict(),
        status=Status.FINISHED if step >= configuration.steps else Status.INTERRUPTED,
        error="the database was gone: this run was found again from its checkpoints, without its name; of its rows are left "
        f"the {len(rows):,} that stood in a checkpoint",
        step=step,
        seconds=rows[-1][-1] if rows else 0.0,
        facts=RunState(forked=True).as_dict(),
    ), rows


def rows_kept(checkpoints: Checkpoints, created: float) -> list[Row]:
    """Give the rows of metrics that a run's checkpoints tell of, with the time when each was written, about."""
    rows: dict[int, Row] = {}
    for step in checkpoints.steps():
        with suppress(ValueError, OSError):  # one that is damaged has no row, and the others have theirs
            if (measured := checkpoint.row_of(checkpoints.read(step))) and measured.step not in rows:
                rows[measured.step] = row(measured, max(0.0, checkpoints.path(step).stat().st_mtime - created))
    return [rows[step] for step in sorted(rows)]


def erase(run: Run) -> None:
    """Have a run be deleted for good; what it still waits for is not done any more."""
    run.deleted = time.time()
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
