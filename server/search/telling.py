"""How a search stands, as JSON has it: its trials, the best, what mattered, and where to look further."""

import math
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np

from engine.search.edges import Edge, edges, widened
from engine.search.importance import importance
from engine.search.search import Search, Trial
from engine.search.space import Axis, Listed, Values
from server.runs.registry import Registry
from server.runs.status import ACTIVE, Status
from server.search.choices import axis_as_dict, field_of
from server.search.live import LiveSearch
from server.search.plan import Plan
from server.settings import Settings
from server.storage.database import Database, SearchRecord, StorageError

FEWEST, MOST = 8, 300
"""Trials that importances are told of at the fewest, and how many of them a forest grows on at the most."""
FEWEST_FOR_EDGES = 3
"""Trials with a score before an edge is told."""
MATTERS = 0.05
"""A choice with a smaller share of the variance is not worth widening."""


class ToldTrial(NamedTuple):
    """A trial as it was said last: in words of JSON, since which revision, and how many steps its runs have done."""

    said: dict[str, Any]
    since: int
    steps: int


class ToldSearch(LiveSearch):
    """A search that says how it stands, and of its trials only what has changed: a search may have ten thousand.

    A trial is looked at anew where the search did something with it, where one of its runs has news, and while it trains; all
    of a bracket where others of it go on. What is worked out of all scores (importance, edges) takes some time: while the
    search goes on it may take SHARE of the time, and stands as it was in between.
    """

    def __init__(
        self, record: SearchRecord, registry: Registry, store: Database, settings: Settings, own: Mapping[int, str]
    ) -> None:
        super().__init__(record, registry, store, settings, own)
        self._told: list[ToldTrial] = []
        self._brackets: list[Any] = []
        self._rest: dict[str, Any] = {}
        self._worked_out: tuple[Any, dict[str, Any]] = (None, {"importance": [], "pairs": [], "edges": []})
        self._next = 0.0
        self._working = threading.Lock()

    def tell(self, since: int | None = None) -> dict[str, Any] | None:
        """Say how the search stands, with those trials that are others than at the revision `since`; None where nothing is."""
        with self.lock:
            self._look()
            plan, search, best = self.plan, self.search, self.search.best
            said = {
                **{name: getattr(plan, name) for name in ("how", "goal", "better", "repeats", "keep", "seed")},
                "status": self.status,
                "error": self.error or None,
                "axes": [axis_as_dict(axis) for axis in plan.axes],
                "rungs": [{"steps": rung.steps, "trials": rung.trials} for rung in search.brackets[-1].rungs],
                "planned": search.planned,
                "begun": len(self._told),
                "ended": sum(trial.said["status"] not in UNDERWAY for trial in self._told),
                "steps": sum(trial.steps for trial in self._told),
                "grid_steps": search.planned * plan.repeats * plan.steps,
                "best": best.number if best else None,
            }
            written = self.saved
        with suppress(StorageError):  # the search pauses then, and says so
            written.result()  # what a page has seen is still there when the server is killed
        said |= self._of_all_scores(plan, search, self.status)
        with self.lock:
            if said != self._rest:
                self._rest = said
                self.revision += 1
            if since == self.revision:
                return None
            is_known = since is not None and since < self.revision
            trials = [trial.said for trial in self._told if not is_known or trial.since > (since or 0)]
            return {**said, "revision": self.revision, "trials": trials}

    def edges(self) -> list[dict[str, Any]]:
        """Say where to look further, by all scores that there are now."""
        with self.lock:
            plan, search = self.plan, self.search
        edges: list[dict[str, Any]] = self._work_out(plan, search)["edges"]
        return edges

    def _look(self) -> None:
        """Take in all trials that may have changed."""
        numbers = set(self.going)
        while self.news:
            numbers.add(self.news.pop())
        for k, bracket in enumerate(self.search.brackets):
            now = (bracket.begun[1], self.plan.brackets[k].ended is not None)
            if k == len(self._brackets):
                self._brackets.append(now)
            elif self._brackets[k] != now:
                self._brackets[k] = now
                numbers |= {trial.number for trial in bracket.trials}
        numbers |= set(range(len(self._told), len(self.search.trials)))
        ids = [id for number in numbers for id in self.runs.get(number, []) if id]
        try:
            seen = {id: (Status(status), step) for id, (status, step) in self.cells(ids).items()}
        except StorageError:  # whoever asks the next time hears of them
            self.news |= numbers
            raise
        revision = self.revision + 1  # of all of them, or it would run ahead of the clock, at which the next server begins
        for number in sorted(numbers):
            trial = self.search.trials[number]
            runs = [seen.get(id or "") for id in self.runs.get(number, [])]
            said = of_trial(self, trial, runs)
            told = ToldTrial(said, revision, sum(run[1] for run in runs if run is not None))
            if number == len(self._told):
                self._told.append(told)
            elif said == self._told[number].said:
                continue
            self._told[number], self.revision = told, revision

    def _of_all_scores(self, plan: Plan, search: Search, status: str) -> dict[str, Any]:
        """Say what mattered, and where to look further; nobody waits for who works it out but who asked first."""
        what, is_running = (plan.brackets, search.told), status == "running"
        is_due = self._worked_out[0] != what and not (is_running and time.monotonic() < self._next)
        if is_due and self._working.acquire(not is_running):
            try:
                if self._worked_out[0] != what:
                    began = time.monotonic()
                    self._worked_out = what, self._work_out(plan, search)
                    self._next = time.monotonic() + (time.monotonic() - began) / SHARE
            finally:
                self._working.release()
        return self._worked_out[1]

    def _work_out(self, plan: Plan, search: Search) -> dict[str, Any]:
        with self.lock:
            known, best = scored(plan, search), search.best
            tried = [trial.values for trial in search.trials if trial.reached is not None]
            enough = sum(math.isfinite(trial.score) for trial in search.trials) >= FEWEST_FOR_EDGES
        alone, pairs = matter(plan, known)
        found = worth_widening(plan, tried, best.values, alone) if best and enough else []
        return {"importance": alone, "pairs": pairs, "edges": [of_edge(plan, edge) for edge in found]}


