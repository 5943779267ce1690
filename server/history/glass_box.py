"""What the page and a replay hear of one step: the walk, a part of an array, an opened cell, the engine's own lines.

All of it is plain values for JSON; what is no finite number is None, and said beside.
"""

import copy
import math
import re
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from engine.arrays import Array
from engine.explain.array_part import Whole, Window, part_of
from engine.explain.nudge import nudge
from engine.explain.one_step import OneStep
from engine.explain.own_lines import OwnLines, lines_of
from engine.explain.past import UnknownPastError, past_of
from engine.explain.sentences import axes_of, formula_of, of_cell, of_stop, shapes_of, title_of
from engine.explain.walk import Place, Stop, Walk, room_of, settings_of
from engine.expression import Expression, Quotient, Sum, Value, letter, number, without_sign
from engine.layers import Activation, Layer
from engine.layers.composition import Composite
from engine.losses import Loss
from engine.training.configuration import ConfigurationError
from server.history.one_step import Opened
from server.runs.run import Run

MOST_LEAVES = 200
SLOPE = re.compile(r"∂L/∂[^\s=]+ = .+?(?=,? and ∂L|  |: |$)")
"""A formula within a docstring's sentence."""
SHAPE = re.compile(r"^\([^()]*\):\s+")
"""The shape that a line's comment says before its formula."""
CURVE = 121
"""How many places of an activation's curve are given."""


def walk_of(opened: Opened, example: int | None, index: int | None = None) -> dict[str, Any]:
    """Describe the whole walk for one example: a row of the batch, or where none is named that of a place in the training data,
    if it is in the batch, else one that is not all near 0.
    """
    walk, step = opened.walk, opened.walk.step
    if example is None:
        named = None if index is None else walk.example_of(index)
        example = walk.first_example() if named is None else named
    check_example(walk, example)
    training = step.training
    return {
        "step": step.step,
        "next_step": step.step + 1,
        "examples": walk.examples,
        "example": example,
        "example_index": walk.example_index(example),
        "wrong": walk.wrong_examples(),
        "equal": opened.equal,
        "several": training.configuration.batches_per_step > 1,
        "input": {
            "kind": input_kind(walk),
            "shape": list(training.task.input_shape),
            "names": training.task.input_names,
        },
        "classes": training.task.class_names,
        "target": numbers(step.loss.quantities()["target"][example]),
        "prediction": numbers(step.loss.quantities()["y"][example]),
        "loss": finite(step.value),
        "parameters": [
            {"position": position, "name": name, "start": start, "shape": list(shape)}
            for position, _, name, start, shape in step.parameters()
        ],
        "stops": [stop_of(walk, stop, example) for stop in walk.stops.values()],
    }


def input_kind(walk: Walk) -> str:
    """Say what an input is: a point, a row of numbers, a sequence, tokens or an image."""
    task = walk.step.training.task
    if task.tokens is not None:
        return "tokens"
    shape = task.input_shape
    return {1: "points" if shape[0] <= 2 else "row", 2: "sequence", 3: "image"}.get(len(shape), "array")


def stop_of(walk: Walk, stop: Stop, example: int) -> dict[str, Any]:
    """Describe a stop."""
    parts = lines_of(stop.way, stop.owner) if stop.owner is not None else []
    said = {
        "id": stop.id,
        "way": stop.way,
        "layer": stop.layer,
        "path": f"network.{stop.layer}" if stop.layer is not None else {"update": "optimizer"}.get(stop.way, stop.way),
        "kind": type(stop.owner).__name__ if stop.owner is not None else "Clipping",
        "title": title_of(stop),
        "sentence": of_stop(walk, stop, example),
        "formula": formula_of(walk, stop, backward_formulas(parts)),
        "shapes": shapes_of(walk, stop),
        "main": walk.main(stop),
        "start": list(walk.start(stop, example)),
        "quantities": [quantity(walk, stop, symbol) for symbol in walk.symbols(stop)],
        "settings": plain(settings_of(stop.owner)),
    }
    if isinstance(stop.owner, Loss):
        said |= of_loss(stop.owner)
    if isinstance(stop.owner, Layer):
        said |= of_layer(stop.owner, walk.quantities(stop)["x"])
    return said


def backward_formulas(parts: Sequence[OwnLines]) -> list[str]:
    """Find the formulas that stand beside the lines of a way back."""
    found = []
    for line in (line for part in parts for line in part.lines):
        comment = line.partition("# ")[2]
        if "∂L/∂" in comment and "=" in comment:
            found.append(SHAPE.sub("", comment.strip()))
        elif '"""' in line and not comment:
            found += SLOPE.findall(line.strip().strip('".'))
    return found


