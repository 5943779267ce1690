"""The contract that every rule keeps, and how factors and layers are written."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from engine.explain.finding import Finding, Remedy
from engine.explain.vitals import Record


class Rule:
    """Finds one cause in what was recorded of a run; it keeps nothing, so that the same record gives the same finding."""

    cause: ClassVar[str]
    at_start: ClassVar[bool] = False
    """Whether it is about the set-up: what is not found at first is not looked for again, until the data change."""
    lasts: ClassVar[int] = 1
    """In how many looks in a row it must be found before it is said, and missed before it is taken back."""

    def examine(self, record: Record) -> Finding | None:
        """Say what is found; None where nothing is."""
        raise NotImplementedError

    def found(
        self,
        record: Record,
        sentence: str,
        evidence: Mapping[str, Any],
        remedies: Sequence[Remedy] = (),
        layer: int | None = None,
        since: int | None = None,
    ) -> Finding:
        """Make the finding; it began now, where nothing else is known."""
        since = record.step if since is None else since
        return Finding(
            self.cause, layer, since, sentence, evidence, tuple(remedies) if record.training.configuration.network else ()
        )


def times(factor: float) -> str:
    """Write a factor as a person reads it, coarsely: 1.4, 12, 4,000."""
    return f"{float(f'{factor:.1g}' if factor >= 100 else f'{factor:.2g}'):,.{0 if factor >= 10 else 1}f}"


def named(record: Record, layer: int) -> str:
    """Name a layer, as in "layer 3 (Dense)"."""
    return f"layer {layer + 1} ({type(record.network.layers[layer]).__name__})"


def neurons(count: int) -> str:
    """Count neurons in words."""
    return f"{count:,} neuron{'' if count == 1 else 's'}"
