"""Connections: how many there may be, and how long each may take to say what it wants.

Every connection takes a descriptor, as every open file does. When no more are left, nothing can be read or written, so some
are kept for files and for the database.
"""

import asyncio
import errno
import json
import socket
import time
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from logging import INFO, WARNING
from typing import Any

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame

from server.logs import event
from server.runs.rate_limiter import RateLimiter
from server.settings import Settings

WANTED = 65_536, 10_240
"""Descriptors that are enough for anybody; the second is all that macOS gives, whatever it says."""
RESERVE = 24
"""Descriptors that connections leave to files at the least; of many a quarter."""
SAY_EVERY = 10.0
"""Seconds between two lines of the log that say that the server is full."""
ACCEPT_PAUSE = 0.5
"""Seconds without another try when the system has no descriptor left."""
CONTROL_PER_SECOND, CONTROL_AT_ONCE = 20.0, 5.0
"""Pings and parts of messages that a page may send in a second, and seconds' worth of them at once."""
UNREAD = 32 << 10
"""Bytes that a page may have sent and that are not read yet, about: they are taken apart all at once."""
MOST_DISCARDED = 256 << 10
"""Bytes that are looked through for a page's goodbye after ours."""


def raise_limit() -> int | None:
    """Let this process have as many descriptors as it may, and say how many; None where nobody counts them (Windows)."""
    try:
        import resource
    except ImportError:
        return None
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    unlimited = resource.RLIM_INFINITY
    for wanted in WANTED:
        most = wanted if hard == unlimited else min(wanted, hard)
        if soft == unlimited or soft >= most:
            break
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
            return most
    return None if soft == unlimited else soft


def answer(status: int, message: str, *headers: str) -> bytes:
    """Write a whole HTTP answer in the form of every refusal, after which the connection is closed."""
    body = json.dumps({"error": {"message": message, "field": None}}).encode()
    lines = [
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}",
        "content-type: application/json",
        f"content-length: {len(body)}",
        "connection: close",
        *headers,
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


