"""Connections that never speak, or never stop: they are ended in words, and everybody else is answered meanwhile."""

import asyncio
import json
import os
import select
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import httpx
import pytest
import trustme
from starlette.exceptions import HTTPException
from starlette.types import Message
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from server.api.pages import FLOODED
from server.security import bounded
from server.terminal import connections
from tests.conftest import Server
from tests.samples import TABLE
from tests.server.api import create, run_apart, wait_for

HEALTH = b"GET /api/health HTTP/1.1\r\nHost: localhost\r\n"


def few_descriptors(number: int) -> tuple[str, ...]:
    return ("sh", "-c", f'ulimit -n {number}; exec "$@"', "sh")


def dial(server: Server, said: bytes = b"") -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=30)
    connection.sendall(said)
    return connection


def read(connection: socket.socket) -> bytes:
    """Read until the server closes."""
    reply = b""
    while block := connection.recv(65_536):
        reply += block
    return reply


def read_one(connection: socket.socket) -> bytes:
    """Read one answer, after which the connection stays open."""
    reply = b""
    while not reply.endswith(b"}"):
        reply += connection.recv(65_536)
    return reply


def words(reply: bytes) -> tuple[int, str, str]:
    """Give an answer's status, its headers and its message."""
    head, _, body = reply.decode().partition("\r\n\r\n")
    return int(head.split()[1]), head.lower(), json.loads(body)["error"]["message"]


@pytest.mark.skipif(os.name != "posix", reason="Windows counts no descriptors")
def test_a_server_that_is_full_says_so_and_goes_on_working(start_server: Callable[..., Server]) -> None:
    server = start_server(before=few_descriptors(64), NN_BASICS_HEADER_SECONDS="1000")
    with httpx.Client(base_url=f"{server.url}/api", timeout=30) as api, ExitStack() as stack:
        id = create(api, steps=10_000_000, evaluate_every=1)["id"]
        page = stack.enter_context(connect(f"{server.socket}/api/runs/{id}/stream"))
        silent = [stack.enter_context(dial(server)) for _ in range(70)]
        status, headers, message = words(read(silent[-1]))
        assert (status, message) == (503, "this server has as many connections as it can hold; come again in a moment")
        assert "retry-after: 1000" in headers
        sent_away = select.select(silent, [], [], 0)[0]
        assert 30 < len(sent_away) < 60
        assert api.get("/health").json()["clients"] == 1
        assert api.patch(f"/runs/{id}", json={"name": "kept"}).json()["name"] == "kept"
        assert api.post(f"/runs/{id}/pause").json()["status"] == "paused"
        while json.loads(page.recv(timeout=30)).get("status") != "paused":
            pass
        stack.close()
        assert api.get("/health").status_code == 200
    with httpx.Client(base_url=f"{server.url}/api", timeout=30) as another:
        wait_for(another, id, lambda run: run["name"] == "kept")
    log = server.end()
    assert 1 <= log.count(" full refused=") <= 3
    assert len(log) < 5_000, log


@pytest.mark.skipif(os.name != "posix", reason="Windows counts no descriptors")
def test_the_soft_limit_is_raised_to_the_hard_one(start_server: Callable[..., Server]) -> None:
    server = start_server(before=("sh", "-c", 'ulimit -H -n 200; ulimit -S -n 64; exec "$@"', "sh"))
    with ExitStack() as stack:
        for _ in range(70):
            stack.enter_context(dial(server))
        assert httpx.get(f"{server.url}/api/health").status_code == 200


