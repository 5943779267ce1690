"""What a person does to a network by hand, between two steps: a weight set, a neuron silenced, a layer frozen or drawn anew."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from engine.arrays import Array
from engine.hyperparameter import fields_of
from engine.layers import LAYERS, Layer
from engine.network import Network
from engine.optimizers import Optimizer
from engine.training.configuration import Configuration, ConfigurationError, copied
from engine.training.factory import make_layers, make_optimizer
from engine.training.kept import KeptWeights

Edit = Mapping[str, Any]
"""What is done, in plain values:

{"do": "set", "layer": 0, "parameter": "W", "index": [1, 3], "value": 0.5}    a weight or a bias
{"do": "silence", "layer": 1, "unit": 3, "on": True}     its output is 0 from now on; on False lets it speak again
{"do": "freeze", "layer": 0, "on": True}                 its weights stay: learning_rate_scale 0; on False sets it to 1
{"do": "renew", "layer": 0}                              its weights are again the first that the seed drew
"""
DEEDS = ("set", "silence", "freeze", "renew")
SCALE = "learning_rate_scale"


class Edited(Protocol):
    """What an edit needs of a training."""

    configuration: Configuration
    network: Network
    optimizer: Optimizer
    kept: KeptWeights
    theta_before: Array
    step: int


def apply_edit(training: Edited, edit: Edit) -> None:
    """Do one edit to a training between two steps. Raises ConfigurationError, and all is as it was.

    What is silenced or frozen stands in the configuration; a weight, or a layer drawn anew, only in the weights.
    """
    network = edited(training.configuration.network, [edit])
    position = position_of(edit, network)
    layer = training.network.layers[position]
    if edit["do"] == "silence":
        units = training.network.plans[position].output_shape[-1]
        if edit["unit"] >= units:
            what = f"{type(layer).__name__}, layer {position + 1}, has {units:,} neurons"
            raise ConfigurationError(
                "edits.unit", f"{what}: unit must be a number from 0 to {units - 1:,}, got {edit['unit']:,}"
            )
        layer.silenced = tuple(network[position].get("silenced") or ()) or None
    elif edit["do"] == "freeze":
        if not layer.parameters:
            raise unfreezable(edit, network[position])
        take_scales(layer, network[position])
        training.network.hear_scales()
    elif edit["do"] == "set":
        set_weight(training, position, edit)
    else:
        renew(training, position)
    training.configuration.network = network
    training.kept.forget_best(training.step)


def edited(network: Sequence[Mapping[str, Any]], edits: Sequence[Edit]) -> list[dict[str, Any]]:
    """Give a network's description as it is after some edits, which itself stays as it is. Raises ConfigurationError."""
    after: list[dict[str, Any]] = copied(list(network))
    for edit in edits:
        if edit.get("do") not in DEEDS:
            raise ConfigurationError("edits.do", f"an edit must do one of {', '.join(DEEDS)}, got {edit.get('do')!r:.60}")
        spec = after[position_of(edit, after)]
        if edit["do"] == "silence":
            unit, silenced = edit.get("unit"), set(spec.get("silenced") or ())
            if type(unit) is not int or unit < 0:
                raise ConfigurationError("edits.unit", f"unit must be the number of a neuron, from 0 on, got {unit!r:.60}")
            silenced = silenced | {unit} if edit.get("on", True) else silenced - {unit}
            spec.pop("silenced", None)
            spec.update({"silenced": sorted(silenced)} if silenced else {})
        elif edit["do"] == "freeze" and not rescaled(spec, 0.0 if edit.get("on", True) else 1.0):
            raise unfreezable(edit, spec)
    return after


def unfreezable(edit: Edit, spec: Mapping[str, Any]) -> ConfigurationError:
    """Make the error for a layer that has nothing to freeze."""
    return ConfigurationError(
        "edits.layer", f"{spec['layer']}, layer {edit['layer'] + 1}, cannot be frozen: it has no weights that learn"
    )


def position_of(edit: Edit, network: Sequence[Any]) -> int:
    """Give the layer that an edit is about. Raises ConfigurationError where the network has no such layer."""
    position = edit.get("layer")
    if type(position) is not int or not 0 <= position < len(network):
        raise ConfigurationError(
            "edits.layer", f"layer must be a position in the network, from 0 to {len(network) - 1}, got {position!r:.60}"
        )
    return position


def rescaled(spec: dict[str, Any], scale: float) -> bool:
    """Let a described layer, or all inside it, learn so fast; False where nothing in it has a rate of its own."""
    own = any(f.name == SCALE for f in fields_of(LAYERS[spec["layer"]]))
    if own:
        spec[SCALE] = scale
    inside = [rescaled(inner, scale) for inner in spec.get("layers") or []]
    return own or any(inside)


def take_scales(layer: Layer, spec: Mapping[str, Any]) -> None:
    """Let a layer, and those inside it, learn as fast as described."""
    if SCALE in spec:
        setattr(layer, SCALE, spec[SCALE])
    for inner, described in zip(layer.inside if "layers" in spec else [], spec.get("layers", []), strict=True):
        take_scales(inner, described)


def set_weight(training: Edited, position: int, edit: Edit) -> None:
    """Set one number of a layer: in the weights that learn, and in their average where that is what counts."""
    network = training.network
    layer, name, index, value = network.layers[position], edit.get("parameter"), edit.get("index"), edit.get("value")
    what = f"{type(layer).__name__}, layer {position + 1},"
    if not layer.parameters:
        raise ConfigurationError("edits.layer", f"{what} has no weights to set")
    if not isinstance(name, str) or name not in layer.parameters:
        raise ConfigurationError("edits.parameter", f"{what} has {', '.join(layer.parameters)}, got {name!r:.60}")
    shape = layer.parameters[name].shape
    fits = isinstance(index, (list, tuple)) and len(index) == len(shape)
    if not fits or not all(type(i) is int and 0 <= i < n for i, n in zip(index or (), shape, strict=True)):
        last = " × ".join(f"0 to {n - 1}" for n in shape)
        raise ConfigurationError("edits.index", f"index must be a place in {name}, {last}, got {index!r:.60}")
    most = float(np.finfo(network.dtype).max)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value) or abs(value) > most:
        raise ConfigurationError("edits.value", f"value must be a finite number, at most {most:.1e} in size, got {value!r:.60}")
    k = network.place(position, name, tuple(index or ()))
    for theta in (network.theta, training.theta_before, training.kept.average):
        if theta is not None:
            theta[k] = value


def renew(training: Edited, position: int) -> None:
    """Give a layer the first weights again that the seed drew, and what is kept of it; its optimizer's memory is empty."""
    network, configuration = training.network, training.configuration
    fresh = Network(make_layers(configuration.network), network.input_shape, configuration.seed)
    layer, part = network.layers[position], network.parts()[position]
    if not layer.parameters:
        raise ConfigurationError(
            "edits.layer", f"{type(layer).__name__}, layer {position + 1}, has no weights that could be drawn anew"
        )
    for own, first in zip(layer.walk(), fresh.layers[position].walk(), strict=True):
        for name, value in own.state.items():
            np.copyto(value, first.state[name])
    for theta in (network.theta, training.theta_before, training.kept.average):
        if theta is not None:
            theta[part] = fresh.theta[part]
    optimizer = make_optimizer(configuration.optimizer)
    optimizer.start_on(fresh)
    memory, empty = training.optimizer.state_dict(), optimizer.state_dict()
    for name, value in memory.items():
        if value.shape == network.theta.shape and name in empty:
            memory[name] = value.copy()
            memory[name][part] = empty[name][part]
    training.optimizer.load_state_dict(memory)
