"""The API: what can be chosen, how the server is, the full MNIST, and the calls about runs."""

import time
from collections import Counter
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from engine import catalog
from server.api.datasets import DataCalls
from server.api.errors import REFUSALS, NotFoundError
from server.api.groups import GroupCalls
from server.api.runs import RunCalls
from server.api.sharing import share_routes
from server.api.stream import Stream
from server.messages import finite
from server.runs.registry import Runs
from server.settings import Settings
from server.storage.mnist_download import MNISTDownload


def routes(runs: Runs, stream: Stream, settings: Settings, version: str, plotly: str) -> APIRouter:
    """Make the API over these runs."""
    api = APIRouter(prefix="/api", responses=REFUSALS)
    download = MNISTDownload()
    started = time.monotonic()
    everything = {**catalog(), "plotly": plotly, "version": version, "limits": {"upload": settings.max_upload}}

    @api.get("/catalog")
    async def get_catalog(request: Request) -> JSONResponse:
        return JSONResponse(finite({**everything, "view_only": request.scope.get("view_only", False)}))

    @api.get("/health")
    async def get_health() -> dict[str, Any]:
        by_status = Counter(run.status for run in runs.all())
        return {"version": version, "uptime": time.monotonic() - started, "runs": by_status, "clients": stream.clients}

    @api.get("/data/mnist")
    async def get_mnist() -> dict[str, Any]:
        return download.describe()

    @api.post("/data/mnist", status_code=202)
    async def get_full_mnist() -> dict[str, Any]:
        download.start()
        return download.describe()

    api.include_router(RunCalls(runs, stream, settings).routes())

    api.include_router(GroupCalls(runs, settings).routes())

    api.include_router(DataCalls(runs, settings).routes())

    api.include_router(share_routes(settings))

    @api.api_route("/{path:path}", methods=["GET", "POST", "PUT", "PATCH", "DELETE"], include_in_schema=False)
    async def unknown(path: str) -> None:
        raise NotFoundError(f"there is no /api/{path[:80]}")

    return api
