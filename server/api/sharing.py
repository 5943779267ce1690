"""The calls about sharing: a link as a QR code, and the key for those who only watch."""

import io
from typing import Annotated, Any

import segno
from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from engine import ConfigurationError
from server.settings import Settings

Text = Annotated[str, Query(min_length=1, max_length=2900, description="what the code says, as a link")]
SVG: dict[int | str, dict[str, Any]] = {200: {"content": {"image/svg+xml": {}}, "description": "a QR code"}}


def share_routes(settings: Settings) -> APIRouter:
    """Give each call its path."""
    router = APIRouter()

    @router.get("/qr", response_class=Response, responses=SVG)
    def qr(text: Text) -> Response:
        """Draw a QR code (ISO/IEC 18004), dark on light with its quiet zone, so that any camera reads it in both themes."""
        file = io.BytesIO()
        try:
            segno.make(text, micro=False, error="m").save(file, kind="svg", border=4, light="#fff", dark="#000", xmldecl=False)
        except ValueError as error:
            raise ConfigurationError("text", f"text is too long for a QR code: {len(text):,} characters; {error}") from error
        return Response(file.getvalue(), media_type="image/svg+xml", headers={"cache-control": "no-store"})

    @router.get("/watchers")
    async def watchers(request: Request) -> dict[str, str | None]:
        """Give the token with which others may watch and change nothing, where the server was started with one."""
        known = settings.view_token and not request.scope.get("view_only", False)
        return {"token": settings.view_token if known else None}

    return router
