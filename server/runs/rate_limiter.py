"""How often something may happen: the steps of a run whose speed was chosen, the arrivals of pages."""

import time


class RateLimiter:
    """Says when the next one is due. What was missed is made up for within `slack` seconds, and no more."""

    def __init__(self, slack: float = 0.1) -> None:
        self._slack, self._due = slack, 0.0

    def reset(self) -> None:
        """Begin anew: the next one is due now."""
        self._due = 0.0

    def until_next(self, speed: float) -> float:
        """Count the seconds until the next one at this speed, so many a second."""
        now = time.perf_counter()
        self._due = max(self._due, now - self._slack) + 1 / speed
        return self._due - now
