"""Let the disk fill up while a run trains:  unshare -rm python -m tests.faults.disk

Needs Linux: in a namespace of its own it mounts a disk of 3 MiB. The run must pause and say why, the server answer on, what
was shown be there still, and the run go on when there is room again.
"""

import sqlite3
import subprocess
import tempfile
import time
from pathlib import Path

import httpx

from tests.conftest import Server
from tests.server.api import create, rows_of, wait_for

NETWORK = [{"layer": "Dense", "units": 2}, {"layer": "Dense"}]


def fill(filler: Path) -> None:
    """Write until there is no room left."""
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 4096)
        except OSError:
            return


def survives(api: httpx.Client, filler: Path) -> None:
    """Fill the disk, look, make room again and let the run go on."""
    id = create(api, steps=10_000_000, evaluate_every=1, network=NETWORK)["id"]
    while len(rows_of(api, id)) < 300:
        time.sleep(0.02)
    fill(filler)
    paused = wait_for(api, id, lambda run: run["status"] == "paused", seconds=120)
    assert "the disk does not take" in paused["error"]
    shown = rows_of(api, id)
    assert api.get("/health").status_code == 200
    assert api.post("/runs", json={"task": "spiral", "start": False}).status_code == 507
    sweep = {"kind": "sweep", "base": {"task": "spiral"}, "axes": [{"path": "seed", "values": [1, 2]}], "start": False}
    snapshot = api.get(f"/runs/{id}/history").json()["steps"][-1]
    for path, body in (("/groups", sweep), (f"/runs/{id}/fork", {"step": snapshot})):
        refused = api.post(path, json=body)
        assert (refused.status_code, refused.headers["content-type"]) == (507, "application/json"), refused.text
        assert api.get("/health").status_code == 200
    assert [run["id"] for run in api.get("/runs").json()] == [id]
    filler.unlink()
    assert rows_of(api, id) == shown
    assert api.post(f"/runs/{id}/resume").status_code == 200
    wait_for(api, id, lambda run: run["step"] > max(shown))
    while max(rows_of(api, id)) <= max(shown):
        time.sleep(0.02)


def main() -> None:
    """Raise an AssertionError where something was lost."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "runs"
        home.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(home)], check=True)
        server = Server(Path(folder))
        with httpx.Client(base_url=f"{server.url}/api", timeout=30) as api:
            survives(api, home / "filler")
        server.end()
        fill(home / "filler")
        try:
            Server(Path(folder))
        except RuntimeError as error:
            assert "is full; make room and start again" in str(error), error
            assert "://" not in str(error), error
        else:
            raise AssertionError("it starts on a full disk")
        (home / "filler").unlink()
        Server(Path(folder)).end()
        file = sqlite3.connect(home / "runs.db")
        assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        file.close()
        subprocess.run(["umount", str(home)], check=True)


if __name__ == "__main__":
    main()
