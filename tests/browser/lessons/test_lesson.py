"""A lesson on the page: its steps, a question before Train, a goal that the server sees; a class; making one."""

import re
from collections.abc import Callable

import httpx
from playwright.sync_api import Page, expect

from tests.browser.audit import AXE, VIOLATIONS
from tests.browser.page import Open, drawn, drop, hold, other_run, run_of, url_of, wait_for_status, wait_for_step
from tests.conftest import Server

OWN = """+++
title = "Mine <b>bold</b>"
+++
+++
title = "One"
lock = ["data"]
goal = {metric = "step", at_least = 20}

[settings]
task = "xor"
steps = 40
+++
See [the curves](curves). <img src=x onerror=alert(1)> **Strong**
"""


def goal(page: Page) -> str:
    return page.locator(".lesson-goal").inner_text()


def test_a_lesson_leads_through_its_steps_and_back_to_what_was_there(open_page: Open, server: Server) -> None:
    page = open_page("?task=moons&seed=11&steps=1000000", forgive=("ERR_FAILED",))  # it is left while it trains
    drawn(page, "decision boundary")
    page.click("#train")
    wait_for_step(page, 5)
    before = run_of(page, server)["id"]
    page.click("#lessons")
    page.click('[data-lesson="smallest-network"]')
    expect(page.locator("#lesson h3")).to_have_text("Two are not enough")
    page.wait_for_url("**lesson=smallest-network**")
    page.wait_for_url("**task=circles**")
    drawn(page, "decision boundary")
    expect(page.locator("#train")).to_have_js_property("inert", True)
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Space")
    expect(page.locator(".said-now")).to_contain_text("Locked in this lesson: Train")
    page.fill("#lesson-number", "3")
    page.press("#lesson-number", "Enter")
    expect(page.locator("#train")).to_have_js_property("inert", False)
    assert run_of(page, server)["step"] == 0

    page.evaluate(AXE.read_text(encoding="utf-8"))
    assert page.evaluate(VIOLATIONS) == []
    page.get_by_role("button", name="the boundary").hover()
    expect(page.locator("#picture")).to_have_class(re.compile(r"\blit\b"))
    page.click("#train")
    expect(page.locator(".lesson-goal")).to_have_class(re.compile("reached"))
    assert re.search(r"Reached at step \d+", goal(page))
    expect(page.locator(".lesson-said")).to_contain_text("Right.")

    page.reload()
    drawn(page, "decision boundary")
    expect(page.locator(".lesson-goal")).to_have_class(re.compile("reached"))
    expect(page.locator(".lesson-said")).to_contain_text("Right.")
    assert page.locator("#lesson").evaluate("e => e.checkVisibility()")
    page.route("**/api/runs", lambda route: route.abort() if route.request.method == "POST" else route.fallback())
    page.click("#lesson-next")
    expect(page.locator("#banner")).to_contain_text("does not answer")
    expect(page.locator("#lesson h3")).to_have_text("Two are not enough")
    page.unroute("**/api/runs")
    page.click("#lesson-next")
    expect(page.locator("#lesson h3")).to_have_text("Close the circle")
    page.wait_for_url("**lock=tasks,data&**")
    assert run_of(page, server)["configuration"]["network"][0]["units"] == 2

    page.click("#leave-lesson")
    expect(page.locator("#lesson")).to_be_hidden()
    page.wait_for_url(f"**run={before}**")
    assert "lesson=" not in url_of(page) and "seed=11" in url_of(page) and "lock=" not in url_of(page)
    page.click("#undo")
    expect(page.locator("#lesson h3")).to_have_text("Close the circle")
    page.wait_for_url("**lock=tasks,data&**")

    making = hold(page, "**/api/runs", lambda: page.click("#lesson-next"))
    page.get_by_label("no", exact=True).check()
    page.get_by_role("button", name="Answer").click()
    making.continue_()
    page.wait_for_url("**task=xor**")
    expect(page.locator("#train")).to_have_js_property("inert", False)  # answered before the server had made the run


def test_a_lesson_of_ones_own_is_dropped_shown_as_text_and_not_left_by_another(open_page: Open, server: Server) -> None:
    page = open_page("?task=moons", forgive=("422",))
    drawn(page, "decision boundary")
    before = run_of(page, server)["id"]
    drop(page, "mine.md", OWN.replace("[settings]", "[setings]"), "text/markdown")
    expect(page.locator("#banner")).to_contain_text("Line 9, step 1: setings: is unknown")
    drop(page, "mine.md", OWN, "text/markdown")
    expect(page.locator("#lesson h2")).to_have_text("Mine <b>bold</b>")
    expect(page.locator("#lesson .lesson-body p")).to_contain_text("<img src=x onerror=alert(1)> Strong")
    assert page.locator("#lesson img").count() == 0
    page.wait_for_url("**lesson=own**")
    other_run(page, before)
    asked = hold(page, "**/lessons/goal", lambda: page.click("#step"))
    page.click("#train")
    wait_for_status(page, "finished")
    wait_for_step(page, 40)
    asked.fulfill(json={"reached": None, "words": "", "best": None})
    expect(page.locator(".lesson-goal")).to_have_class(re.compile("reached"))  # asked again, though no row came since
    drop(page, "other.md", OWN.replace("Mine", "Other"), "text/markdown")
    expect(page.locator(".said-now")).to_have_text("Leave the lesson first.")
    page.reload()
    expect(page.locator("#lesson h2")).to_have_text("Mine <b>bold</b>")
    page.click("#leave-lesson")
    expect(page.locator("#lesson")).to_be_hidden()
    expect(page.locator("#lessons")).to_be_visible()


