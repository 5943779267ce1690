"""What the tests of the API share: create a run, wait until something is true of it, read its rows."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx


def wait_for(api: httpx.Client, id: str, condition: Callable[[dict[str, Any]], bool], seconds: float = 60) -> dict[str, Any]:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        run = api.get(f"/runs/{id}").json()
        if condition(run):
            return run
        time.sleep(0.01)
    raise AssertionError(f"it did not happen: {run}")


def create(api: httpx.Client, **request: Any) -> dict[str, Any]:
    reply = api.post("/runs", json={"task": "spiral", **request})
    assert reply.status_code == 201, reply.text
    return reply.json()


def rows_of(api: httpx.Client, id: str) -> dict[int, tuple[float | None, ...]]:
    """Give a run's rows by step, without their times."""
    columns = api.get(f"/runs/{id}/metrics").json()["columns"]
    return {row[0]: row[:-1] for row in zip(*columns.values(), strict=True)}


def run_apart(work: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine in a thread of its own: where tests drove a browser before, this thread has a loop that runs for ever."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()
