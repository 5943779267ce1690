"""A training as bytes: everything that its next step depends on, so that it can go on later, bit for bit."""

import copy
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from engine.arrays import Array
from engine.data.folders import DataFolders
from engine.tasks import Task
from engine.training.check import configure, plan_network
from engine.training.configuration import Configuration, ConfigurationError, merged
from engine.training.events import Metrics
from engine.training.factory import make_layers, make_task
from engine.training.training import Training
from engine.training.weights import from_safetensors, safetensors_parts

FORMAT = "neural-network-basics checkpoint 1"
OTHER_WEIGHTS = (
    "a run goes on with the weights it has: layers may change only where no weight does; for another network begin a new run"
)
UNSEALED = "0" * 64
"""What stands in the place of the checksum while it is counted: SHA-256 over all bytes of the file, these among them."""
MARK = b'"checksum":"'
HEADER = {"format", "checksum", "step", "learning_rate", "configuration", "streams", "row", "epochs"}
"""The names of what the header says."""
NOT_ALWAYS = {"checksum", "row", "epochs"}
"""Those that checkpoints of version 0.3.0 do not have; row, the newest one, is missing where nothing was measured yet, too,
and epochs, the step from which they are counted and how many were done then, where the examples of a step never changed.
"""


class DamagedError(ValueError):
    """The bytes are not those that were written."""


@dataclass(frozen=True, eq=False)
class Snapshot:
    """All that a checkpoint says of a training between two steps; where its arrays are copies, it can be packed later."""

    state: dict[str, Array]
    step: int
    learning_rate: float
    configuration: dict[str, Any]
    streams: dict[str, Any]
    epochs: tuple[int, float]
    row: Metrics | None

    @cached_property
    def nbytes(self) -> int:
        """Count the bytes of its arrays."""
        return sum(array.nbytes for array in self.state.values())

    def pack(self) -> bytes:
        """Write it down as a safetensors file: its state, and in the header what is no array."""
        header = {
            "format": FORMAT,
            "checksum": UNSEALED,
            "step": str(self.step),
            "learning_rate": repr(self.learning_rate),
            "configuration": json.dumps(self.configuration),
            "streams": json.dumps(self.streams),
            **({"epochs": json.dumps(self.epochs)} if self.epochs[0] else {}),
            **({"row": json.dumps(vars(self.row))} if self.row else {}),
        }
        head, *numbers = safetensors_parts(self.state, header)
        at = head.index(MARK) + len(MARK)
        return b"".join([head[:at], _checksum(at, head, *numbers), head[at + len(UNSEALED) :], *numbers])


def pack(training: Training) -> bytes:
    """Write down a training between two steps, as a safetensors file."""
    return _seen(training, state_dict(training)).pack()


def copied(training: Training) -> Snapshot:
    """Copy what `pack` would write down, which takes a part of its time: packed later, it gives the same bytes."""
    return _seen(training, {name: array.copy() for name, array in state_dict(training).items()})


def _seen(training: Training, state: dict[str, Array]) -> Snapshot:
    return Snapshot(
        state,
        training.step,
        training.learning_rate,
        training.configuration.as_dict(),
        random_states(training),
        (training.counted_from, training.epochs_before),
        training.row,
    )


def _checksum(at: int, head: bytes, *numbers: bytes) -> bytes:
    """Count the checksum of a file, which comes in parts, whose head has its own at this place."""
    digest = hashlib.sha256(memoryview(head)[:at])
    digest.update(UNSEALED.encode())
    digest.update(memoryview(head)[at + len(UNSEALED) :])
    for part in numbers:
        digest.update(part)
    return digest.hexdigest().encode()


def unpack(data: bytes, folders: DataFolders | None = None, beside: Training | None = None) -> Training:
    """Make a training that goes on where the packed one stood; with the data of one beside it, where they are the same.

    Raises ValueError where the bytes are no checkpoint: DamagedError where they are not those that were written.
    """
    state, header = _read(data)
    configuration = Configuration.from_dict(json.loads(header["configuration"]))
    training = Training(configuration, folders, None if beside is None else shared_task(beside, configuration))
    _restore(training, state, header)
    training.optimizer.load_state_dict(_under("optimizer.", state))
    _restore_schedule(training, state)
    training.learning_rate = float(header["learning_rate"])
    training.row = _row_in(header)
    return training


def shared_task(training: Training, configuration: Configuration) -> Task | None:
    """Give a task like that of a training, with the very same arrays of data, for a training of this configuration.

    None where its data are others, or where the task itself gathers something in every step.
    """
    task, theirs = training.task, training.configuration
    gathers = type(task).load_state_dict is not Task.load_state_dict
    same = (theirs.task, theirs.seed_of_data, theirs.data) == (
        configuration.task,
        configuration.seed_of_data,
        configuration.data,
    )
    return copy.copy(task) if same and not gathers and task is training.task else None


