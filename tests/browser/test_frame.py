"""What stands around the pictures: the shelf of tasks, menus, help, the large picture, and the page on paper."""

import re
from importlib.metadata import version

import httpx
import pytest
from playwright.sync_api import Page, expect

from engine.tasks import TASKS
from server.page.files import FRONTEND
from tests.browser.page import Open, choose_task, drawn
from tests.conftest import Server

WIDE = "--sans: 'DejaVu Sans', 'Liberation Sans', sans-serif; letter-spacing: .03em"
"""A face about an eighth wider."""
CUT = """() => [...document.querySelectorAll('.top :is(b, span, small, h1, button, img)')].filter(e => {
  if (!e.checkVisibility({visibilityProperty: true}) || getComputedStyle(e).clipPath !== 'none') return false;
  const own = e.getBoundingClientRect(), header = document.querySelector('.top').getBoundingClientRect();
  const shelf = e.closest('.shelf')?.getBoundingClientRect() ?? header;
  return own.right > shelf.right + 1 || own.left < shelf.left - 1 || own.right > innerWidth || own.bottom > header.bottom
    || e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== 'inline';
}).map(e => e.outerHTML)"""


def focused(page: Page) -> str:
    return page.evaluate("document.activeElement.dataset.task || document.activeElement.id || document.activeElement.innerText")


def test_the_shelf_is_one_line_in_which_nothing_is_cut_with_a_wider_face_too(open_page: Open) -> None:
    page = open_page()
    for task in ("spiral", "sort", "images"):
        choose_task(page, task)
        expect(page.locator(f'[data-task="{task}"]')).to_have_attribute("aria-pressed", "true")
        for width in (768, 1280, 1366, 1920):
            page.set_viewport_size({"width": width, "height": 800})
            for style in ("", WIDE):
                page.evaluate("s => { document.body.style = s; }", style)
                page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
                assert not page.evaluate(CUT), (width, task, style)
                assert page.locator(".shelf").evaluate("e => e.hasAttribute('popover') || e.scrollWidth <= e.clientWidth")
            page.evaluate("() => { document.body.style = ''; }")
            if task == "spiral":
                counts = [] if width < 1366 else ["8", "2", "6", "5"]
                expect(page.locator(".group-head small").filter(visible=True)).to_have_text(counts)


def test_a_closed_part_of_the_shelf_opens_a_sheet_by_keyboard_and_gives_the_focus_back(open_page: Open) -> None:
    page = open_page()
    drawn(page, "decision boundary")
    head = page.locator('.group-head:has-text("Sequences")')
    head.focus()
    page.keyboard.press("Enter")
    expect(head).to_have_attribute("aria-expanded", "true")
    sheet = page.locator("#shelf-sequences")
    expect(sheet.locator("img").first).to_have_js_property("naturalWidth", 192)
    assert sheet.locator("img").first.evaluate("e => e.clientWidth") == 96
    for task in ("memory", "sort"):
        expect(sheet.locator(f"[data-task={task}] span")).to_have_text(TASKS[task].summary)
        expect(sheet.locator(f"[data-task={task}] span")).to_be_visible()
    assert focused(page) == "memory"
    page.keyboard.press("ArrowRight")
    page.keyboard.press("End")
    assert focused(page) == "sort"
    assert page.locator("[data-value=step]").inner_text() == "0"  # the arrow has made no step
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    expect(head).to_be_focused()
    page.keyboard.press("Enter")
    page.mouse.click(640, 700)
    expect(sheet).to_be_hidden()
    head.click()
    page.locator("[data-task=reverse]").click()
    expect(sheet.locator("[data-task=reverse]")).to_have_attribute("aria-pressed", "true")
    expect(page.locator('.group-head:has-text("Points")')).to_be_visible()
    assert page.locator("[data-task]").count() == len(TASKS)
    page.locator("[data-task=copy]").focus()
    page.keyboard.press("ArrowRight")
    assert focused(page) == "reverse"


