"""The learning rate as a function of the step:  η_t = η · factor(t).

The chosen learning rate is the base, so that it can be changed while a run trains, whatever the schedule.
"""

import math
from dataclasses import dataclass, field

from engine.choice import check, choice


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
class Exponential(Schedule):
    """The learning rate shrinks by the same factor again and again:  factor = decay^(step / every)."""

    decay: float = field(default=0.5, metadata=choice("what is left after each period", minimum=0.01, maximum=1))
    every: int = field(default=1000, metadata=choice("length of a period", minimum=1, maximum=1_000_000, unit="steps"))

    def factor(self, step: int, steps: int) -> float:
        return float(self.decay ** (step / self.every))


@dataclass(eq=False)
class Cosine(Schedule):
    """The learning rate glides to zero along half a cosine:  factor = (1 + cos(π step / steps)) / 2.

    Loshchilov & Hutter (2017), SGDR: stochastic gradient descent with warm restarts, without the restarts.
    """

    def factor(self, step: int, steps: int) -> float:
        return 0.5 * (1 + math.cos(math.pi * min(step / steps, 1)))


SCHEDULES: dict[str, type[Schedule]] = {s.__name__: s for s in (Constant, Exponential, Cosine)}
