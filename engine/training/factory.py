"""From plain values to objects, and back: tasks, layers, optimizers, schedules, losses, regularizers."""

from collections.abc import Mapping, Sequence
from typing import Any

from engine.data.folders import DataFolders
from engine.hyperparameter import Choice, Field, fields_of, plain, refusal
from engine.layers import LAYERS, Layer
from engine.losses import LOSSES as GENERAL_LOSSES
from engine.losses import Loss
from engine.optimizers import OPTIMIZERS, Optimizer
from engine.regularizers import REGULARIZERS, Regularizer
from engine.schedules import SCHEDULES, Schedule
from engine.tasks import TASKS, Task
from engine.training.configuration import Configuration, ConfigurationError

LOSSES = GENERAL_LOSSES | {loss.__name__: loss for task in TASKS.values() for loss in task.losses}
"""All losses, those that a task brings along too."""

DEEPEST = 3
"""How deep layers can be inside layers."""


def select(path: str, table: Mapping[str, type], spec: Mapping[str, Any], key: str = "name") -> tuple[type, dict[str, Any]]:
    """Look up the class that a specification names; return it and the other values."""
    if not isinstance(spec, Mapping):
        raise ConfigurationError(path, f'{path} is an object with its name as "{key}", got {spec!r:.60}')
    name = spec.get(key)
    if not isinstance(name, str) or name not in table:
        raise ConfigurationError(f"{path}.{key}", f"{path}: there is no {name!r:.60}; choose {', '.join(table)}")
    return table[name], {k: v for k, v in spec.items() if k != key}


def make(path: str, owner: type, values: Mapping[str, Any], **given: Any) -> Any:
    """Make an object from its hyperparameters, and what else is given; a ConfigurationError names what is not allowed."""
    known = {f.name: f for f in fields_of(owner)}
    for name, value in values.items():
        if name not in known:
            has = ", ".join(known) or "no fields"
            raise ConfigurationError(f"{path}.{name}", f"{owner.__name__} has no {name!r}; it has {has}")
        wanted = refusal(known[name], plain(known[name], value))
        if wanted:
            raise ConfigurationError(f"{path}.{name}", f"{name} must be {wanted}, got {value!r:.60}")
    missing = [name for name, f in known.items() if f.required and name not in values]
    if missing:
        limits: Choice = known[missing[0]].choice
        raise ConfigurationError(f"{path}.{missing[0]}", f"{owner.__name__} needs {missing[0]}: {limits.allowed()}")
    try:
        chosen = {name: value_for(known[name], value, f"{path}.{name}") for name, value in values.items()}
        return owner(**chosen, **given)
    except ConfigurationError:  # of a layer inside, which says its own path
        raise
    except ValueError as error:
        raise ConfigurationError(path, str(error)) from error


def value_for(field: Field, value: Any, path: str) -> Any:
    """Turn a plain value into what the field holds: a list of numbers into a tuple, layers inside into layers."""
    if field.holds_layers:
        return make_layers(value, path)
    return plain(field, value)


def values_of(thing: Any) -> dict[str, Any]:
    """Read an object's hyperparameters as plain values."""
    values = {f.name: getattr(thing, f.name) for f in fields_of(thing)}
    for f in fields_of(thing):
        if f.holds_layers:
            values[f.name] = [describe_layer(layer) for layer in values[f.name]]
        elif f.holds_names:
            values[f.name] = list(values[f.name])
    return values


def describe_layer(layer: Layer) -> dict[str, Any]:
    """Give a layer as plain values, from which it can be made again."""
    values = values_of(layer)
    silenced = values.pop("silenced")
    return {"layer": type(layer).__name__, **values, **({"silenced": list(silenced)} if silenced else {})}


def make_task(configuration: Configuration, folders: DataFolders) -> Task:
    """Make the task with its data's hyperparameters; nothing is loaded yet."""
    task: Task = make("data", TASKS[configuration.task], configuration.data, folders=folders)
    return task


def make_layers(specs: Sequence[Mapping[str, Any]], path: str = "network") -> list[Layer]:
    """Make the layers, none of them built yet."""
    if path.count(".layers") > DEEPEST:
        raise ConfigurationError(path, f"layers can be inside layers at most {DEEPEST} deep")
    for i, spec in enumerate(specs):
        if not isinstance(spec, Mapping):
            raise ConfigurationError(f"{path}.{i}", f'a layer is an object with its name as "layer", got {spec!r:.60}')
    return [make(f"{path}.{i}", *select(f"{path}.{i}", LAYERS, spec, "layer")) for i, spec in enumerate(specs)]


def make_optimizer(spec: Mapping[str, Any]) -> Optimizer:
    """Make the optimizer that a specification names."""
    optimizer: Optimizer = make("optimizer", *select("optimizer", OPTIMIZERS, spec))
    return optimizer


def make_schedule(spec: Mapping[str, Any]) -> Schedule:
    """Make the schedule that a specification names."""
    schedule: Schedule = make("schedule", *select("schedule", SCHEDULES, spec))
    return schedule


def make_loss(spec: Mapping[str, Any]) -> Loss:
    """Make the loss that a specification names."""
    loss: Loss = make("loss", *select("loss", LOSSES, spec))
    return loss


def make_regularizer(spec: Mapping[str, Any] | None) -> Regularizer | None:
    """Make the regularizer that a specification names; None for none."""
    if spec is None:
        return None
    regularizer: Regularizer = make("regularizer", *select("regularizer", REGULARIZERS, spec))
    return regularizer
