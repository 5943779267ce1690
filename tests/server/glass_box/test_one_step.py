"""The calls about one step: what they answer of a run, whatever it does, and what they refuse."""

import io
import re
from pathlib import Path
from typing import Any, ClassVar

import httpx
import numpy as np
import pytest

import engine as nn
from engine import Configuration
from engine.arrays import Array
from engine.explain.own_lines import lines_of
from engine.tasks import TASKS
from engine.tasks.heights import TiltedPlane
from server.app import create_app
from server.history.glass_box import backward_formulas
from server.history.one_step import MOST_STEPS, Opened, OpenedSteps
from server.runs.registry import Launch
from server.settings import Settings
from server.storage.home import Home
from tests.server.api import create, run_apart, wait_for

SPIRAL: dict[str, Any] = {"data": {"points": 60}, "batch_size": 20, "steps": 30, "evaluate_every": 10}


def finished(api: httpx.Client, **request: Any) -> str:
    id: str = create(api, **{**SPIRAL, **request})["id"]
    wait_for(api, id, lambda run: run["status"] == "finished")
    return id


def test_a_step_is_done_again_and_equal_to_what_the_run_kept(api: httpx.Client) -> None:
    id = finished(api)
    url, steps = f"/runs/{id}/one_step", api.get(f"/runs/{id}/history").json()["steps"]
    newest = api.get(url).json()
    zeros = api.get(f"{url}/array", params={"stop": "0.forward", "symbol": "x", "example": newest["example"]}).json()
    assert any(zeros["values"]), "an example that says something"
    third = api.get(url, params={"example": 3}).json()
    assert api.get(url, params={"example_of": third["example_index"]}).json()["example"] == 3
    scores, target = (
        np.array(api.get(f"{url}/array", params={"stop": "loss", "symbol": symbol, "example": "all"}).json()["values"])
        for symbol in ("y", "target")
    )
    assert newest["wrong"] == np.flatnonzero(scores.reshape(20, 3).argmax(axis=1) != target).tolist()
    assert 0 < len(newest["wrong"]) < 20
    shown = api.get(f"{url}/array", params={"stop": "1.forward", "symbol": "y", "example": 3}).json()["values"]
    assert max(map(abs, shown)) == abs(shown[next(s["start"] for s in third["stops"] if s["id"] == "1.forward")[1]])
    assert newest["step"] == max(step for step in steps if step < 30), "the step after the end was never done"
    followed = [step for step in steps if step + 1 in steps]
    assert followed
    for step in (followed[0], followed[-1]):
        assert api.get(url, params={"step": step}).json()["equal"] is True
    walk = api.get(url, params={"step": followed[0], "example": 3}).json()
    assert (walk["step"], walk["next_step"], walk["examples"], walk["example"]) == (followed[0], followed[0] + 1, 20, 3)
    assert [stop["id"] for stop in walk["stops"]][:2] == ["0.forward", "1.forward"]
    assert walk["stops"][-1]["id"] == "update"
    there = {"step": followed[0], "stop": "0.forward", "symbol": "y"}
    part = api.get(f"{url}/array", params={**there, "example": 3}).json()
    whole = api.get(f"{url}/array", params={**there, "example": "all", "window": "3:5,0:12"}).json()
    assert part["shape"] == [12]
    assert (whole["shape"], whole["window"]) == ([20, 12], [[3, 5], [0, 12]])
    assert whole["values"][:12] == part["values"]
    every = api.get(f"{url}/array", params={**there, "example": "all"}).json()["values"]
    assert (whole["low"], whole["high"]) == (min(every), max(every)), "of all examples, whichever window is seen"
    assert (part["low"], part["high"]) == (min(part["values"]), max(part["values"])), "of this example alone"
    cell = api.get(f"{url}/cell", params={**there, "index": "3,7"}).json()
    assert cell["value"] == float(cell["exact"]) == part["values"][7]
    assert sum(term["value"] for term in cell["terms"]) == pytest.approx(cell["value"], rel=1e-5)
    assert [leaf["stop"] for leaf in cell["leaves"]] == ["0.forward"] * len(cell["leaves"])
    assert {"symbol": "x", "index": [3, 7], "stop": "1.forward"} in cell["goes_to"]
    assert '<mrow class="leaf" data-symbol="x"' in cell["mathml_numbers"]
    code = api.get(f"{url}/code", params={"stop": "0.forward"}).json()
    assert code["file"] == "engine/layers/dense.py"
    assert code["lines"][0].strip().startswith("def forward")
    nudged = api.post(f"{url}/nudge", json={"step": followed[0], "position": 0, "name": "W", "index": [1, 2]}).json()
    assert nudged["verdict"] in ("good", "fine")
    parameter = next(p for p in walk["parameters"] if (p["position"], p["name"]) == (0, "W"))
    k = parameter["start"] + int(np.ravel_multi_index((1, 2), parameter["shape"]))
    chain = api.get(f"{url}/parameter", params={"step": steps[-2], "k": k}).json()
    assert (chain["position"], chain["name"], chain["index"]) == (0, "W", [1, 2])
    values = {cell["symbol"]: cell["value"] for cell in chain["quantities"]}
    assert {"dL", "g", "m", "v", "m_hat", "v_hat", "theta_before", "theta_after"} <= set(values)
    assert chain["past"]["steps"] == list(range(max(0, steps[-2] - 50), steps[-2]))
    assert chain["why"] is None
    first = api.get(f"{url}/parameter", params={"step": 0, "k": k}).json()
    assert first["past"] is None
    assert "nothing was kept" in first["why"]


