"""Any runs side by side: curves over one another, settings with what differs marked, pictures at one moment, as a link."""

import httpx
from playwright.sync_api import Page, expect

from tests.browser.audit import axe
from tests.browser.page import Open
from tests.conftest import Server

ROWS = b"step,loss,val_acc\n0,2.5,0.1\n2,1.25,0.5\n4,0.625,0.625\n"
CURVES = """() => [...document.querySelectorAll('.comparison .chart-body')].map(
    body => body.data?.filter(({name}) => name !== 'words').map(({x}) => x.at(-1)))"""


def made(server: Server, task: str, **choices: object) -> str:
    """Make a run that has taken its four steps."""
    with httpx.Client(base_url=f"{server.url}/api", timeout=30) as api:
        id = api.post("/runs", json={"task": task, "steps": 4, "start": True, "evaluate_every": 1, **choices}).json()["id"]
        while api.get(f"/runs/{id}").json()["status"] in ("queued", "running"):
            api.get(f"/runs/{id}/metrics")
    return id


def ends(page: Page, expected: list[list[float]]) -> None:
    """Wait until the two charts have these curves, each told by where it ends."""
    page.wait_for_function(f"expected => JSON.stringify(({CURVES})()) === JSON.stringify(expected)", arg=expected)


def test_runs_of_any_task_and_age_stand_side_by_side_by_a_link_and_from_the_table(open_page: Open, server: Server) -> None:
    ids = [
        made(server, "xor", name="first \u05d0\u202e"),
        made(server, "sine", optimizer={"name": "Adam", "learning_rate": 0.5}),
    ]
    ids.append(httpx.post(f"{server.url}/api/runs/import", params={"name": "torch"}, content=ROWS).json()["id"])
    page = open_page(f"?run={ids[0]}&compare={','.join(ids)},gone")
    window = page.get_by_role("dialog", name="Runs side by side")
    expect(window.get_by_role("status")).to_have_text("Not on this server, or not any more: “\u2068gone\u2069”.")

    ends(page, [[4, 4], [4, 4]])  # the losses of the test of two, and the shares of the first and the one from elsewhere
    over = window.locator("#compared-over")
    charts = window.get_by_label("Which curves")
    charts.first.select_option("loss")
    ends(page, [[4, 4, 4], [4, 4]])
    per_epoch = [httpx.get(f"{server.url}/api/runs/{id}").json()["steps_per_epoch"] for id in ids[:2]]
    over.select_option("epoch")
    ends(page, [[4 * (1 / n) for n in per_epoch], [4 * (1 / per_epoch[0])]])
    expect(window.get_by_text("nobody knows how large its epochs were")).to_contain_text("torch")
    over.select_option("step")

    names = window.get_by_role("list", name="Runs in these curves")
    expect(names).to_be_hidden()
    page.set_viewport_size({"width": 390, "height": 844})  # no room at the ends of the curves
    expect(names.get_by_role("listitem")).to_have_count(3)
    page.set_viewport_size({"width": 1280, "height": 800})
    expect(names).to_be_hidden()
    window.get_by_role("button", name="More: First curves").focus()
    page.keyboard.press("Enter")
    with page.expect_download() as saved:
        page.keyboard.press("Enter")
    assert saved.value.suggested_filename == "runs-loss-over-step.png"

    line = window.locator(".differs tr", has=page.get_by_role("rowheader", name="optimizer learning rate"))
    expect(line.locator("td").nth(1)).to_have_text("0.5")
    expect(line.locator("td").nth(2)).to_have_text("–")
    expect(window.locator("thead bdi, thead b").first).to_have_text("1 \u2068first \u05d0\u202e\u2069")

    pictures = window.get_by_role("region", name="Pictures")
    expect(pictures.locator(f'[data-run="{ids[2]}"]')).to_contain_text("trained elsewhere")
    moment = pictures.get_by_label("Moment of all runs")
    expect(moment).not_to_have_attribute("max", "0")  # the moments are there
    moment.focus()
    moment.press("Home")
    for id in ids[:2]:
        expect(pictures.locator(f'[data-run="{id}"]')).to_have_attribute("data-step", "0")
    expect(pictures.locator(".moments b")).to_have_text("step 0")
    assert axe(page) == []
    pictures.get_by_role("button", name="Live").click()
    for id in ids[:2]:
        expect(pictures.locator(f'[data-run="{id}"]')).to_have_attribute("data-step", "4")

    for name, holds in (("Export CSV", "torch"), ("Export page", "3 runs side by side")):
        href = window.get_by_role("link", name=name).get_attribute("href")
        assert holds in httpx.get(server.url + href).text
    window.get_by_role("button", name="Take out 3").click()  # what is left stands in the address
    page.wait_for_function("ids => new URLSearchParams(location.search).get('compare') === ids", arg=",".join(ids[:2]))
    window.get_by_role("button", name="All runs").click()
    page.wait_for_function("() => !location.search.includes('compare')")
    table = page.get_by_role("dialog", name="All runs")
    for id in (ids[1], ids[2]):
        table.locator(f'[data-run="{id}"]').get_by_role("checkbox").click(modifiers=["ControlOrMeta"])
    table.get_by_role("button", name="Compare", exact=True).click()
    expect(window.locator("thead b")).to_have_count(2)
    expect(window.locator("thead b").last).to_contain_text("torch")
    ends(page, [[4], [4]])
    httpx.delete(f"{server.url}/api/runs/{ids[1]}")  # in another tab
    expect(pictures.locator(f'[data-run="{ids[1]}"]')).to_contain_text("deleted")
    expect(window.locator("tr", has=page.get_by_role("rowheader", name="status")).locator("td").first).to_have_text("deleted")
    csv = window.get_by_role("link", name="Export CSV")
    expect(csv).to_have_attribute("href", f"/api/compare/metrics.csv?runs={ids[2]}")
    httpx.delete(f"{server.url}/api/runs/{ids[2]}")
    page.keyboard.press("Escape")
    expect(window).to_be_hidden()