def test_on_a_phone_one_button_opens_all_tasks(open_page: Open) -> None:
    page = open_page(width=390, height=844, has_touch=True, is_mobile=True)
    drawn(page, "decision boundary")
    pick = page.locator("#task-button")
    expect(pick).to_have_text("Spiral")
    pick.tap()
    sheet = page.locator("#shelf")
    box = sheet.bounding_box()
    assert box["width"] > 370
    assert box["x"] >= 0
    assert box["y"] + box["height"] <= 844
    assert min(b.bounding_box()["height"] for b in page.locator("[data-task]").all()) >= 44
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    expect(pick).to_be_focused()
    choose_task(page, "sort")
    expect(pick).to_have_text("Sort")
    expect(sheet).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_every_task_has_a_small_thumbnail_and_a_newcomer_a_neutral_one(server: Server) -> None:
    for task in TASKS:
        data = (FRONTEND / "thumbnails" / f"{task}.png").read_bytes()
        assert data.startswith(b"\x89PNG")
        assert len(data) < 16_000
    neutral = (FRONTEND / "thumbnails" / "none.png").read_bytes()
    reply = httpx.get(f"{server.url}/thumbnails/newcomer.png")
    assert (reply.status_code, reply.content) == (200, neutral)
    assert httpx.get(f"{server.url}/thumbnails/spiral.png").content != neutral
    assert httpx.get(f"{server.url}/thumbnails/a/b.png").status_code == 404
    etag = {"if-none-match": reply.headers["etag"]}
    assert httpx.get(f"{server.url}/thumbnails/newcomer.png", headers=etag).status_code == 304


def test_compare_and_save_are_menus_with_a_sentence_for_each_choice(open_page: Open) -> None:
    page = open_page()
    drawn(page, "decision boundary")
    for name, choices in (("compare", 2), ("save", 7)):
        page.locator(f"#{name}").focus()
        page.keyboard.press("Enter")
        menu = page.locator(".menu.choices:popover-open")
        expect(menu).to_be_visible()
        sentences = menu.locator("span").all_inner_texts()
        assert len(sentences) >= choices
        assert all(sentences)
        inside = "e => e.contains(document.activeElement)"
        assert menu.evaluate(inside)
        page.keyboard.press("ArrowDown")
        assert menu.evaluate(inside)
        assert page.locator("[data-value=step]").inner_text() == "0"
        box = menu.bounding_box()
        assert box["y"] >= 0
        assert box["x"] + box["width"] <= 1280
        assert box["y"] + box["height"] <= 800
        page.keyboard.press("Escape")
        expect(page.locator(".menu.choices:popover-open")).to_have_count(0)
        expect(page.locator(f"#{name}")).to_be_focused()
    page.click("#save")
    page.mouse.click(500, 300)
    expect(page.locator(".menu.choices:popover-open")).to_have_count(0)
    page.click("#compare")
    page.click("#race")
    expect(page.locator("#lab")).to_be_visible()
    expect(page.locator(".menu.choices:popover-open")).to_have_count(0)


SMALL = """() => [...document.querySelectorAll('body *')].filter(e =>
  e.checkVisibility({visibilityProperty: true}) && [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim())
  && !e.closest('option, .visually-hidden, .skip') && parseFloat(getComputedStyle(e).fontSize) < 16
).map(e => e.outerHTML.slice(0, 200))"""


@pytest.mark.parametrize(("width", "height", "side"), [(1280, 800, 610), (1920, 1080, 830)])
def test_the_picture_is_large_for_a_projector_and_nothing_is_small(open_page: Open, width: int, height: int, side: int) -> None:
    page = open_page(width=width, height=height)
    drawn(page, "decision boundary")
    page.locator(".enlarge").click()
    picture = page.locator("#picture .picture-body canvas").first
    page.wait_for_function("n => document.querySelector('#picture .picture-body canvas').clientWidth >= n", arg=side - 12)
    box = picture.bounding_box()
    assert side - 12 <= min(box["width"], box["height"])
    assert max(box["width"], box["height"]) <= side + 30
    for away in (".top", ".beside", "#controls"):
        expect(page.locator(away)).to_be_hidden()
    for there in ("#headline", "#readout", "#timeline", "#save"):
        expect(page.locator(there)).to_be_in_viewport(ratio=1)
    assert page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]") == [width, height]
    assert not page.evaluate(SMALL)
    page.click("#large-knobs")
    expect(page.locator("#train")).to_be_in_viewport(ratio=1)
    assert page.locator("#picture").bounding_box()["x"] + 40 > 0
    assert picture.bounding_box() == box  # they slide over it
    page.mouse.move(width - 4, 4)  # what is pointed at may explain itself, and Escape would close that first
    expect(page.locator(":popover-open")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.locator("#controls")).to_be_hidden()
    expect(page.locator(".beside")).to_be_hidden()
    page.locator("#picture").focus()  # on a button, space would press it
    page.keyboard.press("Space")
    page.wait_for_function("() => document.body.dataset.status === 'running'")
    page.keyboard.press("Escape")
    expect(page.locator(".beside")).to_be_visible()
    page.keyboard.press("f")
    expect(page.locator(".beside")).to_be_hidden()
    page.click("#large-leave")
    expect(page.locator(".top")).to_be_visible()


