"""What the doctor says: a finding, with its evidence and its remedies."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.training.causes import CAUSES
from engine.training.configuration import copied


@dataclass(frozen=True)
class Remedy:
    """Something to try: a title for the button, and the changes of the configuration that `apply` makes."""

    title: str
    changes: Mapping[str, Any]

    def as_dict(self) -> dict[str, Any]:
        """Give it as plain values, for JSON."""
        return {"title": self.title, "changes": copied(dict(self.changes))}


@dataclass(frozen=True)
class Finding:
    """What goes wrong (or well) in a run: one of CAUSES, since when, in which layer, and a sentence with this run's numbers."""

    cause: str
    layer: int | None
    """The position of the layer that shows it, counted from 0 in the configuration's network; None for the whole."""
    since: int
    """The step in which it began, as far as it can be told."""
    sentence: str
    evidence: Mapping[str, Any] = field(default_factory=dict)
    """The numbers that the sentence quotes, unrounded, by name."""
    remedies: tuple[Remedy, ...] = ()
    """What to try, what cures most surely first; none where nothing is ill."""

    @property
    def kind(self) -> str:
        """Say how bad it is: "ill", "caution" or "good"."""
        return CAUSES[self.cause].kind

    def as_dict(self) -> dict[str, Any]:
        """Give it as plain values, for JSON, with its cause's title, kind and picture."""
        cause = CAUSES[self.cause]
        return {
            "cause": self.cause,
            "title": cause.title,
            "layer": self.layer,
            "since": self.since,
            "sentence": self.sentence,
            "evidence": copied(dict(self.evidence)),
            "remedies": [remedy.as_dict() for remedy in self.remedies],
            "kind": cause.kind,
            "picture": cause.picture,
        }


def apply(configuration: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Lay a remedy's changes over a configuration, which stays as it is, and return the new one.

    Objects are merged, however deep; one with another "name" (or "layer") takes the place of the whole; a list does, too. A
    name with dots is a path, as in "network.0.initializer". Raises KeyError where a path leads nowhere.
    """
    changed = copied(dict(configuration))
    for path, value in changes.items():
        *steps, last = path.split(".")
        place: Any = changed
        for step in steps:
            place = _inside(place, step, path)
        if isinstance(place, list):
            _inside(place, last, path)
            place[int(last)] = _merged(place[int(last)], value)
        else:
            place[last] = _merged(place.get(last), value)
    return dict(changed)


def _inside(place: Any, step: str, path: str) -> Any:
    """Go one step of a path into an object or a list."""
    if isinstance(place, list) and step.isdecimal() and int(step) < len(place):
        return place[int(step)]
    if isinstance(place, dict) and step in place:
        return place[step]
    raise KeyError(f"there is no {step!r} on the way {path!r}")


def _merged(before: Any, value: Any) -> Any:
    if not isinstance(before, Mapping) or not isinstance(value, Mapping):
        return copied(dict(value)) if isinstance(value, Mapping) else copied(value)
    if any(key in value and value[key] != before.get(key) for key in ("name", "layer")):
        return copied(dict(value))
    return {**before, **{key: _merged(before.get(key), of) for key, of in value.items()}}
