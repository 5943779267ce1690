"""All runs: who may train now, who waits, who is forgotten."""

import secrets
import threading
from collections import deque
from collections.abc import Callable, Iterable

from engine import Configuration
from server.run import ENDED, Run
from server.settings import Settings
from server.store import Store


class TooManyError(Exception):
    """A limit on the number of something is reached; the message says which."""


class Slots:
    """So many runs may train at once; the others wait in the order in which they came."""

    def __init__(self, number: int) -> None:
        self._free = number
        self._lock = threading.Lock()
        self._waiting: deque[tuple[str, Callable[[], None]]] = deque()

    def take(self, run: str, granted: Callable[[], None]) -> bool:
        """Take a slot now, or get in line and have `granted` called later."""
        with self._lock:
            if self._free:
                self._free -= 1
                return True
            self._waiting.append((run, granted))
            return False

    def give_back(self) -> None:
        """Free a slot: the first in line takes it."""
        with self._lock:
            if not self._waiting:
                self._free += 1
                return
            _, granted = self._waiting.popleft()
        granted()

    def leave(self, run: str) -> bool:
        """Get out of the line; False where the run was not in it any more, because the slot is already its own."""
        with self._lock:
            before = len(self._waiting)
            self._waiting = deque(waiting for waiting in self._waiting if waiting[0] != run)
            return len(self._waiting) < before

    def position(self, run: str) -> int:
        """Count how many are before a run in the line, itself included; 0 where it is not in it."""
        with self._lock:
            return next((i for i, (waiting, _) in enumerate(self._waiting, start=1) if waiting == run), 0)


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
        """Forget the oldest run that has ended and that nobody watches, where the limit asks for it."""
        if len(self._runs) < self._settings.max_runs:
            return
        untouched = (run for run in self._runs.values() if run.status == "paused" and not run.step)
        ended = (run for run in self._runs.values() if run.status in ENDED)
        for run in (*ended, *untouched):
            if not run.listeners:
                self._forget(run)
                return
        raise TooManyError(f"{self._settings.max_runs} runs are kept already, none of them ended; delete some first")

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
