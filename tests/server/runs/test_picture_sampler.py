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
def test_looking_takes_its_share_of_the_time_and_happens_25_times_a_second_at_most(
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
    share = Settings().picture_share
    assert share < 0.1
    assert len(seen) * cost <= share * 60 * 1.02 + 2 * cost
    assert len(seen) <= 25 * 60 + 1
    assert len(seen) > 0.9 * min(25 * 60 * 0.95, share * 60 / cost)
    assert abs(seen.count("first") - seen.count("second")) <= 1
    assert seen[0] == "first"
    assert all(frame.step > 0 for frame in watched.frames.values())


def test_a_picture_that_costs_more_is_made_less_often_by_the_root_of_its_cost(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, seen = Clock(), []
    costs = {"cheap": 0.001, "dear": 0.025, "maps": 0.004}

    def look(name: str) -> None:
        clock.now += costs[name.partition("/")[0]]
        seen.append(name)

    monkeypatch.setattr(picture_sampler, "time", clock)
    watched = PictureSampler("run", look, Settings(pictures_per_second=1000))
    watched.watch(["cheap", "dear", "maps/1"])
    start, share = clock.now, Settings().picture_share
    while clock.now < start + 100:
        clock.now += 0.001
        if watched.due(clock.now):
            watched.once(clock.now, 1)
    root = {name: cost**0.5 for name, cost in costs.items()}
    for name, found in (("cheap", "cheap"), ("dear", "dear"), ("maps", "maps/1")):
        assert seen.count(found) == pytest.approx(100 * share / (root[name] * sum(root.values())), rel=0.1)
    assert sum(costs[name.partition("/")[0]] for name in seen) == pytest.approx(share * 100, rel=0.1)


def test_two_that_are_due_are_made_at_one_step_the_main_one_always_among_them(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, seen = Clock(), list[tuple[int, str]]()
    step = 0

    def look(name: str) -> None:
        clock.now += 0.0002
        seen.append((step, name))

    monkeypatch.setattr(picture_sampler, "time", clock)
    watched = PictureSampler("run", look, Settings())
    watched.watch(["main", "one", "another", "a third"])
    start = clock.now
    while clock.now < start + 10:
        clock.now += 0.001
        step += 1
        if watched.due(clock.now):
            watched.once(clock.now, step)
    assert len(seen) == pytest.approx(250, abs=8)
    at = [{name for made, name in seen if made == one} for one in sorted({made for made, _ in seen})]
    assert all(len(names) == 2 and "main" in names for names in at), at
    others = [sum(name == one for _, name in seen) for one in ("one", "another", "a third")]
    assert max(others) - min(others) <= 1


def test_one_that_is_due_soon_is_made_with_another_and_neither_more_often_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, seen = Clock(), list[tuple[int, str]]()
    costs, step = {"main": 0.003, "maps": 0.005}, 0

    def look(name: str) -> None:
        clock.now += costs[name]
        seen.append((step, name))

    monkeypatch.setattr(picture_sampler, "time", clock)
    watched = PictureSampler("run", look, Settings())
    watched.watch(list(costs))
    start, share = clock.now, Settings().picture_share
    while clock.now < start + 100:
        clock.now += 0.001
        step += 1
        if watched.due(clock.now):
            watched.once(clock.now, step)
    root = {name: cost**0.5 for name, cost in costs.items()}
    for name in costs:
        made = sum(one == name for _, one in seen)
        assert made == pytest.approx(100 * share / (root[name] * sum(root.values())), rel=0.1)
    moments = len({made for made, _ in seen})
    assert moments < 0.6 * len(seen), "nearly all are of the same steps"


def test_who_leafs_through_examples_or_looks_away_and_back_gets_no_more_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, seen = Clock(), []

    class Seen(Picture):
        view = "nothing"

    def look(name: str) -> Picture:
        clock.now += 0.01
        seen.append(name)
        return Seen(name=name)

    monkeypatch.setattr(picture_sampler, "time", clock)
    watched = PictureSampler("run", look, Settings())
    for example in range(6000):
        watched.watch([] if example % 3 else [f"maps/{example}"])
        clock.now += 0.01
        if watched.due(clock.now):
            watched.once(clock.now, 1)
    assert len(seen) * 0.01 <= Settings().picture_share * 60 * 1.05 + 0.01
    watched.watch(["maps/1", "maps/2"])
    seen.clear()
    for _ in range(1000):
        clock.now += 0.01
        if watched.due(clock.now):
            watched.once(clock.now, 1)
    assert abs(seen.count("maps/1") - seen.count("maps/2")) <= 1


def test_a_paused_run_looks_once_at_each_step(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    watched = PictureSampler("run", lambda name: made.append(name), Settings())
    watched.watch(["a", "b"])
    watched.frames = {"a": picture_sampler.Frame(1, 7, b""), "b": picture_sampler.Frame(2, 6, b"")}
    watched.all(7)
    assert made == ["b"]
