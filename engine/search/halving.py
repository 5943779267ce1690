"""Successive halving: train many a little, and the better ones further."""

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Rung:
    """So many combinations train until they have done so many steps."""

    trials: int
    steps: int


def rungs(trials: int, steps: int, keep: int = 3, fewest: int = 1) -> list[Rung]:
    """Say how many of n trials go how far, each rung η times as far as the one before, the last ones to the end.

    rᵢ = R η^(i − s),  n₀ = n,  nᵢ = ⌊n r₀ / (rᵢ − rᵢ₋₁)⌋ = ⌊n η^(1 − i) / (η − 1)⌋  for i = 1 … s = ⌊log_η n⌋,  with R the
    steps of a whole run; fewer rungs where the first would have less than `fewest` steps.
    Jamieson & Talwalkar (2016), Non-stochastic best arm identification and hyperparameter optimization: every rung costs the
    same. What was trained is kept, so a promotion costs only the steps that are new, and more trials can go on.
    """
    if keep < 2:
        raise ValueError(f"keep must be at least 2: each rung is so many times as long; got {keep}")
    last = 0
    while keep ** (last + 1) <= trials and steps / keep ** (last + 1) >= fewest:
        last += 1
    numbers = [trials, *(max(1, int(trials * keep ** (1 - i) / (keep - 1))) for i in range(1, last + 1))]
    return [Rung(number, max(1, round(steps / keep ** (last - i)))) for i, number in enumerate(numbers)]


def promoted(scores: Sequence[float], number: int) -> list[int]:
    """Give the places of the `number` smallest scores, the best first; what is no finite number is the worst and never goes on.

    Of equal scores the earlier one counts as the better.
    """
    able = [i for i, score in enumerate(scores) if math.isfinite(score)]
    return sorted(able, key=lambda i: scores[i])[:number]
