"""Painting points, sketching a curve and drawing a digit, with mouse, touch and keys."""

import math
import re

import httpx
import numpy as np
from playwright.sync_api import Page, expect

from engine.data import drawings
from tests.browser.page import MESSY, Open, drawn, run_of, url_of, wait_for_status, wait_for_step
from tests.conftest import Server

INK = """canvas => {
  const copy = document.createElement("canvas");
  Object.assign(copy, {width: canvas.width, height: canvas.height});
  const ctx = copy.getContext("2d", {willReadFrequently: true});
  ctx.drawImage(canvas, 0, 0);
  return ctx.getImageData(0, 0, copy.width, copy.height).data.filter((v, i) => i % 4 === 3 && v).length;
}"""
"""How many pixels of a canvas are not empty."""
STROKE = """(canvas, places) => {
  canvas.setPointerCapture = () => {};
  const send = (type, [x, y]) =>
    canvas.dispatchEvent(new PointerEvent(type, {pointerId: 1, pointerType: "pen", bubbles: true, clientX: x, clientY: y}));
  send("pointerdown", places[0]);
  for (const place of places.slice(1)) send("pointermove", place);
  send("pointerup", places.at(-1));
  delete canvas.setPointerCapture;
}"""
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
    for _ in range(800):
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
    page.wait_for_function("() => parseFloat(document.querySelector('[data-value=\"test accuracy\"]').textContent) === 100")
    page.click("#undo-stroke")
    fewer = wait_for_examples(page, server, lambda n: n < painted)
    page.click("#eraser")
    ring(page, BOUNDARY, 40)
    wait_for_examples(page, server, lambda n: n < fewer)
    page.click("#train")
    wait_for_status(page, "paused")  # after all that the eraser did
    drawing = run_of(page, server)["configuration"]["data"]["drawing"]
    page.wait_for_function("d => location.search.includes(d)", arg=drawing)
    fresh = open_page("?" + re.sub(r"&?run=[0-9a-f]+", "", url_of(page).partition("?")[2]))
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


def test_few_moves_are_a_whole_curve_whose_strokes_are_undone_and_a_finished_run_goes_on_with_it(
    open_page: Open, server: Server
) -> None:
    page = open_page("?task=sketched&steps=40")
    drawn(page, "fitted curve")
    before, words = examples(page, server), page.locator(".sheet-words")
    page.click("#clear")
    expect(words).to_contain_text(f"The sheet is empty. Until you draw on, the network keeps the {before} points")
    box = page.locator('[data-picture="fitted curve"] canvas').bounding_box()

    def stroke(*places: tuple[float, float]) -> None:
        """Draw all of it at once: the run hears of a slower one while it is drawn."""
        at = [[box["x"] + 60 + u * (box["width"] - 90), box["y"] + 30 + v * box["height"] * 0.6] for u, v in places]
        page.locator('[data-picture="fitted curve"] canvas').evaluate(STROKE, at)

    stroke((0, 0.5), (0.25, 0.1), (0.5, 0.8), (0.75, 0.2), (1, 0.5))
    curve = wait_for_examples(page, server, lambda n: n != before)
    assert curve > 120
    expect(words).to_be_hidden()
    places, _ = drawings.read(run_of(page, server)["configuration"]["data"]["drawing"])
    assert np.hypot(*np.diff(places, axis=0).T).max() < 0.05
    stroke((0.3, 0.9), (0.6, 0.9))
    wait_for_examples(page, server, lambda n: n != curve)
    page.keyboard.press("Control+z")
    wait_for_examples(page, server, lambda n: n == curve)
    page.keyboard.press("Control+z")
    wait_for_examples(page, server, lambda n: n == before)
    expect(words).to_contain_text("The sheet is empty")
    page.keyboard.press("Control+Shift+Z")
    wait_for_examples(page, server, lambda n: n == curve)
    page.click("#train")
    wait_for_status(page, "finished")
    id = run_of(page, server)["id"]
    stroke((0.3, 0.9), (0.6, 0.9))
    wait_for_examples(page, server, lambda n: n != curve)
    wait_for_step(page, 80)
    wait_for_status(page, "finished")  # else what is undone is taken over by a run that ends in a moment
    assert run_of(page, server)["id"] == id
    page.click("#undo-stroke")
    wait_for_examples(page, server, lambda n: n == curve)
    wait_for_step(page, 160)
    assert run_of(page, server)["id"] == id


def test_where_one_cannot_paint_the_sheet_says_why(open_page: Open, server: Server) -> None:
    page = open_page("?task=painted&steps=30")
    canvas, words = page.locator(f"{BOUNDARY}"), page.locator(".sheet-words")
    drawn(page, "decision boundary")
    before = examples(page, server)
    page.click("#train")
    wait_for_status(page, "finished")
    page.keyboard.press("ArrowLeft")
    page.wait_for_selector("body.past")
    canvas.click(position={"x": 60, "y": 60})
    expect(words).to_have_text(re.compile(r"This is step \d+, in the past. Go back to now to draw: Esc."))
    locked = open_page("?task=painted&lock=data")
    drawn(locked, "decision boundary")
    locked.locator(BOUNDARY).click(position={"x": 10, "y": 10})
    expect(locked.locator(".sheet-words")).to_have_text("Locked in this lesson: data.")
    assert not locked.locator(".brushes").count()
    assert examples(page, server) == examples(locked, server) == before


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
    sheet = page.locator("#digit-pad")
    full = sheet.evaluate(INK)
    page.click("#digit-clear")
    invitation = re.compile("^Draw a digit: the network answers at every stroke")
    expect(caption).to_have_text(invitation)
    assert not sheet.evaluate(INK)
    page.click("#digit-undo")
    expect(caption).to_contain_text("your digit: a 1, ")
    assert sheet.evaluate(INK) == full
    page.click("#pen-2")
    page.wait_for_function(f"most => ({INK})(document.querySelector('#digit-pad')) > most", arg=full)
    page.click("#train")
    wait_for_status(page, "paused")
    paused = page.locator('[data-value="step"]').inner_text().replace(",", "")
    expect(sheet).to_have_attribute("data-step", paused)
    now = caption.inner_text()
    page.locator("#timeline").get_by_role("slider").focus()
    page.keyboard.press("Home")
    expect(page.locator('[data-value="step"]')).to_have_text("0")
    expect(sheet).to_have_attribute("data-step", "0")
    expect(caption).to_have_text(re.compile(r"^your digit: a \d, [12]?\d %"))
    page.keyboard.press("Escape")
    expect(caption).to_have_text(now)
    sheet.focus()
    page.keyboard.press("Control+z")
    expect(caption).to_have_text(invitation)
    sheet.click(position={"x": 30, "y": 30})
    expect(caption).to_contain_text("your digit: a ")
    assert sheet.evaluate(INK) > 20
    page.click("#draw-digit")
    expect(caption).to_contain_text("test digit 0")
