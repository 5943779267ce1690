"""The calls that list runs: all of them as they are, or as a table with the wanted rows and columns."""

import asyncio
import json
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import Response

from server.api.dependencies import AllRuns
from server.api.errors import REFUSALS
from server.api.models.listing import ColumnEntry, Runs, TableGroup
from server.messages import finite
from server.runs.listing.filter import LONGEST
from server.runs.listing.table import MOST, PER_PAGE, Wanted
from server.runs.registry import Registry

router = APIRouter(prefix="/api/runs", responses=REFUSALS, tags=["runs"])
FILTER = "which runs, as in: optimizer = Adam and (test_accuracy > 95% or created <= 2026-11-26), up to the end of that day"
Zone = Annotated[
    str, Query(max_length=100, description="time zone of the filter's days, as Europe/Berlin or +01:00; else the server's")
]
UNCHANGED: dict[int | str, dict[str, Any]] = {304: {"description": "nothing has changed since the revision `unless`"}}


def as_json(value: Any) -> bytes:
    """Write an answer as JSON."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


@router.get("", response_model=Runs, responses=UNCHANGED)
async def every(
    runs: AllRuns,
    filter: Annotated[str | None, Query(description=FILTER)] = None,
    order: Annotated[
        str | None, Query(max_length=LONGEST, description='columns with commas between; "-" before one: descending')
    ] = None,
    offset: Annotated[int | None, Query(ge=0, le=2**31, description="how many runs to pass over")] = None,
    limit: Annotated[
        int | None, Query(ge=0, le=MOST, description=f"runs at the most; {PER_PAGE:,} where it is not said")
    ] = None,
    columns: Annotated[
        str | None, Query(max_length=20_000, description="names of columns with commas between: the answer is a table then")
    ] = None,
    unless: Annotated[
        int | None, Query(ge=0, le=2**62, description="a table's revision: 304 where nothing has changed since")
    ] = None,
    zone: Zone = "",
) -> Response:
    """Give all runs, oldest first; or those that a filter wants, in an order, as a page, or as a table of a few columns."""
    if all(said is None for said in (filter, order, offset, limit, columns, unless)):
        return Response(await asyncio.to_thread(whole, runs, None), media_type="application/json")
    if unless is not None and await asyncio.to_thread(runs.table.is_known, unless):
        return Response(status_code=304)
    names = tuple(name.strip() for name in (columns or "").split(",") if name.strip())
    most = PER_PAGE if limit is None else limit
    wanted = Wanted(filter or "", order or "", offset or 0, most, names, columns is None, zone)
    if columns is not None:
        return Response(
            await asyncio.to_thread(lambda: as_json(finite(runs.table.page(wanted)))), media_type="application/json"
        )
    found = await asyncio.to_thread(runs.table.page, wanted)
    body = await asyncio.to_thread(whole, runs, found["columns"]["id"])
    return Response(body, media_type="application/json", headers={"x-total": str(found["total"])})


def whole(runs: Registry, ids: list[str] | None) -> bytes:
    """Describe runs wholly, each written by itself, so that others get their turn meanwhile."""
    return b"[" + b",".join(as_json(finite(one)) for one in runs.described(ids)) + b"]"


@router.get("/groups", response_model=list[TableGroup])
async def groups_of_table(
    runs: AllRuns,
    by: Annotated[str, Query(description="the column that says which runs belong together, as sweep, race, task or tags")],
    filter: Annotated[str, Query(description="which runs count, as in the list of runs")] = "",
    zone: Zone = "",
) -> Response:
    """Count runs by what a column says of them, the newest first, with the best result of each group."""
    found = await asyncio.to_thread(runs.table.groups, by, filter, zone)
    return Response(await asyncio.to_thread(lambda: as_json(finite(found))), media_type="application/json")


@router.get("/columns", response_model=list[ColumnEntry])
async def columns_of_table(runs: AllRuns) -> Response:
    """Say which columns the table of runs has, and what they hold: those that any run has, the most useful first."""
    return Response(await asyncio.to_thread(lambda: as_json(finite(runs.table.describe()))), media_type="application/json")
