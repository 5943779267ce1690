"""Every number that the glass box shows of every task is the engine's, and says where it comes from and goes to."""

import json
import math
from itertools import islice
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import engine as nn
from engine.explain.array_part import MOST_CELLS, overview, part_of
from engine.explain.one_step import OneStep
from engine.explain.own_lines import lines_of
from engine.explain.past import UnknownPastError, past_of
from engine.explain.walk import MOST_USES, Place, Stop, Walk
from engine.tasks import TASKS
from engine.training import checkpoint
from server.history import explained, glass_box
from server.history.one_step import Opened
from tests.engine.explain.test_expression import size

CELLS = 10
"""So many cells of every stop are opened."""
SMALL: dict[str, Any] = {"batch_size": 6, "steps": 50}


def request_of(task: str, preset: dict[str, Any]) -> dict[str, Any]:
    """A task with small batches, of bundled data."""
    request: dict[str, Any] = {**json.loads(json.dumps(preset)), "task": task, **SMALL}
    if task in ("mnist", "autoencoder", "rows"):
        data = {name: value for name, value in request.get("data", {}).items() if name != "train_examples"}
        request["data"] = {**data, "source": "bundled"}
    return request


def opened(request: dict[str, Any], steps: int = 2) -> Opened:
    training = nn.Training(nn.configure(request))
    batches = training.batches()
    for _ in range(steps):
        training.update(*next(batches))
        training.step += 1
    return Opened(Walk(OneStep(checkpoint.pack(training), None, training)), None, 0)


def checked(walk: Walk, stop: Stop, symbol: str, index: tuple[int, ...]) -> None:
    e, value = walk.open(stop, symbol, index), walk.value(stop, symbol, index)
    computed = e.evaluate()
    near = 3e-4 * max(size(e), abs(value) if math.isfinite(value) else 0, 1e-30)
    assert computed == value or abs(computed - value) <= near or math.isnan(value), (stop.id, symbol, index, e.symbols())


def uses(walk: Walk, place: Place, here: Place) -> bool:
    """Tell whether a cell is made from another one, or is the very same at another stop."""
    stop = walk.stops[place.stop]
    came = walk.came_from(stop, place.symbol, place.index)
    return here == came or walk.open(stop, place.symbol, place.index).uses(here.symbol, here.index)


def chosen(walk: Walk, stop: Stop, example: int, rng: np.random.Generator) -> list[tuple[str, tuple[int, ...]]]:
    """Cells of a stop by chance: the main quantity's, and others'."""
    filled = [symbol for symbol in walk.symbols(stop) if walk.quantities(stop)[symbol].size]
    cells = []
    for symbol in [walk.main(stop), *rng.choice(filled, CELLS - 1).tolist()]:
        array = walk.quantities(stop)[symbol]
        index = tuple(int(i) for i in np.unravel_index(int(rng.integers(array.size)), array.shape))
        cells.append((symbol, (example, *index[1:]) if walk.has_examples(stop, symbol) else index))
    return cells


@pytest.mark.parametrize("task", TASKS)
def test_every_stop_of_every_task_opens_into_the_engines_numbers(task: str) -> None:
    one, rng = opened(request_of(task, {})), np.random.default_rng(3)
    walk, example = one.walk, min(1, one.walk.examples - 1)
    said = glass_box.walk_of(one, example)
    json.dumps(said, allow_nan=False)
    if (place := said["example_index"]) is not None:
        x = walk.step.training.task.to_input(walk.step.training.task.x[place : place + 1])[0]
        assert (x == walk.step.x[example]).all()
    assert [stop["id"] for stop in said["stops"]] == list(walk.stops)
    for described, stop in zip(said["stops"], walk.stops.values(), strict=True):
        assert described["sentence"].endswith("."), described["sentence"]
        assert described["formula"], described["title"]
        assert described["main"] in {q["symbol"] for q in described["quantities"]}
        for quantity in described["quantities"]:
            assert len(quantity["axes"]) == len(quantity["shape"])
        code = glass_box.code_of(one, stop.id)
        parts = [code, *code["also"]]
        assert any(part["lit"] for part in parts), described["title"]
        for part in parts:
            assert set(part["lit"]) <= set(range(part["first"], part["first"] + len(part["lines"])))
        for symbol, index in chosen(walk, stop, example, rng):
            checked(walk, stop, symbol, index)
            cell = glass_box.cell_of(one, stop.id, symbol, index, example)
            json.dumps(cell, allow_nan=False)
            assert cell["exact"] == repr(walk.value(stop, symbol, index))
            array = walk.quantities(stop)
            assert all(
                leaf["value"] == glass_box.finite(float(array[leaf["symbol"]][tuple(leaf["index"])])) for leaf in cell["leaves"]
            )
            for place in cell["goes_to"][:4]:
                to = Place(place["stop"], place["symbol"], tuple(place["index"]))
                assert uses(walk, to, Place(stop.id, symbol, index)), (stop.id, symbol, index, to)
            if (came := cell["comes_from"]) is not None:
                there = walk.stops[came["stop"]]
                value = walk.value(there, came["symbol"], tuple(came["index"]))
                assert glass_box.finite(value) == cell["value"]


