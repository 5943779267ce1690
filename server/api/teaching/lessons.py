"""The calls of lessons: those in the box, one that a person brings, and whether a run has reached a step's goal."""

import asyncio
from contextlib import suppress
from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi.responses import JSONResponse
from pydantic import ConfigDict, Field

from engine import ConfigurationError
from server import messages
from server.api.dependencies import AllRuns
from server.api.errors import REFUSALS
from server.api.models.bodies import JSONRoute
from server.api.models.fields import Strict
from server.api.models.responses import Answer
from server.api.opening.asking import saved
from server.api.opening.refusals import NotFoundError
from server.api.pages import read_rows
from server.lessons.goals import Verdict, Watched, judge
from server.lessons.lesson_file import LONGEST, MOST_STEPS, Lesson, boxed, read_lesson
from server.runs.registry import Registry
from server.runs.run import Run
from server.storage.database import StorageError

MOST_ROWS = 100_000
RunId = Annotated[str, Field(max_length=60, description="a run's id")]
Number = Annotated[int, Field(ge=1, le=MOST_STEPS, description="a step of the lesson, counted from 1")]


class LessonText(Strict):
    """A lesson that a person brings."""

    text: Annotated[str, Field(max_length=LONGEST, description="the lesson's file")]


class GoalRequest(Strict):
    """Which goal, and by which run: of the lesson with this name, or with this text."""

    name: Annotated[str | None, Field(max_length=60, description="a lesson in the box")] = None
    text: Annotated[str | None, Field(max_length=LONGEST, description="a lesson's file")] = None
    step: Number
    run: RunId
    other: Annotated[RunId | None, Field(description="the run of the earlier step that it is compared with")] = None


class LessonEntry(Answer):
    """A lesson in the box."""

    name: str
    title: str
    summary: str
    minutes: int
    steps: int


class LessonAnswer(Answer):
    """A lesson: its file, and what stands in it."""

    model_config = ConfigDict(extra="forbid")

    name: str | None
    text: str
    lesson: dict[str, Any]


class GoalAnswer(Answer):
    """At which step of the run the goal was reached; else what is missing, where that can be said; and the best value."""

    reached: int | None
    words: str
    best: float | None


router = APIRouter(route_class=JSONRoute, prefix="/api/lessons", responses=REFUSALS, tags=["lessons"])


@router.get("", response_model=list[LessonEntry])
async def lessons() -> JSONResponse:
    """List the lessons in the box."""
    found = {name: read_lesson(text) for name, text in (await asyncio.to_thread(boxed)).items()}
    return JSONResponse(
        [
            {"name": name, "title": one.title, "summary": one.summary, "minutes": one.minutes, "steps": len(one.steps)}
            for name, one in found.items()
        ]
    )


@router.get("/{name}", response_model=LessonAnswer)
async def lesson(name: Annotated[str, Path(description="its name", max_length=60)]) -> JSONResponse:
    """Give a lesson in the box."""
    text = text_of(name)
    return JSONResponse({"name": name, "text": text, "lesson": read_lesson(text).as_dict()})


@router.post("/read", response_model=LessonAnswer)
async def read(body: LessonText) -> JSONResponse:
    """Read a lesson's file; a refusal names line and field."""
    return JSONResponse({"name": None, "text": body.text, "lesson": read_lesson(body.text).as_dict()})


@router.post("/goal", response_model=GoalAnswer)
async def goal(body: GoalRequest, runs: AllRuns) -> JSONResponse:
    """Say whether a run has reached a step's goal: by the run's own rows, its configuration and what the doctor found."""
    if (body.name is None) == (body.text is None):
        raise ConfigurationError("name", "say the lesson's name, or its text")
    asked = read_lesson(text_of(body.name) if body.name is not None else body.text or "")
    return JSONResponse(vars(await judged(asked, body.step, runs, body.run, body.other)))


def text_of(name: str) -> str:
    """Give a lesson's file. Raises NotFoundError."""
    try:
        return boxed()[name]
    except KeyError:
        raise NotFoundError(f"there is no lesson {name[:60]!r}") from None


async def judged(lesson: Lesson, step: int, runs: Registry, id: str, other_id: str | None) -> Verdict:
    """Judge a run; an earlier one that is not there any more is trained once more. Raises ConfigurationError."""
    if step > len(lesson.steps):
        raise ConfigurationError("step", f"the lesson has {len(lesson.steps)} steps; this is step {step}")
    try:
        run = runs.get(id)
    except KeyError:
        raise ConfigurationError("run", f"there is no run {id!r} any more: train again") from None
    other = None
    with suppress(KeyError):
        other = runs.get(other_id) if other_id is not None else None
    goal = lesson.steps[step - 1].goal
    by_cause = goal is not None and goal.cause is not None
    return judge(lesson, step, await watched(run, by_cause), await watched(other, False) if other is not None else None)


async def watched(run: Run, with_findings: bool) -> Watched:
    """Read what a goal is judged by; what was not written yet counts a moment later."""
    with suppress(StorageError):
        await saved(run)
    rows, _ = await read_rows(run, 0, MOST_ROWS)
    found: list[tuple[int, list[str]]] = []
    if with_findings:
        with suppress(ValueError, StorageError):
            log = await asyncio.to_thread(run.diagnosis.log)
            found = [(entry["step"], [one["cause"] for one in entry["findings"]]) for entry in log]
    return Watched(run.configuration.as_dict(), messages.columns(rows), found)
