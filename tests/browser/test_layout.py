"""How the page lies on every screen: the picture's size, nothing cut, nothing over another, all text to be read."""

import pytest
from playwright.sync_api import Page, expect

import engine as nn
from tests.browser.audit import COLLECT, COLOURS, audit_screen, axe
from tests.browser.page import MESSY, Open, show_all, url_of, wait_for_step

TASKS = [task["name"] for task in nn.catalog()["tasks"]]
SCREENS = [
    (1280, 800, "light"),
    (1920, 1080, "light"),
    (360, 640, "light"),
    (390, 844, "dark"),
    (768, 1024, "dark"),
    (1366, 768, "dark"),
]
"""In an order in which the theme changes once: that draws all anew."""


def shown(page: Page) -> None:
    page.wait_for_function("() => document.querySelector('#picture [data-picture]')?.dataset.step !== undefined")


@pytest.mark.parametrize("task", TASKS)
def test_a_task_has_nothing_cut_too_small_or_too_faint_on_any_screen(open_page: Open, task: str) -> None:
    """One page goes through all sizes, themes and tabs; axe-core looks at it, too."""
    page = open_page(f"?task={task}", script=COLLECT, forgive=(MESSY,))
    page.click("#step")
    wait_for_step(page, 1)
    show_all(page, 1)
    found, themes = {}, set()
    for width, height, theme in SCREENS:
        page.set_viewport_size({"width": width, "height": height})
        if page.evaluate("document.documentElement.dataset.theme") != theme:
            page.evaluate("document.getElementById('theme').click()")
        for where, problems in audit_screen(page).items():
            found[f"{width} × {height}, {theme}, {where}"] = problems
        if theme not in themes and (violations := axe(page, COLOURS if themes else ())):  # only colours are others now
            found[f"{width} × {height}, {theme}, axe"] = violations
        themes.add(theme)
    assert not found


SIDES = {(1280, 800): 564, (1366, 768): 532, (1920, 1080): 784, (768, 1024): 421, (390, 844): 390}


def test_the_picture_has_the_size_of_the_design(open_page: Open) -> None:
    page = open_page()
    shown(page)
    for (width, height), side in SIDES.items():
        page.set_viewport_size({"width": width, "height": height})
        canvas = page.locator('[data-picture="decision boundary"] canvas').first
        expect(canvas).to_have_js_property("clientWidth", side)
        box = canvas.bounding_box()
        assert box is not None
        assert [round(box["width"]), round(box["height"])] == [side, side]


def test_a_picture_that_the_network_does_not_have_has_neither_card_nor_tab(open_page: Open) -> None:
    page = open_page("?task=text")
    tabs = page.get_by_role("tab")
    expect(tabs.filter(has_text="Attention")).to_have_count(0)
    expect(page.locator('#second [data-picture="hidden state and gates"]')).to_be_visible()
    page.goto(
        f"{url_of(page).split('?')[0]}?task=text&network=Embedding(vocabulary!29*width!8)~MultiHeadAttention(heads!2*causal!true)~Dense"
    )
    expect(page.locator('[data-picture="attention"]')).to_have_count(1)
    expect(page.locator('[data-picture="hidden state and gates"]')).to_have_count(0)


SHIFTS = """() => {
  window.shifted = 0;
  new PerformanceObserver((list) => { for (const { value } of list.getEntries()) window.shifted += value; })
    .observe({ type: 'layout-shift', buffered: true });
}"""


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (1920, 1080), (390, 844)])
def test_hardly_anything_moves_while_the_page_comes_and_trains(open_page: Open, width: int, height: int) -> None:
    page = open_page(width=width, height=height, script=f"({SHIFTS})()")
    shown(page)
    page.keyboard.press("Space")
    wait_for_step(page, 300)
    assert page.evaluate("shifted") < 0.05
