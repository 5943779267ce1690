"""Paces, with a clock that the test turns."""

import pytest

from server.runs import rate_limiter
from server.runs.rate_limiter import RateLimiter


class Clock:
    now = 100.0

    def perf_counter(self) -> float:
        return self.now


def test_arrivals_come_at_once_at_first_and_then_in_their_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr(rate_limiter, "time", clock)
    arrivals = RateLimiter(3.0)
    waits = [arrivals.until_next(10) for _ in range(50)]
    assert all(wait <= 1e-9 for wait in waits[:30]), "three seconds' worth waits for nobody"
    assert waits[30:] == pytest.approx([0.1 * k for k in range(1, 21)]), "the others follow ten a second"
    clock.now += 60
    assert arrivals.until_next(10) == pytest.approx(-2.9), "a minute without arrivals does not add up to more"
