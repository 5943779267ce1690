"""Judge the doctor: seeded faults that it should name and cure, and healthy runs that it should leave alone.

    python -m tests.benchmarks.doctor [--set tuning|judging] [--seeds 1 2] [--healthy 10] [--no-cures] [--leave-one-out]

A fault is a choice, or data, that spoil a run which learns well otherwise; those that turn out to do no harm are left out and
counted. Thresholds were set on the set "tuning" (seeds 1 and 2); "judging" has other tasks, other strengths, and seeds 3 and 4.
"Recall": something was found that is no praise; "right": the first thing that was said, or what stands first in the end, is
the cause. A remedy cures where the repaired run comes as far as the healthy one (up to TOLERANCE), and the cause is gone.
What each rule contributes (--leave-one-out) is what both tables would be without it. A healthy run is any task's defaults or
preset that reaches its task's goal: an alarm there is false, but for one of overfitting whose test loss rose in the end as far
above its lowest as the rule says. Presets of which a quarter of the seeds do not reach it (some are there to fail) are counted
beside them.
"""

import argparse
import json
import os
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

import engine as nn
from engine.explain.doctor import BY_EXCLUSION
from engine.explain.finding import apply
from engine.explain.rules import Overfitting
from engine.tasks import TASKS
from engine.training.causes import CAUSES, ORDER

TOLERANCE = 0.05
"""How much less than the healthy run's result a cured one may have: of right answers, or of the explained variance."""
Request = dict[str, Any]
Tamper = Callable[[nn.Training, np.random.Generator], None]


def dense(*units: int, then: str = "Tanh", **more: Any) -> list[Request]:
    """Describe hidden layers, each with its activation, and the last layer."""
    hidden = [layer for number in units for layer in ({"layer": "Dense", "units": number, **more}, {"layer": then})]
    return [*hidden, {"layer": "Dense", **more}]


BUNDLED: Request = {"source": "bundled", "train_examples": 1000, "test_examples": 300}
HEALTHY: dict[str, Request] = {
    "spiral": {"task": "spiral", "steps": 1500},
    "moons": {"task": "moons", "steps": 1000},
    "circles": {"task": "circles", "steps": 1000},
    "xor": {"task": "xor", "steps": 1000},
    "blobs": {"task": "blobs", "steps": 1000},
    "sine": {"task": "sine", "steps": 3000},
    "sines": {"task": "sines", "steps": 3000},
    "step": {"task": "step", "steps": 3000},
    "polynomial": {"task": "polynomial", "steps": 2000},
    "table": {"task": "table", "steps": 1000},
    "numbers": {"task": "numbers", "steps": 1000},
    "digits": {
        "task": "mnist",
        "steps": 600,
        "data": BUNDLED,
        "network": [{"layer": "Flatten"}, *dense(32, 32, then="ReLU", initializer="he")],
    },
    "digits by convolution": {
        "task": "mnist",
        "steps": 400,
        "data": BUNDLED,
        "network": [
            {"layer": "Conv2D", "filters": 4, "kernel_size": 5, "stride": 2, "initializer": "he"},
            {"layer": "ReLU"},
            {"layer": "MaxPool2D", "pool_size": 2},
            {"layer": "Flatten"},
            *dense(32, then="ReLU", initializer="he"),
        ],
    },
    "memory": {
        "task": "memory",
        "steps": 800,
        "network": [{"layer": "RNN", "units": 24}, {"layer": "Dense"}],
        "data": {"delay": 5},
    },
    "rows": {
        "task": "rows",
        "steps": 500,
        "network": [{"layer": "GRU", "units": 24, "return_sequences": True}, {"layer": "Dense"}],
        "data": {"source": "bundled", "train_examples": 1000, "test_examples": 200},
    },
    "reverse": {"task": "reverse", "steps": 1000, "data": {"length": 5, "vocabulary": 6}},
}
"""Runs that learn well, of which faults are made."""
TUNING = ("spiral", "moons", "sine", "sines", "digits", "memory", "table")
JUDGING = ("circles", "xor", "blobs", "step", "polynomial", "numbers", "digits by convolution", "rows", "reverse")


