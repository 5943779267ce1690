"""Optuna's samplers, through ask and tell: the extra `search`. Nothing of Optuna is imported before somebody asks for it.

A study lives in memory only: it is made of the trials that our own store keeps, and makes no file of its own.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from engine.search.importance import bounded
from engine.search.sampling import key, random_search
from engine.search.search import Trial, mean
from engine.search.space import Listed, Space, Values

WORST = 1e300
"""What a trial that diverged is said to have scored, to samplers that only compare."""


@dataclass(frozen=True)
class Way:
    """A way to search: its title, a sentence on it, and the packages that it needs."""

    title: str
    help: str
    packages: tuple[str, ...] = ()
    install: str = ""

    @property
    def is_available(self) -> bool:
        """Tell whether its packages are installed."""
        return all(find_spec(name) for name in self.packages)


EXTRA = "pip install 'neural-network-basics[search]'"
WAYS = {
    "grid": Way("Grid", "Tries every combination of the values."),
    "random": Way(
        "Random", "Draws combinations by chance: where few choices matter it tries more values of those than a grid."
    ),
    "halving": Way(
        "Successive halving", "Trains all combinations a little, and only the better ones further: much for few steps."
    ),
    "tpe": Way(
        "TPE (Optuna)",
        "Draws where good results were denser than bad ones (tree-structured Parzen estimator).",
        ("optuna",),
        EXTRA,
    ),
    "cmaes": Way(
        "CMA-ES (Optuna)",
        "Moves and reshapes a cloud of samples towards the better ones (covariance matrix adaptation); for numbers.",
        ("optuna", "cmaes"),
        EXTRA,
    ),
    "gp": Way(
        "Gaussian process (Optuna)",
        "Fits a smooth surface with its doubts to the results, and tries where it may be best; for few, costly runs.",
        ("optuna", "torch", "scipy"),
        f"{EXTRA} torch scipy",
    ),
}
"""How one can search, by name."""
OPTUNA = ("tpe", "cmaes", "gp")


class OptunaProposal:
    """Proposes what one of Optuna's samplers draws.

    The n-th trial is drawn by all results but those of the `at_once` − 1 trials before it, which may still train, whether they
    do or not: so the same seed gives the same search, however long each run takes.
    TPE: Bergstra et al. (2011), Algorithms for hyper-parameter optimization. CMA-ES: Hansen & Ostermeier (2001).
    """

    def __init__(self, how: str, space: Space, seed: int, at_once: int) -> None:
        self._how, self._space, self._seed, self._at_once = how, space, seed, at_once
        self._study: Any = None
        self._asked: list[Any] = []
        self._told: set[int] = set()

    def __call__(self, k: int, trials: Sequence[Trial]) -> Values | None:
        """Draw the k-th combination; None while one of those trains whose result it needs.

        Raises StopIteration where all were tried.
        """
        seen = trials[: max(0, len(trials) + 1 - self._at_once)]
        if any(trial.reached is None for trial in seen):
            return None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Optuna says of several of its parts that they may change
            values = self._replayed(k, trials) if self._how == "cmaes" else self._drawn(len(trials), seen, trials)
        tried = {key(trial.values) for trial in trials}
        if key(values) in tried:  # the same seed would give the same run once more
            return next(random_search(self._space, self._seed + len(trials), [trial.values for trial in trials]))
        return values

    def _drawn(self, n: int, seen: Sequence[Trial], trials: Sequence[Trial]) -> Values:
        """Make a study of what is known, and ask it; each trial has a seed of its own."""
        import optuna

        study, distributions = new_study(self._sampler(self._seed * 1_000_003 + n)), self._distributions()
        scores: Sequence[float] = bounded([trial.score for trial in seen]).tolist() if seen else []
        for trial, score in zip(seen, scores, strict=True):
            value = score if self._how == "gp" else min(trial.score, WORST)
            params = self._params(trial.values)
            if params is not None:
                study.add_trial(optuna.trial.create_trial(params=params, distributions=distributions, value=value))
        for trial in trials[len(seen) :]:
            params = self._params(trial.values)
            if params is not None:
                state = optuna.trial.TrialState.RUNNING
                study.add_trial(optuna.trial.create_trial(params=params, distributions=distributions, state=state))
        return self._values(study.ask(distributions).params)

    def _replayed(self, k: int, trials: Sequence[Trial]) -> Values:
        """Ask a study that remembers more than results: what was asked and told before is asked and told again."""
        if self._study is None or len(self._asked) > k:
            self._study, self._asked, self._told = new_study(self._sampler(self._seed)), [], set()
        own = trials[len(trials) - k :]
        while len(self._asked) <= k:
            for j, trial in enumerate(own[: max(0, len(self._asked) + 1 - self._at_once)]):
                if j not in self._told:
                    self._told.add(j)
                    self._study.tell(self._asked[j], min(mean(trial.scores[0]), WORST))
            self._asked.append(self._study.ask(self._distributions()))
        return self._values(self._asked[k].params)

    def _sampler(self, seed: int) -> Any:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        seed %= 2**32
        if self._how == "cmaes":
            return optuna.samplers.CmaEsSampler(seed=seed, warn_independent_sampling=False)
        if self._how == "gp":
            return optuna.samplers.GPSampler(seed=seed)
        return optuna.samplers.TPESampler(seed=seed, multivariate=True, constant_liar=True)

    def _distributions(self) -> dict[str, Any]:
        """Describe the space as Optuna does; a list of numbers in order is one of whole numbers, its places."""
        from optuna import distributions

        found: dict[str, Any] = {}
        for axis in self._space.axes:
            if isinstance(axis, Listed):
                last = len(axis.values) - 1
                ordered = axis.is_ordered and last > 0
                found[axis.name] = (
                    distributions.IntDistribution(0, last)
                    if ordered
                    else distributions.CategoricalDistribution(tuple(range(last + 1)))
                )
            elif axis.whole:
                found[axis.name] = distributions.IntDistribution(int(axis.low), int(axis.high), log=axis.scale == "log")
            else:
                found[axis.name] = distributions.FloatDistribution(axis.low, axis.high, log=axis.scale == "log")
        return found

    def _params(self, values: Values) -> dict[str, Any] | None:
        """Write a combination as Optuna does; None where it does not belong to the space, which was narrower or wider then."""
        params: dict[str, Any] = {}
        for axis, value in zip(self._space.axes, values, strict=True):
            if isinstance(axis, Listed):
                if value not in axis.values:
                    return None
                params[axis.name] = axis.values.index(value)
            elif not axis.low <= value <= axis.high:
                return None
            else:
                params[axis.name] = value
        return params

    def _values(self, params: dict[str, Any]) -> Values:
        """Read what Optuna drew."""
        return tuple(
            axis.values[params[axis.name]] if isinstance(axis, Listed) else params[axis.name] for axis in self._space.axes
        )


def new_study(sampler: Any) -> Any:
    """Begin a study in memory, which looks for the smallest score."""
    import optuna

    return optuna.create_study(sampler=sampler, direction="minimize")


def refusal(how: str) -> str:
    """Say what is missing for a way to search; the empty string where nothing is."""
    way = WAYS[how]
    missing = [name for name in way.packages if not find_spec(name)]
    return f"{way.title} needs {' and '.join(missing)}, not installed here: {way.install}" if missing else ""
