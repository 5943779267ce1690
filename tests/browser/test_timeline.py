"""Looking back: the timeline, the history played, and going on from a snapshot, as a person does it."""

from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.page import Open, drawn, pixels, run_of, step, wait_for_status, wait_for_step, words_in_chart
from tests.conftest import Server

SNAPSHOT = """() => document.querySelector('#snapshot-words').textContent.replaceAll(',', '')
  === `step ${document.body.dataset.snapshot}`"""


def snapshot_step(page: Page) -> int:
    """Wait until the snapshot that is looked at is drawn, and give its step; one that is thinned out leads to its neighbour."""
    page.wait_for_function(SNAPSHOT)
    return int(page.evaluate("document.body.dataset.snapshot"))


def look_back(page: Page) -> None:
    page.keyboard.press("ArrowLeft")
    page.wait_for_selector("body.past")


def wait_for_snapshot(page: Page, at: int) -> None:
    page.wait_for_function("at => document.body.dataset.snapshot === String(at)", arg=at)


def drag(page: Page, share: float) -> None:
    box = page.locator("#snapshot").bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.99, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * share, box["y"] + box["height"] / 2, steps=6)
    page.mouse.up()


def trained(open_page: Open, steps: int = 150, **options) -> Page:
    page = open_page(**options)
    page.click("#train")
    wait_for_step(page, steps)
    page.wait_for_function("() => !document.querySelector('#snapshot').disabled")
    return page


def test_dragging_brings_every_picture_back_while_training_goes_on(open_page: Open) -> None:
    page = trained(open_page)
    drawn(page, "decision boundary", 100)
    page.get_by_role("tab", name="Layers").click()
    drawn(page, "layer statistics", 100)
    drag(page, 0.3)
    expect(page.locator("body")).to_have_class("past")
    at = snapshot_step(page)
    assert 0 < at < step_of_end(page)
    for name in ("decision boundary", "network", "layer statistics"):
        expect(page.locator(f'[data-picture="{name}"]')).to_have_attribute("data-step", str(at))
    assert step(page) == at
    still = pixels(page, "decision boundary")
    before = step_of_end(page)
    page.wait_for_function("n => Number(document.querySelector('#snapshot').max) > n", arg=before)
    assert pixels(page, "decision boundary") == still
    page.click("#live-now")
    drawn(page, "decision boundary", before)
    wait_for_step(page, before)
    wait_for_status(page, "running")


def step_of_end(page: Page) -> int:
    return int(page.locator("#snapshot").get_attribute("max"))


def test_a_snapshot_looks_the_same_as_it_did_when_it_was_now(open_page: Open) -> None:
    page = open_page()
    drawn(page, "decision boundary")
    seen = {}
    for n in range(1, 6):
        page.keyboard.press("ArrowRight")
        drawn(page, "decision boundary", n)
        drawn(page, "network", n)
        seen[n] = pixels(page, "decision boundary"), pixels(page, "network")
    for n in (4, 3, 2, 1):
        page.keyboard.press("ArrowLeft")
        wait_for_snapshot(page, n)
        assert (pixels(page, "decision boundary"), pixels(page, "network")) == seen[n]
    page.keyboard.press("ArrowRight")
    wait_for_snapshot(page, 2)
    assert step(page) == 2
    page.keyboard.press("Escape")
    drawn(page, "decision boundary", 5)
    assert pixels(page, "decision boundary") == seen[5][0]


def test_the_history_plays_to_now(open_page: Open) -> None:
    page = open_page()
    drawn(page, "decision boundary")
    for n in range(1, 9):
        page.keyboard.press("ArrowRight")
        drawn(page, "decision boundary", n)
    page.wait_for_function("() => !document.querySelector('#replay').disabled")
    page.click("#replay")
    page.select_option("#replay-speed", "1")
    page.wait_for_function("() => document.body.classList.contains('past')")
    page.wait_for_function("() => Number(document.body.dataset.snapshot) >= 4")
    page.wait_for_function("() => document.querySelector('#snapshot-words').textContent === 'live'")
    assert step(page) == 8


