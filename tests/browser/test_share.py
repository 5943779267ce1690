"""To share a run: a file that replays it, a code for a class, a link to watch, a lesson, and a notice when it ends."""

import re
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.page import Open, drawn, run_of, url_of, wait_for_status, wait_for_step
from tests.conftest import Server
from tests.fixtures.version_0_3_0 import WROTE, says_all_of
from tests.server.api import wait_for

LINKS = WROTE["links"]
"""Those that were made with version 0.3.0."""

NOTED = """
  window.noted = [];
  window.Notification = class {
    static permission = "granted";
    static requestPermission() { return Promise.resolve("granted"); }
    constructor(title, more) { window.noted.push([title, more.body]); }
    close() {}
  };
  window.looksAway = false;
  Object.defineProperty(document, "hidden", { get: () => window.looksAway });
"""


def replayed(open_page: Open, page: Page, tmp_path: Path) -> Page:
    page.click("#save")
    with page.expect_download(timeout=60_000) as download:
        page.click("#save-replay")
    file = tmp_path / "replay.html"
    download.value.save_as(file)
    other = open_page(base=f"file://{file}?", offline=True)
    other.wait_for_selector("body[data-step]")
    return other


def pixels(page: Page, picture: str) -> str:
    return page.locator(picture).first.evaluate("c => c.toDataURL()")


def test_replay_html_shows_the_history_without_a_server(open_page: Open, server: Server, tmp_path: Path) -> None:
    page = open_page()
    drawn(page, "decision boundary")
    page.click("#train")
    wait_for_step(page, 150)
    page.click("#train")
    wait_for_status(page, "paused")
    step = run_of(page, server)["step"]
    replay = replayed(open_page, page, tmp_path)
    assert replay.evaluate("Number(document.body.dataset.step)") == step
    expect(replay.locator("#words")).to_contain_text(f"step {step:,} · loss")
    expect(replay.locator("article.card")).to_have_count(5)
    boundary, graph = ".view-field canvas", ".graph canvas"
    last = pixels(replay, boundary), pixels(replay, graph)
    replay.locator("#snapshot").press("Home")
    replay.wait_for_function("() => document.body.dataset.step === '0'")
    assert pixels(replay, boundary) != last[0]
    assert pixels(replay, graph) != last[1]
    replay.click("#play")
    replay.wait_for_function("s => Number(document.body.dataset.step) === s", arg=step)
    assert pixels(replay, boundary) == last[0]
    replay.keyboard.press("ArrowLeft")
    replay.wait_for_function("s => Number(document.body.dataset.step) < s", arg=step)
    replay.click("#theme")
    assert "<script src" not in (tmp_path / "replay.html").read_text()


def test_every_kind_of_task_can_be_replayed(open_page: Open, server: Server, tmp_path: Path) -> None:
    for task in ("mnist", "memory", "text", "optimizers", "table", "numbers", "painted"):
        with httpx.Client(base_url=f"{server.url}/api", timeout=60) as api:
            id = api.post("/runs", json={"task": task, "steps": 6}).json()["id"]
            wait_for(api, id, lambda run: run["status"] == "finished")
            answer = api.get(f"/runs/{id}/export/replay.html")
        file = tmp_path / f"{task}.html"
        file.write_bytes(answer.content)
        page = open_page(base=f"file://{file}?", offline=True)
        page.wait_for_selector("body[data-step='6']")
        page.locator("#snapshot").press("Home")
        page.wait_for_function("() => document.body.dataset.step === '0'")
        assert "click" not in " ".join(page.locator(".caption").all_inner_texts())
        page.close()


def test_a_run_that_has_not_begun_has_nothing_to_replay(open_page: Open) -> None:
    page = open_page(forgive=("409",))
    drawn(page, "decision boundary")
    page.click("#save")
    page.click("#save-replay")
    expect(page.locator("#banner")).to_contain_text("has not begun")
    expect(page.locator("#save-replay")).to_contain_text("replay.html")


