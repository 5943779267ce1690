"""The calls of a class: the teacher opens it with a lesson and sees who has reached what; students join and report."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path
from fastapi.responses import JSONResponse, Response
from pydantic import Field
from starlette.requests import HTTPConnection

from server.api.dependencies import AllRuns, ViewOnly
from server.api.errors import REFUSALS
from server.api.models.bodies import JSONRoute
from server.api.models.fields import Strict
from server.api.models.responses import Answer
from server.api.opening.refusals import NotFoundError
from server.api.teaching.lessons import GoalAnswer, LessonText, Number, RunId, judged
from server.lessons.classroom import Classroom
from server.runs.registry import TooManyError


class NewStudent(Strict):
    """Who joins."""

    name: Annotated[str, Field(max_length=200, description="the name in the table of the class")]


class Report(Strict):
    """That a student may have reached a goal; the server looks itself."""

    key: Annotated[str, Field(max_length=64, description="what joining gave")]
    step: Number
    run: RunId
    other: Annotated[RunId | None, Field(description="the run of the earlier step that it is compared with")] = None


class Reached(Answer):
    """A goal that was reached, and at which step of the run."""

    step: int
    at: int


class StudentRow(Answer):
    """A row of the teacher's table; seconds since he was heard of."""

    number: int
    name: str
    reached: list[Reached]
    seconds: float


class Class(Answer):
    """The class: the lesson's file, null where there is none; who is there stands in the teacher's answer alone."""

    key: str
    title: str
    steps: int
    text: str | None
    students: list[StudentRow]


class Joined(Answer):
    """By which secret a student reports, and the class that it belongs to."""

    key: str
    number: int
    name: str


async def classroom(connection: HTTPConnection) -> Classroom:
    """Give the class."""
    found: Classroom = connection.app.state.classroom
    return found


TheClass = Annotated[Classroom, Depends(classroom)]
router = APIRouter(route_class=JSONRoute, prefix="/api/class", responses=REFUSALS, tags=["lessons"])


@router.get("", response_model=Class)
async def get_class(room: TheClass, view_only: ViewOnly) -> JSONResponse:
    """Give the class and its lesson; the teacher sees who has reached what."""
    return JSONResponse(described(room, view_only))


def described(room: Classroom, view_only: bool) -> dict[str, object]:
    """Say what whoever asks may know."""
    lesson = room.lesson
    return {
        "key": room.key,
        "title": lesson.title if lesson else "",
        "steps": len(lesson.steps) if lesson else 0,
        "text": room.text if lesson else None,
        "students": [] if view_only else room.table(),
    }


@router.put("", response_model=Class)
async def open_class(body: LessonText, room: TheClass) -> JSONResponse:
    """Open the class with a lesson; whoever was in the one before is out."""
    room.open(body.text)
    return JSONResponse(described(room, False))


@router.delete("", status_code=204)
async def close_class(room: TheClass) -> Response:
    """Close the class: names and goals are forgotten."""
    room.close()
    return Response(status_code=204)


@router.post("/students", status_code=201, response_model=Joined)
async def join(body: NewStudent, room: TheClass) -> JSONResponse:
    """Join the class by a name; two may have the same."""
    if room.lesson is None:
        raise NotFoundError("there is no class now; the teacher opens it from the lesson")
    if room.full:
        raise TooManyError("the class is full")
    secret, student = room.join(body.name)
    return JSONResponse({"key": secret, "number": student.number, "name": student.name}, 201)


@router.delete("/students/{number}", status_code=204)
async def remove(number: Annotated[int, Path(description="the number in the table")], room: TheClass) -> Response:
    """Take a student out of the class."""
    try:
        room.remove(number)
    except KeyError:
        raise NotFoundError(f"there is no student {number} in the class") from None
    return Response(status_code=204)


@router.post("/goals", response_model=GoalAnswer)
async def report(body: Report, room: TheClass, runs: AllRuns) -> JSONResponse:
    """Hear that a goal may have been reached, and look whether it was: it is noted by the run's own rows alone."""
    try:
        student = room.student(body.key)
    except KeyError:
        raise NotFoundError("you are not in the class any more: join it again") from None
    assert room.lesson is not None, "a class without a lesson has no students"
    verdict = await judged(room.lesson, body.step, runs, body.run, body.other)
    if verdict.reached is not None:
        student.reached.setdefault(body.step, verdict.reached)
    return JSONResponse(vars(verdict))