def quantity(walk: Walk, stop: Stop, symbol: str) -> dict[str, Any]:
    """Describe an array."""
    array, by_example = walk.quantities(stop)[symbol], walk.has_examples(stop, symbol)
    sources = walk.sources(stop, symbol)
    return {
        "symbol": symbol,
        "letters": letter(symbol),
        "role": walk.role(stop, symbol),
        "shape": list(array.shape),
        "example_axis": by_example,
        "axes": axes_of(stop, symbol, array.ndim, by_example),
        "opened": symbol in walk.formulas(stop),
        "from": sources,
    }


def of_layer(layer: Layer, x: Array) -> dict[str, Any]:
    """Say of a layer what its picture needs beside the arrays."""
    said: dict[str, Any] = {}
    if hasattr(type(layer), "windows"):
        rows, columns = layer.windows(x.shape[1:])  # type: ignore[operator]
        said["windows"] = {name: {**asdict(axis), "count": axis.count} for name, axis in (("rows", rows), ("columns", columns))}
    if hasattr(type(layer), "gates"):
        said["gates"] = list(layer.gates)
    if isinstance(layer, Activation) and not layer.parameters and x.ndim and x.size:
        said |= {"curve": curve} if (curve := curve_of(layer, x)) else {}
    if isinstance(layer, Composite):
        said["inside"] = [
            {
                "prefix": str(i),
                "kind": type(inner).__name__,
                "settings": plain(settings_of(inner)),
                **of_layer(inner, inner.quantities()["x"]),
            }
            for i, inner in enumerate(layer.inside)
        ]
    return said


def curve_of(layer: Activation, x: Array) -> dict[str, list[float | None]] | None:
    """Draw an activation that takes each number by itself: its answers and slopes where its inputs lie; None of another."""
    copied = copy.deepcopy(layer)
    low, high = float(x.min()), float(x.max())
    if not math.isfinite(low + high):
        sound = x[np.isfinite(x)]
        low, high = (float(sound.min()), float(sound.max())) if sound.size else (0.0, 0.0)
    places = np.linspace(min(-4.0, low), max(4.0, high), CURVE, dtype=x.dtype)
    y = np.asarray(copied.forward(places[:, None]))[:, 0]
    slope = np.asarray(copied.backward(np.ones_like(places)[:, None]))[:, 0]
    alone = np.asarray(copied.forward(places[None, :]))[0]
    if not np.array_equal(alone, y, equal_nan=True):
        return None
    return {"x": numbers(places), "y": numbers(y), "slope": numbers(slope)}


def of_loss(loss: Loss) -> dict[str, Any]:
    """Draw a loss that compares number by number: what it says of one, and its slope, where the target is 0, or 0 and 1."""
    if not {"numbers", "shares"} & set(loss.kinds):
        return {}
    logits = "numbers" not in loss.kinds
    places = np.linspace(-6, 6, CURVE) if logits else np.linspace(-4, 4, CURVE)
    curves = []
    for target in (0.0, 1.0) if logits else (0.0,):
        copied, y, slope = copy.deepcopy(loss), [], []
        for place in places:
            y.append(float(copied.forward(np.array([place]), np.array([target]))))
            slope.append(float(copied.backward()[0]))
        curves.append({"x": places.tolist(), "y": y, "slope": slope})
    return {"curves": curves} if logits else {"curve": curves[0]}


def array_of(opened: Opened, stop_id: str, symbol: str, example: int | None, window: Window | None) -> dict[str, Any]:
    """Give a part of an array: of this example's, or with None of the whole batch's."""
    walk = opened.walk
    stop = stop_at(walk, stop_id)
    array = array_at(walk, stop, symbol)
    if example is not None:
        check_example(walk, example)
        if walk.has_examples(stop, symbol):
            array = array[example]
    key = (room_of(stop), symbol, example)
    try:
        part = part_of(array, window, opened.wholes.get(key))
    except ValueError as error:
        raise ConfigurationError("window", f"window {error}") from error
    opened.wholes[key] = Whole(part.overview, part.low, part.high)
    return {
        "symbol": symbol,
        "shape": list(part.shape),
        "window": [list(axis) for axis in part.window],
        **flat(part.values),
        "overview": None if part.overview is None else {"shape": list(part.overview.shape), **flat(part.overview)},
        "low": part.low,
        "high": part.high,
    }


def flat(values: Array) -> dict[str, Any]:
    """Give numbers in a row, and where they are no finite ones what they are."""
    row = values.reshape(-1).astype(np.float64)
    strange = np.flatnonzero(~np.isfinite(row))
    return {"values": numbers(row), "special": {str(int(i)): number(float(row[i])) for i in strange[:1000]}}


