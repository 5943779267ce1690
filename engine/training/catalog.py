"""Everything that can be chosen, with limits, defaults and help, read from the classes themselves."""

from dataclasses import asdict
from typing import Any, get_origin

from engine.hyperparameter import Field, fields_of
from engine.initializers import INITIALIZERS
from engine.layers import LAYERS, Activation
from engine.optimizers import OPTIMIZERS
from engine.regularizers import REGULARIZERS
from engine.schedules import SCHEDULES
from engine.tasks import TASKS, Task
from engine.training.configuration import Configuration
from engine.training.events import COLUMNS
from engine.training.factory import LOSSES


def type_name(field: Field) -> str:
    """Name a field's types as JSON knows them, as in "int", "bool", "int | list | null".

    A list is one of whole numbers, "numbers" are a list of any, and "layers" are layers inside.
    """
    names = {int: "int", float: "float", bool: "bool", str: "str", type(None): "null", tuple[float, ...]: "numbers"}
    return " | ".join(dict.fromkeys("layers" if get_origin(t) is list else names.get(t, "list") for t in field.types))


def describe_field(field: Field) -> dict[str, Any]:
    """Describe one hyperparameter: name, types, default, limits, help."""
    limits = field.choice
    return {
        "name": field.name,
        "type": type_name(field),
        "required": field.required,
        "default": limits.suggestion if field.required else field.default,
        "minimum": limits.minimum,
        "maximum": limits.maximum,
        "among": list(limits.among),
        "scale": limits.scale,
        "unit": limits.unit,
        "help": limits.help,
    }


def describe(owner: type) -> dict[str, Any]:
    """Describe a class: its name, the first sentence of its docstring, and its hyperparameters."""
    help = (owner.__doc__ or "").strip().splitlines()[0]
    return {"name": owner.__name__, "help": help, "fields": [describe_field(f) for f in fields_of(owner)]}


def catalog() -> dict[str, Any]:
    """List tasks, layers, optimizers, schedules, losses, regularizers, initializers, columns of the log, a run's own fields."""
    return {
        "tasks": [
            describe(task)
            | {
                "name": task.name,
                "title": task.title,
                "group": task.group,
                "summary": task.summary,
                "kind": task.kind,
                "defaults": dict(task.defaults),
                "pictures": {name: picture.view for name, picture in task.pictures.items()},
                "takes": {name: picture.takes for name, picture in task.pictures.items() if picture.takes},
                "presets": {title: dict(preset) for title, preset in task.presets.items()},
                "watching_speed": task.watching_speed,
                "fixed_network": task.fixed_network,
                "example_history": task.tracked_examples is not Task.tracked_examples,
            }
            for task in TASKS.values()
        ],
        "layers": [describe(layer) | {"activation": issubclass(layer, Activation)} for layer in LAYERS.values()],
        "optimizers": [describe(one) | {"first_rate": dict(one.first_rate)} for one in OPTIMIZERS.values()],
        "schedules": [describe(schedule) for schedule in SCHEDULES.values()],
        "losses": [describe(loss) | {"kinds": list(loss.kinds)} for loss in LOSSES.values()],
        "regularizers": [describe(regularizer) for regularizer in REGULARIZERS.values()],
        "initializers": [{"name": name, "help": (f.__doc__ or "").splitlines()[0]} for name, f in INITIALIZERS.items()],
        "columns": [asdict(column) for column in COLUMNS],
        "run": [describe_field(f) for f in fields_of(Configuration)],
    }
