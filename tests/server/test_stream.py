"""The stream: every row once, pictures latest-wins with acknowledgement, and whoever misbehaves costs nobody else anything."""

import asyncio
import json
import selectors
import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest
from starlette.websockets import WebSocket
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from server.api.pages import PROGRESS, Page
from server.messages import COLUMNS, Row
from server.runs.diagnosis import Findings
from server.runs.picture_sampler import OPENING_STEPS
from server.runs.run import Run
from server.runs.status import Status
from server.settings import Settings
from tests.conftest import Server
from tests.server.api import create
from tests.server.frames import Read, read_frame


class Listener:
    """A page: gathers rows, statuses and pictures."""

    def __init__(self, server: Server, id: str, since: int = 0) -> None:
        self.dialled = connect(f"{server.socket}/api/runs/{id}/stream?since={since}", max_size=None)
        self.socket: ClientConnection = self.dialled.__enter__()
        self.since = since
        self.columns: dict[str, list[Any]] = {}
        self.statuses: list[dict[str, Any]] = []
        self.pictures: list[Read] = []
        self.missing: list[dict[str, Any]] = []

    def hear(self, seconds: float = 30) -> str:
        message = self.socket.recv(timeout=seconds)
        if isinstance(message, bytes):
            self.pictures.append(read_frame(message))
            return "picture"
        said = json.loads(message)
        if said["type"] == "metrics":
            rows = len(self.columns.get("step", []))
            assert said["since"] == self.since + rows, "a row was lost or came twice"
            for name, values in said["columns"].items():
                self.columns.setdefault(name, []).extend(values)
        elif said["type"] == "status":
            self.statuses.append(said)
        elif said["type"] == "nothing":
            self.missing.append(said)
        return said["type"]

    def hear_until(self, condition, seconds: float = 60) -> None:
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, "it did not happen"
            self.hear()

    def say(self, **message: Any) -> None:
        self.socket.send(json.dumps(message))

    def close(self) -> None:
        self.dialled.__exit__(None, None, None)


def test_of_a_picture_that_the_network_does_not_have_a_page_hears_once(server: Server, api: httpx.Client) -> None:
    run = create(api, task="text", start=False)
    page = Listener(server, run["id"])
    page.say(watch=["attention", "text"])
    page.hear_until(lambda: page.pictures and page.missing)
    api.post(f"/runs/{run['id']}/step")
    page.hear_until(lambda: any(read[0]["step"] == 1 for read in page.pictures))
    assert page.missing == [{"type": "nothing", "picture": "attention", "step": 0}]
    page.close()


def ended(listener: Listener) -> bool:
    return bool(listener.statuses) and listener.statuses[-1]["status"] == "finished"


def test_every_row_comes_once_to_early_late_and_returning_pages(server: Server, api: httpx.Client) -> None:
    id = create(api, steps=2000, evaluate_every=2, speed=1500)["id"]
    early, leaving = Listener(server, id), Listener(server, id)
    leaving.hear_until(lambda: len(leaving.columns.get("step", [])) > 100)
    leaving.close()
    early.hear_until(lambda: ended(early) and early.columns["step"][-1] == 2000)
    back = Listener(server, id, since=len(leaving.columns["step"]))
    back.hear_until(lambda: len(leaving.columns["step"]) + len(back.columns.get("step", [])) >= len(early.columns["step"]))
    late = Listener(server, id)
    late.hear_until(lambda: len(late.columns.get("step", [])) >= len(early.columns["step"]))
    whole = api.get(f"/runs/{id}/metrics").json()["columns"]
    assert early.columns == late.columns == whole
    assert leaving.columns["step"] + back.columns["step"] == whole["step"]
    assert whole["step"][-1] == 2000
    for listener in (early, back, late):
        listener.close()


def test_pictures_are_the_latest_and_wait_for_an_answer(server: Server, api: httpx.Client) -> None:
    id = create(api, steps=10_000_000)["id"]
    page = Listener(server, id)
    page.say(watch=["decision boundary"])
    page.hear_until(lambda: len(page.pictures) == 2)
    quiet = time.monotonic() + 0.5
    while time.monotonic() < quiet:
        page.hear()
    assert len(page.pictures) == 2, "a third picture came without an answer"
    for header, _ in page.pictures:
        page.say(drawn=header["id"])
    page.hear_until(lambda: len(page.pictures) >= 3)
    steps = [header["step"] for header, _ in page.pictures]
    assert steps == sorted(steps)
    assert steps[2] - steps[1] > steps[1] - steps[0], "an old picture was kept for the slow page"
    header, arrays = page.pictures[-1]
    assert (header["type"], header["name"], header["view"], header["run"]) == ("picture", "decision boundary", "field", id)
    assert arrays["winner"].shape == arrays["confidence"].shape == (100, 100)
    assert arrays["winner"].max() <= 2
    assert arrays["points"].shape == (600, 2)
    page.close()


