"""Every number of every layer, loss, optimizer, schedule and regularizer, opened into the numbers that it was made from."""

import copy
import math
import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from xml.etree import ElementTree

import numpy as np
import pytest

import engine as nn
from engine.arrays import OrderError
from engine.explain.expression import Expression, Quantities, Sum, Value
from engine.expression import ALL, dot
from engine.optimizers import OPTIMIZERS
from engine.schedules import SCHEDULES
from engine.training.factory import LOSSES
from tests.engine.test_gradients import CASES, LOSS_CASES, WEIGHTED, random_window_layer

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
    before = x.copy()
    y = layer.forward(x, training)
    dy, kept = rng.normal(size=y.shape).astype(dtype), y.copy()
    dy_before = dy.copy()
    layer.backward(dy)
    assert (x == before).all(), "what went in is not written into, for it is what is shown"
    assert (dy == dy_before).all()
    assert (y == kept).all()
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


PADDED = {
    "LSTM": lambda: nn.LSTM(3),
    "GRU, all states": lambda: nn.GRU(3, return_sequences=True),
    "RNN, all states": lambda: nn.RNN(3, return_sequences=True),
    "both ways": lambda: nn.Bidirectional(2, "GRU", return_sequences=True),
    "both ways, the last states": lambda: nn.Bidirectional(2, merge="sum"),
    "attention": lambda: nn.MultiHeadAttention(2),
}


@pytest.mark.parametrize("make", PADDED.values(), ids=PADDED)
@pytest.mark.parametrize("gaps", [False, True])
def test_a_layer_explains_what_it_left_out(make: Callable[[], nn.Layer], gaps: bool) -> None:
    rng = np.random.default_rng(3)
    network = nn.Network([nn.Masking(gaps=gaps), make()], (5, 4), dtype=np.float64)
    x = rng.normal(size=(4, 5, 4))
    x[0, 3:], x[1, 1:3], x[2] = 0, 0, 0
    network.theta = rng.normal(0, 0.5, network.theta.shape)
    y = network.forward(x, training=True)
    network.backward(rng.normal(size=y.shape))
    for layer in network.layers:
        check_all(layer, rng, 1e-11)


@pytest.mark.parametrize("make", [nn.RNN, nn.LSTM, nn.GRU])
def test_a_layer_that_begins_from_a_given_state_explains_itself_with_it(make: Callable[[int], nn.layers.Recurrent]) -> None:
    rng, layer = np.random.default_rng(4), make(3)
    layer.build((4, 2), rng, np.float64)
    y = layer.forward(rng.normal(size=(5, 4, 2)), True, tuple(rng.normal(size=(5, 3)) for _ in layer.carried))
    layer.backward(rng.normal(size=y.shape))
    check_all(layer, rng, 1e-11)


def test_the_contracts_snippet_holds_as_it_is_written() -> None:
    rng = np.random.default_rng(0)
    network = nn.Network([nn.Dense(8), nn.Tanh(), nn.Residual([nn.Dense(8), nn.ReLU()]), nn.Dense(3)], (4,), seed=1)
    loss, optimizer = nn.CrossEntropy(), nn.Adam(learning_rate=1e-2)
    optimizer.start(network.theta)
    x, target = rng.normal(size=(5, 4)), rng.integers(0, 3, 5)
    for _ in range(3):
        y = network.forward(x, training=True)
        value = loss.forward(y, target)
        dx = network.backward(loss.backward())
        layer = network.layers[0]
        e = layer.explain("dW", (2, 5))
        assert isinstance(e, Expression)
        assert e.evaluate() == pytest.approx(layer.dW[2, 5], rel=1e-4)
        assert all(layer.quantities()[leaf.symbol][leaf.index] == leaf.value for leaf in e.leaves())
        assert loss.explain("loss", ()).evaluate() == pytest.approx(value, rel=1e-5)
        assert loss.explain("dy", (0, 1)).evaluate() == pytest.approx(loss.backward()[0, 1], rel=1e-5)
        before = network.theta.copy()
        optimizer.step(network.theta, network.gradient)
        k = int(rng.integers(network.theta.size))
        e = optimizer.explain(k)
        assert e.evaluate() == pytest.approx(float(network.theta[k]), rel=1e-5)
        assert {"theta_before", "m_hat", "v_hat", "eta", "epsilon"} == {leaf.symbol for leaf in e.leaves()}
        assert before[k] == optimizer.quantities()["theta_before"][k]
    q = [layer.quantities() for layer in network.layers]
    assert (q[0]["x"] == x.astype(np.float32)).all()
    assert (q[0]["dx"] == dx).all()
    assert q[-1]["y"] is y
    for here, after in pairwise(q):
        assert here["y"] is after["x"]
        assert here["dy"] is after["dx"]
    assert {"0.W", "d0.W", "d0.b"} <= set(q[2])
    assert (q[2]["d0.W"] == network.layers[2].gradients["0.W"]).all()