def test_going_on_from_a_snapshot_with_a_change_makes_a_run_that_knows_its_parent(open_page: Open, server: Server) -> None:
    page = trained(open_page, 200)
    parent = run_of(page, server)["id"]
    look_back(page)
    drag(page, 0.5)
    at = snapshot_step(page)
    page.locator('[data-path="batch_size"] input.number').fill("64")
    page.locator('[data-path="batch_size"] input.number').press("Enter")
    expect(page.locator("#fork")).to_have_text("Continue with the changes")
    expect(page.locator("#fork")).to_have_attribute("title", "A new run from this moment, with batch size 64")
    assert run_of(page, server)["id"] == parent
    page.click("#fork")
    page.wait_for_function("parent => !location.search.includes(parent)", arg=parent)
    wait_for_status(page, "running")
    forked = run_of(page, server)
    assert forked["parent"] == {"run": parent, "step": at}
    assert forked["configuration"]["batch_size"] == 64
    assert httpx.get(f"{server.url}/api/runs/{parent}").json()["status"] == "paused"
    page.wait_for_function("() => document.querySelector('#charts .js-plotly-plot')?.data?.some(t => t.name === 'parent')")
    expect(page.locator("body")).not_to_have_class("past")


def test_training_on_while_looking_back_shows_what_it_trains(open_page: Open, server: Server) -> None:
    page = trained(open_page, 100)
    page.click("#train")
    wait_for_status(page, "paused")
    here = run_of(page, server)["id"]
    look_back(page)
    page.click("#train")
    expect(page.locator("body")).not_to_have_class("past")
    wait_for_status(page, "running")
    assert run_of(page, server)["id"] == here
    page.click("#train")
    wait_for_status(page, "paused")
    look_back(page)
    drag(page, 0.5)
    at = snapshot_step(page)
    page.locator('[data-path="batch_size"] input.number').fill("64")
    page.locator('[data-path="batch_size"] input.number').press("Enter")
    page.click("#train")
    page.wait_for_function("here => !location.search.includes(here)", arg=here)
    assert run_of(page, server)["parent"] == {"run": here, "step": at}, "with the change, from what was seen"


def test_what_was_changed_while_looking_back_is_undone_on_the_way_to_now(open_page: Open, server: Server) -> None:
    page = trained(open_page)
    before = run_of(page, server)["id"]
    look_back(page)
    number = page.locator('[data-path="batch_size"] input.number')
    usual = number.input_value()
    number.fill("64")
    number.press("Enter")
    page.click("#live-now")
    expect(number).to_have_value(usual)
    assert run_of(page, server)["id"] == before


def test_a_change_of_the_learning_rate_has_a_flag_that_says_it(open_page: Open) -> None:
    page = open_page()
    drawn(page, "decision boundary")
    for n in range(1, 4):
        page.keyboard.press("ArrowRight")
        drawn(page, "decision boundary", n)
    rate = page.locator('[data-path="optimizer.learning_rate"] input.number')
    rate.fill("0.02")
    rate.press("Enter")
    page.wait_for_function("() => document.querySelector('#charts .js-plotly-plot')?.layout?.shapes?.length === 1")
    assert "rate 0.02" in words_in_chart(page)
    page.locator("#snapshot").focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowRight")
    page.locator("#snapshot").press("Home")
    wait_for_snapshot(page, 0)
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(page.locator("#snapshot-words")).to_have_attribute("title", "learning rate 0.02")
    flag = page.locator(".flag")
    expect(flag).to_have_accessible_name("learning rate 0.02, from step 3 on")
    expect(flag.locator("span")).to_be_hidden()
    for reach in (flag.hover, flag.focus):
        reach()
        expect(flag.locator("span")).to_have_text("learning rate 0.02, from step 3 on")
        expect(flag.locator("span")).to_be_visible()
        page.mouse.move(600, 300)
        page.locator("#snapshot").focus()
        expect(flag.locator("span")).to_be_hidden()
    page.click("#live-now")
    page.click("#step")
    drawn(page, "decision boundary", 4)
    page.locator("#snapshot").press("Home")
    wait_for_snapshot(page, 0)
    flag.click()
    wait_for_snapshot(page, 3)
    box = flag.locator("span").bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= 1280


