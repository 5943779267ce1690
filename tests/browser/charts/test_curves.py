"""The curves: readable from the first step to a divergence, looked at closer, averaged, and with what was changed."""

import itertools
import re

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.page import Open, drawn, names_in_chart, run_of, wait_for_status, wait_for_step, words_in_chart
from tests.conftest import Server

TICKS = """() => [...document.querySelectorAll('#charts .js-plotly-plot')].filter(p => p.clientWidth).map(plot =>
  [...plot.querySelectorAll('.ytick text')].map(text => {
    const {top, bottom, left} = text.getBoundingClientRect();
    const size = parseFloat(getComputedStyle(text).fontSize);
    return [text.textContent, top, bottom, size, left - plot.getBoundingClientRect().left];
  }))"""


def readable(page: Page, charts: int) -> list[list[str]]:
    """Give the labels of the values' axes, each of another place, at least two in each chart."""
    page.wait_for_selector("#charts .js-plotly-plot .ytick text", state="attached")
    found = page.evaluate(TICKS)
    assert len(found) == charts
    for labels in found:
        assert len(labels) >= 2
        places = sorted((top, bottom) for _, top, bottom, _, _ in labels)
        assert all(above[1] <= below[0] + 1 for above, below in itertools.pairwise(places)), labels
        assert all(size >= 11.5 and left >= -0.5 for *_, size, left in labels), labels
    return [[words for words, *_ in labels] for labels in found]


def across(page: Page) -> list[str]:
    return page.locator("#charts .js-plotly-plot").first.locator(".xtick text").all_text_contents()


def test_values_can_be_read_before_the_first_step_and_names_stand_at_the_lines_ends(open_page: Open) -> None:
    page = open_page()
    readable(page, 2)
    assert across(page) == ["0 steps"]
    page.click("#train")
    wait_for_step(page, 60)
    page.click("#train")
    wait_for_status(page, "paused")
    page.wait_for_function("() => document.querySelector('#charts .xtick:last-child')?.textContent.includes(' steps')")
    assert readable(page, 2)[1][0] == "0"
    assert set(words_in_chart(page)) == {"train", "test"}
    ends = page.locator("#charts .js-plotly-plot").first.evaluate(
        "p => [...p.querySelectorAll('.textpoint text')].map(t => t.getBoundingClientRect().right)"
        ".concat(p.getBoundingClientRect().right)"
    )
    assert max(ends) == ends[-1], "no name is cut"


def test_a_task_of_numbers_has_one_wide_chart_and_an_explosion_one_clipped_axis(open_page: Open) -> None:
    page = open_page("?task=sine&optimizer=SGD&optimizer.learning_rate=50")
    drawn(page, "fitted curve")
    page.click("#train")
    wait_for_status(page, "diverged")
    page.wait_for_function(
        "() => document.querySelector('#charts .js-plotly-plot')?.data?.at(-1)?.text?.some(t => t.includes('↑'))"
    )
    labels = readable(page, 1)[0]
    assert all(float(label) < 1000 for label in labels)
    assert any("↑ to 10" in words or "×10" in words for words in words_in_chart(page))
    wide = "() => document.querySelector('#charts .chart').clientWidth / document.querySelector('#charts').clientWidth"
    assert page.evaluate(wide) > 0.95


def test_curves_are_whole_after_another_tab_was_looked_at_and_a_part_of_them_is_by_keys_and_dragging(open_page: Open) -> None:
    page = open_page("?steps=200")
    page.wait_for_selector("#charts .xtick text", state="attached")
    page.evaluate("() => Object.defineProperty(document, 'hidden', {configurable: true, value: true})")
    page.click("#train")
    wait_for_status(page, "finished")
    assert across(page) == ["0 steps"]
    page.evaluate("() => { delete document.hidden; document.dispatchEvent(new Event('visibilitychange')); }")
    page.wait_for_function("() => document.querySelector('#charts .xtick:last-child')?.textContent === '200 steps'")
    body = page.locator("#charts .chart-body").first
    whole = across(page)
    body.focus()
    page.keyboard.press("+")
    assert across(page) != whole
    assert across(page) == page.locator("#charts .js-plotly-plot").nth(1).locator(".xtick text").all_text_contents()
    expect(page.locator("#charts .chart-all").first).to_be_visible()
    page.keyboard.press("Escape")
    assert across(page) == whole
    box = body.bounding_box()
    assert box
    page.mouse.move(box["x"] + 50, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 90, box["y"] + 62, steps=5)
    page.mouse.up()
    page.wait_for_function("whole => document.querySelector('#charts .xtick')?.textContent !== whole", arg=whole[0])
    assert across(page)[0] != "0"
    page.locator("#charts .chart-all").first.click()
    assert across(page) == whole


def test_averages_say_that_they_are_and_the_measured_curve_stays_behind(open_page: Open) -> None:
    page = open_page()
    page.click("#train")
    wait_for_step(page, 60)
    page.click("#train")
    wait_for_status(page, "paused")
    page.wait_for_selector("#charts .js-plotly-plot .textpoint text", state="attached")
    assert "smoothed" not in words_in_chart(page)
    page.locator("#charts .saver").first.click()
    page.click("#save-smooth")
    assert "smoothed" in words_in_chart(page)
    traces = page.locator("#charts .js-plotly-plot").first.evaluate("p => p.data.map(t => [t.name, t.opacity, t.y])")
    assert [name for name, *_ in traces[:4]] == ["train", "train", "test", "test"]
    assert traces[0][1] < 1 and traces[0][2][-1] < traces[1][2][-1], "a falling loss lies below its average"
    expect(page.locator("#charts .chart-body").first).to_have_attribute("aria-label", re.compile("smoothed"))


def test_the_penalty_stands_beside_the_loss_where_a_regularizer_asks_one(open_page: Open, server: Server) -> None:
    value = '[data-value="penalty"]'
    page = open_page("?task=spiral&regularizer=L2&regularizer.strength=0.01&speed=50")
    page.click("#train")
    wait_for_step(page, 20)
    assert set(names_in_chart(page, 3)) == {"train", "test", "penalty"}
    page.click("#train")
    wait_for_status(page, "paused")
    row = run_of(page, server)["metrics"]
    assert float(page.locator(value).inner_text()) == pytest.approx(row["penalty"], rel=0.01)
    page = open_page("?task=spiral&speed=50")
    page.click("#train")
    wait_for_step(page, 20)
    assert set(names_in_chart(page, 2)) == {"train", "test"}
    expect(page.locator(value)).to_have_count(0)


def test_learning_rate_and_gradient_norm_are_curves_too(open_page: Open, server: Server) -> None:
    page = open_page("?steps=60&schedule=Cosine")
    page.click("#train")
    wait_for_status(page, "finished")
    chosen = page.get_by_label("Which curve")
    for place, name in ((0, "gradient norm"), (1, "learning rate")):
        chosen.nth(place).select_option(name)
        column = name.replace(" ", "_")
        rows = httpx.get(f"{server.url}/api/runs/{run_of(page, server)['id']}/metrics").json()["columns"][column]
        plot = page.locator("#charts .js-plotly-plot").nth(place)
        page.wait_for_function(
            "([k, last]) => Math.abs(document.querySelectorAll('#charts .js-plotly-plot')[k].data[0].y.at(-1) - last) <= 1e-9",
            arg=[place, rows[-1]],
        )
        assert plot.evaluate("p => Array.from(p.data[0].y)") == rows
    readable(page, 2)
