"""What another site, open in the same real browser, can do to a dashboard: nothing."""

from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.browser.browsers import NAME, QUIET
from tests.conftest import Server

SOCKET = """address => new Promise(done => {
  const socket = new WebSocket(address);
  socket.onmessage = () => done("message");
  socket.onerror = () => done("refused");
})"""
POST = """async ([address, type]) => {
  try {
    const reply = await fetch(address, {method: "POST", mode: "no-cors", headers: type ? {"content-type": type} : {},
                                        body: '{"task": "xor"}'});
    return reply.type;
  } catch { return "blocked"; }
}"""
READ = "async address => { try { return await (await fetch(address)).text(); } catch { return 'blocked'; } }"


class Silent(SimpleHTTPRequestHandler):
    def log_message(self, *words: object) -> None:
        pass


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[str]:
    """Another site, on a port of its own."""
    (tmp_path / "index.html").write_text("<!doctype html><title>elsewhere</title>")
    site = ThreadingHTTPServer(("127.0.0.1", 0), partial(Silent, directory=str(tmp_path)))
    Thread(target=site.serve_forever, daemon=True).start()
    yield f"http://localhost:{site.server_port}/"
    site.shutdown()
    site.server_close()


def runs(server: Server) -> int:
    return sum(httpx.get(f"{server.url}/api/health").json()["runs"].values())


def test_another_site_can_neither_read_nor_write_nor_listen(browser: Browser, server: Server, elsewhere: str) -> None:
    id = httpx.post(f"{server.url}/api/runs", json={"task": "xor", "start": False}).json()["id"]
    before = runs(server)
    context = browser.new_context()
    page = context.new_page()
    page.goto(elsewhere)
    for type in ("", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        page.evaluate(POST, [f"{server.url}/api/runs", type])
    assert page.evaluate(POST.replace('mode: "no-cors", ', ""), [f"{server.url}/api/runs", "application/json"]) == "blocked"
    assert page.evaluate(READ, f"{server.url}/api/runs") == "blocked"
    assert page.evaluate(READ, f"{server.url}/api/runs/{id}/export/weights.npz") == "blocked"
    assert page.evaluate(SOCKET, f"{server.socket}/api/runs/{id}/stream") == "refused"
    page.set_content(
        f'<form method="post" enctype="text/plain" action="{server.url}/api/runs/{id}/step"><button>go</button></form>'
    )
    with page.expect_navigation():
        page.click("button")
    expect(page.locator("body")).to_contain_text("other sites are not allowed")
    assert runs(server) == before
    assert httpx.get(f"{server.url}/api/runs/{id}").json()["step"] == 0
    httpx.delete(f"{server.url}/api/runs/{id}")
    context.close()


def test_no_site_can_show_the_dashboard_in_a_frame(browser: Browser, server: Server, elsewhere: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(elsewhere)
    with page.expect_console_message(lambda m: "frame-ancestors" in m.text):
        page.set_content(f'<iframe src="{server.url}/"></iframe>')
    assert not any(frame.url.startswith(server.url) for frame in page.frames)
    context.close()


@pytest.mark.skipif(NAME != "chromium", reason="only Chromium can be told where a name points")
def test_a_name_that_turns_to_this_machine_is_refused(browser: Browser, browser_path: str, server: Server) -> None:
    """DNS rebinding: the other site's name points here now, so that the browser takes the two for one origin."""
    rules = "--host-resolver-rules=MAP evil.example 127.0.0.1"
    rebound = browser.browser_type.launch(executable_path=browser_path, args=[*QUIET, rules])
    page = rebound.new_page()
    reply = page.goto(f"http://evil.example:{server.port}/api/runs")
    assert reply.status == 421
    assert page.evaluate(READ, f"http://evil.example:{server.port}/api/runs").startswith('{"error"')
    assert page.evaluate(SOCKET, f"ws://evil.example:{server.port}/api/runs/x/stream") == "refused"
    rebound.close()
