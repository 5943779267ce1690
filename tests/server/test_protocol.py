"""The examples of PROTOCOL.md are what a real run and a real page say: the same names, kinds of values and bytes."""

import json
import re
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

import engine as nn
from server import messages
from server.api.pages import DELETED, FLOODED
from server.settings import Settings
from tests.conftest import Server
from tests.server.api import create
from tests.server.frames import read_frame

TEXT = (Path(__file__).parents[2] / ".github" / "PROTOCOL.md").read_text(encoding="utf-8")
EXAMPLES: dict[str, str] = dict(re.findall(r"<!-- example: (.+?) -->\n```(?:json)?\n(.*?)```", TEXT, re.S))
PICTURE = "accuracy at every place"


def table(heading: str) -> list[list[str]]:
    """Read the rows of the table that stands under a heading."""
    part = TEXT.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in part.splitlines() if line.startswith("|")][2:]


def kinds(value: Any) -> Any:
    """Give names and JSON's types, however deep; a number is a number, and of a list the first is looked at."""
    if isinstance(value, dict):
        return {name: kinds(part) for name, part in value.items()}
    if isinstance(value, list):
        return [kinds(part) for part in value[:1]]
    return "number" if isinstance(value, (int, float)) and not isinstance(value, bool) else type(value).__name__


@pytest.fixture(scope="module")
def said(server: Server) -> Iterator[dict[str, Any]]:
    """What a real run says: the same one as in the examples."""
    with httpx.Client(base_url=f"{server.url}/api", timeout=30) as api:
        id = create(api, task="copy", start=False, speed=40, steps=3000, evaluate_every=100)["id"]
        found: dict[str, Any] = {}
        with connect(f"{server.socket}/api/runs/{id}/stream") as page:
            page.send("hello")
            page.send(json.dumps({"watch": [PICTURE]}))
            while set(found) != {"status", "metrics", "findings", "error", "frame"}:
                found |= heard(page)
            api.post(f"/runs/{id}/resume")
            while "status while it trains" not in found:
                message = heard(page).get("status", {"status": "", "step": 0})
                if message["status"] == "running" and "configuration" not in message and message["steps_per_second"]:
                    found["status while it trains"] = message
        api.delete(f"/runs/{id}")
        id = create(api, task="text", start=False)["id"]
        with connect(f"{server.socket}/api/runs/{id}/stream") as page:
            page.send(json.dumps({"watch": ["attention"]}))
            while "nothing" not in found:
                found |= {name: message for name, message in heard(page).items() if name == "nothing"}
        layers = [{"layer": "Dense", "units": units} for units in (8, 3)]
        id = create(api, network=layers, start=False)["id"]
        with connect(f"{server.socket}/api/runs/{id}/stream") as page:
            assert found["findings"]["findings"] == [], "of the run before nothing was found"
            while not found["findings"]["findings"]:
                found |= {name: message for name, message in heard(page).items() if name == "findings"}
        yield found


def heard(page: ClientConnection) -> dict[str, Any]:
    message = page.recv(timeout=20)
    if isinstance(message, bytes):
        return {"frame": message}
    told = json.loads(message)
    return {told["type"]: told}


@pytest.mark.parametrize("name", ["status", "status while it trains", "metrics", "findings", "nothing", "error"])
def test_a_message_has_the_names_and_kinds_of_its_example(said: dict[str, Any], name: str) -> None:
    example, message = json.loads(EXAMPLES[name]), said[name]
    for part in {"metrics", "columns"} & set(message):  # the examples show those columns that there are in any case
        assert list(message[part]) == list(messages.COLUMNS)
        message = message | {part: {column: message[part][column] for column in example[part]}}
    if name == "findings":  # what they quote and what they change are each rule's own
        shown_one, one = example["findings"][0], message["findings"][0]
        shown_one["evidence"] = one["evidence"]
        shown_one["remedies"][0]["changes"] = one["remedies"][0]["changes"]
    if name == "status":  # the catalog describes a run's choices, and it grows: the examples show those there are in any case
        message = message | {"configuration": shown(example["configuration"], message["configuration"])}
    assert kinds(example) == kinds(message)


CATALOG = nn.catalog()


def fields(table: str, name: str) -> dict[str, Any]:
    """Give what the catalog says of the fields of a class."""
    return {field["name"]: field for field in next(one for one in CATALOG[table] if one["name"] == name)["fields"]}


def shown(example: Any, configuration: Any) -> dict[str, Any]:
    """Leave out the choices that an example does not show; the catalog must know every one, and that it may be left out."""
    parts: dict[str, Any] = {}
    for part in ("optimizer", "schedule", "loss"):
        table = f"{part}s" if part != "loss" else "losses"
        parts[part] = reduced(example[part], configuration[part], fields(table, configuration[part]["name"]), "name")
    parts["data"] = reduced(example["data"], configuration["data"], fields("tasks", configuration["task"]))
    parts["network"] = [
        reduced(few, {"silenced": None} | all_of_it, fields("layers", all_of_it["layer"]), "layer")  # said where a neuron is
        for few, all_of_it in zip(example["network"], configuration["network"], strict=True)
    ]
    known = {field["name"]: field for field in CATALOG["run"]}
    return reduced(example, configuration | parts, known, "task", "regularizer", *parts)


