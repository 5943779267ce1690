"""The call for everything that can be chosen."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from server.api.dependencies import Limits, ViewOnly
from server.api.errors import REFUSALS
from server.api.models.responses import Catalog
from server.page import choices

router = APIRouter(prefix="/api/catalog", responses=REFUSALS, tags=["catalog"])


@router.get("", response_model=Catalog)
async def get_catalog(settings: Limits, view_only: ViewOnly) -> JSONResponse:
    """Give tasks, layers, optimizers and all else that can be chosen: every field with its type, default, limits and help."""
    return JSONResponse({**choices(settings), "view_only": view_only})
