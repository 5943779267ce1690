"""What can be tried: changes of a configuration, each with the title of its button."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from engine.explain.finding import Remedy
from engine.explain.vitals import Record
from engine.explain.words import number

LayerSpec = dict[str, Any]
TRUSTED = 0.03
"""What share of the weights a first step may be."""
WEIGHTED = ("Dense", "Conv2D", "Conv1D", "RNN", "LSTM", "GRU", "DepthwiseConv2D", "GroupedConv2D", "Conv2DTranspose")
"""Layers whose first weights are a choice that remedies make."""
RECTIFIERS = ("ReLU", "LeakyReLU", "PReLU", "ELU", "GELU", "SiLU", "Mish", "HardSwish", "ThresholdedReLU", "Softplus")
"""Activations after which he is the usual choice."""
SQUASHING = ("Tanh", "Sigmoid", "HardSigmoid", "Softsign")
"""Activations that become flat far out."""


def rounded(value: float) -> float:
    """Round to one digit: 0.00333… becomes 0.003."""
    return float(f"{value:.1g}")


def usual_rate(record: Record) -> float:
    """Give a learning rate that this optimizer usually begins with on this kind of task."""
    optimizer = record.training.optimizer
    rate = dict(optimizer.first_rate).get("classes" if record.training.task.kind == "classes" else "numbers", 0.01)
    return float(rate) * (1 - float(getattr(optimizer, "momentum", 0.0)) if type(optimizer).__name__ == "SGD" else 1)


def fair_rate(record: Record) -> float:
    """Give the usual rate, or for plain gradient descent one at which the first step is a small share of the weights:

    η ‖∂L/∂θ‖ = TRUSTED ‖θ‖   (You, Gitman & Ginsburg 2017, Large batch training of convolutional networks).
    """
    rate, start, early = usual_rate(record), record.start, record.early
    if type(record.training.optimizer).__name__ != "SGD" or start is None or not early or not 0 < early[0] < math.inf:
        return rate
    return min(rate, TRUSTED * float(np.linalg.norm(start.size)) / early[0])


def at_rate(rate: float) -> Remedy:
    """Choose the learning rate."""
    return Remedy(f"Learning rate {number(rate)}", {"optimizer": {"learning_rate": rate}})


def slower(record: Record) -> list[Remedy]:
    """Take a tenth of the learning rate, or the usual one where that is less, and then something between."""
    now = record.training.learning_rate
    rate = rounded(min(now / 10, fair_rate(record)))
    return [at_rate(rate), at_rate(rounded(math.sqrt(rate * now)))]


def calmer(record: Record) -> float:
    """Give a third of the learning rate, and no more than is usual."""
    return rounded(min(record.training.learning_rate / 3, fair_rate(record)))


def faster(record: Record) -> list[Remedy]:
    """Take ten times the learning rate, or the usual one where that is more."""
    now = record.training.learning_rate
    rate = rounded(max(10 * now, fair_rate(record)))
    return [at_rate(rate)] + ([at_rate(rounded(10 * now))] if rate > 20 * now else [])


def network_of(record: Record) -> list[LayerSpec]:
    """Give the layers of the configuration."""
    return record.training.configuration.network


def without(network: Sequence[LayerSpec], position: int) -> list[LayerSpec]:
    """Give the layers but one."""
    return [*network[:position], *network[position + 1 :]]


def with_layers(network: Sequence[LayerSpec], added: Mapping[int, LayerSpec]) -> list[LayerSpec]:
    """Give the layers and more, each before the one of this position."""
    return [layer for i, old in enumerate(network) for layer in ((added[i], old) if i in added else (old,))]


def changed(network: Sequence[LayerSpec], change: Callable[[int, LayerSpec], LayerSpec]) -> list[LayerSpec]:
    """Give the layers, each as `change` makes it."""
    return [change(position, layer) for position, layer in enumerate(network)]


def follows(network: Sequence[LayerSpec], position: int) -> str:
    """Name the activation behind a layer, norms and pools not counted; the empty string where none follows."""
    for layer in network[position + 1 :]:
        if layer["layer"] in (*RECTIFIERS, *SQUASHING, "SELU", "Softmax"):
            return str(layer["layer"])
        if layer["layer"] in WEIGHTED:
            break
    return ""


def fresh(network: Sequence[LayerSpec]) -> list[LayerSpec]:
    """Let every layer draw its first weights as is usual: he before a ReLU, else xavier, and from state to state a rotation."""

    def draw(position: int, layer: LayerSpec) -> LayerSpec:
        if layer["layer"] not in WEIGHTED:
            return layer
        usual = {"initializer": "he" if follows(network, position) in RECTIFIERS else "xavier", "gain": 1.0}
        if "recurrent_initializer" in layer:
            usual["recurrent_initializer"] = "orthogonal"
        if "bias_initializer" in layer:
            usual["bias_initializer"] = "zeros"
        return {**layer, **usual}

    return changed(network, draw)


def bends_at_once(record: Record) -> bool:
    """Tell whether there is one input, and ReLUs: with biases of 0 those of the first layer all bend at the same place."""
    return record.network.input_shape == (1,) and any(layer["layer"] == "ReLU" for layer in network_of(record))


def first_weights(record: Record) -> Remedy:
    """Begin anew with usual first weights, and where all ReLUs would bend at once, with tanh."""
    if bends_at_once(record):
        return Remedy(
            "Tanh, first weights by xavier", {"network": fresh(exchanged(network_of(record), ("ReLU",), {"layer": "Tanh"}))}
        )
    network = fresh(network_of(record))
    used = {layer["initializer"] for layer in network if layer["layer"] in WEIGHTED}
    return Remedy(f"First weights by {' and '.join(sorted(used)) or 'xavier'}", {"network": network})


def exchanged(network: Sequence[LayerSpec], old: Sequence[str], new: LayerSpec) -> list[LayerSpec]:
    """Give the layers, with another activation in the place of those."""
    return changed(network, lambda _, layer: dict(new) if layer["layer"] in old else layer)
