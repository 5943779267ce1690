"""The call about how the server is."""

import time

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from server.api.dependencies import AllPages, AllRuns, Started, Version
from server.api.errors import REFUSALS
from server.api.models.responses import Health

router = APIRouter(prefix="/api/health", responses=REFUSALS, tags=["health"])


@router.get("", response_model=Health)
async def get_health(runs: AllRuns, pages: AllPages, version: Version, started: Started) -> JSONResponse:
    """Give the server's version, the seconds since it started, its runs by status, how many pages watch, and its workers."""
    return JSONResponse(
        {
            "version": version,
            "uptime": time.monotonic() - started,
            "runs": runs.statuses(),
            "clients": pages.clients,
            "workers": runs.workers(),
        }
    )
