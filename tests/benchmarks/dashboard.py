"""Measure what a person feels: time to the first paint and picture, pictures per second, and what the server costs.

    python -m tests.benchmarks.dashboard

Prints medians. Steps per second are compared side by side, ABAB: the bare loop, the dashboard with a page that watches, …
"""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.browsers import find_browser, launch
from tests.conftest import Server

BARE_LOOP = """
import time, server, engine as nn
training = nn.Training(nn.configure({"task": "spiral", "steps": 10_000_000}))
events = training.events()
for _ in range(500): next(events)
start, first = time.perf_counter(), training.step
while time.perf_counter() - start < 4: next(events)
print((training.step - first) / (time.perf_counter() - start))
"""
FIRST_CHANGE = """() => new Promise((resolve) => {
  const card = document.querySelector('[data-picture="decision boundary"]');
  let start = 0;
  const changed = () => { if (Number(card.dataset.step) > 0) resolve(performance.now() - start); };
  new MutationObserver(changed).observe(card, { attributes: true });
  start = performance.now();
  document.getElementById("train").click();
})"""
COUNT = """(seconds) => new Promise((resolve) => {
  let pictures = 0;
  const observer = new MutationObserver((list) => { pictures += list.length; });
  const steps = { attributes: true, attributeFilter: ["data-step"] };
  for (const card of document.querySelectorAll("[data-picture]")) observer.observe(card, steps);
  setTimeout(() => resolve(pictures / seconds), seconds * 1000);
})"""


def opened(browser: Browser, url: str) -> Page:
    page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    page.goto(url)
    page.wait_for_function("() => document.querySelector('[data-picture=\"decision boundary\"]')?.dataset.step !== undefined")
    return page


def first_paint(browser: Browser, home: Path) -> tuple[float, float, float]:
    """Measure from the command: until it says its address, until the browser paints anything, until the boundary is there."""
    start, began = time.perf_counter(), time.time()
    server = Server(home)
    listening = time.perf_counter() - start
    page = opened(browser, server.url)
    pictured = time.perf_counter() - start
    painted = page.evaluate(
        "(performance.timeOrigin + performance.getEntriesByName('first-contentful-paint')[0].startTime) / 1000"
    )
    page.context.close()
    server.end()
    return listening, painted - began, pictured


def train_to_picture(browser: Browser, url: str) -> float:
    page = opened(browser, url)
    page.wait_for_selector("#charts .js-plotly-plot")
    page.wait_for_timeout(500)
    milliseconds = page.evaluate(FIRST_CHANGE)
    page.click("#stop")
    page.context.close()
    return milliseconds


def watching(browser: Browser, url: str) -> tuple[float, float]:
    """Count pictures per second, and the share of a core that the page's main thread takes."""
    page = opened(browser, url)
    page.wait_for_selector("#charts .js-plotly-plot")
    cdp = page.context.new_cdp_session(page)
    cdp.send("Performance.enable")
    page.click("#train")

    def busy() -> float:
        return next(m["value"] for m in cdp.send("Performance.getMetrics")["metrics"] if m["name"] == "TaskDuration")

    page.wait_for_timeout(500)
    before, start = busy(), time.perf_counter()
    pictures = page.evaluate(COUNT, 6)
    share = (busy() - before) / (time.perf_counter() - start)
    page.click("#stop")
    page.context.close()
    return pictures, share


def dashboard_speed(browser: Browser, server: Server) -> float:
    page = opened(browser, f"{server.url}/?speed=none&steps=10000000")
    id = page.url.partition("run=")[2]
    page.click("#train")
    time.sleep(1)
    first, start = httpx.get(f"{server.url}/api/runs/{id}").json()["step"], time.perf_counter()
    time.sleep(4)
    steps = httpx.get(f"{server.url}/api/runs/{id}").json()["step"] - first
    speed = steps / (time.perf_counter() - start)
    page.click("#stop")
    page.context.close()
    return speed


def main() -> None:
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = launch(playwright, find_browser())
        starts = [first_paint(browser, Path(folder)) for _ in range(5)]
        print(f"command to address:        {statistics.median(s[0] for s in starts):.2f} s")
        print(f"command to first paint:    {statistics.median(s[1] for s in starts):.2f} s")
        print(f"command to first picture:  {statistics.median(s[2] for s in starts):.2f} s")
        server = Server(Path(folder))
        print(f"Train to changed picture:  {statistics.median(train_to_picture(browser, server.url) for _ in range(7)):.0f} ms")
        seen = [watching(browser, server.url) for _ in range(3)]
        print(f"pictures per second:       {statistics.median(s[0] for s in seen):.1f}")
        print(f"page's main thread:        {100 * statistics.median(s[1] for s in seen):.0f} % of a core")
        bare, served = [], []
        for _ in range(4):
            bare.append(
                float(subprocess.run([sys.executable, "-c", BARE_LOOP], capture_output=True, text=True, check=True).stdout)
            )
            served.append(dashboard_speed(browser, server))
        print("bare loop, steps/s:       ", " ".join(f"{v:,.0f}" for v in bare))
        print("dashboard, steps/s:       ", " ".join(f"{v:,.0f}" for v in served))
        print(f"ratio of medians:          {100 * statistics.median(served) / statistics.median(bare):.0f} %")
        browser.close()
        server.end()


if __name__ == "__main__":
    main()
