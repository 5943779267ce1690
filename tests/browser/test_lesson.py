"""A lesson is a link: parts of the page hidden or locked, and a window that makes such links."""

from playwright.sync_api import expect

from tests.browser.page import Open, drawn, wait_for_step


def test_a_link_hides_and_locks_and_survives_a_reload(open_page: Open) -> None:
    page = open_page("?task=circles&hide=tasks,training,nonsense&lock=network,speed")
    expect(page.locator("#banner")).to_contain_text("hide=nonsense")
    drawn(page, "decision boundary")
    for _ in range(2):
        expect(page.locator("#shelf")).to_be_hidden()
        expect(page.locator('.panel[data-name="Training"]')).to_be_hidden()
        expect(page.locator('.panel[data-name="Data"]')).to_be_visible()
        assert page.locator('.panel[data-name="Network"]').evaluate("e => e.inert")
        assert page.locator(".speed").evaluate("e => e.inert")
        assert "hide=tasks,training" in page.url
        page.click("#train")
        wait_for_step(page, 20)
        page.reload()
        drawn(page, "decision boundary")


def test_the_share_window_makes_the_link(open_page: Open) -> None:
    page = open_page("?task=sine")
    drawn(page, "fitted curve")
    page.locator('[data-path="batch_size"] input.number').fill("64")
    page.locator('[data-path="batch_size"] input.number').press("Enter")
    page.wait_for_function("() => location.search.includes('batch_size=64')")
    page.click("#share")
    page.select_option("#share-data", "hidden")
    page.select_option("#share-network", "locked")
    page.select_option("#share-runs", "hidden")
    page.select_option("#share-runs", "as it is")
    link = page.locator("#share-link").input_value()
    assert link.endswith("?task=sine&batch_size=64&hide=data&lock=network")
    page.click("#share-copy")
    expect(page.locator("#share-copy")).not_to_have_text("Copy the link")
    page.keyboard.press("Escape")
    pupil = open_page("?" + link.partition("/?")[2])
    expect(pupil.locator('.panel[data-name="Data"]')).to_be_hidden()
    expect(pupil.locator('[data-path="batch_size"] input.number')).to_have_value("64")
