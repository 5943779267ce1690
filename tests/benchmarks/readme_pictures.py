"""Take the README's pictures from the running program.

pip install pillow && python -m tests.benchmarks.readme_pictures
"""

import io
import math
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.browsers import find_browser, launch
from tests.browser.page import compare, drop
from tests.conftest import Server
from tests.samples import flowers

FOLDER = Path(__file__).parent.parent.parent / ".github" / "pictures"
FRAMES = 19


def frame(page: Page) -> Image.Image:
    shot = Image.open(io.BytesIO(page.screenshot()))
    return shot.resize((960, 600), Image.Resampling.LANCZOS).quantize(200, dither=Image.Dither.NONE)


def opened(browser: Browser, server: Server, query: str, theme: str = "light") -> Page:
    page = browser.new_context(viewport={"width": 1280, "height": 800}, color_scheme=theme).new_page()
    page.goto(f"{server.url}/{query}")
    page.wait_for_selector("#charts .js-plotly-plot")
    return page


def train(page: Page, steps: int) -> None:
    page.click("#train")
    trained(page, steps)


def trained(page: Page, steps: int) -> None:
    page.wait_for_function(
        "n => Number(document.querySelector('[data-value=step]').textContent.replaceAll(',', '')) >= n", arg=steps
    )
    page.wait_for_timeout(300)


def save(page: Page, name: str) -> None:
    shot = Image.open(io.BytesIO(page.screenshot()))
    shot.quantize(255, dither=Image.Dither.NONE).save(FOLDER / f"{name}.png", optimize=True)


def laboratory(browser: Browser, server: Server) -> None:
    """Take the flows of the laboratory: race, sweep, own data, the history of an example, painting, sharing."""
    page = opened(browser, server, "", "dark")
    compare(page, "race")
    page.click("#race-more")
    page.select_option("#race-value-0-2", "RMSProp")
    page.click("#race-start")
    page.wait_for_function(
        "() => { const lanes = [...document.querySelectorAll('.lane')];"
        " return lanes.length === 3 && lanes.every(l => l.dataset.step > 900); }",
        timeout=60_000,
    )
    page.wait_for_timeout(500)
    save(page, "race")
    page.click("#race-stop")
    page = opened(browser, server, "")
    compare(page, "sweep")
    page.click("#sweep-more")
    page.click("#sweep-start")
    page.wait_for_function("() => /20 of 20 done/.test(document.querySelector('#sweep-words')?.textContent)", timeout=120_000)
    page.wait_for_timeout(1500)
    save(page, "sweep")
    page = opened(browser, server, "?speed=400")
    drop(page, "flowers.csv", flowers())
    page.wait_for_selector("#use-data")
    page.wait_for_timeout(300)
    save(page, "data")
    page.click("#use-data")
    page.wait_for_url("**task=table**")
    page.wait_for_selector('#picture [data-picture="decision boundary"][data-step]')
    trained(page, 250)
    page.click("#example-histories")
    page.wait_for_selector(".history-list button")
    page.wait_for_timeout(400)
    save(page, "example_history")
    page.click("#stop")
    page.click("#share")
    page.wait_for_timeout(600)
    save(page, "share")
    page = opened(browser, server, "?task=painted", "dark")
    page.click("#clear")
    box = page.locator('[data-picture="decision boundary"] canvas').bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    for brush, radius in ((0, 40), (1, 95), (2, 150)):
        page.click(f"#brush-{brush}")
        stroke(page, x, y, radius)
    train(page, 400)
    page.locator("#snapshot").press("PageDown")
    page.wait_for_timeout(500)
    save(page, "paint")
    page.click("#stop")


def cure(browser: Browser, server: Server) -> None:
    """Take a fault as the doctor finds it, and its cure beside it."""
    page = opened(browser, server, "?optimizer=SGD&optimizer.learning_rate=10", "dark")
    train(page, 300)
    page.wait_for_selector("#headline[data-kind=ill]")
    save(page, "ill")
    page.click("#said .acts .primary")
    page.wait_for_function(
        "() => { const [, cured] = document.querySelectorAll('.lane'); return cured?.dataset.step > 900; }", timeout=60_000
    )
    page.wait_for_timeout(500)
    save(page, "cured")
    page.click("#race-stop")


def stroke(page: Page, x: float, y: float, radius: float) -> None:
    for k in range(41):
        angle = 2 * math.pi * k / 40
        page.mouse.move(x + radius * math.cos(angle), y + radius * math.sin(angle))
        if k == 0:
            page.mouse.down()
    page.mouse.up()


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as home:
        server = Server(Path(home))
        browser = launch(playwright, find_browser())
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
            page = opened(browser, server, f"?task={task}", theme)
            train(page, steps)
            save(page, task)
            page.click("#stop")
        laboratory(browser, server)
        cure(browser, server)
        browser.close()
        server.end()


if __name__ == "__main__":
    main()
