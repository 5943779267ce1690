"""What many pages, many runs and bad pages cost:  python -m tests.benchmarks.load [seconds]

Prints for each load: rows lost, pictures each page got in a second, API latency p50 and p99 (of /api/health, which measures
the event loop's lag as well), and the server's memory before and after.
"""

import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
from websockets.asyncio.client import connect

from tests.conftest import Server
from tests.server.frames import read_frame

WATCH = json.dumps({"watch": ["decision boundary", "network"]})
FOREVER = {"task": "spiral", "steps": 10_000_000, "evaluate_every": 20}


class Page:
    """A page that reads everything, answers every picture, and counts."""

    def __init__(self, server: Server, id: str) -> None:
        self.url, self.pictures, self.next, self.gaps = f"{server.socket}/api/runs/{id}/stream", 0, 0, 0

    async def live(self) -> None:
        """Watch until cancelled."""
        async with connect(self.url, max_size=None) as socket:
            await socket.send(WATCH)
            async for message in socket:
                if isinstance(message, bytes):
                    self.pictures += 1
                    header, _ = read_frame(message)
                    await socket.send(json.dumps({"drawn": header["id"]}))
                    continue
                said = json.loads(message)
                if said["type"] == "metrics":
                    self.gaps += said["since"] != self.next or len(said["columns"]["step"]) != said["next"] - said["since"]
                    self.next = said["next"]


