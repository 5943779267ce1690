"""The calls about one step: the walk through it, its arrays, one of their cells, the lines that ran, a weight that is moved."""

import asyncio
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse
from starlette.requests import HTTPConnection

from engine import ConfigurationError
from engine.explain.array_part import Window
from engine.explain.one_step import OneStep
from engine.training.configuration import MOST_STEPS
from server.api.dependencies import OneRun
from server.api.errors import REFUSALS
from server.api.models.bodies import JSONRoute
from server.api.models.one_step import ArrayWindow, Cell, Code, Nudged, NudgeRequest, ParameterHistory, Walk
from server.api.opening.refusals import NotFoundError, no_snapshot
from server.history import glass_box
from server.history.one_step import Opened, OpenedSteps
from server.runs.run import Run

AT_ONCE = 2
"""How many threads look into steps at once; the others are for all else that a server has to do."""


class GlassBox:
    """What is open of all runs, and who may look at once."""

    def __init__(self) -> None:
        self.steps, self.turn = OpenedSteps(), asyncio.Semaphore(AT_ONCE)

    async def ask(
        self,
        run: Run,
        step: int | None,
        question: Callable[[Opened], dict[str, Any]],
        more: Callable[[OneStep], dict[str, Any]] = lambda _: {},
    ) -> JSONResponse:
        """Have a thread answer; what takes `more` time than a look holds up nobody else who asks about this run.

        Raises NotFoundError where there is no such step.
        """

        def answer() -> JSONResponse:
            found, done = self.steps.ask(run, step, lambda opened: (question(opened), opened.walk.step))
            return JSONResponse(found | more(done))

        async with self.turn:
            try:
                return await asyncio.to_thread(answer)
            except (KeyError, FileNotFoundError):
                raise NotFoundError("the history has no snapshot yet") if step is None else no_snapshot(step) from None


async def glass_box_of(connection: HTTPConnection) -> GlassBox:
    """Give what is open."""
    found: GlassBox = connection.app.state.glass_box
    return found


Box = Annotated[GlassBox, Depends(glass_box_of)]
Step = Annotated[
    int | None, Query(ge=0, le=MOST_STEPS, description="the snapshot after which the step is done again; none: the newest")
]
Example = Annotated[
    int | None, Query(ge=0, le=1 << 31, description="a row of the step's batch; none: one that is not all near 0")
]
ExampleOf = Annotated[
    int | None, Query(ge=0, le=1 << 31, description="a place in the training data, followed where it is in the batch")
]
StopId = Annotated[str, Query(max_length=40, description='as in "0.forward", "loss", "2.backward", "update"')]
Symbol = Annotated[str, Query(max_length=80, description="a quantity of the stop")]

router = APIRouter(route_class=JSONRoute, prefix="/api/runs/{id}/one_step", responses=REFUSALS, tags=["glass box"])


@router.get("", response_model=Walk, response_model_exclude_unset=True)
async def walk(run: OneRun, box: Box, step: Step = None, example: Example = None, example_of: ExampleOf = None) -> JSONResponse:
    """Do a step again, and give all stops on the way through it, for one example of its batch."""
    return await box.ask(run, step, lambda opened: glass_box.walk_of(opened, example, example_of))


@router.get("/array", response_model=ArrayWindow)
async def array(
    run: OneRun,
    box: Box,
    stop: StopId,
    symbol: Symbol,
    step: Step = None,
    example: Annotated[str, Query(max_length=12, description='a row of the batch, or "all" for the whole batch')] = "0",
    window: Annotated[str | None, Query(max_length=120, description="ranges as 0:8,4:12, one for each axis")] = None,
) -> JSONResponse:
    """Give a part of an array of a stop: of this example's, and of a large one also an overview."""
    row, part = None if example == "all" else whole("example", example), None if window is None else ranges(window)
    return await box.ask(run, step, lambda opened: glass_box.array_of(opened, stop, symbol, row, part))


@router.get("/cell", response_model=Cell)
async def cell(
    run: OneRun,
    box: Box,
    stop: StopId,
    symbol: Symbol,
    index: Annotated[str, Query(max_length=120, description="whole numbers as 3,5; empty for a single number")] = "",
    step: Step = None,
    example: Annotated[int, Query(ge=0, le=1 << 31, description="whose cells a parameter goes to")] = 0,
) -> JSONResponse:
    """Open one number into those that it was made from."""
    place = tuple(whole("index", i) for i in index.split(",")) if index else ()
    return await box.ask(run, step, lambda opened: glass_box.cell_of(opened, stop, symbol, place, example))


@router.get("/code", response_model=Code)
async def code(run: OneRun, box: Box, stop: StopId, step: Step = None) -> JSONResponse:
    """Give the engine's own lines that ran at a stop."""
    return await box.ask(run, step, lambda opened: glass_box.code_of(opened, stop))


@router.get("/parameter", response_model=ParameterHistory)
async def parameter(
    run: OneRun, box: Box, k: Annotated[int, Query(ge=0, le=1 << 40, description="a number of theta")], step: Step = None
) -> JSONResponse:
    """Follow one parameter from the gradient of the loss to its new value, and through the steps before."""

    def chain(opened: Opened) -> dict[str, Any]:
        return glass_box.chain_of(opened, k)

    return await box.ask(run, step, chain, lambda done: glass_box.past_told(done, run, k))


@router.post("/nudge", response_model=Nudged)
async def nudge(run: OneRun, box: Box, body: NudgeRequest) -> JSONResponse:
    """Move one weight a little to both sides, and compare how the loss changes with what back-propagation says."""
    place = tuple(body.index)
    return await box.ask(run, body.step, lambda opened: glass_box.nudge_of(opened, body.position, body.name, place))


def whole(field: str, text: str) -> int:
    """Read a whole number from 0 on. Raises ConfigurationError."""
    if not (text.isascii() and text.isdecimal()):
        raise ConfigurationError(field, f"{field} must be of whole numbers from 0 on, got {text[:40]!r}")
    return int(text)


def ranges(text: str) -> Window:
    """Read r0:r1,c0:c1. Raises ConfigurationError."""
    parts = [part.split(":") for part in text.split(",")]
    if any(len(part) != 2 for part in parts):
        raise ConfigurationError("window", f"window must be ranges as 0:8,4:12, got {text[:40]!r}")
    return tuple((whole("window", first), whole("window", end)) for first, end in parts)