SHARE = 0.05
"""The share of the time that working out importances may take while a search goes on."""
UNDERWAY = ("waiting", "training", "paused")
"""Of trials from which more is to come."""
Glimpse = tuple[Status, int]
"""Of a run its status and its step."""


def of_trial(live: LiveSearch, trial: Trial, runs: Sequence[Glimpse | None]) -> dict[str, Any]:
    """Say how one combination is."""
    plan, reached = live.plan, trial.reached
    scores = trial.scores[reached] if reached is not None else []
    return {
        "number": trial.number,
        "bracket": trial.bracket,
        "values": list(trial.values),
        "runs": list(live.runs.get(trial.number, [])),
        "status": status_of(live, trial, [run[0] for run in runs if run is not None]),
        "rung": reached,
        "step": max((run[1] for run in runs if run is not None), default=0),
        "scored_at": live.search.scored_at(trial),
        "score": plan.said(trial.score),
        "spread": trial.spread,
        "scores": [plan.said(score) for score in scores],
        "diverged": sum(run is not None and run[0] is Status.DIVERGED for run in runs),
        "error": live.refusals.get(trial.number),
    }


def status_of(live: LiveSearch, trial: Trial, statuses: Sequence[Status]) -> str:
    """Say in a word what a combination does, by what those of its runs do that are there."""
    bracket, was_made = live.search.brackets[trial.bracket], any(live.runs.get(trial.number, []))
    if Status.DIVERGED in statuses:
        return "diverged"
    if Status.FAILED in statuses or (trial.over and not was_made):
        return "failed"
    if was_made and not statuses:
        return "deleted"
    if trial.over:
        return "stopped"
    if live.is_going(trial):
        if Status.RUNNING in statuses:
            return "training"
        resting = Status.PAUSED in statuses or Status.INTERRUPTED in statuses
        return "paused" if resting and not set(statuses) & set(ACTIVE) else "waiting"
    if bracket.has_let_go(trial):
        return "out"
    return "done" if trial.rung == len(bracket.rungs) - 1 else "waiting"