def cell_of(opened: Opened, stop_id: str, symbol: str, index: tuple[int, ...], example: int = 0) -> dict[str, Any]:
    """Open a cell: its formula with symbols and with numbers, what it is made from, where it comes from and goes to."""
    walk = opened.walk
    stop = stop_at(walk, stop_id)
    array = array_at(walk, stop, symbol)
    try:
        e = walk.open(stop, symbol, index)
    except ValueError as error:
        raise ConfigurationError("index", str(error)) from error
    value, by_example = float(array[index]), walk.has_examples(stop, symbol)
    leaves = e.first_leaves(MOST_LEAVES)
    count = e.count()
    terms, more, rest = terms_of(e)
    return {
        "stop": stop.id,
        "symbol": symbol,
        "index": list(index),
        "value": finite(value),
        "exact": repr(value),
        "shown": number(value),
        "opened": symbol in walk.formulas(stop),
        "symbols": e.symbols(),
        "numbers": str(e),
        "mathml_symbols": e.mathml(),
        "mathml_numbers": e.mathml(numbers=True),
        "leaves": [leaf_of(walk, stop, leaf) for leaf in leaves],
        "more": {"count": count - len(leaves), "sum": finite(rest)} if count > len(leaves) else None,
        "terms": [term_of(term) for term in terms],
        "rest": {"count": more, "value": finite(rest)} if more else None,
        "goes_to": [place_of(place) for place in walk.goes_to(stop, symbol, index, index[0] if by_example else example)],
        "comes_from": place_of(walk.came_from(stop, symbol, index)),
        "sentence": of_cell(walk, stop, symbol, index, e),
        "parameter": parameter_at(walk, stop, symbol, index),
    }


def leaf_of(walk: Walk, stop: Stop, leaf: Value) -> dict[str, Any]:
    """Describe a cell that another one is made from."""
    return {
        "symbol": leaf.symbol,
        "index": list(leaf.index),
        "value": finite(leaf.value),
        "shown": number(leaf.value),
        "role": walk.role(stop, leaf.symbol),
        "stop": walk.stop_of(stop, leaf.symbol),
    }


def terms_of(e: Expression) -> tuple[list[Expression], int, float]:
    """Take a formula apart into the terms that are printed: count the others and add them up. Of a mean they are shares."""
    if isinstance(e, Sum):
        return e.shown()
    if not isinstance(e, Quotient):
        return [e], 0, 0.0
    negative, above = without_sign(e.numerator)
    if not isinstance(above, Sum):
        return [e], 0, 0.0
    terms, more, rest = above.shown()
    divisor = e.denominator.evaluate() or math.nan
    return (
        [Quotient(-term if negative else term, e.denominator) for term in terms],
        more,
        (-rest if negative else rest) / divisor,
    )


def term_of(term: Expression) -> dict[str, Any]:
    """Describe a term of a sum."""
    cells = term.first_leaves(MOST_LEAVES)
    return {
        "value": finite(term.evaluate()),
        "text": str(term),
        "mathml": term.mathml(numbers=True),
        "leaves": [{"symbol": leaf.symbol, "index": list(leaf.index), "value": finite(leaf.value)} for leaf in cells],
    }


def place_of(place: Place | None) -> dict[str, Any] | None:
    """Say where a cell is."""
    return None if place is None else {"stop": place.stop, "symbol": place.symbol, "index": list(place.index)}


def parameter_at(walk: Walk, stop: Stop, symbol: str, index: tuple[int, ...]) -> dict[str, Any] | None:
    """Say which parameter a cell belongs to, where it is one, its gradient, or a number of the update."""
    step = walk.step
    if stop.layer is not None:
        learned = stop.owner.parameters
        name = symbol if symbol in learned else symbol[1:]
        if name not in learned or symbol not in (name, f"d{name}"):
            return None
        return {"position": stop.layer, "name": name, "index": list(index), "k": step.place(stop.layer, name, index)}
    if stop.way == "loss" or not index:
        return None
    position, name, at = step.cell(index[0])
    return {"position": position, "name": name, "index": list(at), "k": index[0]}


