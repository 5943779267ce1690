"""What can be wrong before the first step: layers, loss, data and first weights that do not fit together."""

import math
from itertools import pairwise

import numpy as np

from engine.arrays import Array
from engine.explain.chance import COUNTED, evenly, unsure_loss
from engine.explain.finding import Finding, Remedy
from engine.explain.rules.remedies import first_weights, network_of, with_layers, without
from engine.explain.rules.rule import Rule, named
from engine.explain.vitals import Record
from engine.explain.words import number, percent
from engine.layers import (
    AveragePool2D,
    BatchNorm,
    Conv1D,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAveragePool2D,
    Layer,
    LayerNorm,
    Recurrent,
    Reshape,
    Sigmoid,
    Softmax,
)
from engine.losses import BinaryCrossEntropy, CrossEntropy
from engine.tasks import Task

STRAIGHT = (Flatten, Reshape, Dropout, BatchNorm, AveragePool2D, GlobalAveragePool2D)
"""Layers that bend nothing: behind a dense layer and before another one they leave the two one matrix."""
MOST_FEATURES = 64
"""With more inputs the best straight line is not looked for."""


class SoftmaxTwice(Rule):
    """A Softmax (or for two answers a Sigmoid) before a loss that takes logits.

    Schoop, Huang & Hartmann (2021), UMLAUT.
    """

    cause = "softmax twice"
    at_start = True

    def examine(self, record: Record) -> Finding | None:
        training = record.training
        if not isinstance(training.loss, (CrossEntropy, BinaryCrossEntropy)):
            return None
        layers = record.network.layers
        last = next((i for i in reversed(range(len(layers))) if not isinstance(layers[i], (Dropout, Flatten, Reshape))), 0)
        if not isinstance(layers[last], (Softmax, Sigmoid)):  # log p is a logit of the same p: LogSoftmax does no harm
            return None
        outputs = record.network.output_shape[-1]
        if isinstance(training.loss, CrossEntropy):
            least = math.log(1 + (outputs - 1) / math.e)  # all of the share on the right class: −log (e / (e + K − 1))
            sentence = (
                f"Behind a {type(layers[last]).__name__} this loss cannot fall below {number(least)}, however sure the "
                "network is."
            )
            evidence = {"lowest possible loss": least, "classes": outputs}
        else:
            evidence = {"lowest possible loss": math.log(1 + 1 / math.e)}
            sentence = (
                f"Behind a {type(layers[last]).__name__} a yes costs {number(evidence['lowest possible loss'])} at least, "
                "however sure the network is."
            )
        remedy = Remedy(f"Remove the {type(layers[last]).__name__}", {"network": without(network_of(record), last)})
        return self.found(record, sentence, evidence, [remedy], last, 0)


class LinearStack(Rule):
    """Two layers with weights and nothing that bends between them.

    Schoop, Huang & Hartmann (2021), UMLAUT; Nikanjam, Ben Braiek, Morovati & Khomh (2021), NeuraLint. A bottleneck, as an
    autoencoder's code is, is meant so; and where a straight line is enough, nothing is wrong.
    """

    cause = "linear stack"
    at_start = True

    def examine(self, record: Record) -> Finding | None:
        pairs = [pair for pair in straight_pairs(record.network.layers) if not narrows(record, *pair)]
        if not pairs or record.reached or straight_is_enough(record):
            return None
        first, second = pairs[0]
        rectified = any(layer["layer"] == "ReLU" for layer in network_of(record))
        bend = {"layer": "ReLU" if rectified or isinstance(record.network.layers[first], (Conv1D, Conv2D)) else "Tanh"}
        network = with_layers(network_of(record), {j: bend for _, j in pairs}) if network_of(record) else []
        whole = is_straight(record.network.layers)
        drawn = "a straight line" if whole else "what one of them could"
        sentence = f"Layers {first + 1} and {second + 1} multiply to one: together they can draw only {drawn}."
        remedy = Remedy(f"Insert {bend['layer']} between them", {"network": network})
        return self.found(record, sentence, {"first layer": first + 1, "second layer": second + 1}, [remedy], first, 0)


