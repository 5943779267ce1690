"""Nobody gets in: who may speak to this server, and what its pages may load.

A page of another site can make a browser send requests here. It cannot forge Host and Origin, so these are checked for
every request and every websocket, before anything else sees them.
"""

import asyncio
import hmac
import ipaddress
import time
from contextlib import suppress
from http.cookies import CookieError, SimpleCookie
from logging import WARNING
from urllib.parse import parse_qs, urlencode, urlsplit

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.logs import event
from server.settings import Settings

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
COOKIE = "nn-basics-token"
UPLOADS, HARMLESS = (
    ("/weights", "/datasets/table", "/datasets/images", "/runs/import"),
    ("/predict", "/follow", "/nudge", "/lessons/read", "/lessons/goal", "/class/students", "/class/goals"),
)


def is_loopback(host: str) -> bool:
    """Tell whether a host name or address means this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Guard:
    """An ASGI application around another: checks Host, Origin, token and length, and adds the security headers."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app, self._host, self._secure = app, settings.host, settings.tls
        self._token, self._view_token = settings.token, settings.view_token
        self._most = settings.max_body, settings.max_upload
        self._seconds, self._rate = settings.header_seconds, settings.body_rate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or refuse it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        refusal = self._refusal(headers, scope)
        if refusal and refusal[1] != "link":
            event(WARNING, "refused", status=refusal[0], method=scope.get("method", "WS"), path=scope["path"], why=refusal[1])
        if refusal and scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.http.response.start", "status": refusal[0], "headers": []})
            await send({"type": "websocket.http.response.body", "body": refusal[1].encode()})
            return
        if scope["type"] == "websocket":
            await self._app(scope, receive, send)
            return
        secured = secure(send)
        if refusal == (401, "link"):
            said = parse_qs(scope["query_string"].decode("latin-1"))
            rest = urlencode({name: values[0] for name, values in said.items() if name != "token"})
            # a path that begins with two slashes would lead to another site
            response = RedirectResponse("/" + scope["path"].lstrip("/") + (f"?{rest}" if rest else ""), 303)
            name = cookie_name(scope)
            response.set_cookie(name, said["token"][0], httponly=True, samesite="strict", path="/", secure=self._secure)
            await response(scope, receive, secured)
        elif refusal:
            await JSONResponse({"error": {"message": refusal[1], "field": None}}, refusal[0])(scope, receive, secured)
        else:
            await self._app(scope, bounded(receive, self._limit(scope), self._seconds, self._rate), secured)

    def _refusal(self, headers: dict[str, str], scope: Scope) -> tuple[int, str] | None:
        try:
            host = urlsplit(f"//{headers.get('host', '')}").hostname or ""
        except ValueError:
            host = ""
        if not self._is_ours(host):
            return 421, f"this server does not answer for the host {host!r}"
        origin = headers.get("origin")
        if origin is not None and origin.partition("://")[2] != headers.get("host"):
            return 403, "requests from other sites are not allowed"
        length = headers.get("content-length", "0")
        most = self._limit(scope)
        if length.isdecimal() and int(length) > most:
            return 413, f"a request may have {most:,} bytes, this one has {int(length):,}"
        return self._unknown(headers, scope) if self._token else None

    def _limit(self, scope: Scope) -> int:
        """Say how long a request's body may be: a file with weights or data may be longer than the others."""
        return self._most[scope["path"].endswith(UPLOADS)]

    def _is_ours(self, host: str) -> bool:
        """On this machine only loopback names; elsewhere also any address, for a name could be rebound to ours."""
        if is_loopback(host) or host == self._host:
            return True
        if is_loopback(self._host):
            return False
        try:
            ipaddress.ip_address(host)
        except ValueError:
            return False
        return True

    def _unknown(self, headers: dict[str, str], scope: Scope) -> tuple[int, str] | None:
        """Find out who asks, by the cookie or by the link; a visitor may look, and nothing else."""
        may = self._may(cookie_value(headers.get("cookie", ""), cookie_name(scope)))
        if may != "change":
            given = self._may(parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0])
            if given == "change" or (given and not may):  # the full link counts more than a visitor's cookie
                return 401, "link"
        if not may:
            return 401, "open the link with the token that the server printed when it started"
        scope["view_only"] = may == "look"
        if may == "look" and scope.get("method", "GET") not in ("GET", "HEAD") and not scope["path"].endswith(HARMLESS):
            return 403, "this link is for watching; it may change nothing"
        return None

    def _may(self, token: str) -> str:
        """Say what a token allows: "change", "look" or nothing. Takes as long for a wrong one as for a right one."""
        change = hmac.compare_digest(token.encode(), self._token.encode())
        look = hmac.compare_digest(token.encode(), self._view_token.encode())
        return "change" if change and token else "look" if look and token else ""


def cookie_name(scope: Scope) -> str:
    """Name the cookie by the port: a browser sends the cookies of a host to every port of it."""
    return f"{COOKIE}-{(scope.get('server') or (None, 0))[1]}"


def cookie_value(header: str, name: str) -> str:
    """Read one cookie; what other programs on this host have put beside it is left alone, well formed or not."""
    for pair in header.split(";"):
        if pair.partition("=")[0].strip() == name:
            with suppress(CookieError):
                if found := SimpleCookie(pair.strip()).get(name):
                    return found.value
    return ""


def bounded(receive: Receive, most: int, seconds: float, rate: float) -> Receive:
    """Stop reading a body that grows over the limit, or that comes too slowly: only the time that we wait for it counts."""
    size, waited, whole = 0, 0.0, False

    async def count() -> Message:
        nonlocal size, waited, whole
        if whole:  # what comes now is at most that the client has left
            return await receive()
        began = time.monotonic()
        try:
            async with asyncio.timeout(seconds + size / rate - waited):
                message = await receive()
        except TimeoutError:
            words = f"{size:,} bytes came in {seconds + size / rate:.1f} s; {rate:,.0f} a second are needed"
            raise HTTPException(408, f"the body arrives too slowly: {words}") from None
        waited += time.monotonic() - began
        whole = not message.get("more_body", False)
        size += len(message.get("body", b""))
        if size > most:
            raise HTTPException(413, f"a request may have {most:,} bytes, this one has more")
        return message

    return count


def secure(send: Send) -> Send:
    """Add the security headers to every response."""

    async def add(message: Message) -> None:
        if message["type"] == "http.response.start":
            present = {name.lower() for name, _ in message.get("headers", [])}
            extra = [(k.encode(), v.encode()) for k, v in HEADERS.items() if k.encode() not in present]
            message = {**message, "headers": [*message.get("headers", []), *extra]}
        await send(message)

    return add
