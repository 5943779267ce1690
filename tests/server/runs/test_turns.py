"""Turns of runs in threads: fair, never held by who does no step, and none where several at once are faster.

Who has it hurries through it, and leaves behind what the bare loop does.
"""

import threading
import time
from collections.abc import Callable, Iterator
from itertools import groupby, pairwise

import pytest

import engine as nn
from engine.training import checkpoint
from engine.training.events import Metrics
from server.messages import row
from server.runs.actor import Actor
from server.runs.registry import Launch, Registry
from server.runs.run import Run
from server.runs.status import ACTIVE, WAITING, Status
from server.runs.threads.turns import FEW, SLICE, Turns
from server.runs.trainer import Trainer

SPIRAL = {"task": "spiral", "network": [{"layer": "Dense", "units": 3}], "steps": 60}


class Clock:
    """Time that only passes while somebody steps."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(autouse=True)
def endless_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody step without a turn, which would hide a turn that is never given back."""
    monkeypatch.setattr("server.runs.threads.turns.PATIENCE", 1_000.0)
    monkeypatch.setattr("server.runs.threads.turns.has_gil", lambda: True)


class Walker(Actor):
    """Steps so often, each step a little more than a quarter of a turn, and writes down who stepped."""

    def __init__(self, name: str, turns: Turns, clock: Clock, log: list[str], steps: int, ready: threading.Barrier) -> None:
        super().__init__(name)
        self.name, self.turns, self.clock, self.log, self.left = name, turns, clock, log, steps
        self.ready, self.came = ready, False
        self.step: Callable[[], None] = lambda: None
        self.error: Exception | None = None

    def busy(self) -> bool:
        return self.left > 0

    def turn(self) -> None:
        if not self.came:
            self.came = True
            self.turns._join(self, 0.0)
            self.ready.wait(30)
        try:
            while self.left and not self.is_asked:
                self.turns.take(self)
                if self.is_asked:
                    break
                self.step()
                self.log.append(self.name)
                self.left -= 1
                self.clock.now += SLICE / 4 * 1.001
        finally:
            self.turns.leave(self)

    def broken(self, error: Exception) -> None:
        self.left, self.error = 0, error


def walkers(names: str, steps: int) -> tuple[list[Walker], list[str]]:
    clock, log, ready = Clock(), list[str](), threading.Barrier(len(names))
    turns = Turns(clock, cores=1)
    return [Walker(name, turns, clock, log, steps, ready) for name in names], log


def test_each_has_its_turn_of_equal_length_in_the_same_order() -> None:
    walking, log = walkers("abcd", 100)
    line = walking[0].turns._line

    def let_all_come() -> None:
        while not log and len(line) < 3:
            time.sleep(0)

    for walker in walking:
        walker.step = let_all_come
        walker.ask(lambda: None)
    for walker in walking:
        walker.join(30)
    turns = [(name, len(list(steps))) for name, steps in groupby(log)]
    order = [name for name, _ in turns[:4]]
    assert sorted(order) == list("abcd")
    assert turns == [(name, 4) for name in order] * 25


def test_who_waits_for_a_turn_answers_at_once_and_keeps_the_place_in_line() -> None:
    (a, b, c), log = walkers("abc", 8)
    stepping, go_on = threading.Event(), threading.Event()

    def block() -> None:
        stepping.set()
        assert go_on.wait(30)

    a.step = b.step = c.step = block
    for walker in (a, b, c):
        walker.ask(lambda: None)
    assert stepping.wait(30)
    line = a.turns._line
    while len(line) < 2:
        time.sleep(0)
    first, second = list(line)
    assert first.ask(lambda: 42).result(30) == 42
    while len(line) < 2:
        time.sleep(0)
    assert list(line) == [first, second]
    go_on.set()
    for walker in (a, b, c):
        walker.join(30)
    assert len(log) == 24


def test_a_turn_is_given_back_when_a_step_goes_wrong() -> None:
    (a, b), log = walkers("ab", 8)

    def fail() -> None:
        raise ValueError("no")

    a.step = fail
    a.ask(lambda: None)
    b.ask(lambda: None)
    for walker in (a, b):
        walker.join(30)
    assert log == ["b"] * 8
    assert not a.turns._owners


class Fake(Actor):
    """A run in a world of one thread: whenever it waits for its turn, the others have ended theirs."""

    def __init__(self, turns: Turns, others: "list[Fake]") -> None:
        super().__init__("fake")
        self.turns, self.others = turns, others
        others.append(self)

    def wait_until(self, happened: Callable[[], bool], seconds: float) -> None:
        for other in self.others:
            if other is not self and not happened():
                self.turns.rest(other)
        assert happened()


def played(slower: float, seconds: float) -> Iterator[tuple[float, int]]:
    """Play two runs whose steps take so many times longer while both step; give each moment, and how many had their turn."""
    clock = Clock()
    turns = Turns(clock, cores=2)
    runs: list[Fake] = []
    one, other = Fake(turns, runs), Fake(turns, runs)
    while clock.now < 20:
        for run in (one, other):
            turns.take(run)
            took = seconds * (slower if turns.places == 2 else 1)
            clock.now += took / turns.places
            turns.count(run, took, False)
        yield clock.now, turns.places


@pytest.mark.parametrize("seconds", [0.0002, 0.03], ids=["short steps", "long steps"])
def test_runs_that_hinder_each_other_take_turns_and_others_do_not(seconds: float) -> None:
    hindered = list(played(2.2, seconds))
    wasted = sum(after - before for (before, _), (after, places) in pairwise(hindered) if places == 2)
    assert 0 < wasted < 0.05 * hindered[-1][0]
    helped = list(played(1.05, seconds))
    gained = sum(after - before for (before, _), (after, places) in pairwise(helped) if places == 2)
    assert gained > 0.8 * helped[-1][0]


