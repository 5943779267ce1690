"""Two clients who send commands in any order at once: the status machine holds, and no slot is lost."""

import random
import threading
import time
from collections.abc import Iterator

import httpx
import pytest

from tests.conftest import Server

STATUSES = {"queued", "running", "paused", "finished", "stopped", "diverged"}


@pytest.fixture(scope="module")
def two_slots(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server where two runs train at once."""
    server = Server(tmp_path_factory.mktemp("two"), NN_BASICS_MAX_TRAINING="2", NN_BASICS_MAX_WAITING="50")
    yield server
    assert "Traceback" not in server.end()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_any_order_of_commands_from_two_clients(two_slots: Server, seed: int) -> None:
    server = two_slots
    wrong: list[str] = []

    def client(number: int) -> None:
        rng, known = random.Random(10 * seed + number), []
        with httpx.Client(base_url=f"{server.url}/api", timeout=30) as api:
            for _ in range(80):
                ids = [run["id"] for run in api.get("/runs").json()]
                known.extend(set(ids) - set(known))
                order = rng.choice(["create", "pause", "resume", "step", "stop", "patch", "delete", "restore", "predict"])
                if order == "create" or not ids:
                    reply = api.post(
                        "/runs", json={"task": "xor", "steps": rng.choice([3, 400, 10_000_000]), "start": rng.random() < 0.7}
                    )
                else:
                    path = f"/runs/{rng.choice(known if order == 'restore' else ids)}"
                    calls = {
                        "patch": lambda path=path: api.patch(
                            path, json={"optimizer": {"learning_rate": 0.01}, "speed": rng.choice([None, 100])}
                        ),
                        "delete": lambda path=path: api.delete(path),
                        "predict": lambda path=path: api.post(f"{path}/predict", json={"inputs": [[0, 0]]}),
                    }
                    reply = calls.get(order, lambda path=path, order=order: api.post(f"{path}/{order}"))()
                if reply.status_code not in (200, 201, 204, 404, 409):
                    wrong.append(f"{order}: {reply.status_code} {reply.text}")
                if reply.status_code in (200, 201) and order != "predict" and reply.json()["status"] not in STATUSES:
                    wrong.append(f"{order}: {reply.json()['status']}")

    clients = [threading.Thread(target=client, args=(number,)) for number in range(2)]
    for one in clients:
        one.start()
    for one in clients:
        one.join()
    assert not wrong
    with httpx.Client(base_url=f"{server.url}/api", timeout=30) as api:
        for run in api.get("/runs").json():
            api.delete(f"/runs/{run['id']}")
        ids = [api.post("/runs", json={"task": "xor", "steps": 10_000_000}).json()["id"] for _ in range(3)]
        end = time.monotonic() + 30
        while (seen := [api.get(f"/runs/{id}").json()["status"] for id in ids]) != ["running", "running", "queued"]:
            assert time.monotonic() < end, f"a slot was lost or made: {seen}"
            time.sleep(0.01)
        for id in ids:
            api.delete(f"/runs/{id}")