Shares = tuple[list[dict[str, Any]], list[dict[str, Any]]]
"""Of the score's variance: what each choice explains, and each two beyond that, the largest share first."""


def scored(plan: Plan, search: Search) -> list[tuple[Values, float]]:
    """Give the combinations of the space as it is now that can be compared with each other, with their scores."""
    both = zip(*search.comparable(), strict=True)
    return [(trial.values, score) for trial, score in both if all(map(belongs, plan.axes, trial.values))][-MOST:]


def belongs(axis: Axis, value: Any) -> bool:
    """Tell whether a value has a place on an axis as it is now."""
    return not isinstance(axis, Listed) or value in axis.values


def matter(plan: Plan, known: Sequence[tuple[Values, float]]) -> Shares:
    """Say how much of the score's variance is explained by what; nothing where too little is known."""
    if len(known) < FEWEST:
        return [], []
    space = plan.space
    names, points = space.names, np.array([space.place(values) for values, _ in known])
    alone, together = importance(points, [score for _, score in known])
    order = np.argsort(-alone, kind="stable")
    two = [(float(together[i, j]), [names[i], names[j]]) for i, j in combinations(range(len(names)), 2)]
    two.sort(key=lambda pair: -pair[0])
    shares = [{"path": names[i], "share": float(alone[i])} for i in order]
    return shares, [{"paths": paths, "share": share} for share, paths in two]


def worth_widening(plan: Plan, tried: Sequence[Values], best: Values, alone: Sequence[dict[str, Any]]) -> list[Edge]:
    """Find the choices that matter whose best value lies at the edge of what was tried, and that may go further."""
    shares = {one["path"]: one["share"] for one in alone}
    found = edges(plan.space, tried, best)
    return [edge for edge in found if shares.get(edge.name, 1.0) >= MATTERS and widened_axis(plan, edge) is not None]


def widened_axis(plan: Plan, edge: Edge) -> Axis | None:
    """Give an axis that goes further on the side of an edge; None where no more is allowed."""
    field = field_of(plan.base, edge.name)
    limits = (field.choice.minimum, field.choice.maximum) if field else (None, None)
    return next(widened(axis, edge.side, *limits) for axis in plan.axes if axis.name == edge.name)


def of_edge(plan: Plan, edge: Edge) -> dict[str, Any]:
    """Say that the best lies at an edge, and what the axis would be like if it went further."""
    axis = widened_axis(plan, edge)
    wider = axis_as_dict(axis) if axis is not None else {}
    most = "smallest" if edge.side == "low" else "largest"
    name = edge.name.rpartition(".")[2].replace("_", " ")
    return {
        "path": edge.name,
        "side": edge.side,
        "value": edge.value,
        "sentence": f"The best {name}, {edge.value:.4g}, is the {most} that was tried: widen it.",
        **{name: wider.get(name) for name in ("low", "high", "values")},
    }


def in_words(plan: Plan, trial: Trial) -> str:
    """Say a combination and its score in one line."""
    chosen = ", ".join(
        f"{path.rpartition('.')[2].replace('_', ' ')} {value_in_words(value)}"
        for path, value in zip(plan.paths, trial.values, strict=True)
    )
    score = plan.said(trial.score)
    name = plan.goal.replace("_", " ")
    return f"{chosen}: {name} {'diverged' if score is None else f'{score:.4g}'}"


def value_in_words(value: Any) -> str:
    """Write one value as a person reads it."""
    if isinstance(value, dict):
        return str(value.get("name") or value.get("layer") or value)
    return f"{value:.4g}" if isinstance(value, float) else str(value)