class Listener(socket.socket):
    """The socket that lets connections in, as long as descriptors are left; the others it sends away in words."""

    def __init__(self, family: int) -> None:
        # asyncio sends small answers at once (TCP_NODELAY) only on sockets that say they are TCP
        super().__init__(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self.most: int | None = None
        """The first descriptor that no connection may have; the system always gives the smallest that is free."""
        self.tls = False
        self.retry_seconds = 10.0
        self._refused = 0
        self._said_at = self._tired_until = 0.0

    def accept(self) -> tuple[socket.socket, Any]:
        """Let one in. Raises BlockingIOError where there is none, or where it was sent away: asyncio comes again soon."""
        now = time.monotonic()
        if now < self._tired_until:
            raise BlockingIOError(errno.EAGAIN, "no descriptor is left")
        try:
            connection, address = super().accept()
        except OSError as error:
            if error.errno in (errno.EMFILE, errno.ENFILE):  # asyncio pauses, but before that it would try 2,048 times
                self._tired_until = now + ACCEPT_PAUSE
            raise
        if self.most is None or connection.fileno() < self.most:
            return connection, address
        self._refuse(connection, now)
        raise BlockingIOError(errno.EAGAIN, "one was sent away")

    def _refuse(self, connection: socket.socket, now: float) -> None:
        """Say that the server is full, in the log now and then only; under TLS there are no words before a handshake."""
        words = "this server has as many connections as it can hold; come again in a moment"
        with connection, suppress(OSError):
            connection.setblocking(False)
            if not self.tls:
                with suppress(BlockingIOError):
                    connection.recv(65_536)  # what is left unread takes the answer with it
                connection.send(answer(503, words, f"retry-after: {self.retry_seconds:.0f}"))
                connection.shutdown(socket.SHUT_WR)
        self._refused += 1
        if now >= self._said_at + SAY_EVERY or self._refused == 1:
            self._said_at = now
            event(WARNING, "full", refused=self._refused, descriptors=self.most, why="no descriptor is left for connections")


class Outflow:
    """What waits to be sent on a connection, which is cut when the other side takes nothing of it for some seconds."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._timer: asyncio.TimerHandle | None = None

    def watch(self, transport: asyncio.Transport) -> None:
        """Begin to watch what has piled up."""
        self.let_be()
        left = transport.get_write_buffer_size()
        self._timer = asyncio.get_running_loop().call_later(self._seconds, self._check, transport, left)

    def let_be(self) -> None:
        """Watch no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _check(self, transport: asyncio.Transport, before: int) -> None:
        left = transport.get_write_buffer_size()
        if left < before:
            self.watch(transport)
        else:
            event(INFO, "stalled", unsent=left, seconds=self._seconds)
            transport.abort()


class Watched(asyncio.Protocol):
    """A protocol that is cut when the other side takes nothing of what waits to be sent; its `_outflow` says after how long."""

    _outflow: Outflow
    transport: asyncio.Transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Watch nothing any more."""
        self._outflow.let_be()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """Write no more until what was written is taken."""
        super().pause_writing()
        self._outflow.watch(self.transport)

    def resume_writing(self) -> None:
        """Write on."""
        self._outflow.let_be()
        super().resume_writing()


class Connection(Watched, H11Protocol):
    """The HTTP of one connection, which has some seconds to say the whole head of each request."""

    def __init__(self, settings: Settings, **rest: Any) -> None:
        super().__init__(**rest)
        self._seconds = settings.header_seconds
        self._timer: asyncio.TimerHandle | None = None
        self._outflow = Outflow(settings.send_seconds)
        # a page that is too slow is told so first
        self.ws_protocol_class = partial(Stream, 2 * settings.send_seconds)  # type: ignore[assignment]

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        self._wait_no_more()
        super().connection_lost(exc)

    def handle_events(self) -> None:
        """Read what has come; then it may be whole, or a new one may have begun."""
        super().handle_events()
        self._look()

    def on_response_complete(self) -> None:
        """Go on with the next request; what still comes of a body that was not wanted has little time, too."""
        super().on_response_complete()
        self._look()

    def _look(self) -> None:
        """Wait for the rest where a head, or a body after its answer, has begun and is not whole."""
        begun = self.conn.their_state is h11.IDLE and bool(self.conn.trailing_data[0])
        unwanted = self.conn.their_state is h11.SEND_BODY and self.conn.our_state in (h11.DONE, h11.MUST_CLOSE)
        ours = self.transport.get_protocol() is self  # else it has become a websocket
        if not ours or not (begun or unwanted):
            self._wait_no_more()
        elif self._timer is None:
            self._wait()

    def _wait(self) -> None:
        self._timer = self.loop.call_later(self._seconds, self._end)

    def _wait_no_more(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _end(self) -> None:
        """Close, in words where something was said."""
        self._timer = None
        if not self.transport.is_closing():
            if self.conn.our_state is h11.IDLE and self.conn.trailing_data[0]:
                self.transport.write(answer(408, f"the request's headers did not arrive within {self._seconds:g} s"))
            self.transport.close()


class Stream(Watched, WebSocketsSansIOProtocol):
    """The websocket of one page. Pings and parts of messages cost no turn of the page's own, so they are counted here."""

    def __init__(self, send_seconds: float, **rest: Any) -> None:
        super().__init__(**rest)
        self._control, self._discarded = RateLimiter(CONTROL_AT_ONCE), 0
        self._outflow = Outflow(send_seconds)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin, with little room for what is sent but not read yet."""
        super().connection_made(transport)
        connection = transport.get_extra_info("socket")
        if connection is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, UNREAD)

    async def send(self, message: Any) -> None:
        """Send; a refusal that was said whole is an end of the handshake too, of which uvicorn says that it never ended."""
        await super().send(message)
        if message["type"] == "websocket.http.response.body" and not message.get("more_body", False):
            self.handshake_complete = True

    def data_received(self, data: bytes) -> None:
        """Read what has come; where the page was told to go, not much more of it."""
        super().data_received(data)
        if self.close_sent:
            self._discarded += len(data)
            if self._discarded > MOST_DISCARDED:
                self.transport.abort()

    def handle_ping(self) -> None:
        """Answer a ping."""
        if self._allowed():
            super().handle_ping()

    def handle_text(self, event: Frame) -> None:
        """Take in a message, or its first part."""
        if event.fin or self._allowed():
            super().handle_text(event)

    def handle_bytes(self, event: Frame) -> None:
        """Take in a message of bytes, or its first part."""
        if event.fin or self._allowed():
            super().handle_bytes(event)

    def handle_cont(self, event: Frame) -> None:
        """Take in a further part of a message."""
        if self._allowed():
            super().handle_cont(event)

    def _allowed(self) -> bool:
        """Count one, and end the connection where it is one too many."""
        if self._control.until_next(CONTROL_PER_SECOND) <= 0:
            return True
        self.transport.abort()
        return False


class DashboardServer(uvicorn.Server):
    """Uvicorn's server on a socket of ours, with limits of time that it has no switch for."""

    def __init__(self, config: uvicorn.Config, listener: Listener, settings: Settings) -> None:
        super().__init__(config)
        self._listener, self._settings = listener, settings

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start the application, then let connections in."""
        await super().startup(sockets=[])
        limit, seconds = raise_limit(), self._settings.header_seconds
        self._listener.most = None if limit is None else limit - max(RESERVE, limit // 4)
        self._listener.tls, self._listener.retry_seconds = self.config.ssl is not None, seconds
        state = {"config": self.config, "server_state": self.server_state, "app_state": self.lifespan.state}
        handshake: dict[str, Any] = {}
        if self.config.ssl:
            handshake = {"ssl": self.config.ssl, "ssl_handshake_timeout": seconds, "ssl_shutdown_timeout": seconds}
        make = partial(Connection, self._settings, **state)
        loop = asyncio.get_running_loop()
        self.servers.append(await loop.create_server(make, sock=self._listener, backlog=2048, **handshake))
