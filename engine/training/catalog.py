"""Everything that can be chosen, with limits, defaults and help, read from the classes themselves; and the page's words."""

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from itertools import takewhile
from pathlib import Path
from typing import Any, get_origin

from engine.hyperparameter import Field, fields_of
from engine.initializers import INITIALIZERS
from engine.layers import LAYERS, Activation, Layer
from engine.optimizers import OPTIMIZERS
from engine.regularizers import REGULARIZERS
from engine.schedules import SCHEDULES
from engine.tasks import TASKS, Task
from engine.training.advice import CHOICES, FIELDS
from engine.training.causes import CAUSES
from engine.training.configuration import Configuration
from engine.training.events import COLUMNS
from engine.training.factory import LOSSES
from engine.training.glossary import PICTURES, TERMS, Term
from engine.training.training import CHANGEABLE

CHOSEN_BY_NAME: Mapping[str, Mapping[str, Any]] = {
    "tasks": TASKS,
    "layers": LAYERS,
    "optimizers": OPTIMIZERS,
    "schedules": SCHEDULES,
    "losses": LOSSES,
    "regularizers": REGULARIZERS,
    "initializers": INITIALIZERS,
}
"""What the catalog lists by name, with the class or the function of each."""
FORMULA = re.compile(r" {4}|(?![xW],? ?.{0,9}\(N).{0,24}[=←]")
"""How a line of a docstring begins that is a formula, and not the shapes of an x (N, …)."""


def type_name(field: Field) -> str:
    """Name a field's types as JSON knows them, as in "int", "bool", "int | list | null".

    A list is one of whole numbers, "numbers" are a list of any, "names" some of those `among`, and "layers" are layers inside.
    """
    names = {int: "int", float: "float", bool: "bool", str: "str", type(None): "null", tuple[float, ...]: "numbers"}
    names |= {tuple[str, ...]: "names"}
    return " | ".join(dict.fromkeys("layers" if get_origin(t) is list else names.get(t, "list") for t in field.types))


def describe_field(field: Field) -> dict[str, Any]:
    """Describe one hyperparameter: name, types, default, limits, help."""
    limits = field.choice
    default = limits.suggestion if field.required else field.default
    return {
        "name": field.name,
        "type": type_name(field),
        "required": field.required,
        "default": list(default) if field.holds_names else default,
        "minimum": limits.minimum,
        "maximum": limits.maximum,
        "among": list(limits.among),
        "scale": limits.scale,
        "unit": limits.unit,
        "section": limits.section,
        "help": limits.help,
    }


def explain(owner: Any) -> dict[str, str]:
    """Take a docstring apart: its first sentence, and the formula that stands after it and in the lines below."""
    first, *others = inspect.cleandoc(owner.__doc__ or "").splitlines()
    help, _, formula = first.partition(":  ")
    lines = [line.partition(".  ")[0].rstrip(".") for line in (formula, *takewhile(FORMULA.match, others[1:]))]
    if not any(lines) and isinstance(owner, type) and owner.__bases__[0] not in (object, Layer):
        lines = [explain(owner.__bases__[0])["formula"]]
    said = {"help": help.rstrip(".:") + ".", "formula": "\n".join(filter(None, lines))}
    return {**said, "advice": CHOICES.get(owner.__name__, "")}


def describe(owner: type) -> dict[str, Any]:
    """Describe a class: its name, what its docstring says, and its hyperparameters."""
    return {"name": owner.__name__, **explain(owner), "fields": [describe_field(f) for f in fields_of(owner)]}


def describe_term(name: str, term: Term) -> dict[str, Any]:
    """Describe a word of the page."""
    said = {"name": name, "help": term.help, "formula": term.formula, "advice": term.advice}
    return {**said, "lines": term.lines is not None}


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
                "goal": {**asdict(task.goal), "lost": task.goal.lost},
                "kind": task.kind,
                "defaults": dict(task.defaults),
                "pictures": {name: picture.view for name, picture in task.pictures.items()},
                "takes": {name: picture.takes for name, picture in task.pictures.items() if picture.takes},
                "neuron_maps": "neuron" in task.looks,
                "presets": {title: dict(preset) for title, preset in task.presets.items()},
                "watching_speed": task.watching_speed,
                "seeded": task.seeded,
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
        "initializers": [{"name": name, **explain(f)} for name, f in INITIALIZERS.items()],
        "terms": [describe_term(name, term) for name, term in TERMS.items()],
        "pictures": [describe_term(name, term) for name, term in PICTURES.items()],
        "advice": FIELDS,
        "causes": [{"name": name, **asdict(cause)} for name, cause in CAUSES.items()],
        "columns": [asdict(column) for column in COLUMNS],
        "run": [describe_field(f) for f in fields_of(Configuration)],
        "changeable": list(CHANGEABLE),
    }


@dataclass(frozen=True)
class SourceLines:
    """Some lines of the engine, as they stand in their file."""

    path: str
    first: int
    """The number of the first of them."""
    text: str


def source_lines(kind: str, name: str) -> SourceLines:
    """Give the lines of the engine that do what has this name in the catalog: a layer, an optimizer, a word, a run's field …

    Raises KeyError where the catalog has no such thing, or the engine has no part in it.
    """
    words = {"terms": TERMS, "pictures": PICTURES}
    found: type | Callable[..., Any] | None
    if kind in words:
        found = words[kind][name].lines
    else:
        run = dict.fromkeys((field.name for field in fields_of(Configuration)), Configuration)
        found = {**CHOSEN_BY_NAME, "run": run}[kind][name]
    if found is None:
        raise KeyError(name)
    lines, first = inspect.getsourcelines(found)
    path = Path(inspect.getfile(found)).relative_to(Path(__file__).parents[2])
    return SourceLines(path.as_posix(), first, inspect.cleandoc("\n" + "".join(lines)) + "\n")
