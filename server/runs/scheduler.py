"""Who may train: so many runs at once, the others in line."""

import threading
from collections import deque
from collections.abc import Callable

from server.runs.threads.turns import Turns


class Scheduler:
    """So many runs may train at once; the others wait in the order in which they came."""

    def __init__(self, number: int, turns: Turns | None = None) -> None:
        self.number = self._free = number
        self.trouble = ""
        """Why nobody is admitted now, in words."""
        self.turns = turns or Turns()
        """In which those of them step that train in threads."""
        self.making = threading.Semaphore(max(1, number))
        """Held while a network of a sweep is made only to be measured: so many are in memory at once, not all of them."""
        self._lock = threading.Lock()
        self._waiting: deque[tuple[str, Callable[[], None]]] = deque()

    def admit(self, run: str, granted: Callable[[], None]) -> bool:
        """Let a run train now, or put it in line and have `granted` called when it is its turn."""
        with self._lock:
            if self._free > 0:
                self._free -= 1
                return True
            self._waiting.append((run, granted))
            return False

    def release(self) -> None:
        """Hear that a run trains no more: the first in line may."""
        self._admit_more(1)

    def resize(self, number: int) -> None:
        """Let so many train at once from now on; those that do so go on."""
        with self._lock:
            more, self.number = number - self.number, number
        self._admit_more(more)

    def _admit_more(self, places: int) -> None:
        """Let the first in line train, where so many places became free; a negative number, where they are gone."""
        admitted: list[Callable[[], None]] = []
        with self._lock:
            self._free += places
            while self._free > 0 and self._waiting:
                self._free -= 1
                admitted.append(self._waiting.popleft()[1])
        for granted in admitted:
            granted()

    def withdraw(self, run: str) -> None:
        """Take a run out of the line, where it still stands in it."""
        with self._lock:
            self._waiting = deque(waiting for waiting in self._waiting if waiting[0] != run)

    def position(self, run: str) -> int:
        """Count how many are before a run in the line, itself included; 0 where it is not in it."""
        with self._lock:
            return next((i for i, (waiting, _) in enumerate(self._waiting, start=1) if waiting == run), 0)
