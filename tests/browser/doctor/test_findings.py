"""What the doctor finds: said, lit where it is seen, explained, and cured beside the ill run, with a way back."""

import re
from collections.abc import Callable
from pathlib import Path

import httpx
from playwright.sync_api import expect

from engine.training.causes import CAUSES
from tests.browser.page import Open, drawn, run_of, url_of, wait_for_status, wait_for_step
from tests.conftest import Server
from tests.server.api import wait_for

STRAIGHT = {"task": "spiral", "network": [{"layer": "Dense", "units": 8}, {"layer": "Dense", "units": 8}, {"layer": "Dense"}]}
NAME = f"{CAUSES['linear stack'].title}."
HEAR = """() => { window.heard = [];
  new MutationObserver(() => window.heard.push(document.querySelector('#live').textContent))
    .observe(document.querySelector('#live'), {childList: true, characterData: true, subtree: true}); }"""


def made(server: Server, **request: object) -> str:
    return httpx.post(f"{server.url}/api/runs", json={"start": False, **request}).json()["id"]


def test_the_marks_of_many_runs_stay_in_their_list(open_page: Open, start_server: Callable[..., Server]) -> None:
    server = start_server()
    for _ in range(16):
        made(server, **STRAIGHT, steps=1, start=True)
    with httpx.Client(base_url=f"{server.url}/api") as api:
        for run in api.get("/runs").json():
            wait_for(api, run["id"], lambda run: run["status"] == "finished" and run["findings"])
    page = open_page(base=server.url)
    page.click("#tab-runs")
    page.locator("#runs .found:not([hidden])").nth(10).wait_for(state="attached")  # the newest, as many as the list has
    assert page.evaluate("document.documentElement.scrollHeight - innerHeight") == 0


def test_it_is_said_lit_explained_and_cured_beside_the_ill_run_with_a_way_back(open_page: Open, server: Server) -> None:
    ill = made(server, **STRAIGHT, steps=100_000, speed=400)
    page = open_page(f"?run={ill}")
    drawn(page, "decision boundary")
    expect(page.locator("#live")).to_contain_text(NAME)  # what can be known before the first step
    page.evaluate(HEAR)
    page.click("#train")
    wait_for_step(page, 60)
    said = page.locator("#headline")
    expect(said).to_have_attribute("data-kind", "ill")
    expect(page.locator("#said b")).to_have_text(NAME)
    expect(page.locator("#said p")).to_contain_text("Layers 1 and 2")
    # where it is seen
    expect(page.locator('#panels .layer.lit[data-path="network.0"]')).to_have_count(1)
    expect(page.locator(".lit")).to_have_count(1)
    page.wait_for_function(
        "() => [...document.querySelectorAll('#charts .textpoint text')].some(t => t.textContent.includes('linear stack'))"
    )
    expect(page.locator(".flags .flag[data-kind=ill]")).to_have_attribute("aria-label", re.compile(NAME[:-1]))
    page.wait_for_function("() => window.heard.length")
    heard = page.evaluate("window.heard")
    assert not [words for words in heard if NAME in words], "it is said once"
    # why, and what helps
    page.click("#ask-why")
    why = page.locator("#why:popover-open")
    for words in (
        CAUSES["linear stack"].help,
        CAUSES["linear stack"].source,
        "Since step",
        "What helps",
        "after layers 1 and 2",
    ):
        expect(why).to_contain_text(words, ignore_case=True)
    box = page.locator("#why").bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= 1280 and box["y"] + box["height"] <= 800
    bottom = said.bounding_box()["y"] + said.bounding_box()["height"]
    page.set_viewport_size({"width": 1280, "height": 560})  # as much to read, in less room
    page.keyboard.press("Escape")
    page.click("#ask-why")
    expect(why).to_be_visible()
    assert why.evaluate("e => e.scrollHeight > e.clientHeight") and why.bounding_box()["y"] >= bottom, "the sentence stays seen"
    page.set_viewport_size({"width": 1280, "height": 800})
    page.keyboard.press("Escape")
    expect(page.locator("#ask-why")).to_be_focused()
    # cured beside it
    lesson = open_page(f"?run={ill}&lock=network")  # what a lesson locks is not cured either
    expect(lesson.locator("#said b")).to_have_text(NAME)
    expect(lesson.locator("#said .acts button")).to_have_count(0)
    lesson.click("#ask-why")
    expect(lesson.locator(".why-remedies button")).to_be_disabled()
    expect(lesson.locator(".why-remedies")).to_contain_text("Locked in this lesson: network.")
    lesson.close()
    there, known = url_of(page), len(httpx.get(f"{server.url}/api/runs").json())
    page.locator("#said .acts button").first.dblclick()
    lanes = page.locator(".lane")
    expect(lanes).to_have_count(2)
    expect(page.locator("#banner")).to_be_hidden()
    assert len(httpx.get(f"{server.url}/api/runs").json()) == known + 1, "pressed twice, it is repaired once"
    expect(lanes.nth(0).locator(".found")).to_have_text(NAME[:-1])
    expect(lanes.nth(1).locator(".found")).to_be_hidden()
    page.wait_for_function("() => [...document.querySelectorAll('.lane')].every(lane => Number(lane.dataset.step) >= 20)")
    cured = run_of(page, server)
    assert [layer["layer"] for layer in cured["configuration"]["network"]] == ["Dense", "Tanh", "Dense", "Tanh", "Dense"]
    assert httpx.get(f"{server.url}/api/runs/{ill}").json()["status"] == "running", "the ill one goes on"
    page.keyboard.press("Control+z")
    expect(lanes).to_have_count(0)
    expect(page.locator("#said b")).to_have_text(NAME)
    assert url_of(page) == there
    assert httpx.get(f"{server.url}/api/runs/{cured['id']}").status_code == 404
    # marked among the runs, and at the steps of the past
    page.click("#tab-runs")
    expect(page.locator("#runs tr.this .found")).to_have_attribute("data-kind", "ill")
    page.locator("#snapshot").focus()
    page.keyboard.press("Home")
    expect(page.locator("#said p")).to_contain_text("Step 0: Layers 1 and 2")
    page.get_by_role("button", name="Back to now").click()
    page.click("#train")
    wait_for_status(page, "paused")


