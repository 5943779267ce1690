"""Signals that do not come through: forward where neurons are silent or flat, back where the gradient fades or explodes."""

import numpy as np

from engine.explain.finding import Finding, Remedy
from engine.explain.rules.remedies import (
    SQUASHING,
    bends_at_once,
    calmer,
    exchanged,
    first_weights,
    fresh,
    network_of,
    slower,
    usual_rate,
    with_layers,
)
from engine.explain.rules.rule import Rule, named, times
from engine.explain.rules.steps import clipping
from engine.explain.vitals import Record, median
from engine.explain.words import number, percent
from engine.layers import RNN, BatchNorm, LayerNorm, Recurrent, Sigmoid, Tanh

MOSTLY, NEARLY_ALL = 0.7, 0.9
"""How much of a layer has to be silent, where nothing is learned, and where something is."""


class DeadUnits(Rule):
    """A ReLU layer most of whose units answer 0 to every example, in a network that has not learned.

    Lu, Shin, Su & Karniadakis (2020), Dying ReLU and initialization.
    """

    cause = "dead units"
    lasts = 2

    UNLEARNED, NOTHING, STILL, SWING = 0.5, 0.9, 0.95, 0.3

    def examine(self, record: Record) -> Finding | None:
        now = record.now
        if now is None or now.step < 40 or record.reached or record.level < self.UNLEARNED:
            return None
        layer = int(np.argmax(now.silent > MOSTLY))
        share = float(now.silent[layer])
        half = record.before(now.step // 2)
        falls = half is not None and now.loss < self.STILL * half.loss
        stands = not falls and now.swing < self.SWING * now.loss
        if share <= (MOSTLY if stands or record.level > self.NOTHING else NEARLY_ALL):
            return None
        units = record.network.plans[layer].output_shape[-1]
        silent = round(share * units)
        sentence = (
            f"{silent:,} of {units:,} neurons of {named(record, layer)} are silent for all data: no gradient reaches them."
        )
        rate = {"optimizer": {"learning_rate": calmer(record)}}
        other = "Tanh" if bends_at_once(record) else "LeakyReLU"
        alive = fresh(exchanged(network_of(record), ("ReLU", "ThresholdedReLU"), {"layer": other}))
        remedies = [
            Remedy(f"{other}, and learning rate {number(calmer(record))}", {"network": alive, **rate}),
            Remedy(
                f"First weights by he, and learning rate {number(calmer(record))}",
                {"network": fresh(network_of(record)), **rate},
            ),
        ]
        evidence = {"silent neurons": silent, "neurons": units}
        return self.found(record, sentence, evidence, remedies, layer)


class Saturated(Rule):
    """A tanh or sigmoid layer nearly all of whose answers stand where the slope is nearly zero.

    Glorot & Bengio (2010), Understanding the difficulty of training deep feedforward neural networks.
    """

    cause = "saturated"
    lasts = 2

    SHARE, UNLEARNED = 0.9, 0.3

    def examine(self, record: Record) -> Finding | None:
        now = record.now
        if now is None or now.step < 40 or record.reached or record.level < self.UNLEARNED:
            return None
        layer = int(np.argmax(now.flat > self.SHARE))
        share = float(now.flat[layer])
        if share <= self.SHARE:
            return None
        name = type(record.network.layers[layer]).__name__
        ends = "±1" if name == "Tanh" else "0 or 1"
        sentence = f"{percent(share)} of the answers of {named(record, layer)} stand at {ends}, where the slope is nearly zero."
        network = network_of(record)
        normed = with_layers(network, {i: {"layer": "BatchNorm"} for i, one in enumerate(network) if one["layer"] in SQUASHING})
        fair = first_weights(record)
        rate = {"optimizer": {"learning_rate": calmer(record)}} if record.training.learning_rate > usual_rate(record) else {}
        also = f", and learning rate {number(calmer(record))}" if rate else ""
        remedies = [
            Remedy(f"{fair.title}{also}", {**fair.changes, **rate}),
            Remedy(f"BatchNorm before each {name}{also}", {"network": fresh(normed), **rate}),
        ]
        return self.found(record, sentence, {"flat answers": share}, remedies, layer)


class VanishingGradient(Rule):
    """A gradient that fades on its way to the first layer, or to the first step of a row.

    Bengio, Simard & Frasconi (1994), Learning long-term dependencies with gradient descent is difficult; Zhang, Zhai, Ma &
    Shen (2021), AutoTrainer, for the comparison of the first layer with the last.
    """

    cause = "vanishing gradient"
    lasts = 3

    ANY, DEEP, LAYERS, UNLEARNED, ROWS, ROWS_UNLEARNED = 1000.0, 100.0, 4, 0.7, 1e-3, 0.9

    def examine(self, record: Record) -> Finding | None:
        now = record.now
        if now is None or record.reached:
            return None
        if record.level > self.ROWS_UNLEARNED and (found := self.through_time(record)):
            return found
        if record.level < self.UNLEARNED or now.step < 40:
            return None
        factor = record.fading
        squashing = sum(isinstance(layer, (Tanh, Sigmoid)) for layer in record.network.layers)
        calm = any(isinstance(layer, (BatchNorm, LayerNorm)) for layer in record.network.walk())
        if factor < (self.DEEP if squashing >= self.LAYERS and not calm else self.ANY):
            return None
        weighted = np.flatnonzero(record.usual_size)
        first, last = int(weighted[0]), int(weighted[-1])
        sentence = f"Layer {first + 1} gets {part(factor)} of the gradient of layer {last + 1}: it hardly learns."
        network = network_of(record)
        places = [i for i, layer in enumerate(network) if layer["layer"] in SQUASHING]
        normed = with_layers(network, {i: {"layer": "BatchNorm"} for i in places})
        rate = max(record.training.learning_rate, usual_rate(record))
        changes = {} if rate == record.training.learning_rate else {"optimizer": {"learning_rate": rate}}
        remedies = [
            Remedy("BatchNorm and ReLU", {"network": fresh(exchanged(normed, SQUASHING, {"layer": "ReLU"})), **changes}),
            Remedy("BatchNorm before each activation", {"network": fresh(normed), **changes}),
        ]
        return self.found(record, sentence, {"times smaller": factor, "first layer": first + 1}, remedies, first)

    def through_time(self, record: Record) -> Finding | None:
        """Compare what reaches the first step of the rows with what reaches the last."""
        asked = [look.through_time for look in record.lately(600) if look.through_time is not None]
        if record.step < 200 or len(asked) < 2 or median(asked) > self.ROWS:
            return None
        position = next(
            i for i, layer in enumerate(record.network.layers) if any(isinstance(one, Recurrent) for one in layer.walk())
        )
        factor = 1 / max(median(asked), 1e-30)
        steps = record.network.plans[position - 1].output_shape[0] if position else record.network.input_shape[0]
        sentence = f"The first of {steps:,} steps of a row gets {part(factor)} of the gradient that the last one gets."
        network = network_of(record)
        gated = [{**one, "layer": "LSTM"} if one["layer"] == "RNN" else one for one in network]
        remedies = []
        if any(isinstance(layer, RNN) for layer in record.network.layers):
            remedies = [
                Remedy("LSTM in place of RNN", {"network": gated}),
                Remedy(
                    "GRU in place of RNN",
                    {"network": [{**one, "layer": "GRU"} if one["layer"] == "RNN" else one for one in network]},
                ),
            ]
        return self.found(record, sentence, {"times smaller": factor, "steps of a row": steps}, remedies, position)


def part(factor: float) -> str:
    """Write what is left of something so many times as large."""
    return f"1/{times(factor)}" if factor < 1e6 else "less than a millionth"


class ExplodingGradient(Rule):
    """A gradient many times as long as those before it, on its way through time, which nothing shortens.

    Pascanu, Mikolov & Bengio (2013), On the difficulty of training recurrent neural networks: clip at up to ten times the mean.
    """

    cause = "exploding gradient"

    TIMES, UNLEARNED, STILL = 10.0, 0.3, 0.9

    def examine(self, record: Record) -> Finding | None:
        now, leap = record.now, record.leap
        if now is None or leap is None or record.training.configuration.clip_norm is not None or record.reached:
            return None
        step, length, usual = leap
        past = record.before(step)
        if record.level < self.UNLEARNED or length < self.TIMES * usual or (past and now.loss < self.STILL * past.loss):
            return None
        sentence = (
            f"Step {step:,} had a gradient of length {number(length)}, {times(length / usual)} times as long as those before; "
            f"the loss stands at {number(now.loss)}."
        )
        evidence = {"step": step, "length": length, "usual length": usual, "times as long": length / usual, "loss": now.loss}
        return self.found(record, sentence, evidence, [*clipping(record), *slower(record)], since=step)