@dataclass(frozen=True)
class Fault:
    """A run with one thing wrong."""

    cause: str
    task: str
    """The name of the healthy run of which it was made."""
    seed: int
    changes: Request
    tamper: Tamper | None = None
    note: str = ""
    weights_only: bool = False
    """Whether it is the first weights that were tampered with: a remedy that draws new ones begins without that."""

    @property
    def request(self) -> Request:
        """Give the whole request."""
        base = HEALTHY[self.task]
        defaults = TASKS[base["task"]].defaults
        merged = {**defaults, **base, "seed": self.seed}
        for name, value in self.changes.items():
            both = isinstance(value, dict) and isinstance(merged.get(name), dict) and name == "data"
            merged[name] = {**merged[name], **value} if both else value
        return merged


def is_classes(task: str) -> bool:
    return TASKS[HEALTHY[task]["task"]].kind == "classes"


def layers_of(task: str) -> list[Request]:
    """Give the layers of a healthy run, completed."""
    return nn.configure(HEALTHY[task]).network


# ── faults ──


def each(layers: list[Request], **changes: Any) -> list[Request]:
    """Change the fields of all layers that have weights which are drawn."""
    return [{**layer, **changes} if "initializer" in layer and "units" in layer else dict(layer) for layer in layers]


def scale_inputs(factor: float, offset: float = 0.0, feature: int | None = None) -> Tamper:
    def tamper(training: nn.Training, rng: np.random.Generator) -> None:
        for name in ("x", "x_test"):
            x = np.array(getattr(training.task, name), np.float32)
            if feature is None:
                x = x * factor + offset
            else:
                x[..., feature] = x[..., feature] * factor + offset
            setattr(training.task, name, x)

    return tamper


