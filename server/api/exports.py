"""The calls that give a run, or its past, as a file to keep."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response

from engine.data.datasets import NotHereError
from server.api.dependencies import OneReplay, OneRun
from server.api.errors import REFUSALS
from server.api.models.responses import file
from server.api.opening.asking import asked
from server.api.opening.refusals import NotFoundError
from server.history.exports import EXPORTS
from server.history.replay import replay_html
from server.runs.run import ConflictError, Run

router = APIRouter(prefix="/api/runs/{id}/export", responses=REFUSALS, tags=["exports"])

Example = Annotated[int, Query(ge=0, le=100_000, description="the example that pictures show, where they show one")]


@router.get("/replay.html", response_class=Response, responses=file("a page that needs no server", "text/html"))
async def replay(run: OneRun, one_replay: OneReplay, example: Example = 0) -> Response:
    """Give a run's history as one page that replays it without a server."""
    async with one_replay:  # it takes seconds, and others want to be answered meanwhile
        try:
            content = await asyncio.to_thread(replay_html, run, example)
        except (ValueError, KeyError, FileNotFoundError, NotHereError) as error:
            raise ConflictError(f"the history cannot be read: {error}") from error
    return download(run, "replay.html", content, "text/html", {"content-security-policy": "sandbox"})


@router.get("/{name}", response_class=Response, responses=file("a file to keep", *[kind for _, kind in EXPORTS.values()]))
async def export(run: OneRun, name: Annotated[str, Path(description=", ".join(EXPORTS))]) -> Response:
    """Give a run's rows, its weights, or a program that trains the same, as they are between two steps."""
    if name not in EXPORTS:
        raise NotFoundError(f"there is no export {name[:60]!r}; choose {', '.join(EXPORTS)}")
    make, kind = EXPORTS[name]
    return download(run, name, await asked(run, lambda: make(run)), kind, {})


def download(run: Run, name: str, content: bytes, kind: str, headers: dict[str, str]) -> Response:
    """Answer with a file that a browser keeps under the task's and the run's name."""
    filename = f"{run.configuration.task}-{run.id}-{name}"
    disposition = f'attachment; filename="{filename}"'
    return Response(content, media_type=kind, headers={"content-disposition": disposition, **headers})
