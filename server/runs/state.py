"""What is known of a run beside its configuration and its metrics: the shapes of its training, and where it comes from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, Self

from engine import Configuration, Training
from engine.training.configuration import copied
from engine.training.edits import edited
from engine.training.training import CHANGEABLE


@dataclass(frozen=True)
class LayerShape:
    """One layer of the network, as it was built."""

    name: str
    output_shape: list[int]
    parameters: int


@dataclass(frozen=True)
class Change:
    """The optimizer as it is from a step on; where it is known how many steps are wanted then, which schedules ask for, and
    all other choices that can be changed (version 0.3.0 knew none).
    """

    step: int
    optimizer: dict[str, Any]
    steps: int | None = None
    choices: dict[str, Any] | None = None
    edits: list[dict[str, Any]] | None = None
    """What was done to the network by hand at this step (engine/training/edits.py)."""
    network: list[dict[str, Any]] | None = None
    """Of the first entry: the layers as they were before anything was silenced or frozen by hand."""


@dataclass(frozen=True)
class EpochCount:
    """So many epochs were done at this step; from there on `steps_per_epoch` counts."""

    step: int
    epochs: float


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
class AppliedRemedy:
    """What a run was made for: to cure another run, where this cause was found, by the remedy of this title."""

    run: str
    cause: str
    title: str


@dataclass(frozen=True)
class RunState:
    """What JSON and the database say of a run; the shapes are missing until its training was made for the first time.

    Values are replaced as a whole, so that whoever reads in another thread never sees a part of a change.
    """

    steps_per_epoch: int | None = None
    counted_from: EpochCount | None = None
    """Where epochs are not counted from the first step, because a step has had another number of examples until then."""
    input_shape: list[int] | None = None
    layers: list[LayerShape] = field(default_factory=list)
    parameters: int = 0
    examples: list[int] | None = None
    """How many for training and for the test."""
    changes: list[Change] = field(default_factory=list)
    """What was changed while it trained, how it was at step 0 before them; empty where nobody changed anything."""
    weights_loaded: bool = False
    """Whether it began with weights from a file."""
    best_step: int | None = None
    """The step whose weights count when it has finished, where it was ready to stop early."""
    parent: Parent | None = None
    forked: bool = False
    """Whether no single configuration trains it from step 0."""
    group: Membership | None = None
    remedy: AppliedRemedy | None = None
    tags: list[str] = field(default_factory=list)
    """Words that somebody put on it, to find it again."""
    imported: bool = False
    """Whether it was trained elsewhere, and only its rows came here: it has no network."""

    def epoch(self, step: int) -> float:
        """Count the passes over the training data after so many steps."""
        counted_from = self.counted_from or EpochCount(0, 0.0)
        return counted_from.epochs + (step - counted_from.step) / self.steps_per_epoch if self.steps_per_epoch else 0.0

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


PARTS: dict[str, type] = {
    "counted_from": EpochCount,
    "layers": LayerShape,
    "changes": Change,
    "parent": Parent,
    "group": Membership,
    "remedy": AppliedRemedy,
}


def _known(part: type, stored: Mapping[str, Any]) -> dict[str, Any]:
    names = {f.name for f in fields(part)}
    return {name: value for name, value in stored.items() if name in names}


def shapes(training: Training) -> dict[str, Any]:
    """Give those values of the state that a training says of itself."""
    plans, counted_from = training.network.plans, training.counted_from
    return {
        "counted_from": EpochCount(counted_from, training.epochs_before) if counted_from else None,
        "steps_per_epoch": training.steps_per_epoch,
        "input_shape": list(training.network.input_shape),
        "layers": [LayerShape(type(p.layer).__name__, list(p.output_shape), p.parameters) for p in plans],
        "parameters": sum(p.parameters for p in plans),
        "examples": [len(training.task.x), len(training.task.x_test)],
    }


def changeable(configuration: Configuration, step: int) -> Change:
    """Say what a configuration has chosen, of all that can be changed, from a step on."""
    others = {name: copied(getattr(configuration, name)) for name in CHANGEABLE if name not in ("optimizer", "steps")}
    return Change(step, copied(configuration.optimizer), configuration.steps, others)


def with_change(
    changes: list[Change], before: Configuration, after: Configuration, step: int, edits: Sequence[Mapping[str, Any]] = ()
) -> list[Change]:
    """Add a change after a step, from one configuration to another; none where they are the same in all that can be changed
    and nothing was done by hand.
    """
    was, now = changeable(before, step), changeable(after, step)
    if was == now and not edits:
        return changes
    first, *rest = changes or [replace(was, step=0)]
    known = replace(first, steps=first.steps or was.steps, choices=first.choices or was.choices)
    if edits:
        known = replace(known, network=first.network or copied(before.network))
        now = replace(now, edits=copied(list(edits)))
    return [known, *rest, now]


def inherited(
    state: RunState, parent: Parent, before: Configuration, after: Configuration, edits: Sequence[Mapping[str, Any]] = ()
) -> RunState:
    """Give the state of a run that goes on from a snapshot of another one: what it owes to changes until then, and to its own.

    `state` is the parent's, `before` its configuration at the snapshot, `after` that of the new run, on whose network `edits`
    were done.
    """
    changes = [change for change in state.changes if change.step <= parent.step]
    changes = with_change(changes, before, after, parent.step, edits)
    was = {**before.as_dict(), "network": edited(before.network, edits)}
    others = {name for name, value in after.as_dict().items() if value != was[name]} - set(CHANGEABLE)
    forked = state.forked or bool(others) or after.optimizer["name"] != before.optimizer["name"]
    return RunState(changes=changes, weights_loaded=state.weights_loaded, parent=parent, forked=forked)
