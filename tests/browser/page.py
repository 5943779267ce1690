"""What the tests of the page share: read its numbers and pictures, wait for a step, a status, a picture, a dropped file."""

import re
import time
from collections.abc import Callable

import httpx
from playwright.sync_api import Locator, Page, Route

from tests.conftest import Server

Open = Callable[..., Page]
MESSY = "Failed to load resource"
"""What the browser itself writes into the console for a refused request."""

DROP = """(files) => {
  const data = new DataTransfer();
  for (const [name, text, type] of files) data.items.add(new File([text], name, {type}));
  document.dispatchEvent(new DragEvent("drop", {dataTransfer: data, bubbles: true, cancelable: true}));
}"""


def value(page: Page, name: str) -> str:
    return page.locator(f'[data-value="{name}"]').inner_text()


def step(page: Page) -> int:
    return int(value(page, "step").replace(",", ""))


def wait_for_step(page: Page, least: int) -> None:
    page.wait_for_function(
        "least => Number(document.querySelector('[data-value=step]')?.textContent.replaceAll(',', '')) >= least", arg=least
    )


def wait_for_status(page: Page, status: str) -> None:
    page.wait_for_function("s => document.body.dataset.status === s", arg=status)


def pause(page: Page) -> int:
    """Pause the run that trains; give the step that it stands at from now on."""
    page.click("#train")
    wait_for_status(page, "paused")
    return step(page)


def drawn(page: Page, picture: str, least: int = 0) -> None:
    page.wait_for_function(
        '([name, least]) => Number(document.querySelector(`[data-picture="${name}"]`)?.dataset.step ?? -1) >= least',
        arg=[picture, least],
    )


def bring(page: Page, picture: str, least: int = 0) -> None:
    """Open the tab that a picture lies under, where it does, and wait until it is drawn: what nobody sees is not computed."""
    page.locator(f'[data-picture="{picture}"]').wait_for(state="attached")
    for panel in page.locator(f'[role=tabpanel]:has([data-picture="{picture}"])').all():
        page.click(f"#{panel.get_attribute('aria-labelledby')}")
    drawn(page, picture, least)


def pixels(page: Page, picture: str) -> str:
    return page.locator(f'[data-picture="{picture}"] canvas').first.evaluate("c => c.toDataURL()")


def choose_task(page: Page, task: str) -> None:
    """Choose a task on the shelf, of which a part is a line, the others are sheets."""
    find_on_shelf(page, f'[data-task="{task}"]').click()


def ask_for_data(page: Page) -> None:
    """Open the window for one's own data."""
    find_on_shelf(page, "#data").click()


def find_on_shelf(page: Page, name: str) -> Locator:
    button = page.locator(name)
    button.wait_for(state="attached")
    if not button.is_visible():
        page.locator("#task-button, .group-head").filter(visible=True).and_(
            page.locator(f"#task-button, .group:has({name}) .group-head")
        ).click()
    return button


def compare(page: Page, how: str) -> None:
    """Open the laboratory for a race or a sweep."""
    page.click("#compare")
    page.click(f"#{how}")


def other_run(page: Page, id: str) -> None:
    page.wait_for_function("id => !location.search.includes(id) && /run=/.test(location.search)", arg=id)


def url_of(page: Page) -> str:
    """Say the page's address as the page itself has it; `page.url` hears of a change by another way, and may hear it later."""
    return page.evaluate("location.href")


def run_of(page: Page, server: Server) -> dict:
    """Ask for the run that the page shows; one that is forgotten meanwhile has been replaced by another."""
    while True:
        id = re.search("run=([0-9a-f]+)", url_of(page)).group(1)
        reply = httpx.get(f"{server.url}/api/runs/{id}")
        if reply.status_code != 404 or id in url_of(page):
            return reply.json()


def hold(page: Page, path: str, act: Callable[[], None]) -> Route:
    """Do what has the page send something to this path, and give that request, which waits until it is let go."""
    held: list[Route] = []

    def take(route: Route) -> None:
        if held or route.request.method != "POST":
            route.fallback()
        else:
            held.append(route)

    page.route(path, take)
    act()
    until(page, lambda: held)
    return held[0]


def until(page: Page, happened: Callable[[], object], seconds: float = 60) -> None:
    """Wait until something is true that no page tells of; the page goes on meanwhile."""
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "it did not happen"
        page.wait_for_timeout(20)


def drop(page: Page, name: str, text: str, type: str = "text/csv") -> None:
    page.evaluate(DROP, [[name, text, type]])


def open_layer(page: Page, path: str) -> Locator:
    """Open what is under a layer's row: how it is moved and removed, and its other fields."""
    row = page.locator(f'[data-path="{path}"]')
    more = row.locator("> .layer-more")
    if more.get_attribute("open") is None:
        more.locator("> summary").click()
    return row


def words_in_chart(page: Page, chart: int = 0) -> list[str]:
    """Give the words that stand in a chart: its curves' names, its flags', and where a curve leaves it."""
    page.wait_for_selector("#charts .js-plotly-plot .textpoint text", state="attached")
    texts = page.locator("#charts .js-plotly-plot").nth(chart).locator(".textpoint text")
    return [text.replace("\u00a0", "").strip() for text in texts.all_text_contents()]


def names_in_chart(page: Page, curves: int) -> list[str]:
    page.wait_for_function("n => document.querySelectorAll('#charts .js-plotly-plot')[0]?.data?.length === n + 1", arg=curves)
    return words_in_chart(page)


SHOWN = """([name, least]) => {
  const card = document.querySelector(`[data-picture="${name}"]`);
  return !card?.checkVisibility() || Number(card.dataset.step ?? -1) >= least;
}"""


def show_all(page: Page, least: int = 0) -> list[str]:
    """Bring every picture into view, tab by tab, until each is drawn or gone, as the network has none; give their names."""
    shown = []
    for tab in page.locator("#tabs [role=tab]").evaluate_all("all => all.map(tab => tab.id)"):
        page.evaluate("id => document.getElementById(id)?.click()", tab)  # a picture's tab may turn out to be empty, and go
        for name in page.locator("[data-picture]:visible").evaluate_all("all => all.map(card => card.dataset.picture)"):
            page.locator(f'[data-picture="{name}"]').evaluate_all("all => all.map(card => card.scrollIntoView())")
            page.wait_for_function(SHOWN, arg=[name, least])
            shown.append(name)
    page.click("#tab-curves")
    here = page.locator("[data-picture]").evaluate_all("all => all.map(card => card.dataset.picture)")
    return [name for name in here if name in shown]


def teacher_and_visitor(open_page: Open, start_server: Callable[..., Server]) -> tuple[Page, Page]:
    """Open the page of a teacher whose run trains, and that of a visitor who may only watch; they may lose each other."""
    teachers, visitors = "t" * 20, "v" * 20
    address = f"http://127.0.0.1:{start_server('--token', teachers, '--view-only', visitors).port}"
    away = (MESSY, "WebSocket", "ERR_")
    teacher = open_page(f"/?token={teachers}", base=address, forgive=away)
    teacher.click("#train")
    wait_for_step(teacher, 20)
    return teacher, open_page(f"/?token={visitors}", base=address, forgive=away)
