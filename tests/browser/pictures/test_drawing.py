"""Painting points, sketching a curve and drawing a digit, with mouse, touch and keys."""

import math
import re

import httpx
from playwright.sync_api import Page, expect

from tests.browser.page import MESSY, Open, drawn, run_of, wait_for_status, wait_for_step
from tests.conftest import Server

BOUNDARY = '[data-picture="decision boundary"] canvas'


def ring(page: Page, selector: str, radius: float, points: int = 24) -> None:
    """Draw a ring around the middle of a canvas."""
    box = page.locator(selector).bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    places = [
        (x + radius * math.cos(2 * math.pi * k / points), y + radius * math.sin(2 * math.pi * k / points))
        for k in range(points + 1)
    ]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place)
    page.mouse.up()


def examples(page: Page, server: Server) -> int:
    return sum(run_of(page, server)["examples"])


def wait_for_examples(page: Page, server: Server, condition) -> int:
    for _ in range(200):
        if condition(found := examples(page, server)):
            return found
        page.wait_for_timeout(25)
    raise AssertionError(f"it has {found}")


def test_painting_goes_on_while_it_trains_and_the_boundary_follows(open_page: Open, server: Server) -> None:
    page = open_page("?task=painted")
    drawn(page, "decision boundary")
    id = run_of(page, server)["id"]
    page.click("#train")
    wait_for_step(page, 30)
    page.click("#clear")
    ring(page, BOUNDARY, 40)
    page.click("#brush-1")
    ring(page, BOUNDARY, 120, 40)
    painted = wait_for_examples(page, server, lambda n: 30 <= n <= 90)
    assert run_of(page, server)["id"] == id
    wait_for_status(page, "running")
    page.wait_for_function(
        "() => parseFloat(document.querySelector('[data-value=\"test accuracy\"]').textContent) === 100", timeout=20_000
    )
    page.click("#undo")
    fewer = wait_for_examples(page, server, lambda n: n < painted)
    page.click("#eraser")
    ring(page, BOUNDARY, 40)
    wait_for_examples(page, server, lambda n: n < fewer)
    drawing = run_of(page, server)["configuration"]["data"]["drawing"]
    page.wait_for_function("d => location.search.includes(d)", arg=drawing[:10])
    page.click("#train")
    wait_for_status(page, "paused")
    fresh = open_page("?" + re.sub(r"&?run=[0-9a-f]+", "", page.url.partition("?")[2]))
    drawn(fresh, "decision boundary")
    assert run_of(fresh, server)["configuration"]["data"]["drawing"] == drawing


def test_a_curve_is_sketched_by_touch_and_a_new_stroke_replaces_what_lies_under_it(open_page: Open, server: Server) -> None:
    page = open_page("?task=sketched", width=390, height=844, has_touch=True, is_mobile=True)
    drawn(page, "fitted curve")
    before = examples(page, server)
    canvas = page.locator('[data-picture="fitted curve"] canvas')
    canvas.scroll_into_view_if_needed()
    canvas.evaluate(
        """c => {
          const box = c.getBoundingClientRect();
          const at = (k) => ({clientX: box.x + 60 + 6 * k, clientY: box.y + 60});
          const touch = {pointerId: 1, pointerType: "touch", bubbles: true};
          const send = (type, k) => c.dispatchEvent(new PointerEvent(type, {...touch, ...at(k)}));
          c.setPointerCapture = () => {};
          send("pointerdown", 0); for (let k = 1; k < 40; k++) send("pointermove", k); send("pointerup", 40);
        }"""
    )
    wait_for_examples(page, server, lambda n: n != before)
    configuration = run_of(page, server)["configuration"]
    places = re.findall(".{5}", configuration["data"]["drawing"])
    columns = [place[1:3] for place in places]
    assert len(set(columns)) >= len(columns) - 1


def test_class_counts_and_drawings_that_do_not_fit_are_said(open_page: Open, server: Server) -> None:
    page = open_page("?task=painted&data.drawing=nonsense", forgive=(MESSY,))
    expect(page.locator("#banner")).to_contain_text("Here are the defaults")
    assert httpx.get(f"{server.url}/api/health").status_code == 200


def test_a_drawn_digit_passes_through_the_network_at_every_stroke(open_page: Open) -> None:
    page = open_page("?task=mnist")
    drawn(page, "feature maps")
    page.click("#train")
    wait_for_step(page, 150)
    page.click("#draw-digit")
    pad = page.locator("#digit-pad").bounding_box()
    page.mouse.move(pad["x"] + pad["width"] * 0.5, pad["y"] + pad["height"] * 0.15)
    page.mouse.down()
    page.mouse.move(pad["x"] + pad["width"] * 0.5, pad["y"] + pad["height"] * 0.85, steps=12)
    page.mouse.up()
    caption = page.locator('[data-picture="feature maps"] .caption')
    expect(caption).to_contain_text("your digit: a 1, ")
    page.click("#digit-clear")
    page.click("#draw-digit")
    expect(caption).to_contain_text("test digit 0")
