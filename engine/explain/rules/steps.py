"""Steps that go wrong: off all numbers, too far, not far enough, against each other, or where the penalty wants."""

import math

import numpy as np

from engine.explain.finding import Finding, Remedy
from engine.explain.rules.remedies import at_rate, calmer, faster, rounded, slower, usual_rate
from engine.explain.rules.rule import Rule, times
from engine.explain.vitals import SHORT, Record, median
from engine.explain.words import number, percent
from engine.layers import Recurrent

SMALL, USUAL_BATCH, NOISE = 8, 32, 16
"""Up to how many examples a step may be noisy, how many are usual, and how many times the usual noise is much."""
THROWN = 8.0
"""How many times as long as usual, and as at first, weights are that the steps threw far away."""


def clipping(record: Record) -> list[Remedy]:
    """Shorten gradients that are longer than nine of ten, or than at first; nothing where they are shortened already."""
    finite = [length for length in record.gradients if math.isfinite(length) and length > 0]
    if record.training.configuration.clip_norm is not None or len(finite) < 5:
        return []
    usual = min(float(np.percentile(finite, 90)), median(record.early) if record.early else math.inf)
    limit = float(np.clip(rounded(usual), 1e-3, 1000))
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


def noisy(record: Record) -> bool:
    """Tell whether it is rather the small batch than the rate that makes the steps too long.

    A step's noise grows as  rate · examples / batch  (Smith et al. 2018). It is the batch, where that is farther below a usual
    one than the rate is above a usual one, and both together make the noise many times the usual.
    """
    size, examples = record.training.configuration.examples_per_step, record.training.task.examples
    if size > SMALL or examples <= 4 * size or record.baseline is None:
        return False
    fewer, higher = USUAL_BATCH / size, float(record.training.learning_rate) / usual_rate(record)
    return fewer > higher and fewer * higher >= NOISE


def blocked(record: Record) -> bool:
    """Tell whether a layer is mostly silent or flat, so that no step of any size helps."""
    now = record.now
    return now is not None and bool((now.silent > 0.5).any() or (now.flat > 0.9).any())


