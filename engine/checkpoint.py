"""A training as bytes: everything that its next step depends on, so that it can go on later, bit for bit."""

import json
from collections.abc import Iterator, Mapping

import numpy as np

from engine.arrays import Array
from engine.configuration import Configuration
from engine.training import Training
from engine.weights import from_safetensors, to_safetensors

FORMAT = "neural-network-basics checkpoint 1"


def pack(training: Training) -> bytes:
    """Write down a training between two steps, as a safetensors file.

    theta and the optimizer's memory; what layers keep beside theta (running averages); where each stream of random numbers
    stands; the losses since the last row. Also what the pictures read of the last step: theta before it, and gradients.
    """
    streams = {"batches": training.rng_of_epoch()}
    streams |= {str(i): rng.bit_generator.state for i, rng in _streams(training)}
    about = {
        "format": FORMAT, "step": str(training.step), "learning_rate": repr(training.learning_rate),
        "configuration": json.dumps(training.configuration.as_dict()), "streams": json.dumps(streams),
    }
    return to_safetensors(dict(_arrays(training)), about)


def unpack(data: bytes) -> Training:
    """Make a training that goes on where the packed one stood. Raises ValueError where the bytes are no checkpoint."""
    arrays, about = from_safetensors(data)
    if about.get("format") != FORMAT:
        raise ValueError(f"the file is no checkpoint of this version: {about.get('format', 'it does not say what it is')!r}")
    training = Training(Configuration(**json.loads(about["configuration"])))
    training.step, training.learning_rate = int(about["step"]), float(about["learning_rate"])
    streams = json.loads(about["streams"])
    training.rng.bit_generator.state = streams["batches"]
    training.epoch_rng = streams["batches"]
    for i, rng in _streams(training):
        rng.bit_generator.state = streams[str(i)]
    for name, array in _places(training):
        np.copyto(array, arrays[name])
    training.losses, training.accuracies = arrays["losses"].tolist(), arrays["accuracies"].tolist()
    training.optimizer.recall(_under("optimizer.", arrays))
    training.task.recall(_under("task.", arrays))
    for i, layer in enumerate(training.network.walk()):
        for name, value in _under(f"seen.{i}.", arrays).items():
            setattr(layer, name, value)
    return training


def _arrays(training: Training) -> Iterator[tuple[str, Array]]:
    """Go through everything that is packed."""
    yield from _places(training)
    yield "losses", np.array(training.losses, np.float64)
    yield "accuracies", np.array(training.accuracies, np.float64)
    for name, value in training.optimizer.keep().items():
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