def test_a_run_that_trains_goes_on_while_somebody_looks(api: httpx.Client) -> None:
    id = create(api, **{**SPIRAL, "steps": 1_000_000})["id"]
    wait_for(api, id, lambda run: run["step"] > 100)
    walk = api.get(f"/runs/{id}/one_step").json()
    after = wait_for(api, id, lambda run: run["step"] > walk["step"] + 100)
    assert after["status"] == "running"
    api.post(f"/runs/{id}/pause")
    stands = wait_for(api, id, lambda run: run["status"] == "paused")["step"]
    assert api.get(f"/runs/{id}/one_step").json()["step"] == stands, "where nothing trains it is the very next step"


def test_a_run_that_never_began_can_be_looked_into(api: httpx.Client) -> None:
    id = create(api, start=False, **SPIRAL)["id"]
    walk = api.get(f"/runs/{id}/one_step").json()
    assert (walk["step"], walk["equal"]) == (0, None)


@pytest.mark.parametrize(
    ("call", "params", "status", "field"),
    [
        ("", {"step": 29_999}, 404, None),
        ("", {"step": -1}, 422, "query.step"),
        ("", {"example": 20}, 422, "example"),
        ("/array", {"stop": "9.forward", "symbol": "y"}, 422, "stop"),
        ("/array", {"stop": "0.forward", "symbol": "Q"}, 422, "symbol"),
        ("/array", {"stop": "0.forward", "symbol": "y", "example": "some"}, 422, "example"),
        ("/array", {"stop": "0.forward", "symbol": "y", "example": "20"}, 422, "example"),
        ("/array", {"stop": "0.forward", "symbol": "W", "window": "0:2"}, 422, "window"),
        ("/array", {"stop": "0.forward", "symbol": "W", "window": "0:2,5:99"}, 422, "window"),
        ("/array", {"stop": "0.forward", "symbol": "W", "window": "a,b"}, 422, "window"),
        ("/cell", {"stop": "0.forward", "symbol": "W", "index": "0"}, 422, "index"),
        ("/cell", {"stop": "0.forward", "symbol": "W", "index": "0,99"}, 422, "index"),
        ("/cell", {"stop": "0.forward", "symbol": "W", "index": "0,-1"}, 422, "index"),
        ("/cell", {"symbol": "W"}, 422, "query.stop"),
        ("/code", {"stop": "penalty"}, 422, "stop"),
        ("/parameter", {"k": 1_000_000}, 422, "k"),
    ],
)
def test_what_is_wrong_is_named(api: httpx.Client, call: str, params: dict[str, Any], status: int, field: str | None) -> None:
    id = create(api, start=False, **SPIRAL)["id"]
    answer = api.get(f"/runs/{id}/one_step{call}", params=params)
    assert answer.status_code == status, answer.text
    assert answer.json()["error"]["field"] == field
    assert answer.json()["error"]["message"]


def test_a_nudge_of_what_is_not_there_is_refused(api: httpx.Client) -> None:
    id = create(api, start=False, **SPIRAL)["id"]
    for body, field in (
        ({"position": 9, "name": "W", "index": [0, 0]}, "position"),
        ({"position": 1, "name": "W", "index": [0, 0]}, "name"),
        ({"position": 0, "name": "W", "index": [0]}, "index"),
    ):
        answer = api.post(f"/runs/{id}/one_step/nudge", json=body)
        assert (answer.status_code, answer.json()["error"]["field"]) == (422, field)
    assert api.get("/runs/none/one_step").status_code == 404


def test_the_step_in_which_a_run_diverged_is_refused_in_words(api: httpx.Client) -> None:
    id = create(api, task="plane", optimizer={"name": "SGD", "learning_rate": 100.0}, steps=400)["id"]
    run = wait_for(api, id, lambda run: run["status"] in ("diverged", "finished"))
    assert run["status"] == "diverged"
    last = api.get(f"/runs/{id}/history").json()["steps"][-1]
    answer = api.get(f"/runs/{id}/one_step", params={"step": last})
    assert answer.status_code == 409, answer.text
    assert "cannot be looked into" in answer.json()["error"]["message"]
    assert api.get(f"/runs/{id}/one_step").json()["step"] < last, "where none is named, the last one that came to numbers"


