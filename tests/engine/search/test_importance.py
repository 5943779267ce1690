"""Importance of choices: against a function whose importances are known, and a forest against its own cells."""

import math

import numpy as np
import pytest

from engine.search.importance import bounded, grow, importance, shares

RNG = np.random.default_rng(0)


def test_a_functions_known_importances_are_found() -> None:
    """f = 3 x₀ + x₁ + 0 x₂ has V₀ : V₁ = 9 : 1 (each (aᵢ)² / 12)."""
    x = RNG.random((300, 3))
    alone, together = importance(x, 3 * x[:, 0] + x[:, 1])
    assert alone == pytest.approx([0.9, 0.1, 0.0], abs=0.03)
    assert together.max() < 0.03
    assert np.argsort(-alone).tolist() == [0, 1, 2]


def test_what_only_two_explain_together_is_told_of_the_two() -> None:
    """f = (x₀ − ½)(x₁ − ½) has a mean of 0 along both axes."""
    x = RNG.random((400, 3))
    alone, together = importance(x, (x[:, 0] - 0.5) * (x[:, 1] - 0.5))
    assert alone.max() < 0.12
    assert together[0, 1] > 0.6
    assert max(together[0, 2], together[1, 2]) < 0.1


def test_the_shares_of_a_tree_are_those_of_its_values_on_a_fine_grid() -> None:
    """The oracle: the tree's own predictions at the middles of 32³ cells; the leaves' borders are borders of cells."""
    cells = 32
    x = 2 * RNG.integers(cells // 2, size=(60, 3)) / cells  # what lies half-way between two samples is a border
    y = np.sin(9 * x[:, 0]) + x[:, 1] * x[:, 2] + x[:, 1]
    tree = grow(x, y, np.random.default_rng(1), 3)
    middle = (np.arange(cells) + 0.5) / cells
    grid = np.stack(np.meshgrid(middle, middle, middle, indexing="ij"), -1).reshape(-1, 3)
    f = tree.predict(grid).reshape(cells, cells, cells)
    assert tree.predict(x) == pytest.approx(y), "grown to its end it knows every sample"
    alone, together = shares(tree)
    variance, mean = f.var(), f.mean()
    means = [f.mean(tuple({0, 1, 2} - {j})) for j in range(3)]
    assert alone == pytest.approx([m.var() / variance for m in means])
    for i, j in ((0, 1), (0, 2), (1, 2)):
        both = f.mean(({0, 1, 2} - {i, j}).pop()) - means[i][:, None] - means[j][None, :] + mean
        assert together[i, j] == pytest.approx((both**2).mean() / variance, abs=1e-9)


def test_what_diverged_counts_as_the_worst_and_drowns_nobody() -> None:
    scores = [0.1, 0.2, 0.3, 0.4, 1e30, math.inf, math.nan]
    assert bounded(scores).tolist() == pytest.approx([0.1, 0.2, 0.3, 0.4, *[bounded(scores)[-1]] * 3])
    assert bounded([math.inf, math.nan]).tolist() == [0, 0]
    x = RNG.random((200, 2))
    diverging = np.where(x[:, 0] > 0.8, math.inf, x[:, 0])
    assert importance(x, diverging)[0] == pytest.approx([1, 0], abs=0.05)
    assert not importance(x, np.ones(200))[0].any()


def test_the_same_seed_gives_the_same() -> None:
    x = RNG.random((40, 2))
    y = x[:, 0] + RNG.random(40)
    first, again, other = importance(x, y, 1)[0], importance(x, y, 1)[0], importance(x, y, 2)[0]
    assert (first == again).all()
    assert (first != other).any()
