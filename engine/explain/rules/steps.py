"""Steps that go wrong: off all numbers, too far, not far enough, against each other, or where the penalty wants."""

import math

import numpy as np

from engine.explain.finding import Finding, Remedy
from engine.explain.rules.remedies import at_rate, calmer, faster, rounded, slower
from engine.explain.rules.rule import Rule, times
from engine.explain.vitals import Record
from engine.explain.words import number, percent


def clipping(record: Record) -> list[Remedy]:
    """Shorten gradients that are longer than nine of ten; nothing where they are shortened already."""
    finite = [length for length in record.gradients if math.isfinite(length) and length > 0]
    if record.training.configuration.clip_norm is not None or len(finite) < 5:
        return []
    limit = float(np.clip(rounded(float(np.percentile(finite, 90))), 1e-3, 1000))
    return [Remedy(f"Clip gradients at {number(limit)}", {"clip_norm": limit})]


class NotFinite(Rule):
    """The loss is no number any more, which ended the training.

    Godbole, Dahl, Gilmer, Shallue & Nado (2023), Deep learning tuning playbook.
    """

    cause = "not finite"

    def examine(self, record: Record) -> Finding | None:
        ended = record.training.diverged
        if ended is None:
            return None
        best = record.best()
        since = best.step if best and best.loss < 0.5 * record.looks[-1].loss else ended.step
        rate = record.training.learning_rate
        sentence = f"Step {ended.step:,}, at learning rate {number(rate)}, threw the weights so far that the loss is no number."
        evidence = {"step": ended.step, "learning rate": rate}
        return self.found(record, sentence, evidence, [slower(record)[0], *clipping(record), slower(record)[1]], since=since)


def blocked(record: Record) -> bool:
    """Tell whether a layer is mostly silent or flat, so that no step of any size helps."""
    now = record.now
    return now is not None and bool((now.silent > 0.5).any() or (now.flat > 0.9).any())


class PenaltyTooStrong(Rule):
    """A penalty that outweighs the data, or that shrinks the weights while nothing is learned.

    Krogh & Hertz (1991), A simple weight decay can improve generalization; Karpathy (2015), CS231n.
    """

    cause = "penalty too strong"

    OUTWEIGHS, SHRUNK, UNLEARNED = 10.0, 0.35, 0.75

    def examine(self, record: Record) -> Finding | None:
        training, row, chance = record.training, record.training.row, record.chance
        strength = float(getattr(training.regularizer, "strength", 0.0) if training.regularizer else 0.0)
        decay = float(getattr(training.optimizer, "weight_decay", 0.0))
        if row is None or not chance or not (strength or decay) or (record.looks and record.level < self.UNLEARNED):
            return None
        start, now = record.start, record.now
        at_first = record.first
        if strength and at_first is not None and at_first.penalty > self.OUTWEIGHS * max(at_first.loss, chance):
            row = row if row.penalty > row.loss else at_first
        if strength and row.penalty > self.OUTWEIGHS * max(row.loss, 0.2 * chance):
            factor = row.penalty / row.loss
            sentence = f"The penalty, {number(row.penalty)}, is {times(factor)} times the loss of the data, {number(row.loss)}."
            evidence = {"penalty": row.penalty, "loss": row.loss, "times": factor}
            return self.found(record, sentence, evidence, self.weaker(record, strength, decay))
        if start is None or now is None or now.step < 20:
            return None
        before, after = float(np.linalg.norm(start.size)), float(np.linalg.norm(now.size))
        shrinks = before > 0 and after < self.SHRUNK * before and record.level > self.UNLEARNED
        if not shrinks:
            return None
        sentence = (
            f"The penalty shrank the weights from {number(before)} to {number(after)}; the loss stands at {number(now.loss)}, "
            "as by chance."
        )
        evidence = {
            "weights at first": before,
            "weights now": after,
            "loss": now.loss,
            "share": record.level,
        }
        return self.found(record, sentence, evidence, self.weaker(record, strength, decay))

    def weaker(self, record: Record, strength: float, decay: float) -> list[Remedy]:
        """Take a hundredth, or as much as lets the first penalty be a twentieth of the loss by chance where that is less."""
        if not strength:
            return [Remedy("A hundredth of the decay", {"optimizer": {"weight_decay": rounded(decay / 100)}})]
        first = record.first.penalty if record.first else 0.0
        fair = 0.02 * (record.chance or 1.0) / (first / strength) if first else math.inf
        weak = float(f"{min(strength / 100, fair):.0e}")
        return [
            Remedy(f"Strength {number(weak)}", {"regularizer": {"strength": weak}}),
            Remedy("No penalty", {"regularizer": None}),
        ]