def test_a_lesson_is_made_from_the_page_and_its_link_carries_it(open_page: Open) -> None:
    unfinished = ("/api/lessons/read",)  # what is read while a goal has no number yet is refused
    page = open_page("?task=xor&optimizer=SGD&steps=60&seed=3&lock=data", forgive=unfinished)
    drawn(page, "decision boundary")
    page.click("#share")
    page.click("#share-lesson")
    page.locator('.maker > div > label [data-field="title"]').fill("Made here")
    page.locator('fieldset [data-field="text"]').fill("Look at **this**.\n\n- one\n- two")
    page.locator('fieldset [data-field="goal"]').select_option("metric")
    page.locator('fieldset [data-field="metric"]').select_option("test_accuracy")
    page.locator('fieldset [data-field="at_least"]').fill("0.4")
    page.locator('fieldset [data-field="where"]').fill("optimizer.name = SGD")
    expect(page.locator(".maker-preview")).to_contain_text("Goal: test accuracy at least 40 % with optimizer SGD.")
    page.click("#maker-add")
    second = page.locator(".maker fieldset").nth(1)
    second.locator('[data-field="asked"]').select_option("curve")
    second.locator('[data-field="curve"]').select_option("test_loss")
    second.locator('[data-field="goal"]').select_option("metric")
    second.locator('[data-field="at_least"]').fill("")
    second.locator('[data-field="above"]').select_option("1")
    second.locator("summary").click()
    second.locator('[data-field="limit-speed"]').select_option("hidden")
    expect(page.locator(".maker-preview canvas")).to_have_count(1)
    expect(page.locator(".maker-preview")).to_contain_text("Goal: test accuracy above the best of step 1.")
    expect(page.locator(".maker-preview li")).to_have_count(2)
    expect(page.get_by_text("The server reads it")).to_be_visible()
    page.evaluate(AXE.read_text(encoding="utf-8"))
    assert page.evaluate(VIOLATIONS) == []
    with page.expect_download() as download:
        page.click("#maker-file")
    assert download.value.suggested_filename == "made-here.md"
    text = download.value.path().read_text(encoding="utf-8")
    assert 'curve = "test_loss"' in text and "above = 1" in text and 'hide = ["speed"]' in text
    assert 'lock = ["data"]' in text and 'optimizer = {name = "SGD"' in text
    link = page.evaluate(
        "text => import('/lesson/address.js').then(module => module.toAddress(text))",
        text,
    )
    pupil = open_page(link, width=390, height=844)
    expect(pupil.locator("#lesson h2")).to_have_text("Made here")
    pupil.wait_for_url("**lock=data&lesson=own**")
    expect(pupil.locator("#phone-knob option[value^='data.']")).to_have_count(0)
    expect(pupil.locator(".lesson-body")).to_be_visible()
    pupil.click("#train")
    expect(pupil.locator(".lesson-goal")).to_have_class(re.compile("reached"))
    expect(pupil.locator(".lesson-body")).to_be_hidden()  # who trains sees the picture
    pupil.click("#lesson-fold")
    expect(pupil.locator(".lesson-body")).to_be_visible()


def test_a_teacher_sees_who_has_reached_the_goal(open_page: Open, start_server: Callable[..., Server]) -> None:
    server = start_server()
    base = f"http://127.0.0.1:{server.port}"
    teacher = open_page("?task=xor", base=base)
    drawn(teacher, "decision boundary")
    drop(teacher, "mine.md", OWN, "text/markdown")
    teacher.click("#class")
    teacher.click("#class-open")
    expect(teacher.locator("#class-link")).to_have_value(f"{base}/?lesson=class")
    student = open_page("?lesson=class", base=base)
    expect(student.locator("#lesson h2")).to_have_text("Mine <b>bold</b>")
    student.fill("#class-name", "<i>Ada</i>")
    student.press("#class-name", "Enter")
    expect(student.locator("#lesson")).to_contain_text("You are in the class.")
    expect(teacher.locator(".class-table tbody th")).to_have_text("<i>Ada</i>")
    expect(teacher.locator(".class-table td.reached")).to_have_count(0)
    student.click("#train")
    expect(student.locator(".lesson-goal")).to_have_class(re.compile("reached"))
    expect(teacher.locator(".class-table td.reached")).to_have_text("✓ 20")
    teacher.get_by_role("button", name="Remove <i>Ada</i>").click()
    expect(teacher.locator(".class-table tbody tr")).to_have_count(0)
    teacher.click("#class-close")
    expect(teacher.locator("#class-open")).to_have_text("Open the class")
    assert httpx.get(f"{base}/api/class").json()["text"] is None
