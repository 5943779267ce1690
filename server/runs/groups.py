"""Runs that belong together: a race of a few with something that differs, or a sweep over one or two hyperparameters."""

import secrets
from collections.abc import Iterable, Sequence
from copy import deepcopy
from itertools import product
from math import prod
from typing import Any

from engine import ConfigurationError
from engine.layers import LAYERS, Activation
from engine.training.configuration import merged
from server.runs.run import Run
from server.runs.state import Membership, RunState

ACTIVATION = "activation"
"""The path that means every activation of the network."""


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


def membership(run: Run) -> Membership:
    """Say how a run belongs to its group; it must have one."""
    if run.state.group is None:
        raise ValueError(f"run {run.id} belongs to no group")
    return run.state.group


def members(runs: Iterable[Run], id: str) -> list[Run]:
    """Find a group's runs, in their order."""
    found = [run for run in runs if run.state.group is not None and run.state.group.id == id]
    return sorted(found, key=lambda run: membership(run).place)


def groups(runs: Iterable[Run]) -> list[dict[str, Any]]:
    """List the groups, oldest first, each with its runs."""
    found: dict[str, dict[str, Any]] = {}
    for run in runs:
        if group := run.state.group:
            entry = found.setdefault(
                group.id,
                {
                    "id": group.id,
                    "kind": group.kind,
                    "paths": group.paths,
                    "task": run.configuration.task,
                    "created": run.created,
                    "runs": [],
                },
            )
            entry["runs"].append(run.id)
    return list(found.values())
