"""Steps that go wrong: off all numbers, too far, not far enough, against each other."""

import numpy as np

from engine.explain.finding import Finding, Remedy
from engine.explain.rules.rule import Rule, number, percent
from engine.explain.vitals import Record


def slower(record: Record, factor: float) -> Remedy:
    """Divide the learning rate, and take no more than the optimizer usually begins with."""
    rate = record.training.learning_rate / factor
    return Remedy(f"Learning rate {number(rate)}", {"optimizer": {"learning_rate": float(f"{rate:.3g}")}})


class NotFinite(Rule):
    """The loss is no number any more, which ended the training.

    Godbole, Dahl, Gilmer, Shallue & Nado (2023), Deep learning tuning playbook.
    """

    cause = "not finite"

    def examine(self, record: Record) -> Finding | None:
        ended = record.training.diverged
        if ended is None:
            return None
        sentence = f"Step {ended.step:,} threw the weights so far that the loss is no number."
        return self.found(record, sentence, {"step": ended.step}, slower(record, 10), since=ended.step)


class StepTooLarge(Rule):
    """Steps of more than a few per cent of the weights, and a loss that does not fall.

    Karpathy (2015), CS231n: the ratio of updates to weights should be about 0.001.
    """

    cause = "step too large"
    lasts = 2

    def examine(self, record: Record) -> Finding | None:
        now = record.now
        if now is None or record.baseline is None:
            return None
        layer = int(np.argmax(now.ratio))
        ratio = float(now.ratio[layer])
        if ratio < 0.03 or now.loss < 0.5 * record.baseline:
            return None
        sentence = f"Each step changes the weights of layer {layer + 1} by {percent(ratio)}; about 0.1 % is usual."
        return self.found(record, sentence, {"ratio": ratio}, slower(record, 10), slower(record, 3), layer=layer)
