"""What is saved is what is shown: pictures and charts as PNG and SVG, the history as an animated PNG."""

import io
import xml.etree.ElementTree as ET
from pathlib import Path

import httpx
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.page import MESSY, Open, drawn, pause, run_of, show_all, wait_for_step
from tests.conftest import Server

SVG = "{http://www.w3.org/2000/svg}"


def saved(page: Page, card: str, how: str) -> tuple[str, bytes]:
    page.click(f"{card} .saver")
    with page.expect_download() as download:
        page.click(f"#save-{how}")
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def picture(name: str) -> str:
    return f'[data-picture="{name}"]'


def open_tab(page: Page, name: str) -> None:
    if not page.locator(picture(name)).is_visible():
        page.click(f"#tab-{name.replace(' ', '-')}")


def trained(open_page: Open, address: str, main: str, steps: int = 30) -> Page:
    page = open_page(address)
    drawn(page, main)
    page.click("#train")
    wait_for_step(page, steps)
    drawn(page, main, pause(page))  # of another step no picture comes any more
    return page


def test_a_picture_is_saved_as_png_and_as_svg_with_its_lines_and_words(open_page: Open) -> None:
    page = trained(open_page, "", "decision boundary")
    box = page.locator(picture("decision boundary")).bounding_box()
    name, data = saved(page, picture("decision boundary"), "png")
    image = Image.open(io.BytesIO(data))
    step = page.locator(picture("decision boundary")).get_attribute("data-step")
    assert name == f"spiral-decision-boundary-{step}.png"
    assert image.size == (2 * round(box["width"]), 2 * round(box["height"]))
    assert len(image.convert("RGB").resize((200, 200)).getcolors(40_000)) > 500
    name, data = saved(page, picture("decision boundary"), "svg")
    drawing = ET.fromstring(data)
    texts = " ".join(text.text for text in drawing.iter(f"{SVG}text"))
    assert "Decision boundary" in texts
    assert f"step {step}" in texts
    assert "x₁" in texts
    assert sum(1 for _ in drawing.iter(f"{SVG}path")) >= 600
    assert sum(1 for _ in drawing.iter(f"{SVG}image")) == 1


@pytest.mark.parametrize(
    ("task", "main"),
    [("mnist", "digits"), ("text", "text"), ("sort", "attention"), ("numbers", "fitted curve"), ("optimizers", "surface")],
)
def test_every_picture_can_be_saved(open_page: Open, task: str, main: str) -> None:
    page = trained(open_page, f"?task={task}", main, steps=3)
    for name in show_all(page, 3):
        open_tab(page, name)
        _, data = saved(page, picture(name), "svg")
        assert len(list(ET.fromstring(data).iter())) > 8, name
        _, data = saved(page, picture(name), "png")
        assert len(Image.open(io.BytesIO(data)).convert("RGB").getcolors(1 << 22)) > 8, name


def test_the_markers_of_a_list_are_saved_with_their_words(open_page: Open) -> None:
    page = trained(open_page, "?task=optimizers", "optimizers", steps=3)
    _, data = saved(page, picture("optimizers"), "svg")
    drawing = ET.fromstring(data)
    assert {path.get("fill") for path in drawing.iter(f"{SVG}path")} == set(
        page.locator(".standings .marker > *").evaluate_all("all => all.map(shape => shape.getAttribute('fill'))")
    )
    assert "RMSProp" in [text.text for text in drawing.iter(f"{SVG}text")]


def test_a_picture_that_is_saved_leaves_the_page_as_it_was(open_page: Open) -> None:
    page = trained(open_page, "?task=moons", "network")
    cards = page.locator(".card").count()
    before = page.locator(f"{picture('network')} canvas").first.screenshot()
    saved(page, picture("network"), "svg")
    saved(page, picture("network"), "png")
    assert page.locator(f"{picture('network')} canvas").first.screenshot() == before
    assert page.locator(".card").count() == cards


def test_the_history_is_saved_as_an_animated_png(open_page: Open) -> None:
    page = trained(open_page, "?speed=200", "decision boundary", steps=400)
    _, data = saved(page, picture("decision boundary"), "film")
    image = Image.open(io.BytesIO(data))
    assert image.is_animated
    assert 20 < image.n_frames <= 90
    frames = []
    for k in (0, image.n_frames - 1):
        image.seek(k)
        frames.append(image.convert("RGB").tobytes())
    assert frames[0] != frames[1]
    assert image.info["duration"] == 1600
    page.wait_for_function("() => !document.querySelector('.saver:disabled')")


def test_charts_are_saved(open_page: Open) -> None:
    page = trained(open_page, "", "decision boundary")
    page.wait_for_selector("#charts .js-plotly-plot")
    _, data = saved(page, "#charts .card.chart:first-child", "svg")
    assert "Loss" in " ".join("".join(text.itertext()) for text in ET.fromstring(data).iter(f"{SVG}text"))
    _, data = saved(page, "#charts .card.chart:first-child", "png")
    assert Image.open(io.BytesIO(data)).size == (1280, 840)


def test_a_script_that_cannot_repeat_a_run_says_why_on_the_page(open_page: Open, server: Server) -> None:
    page = open_page("?task=painted", forgive=(MESSY,))
    drawn(page, "decision boundary")
    page.click("#step")
    wait_for_step(page, 1)
    run = run_of(page, server)
    drawing = {"drawing": "AAAAABgAgACAgAgB__AAC____"}
    assert httpx.patch(f"{server.url}/api/runs/{run['id']}", json={"data": drawing}).status_code == 200
    page.click("#save")
    page.get_by_role("link", name="script.py").click()
    expect(page.locator("#banner")).to_contain_text("its data were changed (painted) while it trained")
    page.click("#save")
    with page.expect_download() as download:
        page.get_by_role("link", name="metrics.csv").click()
    assert Path(download.value.path()).read_text().startswith("step,loss")
