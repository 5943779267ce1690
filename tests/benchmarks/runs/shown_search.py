"""What a page does that shows a search of ten thousand trials:  python -m tests.benchmarks.runs.shown_search [10000] [10]

No run is trained: the page is told of a search whose trials are made up, and then of news, of 40 trials each time, as a server
tells it every 0.7 s. Printed, for each picture of the scores: the milliseconds of the page's own thread for an update (with
layout and paint, from the browser's own count), their median and the largest, and how many elements and points are drawn.
What it measured on two cores that others used too, of 10,000 trials, before and after what cannot be seen was left out:

    two choices     490 ms  →  137 ms, 218 elements
    one choice    5,600 to 7,700 ms, 9,500 elements  →  150 to 170 ms, 700 to 890 elements
    what mattered   136 ms; a search of 100 trials took 70 to 180 ms for each picture
"""

import statistics
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.browsers import find_browser, launch
from tests.conftest import Server

PREPARE = """async ([number]) => {
  const [{ Sweep }, { Store }, { loadPlotly }] = await Promise.all(
    ['/compare/sweep.js', '/state/store.js', '/charts/plotly.js'].map((path) => import(path)));
  const catalog = JSON.parse(document.querySelector('#catalog').textContent);
  const store = new Store(catalog);
  store.chosen = store.defaultsOf('spiral');
  let state = 1;
  const random = () => (state = (state * 48271) % 2147483647) / 2147483647;
  const paths = ['optimizer.learning_rate', 'batch_size', 'network.0.units'];
  const trial = (number, isOver) => ({
    number, bracket: 0, runs: [`r${number}`], rung: isOver ? 0 : null, scored_at: isOver ? 2 : 0, spread: null,
    values: [10 ** (-4 + 3 * random()), 4 + Math.floor(124 * random()), 2 + Math.floor(15 * random())],
    step: isOver ? 2 : 0, status: isOver ? (number % 50 ? 'done' : 'diverged') : 'training', diverged: number % 50 ? 0 : 1,
    score: isOver && number % 50 ? 0.4 + 0.6 * random() : null, scores: [], error: null,
  });
  const trials = Array.from({ length: number }, (_, k) => trial(k, k < 0.9 * number));
  const search = {
    how: 'random', goal: 'test_accuracy', status: 'running', error: null, axes: [], rungs: [], planned: number,
    begun: number, ended: 0.9 * number, steps: 0, grid_steps: 0, best: 1, importance: [], pairs: [], edges: [], revision: 1,
    trials };
  const group = { id: 'g', kind: 'sweep', task: 'spiral', paths, created: 0, runs: [], search };
  const run = { ...JSON.parse(JSON.stringify({ configuration: store.chosen })), status: 'finished', step: 0, findings: [],
                speed: null };
  const fetched = window.fetch;
  window.fetch = async (path, how) => {
    const id = /runs\\/(r[0-9]+)/.exec(path)?.[1];
    if (!id) return fetched(path, how);
    return new Response(JSON.stringify(/history/.test(path) ? { steps: [], changes: [] } : { ...run, id }));
  };
  document.body.replaceChildren();
  const place = Object.fromEntries(['bar', 'choices', 'words', 'stage'].map((name) => {
    const element = document.createElement('div');
    document.body.append(element);
    return [name, element];
  }));
  const plotly = await loadPlotly(catalog.plotly);
  const actions = { open() {}, again() {}, failed(error) { throw error; }, charts: async () => plotly, connection() {} };
  const sweep = new Sweep(place, store, group, actions);
  let next = Math.floor(0.9 * number);
  window.update = async () => {
    const { withNews } = await import('/compare/trials.js');
    const news = Array.from({ length: 40 }, () => trial(next++ % number, true));
    await sweep.take(withNews(sweep.group, { ...group, search: { ...search, trials: news, revision: next } }));
  };
  window.look = (name) => {
    sweep.look = sweep.looks.findIndex((one) => one.name === name);
    return sweep.take(sweep.group);
  };
  await sweep.take(group);
  return sweep.looks.map(({ name }) => name);
}"""
FRAME = "() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 30)))"
DRAWN = """() => {
  const chart = document.querySelector('.lab-chart');
  const points = chart.data.reduce((sum, trace) => sum + (trace.x?.length ?? 0), 0);
  return [chart.querySelectorAll('*').length, points];
}"""


def main(number: int, rounds: int) -> None:
    """Open a page, tell it of the search, and count."""
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        server, browser = Server(Path(home)), launch(playwright, find_browser())
        try:
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            page.goto(server.url)
            page.wait_for_function("() => 'whole' in document.body.dataset")
            page.set_default_timeout(120_000)
            counter = page.context.new_cdp_session(page)
            counter.send("Performance.enable")

            def busy() -> float:
                page.evaluate(FRAME)
                counts = {one["name"]: one["value"] for one in counter.send("Performance.getMetrics")["metrics"]}
                return 1000 * float(counts["TaskDuration"])

            for name in page.evaluate(PREPARE, [number]):
                page.evaluate("(name) => look(name)", name)
                took, before = [], busy()
                for _ in range(rounds):
                    page.evaluate("() => update()")
                    now = busy()
                    took.append(now - before)
                    before = now
                elements, points = page.evaluate(DRAWN)
                median = statistics.median(took)
                times = f"{median:6.0f} ms an update, at most {max(took):6.0f}"
                print(f"{name:30} {times}; {elements:,} elements, {points:,} points")
        finally:
            browser.close()
            server.end()


if __name__ == "__main__":
    main(*(int(arg) for arg in [*sys.argv[1:], *["10000", "10"][len(sys.argv) - 1 :]]))
