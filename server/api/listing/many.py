"""The calls that do something with many runs at once: with all that can be found, and of the others they say why not."""

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse

from server.api.dependencies import AllRuns, Limits
from server.api.errors import REFUSALS
from server.api.models.bodies import JSONRoute
from server.api.models.listing import Changed, ChangeMany, Deleted, ManyChanges, ManyRuns, Restored
from server.api.models.requests import LONGEST_NAME, MOST_TAGS, body_of
from server.api.models.responses import RunDescription
from server.messages import finite
from server.runs.imported.rows import read_rows
from server.runs.registry import Registry
from server.runs.run import ConflictError, Run
from server.storage.database import StorageError

AT_ONCE = 8
"""Runs that are asked at the same time, each of which has a thread of its own meanwhile."""

router = APIRouter(route_class=JSONRoute, prefix="/api/runs", responses=REFUSALS, tags=["runs"])


@router.post(
    "/import",
    status_code=201,
    response_model=RunDescription,
    openapi_extra=body_of("CSV: a line that names the columns, as step,loss,val_loss, and a line for each row"),
)
async def bring(
    request: Request,
    runs: AllRuns,
    name: Annotated[str, Query(max_length=LONGEST_NAME, description="what the run shall be called")] = "",
    value: Annotated[
        Literal["", "loss", "test_loss", "accuracy", "test_accuracy"],
        Query(description='what a column called "Value" holds, as in TensorBoard\'s files'),
    ] = "",
    accuracies: Annotated[
        Literal["", "share", "percent"],
        Query(description="whether accuracies are shares from 0 to 1 or in per cent; else all of the file's decide"),
    ] = "",
) -> JSONResponse:
    """Keep the rows of a run that was trained elsewhere, so that they stand beside ours; its note says how they were read."""
    imported = await asyncio.to_thread(read_rows, await request.body(), value, accuracies)
    run = await asyncio.to_thread(runs.bring, name, imported.rows, imported.note)
    return JSONResponse(finite(run.describe()), 201)


@router.patch("", response_model=Changed)
async def change_many(body: ChangeMany, runs: AllRuns) -> JSONResponse:
    """Change name, note or tags of many runs alike: of all that can be found, each as a whole."""
    changed, refused = await for_each(runs, list(dict.fromkeys(body.ids)), lambda run: mark(run, body.changes))
    return JSONResponse(finite({"changed": changed, "refused": refused}))


@router.post("/delete", response_model=Deleted)
async def delete_many(body: ManyRuns, runs: AllRuns, settings: Limits) -> JSONResponse:
    """Stop many runs and take them off the list; for some seconds those can be restored that took a step."""
    found, missing = await asyncio.to_thread(sorted_out, runs, body.ids)
    await asyncio.to_thread(runs.delete_all, found)
    until = time.time() + settings.undo_seconds
    return JSONResponse(finite({"deleted": [run.id for run in found], "refused": missing, "undo_until": until}))


@router.post("/restore", response_model=Restored)
async def restore_many(body: ManyRuns, runs: AllRuns) -> JSONResponse:
    """Bring back many runs that were deleted just now: all of them that are still to be had."""
    found = [run.id for run in await asyncio.to_thread(runs.restore_all, body.ids)]
    gone = [
        refusal(id, f"there is no run {id!r} that was deleted just now")
        for id in dict.fromkeys(body.ids)
        if id not in set(found)
    ]
    return JSONResponse(finite({"restored": found, "refused": gone}))


def refusal(id: str, words: str) -> dict[str, str]:
    """Say why something was not done with a run."""
    return {"id": id, "message": words}


def sorted_out(runs: Registry, ids: Iterable[str]) -> tuple[list[Run], list[dict[str, str]]]:
    """Find the runs that are there, and say of the others that they are not."""
    wanted = list(dict.fromkeys(ids))
    found = runs.some(wanted)
    here = {run.id for run in found}
    return found, [refusal(id, f"there is no run {id!r}") for id in wanted if id not in here]


async def for_each(runs: Registry, ids: Sequence[str], order: Callable[[Run], None]) -> tuple[list[str], list[dict[str, str]]]:
    """Give each of many runs an order, some at a time; say which of them have followed it, and why the others have not."""
    changed: list[str] = []
    refused: list[dict[str, str]] = []
    for k in range(0, len(ids), AT_ONCE):
        some, missing = await asyncio.to_thread(sorted_out, runs, ids[k : k + AT_ONCE])
        refused += missing
        answers: list[Any] = [asyncio.wrap_future(run.ask(lambda run=run: order(run))) for run in some]  # type: ignore[misc]
        for run, answer in zip(some, await asyncio.gather(*answers, return_exceptions=True), strict=True):
            if isinstance(answer, (ConflictError, StorageError)):
                refused.append(refusal(run.id, str(answer)))
            elif isinstance(answer, BaseException):
                raise answer
            else:
                changed.append(run.id)
        for run in some:
            if run.saved is not None:
                await asyncio.wrap_future(run.saved)
    return changed, refused


def mark(run: Run, changes: ManyChanges) -> None:
    """Change what a person says of a run. Raises ConflictError where it would have too many tags."""
    said = changes.model_dump(exclude_unset=True)
    removed = set(said.pop("remove_tags", []))
    tags = dict.fromkeys([tag for tag in run.state.tags if tag not in removed] + said.pop("add_tags", []))
    if len(tags) > MOST_TAGS:
        raise ConflictError(f"a run has {MOST_TAGS} tags at the most, this one would have {len(tags)}")
    run.tune({**said, "tags": list(tags)})
