"""A run of ten million steps with a page open all the time:  python -m tests.benchmarks.long_run [steps]

Prints every minute what server and page hold in memory and what the disk has; at the end the rows that are left, whether the
newest are exact, and how long a new page takes to show the run's picture, and its chart.
"""

import statistics
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

import httpx
from playwright.sync_api import BrowserContext, Page, sync_playwright

from tests.benchmarks.load import memory
from tests.browser.browsers import find_browser, launch
from tests.conftest import Server

RUN = {
    "task": "xor",
    "data": {"points": 20},
    "network": [{"layer": "Dense", "units": 3}, {"layer": "Tanh"}, {"layer": "Dense"}],
    "batch_size": 10,
    "evaluate_every": 10,
}
PICTURE = "() => document.querySelector('[data-picture=\"decision boundary\"]')?.dataset.step > 0"
CHART = "() => document.querySelector('.js-plotly-plot .scatterlayer .trace')"


def heap(page: Page) -> float:
    """Collect the page's garbage, and give what is left in MiB."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    used = session.send("Runtime.getHeapUsage")["usedSize"]
    session.detach()
    return used / 2**20


def opened(context: BrowserContext, url: str) -> tuple[Page, float, float]:
    """Open a run on a new page; give the seconds until its picture and until its chart is there."""
    page = context.new_page()
    start = time.perf_counter()
    page.goto(url)
    page.wait_for_function(PICTURE)
    pictured = time.perf_counter() - start
    page.wait_for_function(CHART)
    return page, pictured, time.perf_counter() - start


def disk(folder: Path) -> float:
    """Give the size of all files in MiB."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 2**20


def main(steps: int) -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        home, server = Path(folder), Server(Path(folder))
        browser = launch(play, find_browser())
        api = httpx.Client(base_url=f"{server.url}/api", timeout=60)
        id = api.post("/runs", json={**RUN, "steps": steps}).json()["id"]
        url = f"{server.url}/?run={id}"
        context = browser.new_context(viewport={"width": 1280, "height": 800})
        page = opened(context, url)[0]
        print(f"{'minute':>6} {'step':>12} {'server MiB':>11} {'page MiB':>9} {'disk MiB':>9}", flush=True)
        start, status = time.perf_counter(), {"status": "running", "step": 0}
        while status["status"] == "running":
            page.wait_for_timeout(60_000 if steps > 1_000_000 else 5_000)
            status = api.get(f"/runs/{id}").json()
            print(
                f"{(time.perf_counter() - start) / 60:6.1f} {status['step']:12,} {memory(server):11.0f} {heap(page):9.1f} "
                f"{disk(home):9.1f}",
                flush=True,
            )
        found, since = [], 0
        while True:
            said = api.get(f"/runs/{id}/metrics", params={"since": since}).json()
            if not said["columns"]["step"]:
                break
            found, since = found + said["columns"]["step"], said["next"]
        newest = found[-4000:]
        exact = all(b - a == RUN["evaluate_every"] for a, b in pairwise(newest))
        print(
            f"{status['status']} at step {status['step']:,}; {len(found):,} rows are kept; the newest 4,000 are exact: {exact}"
        )
        page.close()
        short = api.post("/runs", json={**RUN, "steps": 100}).json()["id"]
        for title, opens in (("this run", url), ("100 steps", f"{server.url}/?run={short}")):
            _, pictured, charted = zip(*[opened(context, opens) for _ in range(7)], strict=True)
            print(
                f"{title}: a page shows the picture after {statistics.median(pictured):.2f} s, "
                f"the chart after {statistics.median(charted):.2f} s (medians of 7)"
            )
        browser.close()
        server.end()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000)
