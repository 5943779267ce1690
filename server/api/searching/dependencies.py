"""What a call about a group may ask for: the searches, and the group that its path names. FastAPI hands it in."""

import asyncio
from typing import Annotated

from fastapi import Depends, Path
from starlette.requests import HTTPConnection

from server.api.dependencies import AllRuns
from server.api.opening.refusals import NotFoundError
from server.runs.groups import members
from server.runs.registry import Registry
from server.runs.run import Run
from server.search.searches import Searches
from server.search.telling import ToldSearch

Id = Annotated[str, Path(description="the race's or the sweep's id")]


async def searches(connection: HTTPConnection) -> Searches:
    """Give all searches of this server."""
    found: Searches = connection.app.state.searches
    return found


AllSearches = Annotated[Searches, Depends(searches)]


async def search_of_path(found: AllSearches, id: Id) -> ToldSearch | None:
    """Give the search of the group that the path names; None where it is none."""
    return found.get(id)


OneSearch = Annotated[ToldSearch | None, Depends(search_of_path)]


def members_of(runs: Registry, search: ToldSearch | None, id: str) -> list[Run]:
    """Give a group's runs, in their order."""
    return runs.some(members(runs.table.members(), id)) if search is None else search.members


async def group_of_path(runs: AllRuns, search: OneSearch, id: Id) -> list[Run]:
    """Give the runs of the group that the path names; of a search none, for it may have thousands. Raises NotFoundError."""
    if search is not None and search.is_there:
        return []
    found = await asyncio.to_thread(members_of, runs, search, id)
    if not found:
        raise NotFoundError(f"there is no race or sweep {id[:60]!r}")
    return found


OneGroup = Annotated[list[Run], Depends(group_of_path)]
