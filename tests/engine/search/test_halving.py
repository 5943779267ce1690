"""Successive halving against the paper's loop, and a search that is broken off anywhere and goes on."""

import math
from copy import deepcopy

import numpy as np
import pytest

from engine.search.halving import Rung, promoted, rungs, total_steps
from engine.search.sampling import random_search
from engine.search.search import Listing, Search, Trial
from engine.search.space import Range, Space

SPACE = Space((Range("a", 0, 1), Range("b", 0, 1)))


def curve(values: tuple, step: int, repeat: int = 0) -> float:
    """A loss that falls towards what the combination is worth, some faster than others; a corner of the space diverges."""
    a, b = values
    if a > 0.9:
        return math.inf
    return abs(a - 0.3) + b * math.exp(-step / (20 + 60 * b)) + 0.01 * math.sin(17 * a + repeat)


def halved_by_the_book(points: list[tuple], plan: list[Rung]) -> list[list[int]]:
    """Jamieson & Talwalkar (2016), figure 3:  S₀ = all;  Sₖ₊₁ = the best of Sₖ after rₖ pulls of each."""
    alive, history = list(range(len(points))), []
    for rung, following in zip(plan, [*plan[1:], None], strict=True):
        history.append(sorted(alive))
        if following:
            losses = {i: curve(points[i], rung.steps) for i in alive}
            finite = [i for i in alive if math.isfinite(losses[i])]
            alive = sorted(finite, key=losses.__getitem__)[: following.trials]
    return history


def play(search: Search, at_once: int, order: np.random.Generator, until: float = math.inf, repeats: int = 1) -> int:
    """Train what the search asks for, so many at once, which end in any order; stop after so many ends."""
    training: list[Trial] = [trial for trial in search.trials if trial.rung not in trial.scores and not trial.over]
    ended = 0
    while ended < until:
        while len(training) < at_once and (trial := search.ask()):
            training.append(trial)
        if not training:
            return ended
        trial = training.pop(order.integers(len(training)))
        scores = [curve(trial.values, search.steps(trial), repeat) for repeat in range(repeats)]
        search.tell(trial, scores, over=not all(map(math.isfinite, scores)))
        ended += 1
    return ended


def halving(trials: int = 27, steps: int = 270) -> Search:
    search = Search()
    search.add(Listing(random_search(SPACE, 1)), rungs(trials, steps))
    return search


def test_the_rungs_of_the_paper() -> None:
    assert rungs(25, 900) == [Rung(25, 100), Rung(8, 300), Rung(2, 900)]
    assert rungs(8, 80, keep=2) == [Rung(8, 10), Rung(4, 20), Rung(2, 40), Rung(1, 80)]
    assert len({rung.trials * rung.steps for rung in rungs(8, 80, keep=2)}) == 1, "every rung has the same budget"
    assert rungs(2, 100) == [Rung(2, 100)]
    assert rungs(27, 900, fewest=150) == [Rung(27, 300), Rung(9, 900)]
    assert total_steps(rungs(25, 900)) == 25 * 100 + 8 * 200 + 2 * 600
    assert promoted([3, math.nan, 1, 1, math.inf], 4) == [2, 3, 0], "what diverged goes nowhere"


def test_a_search_halves_as_the_paper_does() -> None:
    search, plan = halving(), rungs(27, 270)
    play(search, 4, np.random.default_rng(0))
    points = [trial.values for trial in search.trials]
    history = halved_by_the_book(points, plan)
    assert [sorted(t.number for t in search.trials if rung in t.scores) for rung in range(4)] == history
    assert [len(numbers) for numbers in history] == [27, 9, 3, 1]
    assert search.best is search.trials[history[-1][0]]
    assert search.is_done
    assert any(trial.over for trial in search.trials)
    assert all(trial.score == math.inf for trial in search.trials if trial.over)
    let_go = [trial for trial in search.trials if search.brackets[0].has_let_go(trial)]
    assert len(let_go) == 26 - sum(trial.over for trial in search.trials)


@pytest.mark.parametrize("at_once", [1, 3, 40])
def test_broken_off_anywhere_it_goes_on_the_same(at_once: int) -> None:
    whole = halving()
    number = play(whole, at_once, np.random.default_rng(5))
    for stop in range(0, number, 3):
        search = halving()
        play(search, at_once, np.random.default_rng(stop), until=stop)
        again = halving()
        going = again.restore(deepcopy(search.trials))
        assert all(trial.rung not in trial.scores for trial in going)
        play(again, at_once, np.random.default_rng(1))
        assert [vars(trial) for trial in again.trials] == [vars(trial) for trial in whole.trials], stop


def test_brackets_follow_one_another_and_a_finite_space_ends() -> None:
    search = Search()
    search.add(Listing([(0.1, 0.1), (0.3, 0.2)]), [Rung(5, 100)])
    search.add(Listing([(0.3, 0.1)]), [Rung(1, 100)])
    assert (search.planned, search.is_done) == (6, False)
    play(search, 8, np.random.default_rng(0), repeats=3)
    assert (search.planned, search.is_done, len(search.trials)) == (3, True, 3)
    assert search.best is search.trials[2]
    scores = [curve((0.3, 0.1), 100, repeat) for repeat in range(3)]
    assert (search.best.score, search.best.spread) == (pytest.approx(np.mean(scores)), pytest.approx(np.std(scores)))
    assert [trial.number for trial in search.comparable()[0]] == [0, 1, 2]


def test_who_was_ended_by_hand_does_not_hold_up_the_others() -> None:
    search = halving(9, 90)
    first = [search.ask() for _ in range(9)]
    assert search.ask() is None
    for trial in first[1:]:
        search.tell(trial, [curve(trial.values, 10)])
    assert search.ask() is None, "one is still on its way"
    search.tell(first[0], [], over=True)
    assert search.ask() in first[1:]
    assert search.best is not first[0]