def test_by_touch_and_by_a_visitor(start_server: Callable[..., Server], open_page: Open) -> None:
    server = start_server("--token", "t" * 20, "--view-only", "v" * 20)
    teacher = open_page(base=f"http://127.0.0.1:{server.port}", path=f"?token={'t' * 20}&speed=100")
    teacher.click("#train")
    wait_for_step(teacher, 100)
    visitor = open_page(
        base=f"http://127.0.0.1:{server.port}", path=f"?token={'v' * 20}", width=390, height=844, has_touch=True, is_mobile=True
    )
    drawn(visitor, "decision boundary", 1)
    visitor.wait_for_function("() => !document.querySelector('#snapshot').disabled")
    visitor.locator("#snapshot").scroll_into_view_if_needed()
    box = visitor.locator("#snapshot").bounding_box()
    visitor.touchscreen.tap(box["x"] + box["width"] * 0.4, box["y"] + box["height"] / 2)
    expect(visitor.locator("body")).to_have_class("view-only past")
    assert snapshot_step(visitor) > 0
    expect(visitor.locator("#fork")).to_be_hidden()
    expect(teacher.locator("#snapshot-words")).to_have_text("live")


def test_on_a_phone_the_timeline_stays_where_it_is_and_a_second_tap_hits(open_page: Open) -> None:
    page = open_page(width=390, height=844, has_touch=True, is_mobile=True)
    drawn(page, "decision boundary")
    for n in range(1, 9):
        page.keyboard.press("ArrowRight")
        drawn(page, "decision boundary", n)
    page.wait_for_function(
        "() => document.querySelector('#snapshot').max === '8' && !document.querySelector('#snapshot').disabled"
    )
    page.locator("#snapshot").scroll_into_view_if_needed()
    names = ["#snapshot", ".foot", ".foot-actions"]
    boxes = f"""() => {names}.flatMap(n => {{
      const {{ x, y, width, height }} = document.querySelector(n).getBoundingClientRect();
      return [x, y, width, height];
    }})"""
    before, box = page.evaluate(boxes), page.locator("#snapshot").bounding_box()
    assert box["height"] >= 44
    for share in (0.3, 0.7):
        page.touchscreen.tap(box["x"] + 6 + (box["width"] - 12) * share, box["y"] + box["height"] / 2)
        page.wait_for_function(
            "([low, high]) => low <= Number(document.body.dataset.snapshot) && Number(document.body.dataset.snapshot) <= high",
            arg=[8 * share - 1, 8 * share + 1],
        )
        assert page.evaluate(boxes) == pytest.approx(before, abs=0.75), "no pixel further"
    expect(page.locator("#fork")).to_be_visible()
    assert page.locator("#fork").bounding_box()["height"] >= 44
    page.locator("#live-now").tap()
    expect(page.locator("#fork")).to_be_hidden()
    assert page.evaluate(boxes) == pytest.approx(before, abs=0.75), "no pixel further"


def test_what_stands_beside_the_timeline_never_moves_it(open_page: Open) -> None:
    page = trained(open_page, 60)
    page.click("#train")
    wait_for_status(page, "paused")
    track = page.locator(".track").bounding_box()
    assert track["width"] > 600
    assert page.locator(".foot").bounding_box()["height"] == 48
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#fork")).to_be_visible()
    expect(page.locator("#compare")).to_be_hidden()
    assert page.locator(".track").bounding_box() == track
    page.locator("#replay-speed").focus()
    page.click("#live-now")
    expect(page.locator("#compare")).to_be_visible()
    expect(page.locator("#fork")).to_be_hidden()
    assert page.locator(".track").bounding_box() == track
