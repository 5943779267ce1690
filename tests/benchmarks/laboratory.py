"""What the laboratory costs:  python -m tests.benchmarks.laboratory

For each task: milliseconds from a move of the timeline's handle until all pictures show that step, while the run trains on;
the history's size on the disk; size of replay.html and seconds to make it; seconds until the example history is there. Then
four spirals racing: pictures per second of all four together, and what the page costs. Then a CSV of 1,000 rows that is
dropped. At last a walk over the page: milliseconds from each click to the frame that shows it, and what jumps.
"""

import random
import statistics
import tempfile
import time
from pathlib import Path

import httpx
from playwright.sync_api import Page, sync_playwright

from tests.browser.browsers import find_browser, launch
from tests.browser.page import compare
from tests.conftest import Server

TASKS = {"spiral": 3000, "sine": 3000, "mnist": 400, "memory": 500, "sort": 500}
MOVE = """share => new Promise(done => {
  const handle = document.querySelector("#snapshot");
  const start = performance.now();
  const watch = new MutationObserver(() => {
    watch.disconnect();
    requestAnimationFrame(() => done(performance.now() - start));
  });
  watch.observe(document.body, {attributes: true, attributeFilter: ["data-snapshot"]});
  setTimeout(() => done(null), 1000);  // the same moment as before
  handle.value = String(Math.round(share * handle.max));
  handle.dispatchEvent(new Event("input"));
})"""


def moves(page: Page, number: int = 40) -> list[float]:
    """Drag over the history, to and fro; give the milliseconds of each move."""
    found = []
    for k in range(number):
        found.append(page.evaluate(MOVE, (k * 0.37) % 0.95))
        page.wait_for_timeout(20)
    return [taken for taken in found if taken is not None]


COUNT = """seconds => new Promise(done => {
  let drawn = 0;
  const watch = new MutationObserver(all => { drawn += all.length; });
  const steps = {attributes: true, attributeFilter: ["data-step"]};
  for (const lane of document.querySelectorAll(".lane")) watch.observe(lane, steps);
  setTimeout(() => done(drawn / seconds), 1000 * seconds);
})"""


def race(page: Page, url: str, seconds: int = 8) -> tuple[float, float]:
    """Let four optimizers race; give pictures per second and the page's share of a core."""
    page.goto(url)
    page.wait_for_selector("#charts .js-plotly-plot")
    compare(page, "race")
    page.click("#race-more")
    page.click("#race-more")
    page.select_option("#race-value-0-2", "RMSProp")
    page.select_option("#race-value-0-3", "AdaGrad")
    page.click("#race-start")
    page.wait_for_function(
        "() => { const lanes = [...document.querySelectorAll('.lane')];"
        " return lanes.length === 4 && lanes.every(l => l.dataset.step > 100); }"
    )
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")

    def busy() -> float:
        return next(m["value"] for m in session.send("Performance.getMetrics")["metrics"] if m["name"] == "TaskDuration")

    before = busy()
    pictures = page.evaluate(COUNT, seconds)
    share = (busy() - before) / seconds
    page.click("#race-stop")
    return pictures, share


DROPPED = """text => new Promise(done => {
  const start = performance.now(), times = {};
  const look = () => {
    const train = document.querySelector("#use-data");
    if (train && !times.preview) { times.preview = performance.now() - start; train.click(); }
    const drawn = document.querySelector('.board[data-group="tables"] [data-picture="decision boundary"]')?.dataset.step;
    if (drawn !== undefined) { times.boundary = performance.now() - start; done(times); } else requestAnimationFrame(look);
  };
  const data = new DataTransfer();
  data.items.add(new File([text], "rows.csv", {type: "text/csv"}));
  document.dispatchEvent(new DragEvent("drop", {dataTransfer: data, bubbles: true, cancelable: true}));
  look();
})"""


def csv(rows: int, seed: int) -> str:
    """Make a table of four numbers and a class."""
    rng = random.Random(seed)
    lines = ["a,b,c,d,kind"]
    for k in range(rows):
        lines.append(",".join([*(f"{rng.gauss((k + i) % 3, 0.6):.3f}" for i in range(4)), "xyz"[k % 3]]))
    return "\n".join(lines)


def drops(page: Page, url: str, number: int = 9) -> tuple[float, float]:
    """Drop tables of 1,000 rows; give the median milliseconds to the preview and, trained on at once, to the boundary."""
    found = []
    for k in range(number):
        page.goto(url)
        page.wait_for_selector("#charts .js-plotly-plot")
        found.append(page.evaluate(DROPPED, csv(1000, k)))
    return statistics.median(t["preview"] for t in found), statistics.median(t["boundary"] for t in found)


