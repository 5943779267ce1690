"""A lesson's file: what it holds, and which line and field a refusal names."""

import re
from pathlib import Path

import pytest

from server.lessons.lesson_file import PARTS, LessonError, boxed, read_lesson

GOOD = """+++
title = "A lesson"
summary = "Short."
+++
+++
title = "First"
lock = ["data"]
question = {ask = "What?", choices = ["a", "b"], answer = 2}
goal = {metric = "loss", at_most = 0.4, within = 100, neurons = 3}

[settings]
task = "sine"
optimizer = {name = "SGD", learning_rate = 0.01}
+++
Look at [the curves](curves), **now**, and at [the rate](optimizer.learning_rate).
+++
title = "Second"
goal = {metric = "loss", below = 1}
+++
<script>alert(1)</script>
"""


def test_a_lesson_is_read() -> None:
    lesson = read_lesson(GOOD)
    assert (lesson.title, lesson.summary, lesson.minutes, len(lesson.steps)) == ("A lesson", "Short.", 10, 2)
    first, second = lesson.steps
    assert (first.lock, first.hide, first.settings["task"]) == (["data"], [], "sine")
    assert first.question is not None and first.question.choices == ["a", "b"] and first.question.answer == 2
    assert first.goal is not None and (first.goal.at_most, first.goal.within, first.goal.neurons) == (0.4, 100, 3)
    assert second.goal is not None and second.goal.below == 1
    assert second.text == "<script>alert(1)</script>", "text is handed on as it is; the page never reads it as HTML"
    assert read_lesson(GOOD.replace("\n", "\r\n")).steps[0].title == "First"


WRONG = [
    ("", 1, "", "begins with a line"),
    (GOOD.replace('summary = "Short."', "summary = 3"), 3, "summary", "should be text; this is 3"),
    (GOOD.replace('title = "A lesson"\n', ""), 1, "title", "is missing"),
    (GOOD.replace('"A lesson"', '" "'), 2, "title", "is empty"),
    (GOOD.replace('"Second"', '""'), 17, "step 2: title", "is empty"),
    (
        GOOD.replace('"loss", at_most = 0.4', '"test_accuracy", at_least = 95'),
        9,
        "step 1: goal.at_least",
        "as 0.95 for 95 %",
    ),
    (GOOD.replace("at_most = 0.4", "at_most = 0.4, at_least = 0.5"), 9, "step 1: goal.at_least", "nothing is between them"),
    (GOOD.replace("within = 100", "within = 100, after = 200"), 9, "step 1: goal.after", "200 and 100"),
    (GOOD.replace("lock =", "lokc ="), 7, "step 1: lokc", "is unknown"),
    (GOOD.replace('["data"]', '["dada"]'), 7, "step 1: lock", "there is no part 'dada'"),
    (GOOD.replace("answer = 2", "answer = 3"), 8, "step 1: question.answer", "1 to 2; this is 3"),
    (GOOD.replace("at_most = 0.4, ", ""), 9, "step 1: goal.metric", "needs at_least or at_most"),
    (GOOD.replace("at_most = 0.4", "at_most = nan"), 9, "step 1: goal.at_most", "should be a number"),
    (GOOD.replace("at_most = 0.4", "at_most = true"), 9, "step 1: goal.at_most", "should be a number"),
    (GOOD.replace('"loss", at', '"lass", at'), 9, "step 1: goal.metric", "is no column: 'lass'"),
    (GOOD.replace("neurons = 3", "neurons = -1"), 9, "step 1: goal.neurons", "at least 0"),
    (GOOD.replace("0.01}", "-1.0}"), 11, "step 1: settings.optimizer.learning_rate", "-1.0"),
    (GOOD.replace('task = "sine"', 'task = "sign"'), 11, "step 1: settings", "have a task"),
    (GOOD.replace('task = "sine"', 'task = "sine"\nstpes = 3'), 11, "step 1: settings", "no 'stpes'"),
    (GOOD.replace('task = "sine"', 'task = "sine'), 12, "", "no TOML"),
    (GOOD.replace("(curves)", "(kurven)"), 15, "step 1: text", "no such thing to light up: 'kurven'"),
    (GOOD.replace("below = 1", "below = 2"), 18, "step 2: goal.below", "an earlier step; this is 2"),
    (GOOD + "+++\ntitle = 'x'\n", 21, "", "has no second one"),
    (GOOD + "x" * 60_000, 1, "", "60,000 characters"),
    (GOOD + "+++\ntitle = 'x'\n+++\n" * 20, 1, "", "20 steps"),
]


@pytest.mark.parametrize(("text", "line", "field", "words"), WRONG)
def test_a_refusal_names_line_and_field(text: str, line: int, field: str, words: str) -> None:
    with pytest.raises(LessonError) as refused:
        read_lesson(text)
    assert (refused.value.line, refused.value.field) == (line, field or "lesson"), str(refused.value)
    assert words in str(refused.value)
    assert str(refused.value).startswith(f"Line {line}")


def test_the_box_holds_lessons_that_can_be_read_and_short_texts() -> None:
    assert len(boxed()) == 15
    for name, text in boxed().items():
        lesson = read_lesson(text)
        assert re.fullmatch(r"[a-z0-9-]+", name)
        assert lesson.title and lesson.summary and lesson.steps
        assert all(step.text and len(step.text.split()) < 90 for step in lesson.steps), name
        assert all(step.goal for step in lesson.steps), name


def test_the_page_and_the_server_have_the_same_parts() -> None:
    page = (Path(__file__).parents[3] / "frontend/state/parts.js").read_text(encoding="utf-8")
    assert re.findall(r"^  (\w+): \{ words:", page, re.MULTILINE) == [*PARTS]
