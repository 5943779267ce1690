"""The runs: told apart by what differs; all in a table: found, sorted, grouped, named, tagged, deleted and brought back."""

import re
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.page import MESSY, Open, other_run, run_of, url_of
from tests.conftest import Server


def made(server: Server, **choices: object) -> str:
    run = httpx.post(f"{server.url}/api/runs", json={"task": "xor", "steps": 4, "start": True, **choices}).json()
    return run["id"]


def row(page: Page, id: str) -> Locator:
    return page.locator(f'#runs tr[data-run="{id}"]')


def ended(server: Server, id: str) -> None:
    with httpx.Client(base_url=f"{server.url}/api") as api:
        while api.get(f"/runs/{id}").json()["status"] in ("queued", "running"):
            api.get(f"/runs/{id}/metrics")


@pytest.fixture
def runs(server: Server) -> list[str]:
    """Make three runs of XOR that have ended, of which one learns slowly and one has another seed."""
    ids = [
        made(server, name="first"),
        made(server, name="slow", optimizer={"name": "Adam", "learning_rate": 0.0001}),
        made(server, name="seeded", seed=77, steps=8),
    ]
    for id in ids:
        ended(server, id)
    return ids


def test_an_old_run_is_told_from_the_others_by_its_settings_and_opened_by_a_click(
    open_page: Open, server: Server, runs: list[str]
) -> None:
    page = open_page(f"?run={runs[0]}")
    page.click("#tab-runs")
    expect(row(page, runs[1]).locator(".run-settings")).to_have_text("learning rate 0.0001")
    expect(row(page, runs[2]).locator(".run-settings")).to_have_text("steps 8, seed 77")
    expect(row(page, runs[0])).to_have_class("this")
    expect(row(page, runs[0]).locator(".run-settings")).to_contain_text("learning rate")
    expect(row(page, runs[2]).locator("td").first).to_have_text("8")
    row(page, runs[2]).locator("td").first.click()
    page.wait_for_function("id => location.search.includes(id)", arg=runs[2])
    expect(row(page, runs[2])).to_have_class("this")
    assert run_of(page, server)["id"] == runs[2]


def test_runs_are_sorted_by_what_their_head_says(open_page: Open, runs: list[str]) -> None:
    page = open_page(f"?run={runs[0]}")
    page.click("#tab-runs")
    steps = (
        "() => [...document.querySelectorAll('#runs tbody tr')].map(r => Number(r.children[1].textContent.replace(',', '')))"
    )
    page.wait_for_function("() => document.querySelectorAll('#runs tbody tr').length >= 3")
    head = page.get_by_role("columnheader", name="Steps")
    head.get_by_role("button").click()
    expect(head).to_have_attribute("aria-sort", "descending")
    assert page.evaluate(steps) == sorted(page.evaluate(steps), reverse=True)
    head.get_by_role("button").click()
    expect(head).to_have_attribute("aria-sort", "ascending")
    assert page.evaluate(steps) == sorted(page.evaluate(steps))


def all_runs(page: Page) -> Locator:
    """Open the table of all runs, and wait until some are there."""
    page.click("#tab-runs")
    page.click("#all-runs")
    table = page.get_by_role("dialog", name="All runs")
    table.locator("[data-run]").first.wait_for()
    return table


def line(table: Locator, id: str) -> Locator:
    return table.locator(f'[data-run="{id}"]')


def filtered(table: Locator, words: str, number: int) -> None:
    """Say which runs are wanted, and wait until so many are there."""
    table.get_by_role("combobox", name="Filter", exact=True).fill(words)
    expect(table.locator(".runs-count")).to_have_text(re.compile(rf"^{number} of "))


def test_a_name_is_written_in_its_place_and_escape_gives_it_back(open_page: Open, server: Server, runs: list[str]) -> None:
    page = open_page(f"?run={runs[0]}")
    table = all_runs(page)
    name = line(table, runs[1]).locator("[data-column=name]")
    name.focus()
    page.keyboard.press("F2")
    written = table.get_by_label("Name of slow")
    written.fill("slow and wro")
    page.keyboard.press("Escape")
    expect(written).to_have_count(0)
    expect(name).to_be_focused()
    page.keyboard.press("F2")
    written.fill("\u202eslow\u202c and right")
    page.keyboard.press("Enter")
    expect(line(table, runs[1]).locator("bdi")).to_have_text("\u202eslow\u202c and right")
    assert httpx.get(f"{server.url}/api/runs/{runs[1]}").json()["name"] == "\u202eslow\u202c and right"
    page.keyboard.press("Escape")
    expect(table).to_be_hidden()
    direction = row(page, runs[1]).locator(".run-name bdi")
    expect(direction).to_have_text("\u202eslow\u202c and right")