WATCH = """() => {
  window.events = []; window.shifts = [];
  const watch = (type, take) => new PerformanceObserver(list => list.getEntries().forEach(take))
    .observe({type, durationThreshold: 16, buffered: false});
  watch("event", e => window.events.push([e.name, e.duration]));
  watch("layout-shift", e => window.shifts.push(e.value));
}"""
CLICKS = [
    "#train",
    "#train",
    "#step",
    "#example-histories",
    "#history-close",
    ".group-head:has(~ .tasks #data)",
    "#data",
    "#data-window header button",
    "#share",
    "#sharing header button",
    "#all-runs",
    "#library header > button:last-child",
    "#reset",
    "#train",
    "#loss-scale",
    "#help",
    "#help",
    "#train",
    '[data-picture="network"] .saver',
    "#save-svg",
    "#compare",
    "#race",
    "#lab-close",
    "#compare",
    "#sweep",
    "#lab-close",
    '[data-task="moons"]',
    '.group-head:has(~ .tasks [data-task="mnist"])',
    '[data-task="mnist"]',
    '.group-head:has(~ .tasks [data-task="spiral"])',
    '[data-task="spiral"]',
    "#new-data",
    "#new-weights",
    "#theme",
    "#theme",
]


def clicks(page: Page, url: str) -> tuple[list[tuple[str, float]], list[tuple[str, float]]]:
    """Click through the page; give each click's milliseconds to the next frame that shows it, and the layout shifts."""
    page.goto(url)
    page.wait_for_selector("#charts .js-plotly-plot")
    page.evaluate(WATCH)
    slow, moved = [], []
    for selector in CLICKS:
        page.evaluate("() => { window.events = []; window.shifts = []; }")
        page.click(selector)
        page.wait_for_timeout(700)
        slow.append(
            (selector, max([e[1] for e in page.evaluate("window.events") if e[0] in ("click", "pointerup")], default=0.0))
        )
        moved.append((selector, sum(page.evaluate("window.shifts"))))
    return slow, moved


def timed(api: httpx.Client, path: str) -> tuple[float, float]:
    """Ask for something; give seconds and MiB."""
    before = time.perf_counter()
    content = api.get(path).raise_for_status().content
    return time.perf_counter() - before, len(content) / 2**20


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        server = Server(Path(folder))
        browser = launch(play, find_browser())
        api = httpx.Client(base_url=f"{server.url}/api", timeout=60)
        print(
            f"{'task':<12} {'snapshots':>9} {'history MiB':>12} {'ms to all pictures: median':>27} "
            f"{'p90':>6} {'replay MiB':>11} {'s':>5} {'examples s':>11}"
        )
        for task, steps in TASKS.items():
            id = api.post("/runs", json={"task": task, "steps": 1_000_000, "speed": 500}).json()["id"]
            page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
            page.goto(f"{server.url}/?run={id}")
            page.wait_for_selector("#charts .js-plotly-plot")
            page.wait_for_function("n => Number(document.querySelector('#snapshot').max) >= n", arg=steps, timeout=120_000)
            page.wait_for_timeout(1200)
            found = sorted(moves(page))
            size = sum(file.stat().st_size for file in Path(folder).rglob(f"{id}/*")) / 2**20
            snapshots = len(api.get(f"/runs/{id}/history").json()["steps"])
            api.post(f"/runs/{id}/stop")
            page.context.close()
            seconds, replay = timed(api, f"/runs/{id}/export/replay.html")
            told = timed(api, f"/runs/{id}/history/examples")[0] if task in ("spiral", "sine", "mnist") else 0.0
            print(
                f"{task:<12} {snapshots:9} {size:12.1f} {statistics.median(found):27.0f} {found[int(0.9 * len(found))]:6.0f} "
                f"{replay:11.2f} {seconds:5.1f} {f'{told:.2f}' if told else '–':>11}",
                flush=True,
            )
        page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
        pictures, share = race(page, server.url)
        print(f"four racing runs: {pictures:.0f} pictures/s on the page, its main thread busy {100 * share:.0f} % of a core")
        preview, boundary = drops(page, server.url)
        print(f"a CSV of 1,000 rows: preview after {preview:.0f} ms, boundary (trained on at once) after {boundary:.0f} ms")
        slow, moved = clicks(page, server.url)
        worst = sorted(slow, key=lambda c: -c[1])
        print(
            f"{len(slow)} clicks: median {statistics.median(ms for _, ms in slow):.0f} ms to the next frame, slowest "
            + ", ".join(f"{name} {ms:.0f}" for name, ms in worst[:4])
        )
        print(
            "most layout shift after a click: "
            + ", ".join(f"{name} {value:.3f}" for name, value in sorted(moved, key=lambda c: -c[1])[:4])
        )
        browser.close()
        server.end()


if __name__ == "__main__":
    main()
