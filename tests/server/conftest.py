"""A client of the worker's server that finds no run there and leaves none behind."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import httpx
import pytest

from tests.conftest import Server


@pytest.fixture
def api(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{server.url}/api", timeout=30) as client:
        forget_all(client)  # the browser's tests before this one left theirs
        yield client
        forget_all(client)


@pytest.fixture
def client() -> Iterator[Callable[..., httpx.Client]]:
    """Open clients that are closed at the end."""
    with ExitStack() as clients:
        yield lambda url: clients.enter_context(httpx.Client(base_url=f"{url}/api", timeout=60))


def forget_all(client: httpx.Client) -> None:
    for run in client.get("/runs").json():
        client.delete(f"/runs/{run['id']}")
