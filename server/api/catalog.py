"""The call for everything that can be chosen."""

from functools import cache
from importlib.metadata import version
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from engine import catalog
from server.api.dependencies import Limits, Version, ViewOnly
from server.api.models.responses import Catalog
from server.messages import finite
from server.runs.groups import RACERS
from server.settings import Settings

PLOTLY_URL = f"/vendor/plotly-{version('plotly')}.min.js"
"""Where the page gets Plotly; the version is in its name, so that a browser may keep it for good."""

router = APIRouter(prefix="/catalog", tags=["catalog"])


@router.get("", response_model=Catalog)
async def get_catalog(settings: Limits, version: Version, view_only: ViewOnly) -> JSONResponse:
    """Give tasks, layers, optimizers and all else that can be chosen: every field with its type, default, limits and help."""
    return JSONResponse({**everything(settings), "version": version, "view_only": view_only})


@cache
def everything(settings: Settings) -> dict[str, Any]:
    """Say what is the same for whoever asks."""
    told: dict[str, Any] = finite({**catalog(), "plotly": PLOTLY_URL, "limits": limits(settings)})
    return told


def limits(settings: Settings) -> dict[str, float]:
    """Say what the page must not go beyond on this server."""
    return {
        "upload": settings.max_upload,
        "sweep": settings.max_sweep,
        "racers": RACERS,
        "undo_seconds": settings.undo_seconds,
    }
