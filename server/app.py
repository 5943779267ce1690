"""The application: the guard around the API, the page's files, and Plotly from its package."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.staticfiles import NotModifiedResponse
from starlette.types import Scope

from server.api import catalog, datasets, exports, groups, health, history, network, runs, sharing, stream
from server.api.catalog import PLOTLY_URL
from server.api.errors import REFUSALS, NotFoundError, answer_errors
from server.api.pages import Pages
from server.history.example_history import ExampleHistories
from server.history.snapshots import SnapshotRenderer
from server.modules import FRONTEND, STYLE, reachable
from server.runs.registry import Registry
from server.security import Guard
from server.settings import Settings
from server.storage.datasets import Datasets
from server.storage.folders import datasets_folder
from server.storage.home import Home
from server.storage.mnist_download import MNISTDownload
from server.storage.uploads import Uploads

ENTRY, PRELOAD = "main.js", "<!-- a modulepreload link for each module that main.js imports -->"
"""The page's script, and the mark in the page where the links to its modules go."""
TIDY_EVERY = 5.0
"""Seconds between two rounds of housekeeping."""
CLOSE_SECONDS = 1.5
"""Seconds in which the runs must have saved themselves when the server ends."""
PARTS = (catalog, health, runs, network, history, exports, groups, datasets, sharing, stream)
"""The API's files, each with the router of one resource."""


def plotly_path() -> Path:
    """Find plotly.min.js in its package, without the second that importing the package takes."""
    found = find_spec("plotly")
    if found is None or not found.origin:
        raise FileNotFoundError("the package plotly is missing; install the project again")
    return Path(found.origin).parent / "package_data" / "plotly.min.js"


class PageFiles(StaticFiles):
    """The page's files, which a browser asks for anew each time and gets only where they changed.

    In the page itself a mark is replaced with a link to each module that its script needs: the browser then fetches them all
    at once, not one after the other as it finds them. Its style sheets are put into it, because it is not painted before the
    last of them is there.
    """

    index = ""
    """The page with its links, as the files were when it was made."""
    made_of: Mapping[Path, float] = {}
    """These files, each with the time of its last change."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Give a file, to be revalidated."""
        response = await super().get_response(path, scope)
        if path in (".", "index.html") and response.status_code == 200:
            page = await asyncio.to_thread(self.page)
            etag = f'"{hashlib.sha256(page.encode()).hexdigest()[:32]}"'
            response = Response(page, media_type="text/html", headers={"etag": etag})
            if etag in Headers(scope=scope).get("if-none-match", ""):
                response = NotModifiedResponse(response.headers)
        response.headers["cache-control"] = "no-cache"
        return response

    def page(self) -> str:
        """Write the page with its links and styles, anew only where one of its files has changed."""
        if not self.made_of or self.made_of != changed(self.made_of):
            html = (FRONTEND / "index.html").read_text(encoding="utf-8")
            modules = list(reachable(FRONTEND / ENTRY))
            names = [path.relative_to(FRONTEND.resolve()).as_posix() for path in modules]
            links = [f'<link rel="modulepreload" href="{name}">' for name in names if name != ENTRY]
            sheets = [FRONTEND / name for name in STYLE.findall(html)]
            html = STYLE.sub(lambda found: f"<style>\n{(FRONTEND / found[1]).read_text(encoding='utf-8')}</style>", html)
            self.index = html.replace(PRELOAD, "\n  ".join(links))
            self.made_of = changed([FRONTEND / "index.html", *sheets, *modules])
        return self.index


def changed(files: Iterable[Path]) -> dict[Path, float]:
    """Say when files were changed last."""
    return {path: path.stat().st_mtime for path in files if path.exists()}


async def tidy(registry: Registry, datasets: Datasets, undo_seconds: float) -> None:
    """Do now and then what is due for runs and datasets."""
    while True:
        await asyncio.sleep(TIDY_EVERY)
        await asyncio.to_thread(registry.tidy)
        await asyncio.to_thread(datasets.empty_bin, undo_seconds)


def create_app(settings: Settings, home: Home) -> FastAPI:
    """Make the application over the runs of a folder; they are interrupted when it shuts down."""
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
    app.state.uploads = uploads
    app.state.one_replay = asyncio.Semaphore()
    for part in PARTS:
        app.include_router(part.router, prefix="/api", responses=REFUSALS)
    answer_errors(app)

    @app.api_route("/api/{path:path}", methods=["GET", "POST", "PUT", "PATCH", "DELETE"], include_in_schema=False)
    async def unknown(path: str) -> None:
        raise NotFoundError(f"there is no /api/{path[:80]}")

    @app.get(PLOTLY_URL, include_in_schema=False)
    async def plotly_file() -> FileResponse:
        return FileResponse(plotly_path(), headers={"cache-control": "public, max-age=31536000, immutable"})

    app.mount("/", PageFiles(directory=FRONTEND, html=True))
    app.add_middleware(Guard, settings=settings)
    return app
