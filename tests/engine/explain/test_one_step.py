"""The step that the glass box shows is the one that the run did."""

from itertools import islice
from typing import Any

import numpy as np
import pytest

import engine as nn
from engine.explain.nudge import nudge
from engine.explain.one_step import OneStep
from engine.tasks import TASKS
from engine.training import checkpoint
from tests.engine.explain.test_expression import cells, check
from tests.engine.test_checkpoint import WITH_ITS_OWN_MEMORY

SPIRAL: dict[str, Any] = {
    "task": "spiral",
    "network": WITH_ITS_OWN_MEMORY,
    "schedule": {"name": "Cosine"},
    "data": {"points": 100},
    "batch_size": 10,
    "steps": 50,
}


def run(request: dict[str, Any], steps: int) -> tuple[bytes, bytes, nn.Training]:
    """Train so far, and one step more; both snapshots."""
    training = nn.Training(nn.configure(request))
    events = training.events()
    list(islice(events, steps + 1))
    assert training.step == steps
    before = checkpoint.pack(training)
    next(events)
    return before, checkpoint.pack(training), training


@pytest.mark.parametrize("task", TASKS)
def test_the_step_done_again_is_the_runs_own_for_every_task(task: str) -> None:
    request: dict[str, Any] = {"task": task, "steps": 20}
    if task in ("mnist", "autoencoder", "rows"):
        request |= {"data": {"source": "bundled"}, "batch_size": 16}
    before, after, training = run(request, 2)
    step, rng = OneStep(before), np.random.default_rng(0)
    assert step.equals(after)
    assert (step.theta_after == training.network.theta).all()
    assert not step.equals(before)
    for layer in step.network.layers:
        q = layer.quantities()
        formulas = layer.formulas(q)
        for symbol in ("y", "dx", *(f"d{name}" for name in layer.parameters)):
            for at in cells(q[symbol], rng, 1):
                check(f"{task}, {type(layer).__name__}", q, formulas[symbol](*at), symbol, at, 1e-4)
    k = int(rng.integers(step.network.theta.size))
    assert step.explain("theta_after", k).evaluate() == pytest.approx(float(step.theta_after[k]), rel=1e-4, abs=1e-7)
    assert step.loss.explain("loss", ()).evaluate() == pytest.approx(step.value, rel=1e-4)


@pytest.mark.parametrize(
    "choices",
    [
        {},
        {"regularizer": {"name": "L2", "strength": 0.1}, "clip_norm": 0.3},
        {"regularizer": {"name": "L1", "strength": 0.1, "biases": True}, "clip_norm": 1000.0},
        {"batches_per_step": 3, "clip_norm": 0.01},
        {"network": [{"layer": "Dense", "units": 5, "learning_rate_scale": 3.0}, {"layer": "Tanh"}, {"layer": "Dense"}]},
    ],
)
def test_the_way_from_the_loss_to_the_new_weight_is_open_from_end_to_end(choices: dict[str, Any]) -> None:
    before, after, training = run(SPIRAL | choices, 4)
    step = OneStep(before)
    assert step.equals(after)
    q = step.quantities()
    for k in (0, 7, 20, step.network.theta.size - 1):
        for symbol in ("dtheta", "g", "theta_after"):
            e = step.explain(symbol, k)
            assert e.evaluate() == pytest.approx(float(q[symbol][k]), rel=1e-4, abs=1e-8), (symbol, k)
            known = q | step.optimizer.quantities()
            assert all(float(known[leaf.symbol][leaf.index]) == leaf.value for leaf in e.leaves())
        position, name, at = step.cell(k)
        assert step.place(position, name, at) == k
        assert step.network.layers[position].parameters[name][at] == step.theta_before[k]
        assert step.batch_gradient[k] == step.network.layers[position].gradients[name][at]
        assert "batches_per_step" in choices or step.loss_gradient[k] == step.batch_gradient[k]
    assert step.explain_rate().evaluate() == pytest.approx(training.optimizer.learning_rate, rel=1e-12)
    if "clip_norm" in choices:
        assert step.explain("norm", 0).evaluate() == pytest.approx(float(q["norm"]), rel=1e-4)
    assert [stop["stop"] for stop in step.stops()].count("backward") == len(step.network.layers)
    with pytest.raises(ValueError, match="theta has numbers 0 to"):
        step.cell(step.network.theta.size)
    with pytest.raises(ValueError, match="a step has no quantity 'nonsense'"):
        step.explain("nonsense", 0)


@pytest.mark.parametrize("choices", [{}, {"batches_per_step": 3}, {"task": "memory", "network": None, "data": {}}])
def test_a_nudged_weight_agrees_with_what_went_back(choices: dict[str, Any]) -> None:
    request = {name: value for name, value in (SPIRAL | choices).items() if value is not None}
    step = OneStep(run(request, 3)[0])
    for k in np.random.default_rng(1).integers(0, step.network.theta.size, 4):
        nudged = nudge(step, int(k))
        assert nudged.computed == pytest.approx(float(step.loss_gradient[k]), rel=1e-2, abs=1e-6)
        assert nudged.error < 1e-4, nudged
        assert nudged.verdict in ("good", "fine")
    assert nudge(step, 3).measured == nudge(step, 3).measured
    with pytest.raises(ValueError, match="theta has numbers"):
        nudge(step, -1)
