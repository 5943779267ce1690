"""Everything on the page has its explanation, and every task a goal that it is known to reach."""

import ast
import re
from pathlib import Path
from string import Formatter

import pytest

import engine
from engine.hyperparameter import fields_of
from engine.layers import ReLU
from engine.tasks import TASKS
from engine.training.advice import CHOICES, FIELDS
from engine.training.catalog import CHOSEN_BY_NAME, catalog, explain, source_lines
from engine.training.configuration import Configuration
from engine.training.glossary import PICTURES, TERMS
from tests.benchmarks.reach import GOALS

CATALOG = catalog()
SENTENCE = 140
"""How long a sentence of an explanation may be."""
LINE = 90
"""How long a sentence of the headline may be."""
BY_NAME = [table for table in CHOSEN_BY_NAME if table != "tasks"]


@pytest.mark.parametrize("table", ["terms", "pictures", *BY_NAME])
def test_whatever_has_a_name_is_explained(table: str) -> None:
    for entry in CATALOG[table]:
        for sentence in (entry["help"], entry["advice"]):
            assert re.fullmatch(r"[A-Z0-9‖].*[.?]", sentence), (entry["name"], sentence)
            assert len(sentence) <= SENTENCE, (entry["name"], len(sentence))
        assert not entry["formula"].endswith((".", ":")), entry["name"]


def test_every_field_is_explained_and_no_advice_is_left_over() -> None:
    owners = [
        *(owner for table in CHOSEN_BY_NAME.values() for owner in table.values() if isinstance(owner, type)),
        Configuration,
    ]
    fields = {field.name: field.choice.help for owner in owners for field in fields_of(owner)}
    assert fields.keys() == FIELDS.keys() == CATALOG["advice"].keys()
    assert all(re.fullmatch(r"[A-Z].*[.?]", sentence) and len(sentence) <= SENTENCE for sentence in FIELDS.values())
    assert all(help and not help.endswith(".") for help in fields.values()), "the page makes a sentence of it"
    assert {name for table in BY_NAME for name in CHOSEN_BY_NAME[table]} == CHOICES.keys()


def test_every_picture_of_every_task_is_explained() -> None:
    assert {name for task in TASKS.values() for name in task.pictures} == PICTURES.keys()


def test_every_column_and_chart_of_the_log_is_a_term() -> None:
    named = {column["title"] for column in CATALOG["columns"] if column["chart"]}
    assert named | {column["chart"] for column in CATALOG["columns"] if column["chart"]} | {"step", "epoch"} <= TERMS.keys()


def test_a_docstring_is_taken_apart_as_it_stands_there() -> None:
    assert explain(ReLU)["help"] == "Positive numbers pass, negative ones become zero."
    assert explain(ReLU)["formula"] == "y = max(x, 0)\n∂y/∂x = 1 where x > 0, else 0 (also at 0)"
    assert explain(engine.Adam)["formula"].splitlines()[0] == "t ← t + 1"
    assert explain(engine.Conv2D)["formula"].startswith("    for n, i, j, f in")
    assert explain(engine.LazyAdam)["formula"] == explain(engine.Adam)["formula"], "the formula of what it is derived from"
    assert explain(engine.Flatten)["formula"] == "(N, H, W, C) → (N, H·W·C)"
    assert explain(engine.Masking)["formula"] == ""


def test_the_lines_of_a_thing_are_those_of_its_file() -> None:
    root = Path(engine.__file__).parents[1]
    things = [(table, name) for table in CHOSEN_BY_NAME for name in CHOSEN_BY_NAME[table]]
    things += [
        (kind, name) for kind, terms in (("terms", TERMS), ("pictures", PICTURES)) for name, t in terms.items() if t.lines
    ]
    for kind, name in [*things, ("run", "steps")]:
        found = source_lines(kind, name)
        assert found.path.startswith("engine/")
        lines = (root / found.path).read_text(encoding="utf-8").splitlines()[found.first - 1 :]
        assert [line.strip() for line in found.text.splitlines()] == [line.strip() for line in lines[: found.text.count("\n")]]
        assert isinstance(ast.parse(found.text).body[0], ast.ClassDef | ast.FunctionDef), name
    assert source_lines("optimizers", "Adam").text.count("self.beta2") >= 1


@pytest.mark.parametrize(
    ("kind", "name"),
    [("layers", "Nothing"), ("../server", "app"), ("terms", "speed"), ("run", "id"), ("pictures", "../..")],
)
def test_nothing_else_is_shown(kind: str, name: str) -> None:
    with pytest.raises(KeyError):
        source_lines(kind, name)


@pytest.mark.parametrize("name", TASKS)
def test_a_task_says_in_a_line_what_to_notice_and_what_was_learned(name: str) -> None:
    task = TASKS[name]
    fields = {field.name for field in fields_of(task)}
    filled_with = {name for _, name, _, _ in Formatter().parse(task.goal.learned) if name}
    assert {"value"} <= filled_with <= {"value", "unseen"} | fields
    filled = dict.fromkeys(fields, "three")
    value = "100.0 %" if task.goal.is_share else "0.00123"
    said = task.goal.learned.format(**filled, value=value, unseen="it never saw")
    for sentence in (task.summary, said):
        assert re.fullmatch(r"[A-Z0-9].*[.?]", sentence), sentence
        assert len(sentence) <= LINE, (len(sentence), sentence)


@pytest.mark.parametrize("goal", [g for g in GOALS if g.value and not g.preset], ids=lambda goal: goal.key)
def test_a_task_counts_as_learned_where_its_defaults_are_known_to_come(goal: object) -> None:
    task = TASKS[goal.task]  # type: ignore[attr-defined]
    if task.name == "text":
        assert (task.goal.column, task.goal.reached) == ("test_accuracy", 0.36), "by heart is not learned"
        return
    assert (task.goal.column, task.goal.reached) == (goal.column, goal.value)  # type: ignore[attr-defined]


def test_what_was_learned_is_lost_only_when_it_is_clearly_worse() -> None:
    for task in TASKS.values():
        gap = task.goal.reached - task.goal.lost
        assert gap > 0.01 if task.goal.is_share else gap < 0, task.name
