"""How a run's thread tells the event loop that there is news."""

import time
from collections.abc import Callable

RING_EVERY = 0.04
"""Seconds between two calls to the event loop for rows alone; each call costs as much as a small step."""


class Bell:
    """Wakes whoever listens, once for all that happened since they last looked."""

    def __init__(self, call_in_loop: Callable[[Callable[[], None]], None]) -> None:
        self.listeners: set[Callable[[], None]] = set()
        self._call_in_loop = call_in_loop
        self._rung, self._rung_at = False, 0.0

    def ring(self) -> None:
        """Say, from any thread, that there is news."""
        if not self._rung and self.listeners:
            self._rung, self._rung_at = True, time.perf_counter()
            self._call_in_loop(self._hear)

    def ring_for_a_row(self) -> None:
        """Say that there is one more row, unless the last ring was just now; the next one will do for it."""
        if time.perf_counter() - self._rung_at > RING_EVERY:
            self.ring()

    def _hear(self) -> None:
        """Run in the event loop."""
        self._rung = False
        for listener in list(self.listeners):
            listener()
