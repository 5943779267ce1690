"""Requests, completed from the task's defaults and checked before anything starts."""

from collections.abc import Mapping, Sequence
from typing import Any

from engine.arrays import in_words
from engine.data.folders import DataFolders
from engine.hyperparameter import fields_of, plain, refusal
from engine.layers import LAYERS, Activation, BatchNorm, Dense, Embedding, Layer, Masking
from engine.losses import CrossEntropy
from engine.network import LayerError, Plan, plan
from engine.tasks import TASKS, Task
from engine.training.configuration import Configuration, ConfigurationError
from engine.training.factory import (
    DEEPEST,
    LOSSES,
    describe_layer,
    make,
    make_layers,
    make_loss,
    make_optimizer,
    make_regularizer,
    make_schedule,
    values_of,
)

MOST_LAYERS = 200
"""How many layers a network may have."""


def configure(request: Mapping[str, Any], folders: DataFolders | None = None) -> Configuration:
    """Complete a request from its task's defaults, and check all of it, shapes included, without allocating anything.

    The data that it names must lie in `folders`, which are those of the environment where none are given.
    Raises ConfigurationError, naming the field, what came and what is allowed.
    """
    name = request.get("task")
    if not isinstance(name, str) or name not in TASKS:
        raise ConfigurationError("task", f"there is no task {name!r}; choose {', '.join(TASKS)}")
    none = {"regularizer", *(f.name for f in fields_of(Configuration) if type(None) in f.types)}  # where it is a choice
    chosen = {**TASKS[name].defaults, **{k: v for k, v in request.items() if v is not None or k in none}}
    task = present_task(name, chosen.get("data") or {}, folders or DataFolders.from_environment())
    layers = complete_layers(chosen["network"], task)
    optimizer = make_optimizer(chosen["optimizer"])
    schedule = make_schedule(chosen.get("schedule", {"name": "Constant"}))
    regularizer = make_regularizer(chosen.get("regularizer"))
    loss = make_loss(chosen["loss"])
    if task.kind not in loss.kinds:
        fitting = ", ".join(name for name, other in LOSSES.items() if task.kind in other.kinds)
        raise ConfigurationError("loss.name", f"{task.title} has {task.kind} to learn; choose {fitting}")
    weights = loss.class_weights if isinstance(loss, CrossEntropy) else None
    if weights is not None and len(weights) != task.outputs:
        raise ConfigurationError(
            "loss.class_weights",
            f"class_weights must be {task.outputs} numbers, one for each class of {task.title}, got {len(weights)}",
        )
    configuration = Configuration(
        task.name,
        [describe_layer(layer) for layer in layers],
        _named(optimizer),
        _named(schedule),
        _named(loss),
        _named(regularizer) if regularizer else None,
        values_of(task),
        **{f.name: plain(f, chosen.get(f.name, f.default)) for f in fields_of(Configuration)},
    )
    for f in fields_of(Configuration):
        wanted = refusal(f, getattr(configuration, f.name))
        if wanted:
            raise ConfigurationError(f.name, f"{f.name} must be {wanted}, got {getattr(configuration, f.name)!r:.60}")
    check_batches(plan_network(layers, task), task, configuration)
    return configuration


def present_task(name: str, values: Mapping[str, Any], folders: DataFolders) -> Task:
    """Make a task whose data are on this machine; a ConfigurationError says what is missing where they are not."""
    task: Task = make("data", TASKS[name], values, folders=folders)
    if missing := task.missing():
        raise ConfigurationError(f"data.{missing[0]}", missing[1])
    return task


def _named(thing: Any) -> dict[str, Any]:
    return {"name": type(thing).__name__, **values_of(thing)}


def complete_layers(specs: list[dict[str, Any]], task: Task) -> list[Layer]:
    """Make the layers; a last Dense, behind which only activations stand, takes as many units as the task has outputs where it
    says none.
    """
    if not isinstance(specs, (list, tuple)):
        raise ConfigurationError("network", f"the network is a list of layers, got {specs!r:.60}")
    if not specs:
        raise ConfigurationError("network", f"the network needs at least one layer, with {task.outputs} outputs")
    if (number := count_layers(specs)) > MOST_LAYERS:
        raise ConfigurationError(
            "network", f"a network may have {MOST_LAYERS} layers, those inside others counted, got {number:,}"
        )
    end = len(specs) - 1
    while end > 0 and is_activation(specs[end]):
        end -= 1
    last = specs[end]
    if isinstance(last, Mapping) and last.get("layer") == Dense.__name__ and last.get("units") is None:
        last = {**last, "units": task.outputs}
    return make_layers([*specs[:end], last, *specs[end + 1 :]])


def is_activation(spec: Any) -> bool:
    """Tell whether a layer, as a configuration describes it, is an activation: it gives as many outputs as it takes."""
    layer = LAYERS.get(spec["layer"]) if isinstance(spec, Mapping) and isinstance(spec.get("layer"), str) else None
    return layer is not None and issubclass(layer, Activation)


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
        wanted, got = (in_words(shape) for shape in (task.output_shape, plans[-1].output_shape))
        raise ConfigurationError(
            f"network.{len(layers) - 1}", f"the last layer must give {wanted} outputs for {task.title}, it gives {got}"
        )
    return plans


def check_batches(plans: Sequence[Plan], task: Task, configuration: Configuration) -> None:
    """Refuse batches that leave one example alone where a BatchNorm measures the variance over the batch."""
    measured = any(len(p.output_shape) == 1 and any(isinstance(inner, BatchNorm) for inner in p.layer.walk()) for p in plans)
    size = configuration.batch_size
    last = size if configuration.data.get("fresh") else task.examples % size or min(size, task.examples)
    if measured and last == 1:
        raise ConfigurationError(
            "batch_size",
            f"BatchNorm needs at least two examples in every batch, the last of an epoch too; with batch_size {size:,} "
            f"{'every batch has one' if size == 1 else f'the last of {task.examples:,} examples is alone'}",
        )


def check_tokens(layers: list[Layer], task: Task) -> None:
    """Let an Embedding stand only where it reads the task's tokens themselves, and hold all of them."""
    for i, layer in enumerate(layers):
        if not isinstance(layer, Embedding):
            continue
        if task.tokens is None:
            raise ConfigurationError(f"network.{i}", f"Embedding wants tokens, and {task.title} has numbers")
        if any(not isinstance(before, Masking) for before in layers[:i]):
            raise ConfigurationError(f"network.{i}", "Embedding wants the tokens themselves: it must be the first layer")
        if layer.vocabulary < task.tokens:
            raise ConfigurationError(
                f"network.{i}.vocabulary",
                f"{task.title} has {task.tokens} tokens; the vocabulary must hold them all, got {layer.vocabulary}",
            )
