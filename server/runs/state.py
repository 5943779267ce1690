"""What is known of a run beside its configuration and its metrics: the shapes of its training, and where it comes from."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Self

from engine import Configuration, Training


@dataclass(frozen=True)
class LayerShape:
    """One layer of the network, as it was built."""

    name: str
    output_shape: list[int]
    parameters: int


@dataclass(frozen=True)
class Change:
    """The optimizer as it is from a step on, and where it is known how many steps are wanted then, which schedules ask for."""

    step: int
    optimizer: dict[str, Any]
    steps: int | None = None


@dataclass(frozen=True)
class Parent:
    """The run that another one began from, and the step of the snapshot."""

    run: str
    step: int


@dataclass(frozen=True)
class Membership:
    """The race or sweep that a run belongs to: what differs in it (paths), and the values of this run (at)."""

    id: str
    kind: str
    paths: list[str]
    place: int
    at: list[Any]


@dataclass(frozen=True)
class RunState:
    """What JSON and the database say of a run; the shapes are missing until its training was made for the first time.

    Values are replaced as a whole, so that whoever reads in another thread never sees a part of a change.
    """

    steps_per_epoch: int | None = None
    input_shape: list[int] | None = None
    layers: list[LayerShape] = field(default_factory=list)
    parameters: int = 0
    examples: list[int] | None = None
    """How many for training and for the test."""
    changes: list[Change] = field(default_factory=list)
    """The optimizer's, the first one of step 0 among them; empty where nobody changed it."""
    weights_loaded: bool = False
    """Whether it began with weights from a file."""
    best_step: int | None = None
    """The step whose weights count when it has finished, where it was ready to stop early."""
    parent: Parent | None = None
    forked: bool = False
    """Whether no single configuration trains it from step 0."""
    group: Membership | None = None

    def as_dict(self) -> dict[str, Any]:
        """Give the plain values, for JSON; all runs are listed often, so nothing in them is copied."""
        values = dict(vars(self))
        for name in PARTS:
            if isinstance(value := values[name], list):
                values[name] = [{key: of for key, of in vars(part).items() if of is not None} for part in value]
            elif value is not None:
                values[name] = dict(vars(value))
        return values

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        """Read what `as_dict` gave: a field that is missing has its default, one of a later version is left out."""
        values = _known(cls, stored)
        for name, part in PARTS.items():
            if isinstance(value := values.get(name), list):
                values[name] = [part(**_known(part, one)) for one in value]
            elif value is not None:
                values[name] = part(**_known(part, value))
        return cls(**values)


PARTS: dict[str, type] = {"layers": LayerShape, "changes": Change, "parent": Parent, "group": Membership}


def _known(part: type, stored: Mapping[str, Any]) -> dict[str, Any]:
    names = {f.name for f in fields(part)}
    return {name: value for name, value in stored.items() if name in names}


def shapes(training: Training) -> dict[str, Any]:
    """Give those values of the state that a training says of itself."""
    plans = training.network.plans
    return {
        "steps_per_epoch": training.steps_per_epoch,
        "input_shape": list(training.network.input_shape),
        "layers": [LayerShape(type(p.layer).__name__, list(p.output_shape), p.parameters) for p in plans],
        "parameters": sum(p.parameters for p in plans),
        "examples": [len(training.task.x), len(training.task.x_test)],
    }


def with_change(
    changes: list[Change], step: int, before: tuple[dict[str, Any], int], after: tuple[dict[str, Any], int]
) -> list[Change]:
    """Add a change after a step: the optimizer and the steps that are wanted, before and after it."""
    first, *rest = changes or [Change(0, *before)]
    known = first if first.steps is not None else replace(first, steps=before[1])
    return [known, *rest, Change(step, *after)]


def inherited(state: RunState, parent: Parent, before: Configuration, after: Configuration) -> RunState:
    """Give the state of a run that goes on from a snapshot of another one: what it owes to changes until then, and to its own.

    `state` is the parent's, `before` its configuration at the snapshot, `after` that of the new run.
    """
    changes = [change for change in state.changes if change.step <= parent.step]
    if (after.optimizer, after.steps) != (before.optimizer, before.steps):
        changes = with_change(changes, parent.step, (before.optimizer, before.steps), (after.optimizer, after.steps))
    others = {name for name, value in after.as_dict().items() if value != before.as_dict()[name]} - {"optimizer", "steps"}
    forked = state.forked or bool(others) or after.optimizer["name"] != before.optimizer["name"]
    return RunState(changes=changes, weights_loaded=state.weights_loaded, parent=parent, forked=forked)
