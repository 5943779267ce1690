"""The learning rate as a function of the step:  η_t = η · factor(t).

The chosen learning rate is the base, so that it can be changed while a run trains, whatever the schedule.
"""

import math
from dataclasses import dataclass

from engine.hyperparameter import check, choice


@dataclass(eq=False)
class Schedule:
    """A factor for the learning rate that depends on how far the run is."""

    def __post_init__(self) -> None:
        check(self)

    def factor(self, step: int, steps: int) -> float:
        """Give the factor for step 0 … steps − 1 of a run of `steps`."""
        raise NotImplementedError


@dataclass(eq=False)
class Constant(Schedule):
    """The learning rate stays as it is:  factor = 1."""

    def factor(self, step: int, steps: int) -> float:
        return 1.0


@dataclass(eq=False)
class StepDecay(Schedule):
    """The learning rate falls at once after every period:  factor = decay^⌊step / every⌋.

    So did Szegedy et al. (2015), Going deeper with convolutions: by 4 % every 8 epochs.
    """

    decay: float = choice("what is left after each period", default=0.5, minimum=0.01, maximum=1)
    every: int = choice("length of a period", default=1000, minimum=1, maximum=1_000_000, unit="steps")

    def factor(self, step: int, steps: int) -> float:
        return float(self.decay ** (step // self.every))


@dataclass(eq=False)
class Exponential(Schedule):
    """The learning rate shrinks by the same factor again and again:  factor = decay^(step / every).

    Senior, Heigold, Ranzato & Yang (2013), An empirical study of learning rates in deep neural networks for speech recognition.
    """

    decay: float = choice("what is left after each period", default=0.5, minimum=0.01, maximum=1)
    every: int = choice("length of a period", default=1000, minimum=1, maximum=1_000_000, unit="steps")

    def factor(self, step: int, steps: int) -> float:
        return float(self.decay ** (step / self.every))


@dataclass(eq=False)
class Cosine(Schedule):
    """The learning rate glides to zero along half a cosine:  factor = (1 + cos(π step / steps)) / 2.

    Loshchilov & Hutter (2017), SGDR: stochastic gradient descent with warm restarts, without the restarts.
    """

    def factor(self, step: int, steps: int) -> float:
        return glide(1, 0, step / steps)


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


def glide(start: float, end: float, share: float) -> float:
    """Go from start to end along half a cosine."""
    return end + (start - end) * 0.5 * (1 + math.cos(math.pi * min(share, 1)))


SCHEDULES: dict[str, type[Schedule]] = {
    s.__name__: s for s in (Constant, StepDecay, Exponential, Cosine, WarmupCosine, OneCycle)
}
