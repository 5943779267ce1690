"""Optuna's Gaussian process, which needs PyTorch and SciPy: by our ask and tell it finds the optimum of a known function."""

import math

from engine.search.halving import Rung
from engine.search.search import Search
from engine.search.space import Listed, Range, Space
from server.search.samplers import WAYS, OptunaProposal, refusal

SPACE = Space((Range("rate", 1e-4, 1e-1, "log"), Range("units", 1, 64, whole=True), Listed("kind", ("ReLU", "Tanh"))))
RUNS, AT_ONCE = 20, 2


def score(rate: float, units: int, kind: str) -> float:
    """A bowl whose bottom, 0, is at a rate of 10^−2.5 and 20 units of Tanh; the largest rates diverge."""
    return math.inf if rate > 0.08 else (math.log10(rate) + 2.5) ** 2 + (units / 20 - 1) ** 2 + (kind != "Tanh") / 2


def searched(runs: int) -> Search:
    """Let two train at once, of which always the older one ends first."""
    search, going = Search(), []
    search.add(OptunaProposal("gp", SPACE, 5, AT_ONCE), [Rung(runs, 10)])
    while True:
        while len(going) < AT_ONCE and (trial := search.ask()):
            going.append(trial)
        if not going:
            return search
        trial = going.pop(0)
        search.tell(trial, [value := score(*trial.values)], over=math.isinf(value))


def test_it_finds_the_optimum_of_a_known_function_and_the_same_by_its_seed() -> None:
    assert WAYS["gp"].is_available, refusal("gp")
    search = searched(RUNS)
    assert len(search.trials) == RUNS
    assert search.best is not None
    rate, units, kind = search.best.values
    assert (abs(math.log10(rate) + 2.5) < 0.15, abs(units - 20) <= 3, kind) == (True, True, "Tanh"), search.best
    early, late = (min(trial.score for trial in half) for half in (search.trials[:10], search.trials[10:]))
    assert late < early / 5, "it has learned where the bottom is"
    again = searched(RUNS // 2)
    assert [trial.values for trial in again.trials] == [trial.values for trial in search.trials[: RUNS // 2]]
