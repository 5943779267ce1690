"""The call that streams a run to a page, over a websocket; PROTOCOL.md has its messages."""

from starlette.websockets import WebSocket

from server.api.opening.asking import find
from server.api.opening.refusals import STATUSES, NotFoundError, refusal
from server.api.pages import Pages
from server.runs.registry import TooManyError
from server.settings import Settings


async def stream(socket: WebSocket) -> None:
    """Stream a run's rows and pictures to one page, from row `since` on, until it leaves."""
    state, since = socket.app.state, socket.query_params.get("since", "0")
    pages: Pages = state.pages
    settings: Settings = state.settings
    try:
        run = find(state.registry, socket.path_params["id"])
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
