"""The application: the guard around the API, the page's files, and Plotly from its package."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles
from starlette.responses import Response
from starlette.types import Scope

from server.api.errors import answer_errors
from server.api.routes import routes
from server.api.stream import Stream
from server.runs.registry import Runs
from server.security import Guard
from server.settings import Settings
from server.storage.home import Home

FRONTEND = Path(__file__).parent.parent / "frontend"
TIDY_EVERY = 5.0
"""Seconds between two rounds of housekeeping."""
CLOSE_SECONDS = 1.5
"""Seconds in which the runs must have saved themselves when the server ends."""
PLOTLY_URL = f"/vendor/plotly-{version('plotly')}.min.js"


def plotly_path() -> Path:
    """Find plotly.min.js in its package, without the second that importing the package takes."""
    found = find_spec("plotly")
    if found is None or not found.origin:
        raise FileNotFoundError("the package plotly is missing; install the project again")
    return Path(found.origin).parent / "package_data" / "plotly.min.js"


class PageFiles(StaticFiles):
    """The page's files, which a browser asks for anew each time and gets only where they changed."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Give a file, to be revalidated."""
        response = await super().get_response(path, scope)
        response.headers["cache-control"] = "no-cache"
        return response


async def tidy(runs: Runs) -> None:
    """Let the runs do now and then what is due."""
    while True:
        await asyncio.sleep(TIDY_EVERY)
        await asyncio.to_thread(runs.tidy)


def create_app(settings: Settings, home: Home) -> FastAPI:
    """Make the application over the runs of a folder; they are interrupted when it shuts down."""
    loops: list[asyncio.AbstractEventLoop] = []

    def wake(listener: Callable[[], None]) -> None:
        """Call from a run's thread: have something done in the event loop."""
        if loops and not loops[0].is_closed():
            loops[0].call_soon_threadsafe(listener)

    runs = Runs(settings, home, wake)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        loops.append(asyncio.get_running_loop())
        tidying = asyncio.create_task(tidy(runs))
        yield
        tidying.cancel()
        await asyncio.to_thread(runs.close, CLOSE_SECONDS)

    app = FastAPI(
        title="Neural Network Basics",
        version=version("neural-network-basics"),
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
    )
    app.include_router(routes(runs, Stream(settings), settings, version("neural-network-basics"), PLOTLY_URL))
    answer_errors(app)

    @app.get(PLOTLY_URL, include_in_schema=False)
    async def plotly_file() -> FileResponse:
        return FileResponse(plotly_path(), headers={"cache-control": "public, max-age=31536000, immutable"})

    app.mount("/", PageFiles(directory=FRONTEND, html=True))
    app.add_middleware(Guard, settings=settings)
    return app
