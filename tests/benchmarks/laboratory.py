"""What the laboratory costs:  python -m tests.benchmarks.laboratory

For each task: milliseconds from a move of the timeline's handle until all pictures show that moment, while the run trains on,
and the film's size on the disk. Then four spirals racing: pictures per second of all four together, and what the page costs.
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


COUNT = """seconds => new Promise(done => {
  let drawn = 0;
  const watch = new MutationObserver(all => { drawn += all.length; });
  for (const lane of document.querySelectorAll(".lane")) watch.observe(lane, {attributes: true, attributeFilter: ["data-step"]});
  setTimeout(() => done(drawn / seconds), 1000 * seconds);
})"""


def race(page: Page, url: str, seconds: int = 8) -> tuple[float, float]:
    """Let four optimizers race; give pictures per second and the page's share of a core."""
    page.goto(url)
    page.wait_for_selector("#charts .js-plotly-plot")
    page.click("#race")
    page.click("#race-more")
    page.click("#race-more")
    page.select_option("#race-value-0-2", "RMSProp")
    page.select_option("#race-value-0-3", "AdaGrad")
    page.click("#race-start")
    page.wait_for_function("() => [...document.querySelectorAll('.lane')].every(l => l.dataset.step > 100)")
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")

    def busy() -> float:
        return next(m["value"] for m in session.send("Performance.getMetrics")["metrics"] if m["name"] == "TaskDuration")

    before = busy()
    pictures = page.evaluate(COUNT, seconds)
    share = (busy() - before) / seconds
    page.click("#race-stop")
    return pictures, share


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
        page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
        pictures, share = race(page, server.url)
        print(f"four racing runs: {pictures:.0f} pictures/s on the page, its main thread busy {100 * share:.0f} % of a core")
        browser.close()
        server.end()


if __name__ == "__main__":
    main()
