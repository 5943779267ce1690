"""Every picture that answers a click answers keys too, and says what is under its cursor."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.page import Open, choose_task, drawn, run_of, wait_for_step
from tests.conftest import Server


def canvas(page: Page, picture: str) -> Locator:
    return page.locator(f'[data-picture="{picture}"] canvas').first


def label(of: Locator) -> str:
    return of.get_attribute("aria-label") or ""


def walk(page: Page, boundary: Locator, way: str, steps: int) -> bool:
    """Move the cursor until it is at a point."""
    for _ in range(steps):
        page.keyboard.press(f"Arrow{way}")
        if label(boundary).endswith("a point"):
            return True
    return False


def test_a_point_is_found_and_tracked_by_keys(open_page: Open) -> None:
    page = open_page("?task=blobs")
    drawn(page, "decision boundary")
    boundary = canvas(page, "decision boundary")
    assert "arrow keys" in label(boundary)
    boundary.focus()
    page.keyboard.press("ArrowRight")
    expect(boundary).to_have_attribute("aria-label", re.compile(r"x₁ 0\.\d\d, x₂ .*: class \d, \d+ %"))
    before = boundary.evaluate("c => c.toDataURL()")
    page.keyboard.press("ArrowDown")
    assert boundary.evaluate("c => c.toDataURL()") != before, "the cursor is seen"
    found = (reach for reach in range(1, 40) if walk(page, boundary, ("Left", "Up", "Right", "Down")[reach % 4], reach))
    assert next(found, None), "somewhere around the middle there is a point"
    page.keyboard.press("Enter")
    expect(page.locator("#example-history")).to_be_visible()
    assert page.locator("[data-value=step]").inner_text() == "0", "the arrows made no step"


def test_a_digit_is_chosen_by_keys_and_the_wrong_ones_stand_alone(open_page: Open) -> None:
    page = open_page("?task=mnist")
    drawn(page, "digits")
    digits = canvas(page, "digits")
    digits.focus()
    page.keyboard.press("ArrowRight")
    expect(digits).to_have_attribute("aria-label", re.compile(r"test image 1, \d, taken for \d, \d+ %"))
    page.keyboard.press("ArrowDown")
    found = int(re.search(r"test image (\d+)", label(digits)).group(1))
    assert found > 5, "one row down"
    expect(page.locator('[data-picture="feature maps"] h2')).to_contain_text("How it reads this")
    all_of_them = digits.evaluate("c => c.toDataURL()")
    page.click("#only-wrong")
    expect(page.locator("#only-wrong")).to_have_attribute("aria-pressed", "true")
    assert digits.evaluate("c => c.toDataURL()") != all_of_them
    page.click("#only-wrong")
    assert digits.evaluate("c => c.toDataURL()") == all_of_them


def test_the_confusion_matrix_says_each_of_its_cells(open_page: Open) -> None:
    page = open_page("?task=mnist")
    drawn(page, "digits")
    page.click("#tab-confusion")
    drawn(page, "confusion")
    matrix = canvas(page, "confusion")
    matrix.focus()
    page.keyboard.press("ArrowRight")
    expect(matrix).to_have_attribute("aria-label", re.compile(r"0 taken for 1: \d+"))
    page.keyboard.press("ArrowDown")
    expect(matrix).to_have_attribute("aria-label", re.compile(r"1 taken for 1: \d+"))


def test_a_point_is_painted_by_keys(open_page: Open, server: Server) -> None:
    page = open_page("?task=painted")
    drawn(page, "decision boundary")
    before = sum(run_of(page, server)["examples"])
    canvas(page, "decision boundary").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_function("() => location.search.includes('data.drawing=')")
    for _ in range(400):
        if sum(run_of(page, server)["examples"]) == before + 1:
            return
        page.wait_for_timeout(50)
    raise AssertionError("the point is not among the data")


def test_a_digit_is_drawn_by_keys(open_page: Open) -> None:
    page = open_page("?task=mnist")
    drawn(page, "feature maps")
    page.click("#step")
    wait_for_step(page, 1)
    page.click("#draw-digit")
    pad = page.locator("#digit-pad")
    pad.focus()
    page.keyboard.press("Enter")
    for _ in range(14):
        page.keyboard.press("ArrowDown")
    expect(pad).to_have_attribute("aria-label", "Pen down, column 14, row 21 of 28")
    expect(page.locator('[data-picture="feature maps"] .caption')).to_contain_text("your digit: a ")
    page.keyboard.press("Enter")
    drawing = pad.evaluate("c => c.toDataURL()")
    page.keyboard.press("Delete")
    assert not pad.evaluate("c => c.getContext('2d').getImageData(c.width / 2, c.height / 2, 1, 1).data[3]")
    page.keyboard.press("Backspace")
    assert pad.evaluate("c => c.toDataURL()") == drawing


def test_brushes_have_a_face_in_forced_colours(open_page: Open) -> None:
    page = open_page("?task=painted", forced_colors="active")
    drawn(page, "decision boundary")
    shapes = page.locator(".brush svg > *")
    assert shapes.count() >= 2
    fills = shapes.evaluate_all("all => all.map(e => [e.tagName, getComputedStyle(e).fill])")
    assert len({tuple(fill) for fill in fills}) == len(fills), "each in its own colour and shape"


def test_pictures_are_sharp_on_a_screen_of_two_pixels_a_pixel(open_page: Open) -> None:
    page = open_page("", device_scale_factor=2)
    drawn(page, "decision boundary")
    pixels, size = canvas(page, "decision boundary").evaluate("c => [c.width, c.clientWidth]")
    assert pixels == 2 * size


TOLD = [
    ("spiral", "decision boundary", r"boundary: \d+ % of 300 test points right; most errors between class \d and class \d"),
    ("sine", "fitted curve", r"curve: on average \S+ from 200 training points, \S+ from 200 test points; at most \S+ off"),
    ("optimizers", "optimizers", r"height: .*SGD \+ momentum 19\.\d"),
    ("mnist", "digits", r"\d+ of 40 test images right; \d taken for \d"),
    ("autoencoder", "reconstructions", r"12 test digits and what is made of them: a pixel is \d+\.\d % off on average"),
    ("memory", "hidden state and gates", r"LSTM 24 reads .*hidden state up to 0\.\d+"),
    ("rows", "guesses row by row", r"3 taken for \d from row \d+ on"),
    ("text", "text", r"\d+ of \d+ unseen characters expected, \d+ % sure on average; it writes: "),
    ("sort", "attention", r"reads 8 1 9 .*, \d wrong; layer 1, head 1 looks from the last place at place \d most, \d+ %"),
]


def test_a_picture_is_told_in_words_with_its_numbers(open_page: Open) -> None:
    page = open_page()
    for task, picture, words in TOLD:
        choose_task(page, task)
        drawn(page, picture)
        card = page.locator(f'[data-picture="{picture}"]')
        expect(card).to_have_attribute("aria-describedby", re.compile("description"))
        described = card.get_attribute("aria-describedby")
        expect(page.locator(f"#{described}")).to_have_text(re.compile(words))
