"""The API, and Plotly from its package. The page that uses it is handed out before it is made (server/page.py)."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import FileResponse

from server.api import catalog, datasets, experiments, exports, groups, health, history, network, runs, sharing, stream
from server.api.errors import NotFoundError, answer_errors
from server.api.glass_box import one_step
from server.api.pages import Pages
from server.api.teaching import classroom, lessons
from server.history.example_history import ExampleHistories
from server.history.snapshots import SnapshotRenderer
from server.lessons.classroom import Classroom
from server.page import PLOTLY_URL
from server.runs.registry import Registry
from server.settings import Settings
from server.storage.datasets import Datasets
from server.storage.folders import datasets_folder
from server.storage.home import Home
from server.storage.mnist_download import MNISTDownload
from server.storage.uploads import Uploads

TIDY_EVERY = 5.0
"""Seconds between two rounds of housekeeping."""
CLOSE_SECONDS = 1.5
"""Seconds in which the runs must have saved themselves when the server ends."""
PARTS = (
    *(catalog, health, runs, network, history, one_step, exports, groups, datasets, experiments, sharing, lessons, classroom),
    stream,
)
"""The API's files, each with the router of one resource."""


def plotly_path() -> Path:
    """Find plotly.min.js in its package, without the second that importing the package takes."""
    found = find_spec("plotly")
    if found is None or not found.origin:
        raise FileNotFoundError("the package plotly is missing; install the project again")
    return Path(found.origin).parent / "package_data" / "plotly.min.js"


async def tidy(registry: Registry, datasets: Datasets, undo_seconds: float) -> None:
    """Do now and then what is due for runs and datasets."""
    while True:
        await asyncio.sleep(TIDY_EVERY)
        await asyncio.to_thread(registry.tidy)
        await asyncio.to_thread(datasets.empty_bin, undo_seconds)


def create_app(settings: Settings, home: Home) -> FastAPI:
    """Make the API over the runs of a folder; they are interrupted when it shuts down. It needs a Guard before it."""
    loops: list[asyncio.AbstractEventLoop] = []

    def wake(listener: Callable[[], None]) -> None:
        """Call from a run's thread: have something done in the event loop."""
        if loops:
            with suppress(RuntimeError):  # the loop is closed, and nobody listens any more
                loops[0].call_soon_threadsafe(listener)

    registry, kept = Registry(settings, home, wake), Datasets(datasets_folder(home.folder))
    uploads = Uploads(settings)
    kept.clean()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        loops.append(asyncio.get_running_loop())
        tidying = asyncio.create_task(tidy(registry, kept, settings.undo_seconds))
        yield
        tidying.cancel()
        uploads.close()
        await asyncio.to_thread(registry.close, CLOSE_SECONDS)

    app = FastAPI(
        title="Neural Network Basics",
        version=version("neural-network-basics"),
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
    )
    app.state.registry, app.state.settings, app.state.pages = registry, settings, Pages(settings)
    app.state.renderer, app.state.example_histories = SnapshotRenderer(), ExampleHistories()
    app.state.datasets, app.state.download = kept, MNISTDownload(home.data.mnist)
    app.state.uploads, app.state.classroom = uploads, Classroom()
    app.state.glass_box = one_step.GlassBox()
    app.state.one_replay, app.state.experiments = asyncio.Semaphore(), experiments.Experiments()
    for part in PARTS:  # as they are: include_router would build each of their routes a second time
        app.router.routes.extend(part.router.routes)
    answer_errors(app)

    @app.api_route("/api/{path:path}", methods=["GET", "POST", "PUT", "PATCH", "DELETE"], include_in_schema=False)
    async def unknown(path: str) -> None:
        raise NotFoundError(f"there is no /api/{path[:80]}")

    @app.get(PLOTLY_URL, include_in_schema=False)
    async def plotly_file() -> FileResponse:
        return FileResponse(plotly_path(), headers={"cache-control": "public, max-age=31536000, immutable"})

    return app
