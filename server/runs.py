"""All runs: who may train now, who waits, who is forgotten."""

import secrets
import threading
from collections.abc import Callable, Iterable

from engine import Configuration
from server.run import ENDED, Run
from server.settings import Settings
from server.slots import Slots
from server.store import Store


class TooManyError(Exception):
    """A limit on the number of something is reached; the message says which."""


class Runs:
    """The runs by id, oldest first."""

    def __init__(self, settings: Settings, store: Store, wake: Callable[[Callable[[], None]], None]) -> None:
        self._settings, self._store, self._wake = settings, store, wake
        self._runs: dict[str, Run] = {}
        self._slots = Slots(settings.max_training)
        self._lock = threading.Lock()

    def create(self, configuration: Configuration, name: str, note: str, speed: float | None, start: bool) -> Run:
        """Make a run and start it, paused before its first step unless `start`. Raises TooManyError."""
        with self._lock:
            if start and sum(run.status == "queued" for run in self._runs.values()) >= self._settings.max_waiting:
                raise TooManyError(f"{self._settings.max_waiting} runs are waiting already; stop some of them first")
            self._make_room()
            id = secrets.token_hex(6)
            run = Run(id, configuration, self._settings, self._slots, self._store.open_log(id), self._wake)
            run.name, run.note, run.speed = name, note, speed
            self._runs[id] = run
        run.begin(start)
        return run

    def _make_room(self) -> None:
        """Forget runs that nobody watches until the limits hold: first those that never began, then the oldest ended."""
        unwatched = [run for run in self._runs.values() if not run.bell.listeners]
        untouched = [run for run in unwatched if run.status == "paused" and not run.step and not run.is_young]
        ended = [run for run in unwatched if run.status in ENDED]
        spare = [*untouched, *ended]
        limits = self._settings
        while len(self._runs) >= limits.max_runs or sum(run.size for run in self._runs.values()) > limits.max_kept:
            if not spare:
                raise TooManyError(f"{len(self._runs)} runs are kept already, none of them ended; delete some first")
            self._forget(spare.pop(0))

    def _forget(self, run: Run) -> None:
        self._runs.pop(run.id, None)
        self._store.forget(run.id)
        run.abandon()

    def get(self, id: str) -> Run:
        """Find a run. Raises KeyError."""
        return self._runs[id]

    def all(self) -> Iterable[Run]:
        """Give all runs, oldest first."""
        return list(self._runs.values())

    def delete(self, run: Run) -> None:
        """Stop a run and forget it."""
        with self._lock:
            self._forget(run)

    def close(self, seconds: float) -> None:
        """Stop all runs and wait until their threads have ended, so long at the most."""
        runs = list(self._runs.values())
        for run in runs:
            run.abandon()
        for run in runs:
            run.join(seconds / max(1, len(runs)))
