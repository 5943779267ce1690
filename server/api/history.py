"""The calls about a run's history: its snapshots, how it looked then, and a new run that goes on from one."""

import asyncio
import json
from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from fastapi.responses import JSONResponse, Response

from engine import Configuration, ConfigurationError, Training, configure
from engine.data.datasets import NotHereError
from engine.explain.finding import apply
from engine.training import checkpoint
from engine.training.configuration import MOST_STEPS, merged
from server.api.dependencies import AllRuns, Histories, Limits, OneRun, Renderer
from server.api.errors import REFUSALS
from server.api.models.bodies import JSONRoute
from server.api.models.requests import LONGEST_NAME, Fork, Treatment, checked_request
from server.api.models.responses import PICTURE, PICTURES, Findings, Group, History, RunDescription
from server.api.opening.asking import begun, described
from server.api.opening.refusals import no_snapshot
from server.history.snapshots import last_sound
from server.messages import MOST_PICTURES, finite, joined
from server.runs.groups import cure, with_runs
from server.runs.limits import check_size
from server.runs.registry import Launch, Registry
from server.runs.run import ConflictError, Run
from server.runs.status import ACTIVE
from server.settings import Settings
from server.storage.database import StorageError

Names = Annotated[list[str], Query(max_length=MOST_PICTURES, description='pictures, as in "feature maps/7"')]
Step = Annotated[int, Path(ge=0, le=MOST_STEPS, description="a step; the nearest snapshot answers")]

OF_THE_START = ("task", "network", "data", "seed", "data_seed")
"""What a run has from its first step on: where a remedy changes it, the new run begins there."""

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
    """Make a run that goes on from a snapshot of this one or from where it is now, with other choices where they are given,
    and with what was done to its network by hand: a weight set, a neuron silenced, a layer frozen or begun anew.
    """
    run = await asyncio.to_thread(forked, runs, parent, body, settings)
    await begun(runs, [run])
    return await described(run, 201)


def forked(runs: Registry, parent: Run, body: Fork, settings: Settings) -> Run:
    """Make that run. Raises NotFoundError, ConflictError, ConfigurationError, TooManyError, OSError."""
    step = parent.ask(parent.keep_snapshot).result() if body.step is None else body.step
    if step not in parent.checkpoints.steps():
        raise no_snapshot(step)
    edits = [edit.model_dump() for edit in body.edits]
    before, training = at_snapshot(parent, step, body.changes, settings, edits)
    return runs.fork(parent, before, training, Launch(body.name, body.note, body.speed, body.start), edits=edits)


def at_snapshot(
    parent: Run, step: int, changes: dict[str, Any], settings: Settings, edits: Sequence[dict[str, Any]] = ()
) -> tuple[Configuration, Training]:
    """Give a run's configuration at one of its snapshots, and a training that goes on from there with other choices."""
    try:
        data = parent.checkpoints.read(step)
        before = checkpoint.configuration_of(data)
    except (KeyError, ValueError) as error:
        raise ConflictError(f"the snapshot of step {step:,} cannot be read: {error}") from error
    checked = checked_request(json.loads(json.dumps(merged(before.as_dict(), changes))))
    check_size(checkpoint.plan_fork(data, checked, parent.folders), settings, parent.folders)
    return before, checkpoint.fork(data, checked, parent.folders, edits)


@router.get("/findings", response_model=list[Findings])
async def findings(run: OneRun) -> JSONResponse:
    """Give what was found of a run, after each step at which that changed, in order."""
    if (saved := run.diagnosis.saved) is not None:
        with suppress(StorageError):  # then what is on the disk is given all the same
            await asyncio.wrap_future(saved)
    try:
        return JSONResponse(await asyncio.to_thread(run.diagnosis.log))
    except ValueError as error:
        raise ConflictError(f"what was found of it cannot be read: {error}") from error


@router.post("/remedy", status_code=201, response_model=Group)
async def remedy(ill: OneRun, body: Treatment, runs: AllRuns, settings: Limits) -> JSONResponse:
    """Make a run in which a remedy is tried: it trains beside this one, as a race of two, from the last snapshot before the
    trouble, or from the first step where it needs another start. 409 where that is not found any more.
    """
    run = await asyncio.to_thread(treated, runs, ill, body, settings)
    await begun(runs, [run])
    return JSONResponse(finite(with_runs([ill, run])), 201)


def treated(runs: Registry, ill: Run, body: Treatment, settings: Settings) -> Run:
    """Make that run. Raises ConflictError, ConfigurationError, TooManyError, OSError."""
    found = {finding["cause"]: finding for finding in ill.diagnosis.now.found}
    if (finding := found.get(body.finding)) is None:
        raise ConflictError(f"{body.finding} is not found in this run any more; now it is: {', '.join(found) or 'nothing'}")
    if body.remedy >= len(finding["remedies"]):
        there = len(finding["remedies"])
        words = f"must be 0 to {there - 1}" if there else f"cannot be chosen: there is none for {body.finding}"
        raise ConfigurationError("remedy", f"remedy {words}, got {body.remedy}")
    chosen = finding["remedies"][body.remedy]
    now, state = ill.configuration.as_dict(), cure(ill, body.finding, chosen["title"])
    try:
        wanted = apply(now, chosen["changes"])
    except KeyError as error:  # the run was changed meanwhile
        raise ConflictError(f"“{chosen['title']}” does not fit this run any more: {error.args[0]}") from error
    launch = Launch(chosen["title"][:LONGEST_NAME], speed=ill.speed, start=ill.status in ACTIVE or ill.step > 0)
    anew = any(wanted[part] != now[part] for part in OF_THE_START)
    if not anew and (step := last_sound(ill, finding["since"])) is not None:
        return runs.fork(ill, *at_snapshot(ill, step, wanted, settings), launch, state)
    configuration = configure(checked_request(json.loads(json.dumps(wanted))), ill.folders)
    check_size(configuration, settings, ill.folders)
    return runs.create_all([(configuration, state)], launch)[0]