async def stalls(server: Server, id: str) -> None:
    """Ask for everything, and never read it."""
    _, writer = await asyncio.open_connection("127.0.0.1", server.port, limit=1024)
    writer.write(
        (
            f"GET /api/runs/{id}/stream HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        ).encode()
    )
    payload = WATCH.encode()
    writer.write(bytes([0x81, 0x80 | len(payload), 0, 0, 0, 0]) + payload)
    await asyncio.sleep(3600)


async def dawdles(server: Server, id: str) -> None:
    """Read one message a second."""
    async with connect(f"{server.socket}/api/runs/{id}/stream", max_size=None, max_queue=1) as socket:
        await socket.send(WATCH)
        while True:
            await socket.recv()
            await asyncio.sleep(1)


async def never_answers(server: Server, id: str) -> None:
    """Read everything, and never say that a picture was drawn."""
    async with connect(f"{server.socket}/api/runs/{id}/stream", max_size=None) as socket:
        await socket.send(WATCH)
        async for _ in socket:
            continue


async def babbles(server: Server, id: str) -> None:
    """Send garbage, a hundred times a second."""
    async with connect(f"{server.socket}/api/runs/{id}/stream", max_size=None) as socket:
        reading = asyncio.create_task(drain(socket))
        try:
            while True:
                await socket.send("{" * 500)
                await asyncio.sleep(0.01)
        finally:
            reading.cancel()


async def drain(socket: Any) -> None:
    """Read what comes, and forget it."""
    async for _ in socket:
        continue


async def comes_and_goes(server: Server, id: str) -> None:
    """Connect anew every 100 ms."""
    while True:
        async with connect(f"{server.socket}/api/runs/{id}/stream", max_size=None) as socket:
            await socket.send(WATCH)
            await asyncio.sleep(0.1)


def memory(server: Server) -> float:
    """Give the server's resident memory in MiB."""
    pages = int(Path(f"/proc/{server.process.pid}/statm").read_text().split()[1])
    return pages * 4096 / 2**20


async def latencies(server: Server, seconds: float) -> list[float]:
    """Ask for the health as fast as ten times a second, and note how long each answer took, in ms."""
    taken = []
    async with httpx.AsyncClient(base_url=server.url, timeout=60) as api:
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            before = time.perf_counter()
            (await api.get("/api/health")).raise_for_status()
            taken.append(1000 * (time.perf_counter() - before))
            await asyncio.sleep(0.1)
    return taken


async def watched(
    server: Server,
    seconds: float,
    runs: int,
    pages: int,
    bad: Callable[[Server, str], Awaitable[None]] | None,
    bad_pages: int = 5,
) -> str:
    """Train so many runs, each with so many good pages and, where wanted, some bad ones; give the line of the table."""
    async with httpx.AsyncClient(base_url=server.url, timeout=60) as api:
        ids = [(await api.post("/api/runs", json={**FOREVER, "seed": k})).json()["id"] for k in range(runs)]
        before = memory(server)
        good = [Page(server, id) for id in ids for _ in range(pages)]
        tasks = [asyncio.create_task(page.live()) for page in good]
        if bad:
            tasks += [asyncio.ensure_future(bad(server, ids[0])) for _ in range(bad_pages)]
        while not all(page.pictures for page in good):
            await asyncio.sleep(0.1)
        await asyncio.sleep(2)  # so that who reconnects has used up what is free
        start, seen = time.perf_counter(), [page.pictures for page in good]
        first = sum([(await api.get(f"/api/runs/{id}")).json()["step"] for id in ids])
        taken = await latencies(server, seconds)
        span = time.perf_counter() - start
        rate = [(page.pictures - n) / span for page, n in zip(good, seen, strict=True)]
        steps = (sum([(await api.get(f"/api/runs/{id}")).json()["step"] for id in ids]) - first) / span
        after = memory(server)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for id in ids:
            await api.post(f"/api/runs/{id}/stop")
            await api.delete(f"/api/runs/{id}")
    quantiles = statistics.quantiles(taken, n=100)
    return (
        f"{sum(page.gaps for page in good):9} {statistics.median(rate):13.1f} {min(rate):7.1f} {steps:9,.0f} "
        f"{statistics.median(taken):9.1f} {quantiles[98]:9.1f} {before:8.0f} {after:8.0f}"
    )


async def queued(server: Server, number: int) -> str:
    """Queue many short runs at once, and wait until all have finished; count their rows."""
    async with httpx.AsyncClient(base_url=server.url, timeout=120) as api:
        before, start = memory(server), time.perf_counter()
        ids = [(await api.post("/api/runs", json={"task": "xor", "steps": 200, "seed": k})).json()["id"] for k in range(number)]
        made = time.perf_counter() - start
        while any(run["status"] != "finished" for run in (await api.get("/api/runs")).json() if run["id"] in ids):
            await asyncio.sleep(0.25)
        span = time.perf_counter() - start
        expected = len((await api.get(f"/api/runs/{ids[0]}/metrics")).json()["columns"]["step"])
        rows = [len((await api.get(f"/api/runs/{id}/metrics")).json()["columns"]["step"]) for id in ids]
    return (
        f"{number} runs of 200 steps: made in {made:.1f} s, finished in {span:.1f} s, "
        f"{sum(n != expected for n in rows)} with lost rows, memory {before:.0f} → {memory(server):.0f} MiB"
    )


async def main(seconds: float) -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder), NN_BASICS_MAX_TRAINING="4", NN_BASICS_MAX_WAITING="300")
        print(f"{'load':34} rows lost  pictures/s     min   steps/s    p50 ms    p99 ms   MiB before    after")
        for title, runs, pages, bad in (
            ("1 run, 1 page", 1, 1, None),
            ("1 run, 50 pages", 1, 50, None),
            ("4 runs, 20 pages each", 4, 20, None),
            ("1 run, 3 pages", 1, 3, None),
            ("… and 5 that stop reading", 1, 3, stalls),
            ("… and 5 that read once a second", 1, 3, dawdles),
            ("… and 5 that never answer", 1, 3, never_answers),
            ("… and 5 that send garbage", 1, 3, babbles),
            ("… and 5 that reconnect", 1, 3, comes_and_goes),
            ("1 run, 3 pages, again", 1, 3, None),
        ):
            print(f"{title:34}{await watched(server, seconds, runs, pages, bad)}", flush=True)
        print(await queued(server, 200))
        server.end()


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1]) if len(sys.argv) > 1 else 10))
