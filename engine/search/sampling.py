"""Which combinations are tried: all of a grid, some by chance, or some near the best."""

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from engine.arrays import Array
from engine.search.space import Listed, Range, Space, Values

BEST_SHARE = 0.25
"""The share of the combinations that counts as the best ones."""
NARROWEST = 0.05
"""How far a sample near the best lies from one of them at the least (standard deviation, of the whole range)."""
ELSEWHERE = 0.2
"""How often a listed choice is drawn from all values, near the best too."""
ATTEMPTS = 200
"""After so many samples in a row that were tried already, there is nothing new."""


def random_search(space: Space, seed: int, tried: Sequence[Values] = ()) -> Iterator[Values]:
    """Draw combinations evenly over the space, each once; it ends where all were tried.

    Bergstra & Bengio (2012), Random search for hyper-parameter optimization: where few of the choices matter, so many samples
    try more values of those than a grid of as many.
    """
    rng = np.random.default_rng((seed, 0))
    seen = {key(values) for values in tried}
    yield from _new(seen, space, lambda: rng.random(len(space.axes)))


def near_the_best(
    space: Space, tried: Sequence[Values], scores: Sequence[float], seed: int, besides: Sequence[Values] = ()
) -> Iterator[Values]:
    """Draw new combinations near the best quarter of those that were tried, the smaller score being the better.

    One of the best is taken, u, and each range moved:  u + N(0, σ²), where σ is the spread of the best ones, at least 0.05; a
    listed choice is one of theirs, each fifth time any. It gives none `besides` either.
    """
    order = sorted((i for i in range(len(tried)) if math.isfinite(scores[i])), key=lambda i: scores[i])
    best = [tried[i] for i in order[: max(1, math.ceil(BEST_SHARE * len(order)))]]
    if not best:
        yield from random_search(space, seed, [*tried, *besides])
        return
    rng, points = np.random.default_rng((seed, 1)), np.array([space.place(values) for values in best])
    spread = np.maximum(points.std(0), NARROWEST)
    listed = np.array([isinstance(axis, Listed) for axis in space.axes])

    def draw() -> Array:
        own = points[rng.integers(len(points))]
        moved = np.clip(own + rng.normal(0, spread), 0, 1)
        theirs = points[rng.integers(len(points), size=len(own)), np.arange(len(own))]
        anywhere = rng.random(len(own))
        one_of_all = np.where(rng.random(len(own)) < ELSEWHERE, anywhere, theirs)
        return np.where(listed, one_of_all, moved)

    yield from _new({key(values) for values in [*tried, *besides]}, space, draw)


def _new(seen: set[str], space: Space, draw: Any) -> Iterator[Values]:
    """Give what is drawn and was not seen yet, until nothing new comes any more."""
    attempts = 0
    while len(seen) < space.size and attempts < ATTEMPTS * max(1, min(len(seen), 100)):
        values = space.at(draw())
        attempts += 1
        if (name := key(values)) not in seen:
            seen.add(name)
            attempts = 0
            yield values


def key(values: Sequence[Any]) -> str:
    """Name a combination, so that the same one is known again."""
    return repr([float(v) if isinstance(v, (int, float)) and not isinstance(v, bool) else v for v in values])


def inside(space: Space, values: Sequence[Any]) -> bool:
    """Tell whether a combination belongs to a space."""
    return all(
        axis.low <= value <= axis.high if isinstance(axis, Range) else value in axis.values
        for axis, value in zip(space.axes, values, strict=True)
    )
