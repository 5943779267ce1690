"""The page, which is handed out while the API behind it is still being made: its files, and all that can be chosen in it.

Nothing of the engine is imported before the first page is on its way: a browser paints it meanwhile.
"""

import asyncio
import gc
import hashlib
import json
import re
import sys
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar, cast

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.staticfiles import NotModifiedResponse, StaticFiles
from starlette.types import Receive, Scope, Send

from server.settings import RACERS, Settings
from server.storage.kept_catalog import KeptCatalog

FRONTEND = Path(__file__).parent.parent / "frontend"
IMPORT = re.compile(r'^(import |(?:import|export)\b[^;()]*?\bfrom )"(\.[^"]+)"', re.M)
"""A statement that imports; what a comment imports are types, and what has a bracket is loaded later."""
LATER = re.compile(r'(\bawait import\()"(\.[^"]+)"')
"""What loads a view with its first card."""

STYLE = re.compile(r'<link rel="stylesheet" href="([^"]+)">')
"""A link of a page to a style sheet."""

ENTRY, PRELOAD = "main.js", "<!-- a modulepreload link for each module that main.js imports -->"
"""The page's script, and the mark in the page where the links to its modules go."""
CATALOG = "<!-- the catalog, as JSON -->"
"""The mark in the page where all goes that can be chosen."""
THUMBNAIL, NEUTRAL = re.compile(r"thumbnails/\w+\.png"), "thumbnails/none.png"
"""Where the pictures of the tasks are, and the one of a task that has none yet."""
PLOTLY_URL = f"/vendor/plotly-{version('plotly')}.min.js"
"""Where the page gets Plotly; the version is in its name, so that a browser may keep it for good."""
Made = TypeVar("Made")
API = ("/api/", "/vendor/")
"""What the paths begin with that are no files of the page."""
HANDOVER = 0.0005
"""Seconds after which, while the API is being made, its thread lets the page be handed out; Python's own are ten times that."""


def plotly_path() -> Path:
    """Find plotly.min.js in its package, without the second that importing the package takes."""
    found = find_spec("plotly")
    if found is None or not found.origin:
        raise FileNotFoundError("the package plotly is missing; install the project again")
    return Path(found.origin).parent / "package_data" / "plotly.min.js"


def target(path: Path, said: str) -> Path:
    """Find the module that another one imports under a relative path."""
    return (path.parent / said).resolve()


def reachable(entry: Path, *how: re.Pattern[str]) -> dict[Path, str]:
    """Give a module and all that it imports in these ways, the nearest first, each with its text."""
    found: dict[Path, str] = {}
    waiting = [entry.resolve()]
    while waiting:
        path = waiting.pop(0)
        if path not in found:
            found[path] = path.read_text(encoding="utf-8")
            waiting += [target(path, said) for pattern in how for _, said in pattern.findall(found[path])]
    return found


@cache
def engines_catalog() -> dict[str, Any]:
    """Give what the engine lets a person choose, as JSON can say it."""
    from engine import catalog
    from server.messages import finite

    told: dict[str, Any] = finite(catalog())
    return told


def choices(settings: Settings, catalog: Mapping[str, Any]) -> dict[str, Any]:
    """Say what can be chosen, by whoever asks: of the engine's catalog, within this server's limits."""
    limits = {
        "upload": settings.max_upload,
        "sweep": settings.max_sweep,
        "racers": RACERS,
        "runs": settings.max_runs,
        "undo_seconds": settings.undo_seconds,
    }
    return {**catalog, "plotly": PLOTLY_URL, "limits": limits, "version": version("neural-network-basics")}


