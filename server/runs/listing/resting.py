"""A run as it is seen from outside; and one that rests on the disk, read from its record, without a thread or a network."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from engine import Configuration
from engine.tasks import TASKS
from server.messages import COLUMNS
from server.runs.actor import in_words
from server.runs.state import RunState
from server.runs.status import Status
from server.storage.database import Kept, Record


class Seen(Protocol):
    """What there is to say of a run, whether it rests or not."""

    id: str
    name: str
    note: str
    created: float
    status: Status
    speed: float | None
    revision: int

    @property
    def where(self) -> str:
        """Name the worker that it trains in; empty where it trains here, or not."""

    @property
    def rows(self) -> int:
        """Give the number of the row that comes next."""

    @property
    def waiting(self) -> int:
        """Say at which place it waits for its turn; 0 where it does not."""

    @property
    def steps_per_second(self) -> float | None:
        """Give its speed while it trains."""

    @property
    def configuration(self) -> Configuration:
        """Give what it is made from."""

    @property
    def state(self) -> RunState:
        """Give what is known of it beside configuration and metrics."""

    @property
    def trouble(self) -> str:
        """Say in words what the trouble is."""

    @property
    def step(self) -> int:
        """Count the steps done."""

    @property
    def seconds(self) -> float:
        """Say how long it has trained."""

    @property
    def best(self) -> float | None:
        """Give the best accuracy that it has reached."""

    @property
    def metrics(self) -> Mapping[str, Any]:
        """Give its newest row by the names of the columns."""

    @property
    def found(self) -> list[dict[str, Any]]:
        """Give what is found of it, most causal first."""

    @property
    def is_blank(self) -> bool:
        """Tell whether nobody has done anything with it."""


class Resting:
    """A run that rests: what its record, its last row and its last findings say."""

    where = ""
    waiting = 0
    steps_per_second = None

    def __init__(self, kept: Kept, opened: float) -> None:
        """Read what is kept; `opened` is when the server began."""
        record = sound(kept.record)
        self.id, self.name, self.note, self.created = record.id, record.name, record.note, record.created
        self.status, self.trouble = Status(record.status), record.error
        self.configuration, self.state = Configuration.from_dict(record.configuration), RunState.from_dict(record.facts)
        self.step, self.seconds, self.best = record.step, record.seconds, record.best
        self.speed, self.revision = record.speed, max(int(1000 * opened), record.revision + 1)
        self.rows = kept.last[0] + 1 if kept.last else 0
        self.metrics: Mapping[str, Any] = dict(zip(COLUMNS, kept.last[1], strict=True)) if kept.last else {}
        self.found = kept.found

    @property
    def is_blank(self) -> bool:
        """Tell whether nobody has done anything with it."""
        return self.status is Status.PAUSED and not (self.step or self.name or self.note or self.state.tags or self.state.group)


def description(run: Seen) -> dict[str, Any]:
    """Give everything about a run that JSON can say."""
    return {
        **progress_of(run),
        "created": run.created,
        "note": run.note,
        "configuration": run.configuration.as_dict(),
        "findings": run.found,
        **run.state.as_dict(),
    }


def progress_of(run: Seen) -> dict[str, Any]:
    """Give what changes while a run trains."""
    return {
        "seconds": run.seconds,
        "step": run.step,
        "rows": run.rows,
        "best_accuracy": run.best,
        "metrics": run.metrics or None,
        "id": run.id,
        "name": run.name,
        "task": run.configuration.task,
        "status": run.status,
        "revision": run.revision,
        "steps": run.configuration.steps,
        "epoch": run.state.epoch(run.step),
        "waiting": run.waiting,
        "where": run.where or "here",
        "speed": run.speed,
        "optimizer": run.configuration.optimizer,
        "steps_per_second": run.steps_per_second,
        "error": run.trouble or None,
    }


def sound(record: Record) -> Record:
    """Give a record that can be read: itself, or of a damaged one a failed run that says what is wrong with it."""
    try:
        if not record.damage:
            check_record(record)
            return record
        words = record.damage
    except Exception as error:  # whatever is wrong with one run, the others are there
        words = in_words(error)
    return readable(replace(record, damage=words))


def check_record(record: Record) -> None:
    """Raise a ValueError that says why a record tells of no run that this version could go on with."""
    configuration = Configuration.from_dict(record.configuration)
    if configuration.task not in TASKS and not record.facts.get("imported"):
        raise ValueError(f"this version has no task {configuration.task!r}")
    if layers_of(configuration.network) != configuration.network:
        raise ValueError("its network is no list of layers")
    if record.status not in tuple(Status):
        raise ValueError(f"this version knows no status {record.status!r}")
    try:
        RunState.from_dict(record.facts)
    except (TypeError, AttributeError) as error:
        raise ValueError(f"what is known of it cannot be read: {error}") from error


def layers_of(network: Sequence[Any]) -> list[Any]:
    """Give what of a network are layers, each with its fields."""
    return [layer for layer in network if isinstance(layer, Mapping)]


def unknown(task: str) -> Configuration:
    """Give the configuration of a run of which nobody knows what was chosen."""
    return Configuration(task, [], {"name": "unknown"}, {"name": "Constant"}, {"name": "unknown"}, None, {})


def readable(record: Record) -> Record:
    """Give of a damaged record what can be shown: a failed run that says what is wrong with it."""
    nothing = unknown("unknown")
    said = {
        name: value if type(value := record.configuration.get(name)) is type(default) else default
        for name, default in nothing.as_dict().items()
    }
    said["network"] = layers_of(said["network"] or [])
    words = f"the record of this run cannot be read: {record.damage}"
    return replace(record, configuration=said, facts={}, status=Status.FAILED, error=words, damage=words)
