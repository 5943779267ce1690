"""The walk through one step, stop by stop: layers forward, the loss, layers backward, penalty and clipping, the update.

At every stop there are quantities by symbol, and each of their cells can be opened into the cells that it was made from.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from itertools import islice
from typing import Any

import numpy as np

from engine.arrays import Array, Shape
from engine.explain.one_step import OneStep
from engine.expression import Expression, Formulas, LongSum, Maximum, Quantities, explained
from engine.layers import Layer
from engine.layers.composition import Composite, named

MOST_USES = 64
"""So many of the cells that a cell goes to are named at the most."""
MOST_TRIED = 1_500
"""So many leaves are made at the most to find cells that use another one, where the way back does not tell."""
LENGTHS = {"count", "P"}
"""Quantities that a layer has once for all examples, whatever their length."""


@dataclass(frozen=True)
class Stop:
    """A place of the walk: a layer on the way there or back, the loss, or a part of the update."""

    id: str
    way: str
    """"forward", "loss", "backward", "penalty", "clipping" or "update"."""
    owner: Any
    """The layer, the loss, the regularizer or the optimizer; None for clipping."""
    layer: int | None = None
    """The layer's position in the network."""


@dataclass(frozen=True)
class Place:
    """A cell of the walk."""

    stop: str
    symbol: str
    index: tuple[int, ...]


