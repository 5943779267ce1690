"""A search that goes on: it makes runs, hears how far they are, and lets the better ones go on."""

import math
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from enum import StrEnum
from logging import ERROR
from typing import Any

from engine import Configuration, ConfigurationError, configure
from engine.search.search import Trial
from server.logs import event
from server.messages import COLUMNS, Row
from server.runs.limits import check_size
from server.runs.registry import Launch, Registry, TooManyError
from server.runs.run import ConflictError, Run
from server.runs.state import Membership, RunState
from server.runs.status import ACTIVE, ENDED, WAITING, Status
from server.search.plan import Plan, row_of_rung
from server.settings import Settings
from server.storage.database import Database, SearchRecord, StorageError


class Standing(StrEnum):
    """What a search does at the moment: running ⇄ paused → finished | stopped; interrupted, where the server ended."""

    RUNNING = "running"
    PAUSED = "paused"
    INTERRUPTED = "interrupted"
    FINISHED = "finished"
    STOPPED = "stopped"


class LiveSearch:
    """A search, its trials and their runs. Its methods may be called from any thread, one at a time goes on."""

    def __init__(
        self, record: SearchRecord, registry: Registry, store: Database, settings: Settings, own: Mapping[int, str]
    ) -> None:
        """Take over what is kept of it: trials that were on their way wait until it is resumed.

        `own` gives the ids of its runs by their place, also of those that were made just before the server ended.
        """
        self.id, self.created, self.error = record.id, record.created, record.error
        self.revision = max(int(1000 * time.time()), record.revision + 1)  # a page may know one of the server before
        self.status = Standing(record.status)
        if self.status is Standing.RUNNING:
            self.status = Standing.INTERRUPTED
        self.plan = Plan.from_dict(record.plan)
        self.search = self.plan.search()
        self.runs: dict[int, list[str | None]] = {}
        """The ids of each trial's runs, by its number; None for one that was not made yet."""
        self.refusals: dict[int, str] = {}
        """Why no run can have a combination, by the trial's number."""
        self.news: set[int] = set()
        """The trials that may have changed since somebody was told of them."""
        self.lock = threading.RLock()
        self.saved: Future[None] = Future()
        """Done as soon as all that was told so far is on the disk."""
        self.saved.set_result(None)
        self._registry, self._store, self._settings = registry, store, settings
        self._going: dict[int, Trial] = {}
        self._trial_of: dict[str, int] = {}
        self._restore(record.trials, own)
        registry.table.listeners.append(self._hear)

    def _restore(self, kept: Sequence[dict[str, Any]], own: Mapping[int, str]) -> None:
        trials = []
        for one in kept:
            scores = {int(rung): list(scores) for rung, scores in one["scores"].items()}
            values = tuple(one["values"])
            trials.append(Trial(one["number"], one["bracket"], values, one["rung"], scores, one["over"]))
            first = one["number"] * self.plan.repeats
            self._have(one["number"], [id or own.get(first + repeat) for repeat, id in enumerate(one["runs"])])
            if words := one.get("refusal"):
                self.refusals[one["number"]] = words
        self._going = {trial.number: trial for trial in self.search.restore(trials)}

    def _have(self, number: int, ids: list[str | None]) -> None:
        """Know the runs of a trial."""
        self.runs[number] = ids
        self._trial_of |= {id: number for id in ids if id}
        self.news.add(number)

    def _hear(self, run: str) -> None:
        """Hear, in any thread, that a run has news."""
        if (number := self._trial_of.get(run)) is not None:
            self.news.add(number)

    def leave(self) -> None:
        """Hear of its runs no more."""
        table = self._registry.table  # which may go through its listeners at this moment, in another thread
        table.listeners = [listener for listener in table.listeners if listener != self._hear]

    # what a person orders

    def begin(self) -> None:
        """Be written down for the first time."""
        self._save().result()
        for trial in self.search.trials:
            self._save_trial(trial)

    def resume(self) -> None:
        """Go on, with the runs that wait for it too. Raises ConflictError."""
        with self.lock:
            if self.status in (Standing.FINISHED, Standing.STOPPED):
                raise ConflictError(f"the search is {self.status}; widen it, or ask for more like the best")
            self._run_on()

    def pause(self) -> None:
        """Make no more runs, and let those that train wait. Raises ConflictError."""
        with self.lock:
            if self.status is not Standing.RUNNING:
                raise ConflictError(f"cannot pause a search that is {self.status}")
            self._enter(Standing.PAUSED)
            self._order(Run.pause, ACTIVE)

    def stop(self) -> None:
        """End it: what came out stays, and what was trained a little counts as far as it came. Raises ConflictError."""
        with self.lock:
            if self.status in (Standing.FINISHED, Standing.STOPPED):
                raise ConflictError(f"the search is {self.status} already")
            self._order(Run.stop, (*ACTIVE, *WAITING))
            for trial in list(self._going.values()):
                self._collect(trial)
            ended = []
            for bracket, plan in zip(self.search.brackets, self.plan.brackets, strict=True):
                now = list(bracket.begun) if not bracket.is_done else plan.ended
                ended.append(now)
                if not bracket.is_done:
                    bracket.end(*bracket.begun)
            self.plan = self.plan.with_ended(ended)
            self._enter(Standing.STOPPED)

    def widen(self, sides: Sequence[tuple[str, str]], runs: int | None) -> None:
        """Look further on these sides too. Raises ConfigurationError."""
        with self.lock:
            self._extend(self.plan.widen(sides, [trial.values for trial in self.search.trials], runs))

    def more(self, near: str, runs: int | None) -> None:
        """Try more combinations, near the best quarter or anywhere. Raises ConfigurationError."""
        with self.lock:
            trials = self.search.trials
            order = sorted(trials, key=self.rank)
            place = {trial.number: float(k) for k, trial in enumerate(order)}
            ranks = [place[t.number] if t.reached is not None and math.isfinite(t.score) else math.inf for t in trials]
            self._extend(self.plan.more(trials, ranks, near, runs))

    def _extend(self, plan: Plan) -> None:
        wanted = sum(bracket.trials for bracket in plan.brackets) * plan.repeats
        if wanted > self._settings.max_search:
            raise ConfigurationError(
                "runs", f"a search has {self._settings.max_search:,} runs at the most, this one would have {wanted:,}"
            )
        self.plan = plan
        self.plan.add_to(self.search, plan.brackets[-1])
        self._run_on()

    def _run_on(self) -> None:
        """Let the trials that are on their way go on; where that cannot be, pause again and say why."""
        self.error = ""
        self._enter(Standing.RUNNING)
        try:
            for trial in list(self._going.values()):
                self._go_on(trial)
        except (TooManyError, StorageError) as error:
            self._suspend(str(error))
            raise

    def rank(self, trial: Trial) -> tuple[bool, int, float]:
        """Give what trials are sorted by, the best first: those that trained the longest, by their score."""
        able = trial.reached is not None and math.isfinite(trial.score)
        return not able, -self.search.scored_at(trial), trial.score if able else 0.0

    # what happens by itself

    def advance(self) -> None:
        """Hear what came out since, and let others begin; where that cannot be, pause and say why."""
        with self.lock:
            if self.status is not Standing.RUNNING:
                return
            try:
                self._advance()
            except (TooManyError, StorageError) as error:
                self._suspend(str(error))
            except Exception as error:  # one search must not end the others
                event(ERROR, "search", id=self.id, error=f"{type(error).__name__}: {error}")
                self._suspend(f"{type(error).__name__}: {error}")

    def _suspend(self, words: str) -> None:
        self.error = f"paused: {words}"
        self._enter(Standing.PAUSED)

    def _advance(self) -> None:
        for trial in list(self._going.values()):
            if all(self._is_out(run, trial, repeat) for repeat, run in enumerate(self.runs_of(trial))):
                self._collect(trial)
        while self._alive() < self.ahead and (asked := self.search.ask()):
            self._going[asked.number] = asked
            self._go_on(asked)
        if self.search.is_done and not self._going:
            self._enter(Standing.FINISHED)

    @property
    def ahead(self) -> int:
        """Say how many of its runs train or wait in line at once: no core shall wait, and not all runs stand in line."""
        return 2 * max(self._registry.at_once, self.plan.repeats) + 2

    def _alive(self) -> int:
        return sum(run is not None and run.status not in ENDED for trial in self._going.values() for run in self.runs_of(trial))

    def runs_of(self, trial: Trial) -> list[Run | None]:
        """Give a trial's runs; None for one that was not made yet, or was deleted."""
        found: list[Run | None] = []
        for id in self.runs.get(trial.number, []):
            try:
                found.append(self._registry.get(id) if id else None)
            except KeyError:
                found.append(None)
        return found

    def cells(self, ids: Sequence[str]) -> dict[str, tuple[Any, ...]]:
        """Give status and step of those of its runs that are there, by id; those that rest go on resting."""
        return self._registry.table.cells(ids, ("status", "step"))

    @property
    def is_there(self) -> bool:
        """Tell whether any of its runs is there, or none was made yet."""
        return not self.has_runs or any(self._registry.has(id) for ids in list(self.runs.values()) for id in ids if id)

    @property
    def going(self) -> Collection[int]:
        """Give the numbers of the trials that are on their way to a rung."""
        return self._going.keys()

    @property
    def has_runs(self) -> bool:
        """Tell whether it ever made a run, which may be deleted since."""
        return any(id for ids in list(self.runs.values()) for id in ids)

    @property
    def members(self) -> list[Run]:
        """Give all its runs that are there, in order."""
        return [run for trial in self.search.trials for run in self.runs_of(trial) if run is not None]

    def is_going(self, trial: Trial) -> bool:
        """Tell whether a trial is on its way to a rung."""
        return trial.number in self._going

    def until(self, trial: Trial, configuration: Configuration) -> int | None:
        """Say after which step a run of a trial pauses: at the row of its rung; None where that is its end."""
        bracket = self.search.brackets[trial.bracket]
        if trial.rung == len(bracket.rungs) - 1 and not self._was_shortened(trial):
            return None
        return row_of_rung(configuration, bracket.rungs[trial.rung].steps)

    def _was_shortened(self, trial: Trial) -> bool:
        return self.plan.brackets[trial.bracket].ended is not None

    def _is_out(self, run: Run | None, trial: Trial, repeat: int) -> bool:
        """Tell whether a run has done what its rung asks for, or does no more."""
        if run is None:
            return self.runs[trial.number][repeat] is not None  # it was deleted
        if run.status in ENDED:
            return True
        until = self.until(trial, run.configuration)
        return run.status in WAITING and until is not None and run.step >= until

    def _collect(self, trial: Trial) -> None:
        """Take the scores of a trial's runs at its rung, and keep them."""
        runs = self.runs_of(trial)
        scores = [math.inf if run is None else self._score(run, trial) for run in runs]
        over = any(run is None or run.status in (Status.STOPPED, Status.DIVERGED, Status.FAILED) for run in runs)
        self.search.tell(trial, scores, over)
        del self._going[trial.number]
        self._save_trial(trial)

    def _score(self, run: Run, trial: Trial) -> float:
        if run.status in (Status.DIVERGED, Status.FAILED):
            return math.inf
        until = self.until(trial, run.configuration)
        last = run.log.last
        step = run.state.best_step if run.status is Status.FINISHED and run.state.best_step is not None else until
        if last is not None and step is not None and last[0] > step:
            last = row_at(run, step)
        return self.plan.score(dict(zip(COLUMNS, last, strict=True)) if last else None)

    def _go_on(self, trial: Trial) -> None:
        """Let a trial's runs train to its rung; those that were not made yet are made."""
        ids = self.runs.get(trial.number) or [None] * self.plan.repeats
        self._have(trial.number, ids)
        self._save_trial(trial)
        try:
            for repeat, run in enumerate(self.runs_of(trial)):
                if ids[repeat] is None:
                    ids[repeat] = self._make(trial, repeat)
                    self._have(trial.number, ids)
                elif run is not None and not self._is_out(run, trial, repeat):
                    self._let_train(run, self.until(trial, run.configuration))
        except ConfigurationError as error:  # this combination cannot be: it is the worst there is
            event(ERROR, "search", id=self.id, trial=trial.number, error=str(error))
            self.refusals[trial.number] = str(error)
            self.search.tell(trial, [math.inf] * self.plan.repeats, over=True)
            self._going.pop(trial.number, None)
        self._save_trial(trial)

    def _let_train(self, run: Run, until: int | None) -> None:
        def train() -> None:
            with suppress(ConflictError):  # it trains already, or has ended
                run.train_until(until)

        run.ask(train).result()

    def _make(self, trial: Trial, repeat: int) -> str:
        configuration = configure(self.plan.request(trial.values, repeat), self._registry.folders)
        check_size(configuration, self._settings, self._registry.folders)
        place = trial.number * self.plan.repeats + repeat
        group = Membership(self.id, "sweep", self.plan.paths, place, list(trial.values))
        launch = Launch(speed=self.plan.speed, until=self.until(trial, configuration))
        run = self._registry.create_all([(configuration, RunState(group=group))], launch)[0]
        try:
            for written in (run.begun, run.saved):  # before its id is: a run that is not there counts as deleted
                if written is not None:
                    written.result()
        except StorageError:
            self._registry.withdraw([run])
            raise
        return run.id

    def _order(self, order: Callable[[Run], None], statuses: Sequence[Status]) -> None:
        """Give one order to the runs that are on their way, where their status allows it."""
        asked: list[Future[None]] = []
        for trial in self._going.values():
            for run in self.runs_of(trial):
                if run is not None and run.status in statuses:
                    asked.append(run.ask(lambda run=run: order(run)))  # type: ignore[misc]
        for answer in asked:
            with suppress(ConflictError):
                answer.result()

    # what is kept

    def _enter(self, status: Standing) -> None:
        self.status = status
        self.revision += 1
        self._save()

    def _save(self) -> "Future[None]":
        record = SearchRecord(self.id, self.created, self.plan.as_dict(), self.status, self.error, self.revision)
        self.saved = self._store.save_search(record)
        return self.saved

    def _save_trial(self, trial: Trial) -> None:
        self.news.add(trial.number)
        kept = {**vars(trial), "runs": self.runs.get(trial.number, [None] * self.plan.repeats)}
        if trial.number in self.refusals:
            kept["refusal"] = self.refusals[trial.number]
        self.saved = self._store.save_trial(self.id, trial.number, kept)


def row_at(run: Run, step: int) -> Row | None:
    """Give the last row of a run that is not after a step."""
    found = None
    for row in run.log:
        if row[0] > step:
            break
        found = row
    return found