def test_the_classic_example_with_two_neurons_has_its_three_numbers() -> None:
    network = nn.Network([nn.Dense(2), nn.Sigmoid(), nn.Dense(2), nn.Sigmoid()], (2,), dtype=np.float64)
    network.theta = [0.15, 0.25, 0.20, 0.30, 0.35, 0.35, 0.40, 0.50, 0.45, 0.55, 0.60, 0.60]
    loss, sgd = nn.MSE(), nn.SGD(0.5)
    sgd.start(network.theta)
    value = loss.forward(network.forward(np.array([[0.05, 0.10]]), training=True), np.array([[0.01, 0.99]]))
    network.backward(loss.backward())
    assert value == pytest.approx(0.298371109, abs=5e-10)  # half of the sum over two outputs is their mean
    assert loss.explain("loss", ()).evaluate() == pytest.approx(0.298371109, abs=5e-10)
    sgd.step(network.theta, network.gradient)
    assert sgd.explain(6).evaluate() == pytest.approx(0.35891648, abs=5e-9)
    assert sgd.explain(0).evaluate() == pytest.approx(0.149780716, abs=5e-10)


LOSSES_CHOSEN = [(LOSSES[name](), *shapes) for name, cases in LOSS_CASES.items() for shapes in cases]
LOSSES_CHOSEN += [(loss, shape, shape[:-1]) for loss in WEIGHTED for shape in ((7, 5), (2, 4, 5))]
LOSSES_CHOSEN += [(nn.Huber(0.2), (3, 4), (3, 4))]


@pytest.mark.parametrize(("loss", "shape", "target_shape"), LOSSES_CHOSEN)
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-12), (np.float32, 2e-6)])
def test_every_number_of_a_loss_is_made_of_cells(loss, shape, target_shape, dtype, tolerance) -> None:
    rng, loss = np.random.default_rng(1), copy.deepcopy(loss)
    whole = {"classes": (-1, shape[-1]), "places": (0, 4)}.get(loss.kinds[0])
    target = rng.integers(*whole, target_shape) if whole else rng.random(target_shape).astype(dtype)
    loss.forward(rng.normal(size=shape).astype(dtype), target)
    loss.backward()
    q = loss.quantities()
    formulas = loss.formulas(q)
    assert {"loss", "dy"} <= set(formulas) <= set(q), "CONTRIBUTING says how a loss explains itself"
    for symbol in formulas:
        for at in cells(q[symbol], rng, 12) if q[symbol].ndim else [()]:
            check(repr(loss), q, loss.explain(symbol, at), symbol, at, tolerance)


CHOSEN = [
    *(optimizer(0.05) for optimizer in OPTIMIZERS.values()),
    nn.SGD(0.1, momentum=0.9),
    nn.SGD(0.1, momentum=0.9, nesterov=True),
    nn.RMSProp(0.01, decay=0.5, centered=True, epsilon=1e-4),
    nn.Adam(0.01, amsgrad=True, beta2=0.5),
    nn.LazyAdam(0.01, amsgrad=True, beta2=0.5),
    nn.Lion(0.01, weight_decay=0.3),
    nn.Muon(0.01, momentum=0.5, weight_decay=0.3),
]


@pytest.mark.parametrize("optimizer", CHOSEN, ids=repr)
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-12), (np.float32, 5e-6)])
def test_every_number_of_a_step_is_made_of_cells(optimizer, dtype, tolerance) -> None:
    rng, optimizer = np.random.default_rng(2), copy.deepcopy(optimizer)
    network = nn.Network([nn.Dense(4), nn.Dense(2)], (3,), dtype=dtype)
    optimizer.start_on(network)
    for _ in range(4):
        gradient = rng.normal(size=network.theta.shape).astype(dtype)
        gradient[rng.random(gradient.shape) < 0.3] = 0
        optimizer.step(network.theta, gradient)
        q = optimizer.quantities()
        formulas = optimizer.formulas(q)
        assert "theta" in set(formulas) <= set(q), "CONTRIBUTING says how an optimizer explains itself"
        memory = {name for name, value in optimizer.state_dict().items() if not name.endswith("_before")}
        assert memory <= set(formulas), "what it remembers is explained, too"
        assert (q["theta"] == network.theta).all()
        for symbol in formulas:
            for at in cells(q[symbol], rng) if q[symbol].ndim else [()]:
                check(repr(optimizer), q, optimizer.explain(at[0] if at else 0, symbol), symbol, at, tolerance)


