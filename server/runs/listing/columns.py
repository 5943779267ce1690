"""What there is to say of a run in one row of a table: what it is, what it reached, what was found, and all that was chosen.

The hyperparameters are those of the catalog, by their paths in the configuration: there is no second list of them.
"""

import math
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, get_origin

from engine import Configuration, ConfigurationError, configure
from engine.data.datasets import NotHereError
from engine.hyperparameter import Field, fields_of
from engine.layers import LAYERS
from engine.optimizers import OPTIMIZERS
from engine.regularizers import REGULARIZERS
from engine.schedules import SCHEDULES
from engine.tasks import TASKS
from engine.training.factory import LOSSES
from server.runs.groups import member
from server.runs.listing.resting import Seen

LONGEST = 200
"""Characters of a text that a table shows and a filter reads: a pasted book is looked into no further."""
WHOLE = ("note", "network")
"""Texts of which nothing is cut: a person goes on writing the one in the table, and asks for layers of the other."""
MOST_WORDS = 3
"""Differences that are said of a run, before "and 2 more"."""
NAMED: dict[str, Mapping[str, type]] = {
    "optimizer": OPTIMIZERS,
    "schedule": SCHEDULES,
    "loss": LOSSES,
    "regularizer": REGULARIZERS,
}
"""The parts of a configuration that are chosen by name."""
IN_NETWORK = re.compile(r"network((?:\.\d+(?:\.layers)?)+)\.(\w+)")
"""The path of a layer's field, also of a layer inside another."""


@dataclass(frozen=True)
class Column:
    """A column: how it is headed, where it belongs, what it holds, and one sentence on it."""

    name: str
    title: str
    group: str
    """about, scores, findings, marks or settings."""
    kind: str
    """number, text, choice (one of few words), words (several), time (seconds since 1970) or flag."""
    help: str = ""


FIRST = (
    Column("name", "name", "about", "text", "how somebody called it"),
    Column("words", "what differs", "about", "text", "what differs within its race or sweep, else from its task's defaults"),
    Column("title", "task", "about", "choice", "the task's title"),
    Column("status", "status", "about", "choice", "what it does, or how it ended"),
    Column("result", "result", "scores", "number", "the score that counts in its task: the best accuracy, or the loss"),
    Column("tags", "tags", "marks", "words", "words that somebody put on it"),
    Column("note", "note", "marks", "text", "what somebody wrote of it"),
    Column("finding", "found", "findings", "choice", "the most causal of what the doctor finds"),
    Column("finding_kind", "how bad", "findings", "choice", "whether that is ill, a caution or good"),
    Column("findings", "all that was found", "findings", "words", "all that the doctor finds, most causal first"),
    Column("step", "step", "about", "number", "steps that are done"),
    Column("epoch", "epoch", "about", "number", "passes over the training data that are done"),
    Column("seconds", "seconds", "about", "number", "time spent on training"),
    Column("created", "made", "about", "time", "when it was made"),
    Column("test_accuracy", "test accuracy", "scores", "number", "the newest share of the test data that it has right"),
    Column("best_accuracy", "best accuracy", "scores", "number", "the best share that it ever had right"),
    Column("accuracy", "accuracy", "scores", "number", "the newest share of the training data that it has right"),
    Column("test_loss", "test loss", "scores", "number", "the newest loss of the test data"),
    Column("loss", "loss", "scores", "number", "the newest loss of the training data"),
    Column("goal", "better is", "scores", "choice", "whether a better result is up or down"),
    Column("parameters", "parameters", "about", "number", "numbers that its network learns"),
    Column("network", "network", "about", "text", "its layers"),
    Column("task", "task's name", "about", "choice", "the task as a request names it"),
    Column("sweep", "sweep", "about", "text", "the id of the sweep that it belongs to"),
    Column("race", "race", "about", "text", "the id of the race that it belongs to"),
    Column("parent", "parent", "about", "text", "the id of the run that it went on from"),
    Column("error", "trouble", "about", "text", "what the trouble was"),
    Column("id", "id", "about", "text", "its id"),
)
"""The columns that are no settings, the most useful first."""
FOUND, GROUP, BLANK, MEMBER = "_found", "_group", "_blank", "_member"
"""What a table knows beside its columns: causes and titles of findings, how a race or sweep is called, whether nobody has done
anything with the run, and what those who put groups together ask of it.
"""
BY_NAME = {column.name: column for column in FIRST}
SCORES = ("loss", "test_loss", "accuracy", "test_accuracy")


