"""Nobody gets in: who may speak to this server, and what its pages may load.

A page of another site can make a browser send requests here. It cannot forge Host and Origin, so these are checked for
every request and every websocket, before anything else sees them.
"""

import hmac
import ipaddress
from http.cookies import SimpleCookie
from urllib.parse import parse_qs, urlsplit

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY, "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer", "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
COOKIE = "nn-basics-token"
UPLOAD = "/weights"


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

    def __init__(self, app: ASGIApp, host: str, token: str, max_body: int, max_upload: int) -> None:
        self._app, self._host, self._token, self._most = app, host, token, (max_body, max_upload)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or refuse it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        refusal = self._refusal(headers, scope)
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
            response = RedirectResponse(scope["path"], 303)
            response.set_cookie(COOKIE, self._token, httponly=True, samesite="strict", path="/")
            await response(scope, receive, secured)
        elif refusal:
            await JSONResponse({"error": {"message": refusal[1], "field": None}}, refusal[0])(scope, receive, secured)
        else:
            await self._app(scope, bounded(receive, self._limit(scope)), secured)

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
        """Say how long a request's body may be: a file with weights may be longer than the others."""
        return self._most[scope["path"].endswith(UPLOAD)]

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
        cookie = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
        if cookie and hmac.compare_digest(cookie.value.encode(), self._token.encode()):
            return None
        given = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        if hmac.compare_digest(given.encode(), self._token.encode()):
            return 401, "link"
        return 401, "open the link with the token that the server printed when it started"


def bounded(receive: Receive, most: int) -> Receive:
    """Stop reading a body that grows over the limit."""
    size = 0

    async def count() -> Message:
        nonlocal size
        message = await receive()
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
