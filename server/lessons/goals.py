"""Whether a run has reached a goal: read from its rows, its configuration and what the doctor found, not from a page's word."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine import ConfigurationError, configure
from engine.data.folders import DataFolders
from server.lessons.lesson_file import PARTS, Goal, Lesson

Columns = Mapping[str, Sequence[float | None]]


@dataclass(frozen=True)
class Verdict:
    """At which step of the run the goal was reached, or what is missing yet; and the best value so far."""

    reached: int | None = None
    words: str = ""
    best: float | None = None


@dataclass(frozen=True)
class Watched:
    """What is read of a run."""

    configuration: Mapping[str, Any]
    columns: Columns
    findings: Sequence[tuple[int, Sequence[str]]] = field(default_factory=list)
    """At which step the doctor found which causes."""


def hidden_units(network: Sequence[Mapping[str, Any]]) -> int:
    """Count the neurons of hidden layers: the units of all layers, those inside others too, but of the last."""
    units: list[int] = [layer["units"] for layer in flat(network) if layer.get("units")]
    last = [layer for layer in network if "units" in layer]
    return sum(units) - int(last[-1]["units"] or 0 if last else 0)


def flat(network: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Give each layer, and those inside it."""
    for layer in network:
        yield layer
        yield from flat(layer.get("layers") or [])


def at_path(configuration: Any, path: str) -> Any:
    """Find a value of the configuration, such as optimizer.learning_rate; None where there is none."""
    for name in path.split("."):
        if isinstance(configuration, Sequence) and name.isdecimal() and int(name) < len(configuration):
            configuration = configuration[int(name)]
        else:
            configuration = configuration.get(name) if isinstance(configuration, Mapping) else None
    return configuration


def judge(lesson: Lesson, number: int, run: Watched, other: Watched | None = None) -> Verdict:
    """Judge a run by the goal of a step, counted from 1; `other` is the run of the earlier step that it is compared with."""
    goal = lesson.steps[number - 1].goal
    if goal is None:
        return Verdict(words="This step has no goal.")
    wrong = otherwise(lesson, number, run.configuration) or misfit(goal, run.configuration)
    if wrong:
        return Verdict(words=wrong)
    if goal.cause is not None:
        step = next((step for step, causes in run.findings if goal.cause in causes and fits(goal, step)), None)
        return Verdict(step, "" if step is not None else f"The doctor has not found “{goal.cause}” yet.")
    if goal.value is not None:
        value = at_path(run.configuration, goal.value)
        value = float(value) if isinstance(value, (int, float)) else None
        return Verdict(0, best=value) if meets(goal, value, None) else Verdict(words=f"{goal.value} is {value}.", best=value)
    return by_metric(goal, run.columns, other)


def by_metric(goal: Goal, columns: Columns, other: Watched | None) -> Verdict:
    """Look for the first row that meets the goal."""
    assert goal.metric is not None
    bound = None
    if goal.above is not None or goal.below is not None:
        seen = [v for v in (other.columns.get(goal.metric, []) if other else []) if v is not None]
        if not seen:
            return Verdict(words=f"Train in step {goal.above or goal.below} first: that run is what this one is compared with.")
        bound = max(seen) if goal.above is not None else min(seen)
    pairs = zip(columns.get("step", []), columns.get(goal.metric, []), strict=True)
    rows = [(int(step or 0), value) for step, value in pairs if value is not None and step]
    rows = [(step, value) for step, value in rows if fits(goal, step)]
    met = next((step for step, value in rows if meets(goal, value, bound)), None)
    high = goal.at_least is not None or goal.above is not None
    best = (max if high else min)((value for _, value in rows), default=None)
    if met is not None:
        return Verdict(met, best=best)
    last = max((int(step or 0) for step in columns.get("step", [])), default=0)
    late = goal.within is not None and last >= goal.within
    return Verdict(words=f"Not within {goal.within:,} steps: change something, and train again." if late else "", best=best)


def fits(goal: Goal, step: int) -> bool:
    """Tell whether a step is neither too late nor too early."""
    return (goal.within is None or step <= goal.within) and (goal.after is None or step >= goal.after)


def meets(goal: Goal, value: float | None, bound: float | None) -> bool:
    """Compare a value with what the goal asks for, and with the best of the run that it is compared with."""
    if value is None:
        return False
    return (
        (goal.at_least is None or value >= goal.at_least)
        and (goal.at_most is None or value <= goal.at_most)
        and (goal.above is None or (bound is not None and value > bound))
        and (goal.below is None or (bound is not None and value < bound))
    )


def misfit(goal: Goal, configuration: Mapping[str, Any]) -> str:
    """Say what of a run's configuration the goal does not allow."""
    if goal.neurons is not None and (units := hidden_units(configuration["network"])) > goal.neurons:
        return f"At most {goal.neurons} neurons in hidden layers: this network has {units}."
    for path, wanted in goal.where.items():
        if (value := at_path(configuration, path)) != wanted:
            return f"This goal is for {path} {wanted}: here it is {value}."
    return ""


def otherwise(lesson: Lesson, number: int, configuration: Mapping[str, Any]) -> str:
    """Say what the step locks and this run has otherwise; settings hold until a later step has its own."""
    step = lesson.steps[number - 1]
    settings = next((one.settings for one in reversed(lesson.steps[:number]) if one.settings), None)
    if settings is None:
        return ""
    if configuration["task"] != settings["task"]:
        return f"This goal is for the task {settings['task']}."
    try:
        wanted = configure(settings, DataFolders()).as_dict()
    except ConfigurationError as error:  # a lesson that was read is right; data may be gone
        return str(error)
    closed = {*step.lock, *step.hide}
    names = [name for part in PARTS if part in closed for name in PARTS[part] if name != "seed"]
    changed = [name for name in names if configuration.get(name) != wanted.get(name)]
    return f"This run has another {changed[0].replace('_', ' ')} than the lesson's." if changed else ""
