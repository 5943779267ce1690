"""A class of real pages that only look at a lesson and report: how many the machine holds, their memory, how long answers take.

python -m tests.benchmarks.lessons.pages [pages] [seconds in which they are opened]
"""

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import httpx
from playwright.sync_api import Page, sync_playwright

from tests.benchmarks.lessons.classroom import LESSON, memory
from tests.browser.browsers import find_browser, launch
from tests.conftest import Server

SECONDS = 20
LEFT = 900
"""MB that stay free: no further page is opened where there is less."""


def free() -> float:
    """Give the memory that the machine has left, in MB."""
    lines = Path("/proc/meminfo").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("MemAvailable"))


def main() -> None:
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 600
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        server, browser = Server(Path(home)), launch(playwright, find_browser())
        try:
            api = httpx.Client(base_url=f"{server.url}/api", timeout=60)
            api.put("/class", json={"text": LESSON}).raise_for_status()
            run = api.post("/runs", json={"task": "spiral", "steps": 1_000_000, "speed": 1}).json()["id"]
            before, begin = (memory(server.process.pid), free()), time.monotonic()
            pages: list[Page] = []
            while len(pages) < wanted and free() > LEFT and time.monotonic() - begin < seconds:
                page = browser.new_context(viewport={"width": 800, "height": 600}).new_page()
                page.set_default_timeout(120_000)
                page.goto(f"{server.url}/?lesson=class&run={run}")
                page.fill("#class-name", f"student {len(pages) + 1}")
                page.press("#class-name", "Enter")
                page.get_by_text("You are in the class.").wait_for()
                pages.append(page)
                if len(pages) % 10 == 0:
                    print(f"{len(pages)} pages after {time.monotonic() - begin:.0f} s, {free():.0f} MB left", flush=True)
            took: dict[str, list[float]] = {"health": [], "the teacher's table": []}
            opened, begin = time.monotonic() - begin, time.monotonic()
            while time.monotonic() - begin < SECONDS:
                for name, path in (("health", "/health"), ("the teacher's table", "/class")):
                    asked = time.perf_counter()
                    table = api.get(path).raise_for_status().json()
                    took[name].append(1000 * (time.perf_counter() - asked))
                pages[len(took["health"]) % len(pages)].wait_for_timeout(250)  # and Playwright's own messages are read
            reported = [student["seconds"] for student in table["students"]]
            print(f"{len(pages)} pages, opened in {opened:.0f} s; the machine has {free():.0f} MB left of {before[1]:.0f}")
            for name, values in took.items():
                p95 = statistics.quantiles(values, n=20)[-1]
                print(f"{name}: median {statistics.median(values):.0f} ms, p95 {p95:.0f} ms, {len(values)} of them")
            print(f"last heard of: median {statistics.median(reported):.1f} s ago, the longest {max(reported):.1f} s")
            print(f"server: {before[0]:.0f} MB before, {memory(server.process.pid):.0f} MB with the class")
        finally:
            browser.close()
            server.end()


if __name__ == "__main__":
    main()