def rare(share: float) -> Tamper:
    """Leave only a share of the first class (and of the test data all)."""

    def tamper(training: nn.Training, rng: np.random.Generator) -> None:
        task = training.task
        first = np.flatnonzero(task.target == 0)
        kept = rng.permutation(np.concatenate([np.flatnonzero(task.target != 0), first[: max(3, int(share * len(first)))]]))
        task.x, task.target = task.x[kept], task.target[kept]
        type(task).examples  # noqa: B018
        task.steps_per_epoch = lambda size: -(-len(kept) // size)  # type: ignore[method-assign]
        training.steps_per_epoch = task.steps_per_epoch(training.configuration.examples_per_step)

    return tamper


def shuffle_labels(training: nn.Training, rng: np.random.Generator) -> None:
    training.task.target = rng.permutation(training.task.target)
    training.task.target_test = rng.permutation(training.task.target_test)


def bias(value: float) -> Tamper:
    """Set the biases of all hidden layers."""

    def tamper(training: nn.Training, rng: np.random.Generator) -> None:
        hidden = [layer for layer in training.network.layers if "b" in layer.parameters][:-1]
        for layer in hidden:
            signs = np.sign(rng.standard_normal(layer.b.shape)) if value > 0 else 1
            layer.b[...] = abs(value) * signs if value > 0 else value

    return tamper


def faults(cause: str, task: str, seed: int, judging: bool) -> Iterator[Fault]:
    """Make the faults of a cause for a task; those for judging have other strengths."""
    rng = np.random.default_rng((seed, list(CAUSES).index(cause), sorted(HEALTHY).index(task)))
    pick = lambda tuning, held: (held if judging else tuning)[int(rng.integers(len(held if judging else tuning)))]  # noqa: E731
    layers, name = layers_of(task), HEALTHY[task]["task"]
    vector = task in ("spiral", "moons", "circles", "xor", "blobs", "sine", "sines", "step", "polynomial", "table", "numbers")
    sequence = task in ("memory", "rows", "reverse")
    curve = task in ("sine", "sines", "step", "polynomial")
    plain = vector or task.startswith("digits")

    def fault(changes: Request, tamper: Tamper | None = None, note: str = "", weights_only: bool = False) -> Fault:
        return Fault(cause, task, seed, changes, tamper, note or json.dumps(changes)[:60], weights_only)

    if cause == "linear stack" and plain and task not in ("blobs", "table", "numbers"):
        bent = ("Tanh", "ReLU", "MaxPool2D")
        yield fault({"network": [layer for layer in layers if layer["layer"] not in bent]}, note="no activations")
    elif cause == "softmax twice" and is_classes(task):
        yield fault({"network": [*layers, {"layer": "Softmax"}]}, note="Softmax")
    elif cause == "inputs not scaled" and (vector or name == "mnist"):
        factor = pick((30.0, 100.0, 1000.0, 0.003), (50.0, 255.0, 500.0, 0.005))
        factor = factor / 5 if curve and factor > 1 else factor
        yield fault({}, scale_inputs(factor), f"inputs times {factor}")
        if not curve and vector:
            yield fault({}, scale_inputs(factor, feature=0), f"one input times {factor}")
    elif cause == "class imbalance" and task in ("spiral", "moons", "circles", "xor", "digits", "digits by convolution"):
        share = pick((0.03, 0.05), (0.04, 0.06))
        yield fault({}, rare(share), f"{share} of class 0")
    elif cause == "first weights too large" and task != "reverse":
        gain = pick((8.0, 15.0, 30.0), (6.0, 10.0, 20.0))
        yield fault({"network": each(layers, gain=gain)}, note=f"gain {gain}")
        if vector:
            yield fault({"network": each(layers, initializer="normal", gain=100.0)}, note="std 1")
    elif cause == "identical units" and task != "reverse":
        yield fault({"network": each(layers, initializer="zeros")}, note="zeros")
        if vector:
            bent = [{**layer, "layer": "ReLU"} if layer["layer"] == "Tanh" else layer for layer in layers]
            yield fault({"network": each(bent, initializer="zeros")}, note="zeros, ReLU")
    elif cause == "not finite" and not is_classes(task):
        rate = pick((3.0, 10.0), (2.0, 20.0))
        bent = [{**layer, "layer": "ReLU"} if layer["layer"] == "Tanh" else layer for layer in layers]
        yield fault({"network": bent, "optimizer": {"name": "SGD", "learning_rate": rate}}, note=f"ReLU, SGD {rate}")
        rate = pick((5.0, 30.0), (50.0, 10.0))
        yield fault({"optimizer": {"name": "SGD", "learning_rate": rate, "momentum": 0.9}}, note=f"momentum, SGD {rate}")
    elif cause == "step too large":
        rate = pick((0.3, 1.0, 3.0, 10.0), (0.5, 2.0, 5.0))
        yield fault({"optimizer": {"name": "Adam", "learning_rate": rate}}, note=f"Adam {rate}")
        if is_classes(task):
            rate = pick((10.0, 20.0, 40.0), (15.0, 30.0))
            yield fault({"optimizer": {"name": "SGD", "learning_rate": rate}}, note=f"SGD {rate}")
        rate = pick((0.3, 1.0), (0.5, 2.0))
        yield fault({"optimizer": {"name": "RMSProp", "learning_rate": rate}}, note=f"RMSProp {rate}")
    elif cause == "step too small":
        rate = pick((1e-5, 3e-6, 1e-7), (2e-5, 1e-6))
        yield fault({"optimizer": {"name": "Adam", "learning_rate": rate}}, note=f"Adam {rate}")
        rate = pick((1e-4, 1e-5), (3e-4, 3e-5))
        yield fault({"optimizer": {"name": "SGD", "learning_rate": rate}}, note=f"SGD {rate}")
    elif cause == "dead units" and plain:
        bent = [{**layer, "layer": "ReLU"} if layer["layer"] == "Tanh" else layer for layer in layers]
        depth = pick((-4.0, -8.0), (-6.0, -10.0)) * (4 if curve else 1)
        yield fault({"network": bent}, bias(depth), f"ReLU with b = {depth}", True)
    elif cause == "saturated" and vector:
        squash = pick(("Tanh", "Sigmoid"), ("Tanh", "Sigmoid"))
        bent = [{**layer, "layer": squash} if layer["layer"] == "Tanh" else layer for layer in layers]
        yield fault(
            {"network": bent}, bias(pick((8.0, 15.0), (10.0, 20.0)) * (4 if curve else 1)), f"{squash} with large b", True
        )
    elif cause == "vanishing gradient":
        if vector:
            depth = pick((8, 10), (7, 9))
            optimizer = {"name": "SGD", "learning_rate": pick((0.1, 0.03), (0.05, 0.2))}
            changes = {"network": dense(*[8] * depth, then="Sigmoid"), "optimizer": optimizer}
            yield fault(changes, note=f"{depth} sigmoid layers, SGD")
            changes = {"network": dense(*[12] * depth, initializer="normal"), "optimizer": optimizer}
            yield fault(changes, note=f"{depth} tanh layers, std 0.01, SGD")
        elif task == "memory":
            yield fault({"data": {"delay": pick((30, 40), (50, 60))}}, note="RNN, long delay")
    elif cause == "exploding gradient" and sequence and task != "reverse":
        recurrent = [{**layer, "layer": "RNN"} if layer["layer"] == "GRU" else layer for layer in layers]
        rate = pick((0.5, 1.0), (0.7, 2.0))
        changes = {"network": recurrent, "clip_norm": None, "optimizer": {"name": "SGD", "learning_rate": rate}}
        changes["data"] = {"delay": 20} if task == "memory" else {}
        yield fault(changes, note=f"RNN, no clipping, SGD {rate}")
    elif cause == "noisy steps" and plain:
        size = pick((1, 2), (1, 4))
        rate = pick((0.03, 0.05), (0.03, 0.06))
        yield fault(
            {"batch_size": size, "optimizer": {"name": "Adam", "learning_rate": rate}}, note=f"batch {size}, Adam {rate}"
        )
    elif cause == "overfitting":
        if task in ("spiral", "moons", "circles", "xor", "blobs"):
            points = pick((30, 40), (25, 35))
            noise = {"spiral": 0.25, "moons": 0.3, "circles": 0.3, "xor": 0.3, "blobs": 0.4}[task]
            yield fault({"network": dense(64, 64, 64), "data": {"points": points, "noise": noise}, "steps": 1500})
        elif curve:
            points = pick((15, 20), (12, 18))
            yield fault({"network": dense(64, 64, 64), "data": {"points": points, "noise": 0.4}, "steps": 3000})
        elif name == "mnist":
            yield fault({"data": {**BUNDLED, "train_examples": pick((100, 150), (110, 120))}, "steps": 800})
    elif cause == "cannot fit" and task in ("spiral", "moons", "circles", "xor", "sine", "sines", "step", "digits"):
        if vector:
            yield fault({"network": dense(pick((1, 2), (1, 2)))}, note="one narrow layer")
            yield fault({"network": dense()}, note="no hidden layer")
    elif cause == "nothing to learn" and task != "reverse":
        yield fault({}, shuffle_labels, "shuffled labels")
    elif cause == "penalty too strong" and not sequence:
        strength = pick((1.0, 3.0, 10.0), (2.0, 5.0))
        yield fault({"regularizer": {"name": "L2", "strength": strength}}, note=f"L2 {strength}")
        strength = pick((0.3, 1.0), (0.5, 2.0))
        yield fault({"regularizer": {"name": "L1", "strength": strength}}, note=f"L1 {strength}")


# ── runs ──


@dataclass
class Outcome:
    """What a run came to, and what the doctor said meanwhile."""

    result: float = 0.0
    """The share of right answers (of tests, where there are any), or of the variance that is explained; −1 where it broke."""
    loss: float = float("inf")
    rose: float = 0.0
    """How many times the lowest test loss the last ones are."""
    reached: bool = False
    """Whether the task's goal was ever reached."""
    said: list[tuple[int, float, list[str]]] = field(default_factory=list)
    """Step, seconds of CPU since the beginning, and the alarms, whenever they changed."""
    found: list[tuple[int, float, list[str]]] = field(default_factory=list)
    """The same of all that the rules found, whether it was said or not."""
    first_remedy: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By cause: the changes of its first remedy, as they were first offered."""
    sentences: dict[str, str] = field(default_factory=dict)

    @property
    def alarms(self) -> list[str]:
        """Give all causes that were named, in the order of their first naming."""
        return list(dict.fromkeys(cause for _, _, causes in self.said for cause in causes))

    @property
    def first(self) -> str:
        """Give what was said first."""
        return next((causes[0] for _, _, causes in self.said if causes), "")

    @property
    def last(self) -> str:
        """Give what stands first in the end."""
        return self.said[-1][2][0] if self.said and self.said[-1][2] else ""

    def without(self, rule: str) -> "Outcome":
        """Give what would have been said without a rule."""
        left = [(step, seconds, [cause for cause in causes if cause != rule]) for step, seconds, causes in self.found]
        said = [(step, seconds, shown(causes)) for step, seconds, causes in left]
        return Outcome(self.result, self.loss, self.rose, self.reached, said, left)

    def named(self, cause: str) -> tuple[int, float] | None:
        """Say after which step and how many seconds a cause was named; None where it never was."""
        return next(((step, seconds) for step, seconds, causes in self.said if cause in causes), None)


def shown(causes: list[str]) -> list[str]:
    """Leave out what is not said beside something more causal, as the doctor does."""
    return [cause for i, cause in enumerate(causes) if not (i and cause in BY_EXCLUSION)]


def train(request: Request, tamper: Tamper | None = None, seed: int = 0, most_seconds: float = 60.0) -> Outcome:
    """Train with the doctor beside it."""
    configuration = nn.configure(request)
    training = nn.Training(configuration)
    if tamper:
        tamper(training, np.random.default_rng(seed))
        training.theta_before[...] = training.network.theta
    doctor, outcome, begun = nn.Doctor(training), Outcome(), time.process_time()
    before: list[str] | None = None
    rows: list[nn.Metrics] = []

    def hear(step: int) -> None:
        nonlocal before
        said = [finding.cause for finding in doctor.findings if finding.kind != "good"]
        now = sorted((cause for cause in doctor.said if CAUSES[cause].kind != "good"), key=ORDER.__getitem__)
        outcome.reached = outcome.reached or doctor.record.reached
        if now != before:
            outcome.said.append((step, time.process_time() - begun, said))
            outcome.found.append((step, time.process_time() - begun, now))
            before = now
            for finding in doctor.findings:
                if finding.cause not in outcome.sentences:
                    outcome.sentences[finding.cause] = finding.sentence
                if finding.remedies and finding.cause not in outcome.first_remedy:
                    outcome.first_remedy[finding.cause] = dict(finding.remedies[0].changes)

    try:
        for event in training.events():
            doctor.observe(event)
            hear(event.step)
            if isinstance(event, nn.Metrics):
                rows.append(event)
            if time.process_time() - begun > most_seconds:
                break
    except nn.DivergedError as error:
        hear(error.step)
        outcome.result = -1.0
        return outcome
    last = rows[-max(3, len(rows) // 10) :]
    if TASKS[configuration.task].kind == "classes":
        outcome.result = statistics.mean(
            row.test_accuracy if row.test_accuracy is not None else row.accuracy or 0 for row in last
        )
    else:
        losses = [row.test_loss if row.test_loss is not None else row.loss for row in last]
        outcome.result = 1 - min(1.0, statistics.mean(losses) / (doctor.record.baseline or 1.0))
    outcome.loss = statistics.mean(row.loss for row in last)
    tested = [row.test_loss for row in rows if row.test_loss is not None]
    if tested:
        outcome.rose = statistics.mean(tested[-len(last) :]) / max(min(tested), 1e-12)
    return outcome


def did_harm(fault: Fault, outcome: Outcome, healthy: Outcome) -> bool:
    """Tell whether a fault did harm: it came less far, or (what was learned by heart apart) its loss is far higher."""
    return outcome.result < healthy.result - TOLERANCE or (
        fault.cause != "overfitting" and outcome.loss > 3 * healthy.loss + 0.05
    )


def possible(fault: Fault) -> float:
    """Train with three usual rates where a fault chose another optimizer than the healthy run has: so far that one comes."""
    optimizer = fault.changes.get("optimizer")
    if optimizer is None or optimizer["name"] == "Adam":
        return 1.0
    kind = "classes" if is_classes(fault.task) else "numbers"
    usual = next(one["first_rate"] for one in nn.catalog()["optimizers"] if one["name"] == optimizer["name"])[kind]
    base = Fault("", fault.task, fault.seed, {}).request
    if fault.cause in ("not finite", "exploding gradient"):  # its layers stay, too
        base["network"] = fault.changes.get("network", base["network"])
    rates = (usual / 3, usual, usual * 3)
    return max(train({**base, "optimizer": {"name": optimizer["name"], "learning_rate": rate}}).result for rate in rates)


def all_faults(names: tuple[str, ...], seeds: list[int], judging: bool) -> list[Fault]:
    return [
        fault
        for cause in CAUSES
        if cause != "learned"
        for task in names
        for seed in seeds
        for fault in faults(cause, task, seed, judging)
    ]


@dataclass
class Judged:
    """A fault that did harm, what the doctor said of it, and whether his first remedy cured it."""

    cause: str
    outcome: Outcome
    cured: bool | None = None

    def right(self, outcome: Outcome) -> bool:
        """Tell whether the cause was said first, or stands first in the end."""
        return self.cause in (outcome.first, outcome.last)


def judge_faults(found: list[Fault], cures: bool, show: bool) -> list[Judged]:
    """Train all faults, print how many were found, by cause, and return them."""
    healthy: dict[tuple[str, int], Outcome] = {}
    judged: list[Judged] = []
    harmless: dict[str, int] = defaultdict(int)
    for fault in found:
        key = fault.task, fault.seed
        if key not in healthy:
            healthy[key] = train(Fault("", fault.task, fault.seed, {}).request)
        outcome = train(fault.request, fault.tamper, fault.seed)
        good = healthy[key]
        cause = "not finite" if fault.cause == "step too large" and outcome.result < 0 else fault.cause
        if not did_harm(fault, outcome, good) or (cause == "not finite" and outcome.result >= 0):
            harmless[cause] += 1
            if show:
                print(f"  harmless  {cause:24s} {fault.task:10s} {fault.note:44s} {outcome.result:.2f} {outcome.said}")
            continue
        one = Judged(cause, outcome)
        judged.append(one)
        remedy = outcome.first_remedy.get(cause)
        if cures and remedy is not None and cause != "nothing to learn":
            tamper = None if fault.weights_only and "network" in remedy else fault.tamper
            repaired = train(apply(nn.configure(fault.request).as_dict(), remedy), tamper, fault.seed)
            reached = repaired.result >= min(good.result, possible(fault)) - TOLERANCE
            if cause in ("overfitting", "class imbalance"):  # what the data lack no choice brings back
                reached = repaired.result > outcome.result
            gone = not (repaired.said and cause in repaired.said[-1][2])
            one.cured = reached and gone
            if show and not one.cured:
                tried = "network" if "network" in remedy else remedy
                came = f"{outcome.result:.2f} → {repaired.result:.2f}"
                print(f"    not cured {cause} {fault.task} {fault.note}: {tried} {came} {repaired.said[-1:]}")
        if show and not (one.right(outcome) and outcome.last == cause):
            mark = "RIGHT" if one.right(outcome) else "miss "
            of = f"{outcome.result:.2f}/{good.result:.2f}"
            print(f"  {mark} {cause:24s} {fault.task:10s} {fault.note:44s} {of} {outcome.said}")
    report_faults(judged, harmless)
    return judged


def share_of(those: list[bool]) -> str:
    """Write how many of those are so."""
    return f"{100 * statistics.mean(those):.0f} %" if those else "–"


def report_faults(judged: list[Judged], harmless: dict[str, int]) -> None:
    """Print the table of the faults: how many, what was said of them, after how many steps and seconds, and what was cured."""
    head = ("cause", "faults", "harmless", "recall", "right", "at end", "step", "worst", "seconds", "worst", "cured")
    print("{:24s} {:>7} {:>9} {:>7} {:>7} {:>7} {:>6} {:>6} {:>8} {:>6} {:>9}".format(*head))
    for cause in [*CAUSES, "all"]:
        of = [one for one in judged if cause in (one.cause, "all")]
        if not of and not harmless[cause]:
            continue
        named = [found for one in of if (found := one.outcome.named(one.cause))]
        steps, seconds = ([found[i] for found in named] or [0] for i in (0, 1))
        cured = [one.cured for one in of if one.cured is not None]
        print(
            f"{cause:24s} {len(of):7d} {sum(harmless.values()) if cause == 'all' else harmless[cause]:9d} "
            f"{share_of([bool(one.outcome.alarms) for one in of]):>7} {share_of([one.right(one.outcome) for one in of]):>7} "
            f"{share_of([one.outcome.last == one.cause for one in of]):>7} "
            f"{statistics.median(steps):6.0f} {max(steps):6.0f} {statistics.median(seconds):8.2f} {max(seconds):6.2f} "
            f"{f'{sum(cured)}/{len(cured)}' if cured else '–':>9}"
        )


def healthy_runs() -> Iterator[tuple[str, str, Request]]:
    """Give every task's defaults and every preset that this machine has the data for."""
    for name, task in TASKS.items():
        for title, preset in {"defaults": {}, **task.presets}.items():
            yield name, title, {"task": name, **preset}


UNSOUND = 4
"""A preset is not healthy where more than one of so many seeds were named and never came to their goal."""
TO_THE_END = 60.0
"""How many seconds of CPU time a run with an alarm may take, to see whether it comes to its goal."""


def judge_healthy(seeds: list[int], most_seconds: float, only: list[str], show: bool) -> list[Outcome]:
    """Print in how many healthy runs something was found that is not so, and return what was said of those."""
    outcomes, true, failed = list[Outcome](), defaultdict[str, int](int), defaultdict[str, int](int)
    by_cause = defaultdict[str, list[str]](list)
    for name, title, request in healthy_runs():
        if only and name not in only:
            continue
        these, missed = list[tuple[str, Outcome]](), 0
        for seed in seeds:
            try:
                outcome = train({**request, "seed": seed}, most_seconds=most_seconds)
            except nn.ConfigurationError:
                break
            where = f"{name} · {title} · {seed}"
            if outcome.alarms:
                whole = train({**request, "seed": seed}, most_seconds=TO_THE_END)
                if not whole.reached and hasattr(TASKS[name], "goal"):
                    failed[f"{name} · {title}: {', '.join(outcome.alarms)}"] += 1
                    missed += 1
                    continue
                if outcome.alarms == ["overfitting"] and whole.rose > Overfitting.RISEN:
                    true[f"{name} · {title}"] += 1
                    outcome = Outcome(outcome.result, outcome.loss, outcome.rose, outcome.reached)
                elif show:
                    print(f"  ALARM {where}: {outcome.said} {outcome.sentences} {outcome.result:.3f}")
            these.append((where, outcome))
        for where, outcome in these:
            if outcome.alarms and missed > len(seeds) / UNSOUND:  # it learns by luck
                failed[f"{name} · {title}, with luck: {', '.join(outcome.alarms)}"] += 1
                continue
            outcomes.append(outcome)
            for cause in outcome.alarms:
                by_cause[cause].append(where)
    alarms = sum(bool(outcome.alarms) for outcome in outcomes)
    print(f"healthy runs: {alarms} of {len(outcomes)} with a false alarm ({100 * alarms / max(1, len(outcomes)):.1f} %)")
    for cause, places in by_cause.items():
        print(f"  {cause:24s} {len(places):4d}  {', '.join(sorted({one.rpartition(' · ')[0] for one in places}))}")
    for words, those in (("they overfit, as was said", true), ("never at their goal, which was said", failed)):
        print(f"{words}: {sum(those.values())}", *(f"  {count:4d}  {where}" for where, count in those.items()), sep="\n")
    return outcomes


def leave_one_out(judged: list[Judged], healthy: list[Outcome]) -> None:
    """Print what both tables would be without each rule."""
    print(f"{'without':24s} {'recall':>7} {'right':>7} {'false alarms':>13}")
    for rule in ["", *CAUSES]:
        without = [(one, one.outcome.without(rule)) for one in judged]
        alarms = [bool(outcome.without(rule).alarms) for outcome in healthy if not rule or CAUSES[rule].kind != "good"]
        if rule and CAUSES[rule].kind == "good":
            continue
        print(
            f"{rule or '(all rules)':24s} {share_of([bool(outcome.alarms) for _, outcome in without]):>7} "
            f"{share_of([one.right(outcome) for one, outcome in without]):>7} {sum(alarms):6d}/{len(alarms)}"
        )


def main() -> None:
    """Read the command line, and judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", choices=("tuning", "judging", "none"), default="judging")
    parser.add_argument("--seeds", type=int, nargs="+")
    parser.add_argument("--healthy", type=int, default=0, help="seeds of every healthy run, from 100 on")
    parser.add_argument("--most-seconds", type=float, default=3.0, help="of CPU time of a healthy run")
    parser.add_argument("--only", nargs="+", default=[], help="causes, or tasks of healthy runs")
    parser.add_argument("--no-cures", action="store_true")
    parser.add_argument("--show", action="store_true", help="each miss and each alarm")
    parser.add_argument("--leave-one-out", action="store_true", help="both tables without each rule")
    chosen = parser.parse_args()
    np.seterr(all="ignore")
    judged, outcomes = list[Judged](), list[Outcome]()
    if chosen.set != "none":
        judging = chosen.set == "judging"
        seeds = chosen.seeds or ([3, 4] if judging else [1, 2])
        found = all_faults(JUDGING if judging else TUNING, seeds, judging)
        found = [one for one in found if not chosen.only or one.cause in chosen.only]
        judged = judge_faults(found, not chosen.no_cures, chosen.show)
    if chosen.healthy:
        outcomes = judge_healthy([*range(100, 100 + chosen.healthy)], chosen.most_seconds, chosen.only, chosen.show)
    if chosen.leave_one_out:
        leave_one_out(judged, outcomes)


if __name__ == "__main__":
    main()
