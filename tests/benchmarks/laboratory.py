"""What the laboratory costs:  python -m tests.benchmarks.laboratory

For each task: milliseconds from a move of the timeline's handle until all pictures show that moment, while the run trains on,
and the film's size on the disk.
"""

import statistics
import tempfile
from pathlib import Path

import httpx
from playwright.sync_api import Page, sync_playwright

from tests.conftest import QUIET, Server, find_browser

TASKS = {"spiral": 3000, "sine": 3000, "mnist": 400, "memory": 500, "sort": 500}
MOVE = """share => new Promise(done => {
  const handle = document.querySelector("#moment");
  const start = performance.now();
  const watch = new MutationObserver(() => { watch.disconnect(); requestAnimationFrame(() => done(performance.now() - start)); });
  watch.observe(document.body, {attributes: true, attributeFilter: ["data-moment"]});
  setTimeout(() => done(null), 1000);  // the same moment as before
  handle.value = String(Math.round(share * handle.max));
  handle.dispatchEvent(new Event("input"));
})"""


def moves(page: Page, number: int = 40) -> list[float]:
    """Drag over the film, to and fro; give the milliseconds of each move."""
    found = []
    for k in range(number):
        found.append(page.evaluate(MOVE, (k * 0.37) % 0.95))
        page.wait_for_timeout(20)
    return [taken for taken in found if taken is not None]


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        server = Server(Path(folder))
        browser = play.chromium.launch(executable_path=find_browser(), args=QUIET)
        api = httpx.Client(base_url=f"{server.url}/api", timeout=60)
        print(f"{'task':<12} {'moments':>8} {'film MiB':>9} {'ms to all pictures: median':>27} {'p90':>6}")
        for task, steps in TASKS.items():
            id = api.post("/runs", json={"task": task, "steps": 1_000_000, "speed": 500}).json()["id"]
            page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
            page.goto(f"{server.url}/?run={id}")
            page.wait_for_selector("#charts .js-plotly-plot")
            page.wait_for_function("n => Number(document.querySelector('#moment').max) >= n", arg=steps, timeout=120_000)
            page.wait_for_timeout(1200)
            found = sorted(moves(page))
            size = sum(file.stat().st_size for file in Path(folder).rglob(f"{id}/*")) / 2**20
            moments = len(api.get(f"/runs/{id}/film").json()["steps"])
            print(f"{task:<12} {moments:8} {size:9.1f} {statistics.median(found):27.0f} {found[int(0.9 * len(found))]:6.0f}", flush=True)
            api.post(f"/runs/{id}/stop")
            page.context.close()
        browser.close()
        server.end()


if __name__ == "__main__":
    main()
