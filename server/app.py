"""The API, and Plotly from its package. The page that uses it is handed out before it is made (server/page).

At first there is only what a page's first picture needs (server/api/opening): a run, and its stream. All calls are made
in a moment when it has drawn that, or when somebody asks for another one.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from importlib import import_module
from importlib.metadata import version
from logging import ERROR
from traceback import format_exception
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.datastructures import Headers, URLPath
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Match, NoMatchFound, Route, WebSocketRoute
from starlette.types import Message, Receive, Scope, Send

from server.api.opening.first_run import first_run
from server.api.opening.refusals import STATUSES, NotFoundError, refusal
from server.api.opening.stream import stream
from server.api.pages import Pages
from server.logs import event
from server.page.choices import PLOTLY_URL, plotly_path
from server.page.files import FOR_GOOD
from server.page.front import undisturbed
from server.runs.listing.table import Table
from server.runs.registry import Registry
from server.settings import Settings
from server.storage.datasets import Datasets
from server.storage.folders import datasets_folder
from server.storage.home import Home
from server.storage.uploads import Uploads

if TYPE_CHECKING:
    from fastapi import FastAPI

TIDY_EVERY = 5.0
"""Seconds between two rounds of housekeeping."""
CLOSE_SECONDS = 1.5
"""Seconds in which the runs must have saved themselves when the server ends."""
CALLS = (
    *("listing.table", "runs", "history", "catalog", "health", "network", "glass_box.one_step", "exports", "groups"),
    *("datasets", "experiments", "sharing", "listing.many", "listing.comparison"),
    *("searching.searches", "teaching.lessons", "teaching.classroom"),
)
"""The API's files, each with the router of one resource; `table` before `runs`, for no run is called "columns"."""
LATER = 1.0
"""Seconds until they are made where nobody asks for one."""


async def soon(api: "API", table: Table) -> None:
    """Make all calls when a page has had the time to draw its first picture, and then the table of all runs."""
    await asyncio.sleep(LATER)
    with told("calls"):
        await api.made()
        while await asyncio.to_thread(table.fill):
            await asyncio.sleep(0)


async def tidy(registry: Registry, datasets: Datasets, undo_seconds: float) -> None:
    """Do now and then what is due for runs and datasets."""
    while True:
        await asyncio.sleep(TIDY_EVERY)
        with told("housekeeping"):
            await asyncio.to_thread(registry.tidy)
            await asyncio.to_thread(datasets.empty_bin, undo_seconds)


@contextmanager
def told(what: str) -> Iterator[None]:
    """Write into the log what goes wrong in work that nobody waits for."""
    try:
        yield
    except Exception as error:
        event(ERROR, what, error="".join(format_exception(error)))


class API(BaseRoute):
    """The route of all calls: the first of them has them made, but for the run that a page begins with."""

    def __init__(self, app: Starlette, home: Home) -> None:
        self._app, self._home = app, home
        self._making: asyncio.Task[None] | None = None
        self.calls: FastAPI | None = None
        """All of them; None until they are made."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match whatever the API may answer."""
        return (Match.FULL if scope["path"].startswith("/api/") else Match.NONE), {}

    def url_path_for(self, name: str, /, **path_params: object) -> URLPath:
        """Give no address of a call by its name."""
        raise NoMatchFound(name, path_params)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a call as soon as all are there; a first run at once."""
        if self.calls is None and is_of_a_run(scope):
            body = await Request(scope, receive).body()
            if answer := await first_run(body, self._app.state):
                await answer(scope, receive, send)
                return
            receive = once_more(body, receive)
        calls = await self.made()
        await calls(scope, receive, send)

    async def made(self) -> "FastAPI":
        """Have all calls, once; where they cannot be made, whoever asks hears of it, and the next one has it tried again."""
        if self.calls is None:
            if self._making is None or self._making.done():
                self._making = asyncio.create_task(asyncio.to_thread(self._make_once))
            await asyncio.shield(self._making)
        assert self.calls is not None
        return self.calls

    def _make_once(self) -> None:
        self.calls = undisturbed(self._make)

    def _make(self) -> "FastAPI":
        from fastapi import FastAPI

        from server.api.errors import answer_errors
        from server.api.experiments import Experiments
        from server.api.glass_box.one_step import GlassBox
        from server.history.example_history import ExampleHistories
        from server.history.snapshots import SnapshotRenderer
        from server.lessons.classroom import Classroom
        from server.search.searches import Searches
        from server.storage.mnist_download import MNISTDownload

        state = self._app.state
        state.renderer, state.example_histories = SnapshotRenderer(), ExampleHistories()
        state.one_replay = asyncio.Semaphore()
        state.experiments, state.glass_box, state.classroom = Experiments(), GlassBox(), Classroom()
        state.searches = Searches(state.registry, state.registry.store, state.settings)
        state.download = MNISTDownload(self._home.data.mnist)
        calls = FastAPI(
            title="Neural Network Basics",
            version=version("neural-network-basics"),
            docs_url=None,
            redoc_url=None,
            openapi_url="/api/openapi.json",
        )
        calls.state = state
        for name in CALLS:  # as they are: include_router would build each of their routes a second time
            calls.router.routes.extend(import_module(f"server.api.{name}").router.routes)
        answer_errors(calls)

        @calls.api_route("/api/{path:path}", methods=["GET", "POST", "PUT", "PATCH", "DELETE"], include_in_schema=False)
        async def unknown(path: str) -> None:
            raise NotFoundError(f"there is no /api/{path[:80]}")

        return calls


def is_of_a_run(scope: Scope) -> bool:
    """Tell whether a request is one for a new run, in JSON."""
    said = scope["type"] == "http" and scope["method"] == "POST" and scope["path"] == "/api/runs"
    return said and Headers(scope=scope).get("content-type") == "application/json"


def once_more(body: bytes, receive: Receive) -> Receive:
    """Let the body of a request be read again, and then whatever comes after it."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_again() -> Message:
        return waiting.pop() if waiting else await receive()

    return receive_again


async def refused(request: Request, error: Exception) -> Response:
    """Answer what goes wrong before all calls are there."""
    if isinstance(error, HTTPException):
        return refusal(error.status_code, error.detail)
    return refusal(next(status for kind, status in STATUSES.items() if isinstance(error, kind)), str(error))


async def plotly_file(request: Request) -> FileResponse:
    """Give Plotly's script."""
    return FileResponse(plotly_path(), headers={"cache-control": FOR_GOOD})


def create_app(settings: Settings, home: Home) -> Starlette:
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
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        loops.append(asyncio.get_running_loop())
        tidying = asyncio.create_task(tidy(registry, kept, settings.undo_seconds))
        making = asyncio.create_task(soon(api, registry.table))
        yield
        tidying.cancel()
        making.cancel()
        uploads.close()
        if (searches := getattr(app.state, "searches", None)) is not None:
            await asyncio.to_thread(searches.close, CLOSE_SECONDS)
        await asyncio.to_thread(registry.close, CLOSE_SECONDS)

    handlers = dict.fromkeys((*STATUSES, HTTPException), refused)
    routes = [WebSocketRoute("/api/runs/{id}/stream", stream), Route(PLOTLY_URL, plotly_file)]
    app = Starlette(routes=routes, lifespan=lifespan, exception_handlers=handlers)
    app.state.registry, app.state.settings, app.state.pages = registry, settings, Pages(settings)
    app.state.datasets, app.state.uploads, app.state.started = kept, uploads, time.monotonic()
    app.router.routes.append(api := API(app, home))
    return app
