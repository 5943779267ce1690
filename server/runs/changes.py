"""What may change about a run that is there already, and what may not."""

from collections.abc import Mapping
from typing import Any

from engine import Configuration, ConfigurationError, configure
from engine.data.folders import DataFolders
from engine.training.configuration import merged
from engine.training.training import CHANGEABLE

TRAINING = ("data", *CHANGEABLE)
"""The changes that the training itself learns of; the others are speed, name, note and tags."""


def of_training(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Pick what the training itself learns of; no field of the optimizer or the data is no change."""
    return {name: changes[name] for name in TRAINING if changes.get(name, {}) != {}}


def check(now: Configuration, changes: Mapping[str, Any], step: int, folders: DataFolders) -> None:
    """Raise a ConfigurationError where one of these changes is not allowed after so many steps."""
    after = configure(merged(now.as_dict(), of_training(changes)), folders)
    if after.optimizer["name"] != now.optimizer["name"]:
        raise ConfigurationError("optimizer.name", "another optimizer needs a new run")
    if after.steps < step:
        raise ConfigurationError("steps", f"steps must be at least {step:,}, which are done already; got {after.steps:,}")
