"""What is on its way to the server can be given up: nothing of it is kept, and nobody waits for it."""

import signal
import socket
from collections.abc import Callable, Iterator

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.page import Open, ask_for_data, drawn, drop
from tests.conftest import Server
from tests.samples import flowers

BUTTON, WORDS = "#data-cancel", ".data-words"
LARGE = """([rows, columns]) => {
  const cells = (k) => Array.from({ length: columns }, (_, j) => (k * (j + 3)) % 101 / 7).join(",");
  const text = Array.from({ length: rows }, (_, k) => `${cells(k)},${"ab"[k % 2]}\\n`).join("");
  const data = new DataTransfer();
  data.items.add(new File([text], "large.csv", { type: "text/csv" }));
  document.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
}"""
GIVE_UP: dict[str, Callable[[Page], None]] = {
    "button": lambda page: page.click(BUTTON),
    "Enter": lambda page: page.keyboard.press("Enter"),
    "Escape": lambda page: page.keyboard.press("Escape"),
}


def kept(server: Server) -> list[dict]:
    return httpx.get(f"{server.url}/api/datasets").json()


def heard(page: Page) -> None:
    """Wait until the server knows what the page gave up: an answer to what the page asked after it."""
    page.evaluate("fetch('/api/health').then((answer) => answer.text())")


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that takes one file at a time, and forgets what is deleted."""
    running = Server(tmp_path_factory.mktemp("narrow"), NN_BASICS_MAX_UPLOADS="1", NN_BASICS_UNDO_SECONDS="0")
    yield running
    assert "Traceback" not in running.end()


@pytest.fixture
def page(narrow: Server, open_page: Open) -> Page:
    """A page with the window of one's own data, of which there are none yet."""
    for one in kept(narrow):
        httpx.delete(f"{narrow.url}/api/datasets/{one['id']}").raise_for_status()
    opened = open_page(base=narrow.url)
    opened.server = narrow
    drawn(opened, "decision boundary")
    ask_for_data(opened)
    opened.focus("#data-paste")
    return opened


@pytest.mark.parametrize("how", GIVE_UP)
def test_a_file_that_waits_for_its_turn_is_given_up(page: Page, how: str) -> None:
    window = page.locator("#data-window")
    with socket.create_connection(("127.0.0.1", page.server.port)) as line:  # somebody's file, of which one byte is missing
        headers = b"Host: 127.0.0.1\r\nContent-Length: 9\r\nExpect: 100-continue"
        line.sendall(b"POST /api/datasets/table HTTP/1.1\r\n" + headers + b"\r\n\r\n")
        assert line.recv(1000).startswith(b"HTTP/1.1 100"), "asked to go on, so it has its turn"
        line.sendall(b"a,b\n1,2\n")
        drop(page, "flowers.csv", flowers(60))
        expect(page.locator(BUTTON)).to_be_focused()
        GIVE_UP[how](page)
        expect(page.locator(WORDS)).to_have_text("Cancelled. Nothing was kept.")
        expect(page.locator(BUTTON)).to_be_hidden()
        expect(window).to_be_visible()
        expect(page.locator("#data-paste")).to_be_focused()
        heard(page)
    drop(page, "flowers.csv", flowers(90))  # the place is free, and the page works on
    expect(window).to_contain_text("90 rows")
    assert [one["rows"] for one in kept(page.server)] == [90]


def test_a_table_that_the_server_reads_is_given_up(page: Page) -> None:
    page.evaluate(LARGE, [90_000, 18])
    expect(page.locator(".data-progress")).to_contain_text("The server reads it")
    page.click(BUTTON)
    expect(page.locator(WORDS)).to_have_text("Cancelled. Nothing was kept.")
    drop(page, "flowers.csv", flowers(60))
    expect(page.locator("#data-window")).to_contain_text("60 rows")
    assert [one["name"] for one in kept(page.server)] == ["flowers.csv"]


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="no process can be stopped here")
def test_what_was_read_before_the_server_heard_of_it_is_not_kept(page: Page) -> None:
    page.server.process.send_signal(signal.SIGSTOP)  # it hears nothing, and then of both at once
    try:
        drop(page, "flowers.csv", flowers(60))
        expect(page.locator(".data-progress")).to_contain_text("The server reads it")
        page.keyboard.press("Escape")
        expect(page.locator(WORDS)).to_have_text("Cancelled. Nothing was kept.")
    finally:
        page.server.process.send_signal(signal.SIGCONT)
    drop(page, "more.csv", flowers(90))
    expect(page.locator("#data-window")).to_contain_text("90 rows")
    assert [one["name"] for one in kept(page.server)] == ["more.csv"]


def test_closing_the_window_gives_up_what_is_on_its_way(page: Page) -> None:
    page.evaluate(LARGE, [90_000, 18])
    expect(page.locator(".data-progress")).to_contain_text("The server reads it")
    page.locator("#data-window header button").click()
    ask_for_data(page)
    expect(page.locator(BUTTON)).to_be_hidden()
    expect(page.locator("#data-window")).to_contain_text("Nothing of yours is here yet")
    answer = httpx.post(f"{page.server.url}/api/datasets/table?name=flowers.csv", content=flowers(60), timeout=60)
    assert answer.status_code == 201
    assert [one["name"] for one in kept(page.server)] == ["flowers.csv"]


def test_another_separator_is_given_up_and_the_table_stays_as_it_was(page: Page) -> None:
    drop(page, "flowers.csv", flowers(60))
    expect(page.locator("#data-window")).to_contain_text("60 rows")
    page.focus("#separator")
    with socket.create_connection(("127.0.0.1", page.server.port)) as line:
        headers = b"Host: 127.0.0.1\r\nContent-Length: 9\r\nExpect: 100-continue"
        line.sendall(b"POST /api/datasets/table HTTP/1.1\r\n" + headers + b"\r\n\r\n")
        assert line.recv(1000).startswith(b"HTTP/1.1 100"), "asked to go on, so it has its turn"
        line.sendall(b"a,b\n1,2\n")
        page.select_option("#separator", "comma")
        expect(page.locator(BUTTON)).to_be_focused()
        page.keyboard.press("Escape")
        expect(page.locator(WORDS)).to_have_text("Cancelled. The table stays as it was read.")
        expect(page.locator("#separator")).to_be_focused()
        expect(page.locator("#separator")).to_have_value("auto")
        expect(page.locator("#data-window")).to_contain_text("60 rows")
        heard(page)
