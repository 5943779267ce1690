"""nn-basics train: the table, the report, and what it says when something is wrong."""

import io
import math
import os
import re
import sys
from pathlib import Path

import numpy as np
import pytest

import engine as nn
from engine.training.events import Event
from server.__main__ import main
from server.terminal import train
from server.terminal.findings import Findings
from server.terminal.report.document import findings_of


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("NN_BASICS_DATA", raising=False)


@pytest.mark.parametrize(
    ("task", "options", "figures"),
    [
        (
            "spiral",
            ["--steps", "60"],
            ["Loss", "Accuracy", "Decision boundary", "Network", "Layer statistics", "Example history"],
        ),
        (
            "sine",
            ["--steps", "60", "--optimizer", "SGD", "--learning-rate", "0.01", "--data", "noise=0.2"],
            ["Loss", "Fitted curve"],
        ),
        (
            "mnist",
            ["--steps", "12", "--data", "source=bundled"],
            ["Loss", "Accuracy", "Digits", "Filters", "Feature maps", "Confusion", "Layer statistics"],
        ),
    ],
)
def test_train_prints_a_table_and_writes_a_report(
    task: str, options: list[str], figures: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", task, *options]) == 0
    said = capsys.readouterr().out
    assert "epoch      step      loss" in said
    assert f"report: {task}.html" in said
    report = Path(f"{task}.html").read_text(encoding="utf-8")
    for title in figures:
        assert f'"text":"{title}"' in report, title
    assert "<script src=" not in report
    assert report.count("* plotly.js v") == 1, "one bundle for all figures"
    assert len(report) < 8_000_000
    assert '"showSendToCloud": false' in report


def test_the_penalty_is_said_beside_the_loss_where_a_regularizer_asks_one(capsys: pytest.CaptureFixture[str]) -> None:
    for options, ending in (["--preset", "original"], "penalty"), ([], "test accuracy"):
        assert main(["train", "spiral", *options, "--steps", "3", "--report", "r.html"]) == 0
        head, *rows = capsys.readouterr().out.partition(" epoch ")[2].splitlines()[:2]
        assert head.endswith(ending)
        assert rows[0][-6:].strip()[-1].isdecimal() == (ending == "penalty")


def test_a_preset_is_found_by_part_of_its_title(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "spiral", "--preset", "original", "--steps", "5", "--report", "r.html"]) == 0
    assert "Dense  100" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["train", "spiral", "--preset", "nobody"], "no preset 'nobody'; spiral has: Eight sigmoid layers"),
        (["train", "spiral", "--data", "noise=9"], "noise must be a number from 0 to 0.5, got 9"),
        (["train", "spiral", "--data", "noise"], "--data wants NAME=VALUE"),
        (["train", "spiral", "--network", "["], "--network wants a list of layers as JSON: Expecting value"),
        (["train", "spiral", "--network", "[" * 10_000], "--network wants a list of layers as JSON: "),
        (["train", "spiral", "--network", "[3]"], "a layer is an object with its name"),
        (["train", "spiral", "--network", "3"], "the network is a list of layers, got 3"),
        (
            ["train", "spiral", "--network", f'[{{"layer": "Dense", "units": {"9" * 5_000}}}]'],
            "--network wants a list of layers",
        ),
        (["train", "spiral", "--data", f"noise={'9' * 5_000}"], "noise must be a number from 0 to 0.5, got '9999"),
        (["train", "spiral", "--data", "noise=1e999"], "noise must be a number from 0 to 0.5, got inf"),
        (["train", "spiral", "--data", f"noise={'[' * 10_000}"], "noise must be a number from 0 to 0.5"),
        (["train", "table", "--data", "dataset=123456789012"], "the data 123456789012 are not on this machine"),
        (["train", "table", "--data", "dataset=1e5"], "a text of the form"),
        (["train", "spiral", "--learning-rate", "-1"], "--learning-rate: learning_rate must be"),
        (["train", "spiral", "--patience", "0"], "--patience: patience must be"),
        (["train", "spiral", "--averaging", "1"], "--averaging: averaging must be"),
        (["train", "spiral", "--batches-per-step", "101"], "--batches-per-step: batches_per_step must be"),
        (["train", "spiral", "--network", '[{"layer": "Dense", "units": 0}]'], "--network: layer 1, units: units must be"),
        (["train", "spiral", "--network", '[{"layer": "Flatten"}, {"layer": "Dens"}]'], "--network: layer 2"),
        (["train", "spiral", "--report", "no/where.html"], "--report: there is no folder no for where.html"),
        (["train", "spiral", "--report", "."], "--report: . is a folder"),
        (["train", "mnist", "--preset", "full"], "get it first, or choose the bundled digits"),
    ],
)
def test_what_is_wrong_is_said(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 1
    assert words in capsys.readouterr().err
    assert not list(Path().iterdir())


def test_a_diverging_run_ends_with_its_own_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    network = '[{"layer": "Dense", "units": 8}, {"layer": "ReLU"}, {"layer": "Dense"}]'
    assert main(["train", "sine", "--optimizer", "SGD", "--learning-rate", "100", "--network", network]) == 2
    said = capsys.readouterr()
    assert "diverged: the loss became" in said.err
    assert "report: sine.html" in said.out
    report = Path("sine.html").read_text(encoding="utf-8")
    assert "<p role=alert>diverged: the loss became" in report
    assert re.search(r"^step \d+: .*no number.* Try: .*\.$", said.out, re.M)
    assert re.search(r"<td>\d+ to the end<td><b>The loss is no number</b><br>.*?<td>Learning rate", report)
    assert '"text":"Fitted curve"' in report


def found_at(step: int) -> list[nn.Finding]:
    remedies = (nn.Remedy("A tenth", {}), nn.Remedy("Tanh", {}))
    ill = nn.Finding("dead units", 1, 20, f"{step} are <silent>.", {}, remedies)
    return [ill] * (20 <= step < 40) + [nn.Finding("learned", None, 30, "It has learned this.")] * (step >= 30)


def test_what_begins_and_is_over_is_a_line_and_what_raises_is_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    class Scripted:
        def __init__(self, training: nn.Training) -> None:
            self.training = training

        def observe(self, event: Event) -> None:
            if event.step >= 50:
                raise ZeroDivisionError("by zero")

        @property
        def findings(self) -> tuple[nn.Finding, ...]:
            return tuple(found_at(self.training.step))

    monkeypatch.setattr(nn, "Doctor", Scripted)
    training = nn.Training(nn.configure({"task": "xor", "steps": 60, "evaluate_every": 10}))
    found, out = Findings(training), io.StringIO()
    assert [row.step for row in train.progress(training, found, out)][-1] == 60
    assert [line for line in out.getvalue().splitlines() if line.startswith(("step", "the doctor"))] == [
        "step 20: 20 are <silent>. Try: A tenth, or Tanh.",
        "step 30: It has learned this.",
        "step 40: over, since step 20: Silent neurons",
        "the doctor cannot look at this run: ZeroDivisionError: by zero",
    ]
    table = findings_of(found.episodes)
    assert "<td>20 to 40<td><b>Silent neurons</b><br>39 are &lt;silent&gt;.<td>A tenth<br>Tanh<tr>" in table
    assert re.search("<td>30 to the end<td><b>[^<]+</b><br>It has learned this.<td></table>", table)
    assert "The doctor found nothing." in findings_of([])


def test_options_of_the_terminal_train_as_the_same_fields_of_a_request(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[nn.Training] = []
    monkeypatch.setattr(train, "Training", lambda *given: made.append(nn.Training(*given)) or made[-1])
    options = ["--patience", "2", "--averaging", "0.9", "--batches-per-step", "3", "--batch-size", "4"]
    assert main(["train", "blobs", *options, "--optimizer", "Adam", "--steps", "8", "--learning-rate", "1e-6"]) == 0
    assert "the best weights, which count, are those of step" in capsys.readouterr().out
    fields = {"patience": 2, "averaging": 0.9, "batches_per_step": 3, "batch_size": 4, "steps": 8}
    same = nn.Training(nn.configure({"task": "blobs", **fields, "optimizer": {"name": "Adam", "learning_rate": 1e-6}}))
    for _ in same.events():
        pass
    assert made[0].step == same.step
    np.testing.assert_array_equal(made[0].network.theta, same.network.theta)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the administrator may write everywhere")
def test_a_report_that_cannot_be_written_is_refused_before_training(capsys: pytest.CaptureFixture[str]) -> None:
    Path("r.html").write_text("")
    Path("r.html").chmod(0o400)
    assert main(["train", "spiral", "--report", "r.html"]) == 1
    assert "r.html cannot be written" in capsys.readouterr().err


def test_an_unknown_task_lists_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["train", "spirall"])
    assert "spiral" in capsys.readouterr().err
    assert sys.exc_info() == (None, None, None)


def test_explain_prints_a_whole_step_of_one_example_and_each_line_adds_up(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "spiral", "--step", "2", "--example", "3", "--cells", "5"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "spiral, step 2 → 3, example 3 of the 300 of its batch"
    stops = [line.partition(":")[0] for line in lines if line and not line.startswith(" ")]
    forward = [f"forward, layer {i}, {name}" for i, name in enumerate(("Dense", "Tanh", "Dense", "Tanh", "Dense"), start=1)]
    assert stops[1:] == [*forward, "loss", *(line.replace("forward", "backward") for line in reversed(forward)), "update"]
    assert "  … 7 more of y, 1 × 12 (--cells prints more)" in lines
    checked = 0
    for line in lines:
        if line.startswith(("  y[", "  dx[", "  dy[", "  loss")) and line.count(" = ") > 1:
            _, *made, value = line.split(" = ")
            shown = " = ".join(made)
            shown = re.sub(r"\d[\d,]* more = ", "", shown).replace("−", "-").replace("·", "*").replace("²", "**2")
            terms = sum(abs(float(term)) for term in re.findall(r"\d[\d.e-]*", shown))
            assert eval(shown, {"tanh": math.tanh}) == pytest.approx(float(value.replace("−", "-")), abs=0.006 * terms), line
            checked += 1
    assert checked > 40
    assert any(line.startswith("    θ[") and "√" in line for line in lines)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--step", "-1"], "--step must be a number from 0 to"),
        (["--example", "300"], "--example must be a number from 0 to 299, got 300"),
        (["--cells", "0"], "--cells must be a number of at least 1, got 0"),
    ],
)
def test_explain_says_what_it_wants(options: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "spiral", *options]) == 1
    assert said in capsys.readouterr().err