class StepTooLarge(Rule):
    """Steps of more than a few per cent of the weights and a loss that stays up, or steps that threw the loss up.

    Karpathy (2015), CS231n: the ratio of updates to weights should be about 0.001.
    """

    cause = "step too large"
    lasts = 2

    WORSE, RATIO, UP, STILL, THROWN = 1.2, 0.03, 0.2, 0.85, 8.0

    def examine(self, record: Record) -> Finding | None:
        now, chance, first = record.now, record.chance, record.first
        if now is None or not chance or now.step < 20 or record.reached:
            return None
        known = max(chance, first.loss if first else chance)
        layer = int(np.argmax(now.ratio))
        ratio = float(now.ratio[layer])
        evidence = {"change per step": ratio, "loss": now.loss, "loss at first": known}
        if now.loss > self.WORSE * known and ratio > 1e-3:
            sentence = (
                f"Each step changes layer {layer + 1} by {percent(ratio)}; the loss stands at {number(now.loss)}, it began at "
                f"{number(known)}."
            )
            return self.found(record, sentence, evidence, slower(record), layer)
        half = record.before(now.step // 2)
        falls = half is not None and now.loss < self.STILL * half.loss
        if now.step < 60 or record.level < self.UP or falls:
            return None
        whole = ratio * float(now.size[layer]) / max(float(now.size[layer]), 0.3 * float(record.usual_size[layer]), 1e-9)
        if whole > self.RATIO and not blocked(record) and record.fading < 100:  # tiny weights may move far
            sentence = f"Each step changes layer {layer + 1} by {percent(ratio)}; about 0.1 % is usual."
            return self.found(record, sentence, {"change per step": ratio}, slower(record), layer)
        thrown = now.size / np.maximum(record.usual_size, 1e-9)
        far = int(np.argmax(thrown))
        if thrown[far] > self.THROWN and record.start is not None and now.size[far] > self.THROWN * record.start.size[far]:
            before = float(record.start.size[far])
            sentence = (
                f"The steps threw the weights of layer {far + 1} from {number(before)} to {number(float(now.size[far]))}; "
                f"the loss stands at {number(now.loss)}."
            )
            evidence = {"weights at first": before, "weights now": float(now.size[far]), "loss": now.loss}
            return self.found(record, sentence, evidence, slower(record), far)
        return None


class StepTooSmall(Rule):
    """Steps so small that the loss hardly falls, though there is a gradient.

    Karpathy (2015), CS231n: the ratio of updates to weights should be about 0.001.
    """

    cause = "step too small"
    lasts = 2

    RATIO, FALLEN, UNLEARNED, AFTER, MOVED = 3e-4, 0.05, 0.6, 100, 0.3

    def examine(self, record: Record) -> Finding | None:
        now, first = record.now, record.first
        if now is None or first is None or now.step < self.AFTER or record.reached or record.level < self.UNLEARNED:
            return None
        rate = record.training.learning_rate
        if record.training.optimizer.learning_rate < 0.3 * rate:  # the schedule holds it back for now
            return None
        if blocked(record) or record.fading > 100:  # the gradient does not arrive: no matter of steps
            return None
        earlier = record.before(now.step - 200) or record.looks[0]
        ratio = float(np.median([look.ratio.max() for look in record.lately(300)] or [now.ratio.max()]))
        if ratio > self.RATIO or not now.gradient.max() > 0 or now.moved > self.MOVED:  # far from the start it has converged
            return None
        if now.loss < (1 - self.FALLEN) * earlier.loss:
            return None
        sentence = (
            f"A step changes the weights by {percent(ratio)}, where 0.1 % is usual: in {now.step:,} steps they moved by "
            f"{percent(now.moved)}."
        )
        evidence = {
            "change per step": ratio,
            "steps": now.step,
            "moved": now.moved,
            "loss": now.loss,
            "loss at first": first.loss,
        }
        return self.found(record, sentence, evidence, faster(record))


class NoisySteps(Rule):
    """Batches of a few examples whose steps undo each other.

    Smith, Kindermans, Ying & Le (2018), Don't decay the learning rate, increase the batch size.
    """

    cause = "noisy steps"
    lasts = 2

    MOST, SWING, LEVEL, STILL = 8, 0.35, 0.08, 0.9

    def examine(self, record: Record) -> Finding | None:
        now, configuration = record.now, record.training.configuration
        size, examples = configuration.examples_per_step, record.training.task.examples
        if now is None or record.baseline is None or size > self.MOST or examples <= 4 * size or now.step < 300:
            return None
        third = now.step // 3
        lately, past = record.lately(third), [look for look in record.looks if third < look.step <= 2 * third]
        if not past or not lately or record.level < self.LEVEL or record.narrow:
            return None
        level, swing = (float(np.mean([getattr(look, name) for look in lately])) for name in ("loss", "swing"))
        if level < self.STILL * float(np.mean([look.loss for look in past])) or swing < self.SWING * level:
            return None
        since = past[0].step
        words = "One example" if size == 1 else f"{size} examples"
        sentence = (
            f"{words} a step: the loss swings by {number(swing)} around {number(level)}, and does not fall for "
            f"{now.step - since:,} steps."
        )
        evidence = {"examples per step": size, "swing": swing, "loss": level, "steps": now.step - since}
        larger = 8 * size if size > 2 else min(16, examples)
        remedies = [
            Remedy(f"Batches of {larger}", {"batch_size": larger}),
            Remedy("Let the rate glide to zero", {"schedule": {"name": "Cosine"}}),
            at_rate(calmer(record)),
        ]
        return self.found(record, sentence, evidence, remedies)
