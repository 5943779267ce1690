"""Optuna's samplers through ask and tell: theirs to the last digit, the same by a seed, and a study that leaves no file."""

import math
import warnings
from collections.abc import Sequence
from copy import deepcopy

import numpy as np
import pytest

from engine.search.halving import Rung
from engine.search.search import Search, Trial
from engine.search.space import Listed, Range, Space
from server.search import samplers
from server.search.samplers import OptunaProposal, refusal

optuna = pytest.importorskip("optuna")
RATE, UNITS = Range("rate", 1e-4, 1e-1, "log"), Range("units", 1, 64, whole=True)
SPACE = Space((RATE, UNITS, Listed("kind", ("ReLU", "Tanh", None)), Listed("batch", (16, 32, 64))))


def loss(values: Sequence) -> float:
    """Best at a rate of 10^−2.5 with 20 units, Tanh and batches of 32; the largest rates diverge."""
    rate, units, kind, batch = values
    if rate > 0.08:
        return math.inf
    return (math.log10(rate) + 2.5) ** 2 + abs(units - 20) / 64 + (kind != "Tanh") / 2 + (batch != 32) / 10


def play(search: Search, order: int = 0, until: float = math.inf, score=loss, at_once: int = 3) -> list[Trial]:
    """Train three at once, which end in any order."""
    rng = np.random.default_rng(order)
    going = [trial for trial in search.trials if not trial.scores]
    ended = 0
    while ended < until:
        while len(going) < at_once and (trial := search.ask()):
            going.append(trial)
        if not going:
            break
        trial = going.pop(rng.integers(len(going)))
        search.tell(trial, [score(trial.values)], over=math.isinf(score(trial.values)))
        ended += 1
    return search.trials


def new(how: str, space: Space = SPACE, number: int = 24, at_once: int = 3) -> Search:
    search = Search()
    search.add(OptunaProposal(how, space, 5, at_once), [Rung(number, 10)])
    return search


@pytest.mark.parametrize("how", ["tpe", "cmaes"])
def test_the_same_seed_gives_the_same_search_whatever_ends_first_and_after_a_restart(how: str) -> None:
    whole = play(new(how))
    assert [trial.values for trial in play(new(how), order=1)] == [trial.values for trial in whole]
    for stop in (1, 9, 17):
        first, again = new(how), new(how)
        play(first, order=stop, until=stop)
        again.restore(deepcopy(first.trials))
        assert [trial.values for trial in play(again, order=2)] == [trial.values for trial in whole], stop
    late, early = (sorted(loss(trial.values) for trial in half)[:6] for half in (whole[12:], whole[:12]))
    assert np.mean(late) < np.mean(early), "it has learned where to look"


def test_it_is_optunas_own_cma_es() -> None:
    """The oracle: a study of Optuna's, asked and told one after the other."""
    space = Space((Range("a", -1, 1), Range("b", -1, 1)))
    ours = [trial.values for trial in play(new("cmaes", space, 15, 1), score=lambda v: v[0] ** 2 + v[1], at_once=1)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        study = optuna.create_study(sampler=optuna.samplers.CmaEsSampler(seed=5))
    wanted = {name: optuna.distributions.FloatDistribution(-1, 1) for name in "ab"}
    for values in ours:
        asked = study.ask(wanted)
        assert values == (asked.params["a"], asked.params["b"])
        study.tell(asked, values[0] ** 2 + values[1])


def test_a_small_space_is_tried_once_and_no_more() -> None:
    small = Space((Listed("kind", ("a", "b", "c")), Listed("batch", (16, 32))))
    trials = play(new("tpe", small, 20), score=lambda v: float(v[1]))
    assert sorted(trial.values for trial in trials) == sorted(small.grid())


def test_what_is_missing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(samplers, "find_spec", lambda name: None if name in ("torch", "cmaes") else name)
    assert not refusal("halving") + refusal("tpe")
    words = "CMA-ES (Optuna) needs cmaes, not installed here: pip install 'neural-network-basics[search]'"
    assert refusal("cmaes") == words
    assert refusal("gp").endswith("needs torch, not installed here: pip install 'neural-network-basics[search]' torch scipy")