def test_pictures_are_bounded_and_nobody_who_watches_means_none(server: Server, api: httpx.Client) -> None:
    id = create(api, steps=10_000_000)["id"]
    page = Listener(server, id)
    page.say(watch=["decision boundary", "network"])
    page.hear_until(lambda: page.statuses and page.statuses[-1]["step"] > OPENING_STEPS)
    opening, start = len(page.pictures), time.monotonic()
    for header, _ in page.pictures:
        page.say(drawn=header["id"])
    while (passed := time.monotonic() - start) < 1 or len(page.pictures) < opening + 10:
        if page.hear() == "picture":
            page.say(drawn=page.pictures[-1][0]["id"])
    assert len(page.pictures) - opening <= 25 * passed + 4
    page.say(watch=[])
    time.sleep(0.3)
    while page.statuses[-1]["step"] < page.pictures[-1][0]["step"] + 500:
        page.hear()
    count = len(page.pictures)
    page.hear_until(lambda: page.statuses[-1]["step"] > page.pictures[-1][0]["step"] + 1500)
    assert len(page.pictures) == count
    page.close()


@pytest.mark.parametrize(
    ("task", "names"),
    [
        ("circles", {"decision boundary": "field", "network": "diagram"}),
        ("sine", {"fitted curve": "curve", "network": "diagram"}),
        ("mnist", {"digits": "digits", "filters": "filters", "feature maps/3": "maps", "confusion": "confusion"}),
    ],
)
def test_a_paused_run_shows_its_untrained_network_and_each_single_step(
    server: Server, api: httpx.Client, task: str, names: dict[str, str]
) -> None:
    id = create(api, task=task, start=False, **({"data": {"source": "bundled"}} if task == "mnist" else {}))["id"]
    page = Listener(server, id)
    page.say(watch=list(names))
    for step in (0, 1):
        seen: dict[str, Any] = {}
        while set(seen) != set(names):
            if page.hear() == "picture":
                header = page.pictures[-1][0]
                page.say(drawn=header["id"])
                if header["step"] == step:
                    seen[header["name"]] = header["view"]
        assert seen == names
        api.post(f"/runs/{id}/step")
    page.close()


def test_a_finished_run_still_shows_its_pictures(server: Server, api: httpx.Client) -> None:
    id = create(api, steps=50)["id"]
    page = Listener(server, id)
    page.hear_until(lambda: ended(page))
    page.say(watch=["decision boundary"])
    page.hear_until(lambda: bool(page.pictures))
    assert page.pictures[-1][0]["step"] == 50
    page.close()


@pytest.mark.parametrize(
    "garbage",
    [
        "",
        "{",
        "[]",
        "7",
        '{"drawn": "x"}',
        '{"watch": 3}',
        '{"watch": [1]}',
        '{"watch": ["no such picture"]}',
        '{"hello": 1}',
        b"\x00\xff",
        '{"watch": ["' + "x" * 90 + '"]}',
        "[" * 5000,
    ],
)
def test_garbage_harms_nobody(server: Server, api: httpx.Client, garbage: str | bytes) -> None:
    id = create(api, start=False)["id"]
    page = Listener(server, id)
    page.socket.send(garbage)
    page.say(watch=["decision boundary"])
    page.hear_until(lambda: bool(page.pictures))
    page.close()


def test_a_message_that_is_too_long_ends_the_page_only(server: Server, api: httpx.Client) -> None:
    id = create(api, start=False)["id"]
    page = Listener(server, id)
    with pytest.raises(ConnectionClosed):
        page.socket.send("x" * 200_000)
        while True:
            page.socket.recv(timeout=30)
    assert api.get(f"/runs/{id}").json()["status"] == "paused"


def test_a_page_that_never_reads_does_not_stop_the_training(server: Server, api: httpx.Client) -> None:
    id = create(api, task="xor", steps=10_000_000, evaluate_every=1)["id"]
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # which is soon full
    line.connect(("127.0.0.1", server.port))
    with connect(f"{server.socket}/api/runs/{id}/stream", sock=line, max_queue=1, close_timeout=0.1) as deaf:
        deaf.send(json.dumps({"watch": ["decision boundary"]}))
        page = Listener(server, id)
        page.hear_until(lambda: len(page.columns.get("step", [])) > 2000)
        page.close()


def test_a_deleted_run_says_goodbye(server: Server, api: httpx.Client) -> None:
    id = create(api, start=False)["id"]
    page = Listener(server, id)
    page.hear_until(lambda: bool(page.statuses))
    api.delete(f"/runs/{id}")
    with pytest.raises(ConnectionClosed) as closed:
        while True:
            page.hear()
    assert closed.value.rcvd.code == 4404


def test_there_is_no_stream_of_nothing(server: Server) -> None:
    with pytest.raises(InvalidStatus) as refused, connect(f"{server.socket}/api/runs/nobody/stream"):
        pass
    assert refused.value.response.status_code in (403, 404)


def test_the_last_row_and_status_reach_every_page(server: Server, api: httpx.Client) -> None:
    id = create(api, steps=400, speed=2000)["id"]
    pages = [Listener(server, id) for _ in range(5)]
    for page in pages:
        page.hear_until(lambda page=page: ended(page) and page.columns["step"][-1] == 400)
        assert page.columns == pages[0].columns
        page.close()