class Walk:
    """All stops of a step, and what can be asked at each. What a stop passes through is worked out when it is asked for."""

    def __init__(self, step: OneStep, like: "Walk | None" = None) -> None:
        """Begin; where another step of the same network was walked through before, what is made of what is known."""
        self.step = step
        self.stops = {stop.id: stop for stop in stops(step)}
        self.examples = len(step.loss.quantities()["y"])
        """The rows of the batch, of which a walk follows one; where a step averages several batches, of the last of them."""
        self._quantities: dict[int | str, Quantities] = {}
        self._formulas: dict[int | str, Formulas] = {}
        self._back: dict[int, set[str]] = {}
        same = like is not None and like.settings() == self.settings()
        self._sources: dict[tuple[str, str], list[str]] = like._sources if like is not None and same else {}
        self._by_example: dict[tuple[str, str], bool] = {}

    def settings(self) -> dict[str, Any]:
        """Give what decides what is made of what."""
        return self.step.training.configuration.as_dict()

    @cached_property
    def last(self) -> int:
        """Give the position of the last layer."""
        return len(self.step.network.layers) - 1

    def quantities(self, stop: Stop) -> Quantities:
        """Give the arrays of a stop by symbol; a layer's are the same on both ways, as those of the whole update are."""
        key = room_of(stop)
        if key not in self._quantities:
            self._quantities[key] = stop.owner.quantities() if key != "update" else of_update(self.step)
        return self._quantities[key]

    def formulas(self, stop: Stop) -> Formulas:
        """Say by symbol how a cell is made."""
        key = room_of(stop)
        if key not in self._formulas:
            q = self.quantities(stop)
            self._formulas[key] = stop.owner.formulas(q) if key != "update" else formulas_of_update(self.step, q)
        return self._formulas[key]

    def symbols(self, stop: Stop) -> list[str]:
        """List the quantities that stand at a stop, what goes in first."""
        q = self.quantities(stop)
        if stop.way == "loss":
            return list(q)
        if stop.layer is None:
            return update_symbols(self.step, stop, q)
        back = self.back(stop.layer)
        if stop.way == "forward":
            return [name for name in q if name not in back]
        used = dict.fromkeys(source for name in q if name in back for source in self.sources(stop, name))
        learned = [name for name in q if name in back and name != "dx"]
        return [*learned, *(["dx"] if "dx" in q else []), *(name for name in used if name not in back)]

    def back(self, position: int) -> set[str]:
        """Name the quantities of a layer that belong to the way back."""
        if position not in self._back:
            self._back[position] = back_of(
                self.step.network.layers[position], self.quantities(self.stops[f"{position}.forward"])
            )
        return self._back[position]

    def main(self, stop: Stop) -> str:
        """Name what the stop is there for."""
        if stop.way == "backward":
            composed = isinstance(stop.owner, Composite)
            return next((f"d{name}" for name in stop.owner.parameters if not composed), "dx")
        return {"forward": "y", "loss": "loss", "penalty": "dtheta", "clipping": "g", "update": "theta_after"}[stop.way]

    def has_examples(self, stop: Stop, symbol: str) -> bool:
        """Tell whether a quantity has a row for each example of the batch."""
        key = (str(room_of(stop)), symbol)
        if key not in self._by_example:
            self._by_example[key] = True  # for one that asks about itself on the way: a state, of the state before
            self._by_example[key] = self._has_examples(stop, symbol)
        return self._by_example[key]

    def _has_examples(self, stop: Stop, symbol: str) -> bool:
        array = self.quantities(stop)[symbol]
        if stop.way in ("penalty", "clipping", "update") or not array.ndim or len(array) != self.examples:
            return False
        base = symbol.rpartition(".")[2]
        if base in ("x", "y", "dy", "dx"):
            return True
        if base in LENGTHS or (stop.layer is not None and symbol in shared_names(stop.owner, self.quantities(stop))):
            return False
        formula = self.formulas(stop).get(symbol)
        if formula is None or self.examples < 2:
            return True
        leaves = formula(1, *(0 for _ in array.shape[1:])).first_leaves(MOST_USES)
        return {leaf.index[0] for leaf in leaves if leaf.index and self.has_examples(stop, leaf.symbol)} <= {1}

    def role(self, stop: Stop, symbol: str) -> str:
        """Say what part a quantity plays: "input", "weight", "output", "gradient" or "state"."""
        base = symbol.rpartition(".")[2]
        if (stop.layer is not None and symbol in self.back(stop.layer)) or symbol in ("dL", "dR", "dtheta", "g"):
            return "state" if base == "g" and stop.layer is not None and symbol not in self.back(stop.layer) else "gradient"
        if stop.way == "loss":
            return {"y": "input", "target": "input", "loss": "output", "dy": "gradient", "p": "output"}.get(symbol, "state")
        if stop.layer is None:
            return "weight" if symbol.startswith("theta") else "state"
        learned = symbol in stop.owner.parameters
        return "weight" if learned else {"x": "input", "y": "output"}.get(base, "state")

    def start(self, stop: Stop, example: int) -> tuple[int, ...]:
        """Say which cell of a stop's main quantity is opened first: this example's that is furthest from 0; in the update the
        parameter that moved furthest.
        """
        return self.largest(stop, self.main(stop), example)

    def largest(self, stop: Stop, symbol: str, example: int) -> tuple[int, ...]:
        """Find the cell of a quantity that is furthest from 0; in the update that of the parameter that moved furthest."""
        array = self.quantities(stop)[symbol]
        by_example = self.has_examples(stop, symbol)
        rows = array[example] if by_example else array
        row = (example,) if by_example else ()
        if room_of(stop) == "update" and array.ndim:
            return (*row, *self._moved_furthest)
        if not rows.size or not rows.ndim:
            return row or tuple(0 for _ in rows.shape)
        return (*row, *furthest(rows))

    @cached_property
    def _moved_furthest(self) -> tuple[int, ...]:
        """The place in theta of the parameter that moved furthest."""
        moved = self.step.theta_after - self.step.theta_before
        return furthest(moved) if moved.size else (0,)

    def first_example(self) -> int:
        """Choose a row of the batch: the first one that says as much as others, whose numbers are not all near 0."""
        rows = np.abs(np.nan_to_num(self.step.x[len(self.step.x) - self.examples :].reshape(self.examples, -1)))
        size = rows.max(axis=1)
        return int(np.argmax(size >= size.max() / 2))

    def example_of(self, index: int) -> int | None:
        """Find the row of the batch that is this training example; None where it is not among them."""
        return next((row for row in range(self.examples) if self.example_index(row) == index), None)

    def wrong_examples(self) -> list[int] | None:
        """List the rows of the batch of which the network says another class than was wanted, in a sequence somewhere.

        None where no classes are wanted.
        """
        q = self.step.loss.quantities()
        if "classes" not in self.step.loss.kinds:
            return None
        wrong = (q["y"].argmax(axis=-1) != q["target"]) & (q["target"] >= 0)
        return np.flatnonzero(wrong.reshape(len(wrong), -1).any(axis=1)).tolist()

    def example_index(self, example: int) -> int | None:
        """Find the place of a row of the batch in the training data; None where it was drawn or moved for this step alone."""
        task = self.step.training.task
        place = len(self.step.x) - self.examples + example
        if not len(task.x) or place >= len(self._order):
            return None
        index = int(self._order[place])
        mine, its = self.step.x[len(self.step.x) - self.examples + example], task.to_input(task.x[index : index + 1])[0]
        return index if mine.shape == its.shape and (mine == its).all() else None

    @cached_property
    def _order(self) -> Array:
        """The places in the training data in the order of this epoch, from the first example of this step on."""
        training, task = self.step.training, self.step.training.task
        n, size = len(task.x), training.configuration.examples_per_step
        order = getattr(task, "first", None) if getattr(task, "one_batch", False) else None
        if order is not None:
            return np.asarray(order)
        if size >= n:
            return np.arange(n)[training.steps_of_epoch * size :]
        rng = np.random.default_rng()
        rng.bit_generator.state = training.epoch_rng
        return rng.permutation(n)[training.steps_of_epoch * size :]

    def sources(self, stop: Stop, symbol: str) -> list[str]:
        """Name the symbols that the cells of a quantity are made from; none where it comes from outside."""
        key = (str(room_of(stop)), symbol)
        if key not in self._sources:
            formula, array = self.formulas(stop).get(symbol), self.quantities(stop)[symbol]
            found: dict[str, None] = {}
            if formula is not None and array.size:
                for flat in dict.fromkeys((array.size - 1, array.size // 2, 0)):
                    at = tuple(int(i) for i in np.unravel_index(flat, array.shape))
                    found |= dict.fromkeys(sorted(formula(*at).names()))
            self._sources[key] = list(found)
        return self._sources[key]

    def open(self, stop: Stop, symbol: str, index: Sequence[int]) -> Expression:
        """Open a cell. Raises ValueError where the stop has no such quantity, or that no such cell."""
        return explained(stop.id, self.quantities(stop), self.formulas(stop), symbol, tuple(index))

    def value(self, stop: Stop, symbol: str, index: tuple[int, ...]) -> float:
        """Give the engine's own number of a cell."""
        return float(self.quantities(stop)[symbol][index])

    def stop_of(self, stop: Stop, symbol: str) -> str:
        """Say at which stop a quantity is shown that another one at this stop is made from."""
        if stop.layer is not None:
            return f"{stop.layer}.{'backward' if symbol in self.back(stop.layer) else 'forward'}"
        if stop.way == "loss":
            return "loss"
        for other in ("penalty", "clipping", "update"):
            if other in self.stops and symbol in update_symbols(self.step, self.stops[other], self.quantities(stop)):
                return other
        return stop.id

    def came_from(self, stop: Stop, symbol: str, index: tuple[int, ...]) -> Place | None:
        """Say which cell of another stop this is; None where it is made here, or comes from outside."""
        found: Place | None = None
        if stop.layer is not None:
            i = stop.layer
            if symbol == "x" and i:
                found = Place(f"{i - 1}.forward", "y", index)
            elif symbol == "dy":
                found = Place(f"{i + 1}.backward", "dx", index) if i < self.last else Place("loss", "dy", index)
            elif stop.way == "backward" and symbol not in self.back(i):
                return Place(f"{i}.forward", symbol, index)
        elif stop.way == "loss" and symbol == "y":
            found = Place(f"{self.last}.forward", "y", index)
        elif symbol in ("dL", "theta_before") and index:
            position, name, at = self.step.cell(index[0])
            way = ("backward", f"d{name}") if symbol == "dL" else ("forward", name)
            found = Place(f"{position}.{way[0]}", way[1], at)
        elif stop.layer is None and stop.way != "loss" and (home := self.stop_of(stop, symbol)) != stop.id:
            return Place(home, symbol, index)
        if found is None or found.symbol not in (q := self.quantities(self.stops[found.stop])):
            return None
        there, here = q[found.symbol], self.quantities(stop)[symbol]
        if (found.index and len(found.index) != there.ndim) or not np.array_equal(
            there[found.index], here[index], equal_nan=True
        ):
            return None  # silenced on the way, or an average over several batches
        return found

    def goes_to(self, stop: Stop, symbol: str, index: tuple[int, ...], example: int) -> list[Place]:
        """Name the cells that this one is used for, of this example where there is one for each; so many at the most.

        ∂L/∂x adds up what comes back from just those y that x went to, and y is made of those x whose ∂L/∂x hears of ∂L/∂y: so
        each way says where the other one leads. Where it does not, cells are tried.
        """
        found = dict.fromkeys(islice(self._uses(stop, symbol, index, example), 4 * MOST_USES))
        return [*self._next_stop(stop, symbol, index), *found][:MOST_USES]

    def _next_stop(self, stop: Stop, symbol: str, index: tuple[int, ...]) -> Iterator[Place]:
        """Say where a cell goes to outside of its stop."""
        i = stop.layer
        if stop.way == "forward" and i is not None and symbol == "y":
            yield Place(f"{i + 1}.forward", "x", index) if i < self.last else Place("loss", "y", index)
        elif i is not None and symbol == "dx" and i:
            yield Place(f"{i - 1}.backward", "dy", index)
        elif stop.way == "loss" and symbol == "dy":
            yield Place(f"{self.last}.backward", "dy", index)
        elif i is not None and symbol.startswith("d") and symbol[1:] in stop.owner.parameters:
            place = self.step.place(i, symbol[1:], index)
            yield Place(self.stop_of(self.stops["update"], "dL"), "dL", (place,))

    def _uses(self, stop: Stop, symbol: str, index: tuple[int, ...], example: int) -> Iterator[Place]:
        q, formulas = self.quantities(stop), self.formulas(stop)
        back = self.back(stop.layer) if stop.layer is not None else set()
        here = set(back) if stop.way == "backward" else set(q) - back
        users = [name for name in formulas if name in here and symbol in self.sources(stop, name)]
        one = symbol[1:] if symbol in back else f"d{symbol}"  # the same cell of the other way
        told: set[str] = set()
        alike = one in formulas and one in q and q[one].shape == q[symbol].shape
        if stop.layer is not None and (symbol in back) == (stop.way == "backward") and alike:
            made = formulas[one](*index)
            for leaf in made.first_leaves(4 * MOST_USES):
                other = f"d{leaf.symbol}" if symbol in back else leaf.symbol[1:] * leaf.symbol.startswith("d")
                fits = other in users and len(leaf.index) == q[other].ndim and self._is_of(stop, other, leaf.index, example)
                sure = other in told and not isinstance(made, Maximum)  # of which only one is the largest
                if fits and (sure or formulas[other](*leaf.index).uses(symbol, index)):
                    told.add(other)
                    yield Place(stop.id, other, leaf.index)
        users = [name for name in users if name not in told]
        for name in users:
            yield from self._tried(stop, name, symbol, index, example, MOST_TRIED // len(users))

    def _tried(self, stop: Stop, name: str, symbol: str, index: tuple[int, ...], example: int, most: int) -> Iterator[Place]:
        """Open cells of a quantity, the likeliest first, and name those that use a cell."""
        array, formula = self.quantities(stop)[name], self.formulas(stop)[name]
        row: tuple[int, ...] = (example,) if self.has_examples(stop, name) else ()
        rest = index[1:] if self.has_examples(stop, symbol) else index
        if row and len(rest) < len(index):
            row = index[:1]
        shape, made, tried = array.shape[len(row) :], 0, set[tuple[int, ...]]()
        for at in near(rest, shape, elementwise=room_of(stop) == "update"):
            if at in tried:
                continue
            if made > most:
                return
            tried.add(at)
            e = formula(*row, *at)
            made += 8 + cost(e)
            if e.uses(symbol, index):
                yield Place(stop.id, name, (*row, *at))

    def _is_of(self, stop: Stop, symbol: str, index: tuple[int, ...], example: int) -> bool:
        return not self.has_examples(stop, symbol) or index[0] == example


def furthest(array: Array) -> tuple[int, ...]:
    """Find the number that is furthest from 0; one that is no number counts as 0."""
    amounts = np.abs(array)
    at = int(np.argmax(amounts))  # the first that is no number, where there is one
    if np.isnan(amounts.flat[at]):
        at = int(np.argmax(np.nan_to_num(amounts)))
    return tuple(int(i) for i in np.unravel_index(at, array.shape))


def cost(e: Expression) -> int:
    """Say about how much work it was to make a formula: each leaf counts, but a long sum has none yet."""
    if isinstance(e, LongSum):
        return 24
    return 1 + sum(map(cost, e.parts()))


def near(index: tuple[int, ...], shape: Shape, elementwise: bool = False) -> Iterator[tuple[int, ...]]:
    """Go through places of an array, the likeliest first: the same as the index, then those that begin or end as it does.

    Of what is computed number by number only the same place counts, unless there is one number for all.
    """
    if len(index) == len(shape) and inside(index, shape):
        yield index
    if elementwise and index:
        return
    for part in (index[1:], index[:-1]):
        if index and len(part) == len(shape) and inside(part, shape):
            yield part
    if index and shape and index[-1] < shape[-1]:
        yield from ((*at, index[-1]) for at in islice(places(shape[:-1]), 2 * MOST_USES))
    if index and shape and index[0] < shape[0]:
        yield from ((index[0], *at) for at in islice(places(shape[1:]), 2 * MOST_USES))
    yield from places(shape)


def places(shape: Shape) -> Iterator[tuple[int, ...]]:
    """Go through the places of an array, as np.ndindex does, which lists the lengths of all axes before it begins."""
    if not shape:
        yield ()
        return
    for first in range(shape[0]):
        yield from ((first, *rest) for rest in places(shape[1:]))


def inside(index: tuple[int, ...], shape: Shape) -> bool:
    """Tell whether an array of this shape has such a cell."""
    return all(0 <= i < n for i, n in zip(index, shape, strict=True))


def room_of(stop: Stop) -> int | str:
    """Say with which stops a stop shares its quantities: those of a layer, the loss, or the way to the new parameters."""
    return stop.layer if stop.layer is not None else "loss" if stop.way == "loss" else "update"


def stops(step: OneStep) -> Iterator[Stop]:
    """Go through the stops, in the order of the walk."""
    layers = list(enumerate(step.network.layers))
    yield from (Stop(f"{i}.forward", "forward", layer, i) for i, layer in layers)
    yield Stop("loss", "loss", step.loss)
    yield from (Stop(f"{i}.backward", "backward", layer, i) for i, layer in reversed(layers))
    if step.training.regularizer:
        yield Stop("penalty", "penalty", step.training.regularizer)
    if step.training.configuration.clip_norm is not None:
        yield Stop("clipping", "clipping", None)
    yield Stop("update", "update", step.optimizer)


def back_of(layer: Layer, q: Quantities) -> set[str]:
    """Name those quantities of a layer that belong to the way back."""
    found = {"dy", "dx", *(f"d{name}" for name in layer.parameters)}
    if isinstance(layer, Composite):
        for i, inner in enumerate(layer.inside):
            its = inner.quantities()
            found |= {named(i, name, its) for name in back_of(inner, its)}
    else:
        found |= set(layer.on_the_way_back(q)) if "dy" in q else set()
    return found & set(q)


def shared_names(layer: Layer, q: Quantities) -> set[str]:
    """Name what a layer has once, whatever the batch: its parameters, their gradients, its running averages."""
    state = {*layer.state, *(f"{name}_before" for name in layer.state)}
    found = {*layer.parameters, *(f"d{name}" for name in layer.parameters), *state}
    if isinstance(layer, Composite):
        for i, inner in enumerate(layer.inside):
            found |= {f"{i}.{name}" for name in shared_names(inner, q)}
    return found


def of_update(step: OneStep) -> Quantities:
    """Give all quantities between the gradient of the loss and the new parameters, those of the schedule too."""
    training, ours = step.training, step.quantities()
    q = Quantities(ours)
    if training.regularizer:
        q["dR"] = ours["dtheta"] - ours["dL"]
    elif training.configuration.clip_norm is None:
        del q["dtheta"]
    q |= {name: value for name, value in step.optimizer.quantities().items() if name not in q}
    schedule = training.schedule.quantities(step.step, training.configuration.steps)
    q |= {f"schedule.{name}" if name in q else name: value for name, value in schedule.items()}
    q["learning_rate"] = np.asarray(training.learning_rate)
    return q


def formulas_of_update(step: OneStep, q: Quantities) -> Formulas:
    """Say how each of them is made."""
    training = step.training
    made: dict[str, Callable[..., Expression]] = dict(step.optimizer.formulas(q))
    if (regularizer := training.regularizer) is not None:
        its = Quantities({"W": q["theta_before"], "lambda": q["lambda"]})
        its.named = lambda name: "theta_before" if name == "W" else name
        dR = regularizer.formulas(its)["dR"]

        def of_penalty(k: int) -> Expression:
            return dR(k) if q["penalized"][k] else 0 * q("lambda")

        made |= {"dR": of_penalty, "dtheta": lambda k: q("dL", k) + q("dR", k)}
    elif "dtheta" in q:
        made["dtheta"] = lambda k: q("dL", k)
    if "norm" in q:
        made["norm"] = lambda: step.explain("norm", 0)
    made["g"] = lambda k: step.explain("g", k) if "dtheta" in q else q("dL", k)
    steps = training.configuration.steps
    made["eta"] = lambda: q("learning_rate") * q("factor")
    made["factor"] = lambda: training.schedule.explain(step.step, steps)
    moved = made["theta"]

    def after(k: int) -> Expression:
        before, scale = q("theta_before", k), step.scale(k)
        return moved(k) if scale == 1 else before + scale * (moved(k) - before)

    made["theta_after"] = after
    return made


def update_symbols(step: OneStep, stop: Stop, q: Quantities) -> list[str]:
    """List what stands at penalty, clipping or update."""
    of_step = ["dL", "theta_before", "lambda", "penalized", "dR", "dtheta", "limit", "norm", "g", "theta_after"]
    here = {
        "penalty": ["dL", "theta_before", "lambda", "penalized", "dR", "dtheta"],
        "clipping": (["dtheta"] if step.training.regularizer else ["dL", "dtheta"]) + ["limit", "norm", "g"],
        "update": [] if "dtheta" in q else ["dL", "g"],
    }[stop.way]
    if stop.way == "update":
        others = [name for name in q if name not in of_step and name != "theta"]
        here = [*dict.fromkeys([*here, "g", "theta_before", *others, "theta_after"])]
    return [name for name in here if name in q]


def settings_of(thing: Any) -> dict[str, Any]:
    """Give what was chosen of a layer, a loss or an optimizer, by the names of the catalog; layers inside are left out."""
    chosen = {f.name: getattr(thing, f.name) for f in fields(thing) if "choice" in f.metadata} if thing is not None else {}
    plain = {name: list(value) if isinstance(value, tuple) else value for name, value in chosen.items()}
    return {
        name: value for name, value in plain.items() if not (isinstance(value, list) and value and isinstance(value[0], Layer))
    }
