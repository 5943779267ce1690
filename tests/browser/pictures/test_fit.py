"""Every picture of every task fits its card at any size: its canvas fills it, its words are large enough, whole, and alone."""

import pytest
from playwright.sync_api import Page

from tests.browser.page import Open, show_all, wait_for_step

SIZES = [(1280, 800), (1366, 768), (1920, 1080), (768, 1024), (390, 844), (360, 640)]
TASKS = [
    *("spiral", "circles", "xor", "blobs", "moons", "painted"),
    *("sine", "step", "polynomial", "sines", "sketched", "optimizers"),
    *("table", "numbers", "mnist", "images", "autoencoder"),
    *("memory", "rows", "text", "copy", "reverse", "sort"),
]

COLLECT = """
const words = new Map();
window.IN_WORK = [];
window.wordsOn = (canvas) => words.get(canvas) ?? [];
const {fillText, clearRect} = CanvasRenderingContext2D.prototype;
CanvasRenderingContext2D.prototype.clearRect = function (x, y, w, h) {
  if (x <= 0 && y <= 0) words.set(this.canvas, []);
  clearRect.call(this, x, y, w, h);
};
CanvasRenderingContext2D.prototype.fillText = function (text, x, y, ...rest) {
  fillText.call(this, text, x, y, ...rest);
  if (!this.canvas.isConnected || !String(text).trim()) return;
  const ratio = this.canvas.width / this.canvas.clientWidth;
  const m = this.measureText(text);
  const [left, right] = [x - m.actualBoundingBoxLeft, x + m.actualBoundingBoxRight];
  const [top, bottom] = [y - m.actualBoundingBoxAscent, y + m.actualBoundingBoxDescent];
  const corners = [[left, top], [right, top], [left, bottom], [right, bottom]]
    .map(([x, y]) => this.getTransform().transformPoint({x, y}));
  const xs = corners.map((p) => p.x / ratio), ys = corners.map((p) => p.y / ratio);
  const said = {text: String(text), size: parseFloat(/([\\d.]+)px/.exec(this.font)[1]),
    left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys)};
  if (!words.has(this.canvas)) words.set(this.canvas, []);
  words.get(this.canvas).push(said);
};
"""
"""Keep of every canvas which words were written since it was cleared: their size and their box, in the page's pixels."""

COMPLAIN = """() => {
  const found = [];
  const small = Object.assign(document.createElement("canvas"), {width: 160, height: 160});
  const pen = small.getContext("2d", {willReadFrequently: true});
  const inkOf = (canvas) => {
    pen.clearRect(0, 0, 160, 160);
    pen.drawImage(canvas, 0, 0, 160, 160);
    const data = pen.getImageData(0, 0, 160, 160).data;
    let [left, right, top, bottom] = [160, -1, 160, -1];
    for (let y = 0; y < 160; y++) for (let x = 0; x < 160; x++) {
      if (!data[4 * (y * 160 + x) + 3]) continue;
      left = Math.min(left, x); right = Math.max(right, x); top = Math.min(top, y); bottom = y;
    }
    return ((right - left + 1) / 160) * ((bottom - top + 1) / 160);
  };
  for (const card of document.querySelectorAll("[data-picture]")) {
    const say = (what) => found.push(`${card.dataset.picture}: ${what}`);
    if (!card.checkVisibility() || IN_WORK.includes(card.dataset.picture)) continue;
    for (const name of card.querySelectorAll("h2, h2 *, .caption, .legend, .legend *, header *")) {
      if (!name.checkVisibility() || name.closest("select")) continue;
      if (name.scrollWidth > name.clientWidth + 1 && getComputedStyle(name).display !== "inline")
        say(`cut: ${name.textContent} ${name.scrollWidth} > ${name.clientWidth}`);
      if (name.textContent.trim() && parseFloat(getComputedStyle(name).fontSize) < 11.5) say(`small: ${name.textContent}`);
    }
    const body = card.querySelector(".picture-body");
    for (const canvas of body.querySelectorAll(":scope > canvas:first-child")) {
      const [a, b] = [canvas, body].map((e) => e.getBoundingClientRect());
      const pad = body.querySelector(".pad");
      if (!pad && (Math.abs(a.width - b.width) > 1.5 || Math.abs(a.height - b.height) > 1.5))
        say(`canvas ${a.width} × ${a.height} in ${b.width} × ${b.height}`);
      const ratio = devicePixelRatio;
      if (Math.abs(canvas.width - a.width * ratio) > 1.5) say(`${canvas.width} pixels for ${a.width} × ${ratio}`);
      const ink = inkOf(canvas);
      if (ink < LEAST_INK) say(`void: ${ink.toFixed(2)} of ${a.width.toFixed()} × ${a.height.toFixed()}`);
      const all = window.wordsOn(canvas);
      for (const [i, w] of all.entries()) {
        if (w.size < 11.49) say(`small: “${w.text}” ${w.size}`);
        if (w.left < -0.6 || w.top < -0.6 || w.right > canvas.clientWidth + 0.6 || w.bottom > canvas.clientHeight + 0.6)
          say(`cut: “${w.text}” ${[w.left, w.top, w.right, w.bottom].map((v) => v.toFixed())} in ${a.width} × ${a.height}`);
        if (w.text.includes("…") && w.text.trim() !== "…") say(`shortened: ${w.text}`);
        for (const o of all.slice(0, i))
          if (Math.min(w.right, o.right) - Math.max(w.left, o.left) > 0.5
              && Math.min(w.bottom, o.bottom) - Math.max(w.top, o.top) > 0.5)
            say(`over one another: “${o.text}” and “${w.text}”`);
      }
    }
  }
  return found;
}""".replace("LEAST_INK", "0.6")
"""What is wrong with the pictures that are on the page."""


def settle(page: Page) -> None:
    """Wait until a change of size has been drawn."""
    for _ in range(2):
        page.evaluate("() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))")


def complaints(page: Page, width: int, height: int) -> list[str]:
    """Give what is wrong with the pictures at a size of the page."""
    page.set_viewport_size({"width": width, "height": height})
    found = []
    for tab in page.locator("#tabs [role=tab]").evaluate_all("all => all.map(tab => tab.id)"):
        page.evaluate("id => document.getElementById(id)?.click()", tab)
        settle(page)
        found += [words for words in page.evaluate(COMPLAIN) if words not in found]
    return [f"{width} × {height}, {words}" for words in found]


@pytest.mark.parametrize("task", TASKS)
def test_every_picture_fits_its_card_at_any_size(open_page: Open, task: str) -> None:
    page = open_page(f"?task={task}", script=COLLECT)
    page.click("#step")
    wait_for_step(page, 1)
    show_all(page, 1)
    found = [words for width, height in SIZES for words in complaints(page, width, height)]
    assert not found, "\n".join(found)
