"""What stands beside the picture, in the states that a person brings it into: nothing cut, too small or too faint."""

import pytest

from tests.browser.audit import audit
from tests.browser.page import Open, drawn, wait_for_status


@pytest.mark.parametrize(("width", "height", "theme"), [(1280, 800, "dark"), (390, 844, "light"), (1920, 1080, "light")])
def test_nothing_is_cut_in_any_state(open_page: Open, width: int, height: int, theme: str) -> None:
    page = open_page("?task=circles&steps=40", width=width, height=height, color_scheme=theme)
    page.click("#train")
    wait_for_status(page, "finished")
    drawn(page, "network")
    found = {}
    page.locator("#charts .chart-body").first.press("+")
    page.wait_for_selector("#charts .chart-all:not([hidden])")
    found["zoomed"] = audit(page)
    page.locator('[data-picture="network"] canvas').first.press("ArrowRight")
    page.wait_for_selector(".touched-large:not([hidden])")
    found["a neuron close"] = audit(page)
    page.locator('[data-picture="network"] canvas').first.press("Escape")
    if width < 1700:
        page.click("#tab-runs")
    page.click("#all-runs")
    page.wait_for_selector("#library[open] .this[data-run]")
    found["all runs"] = audit(page)
    page.keyboard.press("Escape")
    page.click("#example-histories")
    page.wait_for_selector(".history-list button")
    found["an example's history"] = audit(page)
    assert not {state: problems for state, problems in found.items() if problems}
