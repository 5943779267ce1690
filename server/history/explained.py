"""The explanations that a replay carries: the last snapshot's step, its arrays and some of its cells, within some bytes."""

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from engine.explain.walk import Stop, Walk
from server.history import glass_box
from server.history.one_step import Opened, OpenedSteps
from server.runs.run import ConflictError, Run

ROOM = 300_000
"""How many bytes of JSON they may take."""
FOR_ARRAYS = 140_000
"""How many of them the walk and the arrays may take; without it a large network's would leave no room for cells."""
LEAVES = 12
"""How many leaves, and places that it goes to, a cell lists here."""
MORE = 6
"""How many cells of a stop's main quantity there are beside the largest."""


def explanations_of(run: Run) -> dict[str, Any] | None:
    """Open the newest snapshot's step; None where it cannot be looked into, or is too large."""
    with suppress(ConflictError, KeyError, OSError):
        return OpenedSteps().ask(run, None, lambda opened: chosen(opened, run))
    return None


def chosen(opened: Opened, run: Run) -> dict[str, Any] | None:
    """Choose what goes into the file, in the shapes of the API: what is opened first, first."""
    walk, example = opened.walk, opened.walk.first_example()
    said: dict[str, Any] = {
        "step": walk.step.step,
        "example": example,
        "walk": glass_box.walk_of(opened, example),
        "arrays": {},
        "cells": {},
        "code": {},
        "parameters": {},
    }
    room = ROOM - length(said)
    if room < 0:
        return None
    for stop in walk.stops.values():
        room = put(said["code"], stop.id, glass_box.code_of(opened, stop.id), room)
    left = room - (ROOM - FOR_ARRAYS)
    for stop, symbol in arrays_of(walk):
        spare = put(
            said["arrays"], f"{stop.id} {symbol}", rounded(glass_box.array_of(opened, stop.id, symbol, example, None)), left
        )
        room, left = room - (left - spare), spare
    (k,) = walk.start(walk.stops["update"], example) or (0,)
    for count, (stop, symbol, index) in enumerate(cells_of(walk, example)):
        if count == len(walk.stops):  # every stop has its first one
            room = put(said["parameters"], str(k), trimmed_history(glass_box.parameter_of(opened, run, k)), room)
        cell = trimmed(glass_box.cell_of(opened, stop.id, symbol, index, example))
        room = put(said["cells"], f"{stop.id} {symbol} {','.join(map(str, index))}", cell, room)
    return said


def put(into: dict[str, Any], name: str, value: dict[str, Any], room: int) -> int:
    """Take something in where there is room for it; say how much is left."""
    size = length(value) + len(name) + 6
    if size > room or name in into:
        return room
    into[name] = value
    return room - size


def length(value: Any) -> int:
    """Count the bytes of a value as JSON."""
    return len(json.dumps(value))


def arrays_of(walk: Walk) -> Iterator[tuple[Stop, str]]:
    """Go through the arrays: of every stop the main one and what it is made from, then all others."""
    for stop in walk.stops.values():
        yield from ((stop, symbol) for symbol in dict.fromkeys([walk.main(stop), *walk.sources(stop, walk.main(stop))]))
    for stop in walk.stops.values():
        yield from ((stop, symbol) for symbol in walk.symbols(stop))


def cells_of(walk: Walk, example: int) -> Iterator[tuple[Stop, str, tuple[int, ...]]]:
    """Go through the cells: of every stop the largest main one, then one of every other quantity, then more main ones."""
    stops = list(walk.stops.values())
    for stop in stops:
        yield stop, walk.main(stop), walk.start(stop, example)
    for stop in stops:
        filled = [symbol for symbol in walk.symbols(stop) if walk.quantities(stop)[symbol].size]
        yield from ((stop, symbol, walk.largest(stop, symbol, example)) for symbol in filled)
    for stop in stops:
        array = walk.quantities(stop)[walk.main(stop)]
        first = [example if walk.has_examples(stop, walk.main(stop)) else 0, *[0] * array.ndim][: array.ndim - 1]
        for place in range(min(MORE, array.shape[-1] if array.ndim else 0)):
            yield stop, walk.main(stop), (*first, place)


def rounded(part: dict[str, Any]) -> dict[str, Any]:
    """Give an array's numbers with four digits: three are shown."""
    part = {**part, "values": short(part["values"])}
    if part["overview"] is not None:
        part["overview"] = {**part["overview"], "values": short(part["overview"]["values"])}
    return part


def short(values: list[float | None]) -> list[float | None]:
    """Round numbers to four digits."""
    return [None if value is None else float(f"{value:.4g}") for value in values]


def trimmed(cell: dict[str, Any]) -> dict[str, Any]:
    """Leave out most of a long list of leaves."""
    leaves = cell["leaves"][:LEAVES]
    count = len(cell["leaves"]) - len(leaves) + (cell["more"]["count"] if cell["more"] else 0)
    rest = cell["rest"]["value"] if cell["rest"] else None
    more = {"count": count, "sum": cell["more"]["sum"] if cell["more"] else rest} if count else None
    return {**cell, "leaves": leaves, "more": more, "goes_to": cell["goes_to"][:LEAVES]}


def trimmed_history(history: dict[str, Any]) -> dict[str, Any]:
    """Do so with all cells of a parameter's history."""
    return {**history, "quantities": [trimmed(cell) for cell in history["quantities"]]}