def reduced(example: dict[str, Any], whole: dict[str, Any], known: dict[str, Any], *others: str) -> dict[str, Any]:
    assert set(whole) == set(known) | set(others)
    assert not [name for name in set(whole) - set(example) if known[name]["required"]]
    return {name: whole[name] for name in example}


def test_a_frame_has_the_form_of_the_example_and_its_header(said: dict[str, Any]) -> None:
    dump = EXAMPLES["frame"].splitlines()
    example = b"".join(bytes.fromhex(line.partition("  ")[2]) for line in dump)
    assert [int(line.split()[0], 16) for line in dump] == list(range(0, len(example), 16))
    assert f"following {len(example)} bytes" in TEXT
    header, arrays = read_frame(example)
    assert header == json.loads(EXAMPLES["header"])
    stated = re.search(r"places (.+) % were right", TEXT)
    percent = [float(number) for number in re.findall(r"[\d.]+", stated[1])]
    assert [round(100 * float(share), 1) for share in arrays["accuracy"]] == percent
    real, real_arrays = read_frame(said["frame"])
    assert kinds(real) == kinds(header)
    assert [(a["name"], a["dtype"], a["shape"], a["offset"]) for a in real["arrays"]] == [
        (a["name"], a["dtype"], a["shape"], a["offset"]) for a in header["arrays"]
    ]
    assert (real["view"], real["name"]) == (header["view"], header["name"])
    assert real_arrays["accuracy"].dtype == np.float32


def test_what_a_page_says_is_understood() -> None:
    watch, drawn = json.loads(EXAMPLES["watch"]), json.loads(EXAMPLES["drawn"])
    assert messages.read(EXAMPLES["watch"]).watch == frozenset(watch["watch"])
    assert messages.read(EXAMPLES["drawn"]).drawn == drawn["drawn"]
    assert messages.read(json.dumps({"watch": ["x" * 79] * 16})).watch
    for wrong in ({"watch": ["x"] * 17}, {"watch": ["x" * 80]}):
        with pytest.raises(ValueError, match="at most 16 names"):
            messages.read(json.dumps(wrong))


def test_every_example_is_looked_at() -> None:
    assert set(EXAMPLES) == {
        "status", "status while it trains", "metrics", "findings", "nothing", "error", "watch", "drawn", "header", "frame",
    }  # fmt: skip


def test_streams_end_with_the_codes_of_the_table(start_server: Callable[..., Server]) -> None:
    codes = {int(code): because for code, because, _ in table("When it ends")}
    assert set(codes) == {DELETED, FLOODED, 1001, 1009, 1012}  # test_connections.py has a flood
    assert f"{Settings().messages_per_second:.0f} things a second" in codes[FLOODED]
    assert f"{Settings().send_seconds:.0f} seconds" in codes[1001]
    assert f"{Settings().max_message >> 10} KiB" in codes[1009]
    server = start_server()
    with httpx.Client(base_url=f"{server.url}/api", timeout=30) as api:
        ids = [create(api, start=False)["id"] for _ in range(3)]
        pages = [connect(f"{server.socket}/api/runs/{id}/stream").__enter__() for id in ids]
        api.delete(f"/runs/{ids[0]}")
        assert ended(pages[0]) == DELETED
        pages[1].send("x" * (Settings().max_message + 1))
        assert ended(pages[1]) == 1009
    server.process.send_signal(signal.SIGINT)
    assert ended(pages[2]) == 1012


def ended(page: ClientConnection) -> int:
    with pytest.raises(ConnectionClosed) as closed:
        while True:
            page.recv(timeout=20)
    page.close()
    assert closed.value.rcvd is not None
    return closed.value.rcvd.code


def test_handshakes_are_refused_as_in_the_table(start_server: Callable[..., Server]) -> None:
    statuses = {int(status) for status, _ in table("Before it opens")}
    server = start_server("--token", "t" * 20, NN_BASICS_MAX_PAGES="1")
    base, cookie = f"ws://127.0.0.1:{server.port}/api/runs", {"cookie": f"nn-basics-token-{server.port}={'t' * 20}"}
    with httpx.Client(base_url=f"http://127.0.0.1:{server.port}/api", headers=cookie) as api:
        id = create(api, start=False)["id"]
    seen = {
        refused(f"{base}/{id}/stream", {}),
        refused(f"{base}/{id}/stream", cookie | {"origin": "http://evil.example"}),
        refused(f"{base}/nobody/stream", cookie),
        refused("ws://evil.example/api/runs/x/stream", cookie, sock=socket.create_connection(("127.0.0.1", server.port))),
        refused(f"{base}/{id}/stream?since=-1", cookie),
    }
    with connect(f"{base}/{id}/stream", additional_headers=cookie):
        seen.add(refused(f"{base}/{id}/stream", cookie))
    assert seen == statuses
    assert "handshake" not in server.end(), "a refusal is no error of the server"


def refused(address: str, headers: dict[str, str], **where: Any) -> int:
    with pytest.raises(InvalidStatus) as found, connect(address, additional_headers=headers, **where):
        pass
    return found.value.response.status_code