PRESETS = [(task, title) for task, one in TASKS.items() for title in one.presets if "original" not in title.lower()]


@pytest.mark.parametrize(("task", "title"), PRESETS[::3])
def test_the_walk_through_a_preset_opens(task: str, title: str) -> None:
    walk = opened(request_of(task, dict(TASKS[task].presets[title])), steps=1)
    said = glass_box.walk_of(walk, 0)
    json.dumps(said, allow_nan=False)
    assert all(stop["sentence"] and stop["formula"] for stop in said["stops"])


@pytest.mark.parametrize(
    "choices",
    [
        {"regularizer": {"name": "L2", "strength": 0.01}, "clip_norm": 0.1, "schedule": {"name": "Cosine"}},
        {"regularizer": {"name": "L1", "strength": 0.01, "biases": True}},
        {"clip_norm": 100.0, "batches_per_step": 3},
    ],
)
def test_penalty_and_clipping_are_stops_where_the_run_has_them(choices: dict[str, Any]) -> None:
    one = opened(request_of("spiral", choices))
    walk = one.walk
    ways = [way for way, name in (("penalty", "regularizer"), ("clipping", "clip_norm")) if name in choices]
    assert [stop.way for stop in walk.stops.values() if stop.layer is None] == ["loss", *ways, "update"]
    said = glass_box.walk_of(one, 0)
    assert said["several"] == ("batches_per_step" in choices)
    rng = np.random.default_rng(1)
    for way in (*ways, "update"):
        stop = walk.stops[way]
        for symbol in walk.symbols(stop):
            array = walk.quantities(stop)[symbol]
            k = () if not array.ndim else (int(rng.integers(array.size)),)
            checked(walk, stop, symbol, k)
    for stop in walk.stops.values():
        for symbol, index in chosen(walk, stop, 0, rng):
            checked(walk, stop, symbol, index)
    layer = walk.step.network.layers[2]
    k = walk.step.place(2, "W", (3, 1))
    came = walk.came_from(walk.stops[(ways or ["update"])[0]], "dL", (k,))
    if said["several"]:
        assert came is None, "it is an average over several batches"
    else:
        assert came == Place("2.backward", "dW", (3, 1))
        assert walk.value(walk.stops["2.backward"], "dW", (3, 1)) == layer.gradients["W"][3, 1]


def test_where_a_cell_goes_is_the_inverse_of_what_a_cell_is_made_from() -> None:
    walk = opened(request_of("spiral", {})).walk
    first, after, back = walk.stops["0.forward"], walk.stops["2.forward"], walk.stops["2.backward"]
    assert walk.goes_to(first, "x", (1, 0), 1) == [Place("0.forward", "y", (1, j)) for j in range(12)]
    assert walk.goes_to(after, "W", (3, 5), 4) == [Place("2.forward", "y", (4, 5))]
    assert walk.goes_to(first, "y", (1, 7), 1) == [Place("1.forward", "x", (1, 7))]
    dy = set(walk.goes_to(back, "dy", (1, 5), 1))
    assert dy == {
        *(Place("2.backward", "dx", (1, i)) for i in range(12)),
        *(Place("2.backward", "dW", (i, 5)) for i in range(12)),
        Place("2.backward", "db", (5,)),
    }
    k = walk.step.place(2, "W", (3, 5))
    assert walk.goes_to(back, "dW", (3, 5), 1) == [Place("update", "dL", (k,))]
    assert walk.goes_to(walk.stops["update"], "g", (k,), 1) == [Place("update", name, (k,)) for name in ("m", "v")]


