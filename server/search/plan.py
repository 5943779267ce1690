"""What is wanted of a search, in plain values: what is kept of it, and the engine's search made of that."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import islice, product
from typing import Any, Self

from engine import ConfigurationError
from engine.search.edges import widened
from engine.search.halving import Rung, rungs
from engine.search.sampling import inside, near_the_best, random_search
from engine.search.search import Listing, Proposal, Search, Trial
from engine.search.space import Axis, Range, Space, Values
from engine.tasks import TASKS
from engine.training.configuration import MOST_SEED, Configuration
from server.runs.groups import with_values
from server.search.choices import axis_as_dict, axis_of, field_of, make_space
from server.search.samplers import OPTUNA, WAYS, OptunaProposal, refusal

GOALS = ("test_loss", "test_accuracy", "loss", "accuracy")
"""What may count: columns of the metrics. Of an accuracy the larger is the better."""
RUNS = 20
"""Combinations that are tried where nobody says how many."""
FIRST_ROWS = 20
"""A first rung shorter than the distance of two rows of metrics, or than so many steps, would measure nothing."""


@dataclass(frozen=True)
class BracketPlan:
    """Combinations that are compared with each other: how they are drawn, of which space, and how many."""

    draw: str
    """"grid", "random", one of Optuna's samplers, or "listed": those of `points`."""
    axes: list[dict[str, Any]]
    trials: int
    seed: int
    points: list[list[Any]] = field(default_factory=list)
    ended: list[int] | None = None
    """How many trials and rungs it had when somebody ended it before its time."""


