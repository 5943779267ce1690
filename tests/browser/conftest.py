"""After each test nothing trains any more, so that the next one's runs need not wait for their turn."""

from collections.abc import Iterator

import httpx
import pytest

from tests.conftest import Server


@pytest.fixture(autouse=True)
def stop_all(server: Server) -> Iterator[None]:
    yield
    with httpx.Client(base_url=f"{server.url}/api") as api:
        for run in api.get("/runs").json():
            if run["status"] in ("running", "queued"):
                api.post(f"/runs/{run['id']}/stop")