def test_a_link_with_an_order_that_is_none_shows_the_runs_and_their_notes_stay_whole(
    open_page: Open, server: Server, runs: list[str]
) -> None:
    note = "one\ntwo " + "long " * 50 + "end"
    httpx.patch(f"{server.url}/api/runs/{runs[1]}", json={"note": note})
    page = open_page(f"?run={runs[0]}&runs=&runs.columns=name,note&runs.order=-nothing", forgive=(MESSY,))
    table = page.get_by_role("dialog", name="All runs")
    expect(table.locator(".runs-lost")).to_contain_text("there is no column 'nothing'")
    place = line(table, runs[1]).locator("[data-column=note]")
    place.focus()
    page.keyboard.press("F2")
    written = table.get_by_role("textbox", name="Note of slow", exact=True)
    expect(written).to_have_value(note.replace("\n", " "))
    line(table, runs[2]).locator("[data-column=note]").focus()
    expect(written).to_have_count(0)
    assert httpx.get(f"{server.url}/api/runs/{runs[1]}").json()["note"] == note
    place.focus()
    page.keyboard.press("F2")
    page.keyboard.press("End")
    page.keyboard.type(" of it")
    page.keyboard.press("Enter")
    expect(place).to_contain_text("end of it")
    place.focus()
    page.keyboard.press("Shift+ArrowDown")
    expect(table.get_by_text("2 selected")).to_be_visible()
    page.reload()
    expect(table.locator("[data-run]").first).to_be_visible()  # what is looked at stands in the address, without that order
    assert "nothing" not in url_of(page)


def test_many_are_deleted_at_once_and_brought_back_also_after_a_reload(
    open_page: Open, server: Server, runs: list[str]
) -> None:
    page = open_page(f"?run={runs[0]}")
    table = all_runs(page)
    filtered(table, f"id = {runs[1]} or id = {runs[2]} or id = {runs[0]}", 3)
    line(table, runs[2]).get_by_role("checkbox").click()
    line(table, runs[0]).get_by_role("checkbox").click(modifiers=["Shift"])
    expect(table.get_by_text("3 selected")).to_be_visible()
    table.get_by_role("button", name="Delete", exact=True).click()
    expect(table.locator("[data-run]")).to_have_count(1)  # the one on the page stays, and it is said
    expect(line(table, runs[0])).to_have_class(re.compile("this"))
    expect(table.get_by_text("The run on the page stays")).to_be_visible()
    assert httpx.get(f"{server.url}/api/runs/{runs[1]}").status_code == 404
    page.reload()
    table = page.get_by_role("dialog", name="All runs")  # the address says that it is open, and of what
    expect(table.locator("[data-run]")).to_have_count(1)
    table.get_by_role("button", name="Undo: bring back 2 runs").click()
    expect(table.locator("[data-run]")).to_have_count(3)
    expect(table.locator(".deleted-runs li")).to_have_count(0)
    for id in runs:
        assert httpx.get(f"{server.url}/api/runs/{id}").status_code == 200


