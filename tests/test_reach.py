"""What README and docstrings say a task reaches is what the last run of tests/benchmarks/reach.py has recorded."""

import inspect
import re

import pytest

from engine.tasks import TASKS
from tests.benchmarks.reach import BEGIN, END, GOALS, README, Goal, read, table

CLAIM = r"\d %|\babout [\d,]+ steps|\bat best\b|\bs on \w+ cores?\b|\bdefaults reach\b"
"""What in a docstring needs a record; a task that claims nothing needs none."""
RECORDS = read()


def test_every_goal_has_been_met() -> None:
    assert list(RECORDS) == [goal.key for goal in GOALS]
    missed = [goal.key for goal in GOALS if goal.value is not None and not goal.is_met(RECORDS[goal.key]["value"])]
    assert not missed


def test_the_readme_shows_the_record() -> None:
    [shown] = re.findall(f"{BEGIN}\n(.*?)\n{END}", README.read_text(encoding="utf-8"), re.DOTALL)
    assert shown == table(RECORDS)


@pytest.mark.parametrize("goal", GOALS, ids=lambda goal: goal.key)
def test_a_tasks_docstring_says_the_record(goal: Goal) -> None:
    assert goal.sentence(RECORDS[goal.key]) in " ".join(inspect.cleandoc(TASKS[goal.task].__doc__ or "").split())


@pytest.mark.parametrize("name", TASKS)
def test_a_tasks_docstring_claims_nothing_else(name: str) -> None:
    said = " ".join(inspect.cleandoc(TASKS[name].__doc__ or "").split())
    for goal in GOALS:
        if goal.task == name:
            said = said.replace(goal.sentence(RECORDS[goal.key]), "")
    assert not re.search(CLAIM, said), said


def test_a_presets_title_says_its_own_steps() -> None:
    for task in TASKS.values():
        for title, preset in task.presets.items():
            for steps in re.findall(r"([\d,]+) steps", title):
                assert preset["steps"] == int(steps.replace(",", "")), title
