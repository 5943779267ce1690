"""What is searched, what is drawn of it, and where it is widened."""

import math

import numpy as np
import pytest

from engine.search.edges import Edge, edges, widened
from engine.search.sampling import inside, key, near_the_best, random_search
from engine.search.space import Listed, Range, Space

RATE = Range("rate", 1e-4, 1e-1, "log")
UNITS = Range("units", 1, 8, whole=True)
KIND = Listed("kind", ("ReLU", {"name": "Adam"}, None))
SPACE = Space((RATE, UNITS, KIND))


def test_a_value_and_its_place_belong_together() -> None:
    for axis in (*SPACE.axes, Range("decay", 0, 2), Range("batch", 1, 1000, "log", whole=True), Listed("batch", (16, 64))):
        for u in np.linspace(0.01, 0.99, 25):
            value = axis.at(u)
            again = axis.at(axis.place(value))
            assert again == pytest.approx(value) if isinstance(axis, Range) else again is value
            assert inside(Space((axis,)), [value])
    assert [RATE.at(u) for u in (0, 1 / 3, 1)] == [1e-4, 1e-3, 1e-1]
    assert RATE.grid() == (1e-4, 10**-3.25, 10**-2.5, 10**-1.75, 1e-1) or np.allclose(RATE.grid(), np.logspace(-4, -1, 5))
    assert Range("units", 2, 4, whole=True, count=5).grid() == (2, 3, 4), "none twice"
    drawn = np.bincount([UNITS.at(u) for u in (np.arange(8000) + 0.5) / 8000])
    assert drawn[1:].tolist() == [1000] * 8, "every whole number is as likely, those at the ends too"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda: Range("rate", 1, 1), "low must be less than high"),
        (lambda: Range("rate", 0, 1, "log"), "more than 0"),
        (lambda: Range("rate", 0.5, 2, whole=True), "whole numbers, got 0.5 and 2"),
        (lambda: Range("rate", 0, math.inf), "low must be less"),
        (lambda: Range("rate", 0, 1, "cubic"), "linear or log, got 'cubic'"),
        (lambda: Range("rate", 0, 1, count=1), "count must be at least 2"),
        (lambda: Listed("rate", ()), "at least one value"),
    ],
)
def test_what_is_no_axis_is_refused(wrong, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        wrong()


def test_random_search_draws_each_combination_once_and_the_same_by_its_seed() -> None:
    small = Space((Listed("a", (1, 2, 3)), Listed("b", ("x", "y"))))
    assert sorted(random_search(small, 7)) == sorted(small.grid())
    assert small.size == small.grid_size == 6
    assert (SPACE.size, SPACE.grid_size) == (math.inf, 75)
    first = [values for values, _ in zip(random_search(SPACE, 3), range(300), strict=False)]
    assert first == [values for values, _ in zip(random_search(SPACE, 3), range(300), strict=False)]
    assert first[0] != next(random_search(SPACE, 4))
    rates = np.log10([values[0] for values in first])
    assert np.histogram(rates, 3, (-4, -1))[0].min() > 75, "evenly over the decades"
    assert len(set(rates)) == 300, "a grid of as many would have tried 5 of them"
    assert key(first[0]) not in {key(v) for v, _ in zip(random_search(SPACE, 3, tried=first[:1]), range(50), strict=False)}


def test_near_the_best_is_where_the_best_quarter_is() -> None:
    tried = SPACE.grid()
    scores = [abs(math.log10(rate) + 2.5) + (kind != "ReLU") + abs(units - 6) / 8 for rate, units, kind in tried]
    scores[0] = math.inf
    near = [values for values, _ in zip(near_the_best(SPACE, tried, scores, 0), range(200), strict=False)]
    assert all(inside(SPACE, values) for values in near)
    assert np.mean([abs(math.log10(rate) + 2.5) for rate, _, _ in near]) < 0.6, "anywhere it is 0.75"
    assert np.mean([kind == "ReLU" for _, _, kind in near]) > 0.55, "anywhere it is 0.33"
    assert not {key(values) for values in near} & {key(values) for values in tried}
    nothing_known = [v for v, _ in zip(near_the_best(SPACE, tried, [math.inf] * 75, 0), range(5), strict=False)]
    assert len(nothing_known) == 5


def test_the_best_at_the_edge_of_what_was_tried_is_told() -> None:
    tried = SPACE.grid()
    assert edges(SPACE, tried, (1e-1, 5, "ReLU")) == [Edge("rate", "high", 1e-1)]
    assert edges(SPACE, tried, (1e-4, 1, None)) == [Edge("rate", "low", 1e-4), Edge("units", "low", 1)]
    assert not edges(SPACE, [(1e-3, 4, None), (3e-3, 5, None)], (3e-3, 5, None)), "it is the largest, but far from the edge"
    assert edges(Space((Listed("batch", (64, 16)),)), [(64,), (16,)], (16,)) == [Edge("batch", "low", 16)]


@pytest.mark.parametrize(
    ("axis", "side", "wider"),
    [
        (RATE, "high", Range("rate", 1e-4, 1.0, "log")),
        (RATE, "low", Range("rate", 1e-5, 1e-1, "log")),
        (UNITS, "high", Range("units", 1, 11, whole=True)),
        (UNITS, "low", None),
        (Range("drop", 0, 0.9), "high", Range("drop", 0, 0.99)),
        (Listed("batch", (16, 32, 64)), "high", Listed("batch", (16, 32, 64, 128))),
        (Listed("batch", (64, 16)), "low", Listed("batch", (64, 16, 4))),
        (Listed("batch", (16, 4, 1)), "low", None),
        (Listed("layers", (5, 6, 7)), "high", Listed("layers", (5, 6, 7, 8))),
        (Listed("rate", (0.001, 0.01, 0.1)), "high", Listed("rate", (0.001, 0.01, 0.1, 1.0))),
    ],
)
def test_an_axis_is_widened_within_what_is_allowed(axis, side: str, wider) -> None:
    limits = {"units": (1, 4096), "drop": (0, 0.99), "batch": (1, 1000)}
    assert widened(axis, side, *limits.get(axis.name, (None, None))) == wider
