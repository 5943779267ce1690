"""The learning rate as a function of the step:  η_t = η · factor(t);  one schedule looks at the loss as well.

The chosen learning rate is the base, so that it can be changed while a run trains, whatever the schedule.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np

from engine.arrays import Array
from engine.expression import Expression, Quantities, expression, function, maximum
from engine.hyperparameter import check, choice


@dataclass(eq=False)
class Schedule:
    """A factor for the learning rate that depends on how far the run is."""

    def __post_init__(self) -> None:
        check(self)

    def factor(self, step: int, steps: int) -> float:
        """Give the factor for step 0 … steps − 1 of a run of `steps`."""
        raise NotImplementedError

    def quantities(self, step: int, steps: int) -> Quantities:
        """Give what the factor is made of: step, steps, the hyperparameters, and the factor."""
        chosen = {f.name: getattr(self, f.name) for f in fields(self)}
        numbers = {"step": step, "steps": steps, **chosen, **self.on_the_way(step, steps), "factor": self.factor(step, steps)}
        return Quantities({name: np.asarray(value) for name, value in numbers.items()})

    def explain(self, step: int, steps: int) -> Expression:
        """Open the factor of a step into the numbers that it was made from."""
        return self.formula(self.quantities(step, steps))

    def formula(self, q: Quantities) -> Expression:
        """Say how the factor is made."""
        raise NotImplementedError(f"{type(self).__name__} says no formula; CONTRIBUTING says how")

    def on_the_way(self, step: int, steps: int) -> dict[str, float]:
        """Give by symbol what the formula passes through."""
        return {}

    def observe(self, step: int, loss: float) -> None:
        """Be told what was measured after so many steps; at step 0 a run begins. Most schedules do not need it."""

    def state_dict(self) -> dict[str, Array]:
        """Give what it has gathered since step 0, for a checkpoint; most schedules gather nothing."""
        return {}

    def load_state_dict(self, state: Mapping[str, Array]) -> None:
        """Take back what `state_dict` gave."""


@dataclass(eq=False)
class Constant(Schedule):
    """The learning rate stays as it is:  factor = 1."""

    def factor(self, step: int, steps: int) -> float:
        return 1.0

    def formula(self, q: Quantities) -> Expression:
        return expression(1)


@dataclass(eq=False)
class StepDecay(Schedule):
    """The learning rate falls at once after every period:  factor = decay^⌊step / every⌋.

    So did Szegedy et al. (2015), Going deeper with convolutions: by 4 % every 8 epochs.
    """

    decay: float = choice("what is left after each period", default=0.5, minimum=0.01, maximum=1)
    every: int = choice("length of a period", default=1000, minimum=1, maximum=1_000_000, unit="steps")

    def factor(self, step: int, steps: int) -> float:
        return float(self.decay ** (step // self.every))

    def formula(self, q: Quantities) -> Expression:
        return q("decay") ** function("floor", q("step") / q("every"))


@dataclass(eq=False)
class Exponential(Schedule):
    """The learning rate shrinks by the same factor again and again:  factor = decay^(step / every).

    Senior, Heigold, Ranzato & Yang (2013), An empirical study of learning rates in deep neural networks for speech recognition.
    """

    decay: float = choice("what is left after each period", default=0.5, minimum=0.01, maximum=1)
    every: int = choice("length of a period", default=1000, minimum=1, maximum=1_000_000, unit="steps")

    def factor(self, step: int, steps: int) -> float:
        return float(self.decay ** (step / self.every))

    def formula(self, q: Quantities) -> Expression:
        return q("decay") ** (q("step") / q("every"))


@dataclass(eq=False)
class Cosine(Schedule):
    """The learning rate glides to zero along half a cosine:  factor = (1 + cos(π step / steps)) / 2.

    Loshchilov & Hutter (2017), SGDR: stochastic gradient descent with warm restarts, without the restarts.
    """

    def factor(self, step: int, steps: int) -> float:
        return glide(1, 0, step / steps)

    def formula(self, q: Quantities) -> Expression:
        return written_glide(1, 0, q("step") / q("steps"))


@dataclass(eq=False)
class WarmupCosine(Schedule):
    """The learning rate climbs in a straight line, then glides to zero along half a cosine.

    factor = (step + 1) / (warmup + 1)  before step `warmup`,  (1 + cos(π (step − warmup) / (steps − warmup))) / 2  from there.
    Goyal et al. (2017), Accurate, large minibatch SGD, for the warm-up; Loshchilov & Hutter (2017) for the cosine.
    """

    warmup: int = choice("length of the climb", default=100, minimum=0, maximum=1_000_000, unit="steps")

    def factor(self, step: int, steps: int) -> float:
        if step < self.warmup:
            return (step + 1) / (self.warmup + 1)
        rest = max(steps - self.warmup, 1)
        return glide(1, 0, (step - self.warmup) / rest)

    def formula(self, q: Quantities) -> Expression:
        if q["step"] < self.warmup:
            return (q("step") + 1) / (q("warmup") + 1)
        return written_glide(1, 0, (q("step") - q("warmup")) / maximum([q("steps") - q("warmup"), 1]))


@dataclass(eq=False)
class OneCycle(Schedule):
    """The learning rate climbs to its peak and comes down to almost nothing, each along half a cosine.

    From 1 / divisor to 1 at step  peak · steps − 1,  from there to 1 / (10⁴ divisor) at the last step.
    Smith & Topin (2018), Super-convergence; with cosines, as PyTorch has it. The momentum stays as it is.
    """

    peak: float = choice("share of the run until the peak", default=0.3, minimum=0.01, maximum=0.99)
    divisor: float = choice("how much smaller the first steps are", default=25.0, minimum=1, maximum=1000)

    def factor(self, step: int, steps: int) -> float:
        top, last = max(self.peak * steps - 1, 1e-9), max(steps - 1, 1)
        if step <= top:
            return glide(1 / self.divisor, 1, step / top)
        return glide(1, 1e-4 / self.divisor, (step - top) / max(last - top, 1e-9))

    def on_the_way(self, step: int, steps: int) -> dict[str, float]:
        return {"top": max(self.peak * steps - 1, 1e-9), "last": max(steps - 1, 1)}

    def formula(self, q: Quantities) -> Expression:
        if q["step"] <= q["top"]:
            return written_glide(1 / q("divisor"), 1, q("step") / q("top"))
        share = (q("step") - q("top")) / maximum([q("last") - q("top"), 1e-9])
        return written_glide(1, 1e-4 / q("divisor"), share)


@dataclass(eq=False)
class WarmRestarts(Schedule):
    """The learning rate glides to zero along half a cosine and starts again from the top, each time for longer.

    factor = (1 + cos(π s / length)) / 2  at step s of a cycle; the first has length `first`, each next one `multiple` times it.
    Loshchilov & Hutter (2017), SGDR: stochastic gradient descent with warm restarts, equation 5.
    """

    first: int = choice("length of the first cycle", default=500, minimum=1, maximum=1_000_000, scale="log", unit="steps")
    multiple: int = choice("how many times as long the next cycle is", default=2, minimum=1, maximum=10)

    def factor(self, step: int, steps: int) -> float:
        length = self.first
        if self.multiple == 1:
            return glide(1, 0, step % length / length)
        while step >= length:
            step, length = step - length, length * self.multiple
        return glide(1, 0, step / length)

    def on_the_way(self, step: int, steps: int) -> dict[str, float]:
        length = self.first
        while self.multiple > 1 and step >= length:
            step, length = step - length, length * self.multiple
        return {"s": step % length, "length": length}

    def formula(self, q: Quantities) -> Expression:
        return written_glide(1, 0, q("s") / q("length"))


@dataclass(eq=False)
class ReduceOnPlateau(Schedule):
    """The learning rate falls whenever the loss has stopped falling:  factor ← decay · factor.

    That is, at the first row of metrics that comes `patience` steps after the last fall, or the last loss that was better by
    one part in 10,000. The loss is that of the test data where there are any (and a row measured them all), else that of the
    batches.
    So did Krizhevsky, Sutskever & Hinton (2012), ImageNet classification with deep convolutional neural networks, by hand.
    """

    decay: float = choice("what is left each time", default=0.5, minimum=0.01, maximum=1)
    patience: int = choice(
        "how long to wait for a better loss", default=500, minimum=1, maximum=1_000_000, scale="log", unit="steps"
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        self.reduced, self.best, self.since = 1.0, math.inf, 0

    def factor(self, step: int, steps: int) -> float:
        return self.reduced

    def observe(self, step: int, loss: float) -> None:
        if step == 0:
            self.reduced, self.best = 1.0, math.inf
        if math.isinf(self.best) or loss < self.best - 1e-4 * abs(self.best):
            self.best, self.since = loss, step
        elif step - self.since >= self.patience:
            self.reduced, self.since = self.reduced * self.decay, step

    def state_dict(self) -> dict[str, Array]:
        return {"reduced": np.asarray(self.reduced), "best": np.asarray(self.best), "since": np.asarray(self.since)}

    def load_state_dict(self, state: Mapping[str, Array]) -> None:
        self.reduced, self.best = float(state["reduced"]), float(state["best"])
        self.since = int(state["since"])

    def on_the_way(self, step: int, steps: int) -> dict[str, float]:
        return {"reduced": self.reduced}

    def formula(self, q: Quantities) -> Expression:
        return q("reduced")


def glide(start: float, end: float, share: float) -> float:
    """Go from start to end along half a cosine."""
    return end + (start - end) * 0.5 * (1 + math.cos(math.pi * min(share, 1)))


def written_glide(start: Expression | float, end: Expression | float, share: Expression) -> Expression:
    """Write the same as a formula; of a share above 1 what it is at 1."""
    share = share if share.evaluate() < 1 else expression(1)
    way = (1 + function("cos", math.pi * share)) / 2
    return way if (start, end) == (1, 0) else expression(end) + (expression(start) - end) * way


SCHEDULES: dict[str, type[Schedule]] = {
    s.__name__: s for s in (Constant, StepDecay, Exponential, Cosine, WarmupCosine, OneCycle, WarmRestarts, ReduceOnPlateau)
}
