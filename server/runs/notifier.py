"""How a run's thread tells the event loop that there is news."""

from collections.abc import Callable


class Notifier:
    """Wakes whoever listens, once for all that happened since they last looked."""

    def __init__(self, call_in_loop: Callable[[Callable[[], None]], None], mark: Callable[[], None]) -> None:
        """Call listeners in the event loop, and `mark` at once, in whichever thread there is news."""
        self.listeners: set[Callable[[], None]] = set()
        self.mark = mark
        self._call_in_loop = call_in_loop
        self._pending = False

    def notify(self) -> None:
        """Say, from any thread, that there is news."""
        self.mark()
        if not self._pending and self.listeners:
            self._pending = True
            self._call_in_loop(self._hear)

    def _hear(self) -> None:
        """Run in the event loop."""
        self._pending = False
        for listener in list(self.listeners):
            listener()
