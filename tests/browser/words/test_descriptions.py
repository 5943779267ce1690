"""What a picture shows is said in words with its numbers, for those who do not see it."""

import re

from playwright.sync_api import expect

from tests.browser.page import Open, drawn, wait_for_status, wait_for_step


def test_a_picture_is_described_and_the_words_follow_it(open_page: Open) -> None:
    page = open_page("?speed=1000")
    drawn(page, "decision boundary")
    card = page.locator("[data-picture='decision boundary']")
    words = card.locator("> p.visually-hidden")
    expect(words).to_have_text(re.compile(r"\d+ % of 300 test points right"))
    before = words.text_content()
    page.click("#train")
    wait_for_step(page, 600)
    page.click("#train")
    wait_for_status(page, "paused")
    expect(words).to_have_text(re.compile(r"(9\d|100) % of 300 test points right"))
    assert words.text_content() != before
    assert card.get_attribute("aria-describedby") == words.get_attribute("id")
    assert card.locator("canvas").first.get_attribute("aria-describedby") == words.get_attribute("id")