def test_a_state_behind_the_last_step_goes_where_it_is_read() -> None:
    walk = opened(request_of("memory", {})).walk
    stop = walk.stops["0.forward"]
    last = walk.quantities(stop)["c"].shape[1] - 1
    assert walk.goes_to(stop, "c", (2, last, 3), 2) == [Place("0.forward", "tanh_c", (2, last - 1, 3))]
    assert walk.goes_to(stop, "h", (2, last, 3), 2) == [Place("0.forward", "y", (2, 3))]


def test_a_pixel_goes_to_just_those_places_whose_window_sees_it() -> None:
    walk = opened(request_of("mnist", {})).walk
    stop, windows = walk.stops["0.forward"], walk.step.network.layers[0].windows((28, 28, 1))
    seen = {(i, j) for i in range(28) for j in range(28) if sees(windows[0], i, 2) and sees(windows[1], j, 27)}
    went = walk.goes_to(stop, "x", (0, 2, 27, 0), 0)
    assert {place.index[1:3] for place in went} <= seen
    assert len(went) == MOST_USES == len(set(went))
    filters = walk.step.network.layers[0].filters
    corner = walk.goes_to(stop, "x", (0, 0, 0, 0), 0)
    assert len(corner) == min(MOST_USES, 4 * 4 * filters)


def sees(windows: Any, place: int, pixel: int) -> bool:
    return any(met == pixel for _, met in windows.pixels(place))


def test_a_batch_as_large_as_a_layer_is_broad_does_not_turn_features_into_examples() -> None:
    network = [
        {"layer": "Dense", "units": 6},
        {"layer": "BatchNorm"},
        {"layer": "GroupNorm", "groups": 6},
        {"layer": "Dense", "units": 3},
    ]
    walk = opened({"task": "spiral", "network": network, **SMALL}).walk
    by_example = {
        stop: {symbol for symbol in walk.symbols(walk.stops[stop]) if walk.has_examples(walk.stops[stop], symbol)}
        for stop in ("1.forward", "1.backward", "2.forward")
    }
    assert walk.examples == 6
    assert by_example["1.forward"] == {"x", "y", "centred", "x_hat"}
    assert by_example["1.backward"] == {"dy", "dx", "x_hat"}
    assert by_example["2.forward"] == {"x", "y", "mean", "sigma", "x_hat"}


def test_a_silenced_neuron_says_so_where_its_number_and_the_next_layers_differ() -> None:
    network = [{"layer": "Dense", "units": 4, "silenced": [2]}, {"layer": "Tanh"}, {"layer": "Dense", "units": 3}]
    one = opened({"task": "spiral", "network": network, **SMALL})
    said = {unit: glass_box.cell_of(one, "0.forward", "y", (0, unit))["sentence"] for unit in (1, 2)}
    assert said[2].endswith(" It is silenced: 0 goes on.")
    assert "silenced" not in said[1]
    assert (
        one.walk.value(one.walk.stops["1.forward"], "x", (0, 2))
        == 0
        != one.walk.value(one.walk.stops["0.forward"], "y", (0, 2))
    )
    assert glass_box.cell_of(one, "0.backward", "dy", (0, 2))["sentence"].endswith("nothing comes back through it.")


def test_a_part_of_an_array_has_an_overview_of_all_where_it_is_large() -> None:
    rng = np.random.default_rng(0)
    array = rng.normal(size=(3, 90, 70)).astype(np.float32)
    part = part_of(array)
    assert part.window == ((0, 1), (0, 64), (0, 64))
    assert (part.values == array[:1, :64, :64]).all()
    assert part.overview is not None
    assert part.overview.size <= MOST_CELLS
    assert abs(part.overview).max() == abs(array).max()
    assert set(part.overview.reshape(-1)) <= set(array.reshape(-1))
    assert (part.low, part.high) == (array.min(), array.max())
    small = part_of(array[0, :5, :4], ((1, 3), (0, 4)))
    assert (small.values == array[0, 1:3, :4]).all()
    assert small.overview is None
    assert (overview(np.arange(-5000.0, 1)) == [*range(-5000, 0, 2), 0]).all()
    array[0, 0, 0] = np.inf
    array[1, 0, 0] = np.nan
    assert (part_of(array).low, part_of(array).high) == (array[np.isfinite(array)].min(), array[np.isfinite(array)].max())
    for window in (((0, 1),), ((0, 1), (0, 91), (0, 1)), ((0, 1), (3, 3), (0, 1)), ((0, 3), (0, 90), (0, 70))):
        with pytest.raises(ValueError, match="ranges|must lie|cells"):
            part_of(array, window)


