"""The calls about a run's life: made, listed, ordered, changed, deleted, restored. They ask the run's own thread."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Body, Query
from fastapi.responses import JSONResponse, Response

from engine import ConfigurationError, configure
from engine.training.configuration import merged
from server.api.dependencies import AllRuns, Limits, OneRun
from server.api.errors import REFUSALS
from server.api.models.bodies import JSONRoute
from server.api.models.requests import LAUNCH, RunChanges, RunRequest
from server.api.models.responses import MetricsRows, RunDescription
from server.api.opening.asking import asked, begun, described, saved
from server.api.opening.refusals import NotFoundError
from server.api.pages import read_rows
from server.messages import columns, finite
from server.runs.changes import of_training
from server.runs.limits import check_size
from server.runs.registry import Launch
from server.runs.run import Run
from server.storage.database import StorageError

MOST_ROWS = 100_000
"""Rows of one answer at the most; a client asks for the next with `since`."""

router = APIRouter(route_class=JSONRoute, prefix="/api/runs", responses=REFUSALS, tags=["runs"])


@router.post("", status_code=201, response_model=RunDescription)
async def create(request: Annotated[RunRequest, Body()], runs: AllRuns, settings: Limits) -> JSONResponse:
    """Make a run and start it, unless `start` is false; what is left out is as in the task's defaults."""
    said = request.model_dump(exclude_unset=True)
    launch = Launch(**{name: said.pop(name) for name in LAUNCH if name in said})
    configuration = configure(said, runs.folders)
    check_size(configuration, settings, runs.folders)
    run = await asyncio.to_thread(runs.create, configuration, launch)
    await begun(runs, [run])
    return await described(run, 201)


@router.get("/{id}", response_model=RunDescription)
async def get(run: OneRun) -> JSONResponse:
    """Give one run: its status, its whole configuration, and what it has reached."""
    return JSONResponse(finite(run.describe()))


@router.patch("/{id}", response_model=RunDescription)
async def change(run: OneRun, changes: RunChanges, settings: Limits) -> JSONResponse:
    """Change what may change while a run trains, between two steps: fields of its optimizer and data, its schedule,
    regularizer and batches, its steps, speed, name and note.
    """
    said = changes.model_dump(exclude_unset=True)
    most = settings.max_steps
    if said.get("steps", 0) > most:
        raise ConfigurationError("steps", f"steps must be at most {most:,} on this server, got {said['steps']:,}")
    if {"data", "batch_size", "batches_per_step"} & set(of_training(said)) and not run.state.imported:
        wanted = configure(merged(run.configuration.as_dict(), of_training(said)), run.folders)
        check_size(wanted, settings, run.folders)
    return await ordered(run, lambda run: run.tune(said))


@router.delete("/{id}", status_code=204, response_class=Response)
async def delete(run: OneRun, runs: AllRuns) -> None:
    """Stop a run and take it off the list; for some seconds it can be restored, unless it never took a step."""
    runs.delete(run)


@router.post("/{id}/restore", response_model=RunDescription)
async def restore(id: str, runs: AllRuns) -> JSONResponse:
    """Bring back a run that was deleted just now."""
    try:
        run = runs.restore(id)
    except KeyError:
        raise NotFoundError(f"there is no run {id[:60]!r} that was deleted just now") from None
    await asked(run, lambda: None)
    return await described(run)


@router.post("/{id}/pause", response_model=RunDescription)
async def pause(run: OneRun) -> JSONResponse:
    """Let a run wait between two steps; 409 where it does not train."""
    return await ordered(run, Run.pause)


@router.post("/{id}/resume", response_model=RunDescription)
async def resume(run: OneRun) -> JSONResponse:
    """Let a run train on, as soon as there is room; 409 where it does not wait."""
    return await ordered(run, Run.resume)


@router.post("/{id}/step", response_model=RunDescription)
async def step(run: OneRun) -> JSONResponse:
    """Do one step, and stay paused; 409 where the run does not wait."""
    return await ordered(run, Run.advance_once)


@router.post("/{id}/stop", response_model=RunDescription)
async def stop(run: OneRun) -> JSONResponse:
    """End a run's training; what was learned stays. 409 where it has ended already."""
    return await ordered(run, Run.stop)


@router.get("/{id}/metrics", response_model=MetricsRows)
async def metrics(
    run: OneRun, since: Annotated[int, Query(ge=0, description="the number of the first row that is wanted")] = 0
) -> JSONResponse:
    """Give the rows of the log from number `since` on, as columns; `next` is the number to go on with."""
    with suppress(StorageError):  # then what is on the disk is given all the same
        await saved(run)
    rows, end = await read_rows(run, since, MOST_ROWS)
    return JSONResponse({"since": since, "next": end, "columns": columns(rows)})


async def ordered(run: Run, order: Callable[[Run], None]) -> JSONResponse:
    """Give a run an order, and describe it when that is done."""
    await asked(run, lambda: order(run))
    return await described(run)
