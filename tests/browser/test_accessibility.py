"""axe-core finds nothing in any state of the page, in both themes; it comes with the package axe-playwright-python."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.audit import COLOURS, axe
from tests.browser.page import MESSY, Open, ask_for_data, wait_for_step


def check(page: Page) -> None:
    """Look at it in the theme that it has, and at its colours in the other one, in which it stays: to change it takes long."""
    assert axe(page) == []
    change_theme(page)
    assert axe(page, COLOURS) == []


def change_theme(page: Page) -> None:
    theme = page.evaluate("document.documentElement.dataset.theme")
    page.evaluate("document.getElementById('theme').click()")  # a dialog may lie over the button
    page.wait_for_function("theme => document.documentElement.dataset.theme !== theme", arg=theme)
    page.wait_for_function("() => document.getAnimations().every(one => one.playState !== 'running')")


def settled(page: Page) -> None:
    page.wait_for_selector("#train:not([disabled])", state="attached")
    page.wait_for_selector("[data-picture][data-step]")
    page.wait_for_selector(".js-plotly-plot", state="attached")


def trained(page: Page) -> None:
    page.click("#train")
    wait_for_step(page, 100)
    page.click("#train")


def looked_back(page: Page) -> None:
    trained(page)
    page.locator("#snapshot").focus()
    page.keyboard.press("PageDown")
    page.wait_for_selector("body.past")


def tabs(page: Page) -> None:
    trained(page)
    for tab in page.get_by_role("tab").all():
        tab.click()
        check(page)


def opened(page: Page) -> None:
    page.evaluate("() => { for (const fold of document.querySelectorAll('#panels details')) fold.open = true; }")


def refused(page: Page) -> None:
    box = page.locator('[data-path="batch_size"] input.number')
    box.fill("many")
    box.press("Enter")


def helped(page: Page) -> None:
    page.click("#help")


def shared(page: Page) -> None:
    page.click("#share")


def library(page: Page) -> None:
    trained(page)
    page.get_by_role("tab", name="Runs").click()
    page.click("#all-runs")
    page.locator("#library [data-run]").first.get_by_role("checkbox").click()
    check(page)
    page.locator("#run-filter").fill("optimizer ")
    page.wait_for_selector("#run-filter-list:popover-open")
    check(page)
    page.get_by_role("button", name="Columns").click()
    page.wait_for_selector("#run-columns:popover-open")
    check(page)
    page.keyboard.press("Escape")
    page.get_by_label("Group by").select_option("task")
    page.locator("#library .fold").first.click()
    page.wait_for_selector("#library [data-run]")


def race(page: Page) -> None:
    page.click("#compare")
    page.click("#race")
    page.wait_for_selector("#race-start")
    check(page)
    page.click("#race-start")
    page.wait_for_function("() => document.querySelectorAll('.lane').length > 1")


def sweep(page: Page) -> None:
    page.click("#compare")
    page.click("#sweep")
    page.wait_for_selector("#lab button[id^=sweep]")


def lost(page: Page) -> None:
    page.route(re.compile(r"/api/runs/[0-9a-f]+$"), lambda route: route.abort())
    page.evaluate("window.sockets.at(-1).close()")
    page.wait_for_selector("body.lost")


def started_again(page: Page) -> None:
    trained(page)
    page.keyboard.press("n")
    page.wait_for_selector("#undo")


def found(page: Page) -> None:
    page.locator(".layers[data-path=network] > .adder").select_option("Softmax")
    page.locator('[data-path="network.4"] > .layer-more > summary').press("Alt+ArrowDown")
    page.click("#ask-why")
    page.wait_for_selector(".why-remedies button")
    check(page)
    page.keyboard.press("Escape")
    page.click("#said .acts .primary")
    page.wait_for_function("() => document.querySelectorAll('.lane .found:not([hidden])').length")


def tried(page: Page) -> None:
    for name in ("check-up", "find-the-rate"):
        page.click("#try")
        check(page)
        page.click(f"#try-{name}")
        page.wait_for_selector("#experiment .statements li")
        check(page)
        page.keyboard.press("Escape")


STATES = [
    trained,
    looked_back,
    tabs,
    opened,
    refused,
    helped,
    shared,
    library,
    ask_for_data,
    race,
    sweep,
    found,
    tried,
    lost,
    started_again,
]
SOCKETS = """delete window.SharedWorker; window.sockets = []; window.WebSocket = class extends WebSocket {
  constructor(...said) { super(...said); window.sockets.push(this); }
};"""


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_every_state(open_page: Open, state: Callable[[Page], None]) -> None:
    page = open_page("?speed=none", color_scheme="light", forgive=(MESSY, "WebSocket", "ERR_"), script=SOCKETS)
    settled(page)
    state(page)
    check(page)


@pytest.mark.parametrize("width", [390, 768])
def test_small_screens(open_page: Open, width: int) -> None:
    page = open_page("?task=mnist", width=width, color_scheme="light", forgive=(MESSY,))
    settled(page)
    check(page)
