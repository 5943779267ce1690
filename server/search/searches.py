"""All searches: they are kept, and one thread lets those that go on advance."""

import threading
import time
from collections.abc import Mapping, Sequence
from logging import ERROR
from secrets import token_hex
from typing import Any

from engine import Configuration, ConfigurationError, configure
from server.logs import event
from server.runs.groups import with_values
from server.runs.limits import check_size
from server.runs.registry import Registry, TooManyError
from server.search.live import LiveSearch, Standing
from server.search.plan import Plan, new_plan
from server.search.telling import ToldSearch
from server.settings import Settings
from server.storage.database import Database, SearchRecord

EVERY = 0.03
"""Seconds between two looks at what came out; runs that wait in line train meanwhile."""


class Searches:
    """The searches by id, oldest first; none goes on after a restart before somebody resumes it."""

    def __init__(self, registry: Registry, store: Database, settings: Settings) -> None:
        self._registry, self._store, self._settings = registry, store, settings
        self._condition = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closing = False
        self._all: dict[str, ToldSearch] = {}
        records = store.searches()
        own: dict[str, dict[int, str]] = {record.id: {} for record in records}
        for run, group, place in store.grouped() if records else ():
            if group in own:
                own[group][place] = run
        for record in records:
            if not own[record.id] and any(id for trial in record.trials for id in trial["runs"]):  # they were deleted
                store.forget_search(record.id)
                continue
            try:
                self._all[record.id] = ToldSearch(record, registry, store, settings, own[record.id])
            except Exception as error:  # its runs are there all the same, as a sweep
                event(ERROR, "search", id=record.id, error=f"it cannot be read: {type(error).__name__}: {error}")

    def get(self, id: str) -> ToldSearch | None:
        """Find a search; None where the sweep is none, or all its runs were deleted."""
        return self._all.get(id)

    def all(self) -> Sequence[ToldSearch]:
        """Give all searches, oldest first."""
        return list(self._all.values())

    def create(
        self, base: Configuration, axes: Sequence[Mapping[str, Any]], said: Mapping[str, Any], start: bool, speed: float | None
    ) -> ToldSearch:
        """Begin a search. Raises ConfigurationError, which names the field, TooManyError, StorageError."""
        plan = new_plan(base, axes, said, self._registry.at_once, speed)
        wanted = plan.brackets[0].trials * plan.repeats
        if wanted > self._settings.max_search:
            words = (
                f"a search has {self._settings.max_search:,} runs at the most on this server, this one would have {wanted:,}"
            )
            raise ConfigurationError("search.runs", words)
        kept = len(self._registry)
        if kept + wanted > self._settings.max_runs:
            raise TooManyError(
                f"{kept:,} runs are kept already, and this search makes {wanted:,} more; the server keeps "
                f"{self._settings.max_runs:,}: delete some first, or try fewer combinations"
            )
        self._check(plan)
        record = SearchRecord(token_hex(6), time.time(), plan.as_dict(), Standing.PAUSED)
        search = ToldSearch(record, self._registry, self._store, self._settings, {})
        search.begin()
        self._all[search.id] = search
        if start:
            self.order(search, search.resume)
        return search

    def _check(self, plan: Plan) -> None:
        """Refuse values that no run can have: each end of a range, and each value of a list, in the first combination."""
        first = [axis.grid()[0] for axis in plan.axes]
        for k, axis in enumerate(plan.axes):
            for value in axis.grid():
                values = [*first[:k], value, *first[k + 1 :]]
                configuration = configure(with_values(plan.base, plan.paths, values), self._registry.folders)
                check_size(configuration, self._settings, self._registry.folders)

    def order(self, search: LiveSearch, order: Any, *said: Any) -> None:
        """Give a search an order, and let it advance at once. Raises what the order raises."""
        order(*said)
        search.advance()
        with self._condition:
            self._condition.notify()
            if self._thread is None and not self._closing:
                self._thread = threading.Thread(target=self._work, name="searches", daemon=True)
                self._thread.start()

    def forget(self, search: LiveSearch) -> None:
        """Hear that all runs of a search are deleted: it makes no more; where they come back it is there again, ended."""
        with search.lock:
            if search.status not in (Standing.FINISHED, Standing.STOPPED):
                search.stop()
        if not search.has_runs:
            del self._all[search.id]
            search.leave()
            self._store.forget_search(search.id)

    def close(self, seconds: float) -> None:
        """Let no search begin anything any more, because the server ends; wait for that so long at the most."""
        with self._condition:
            self._closing = True
            self._condition.notify()
            thread = self._thread
        if thread is not None:
            thread.join(seconds)  # it may wait for a run that waits for a worker that hangs

    def _work(self) -> None:
        while True:
            with self._condition:
                going = [search for search in self.all() if search.status is Standing.RUNNING]
                if self._closing or not going:
                    self._thread = None
                    return
                self._condition.wait(EVERY)
            for search in going:
                if self._closing:
                    break
                search.advance()
