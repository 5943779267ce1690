"""Take the thumbnails of the shelf from the running program: each task's own main picture, after some training.

python -m tests.benchmarks.thumbnails [TASK ...]
"""

import io
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from engine.tasks import TASKS
from server.page.files import FRONTEND
from tests.browser.browsers import find_browser, launch
from tests.conftest import Server

FOLDER = FRONTEND / "thumbnails"
SIDE = 192
"""Pixels: twice what the sheet of the shelf shows."""
COLOURS = 48
STEPS = {"mnist": 500, "autoencoder": 1200, "rows": 600, "text": 1200, "memory": 600, "reverse": 1500, "sort": 2500}
"""For which a task trains, where 800 are not right."""
CURVE, HEAD, DIGIT = (32, 8, 540, 428), (35, 67, 276, 478), (20, 211, 72, 263)
BOXES = {
    **dict.fromkeys(("sine", "step", "polynomial", "sines", "sketched", "numbers"), CURVE),
    **dict.fromkeys(("copy", "reverse", "sort"), HEAD),
    **dict.fromkeys(("mnist", "images"), DIGIT),
    "autoencoder": (251, 9, 350, 108),
    "text": (0, 14, 210, 224),
    "rows": (0, 0, 190, 190),
}
"""What is taken of a picture, in CSS pixels of a page of 1280 by 800; else the square in its middle, without its corners."""
SHARP = 3
"""Pixels of the screen for each of CSS."""


def train(page: Page, steps: int) -> None:
    page.wait_for_selector("main [data-picture][data-step]")
    page.click("#train")
    page.wait_for_function(
        "n => Number(document.querySelector('[data-value=step]').textContent.replaceAll(',', '')) >= n"
        " || document.body.dataset.status === 'finished'",
        arg=steps,
        timeout=180_000,
    )
    if page.evaluate("document.body.dataset.status") == "running":
        page.click("#train")
    page.wait_for_timeout(600)


def square(image: Image.Image, task: str) -> Image.Image:
    """Cut out what is taken, as large as a thumbnail."""
    width, height = image.size
    side = round(0.84 * min(width, height))
    x, y = (width - side) // 2, (height - side) // 2
    box = (x, y, x + side, y + side)
    if task in BOXES:
        left, top, right, bottom = (SHARP * v for v in BOXES[task])
        box = (left, top, min(right, width), min(bottom, height))
    return image.crop(box).resize((SIDE, SIDE), Image.Resampling.LANCZOS)


def take(browser: Browser, server: Server, task: str) -> None:
    """Train a task, and keep what its main picture looks like."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, color_scheme="light", device_scale_factor=SHARP)
    page = context.new_page()
    page.goto(f"{server.url}/?speed=none&task={task}")
    train(page, STEPS.get(task, 800))
    shot = Image.open(io.BytesIO(page.locator("main [data-picture] .picture-body").first.screenshot())).convert("RGB")
    square(shot, task).quantize(COLOURS, dither=Image.Dither.NONE).save(FOLDER / f"{task}.png", optimize=True)
    context.close()


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as home:
        server = Server(Path(home))
        browser = launch(playwright, find_browser())
        for task in sys.argv[1:] or TASKS:
            take(browser, server, task)
        browser.close()
        server.end()


if __name__ == "__main__":
    main()