def test_a_page_hears_at_once_what_another_one_changed_with_the_whole_configuration(server: Server, api: httpx.Client) -> None:
    for start in (False, True):
        id = create(api, start=start, steps=10_000_000, batch_size=16)["id"]
        listener = Listener(server, id)
        listener.hear_until(lambda heard=listener: heard.statuses)
        assert listener.statuses[0]["configuration"]["batch_size"] == 16
        del listener.statuses[:]
        api.patch(f"/runs/{id}", json={"batch_size": 50, "regularizer": {"name": "L2"}})
        listener.hear_until(lambda heard=listener: any("configuration" in said for said in heard.statuses))
        [said] = [said for said in listener.statuses if "configuration" in said]  # only once, not with every step
        assert said["configuration"]["batch_size"] == 50
        assert said["changes"][-1]["choices"]["regularizer"]["name"] == "L2"
        listener.close()


class Clock(selectors.DefaultSelector):
    """Nobody waits: where nothing is to be done before some time, it is that time."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self.now += (timeout or 0.0) + 1e-7  # for time never stands still
        return super().select(0)


class Training:
    """What a page asks of a run that trains a step each millisecond, and is measured and looked at after each."""

    def __init__(self) -> None:
        self.id, self.status, self.revision, self.deleted, self.is_opening = "r", Status.RUNNING, 1, None, False
        self.notifier, self.sampler = SimpleNamespace(listeners=set()), SimpleNamespace(frames={})
        self.diagnosis = SimpleNamespace(now=Findings())
        self.log = SimpleNamespace(stored=0, is_at_hand=lambda since: True, rows=self.rows)

    def rows(self, since: int, most: int) -> tuple[list[Row], int]:
        end = min(since + most, self.log.stored)
        return [(k + 1, *[0.0] * (len(COLUMNS) - 1)) for k in range(since, end)], end

    def describe_progress(self) -> dict[str, Any]:
        return {"revision": self.revision, "step": self.log.stored}

    def describe(self) -> dict[str, Any]:
        return self.describe_progress() | {"configuration": {}}

    def advance(self) -> None:
        self.log.stored += 1
        self.diagnosis.now = Findings(self.log.stored)
        self.tell()

    def tell(self) -> None:
        for listener in self.notifier.listeners:
            listener()


def heard(run: Training, steps: int, then: Callable[[], None] = lambda: None) -> list[tuple[float, dict[str, Any]]]:
    """Give what a page hears, and when, while a run does so many steps, and something happens then."""
    clock, told = Clock(), list[tuple[float, dict[str, Any]]]()
    loop = asyncio.SelectorEventLoop(clock)
    loop.time = lambda: clock.now  # type: ignore[method-assign]

    async def send_text(text: str) -> None:
        told.append((clock.now, json.loads(text)))

    async def close(code: int, why: str) -> None:
        pass

    async def watch() -> None:
        page = Page(cast(WebSocket, line), cast(Run, run), 0, Settings(), lambda run: None)
        talk = asyncio.create_task(page.serve())
        await asyncio.sleep(1)
        for _ in range(steps):
            run.advance()
            await asyncio.sleep(0.001)
        then()
        await asyncio.sleep(0.01)
        run.deleted = 0.0
        run.tell()
        await talk

    line = SimpleNamespace(receive=lambda: loop.create_future(), send_text=send_text, close=close)
    with ThreadPoolExecutor(1) as alone:  # a browser that an earlier test used has a loop that runs in this thread
        try:
            alone.submit(loop.run_until_complete, watch()).result()
        finally:
            loop.close()
    return told


def test_of_a_run_that_trains_step_rows_and_findings_are_told_together_five_times_a_second() -> None:
    run = Training()
    told = [(at, said) for at, said in heard(run, 2_000) if at > 0.5]  # not the greeting
    times = sorted({at for at, _ in told})
    assert len(times) in (10, 11)
    assert all(later - at == pytest.approx(PROGRESS, abs=0.002) for at, later in pairwise(times))
    for at in times:
        said = {one["type"]: one for when, one in told if when == at}
        assert list(said) == ["status", "findings", "metrics"]
        assert said["metrics"]["columns"]["step"][-1] == said["status"]["step"] == said["findings"]["step"]
    steps = [step for _, one in told if one["type"] == "metrics" for step in one["columns"]["step"]]
    assert steps == list(range(1, len(steps) + 1))


@pytest.mark.parametrize("changed", ["revision", "status"])
def test_what_somebody_changes_and_the_end_are_told_at_once(changed: str) -> None:
    run = Training()

    def change() -> None:
        run.revision += 1
        if changed == "status":
            run.status = Status.FINISHED
        run.tell()

    *_, (at, last) = heard(run, 300, change)
    assert at == pytest.approx(1.3, abs=0.005)
    assert (last["type"], last["columns"]["step"][-1]) == ("metrics", 300)