def show(training: Training, data: bytes, with_data: bool = True) -> None:
    """Put a snapshot of the same run into a training that is there already, to look at it; it is not to be trained on.

    Without the snapshot's data, it is the network of then before the examples of now.
    """
    state, header = _read(data)
    if with_data and (then := json.loads(header["configuration"])["data"]) != training.configuration.data:
        training.change_data(then)
    _restore(training, state, header)


def is_at(data: bytes, step: int, theta: Array, memory: Mapping[str, Array]) -> bool:
    """Tell whether a checkpoint was packed after this step, with these very bits of theta and of an optimizer's memory.

    Raises ValueError as `unpack`.
    """
    state, header = _read(data)
    kept = _under("optimizer.", state)
    ours = {"theta": theta, **{name: np.asarray(value) for name, value in memory.items() if name in kept}}
    theirs = {"theta": state["theta"], **kept}
    same = int(header["step"]) == step and ours.keys() == theirs.keys()
    return same and all(ours[name].tobytes() == theirs[name].tobytes() for name in ours)


def step_of(data: bytes) -> int:
    """Read after which step a checkpoint was packed. Raises ValueError as `unpack`."""
    return int(_read(data)[1]["step"])


def configuration_of(data: bytes) -> Configuration:
    """Read what a packed training was made from. Raises ValueError where the bytes are no checkpoint."""
    return Configuration.from_dict(json.loads(_read(data)[1]["configuration"]))


def row_of(data: bytes) -> Metrics | None:
    """Read the newest row of metrics that a packed training had; None where it had none, or says nothing of it.

    Raises ValueError where the bytes are no checkpoint.
    """
    return _row_in(_read(data)[1])


def _row_in(header: Mapping[str, str]) -> Metrics | None:
    return Metrics(**json.loads(header["row"])) if "row" in header else None


def fork(
    data: bytes, changes: Mapping[str, Any], folders: DataFolders | None = None, edits: Sequence[Mapping[str, Any]] = ()
) -> Training:
    """Make a training that goes on from a snapshot with other choices, and with what was done to its network by hand;
    without any, bit for bit as the packed one.

    The optimizer keeps its memory unless it is another one, the order of the examples its place unless the seed is another.
    Raises ConfigurationError where a choice is not allowed, or where the weights do not fit into the network.
    """
    state, header = _read(data)
    configuration = _forked(state, header, changes, folders)
    before = json.loads(header["configuration"])
    was = Configuration.from_dict(before)
    sizes = {"batch_size": configuration.batch_size, "batches_per_step": configuration.batches_per_step}
    # its place in the epoch is counted in steps of the old size
    training = Training(replace(configuration, batch_size=was.batch_size, batches_per_step=was.batches_per_step), folders)
    for name, array in _fixed_arrays(training):
        if name not in state or state[name].shape != array.shape:
            raise ConfigurationError("network", OTHER_WEIGHTS)
    fresh = random_states(training)
    _restore(training, state, header)
    if configuration.seed != before["seed"]:
        load_random_states(training, fresh)
    if configuration.optimizer["name"] == before["optimizer"]["name"]:
        training.optimizer.load_state_dict(_under("optimizer.", state))
    if configuration.schedule["name"] == before["schedule"]["name"]:
        _restore_schedule(training, state)
    if sizes != {name: getattr(was, name) for name in sizes}:
        training.change(sizes)
    for edit in edits:
        training.edit(edit)
    return training


def plan_fork(data: bytes, changes: Mapping[str, Any], folders: DataFolders | None = None) -> Configuration:
    """Work out what `fork` would train, and refuse what it would refuse, without making a network: it may be too large for
    whoever asks. Raises ConfigurationError.
    """
    return _forked(*_read(data), changes, folders)


def _forked(
    state: Mapping[str, Array], header: Mapping[str, str], changes: Mapping[str, Any], folders: DataFolders | None
) -> Configuration:
    """Lay changes over a snapshot's configuration, and check that its weights fit, by their number."""
    before, folders = json.loads(header["configuration"]), folders or DataFolders.from_environment()
    chosen = merged(before, changes)
    if chosen["task"] != before["task"]:
        raise ConfigurationError("task", f"a run goes on with its own task, {before['task']}, got {chosen['task']!r}")
    configuration = configure(chosen, folders)
    step, steps = int(header["step"]), configuration.steps
    if step > steps:
        raise ConfigurationError("steps", f"steps must be at least {step:,}, which are done; got {steps:,}")
    plans = plan_network(make_layers(configuration.network), make_task(configuration, folders))
    if "theta" not in state or sum(p.parameters for p in plans) != state["theta"].size:
        raise ConfigurationError("network", OTHER_WEIGHTS)
    return configuration


