"""Take the thumbnails of the shelf from the running program: each task's own main picture, after some training.

python -m tests.benchmarks.thumbnails [TASK ...]
"""

import io
import sys
import tempfile
from pathlib import Path

from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Page, sync_playwright

from engine.tasks import TASKS
from server.page import FRONTEND
from tests.browser.browsers import find_browser, launch
from tests.browser.page import drop
from tests.conftest import Server
from tests.samples import flowers

FOLDER = FRONTEND / "thumbnails"
SIDE = 192
"""Pixels: twice what the sheet of the shelf shows."""
COLOURS = 48
STEPS = {"mnist": 500, "autoencoder": 1200, "rows": 600, "text": 1200, "memory": 600, "reverse": 1500, "sort": 2500}
"""For which a task trains, where 800 are not right."""
CROPS = {
    "mnist": (0.0, 0.0, 0.125),
    "images": (0.0, 0.0, 0.125),
    "autoencoder": (0.0, 0.0, 0.25),
    "rows": (0.0, 0.0, 0.34),
    "text": (0.0, 0.0, 0.3),
}
"""What is taken of a picture: its left and upper end and its side, in widths; else the square in its middle."""


def shapes(folder: Path) -> str:
    """Draw images as a person brings them: rings and crosses."""
    for k in range(60):
        for kind in ("cross", "ring"):
            image = Image.new("L", (28, 28), 250)
            draw, size = ImageDraw.Draw(image), 6 + k % 5
            box = (14 - size, 14 - size, 14 + size, 14 + size)
            if kind == "ring":
                draw.ellipse(box, outline=20, width=3)
            else:
                draw.line(box, fill=20, width=3)
                draw.line((box[0], box[3], box[2], box[1]), fill=20, width=3)
            (folder / kind).mkdir(parents=True, exist_ok=True)
            image.save(folder / kind / f"{k}.png")
    return str(folder)


def bring(page: Page, task: str, folder: Path) -> None:
    """Give a task that asks for a person's own data what it asks for."""
    if task == "images":
        page.evaluate("document.getElementById('data').click()")
        page.set_input_files("#data-folder", shapes(folder))
    elif task in ("table", "numbers"):
        drop(page, "flowers.csv", flowers())
        page.wait_for_selector("#use-data")
        if task == "numbers":
            page.locator("[data-column='0'] select, #target-column").first.select_option("0")
    page.click("#use-data")


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
    if task in CROPS:
        x, y, side = (round(share * width) for share in CROPS[task])
    else:
        side = min(width, height)
        x, y = (width - side) // 2, (height - side) // 2
    return image.crop((x, y, x + side, y + side)).resize((SIDE, SIDE), Image.Resampling.LANCZOS)


def take(browser: Browser, server: Server, task: str, folder: Path) -> None:
    """Train a task, and keep what its main picture looks like."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, color_scheme="light")
    page = context.new_page()
    own = any(field == "dataset" for field in TASKS[task].__dataclass_fields__)
    page.goto(f"{server.url}/?speed=none{'' if own else f'&task={task}'}")
    page.wait_for_selector("main [data-picture][data-step]")
    if own:
        bring(page, task, folder)
        page.wait_for_function("task => new URLSearchParams(location.search).get('task') === task", arg=task)
    train(page, STEPS.get(task, 800))
    shot = Image.open(io.BytesIO(page.locator("main [data-picture] .picture-body").first.screenshot())).convert("RGB")
    square(shot, task).quantize(COLOURS, dither=Image.Dither.NONE).save(FOLDER / f"{task}.png", optimize=True)
    context.close()


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as home:
        server = Server(Path(home) / "home")
        browser = launch(playwright, find_browser())
        for task in sys.argv[1:] or TASKS:
            take(browser, server, task, Path(home) / "shapes")
        browser.close()
        server.end()


if __name__ == "__main__":
    main()
