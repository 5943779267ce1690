"""Anything at all is sent to every call and to the websocket: answers are as declared, and never a 5xx."""

import json
import socket
import time
from collections.abc import Iterator

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance, status_code_conformance
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.conftest import Server
from tests.server.api import create

SETTINGS = settings(max_examples=25, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
FEW = settings(SETTINGS, max_examples=10)
"""For calls without a body: a path and a query have fewer forms."""
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(
        tmp_path_factory.mktemp("fuzz"), NN_BASICS_MAX_RUNS="40", NN_BASICS_MAX_PARAMETERS="20000", NN_BASICS_MAX_STEPS="2000"
    )
    yield server
    said = server.end()
    assert "Traceback" not in said, said


def something_real(server: Server, resource: str) -> str:
    """Give the id of a run, of a race or of a dataset; a new one where what was there is deleted."""
    with httpx.Client(base_url=f"{server.url}/api", timeout=30) as api:
        for one in api.get(f"/{resource}").json():
            return one["id"]
        if resource == "runs":
            return create(api, start=False, steps=300)["id"]
        if resource == "groups":
            axes = [{"path": "batch_size", "values": [10, 20]}]
            group = {"kind": "race", "base": {"task": "xor", "steps": 300}, "axes": axes, "start": False}
            return api.post("/groups", json=group).json()["id"]
        table = "a,b,kind\n" + "".join(f"{k % 13},{k % 11},{'xy'[k % 13 > 6]}\n" for k in range(60))
        return api.post("/datasets/table", content=table, headers={"content-type": "application/octet-stream"}).json()["id"]


@pytest.mark.parametrize("half", [0, 1])
def test_every_call_answers_as_declared(fuzzed: Server, half: int) -> None:
    schema = schemathesis.openapi.from_url(f"{fuzzed.url}/api/openapi.json", timeout=60)
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) > 15
    for operation in operations[half::2]:
        if operation.label == "POST /api/data/mnist":
            continue  # the download would leave this machine

        @given(case=operation.as_strategy(), is_real=st.booleans())
        @(SETTINGS if "requestBody" in operation.definition.raw else FEW)
        def answers(case: schemathesis.Case, is_real: bool) -> None:
            if is_real and "id" in case.path_parameters:  # made up, it would hardly ever be one's
                case.path_parameters["id"] = something_real(fuzzed, case.operation.path.split("/")[2])
            answer = case.call(timeout=30)
            case.validate_response(answer, checks=CHECKS)
            if answer.status_code >= 400 and answer.status_code != 404:
                assert answer.json()["error"]["message"]

        answers()


@pytest.fixture(scope="module")
def real(fuzzed: Server) -> str:
    with httpx.Client(base_url=f"{fuzzed.url}/api", timeout=30) as api:
        return create(api, start=False, steps=300)["id"]


@pytest.mark.parametrize("what", ["", "/metrics?since=1", "/fits?before=1", "/export/metrics.csv", "/predict", "/weights"])
@given(
    body=st.one_of(
        st.binary(max_size=300),
        st.text(max_size=100).map(str.encode),
        st.recursive(
            st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
            lambda inner: (
                st.lists(inner, max_size=5)
                | st.dictionaries(st.sampled_from(["inputs", "steps", "optimizer", "name", "speed"]), inner)
            ),
            max_leaves=10,
        ).map(lambda value: json.dumps(value).encode()),
    )
)
@SETTINGS
def test_any_body_for_a_run_that_is_there_is_answered(fuzzed: Server, real: str, what: str, body: bytes) -> None:
    with httpx.Client(base_url=f"{fuzzed.url}/api/runs/{real}", timeout=30) as api:
        for method in ("GET", "POST", "PATCH"):
            reply = api.request(method, what, content=body, headers={"content-type": "application/json"})
            assert reply.status_code in (200, 404, 405, 409, 422), (method, reply.text)
            if reply.status_code >= 400:
                assert reply.json()["error"]["message"]


@given(
    said=st.lists(
        st.one_of(
            st.text(max_size=200),
            st.binary(max_size=200),
            st.sampled_from(
                [
                    '{"watch": ["decision boundary"]}',
                    '{"watch": 3}',
                    '{"watch": [{}]}',
                    '{"drawn": 1}',
                    '{"drawn": "x"}',
                    "[" * 5000,
                    "null",
                    '{"watch": ["' + "x" * 100 + '"]}',
                    "NaN",
                    '{"drawn": 1e999}',
                ]
            ),
        ),
        max_size=8,
    )
)
@SETTINGS
def test_anything_said_on_the_websocket_costs_only_an_answer(fuzzed: Server, real: str, said: list[str | bytes]) -> None:
    with connect(f"{fuzzed.socket}/api/runs/{real}/stream") as page:
        for one in said:
            page.send(one)
        page.send(json.dumps({"watch": ["decision boundary"]}))
        while isinstance(page.recv(timeout=30), str):
            continue  # status, rows and refusals; the picture comes as bytes


def test_a_huge_frame_ends_only_its_own_page(fuzzed: Server, real: str) -> None:
    with connect(f"{fuzzed.socket}/api/runs/{real}/stream") as other:
        with connect(f"{fuzzed.socket}/api/runs/{real}/stream") as page, pytest.raises(ConnectionClosed):
            page.send("x" * (1 << 20))  # which may hear already that it was too much
            for _ in range(100):
                page.recv(timeout=30)
        other.send(json.dumps({"watch": ["network"]}))
        while isinstance(other.recv(timeout=30), str):
            continue


def test_connections_that_end_half_way_leave_nothing_behind(fuzzed: Server, real: str) -> None:
    hello = (
        f"GET /api/runs/{real}/stream HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    ).encode()
    for end in range(0, len(hello) + 1, 7):
        with socket.create_connection(("127.0.0.1", fuzzed.port)) as half:
            half.sendall(hello[:end])
    with socket.create_connection(("127.0.0.1", fuzzed.port)) as half:
        half.sendall(hello)
        half.recv(10)
        half.sendall(b"\x81\xfe")  # a frame that says it is long, and never comes
    with httpx.Client(base_url=f"{fuzzed.url}/api", timeout=30) as api:
        wait_for_no_client(api)


def wait_for_no_client(api: httpx.Client) -> None:
    end = time.monotonic() + 30
    while api.get("/health").json()["clients"]:
        assert time.monotonic() < end, "clients are still counted"
        time.sleep(0.01)
