"""Kill the server 25 times while it trains, at random moments:  python -m tests.faults.kill [times]

After each restart: every row that a client had seen is there; runs that trained are interrupted, go on with one call from
where their last checkpoint stood, and the rows after it are what they were; the database is sound.
"""

import random
import signal
import sqlite3
import sys
import tempfile
import time
from pathlib import Path

import httpx

from tests.conftest import Server

NETWORK = [
    {"layer": "Dense", "units": 30},
    {"layer": "BatchNorm"},
    {"layer": "ReLU"},
    {"layer": "Dropout", "rate": 0.2},
    {"layer": "Dense"},
]


def rows(api: httpx.Client, id: str) -> dict[int, tuple]:
    """Give a run's rows by step, without their times."""
    columns = api.get(f"/runs/{id}/metrics").json()["columns"]
    return {row[0]: row[:-1] for row in zip(*columns.values(), strict=True)}


def main(times: int) -> int:
    """Kill so many times; return the number of things that were lost."""
    rng, lost, seen_rows, back = random.Random(1), 0, 0, []
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder))
        api = httpx.Client(base_url=f"{server.url}/api", timeout=30)
        ids = [
            api.post(
                "/runs", json={"task": "spiral", "steps": 10_000_000, "evaluate_every": 50, "network": NETWORK, "seed": k}
            ).json()["id"]
            for k in range(2)
        ]
        shown: dict[str, dict[int, tuple]] = {id: {} for id in ids}
        for kill in range(times):
            end = time.monotonic() + rng.uniform(0.05, 3.0)
            while time.monotonic() < end:
                for id in ids:
                    shown[id] |= rows(api, id)
            server.end(signal.SIGKILL)
            before = time.monotonic()
            server = Server(Path(folder), port=server.port)
            back.append(time.monotonic() - before)
            for id in ids:
                run, now = api.get(f"/runs/{id}").json(), rows(api, id)
                newest = max(now)
                # a long log is thinned: then the newest must be there, and nothing may be other than it was
                wrong = [step for step, row in shown[id].items() if now.get(step, row if len(now) > 4000 else None) != row]
                if wrong or newest < max(shown[id]) or run["status"] != "interrupted":
                    lost += 1
                    print(f"kill {kill + 1}, run {id}: {run['status']}, wrong rows {wrong[:5]}, newest {newest}")
                seen_rows += len(shown[id])
                shown[id] = now
                if api.post(f"/runs/{id}/resume").json()["status"] != "running":
                    lost += 1
                    print(f"kill {kill + 1}, run {id}: cannot be resumed")
        for id in ids:
            api.post(f"/runs/{id}/stop")
        steps = [api.get(f"/runs/{id}").json()["step"] for id in ids]
        api.close()
        server.end()
        sound = sqlite3.connect(Path(folder) / "runs" / "runs.db").execute("PRAGMA integrity_check").fetchone()[0]
    print(
        f"{times} kills, {seen_rows:,} rows compared, {lost} losses; integrity_check: {sound}; steps reached {steps}; "
        f"back after {sorted(back)[len(back) // 2]:.2f} s (median)"
    )
    return lost + (sound != "ok")


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 25))
