"""The call that streams a run to a page, over a websocket; PROTOCOL.md has its messages."""

from fastapi import APIRouter, WebSocket

from server.api.dependencies import AllPages, AllRuns, Limits, find
from server.api.errors import REFUSALS, STATUSES, NotFoundError, refusal
from server.runs.registry import TooManyError

router = APIRouter(prefix="/api/runs/{id}", responses=REFUSALS, tags=["stream"])


@router.websocket("/stream")
async def stream(socket: WebSocket, id: str, runs: AllRuns, pages: AllPages, settings: Limits) -> None:
    """Stream a run's rows and pictures to one page, from row `since` on, until it leaves."""
    since = socket.query_params.get("since", "0")
    try:
        run = find(runs, id)
        if pages.clients >= settings.max_pages:
            raise TooManyError(f"{settings.max_pages} pages are watching already")
    except (NotFoundError, TooManyError) as error:
        await socket.send_denial_response(refusal(STATUSES[type(error)], str(error)))
        return
    if not since.isdecimal() or len(since) > 12:
        await socket.send_denial_response(refusal(422, f"since must be the number of a row, got {since[:60]!r}", "since"))
        return
    await pages.arrive()
    await socket.accept()
    await pages.serve(socket, run, int(since))
