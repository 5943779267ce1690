"""What the doctor finds of a run is said, kept and written down; and whatever he does, the run trains on."""

import logging
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import engine as nn
from server.runs.diagnosis import CLOSEST, KNOWN_ROWS, MOST_ENTRIES, SPARSE, Diagnosis
from server.runs.registry import Launch, Registry
from server.runs.run import Run
from server.runs.status import Status
from server.storage.database import Database

EVERY = 10
"""Steps from row to row in these runs."""


def finding(cause: str = "dead units", since: int = 0, sentence: str = "", **evidence: Any) -> nn.Finding:
    return nn.Finding(cause, 1, since, sentence or cause, evidence, (nn.Remedy("a tenth", {"batch_size": 8}),))


class Scripted:
    """A doctor who finds what a script says of each step."""

    script: Callable[[int], list[nn.Finding]] = staticmethod(lambda step: [])

    def __init__(self, training: nn.Training) -> None:
        self.findings: tuple[nn.Finding, ...] = ()

    def observe(self, event: nn.Metrics) -> None:
        self.findings = tuple(Scripted.script(event.step))


@pytest.fixture
def doctor(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[int], list[nn.Finding]]], None]:
    """Let the doctor find what a function says of a step."""
    monkeypatch.setattr(nn, "Doctor", Scripted)
    return lambda script: monkeypatch.setattr(Scripted, "script", staticmethod(script))


def train(runs: Registry, steps: int = 100, **request: Any) -> Run:
    """Train a run to its end."""
    request = {"task": "xor", "data": {"points": 40}, "steps": steps, "evaluate_every": EVERY, **request}
    return ended(runs.create(nn.configure(request), Launch()))


def ended(run: Run) -> Run:
    while run.ask(lambda: run.status).result(20) in (Status.RUNNING, Status.QUEUED):
        continue
    return run


def log_of(run: Run) -> list[tuple[int, list[tuple[str, int]]]]:
    """Give the steps of a run's log, each with the causes, and since when."""
    if run.diagnosis.saved:
        run.diagnosis.saved.result(30)
    return [(entry["step"], [(f["cause"], f["since"]) for f in entry["findings"]]) for entry in run.diagnosis.log()]


def test_a_finding_is_said_written_down_and_there_after_a_restart(open_runs: Callable[[], Registry], doctor: Any) -> None:
    doctor(lambda step: [finding(since=step, silent=step)] if 30 <= step < 60 else [finding("overfitting")] * (step >= 80))
    run = train(open_runs())
    expected = [(30, [("dead units", 30)]), (60, []), (80, [("overfitting", 0)])]
    assert [entry for entry in log_of(run) if entry[0] in (30, 60, 80)] == expected
    assert all(entry[1] == [("dead units", 30)] for entry in log_of(run) if 30 <= entry[0] < 60), "it began when it began"
    said, written = run.describe()["findings"], log_of(run)
    assert said == [finding("overfitting").as_dict()]
    again = open_runs().get(run.id)
    assert again.describe()["findings"] == said
    assert log_of(again) == written


