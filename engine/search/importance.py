"""How much each choice matters: the variance of the score that it explains, by a forest that was grown on what was tried.

Hutter, Hoos & Leyton-Brown (2014), An efficient approach for assessing hyperparameter importance.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from engine.arrays import Array

TREES = 16
"""Trees of a forest."""
FEWEST = 2
"""Samples that a node needs to be split."""
FENCE = 1.5
"""Scores that lie so many times the distance of the quartiles above the upper one count as lying there."""


@dataclass(frozen=True)
class Tree:
    """A regression tree, as its leaves: boxes that fill the unit cube, and what it says in each.

    low, high (leaves, axes)   value (leaves,)
    """

    low: Array
    high: Array
    value: Array

    def predict(self, x: Array) -> Array:
        """Say the value of each point's leaf: x (n, axes) gives (n,)."""
        above = (x[:, None] > self.low) | (self.low <= 0)
        leaf = (above & (x[:, None] <= self.high)).all(2).argmax(1)
        said: Array = self.value[leaf]
        return said


def grow(x: Array, y: Array, rng: np.random.Generator, most: int) -> Tree:
    """Split boxes while there are different values in them, each where that leaves the least squares: x (n, axes), y (n,).

    Each split looks at `most` of the axes, drawn anew.  Breiman (2001), Random forests.
    """
    axes = x.shape[1]
    waiting = [(np.arange(len(y)), np.zeros(axes), np.ones(axes))]
    leaves: list[tuple[Array, Array, float]] = []
    while waiting:
        rows, low, high = waiting.pop()
        own = y[rows]
        split = None
        if len(rows) >= FEWEST and own.min() < own.max():
            split = best_split(x[rows], own, rng.permutation(axes), most)
        if split is None:
            leaves.append((low, high, float(own.mean())))
            continue
        axis, threshold = split
        left = x[rows, axis] <= threshold
        below, above = high.copy(), low.copy()
        below[axis] = above[axis] = threshold
        waiting += [(rows[left], low, below), (rows[~left], above, high)]
    lows, highs, values = zip(*leaves, strict=True)
    return Tree(np.array(lows), np.array(highs), np.array(values))


def best_split(x: Array, y: Array, order: Array, most: int) -> tuple[int, float] | None:
    """Find the axis and the threshold that leave the least squared error; None where all points are the same.

    The error is least where  (Σ left)² / n_left + (Σ right)² / n_right  is largest. Of the axes in this order the first `most`
    that differ are looked at.
    """
    best, found, looked = -math.inf, None, 0
    for axis in order:
        if looked == most:
            break
        rank = np.argsort(x[:, axis], kind="stable")
        at = x[rank, axis]
        cuts = np.flatnonzero(at[1:] > at[:-1]) + 1
        if not len(cuts):
            continue
        looked += 1
        total = np.cumsum(y[rank])
        gain = total[cuts - 1] ** 2 / cuts + (total[-1] - total[cuts - 1]) ** 2 / (len(y) - cuts)
        k = int(gain.argmax())
        if gain[k] > best:
            best, found = float(gain[k]), (int(axis), float(at[cuts[k] - 1] + at[cuts[k]]) / 2)
    return found


def shares(tree: Tree) -> tuple[Array, Array]:
    """Say how much of a tree's variance over the cube each axis explains alone, and each two beyond that.

    The marginal of a set U of axes is the tree's mean over all others:
    a_U(x_U) = Σ_leaves value · vol(leaf without U) · [x_U in leaf].
    V_U is its variance, less that of every smaller set; a share is V_U / V.  Returns (axes,) and (axes, axes).
    """
    width = tree.high - tree.low
    volume = width.prod(1)
    mean = float(volume @ tree.value)
    variance = float(volume @ (tree.value - mean) ** 2)
    axes = width.shape[1]
    alone, together = np.zeros(axes), np.zeros((axes, axes))
    if variance <= 1e-12 * (mean**2 + 1e-300):
        return alone, together
    cells = [cells_of(tree.low[:, j], tree.high[:, j]) for j in range(axes)]
    for j, (inside, size) in enumerate(cells):
        marginal = (tree.value * volume / width[:, j]) @ inside
        alone[j] = size @ (marginal - mean) ** 2 / variance
    for i, j in combinations(range(axes), 2):
        (first, rows), (second, columns) = cells[i], cells[j]
        marginal = (first * (tree.value * volume / width[:, i] / width[:, j])[:, None]).T @ second
        both = rows @ (marginal - mean) ** 2 @ columns / variance
        together[i, j] = together[j, i] = max(0.0, both - alone[i] - alone[j])
    return alone, together


def cells_of(low: Array, high: Array) -> tuple[Array, Array]:
    """Cut an axis at every border of a leaf: which leaf holds which cell (leaves, cells), and how long each is (cells,)."""
    borders = np.unique(np.concatenate([low, high]))
    middle = (borders[1:] + borders[:-1]) / 2
    inside = (low[:, None] < middle) & (middle < high[:, None])
    return inside.astype(np.float64), np.diff(borders)


def importance(points: Array, scores: Sequence[float], seed: int = 0, trees: int = TREES) -> tuple[Array, Array]:
    """Give each axis's share of the score's variance, and that of each two beyond what they have alone.

    points (n, axes) in the unit cube.  Each tree grows on a sample drawn with replacement; shares are averaged over trees.
    Returns (axes,) and (axes, axes); zeros where all scores are alike.
    """
    rng, y = np.random.default_rng(seed), bounded(scores)
    n, axes = points.shape
    alone, together = np.zeros(axes), np.zeros((axes, axes))
    grown = 0
    for _ in range(trees):
        rows = rng.integers(n, size=n)
        tree = grow(points[rows], y[rows], rng, max(1, math.ceil(5 * axes / 6)))
        if len(tree.value) > 1:
            one, two = shares(tree)
            alone, together, grown = alone + one, together + two, grown + 1
    return (alone / grown, together / grown) if grown else (alone, together)


def bounded(scores: Sequence[float]) -> Array:
    """Give scores without those that would drown all others: worse ones than  Q₃ + 1.5 (Q₃ − Q₁)  count as lying there, and
    those that are no finite number, too.  Tukey (1977), Exploratory data analysis.
    """
    y = np.array(scores, np.float64)
    finite = y[np.isfinite(y)]
    if not len(finite):
        return np.zeros(len(y))
    lower, upper = np.quantile(finite, [0.25, 0.75])
    fence = float(upper + FENCE * (upper - lower))
    return np.where(np.isfinite(y), np.minimum(y, fence), fence)
