"""Runs that belong together: a race of a few with something that differs, or a sweep over one or two hyperparameters."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from itertools import product
from math import prod
from typing import Any

from engine import ConfigurationError
from engine.training.check import is_activation
from engine.training.configuration import merged
from server.runs.listing.resting import Seen, description
from server.runs.state import AppliedRemedy, Membership, RunState

ACTIVATION = "activation"
"""The path that means every activation of the network."""
REMEDY, UNTREATED = "remedy", "as it was"
"""What differs between a run and the one that is to cure it, and how the first one is called there."""


def with_value(request: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """Give a request in which one choice is another: path as in "batch_size", "optimizer.learning_rate", "network.0.units"."""
    changed = deepcopy(request)
    if path == ACTIVATION:
        changed["network"] = [{"layer": value} if is_activation(layer) else layer for layer in changed["network"]]
        return changed
    *parents, last = path.split(".")
    place: Any = changed
    for name in parents:
        if isinstance(place, list) and name.isdecimal() and int(name) < len(place):
            place = place[int(name)]
        elif isinstance(place, dict) and isinstance(place.get(name), (dict, list)):
            place = place[name]
        else:
            raise ConfigurationError("axes", f"there is no {path!r} to change in this configuration")
    if not isinstance(place, dict):
        raise ConfigurationError("axes", f"there is no {path!r} to change in this configuration")
    if not parents and isinstance(value, dict):
        return merged(changed, {last: value}) if last in changed else {**changed, last: value}
    place[last] = value
    return changed


def combinations(kind: str, values: Sequence[Sequence[Any]], most: int) -> list[tuple[Any, ...]]:
    """Give the values of each run: in a race the k-th of every axis, in a sweep all combinations. Raises ConfigurationError."""
    if kind == "race" and len({len(axis) for axis in values}) > 1:
        raise ConfigurationError("axes", "in a race every axis needs a value for each of the runs")
    number = len(values[0]) if kind == "race" else prod(len(axis) for axis in values)
    if not 2 <= number <= most:
        raise ConfigurationError("axes", f"a {kind} has 2 to {most} runs, got {number:,}")
    return list(zip(*values, strict=True)) if kind == "race" else list(product(*values))


def with_values(request: dict[str, Any], paths: Sequence[str], values: Sequence[Any]) -> dict[str, Any]:
    """Give a request in which several choices are others."""
    for path, value in zip(paths, values, strict=True):
        request = with_value(request, path, value)
    return request


def new_group(kind: str, paths: Sequence[str], values: Sequence[list[Any]]) -> list[RunState]:
    """Begin a group: give the states of its runs, which have these values in the places that differ."""
    id = secrets.token_hex(6)
    return [RunState(group=Membership(id, kind, list(paths), place, at)) for place, at in enumerate(values)]


def cure(run: Seen, cause: str, title: str) -> RunState:
    """Give the state of a run that is to cure this one: the two are a race, in which the ill one goes on as it is."""
    _, state = new_group("race", [REMEDY], [[UNTREATED], [title]])
    return replace(state, remedy=AppliedRemedy(run.id, cause, title))


@dataclass(frozen=True, slots=True)
class Member:
    """What is asked of a run to know to which group it belongs, and how it does there."""

    id: str
    created: float
    task: str
    group: Membership | None
    remedy: AppliedRemedy | None
    mark: dict[str, Any] | None
    """The most causal of what was found of it, in short."""


def member(run: Seen) -> Member:
    """Say what is asked of a run by those who put groups together."""
    mark = {name: run.found[0][name] for name in ("cause", "title", "kind")} if run.found else None
    return Member(run.id, run.created, run.configuration.task, run.state.group, run.state.remedy, mark)


def members(all: Iterable[Member], id: str) -> list[str]:
    """Find a group's runs, in their order; before one that cures another comes that other one."""
    known = {one.id: one for one in all}
    return [one.id for one in in_order([one for one in known.values() if one.group is not None and one.group.id == id], known)]


def in_order(own: Sequence[Member], known: Mapping[str, Member]) -> list[Member]:
    """Sort the runs that a group was made with, and add the one that is to be cured, where it is still there."""
    ill = [known[one.remedy.run] for one in own if one.remedy and one.remedy.run in known]
    return ill + sorted(own, key=lambda one: one.group.place if one.group else 0)


def memberships(group: Sequence[Member]) -> list[Membership]:
    """Say how each of a group's runs belongs to it."""
    own, remedy = group[-1].group, group[-1].remedy
    if own is None:
        raise ValueError(f"run {group[-1].id} belongs to no group")
    untreated = replace(own, place=0, at=[UNTREATED])
    return [untreated if remedy and one.id == remedy.run else one.group or own for one in group]


def described(group: Sequence[Member]) -> dict[str, Any]:
    """Say of a group what its runs do not say."""
    own = memberships(group)[-1]
    created = min(one.created for one in group if one.group and one.group.id == own.id)
    return {
        "id": own.id,
        "kind": own.kind,
        "paths": own.paths,
        "task": group[-1].task,
        "created": created,
    }


def with_runs(group: Sequence[Seen]) -> dict[str, Any]:
    """Describe a group with its runs."""
    belonging = [member(run) for run in group]
    each = zip(group, memberships(belonging), strict=True)
    return {**described(belonging), "runs": [{**description(run), "group": vars(own)} for run, own in each]}


def groups(all: Iterable[Member]) -> list[dict[str, Any]]:
    """List the groups, oldest first, each with its runs, and their marks."""
    known = {one.id: one for one in all}
    own: dict[str, list[Member]] = {}
    for one in known.values():
        if one.group:
            own.setdefault(one.group.id, []).append(one)
    found = [in_order(alike, known) for alike in own.values()]
    return [{**described(group), "runs": [one.id for one in group], "marks": [one.mark for one in group]} for group in found]
