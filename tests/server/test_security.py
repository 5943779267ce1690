"""Foreign hosts, other sites, paths that climb, bodies that never end; and a clean end."""

import socket
import ssl
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
import trustme
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from server.security import Guard
from server.settings import Settings
from tests.conftest import Server
from tests.server.api import create, wait_for


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "", "localhost.evil.example:80", "192.168.0.1", "["]
)
def test_a_foreign_host_is_421(server: Server, host: str) -> None:
    assert raw(server, f"GET /api/health HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").split()[1] in (b"421", b"400")


def raw(server: Server, request: str) -> bytes:
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        connection.sendall(request.encode())
        reply = b""
        while block := connection.recv(65536):
            reply += block
    return reply


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_loopback_names_are_ours(server: Server, host: str) -> None:
    assert httpx.get(f"{server.url}/api/health", headers={"host": f"{host}:{server.port}"}).status_code == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1", "https://localhost"])
def test_another_site_is_403(server: Server, origin: str) -> None:
    assert httpx.post(f"{server.url}/api/runs", json={"task": "spiral"}, headers={"origin": origin}).status_code == 403
    with httpx.Client(base_url=f"{server.url}/api") as api:
        id = create(api, start=False)["id"]
        address = f"{server.socket}/api/runs/{id}/stream"
        with pytest.raises(InvalidStatus) as refused, connect(address, additional_headers={"origin": origin}):
            pass
        assert refused.value.response.status_code == 403
        api.delete(f"/runs/{id}")


def test_our_own_origin_may_post(server: Server) -> None:
    reply = httpx.post(f"{server.url}/api/runs", json={"task": "spiral", "start": False}, headers={"origin": server.url})
    assert reply.status_code == 201
    httpx.delete(f"{server.url}/api/runs/{reply.json()['id']}")


def test_every_answer_carries_the_policy(server: Server) -> None:
    for path in ("/", "/main.js", "/api/health", "/api/nothing", "/nothing.html"):
        headers = httpx.get(server.url + path).headers
        assert "default-src 'none'; script-src 'self'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
    assert "unsafe" not in httpx.get(server.url).headers["content-security-policy"].split("script-src")[1].split(";")[0]