def row_of(run: Seen) -> dict[str, Any]:
    """Say everything about a run as one row; what it does not have is not there."""
    configuration, state, metrics = run.configuration, run.state, run.metrics
    task = TASKS.get(configuration.task)
    chosen = dict(settings_of(configuration))
    group = state.group
    found = run.found
    titles = tuple(str(one["title"]) for one in found)
    said: dict[str, Any] = {
        "id": run.id,
        "name": run.name,
        "title": task.title if task else configuration.task.capitalize(),
        "task": configuration.task,
        "note": run.note,
        "status": str(run.status),
        "error": run.trouble,
        "step": run.step,
        "epoch": state.epoch(run.step),
        "seconds": run.seconds,
        "created": run.created,
        "parent": state.parent.run if state.parent else None,
        "parameters": state.parameters or None,
        "best_accuracy": run.best,
        "finding": titles[0] if found else None,
        "finding_kind": found[0]["kind"] if found else None,
        "findings": titles,
        FOUND: (*titles, *(str(one["cause"]) for one in found)),
        "tags": tuple(state.tags),
        BLANK: run.is_blank,
        MEMBER: member(run),
        **{name: metrics.get(name) for name in SCORES},
        "network": " · ".join(map(said_layer, configuration.network)),
        "words": said_differences(run, chosen),
    }
    if group:
        said[group.kind] = group.id
        said[GROUP] = f"{group.kind.capitalize()} of {said['title']}: {', '.join(map(readable, group.paths))}"
    of_classes = task.kind == "classes" if task else run.best is not None
    said["goal"] = "up" if of_classes else "down"
    said["result"] = result_of(said)
    if state.imported:  # nobody has said more of it
        chosen = {name: value for name, value in chosen.items() if name == "optimizer.learning_rate"}
    row = {name: value if name in WHOLE else plain(value) for name, value in {**said, **chosen}.items()}
    return {name: value for name, value in row.items() if value not in (None, "", ())}


def result_of(said: Mapping[str, Any]) -> float | None:
    """Give the score by which a run is compared:  the best accuracy where classes are learned, else the newest test loss."""
    names = ("best_accuracy", "test_accuracy", "accuracy") if said["goal"] == "up" else ("test_loss", "loss")
    return next((said[name] for name in names if said[name] is not None), None)


def plain(value: Any) -> Any:
    """Give a value as a table holds it: what is not finite is none, a text is cut and kept once."""
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None  # of NumPy's too
    if isinstance(value, str):
        return sys.intern(str(value[:LONGEST]))
    return tuple(map(plain, value)) if isinstance(value, tuple) else value


def settings_of(configuration: Configuration) -> Iterator[tuple[str, Any]]:
    """Give all that was chosen, each with its path, as in "optimizer.learning_rate" or "network.0.units"."""
    for name, value in vars(configuration).items():
        if name == "task":
            continue
        if name == "network":
            yield from settings_of_layers(name, value)
        elif isinstance(value, Mapping):
            for field, inner in value.items():
                yield f"{name}.{field}", said_value(inner)
        elif name not in NAMED:  # else there is none, as a regularizer
            yield name, said_value(value)


def settings_of_layers(path: str, layers: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, Any]]:
    """Give what was chosen of layers, and of those inside them."""
    for k, layer in enumerate(layers):
        for name, value in layer.items():
            if isinstance(value, list) and value and isinstance(value[0], Mapping):
                yield from settings_of_layers(f"{path}.{k}.{name}", value)
            else:
                yield f"{path}.{k}.{name}", said_value(value)


def said_value(value: Any) -> Any:
    """Write lists as a person reads them; numbers, words and flags are what they are."""
    if isinstance(value, (list, tuple)):
        return " × ".join(map(str, value[:LONGEST]))
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)