@pytest.mark.parametrize("name", SCHEDULES)
def test_every_schedules_factor_is_made_of_cells(name: str) -> None:
    schedule = SCHEDULES[name]()
    for step in (0, 1, 29, 30, 99, 100, 101, 499, 500, 1499, 1999):
        e, q = schedule.explain(step, 2000), schedule.quantities(step, 2000)
        assert e.evaluate() == pytest.approx(schedule.factor(step, 2000), rel=1e-12, abs=1e-15)
        assert all(q[leaf.symbol].item() == leaf.value for leaf in e.leaves())


@pytest.mark.parametrize("regularizer", [nn.L1(0.3), nn.L2(0.3)])
def test_a_penalty_and_its_gradient_are_made_of_cells(regularizer: nn.L1) -> None:
    W = np.random.default_rng(2).normal(size=(4, 3))
    q = regularizer.quantities(W)
    assert regularizer.explain("R", (), W).evaluate() == pytest.approx(regularizer.penalty(W), rel=1e-12)
    for at in np.ndindex(W.shape):
        check("regularizer", q, regularizer.explain("dR", at, W), "dR", at, 1e-12)


def test_a_training_remembers_nothing_until_it_is_asked_to() -> None:
    network = [{"layer": "Dense", "units": 4}, {"layer": "Residual", "layers": [{"layer": "Tanh"}]}, {"layer": "Dense"}]
    training = nn.Training(nn.configure({"task": "xor", "network": network}))
    events = training.events()
    for _ in range(3):
        next(events)
    assert not training.network.explaining
    runs = [*training.network.walk(), training.loss, training.test_loss]  # the very methods of their classes, nothing around
    assert not [one for one in runs if {"went", "forward", "backward", "backward_parameters"} & vars(one).keys()]
    assert not any(hasattr(vars(cls)[way], "__wrapped__") for cls in LOSSES.values() for way in ("forward", "backward"))
    with pytest.raises(OrderError, match="explaining = True"):
        training.network.layers[0].quantities()
    for asked in (training.loss, training.optimizer):
        with pytest.raises(OrderError, match="explaining = True"):
            asked.quantities()
    training.explaining(True)
    next(events)
    assert set(training.network.layers[-1].quantities()) >= {"x", "y", "dy", "dx"}
    assert training.optimizer.explain(0).evaluate() == pytest.approx(float(training.network.theta[0]), rel=1e-4)


def test_copies_and_twins_remember_their_own() -> None:
    network = nn.Network([nn.Dense(3), nn.Tanh()], (2,))
    network.forward(np.ones((4, 2)))
    twin = copy.deepcopy(network)
    twin.forward(np.zeros((5, 2)))
    twin.backward(np.ones((5, 3)))
    network.predict(np.zeros((7, 2)))
    assert network.layers[0].quantities()["x"].shape == (4, 2)
    assert twin.layers[0].quantities()["dx"].shape == (5, 2)
    assert "dy" not in network.layers[0].quantities()


def test_whoever_asks_for_what_is_not_there_is_told_what_is() -> None:
    layer = nn.Dense(3)
    layer.build((2,), np.random.default_rng(0), np.float64)
    with pytest.raises(OrderError, match="then forward"):
        layer.explain("y", (0, 0))
    layer.forward(np.ones((4, 2)))
    with pytest.raises(ValueError, match="Dense has no quantity 'dW' now; it has x, y, W, b"):
        layer.explain("dW", (0, 0))
    for index in ((0,), (0, 3), (-1, 0), (0.5, 1), "yy", 7):
        with pytest.raises(ValueError, match=re.escape("Dense: y has the shape 4 × 3")):
            layer.explain("y", index)


def test_what_is_printed_adds_up() -> None:
    terms = [Value("x", (k,), (-1) ** k * (k + 1) / 100) * Value("W", (k, 0), 3.0) for k in range(64)]
    e = Sum(terms) + Value("b", (0,), -0.5)
    line = str(e)
    assert line.endswith("+ (59 more = −1.37)")
    numbers = [float(n) for n in re.findall(r"[\d.]+", line.replace("59 more = ", ""))]
    assert len(numbers) == 13
    shown = line.replace("−", "-").replace("·", "*").replace("59 more = ", "")
    assert eval(shown) == pytest.approx(e.evaluate(), abs=0.01)
    assert e.symbols().startswith("x[58] · W[58,0] + x[59] · W[59,0]")
    assert str(Value("x", (), 2.0) - Value("y", (), -3.0)) == "2 − (−3)"
    assert str((Value("x", (), 1.5) - 1) ** 2 / 2) == "(1.5 − 1)² / 2"
    assert (-Value("m_hat", (3,), 1.0) / (Value("v_hat", (3,), 4.0) ** 0.5 + Value("epsilon", (), 1e-8))).symbols() == (
        "(−m̂[3]) / (√v̂[3] + ε)"
    )


