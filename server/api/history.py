"""The calls about a run's history: its snapshots, how it looked then, and a new run that goes on from one."""

import asyncio
import json
from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import JSONResponse, Response

from engine.data.datasets import NotHereError
from engine.training import checkpoint
from engine.training.configuration import MOST_STEPS, merged
from server.api.dependencies import AllRuns, Histories, Limits, OneRun, Renderer, begun
from server.api.errors import REFUSALS, NotFoundError
from server.api.models.bodies import JSONRoute
from server.api.models.requests import Fork, checked_request
from server.api.models.responses import PICTURE, PICTURES, History, RunDescription
from server.api.runs import described
from server.messages import MOST_PICTURES, joined
from server.runs.limits import check_size
from server.runs.registry import Launch, Registry
from server.runs.run import ConflictError, Run
from server.settings import Settings

Names = Annotated[list[str], Query(max_length=MOST_PICTURES, description='pictures, as in "feature maps/7"')]
Step = Annotated[int, Path(ge=0, le=MOST_STEPS, description="a step; the nearest snapshot answers")]

router = APIRouter(route_class=JSONRoute, prefix="/api/runs/{id}", responses=REFUSALS, tags=["history"])


@router.get("/history", response_model=History)
@router.get("/film", response_model=History, deprecated=True)
async def history(run: OneRun) -> JSONResponse:
    """Give the steps of a run's snapshots, in order, and where its optimizer was changed."""
    steps = await asyncio.to_thread(run.checkpoints.steps)
    return JSONResponse({"steps": steps, "changes": run.state.as_dict()["changes"]})


@router.get("/history/examples", response_class=Response, responses=PICTURE)
@router.get("/stories", response_class=Response, responses=PICTURE, deprecated=True)
async def example_history(run: OneRun, histories: Histories) -> Response:
    """Tell when each example was learned and forgotten: a packed picture, as on the stream."""
    try:
        frame = await asyncio.to_thread(histories.frame, run)
    except (ValueError, NotHereError) as error:
        raise ConflictError(f"the history cannot be read: {error}") from error
    return Response(frame, media_type="application/octet-stream")


@router.get("/history/{step}", response_class=Response, responses=PICTURES)
@router.get("/film/{step}", response_class=Response, responses=PICTURES, deprecated=True)
async def snapshot(run: OneRun, step: Step, names: Names, renderer: Renderer) -> Response:
    """Give pictures of the snapshot nearest to a step; each says of which."""
    try:
        frames = await asyncio.to_thread(renderer.pictures, run, step, names)
    except (KeyError, FileNotFoundError):
        raise no_snapshot(step) from None
    except (ValueError, NotHereError) as error:
        raise ConflictError(f"the snapshot of step {step:,} cannot be read: {error}") from error
    return Response(joined(frames), media_type="application/octet-stream")


@router.post("/fork", status_code=201, response_model=RunDescription)
async def fork(parent: OneRun, body: Fork, runs: AllRuns, settings: Limits) -> JSONResponse:
    """Make a run that goes on from a snapshot of this one, with other choices where they are given."""
    run = await asyncio.to_thread(forked, runs, parent, body, settings)
    await begun(runs, [run])
    return await described(run, 201)


def forked(runs: Registry, parent: Run, body: Fork, settings: Settings) -> Run:
    """Make that run. Raises NotFoundError, ConflictError, ConfigurationError, TooManyError, OSError."""
    if body.step not in parent.checkpoints.steps():
        raise no_snapshot(body.step)
    try:
        data = parent.checkpoints.read(body.step)
        before = checkpoint.configuration_of(data)
    except (KeyError, ValueError) as error:
        raise ConflictError(f"the snapshot of step {body.step:,} cannot be read: {error}") from error
    checked = checked_request(json.loads(json.dumps(merged(before.as_dict(), body.changes))))
    check_size(checkpoint.plan_fork(data, checked, parent.folders), settings, parent.folders)
    training = checkpoint.fork(data, checked, parent.folders)
    return runs.fork(parent, before, training, Launch(body.name, body.note, body.speed, body.start))


def no_snapshot(step: int) -> NotFoundError:
    """Say that the run has no snapshot of this step, or not any more."""
    return NotFoundError(f"the history has no snapshot of step {step:,}; GET history lists those it has")