def said_layer(layer: Mapping[str, Any]) -> str:
    """Name a layer with its size, as in "Dense 32"."""
    size = layer.get("units") or layer.get("filters") or layer.get("heads")
    return f"{layer.get('layer')} {size}" if size else str(layer.get("layer"))


def said_differences(run: Seen, chosen: Mapping[str, Any]) -> str:
    """Say in words what differs between a run and those beside it: of its race or sweep, else the defaults of its task."""
    state = run.state
    if state.remedy:
        return state.remedy.title
    if state.group:
        pairs = zip(state.group.paths, state.group.at, strict=False)
        return in_words([f"{readable(path)} {said_choice(value)}" for path, value in pairs])
    usual = usual_settings(run.configuration.task)
    if usual is None:
        return ""
    network = {path for path in {*usual, *chosen} if path.startswith("network.") and usual.get(path) != chosen.get(path)}
    others = [path for path in chosen if not path.startswith("network.") and usual.get(path) != chosen[path]]
    of_shape = [path for path in network if path not in usual or path not in chosen or path.endswith(".layer")]
    words = ["other layers"] if of_shape else [f"{readable(path)} {said_choice(chosen[path])}" for path in sorted(network)]
    return in_words([*words, *(f"{readable(path)} {said_choice(chosen[path])}" for path in others if path not in PLACES)])


PLACES = ("data.dataset", "seed")
"""What tells two runs of a task apart, but not from its defaults."""


def in_words(all: Sequence[str]) -> str:
    """Say the first few, and how many more there are."""
    more = len(all) - MOST_WORDS
    return ", ".join(all[:MOST_WORDS]) + (f" and {more} more" if more > 0 else "")


def said_choice(value: Any) -> str:
    """Write a value of any kind in few characters."""
    if isinstance(value, Mapping):
        return str(value.get("name", value.get("layer", "other")))
    if isinstance(value, float):
        return f"{value:.4g}"
    return "none" if value is None else str(said_value(value))[:40]


@cache
def usual_settings(task: str) -> Mapping[str, Any] | None:
    """Give the settings that a task has where nobody chose any; None where they cannot be known here."""
    try:
        return dict(settings_of(configure({"task": task})))
    except (ConfigurationError, NotHereError):
        return None


def readable(path: str) -> str:
    """Name a setting as a person does: "learning rate", "layer 1 units"."""
    if found := IN_NETWORK.fullmatch(path):
        place = ".".join(str(int(k) + 1) for k in re.findall(r"\d+", found[1]))
        return f"layer {place}" if found[2] == "layer" else f"layer {place} {found[2].replace('_', ' ')}"
    part, _, field = path.rpartition(".")
    return ("loss function" if path == "loss.name" else part if field == "name" else field).replace("_", " ")


def column_of(name: str) -> Column:
    """Describe a column, a setting as its hyperparameter says. Raises KeyError where no run can have such a one."""
    if name in BY_NAME:
        return BY_NAME[name]
    part, _, field = name.rpartition(".")
    if (part in NAMED and field == "name") or (IN_NETWORK.fullmatch(name) and field == "layer"):
        return Column(name, readable(name), "settings", "choice")
    if (found := fields_by_path().get("network." + field if IN_NETWORK.fullmatch(name) else name)) is None:
        raise KeyError(name)
    return Column(name, readable(name), "settings", kind_of(found), found.choice.help)


def kind_of(field: Field) -> str:
    """Say what a hyperparameter holds."""
    if bool in field.types:
        return "flag"
    if field.choice.among and not field.holds_names:
        return "choice"
    several = any(get_origin(kind) is not None for kind in field.types)
    return "number" if {int, float} & set(field.types) and not several else "text"


@cache
def fields_by_path() -> dict[str, Field]:
    """Give the catalog's hyperparameters by path; those of layers under "network.units"."""
    found: dict[str, Field] = {field.name: field for field in fields_of(Configuration)}
    parts: dict[str, Mapping[str, type]] = {**NAMED, "network": LAYERS, "data": TASKS}
    for part, owners in parts.items():
        for owner in owners.values():
            for field in fields_of(owner):
                found.setdefault(f"{part}.{field.name}", field)
    return found