@dataclass(frozen=True)
class Plan:
    """A search: the configuration that all runs have in common, what differs, and how that is chosen."""

    how: str
    base: dict[str, Any]
    goal: str = GOALS[0]
    repeats: int = 1
    keep: int = 3
    seed: int = 0
    at_once: int = 1
    """Trials whose results the next one need not wait for, where it is drawn by results."""
    speed: float | None = None
    brackets: list[BracketPlan] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """Give plain values, for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        """Read what `as_dict` gave."""
        return cls(**{**stored, "brackets": [BracketPlan(**bracket) for bracket in stored["brackets"]]})

    @property
    def axes(self) -> list[Axis]:
        """Give what differs, as it is now."""
        return [axis_of(stored) for stored in self.brackets[-1].axes]

    @property
    def space(self) -> Space:
        """Give the space as it is now."""
        return Space(tuple(self.axes))

    @property
    def paths(self) -> list[str]:
        """Name what differs."""
        return [axis["path"] for axis in self.brackets[-1].axes]

    @property
    def better(self) -> str:
        """Say whether the lower or the higher score is the better one."""
        return "higher" if self.goal.endswith("accuracy") else "lower"

    @property
    def steps(self) -> int:
        """Count the steps of a whole run; of the longest where that differs."""
        if "steps" in self.paths:
            values = [value for axis in self.axes if axis.name == "steps" for value in axis.grid()]
            return int(max(values))
        return int(self.base["steps"])

    def rungs(self, trials: int) -> list[Rung]:
        """Say how many of a bracket go how far."""
        if self.how != "halving":
            return [Rung(trials, self.steps)]
        return rungs(max(trials, 1), self.steps, self.keep, max(1, min(self.base["evaluate_every"], FIRST_ROWS)))

    def request(self, values: Sequence[Any], repeat: int) -> dict[str, Any]:
        """Give the request of one of a trial's runs: repeats differ by their seed, and learn from the same data."""
        request = with_values(self.base, self.paths, values)
        if self.repeats > 1:
            seed = request["seed"]
            data_seed = seed if request.get("data_seed") is None else request["data_seed"]
            request |= {"seed": (seed + repeat) % (MOST_SEED + 1), "data_seed": data_seed}
        return request

    def score(self, row: Mapping[str, float | None] | None) -> float:
        """Give the score of a row of metrics, smaller being better; ∞ where there is none, or it is no number."""
        if row is None:
            return math.inf
        value = row.get(self.goal)
        value = row.get(self.goal.removeprefix("test_")) if value is None else value
        if value is None or not math.isfinite(value):
            return math.inf
        return -value if self.better == "higher" else value

    def said(self, score: float | None) -> float | None:
        """Give a score as a person reads it; None where it is no number."""
        if score is None or not math.isfinite(score):
            return None
        return -score if self.better == "higher" else score

    def search(self) -> Search:
        """Make the search that asks and is told."""
        search = Search()
        for bracket in self.brackets:
            self.add_to(search, bracket)
        return search

    def add_to(self, search: Search, bracket: BracketPlan) -> None:
        """Plan one more bracket in a search."""
        made = search.add(self._proposal(bracket), self.rungs(bracket.trials))
        if bracket.ended:
            made.end(*bracket.ended)

    def _proposal(self, bracket: BracketPlan) -> Proposal:
        space = Space(tuple(map(axis_of, bracket.axes)))
        if bracket.draw == "grid":
            return Listing(space.grid())
        if bracket.draw == "random":
            return Listing(islice(random_search(space, bracket.seed), bracket.trials))
        if bracket.draw == "listed":
            return Listing([tuple(point) for point in bracket.points])
        return OptunaProposal(bracket.draw, space, bracket.seed, self.at_once)

    def widen(self, sides: Sequence[tuple[str, str]], tried: Sequence[Values], runs: int | None) -> Self:
        """Give a plan whose axes go further on these sides, with a bracket of what is new. Raises ConfigurationError."""
        wider, old = {axis.name: axis for axis in self.axes}, self.space
        for path, side in sides:
            limits = field_of(self.base, path)
            low, high = (limits.choice.minimum, limits.choice.maximum) if limits else (None, None)
            axis = widened(wider[path], side, low, high) if wider[path].is_ordered else None
            if axis is None:
                raise ConfigurationError(
                    "path", f"{path} goes no further: {limits.choice.allowed() if limits else 'no number'}"
                )
            wider[path] = axis
        space = Space(tuple(wider.values()))
        number = runs or self.usual_more
        if self.how in OPTUNA:
            return self._with(self.how, space, number)
        if self.brackets[0].draw == "grid" and runs is None:
            points = new_grid(old, space, tried)
        else:
            drawn = (values for values in random_search(space, self._next_seed, tried) if not inside(old, values))
            points = list(islice(drawn, number))
        return self._with("listed", space, len(points), points)

    def more(self, trials: Sequence[Trial], ranks: Sequence[float], near: str, runs: int | None) -> Self:
        """Give a plan with more combinations: near the best quarter by these ranks, or anywhere. Raises ConfigurationError."""
        space, number = self.space, runs or self.usual_more
        if near == "anywhere" and self.how in OPTUNA:
            return self._with(self.how, space, number)
        own = [(trial.values, rank) for trial, rank in zip(trials, ranks, strict=True) if inside(space, trial.values)]
        tried, scores = [values for values, _ in own], [rank for _, rank in own]
        if near == "best":
            draw = near_the_best(space, tried, scores, self._next_seed)
        else:
            draw = random_search(space, self._next_seed, tried)
        points = list(islice(draw, number))
        if not points:
            raise ConfigurationError("runs", "every combination was tried already; widen a range, or give longer lists")
        return self._with("listed", space, len(points), points)

    def with_ended(self, ended: Sequence[list[int] | None]) -> Self:
        """Give the plan with the brackets that somebody ended: how many trials and rungs each had then."""
        both = zip(self.brackets, ended, strict=True)
        return replace(self, brackets=[replace(bracket, ended=now) for bracket, now in both])

    @property
    def usual_more(self) -> int:
        """Say how many more combinations there are where nobody says: a third of those planned, 4 at least."""
        return max(4, sum(bracket.trials for bracket in self.brackets) // 3)

    @property
    def _next_seed(self) -> int:
        return self.seed + len(self.brackets)

    def _with(self, draw: str, space: Space, trials: int, points: Sequence[Values] = ()) -> Self:
        axes = [axis_as_dict(axis) for axis in space.axes]
        bracket = BracketPlan(draw, axes, trials, self._next_seed, [list(values) for values in points])
        return replace(self, brackets=[*self.brackets, bracket])


def row_of_rung(configuration: Configuration, steps: int) -> int:
    """Give the step of the row of metrics that a rung is measured by: the last one until then, else the first after it."""
    every = configuration.evaluate_every
    return steps // every * every or configuration.next_row(steps - 1)


def new_grid(old: Space, new: Space, tried: Sequence[Values]) -> list[Values]:
    """Give the combinations that a widened grid has more: those of the values that were tried with those that are new."""
    axes = []
    for k, (before, after) in enumerate(zip(old.axes, new.axes, strict=True)):
        known = sorted({values[k] for values in tried}) if before != after else before.grid()
        ends = (after.low, after.high) if isinstance(after, Range) else after.values
        axes.append([*known, *(value for value in ends if value not in known)] if before != after else known)
    return [values for values in product(*axes) if not inside(old, values)]


def new_plan(
    base: Configuration, axes: Sequence[Mapping[str, Any]], said: Mapping[str, Any], at_once: int, speed: float | None = None
) -> Plan:
    """Plan a search of what a person asked for. Raises ConfigurationError, which names the field."""
    how, values = said["how"], base.as_dict()
    if how not in WAYS:
        raise ConfigurationError("search.how", f"there is no search {how!r}; choose {', '.join(WAYS)}")
    if missing := refusal(how):
        raise ConfigurationError("search.how", missing)
    space, repeats, runs = make_space(values, axes), said.get("repeats", 1), said.get("runs")
    if repeats > 1 and "seed" in space.names:
        raise ConfigurationError(
            "search.repeats", "the seed is one of the choices already: repeats would be the same runs again"
        )
    if how == "halving" and "steps" in space.names:
        raise ConfigurationError("search.how", "halving decides how many steps a run does; steps cannot be a choice of it")
    goal = said.get("goal", GOALS[0])
    if goal.endswith("accuracy") and TASKS[base.task].kind != "classes":
        raise ConfigurationError("search.goal", f"{TASKS[base.task].title} has no accuracy; choose test_loss or loss")
    plan = Plan(how, values, goal, repeats, said.get("keep", 3), said.get("seed", 0), at_once, speed)
    draw = how if how in OPTUNA or how in ("grid", "random") else "grid" if runs is None else "random"
    if draw == "grid" and runs is not None and runs < space.grid_size:
        raise ConfigurationError("search.runs", f"a grid has all {space.grid_size:,} combinations; for {runs:,} choose random")
    trials = space.grid_size if draw == "grid" else int(min(runs or RUNS, space.size))
    if trials < 2:
        raise ConfigurationError("search.runs", f"a search has at least 2 combinations, got {trials}")
    bracket = BracketPlan(draw, [axis_as_dict(axis) for axis in space.axes], trials, plan.seed)
    return replace(plan, brackets=[bracket])
