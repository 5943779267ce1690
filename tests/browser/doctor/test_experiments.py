"""Try before you train: an experiment says what it found, its rate can be used, Escape gives it up."""

import re

from playwright.sync_api import expect

from tests.browser.page import MESSY, Open, drawn, run_of, wait_for_step
from tests.conftest import Server

WINDOW = "#experiment"


def test_a_rate_is_found_and_used_and_one_batch_is_tried_by_keys(open_page: Open, server: Server) -> None:
    page = open_page(width=390, height=844)
    drawn(page, "decision boundary")
    page.click("#try")
    page.click("#try-find-the-rate")
    expect(page.locator(f"{WINDOW} .statements li")).to_have_count(2)
    expect(page.locator(f"{WINDOW} .statements")).to_contain_text("The chosen rate, 0.005, is")
    chart = page.locator(f"{WINDOW} .experiment-chart")
    expect(chart.locator(".main-svg").first).to_be_visible()
    expect(chart).to_have_attribute("aria-label", re.compile("suggestion at 0"))
    expect(chart.locator(".annotation-text", has_text="try")).to_be_visible()
    expect(page.locator("#use-rate")).to_be_focused()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    found = float(page.locator("#use-rate").inner_text().split(":")[1])
    page.keyboard.press("Enter")
    expect(page.locator(WINDOW)).to_be_hidden()
    expect(page.locator('[data-path="optimizer.learning_rate"] .number')).to_have_value(f"{found:g}")
    page.click("#step")
    wait_for_step(page, 1)
    assert run_of(page, server)["configuration"]["optimizer"]["learning_rate"] == found
    page.focus("#try")
    page.keyboard.press("Enter")
    expect(page.locator("#try-check-up")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(f"{WINDOW} h2")).to_have_text("Overfit one batch")
    expect(page.locator(f"{WINDOW} .statements")).to_contain_text("on the same 20 examples")
    expect(page.locator("#use-rate")).to_have_count(0)


def test_escape_gives_an_experiment_up_and_a_refusal_is_said_in_the_window(open_page: Open) -> None:
    page = open_page("?task=autoencoder", forgive=(MESSY,))
    page.locator("#try").wait_for()
    page.click("#try")
    with page.expect_event("requestfailed", lambda request: "experiments" in request.url):
        page.click("#try-check-up")
        expect(page.locator("#experiment-state")).to_contain_text("Escape gives it up")
        page.keyboard.press("Escape")
    expect(page.locator(WINDOW)).to_be_hidden()
    expect(page.locator("#try")).to_be_focused()
    refused = {"error": {"message": "9 experiments wait already; come again in some seconds", "field": None}}
    page.route("**/api/experiments/*", lambda route: route.fulfill(status=429, json=refused))
    page.click("#try")
    page.click("#try-overfit-one-batch")
    expect(page.locator("#experiment-state")).to_have_text(
        "It could not be tried: 9 experiments wait already; come again in some seconds"
    )