def test_the_code_says_the_link_and_a_long_one_has_none(open_page: Open) -> None:
    page = open_page("?task=moons")
    drawn(page, "decision boundary")
    page.click("#share")
    code = page.locator("#share-code")
    page.wait_for_function("() => document.querySelector('#share-code').naturalWidth > 20")
    link = page.locator("#share-link").input_value()
    assert httpx.URL(code.evaluate("i => i.src")).params["text"] == link
    expect(page.locator(".share-words")).to_contain_text("on this machine only")
    page.keyboard.press("Escape")
    drawing = "".join(f"A{a}A{b}A" for a in "ABCDEFGHIJKLMNOP" for b in "ABCDEFGHIJKLMNOPQ")
    long = open_page(f"?task=painted&data.drawing={drawing}")
    drawn(long, "decision boundary")
    long.click("#share")
    expect(long.locator("#share-code")).to_be_hidden()
    expect(long.locator(".share-words")).to_contain_text("too many for a code")


def test_a_link_to_watch_lets_a_class_see_the_run_live_with_a_cursor_of_its_own(start_server, open_page: Open) -> None:
    server = start_server("--token", "t" * 20, "--view-only", "v" * 20)
    base = server.url.partition("?")[0].rstrip("/")
    teacher = open_page(f"?token={'t' * 20}", base=base)
    drawn(teacher, "decision boundary")
    teacher.click("#train")
    wait_for_step(teacher, 60)
    teacher.click("#share")
    teacher.select_option("#share-kind", "watch")
    teacher.wait_for_function("() => document.querySelector('#share-link').value.includes('token=')")
    link = teacher.locator("#share-link").input_value()
    assert "v" * 20 in link and "t" * 20 not in link
    teacher.keyboard.press("Escape")
    pupil = open_page(link.removeprefix(base).lstrip("/"), base=base)
    drawn(pupil, "decision boundary")
    assert re.search(r"run=(\w+)", url_of(pupil))[1] == re.search(r"run=(\w+)", url_of(teacher))[1]
    expect(pupil.locator("#train")).to_be_hidden()
    pupil.keyboard.press("ArrowLeft")
    pupil.wait_for_function("() => document.body.classList.contains('past')")
    assert not teacher.evaluate("document.body.classList.contains('past')")
    assert pupil.evaluate("fetch('/api/watchers').then(r => r.json())") == {"token": None}
    pupil.keyboard.press("Escape")
    pupil.click("#tab-runs")
    pupil.click("#all-runs")
    table = pupil.locator("#library")
    table.locator("[data-run] .box").first.click()
    expect(table.locator(".runs-acts")).to_contain_text("1 selected")
    for change in ("Import CSV", "Rename", "Tag", "Note", "Delete"):  # of a table that is only read
        expect(table.get_by_text(change, exact=True).and_(table.locator("button, label"))).to_have_count(0)
    expect(table.locator(".write")).to_have_count(0)


def test_the_end_of_a_run_is_noticed_by_who_looks_elsewhere(open_page: Open, server: Server) -> None:
    page = open_page("?task=blobs&steps=1000000", script=NOTED)
    drawn(page, "decision boundary")
    page.click("#save")
    page.check("#notices")
    page.keyboard.press("Escape")
    page.click("#train")
    wait_for_step(page, 5)
    expect(page).to_have_title(re.compile("▶ Blobs"))
    page.evaluate("() => { window.looksAway = true; }")
    run = f"{server.url}/api/runs/{run_of(page, server)['id']}"
    steps = httpx.post(f"{run}/pause").json()["step"] + 200  # while it trains, it may be beyond that before it hears of it
    httpx.patch(run, json={"steps": steps}).raise_for_status()
    httpx.post(f"{run}/resume").raise_for_status()
    wait_for_status(page, "finished")
    expect(page).to_have_title(re.compile("✓ finished Blobs"))
    assert page.evaluate("window.noted") == [["Blobs: finished", f"after {steps:,} steps"]]


