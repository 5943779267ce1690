"""The network and its layers: a neuron close, by pointer and by keys, and the layers' numbers as a table."""

import re

from playwright.sync_api import expect

from tests.browser.page import Open, drawn, run_of, wait_for_status, wait_for_step
from tests.conftest import Server

PAINTED = "c => new Set(new Uint32Array(c.getContext('2d').getImageData(0, 0, c.width, c.height).data.buffer)).size > 1"


def test_a_neuron_is_shown_large_by_pointing_and_by_keys(open_page: Open) -> None:
    page = open_page()
    drawn(page, "network")
    canvas = page.locator('[data-picture="network"] canvas').first
    close = page.locator('[data-picture="decision boundary"] .touched-large')
    expect(close).to_be_hidden()
    canvas.focus()
    page.keyboard.press("ArrowRight")
    expect(close).to_contain_text("Input x₁ from −")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    expect(close).to_contain_text(re.compile("Dense 12 · Tanh, neuron 2 from −.* to .* · bias 0.0 · receives .* × x₁, .* × x₂"))
    expect(page.locator("#live")).to_contain_text("Dense 12 · Tanh, neuron 2: from −")
    assert "Dense 12, 2 of 12" in (canvas.get_attribute("aria-label") or "")
    assert close.locator("canvas").evaluate(PAINTED)
    box, whole = close.locator("canvas").bounding_box(), canvas.bounding_box()
    assert box and whole
    assert box["width"] > whole["width"], "in the place of the boundary"
    page.keyboard.press("Escape")
    expect(close).to_be_hidden()
    page.mouse.move(whole["x"] + 43, whole["y"] + whole["height"] * 0.41)
    for dy in range(0, 80, 6):
        page.mouse.move(whole["x"] + 43, whole["y"] + whole["height"] * 0.35 + dy)
        if close.is_visible():
            break
    expect(close).to_contain_text("Input x₁")
    page.mouse.move(whole["x"] - 40, whole["y"])
    expect(close).to_be_hidden()


def test_layers_are_a_table_with_small_curves_and_say_where_the_training_is(open_page: Open, server: Server) -> None:
    page = open_page("?task=spiral&network=Dense(units!12)~ReLU~Dense(units!12)~Tanh~Dense&optimizer.learning_rate=0.02")
    page.click("#tab-layer-statistics")
    page.click("#train")
    wait_for_step(page, 60)
    page.click("#train")
    wait_for_status(page, "paused")
    rows = page.locator(".layers-table tbody tr")
    expect(rows).to_have_count(3)
    heads = page.locator(".layers-table thead th").all_text_contents()
    assert heads[:4] == ["Layer", "Silent %", "Gradient", "Change per step %"]
    silent = [row.locator("td b").first.text_content() for row in rows.all()]
    assert 0 <= int(silent[0] or "") <= 100
    assert silent[1:] == ["–", "–"], "only a ReLU can be silent"
    for k in (1, 2):
        numbers = [float((row.locator("td b").nth(k).text_content() or "").replace("−", "-")) for row in rows.all()]
        assert all(number > 0 for number in numbers)
        assert rows.first.locator("td").nth(k).locator("canvas").evaluate(PAINTED)
    run = run_of(page, server)
    expect(page.locator('[data-now="learning rate"]')).to_have_text("0.02")
    drawn(page, "layer statistics", run["step"])
    expect(page.locator('[data-now="epoch"]')).to_have_text(f"{int(run['epoch']):,}")
