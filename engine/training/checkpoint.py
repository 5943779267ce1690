"""A training as bytes: everything that its next step depends on, so that it can go on later, bit for bit."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from engine.arrays import Array
from engine.data.folders import DataFolders
from engine.training.check import configure
from engine.training.configuration import Configuration, ConfigurationError, merged
from engine.training.training import Training
from engine.training.weights import from_safetensors, to_safetensors

FORMAT = "neural-network-basics checkpoint 1"


def pack(training: Training) -> bytes:
    """Write down a training between two steps, as a safetensors file.

    theta and the optimizer's memory; what layers keep beside theta (running averages); where each stream of random numbers
    stands; the losses since the last row. Also what the pictures read of the last step: theta before it, and gradients.
    """
    about = {
        "format": FORMAT,
        "step": str(training.step),
        "learning_rate": repr(training.learning_rate),
        "configuration": json.dumps(training.configuration.as_dict()),
        "streams": json.dumps(_streams_now(training)),
    }
    return to_safetensors(dict(_arrays(training)), about)


def unpack(data: bytes, folders: DataFolders | None = None) -> Training:
    """Make a training that goes on where the packed one stood. Raises ValueError where the bytes are no checkpoint."""
    arrays, about = _read(data)
    training = Training(Configuration(**json.loads(about["configuration"])), folders)
    _restore(training, arrays, about)
    training.optimizer.load_state_dict(_under("optimizer.", arrays))
    training.learning_rate = float(about["learning_rate"])
    return training


def show(training: Training, data: bytes, with_data: bool = True) -> None:
    """Put a packed moment of the same run into a training that is there already, to look at it; it is not to be trained on.

    Without its data, it is the network of then before the examples of now.
    """
    arrays, about = _read(data)
    if with_data and (then := json.loads(about["configuration"])["data"]) != training.configuration.data:
        training.change_data(then)
    _restore(training, arrays, about)


def configuration_of(data: bytes) -> Configuration:
    """Read what a packed training was made from. Raises ValueError where the bytes are no checkpoint."""
    return Configuration(**json.loads(_read(data)[1]["configuration"]))


def fork(data: bytes, changes: Mapping[str, Any], folders: DataFolders | None = None) -> Training:
    """Make a training that goes on from a packed moment with other choices; without any, bit for bit as the packed one.

    The optimizer keeps its memory unless it is another one, the order of the examples its place unless the seed is another.
    Raises ConfigurationError where a choice is not allowed, or where the weights do not fit into the network.
    """
    arrays, about = _read(data)
    before = json.loads(about["configuration"])
    chosen = merged(before, changes)
    if chosen["task"] != before["task"]:
        raise ConfigurationError("task", f"a run goes on with its own task, {before['task']}, got {chosen['task']!r}")
    training = Training(configure(chosen, folders), folders)
    step, steps = int(about["step"]), training.configuration.steps
    if step > steps:
        raise ConfigurationError("steps", f"steps must be at least {step:,}, which are done; got {steps:,}")
    for name, array in _places(training):
        if name not in arrays or arrays[name].shape != array.shape:
            raise ConfigurationError(
                "network",
                "a run goes on with the weights it has: layers may change only where no weight "
                "does; for another network begin a new run",
            )
    streams = _streams_now(training)
    _restore(training, arrays, about)
    if chosen["seed"] != before["seed"]:
        _set_streams(training, streams)
    if chosen["optimizer"]["name"] == before["optimizer"]["name"]:
        training.optimizer.load_state_dict(_under("optimizer.", arrays))
    return training


def _read(data: bytes) -> tuple[dict[str, Array], dict[str, str]]:
    arrays, about = from_safetensors(data)
    if about.get("format") != FORMAT:
        raise ValueError(f"the file is no checkpoint of this version: {about.get('format', 'it does not say what it is')!r}")
    return arrays, about


def _restore(training: Training, arrays: Mapping[str, Array], about: Mapping[str, str]) -> None:
    """Put everything into a training but the optimizer's memory, which a changed optimizer may not understand."""
    training.step = int(about["step"])
    _set_streams(training, json.loads(about["streams"]))
    for name, array in _places(training):
        np.copyto(array, arrays[name])
    training.losses, training.accuracies = arrays["losses"].tolist(), arrays["accuracies"].tolist()
    training.task.recall(_under("task.", arrays))
    for i, layer in enumerate(training.network.walk()):
        kept = _under(f"seen.{i}.", arrays)
        for name in layer.seen:
            setattr(layer, name, kept.get(name))


def _streams_now(training: Training) -> dict[str, Any]:
    """Say where each stream of random numbers stands."""
    streams = {"batches": training.rng_of_epoch()}
    return streams | {str(i): rng.bit_generator.state for i, rng in _streams(training)}


def _set_streams(training: Training, streams: Mapping[str, Any]) -> None:
    training.rng.bit_generator.state = training.epoch_rng = streams["batches"]
    for i, rng in _streams(training):
        rng.bit_generator.state = streams[str(i)]


def _arrays(training: Training) -> Iterator[tuple[str, Array]]:
    """Go through everything that is packed."""
    yield from _places(training)
    yield "losses", np.array(training.losses, np.float64)
    yield "accuracies", np.array(training.accuracies, np.float64)
    for name, value in training.optimizer.state_dict().items():
        yield f"optimizer.{name}", value
    for name, value in training.task.keep().items():
        yield f"task.{name}", value
    for i, layer in enumerate(training.network.walk()):
        for name in layer.seen:
            if getattr(layer, name, None) is not None:
                yield f"seen.{i}.{name}", getattr(layer, name)


def _places(training: Training) -> Iterator[tuple[str, Array]]:
    """Go through the arrays that a training has from its start, which unpacking fills."""
    yield "theta", training.network.theta
    yield "gradient", training.network.gradient
    yield "theta_before", training.theta_before
    for i, layer in enumerate(training.network.walk()):
        for name, value in layer.state.items():
            yield f"state.{i}.{name}", value


def _streams(training: Training) -> Iterator[tuple[int, np.random.Generator]]:
    """Go through the layers' own streams of random numbers."""
    for i, layer in enumerate(training.network.walk()):
        if layer.rng is not None:
            yield i, layer.rng


def _under(start: str, arrays: Mapping[str, Array]) -> dict[str, Array]:
    """Pick the arrays whose names begin like this, without the beginning."""
    return {name.removeprefix(start): array for name, array in arrays.items() if name.startswith(start)}