def blocked_at_first(record: Record) -> bool:
    """Tell whether a layer was mostly silent or flat before the first step: then the steps did not do it."""
    start = record.start
    return start is not None and bool((start.silent > 0.5).any() or (start.flat > 0.5).any())


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
            factor = row.penalty / max(row.loss, 1e-12)
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
            "loss by chance": chance,
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

    WORSE, RATIO, UP, STILL, USUAL, SETTLED = 1.2, 0.03, 0.2, 0.85, 3.0, 160

    def examine(self, record: Record) -> Finding | None:
        now, chance, first = record.now, record.chance, record.first
        if now is None or not chance or now.step < 20 or record.reached or noisy(record):
            return None
        known = max(chance, first.loss if first else chance)
        layer = int(np.argmax(now.ratio))
        ratio = float(now.ratio[layer])
        evidence = {"change per step": ratio, "loss": now.loss, "loss at first": known}
        if now.loss > self.WORSE * known and ratio > (1e-3 if now.step >= self.SETTLED else 1e-2):
            sentence = (
                f"Each step changes layer {layer + 1} by {percent(ratio)}; the loss stands at {number(now.loss)}, it began at "
                f"{number(known)}."
            )
            return self.found(record, sentence, evidence, slower(record), layer)
        half = record.before(now.step // 2)
        falls = half is not None and now.loss < self.STILL * half.loss
        if now.step < 40 or record.level < self.UP:
            return None
        if (far := thrown(record)) is not None and record.start is not None and (blocked(record) or not falls):
            before, after = float(record.start.size[far]), float(now.size[far])
            sentence = (
                f"The steps threw the weights of layer {far + 1} from {number(before)} to {number(after)}; "
                f"the loss stands at {number(now.loss)}."
            )
            evidence = {"weights at first": before, "weights now": after, "loss": now.loss}
            return self.found(record, sentence, evidence, slower(record), far)
        reads = any(isinstance(one, Recurrent) for one in record.network.walk())
        usual = record.training.learning_rate <= self.USUAL * usual_rate(record) and not reads
        if now.step < 60 or falls or usual:
            return None
        whole = ratio * float(now.size[layer]) / max(float(now.size[layer]), 0.3 * float(record.usual_size[layer]), 1e-9)
        if whole > self.RATIO and not blocked(record) and record.fading < 100:  # tiny weights may move far
            sentence = f"Each step changes layer {layer + 1} by {percent(ratio)}; about 0.1 % is usual."
            return self.found(record, sentence, {"change per step": ratio}, slower(record), layer)
        return None


def thrown(record: Record) -> int | None:
    """Find the layer whose weights are many times as long as usual, and as they began; None where none are."""
    now, start = record.now, record.start
    if now is None or start is None:
        return None
    longer = now.size / np.maximum(np.maximum(record.usual_size, start.size), 1e-9)
    far = int(np.argmax(longer))
    return far if longer[far] > THROWN else None


class StepTooSmall(Rule):
    """Steps so small that the loss hardly falls, though there is a gradient, or where many at once would be better.

    Karpathy (2015), CS231n: the ratio of updates to weights should be about 0.001; Armijo (1966), Minimization of functions
    having Lipschitz continuous first partial derivatives, for the trial of a longer way.
    """

    cause = "step too small"
    lasts = 2

    RATIO, FALLEN, UNLEARNED, SOON, AFTER, MOVED, BETTER = SHORT, 0.05, 0.6, 40, 100, 0.3, 0.1

    def examine(self, record: Record) -> Finding | None:
        now, first, chance = record.now, record.first, record.chance
        if now is None or first is None or not chance or now.step < self.SOON or record.reached:
            return None
        if record.level < self.UNLEARNED or record.training.optimizer.learning_rate < 0.3 * record.training.learning_rate:
            return None  # learned already, or the schedule holds it back for now
        if blocked(record) or record.fading > 100:  # the gradient does not arrive: no matter of steps
            return None
        ratio = median([float(look.ratio.max()) for look in record.lately(300)] or [float(now.ratio.max())])
        if ratio > self.RATIO or not now.gradient.max() > 0 or now.moved > self.MOVED:  # far from the start it has converged
            return None
        evidence = {
            "change per step": ratio,
            "steps": now.step,
            "moved": now.moved,
            "loss": now.loss,
            "loss at first": first.loss,
        }
        small = f"A step changes the weights by {percent(ratio)}"
        if now.farther is not None:
            here, there, many = now.farther
            if there < here - self.BETTER * chance:
                sentence = f"{small}: {many} times as far, the loss would be {number(there)}, where it is {number(here)}."
                evidence |= {"times as far": many, "loss there": there, "loss here": here}
                return self.found(record, sentence, evidence, faster(record))
        earlier = record.before(now.step - 200) or record.looks[0]
        if now.step < self.AFTER or now.loss < (1 - self.FALLEN) * earlier.loss:
            return None
        sentence = f"{small}, where 0.1 % is usual: in {now.step:,} steps they moved by {percent(now.moved)}."
        return self.found(record, sentence, evidence, faster(record))


class NoisySteps(Rule):
    """Batches of a few examples whose steps undo each other, or throw the weights about.

    Smith, Kindermans, Ying & Le (2018), Don't decay the learning rate, increase the batch size.
    """

    cause = "noisy steps"
    lasts = 2

    SWING, LEVEL, STILL, THROWS = 0.35, 0.08, 0.9, 0.03

    def examine(self, record: Record) -> Finding | None:
        now, size = record.now, record.training.configuration.examples_per_step
        if now is None or now.step < 40 or record.level < self.LEVEL or not noisy(record) or record.reached:
            return None
        words = "One example" if size == 1 else f"{size} examples"
        layer = int(np.argmax(now.ratio))
        ratio = float(now.ratio[layer])
        evidence: dict[str, float] = {"examples per step": size, "loss": now.loss, "change per step": ratio}
        if now.step < 300:
            if not (blocked(record) or (record.level > 1 and ratio > self.THROWS)) or blocked_at_first(record):
                return None
            sentence = (
                f"{words} a step, and each step changes layer {layer + 1} by {percent(ratio)}; the loss stands at "
                f"{number(now.loss)}."
            )
            return self.found(record, sentence, evidence, self.remedies(record))
        third = now.step // 3
        lately, past = record.lately(third), [look for look in record.looks if third < look.step <= 2 * third]
        if not past or not lately or record.narrow:
            return None
        level, swing = (float(np.mean([getattr(look, name) for look in lately])) for name in ("loss", "swing"))
        if level < self.STILL * float(np.mean([look.loss for look in past])):
            return None
        if swing < self.SWING * level and (not blocked(record) or blocked_at_first(record)):
            return None
        since = past[0].step
        sentence = (
            f"{words} a step: the loss swings by {number(swing)} around {number(level)}, and does not fall for "
            f"{now.step - since:,} steps."
        )
        evidence |= {"swing": swing, "loss": level, "steps": now.step - since}
        return self.found(record, sentence, evidence, self.remedies(record))

    def remedies(self, record: Record) -> list[Remedy]:
        """Take more examples a step, or shorter steps, in the end or always."""
        size, examples = record.training.configuration.examples_per_step, record.training.task.examples
        larger = min(max(USUAL_BATCH, 8 * size), examples)
        rate = calmer(record)
        return [
            Remedy(
                f"Batches of {larger}, and learning rate {number(rate)}",
                {"batch_size": larger, "optimizer": {"learning_rate": rate}},
            )
            if record.training.learning_rate > 2 * usual_rate(record)
            else Remedy(f"Batches of {larger}", {"batch_size": larger}),
            Remedy("Let the rate glide to zero", {"schedule": {"name": "Cosine"}}),
            at_rate(rate),
        ]
