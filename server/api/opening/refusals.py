"""What a call is refused with: {"error": {"message", "field"}}, and with which status."""

from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse

from server.messages import finite
from server.runs.registry import TooManyError
from server.runs.run import ConflictError
from server.storage.database import StorageError
from server.storage.uploads import FullError, TooSlowError


class NotFoundError(LookupError):
    """There is no such thing; the message says what."""


def no_snapshot(step: int) -> NotFoundError:
    """Say that the run has no snapshot of this step, or not any more."""
    return NotFoundError(f"the history has no snapshot of step {step:,}; GET history lists those it has")


STATUSES: dict[type[Exception], int] = {
    NotFoundError: 404,
    TooSlowError: 408,
    ClientDisconnect: 408,  # nobody hears it
    ConflictError: 409,
    TooManyError: 429,
    FullError: 429,
    StorageError: 507,
}
"""With which status each of these is answered; a ConfigurationError with 422, and the field that it names."""


def refusal(status: int, message: str, field: str | None = None) -> JSONResponse:
    """Make the answer that every refusal gets."""
    return JSONResponse({"error": finite({"message": message, "field": field})}, status)