def test_of_a_docstring_only_the_formulas_are_shown() -> None:
    formulas = backward_formulas(lines_of("backward", nn.Conv2D(4, 3)))
    assert {"∂L/∂W = patches (∂L/∂y)ᵀ", "∂L/∂b = Σ ∂L/∂y"} <= set(formulas), formulas
    for kind in (nn.Dense(2), nn.BatchNorm(), nn.LayerNorm(), nn.LSTM(3), nn.MultiHeadAttention(2)):
        found = backward_formulas(lines_of("backward", kind))
        assert not [line for line in found if re.match(r"[A-Z][a-z]+ ", line)], found
    assert "∂L/∂A = ∂L/∂head Vᵀ" in found, "without the shape before it"


class TwoByTwo(TiltedPlane):
    """The classic example's one input and its two targets."""

    name: ClassVar[str] = "two by two"

    @property
    def outputs(self) -> int:
        return 2

    def load(self, rng: np.random.Generator) -> None:
        self.x, self.target = np.array([[0.05, 0.10]], np.float32), np.array([[0.01, 0.99]], np.float32)
        self.x_test, self.target_test = self.x[:0], self.target[:0]

    @property
    def examples(self) -> int:
        return 1


CLASSIC: dict[str, Any] = {
    "task": "two by two",
    "network": [{"layer": "Dense", "units": 2}, {"layer": "Sigmoid"}, {"layer": "Dense", "units": 2}, {"layer": "Sigmoid"}],
    "loss": {"name": "MSE"},
    "optimizer": {"name": "SGD", "learning_rate": 0.5},
    "batch_size": 1,
    "steps": 1,
}
THETA: list[Array] = [np.array([[0.15, 0.25], [0.20, 0.30]]), np.array([0.35, 0.35]), np.array([[0.40, 0.50], [0.45, 0.55]])]


def test_the_classic_example_has_its_three_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Inputs .05 .10; weights .15 .20 .25 .30, bias .35; .40 .45 .50 .55, bias .60; targets .01 .99; SGD with 0.5."""
    monkeypatch.setitem(TASKS, "two by two", TwoByTwo)
    home = Home(tmp_path)
    app = create_app(Settings(), home)
    registry = app.state.registry
    configuration: Configuration = nn.configure(CLASSIC)
    run = registry.create(configuration, Launch(start=False))
    run.begun.result()
    file = io.BytesIO()
    names = ("0.W", "0.b", "2.W", "2.b")
    np.savez(file, **dict(zip(names, [*THETA, np.array([0.60, 0.60])], strict=True)))
    run.ask(lambda: run.load_weights(file.getvalue())).result()

    async def asked() -> dict[str, Any]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1/api") as api:
            url, update = f"/runs/{run.id}/one_step", {"stop": "update", "symbol": "theta_after"}
            walk = (await api.get(url)).json()
            starts = {(p["position"], p["name"]): p["start"] for p in walk["parameters"]}
            new = [(await api.get(f"{url}/cell", params={**update, "index": str(starts[i, "W"])})).json() for i in (2, 0)]
            loss = (await api.get(f"{url}/cell", params={"stop": "loss", "symbol": "loss"})).json()
            return {"E": loss, "w5": new[0], "w1": new[1]}

    found = run_apart(asked())
    registry.close(10)
    home.release()
    assert found["E"]["value"] == pytest.approx(0.298371109, abs=1e-7)
    assert found["w5"]["value"] == pytest.approx(0.35891648, abs=1e-7)
    assert found["w1"]["value"] == pytest.approx(0.149780716, abs=1e-7)
    assert found["w5"]["sentence"] == "The new parameter W[0,0] of layer 3: 0.4 − 0.5 · 0.0822 = 0.359."


def test_only_the_last_steps_are_kept_at_hand(tmp_path: Path) -> None:
    home = Home(tmp_path)
    app = create_app(Settings(), home)
    registry, steps = app.state.registry, OpenedSteps()
    run = registry.create(nn.configure({"task": "spiral", **SPIRAL}), Launch(start=False))
    run.begun.result()
    for _ in range(MOST_STEPS + 3):
        run.ask(run.advance_once).result()
        run.ask(run.keep_snapshot).result()
    known = run.checkpoints.steps()
    walks = {step: steps.ask(run, step, lambda opened: opened.walk) for step in known}
    assert len(walks) > MOST_STEPS
    assert len(steps._opened) == MOST_STEPS

    def walk(opened: Opened) -> Any:
        return opened.walk

    assert steps.ask(run, known[-1], walk) is walks[known[-1]], "it is at hand"
    assert steps.ask(run, known[0], walk) is not walks[known[0]], "it was put away"
    assert walks[known[-1]].step.training.task.x is run.trainer.training.task.x, "the data are there once"
    run.checkpoints.cut(known[-1])
    assert known[-1] not in run.checkpoints.steps()
    assert steps.ask(run, known[-1], walk) is walks[known[-1]], "it was thinned out while somebody looks into it"
    registry.close(10)
    home.release()