@pytest.mark.parametrize("ended", [Turns.take, Turns.leave], ids=["goes on", "leaves"])
def test_a_step_that_began_among_others_tells_nothing_of_what_one_costs_alone(ended: Callable[[Turns, Actor], None]) -> None:
    clock, runs = Clock(), list[Fake]()
    turns = Turns(clock, cores=2)
    late, going = Fake(turns, runs), Fake(turns, runs)
    while not turns._settling:
        late, going = going, late
        turns.take(going)
        clock.now += 0.001
        turns.count(going, 0.002 if turns.places == 2 else 0.001, False)
    assert turns.places == 1
    costs = {run: turns._shares[run].costs[False] for run in runs}
    before = {run: cost.steps for run, cost in costs.items()}
    turns.count(going, 100.0, False)  # the other one is still at the step that it began when both had their turn
    turns.count(late, 100.0, False)
    assert {run: cost.steps for run, cost in costs.items()} == before
    assert all(cost.seconds == pytest.approx(0.001) for cost in costs.values())
    ended(turns, late)
    turns.take(going)
    turns.count(going, 0.001, False)
    assert costs[going].steps == before[going] + 1, "all have ended that step: from now on it counts"


@pytest.mark.parametrize("alike", [False, True], ids=["unlike", "alike"])
def test_a_trial_of_unlike_runs_begins_after_plain_steps_and_a_first_step_counts_only_until_the_next(alike: bool) -> None:
    clock, runs, measured = Clock(), list[Fake](), 20
    turns = Turns(clock, cores=2)
    one, other = Fake(turns, runs), Fake(turns, runs)
    for step in range(100):
        for run in (one, other):
            turns.take(run)
            if turns.places == 2:
                break
            is_measured = step < measured and (alike or run is one)
            took = (0.06 if step == 0 else 0.03) if is_measured else 0.004 if run is one else 0.0002
            clock.now += took
            turns.count(run, took, is_measured)
        if turns.places == 2:
            break
    assert turns.places == 2
    assert turns._shares[one].costs[True].seconds == pytest.approx(0.03)
    if alike:
        assert step < measured, "a step of each is soon done"
    else:
        assert turns._shares[one].costs[False].steps >= FEW


def test_a_free_threaded_python_needs_no_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.runs.threads.turns.has_gil", lambda: False)
    turns = Turns(Clock())
    others: list[Fake] = []
    for run in (Fake(turns, others), Fake(turns, others)):
        turns.take(run)
    assert not turns._owners


def theta_of(run: nn.Training) -> bytes:
    return run.network.theta.tobytes()


def test_runs_of_a_registry_in_turns_learn_what_they_learn_alone_and_a_failure_holds_nobody_up(
    open_runs: Callable[[], Registry], monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = open_runs()
    runs = [registry.create(nn.configure({**SPIRAL, "seed": seed}), Launch(start=False)) for seed in range(4)]
    ill, step = runs[1].trainer, Trainer.next

    def fail(trainer: Trainer) -> nn.training.events.Event:
        if trainer is ill and trainer.wake().step == 20:
            raise ValueError("something nobody expected")
        return step(trainer)

    monkeypatch.setattr(Trainer, "next", fail)
    for run in runs:
        run.ask(run.resume)
    while any(run.status in (*ACTIVE, "paused") for run in runs):  # a machine with few cores lets some wait in line
        time.sleep(0.01)
    for run in runs:
        run.join(60)
    assert [run.status for run in runs] == ["finished", "failed", "finished", "finished"]
    turns = runs[0]._scheduler.turns
    assert not (turns._owners or turns._training or turns._line)
    for run in (runs[0], runs[2], runs[3]):
        alone = nn.Training(run.configuration)
        list(alone.events())
        assert run.ask(lambda run=run: theta_of(run.trained())).result(60) == theta_of(alone)


CHOSEN = {"task": "spiral", "data": {"points": 100}, "steps": 600}


def until_idle(run: Run) -> Run:
    while run.is_working:
        run.join(10)
    return run


def test_snapshots_that_are_packed_later_and_rows_are_those_of_the_bare_loop(open_runs: Callable[[], Registry]) -> None:
    run = open_runs().create(nn.configure(CHOSEN), Launch())
    training, bare, rows = nn.Training(nn.configure(CHOSEN)), {}, []
    for event in training.events():
        bare[event.step] = checkpoint.pack(training)
        if isinstance(event, Metrics):
            rows.append(row(event, 0.0)[:-1])
    assert until_idle(run).status is Status.FINISHED
    steps = run.checkpoints.steps()
    assert {*range(0, 601, 10)} <= {*steps}
    assert all(run.checkpoints.read(step) == bare[step] for step in steps)
    assert [one[:-1] for one in run.log.rows(0, 1000)[0]] == rows
    seconds = [one[-1] for one in run.log.rows(0, 1000)[0]]
    assert all(before < after for before, after in pairwise(seconds))
    assert run.seconds == seconds[-1]


def test_it_pauses_after_exactly_the_step_that_was_asked_for(open_runs: Callable[[], Registry]) -> None:
    registry = open_runs()
    run = registry.create(nn.configure(CHOSEN), Launch(until=137))
    assert (until_idle(run).status, run.step) == (Status.PAUSED, 137)
    run.ask(run.advance_once).result(30)
    assert (run.status in WAITING, until_idle(run).step) == (True, 138)
    run.ask(lambda: run.train_until(139)).result(30)
    assert until_idle(run).step == 139
    assert run.trained().step == 139
