"""What calls do with a run: they find it, have its own thread answer, wait until that is on the disk, and describe it."""

import asyncio
from collections.abc import Callable

from starlette.responses import JSONResponse

from server.api.opening.refusals import NotFoundError
from server.messages import finite
from server.runs.actor import Answer
from server.runs.registry import Registry
from server.runs.run import Run
from server.storage.database import StorageError


def find(runs: Registry, id: str) -> Run:
    """Find a run. Raises NotFoundError."""
    try:
        return runs.get(id)
    except KeyError:
        raise NotFoundError(f"there is no run {id[:60]!r}") from None


async def asked(run: Run, question: Callable[[], Answer]) -> Answer:
    """Have the run's own thread answer, without making the event loop wait."""
    return await asyncio.wrap_future(run.ask(question))


async def saved(run: Run) -> None:
    """Wait until what was done last is on the disk. Raises StorageError."""
    if run.saved is not None:
        await asyncio.wrap_future(run.saved)


async def begun(runs: Registry, made: list[Run]) -> None:
    """Wait until runs that were made just now are on the disk. Raises StorageError, and then none of them is there."""
    try:
        await asyncio.wait([asyncio.wrap_future(run.begun) for run in made if run.begun is not None])
        for run in made:
            await saved(run)
    except StorageError:
        runs.withdraw(made)
        raise


async def described(run: Run, status: int = 200) -> JSONResponse:
    """Describe a run as soon as what was done last is on the disk."""
    await saved(run)
    return JSONResponse(finite(run.describe()), status)
