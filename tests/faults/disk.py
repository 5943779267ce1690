"""Let the disk fill up while a run trains:  unshare -rm python -m tests.faults.disk

Needs Linux: in a namespace of its own it mounts a disk of 3 MiB. The run must pause and say why, the server answer on, what
was shown be there still, and the run go on when there is room again.
"""

import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from tests.conftest import Server
from tests.faults.kill import rows

RUN = {
    "task": "spiral",
    "steps": 10_000_000,
    "evaluate_every": 1,
    "network": [{"layer": "Dense", "units": 2}, {"layer": "Dense"}],
}


def paused(api: httpx.Client, id: str) -> str:
    """Wait until the run has paused by itself; give what it says."""
    end = time.monotonic() + 120
    while (run := api.get(f"/runs/{id}").json())["status"] != "paused":
        if time.monotonic() > end:
            raise TimeoutError(f"the run is {run['status']} still")
        time.sleep(0.1)
    return str(run["error"])


def survives(api: httpx.Client, id: str, title: str, break_it: Callable[[], None], mend_it: Callable[[], None]) -> bool:
    """Break the disk, look, mend it and let the run go on; tell whether all was as promised."""
    break_it()
    error = paused(api, id)
    shown = rows(api, id)
    answers = api.get("/health").status_code
    refused = api.post("/runs", json=RUN | {"start": False}).status_code
    mend_it()
    again = rows(api, id)
    same = shown == again
    step = max(shown)
    resumed = api.post(f"/runs/{id}/resume").status_code
    end = time.monotonic() + 20
    while max(rows(api, id)) <= step and time.monotonic() < end:
        time.sleep(0.1)
    on = max(rows(api, id)) > step
    print(
        f"{title}: {error!r}; health {answers}, a new run {refused}; {len(shown):,} rows, all there: {same}; "
        f"resume {resumed}, trains on: {on}",
        flush=True,
    )
    return bool(error) and answers == 200 and same and on


def main() -> int:
    """Print what happened; 0 where nothing was lost."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "runs"
        home.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(home)]
        subprocess.run(mount, check=True)
        server = Server(Path(folder))
        with httpx.Client(base_url=f"{server.url}/api", timeout=30) as api:
            id = api.post("/runs", json=RUN).json()["id"]
            while len(rows(api, id)) < 1000:
                time.sleep(0.1)
            filler = home / "filler"

            def fill() -> None:
                with filler.open("wb", buffering=0) as file:
                    try:
                        while True:
                            file.write(b"x" * 4096)
                    except OSError:
                        return

            fine = survives(api, id, "full disk", fill, filler.unlink)
        server.end()
        file = sqlite3.connect(home / "runs.db")
        sound = file.execute("PRAGMA integrity_check").fetchone()[0]
        file.close()
        print(f"integrity_check: {sound}")
        subprocess.run(["umount", str(home)], check=True)
    return 0 if fine and sound == "ok" else 1


if __name__ == "__main__":
    sys.exit(main())