def state_dict(training: Training) -> dict[str, Array]:
    """Give all arrays that the next step depends on, by name.

    theta and the optimizer's memory; what layers keep beside theta (running averages); what schedule and task have gathered;
    the losses since the last row. Also what the pictures read of the last step: theta before it, gradients, what layers saw.
    """
    state = dict(_fixed_arrays(training))
    state["losses"], state["accuracies"] = np.array(training.losses, np.float64), np.array(training.accuracies, np.float64)
    state |= {f"optimizer.{name}": value for name, value in training.optimizer.state_dict().items()}
    state |= {f"kept.{name}": value for name, value in training.kept.state_dict().items()}
    state |= {f"schedule.{name}": value for name, value in training.schedule.state_dict().items()}
    state |= {f"task.{name}": value for name, value in training.task.state_dict().items()}
    for i, layer in enumerate(training.network.walk()):
        seen = {f"seen.{i}.{name}": getattr(layer, name, None) for name in layer.seen}
        state |= {name: value for name, value in seen.items() if value is not None}
    return state


def load_state_dict(training: Training, state: Mapping[str, Array]) -> None:
    """Take back what `state_dict` gave, but for the optimizer's memory, which a changed optimizer may not understand."""
    for name, array in _fixed_arrays(training):
        np.copyto(array, state[name])
    training.losses, training.accuracies = state["losses"].tolist(), state["accuracies"].tolist()
    training.task.load_state_dict(_under("task.", state))
    training.kept.load_state_dict(_under("kept.", state), training.step)
    for i, layer in enumerate(training.network.walk()):
        seen = _under(f"seen.{i}.", state)
        for name in layer.seen:
            setattr(layer, name, seen.get(name))


def _fixed_arrays(training: Training) -> Iterator[tuple[str, Array]]:
    """Go through the arrays that a training has from its start and keeps, each in its place."""
    yield "theta", training.network.theta
    yield "gradient", training.network.gradient
    yield "theta_before", training.theta_before
    for i, layer in enumerate(training.network.walk()):
        for name, value in layer.state.items():
            yield f"state.{i}.{name}", value


def random_states(training: Training) -> dict[str, Any]:
    """Say where each stream of random numbers stands: that of the batches, and the layers' own by their position."""
    own = {str(i): layer.rng.bit_generator.state for i, layer in enumerate(training.network.walk()) if layer.rng is not None}
    return {"batches": training.rng_of_epoch(), **own}


def load_random_states(training: Training, states: Mapping[str, Any]) -> None:
    """Take back what `random_states` gave."""
    training.rng.bit_generator.state = training.epoch_rng = states["batches"]
    for i, layer in enumerate(training.network.walk()):
        if layer.rng is not None:
            layer.rng.bit_generator.state = states[str(i)]


def _read(data: bytes) -> tuple[dict[str, Array], dict[str, str]]:
    """Read a whole file. Raises DamagedError where its checksum says that it is another one now."""
    at = data.find(MARK, 0, 8 + int.from_bytes(data[:8], "little")) + len(MARK)
    if at >= len(MARK) and data[at : at + len(UNSEALED)] != _checksum(at, data):
        raise DamagedError("the file is damaged: its checksum is another one")
    try:
        state, header = from_safetensors(data)
        if set(header) - HEADER or not set(header) >= HEADER - NOT_ALWAYS:
            raise ValueError("the file's header is not that of a checkpoint")
    except ValueError as error:
        raise DamagedError(f"the file is damaged: {error}") from error
    if header.get("format") != FORMAT:
        raise ValueError(f"the file is no checkpoint of this version: {header.get('format', 'it does not say what it is')!r}")
    return state, header


def _restore(training: Training, state: Mapping[str, Array], header: Mapping[str, str]) -> None:
    """Let a training stand where the packed one stood, but for its optimizer."""
    try:
        training.step = int(header["step"])
        training.counted_from, training.epochs_before = json.loads(header.get("epochs", "[0, 0.0]"))
        load_random_states(training, json.loads(header["streams"]))
        load_state_dict(training, state)
    except (KeyError, TypeError, ValueError) as error:  # as a file without a checksum may have it
        raise DamagedError(f"the file is damaged: {type(error).__name__}: {error}") from error


def _restore_schedule(training: Training, state: Mapping[str, Array]) -> None:
    """Give the schedule what it had gathered, where it gathers anything."""
    if gathered := _under("schedule.", state):
        training.schedule.load_state_dict(gathered)


def _under(start: str, state: Mapping[str, Array]) -> dict[str, Array]:
    """Pick the arrays whose names begin like this, without the beginning."""
    return {name.removeprefix(start): array for name, array in state.items() if name.startswith(start)}
