"""The headline says what is happening, with the run's own numbers."""

import re

import httpx
from playwright.sync_api import Page, expect

from tests.browser.page import Open, drawn, run_of, step, value, wait_for_status, wait_for_step
from tests.conftest import Server


def said(page: Page) -> str:
    return page.locator("#said p").inner_text()


def kind(page: Page) -> str | None:
    return page.locator("#headline").get_attribute("data-kind")


def test_it_goes_from_ready_to_learned_with_the_runs_own_numbers(open_page: Open, server: Server) -> None:
    page = open_page()
    drawn(page, "decision boundary")
    hint = "No straight line separates the arms: watch the boundary fold itself around them."
    assert (kind(page), said(page)) == ("note", f"Ready. {hint}")
    page.click("#train")
    expect(page.locator("#said p")).to_have_text(f"Learning. {hint}")
    page.wait_for_function("() => document.querySelector('#said b').textContent === 'Learned.'")
    page.click("#train")
    wait_for_status(page, "paused")
    accuracy = run_of(page, server)["metrics"]["test_accuracy"]
    assert accuracy >= 0.98
    share = f"{100 * accuracy:.1f} %"
    kept = share.replace(" ", "\u00a0")  # no line ends between a number and its unit
    assert value(page, "test accuracy") == share
    assert (kind(page), said(page)) == (
        "good",
        f"Learned. The boundary has folded around the three arms: {kept} of points it never saw are right.",
    )
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#said b")).to_have_text("Looking back.")
    assert re.search(rf"This is step [\d,]+, as it was; the run is at step {run_of(page, server)['step']:,}\.", said(page))
    page.get_by_role("button", name="Back to now").click()
    expect(page.locator("#said b")).to_have_text("Learned.")


def test_a_run_that_waits_says_its_place_and_one_that_is_done_offers_more(open_page: Open, server: Server) -> None:
    page = open_page("?task=xor&steps=30")
    page.click("#train")
    wait_for_status(page, "finished")
    expect(page.locator("#said b")).to_have_text(re.compile("Finished|Learned"))
    with httpx.Client(base_url=f"{server.url}/api") as api:
        threads = [api.post("/runs", json={"task": "spiral", "steps": 10_000_000}).json()["id"] for _ in range(9)]
        other = open_page("?task=spiral&seed=5")
        drawn(other, "decision boundary")
        other.click("#train")
        expect(other.locator("#said p")).to_have_text(
            re.compile(r"Waiting\. Others train now, and this run is (number \d+ in line|the next one)\. It starts by itself\.")
        )
        for id in threads:
            api.delete(f"/runs/{id}")


def test_nothing_of_the_headline_is_cut_on_any_screen(open_page: Open) -> None:
    page = open_page("?speed=2000")
    drawn(page, "decision boundary")
    page.click("#train")
    wait_for_step(page, 600)
    page.click("#train")
    wait_for_status(page, "paused")
    assert step(page) >= 600
    for width, height in ((1280, 800), (1366, 768), (1920, 1080), (900, 700), (390, 844), (360, 640)):
        page.set_viewport_size({"width": width, "height": height})
        page.evaluate("() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))")
        cut = page.evaluate(
            """() => [...document.querySelectorAll('#headline, #headline *')].filter(
              (e) => e.clientWidth && !e.closest('svg')
                && (e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 2)
            ).map((e) => e.outerHTML.slice(0, 120))"""
        )
        assert not [words for words in cut if "<button" not in words and "<b>" not in words and "<span>" not in words], width
        lines = page.locator("#said p").evaluate("p => Math.round(p.clientHeight / parseFloat(getComputedStyle(p).lineHeight))")
        assert lines <= (2 if width > 760 else 4), width


def test_the_live_region_says_once_that_it_has_learned(open_page: Open) -> None:
    page = open_page("?speed=2000")
    drawn(page, "decision boundary")
    page.evaluate(
        """() => { window.heard = [];
          new MutationObserver(() => window.heard.push(document.querySelector('#live').textContent))
            .observe(document.querySelector('#live'), {childList: true, characterData: true, subtree: true}); }"""
    )
    page.click("#train")
    wait_for_step(page, 1500)
    page.click("#train")
    wait_for_status(page, "paused")
    heard = page.evaluate("window.heard")
    learned = [words for words in heard if "Learned: The boundary has folded around the three arms" in words]
    assert len(learned) == 1
    assert re.fullmatch(r"training, epoch \d+, test accuracy \d+\.\d %.*", learned[0])
