"""Measure from a click to the answer over thirty controls, how the page shifts, and how busy it is while a network trains.

    python -m tests.benchmarks.answers [--rounds 3] [--url http://…]

An answer is the first change that a person sees: a value, a status or a picture that is another one, painted. The shift is
Chromium's own (layout-shift entries that nobody's input asked for), during a load and ten seconds of training.
"""

import argparse
import statistics
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Error, Page, sync_playwright

from tests.browser.browsers import find_browser, launch
from tests.conftest import Server

SECONDS = 10
WATCH = """
window.shift = 0; window.shifts = []; window.long = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries())
    if (!entry.hadRecentInput) {
      window.shift += entry.value;
      for (const { node } of entry.sources) window.shifts.push(`${node?.nodeName}#${node?.id}.${node?.className}`);
    }
}).observe({ type: "layout-shift", buffered: true });
new PerformanceObserver((list) => { for (const entry of list.getEntries()) window.long += entry.duration; })
  .observe({ type: "longtask", buffered: true });
"""
ANSWER = """([selector, act, answer]) => new Promise((resolve, reject) => {
  const element = document.querySelector(selector);
  if (!element || element.disabled) { reject(new Error(`there is no ${selector}`)); return; }
  for (let fold = element.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  const say = (e) => [e.hidden, e.className, e.value, e.textContent, JSON.stringify(e.dataset), e.ariaExpanded, e.ariaSelected];
  const seen = () => [...document.querySelectorAll(answer)].map(say).join() + location.search;
  const before = seen(), start = performance.now();
  if (act === "click") element.click();
  else {
    element.focus();
    if (element.tagName === "SELECT")
      element.selectedIndex = (element.selectedIndex + 1) % element.options.length;
    else element.value = act;
    element.dispatchEvent(new Event("input", { bubbles: true }));
    element.dispatchEvent(new Event("change", { bubbles: true }));
  }
  const look = () => {
    if (seen() !== before) resolve(performance.now() - start);
    else if (performance.now() - start > 5000) resolve(null);
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})"""
PAGE = (
    "body, #panels, #readout, #headline, #picture [data-picture], [role=tab], dialog, #lab, #keys, .said-now, #toolbar button"
)
NUMBER = "input.number"
CONTROLS: list[tuple[str, str, str]] = [
    ("theme", "#theme", "click"),
    ("theme back", "#theme", "click"),
    ("tab Runs", "#tab-runs", "click"),
    ("tab Curves", "#tab-curves", "click"),
    ("step", "#step", "click"),
    ("train", "#train", "click"),
    ("pause", "#train", "click"),
    ("continue", "#train", "click"),
    ("learning rate", f'[data-path="optimizer.learning_rate"] {NUMBER}', "0.02"),
    ("learning rate again", f'[data-path="optimizer.learning_rate"] {NUMBER}', "0.01"),
    ("batch size", f'[data-path="batch_size"] {NUMBER}', "64"),
    ("batch size again", f'[data-path="batch_size"] {NUMBER}', "32"),
    ("clip norm", f'[data-path="clip_norm"] {NUMBER}', "1"),
    ("evaluate every", f'[data-path="evaluate_every"] {NUMBER}', "10"),
    ("regularizer", "#choose-regularizer", "next"),
    ("schedule", "#choose-schedule", "next"),
    ("loss scale", "#loss-scale", "click"),
    ("speed", "#speed", "5"),
    ("reset", "#reset", "click"),
    ("new weights", "#new-weights", "click"),
    ("pause", "#train", "click"),
    ("optimizer", "#choose-optimizer", "next"),
    ("optimizer again", "#choose-optimizer", "next"),
    ("seed", f'[data-path="seed"] {NUMBER}', "5"),
    ("noise", f'[data-path="data.noise"] {NUMBER}', "0.2"),
    ("points", f'[data-path="data.points"] {NUMBER}', "200"),
    ("units", f'[data-path="network.0.units"] {NUMBER}', "6"),
    ("loss", "#choose-loss", "next"),
    ("share", "#share", "click"),
    ("race", "#race", "click"),
]


def opened(browser: Browser, url: str) -> Page:
    page: Page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    page.add_init_script(WATCH)
    page.goto(f"{url}/?steps=1000000")
    page.wait_for_selector("#train:not([disabled])")
    page.wait_for_selector("[data-picture][data-step]")
    page.wait_for_selector(".js-plotly-plot", state="attached")
    return page


def answers(page: Page) -> dict[str, float | None]:
    """Use each control once, and give the milliseconds to its answer; None where none came, or the control is not there."""
    took: dict[str, float | None] = {}
    for name, selector, act in CONTROLS:
        try:
            took[name] = page.evaluate(ANSWER, [selector, act, PAGE])
        except Error:
            took[name] = None
        page.wait_for_timeout(350)  # what follows from it is done
    return took


def calm(page: Page) -> tuple[float, list[str], float]:
    """Train for ten seconds: the shift since the page was asked for, what shifted, and the share of the time that a task of
    the page's own lasted.
    """
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")

    def busy() -> float:
        metrics = session.send("Performance.getMetrics")["metrics"]
        return next(metric["value"] for metric in metrics if metric["name"] == "TaskDuration")

    page.click("#train")
    before = busy()
    page.wait_for_timeout(1000 * SECONDS)
    share = (busy() - before) / SECONDS
    shift, sources = page.evaluate("[window.shift, [...new Set(window.shifts)]]")
    return shift, sources, share


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--url", help="a dashboard that is running already, as that of another version")
    options = parser.parse_args()
    path = find_browser()
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        server = None if options.url else Server(Path(home))
        url = options.url or server.url
        browser = launch(playwright, path)
        try:
            rounds = [answers(opened(browser, url)) for _ in range(options.rounds)]
            medians = {}
            for name, *_ in CONTROLS:
                times = [took for one in rounds if (took := one[name]) is not None]
                medians[name] = statistics.median(times) if times else None
                print(f"{name:22}" + (f"{medians[name]:8.0f} ms" if times else "       –"))
            every = sorted(took for one in rounds for took in one.values() if took is not None)
            print(f"\n{len(every)} answers: p50 {every[len(every) // 2]:.0f} ms, p95 {every[int(0.95 * len(every))]:.0f} ms")
            shift, sources, share = calm(opened(browser, url))
            print(f"layout shift during a load and {SECONDS} s of training: {shift:.4f} {' '.join(sources)}")
            print(f"the page's main thread while training: {100 * share:.0f} %")
        finally:
            browser.close()
            if server:
                server.end()


if __name__ == "__main__":
    main()
