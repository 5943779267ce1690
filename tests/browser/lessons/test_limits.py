"""What a lesson locks is locked for click, key, drop, link and undo alike, and one button leaves it."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.page import (
    Open,
    drawn,
    drop,
    other_run,
    run_of,
    step,
    teacher_and_visitor,
    url_of,
    wait_for_status,
    wait_for_step,
)
from tests.conftest import Server

TABLE = "a,b,c\n" + "\n".join(f"{i},{i % 7},{'yes' if i % 2 else 'no'}" for i in range(40))


def press(page: Page, key: str) -> None:
    """Press a key while nobody types."""
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press(key)


def test_what_is_locked_is_locked_for_key_drop_and_share_until_one_leaves_the_lesson(open_page: Open, server: Server) -> None:
    page = open_page("?task=circles&seed=5&speed=50&lock=data,network&hide=timeline")
    drawn(page, "decision boundary")
    page.click("#train")
    wait_for_step(page, 20)
    page.click("#train")
    wait_for_status(page, "paused")
    before = run_of(page, server)

    press(page, "d")
    expect(page.locator(".said-now")).to_have_text("Locked in this lesson: data.")
    expect(page.locator("#new-data")).to_be_disabled()
    assert "Locked in this lesson: data" in (page.locator("#new-data").get_attribute("title") or "")
    press(page, "ArrowLeft")
    drop(page, "table.csv", TABLE)
    expect(page.locator("#data-window")).to_be_hidden()
    assert not page.evaluate("document.body.classList.contains('past')")
    assert run_of(page, server)["configuration"] == before["configuration"]
    assert "seed=5" in url_of(page)

    page.click("#share")
    link = page.locator("#share-link")
    expect(link).to_have_value(re.compile("hide=timeline&lock=data,network$"))
    offered = "e => [...e.options].filter(option => !option.disabled).map(option => option.value)"
    assert page.locator("#share-data").evaluate(offered) == ["locked", "hidden"]
    assert page.locator("#share-timeline").evaluate(offered) == ["hidden"]
    page.select_option("#share-data", "hidden")
    page.select_option("#share-kind", "watch")
    page.wait_for_function("() => document.querySelector('#share-link').value.includes('run=')")
    assert "hide=timeline,data&lock=network" in link.input_value()
    page.keyboard.press("Escape")

    page.click("#leave-lesson")
    page.wait_for_url(lambda url: "lock=" not in url and "hide=" not in url)
    expect(page.locator("#leave-lesson")).to_be_hidden()
    expect(page.locator("#timeline")).to_be_visible()
    assert not page.locator('.panel[data-name="Data"] > [inert]').count()
    page.click("#undo")
    page.wait_for_url("**hide=timeline&lock=data,network**")
    expect(page.locator("#new-data")).to_be_disabled()
    press(page, "n")  # other first weights, on the data that are locked
    page.wait_for_url("**data_seed=5**")
    other_run(page, before["id"])
    assert run_of(page, server)["configuration"]["seed"] != 5
    page.click("#leave-lesson")
    page.click("#new-data")
    page.wait_for_url(lambda url: not re.search(r"data_seed=5\b", url))


def test_a_preset_that_would_change_what_is_locked_changes_nothing(open_page: Open, server: Server) -> None:
    page = open_page("?task=spiral&lock=network,data,training")
    drawn(page, "decision boundary")
    before = run_of(page, server)["configuration"]
    page.locator('.panel[data-name="Presets"] > summary').click()
    page.locator("button.preset", has_text="The defaults").first.click()  # as it is: allowed
    page.locator('.panel[data-name="Presets"] button.preset').nth(1).click()
    expect(page.locator(".said-now")).to_contain_text("Locked in this lesson:")
    assert run_of(page, server)["configuration"] == before


def test_a_visitor_of_a_teachers_server_cannot_leave_the_lesson(open_page: Open, start_server: Callable[..., Server]) -> None:
    _, visitor = teacher_and_visitor(open_page, start_server)
    drawn(visitor, "decision boundary")
    visitor.goto(f"{url_of(visitor)}&lock=data&hide=timeline")
    drawn(visitor, "decision boundary")
    expect(visitor.locator("#leave-lesson")).to_be_hidden()
    press(visitor, "ArrowLeft")
    press(visitor, "n")
    expect(visitor.locator(".said-now")).to_contain_text("the teacher trains")
    assert not visitor.evaluate("document.body.classList.contains('past')")


def test_arrows_go_along_the_hardest_examples_and_train_nothing(open_page: Open) -> None:
    page = open_page("?task=moons")
    drawn(page, "decision boundary")
    page.click("#train")
    wait_for_step(page, 40)
    page.click("#train")
    wait_for_status(page, "paused")
    page.click("#example-histories")
    hardest = page.locator(".history-list button")
    expect(hardest).to_have_count(24)
    at = step(page)
    pressed = "all => all.findIndex(one => one.getAttribute('aria-pressed') === 'true')"
    assert hardest.evaluate_all(pressed) == 0
    expect(page.get_by_role("button", name="Previous")).to_be_disabled()
    press(page, "ArrowRight")
    press(page, "ArrowRight")
    page.get_by_role("button", name="Next", exact=True).click()
    press(page, "ArrowLeft")
    assert hardest.evaluate_all(pressed) == 2
    title = page.locator("#example-history h2").inner_text().lower()
    assert title.startswith(hardest.nth(2).get_attribute("title") or "none")
    assert step(page) == at
    assert not page.evaluate("document.body.classList.contains('past')")
