"""Whatever two clients order, one after the other or at once, the answers are the status machine's in one of the orders."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.conftest import Server
from tests.server.api import create

FOREVER = 10_000_000
ORDERS = ("pause", "resume", "step", "stop", "tune", "reopen", "delete", "restore")
State = tuple[str, bool]
"""What a run is (active, paused or stopped), and whether it is deleted."""


def answer(state: State, order: str) -> tuple[int, State]:
    """Say what the server must answer, and what the run is then."""
    status, deleted = state
    if order == "restore":
        return (200, (status, False)) if deleted else (404, state)
    if deleted:
        return 404, state
    if order == "delete":
        return 204, ("paused" if status == "active" else status, True)
    if order == "tune":
        return (409 if status == "stopped" else 200), state
    if order == "reopen":
        return 200, ("paused" if status == "stopped" else status, False)
    after = {
        ("pause", "active"): "paused",
        ("resume", "paused"): "active",
        ("step", "paused"): "paused",
        ("stop", "active"): "stopped",
        ("stop", "paused"): "stopped",
    }.get((order, status))
    return (200, (after, False)) if after else (409, state)


class Orders(RuleBasedStateMachine):
    """One run, two clients; the model beside it."""

    api: httpx.Client

    @initialize()
    def begin(self) -> None:
        self.id = create(self.api, start=False, steps=FOREVER, speed=20)["id"]
        self.api.post(f"/runs/{self.id}/step")
        self.state: State = ("paused", False)

    def send(self, order: str) -> int:
        path = f"/runs/{self.id}"
        if order == "delete":
            return self.api.delete(path).status_code
        if order == "tune":
            return self.api.patch(path, json={"optimizer": {"learning_rate": 0.02}}).status_code
        if order == "reopen":
            return self.api.patch(path, json={"steps": FOREVER}).status_code
        return self.api.post(f"{path}/{order}").status_code

    @rule(order=st.sampled_from(ORDERS))
    def one(self, order: str) -> None:
        wanted, self.state = answer(self.state, order)
        assert self.send(order) == wanted, (order, self.state)

    @rule(first=st.sampled_from(ORDERS), second=st.sampled_from(ORDERS))
    def both_at_once(self, first: str, second: str) -> None:
        with ThreadPoolExecutor(2) as clients:
            codes = tuple(clients.map(self.send, (first, second)))
        possible = {}
        for one, other, turned in ((first, second, False), (second, first, True)):
            code, state = answer(self.state, one)
            other_code, state = answer(state, other)
            possible.setdefault((other_code, code) if turned else (code, other_code), set()).add(state)
        assert codes in possible, (first, second, self.state)
        states = {state for state in possible[codes] if state == self.seen()}
        assert states, (first, second, self.state, self.seen())
        self.state = states.pop()

    def seen(self) -> State:
        """Ask the server; of a deleted run it says nothing, so there the model's word is taken."""
        reply = self.api.get(f"/runs/{self.id}")
        if reply.status_code == 404:
            return (self.api.post(f"/runs/{self.id}/restore").json()["status"], self.api.delete(f"/runs/{self.id}") is not None)
        status = reply.json()["status"]
        return ("active" if status in ("running", "queued") else status), False

    @invariant()
    def the_server_agrees(self) -> None:
        if hasattr(self, "id"):
            assert self.seen() == self.state

    def teardown(self) -> None:
        if hasattr(self, "id"):
            self.api.delete(f"/runs/{self.id}")


@pytest.fixture
def api(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{server.url}/api", timeout=30) as client:
        yield client


def test_any_order_of_commands_keeps_the_status_machine(api: httpx.Client) -> None:
    Orders.api = api
    run_state_machine_as_test(
        Orders,
        settings=settings(
            max_examples=8,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
