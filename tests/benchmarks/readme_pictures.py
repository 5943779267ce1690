"""Take the README's pictures from the running program.

pip install pillow && python -m tests.benchmarks.readme_pictures
"""

import io
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from tests.conftest import QUIET, Server, find_browser

FOLDER = Path(__file__).parent.parent.parent / ".github" / "pictures"
FRAMES = 19


def frame(page: Page) -> Image.Image:
    shot = Image.open(io.BytesIO(page.screenshot()))
    return shot.resize((960, 600), Image.Resampling.LANCZOS).quantize(200, dither=Image.Dither.NONE)


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as home:
        server = Server(Path(home))
        browser = playwright.chromium.launch(executable_path=find_browser(), args=QUIET)
        page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
        page.goto(f"{server.url}/?speed=100")
        page.wait_for_selector("#charts .js-plotly-plot")
        page.wait_for_timeout(500)
        frames = [frame(page)]
        page.click("#train")
        for _ in range(FRAMES):
            page.wait_for_timeout(110)
            frames.append(frame(page))
        page.click("#stop")
        frames[0].save(
            FOLDER / "spiral.gif",
            save_all=True,
            append_images=frames[1:],
            duration=[900] + [200] * (FRAMES - 1) + [1800],
            loop=0,
            optimize=True,
        )
        for task, theme, steps in (("mnist", "dark", 500), ("memory", "light", 300), ("sort", "dark", 1500)):
            page = browser.new_context(viewport={"width": 1280, "height": 800}, color_scheme=theme).new_page()
            page.goto(f"{server.url}/?task={task}")
            page.wait_for_selector("#charts .js-plotly-plot")
            page.click("#train")
            page.wait_for_function(
                "n => Number(document.querySelector('[data-value=step]').textContent.replaceAll(',', '')) >= n", arg=steps
            )
            page.wait_for_timeout(300)
            shot = Image.open(io.BytesIO(page.screenshot()))
            shot.quantize(255, dither=Image.Dither.NONE).save(FOLDER / f"{task}.png", optimize=True)
            page.click("#stop")
        browser.close()
        server.end()


if __name__ == "__main__":
    main()
