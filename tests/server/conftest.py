"""A client of the worker's server that leaves no run behind."""

from collections.abc import Iterator

import httpx
import pytest

from tests.conftest import Server


@pytest.fixture
def api(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{server.url}/api", timeout=30) as client:
        yield client
        for run in client.get("/runs").json():
            client.delete(f"/runs/{run['id']}")
