"""A neuron in hand: its numbers are typed, it is silenced, its layer frozen; each is a run of its own, and is undone."""

import re

import httpx
from playwright.sync_api import Page, expect
from safetensors.numpy import load

from tests.browser.page import Open, drawn, hold, run_of, url_of, wait_for_status
from tests.conftest import Server


def parent_of(page: Page, server: Server) -> dict | None:
    return run_of(page, server)["parent"]


def test_a_weight_is_typed_a_neuron_silenced_a_layer_frozen_and_all_is_undone(open_page: Open, server: Server) -> None:
    page = open_page("?task=circles&steps=30&speed=none", forgive=("409",))
    page.click("#train")
    wait_for_status(page, "finished")
    drawn(page, "network")
    first = run_of(page, server)["id"]
    canvas = page.locator('[data-picture="network"] canvas').first
    canvas.focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    panel = page.locator("#touched-panel")
    expect(panel).to_contain_text("Dense 12 · Tanh, neuron 2")
    field = panel.get_by_label("weight from x₂", exact=True)
    field.fill("much")
    field.press("Enter")
    expect(panel).to_contain_text("must be a number from -1,000,000 to 1,000,000, not “much”")
    assert run_of(page, server)["id"] == first, "a refused value changes nothing"
    page.route("**/fork", lambda route: route.fulfill(status=409, json={"error": {"message": "not now", "field": None}}))
    field.fill("3")
    field.press("Enter")
    expect(panel.locator(".touched-row .refusal:visible")).to_have_text("not now")
    page.unroute("**/fork")
    field.fill("2,25")
    setting = hold(page, "**/fork", lambda: field.press("Enter"))
    bias = panel.get_by_label("bias", exact=True)
    bias.select_text()
    bias.press_sequentially("0.5")
    setting.continue_()
    expect(page.locator(".said-now")).to_contain_text("weight from x₂ is 2.25, in a run of its own from step 30 on")
    forked = run_of(page, server)
    assert forked["parent"] == {"run": first, "step": 30}
    weights = load(httpx.get(f"{server.url}/api/runs/{forked['id']}/export/weights.safetensors").content)
    assert weights["0.W"][1, 1] == 2.25
    expect(field).to_have_value("2.25")
    expect(bias).to_have_value("0.5")  # typed while the server set the weight
    bias.press("Enter")
    expect(page.locator(".said-now")).to_contain_text("bias is 0.5, in a run of its own")
    expect(panel.locator("p.hint")).to_contain_text("2.3 × x₂")

    panel.get_by_role("button", name="Silence it").click()
    expect(panel.get_by_role("button", name="Let it speak")).to_be_visible()
    expect(panel.locator("p.hint")).to_contain_text("from 0.0 to 0.0")
    panel.get_by_role("button", name="Freeze the layer").click()
    expect(panel.get_by_role("button", name="Let the layer learn")).to_be_visible()
    network = run_of(page, server)["configuration"]["network"]
    assert (network[1]["silenced"], network[0]["learning_rate_scale"]) == ([1], 0)
    page.mouse.move(2, 2)
    expect(page.locator("#explanation:popover-open")).to_have_count(0)  # else Escape closes that alone
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    assert page.evaluate("document.activeElement.tagName") == "CANVAS"
    expect(page.locator('[data-path="network.0"] .layer-sign')).to_have_text("frozen")
    expect(page.locator('[data-path="network.1"] .layer-sign')).to_have_text("1 silent")
    assert "silenced" in url_of(page), "a link to it has it"

    for _ in range(4):
        before = run_of(page, server)["id"]
        page.keyboard.press("Control+z")
        expect(page).not_to_have_url(re.compile(before))
    assert run_of(page, server)["id"] == first
    expect(page.locator(".layer-sign")).to_have_count(0)

    row = page.locator('[data-path="network.2"]')
    row.locator("summary").click()
    row.get_by_role("button", name="Start the layer anew").click()
    expect(page.locator(".said-now")).to_contain_text("Dense, layer 3 begins anew")
    assert parent_of(page, server) == {"run": first, "step": 30}
