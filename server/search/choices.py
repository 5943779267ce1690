"""What may be searched of a configuration: the hyperparameter behind a path, and an axis of what a person asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from engine import ConfigurationError
from engine.hyperparameter import Field, fields_of
from engine.layers import LAYERS
from engine.optimizers import OPTIMIZERS
from engine.regularizers import REGULARIZERS
from engine.schedules import SCHEDULES
from engine.search.space import Axis, Listed, Range, Space
from engine.tasks import TASKS
from engine.training.configuration import Configuration
from engine.training.factory import LOSSES
from server.runs.groups import ACTIVATION

OWNERS: dict[str, Mapping[str, type]] = {
    "optimizer": OPTIMIZERS,
    "schedule": SCHEDULES,
    "loss": LOSSES,
    "regularizer": REGULARIZERS,
}
"""Where the class of a choice that has a name is looked up."""
GRID = 5
"""How many values a grid has of a range that does not say."""


def field_of(base: Mapping[str, Any], path: str) -> Field | None:
    """Find the hyperparameter that a path means, as "network.0.units"; None where it means a whole choice, or nothing."""
    *parents, name = path.split(".")
    owner: Any = None
    try:
        if not parents:
            owner = Configuration
        elif parents == ["data"]:
            owner = TASKS[base["task"]]
        elif parents[0] == "network":
            place: Any = base["network"]
            for part in parents[1:]:
                place = place[int(part)] if isinstance(place, list) else place[part]
            owner = LAYERS[place["layer"]]
        elif len(parents) == 1 and parents[0] in OWNERS:
            owner = OWNERS[parents[0]][base[parents[0]]["name"]]
    except (KeyError, IndexError, ValueError, TypeError):
        return None
    return next((field for field in fields_of(owner) if field.name == name), None) if owner else None


def names() -> list[str]:
    """Name what a configuration chooses, but for the task."""
    return [*(f.name for f in fields(Configuration) if f.name != "task"), ACTIVATION]


def is_number(field: Field | None) -> bool:
    """Tell whether a hyperparameter is one number."""
    return field is not None and bool({int, float} & set(field.types)) and bool not in field.types


def make_axis(base: Mapping[str, Any], said: Mapping[str, Any], place: str) -> Axis:
    """Make an axis of what was asked for: values, or low and high; scale and whole are the hyperparameter's where none is said.

    Raises ConfigurationError, whose field begins with `place`.
    """
    path, values = said["path"], said.get("values")
    if "." not in path and path not in names():
        raise ConfigurationError(
            f"{place}.path", f"there is no {path!r} to choose; choose {', '.join(names())}, or a field of these"
        )
    if values is not None:
        return Listed(path, tuple(values))
    field = field_of(base, path)
    if field is None or not is_number(field):
        raise ConfigurationError(f"{place}.path", f"{path!r} is no number, and has no range; give a list of values")
    whole = said.get("whole")
    whole = float not in field.types if whole is None else whole
    scale = said.get("scale") or (field.choice.scale if said["low"] > 0 else "linear")
    limits = field.choice
    for side in ("low", "high"):
        low = -float("inf") if limits.minimum is None else limits.minimum
        high = float("inf") if limits.maximum is None else limits.maximum
        if not low <= said[side] <= high:
            words = f"{side} of {path} must be {limits.allowed()}, got {said[side]:g}"
            raise ConfigurationError(f"{place}.{side}", words)
    number = int if whole and all(float(said[side]).is_integer() for side in ("low", "high")) else float
    try:
        return Range(path, number(said["low"]), number(said["high"]), scale, whole, said.get("count") or GRID)
    except ValueError as error:
        raise ConfigurationError(f"{place}.low", str(error)) from error


def make_space(base: Mapping[str, Any], axes: Sequence[Mapping[str, Any]]) -> Space:
    """Make the space of what was asked for. Raises ConfigurationError, which names the axis."""
    return Space(tuple(make_axis(base, said, f"axes.{k}") for k, said in enumerate(axes)))


def axis_as_dict(axis: Axis) -> dict[str, Any]:
    """Write an axis in plain values; `axis_of` reads them."""
    nothing = {"values": None, "low": None, "high": None, "scale": None, "whole": None, "count": None}
    if isinstance(axis, Listed):
        return {"path": axis.name, **nothing, "values": list(axis.values)}
    chosen = {name: getattr(axis, name) for name in ("low", "high", "scale", "whole", "count")}
    return {"path": axis.name, **nothing, **chosen}


def axis_of(stored: Mapping[str, Any]) -> Axis:
    """Read what `axis_as_dict` wrote."""
    if stored["values"] is not None:
        return Listed(stored["path"], tuple(stored["values"]))
    return Range(stored["path"], *(stored[name] for name in ("low", "high", "scale", "whole", "count")))
