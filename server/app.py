"""The API, and Plotly from its package. The page that uses it is handed out before it is made (server/page.py).

First only those calls are made that a page needs for its first picture, the others in a moment when it has drawn that.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from importlib import import_module
from importlib.metadata import version

from fastapi import FastAPI
from fastapi.responses import FileResponse
from starlette.datastructures import URLPath
from starlette.routing import BaseRoute, Match, NoMatchFound
from starlette.types import Receive, Scope, Send

from server.api import runs, stream
from server.api.errors import NotFoundError, answer_errors
from server.api.listing import table
from server.api.pages import Pages
from server.history.example_history import ExampleHistories
from server.history.snapshots import SnapshotRenderer
from server.page import PLOTLY_URL, plotly_path, undisturbed
from server.runs.listing.table import Table
from server.runs.registry import Registry
from server.settings import Settings
from server.storage.datasets import Datasets
from server.storage.folders import datasets_folder
from server.storage.home import Home
from server.storage.uploads import Uploads

TIDY_EVERY = 5.0
"""Seconds between two rounds of housekeeping."""
CLOSE_SECONDS = 1.5
"""Seconds in which the runs must have saved themselves when the server ends."""
FIRST = (table, runs, stream)
"""The API's files that a page needs for its first picture, each with the router of one resource; `table` before `runs`, for
no run is called "columns"."""
OTHERS = (
    *(
        "history",
        "catalog",
        "health",
        "network",
        "glass_box.one_step",
        "exports",
        "groups",
        "datasets",
        "experiments",
        "sharing",
        "listing.many",
        "listing.comparison",
    ),
    *("searching.searches", "teaching.lessons", "teaching.classroom"),
)
"""The API's other files, which are imported later."""
LATER = 1.0
"""Seconds until the others are made where nobody asks for them."""


async def soon(others: "Others", table: Table) -> None:
    """Make the other calls when a page has had the time to draw its first picture, and then the table of all runs."""
    await asyncio.sleep(LATER)
    await others.made()
    while await asyncio.to_thread(table.fill):
        await asyncio.sleep(0)


async def tidy(registry: Registry, datasets: Datasets, undo_seconds: float) -> None:
    """Do now and then what is due for runs and datasets."""
    while True:
        await asyncio.sleep(TIDY_EVERY)
        await asyncio.to_thread(registry.tidy)
        await asyncio.to_thread(datasets.empty_bin, undo_seconds)


class Others(BaseRoute):
    """The route of all calls for which there is none yet: the first of them has the others made, and each finds its own."""

    def __init__(self, app: FastAPI, home: Home) -> None:
        self._app, self._home = app, home
        self._making: asyncio.Task[None] | None = None

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match whatever the API may answer."""
        return (Match.FULL if scope["path"].startswith("/api/") else Match.NONE), {}

    def url_path_for(self, name: str, /, **path_params: object) -> URLPath:
        """Give no address of a call by its name."""
        raise NoMatchFound(name, path_params)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a call as soon as all are there."""
        await self.made()
        await self._app.router(scope, receive, send)

    async def made(self) -> None:
        """Have all calls, once."""
        self._making = self._making or asyncio.create_task(self._make())
        await asyncio.shield(self._making)

    async def _make(self) -> None:
        app, routes = self._app, self._app.router.routes
        parts = await asyncio.to_thread(undisturbed, lambda: [import_module(f"server.api.{name}") for name in OTHERS])
        if self not in routes:  # another loop's task was faster
            return
        routes.remove(self)
        from server.api.experiments import Experiments
        from server.api.glass_box.one_step import GlassBox
        from server.lessons.classroom import Classroom
        from server.search.searches import Searches
        from server.storage.mnist_download import MNISTDownload

        app.state.experiments, app.state.glass_box, app.state.classroom = Experiments(), GlassBox(), Classroom()
        app.state.searches = Searches(app.state.registry, app.state.registry.store, app.state.settings)
        app.state.download = MNISTDownload(self._home.data.mnist)
        for part in parts:
            routes.extend(part.router.routes)
        app.openapi_url = "/api/openapi.json"
        app.setup()

        @app.api_route("/api/{path:path}", methods=["GET", "POST", "PUT", "PATCH", "DELETE"], include_in_schema=False)
        async def unknown(path: str) -> None:
            raise NotFoundError(f"there is no /api/{path[:80]}")


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
        making = asyncio.create_task(soon(others, registry.table))
        yield
        tidying.cancel()
        making.cancel()
        uploads.close()
        if (searches := getattr(app.state, "searches", None)) is not None:
            await asyncio.to_thread(searches.close, CLOSE_SECONDS)
        await asyncio.to_thread(registry.close, CLOSE_SECONDS)

    app = FastAPI(
        title="Neural Network Basics",
        version=version("neural-network-basics"),
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    app.state.registry, app.state.settings, app.state.pages = registry, settings, Pages(settings)
    app.state.renderer, app.state.example_histories = SnapshotRenderer(), ExampleHistories()
    app.state.datasets, app.state.uploads = kept, uploads
    app.state.one_replay = asyncio.Semaphore()
    for part in FIRST:  # as they are: include_router would build each of their routes a second time
        app.router.routes.extend(part.router.routes)
    answer_errors(app)

    @app.get(PLOTLY_URL, include_in_schema=False)
    async def plotly_file() -> FileResponse:
        return FileResponse(plotly_path(), headers={"cache-control": "public, max-age=31536000, immutable"})

    app.router.routes.append(others := Others(app, home))
    return app