def straight_pairs(layers: list[Layer]) -> list[tuple[int, int]]:
    """Find dense layers (or convolutions) that follow each other with nothing between them that bends."""
    found, before = list[tuple[int, int]](), None
    for position, layer in enumerate(layers):
        if isinstance(layer, (Dense, Conv1D, Conv2D)) and type(layer).__name__ in ("Dense", "Conv1D", "Conv2D"):
            if before is not None:
                found.append((before, position))
            before = position
        elif not isinstance(layer, STRAIGHT):
            before = None
    return found


def is_straight(layers: list[Layer]) -> bool:
    """Tell whether nothing in the network bends."""
    return all(isinstance(layer, (Dense, Conv1D, Conv2D, *STRAIGHT)) for layer in layers)


def narrows(record: Record, first: int, second: int) -> bool:
    """Tell whether the first of two layers is a bottleneck, narrower than what comes in and what goes out."""
    plans, network = record.network.plans, record.network
    before = plans[first - 1].output_shape if first else network.input_shape
    units = plans[first].output_shape[-1]
    return units < before[-1] and units < plans[second].output_shape[-1]


def straight_is_enough(record: Record) -> bool:
    """Tell whether the best straight line comes to the goal, or nearly all the way from chance to no error."""
    best = straight_answers(record)
    return best is not None and best >= 0.98 * wanted_share(record)


def wanted_share(record: Record) -> float:
    """Give the share of right answers, or of the variance, that is the goal."""
    goal = record.goal
    return goal.reached if goal is not None and goal.is_share else 0.95


def straight_answers(record: Record) -> float | None:
    """Find by least squares how much a straight line gets right: the share of answers, or of numbers the explained variance.

    None where there are too many inputs to look for it, or they are tokens or rows. It is looked for once for the same data.
    """
    task = record.training.task
    if record.straight is None or record.straight[0] is not task:
        record.straight = task, best_straight_line(task, record.network.output_shape[-1])
    return record.straight[1]


def best_straight_line(task: Task, outputs: int) -> float | None:
    """Find it in the data."""
    if task.tokens is not None or len(task.x) < 2 or task.kind == "places":
        return None
    x, target = task.to_input(evenly(task.x, 2000)), evenly(task.target, 2000)
    if x.ndim != 2 or x.shape[1] > MOST_FEATURES:
        return None
    inputs = np.column_stack([x, np.ones(len(x))]).astype(np.float64)
    if task.kind == "classes":
        if target.ndim != 1:
            return None
        wanted = np.eye(outputs)[target]
        return float(np.mean((inputs @ fitted(inputs, wanted)).argmax(axis=1) == target))
    wanted = target.reshape(len(x), -1).astype(np.float64)
    left = wanted - inputs @ fitted(inputs, wanted)
    return float(1 - np.mean(left**2) / max(float(np.var(wanted, axis=0).mean()), 1e-12))


def fitted(inputs: Array, wanted: Array) -> Array:
    """Solve  min ‖inputs A − wanted‖²  for A."""
    solution: Array = np.linalg.lstsq(inputs, wanted, rcond=None)[0]
    return solution


class InputsNotScaled(Rule):
    """A feature that reaches far beyond the others, or hardly varies.

    LeCun, Bottou, Orr & Müller (1998), Efficient backprop; Wardat, Cruz, Le & Rajan (2022), DeepDiagnosis.
    """

    cause = "inputs not scaled"
    at_start = True

    LARGEST, WIDEST, NARROWEST, FARTHEST = 12.0, 4.0, 0.05, 6.0

    def examine(self, record: Record) -> Finding | None:
        task, network = record.training.task, record.network
        x = task.to_input(evenly(task.x, 1000)) if len(task.x) else task.x
        if task.tokens is not None or x.dtype.kind != "f" or not x.size or record.reached:
            return None
        if isinstance(network.layers[0], (BatchNorm, LayerNorm)):
            return None
        rows = x.reshape(-1, x.shape[-1] if x.ndim == 2 else 1).astype(np.float64)
        largest, mean, std = np.abs(rows).max(axis=0), rows.mean(axis=0), rows.std(axis=0)
        varied = std > 1e-9 * (1 + largest)
        two = ((rows == rows.min(axis=0)) | (rows == rows.max(axis=0))).all(axis=0)  # yes or no: rare, not small
        wide = varied & ((std > self.WIDEST) | ((largest > self.LARGEST) & (std > 1.5)) | (np.abs(mean) > self.FARTHEST * std))
        narrow = varied & (std < self.NARROWEST) & ~two
        if not (wide | narrow).any():
            return None
        worst = int(np.argmax(np.where(wide | narrow, np.maximum(largest, 1 / np.maximum(std, 1e-9)), 0)))
        names = getattr(task, "names", None)
        what = f"Feature {names[worst]!r}" if names else "The inputs" if rows.shape[1] == 1 else f"Input {worst + 1}"
        reach = "reaches" if rows.shape[1] > 1 else "reach"
        if wide[worst]:
            sentence = f"{what} {reach} {number(largest[worst])}: weights for that would have to be tiny."
        else:
            varies = "varies" if rows.shape[1] > 1 else "vary"
            sentence = f"{what} {varies} by only {number(std[worst])}: weights for that would have to be huge."
        evidence = {"largest": float(largest[worst]), "standard deviation": float(std[worst]), "mean": float(mean[worst])}
        remedy = Remedy("Standardize: BatchNorm as the first layer", {"network": [{"layer": "BatchNorm"}, *network_of(record)]})
        return self.found(record, sentence, evidence, [remedy], None, 0)


