"""Every number of every layer, loss, optimizer, schedule and regularizer, opened into the numbers that it was made from."""

import copy
import math
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

import engine as nn
from engine.arrays import OrderError
from engine.explain.expression import Expression, Quantities, Sum, Value
from engine.layers import LAYERS
from engine.optimizers import OPTIMIZERS, explain_clipping
from engine.schedules import SCHEDULES
from engine.training.factory import LOSSES
from tests.engine.test_gradients import CASES, LOSS_CASES, WEIGHTED

GIVEN = {"x", "dy", "mask", "positive", "factor", "winner", "lengths", "count"}
"""What comes from outside, or is a choice and no sum: who won, what was dropped."""


def cells(array: np.ndarray, rng: np.random.Generator, most: int = 6) -> Iterator[tuple[int, ...]]:
    """Some places of an array: its first, its last, and others by chance."""
    if array.size:
        for flat in {0, array.size - 1, *rng.integers(0, array.size, most).tolist()}:
            yield tuple(int(i) for i in np.unravel_index(flat, array.shape))


def size(e: Expression) -> float:
    """How large the numbers are that a formula adds up, by which its rounding is measured."""
    if isinstance(e, Value):
        return abs(e.value) if math.isfinite(e.value) else 0.0
    return max([abs(e.evaluate()), *(size(part) for part in e.parts()), *([sum(map(size, e.parts()))] * isinstance(e, Sum))])


def check(what: str, q: Quantities, e: Expression, symbol: str, at: tuple[int, ...], tolerance: float) -> None:
    value, number = e.evaluate(), float(q[symbol][at])
    for leaf in e.leaves():
        assert leaf.value == float(q[leaf.symbol][leaf.index]) or math.isnan(leaf.value), (what, symbol, at, leaf)
    near = tolerance * max(size(e), abs(number) if math.isfinite(number) else 0, 1e-30)
    assert value == number or abs(value - number) <= near, (what, symbol, at, e.symbols(), value, number)


def check_all(layer: nn.Layer, rng: np.random.Generator, tolerance: float) -> None:
    q = layer.quantities()
    formulas = layer.formulas(q)
    for symbol, array in q.items():
        for at in cells(array, rng):
            e = formulas[symbol](*at) if symbol in formulas else q(symbol, *at)
            check(repr(layer)[:60], q, e, symbol, at, tolerance)


def ran(layer: nn.Layer, shape: tuple[int, ...], dtype: type, training: bool, batch: int, seed: int) -> nn.Layer:
    """A copy of a layer that went forward and backward, with parameters that are all drawn by chance."""
    rng, layer = np.random.default_rng(seed), copy.deepcopy(layer)
    tokens = isinstance(layer, nn.Embedding)
    x = rng.integers(0, 6, (batch, *shape)) if tokens else rng.normal(size=(batch, *shape)).astype(dtype)
    if isinstance(layer, nn.MaxUnpool2D):
        layer.pool.build(layer.pool.input_shape, rng, dtype)
        layer.pool.forward(rng.normal(size=(batch, *layer.pool.input_shape)).astype(dtype))
    layer.build(shape, rng, dtype)
    for value in layer.parameters.values():
        value[...] = rng.normal(0, 0.5, value.shape)
    y = layer.forward(x, training)
    layer.backward(rng.normal(size=y.shape).astype(dtype))
    return layer


EVERY_CASE = pytest.mark.parametrize(
    ("layer", "shape"), [pytest.param(*case, id=f"{name}-{i}") for name, cases in CASES.items() for i, case in enumerate(cases)]
)


@EVERY_CASE
def test_every_number_of_a_layer_is_made_of_cells_and_comes_to_what_the_engine_computed(layer, shape) -> None:
    rng = np.random.default_rng(7)
    for dtype, training, tolerance in ((np.float64, True, 1e-11), (np.float32, True, 2e-5), (np.float64, False, 1e-11)):
        check_all(ran(layer, shape, dtype, training, int(rng.integers(2, 5)), int(rng.integers(1000))), rng, tolerance)


@EVERY_CASE
def test_no_layer_is_without_an_explanation(layer, shape) -> None:
    layer = ran(layer, shape, np.float64, True, 2, 0)
    q = layer.quantities()
    formulas = layer.formulas(q)
    learned = {f"d{name}" for name in layer.parameters}
    assert {"x", "y", "dy", "dx", *layer.parameters, *learned} <= set(q)
    assert {"y", "dx", *learned} <= set(formulas), "CONTRIBUTING says how a layer explains itself"
    assert not set(formulas) - set(q), "who is explained is a quantity"
