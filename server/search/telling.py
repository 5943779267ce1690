"""How a search stands, as JSON has it: its trials, the best, what mattered, and where to look further."""

import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import combinations
from typing import Any

import numpy as np

from engine.search.edges import Edge, edges, widened
from engine.search.importance import importance
from engine.search.search import Search, Trial
from engine.search.space import Axis, Listed, Values
from server.runs.listing.resting import Seen
from server.runs.status import ACTIVE, Status
from server.search.choices import axis_as_dict, field_of
from server.search.live import LiveSearch
from server.search.plan import Plan
from server.storage.database import StorageError

FEWEST, MOST = 8, 300
"""Trials that importances are told of at the fewest, and how many of them a forest grows on at the most."""
FEWEST_FOR_EDGES = 3
"""Trials with a score before an edge is told."""
MATTERS = 0.05
"""A choice with a smaller share of the variance is not worth widening."""


def told(live: LiveSearch) -> dict[str, Any]:
    """Say how a search stands."""
    with live.lock:
        plan, search, best, seen = live.plan, live.search, live.search.best, live.seen()
        trials = [of_trial(live, trial, seen) for trial in search.trials]
        said = {
            **{name: getattr(plan, name) for name in ("how", "goal", "better", "repeats", "keep", "seed")},
            "status": live.status,
            "error": live.error or None,
            "revision": live.revision,
            "axes": [axis_as_dict(axis) for axis in plan.axes],
            "rungs": [{"steps": rung.steps, "trials": rung.trials} for rung in search.brackets[-1].rungs],
            "planned": search.planned,
            "begun": len(trials),
            "ended": sum(trial["status"] not in UNDERWAY for trial in trials),
            "steps": sum(run.step for run in seen.values()),
            "grid_steps": search.planned * plan.repeats * plan.steps,
            "trials": trials,
            "best": best.number if best else None,
        }
        known = scored(plan, search)
        tried = [trial.values for trial in search.trials if trial.reached is not None]
        written = live.saved
        enough = sum(math.isfinite(trial.score) for trial in search.trials) >= FEWEST_FOR_EDGES
    with suppress(StorageError):  # the search pauses then, and says so
        written.result()  # what a page has seen is still there when the server is killed
    alone, pairs = live.remembered(
        plan.brackets, known, lambda: matter(plan, known)
    )  # it takes some 0.1 s: nobody waits for it
    found = worth_widening(plan, tried, best.values, alone) if best and enough else []
    return {**said, "importance": alone, "pairs": pairs, "edges": [of_edge(plan, edge) for edge in found]}


UNDERWAY = ("waiting", "training", "paused")
"""Of trials from which more is to come."""


def of_trial(live: LiveSearch, trial: Trial, seen: Mapping[str, Seen]) -> dict[str, Any]:
    """Say how one combination is."""
    plan, reached = live.plan, trial.reached
    scores = trial.scores[reached] if reached is not None else []
    runs = [seen.get(id or "") for id in live.runs.get(trial.number, [])]
    return {
        "number": trial.number,
        "bracket": trial.bracket,
        "values": list(trial.values),
        "runs": list(live.runs.get(trial.number, [])),
        "status": status_of(live, trial, runs),
        "rung": reached,
        "step": max((run.step for run in runs if run is not None), default=0),
        "scored_at": live.search.scored_at(trial),
        "score": plan.said(trial.score),
        "spread": trial.spread,
        "scores": [plan.said(score) for score in scores],
        "diverged": sum(run is not None and run.status is Status.DIVERGED for run in runs),
    }


def status_of(live: LiveSearch, trial: Trial, runs: Sequence[Seen | None]) -> str:
    """Say in a word what a combination does."""
    statuses = [run.status for run in runs if run is not None]
    bracket = live.search.brackets[trial.bracket]
    if Status.DIVERGED in statuses:
        return "diverged"
    if Status.FAILED in statuses or (trial.over and not any(live.runs.get(trial.number, []))):
        return "failed"
    if runs and not statuses and any(live.runs[trial.number]):
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
