"""Which layers fit where: what the page offers at every place of a network."""

import re
from typing import Any

from engine.data.folders import DataFolders
from engine.hyperparameter import fields_of
from engine.layers import LAYERS
from engine.training.check import plan_network, present_task
from engine.training.configuration import Configuration, ConfigurationError
from engine.training.factory import make_layers


def fitting(configuration: Configuration, position: int, folders: DataFolders | None = None) -> dict[str, dict[str, Any]]:
    """Say of every layer whether it fits into the network before `position`: {"layer": as it would} or {"reason": why not}."""
    task = present_task(configuration.task, configuration.data, folders or DataFolders.from_environment())
    found: dict[str, dict[str, Any]] = {}
    for name in LAYERS:
        for spec in variants(name):
            network = [*configuration.network[:position], spec, *configuration.network[position:]]
            try:
                plan_network(make_layers(network), task)
                found[name] = {"layer": spec}
                break
            except ConfigurationError as error:
                reason = re.sub(r"^layer \d+: ", "", str(error)).removeprefix(f"{name} ")
                found.setdefault(name, {"reason": reason})
    return found


def variants(name: str) -> list[dict[str, Any]]:
    """Give a layer as the catalog suggests it; a recurrent one also so that it gives the whole sequence."""
    fields = fields_of(LAYERS[name])
    suggested = {f.name: f.choice.suggestion if f.required else f.default for f in fields}
    spec = {"layer": name, **{key: list(v) if isinstance(v, tuple) else v for key, v in suggested.items()}}
    return [spec, {**spec, "return_sequences": True}] if "return_sequences" in suggested else [spec]
