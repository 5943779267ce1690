"""The bounds on looking, with a clock that the test turns."""

import pytest

from engine.pictures import Picture
from server.runs import picture_sampler
from server.runs.picture_sampler import PictureSampler
from server.settings import Settings


class Clock:
    now = 100.0

    def perf_counter(self) -> float:
        return self.now


@pytest.mark.parametrize("cost", [0.0001, 0.002, 0.03, 0.4])
def test_looking_takes_a_fifth_of_the_time_and_happens_25_times_a_second_at_most(
    cost: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, seen = Clock(), []

    class Seen(Picture):
        view = "nothing"

    def look(name: str) -> Picture:
        clock.now += cost
        seen.append(name)
        return Seen(name=name)

    monkeypatch.setattr(picture_sampler, "time", clock)
    watched = PictureSampler("run", look, Settings())
    assert not watched.due(clock.now), "nobody watches"
    watched.watch(["first", "second"])
    start, step = clock.now, 0
    while clock.now < start + 60:
        clock.now += 0.001
        step += 1
        if watched.due(clock.now):
            watched.once(clock.now, step)
    assert len(seen) * cost <= 0.2 * 60 * 1.02
    assert len(seen) <= 25 * 60 + 1
    assert len(seen) > 0.9 * min(25 * 60 * 0.95, 0.2 * 60 / cost)
    assert abs(seen.count("first") - seen.count("second")) <= 1
    assert seen[0] == "first"
    assert all(frame.step > 0 for frame in watched.frames.values())


def test_a_paused_run_looks_once_at_each_step(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    watched = PictureSampler("run", lambda name: made.append(name), Settings())
    watched.watch(["a", "b"])
    watched.frames = {"a": picture_sampler.Frame(1, 7, b""), "b": picture_sampler.Frame(2, 6, b"")}
    watched.all(7)
    assert made == ["b"]
