"""The queue of files that are brought: a few are held at a time, reading holds nobody up, and ends when nobody waits."""

import asyncio
import socket
import threading
import zipfile
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from io import BytesIO

import httpx
import pytest

from server.settings import Settings
from server.storage import uploads as module
from server.storage.uploads import Check, FullError, GoneError, TooSlowError, Uploads
from tests.samples import TABLE
from tests.server.api import create, run_apart
from tests.server.storage.test_archives import png


def made(**limits) -> Uploads:
    return Uploads(replace(Settings(), **limits))


async def here() -> bool:
    return False


async def gone() -> bool:
    return True


async def until(condition: Callable[[], bool]) -> None:
    while not condition():
        await asyncio.sleep(0)


def test_what_waits_for_its_turn_is_not_received() -> None:
    async def go() -> None:
        uploads, received, done = made(max_uploads=2), [], asyncio.Event()

        async def bring(k: int) -> None:
            async def receive() -> bytes:
                received.append(k)
                return b"x"

            async with uploads.received(receive):
                await done.wait()

        many = [asyncio.create_task(bring(k)) for k in range(2 + module.WAITING)]
        await until(lambda: len(received) == 2)
        with pytest.raises(FullError, match="34 files are being brought at once"):
            await bring(99)
        assert received == [0, 1]
        done.set()
        await asyncio.gather(*many)
        assert received == list(range(34))
        await bring(99)

    run_apart(go())


def test_files_that_are_read_leave_all_other_threads_free() -> None:
    async def go() -> None:
        uploads, let_go = made(max_uploads=2), threading.Event()
        running: list[str] = []

        def work(check: Check) -> str:
            running.append(threading.current_thread().name)
            let_go.wait()
            return "read"

        reading = [asyncio.create_task(uploads.read(work, here)) for _ in range(40)]
        await until(lambda: len(running) == 2)
        assert await asyncio.to_thread(lambda: "answered") == "answered"
        assert len(running) == 2
        let_go.set()
        assert await asyncio.gather(*reading) == ["read"] * 40
        assert all(name.startswith("upload") for name in running)

    run_apart(go())


def endless(check: Check) -> None:
    while True:
        check()


@pytest.mark.parametrize(
    ("is_gone", "limits", "error", "words"),
    [
        (gone, {}, GoneError, "nobody waits"),
        (here, {"upload_seconds": 0.1}, ValueError, "longer than 0.1 s; bring a smaller one"),
    ],
)
def test_reading_ends_when_nobody_waits_or_it_takes_too_long(
    is_gone: Callable[[], Awaitable[bool]], limits: dict, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        run_apart(made(**limits).read(endless, is_gone))


def test_reading_ends_with_the_server_and_with_whoever_asked_for_it() -> None:
    async def go() -> None:
        uploads = made(max_uploads=1)
        begun, ended = threading.Event(), threading.Event()

        def work(check: Check) -> None:
            begun.set()
            try:
                endless(check)
            finally:
                ended.set()

        reading = asyncio.create_task(uploads.read(work, here))
        await until(begun.is_set)
        reading.cancel()
        await until(ended.is_set)
        begun.clear()
        reading = asyncio.create_task(uploads.read(work, here))
        await until(begun.is_set)
        uploads.close()
        with pytest.raises(GoneError):
            await reading

    run_apart(go())


def test_a_file_that_does_not_arrive_gives_its_place_to_the_next() -> None:
    async def go() -> None:
        uploads = made(max_uploads=1, upload_seconds=0.1)

        async def never() -> bytes:
            await asyncio.Event().wait()
            return b""

        with pytest.raises(TooSlowError, match=r"within 0\.1 s"):
            async with uploads.received(never):
                pass
        async with uploads.received(lambda: asyncio.sleep(0, b"next")) as data:
            assert data == b"next"

    run_apart(go())


def heavy(number: int) -> bytes:
    """Make an archive of so many images; reading some thousands takes a second."""
    file, image = BytesIO(), png(150, 150)
    with zipfile.ZipFile(file, "w") as archive:
        for k in range(number):
            archive.writestr(f"{k % 2}/{k}.png", image)
    return file.getvalue()


def test_whoever_leaves_while_a_file_is_read_keeps_nobody_waiting(start_server) -> None:
    server = start_server(NN_BASICS_MAX_UPLOADS="1")
    data = heavy(19_000)
    with httpx.Client(base_url=f"{server.url}/api", timeout=60) as api:
        for _ in range(3):
            with socket.create_connection(("127.0.0.1", server.port)) as line:
                head = f"POST /api/datasets/images HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(data)}\r\n\r\n"
                line.sendall(head.encode() + data)
        assert api.post("/datasets/table", content=TABLE.encode()).status_code == 201
        assert [one["kind"] for one in api.get("/datasets").json()] == ["table"]
    assert "Traceback" not in server.end()


def test_runs_train_while_files_are_read_and_files_are_read_while_runs_train(start_server) -> None:
    server, data = start_server(NN_BASICS_MAX_UPLOADS="1"), heavy(1_000)
    with httpx.Client(base_url=f"{server.url}/api", timeout=60) as api, ThreadPoolExecutor(4) as many:
        for _ in range(2):
            create(api, task="spiral", steps=10_000_000)
        brought = [many.submit(httpx.post, f"{server.url}/api/datasets/images", content=data, timeout=120) for _ in range(3)]
        ids = [run["id"] for run in api.get("/runs").json()]
        before = [api.get(f"/runs/{id}").json()["step"] for id in ids]
        answers = [reading.result().status_code for reading in brought]
        after = [api.get(f"/runs/{id}").json()["step"] for id in ids]
        assert answers == [201] * 3
        assert all(a < b for a, b in zip(before, after, strict=True))


def test_a_file_that_trickles_in_is_refused_in_words(start_server) -> None:
    server = start_server(NN_BASICS_UPLOAD_SECONDS="0.5")
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as line:
        line.sendall(b"POST /api/datasets/table HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\na,b")
        answer = b""
        while b"}" not in answer and (piece := line.recv(4096)):
            answer += piece
    assert b"408" in answer.split(b"\r\n")[0]
    assert b"did not arrive within 0.5 s" in answer
