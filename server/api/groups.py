"""The calls about races and sweeps: make all their runs, or let a search make them, order them, take their rows away."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse, Response

from engine import Configuration, DataFolders, configure
from server.api.dependencies import AllRuns, Limits
from server.api.errors import REFUSALS
from server.api.models.bodies import JSONRoute
from server.api.models.groups import Axis, GroupOrSearch, GroupOrSearchEntry, GroupRequest
from server.api.models.requests import LAUNCH, checked_request
from server.api.models.responses import file
from server.api.opening.asking import begun
from server.api.searching.dependencies import AllSearches, OneGroup, OneSearch
from server.api.searching.description import described_group, entries
from server.history.exports import group_csv
from server.runs.groups import combinations, new_group, with_values
from server.runs.limits import check_size
from server.runs.registry import Launch
from server.runs.run import ConflictError, Run
from server.runs.state import RunState
from server.search.choices import make_axis
from server.search.searches import Searches
from server.search.telling import ToldSearch
from server.settings import RACERS, Settings

router = APIRouter(route_class=JSONRoute, prefix="/api/groups", responses=REFUSALS, tags=["groups"])
Brief = Annotated[bool, Query(description="true: leave its runs out, which a search may have thousands of")]
Since = Annotated[
    int | None,
    Query(ge=0, le=2**62, description="a search's revision: only trials that are others since; 304 where nothing is"),
]
UNCHANGED: dict[int | str, dict[str, Any]] = {304: {"description": "nothing of the search has changed `since`"}}


@router.post("", status_code=201, response_model=GroupOrSearch)
async def create(body: GroupRequest, runs: AllRuns, searches: AllSearches, settings: Limits) -> Response:
    """Make all runs of a race or a sweep, or none of them; with a search the first of its runs."""
    if body.search is not None:
        live = await asyncio.to_thread(searched, body, searches, runs.folders)
        return await described_group(live.id, runs, live, status=201)
    wanted = await asyncio.to_thread(planned, body, settings, runs.folders)
    made = await asyncio.to_thread(runs.create_all, wanted, Launch(speed=body.speed, start=body.start))
    await begun(runs, made)
    group = made[0].state.group
    return await described_group(group.id if group else "", runs, None, status=201)


@router.get("", response_model=list[GroupOrSearchEntry])
async def every(runs: AllRuns, searches: AllSearches) -> JSONResponse:
    """Give all races and sweeps, oldest first, each with the ids of its runs."""
    return await entries(runs, searches)


@router.get("/{id}", response_model=GroupOrSearch, responses=UNCHANGED)
async def get(
    id: str, members: OneGroup, search: OneSearch, runs: AllRuns, brief: Brief = False, since: Since = None
) -> Response:
    """Give one race or sweep, with its runs, and how its search stands."""
    return await described_group(id, runs, search, brief, since=since)


@router.delete("/{id}", status_code=204, response_class=Response)
async def delete(id: str, members: OneGroup, search: OneSearch, searches: AllSearches, runs: AllRuns) -> None:
    """Delete all runs of a race or sweep; each can be restored for a while. One that another run was to cure stays."""
    if search is not None:
        await asyncio.to_thread(searches.forget, search)
        members = await asyncio.to_thread(lambda: search.members)
    for run in members:
        if run.state.group and run.state.group.id == id:
            runs.delete(run)


@router.post("/{id}/pause", response_model=GroupOrSearch)
async def pause(id: str, members: OneGroup, search: OneSearch, runs: AllRuns) -> Response:
    """Let all runs that train wait; a search makes no more meanwhile."""
    await ordered(members, Run.pause, search, ToldSearch.pause)
    return await described_group(id, runs, search)


@router.post("/{id}/resume", response_model=GroupOrSearch)
async def resume(id: str, members: OneGroup, search: OneSearch, searches: AllSearches, runs: AllRuns) -> Response:
    """Let all runs that wait train on; a search lets those go on that it has not let go."""
    await ordered(members, Run.resume, search, lambda search: searches.order(search, search.resume))
    return await described_group(id, runs, search)


@router.post("/{id}/stop", response_model=GroupOrSearch)
async def stop(id: str, members: OneGroup, search: OneSearch, runs: AllRuns) -> Response:
    """End the training of all runs that have not ended, and the search."""
    await ordered(members, Run.stop, search, ToldSearch.stop)
    return await described_group(id, runs, search)


@router.get("/{id}/export/metrics.csv", response_class=Response, responses=file("the rows of all runs", "text/csv"))
async def export(id: str, members: OneGroup, search: OneSearch) -> Response:
    """Give the rows of all runs in one table, with what differs between the runs."""
    members = members if search is None else await asyncio.to_thread(lambda: search.members)
    if not members:
        raise ConflictError("this search has no runs yet; resume it first")
    content = await asyncio.to_thread(group_csv, members)
    group = members[-1].state.group
    name = f"{members[-1].configuration.task}-{group.kind if group else 'sweep'}-{id}.csv"
    return Response(content, media_type="text/csv", headers={"content-disposition": f'attachment; filename="{name}"'})


def base_request(said: dict[str, Any]) -> dict[str, Any]:
    """Check the request of a run, without what a group says for all of them."""
    return {name: value for name, value in checked_request(said).items() if name not in LAUNCH}


def searched(body: GroupRequest, searches: Searches, folders: DataFolders) -> ToldSearch:
    """Begin the search that a request asks for."""
    base = configure(base_request(body.base), folders)
    said = dict(body.search or {})
    return searches.create(base, [dict(axis) for axis in body.axes], said, body.start, body.speed)


def planned(body: GroupRequest, settings: Settings, folders: DataFolders) -> list[tuple[Configuration, RunState]]:
    """Complete the configurations of all runs of a group, each with the state that it begins in."""
    base, paths = configure(base_request(body.base), folders).as_dict(), [axis.path for axis in body.axes]
    most = RACERS if body.kind == "race" else settings.max_sweep
    values = combinations(body.kind, [values_of(base, axis, k) for k, axis in enumerate(body.axes)], most)
    configurations = [checked_configuration(with_values(base, paths, at), settings, folders) for at in values]
    return list(zip(configurations, new_group(body.kind, paths, [list(at) for at in values]), strict=True))


def values_of(base: dict[str, Any], axis: Axis, k: int) -> list[Any]:
    """Give the values of an axis; a range is cut into as many as it says."""
    return list(make_axis(base, dict(axis), f"axes.{k}").grid()) if axis.values is None else axis.values


def checked_configuration(request: dict[str, Any], settings: Settings, folders: DataFolders) -> Configuration:
    """Complete the request of one of the runs, and refuse what would not fit this server."""
    configuration = configure(base_request(request), folders)
    check_size(configuration, settings, folders)
    return configuration


async def ordered(
    runs: list[Run], order: Callable[[Run], None], search: ToldSearch | None, of_search: Callable[[ToldSearch], None]
) -> None:
    """Give one order to the search, or to all runs whose status allows it, and wait until that is done."""
    if search is not None:
        await asyncio.to_thread(of_search, search)
        return
    for answer in [asyncio.wrap_future(run.ask(lambda run=run: order(run))) for run in runs]:  # type: ignore[misc]
        with suppress(ConflictError):
            await answer