def test_all_that_match_are_tagged_sorted_by_two_heads_grouped_and_kept_in_a_link(
    open_page: Open, server: Server, runs: list[str]
) -> None:
    page = open_page(f"?run={runs[0]}", forgive=(MESSY,))
    table = all_runs(page)
    line_of_filter = table.get_by_role("combobox", name="Filter", exact=True)
    line_of_filter.click()
    page.keyboard.type("task = xor and st")
    table.get_by_role("option", name="steps").click()
    page.keyboard.type("<")
    expect(table.get_by_role("alert")).to_contain_text("filter, character")  # half a filter: said as soon as one rests
    page.keyboard.type("= 4")
    page.keyboard.press("Enter")
    expect(table.get_by_role("alert")).to_be_hidden()
    ids = f"(id = {runs[0]} or id = {runs[1]} or id = {runs[2]})"
    filtered(table, f"task = xor and {ids}", 3)
    table.get_by_role("checkbox", name="Select all runs that match").click()
    table.get_by_role("button", name="Tag", exact=True).click()
    table.get_by_label("A tag for all").fill("paper, figure 3")
    page.keyboard.press("Enter")
    expect(line(table, runs[2]).locator(".tag")).to_have_text(["paper", "figure 3"])
    assert httpx.get(f"{server.url}/api/runs/{runs[1]}").json()["tags"] == ["paper", "figure 3"]
    expect(table.get_by_label("Filter by tag")).to_contain_text("figure 3")
    page.keyboard.press("Escape")
    table.get_by_role("button", name="Columns").click()
    table.get_by_label("Search all columns").fill("seed")
    table.get_by_label("Seed", exact=True).check()
    page.keyboard.press("Escape")
    step, seed = (table.locator(f"[role=columnheader][data-column={name}]") for name in ("step", "seed"))
    step.get_by_role("button").click()
    expect(step).to_have_attribute("aria-sort", "descending")
    step.get_by_role("button").click()
    seed.get_by_role("button").click(modifiers=["Shift"])
    expect(seed).to_have_attribute("aria-sort", "descending")
    expect(step).to_have_attribute("aria-sort", "ascending")
    expect(table.locator("[data-run]").last).to_have_attribute("data-run", runs[2])
    table.get_by_label("Group by").select_option("task")
    group = table.get_by_role("row", name="XOR")
    expect(table.locator("[data-run]")).to_have_count(0)  # until then the runs themselves have that name
    expect(group).to_contain_text("3 runs")
    group.focus()
    group.get_by_role("gridcell").focus()
    page.keyboard.press("ArrowRight")
    expect(table.locator("[data-run]")).to_have_count(3)
    page.goto(url_of(page))
    table = page.get_by_role("dialog", name="All runs")
    expect(table.get_by_role("row", name="XOR")).to_contain_text("3 runs")
    expect(seed).to_have_attribute("aria-sort", "descending")
    assert line_of_filter.input_value() == f"task = xor and {ids}"
    table.get_by_label("Group by").select_option("")
    with page.expect_download() as saved:
        table.get_by_role("button", name="Export CSV").click()
    lines = Path(saved.value.path()).read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("id,name,")
    assert sorted(text.split(",")[0] for text in lines[1:]) == sorted(runs)
    line(table, runs[2]).get_by_role("button", name="seeded", exact=True).click()
    other_run(page, runs[0])
    expect(table).to_be_hidden()


def test_a_new_run_appears_trains_in_its_place_and_goes_and_rows_from_elsewhere_come_in(
    open_page: Open, server: Server, runs: list[str]
) -> None:
    page = open_page(f"?run={runs[0]}", forgive=(MESSY,))
    table = all_runs(page)
    made_now = made(server, name="live", steps=100_000, speed=50)
    expect(table.locator("[data-run]").first).to_have_attribute("data-run", made_now)
    expect(line(table, made_now)).to_contain_text("running")
    text = line(table, made_now).inner_text()
    expect(line(table, made_now)).not_to_have_text(text)
    httpx.delete(f"{server.url}/api/runs/{made_now}")
    expect(line(table, made_now)).to_have_count(0)
    rows = {"name": "resnet.csv", "mimeType": "text/csv", "buffer": b"step,loss,val_acc\n1,2.5,0.1\n2,1.5,0.625\n"}
    table.get_by_label("Import CSV").set_input_files([rows, {**rows, "name": "words.csv", "buffer": b"no,rows\nat,all\n"}])
    brought = table.locator("[data-run]").first
    expect(brought).to_contain_text("resnet")
    expect(brought).to_contain_text("62.5 %")
    reading = table.get_by_role("list", name="Imported just now")
    expect(reading).to_contain_text("shares from 0 to 1, for none is over 0.625")
    httpx.patch(f"{server.url}/api/runs/{brought.get_attribute('data-run')}", json={"name": "torch", "tags": ["own"]})
    reading.get_by_label("Accuracies").select_option("percent")  # that keeps what it was called meanwhile
    expect(reading).to_contain_text("per cent, as you said")
    expect(table.locator("[data-run]", has_text="0.6 %")).to_have_count(1)
    expect(table.locator("[data-run]", has_text="torch")).to_have_count(1)
    expect(table.locator("[data-run]", has_text="resnet")).to_have_count(0)
    assert httpx.get(f"{server.url}/api/runs/{brought.get_attribute('data-run')}").json()["tags"] == ["own"]
    expect(table.locator(".runs-lost")).to_contain_text("words.csv\u2069: ")  # and why not
    brought.get_by_role("button", name="torch", exact=True).click()
    expect(table.locator(".runs-lost")).to_contain_text("trained elsewhere")
    httpx.delete(f"{server.url}/api/runs/{brought.get_attribute('data-run')}")


def test_on_a_wide_screen_the_runs_stand_under_the_knobs(open_page: Open, runs: list[str]) -> None:
    page = open_page(f"?run={runs[0]}")
    page.set_viewport_size({"width": 1920, "height": 1080})
    expect(page.locator("#wide-runs #runs tr.this")).to_be_visible()
    expect(page.locator("#tab-runs")).to_have_count(0)
    page.set_viewport_size({"width": 1280, "height": 800})
    expect(page.locator("#wide-runs")).to_be_hidden()
    page.click("#tab-runs")
    expect(page.locator("#tabs #runs tr.this")).to_be_visible()