@pytest.mark.parametrize(
    "path",
    ["/../pyproject.toml", "/%2e%2e/pyproject.toml", "/..%2fserver/app.py", "/pictures/../../README.md", "/....//LICENSE"],
)
def test_paths_do_not_climb(server: Server, path: str) -> None:
    reply = raw(server, f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    assert reply.split()[1] in (b"404", b"400")


def test_a_large_body_is_413_with_and_without_its_length(server: Server) -> None:
    assert httpx.post(f"{server.url}/api/runs", content=b"x" * (5 << 20)).status_code == 413

    def endless():
        for _ in range(80):
            yield b"x" * 65536

    assert (
        httpx.post(f"{server.url}/api/runs", content=endless(), headers={"content-type": "application/json"}).status_code == 413
    )


def test_a_form_of_another_site_cannot_start_a_run(server: Server) -> None:
    reply = httpx.post(f"{server.url}/api/runs", content='{"task": "spiral"}', headers={"content-type": "text/plain"})
    assert reply.status_code == 422


def test_plotly_comes_from_here_and_stays_in_the_cache(server: Server) -> None:
    url = httpx.get(f"{server.url}/api/catalog").json()["plotly"]
    reply = httpx.get(server.url + url)
    assert reply.status_code == 200
    assert "immutable" in reply.headers["cache-control"]
    assert httpx.get(f"{server.url}/main.js").headers["cache-control"] == "no-cache"


def test_ctrl_c_ends_soon_with_pages_open_and_runs_training(start_server: Callable[..., Server]) -> None:
    server = start_server()
    with httpx.Client(base_url=f"{server.url}/api") as api:
        ids = [create(api, steps=10_000_000)["id"] for _ in range(3)]
    with ExitStack() as pages:
        for id in ids * 2:
            page = pages.enter_context(connect(f"{server.socket}/api/runs/{id}/stream"))
            page.recv(timeout=30)
        start = time.monotonic()
        said = server.end()
        assert time.monotonic() - start < 10  # a second where cores are free; pages that stay would keep it for ever
    assert "Traceback" not in said
    assert server.process.returncode == 0


def test_on_another_address_a_token_is_asked_for(start_server: Callable[..., Server]) -> None:
    server = start_server("--host", "0.0.0.0")
    address, token = f"http://127.0.0.1:{server.port}", server.url.partition("token=")[2]
    assert len(token) >= 32
    assert httpx.get(f"{address}/api/health").status_code == 401
    assert httpx.get(f"{address}/?token=wrong").status_code == 401
    with pytest.raises(InvalidStatus), connect(f"ws://127.0.0.1:{server.port}/api/runs/x/stream"):
        pass
    with httpx.Client() as client:
        opened = client.get(f"{address}/?token={token}", follow_redirects=True)
        assert opened.status_code == 200
        assert "token" not in str(opened.url)
        assert "HttpOnly" in opened.history[0].headers["set-cookie"]
        assert "SameSite=strict" in opened.history[0].headers["set-cookie"]
        assert client.get(f"{address}/api/health").status_code == 200


def test_a_token_keeps_the_other_users_of_this_machine_out(start_server: Callable[..., Server]) -> None:
    server = start_server("--token")
    address, token = f"http://127.0.0.1:{server.port}", server.url.partition("token=")[2]
    assert len(token) >= 32
    assert httpx.get(f"{address}/api/health").status_code == 401
    assert httpx.get(f"{address}/?token={token}", follow_redirects=False).status_code == 303


def test_a_taken_port_is_said(server: Server, start_server: Callable[..., Server]) -> None:
    with pytest.raises(RuntimeError, match="choose another with --port"):
        start_server(port=server.port)


def test_the_guard_knows_its_own_name() -> None:
    guard = Guard(app=None, settings=Settings())  # type: ignore[arg-type]
    assert guard._refusal({"host": "localhost:8000"}, {"path": "/"}) is None
    assert guard._refusal({"host": "localhost:8000", "origin": "http://localhost:8000"}, {"path": "/"}) is None
    assert guard._refusal({"host": "localhost:8000", "origin": "http://localhost:8001"}, {"path": "/"})[0] == 403


def test_visitors_may_look_and_change_nothing(start_server: Callable[..., Server]) -> None:
    teachers, visitors = "t" * 20, "v" * 20
    server = start_server("--token", teachers, "--view-only", visitors)
    address = f"http://127.0.0.1:{server.port}"
    with httpx.Client(base_url=address, follow_redirects=True) as teacher, httpx.Client(base_url=address) as visitor:
        assert teacher.get(f"/?token={teachers}").status_code == 200
        id = teacher.post("/api/runs", json={"task": "xor", "start": False}).json()["id"]
        opened = visitor.get(f"/?token={visitors}&run={id}")
        assert opened.headers["location"] == f"/?run={id}"
        assert visitor.get("/api/catalog").json()["view_only"]
        assert not teacher.get("/api/catalog").json()["view_only"]
        assert visitor.get(f"/api/runs/{id}").status_code == 200
        assert visitor.post(f"/api/runs/{id}/predict", json={"inputs": [[0, 0]]}).status_code == 200
        for method, path in (
            ("POST", "/api/runs"),
            ("POST", f"/api/runs/{id}/step"),
            ("PATCH", f"/api/runs/{id}"),
            ("PATCH", "/api/runs"),
            ("POST", "/api/runs/delete"),
            ("POST", "/api/runs/restore"),
            ("POST", "/api/runs/import"),
            ("DELETE", f"/api/runs/{id}"),
            ("POST", f"/api/runs/{id}/weights"),
            ("POST", f"/api/runs/{id}/fork"),
            ("POST", "/api/data/mnist"),
        ):
            assert visitor.request(method, path, json={}).status_code == 403, path
        cookie = f"nn-basics-token-{server.port}={visitors}"
        with connect(f"ws://127.0.0.1:{server.port}/api/runs/{id}/stream", additional_headers={"cookie": cookie}) as page:
            assert page.recv(timeout=30)
        assert httpx.get(f"{address}//evil.example/?token={teachers}").headers["location"] == "/evil.example/"
    said = server.end()
    assert teachers not in said.replace(f"?lesson=class&token={teachers}", "")
    assert visitors not in said.replace(f"?token={visitors}", "")


def test_other_programs_cookies_and_a_visitors_one_lock_nobody_out(start_server: Callable[..., Server]) -> None:
    teachers, visitors = "t" * 20, "v" * 20
    server = start_server("--token", teachers, "--view-only", visitors)
    name = f"nn-basics-token-{server.port}"
    others = 'prefs={"a":1}; nn-basics-token-1=of-another-server; =; bad name=x'
    with httpx.Client(base_url=f"http://127.0.0.1:{server.port}") as api:

        def health(cookie: str) -> int:
            return api.get("/api/health", headers={"cookie": cookie}).status_code

        assert health(f"{others}; {name}={teachers}") == 200
        assert health(f"{name}={teachers}; {others}") == 200
        assert health(f'{name}="{teachers}"') == 200
        assert [health(others), health(f"{name}=wrong"), health(f"{name}x={teachers}")] == [401, 401, 401]
        looking, all_of_it = {"cookie": f"{name}={visitors}"}, {"cookie": f"{name}={teachers}"}
        assert api.get("/", headers=looking).status_code == 200
        raised = api.get(f"/?token={teachers}", headers=looking)
        assert raised.status_code == 303
        assert raised.headers["set-cookie"].startswith(f"{name}={teachers};")
        assert api.get(f"/?token={visitors}", headers=all_of_it).status_code == 200  # who may change keeps that


def test_no_secret_and_one_line_for_each_event_in_the_log(start_server: Callable[..., Server]) -> None:
    token = "secret-" * 4
    server = start_server("--token", token, "--log-level", "debug")
    address = f"http://127.0.0.1:{server.port}"
    with httpx.Client(base_url=address, follow_redirects=True) as api:
        api.get(f"/?token={token}")
        api.get("/?token=wrong-one-here", headers={"cookie": ""})
        id = api.post("/api/runs", json={"task": "xor", "steps": 3}).json()["id"]
        with httpx.Client(base_url=f"{address}/api", cookies=api.cookies) as again:
            wait_for(again, id, lambda r: r["status"] == "finished")
    log = server.end().splitlines()
    assert not [line for line in log if token in line.replace(f"?lesson=class&token={token}", "")]
    events = [line for line in log if " INFO " in line]
    assert any(f'run status id="{id}" status="finished"' in line for line in events)
    assert any("started address=" in line for line in events)


@pytest.mark.parametrize(
    "options",
    [["--token", "short"], ["--host", "0.0.0.0", "--token", "a" * 20, "--view-only", "a" * 20], ["--ssl-certfile", "x"]],
)
def test_weak_tokens_and_half_a_certificate_are_refused_at_the_start(
    start_server: Callable[..., Server], options: list[str]
) -> None:
    with pytest.raises(RuntimeError, match="token needs|belong together"):
        start_server(*options)


def test_a_certificate_that_is_missing_is_named_before_an_address_is_printed(
    start_server: Callable[..., Server], tmp_path: Path
) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    key.write_text("no key")
    for words in (f"there is no file {certificate}", "are no certificate and its key"):
        with pytest.raises(RuntimeError, match=words) as refused:
            start_server("--ssl-certfile", str(certificate), "--ssl-keyfile", str(key))
        assert "://" not in str(refused.value)
        certificate.write_text("no certificate")


def test_pages_come_over_https_where_there_is_a_certificate(start_server: Callable[..., Server], tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1", "localhost")
    issued.private_key_pem.write_to_path(str(key))
    issued.cert_chain_pems[0].write_to_path(str(certificate))
    server = start_server("--ssl-certfile", str(certificate), "--ssl-keyfile", str(key), "--token", "t" * 20)
    assert server.url.startswith("https://")
    trusted = ssl.create_default_context()
    authority.configure_trust(trusted)
    opened = httpx.get(server.url, verify=trusted)
    assert "Secure" in opened.headers["set-cookie"]
