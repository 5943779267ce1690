"""Every word that has one opens its explanation: by hovering, tapping, focus and a key, inside the window, with its lines."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

import engine
from engine.training.catalog import source_lines
from engine.training.glossary import PICTURES, TERMS
from tests.browser.page import Open, drawn

SHOWN = "#explanation:popover-open"


def inside(page: Page) -> bool:
    return page.evaluate(
        """() => { const box = document.querySelector('#explanation').getBoundingClientRect();
          return box.width > 0 && box.left >= 0 && box.top >= 0 && box.right <= innerWidth && box.bottom <= innerHeight; }"""
    )


def test_pressing_a_tab_shows_what_is_under_it_and_not_its_explanation(open_page: Open) -> None:
    page = open_page()
    tab = page.get_by_role("tab", name="Runs")
    tab.hover()
    expect(page.locator(SHOWN)).to_be_visible()
    tab.click()
    expect(page.locator(SHOWN)).not_to_be_visible()
    page.get_by_role("tab", name="Curves").click()  # before the pointer has rested
    page.wait_for_timeout(500)  # longer than a pointer rests until it asks
    expect(page.locator(SHOWN)).not_to_be_visible()


def test_hovering_opens_it_and_leaving_closes_it(open_page: Open) -> None:
    page = open_page()
    drawn(page, "decision boundary")
    page.hover("#readout [data-term='terms/loss']")
    expect(page.locator(SHOWN)).to_contain_text(TERMS["loss"].help)
    box, number = page.locator(SHOWN).bounding_box(), page.locator("[data-value=loss]").bounding_box()
    assert box and number and box["y"] >= number["y"] + number["height"], "its number stays in sight"
    expect(page.locator(SHOWN)).to_contain_text(f"Try: {TERMS['loss'].advice}")
    expect(page.locator(f"{SHOWN} .formula")).to_have_text(TERMS["loss"].formula)
    expect(page.locator("#readout [data-term='terms/loss']")).to_have_attribute("aria-describedby", "explanation-words")
    page.hover(f"{SHOWN} .formula")  # the way to it does not close it
    page.hover("[data-term='pictures/decision boundary']")
    expect(page.locator(SHOWN)).to_contain_text(PICTURES["decision boundary"].help)
    page.mouse.move(640, 790)
    expect(page.locator(SHOWN)).to_have_count(0)
    expect(page.locator("[aria-describedby='explanation-words']")).to_have_count(0)


def test_the_keyboard_opens_it_by_focus_and_key_and_escape_gives_the_focus_back(open_page: Open) -> None:
    page = open_page()
    drawn(page, "decision boundary")
    title = page.locator("[data-term='pictures/decision boundary']")
    page.keyboard.press("Tab")
    title.focus()
    expect(page.locator(SHOWN)).to_have_attribute("role", "tooltip")
    page.keyboard.press("Escape")
    expect(page.locator(SHOWN)).to_have_count(0)
    for key in ("?", "F1", "Enter"):
        title.focus()
        page.keyboard.press(key)
        expect(page.locator(SHOWN)).to_have_attribute("role", "dialog")
        assert page.evaluate("document.querySelector('#explanation').contains(document.activeElement)")
        page.keyboard.press("Escape")
        expect(page.locator(SHOWN)).to_have_count(0)
        expect(title).to_be_focused()


def test_a_finger_opens_and_closes_it(open_page: Open) -> None:
    page = open_page(width=390, height=844, has_touch=True)
    drawn(page, "decision boundary")
    word = page.locator("#readout [data-term='terms/test accuracy']")
    word.tap()
    expect(page.locator(SHOWN)).to_contain_text(TERMS["test accuracy"].help)
    assert inside(page)
    word.tap()
    expect(page.locator(SHOWN)).to_have_count(0)
    word.tap()
    page.locator("#headline").tap(position={"x": 200, "y": 5})
    expect(page.locator(SHOWN)).to_have_count(0)


@pytest.mark.parametrize("query", ["", "?task=mnist", "?task=reverse"])
def test_every_word_of_the_page_has_one_that_never_leaves_the_window(open_page: Open, query: str) -> None:
    page = open_page(query)
    page.wait_for_function("() => document.querySelectorAll('[data-picture] .picture-body').length")
    page.wait_for_selector("#train:not([disabled])")
    page.wait_for_function("() => document.querySelectorAll('[data-value]').length > 4")
    for width, height in ((1280, 800), (640, 400), (360, 640)):
        page.set_viewport_size({"width": width, "height": height})
        ask_for_every_word(page)


EVERY_WORD = """() => {
  const pressed = key => new KeyboardEvent('keydown', {key, bubbles: true, cancelable: true});
  const press = key => document.activeElement.dispatchEvent(pressed(key));
  const isSeen = e => e.checkVisibility({visibilityProperty: true}) && e.getBoundingClientRect().width > 0;
  return [...document.querySelectorAll('[data-term]')].filter(isSeen).map(word => {
    word.scrollIntoView({block: 'nearest'});
    word.focus();
    press('F1');
    const shown = document.querySelector('#explanation:popover-open'), box = shown?.getBoundingClientRect();
    press('Escape');
    const isInside = box && box.left >= 0 && box.top >= 0 && box.right <= innerWidth && box.bottom <= innerHeight;
    return [word.dataset.term, Boolean(shown), Boolean(isInside)];
  });
}"""
"""Ask for each word by its key, in the page itself: a call from here for each of them takes ten times as long."""


def ask_for_every_word(page: Page) -> None:
    found = page.evaluate(EVERY_WORD)
    assert len(found) > 5
    assert len({term for term, *_ in found} & {"terms/step", "terms/loss"}) == 2
    assert not [term for term, is_shown, _ in found if not is_shown]
    assert not [term for term, _, is_inside in found if not is_inside]


def test_the_engines_own_lines_are_those_of_the_file(open_page: Open) -> None:
    page = open_page()
    drawn(page, "decision boundary")
    page.click("#readout [data-term='terms/step']")
    page.click(f"{SHOWN} .source")
    expect(page.locator("#source-lines")).to_be_visible()
    found = source_lines("terms", "step")
    shown = page.locator("#source-lines .line")
    assert [line.rstrip() for line in shown.all_text_contents()] == [line.rstrip() for line in found.text.splitlines()]
    assert shown.first.get_attribute("data-number") == str(found.first)
    lines = (Path(engine.__file__).parents[1] / found.path).read_text(encoding="utf-8").splitlines()
    assert (
        lines[found.first - 1].strip()
        == shown.first.text_content().strip()
        == "def update(self, x: Array, target: Array)" + (" -> tuple[Array, float]:")
    )
    expect(page.locator("#source-lines header")).to_contain_text(f"{found.path}, line {found.first:,}")
    page.keyboard.press("Escape")
    expect(page.locator("#source-lines")).to_be_hidden()
