"""nn-basics sweep: what it trains in processes, its report, what Ctrl-C leaves, and what it refuses."""

import re
from collections.abc import Iterator
from concurrent.futures import Future
from io import StringIO
from pathlib import Path

import pytest

from engine import Metrics, Training, configure
from engine.data.folders import DataFolders
from engine.search.search import Trial
from server.__main__ import main
from server.search.plan import new_plan
from server.terminal import searching, sweep
from server.terminal.searching import Searching

SMALL = ["sweep", "xor", "--steps", "90", "--data", "points=40", "--workers", "1"]


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Train in this process: starting others takes a second each time."""

    class Here:
        def take(self, name: str) -> "Here":
            return self

        def give_back(self, lane: "Here") -> None:
            pass

        def call(self, function, leg):
            return function(leg)

        def close(self) -> None:
            pass

    monkeypatch.setattr(searching, "on_this_machine", lambda workers: Here())


def test_a_search_in_processes_trains_as_one_run_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """The oracle: the same configurations, each trained straight to its end."""
    monkeypatch.chdir(Path(__file__).parents[3])
    base = configure({"task": "xor", "steps": 90, "data": {"points": 40}, "schedule": {"name": "Cosine"}})
    axes = [{"path": "optimizer.learning_rate", "values": [0.001, 0.01, 0.1]}]
    found = Searching(new_plan(base, axes, {"how": "halving"}, 2), DataFolders.from_environment(), 2)
    try:
        assert len(list(found.ended())) == 4
    finally:
        found.close()
    for trial in found.told:
        training = Training(configure(found.plan.request(trial.values, 0)))
        straight = []
        for event in training.events():
            if isinstance(event, Metrics):
                straight.append(event)
            if event.step == found.step(trial):
                break
        assert found.rows[trial.number][0] == straight
    assert found.steps == sum(found.step(trial) for trial in found.told) < 3 * 90


def test_the_bar_shows_the_steps_of_runs_that_train_before_the_first_ends(
    here: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Terminal(StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(searching, "SAY_EVERY", 0.0)
    base = configure({"task": "xor", "steps": 30, "data": {"points": 40}})
    leg = searching.Leg(base, DataFolders.from_environment(), tmp_path / "0-0", 30)
    assert searching.train_leg(leg).step == 30
    said = leg.file.with_suffix(".step").read_text()
    assert said == "30"
    plan = new_plan(base, [{"path": "batch_size", "values": [4, 8]}], {"how": "grid"}, 1)
    found, terminal = Searching(plan, DataFolders.from_environment(), 1), Terminal()
    try:
        bar = sweep.Bar(found, terminal)
        found.hear = bar.draw
        monkeypatch.setattr(found, "_file", lambda number, repeat: tmp_path / f"{number}-{repeat}")
        found._training[Future()] = found.search.ask(), 0
        found._training[Future()] = found.search.ask(), 0  # which has said nothing yet
        bar.draw()
        assert terminal.getvalue() == f"\r\033[K[{'█' * 12}{'·' * 12}] 0/2 · 30 of 60 steps"
        found._training.clear()
        (tmp_path / "0-0").unlink()
        found.search = plan.search()
        assert len(list(found.ended())) == 2
    finally:
        found.close()
    assert (found.steps, found.underway) == (60, 0)
    assert "0/2 · " in terminal.getvalue().partition("best")[0]


def test_it_says_the_best_and_writes_a_report(here: None, capsys: pytest.CaptureFixture[str]) -> None:
    over = ["--over", "optimizer.learning_rate=1e-4..1e-1:log:3", "--over", "batch_size=5,10,20"]
    assert main([*SMALL, *over, "--search", "halving"]) == 0
    said = capsys.readouterr().out
    assert "9 combinations of optimizer.learning_rate, batch_size, 1 at once" in said
    assert re.search(r"9/9 · best: learning rate [\d.]+, batch size \d+: test loss [\d.]+", said)
    assert "report: xor-sweep.html" in said
    share = int(re.search(r"\((\d+) % of the whole grid's\)", said).group(1))
    assert share < 60
    report = Path("xor-sweep.html").read_text(encoding="utf-8")
    titles = [
        "Test loss over learning rate",
        "Test loss over batch size",
        "All choices at once",
        "Importance",
        "Learning curves",
    ]
    for title in titles:
        assert f'"text":"{title}"' in report, title
    for kind in ("heatmap", "bar", "scatter"):
        assert f'"type":"{kind}"' in report, kind
    assert report.count("<tr>") == 10
    assert "<script src=" not in report


def test_what_diverges_is_a_cross_and_the_exit_code_says_where_all_did(here: None, capsys: pytest.CaptureFixture[str]) -> None:
    network = '[{"layer": "Dense", "units": 8}, {"layer": "ReLU"}, {"layer": "Dense"}]'
    sine = ["sweep", "sine", "--optimizer", "SGD", "--network", network, "--steps", "20", "--workers", "1"]
    assert main([*sine, "--over", "optimizer.learning_rate=0.01,100", "--repeats", "2"]) == 0
    report = Path("sine-sweep.html").read_text(encoding="utf-8")
    assert '"symbol":"x"' in report
    assert "diverged: the loss became" in report
    assert "±" in report
    assert main([*sine, "--over", "optimizer.learning_rate=90,100"]) == 2
    assert "every run diverged" in Path("sine-sweep.html").read_text(encoding="utf-8")


def test_ctrl_c_ends_it_with_what_is_there(here: None, capsys: pytest.CaptureFixture[str], monkeypatch) -> None:
    class Interrupted(Searching):
        def ended(self) -> Iterator[Trial]:
            for k, trial in enumerate(super().ended()):
                yield trial
                if k == 1:
                    raise KeyboardInterrupt

    monkeypatch.setattr(sweep, "Searching", Interrupted)
    assert main([*SMALL, "--over", "batch_size=5,10,20"]) == 0
    assert "stopped after 2 of 3 combinations; what is there counts" in capsys.readouterr().out
    assert "It was ended after 2 of 3 combinations" in Path("xor-sweep.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--over", "batch_size"], "--over wants PATH=A,B,C or PATH=LOW..HIGH"),
        (["--over", "nothing=1,2"], "--over nothing=1,2: there is no 'nothing' to choose; choose network, optimizer"),
        (["--over", "optimizer.rate=1,2"], "--over optimizer.rate=1,2: Adam has no 'rate'; it has learning_rate"),
        (["--over", "network.9.units=1,2"], "--over network.9.units=1,2: there is no 'network.9.units' to change"),
        (["--over", "batch_size=5,0"], "--over batch_size=5,0: batch_size must be a number from 1 to 10000, got 0"),
        (["--over", "batch_size=0..9"], "--over batch_size=0..9: low of batch_size must be a number from 1 to 10000, got 0"),
        (["--over", "batch_size=9..1"], "--over batch_size=9..1: batch_size: low must be less than high, got 9 and 1"),
        (["--over", "batch_size=1..x"], "--over batch_size=1..x: 'x' is no number; a range is LOW..HIGH"),
        (["--over", "batch_size=1..9:cubic"], "behind the range stands log, linear, or how many values (2 to 64); got 'cubic'"),
        (["--over", "activation=1..9"], "--over activation=1..9: 'activation' is no number, and has no range"),
        (["--over", "batch_size=5,6", "--over", "batch_size=7"], "--over: batch_size stands twice"),
        (["--over", "optimizer=Adam,SDG"], "--over optimizer=Adam,SDG: optimizer: there is no 'SDG'; choose SGD"),
        (["--over", "batch_size=5,6", "--workers", "0"], "--workers must be a whole number from 1 to 1,000, got 0"),
        (["--over", "batch_size=5,6", "--runs", "1"], "--runs must be a whole number from 2 to 1,000,000, got 1"),
        (["--over", "batch_size=5,6,7", "--runs", "2"], "--runs: a grid has all 3 combinations; for 2 choose random"),
        (["--over", "seed=5,6", "--repeats", "2"], "--repeats: the seed is one of the choices already"),
        (["--over", "steps=5,6", "--search", "halving"], "--search: halving decides how many steps a run does"),
        (["--over", "batch_size=5,6", "--report", "no/where.html"], "--report: there is no folder no"),
    ],
)
def test_what_is_wrong_is_said(options: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*SMALL[:6], *options]) == 1
    assert words in capsys.readouterr().err
    assert not list(Path().iterdir())