def test_help_is_complete_and_closes_by_key_button_and_a_click_outside(open_page: Open) -> None:
    page = open_page()
    drawn(page, "decision boundary")
    window, button = page.locator("#keys"), page.locator("#help")
    button.focus()
    for close in (
        lambda: page.keyboard.press("Escape"),
        lambda: page.click("#help-close"),
        lambda: page.mouse.click(300, 500),
        lambda: button.click(),
    ):
        page.keyboard.press("?")
        expect(window).to_be_visible()
        expect(button).to_have_attribute("aria-expanded", "true")
        close()
        expect(window).to_be_hidden()
    page.keyboard.press("?")
    page.keyboard.press("Escape")
    expect(button).to_be_focused()
    page.keyboard.press("?")
    keys = window.locator("kbd").all_inner_texts()
    assert {"space", "→", "←", "R", "N", "F", "Esc", "?"} <= set(keys)
    expect(window).to_contain_text(f"version {version('neural-network-basics')}")
    with page.expect_popup() as calls:
        window.get_by_role("link").click()
    assert "openapi" in calls.value.url
    page.evaluate("document.documentElement.dataset.status = ''")
    assert page.locator("[data-value=step]").inner_text() == "0"


def test_the_page_prints_on_one_page_with_no_chart_cut(open_page: Open) -> None:
    for size in ((1280, 800), (390, 844)):
        page = open_page(width=size[0], height=size[1], color_scheme="dark")
        drawn(page, "decision boundary")
        page.wait_for_selector("#charts .js-plotly-plot")
        data = page.pdf(prefer_css_page_size=True)
        assert len(re.findall(rb"/Type\s*/Page\b", data)) == 1
        page.emulate_media(media="print")
        page.set_viewport_size({"width": 1047, "height": 718})
        page.wait_for_function(  # the charts have heard of it
            "() => [...document.querySelectorAll('#charts svg.main-svg')]"
            ".every(e => !e.checkVisibility() || Math.abs(Number(e.getAttribute('width')) - e.clientWidth) < 3)"
        )
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert page.evaluate("document.documentElement.scrollHeight") <= 718
        outside = page.locator("main :is(canvas, svg.main-svg, .headline p, dd)").evaluate_all(
            """all => all.filter(e => e.checkVisibility()).map(e => [e.tagName, e.getBoundingClientRect()])
              .filter(([, b]) => b.left < -1 || b.top < -1 || b.right > 1048 || b.bottom > 719 || !b.width)
              .map(([name, b]) => name + JSON.stringify(b))"""
        )
        assert not outside
        picture = page.locator("#picture .picture-body canvas").first.bounding_box()
        assert min(picture["width"], picture["height"]) > 300
        for chart in page.locator("#charts .js-plotly-plot").all():
            assert chart.bounding_box()["height"] > 80
        assert "Decision boundary" in page.locator("#picture").inner_text()
        assert "Test accuracy" in page.locator("#readout").inner_text()
        for name in ("#train", ".top", ".foot"):
            expect(page.locator(name)).to_be_hidden()
        charts = page.locator("#charts .js-plotly-plot")
        for chart, drawing in zip(charts.all(), page.locator("#charts svg.main-svg:first-of-type").all(), strict=False):
            assert drawing.bounding_box()["width"] <= chart.bounding_box()["width"] + 1
        paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert paper == "rgb(255, 255, 255)"


def test_what_is_chosen_and_focused_is_seen_where_a_system_forces_its_colours(open_page: Open) -> None:
    page = open_page("?task=painted", forced_colors="active", reduced_motion="reduce")
    drawn(page, "decision boundary")
    look = "e => { const s = getComputedStyle(e); return [s.outlineStyle, parseFloat(s.outlineWidth), s.backgroundColor]; }"
    chosen = page.locator("[data-task=painted]").evaluate(look)
    assert chosen[0] == "solid"
    assert chosen[1] >= 2
    faces = [brush.inner_html() for brush in page.locator(".brush").all()]
    assert len(set(faces)) == len(faces) >= 2
    assert all("<svg" in face for face in faces)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate(f"({look})(document.activeElement)")[:2] == ["solid", 3]
    assert page.locator("#train").evaluate("e => getComputedStyle(e).transitionDuration") == "0s"
