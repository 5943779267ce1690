"""A layer's parameters as tables, part by part as they are drawn: those of a neuron, a filter, a gate, a head."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from engine.arrays import Array, Shape
from engine.layers import Layer, MultiHeadAttention, Recurrent
from engine.network import Network

WIDE = 8
"""How many numbers stand in a row where there is nothing but a row of them."""
CHANNELS = 64
"""How many channels of a filter have a table each."""


@dataclass(frozen=True)
class Table:
    """Some numbers of one parameter as rows and columns: places (rows, columns) in it, counted flat, −1 where there is none."""

    parameter: str
    words: str
    shape: Shape
    places: Array

    def index(self, row: int, column: int) -> list[int] | None:
        """Give the place of a cell in the parameter; None where the table is empty."""
        place = int(self.places[row, column])
        return None if place < 0 else [int(i) for i in np.unravel_index(place, self.shape)]


@dataclass(frozen=True)
class Part:
    """What of a layer is drawn as one thing, and which tables belong to it."""

    name: str
    tables: partial[list[Table]]


def parts_of(layer: Layer) -> list[Part]:
    """List the parts of a layer: gates and heads, which are drawn as such, first; those of layers inside too."""
    found = [*inner_parts(layer, "")]
    return [part for _, part in sorted(found, key=lambda one: not one[0])]


def inner_parts(layer: Layer, prefix: str) -> Iterator[tuple[bool, Part]]:
    """Go through a layer's parts, each with whether it is drawn as a gate or a head."""
    for position, inner in enumerate(layer.inside):
        yield from inner_parts(inner, f"{prefix}{position}.")
    if layer.inside or not layer.parameters:
        return
    where = f" ({prefix[:-1]})" if prefix else ""
    shapes = {name: value.shape for name, value in layer.parameters.items()}
    if isinstance(layer, Recurrent):
        for k, gate in enumerate(layer.gates):
            yield True, Part(f"{gate} gate{where}", partial(tables_of_gate, shapes, prefix, k, layer.units))
    elif isinstance(layer, MultiHeadAttention):
        for k in range(layer.heads):
            yield True, Part(f"head {k + 1}{where}", partial(tables_of_head, shapes, prefix, k, layer.heads))
    else:
        units = next(iter(shapes.values()))[-1]
        word = "filter" if any(len(shape) > 2 for shape in shapes.values()) else "neuron" if layer.weights else "feature"
        for k in range(units):
            yield False, Part(f"{word} {k + 1}{where}", partial(tables_of_unit, shapes, prefix, k))


def numbered(shape: Shape) -> Array:
    """Number the places of a parameter."""
    return np.arange(int(np.prod(shape))).reshape(shape)


def wrapped(places: Array) -> Array:
    """Put a row of numbers below each other, WIDE in each."""
    rows = -(-len(places) // WIDE)
    full = np.full(rows * WIDE, -1)
    full[: len(places)] = places
    return full.reshape(rows, WIDE)[:, : max(1, min(len(places), WIDE))]


def tables_of_unit(shapes: dict[str, Shape], prefix: str, k: int) -> list[Table]:
    """Give what makes one neuron, filter or feature: of every parameter the k-th of the last axis."""
    tables = []
    for name, shape in shapes.items():
        own = numbered(shape)[..., k]
        if own.ndim == 3:
            channels = range(min(own.shape[2], CHANNELS))
            tables += [Table(prefix + name, f"{name}, channel {c + 1}", shape, own[..., c]) for c in channels]
        else:
            tables.append(Table(prefix + name, name, shape, own if own.ndim == 2 else wrapped(np.atleast_1d(own))))
    return tables


def tables_of_gate(shapes: dict[str, Shape], prefix: str, k: int, units: int) -> list[Table]:
    """Give what makes one gate: a block of columns of W, from the input, and of U, from the state before, and its biases."""
    said = {"W": "W, row: input, column: unit", "U": "U, row: unit before, column: unit"}
    tables = []
    for name, shape in shapes.items():
        own = numbered(shape)[..., k * units : (k + 1) * units]
        tables.append(Table(prefix + name, said.get(name, name), shape, own if own.ndim == 2 else wrapped(own)))
    return tables


def tables_of_head(shapes: dict[str, Shape], prefix: str, k: int, heads: int) -> list[Table]:
    """Give what makes one head: its columns of Wq, Wk, Wv and their biases, its rows of Wo; bo belongs to all heads."""
    tables = []
    for name, shape in shapes.items():
        places, width = numbered(shape), shape[0] // heads
        mine = slice(k * width, (k + 1) * width)
        own = places if name == "bo" else places[mine] if name == "Wo" or len(shape) == 1 else places[:, mine]
        words = "bo, of all heads" if name == "bo" else name
        tables.append(Table(prefix + name, words, shape, own if own.ndim == 2 else wrapped(own)))
    return tables


def drawn_parts(network: Network, kind: type[Layer]) -> list[tuple[int, int]]:
    """Say of each gate, or head, of all layers of this kind in turn where it is: the position of its layer, and which part."""
    found = []
    for position, layer in enumerate(network.layers):
        before = 0
        for inner in layer.walk():
            count = len(inner.gates) if isinstance(inner, Recurrent) else getattr(inner, "heads", 0) if not inner.inside else 0
            if isinstance(inner, kind):
                found += [(position, before + k) for k in range(count)]
            before += count
    return found


def observe_parameters(
    network: Network, position: int, part: int, table: int, corner: tuple[int, int], size: int, with_gradient: bool
) -> dict[str, Any]:
    """Show a window (size, size) of one table of one part of a layer: its numbers, their gradients, and where each of them is.

    Raises ValueError, naming what came and what there is.
    """
    if not 0 <= position < len(network.layers):
        raise ValueError(f"layer must be a position in the network, 0 to {len(network.layers) - 1}, got {position}")
    layer = network.layers[position]
    what, parts = f"{type(layer).__name__}, layer {position + 1},", parts_of(layer)
    if not parts:
        raise ValueError(f"{what} has no parameters")
    if part >= len(parts):
        raise ValueError(f"{what} has {len(parts):,} parts; part must be 0 to {len(parts) - 1:,}, got {part:,}")
    tables = parts[part].tables()
    if table >= len(tables):
        raise ValueError(f"{parts[part].name} has {len(tables)} tables; table must be 0 to {len(tables) - 1}, got {table}")
    shown = tables[table]
    rows, columns = shown.places.shape
    row, column = min(corner[0], max(0, rows - size)), min(corner[1], max(0, columns - size))
    value, gradient = layer.parameters[shown.parameter], layer.gradients[shown.parameter]
    cells = []
    for i in range(row, min(rows, row + size)):
        for j in range(column, min(columns, column + size)):
            index = shown.index(i, j)
            if index is not None:
                at = tuple(index)
                slope = float(gradient[at]) if with_gradient else None
                cells.append({"row": i, "column": j, "index": index, "value": float(value[at]), "gradient": slope})
    return {
        "name": type(layer).__name__,
        "parts": [one.name for one in parts],
        "tables": [one.words for one in tables],
        "parameter": shown.parameter,
        "rows": rows,
        "columns": columns,
        "row": row,
        "column": column,
        "scale": float(np.abs(value, dtype=np.float64).max(initial=0)),
        "cells": cells,
    }
