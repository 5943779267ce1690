"""The server is killed while it trains, at random moments, and nothing that was shown is lost.

After each restart every row that a client had seen is there, runs that trained are interrupted, go on with one call from
where their last checkpoint stood, and the rows after it are what they were; the database is sound.
"""

import random
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.conftest import Server
from tests.server.api import create, rows_of

NETWORK = [
    {"layer": "Dense", "units": 30},
    {"layer": "BatchNorm"},
    {"layer": "ReLU"},
    {"layer": "Dropout", "rate": 0.2},
    {"layer": "Dense"},
]
EXACT = 4000
"""Rows of a log that are kept one and all; of a longer one some of the older are left out."""


def test_kills_lose_nothing(tmp_path: Path, start_server: Callable[..., Server], request: pytest.FixtureRequest) -> None:
    rng = random.Random(1)
    server = start_server()
    with httpx.Client(base_url=f"{server.url}/api", timeout=30) as api:
        ids = [create(api, steps=10_000_000, evaluate_every=50, network=NETWORK, seed=k)["id"] for k in range(2)]
        shown: dict[str, dict[int, tuple]] = {id: {} for id in ids}
        for _ in range(25 if request.config.option.long else 3):
            end = time.monotonic() + rng.uniform(0.05, 3.0 if request.config.option.long else 1.0)
            while time.monotonic() < end:
                for id in ids:
                    shown[id] |= rows_of(api, id)
            server.kill()
            server = start_server(port=server.port)
            for id in ids:
                now = rows_of(api, id)
                assert api.get(f"/runs/{id}").json()["status"] == "interrupted"
                assert max(now) >= max(shown[id])
                left_out = len(now) > EXACT
                assert not [step for step, row in shown[id].items() if now.get(step, row if left_out else None) != row]
                shown[id] = now
                assert api.post(f"/runs/{id}/resume").json()["status"] == "running"
    server.end()
    file = sqlite3.connect(tmp_path / "runs" / "runs.db")
    assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    file.close()
