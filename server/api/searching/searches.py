"""The calls about searches: which ways there are, and where one is to look further."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Body
from fastapi.responses import JSONResponse, Response

from engine import ConfigurationError
from server.api.dependencies import AllRuns
from server.api.errors import REFUSALS
from server.api.models.bodies import JSONRoute
from server.api.models.groups import GroupOrSearch, More, Way, Widen
from server.api.searching.dependencies import AllSearches, OneGroup, OneSearch
from server.api.searching.description import described_group
from server.runs.run import ConflictError
from server.search.samplers import WAYS
from server.search.telling import ToldSearch

router = APIRouter(route_class=JSONRoute, prefix="/api", responses=REFUSALS, tags=["groups"])


@router.get("/searches", response_model=list[Way])
async def ways() -> JSONResponse:
    """Give the ways to search, and what to install where one is not available."""
    return JSONResponse(
        [
            {
                "how": how,
                "title": way.title,
                "help": way.help,
                "available": way.is_available,
                "install": None if way.is_available else way.install,
            }
            for how, way in WAYS.items()
        ]
    )


@router.post("/groups/{id}/widen", response_model=GroupOrSearch)
async def widen(
    search: OneSearch, members: OneGroup, searches: AllSearches, runs: AllRuns, body: Annotated[Widen, Body()]
) -> Response:
    """Look further where the best lies at the edge of what was tried, or on the side that is named; the search goes on."""
    live = needed(search)

    def look_further() -> None:
        edges = [(edge["path"], edge["side"]) for edge in live.edges()]
        if body.path is not None and body.path not in live.plan.paths:
            raise ConfigurationError("path", f"{body.path!r} is none of its choices: {', '.join(live.plan.paths)}")
        sides = [(path, side) for path, side in edges if body.path in (None, path) and body.side in (None, side)]
        if not sides and body.path is not None and body.side is not None:
            sides = [(body.path, body.side)]
        if not sides:
            words = "the best lies at no edge of what was tried; name a path and a side to widen it there"
            raise ConfigurationError("path", words)
        searches.order(live, live.widen, sides, body.runs)

    await asyncio.to_thread(look_further)
    return await described_group(live.id, runs, live)


@router.post("/groups/{id}/more", response_model=GroupOrSearch)
async def more(
    search: OneSearch, members: OneGroup, searches: AllSearches, runs: AllRuns, body: Annotated[More, Body()]
) -> Response:
    """Try more combinations, near the best quarter of those that were tried, or anywhere; the search goes on."""
    live = needed(search)
    await asyncio.to_thread(searches.order, live, live.more, body.near, body.runs)
    return await described_group(live.id, runs, live)


def needed(search: ToldSearch | None) -> ToldSearch:
    """Give the search that a call is about. Raises ConflictError where the group is none."""
    if search is None:
        raise ConflictError("this sweep or race made all its runs at once; only a search makes more")
    return search