def test_mathml_is_a_tree_whose_leaves_say_which_cell_they_are() -> None:
    layer = ran(nn.GELU(), (3,), np.float64, True, 2, 0)
    e = layer.explain("dx", (1, 2))
    for numbers in (False, True):
        tree = ElementTree.fromstring(e.mathml(numbers))
        found = [(n.get("data-symbol"), n.get("data-index")) for n in tree.iter() if n.get("class") == "leaf"]
        assert found == [(leaf.symbol, ",".join(map(str, leaf.index))) for leaf in e.leaves()]
    leaf = e.leaves()[0]
    leaf.value = 0.0
    assert e.evaluate() == 0.0, "it is computed from its leaves alone"


def test_a_very_long_sum_is_the_same_before_and_after_its_terms_are_made() -> None:
    rng = np.random.default_rng(5)
    q = Quantities(x=rng.normal(size=(4, 30, 3)), dy=rng.normal(size=(4, 31, 2)))
    e = dot(q, ("x", [ALL, ALL, 2]), ("dy", [ALL, range(1, 31), 1]))
    value, line, marked = e.evaluate(), str(e), e.mathml(True)
    assert value == pytest.approx(float((q["x"][:, :, 2] * q["dy"][:, 1:, 1]).sum()), rel=1e-12)
    leaves = e.leaves()
    assert len(leaves) == 240
    assert all(q[leaf.symbol][leaf.index] == leaf.value for leaf in leaves)
    assert (leaves[2].symbol, leaves[2].index, leaves[3].index) == ("x", (0, 1, 2), (0, 2, 1))
    assert e.evaluate() == pytest.approx(value, rel=1e-12)
    assert (str(e), e.mathml(True)) == (line, marked)
    assert "(114 more = " in line
    b = Value("b", (3,), 0.75)
    several = dot(q, ("x", [ALL, ALL, 2]), ("dy", [ALL, range(1, 31), 1])) + b  # its terms stand beside b, none in a bracket
    terms, more, rest = several.shown()  # type: ignore[attr-defined]
    assert (len(terms), more, terms[-1]) == (7, 114, b)
    assert sum(term.evaluate() for term in terms) + rest == pytest.approx(value + 0.75, rel=1e-12)
    twice = several + dot(q, ("x", [ALL, ALL, 0]), ("dy", [ALL, range(1, 31), 0]))
    terms, more, rest = twice.shown()  # type: ignore[attr-defined]
    assert (len(terms), more) == (6, 120 + 1 + 120 - 6)
    assert sum(term.evaluate() for term in terms) + rest == pytest.approx(twice.evaluate(), rel=1e-12)


def test_random_windows_explain_themselves() -> None:
    rng, checked = np.random.default_rng(11), 0
    while checked < 25:
        shape = tuple(int(n) for n in rng.integers(3, 8, 3))
        layer = random_window_layer(rng)
        try:
            layer.output_shape(shape)
        except ValueError:
            continue
        check_all(ran(layer, shape, np.float64, True, int(rng.integers(1, 4)), checked), rng, 1e-11)
        checked += 1


def test_a_silenced_neuron_says_what_it_computed_and_the_next_layer_that_it_heard_nothing() -> None:
    rng = np.random.default_rng(4)
    inner = [nn.Dense(4, silenced=(1,)), nn.Tanh(silenced=(0, 3))]
    network = nn.Network([nn.Dense(4, silenced=(2,)), nn.Residual(inner), nn.Dense(2)], (3,), dtype=np.float64)
    y = network.forward(rng.normal(size=(5, 3)), training=True)
    network.backward(rng.normal(size=y.shape))
    for layer in network.layers:
        check_all(layer, rng, 1e-11)
    assert (network.layers[1].quantities()["x"][:, 2] == 0).all()
    assert (network.layers[0].quantities()["y"][:, 2] != 0).all()
    for n in range(5):
        for symbol in ("1.x", "d0.y", "y"):
            e, q = network.layers[1].explain(symbol, (n, 1)), network.layers[1].quantities()
            assert e.evaluate() == pytest.approx(float(q[symbol][n, 1]), rel=1e-12, abs=1e-15)