def test_a_loss_that_is_no_number_is_cured_at_a_smaller_rate(open_page: Open, server: Server) -> None:
    page = open_page("?task=sine&optimizer=SGD&optimizer.learning_rate=100", reduced_motion="reduce")
    page.click("#train")
    wait_for_status(page, "diverged")
    broken = run_of(page, server)
    expect(page.locator("#said b")).to_have_text(f"{CAUSES['not finite'].title}.")
    expect(page.locator("#said p")).to_contain_text(f"Step {broken['step'] + 1}")
    expect(page.locator('#panels .field.lit[data-path="optimizer.learning_rate"]')).to_have_count(1)
    page.locator("#said .acts button").first.click()
    expect(page.locator(".lane")).to_have_count(2)
    page.click("#lab-close")
    expect(page.locator("#headline")).not_to_have_attribute("data-kind", "ill")
    cured = run_of(page, server)
    assert cured["configuration"]["optimizer"]["learning_rate"] <= 10
    assert cured["id"] != broken["id"]
    assert httpx.get(f"{server.url}/api/runs/{broken['id']}").json()["status"] == "diverged", "the other run is still there"
    # on a phone nothing is cut
    phone = open_page(f"?run={broken['id']}", width=390, height=844)
    expect(phone.locator("#said b")).to_have_text(f"{CAUSES['not finite'].title}.")
    phone.click("#ask-why")
    cut = phone.evaluate(
        "() => [...document.querySelectorAll('#said button, #why, #why *')].filter(e => e.clientWidth && "
        "(e.scrollWidth > e.clientWidth + 1 || e.getBoundingClientRect().right > innerWidth))"
        ".map(e => e.outerHTML.slice(0, 80))"
    )
    assert not [words for words in cut if "svg" not in words and "visually-hidden" not in words]


RINGED = """([name, colour]) => {
  const canvas = document.querySelector(name);
  const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d", {willReadFrequently: true});
  copy.drawImage(canvas, 0, 0);
  const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
  const [r, g, b] = [1, 3, 5].map(at => parseInt(colour.slice(at, at + 2), 16));
  let found = 0;
  for (let i = 0; i < data.length; i += 4) found += data[i] === r && data[i + 1] === g && data[i + 2] === b;
  return found;
}"""


def test_a_sweeps_tiles_and_a_replay_are_marked_and_the_replay_rings_the_layer(
    open_page: Open, server: Server, tmp_path: Path
) -> None:
    with httpx.Client(base_url=f"{server.url}/api", timeout=60) as api:
        axes = [{"path": "network.1.units", "values": [4, 5]}]
        group = api.post("/groups", json={"kind": "sweep", "base": {**STRAIGHT, "steps": 60}, "axes": axes}).json()
        ill = group["runs"][0]["id"]
        page = open_page(f"?sweep={group['id']}")
        tiles = page.locator(".tile .found")
        expect(tiles).to_have_count(2)
        expect(tiles.first).to_have_text(NAME[:-1])
        expect(tiles.last).to_have_attribute("data-kind", "ill")
        expect(page.locator("#sweep-words")).to_contain_text("2 of 2 done")
        file = tmp_path / "replay.html"
        file.write_bytes(api.get(f"/runs/{ill}/export/replay.html").content)
    replay = open_page(base=f"file://{file}?", offline=True, color_scheme="light")
    replay.wait_for_selector("body[data-step='60']")
    expect(replay.locator("#said .found")).to_have_text(NAME[:-1])
    expect(replay.locator("#said")).to_contain_text("Layers 1 and 2")
    expect(replay.locator("tr[data-found=ill] th")).to_have_text(re.compile("^Dense 8"))
    assert replay.evaluate(RINGED, [".view-diagram canvas", "#8f1414"]) > 40
    replay.click("#theme")
    assert replay.evaluate(RINGED, [".view-diagram canvas", "#ff7d6b"]) > 40