def test_numbers_alone_are_written_down_seldom_and_the_newest_at_the_end(
    open_runs: Callable[[], Registry], doctor: Any
) -> None:
    doctor(lambda step: [finding(sentence=f"{step} are silent")] if step else [])
    run = train(open_runs(), 997, evaluate_every=1)
    steps = [step for step, _ in log_of(run)]
    assert steps[:2] == [1, 1 + CLOSEST]
    assert all(after - before >= max(CLOSEST, before // SPARSE) for before, after in pairwise(steps[:-1]))
    assert len(steps) < 60
    assert run.diagnosis.log()[-1] == {"step": 997, "findings": [finding(sentence="997 are silent").as_dict()]}


def test_a_log_of_what_comes_and_goes_does_not_grow_without_bound(tmp_path: Path, doctor: Any) -> None:
    doctor(lambda step: [finding()] if step % 2 else [])
    store = Database(tmp_path)
    diagnosis, training = Diagnosis(store, "a", lambda: None), nn.Training(nn.configure({"task": "xor"}))
    for training.step in range(8_000):
        diagnosis.observe(training, nn.training.events.Stepped(training.step))
    assert diagnosis.saved
    diagnosis.saved.result(30)
    assert MOST_ENTRIES < len(diagnosis.log()) < 2 * MOST_ENTRIES
    assert diagnosis.log()[-1]["step"] > 7_000
    store.close()


def test_what_was_found_stands_until_a_new_doctor_has_seen_enough(open_runs: Callable[[], Registry], doctor: Any) -> None:
    doctor(lambda step: [finding("overfitting", 50), finding("dead units", 20)] if step >= 50 else [])
    id = train(open_runs(), 100).id
    run = open_runs().get(id)
    doctor(lambda step: [finding("overfitting", step)])
    for steps in (100 + EVERY * (KNOWN_ROWS - 1), 100 + EVERY * KNOWN_ROWS):
        before = steps < 100 + EVERY * KNOWN_ROWS
        run.ask(lambda steps=steps: run.tune({"steps": steps})).result(30)
        run.ask(run.resume).result(30)
        found = ended(run).describe()["findings"]
        assert [(f["cause"], f["since"]) for f in found] == [("dead units", 20)] * before + [("overfitting", 50)]


def test_other_choices_let_only_count_what_is_seen_from_then_on(open_runs: Callable[[], Registry], doctor: Any) -> None:
    doctor(lambda step: [finding()] if step >= 50 else [])
    id = train(open_runs(), 100).id
    run = open_runs().get(id)
    doctor(lambda step: [])
    run.ask(lambda: run.tune({"steps": 110, "optimizer": {"learning_rate": 0.001}})).result(30)
    run.ask(run.resume).result(30)
    assert ended(run).describe()["findings"] == []


def test_a_fork_has_what_was_found_until_then(open_runs: Callable[[], Registry], doctor: Any) -> None:
    doctor(lambda step: [finding("dead units" if step < 70 else "overfitting")] if step >= 40 else [])
    runs = open_runs()
    parent = train(runs)
    for rate, found in ((None, ["dead units"]), (0.003, [])):
        changed = {"optimizer": {**parent.configuration.optimizer, "learning_rate": rate}} if rate else {}
        training = nn.training.checkpoint.fork(parent.checkpoints.read(60), changed)
        fork = runs.fork(parent, parent.configuration, training, Launch(start=False))
        assert [step for step, _ in log_of(fork)] == [40, *[s for s, _ in log_of(parent) if 40 < s < 60], 60][
            : None if rate else -1
        ]
        assert [f["cause"] for f in fork.describe()["findings"]] == found


def test_new_weights_and_new_data_begin_anew(open_runs: Callable[[], Registry], doctor: Any) -> None:
    doctor(lambda step: [finding("first weights too large")])
    runs = open_runs()
    run = runs.create(nn.configure({"task": "xor"}), Launch(start=False))
    assert run.ask(lambda: log_of(run)).result(30) == [(0, [("first weights too large", 0)])]
    weights = nn.training.weights.to_npz(nn.training.weights.named_arrays(run.trained().network))
    doctor(lambda step: [])
    run.ask(lambda: run.load_weights(weights)).result(30)
    assert (run.describe()["findings"], log_of(run)) == ([], [])
    doctor(lambda step: [finding("inputs not scaled")])
    run.ask(lambda: run.tune({"data": {"noise": 0.3}})).result(30)
    assert log_of(run) == [(0, [("inputs not scaled", 0)])]


def test_a_rule_that_raises_ends_no_training_and_says_so_once(
    open_runs: Callable[[], Registry], doctor: Any, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(step: int) -> list[nn.Finding]:
        if step < 100:
            return [finding("overfitting")]
        raise ZeroDivisionError("by zero")

    doctor(fail)
    with caplog.at_level(logging.ERROR, "nn-basics"):
        run = train(open_runs(), 300)
    assert (run.status, run.step) == (Status.FINISHED, 300)
    assert run.describe()["error"] == "the doctor cannot look at this run: ZeroDivisionError: by zero"
    assert [f["cause"] for f in run.describe()["findings"]] == ["overfitting"], "what was found before stays"
    assert len(caplog.records) == 1
    assert "in fail" in caplog.records[0].message, "the traceback says where"


def test_what_no_json_can_say_is_told_as_nothing_and_a_damaged_entry_harms_only_itself(
    open_runs: Callable[[], Registry], doctor: Any
) -> None:
    doctor(lambda step: [finding(ratio=float("nan"))])
    run = train(open_runs())
    assert run.describe()["findings"][0]["evidence"] == {"ratio": None}
    run._store._soon(lambda file: file.execute("UPDATE findings SET found = '{'")).result(30)
    again = open_runs().get(run.id)
    assert (again.status, again.describe()["findings"]) == (Status.FINISHED, [])
    assert "the doctor cannot look" in again.describe()["error"]


def test_a_run_that_diverges_says_why(open_runs: Callable[[], Registry]) -> None:
    run = train(open_runs(), 1000, task="sine", data={}, optimizer={"name": "SGD", "learning_rate": 100})
    assert run.status is Status.DIVERGED
    assert "not finite" in [found["cause"] for found in run.describe()["findings"]]
    assert "not finite" in dict(log_of(run)[-1:])[run.step][0][0]


def test_looking_changes_no_bit(open_runs: Callable[[], Registry], monkeypatch: pytest.MonkeyPatch) -> None:
    def theta(run: Run) -> bytes:
        return run.ask(lambda: run.trained().network.theta.tobytes()).result(30)

    runs = open_runs()
    watched = train(runs, 200)
    monkeypatch.setattr(Diagnosis, "observe", lambda *_: None)
    assert theta(train(runs, 200)) == theta(watched)
