"""Successive halving against the paper's loop, and a search that is broken off anywhere and goes on."""

import math
from copy import deepcopy

import numpy as np
import pytest

from engine.search.halving import Rung, promoted, rungs
from engine.search.sampling import random_search
from engine.search.search import Listing, Search, Trial
from engine.search.space import Range, Space

RECORDED = {
    "spiral, batch size": """
200: 1.076 1.069 1.065 1.061 1.06 0.88 0.861 0.848 0.835 0.831 0.743 0.733 0.723 0.704 0.699 0.671 0.512 0.36 0.175 0.11
    0.235 0.152 0.09 0.033 0.027
600: 0.973 0.959 0.949 0.939 0.935 0.756 0.749 0.745 0.739 0.737 0.643 0.57 0.485 0.315 0.243 0.213 0.099 0.047 0.03
    0.025 0.07 0.121 0.053 0.02 0.014
1800: 0.81 0.792 0.782 0.772 0.769 0.717 0.691 0.652 0.587 0.56 0.201 0.113 0.065 0.044 0.039 0.03 0.043 0.027 0.015
    0.022 0.037 0.113 0.036 0.179 0.035
""",
    "spiral, units": """
200: 1.046 1.087 1.017 0.989 1.042 0.945 0.901 0.846 0.789 0.757 0.682 0.656 0.567 0.366 0.347 0.147 0.077 0.049 0.047
    0.045 0.035 0.044 0.015 0.015 0.041
600: 0.997 0.996 0.929 0.877 0.87 0.758 0.731 0.696 0.657 0.603 0.373 0.161 0.1 0.072 0.066 0.027 0.04 0.022 0.015 0.018
    0.018 0.079 0.013 0.012 0.023
1800: 0.883 0.812 0.773 0.738 0.701 0.566 0.448 0.258 0.154 0.16 0.047 0.035 0.031 0.026 0.021 0.014 0.013 0.016 0.011
    0.042 0.013 0.101 0.013 0.011 0.012
""",
    "mnist, batch size": """
20: 2.295 2.283 2.273 2.261 2.252 2.188 2.13 2.08 1.972 1.894 1.832 1.264 0.917 0.73 0.67 1.971 0.816 0.829 0.46 0.23
    2.321 2.307 2.329 2.3 1.544
60: 2.236 2.205 2.165 2.136 2.098 1.79 1.447 1.17 0.945 0.815 0.712 0.73 0.469 0.294 0.255 0.735 0.36 0.389 0.172 0.152
    2.325 2.308 2.301 2.32 0.643
180: 1.983 1.816 1.634 1.446 1.286 0.686 0.568 0.452 0.355 0.306 0.304 0.229 0.177 0.147 0.12 0.495 0.232 0.198 0.097
    0.109 2.304 2.304 2.309 2.312 0.47
""",
}
"""Test losses of the 25 runs of three grids, learning rate (1e-4 … 0.1) by the other choice, after so many steps, as
`python -m tests.benchmarks.runs.searches --curves` prints them; the smallest at the end is the best of the grid.
"""

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


def total_steps(plan: list[Rung]) -> int:
    """Count the steps of all rungs, where nobody trains a step twice:  Σᵢ nᵢ (rᵢ − rᵢ₋₁)."""
    return sum(rung.trials * (rung.steps - before) for rung, before in zip(plan, [0, *(r.steps for r in plan)], strict=False))


def test_the_rungs_of_the_paper() -> None:
    assert rungs(25, 900) == [Rung(25, 100), Rung(12, 300), Rung(4, 900)]
    assert rungs(16, 160, keep=2) == [Rung(16, 10), Rung(16, 20), Rung(8, 40), Rung(4, 80), Rung(2, 160)]
    assert rungs(2, 100) == [Rung(2, 100)]
    assert rungs(27, 900, fewest=150) == [Rung(27, 300), Rung(13, 900)]
    assert total_steps(rungs(25, 900)) == 25 * 100 + 12 * 200 + 4 * 600 < 0.35 * 25 * 900
    costs = [rung.trials * (rung.steps - before) for rung, before in zip(rungs(54, 2700), (0, 100, 300, 900), strict=True)]
    assert costs == [5400] * 4, "every rung costs the same"
    assert promoted([3, math.nan, 1, 1, math.inf], 4) == [2, 3, 0], "what diverged goes nowhere"


@pytest.mark.parametrize("name", RECORDED)
def test_it_finds_the_best_of_recorded_grids_for_a_third_of_their_steps(name: str) -> None:
    rungs_said = RECORDED[name].replace("\n    ", " ").strip().splitlines()
    curves = {int(step): [float(loss) for loss in losses.split()] for step, losses in (line.split(":") for line in rungs_said)}
    whole = max(curves)
    plan = rungs(25, whole)
    search = Search()
    search.add(Listing([(k,) for k in range(25)]), plan)
    while trial := search.ask():
        search.tell(trial, [curves[search.steps(trial)][trial.values[0]]])
    assert curves[whole][search.best.values[0]] == min(curves[whole])
    assert total_steps(plan) <= 0.35 * 25 * whole


def test_a_search_halves_as_the_paper_does() -> None:
    search, plan = halving(), rungs(27, 270)
    play(search, 4, np.random.default_rng(0))
    points = [trial.values for trial in search.trials]
    history = halved_by_the_book(points, plan)
    assert [sorted(t.number for t in search.trials if rung in t.scores) for rung in range(4)] == history
    assert [len(numbers) for numbers in history] == [27, 13, 4, 1]
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
