"""All runs: who may train now, who waits, who rests on the disk, who is forgotten."""

import errno
import os
import re
import secrets
import shutil
import threading
import time
import weakref
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from logging import ERROR
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine import Configuration, Training
from engine.training import checkpoint
from engine.training.configuration import MOST_STEPS
from server.logs import event
from server.messages import COLUMNS, Row, row
from server.runs.actor import in_words
from server.runs.listing.resting import Resting, Seen, check_record, description, sound, unknown
from server.runs.listing.table import TOGETHER, Table
from server.runs.run import Run
from server.runs.scheduler import Scheduler
from server.runs.state import Parent, RunState, inherited
from server.runs.status import ACTIVE, Status
from server.runs.threads.turns import Turns
from server.settings import RACERS, Settings
from server.storage.checkpoints import UNFINISHED, Checkpoints
from server.storage.database import Database, Head, Record, StorageError
from server.storage.home import Home, HomeError, full

if TYPE_CHECKING:
    from server.runs.workers.away import Away
    from server.runs.workers.lanes import Lanes

IDS = "[0-9a-f]{12}"
"""How the id of a run looks, which is the name of its folder too."""
ON_THEIR_WAY = "on their way"
"""The folder beside those of the runs in which workers leave snapshots."""
HERE_FIRST = 1.0
"""Seconds that a run of a race trains in its thread first: one that is short, or just begins, is there at once."""
LOOKED_UP = 200
"""Histories of runs that rest whose size is looked up in one round of housekeeping."""
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
        self._room = self._folder / ON_THEIR_WAY
        self._store = Database(home.folder)
        self._store.on_trouble = lambda words: self._suspend(f"{words}; make room and resume")
        turns = Turns()
        self._scheduler = Scheduler(settings.max_training, turns)
        self._race_scheduler = Scheduler(RACERS, turns)  # a race needs all its runs to train at once
        self._lane_scheduler = Scheduler(0 if settings.cluster else settings.workers, turns)
        self._lanes: Lanes | None = None
        """The workers, where a sweep has needed them."""
        self._race_lanes: Lanes | None = None
        """Those of races, one for each of its runs, so that none is ahead because it shares its worker with nobody."""
        self._lock, self._opened = threading.RLock(), time.time()
        self._runs: dict[str, Run | None] = {}
        """None: it rests on the disk, and its Run is made when somebody asks for it."""
        self._heads: dict[str, Head] = {}
        """Of each run when it was made, and of one that rests how it is."""
        self._let_go: weakref.WeakValueDictionary[str, Run] = weakref.WeakValueDictionary()
        """Runs that rest again: as long as anybody has one in hand, it is the one that is given to others too."""
        self._trash: dict[str, Run] = {}
        self._sizes: dict[str, int] = {}
        """What the histories of runs that rest take on the disk, as far as that was looked up."""
        self.table = Table(self.seen)
        try:
            self._folder.mkdir(exist_ok=True)
            shutil.rmtree(self._room, ignore_errors=True)  # what workers left whose server was killed
        except OSError as error:
            raise HomeError(full(home.folder) if error.errno == errno.ENOSPC else str(error)) from error
        for head in self._found():
            if head.status in ACTIVE or head.deleted is not None:
                self._reopen(head)
            else:
                self._rest(head)

    @property
    def at_once(self) -> int:
        """Say how many runs of sweeps train at once."""
        if self._settings.cluster:
            return max(1, self._lane_scheduler.number)
        return self._settings.workers or self._settings.max_training

    @property
    def store(self) -> Database:
        """Give the database, for what belongs to no single run."""
        return self._store

    def _found(self) -> list[Head]:
        """List all runs; where the database has none, because it is gone, those that the checkpoints tell of.

        What belongs to no run is dropped: what a server that was killed had not finished.
        """
        known = [head for head in self._store.heads() if re.fullmatch(r"[\w-]+", head.id)]  # it becomes part of a path
        with os.scandir(self._folder) as entries:
            folders = [Path(entry.path) for entry in entries if re.fullmatch(IDS, entry.name) and entry.is_dir()]
        if not known:
            found = sorted(filter(None, map(found_again, folders)), key=lambda pair: pair[0].created)
            records = [record for record, _ in found]
            try:
                for record, rows in found:
                    self._store.add_all(record.id, rows).result()
                    record.best = self._store.best(record.id)
                self._store.save_all(records).result()
            except StorageError as error:
                raise HomeError(f"{len(records)} runs were found again, but {error}; make room and start again") from error
            return self._store.heads()
        self._store.forget_orphans()
        ids = {head.id for head in known}
        for folder in folders:
            if folder.name not in ids:
                Checkpoints(folder).remove()
            else:
                (folder / UNFINISHED).unlink(missing_ok=True)
        return known

    def _rest(self, head: Head) -> None:
        """Keep a run as one that rests on the disk."""
        self._runs[head.id], self._heads[head.id] = None, head
        self.table.mark(head.id)

    def _reopen(self, head: Head) -> None:
        """Take back a run that trained when the last server ended, or that was deleted then."""
        checkpoints = Checkpoints(self._folder / head.id)
        if head.deleted is not None:
            self._store.forget(head.id)
            checkpoints.remove()
            return
        record = self._store.record(head.id)
        try:
            check_record(record)
            # rows that were not on the disk yet are made once more, from a checkpoint before them
            last = self._store.last_row(record.id)
            configuration, state = Configuration.from_dict(record.configuration), RunState.from_dict(record.facts)
            rarely = [(change.choices or {}).get("evaluate_every", MOST_STEPS) for change in state.changes]
            often = replace(configuration, evaluate_every=min(configuration.evaluate_every, *rarely, MOST_STEPS))
            checkpoints.cut(often.next_row(last[1][0] if last else -1))
            steps = checkpoints.steps()
            record.step, record.status, record.best = steps[-1] if steps else 0, Status.INTERRUPTED, self._store.best(record.id)
            self._store.save(record)
        except Exception as error:  # whatever is wrong with one run, the others are there
            record.damage = record.damage or in_words(error)
        self._place(self._make(record))

    def _make(self, record: Record) -> Run:
        """Make a run of what is kept of it; of a damaged record one that has failed, and says why."""
        checkpoints = Checkpoints(self._folder / record.id)
        found = sound(record)
        if found.damage:
            event(ERROR, "record", id=record.id, error=found.damage)
        else:
            with suppress(OSError):
                if not found.facts.get("imported"):
                    steps = checkpoints.steps()
                    found.step = steps[-1] if steps else 0
        return self._run(found, checkpoints)

    def create(self, configuration: Configuration, launch: Launch) -> Run:
        """Make a run. Raises TooManyError."""
        return self._add([new_record(configuration, RunState(), launch)], launch)[0]

    def create_all(self, wanted: Sequence[tuple[Configuration, RunState]], launch: Launch) -> list[Run]:
        """Make runs that belong together, each with its state: all of them, or TooManyError and none."""
        return self._add([new_record(configuration, state, launch) for configuration, state in wanted], launch)

    def bring(self, name: str, rows: Sequence[Row], note: str) -> Run:
        """Keep the rows of a run that was trained elsewhere. Raises TooManyError, StorageError."""
        shares = [row[k] for row in rows for k in (COLUMNS.index("test_accuracy"), COLUMNS.index("accuracy"))]
        tested = [share for share in shares[::2] if share is not None] or [share for share in shares if share is not None]
        rates = [rate for row in rows if (rate := row[COLUMNS.index("learning_rate")]) is not None]
        known = {"learning_rate": rates[0]} if rates else {}
        configuration = replace(unknown("imported"), steps=max(1, rows[-1][0]), optimizer={"name": "unknown", **known})
        record = new_record(configuration, RunState(imported=True), Launch(name, note))
        record.status, record.step, record.seconds = Status.FINISHED, rows[-1][0], rows[-1][-1]
        record.best = max(tested, default=None)
        with self._lock:
            self._make_room()
        try:
            self._store.add_all(record.id, rows).result()
            self._store.save(record).result()
        except StorageError:
            self._store.forget(record.id)
            raise
        with self._lock:
            return self._place(self._run(record, Checkpoints(self._folder / record.id)))

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
            waiting = sum(run.status is Status.QUEUED for run in self._awake())
            if launch.start and waiting + len(records) > self._settings.max_waiting:
                raise TooManyError(f"{waiting} runs are waiting already, of {self._settings.max_waiting}; stop some of them")
            self._make_room(len(records))
            runs = [self._place(self._run(record, Checkpoints(self._folder / record.id))) for record in records]
        for run in runs:
            run.until = launch.until
            run.begin(launch.start)
        return runs

    def _run(self, record: Record, checkpoints: Checkpoints) -> Run:
        kind = (record.facts.get("group") or {}).get("kind")
        in_race, workers = kind == "race", self._settings.workers
        away = kind == "sweep" and (workers > 0 or bool(self._settings.cluster))
        if away and self._settings.cluster:
            self._lanes = self._lanes or self._of_cluster()
        scheduler = self._race_scheduler if in_race else self._lane_scheduler if away else self._scheduler
        return Run(
            record,
            self._settings,
            scheduler,
            self._store,
            checkpoints,
            self.folders,
            self._wake,
            self.table.mark,
            self._opened,
            partial(self._go_away, in_race=in_race) if away or (in_race and workers > 1) else None,
            HERE_FIRST if in_race else 0.0,
        )

    def _place(self, run: Run) -> Run:
        """Have a run on the list."""
        self._runs[run.id], self._heads[run.id] = run, Head(run.id, run.created, run.status, None)
        self.table.mark(run.id)
        return run

    def _awake(self) -> list[Run]:
        """List the runs that do not rest, oldest first."""
        return [run for run in list(self._runs.values()) if run is not None]

    def _go_away(self, run: Run, in_race: bool) -> "Away":
        """Let a run train in a worker; what belongs to them is imported only here, because few need it."""
        from server.runs.workers.away import Away
        from server.runs.workers.lanes import on_this_machine

        with suppress(OSError):  # else snapshots come through the pipe
            self._room.mkdir(exist_ok=True)
        with self._lock:
            if in_race:
                lanes = self._race_lanes = self._race_lanes or on_this_machine(RACERS, "race worker")
            else:
                lanes = self._lanes = self._lanes or on_this_machine(self._settings.workers)
        return Away(
            run.id,
            lanes,
            run.trainer,
            run.progress,
            run.diagnosis,
            run.sampler,
            run.notifier,
            self._settings,
            lambda: run.is_asked,
            here_until_warm=in_race,
            room=self._room,
        )

    def _of_cluster(self) -> "Lanes":
        """Have the workers of the cluster as lanes, as many as there are at a time; Dask is imported only here."""
        from server.runs.workers.cluster import ClusterLanes

        return ClusterLanes(self._settings.cluster, self._lane_scheduler)

    def workers(self) -> list[dict[str, Any]]:
        """Say of each worker what it is called, which run it trains, and whether it has started; none before one is needed."""
        return [worker for lanes in self._all_lanes() for worker in lanes.describe()]

    def _all_lanes(self) -> "list[Lanes]":
        """List what runs have needed so far."""
        return [lanes for lanes in (self._lanes, self._race_lanes) if lanes is not None]

    def _make_room(self, number: int = 1) -> None:
        """Forget runs that were never touched until there is room for some more; others only a person may delete."""
        missing = len(self._runs) + number - self._settings.max_runs
        if missing > 0:
            for id in self.table.blank():
                if missing and (run := self.get(id)).is_untouched:
                    erase(self._taken_off(run.id))
                    missing -= 1
            if missing:
                raise TooManyError(f"{len(self._runs):,} runs are kept already; delete some of them first")
        self._put_to_rest()

    def _put_to_rest(self) -> None:
        """Let runs that nobody watches give their memory back, oldest first, while all together hold too much."""
        awake = [run for run in [*self._awake(), *self._trash.values()] if run.held]
        held = sum(run.held for run in awake)
        for run in awake:
            if len(awake) <= self._settings.max_awake and held <= self._settings.max_kept:
                return
            if run.status not in ACTIVE and not run.notifier.listeners:
                awake, held = awake[1:], held - run.held
                run.ask(run.rest)

    def _taken_off(self, id: str) -> Run:
        """Take a run off the list."""
        run = self.get(id)
        del self._runs[id]
        self._heads.pop(id, None)
        self._sizes.pop(id, None)
        self.table.mark(id)
        return run

    def __len__(self) -> int:
        """Count the runs."""
        return len(self._runs)

    def has(self, id: str) -> bool:
        """Tell whether a run is there."""
        return id in self._runs

    def get(self, id: str) -> Run:
        """Find a run; one that rests is made now. Raises KeyError."""
        if (run := self._runs[id]) is not None:
            return run
        with self._lock:
            if (run := self._runs[id]) is None:
                run = self._let_go.get(id) or self._make(self._store.record(id))
                self._place(run)
                self._sizes.pop(id, None)
            return run

    def all(self) -> Iterable[Run]:
        """Give all runs, oldest first; those that rest are made."""
        return self.some(list(self._runs))

    def some(self, ids: Iterable[str]) -> list[Run]:
        """Give those of these runs that are there, in this order."""
        found = []
        for id in ids:
            with suppress(KeyError):  # somebody else may delete it at this moment
                found.append(self.get(id))
        return found

    def described(self, ids: Iterable[str] | None = None) -> Iterator[dict[str, Any]]:
        """Describe these runs, or all, oldest first; those that rest go on resting."""
        wanted = list(self._runs if ids is None else ids)
        for k in range(0, len(wanted), TOGETHER):
            found = self.seen(wanted[k : k + TOGETHER])
            yield from (description(found[id]) for id in wanted[k : k + TOGETHER] if id in found)

    def seen(self, ids: Sequence[str]) -> dict[str, Seen]:
        """Give what a table shows of these runs, without those that are gone; those that rest go on resting."""
        here = [id for id in ids if id in self._runs]
        found: dict[str, Seen] = {id: run for id in here if (run := self._runs.get(id)) is not None}
        resting = [id for id in here if id not in found]
        return found | {kept.record.id: Resting(kept, self._opened) for kept in (self._store.kept(resting) if resting else [])}

    def statuses(self) -> Counter[str]:
        """Count the runs by status."""
        found: Counter[str] = Counter()
        for id, run in list(self._runs.items()):
            if run is not None:
                found[run.status] += 1
            elif (head := self._heads.get(id)) is not None:  # somebody else may delete it at this moment
                found[head.status if head.status in tuple(Status) else Status.FAILED] += 1
        return found

    def _let_go_idle(self) -> None:
        """Let runs rest again that have ended and that nobody watches, oldest first, where many are in memory."""
        idle = [run for run in self._awake() if run.is_idle]
        for run in idle[: max(0, len(idle) - self._settings.max_awake)]:
            run.log.rest()
            self._let_go[run.id] = run
            self._runs[run.id], self._heads[run.id] = None, Head(run.id, run.created, run.status, None)

    def delete(self, run: Run) -> None:
        """Stop a run and take it off the list; for some seconds it can be restored, unless it has never trained."""
        self.delete_all([run])

    def delete_all(self, runs: Iterable[Run]) -> None:
        """Do the same with many."""
        for run in runs:
            with self._lock:  # each by itself, so that others get their turn
                if run.id not in self._runs:
                    continue
                self._taken_off(run.id)
                if run.step or run.state.imported:
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
            for run in found:
                self._place(run)
            self._runs = dict(sorted(self._runs.items(), key=lambda pair: self._heads[pair[0]].created))
            for run in found:
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
            self._let_go_idle()
        for lanes in self._all_lanes():
            lanes.tidy(self._runs)
        self._thin_histories()

    def _thin_histories(self) -> None:
        """Where all histories together take too much room, leave those of the oldest runs a few snapshots only."""
        runs = list(self._runs.items())
        unknown = [id for id, run in runs if run is None and id not in self._sizes]
        for id in unknown[:LOOKED_UP]:
            self._sizes[id] = Checkpoints(self._folder / id).size
        sizes = {id: self._sizes.get(id, 0) if run is None else run.checkpoints.size for id, run in runs}
        total = sum(sizes.values())
        for id, size in sizes.items():
            if total <= self._settings.max_history:
                return
            with suppress(KeyError):
                if size and (run := self.get(id)).status not in ACTIVE and len(run.checkpoints.steps()) > FEW + 2:
                    run.ask(partial(run.checkpoints.thin, FEW))
                    total -= size

    def _suspend(self, words: str) -> None:
        """Hear from the store that the disk takes nothing: nobody trains on what cannot be kept."""
        event(ERROR, "store", error=words)
        for run in self._awake():
            if run.status in ACTIVE:
                run.ask(partial(run.suspend, f"paused: {words}"))

    def close(self, seconds: float) -> None:
        """Interrupt all runs, keep what they have learned, and wait for that so long at the most."""
        end = time.monotonic() + seconds
        there = [*self._awake(), *self._trash.values()]
        runs = [run for run in there if run.status in ACTIVE or run.held or run.is_working]
        for run in sorted(runs, key=lambda run: run.status is Status.RUNNING):
            run.ask(partial(run.abandon, Status.INTERRUPTED))
        for run in runs:
            run.join(max(0.0, end - time.monotonic()))
        for lanes in self._all_lanes():
            lanes.close()
        self._store.close()


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
