"""Races and sweeps, as a person uses them."""

import re
from pathlib import Path

import httpx
from playwright.sync_api import Page, expect

from tests.browser.page import MESSY, Open, compare, drawn, run_of, url_of, wait_for_status
from tests.conftest import Server

DRAWN_TILES = (
    "() => [...document.querySelectorAll('.tile canvas')]"
    ".every(c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some(v => v))"
)


def group_of(page: Page, server: Server) -> dict:
    id = re.search(r"(?:race|sweep)=([0-9a-f]+)", url_of(page)).group(1)
    return httpx.get(f"{server.url}/api/groups/{id}").json()


def wait_for_lanes(page: Page, least: int) -> None:
    page.wait_for_function(
        "n => { const lanes = [...document.querySelectorAll('.lane')];"
        " return lanes.length && lanes.every(l => l.dataset.step >= n); }",
        arg=least,
    )


def test_a_race_says_what_differs_who_was_first_and_rewinds_together(open_page: Open, server: Server) -> None:
    page = open_page("?task=circles")
    drawn(page, "decision boundary")
    compare(page, "race")
    wait_for_lanes(page, 0)  # untrained, and where the picture is
    assert {lane.get_attribute("data-step") for lane in page.locator(".lane").all()} == {"0"}
    choices, lane = page.locator(".lab-choices").bounding_box(), page.locator(".lane").first.bounding_box()
    assert choices["x"] + choices["width"] <= lane["x"]
    assert lane["height"] > 500
    wide = page.viewport_size
    page.set_viewport_size({"width": 390, "height": 844})
    places = [page.locator(part).first.bounding_box()["y"] for part in (".lab-head", "#race-start", ".lane", ".lab-choices")]
    assert places == sorted(places)  # on a phone it starts with no scrolling
    page.set_viewport_size(wide)
    prepared = httpx.get(f"{server.url}/api/groups").json()[-1]
    page.click("#race-start")
    wait_for_lanes(page, 200)
    assert group_of(page, server)["id"] == prepared["id"]  # those that were seen are those that race
    expect(page.locator(".lane.card").first).to_be_in_viewport(ratio=1)
    assert [name.inner_text() for name in page.locator(".lane header b").all()] == ["Adam, 0.005", "SGD, 0.5"]
    expect(page.locator("#race-words")).to_contain_text("1. ")
    expect(page.locator("#race-words")).to_contain_text(re.compile(r"(Adam, 0.005|SGD, 0.5): \d+ steps, \d+\.\d\d s"))
    expect(page.locator(".lab-chart.js-plotly-plot")).to_have_count(1)
    wait_for_lanes(page, 700)  # pictures go on coming, those that are skipped too are answered for
    page.click("#race-all")
    expect(page.locator("#race-all")).to_contain_text("Train all")
    assert {run["status"] for run in group_of(page, server)["runs"]} == {"paused"}
    page.locator("#race-snapshot").focus()
    end = int(page.locator("#race-snapshot").get_attribute("max"))
    drag = "(e, at) => { e.value = String(at); e.dispatchEvent(new Event('input')); }"
    page.locator("#race-snapshot").evaluate(drag, end // 3)
    page.wait_for_function("n => [...document.querySelectorAll('.lane')].every(l => Number(l.dataset.step) < n)", arg=end // 2)
    steps = [int(lane.get_attribute("data-step")) for lane in page.locator(".lane").all()]
    assert max(steps) - min(steps) <= end // 4  # histories of runs that share cores have not all the same snapshots
    page.click("#race-live")
    wait_for_lanes(page, 200)
    page.reload()
    wait_for_lanes(page, 200)
    for lane in page.locator(".lane-said").all():  # the rows come after the status of a run that trains no more
        expect(lane).to_contain_text("%")
    page.locator(".lane button", has_text="open").nth(1).click()
    page.wait_for_function("() => document.querySelector('#choose-optimizer')?.value === 'SGD'")
    assert "race=" not in url_of(page)


def test_four_runs_with_two_differences_race_at_once(open_page: Open, server: Server) -> None:
    page = open_page("?task=sine")
    compare(page, "race")
    page.click("#race-more")
    page.click("#race-more")
    expect(page.locator("#race-more")).to_be_disabled()
    page.select_option("#race-value-0-2", "RMSProp")
    page.select_option("#race-value-0-3", "AdaGrad")
    page.get_by_text("+ something else differs").click()
    page.select_option("#race-what-2", "batch size")
    page.click("#race-start")
    wait_for_lanes(page, 50)
    runs = group_of(page, server)["runs"]
    assert [run["optimizer"]["name"] for run in runs] == ["Adam", "SGD", "RMSProp", "AdaGrad"]
    assert {run["status"] for run in runs} == {"running"}
    page.click("#race-stop")
    expect(page.locator("#race-all")).to_contain_text("over")
    page.keyboard.press("Escape")
    expect(page.locator("#picture")).to_be_visible()


def test_a_sweep_over_two_choices_has_small_pictures_a_heatmap_and_one_table(open_page: Open, server: Server) -> None:
    page = open_page("?task=xor")
    drawn(page, "decision boundary")  # the run is there, whose first picture the tiles show
    compare(page, "sweep")
    expect(page.locator(".tile")).to_have_count(5)
    page.wait_for_function(DRAWN_TILES)  # untrained, before the start
    for words in ("0.001, nonsense", "0.001, 1e9", ""):
        page.fill("#sweep-values-0", words)
        expect(page.locator("#sweep-values-0")).to_have_attribute("aria-invalid", "true")
        expect(page.locator(".sweep-row .refusal").first).to_contain_text("learning rate must be numbers from")
        expect(page.locator("#sweep-start")).to_be_disabled()
    page.fill("#sweep-values-0", "0.001, 0.01, 0.1")
    page.keyboard.press("Enter")
    page.click("#sweep-more")
    page.fill("#sweep-steps", "150")
    page.keyboard.press("Enter")
    expect(page.locator("#sweep-start")).to_have_text("Train 12 runs")
    wide = page.viewport_size
    page.set_viewport_size({"width": 390, "height": 844})
    places = [page.locator(part).first.bounding_box()["y"] for part in (".lab-head", "#sweep-start", ".sweep-row", ".tile")]
    assert places == sorted(places)  # on a phone what is chosen comes before the runs as they will be
    page.set_viewport_size(wide)
    page.click("#sweep-start")
    expect(page.locator("#sweep-words")).to_contain_text("12 of 12 done · best: ")
    runs = group_of(page, server)["runs"]
    scores = [float(tile.inner_text().split()[0]) for tile in page.locator(".tile-score").all()]
    assert len(scores) == 12
    assert scores == sorted(scores, reverse=True)
    page.wait_for_function("() => document.querySelector('.lab-chart')?.data?.[0]?.z?.flat().every(v => v !== null)")
    shown = page.locator(".lab-chart").evaluate("c => c.data[0].z.flat()")
    assert sorted(shown) == sorted(run["metrics"]["test_accuracy"] for run in runs)
    page.wait_for_function(DRAWN_TILES)
    page.click("#lab .saver")
    with page.expect_download() as download:
        page.click("#save-svg")
    assert b"learning rate" in Path(download.value.path()).read_bytes()
    with page.expect_download() as download:
        page.locator("#lab").get_by_role("link", name="metrics.csv").click()
    assert download.value.suggested_filename.startswith("xor-sweep-")
    page.locator(".tile").first.click()
    expect(page.locator("#picture")).to_be_visible()
    best = max(runs, key=lambda run: run["metrics"]["test_accuracy"])
    assert run_of(page, server)["metrics"]["test_accuracy"] == best["metrics"]["test_accuracy"]


def test_a_search_over_three_choices_lets_go_shows_what_mattered_and_looks_further(open_page: Open, server: Server) -> None:
    page = open_page("?task=xor")
    drawn(page, "decision boundary")
    compare(page, "sweep")
    page.fill("#sweep-number-0", "4")
    page.keyboard.press("Tab")
    expect(page.locator("#sweep-scale-0")).to_be_focused()
    page.fill("#sweep-number-0", "3")
    page.click("#sweep-more")  # what is typed is taken in, and the click too
    expect(page.locator("#sweep-what-1")).to_be_focused()
    for activation in ("LeakyReLU", "Sigmoid"):
        page.get_by_label(activation, exact=True).uncheck()
    page.click("#sweep-more")
    expect(page.locator("#sweep-start")).to_have_text("Train 24 runs")
    page.select_option("#sweep-how", "Successive halving")
    page.fill("#sweep-steps", "180")
    page.keyboard.press("Enter")
    page.fill("#sweep-repeats", "0")
    page.keyboard.press("Enter")
    expect(page.locator(".sweep-search .refusal")).to_contain_text("seeds of each must be a whole number from 1 to 20")
    expect(page.locator("#sweep-start")).to_be_disabled()
    page.fill("#sweep-repeats", "1")
    page.keyboard.press("Enter")
    page.click("#sweep-start")
    expect(page.locator("#sweep-words")).to_contain_text("24 of 24 done · best: ")
    search = group_of(page, server)["search"]
    assert search["status"] == "finished"
    assert sum(trial["status"] == "out" for trial in search["trials"]) > 12
    expect(page.locator("#sweep-words")).to_contain_text(f"{search['steps']:,} steps")
    expect(page.locator(".tile", has_text="let go at").first).to_be_attached()
    looks = page.locator("#sweep-look option").all_inner_texts()
    assert looks[1:] == ["learning rate", "activation", "batch size", "all choices", "what mattered"]
    page.select_option("#sweep-look", "what mattered")
    shares = [entry["share"] for entry in search["importance"]]
    page.wait_for_function("() => document.querySelector('.lab-chart').data?.[0]?.orientation === 'h'")
    shown = page.locator(".lab-chart").evaluate("c => c.data[0].x")
    assert [round(v, 6) for v in shown] == [round(100 * share, 6) for share in reversed(shares)]
    page.select_option("#sweep-look", "all choices")
    page.wait_for_function("() => document.querySelector('.lab-chart').layout?.dragmode === 'select'")
    box = page.locator(".lab-chart").bounding_box()
    left, top, right, bottom = page.locator(".lab-chart").evaluate(  # around the learning rate's axis, without its least value
        "c => { const { xaxis: x, yaxis: y } = c._fullLayout; return [x._offset + x.l2p(-0.2), y._offset + y.l2p(1.04),"
        " x._offset + x.l2p(0.3), y._offset + y.l2p(0.3)]; }"
    )
    page.mouse.move(box["x"] + left, box["y"] + top)
    page.mouse.down()
    page.mouse.move(box["x"] + right, box["y"] + bottom, steps=4)
    page.mouse.up()
    rates = sorted({trial["values"][0] for trial in search["trials"]})
    assert len(rates) == 3
    least = sum(trial["values"][0] == rates[0] for trial in search["trials"])
    expect(page.locator(".tile.aside")).to_have_count(least)
    page.mouse.click(box["x"] + (left + right) / 2, box["y"] + (top + bottom) / 2)
    expect(page.locator(".tile.aside")).to_have_count(0)
    page.locator(".lab-chart").focus()
    page.keyboard.press("ArrowDown")
    greatest = [trial["values"][0] for trial in search["trials"]].count(rates[-1])
    expect(page.locator(".tile.aside")).to_have_count(24 - greatest)
    expect(page.get_by_role("slider", name="all choices")).to_have_attribute(
        "aria-valuetext", re.compile(rf"^learning rate [\d.]+: {greatest} of 24$")
    )
    page.keyboard.press("Escape")
    expect(page.locator(".tile.aside")).to_have_count(0)
    expect(page.locator("#sweep-look")).to_be_visible()  # the sweep is not left
    page.click("#sweep-like")
    expect(page.locator("#sweep-words")).not_to_contain_text("24 of 24 done")
    expect(page.locator("#sweep-words")).to_contain_text("32 of 32 done · best: ")
    expect(page.locator("#sweep-pause")).to_be_hidden()
    expect(page.locator("#sweep-stop")).to_be_disabled()  # there is nothing to stop


def test_a_sweep_outlasts_a_killed_server_and_goes_on(start_server, open_page: Open) -> None:
    first = start_server()
    page = open_page("?task=spiral", base=first.url, forgive=("ERR_", "WebSocket"))
    page.wait_for_selector("#charts .js-plotly-plot")  # the tiles wait for Plotly, and the runs must not be over by then
    compare(page, "sweep")
    page.fill("#sweep-values-0", "0.001, 0.003, 0.01")
    page.keyboard.press("Enter")
    page.fill("#sweep-steps", "1000000")  # more than anybody waits for
    page.keyboard.press("Enter")
    page.click("#sweep-start")
    page.wait_for_function(
        "() => [...document.querySelectorAll('.tile-score span')].some(s => s.textContent.startsWith('step'))"
    )
    first.kill()
    expect(page.locator("#banner")).to_contain_text("Connection lost.")
    again = start_server(port=first.port)
    expect(page.locator("#banner")).to_be_hidden()
    expect(page.locator("#sweep-further")).to_be_visible()
    expect(page.locator("#sweep-words")).to_contain_text("interrupted, because the server ended")
    page.click("#sweep-further")
    expect(page.locator(".tile-score", has_text="interrupted")).to_have_count(0)
    for run in group_of(page, again)["runs"]:
        httpx.patch(f"{again.url}/api/runs/{run['id']}", json={"steps": run["step"] + 4_000}).raise_for_status()
    expect(page.locator("#sweep-words")).to_contain_text("3 of 3 done")
    expect(page.locator("#sweep-further")).to_be_hidden()


def test_a_race_that_never_starts_leaves_nothing_and_a_refused_one_says_why(open_page: Open, server: Server) -> None:
    page = open_page("?task=moons", forgive=(MESSY,))
    drawn(page, "decision boundary")
    before = {group["id"] for group in httpx.get(f"{server.url}/api/groups").json()}
    page.route("**/static/**", lambda route: route.fulfill(status=410))  # the laboratory is loaded when it is opened
    compare(page, "race")
    expect(page.locator("#banner")).to_have_text(
        "This part could not be loaded. The page has changed since it was opened. Reload it."
    )
    page.unroute("**/static/**")
    page.route("**/static/**", lambda route: route.abort())
    compare(page, "race")
    expect(page.locator("#banner")).to_have_text(
        "This part could not be loaded. The server does not answer. Is it still running?"
    )
    page.unroute("**/static/**")
    compare(page, "race")
    wait_for_lanes(page, 0)
    page.click("#race-more")
    page.wait_for_function("() => document.querySelectorAll('.lane[data-step]').length === 3")
    page.keyboard.press("Escape")
    expect(page.locator("#picture")).to_be_visible()
    page.wait_for_function(
        "async before => (await (await fetch('/api/groups')).json()).every(g => before.includes(g.id))", arg=list(before)
    )
    page.route(
        "**/api/groups",
        lambda route: (
            route.fulfill(status=429, json={"error": {"message": "There are too many runs: delete some first.", "field": None}})
            if route.request.method == "POST"
            else route.continue_()
        ),
    )
    for kind in ("race", "sweep"):
        compare(page, kind)
        page.click(f"#{kind}-start")
        expect(page.locator(".lab-head.ill")).to_contain_text("too many runs: delete some first")
        expect(page.locator(".lab-head.ill")).to_be_in_viewport(ratio=1)
        expect(page.locator(f"#{kind}-start")).to_be_enabled()
        page.keyboard.press("Escape")


def test_a_sweep_that_waits_says_for_what(open_page: Open, server: Server) -> None:
    page = open_page("?task=spiral&steps=1000000")
    drawn(page, "decision boundary")
    page.click("#train")
    wait_for_status(page, "running")
    compare(page, "sweep")
    page.fill("#sweep-values-0", "0.001, 0.002, 0.003, 0.004, 0.005, 0.006, 0.007, 0.008")
    page.keyboard.press("Enter")
    page.fill("#sweep-steps", "5000")
    page.click("#sweep-start")
    expect(page.locator("#sweep-words")).to_contain_text(
        re.compile(r"\d+ waits? for a free core, 1 of them taken by a run outside")
    )
    expect(page.locator(".tile-score", has_text="waits its turn").first).to_be_visible()
    page.click("#sweep-stop")
    expect(page.locator("#sweep-words")).not_to_contain_text("for a free core")
