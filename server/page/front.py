"""The application: it hands out the page while the API behind it is still being made."""

import asyncio
import gc
import hashlib
import json
import re
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import PurePosixPath
from typing import Any, TypeVar, cast
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from server.page.choices import choices, engines_catalog
from server.page.files import ASK_EACH_TIME, Files, Version
from server.page.modules import LATER, STYLE, target
from server.settings import Settings
from server.storage.kept_catalog import KeptCatalog

INDEX, ENTRY, VIEWS = "index.html", "main.js", "pictures/index.js"
"""The page, its script, and the module that loads its views, each of which is called as its file is."""
NAMED = re.compile(r'\b(href|src)="(\w[\w/]*\.(?:js|svg))"')
"""Where the page names a script or an icon."""
PRELOAD = "<!-- a modulepreload link for each module that main.js imports -->"
"""The mark in the page where the links to its modules go."""
CATALOG = '<script type="application/json" id="catalog"><!-- the catalog, as JSON -->'
"""Where in the page all goes that can be chosen; before it, the links to the modules of the first views."""
Made = TypeVar("Made")
API = ("/api/", "/vendor/")
"""What the paths begin with that are no files of the page."""
HANDOVER = 0.0005
"""Seconds after which, while the API is being made, its thread lets the page be handed out; Python's own are ten times that."""


class Page:
    """The page, which a browser asks for anew each time and gets only where it changed; and its files.

    In the page itself a mark is replaced with a link to each module that its script needs: the browser then fetches them all
    at once, not one after the other as it finds them; after them those of the views that the task begins with. Its style
    sheets are put into it, because it is not painted before the last of them is there, and the catalog, because nothing can
    be shown before that. While that is not known yet, as at the first start in a home, the page comes in two parts: first
    all that can be painted.
    """

    def __init__(self, settings: Settings, kept: KeptCatalog | None = None) -> None:
        self._settings, self._kept, self._files = settings, kept, Files()
        self._engines_catalog: Mapping[str, Any] = {}
        self._known = asyncio.Event()
        self._made_of: Version | None = None
        self._around: list[str] = []
        self._links: dict[str, str] = {}
        """The links to the modules of views, by the names of these."""

    async def know(self) -> None:
        """Get to know all that can be chosen; the pages that were asked for until then are whole after that."""
        kept = self._kept.read() if self._kept else None
        self._engines_catalog = await asyncio.to_thread(undisturbed, engines_catalog) if kept is None else kept
        self._known.set()
        if self._kept and kept is None:
            await asyncio.to_thread(self._kept.write, self._engines_catalog)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the page or one of its files. They are small, and in memory: a thread for each would take longer."""
        await self._answer(scope)(scope, receive, send)

    def _answer(self, scope: Scope) -> Response:
        path, known = scope["path"], Headers(scope=scope).get("if-none-match", "")
        if scope["method"] not in ("GET", "HEAD"):
            return refused(405, "the page and its files can only be read")
        if path in ("", "/", f"/{INDEX}"):
            return self._index(scope, known)
        return self._files.get(path, known) or refused(404, f"there is no {path[:80]}")

    def _index(self, scope: Scope, known: str) -> Response:
        view_only, headers = bool(scope.get("view_only", False)), {"cache-control": ASK_EACH_TIME}
        if not self._known.is_set():
            return StreamingResponse(self._in_parts(view_only), media_type="text/html", headers=headers)
        asked = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("task", [""])
        page = self.page(view_only, asked[0]).encode()
        headers["etag"] = f'"{hashlib.sha256(page).hexdigest()[:32]}"'
        if headers["etag"] in known:
            return Response(status_code=304, headers=headers)
        return Response(page, media_type="text/html", headers=headers)

    async def _in_parts(self, view_only: bool) -> AsyncIterator[str]:
        before, after = self.around_catalog()
        yield before
        await self._known.wait()
        yield self._catalog(view_only, "") + after

    def page(self, view_only: bool = False, task: str = "") -> str:
        """Write the page with its links, styles and catalog, for a task, or for the first where there is none of that name."""
        before, after = self.around_catalog()
        return before + self._catalog(view_only, task) + after

    def _catalog(self, view_only: bool, task: str) -> str:
        said = json.dumps({**choices(self._settings, self._engines_catalog), "view_only": view_only}, separators=(",", ":"))
        # nothing in it ends the element
        return self._links_to_views(task) + CATALOG.partition("<!")[0] + said.replace("<", "\\u003c")

    def around_catalog(self) -> list[str]:
        """Write what stands before and after the catalog in the page, anew only where a file has changed."""
        now = self._files.now()
        if self._made_of is not now:
            html = NAMED.sub(lambda found: f'{found[1]}="{now.address(found[2])}"', now.text(INDEX))
            html = html.replace(PRELOAD, links(now, [name for name in now.modules(ENTRY) if name != ENTRY]))
            html = STYLE.sub(lambda found: f"<style>\n{now.text(found[1])}</style>", html)
            self._made_of, self._around, self._links = now, html.split(CATALOG), {}
        return self._around

    def _links_to_views(self, task: str) -> str:
        now, tasks = cast("Version", self._made_of), self._engines_catalog["tasks"]
        shown: dict[str, str] = next((one for one in tasks if one["name"] == task), tasks[0])["pictures"]
        kinds = " ".join(shown.values())
        if kinds not in self._links:
            views = {
                PurePosixPath(said).stem.replace("_", "-"): target(VIEWS, said) for _, said in LATER.findall(now.text(VIEWS))
            }
            linked = now.modules(ENTRY)
            needed = now.modules(*(views[kind] for kind in shown.values()))
            self._links[kinds] = links(now, [name for name in needed if name not in linked])
        return self._links[kinds]


def links(version: Version, names: list[str]) -> str:
    """Write a link to each of these modules, to be fetched at once."""
    return "\n  ".join(f'<link rel="modulepreload" href="{version.address(name)}">' for name in names)


def refused(status: int, message: str) -> Response:
    """Make the answer that says why there is no file."""
    return JSONResponse({"error": {"message": message, "field": None}}, status)


class Front:
    """The application: hands out the page from the start, and all else as soon as the API is made, in a thread meanwhile."""

    def __init__(
        self,
        settings: Settings,
        make: Callable[[], Starlette],
        failed: Callable[[], None],
        kept: KeptCatalog | None = None,
    ) -> None:
        self._page, self._make, self._failed = Page(settings, kept), make, failed
        self._api: asyncio.Future[Starlette] | None = None
        self.trouble: Exception | None = None
        """Why the API could not be made."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or begin and end."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        if scope["type"] == "http" and not scope["path"].startswith(API):
            await self._page(scope, receive, send)
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
            self._page.around_catalog()  # it is ready before anybody asks
            await self._page.know()
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
