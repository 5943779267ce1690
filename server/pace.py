"""The pace of a run whose speed was chosen."""

import time


class Pace:
    """Says when the next step is due. What was missed is not made up for, beyond a tenth of a second."""

    def __init__(self) -> None:
        self._due = 0.0

    def until_next(self, speed: float) -> float:
        """Count the seconds until the next step at this speed, in steps per second."""
        now = time.perf_counter()
        self._due = max(self._due, now - 0.1) + 1 / speed
        return self._due - now
