"""A class of real pages that join one after the other, watch a run and report: how late that is, and what memory it takes.

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
from playwright.sync_api import Browser, Page, sync_playwright
from playwright.sync_api import Error as PageError

from tests.benchmarks.lessons.classroom import LESSON, memory
from tests.browser.browsers import find_browser, launch
from tests.conftest import Server

SECONDS = 20
LEFT = 900
"""MB that stay free: no further page is opened where there is less."""
PATIENCE = 240
"""Seconds that one page, or one answer, may take on a machine that carries many."""
LISTEN = """
    window.reports = [];
    new PerformanceObserver(list => {
      for (const { name, duration } of list.getEntries()) if (name.endsWith('/api/class/goals')) window.reports.push(duration);
    }).observe({ type: 'resource', buffered: true });
"""
"""Has a page note how long each of its reports took, in ms, as its student waits."""


def free() -> float:
    """Give the memory that the machine has left, in MB."""
    lines = Path("/proc/meminfo").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("MemAvailable"))


def join(browser: Browser, address: str, name: str) -> Page:
    """Open a page, and have its student join the class."""
    page = browser.new_context(viewport={"width": 800, "height": 600}).new_page()
    page.set_default_timeout(1000 * PATIENCE)
    page.add_init_script(LISTEN)
    page.goto(address, wait_until="commit")
    page.fill("#class-name", name)
    page.press("#class-name", "Enter")
    page.get_by_text("You are in the class.").wait_for()
    return page


def say(what: str, values: list[float]) -> None:
    """Print the median and the slow end of some times in ms."""
    if not values:
        print(f"{what}: none in {SECONDS} s")
        return
    ordered = sorted(values)
    p95 = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    print(f"{what}: median {statistics.median(values):.0f} ms, p95 {p95:.0f} ms, {len(values)} of them")


def main() -> None:
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 600
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        server, browser = Server(Path(home)), launch(playwright, find_browser())
        try:
            measure(server, browser, wanted, seconds)
        finally:
            browser.close()
            server.end(seconds=PATIENCE)


def measure(server: Server, browser: Browser, wanted: int, seconds: float) -> None:
    api = httpx.Client(base_url=f"{server.url}/api", timeout=PATIENCE)
    api.put("/class", json={"text": LESSON}).raise_for_status()
    run = api.post("/runs", json={"task": "spiral", "steps": 1_000_000, "speed": 1}).json()["id"]
    before, begin = (memory(server.process.pid), free()), time.monotonic()
    pages: list[Page] = []
    while len(pages) < wanted and free() > LEFT and time.monotonic() - begin < seconds:
        try:
            pages.append(join(browser, f"{server.url}/?lesson=class&run={run}", f"student {len(pages) + 1}"))
        except PageError as error:
            print(f"page {len(pages) + 1} did not join: {error.message.splitlines()[0]}", flush=True)
            break
        if len(pages) % 10 == 0:
            print(f"{len(pages)} pages after {time.monotonic() - begin:.0f} s, {free():.0f} MB left", flush=True)
    opened = time.monotonic() - begin
    for page in pages:
        page.evaluate("window.reports.length = 0")  # what was reported while others joined is not meant
    took: dict[str, list[float]] = {"health": [], "the teacher's table": []}
    begin = time.monotonic()
    while time.monotonic() - begin < SECONDS:
        for name, path in (("health", "/health"), ("the teacher's table", "/class")):
            asked = time.perf_counter()
            table = api.get(path).raise_for_status().json()
            took[name].append(1000 * (time.perf_counter() - asked))
        pages[len(took["health"]) % len(pages)].wait_for_timeout(250)  # and Playwright's own messages are read
    heard = [student["seconds"] for student in table["students"]]
    reports = [page.evaluate("window.reports") for page in pages]
    print(f"{len(pages)} pages, opened in {opened:.0f} s; the machine has {free():.0f} MB left of {before[1]:.0f}")
    say("a report, as its page waits", [ms for page in reports for ms in page])
    print(f"pages that reported: {sum(map(bool, reports))}; reports a second: {sum(map(len, reports)) / SECONDS:.1f}")
    for name, values in took.items():
        say(name, values)
    print(f"last heard of: median {statistics.median(heard):.1f} s ago, the longest {max(heard):.1f} s")
    print(f"server: {before[0]:.0f} MB before, {memory(server.process.pid):.0f} MB with the class")


if __name__ == "__main__":
    main()