def code_of(opened: Opened, stop_id: str) -> dict[str, Any]:
    """Give the engine's own lines that ran at a stop, and which of them make what."""
    walk = opened.walk
    stop = stop_at(walk, stop_id)
    known, main = set(walk.quantities(stop)), walk.main(stop)
    same = {"theta_after": "moved", "theta": "moved", "dtheta": "dW", "g": "gradient"}
    parts = [
        {
            "name": part.name,
            "file": part.file,
            "first": part.first,
            "lines": list(part.lines),
            "lit": part.made.get(main) or part.made.get(same.get(main, main), []),
            "by_symbol": {name: numbers for name, numbers in part.made.items() if name in known},
        }
        for part in lines_of(stop.way, stop.owner)
    ]
    return {**parts[0], "also": parts[1:]}


def nudge_of(opened: Opened, position: int, name: str, index: tuple[int, ...]) -> dict[str, Any]:
    """Measure a slope beside the one that was computed."""
    walk = opened.walk
    layers = walk.step.network.layers
    if not 0 <= position < len(layers):
        raise ConfigurationError("position", f"position must be 0 to {len(layers) - 1}, got {position}")
    learned = layers[position].parameters
    if name not in learned:
        has = f"it has {', '.join(learned)}" if learned else "it has none"
        raise ConfigurationError("name", f"layer {position + 1} has no parameter {name[:60]!r}; {has}")
    shape = learned[name].shape
    if len(index) != len(shape) or not all(0 <= i < n for i, n in zip(index, shape, strict=True)):
        raise ConfigurationError("index", f"index must lie in {name}, of shape {shape}, got {list(index)!r:.60}")
    nudged = nudge(walk.step, walk.step.place(position, name, index))
    return {name: finite(value) for name, value in vars(nudged).items()}


def parameter_of(opened: Opened, run: Run, k: int) -> dict[str, Any]:
    """Follow one parameter from the gradient of the loss to its new value, and through the steps before."""
    return chain_of(opened, k) | past_told(opened.walk.step, run, k)


def chain_of(opened: Opened, k: int) -> dict[str, Any]:
    """Follow one parameter from the gradient of the loss to its new value."""
    walk, step = opened.walk, opened.walk.step
    if not 0 <= k < step.network.theta.size:
        raise ConfigurationError("k", f"k must be 0 to {step.network.theta.size - 1}, got {k}")
    position, name, at = step.cell(k)
    shown: dict[str, dict[str, Any]] = {}
    for way in ("penalty", "clipping", "update"):
        for symbol in walk.symbols(walk.stops[way]) if way in walk.stops else []:
            array = walk.quantities(walk.stops[way])[symbol]
            shown.setdefault(symbol, cell_of(opened, way, symbol, (k,) if array.ndim else ()))
    return {"position": position, "name": name, "index": list(at), "k": k, "quantities": list(shown.values())}


def past_told(step: OneStep, run: Run, k: int) -> dict[str, Any]:
    """Follow one parameter through the steps before, or say why that cannot be."""
    try:
        past = vars(past_of(k, step.step, run.checkpoints.steps(), run.checkpoints.read, step.training))
        why = None
    except (UnknownPastError, KeyError, ValueError, OSError) as error:
        past, why = (
            None,
            str(error) if isinstance(error, UnknownPastError) else "a snapshot before this one is not there any more",
        )
    return {
        "past": None
        if past is None
        else {name: numbers(np.array(row)) if name != "steps" else row for name, row in past.items()},
        "why": why,
    }


def stop_at(walk: Walk, id: str) -> Stop:
    """Find a stop. Raises ConfigurationError."""
    if id not in walk.stops:
        raise ConfigurationError("stop", f"there is no stop {id[:40]!r}; choose {', '.join(walk.stops)}")
    return walk.stops[id]


def array_at(walk: Walk, stop: Stop, symbol: str) -> Array:
    """Find an array. Raises ConfigurationError."""
    q = walk.quantities(stop)
    if symbol not in q:
        raise ConfigurationError("symbol", f"{stop.id} has no quantity {symbol[:40]!r}; it has {', '.join(q)}")
    return q[symbol]


def check_example(walk: Walk, example: int) -> None:
    """Raise a ConfigurationError where the batch has no such row."""
    if not 0 <= example < walk.examples:
        raise ConfigurationError("example", f"example must be 0 to {walk.examples - 1}, a row of the batch, got {example}")


def finite(value: float | str) -> float | str | None:
    """Give a number that JSON knows."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def numbers(values: Array) -> Any:
    """Give an array as lists, with None where a number is not finite."""
    as_lists: Any = values.astype(np.float64) if values.dtype.kind == "b" else values
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        as_lists = values.astype(object)
        as_lists[~np.isfinite(values)] = None
    return as_lists.tolist()


def plain(settings: dict[str, Any]) -> dict[str, Any]:
    """Give choices as JSON has them."""
    return {name: finite(value) for name, value in settings.items()}
