"""The runs: told apart by what differs, sorted, renamed with a way back, deleted and brought back."""

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.page import Open, run_of
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


def test_escape_gives_a_half_typed_name_back(open_page: Open, server: Server, runs: list[str]) -> None:
    page = open_page(f"?run={runs[0]}")
    page.click("#tab-runs")
    page.click("#all-runs")
    name = page.locator(f'#library tr[data-run="{runs[1]}"] input').first
    name.fill("slow and wro")
    page.keyboard.press("Escape")
    expect(name).to_have_value("slow")
    expect(page.locator("#library")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#library")).to_be_hidden()
    assert httpx.get(f"{server.url}/api/runs/{runs[1]}").json()["name"] == "slow"


def test_several_deletions_are_undone_also_after_a_reload(open_page: Open, server: Server, runs: list[str]) -> None:
    page = open_page(f"?run={runs[0]}")
    page.click("#tab-runs")
    page.click("#all-runs")
    for id in runs[1:]:
        page.locator(f'#library tr[data-run="{id}"]').get_by_text("Delete").click()
        expect(page.locator(f'#library tr[data-run="{id}"]')).to_have_count(0)
    expect(page.locator(".deleted-runs li")).to_have_count(2)
    page.reload()
    page.click("#tab-runs")
    page.click("#all-runs")
    expect(page.locator(".deleted-runs li")).to_have_count(2)
    for words in ("slow", "seeded"):
        page.get_by_role("button", name=f"Undo: bring back {words}").click()
    expect(page.locator(".deleted-runs li")).to_have_count(0)
    for id in runs:
        expect(page.locator(f'#library tr[data-run="{id}"]')).to_have_count(1)
        assert httpx.get(f"{server.url}/api/runs/{id}").status_code == 200


def test_on_a_wide_screen_the_runs_stand_under_the_knobs(open_page: Open, runs: list[str]) -> None:
    page = open_page(f"?run={runs[0]}")
    page.set_viewport_size({"width": 1920, "height": 1080})
    expect(page.locator("#wide-runs #runs tr.this")).to_be_visible()
    expect(page.locator("#tab-runs")).to_have_count(0)
    page.set_viewport_size({"width": 1280, "height": 800})
    expect(page.locator("#wide-runs")).to_be_hidden()
    page.click("#tab-runs")
    expect(page.locator("#tabs #runs tr.this")).to_be_visible()