def test_the_lines_that_are_lit_are_those_that_make_the_symbol() -> None:
    backward, parameters, *_ = lines_of("backward", nn.Dense(3))
    text = {number: line for part in (backward, parameters) for number, line in enumerate(part.lines, part.first)}
    assert [text[number].split("#")[0].strip() for number in parameters.made["dW"]] == [
        "np.matmul(rows(self.x).T, dy, out=self.dW)"
    ]
    assert all("dx" in text[number] for number in backward.made["dx"])
    lstm = lines_of("forward", nn.LSTM(3))[0]
    lit = [lstm.lines[number - lstm.first].strip() for number in lstm.made["c"]]
    assert any("cₜ = fₜ cₜ₋₁ + iₜ gₜ" in line for line in lit)
    assert lines_of("clipping", None)[0].name == "clip_by_norm"


def test_the_steps_before_are_done_again_from_what_was_kept() -> None:
    training = nn.Training(nn.configure({"task": "spiral", "data": {"points": 60}, "steps": 100, "batch_size": 20}))
    kept, g, moved, batches = {0: checkpoint.pack(training)}, [], [], training.batches()
    for _ in range(70):
        before = float(training.network.theta[5])
        training.update(*next(batches))
        training.step += 1
        g.append(float(training.network.gradient[5]))
        moved.append(float(training.network.theta[5]) - before)
        if training.step % 16 == 0 or training.step == 70:
            kept[training.step] = checkpoint.pack(training)
    past = past_of(5, 70, sorted(kept), kept.__getitem__, training)
    assert past.steps == list(range(20, 70))
    assert past.g == g[20:]
    assert past.moved == moved[20:]
    with pytest.raises(UnknownPastError, match="nothing was kept"):
        past_of(5, 0, sorted(kept), kept.__getitem__, training)
    with pytest.raises(UnknownPastError, match="longer than"):
        past_of(5, 70, sorted(kept), kept.__getitem__, training, seconds=0)
    with pytest.raises(UnknownPastError, match="more than what was kept"):
        past_of(5, 70, sorted(kept), (kept | {70: kept[64]}).__getitem__, training)


def test_looking_into_a_step_leaves_a_training_beside_it_as_it_was() -> None:
    request = {"task": "spiral", "data": {"points": 60}, "steps": 100, "batch_size": 20}
    alone, looked = (nn.Training(nn.configure(request)) for _ in range(2))
    for training in (alone, looked):
        events = training.events()
        list(islice(events, 10))
        if training is looked:
            step = OneStep(checkpoint.pack(training), None, training)
            assert step.training.task is not training.task
            assert step.training.task.x is training.task.x
            glass_box.walk_of(Opened(Walk(step), None, 0), 0)
        list(islice(events, 10))
    assert alone.network.theta.tobytes() == looked.network.theta.tobytes()


@pytest.mark.parametrize("task", ["spiral", "mnist", "memory", "sort"])
def test_a_replay_carries_the_cells_that_are_opened_first_within_its_room(task: str) -> None:
    one = opened(request_of(task, {}))
    run: Any = SimpleNamespace(checkpoints=SimpleNamespace(steps=list, read=None))
    said = explained.chosen(one, run)
    assert said is not None
    assert len(json.dumps(said, allow_nan=False)) <= explained.ROOM
    assert said["walk"] == glass_box.walk_of(one, said["example"])
    for stop in said["walk"]["stops"]:
        key = f"{stop['id']} {stop['main']}"
        cell, whole = (
            said["cells"][f"{key} {','.join(map(str, stop['start']))}"],
            glass_box.cell_of(one, stop["id"], stop["main"], tuple(stop["start"]), said["example"]),
        )
        shortened = {"leaves", "more", "goes_to"}
        assert {name: cell[name] for name in set(cell) - shortened} == {name: whole[name] for name in set(whole) - shortened}
        assert (
            len(cell["leaves"]) + (cell["more"] or {"count": 0})["count"]
            == one.walk.open(one.walk.stops[stop["id"]], stop["main"], stop["start"]).count()
        )
        assert said["code"][stop["id"]]["lines"]
    part = said["arrays"]["0.forward y"]
    array = glass_box.array_of(one, "0.forward", "y", said["example"], None)
    assert part["values"] == pytest.approx(array["values"], rel=1e-3)
