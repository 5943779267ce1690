"""How far a run is: its step, its rows, its speed and the best it has reached."""

import time
from collections import deque
from typing import Any

from engine.training.events import Event, Metrics
from server.messages import COLUMNS, Row
from server.storage.metrics_log import Log


class Progress:
    """Keeps account of one run's events."""

    def __init__(self, log: Log, step: int, seconds: float, best: float | None) -> None:
        self.log, self.step, self.seconds, self.best = log, step, seconds, best
        self._recent: deque[tuple[float, int]] = deque(maxlen=20)

    def take(self, event: Event) -> None:
        """Note what happened. A run that goes on from a checkpoint repeats steps whose rows are there already."""
        self.step = event.step
        if not isinstance(event, Metrics):
            return
        self._recent.append((time.perf_counter(), event.step))
        if self.log.last is not None and event.step <= self.log.last[0]:
            return
        row: Row = (event.step, event.loss, event.test_loss, event.accuracy, event.test_accuracy, self.seconds)
        self.log.append(row)
        accuracy = event.accuracy if event.test_accuracy is None else event.test_accuracy
        if accuracy is not None:
            self.best = max(accuracy, self.best or 0.0)

    def forget_speed(self) -> None:
        """Begin to measure the speed anew, because the run was interrupted or changed."""
        self._recent.clear()

    def steps_per_second(self) -> float | None:
        """Give the speed over the last rows; None where there are too few."""
        if len(self._recent) < 2:
            return None
        (t0, step0), (t1, step1) = self._recent[0], self._recent[-1]
        return (step1 - step0) / (t1 - t0) if t1 > t0 else None

    def describe(self) -> dict[str, Any]:
        """Give it all as JSON has it."""
        last = self.log.last
        return {
            "step": self.step,
            "rows": self.log.next,
            "best_accuracy": self.best,
            "metrics": dict(zip(COLUMNS, last, strict=True)) if last else None,
        }
