"""Everything that was chosen for one run, completed from the task's defaults and checked before anything starts."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from engine.hyperparameter import Choice, Field, choice, fields_of, refusal
from engine.layers import LAYERS, Dense, Embedding, Layer
from engine.losses import LOSSES, Loss
from engine.network import LayerError, Plan, plan
from engine.optimizers import OPTIMIZERS, Optimizer
from engine.regularizers import REGULARIZERS, Regularizer
from engine.schedules import SCHEDULES, Schedule
from engine.tasks import TASKS, Task

DEEPEST = 3
"""How deep layers can be inside layers."""


MOST_LAYERS = 200
"""How many layers a network may have."""


class ConfigurationError(ValueError):
    """A choice that is not allowed; `field` is its path, as in "network.2.units"."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass
class Configuration:
    """One run, in plain values: what a request says, what a URL holds, what a run can be made from again."""

    task: str
    network: list[dict[str, Any]]
    optimizer: dict[str, Any]
    schedule: dict[str, Any]
    loss: dict[str, Any]
    regularizer: dict[str, Any] | None
    data: dict[str, Any]
    batch_size: int = choice(
        "examples of one step; all of them where it is larger", default=32, minimum=1, maximum=10_000, scale="log"
    )
    steps: int = choice("when training is finished", default=10_000, minimum=1, maximum=10_000_000, scale="log")
    clip_norm: float | None = choice(
        "longer gradients are shortened to this length (empty: never)", default=None, minimum=1e-3, maximum=1000, scale="log"
    )
    seed: int = choice("fixes the data, the first weights and the order", default=7, minimum=0, maximum=2**31 - 1)
    evaluate_every: int = choice(
        "steps from one row of metrics to the next", default=20, minimum=1, maximum=100_000, scale="log"
    )

    def as_dict(self) -> dict[str, Any]:
        """Give the plain values, for JSON."""
        return asdict(self)

    def next_row(self, step: int) -> int:
        """Say which step has the next row of metrics: each of the first steps has one, then every so many, and the last."""
        every = self.evaluate_every
        following = step + 1 if step + 1 < min(every, 20) else (step // every + 1) * every
        return min(following, max(self.steps, step + 1))


def select(path: str, table: Mapping[str, type], spec: Mapping[str, Any], key: str = "name") -> tuple[type, dict[str, Any]]:
    """Look up the class that a specification names; return it and the other values."""
    name = spec.get(key)
    if name not in table:
        raise ConfigurationError(f"{path}.{key}", f"{path}: there is no {name!r}; choose {', '.join(table)}")
    return table[str(name)], {k: v for k, v in spec.items() if k != key}


def make(path: str, owner: type, values: Mapping[str, Any]) -> Any:
    """Make an object from its hyperparameters; a ConfigurationError names the one that is not allowed."""
    known = {f.name: f for f in fields_of(owner)}
    for name, value in values.items():
        if name not in known:
            has = ", ".join(known) or "no fields"
            raise ConfigurationError(f"{path}.{name}", f"{owner.__name__} has no {name!r}; it has {has}")
        wanted = refusal(known[name], tuple(value) if isinstance(value, list) else value)
        if wanted:
            raise ConfigurationError(f"{path}.{name}", f"{name} must be {wanted}, got {value!r}")
    missing = [name for name, f in known.items() if f.required and name not in values]
    if missing:
        limits: Choice = known[missing[0]].choice
        raise ConfigurationError(f"{path}.{missing[0]}", f"{owner.__name__} needs {missing[0]}: {limits.allowed()}")
    try:
        return owner(**{name: value_for(known[name], value, f"{path}.{name}") for name, value in values.items()})
    except ConfigurationError:  # of a layer inside, which says its own path
        raise
    except ValueError as error:
        raise ConfigurationError(path, str(error)) from error


def value_for(field: Field, value: Any, path: str) -> Any:
    """Turn a plain value into what the field holds: a list of numbers into a tuple, layers inside into layers."""
    if field.holds_layers:
        return make_layers(value, path)
    return tuple(value) if isinstance(value, list) else value


def values_of(thing: Any) -> dict[str, Any]:
    """Read an object's hyperparameters as plain values."""
    return {
        f.name: [describe_layer(layer) for layer in getattr(thing, f.name)] if f.holds_layers else getattr(thing, f.name)
        for f in fields_of(thing)
    }


def describe_layer(layer: Layer) -> dict[str, Any]:
    """Give a layer as plain values, from which it can be made again."""
    return {"layer": type(layer).__name__, **values_of(layer)}


def make_task(configuration: Configuration) -> Task:
    """Make the task with its data's hyperparameters; nothing is loaded yet."""
    task: Task = make("data", TASKS[configuration.task], configuration.data)
    return task


def present(path: str, owner: type, values: Mapping[str, Any]) -> Task:
    """Make a task whose data are on this machine; a ConfigurationError says what is missing where they are not."""
    task: Task = make(path, owner, values)
    if missing := task.missing():
        raise ConfigurationError(f"{path}.{missing[0]}", missing[1])
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


def configure(request: Mapping[str, Any]) -> Configuration:
    """Complete a request from its task's defaults, and check all of it, shapes included, without allocating anything.

    Raises ConfigurationError, naming the field, what came and what is allowed.
    """
    name = request.get("task")
    if name not in TASKS:
        raise ConfigurationError("task", f"there is no task {name!r}; choose {', '.join(TASKS)}")
    chosen = {**TASKS[name].defaults, **{k: v for k, v in request.items() if v is not None or k == "regularizer"}}
    task = present("data", TASKS[name], chosen.get("data") or {})
    layers = complete_layers(chosen["network"], task)
    optimizer = make_optimizer(chosen["optimizer"])
    schedule = make_schedule(chosen.get("schedule", {"name": "Constant"}))
    regularizer = make_regularizer(chosen.get("regularizer"))
    loss = make_loss(chosen["loss"])
    if task.kind not in loss.kinds:
        fitting = ", ".join(name for name, other in LOSSES.items() if task.kind in other.kinds)
        raise ConfigurationError("loss.name", f"{task.title} has {task.kind} to learn; choose {fitting}")
    configuration = Configuration(
        task.name,
        [describe_layer(layer) for layer in layers],
        _named(optimizer),
        _named(schedule),
        _named(loss),
        _named(regularizer) if regularizer else None,
        values_of(task),
        **{f.name: chosen.get(f.name, f.default) for f in fields_of(Configuration)},
    )
    for f in fields_of(Configuration):
        wanted = refusal(f, getattr(configuration, f.name))
        if wanted:
            raise ConfigurationError(f.name, f"{f.name} must be {wanted}, got {getattr(configuration, f.name)!r}")
    plan_network(layers, task)
    return configuration


def _named(thing: Any) -> dict[str, Any]:
    return {"name": type(thing).__name__, **values_of(thing)}


def complete_layers(specs: list[dict[str, Any]], task: Task) -> list[Layer]:
    """Make the layers; a last Dense that does not say its units takes as many as the task has outputs."""
    if not specs:
        raise ConfigurationError("network", f"the network needs at least one layer, with {task.outputs} outputs")
    if (number := count_layers(specs)) > MOST_LAYERS:
        raise ConfigurationError(
            "network", f"a network may have {MOST_LAYERS} layers, those inside others counted, got {number:,}"
        )
    last = specs[-1]
    if last.get("layer") == Dense.__name__ and last.get("units") is None:
        last = {**last, "units": task.outputs}
    return make_layers([*specs[:-1], last])


def count_layers(specs: Sequence[Any], deep: int = 0) -> int:
    """Count layers with those inside others, as deep as they may be, without making any."""
    inside = [spec.get("layers") for spec in specs if isinstance(spec, Mapping)] if deep <= DEEPEST else []
    return len(specs) + sum(count_layers(layers, deep + 1) for layers in inside if isinstance(layers, list))


def plan_network(layers: list[Layer], task: Task) -> list[Plan]:
    """Plan the network for the task, and check that it ends in what the task has to learn."""
    try:
        plans = plan(layers, task.input_shape)
    except LayerError as error:
        raise ConfigurationError(f"network.{error.position}", str(error)) from error
    check_tokens(layers, task)
    if plans[-1].output_shape != task.output_shape:
        wanted, got = (" × ".join(map(str, shape)) for shape in (task.output_shape, plans[-1].output_shape))
        raise ConfigurationError(
            f"network.{len(layers) - 1}", f"the last layer must give {wanted} outputs for {task.title}, it gives {got}"
        )
    return plans


def check_tokens(layers: list[Layer], task: Task) -> None:
    """Let an Embedding stand only where it reads the task's tokens themselves, and hold all of them."""
    for i, layer in enumerate(layers):
        if not isinstance(layer, Embedding):
            continue
        if task.tokens is None:
            raise ConfigurationError(f"network.{i}", f"Embedding wants tokens, and {task.title} has numbers")
        if i > 0:
            raise ConfigurationError(f"network.{i}", "Embedding wants the tokens themselves: it must be the first layer")
        if layer.vocabulary < task.tokens:
            raise ConfigurationError(
                "network.0.vocabulary",
                f"{task.title} has {task.tokens} tokens; the vocabulary must hold them all, got {layer.vocabulary}",
            )


def fitting(configuration: Configuration, position: int) -> dict[str, dict[str, Any]]:
    """Say of every layer whether it fits into the network before `position`: {"layer": as it would} or {"reason": why not}."""
    task = present("data", TASKS[configuration.task], configuration.data)
    found: dict[str, dict[str, Any]] = {}
    for name in LAYERS:
        for spec in variants(name):
            network = [*configuration.network[:position], spec, *configuration.network[position:]]
            try:
                plan_network(make_layers(network), task)
                found[name] = {"layer": spec}
                break
            except ConfigurationError as error:
                reason = re.sub(r"^layer \d+: ", "", str(error)).removeprefix(f"{name} ")
                found.setdefault(name, {"reason": reason})
    return found


def variants(name: str) -> list[dict[str, Any]]:
    """Give a layer as the catalog suggests it; a recurrent one also so that it gives the whole sequence."""
    fields = fields_of(LAYERS[name])
    suggested = {f.name: f.choice.suggestion if f.required else f.default for f in fields}
    spec = {"layer": name, **{key: list(v) if isinstance(v, tuple) else v for key, v in suggested.items()}}
    return [spec, {**spec, "return_sequences": True}] if "return_sequences" in suggested else [spec]
