"""The calls for everything that can be chosen, and for the lines of the engine that do it."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from engine.training.catalog import SourceLines, source_lines
from server.api.dependencies import Limits, ViewOnly
from server.api.errors import REFUSALS
from server.api.models.responses import Catalog
from server.api.opening.refusals import NotFoundError
from server.page.choices import choices, engines_catalog

router = APIRouter(prefix="/api/catalog", responses=REFUSALS, tags=["catalog"])


@router.get("", response_model=Catalog)
async def get_catalog(settings: Limits, view_only: ViewOnly) -> JSONResponse:
    """Give tasks, layers, optimizers and all else that can be chosen: every field with its type, default, limits and help."""
    return JSONResponse({**choices(settings, engines_catalog()), "view_only": view_only})


@router.get("/source", response_model=SourceLines)
async def get_source(kind: str, name: str) -> SourceLines:
    """Give the lines of the engine that do what has this name, as in ?kind=layers&name=Dense."""
    try:
        return source_lines(kind, name)
    except (KeyError, OSError):  # an engine without its source has no lines to show
        raise NotFoundError(f"there are no lines of the engine for {kind[:80]} {name[:80]}") from None