class FirstWeightsTooLarge(Rule):
    """First weights that blow the signal up, and a first loss far above that of who knows nothing.

    Karpathy (2015), CS231n: look for the correct loss at chance performance; Glorot & Bengio (2010) for the usual size.
    """

    cause = "first weights too large"
    at_start = True

    GAIN, CLASSES, NUMBERS, FLAT, OVER = 2.3, 1.4, 2.5, 0.4, 0.3

    def examine(self, record: Record) -> Finding | None:
        start, first, chance = record.start, record.first, record.baseline
        if start is None or first is None or not chance or record.reached:
            return None
        if record.looks and record.level < self.OVER:
            return None
        layer, gain = record.gain
        flat = float(start.flat.max(initial=0))
        task = record.training.task
        target = task.to_target(evenly(task.target, COUNTED))
        unsure = unsure_loss(task, record.training.test_loss, target, record.network.output_shape)
        factor = first.loss / max(unsure, 1e-12)
        sure = factor > (self.CLASSES if record.training.task.kind == "classes" else self.NUMBERS)
        if not (gain > self.GAIN and (sure or flat > self.FLAT)):
            return None
        if sure:
            known = f"ln {record.network.output_shape[-1]} = " if record.training.task.kind == "classes" else ""
            sentence = (
                f"Untrained it should be unsure, a loss of {known}{number(unsure)}; it starts at {number(first.loss)}: "
                "sure, and wrong."
            )
        else:
            sentence = (
                f"Untrained, {percent(flat)} of {named(record, int(start.flat.argmax()))} already stand where the slope is "
                "nearly zero."
            )
        evidence = {"first loss": first.loss, "loss where unsure": unsure, "gain of the weights": gain, "flat answers": flat}
        return self.found(record, sentence, evidence, [first_weights(record)], layer, 0)


class IdenticalUnits(Rule):
    """All units of a hidden layer with the same weights: they get the same gradient for ever.

    Rumelhart, Hinton & Williams (1986), Learning internal representations by error propagation, on breaking symmetry.
    """

    cause = "identical units"
    at_start = True

    CLOSE = 1e-6

    def examine(self, record: Record) -> Finding | None:
        layers = record.network.layers
        hidden = [i for i, layer in enumerate(layers) if isinstance(layer, (Dense, Conv2D, Conv1D, Recurrent))]
        for position, after in pairwise(hidden):
            W, b = (layers[position].parameters[name] for name in ("W", "b"))
            units = record.network.plans[position].output_shape[-1]
            if units < 2 or not same(W, -1, self.CLOSE) or not same(b, -1, self.CLOSE):
                continue
            if record.step == 0 and not same(layers[after].parameters["W"], -2, self.CLOSE):
                continue  # the next layer treats them differently, so that their gradients differ
            if any(isinstance(layer, Dropout) for layer in layers[position:after]) and record.step == 0 and np.any(W):
                continue
            sentence = f"All {units:,} neurons of {named(record, position)} compute the same number and get the same gradient."
            return self.found(record, sentence, {"neurons": units}, [first_weights(record)], position, 0)
        return None


def same(values: Array, axis: int, close: float) -> bool:
    """Tell whether all slices along an axis are equal, up to this share of the largest number."""
    apart = np.ptp(values, axis=axis).max(initial=0)
    return bool(apart <= close * np.abs(values).max(initial=0))
