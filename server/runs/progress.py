"""How far a run is: its step, its rows, its speed and the best it has reached."""

import time
from collections import deque
from typing import Any

from engine.training.events import Event, Metrics
from server.messages import COLUMNS, row
from server.storage.metrics_log import MetricsLog


class Progress:
    """Keeps account of one run's events."""

    def __init__(self, log: MetricsLog, step: int, seconds: float, best: float | None) -> None:
        self.log, self.step, self.seconds, self.best = log, step, seconds, best
        self._recent: deque[tuple[float, int]] = deque(maxlen=20)

    def take(self, event: Event, ago: float = 0.0) -> None:
        """Note what happened, so many seconds `ago`. Who goes on from a checkpoint repeats steps whose rows are there."""
        self.step = event.step
        if not isinstance(event, Metrics):
            return
        self._recent.append((time.perf_counter() - ago, event.step))
        if self.log.last is not None and event.step <= self.log.last[0]:
            return
        self.log.append(row(event, self.seconds))
        accuracy = event.accuracy if event.test_accuracy is None else event.test_accuracy
        if accuracy is not None and event.tested is None:  # a part of the test data says less than all of them
            self.best = max(accuracy, self.best or 0.0)

    def cut(self) -> None:
        """Drop the rows of later steps, because the run goes on differently from here."""
        self.log.cut_after(self.step)

    def begin_anew(self, event: Event) -> None:
        """Let this be the first that happened: the network is another one, and untouched."""
        self.log.cut_after(-1)
        self.take(event)

    def forget_speed(self) -> None:
        """Begin to measure the speed anew, because the run was interrupted or changed."""
        self._recent = deque(maxlen=20)  # another one, for whoever reads the old one in another thread

    def steps_per_second(self) -> float | None:
        """Give the speed over the last rows; None where there are too few."""
        recent = self._recent
        if len(recent) < 2:
            return None
        (t0, step0), (t1, step1) = recent[0], recent[-1]
        return (step1 - step0) / (t1 - t0) if t1 > t0 else None

    @property
    def metrics(self) -> dict[str, Any]:
        """Give the newest row by the names of its columns; empty where there is none."""
        last = self.log.last
        return dict(zip(COLUMNS, last, strict=True)) if last else {}
