"""The calls about races and sweeps: make all their runs or none, order them together, take their rows away."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response

from engine import Configuration, DataFolders, configure
from server.api.dependencies import AllRuns, Limits, OneGroup, begun
from server.api.errors import REFUSALS
from server.api.models.bodies import JSONRoute
from server.api.models.requests import LAUNCH, GroupRequest, checked_request
from server.api.models.responses import Group, GroupEntry, file
from server.history.exports import group_csv
from server.messages import finite
from server.runs.groups import combinations, described, groups, memberships, new_group, with_values
from server.runs.limits import check_size
from server.runs.registry import Launch
from server.runs.run import ConflictError, Run
from server.runs.state import RunState
from server.settings import RACERS, Settings

router = APIRouter(route_class=JSONRoute, prefix="/api/groups", responses=REFUSALS, tags=["groups"])


@router.post("", status_code=201, response_model=Group)
async def create(body: GroupRequest, runs: AllRuns, settings: Limits) -> JSONResponse:
    """Make all runs of a race or a sweep, or none of them."""
    wanted = await asyncio.to_thread(planned, body, settings, runs.folders)
    made = await asyncio.to_thread(runs.create_all, wanted, Launch(speed=body.speed, start=body.start))
    await begun(runs, made)
    return JSONResponse(finite(told(made)), 201)


@router.get("", response_model=list[GroupEntry])
async def every(runs: AllRuns) -> JSONResponse:
    """Give all races and sweeps, oldest first, each with the ids of its runs."""
    return JSONResponse(finite(groups(runs.all())))


@router.get("/{id}", response_model=Group)
async def get(runs: OneGroup) -> JSONResponse:
    """Give one race or sweep, with its runs."""
    return JSONResponse(finite(told(runs)))


@router.delete("/{id}", status_code=204, response_class=Response)
async def delete(id: str, members: OneGroup, runs: AllRuns) -> None:
    """Delete all runs of a race or sweep; each can be restored for a while. One that another run was to cure stays."""
    for run in members:
        if run.state.group and run.state.group.id == id:
            runs.delete(run)


@router.post("/{id}/pause", response_model=Group)
async def pause(runs: OneGroup) -> JSONResponse:
    """Let all runs that train wait."""
    return await ordered(runs, Run.pause)


@router.post("/{id}/resume", response_model=Group)
async def resume(runs: OneGroup) -> JSONResponse:
    """Let all runs that wait train on."""
    return await ordered(runs, Run.resume)


@router.post("/{id}/stop", response_model=Group)
async def stop(runs: OneGroup) -> JSONResponse:
    """End the training of all runs that have not ended."""
    return await ordered(runs, Run.stop)


@router.get("/{id}/export/metrics.csv", response_class=Response, responses=file("the rows of all runs", "text/csv"))
async def export(id: str, runs: OneGroup) -> Response:
    """Give the rows of all runs in one table, with what differs between the runs."""
    content = await asyncio.to_thread(group_csv, runs)
    about = described(runs)
    name = f"{about['task']}-{about['kind']}-{id}.csv"
    return Response(content, media_type="text/csv", headers={"content-disposition": f'attachment; filename="{name}"'})


def base_request(said: dict[str, Any]) -> dict[str, Any]:
    """Check the request of a run, without what a group says for all of them."""
    return {name: value for name, value in checked_request(said).items() if name not in LAUNCH}


def planned(body: GroupRequest, settings: Settings, folders: DataFolders) -> list[tuple[Configuration, RunState]]:
    """Complete the configurations of all runs of a group, each with the state that it begins in."""
    base, paths = configure(base_request(body.base), folders).as_dict(), [axis.path for axis in body.axes]
    most = RACERS if body.kind == "race" else settings.max_sweep
    values = combinations(body.kind, [axis.values for axis in body.axes], most)
    configurations = [checked_configuration(with_values(base, paths, at), settings, folders) for at in values]
    return list(zip(configurations, new_group(body.kind, paths, [list(at) for at in values]), strict=True))


def checked_configuration(request: dict[str, Any], settings: Settings, folders: DataFolders) -> Configuration:
    """Complete the request of one of the runs, and refuse what would not fit this server."""
    configuration = configure(base_request(request), folders)
    check_size(configuration, settings, folders)
    return configuration


async def ordered(runs: list[Run], order: Callable[[Run], None]) -> JSONResponse:
    """Give one order to all runs whose status allows it, and describe them when that is done."""
    for answer in [asyncio.wrap_future(run.ask(lambda run=run: order(run))) for run in runs]:  # type: ignore[misc]
        with suppress(ConflictError):
            await answer
    return JSONResponse(finite(told(runs)))


def told(runs: list[Run]) -> dict[str, Any]:
    """Describe a group with its runs."""
    each = zip(runs, memberships(runs), strict=True)
    return {**described(runs), "runs": [{**run.describe(), "group": vars(own)} for run, own in each]}
