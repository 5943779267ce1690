"""The calls that give several runs side by side as files."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from engine import ConfigurationError
from server.api.dependencies import AllRuns
from server.api.errors import REFUSALS
from server.api.models.responses import file
from server.api.opening.asking import find
from server.history.comparison import FEWEST, MOST, comparison_csv, comparison_html
from server.runs.registry import Registry
from server.runs.run import Run

router = APIRouter(prefix="/api/compare", responses=REFUSALS, tags=["exports"])
Wanted = Annotated[str, Query(max_length=1000, description=f"ids of {FEWEST} to {MOST} runs, with commas between")]


def wanted(runs: Registry, said: str) -> list[Run]:
    """Find the runs that a query names. Raises ConfigurationError, NotFoundError."""
    ids = list(dict.fromkeys(id.strip() for id in said.split(",") if id.strip()))
    if not FEWEST <= len(ids) <= MOST:
        raise ConfigurationError(
            "runs", f"runs must be the ids of {FEWEST} to {MOST} runs, with commas between; got {len(ids)}"
        )
    return [find(runs, id) for id in ids]


@router.get("/metrics.csv", response_class=Response, responses=file("the rows of all runs", "text/csv"))
async def metrics(all: AllRuns, runs: Wanted) -> Response:
    """Give the rows of several runs in one table, each with its run's id and name."""
    return await made(wanted(all, runs), comparison_csv, "metrics.csv", "text/csv")


@router.get("/comparison.html", response_class=Response, responses=file("a page that needs no server", "text/html"))
async def page(all: AllRuns, runs: Wanted) -> Response:
    """Give one page that needs no server: the curves of several runs over one another, and their settings side by side."""
    return await made(wanted(all, runs), comparison_html, "comparison.html", "text/html")


async def made(runs: list[Run], make: Callable[[Sequence[Run]], bytes], name: str, kind: str) -> Response:
    """Answer with a file that a browser keeps."""
    content = await asyncio.to_thread(make, runs)
    headers = {"content-disposition": f'attachment; filename="{name}"', "content-security-policy": "sandbox"}
    return Response(content, media_type=kind, headers=headers)
