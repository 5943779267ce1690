"""Numbers in hand that no line of the diagram is: a gate's weights; heights and their switches; the pad; all with axe."""

import re

import httpx
from playwright.sync_api import Page, expect
from safetensors.numpy import load

from tests.browser.audit import AXE, VIOLATIONS
from tests.browser.page import Open, choose_task, drawn, other_run, run_of, wait_for_status
from tests.conftest import Server


def more(page: Page, picture: str, words: str) -> None:
    page.locator(f'[data-picture="{picture}"] .saver').click()
    page.locator("#save-menu").get_by_text(words).click()


def test_a_gates_weight_is_set_heights_are_looked_at_in_steps_and_the_pad_is_open_to_all(
    open_page: Open, server: Server
) -> None:
    page = open_page("?task=memory&steps=5&speed=none")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    page.click("#train")
    wait_for_status(page, "finished")
    drawn(page, "hidden state and gates", 5)
    first = run_of(page, server)["id"]
    more(page, "hidden state and gates", "Weights of its gates")
    panel = page.locator("#touched-panel")
    panel.get_by_label("Whose parameters").select_option("forget gate")
    panel.get_by_label("Which parameter").select_option("b")
    cell = panel.get_by_role("gridcell").nth(3)
    cell.click()
    field = panel.get_by_label("b, row 1, column 4", exact=True)
    expect(field).to_be_focused()
    assert page.evaluate(VIOLATIONS) == []
    field.fill("2.5")
    field.press("Enter")
    other_run(page, first)
    weights = load(httpx.get(f"{server.url}/api/runs/{run_of(page, server)['id']}/export/weights.safetensors").content)
    units = len(weights["0.b"]) // 4
    assert weights["0.b"][units + 3] == 2.5
    expect(cell).to_have_text("2.5")
    expect(panel.get_by_role("button", name="Silence")).to_have_count(0)
    page.keyboard.press("Escape")

    choose_task(page, "hills")
    drawn(page, "predicted heights")
    more(page, "predicted heights", "Hide test points")
    page.wait_for_url(re.compile("view=notest"))
    more(page, "predicted heights", "Show answers in steps")
    page.wait_for_url(re.compile("view=notest,steps"))
    before = run_of(page, server)["id"]
    page.locator('[data-path="data.empty_inputs"] input').check()
    other_run(page, before)
    assert run_of(page, server)["configuration"]["data"]["empty_inputs"] is True
    expect(page.locator("#said")).to_contain_text("empty")

    choose_task(page, "mnist")
    drawn(page, "feature maps")
    page.click("#draw-digit")
    expect(page.locator("#digit-pad")).to_be_visible()
    assert page.evaluate(VIOLATIONS) == []
