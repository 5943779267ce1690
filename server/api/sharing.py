"""The calls about sharing: a link as a QR code, and the key for those who only watch."""

import io
from typing import Annotated

import segno
from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse, Response

from engine import ConfigurationError
from server.api.dependencies import Limits, ViewOnly
from server.api.errors import REFUSALS
from server.api.models.responses import Watchers, file

Text = Annotated[str, Query(min_length=1, max_length=2900, description="what the code says, as a link")]

router = APIRouter(prefix="/api", responses=REFUSALS, tags=["sharing"])


@router.get("/qr", response_class=Response, responses=file("a QR code", "image/svg+xml"))
def qr(text: Text) -> Response:
    """Draw a QR code (ISO/IEC 18004), dark on light with its quiet zone, so that any camera reads it in both themes."""
    drawn = io.BytesIO()
    try:
        segno.make(text, micro=False, error="m").save(drawn, kind="svg", border=4, light="#fff", dark="#000", xmldecl=False)
    except ValueError as error:
        raise ConfigurationError("text", f"text is too long for a QR code: {len(text):,} characters; {error}") from error
    return Response(drawn.getvalue(), media_type="image/svg+xml", headers={"cache-control": "no-store"})


@router.get("/watchers", response_model=Watchers)
async def watchers(settings: Limits, view_only: ViewOnly) -> JSONResponse:
    """Give the token with which others may watch and change nothing, where the server was started with one."""
    return JSONResponse({"token": settings.view_token if settings.view_token and not view_only else None})
