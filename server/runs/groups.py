"""Runs that belong together: a race of a few with something that differs, or a sweep over one or two hyperparameters."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from itertools import product
from math import prod
from typing import Any

from engine import ConfigurationError
from engine.layers import LAYERS, Activation
from engine.training.configuration import merged
from server.runs.run import Run
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


def is_activation(layer: Any) -> bool:
    """Tell whether a layer, as a request describes it, is an activation."""
    kind = LAYERS.get(str(layer.get("layer"))) if isinstance(layer, dict) else None
    return kind is not None and issubclass(kind, Activation)


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


def cure(run: Run, cause: str, title: str) -> RunState:
    """Give the state of a run that is to cure this one: the two are a race, in which the ill one goes on as it is."""
    _, state = new_group("race", [REMEDY], [[UNTREATED], [title]])
    return replace(state, remedy=AppliedRemedy(run.id, cause, title))


def members(runs: Iterable[Run], id: str) -> list[Run]:
    """Find a group's runs, in their order; before one that cures another comes that other one."""
    known = {run.id: run for run in runs}
    return in_order([run for run in known.values() if run.state.group is not None and run.state.group.id == id], known)


def in_order(own: Sequence[Run], known: Mapping[str, Run]) -> list[Run]:
    """Sort the runs that a group was made with, and add the one that is to be cured, where it is still there."""
    ill = [known[run.state.remedy.run] for run in own if run.state.remedy and run.state.remedy.run in known]
    return ill + sorted(own, key=lambda run: run.state.group.place if run.state.group else 0)


def memberships(group: Sequence[Run]) -> list[Membership]:
    """Say how each of a group's runs belongs to it."""
    own, remedy = group[-1].state.group, group[-1].state.remedy
    if own is None:
        raise ValueError(f"run {group[-1].id} belongs to no group")
    untreated = replace(own, place=0, at=[UNTREATED])
    return [untreated if remedy and run.id == remedy.run else run.state.group or own for run in group]


def mark(run: Run) -> dict[str, Any] | None:
    """Give the most causal of what was found of a run, in short; None where there is nothing."""
    found = run.diagnosis.now.found
    return {name: found[0][name] for name in ("cause", "title", "kind")} if found else None


def described(group: Sequence[Run]) -> dict[str, Any]:
    """Say of a group what its runs do not say."""
    own = memberships(group)[-1]
    created = min(run.created for run in group if run.state.group and run.state.group.id == own.id)
    return {
        "id": own.id,
        "kind": own.kind,
        "paths": own.paths,
        "task": group[-1].configuration.task,
        "created": created,
    }


def with_runs(group: Sequence[Run]) -> dict[str, Any]:
    """Describe a group with its runs."""
    each = zip(group, memberships(group), strict=True)
    return {**described(group), "runs": [{**run.describe(), "group": vars(own)} for run, own in each]}


def groups(runs: Iterable[Run]) -> list[dict[str, Any]]:
    """List the groups, oldest first, each with its runs, and their marks."""
    known = {run.id: run for run in runs}
    own: dict[str, list[Run]] = {}
    for run in known.values():
        if run.state.group:
            own.setdefault(run.state.group.id, []).append(run)
    found = [in_order(runs, known) for runs in own.values()]
    return [{**described(group), "runs": [run.id for run in group], "marks": [mark(run) for run in group]} for group in found]
