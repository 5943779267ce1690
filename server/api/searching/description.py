"""Groups as they are answered: what their runs do not say, their runs, and how a search stands."""

import asyncio
from typing import Any

from fastapi.responses import JSONResponse, Response

from server.api.listing.table import as_json
from server.api.searching.dependencies import members_of
from server.messages import finite
from server.runs.groups import groups, with_runs
from server.runs.registry import Registry
from server.search.searches import Searches
from server.search.telling import ToldSearch, in_words


async def described_group(
    id: str, runs: Registry, search: ToldSearch | None, brief: bool = False, status: int = 200, since: int | None = None
) -> Response:
    """Describe a group with its runs as they are now, or without them; of a search what is new `since` a revision: 304 where
    nothing is.
    """
    said = await asyncio.to_thread(search.tell, since) if search is not None else None
    if said is None and search is not None:
        return Response(status_code=304)

    def group() -> dict[str, Any]:
        if brief and search is not None:
            return {"runs": []}
        found = members_of(runs, search, id)
        whole = with_runs(found) if found else {"runs": []}
        return {**whole, "runs": []} if brief else whole

    whole = {**await asyncio.to_thread(group), **(of_search(search) if search is not None else {}), "search": said}
    return Response(await asyncio.to_thread(lambda: as_json(finite(whole))), status, media_type="application/json")


def of_search(search: ToldSearch) -> dict[str, Any]:
    """Say of a search what is said of every group."""
    task, paths = search.plan.base["task"], search.plan.paths
    return {"id": search.id, "kind": "sweep", "paths": paths, "task": task, "created": search.created}


async def entries(runs: Registry, searches: Searches) -> JSONResponse:
    """List the groups, oldest first; a search that has no runs yet is one, too."""

    def listed() -> list[dict[str, Any]]:  # a search that makes a run holds others up until that is on the disk
        found = groups(runs.table.members())
        there = {entry["id"] for entry in found}
        empty = [live for live in searches.all() if live.id not in there and not live.has_runs]
        found += [{**of_search(live), "runs": [], "marks": []} for live in empty]
        found.sort(key=lambda entry: entry["created"])
        return [{**entry, "search": in_short(searches.get(entry["id"]))} for entry in found]

    return JSONResponse(finite(await asyncio.to_thread(listed)))


def in_short(live: ToldSearch | None) -> dict[str, Any] | None:
    """Say of a search how far it is, and what is best."""
    if live is None:
        return None
    with live.lock:
        search = live.search
        ended = sum(not live.is_going(trial) for trial in search.trials)
        best = in_words(live.plan, search.best) if search.best else None
        return {"how": live.plan.how, "status": live.status, "planned": search.planned, "ended": ended, "best": best}
