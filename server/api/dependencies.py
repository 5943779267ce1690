"""What a call may ask for: the runs, the limits, the pages that watch, and what its path names. FastAPI hands it in."""

import asyncio
from typing import Annotated

from fastapi import Depends, Path
from starlette.requests import HTTPConnection

from server.api.opening.asking import find
from server.api.pages import Pages
from server.history.example_history import ExampleHistories
from server.history.snapshots import SnapshotRenderer
from server.runs.registry import Registry
from server.runs.run import Run
from server.settings import Settings
from server.storage.datasets import Datasets
from server.storage.uploads import Uploads

# asynchronous, though none of them waits: FastAPI would call a plain function in another thread


async def registry(connection: HTTPConnection) -> Registry:
    """Give all runs of this server."""
    found: Registry = connection.app.state.registry
    return found


async def settings(connection: HTTPConnection) -> Settings:
    """Give the server's limits."""
    found: Settings = connection.app.state.settings
    return found


async def pages(connection: HTTPConnection) -> Pages:
    """Give the pages that watch."""
    found: Pages = connection.app.state.pages
    return found


async def renderer(connection: HTTPConnection) -> SnapshotRenderer:
    """Give what makes pictures of snapshots."""
    found: SnapshotRenderer = connection.app.state.renderer
    return found


async def example_histories(connection: HTTPConnection) -> ExampleHistories:
    """Give what tells the histories of examples."""
    found: ExampleHistories = connection.app.state.example_histories
    return found


async def one_replay(connection: HTTPConnection) -> asyncio.Semaphore:
    """Give the right to make a replay, which one call has at a time."""
    found: asyncio.Semaphore = connection.app.state.one_replay
    return found


async def datasets(connection: HTTPConnection) -> Datasets:
    """Give the data that persons brought."""
    found: Datasets = connection.app.state.datasets
    return found


async def uploads(connection: HTTPConnection) -> Uploads:
    """Give the queue of files that are brought."""
    found: Uploads = connection.app.state.uploads
    return found


async def version(connection: HTTPConnection) -> str:
    """Give this program's version."""
    found: str = connection.app.version
    return found


async def started(connection: HTTPConnection) -> float:
    """Give the moment of `time.monotonic` in which the server began."""
    found: float = connection.app.state.started
    return found


async def view_only(connection: HTTPConnection) -> bool:
    """Tell whether a visitor asks, who may change nothing."""
    return bool(connection.scope.get("view_only", False))


AllRuns = Annotated[Registry, Depends(registry)]
Limits = Annotated[Settings, Depends(settings)]
AllPages = Annotated[Pages, Depends(pages)]
Renderer = Annotated[SnapshotRenderer, Depends(renderer)]
Histories = Annotated[ExampleHistories, Depends(example_histories)]
OneReplay = Annotated[asyncio.Semaphore, Depends(one_replay)]
AllDatasets = Annotated[Datasets, Depends(datasets)]
AllUploads = Annotated[Uploads, Depends(uploads)]
Version = Annotated[str, Depends(version)]
Started = Annotated[float, Depends(started)]
ViewOnly = Annotated[bool, Depends(view_only)]


async def run_of_path(runs: AllRuns, id: Annotated[str, Path(description="the run's id")]) -> Run:
    """Give the run that the path names. Raises NotFoundError."""
    return find(runs, id)


OneRun = Annotated[Run, Depends(run_of_path)]
