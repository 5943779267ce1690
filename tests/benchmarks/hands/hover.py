"""Milliseconds from pointing at a neuron to its map in the large picture, at rest and while it trains.

    python -m tests.benchmarks.hands.hover [task …]

The first map is drawn from what is on the page already; the fine one is asked of the engine.
"""

import statistics
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.browser.browsers import find_browser, launch
from tests.conftest import Server

NEURONS = 40
HOVER = """async ([x, y]) => {
  const canvas = document.querySelector('[data-picture="network"] canvas');
  const large = document.querySelector('.touched-large');
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  const point = (type, x, y) => canvas.dispatchEvent(
    new PointerEvent(type, { clientX: x, clientY: y, bubbles: true, pointerType: 'mouse' }));
  point('pointerleave', 0, 0);
  await frame(); await frame();
  const start = performance.now();
  point('pointermove', x, y);
  if (!large || large.hidden) return null;
  const first = large.dataset.map;
  await frame();
  const shown = performance.now() - start;
  for (let i = 0; large.dataset.map === first && i < 60; i++) await frame();
  return [shown, large.dataset.map === first ? null : performance.now() - start];
}"""


def hover(page: Page) -> list[tuple[float, float | None]]:
    """Point at places all over the diagram, and keep those where a neuron is."""
    box = page.locator('[data-picture="network"] canvas').first.bounding_box()
    assert box
    found = []
    for i in range(400):
        x, y = box["x"] + box["width"] * (0.32 + 0.32 * (i % 2)), box["y"] + box["height"] * ((i * 0.618) % 0.85)
        if (took := page.evaluate(HOVER, [x, y])) is not None:
            found.append(tuple(took))
        if len(found) == NEURONS:
            break
    return found


def told(values: list[float]) -> str:
    values = sorted(values)
    return f"median {statistics.median(values):.0f}, p95 {values[int(0.95 * (len(values) - 1))]:.0f}" if values else "–"


def main(tasks: list[str]) -> None:
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        server, browser = Server(Path(home)), launch(playwright, find_browser())
        for task in tasks:
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            page.goto(f"{server.url}/?task={task}&steps=1000000")
            page.wait_for_selector('[data-picture="network"]:not(.loading)')
            for state in ("at rest", "training"):
                if state == "training":
                    page.click("#train")
                took = hover(page)
                fine = [late for _, late in took if late is not None]
                print(f"{task}, {state}: large map in ms: {told([first for first, _ in took])}; fine map: {told(fine)}")
            page.close()
        browser.close()
        server.end()


if __name__ == "__main__":
    main(sys.argv[1:] or ["spiral", "sine"])
