"""What the glass box costs on the page:  python -m tests.benchmarks.glass.page

For each task: milliseconds until the first stop is there; from an arrow key to the next stop in numbers, over the whole walk;
and from pointing at a cell to its lights, of all matrices of a stop.
"""

import statistics
import tempfile
from pathlib import Path

import httpx
from playwright.sync_api import Page, sync_playwright

from tests.browser.browsers import find_browser, launch
from tests.conftest import Server

TASKS = {"spiral": {}, "mnist": {"data": {"source": "bundled"}}, "memory": {}, "sort": {}}
OPEN = """() => new Promise(done => {
  const start = performance.now();
  document.querySelector("#numbers").click();
  const look = () => document.querySelector("#glass[data-stop]:not([hidden])") ? done(performance.now() - start)
    : requestAnimationFrame(look);
  look();
})"""
NEXT = """() => new Promise(done => {
  const glass = document.querySelector("#glass");
  const start = performance.now();
  const watch = new MutationObserver(() => {
    watch.disconnect();
    requestAnimationFrame(() => done(performance.now() - start));
  });
  watch.observe(glass, {attributes: true, attributeFilter: ["data-stop"]});
  document.body.dispatchEvent(new KeyboardEvent("keydown", {key: "ArrowRight", bubbles: true}));
})"""
HOVER = """() => [...document.querySelectorAll(".glass-cells")].filter(canvas => canvas.checkVisibility()).flatMap(canvas => {
  const {left, top, width, height} = canvas.getBoundingClientRect();
  return [0.1, 0.3, 0.5, 0.7, 0.9].map(share => {
    const start = performance.now();
    const at = {clientX: left + share * width, clientY: top + share * height, bubbles: true};
    canvas.dispatchEvent(new PointerEvent("pointermove", at));
    return performance.now() - start;
  });
})"""
READING = 700  # milliseconds that a person looks at a stop before the next


def walk(page: Page) -> tuple[list[float], list[float]]:
    """Go through all stops; give the milliseconds of each, and of each cell that was pointed at."""
    moves, hovers = [], []
    for _ in range(page.locator(".glass-stop").count() - 1):
        page.wait_for_timeout(READING)
        hovers += page.evaluate(HOVER)
        moves.append(page.evaluate(NEXT))
    return moves, hovers


def told(times: list[float]) -> str:
    """Say the median and the longest."""
    return f"{statistics.median(times):5.1f} ms, at most {max(times):5.1f}" if times else "nothing"


def main() -> None:
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        server, browser = Server(Path(home)), launch(playwright, find_browser())
        api = httpx.Client(base_url=f"{server.url}/api", timeout=120)
        for task, choices in TASKS.items():
            run = api.post("/runs", json={"task": task, "steps": 30, **choices}).json()["id"]
            while api.get(f"/runs/{run}").json()["status"] in ("queued", "running"):
                pass
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            page.goto(f"{server.url}/?run={run}")
            page.wait_for_selector("#picture [data-picture][data-step]")
            page.wait_for_timeout(1000)
            first = page.evaluate(OPEN)
            moves, hovers = walk(page)
            print(f"{task:8}  opened in {first:5.0f} ms   stop to stop {told(moves)}   hover to light {told(hovers)}")
            page.close()
        browser.close()
        server.end()


if __name__ == "__main__":
    main()
