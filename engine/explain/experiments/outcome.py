"""What comes out of an experiment: sentences with this copy's numbers, and the curves they are read from."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

WORST_FIRST = ("ill", "caution", "note", "good")
"""How bad a statement is; a note is neither good nor bad."""


@dataclass(frozen=True)
class Statement:
    """One thing that an experiment found out: how bad it is, and a sentence."""

    kind: str
    sentence: str


@dataclass(frozen=True)
class Line:
    """A line of the experiment's chart."""

    name: str
    x: list[float]
    y: list[float]


@dataclass(frozen=True)
class Spread:
    """How far apart the answers of a layer are for different examples, as a standard deviation over them."""

    layer: int
    name: str
    spread: float


@dataclass(frozen=True)
class Outcome:
    """What came out of an experiment; its JSON is `as_dict`."""

    experiment: str
    statements: list[Statement]
    steps: int = 0
    """How many steps the copy took in all."""
    evidence: Mapping[str, float] = field(default_factory=dict)
    """The numbers that the sentences quote, unrounded, by name."""
    across: str = "step"
    """What the lines have across: "step" or "learning rate"."""
    lines: list[Line] = field(default_factory=list)
    marks: Mapping[str, float] = field(default_factory=dict)
    """Places across that have a name, as the steepest."""
    layers: list[Spread] = field(default_factory=list)
    suggestion: float | None = None
    """A learning rate that is worth a try; None where the experiment suggests none."""

    @property
    def kind(self) -> str:
        """Say how bad the worst statement is: "ill", "caution", "note" or "good"."""
        return min((s.kind for s in self.statements), key=WORST_FIRST.index)

    def as_dict(self) -> dict[str, Any]:
        """Give it as plain values, for JSON."""
        return {"kind": self.kind, **asdict(self)}