class PageFiles(StaticFiles):
    """The page's files, which a browser asks for anew each time and gets only where they changed.

    In the page itself a mark is replaced with a link to each module that its script needs: the browser then fetches them all
    at once, not one after the other as it finds them. Its style sheets are put into it, because it is not painted before the
    last of them is there, and the catalog, because nothing can be shown before that. While that is not known yet, as at the
    first start in a home, the page comes in two parts: first all that can be painted.
    """

    index = ""
    """The page with its links, as the files were when it was made."""
    made_of: Mapping[Path, float] = {}
    """These files, each with the time of its last change."""

    def __init__(self, settings: Settings, kept: KeptCatalog | None = None) -> None:
        super().__init__(directory=FRONTEND)
        self._settings, self._kept = settings, kept
        self._engines_catalog: Mapping[str, Any] = {}
        self._known = asyncio.Event()

    async def know(self) -> None:
        """Get to know all that can be chosen; the pages that were asked for until then are whole after that."""
        kept = self._kept.read() if self._kept else None
        self._engines_catalog = await asyncio.to_thread(undisturbed, engines_catalog) if kept is None else kept
        self._known.set()
        if self._kept and kept is None:
            await asyncio.to_thread(self._kept.write, self._engines_catalog)

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Give a file, to be revalidated. They are small, and read at once: a thread for each would take longer."""
        if scope["method"] not in ("GET", "HEAD"):
            raise HTTPException(405)
        response = self._index(scope) if path in (".", "index.html") else self._file(path, scope)
        response.headers["cache-control"] = "no-cache"
        return response

    def _index(self, scope: Scope) -> Response:
        view_only = bool(scope.get("view_only", False))
        if not self._known.is_set():
            return StreamingResponse(self._in_parts(view_only), media_type="text/html")
        page = self.page(view_only)
        etag = f'"{hashlib.sha256(page.encode()).hexdigest()[:32]}"'
        response = Response(page, media_type="text/html", headers={"etag": etag})
        return NotModifiedResponse(response.headers) if etag in Headers(scope=scope).get("if-none-match", "") else response

    def _file(self, path: str, scope: Scope) -> Response:
        try:
            place, found = self.lookup_path(path)
            if found is None and THUMBNAIL.fullmatch(path):
                place, found = self.lookup_path(NEUTRAL)
            if found is None or not Path(place).is_file():
                raise HTTPException(404)
            response = self.file_response(place, found, scope)
            if not isinstance(response, FileResponse):
                return response
            headers = {name: value for name, value in response.headers.items() if name != "accept-ranges"}
            return Response(Path(place).read_bytes(), headers=headers)
        except (OSError, ValueError):  # no path at all
            raise HTTPException(404) from None

    async def _in_parts(self, view_only: bool) -> AsyncIterator[str]:
        before, after = self.around_catalog()
        yield before
        await self._known.wait()
        yield self._catalog(view_only) + after

    def page(self, view_only: bool = False) -> str:
        """Write the page with its links, styles and catalog."""
        return self._catalog(view_only).join(self.around_catalog())

    def _catalog(self, view_only: bool) -> str:
        said = json.dumps({**choices(self._settings, self._engines_catalog), "view_only": view_only}, separators=(",", ":"))
        return said.replace("<", "\\u003c")  # nothing in it ends the element

    def around_catalog(self) -> list[str]:
        """Write what stands before and after the catalog in the page, anew only where one of its files has changed."""
        if not self.made_of or self.made_of != changed(self.made_of):
            html = (FRONTEND / "index.html").read_text(encoding="utf-8")
            modules = list(reachable(FRONTEND / ENTRY, IMPORT))
            names = [path.relative_to(FRONTEND.resolve()).as_posix() for path in modules]
            links = [f'<link rel="modulepreload" href="{name}">' for name in names if name != ENTRY]
            sheets = [FRONTEND / name for name in STYLE.findall(html)]
            html = STYLE.sub(lambda found: f"<style>\n{(FRONTEND / found[1]).read_text(encoding='utf-8')}</style>", html)
            self.index = html.replace(PRELOAD, "\n  ".join(links))
            self.made_of = changed([FRONTEND / "index.html", *sheets, *modules])
        return self.index.split(CATALOG)


def changed(files: Iterable[Path]) -> dict[Path, float]:
    """Say when files were changed last."""
    return {path: path.stat().st_mtime for path in files if path.exists()}


class Front:
    """The application: hands out the page from the start, and all else as soon as the API is made, in a thread meanwhile."""

    def __init__(
        self,
        settings: Settings,
        make: Callable[[], Starlette],
        failed: Callable[[], None],
        kept: KeptCatalog | None = None,
    ) -> None:
        self._files, self._make, self._failed = PageFiles(settings, kept), make, failed
        self._api: asyncio.Future[Starlette] | None = None
        self.trouble: Exception | None = None
        """Why the API could not be made."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or begin and end."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        if scope["type"] == "http" and not scope["path"].startswith(API):
            try:
                await self._files(scope, receive, send)
            except HTTPException as error:
                words = {"error": {"message": error.detail, "field": None}}
                await JSONResponse(words, error.status_code)(scope, receive, send)
        else:
            api = await asyncio.shield(cast("asyncio.Future[Starlette]", self._api))
            await api(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        """Make the API while the page is handed out already, and end it with the server."""
        await receive()
        self._api, ending = asyncio.get_running_loop().create_future(), asyncio.Event()
        living = asyncio.create_task(self._keep(self._api, ending))
        await send({"type": "lifespan.startup.complete"})
        await receive()
        ending.set()
        await living
        await send({"type": "lifespan.shutdown.complete"})

    async def _keep(self, api: "asyncio.Future[Starlette]", ending: asyncio.Event) -> None:
        try:
            self._files.around_catalog()  # it is ready before anybody asks
            await self._files.know()
            made = await asyncio.to_thread(undisturbed, self._make)
            async with made.router.lifespan_context(made):
                api.set_result(made)
                await ending.wait()
        except Exception as error:
            self.trouble = error
            if not api.done():
                api.cancel()
            self._failed()


def undisturbed(make: Callable[[], Made]) -> Made:
    """Make something of many parts that stay, without looking for garbage among them: that takes a fifth of the time."""
    pause = sys.getswitchinterval()
    gc.disable()
    sys.setswitchinterval(HANDOVER)
    try:
        return make()
    finally:
        sys.setswitchinterval(pause)
        gc.freeze()
        gc.enable()