def test_a_run_that_breaks_says_so_in_the_title(open_page: Open) -> None:
    page = open_page("?task=sine&optimizer=SGD&optimizer.learning_rate=10&speed=none", script=NOTED)
    drawn(page, "fitted curve")
    page.click("#train")
    wait_for_status(page, "diverged")
    expect(page).to_have_title(re.compile("✗ diverged Sine"))
    expect(page.locator("#headline")).to_contain_text("the loss is no number")


LOCKED = "e => [...e.querySelectorAll('input, select, button')].every(one => one.closest('[inert]'))"


def test_a_link_hides_and_locks_and_survives_a_reload(open_page: Open) -> None:
    page = open_page("?task=circles&hide=tasks,training,nonsense&lock=network,speed")
    expect(page.locator("#banner")).to_contain_text("hide=nonsense")
    drawn(page, "decision boundary")
    for _ in range(2):
        expect(page.locator("#shelf")).to_be_hidden()
        expect(page.locator('.panel[data-name="Training"]')).to_be_hidden()
        expect(page.locator('.panel[data-name="Data"]')).to_be_visible()
        assert page.locator('.panel[data-name="Network"]').evaluate(LOCKED)
        page.locator(".layer-more > summary").first.click()
        expect(page.locator(".layer-moves").first).to_be_visible()  # what is locked can be read
        assert page.locator(".speed").evaluate("e => e.inert")
        assert "hide=tasks,training" in url_of(page)
        page.click("#train")
        wait_for_step(page, 20)
        page.reload()
        drawn(page, "decision boundary")


def test_the_share_window_makes_the_link(open_page: Open) -> None:
    page = open_page("?task=sine")
    drawn(page, "fitted curve")
    page.locator('[data-path="batch_size"] input.number').fill("64")
    page.locator('[data-path="batch_size"] input.number').press("Enter")
    page.wait_for_function("() => location.search.includes('batch_size=64')")
    page.click("#share")
    page.select_option("#share-data", "hidden")
    page.select_option("#share-network", "locked")
    page.select_option("#share-runs", "hidden")
    page.select_option("#share-runs", "as it is")
    link = page.locator("#share-link").input_value()
    assert link.endswith("?task=sine&batch_size=64&hide=data&lock=network")
    page.click("#share-copy")
    expect(page.locator("#share-copy")).not_to_have_text("Copy the link")
    page.keyboard.press("Escape")
    pupil = open_page("?" + link.partition("/?")[2], width=390, height=844)
    expect(pupil.locator('.panel[data-name="Data"]')).to_be_hidden()
    offered = pupil.locator("#phone-knob option").evaluate_all("all => all.map(option => option.value)")
    assert "optimizer.learning_rate" in offered
    assert not [path for path in offered if path.startswith(("data.", "network."))], "no way round it on a phone"
    expect(pupil.locator('[data-path="batch_size"] input.number')).to_have_value("64")


@pytest.mark.parametrize("link", LINKS, ids=[link["configuration"]["task"] for link in LINKS])
def test_a_link_of_0_3_0_opens_with_its_choices(open_page: Open, server: Server, link: dict) -> None:
    page = open_page(link["address"])
    page.wait_for_url("**run=*")
    assert says_all_of(run_of(page, server)["configuration"], link["configuration"])
    expect(page.locator("#banner")).to_be_hidden()
    assert link["address"].partition("?")[2] in url_of(page).replace(f"run={run_of(page, server)['id']}", "").replace("&&", "&")
    for name in link.get("hide", []):
        expect(page.locator(f'.panel[data-name="{name.capitalize()}"]')).to_be_hidden()
    for name in link.get("lock", []):
        assert page.locator(f'.panel[data-name="{name.capitalize()}"]').evaluate(LOCKED)
