"""Every refusal in one form: {"error": {"message", "field"}}."""

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from engine import ConfigurationError
from engine.data.datasets import NotHereError
from engine.layers import LAYERS
from engine.optimizers import OPTIMIZERS
from engine.regularizers import REGULARIZERS
from engine.schedules import SCHEDULES
from engine.tasks import TASKS
from engine.training.factory import LOSSES
from server.api.models.bodies import UnfitError
from server.api.opening.refusals import STATUSES, refusal


class Reason(BaseModel):
    """Why something was refused, and which field of the request is to blame, where it is one."""

    message: str
    field: str | None


class Refusal(BaseModel):
    """What every refusal looks like."""

    error: Reason


REFERENCE = {"application/json": {"schema": {"$ref": "#/components/schemas/Refusal"}}}
REFUSALS: dict[int | str, dict[str, Any]] = {
    422: {"model": Refusal, "description": "a value that is not allowed"},
    **{
        status: {"content": REFERENCE, "description": words}  # a model for each status of each call would take long to make
        for status, words in {
            401: "a token is needed",
            403: "from another site, or by a visitor",
            404: "there is none",
            405: "not by this method",
            408: "it took too long to arrive",
            409: "the run's status does not allow it",
            413: "too long",
            421: "another host",
            429: "too many",
            507: "the disk does not take it",
        }.items()
    },
}
"""What every call may be refused with, for the API's schema."""


def answer_errors(app: FastAPI) -> None:
    """Answer every refusal as {"error": {"message", "field"}}."""

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        field = field_path(tuple(first["loc"]))
        words = first["msg"]
        if first["type"] == "union_tag_invalid":
            field = ".".join(part for part in (field, first["ctx"]["discriminator"].strip("'")) if part)
            words = f"there is no {first['ctx']['tag'][:60]!r}; choose {first['ctx']['expected_tags']}"
        elif first["type"] == "union_tag_not_found":
            field = ".".join(part for part in (field, first["ctx"]["discriminator"].strip("'")) if part)
            words = f"{field} is missing"
        elif first["type"] not in ("not_allowed", "missing"):
            words = f"{field or 'the body'}: {words}, got {repr(first.get('input'))[:60]}"
        return refusal(422, words, field or None)

    for kind, status in STATUSES.items():

        @app.exception_handler(kind)
        async def refuse(request: Request, error: Exception, status: int = status) -> JSONResponse:
            return refusal(status, str(error))

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> JSONResponse:
        return refusal(error.status_code, error.detail)

    @app.exception_handler(UnfitError)
    async def unfit(request: Request, error: UnfitError) -> JSONResponse:
        return refusal(error.status_code, error.detail, error.field)

    @app.exception_handler(NotHereError)
    async def without_data(request: Request, error: NotHereError) -> JSONResponse:
        return refusal(422, str(error), "data.dataset")

    @app.exception_handler(ConfigurationError)
    async def misconfigured(request: Request, error: ConfigurationError) -> JSONResponse:
        return refusal(422, str(error), error.field)


_TAGS = {*TASKS, *LAYERS, *OPTIMIZERS, *SCHEDULES, *LOSSES, *REGULARIZERS}


def field_path(location: tuple[int | str, ...]) -> str:
    """Turn pydantic's location into a path as a person writes it: network.2.units."""
    parts = [str(part) for part in location if part != "body"]
    if len(parts) > 1 and parts[0] in TASKS:  # alone it is a field: a task is called as the step of a snapshot is
        parts = parts[1:]
    tags = _TAGS if location[:1] != ("query",) else set()  # a task is called as the step that a query names
    kept = [part for i, part in enumerate(parts) if not (i and part in tags and (parts[i - 1].isdecimal() or i == 1))]
    return ".".join(part for part in kept if "[" not in part and part not in ("none", "int", "float", "str"))
