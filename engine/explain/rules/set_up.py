"""What can be wrong before the first step: layers, loss and data that do not fit together."""

from typing import Any

from engine.explain.finding import Finding, Remedy
from engine.explain.rules.rule import Rule
from engine.explain.vitals import Record
from engine.layers import Dense, Dropout, Flatten, Layer, Softmax
from engine.losses import BinaryCrossEntropy, CrossEntropy


def without(network: list[dict[str, Any]], position: int) -> list[dict[str, Any]]:
    """Give the layers but one."""
    return [*network[:position], *network[position + 1 :]]


def with_layer(network: list[dict[str, Any]], position: int, layer: dict[str, Any]) -> list[dict[str, Any]]:
    """Give the layers and one more, which stands at this position."""
    return [*network[:position], layer, *network[position:]]


class SoftmaxTwice(Rule):
    """A Softmax before a loss that takes logits.

    Schoop, Huang & Hartmann (2021), UMLAUT.
    """

    cause = "softmax twice"

    def examine(self, record: Record) -> Finding | None:
        training = record.training
        if not isinstance(training.loss, (CrossEntropy, BinaryCrossEntropy)):
            return None
        last = len(training.network.layers) - 1
        while last >= 0 and isinstance(training.network.layers[last], (Dropout, Flatten)):
            last -= 1
        layer = training.network.layers[last]
        if not isinstance(layer, Softmax):  # log p is a logit of the same p: LogSoftmax does no harm
            return None
        classes = training.network.output_shape[-1]
        sentence = (
            f"The loss takes logits and makes probabilities of {classes} classes itself; "
            "a second softmax flattens every answer."
        )
        changes = {"network": without(training.configuration.network, last)}
        return self.found(record, sentence, {"classes": classes}, Remedy("Remove the Softmax", changes), layer=last, since=0)


class LinearStack(Rule):
    """Two dense layers with no activation between them.

    Schoop, Huang & Hartmann (2021), UMLAUT; Nikanjam, Ben Braiek, Morovati & Khomh (2021), NeuraLint.
    """

    cause = "linear stack"

    def examine(self, record: Record) -> Finding | None:
        layers = record.training.network.layers
        pairs = [(i, j) for i, j in linear_pairs(layers) if not narrows(record, i, j)]
        if not pairs:
            return None
        first, second = pairs[0]
        network = record.training.configuration.network
        for number, (_, position) in enumerate(pairs):
            network = with_layer(network, position + number, {"layer": "Tanh"})
        sentence = f"Layers {first + 1} and {second + 1} multiply to one: together they can draw only a straight line."
        evidence = {"first": first + 1, "second": second + 1}
        remedy = Remedy("Insert Tanh between them", {"network": network})
        return self.found(record, sentence, evidence, remedy, layer=first, since=0)


def linear_pairs(layers: list[Layer]) -> list[tuple[int, int]]:
    """Find dense layers that follow each other with nothing between them that bends."""
    found, before = list[tuple[int, int]](), None
    for position, layer in enumerate(layers):
        if isinstance(layer, Dense):
            if before is not None:
                found.append((before, position))
            before = position
        elif not isinstance(layer, (Dropout, Flatten)):
            before = None
    return found


def narrows(record: Record, first: int, second: int) -> bool:
    """Tell whether the layer between two is a bottleneck, as an autoencoder's code is, or an embedding: made so on purpose."""
    plans, network = record.training.network.plans, record.training.network
    before = plans[first - 1].output_shape if first else network.input_shape
    units = plans[first].output_shape[-1]
    return units < before[-1] and units < plans[second].output_shape[-1]
