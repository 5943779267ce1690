"""What was chosen for one run, in plain values."""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any, Self

from engine.hyperparameter import choice

MOST_STEPS = 10_000_000
"""How long a run may train at the most."""
MOST_SEED = 2**31 - 1


class ConfigurationError(ValueError):
    """A choice that is not allowed; `field` is its path, as in "network.2.units"."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def copied(value: Any) -> Any:
    """Copy lists and dictionaries, however deep; quicker than `deepcopy`, which looks for more than plain values."""
    if isinstance(value, dict):
        return {name: copied(part) for name, part in value.items()}
    return [copied(part) for part in value] if isinstance(value, list) else value


@dataclass
class Configuration:
    """One run, in plain values: what a request says, what a URL holds, what a run can be made from again."""

    task: str
    network: list[dict[str, Any]]
    optimizer: dict[str, Any]
    schedule: dict[str, Any]
    loss: dict[str, Any]
    regularizer: dict[str, Any] | None
    data: dict[str, Any]
    batch_size: int = choice(
        "examples of one step; all of them where it is larger", default=32, minimum=1, maximum=10_000, scale="log"
    )
    batches_per_step: int = choice(
        "batches whose gradients are averaged for one step, as for a larger batch that would not fit into memory",
        default=1,
        minimum=1,
        maximum=100,
        scale="log",
    )
    steps: int = choice("when training is finished", default=10_000, minimum=1, maximum=MOST_STEPS, scale="log")
    clip_norm: float | None = choice(
        "longer gradients are shortened to this length (empty: never)", default=None, minimum=1e-3, maximum=1000, scale="log"
    )
    seed: int = choice(
        "fixes the first weights and the order, and the data where these have no seed of their own",
        default=7,
        minimum=0,
        maximum=MOST_SEED,
    )
    data_seed: int | None = choice(
        "fixes the data alone: which examples are drawn, or how they are split (empty: the seed fixes these too)",
        default=None,
        minimum=0,
        maximum=MOST_SEED,
    )
    evaluate_every: int = choice(
        "steps from one row of metrics to the next", default=20, minimum=1, maximum=100_000, scale="log"
    )
    averaging: float = choice(
        "memory of an average of the weights, which is tested and shown in their place, such as 0.99 (0: none)",
        default=0.0,
        minimum=0,
        maximum=0.99999,
    )
    patience: int | None = choice(
        "training ends early after so many steps without a better test loss, and the best weights count (empty: never)",
        default=None,
        minimum=1,
        maximum=1_000_000,
        unit="steps",
    )

    def as_dict(self) -> dict[str, Any]:
        """Give the plain values, for JSON: a copy, for a run's optimizer and data may change."""
        return {name: copied(value) for name, value in vars(self).items()}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        """Read what `as_dict` gave, of this version or an earlier one. Raises ValueError that names what is not understood."""
        known = {f.name: f for f in fields(cls)}
        needed = {name for name, f in known.items() if f.default is MISSING and f.default_factory is MISSING}
        if strange := sorted(set(stored) - set(known)):
            raise ValueError(f"this version knows no {strange[0]!r} in a configuration")
        if missing := sorted(needed - set(stored)):
            raise ValueError(f"the configuration lacks {missing[0]!r}")
        found = cls(**stored)
        for name in ("network", "optimizer", "schedule", "loss", "data"):
            if not isinstance(getattr(found, name), list if name == "network" else dict):
                raise ValueError(f"{name!r} of the configuration is not understood: {getattr(found, name)!r:.60}")
        return found

    @property
    def seed_of_data(self) -> int:
        """Give the seed that the data come from: their own, else the run's."""
        return self.seed if self.data_seed is None else self.data_seed

    @property
    def examples_per_step(self) -> int:
        """Count the examples of a step, over all its batches."""
        return self.batch_size * self.batches_per_step

    def next_row(self, step: int) -> int:
        """Say which step has the next row of metrics: each of the first steps has one, then every so many, and the last."""
        every = self.evaluate_every
        following = step + 1 if step + 1 < min(every, 20) else (step // every + 1) * every
        return min(following, max(self.steps, step + 1))


def merged(before: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Lay changes over a configuration: of data and of the same optimizer the fields that are named, of all else the whole."""
    chosen = {**before, **changes}
    optimizer, data = changes.get("optimizer"), changes.get("data")
    if isinstance(optimizer, Mapping) and optimizer.get("name", before["optimizer"]["name"]) == before["optimizer"]["name"]:
        chosen["optimizer"] = {**before["optimizer"], **optimizer}
    if isinstance(data, Mapping):
        chosen["data"] = {**before["data"], **data}
    return chosen