@pytest.mark.parametrize(
    ("soft", "hard", "refused", "most"),
    [
        (256, 4096, (), 4096),
        (256, -1, (), 65_536),
        (256, -1, (65_536,), 10_240),  # macOS
        (256, 256, (), 256),
        (100_000, 200_000, (), 100_000),
        (256, 4096, (4096,), 256),
        (-1, -1, (), None),
    ],
)
def test_what_the_limit_becomes(
    monkeypatch: pytest.MonkeyPatch, soft: int, hard: int, refused: tuple[int, ...], most: int | None
) -> None:
    resource = pytest.importorskip("resource")
    made: list[tuple[int, int]] = []

    def change(_: int, limits: tuple[int, int]) -> None:
        if limits[0] in refused:
            raise ValueError
        made.append(limits)

    monkeypatch.setattr(resource, "RLIM_INFINITY", -1)
    monkeypatch.setattr(resource, "getrlimit", lambda _: (soft, hard))
    monkeypatch.setattr(resource, "setrlimit", change)
    assert connections.raise_limit() == most
    assert made == ([] if most in (None, soft) else [(most, hard)])


@pytest.fixture(scope="module")
def one_at_a_time(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that reads one file at a time."""
    server = Server(tmp_path_factory.mktemp("one"), NN_BASICS_MAX_UPLOADS="1")
    yield server
    log = server.end()
    assert "Traceback" not in log, log


@pytest.fixture(scope="module")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that waits half a second."""
    server = Server(tmp_path_factory.mktemp("hasty"), NN_BASICS_HEADER_SECONDS="0.5", NN_BASICS_MAX_UPLOADS="1")
    yield server
    assert "Traceback" not in server.end()


def test_a_connection_that_says_nothing_is_closed(hasty: Server) -> None:
    with dial(hasty) as connection:
        assert read(connection) == b""


@pytest.mark.parametrize("begun", [b"G", HEALTH, HEALTH + b"X-Long: " + b"x" * 5000])
def test_headers_that_never_end_are_408(hasty: Server, begun: bytes) -> None:
    with dial(hasty, begun) as connection:
        status, headers, message = words(read(connection))
    assert (status, message) == (408, "the request's headers did not arrive within 0.5 s")
    assert "connection: close" in headers


def test_headers_of_a_second_request_that_never_end_are_408(hasty: Server) -> None:
    with dial(hasty, HEALTH + b"\r\n") as connection:
        assert read_one(connection).startswith(b"HTTP/1.1 200")
        connection.sendall(HEALTH)
        assert words(read(connection))[0] == 408


@pytest.mark.parametrize("path", ["runs", "datasets/table?name=x.csv"])
def test_a_body_that_never_ends_is_408(hasty: Server, path: str) -> None:
    head = f"POST /api/{path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n"
    with dial(hasty, head.encode() + b'{"task"') as connection:
        status, _, message = words(read(connection))
    assert (status, message) == (408, "the body arrives too slowly: 7 bytes came in 0.5 s; 8,000 a second are needed")
    assert httpx.post(f"{hasty.url}/api/datasets/table", content=TABLE).status_code == 201, "its turn was not given back"


def test_a_body_that_nobody_wants_keeps_no_connection(hasty: Server) -> None:
    with dial(hasty, HEALTH + b"Content-Length: 1000\r\n\r\n") as connection:
        assert read_one(connection).startswith(b"HTTP/1.1 200")
        connection.sendall(b"x")  # from now on nobody waits for the next request, and this one never ends
        assert read(connection) == b""


def test_a_tls_handshake_that_never_ends_is_closed(start_server: Callable[..., Server], tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(tmp_path / "both.pem")
    options = ("--ssl-certfile", str(tmp_path / "both.pem"), "--ssl-keyfile", str(tmp_path / "both.pem"))
    server = start_server(*options, NN_BASICS_HEADER_SECONDS="0.5")
    with dial(server) as connection:
        assert read(connection) == b""
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    assert httpx.get(f"https://localhost:{server.port}/api/health", verify=trust).status_code == 200


def test_who_takes_nothing_of_an_answer_is_cut_off(start_server: Callable[..., Server]) -> None:
    server = start_server("--log-level", "info", NN_BASICS_SEND_SECONDS="0.3")
    plotly = httpx.get(f"{server.url}/api/catalog").json()["plotly"]
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", server.port))
        connection.sendall(f"GET {plotly} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        late = threading.Timer(30, server.process.kill)
        late.start()
        assert any(" stalled unsent=" in line for line in iter(server.process.stderr.readline, ""))
        late.cancel()
        assert len(read(connection)) < 1_000_000


def slow(*parts: bytes) -> Callable[[], object]:
    """Give a body in parts, each some time after the one before."""
    left = list(parts)

    async def receive() -> Message:
        await asyncio.sleep(0.2)
        return {"type": "http.request", "body": left.pop(0), "more_body": bool(left)}

    return receive


def test_a_body_on_a_slow_line_arrives(monkeypatch: pytest.MonkeyPatch) -> None:
    async def take(seconds: float, rate: float) -> int:
        receive, size, more = bounded(slow(*[b"x" * 1000] * 5), 10_000, seconds, rate), 0, True
        while more:
            message = await receive()
            size, more = size + len(message["body"]), message["more_body"]
            await asyncio.sleep(0.2)  # what the server itself takes is not counted
        return size

    assert run_apart(take(0.8, 2_000)) == 5_000
    with pytest.raises(HTTPException, match="too slowly: (0|[12],000) bytes came in 0.5 s"):
        run_apart(take(0.5, 1e9))


def frame(opcode: int, payload: bytes = b"", last: bool = True) -> bytes:
    return bytes([opcode | 128 * last, 128 | len(payload), 0, 0, 0, 0]) + payload


def test_a_page_that_floods_is_dropped_and_holds_nobody_up(one_at_a_time: Server) -> None:
    server = one_at_a_time
    with httpx.Client(base_url=f"{server.url}/api", timeout=30) as api:
        id = create(api, start=False)["id"]
        ended = threading.Event()

        def flood(page: ClientConnection) -> None:
            said = b"".join(frame(1, json.dumps({"watch": [name]}).encode()) for name in ("decision boundary", "network"))
            page.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 16_384)
            with suppress(OSError):
                while not ended.is_set():
                    page.socket.sendall(said)

        with connect(f"{server.socket}/api/runs/{id}/stream", max_queue=None) as page:
            flooding = threading.Thread(target=flood, args=(page,))
            flooding.start()
            with pytest.raises(ConnectionClosed) as closed:
                while True:
                    assert api.post(f"/runs/{id}/step").status_code == 200
                    with suppress(TimeoutError):
                        while True:
                            page.recv(timeout=0.05)
            ended.set()
            flooding.join()
        assert closed.value.rcvd is not None
        assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (
            FLOODED,
            "a page may say 60 things a second, this one said more",
        )


@pytest.mark.parametrize(
    "said",
    [frame(9) * 5_000, frame(1, last=False) + frame(0, last=False) * 5_000, frame(1, last=False) * 2 + frame(2, last=False)],
    ids=["pings", "empty parts", "first parts"],
)
def test_what_is_no_message_ends_the_connection_where_it_is_too_much(one_at_a_time: Server, said: bytes) -> None:
    server = one_at_a_time
    with httpx.Client(base_url=f"{server.url}/api", timeout=30) as api:
        id = create(api, start=False)["id"]
        with connect(f"{server.socket}/api/runs/{id}/stream", max_queue=None) as page:
            page.socket.sendall(said)
            with pytest.raises(ConnectionClosed):
                while True:
                    page.recv(timeout=30)
        assert api.get("/health").status_code == 200


@pytest.mark.parametrize("path", ["runs/{id}/weights", "datasets/table", "datasets/images", "runs"])
def test_who_leaves_while_sending_a_file_changes_nothing(one_at_a_time: Server, path: str) -> None:
    server = one_at_a_time
    with httpx.Client(base_url=f"{server.url}/api", timeout=30) as api:
        id = create(api, start=False)["id"]
        before = api.get(f"/runs/{id}").json()
        weights = api.get(f"/runs/{id}/export/weights.npz").content
        head = f"POST /api/{path.format(id=id)} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        with dial(server, f"{head}Content-Length: {len(weights)}\r\n\r\n".encode() + weights[:100]):
            pass
        assert api.get(f"/runs/{id}").json() == before
        assert api.get("/datasets").json() == []
        assert api.post(f"/runs/{id}/weights", content=weights).status_code == 200, "its turn was not given back"
