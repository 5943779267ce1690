"""The page in a real browser, as a person uses it."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import httpx
from playwright.sync_api import expect

from server.messages import COLUMNS
from tests.browser.page import (
    MESSY,
    Open,
    bring,
    choose_task,
    drawn,
    open_layer,
    other_run,
    pixels,
    run_of,
    step,
    teacher_and_visitor,
    url_of,
    wait_for_status,
    wait_for_step,
)
from tests.conftest import Server


def test_where_no_more_runs_are_kept_the_newest_is_shown_and_the_reason_said(start_server, open_page: Open) -> None:
    server = start_server(NN_BASICS_MAX_RUNS="1")
    kept = httpx.post(f"{server.url}/api/runs", json={"task": "moons", "steps": 20, "name": "kept"}).json()
    page = open_page(base=server.url, forgive=(MESSY,))
    drawn(page, "decision boundary")
    expect(page.locator("#banner")).to_contain_text(
        "1 runs are kept already; delete some of them first. Here is the newest one."
    )
    assert run_of(page, server)["id"] == kept["id"]


def test_it_opens_on_the_untrained_spiral_and_learns_it(open_page: Open) -> None:
    page = open_page()
    drawn(page, "decision boundary")
    drawn(page, "network")
    assert step(page) == 0
    before = pixels(page, "decision boundary"), pixels(page, "network")
    page.click("#train")
    wait_for_status(page, "running")
    page.wait_for_function("() => parseFloat(document.querySelector('[data-value=\"test accuracy\"]').textContent) >= 98")
    drawn(page, "decision boundary", 300)
    assert pixels(page, "decision boundary") != before[0]
    assert pixels(page, "network") != before[1]
    expect(page.locator("#charts .js-plotly-plot")).to_have_count(2)
    page.click("#stop")
    wait_for_status(page, "stopped")
    expect(page.locator("#train")).to_have_text("Train again")


def test_pause_stops_the_steps_and_step_makes_exactly_one(open_page: Open) -> None:
    page = open_page()
    page.click("#train")
    wait_for_step(page, 20)
    page.click("#train")
    wait_for_status(page, "paused")
    expect(page.locator("#train")).to_have_text("Continue")
    at = step(page)
    page.click("#step")
    expect(page.locator('[data-value="step"]')).to_have_text(f"{at + 1:,}")
    drawn(page, "decision boundary", at + 1)
    page.keyboard.press("ArrowRight")
    expect(page.locator('[data-value="step"]')).to_have_text(f"{at + 2:,}")
    page.click("#stop")


def test_reset_gives_the_same_start_and_new_weights_or_new_data_another_part_of_it(open_page: Open, server: Server) -> None:
    page = open_page()
    drawn(page, "decision boundary")
    first = pixels(page, "decision boundary")
    page.click("#train")
    wait_for_step(page, 50)
    page.click("#train")
    wait_for_status(page, "paused")
    page.keyboard.press("r")
    page.wait_for_function(
        "() => document.body.dataset.status === 'paused' && document.querySelector('[data-value=step]').textContent === '0'"
    )
    page.wait_for_function("() => document.querySelector('[data-picture=\"decision boundary\"]').dataset.step === '0'")
    assert pixels(page, "decision boundary") == first
    before = run_of(page, server)
    page.keyboard.press("n")
    other_run(page, before["id"])
    weights = run_of(page, server)
    seed = before["configuration"]["seed"]
    assert weights["configuration"] == before["configuration"] | {"seed": weights["configuration"]["seed"], "data_seed": seed}
    assert weights["configuration"]["seed"] != seed
    page.keyboard.press("d")
    other_run(page, weights["id"])
    data = run_of(page, server)
    assert data["configuration"] == weights["configuration"] | {"data_seed": data["configuration"]["data_seed"]}
    assert data["configuration"]["data_seed"] != seed
    assert f"data_seed={data['configuration']['data_seed']}" in url_of(page)
    page.keyboard.press("Control+z")
    other_run(page, data["id"])
    assert run_of(page, server)["configuration"] == weights["configuration"]
    choose_task(page, "mnist")
    expect(page.locator("#new-data")).to_be_disabled()
    expect(page.locator("#new-data")).to_have_attribute("title", "The examples of this task are always the same")


KINDS = {
    "sine": ["fitted curve", "network"],
    "mnist": ["digits", "filters", "feature maps", "confusion"],
    "autoencoder": ["reconstructions", "latent space", "filters", "network"],
    "memory": ["hidden state and gates", "gradient through time", "network"],
    "rows": ["guesses row by row", "hidden state and gates", "gradient through time", "network"],
    "reverse": ["attention", "accuracy at every place", "network"],
    "optimizers": ["surface"],
}


def test_every_kind_of_task_shows_its_views_and_learns(open_page: Open, server: Server) -> None:
    page = open_page()
    drawn(page, "decision boundary")
    for task, views in KINDS.items():
        last = run_of(page, server)["id"]
        choose_task(page, task)
        other_run(page, last)
        before = {}
        for view in views:
            bring(page, view)
            expect(page.locator(f'[data-picture="{view}"]')).to_have_attribute("data-step", "0")  # and not the last task's
            before[view] = pixels(page, view)
        page.click("#train")
        for view in views:
            bring(page, view, 10)
            assert pixels(page, view) != before[view], (task, view)
        page.click("#stop")
        wait_for_status(page, "stopped")


FIRST_ANSWER_LATE = """
const fetch = window.fetch;
let first = true;
window.fetch = async (path, options) => {
  const late = first && options?.method === "POST";
  if (late) first = false;
  const answer = await fetch(path, options);
  if (late) await new Promise((resolve) => setTimeout(resolve, 600));
  if (late) setTimeout(() => { window.delivered = true; });
  return answer;
};
"""


def test_a_task_chosen_while_the_first_run_is_on_its_way_is_the_one_shown(open_page: Open, server: Server) -> None:
    page = open_page(script=FIRST_ANSWER_LATE)
    choose_task(page, "optimizers")
    page.wait_for_function("() => window.delivered")
    drawn(page, "surface")
    assert run_of(page, server)["task"] == "optimizers"


def test_a_digit_can_be_chosen_and_followed(open_page: Open) -> None:
    page = open_page("?task=mnist")
    caption = page.locator('[data-picture="feature maps"] .caption')
    expect(caption).to_contain_text("test digit 0,")
    page.locator('[data-picture="digits"] canvas').focus()
    page.keyboard.press("ArrowRight")
    expect(caption).to_contain_text("test digit 1,")
    box = page.locator('[data-picture="digits"] canvas').bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(caption).not_to_contain_text("test digit 1,")


def test_a_bad_value_is_refused_in_place(open_page: Open, server: Server) -> None:
    page = open_page()
    drawn(page, "decision boundary")
    address = url_of(page)
    row = page.locator('[data-path="data.noise"]')
    row.locator("input.number").fill("7")
    row.locator("input.number").press("Enter")
    expect(row.locator(".refusal")).to_have_text("noise must be a number from 0 to 0.5, not “7”")
    assert url_of(page) == address
    row.locator("input.number").fill("0.3")
    row.locator("input.number").press("Enter")
    expect(row.locator(".refusal")).to_be_hidden()
    page.wait_for_url("**data.noise=0.3**")


def test_a_network_that_does_not_fit_is_refused_at_its_layer(open_page: Open) -> None:
    page = open_page("?task=mnist", forgive=(MESSY,))
    drawn(page, "digits")
    open_layer(page, "network.3").get_by_label("Move Flatten down").click()
    expect(page.locator('[data-path="network.3"] > .refusal')).to_contain_text("Dense wants a row of features")
    page.get_by_label("Move Flatten up").click()
    expect(page.locator('[data-path="network"] .refusal:visible')).to_have_count(0)


def test_layers_are_added_reordered_and_removed(open_page: Open, server: Server) -> None:
    page = open_page()
    drawn(page, "decision boundary")

    def layers() -> list[str]:
        return [layer["layer"] for layer in run_of(page, server)["configuration"]["network"]]

    def changed(act: Callable[[], None]) -> None:
        address = url_of(page)
        act()
        page.wait_for_function("old => location.href !== old", arg=address)

    changed(lambda: page.select_option(".adder", "ReLU"))
    assert layers() == ["Dense", "Tanh", "Dense", "Tanh", "ReLU", "Dense"]
    changed(lambda: open_layer(page, "network.4").get_by_label("Move ReLU up").click())
    assert layers() == ["Dense", "Tanh", "Dense", "ReLU", "Tanh", "Dense"]
    changed(lambda: page.get_by_label("Remove ReLU").click())
    changed(lambda: page.locator('[data-path="network.0.units"] input.number').fill("5") or page.keyboard.press("Enter"))
    expect(page.locator('[data-path="network.0"] .layer-shape')).to_have_text("2 → 5")
    drawn(page, "network")


def test_the_learning_rate_changes_while_it_trains(open_page: Open, server: Server) -> None:
    page = open_page()
    page.click("#train")
    wait_for_step(page, 10)
    before = run_of(page, server)
    field = page.locator('[data-path="optimizer.learning_rate"] input.number')
    field.fill("0.02")
    field.press("Enter")
    page.wait_for_url("**optimizer.learning_rate=0.02**")
    after = run_of(page, server)
    assert after["id"] == before["id"]
    assert after["optimizer"]["learning_rate"] == 0.02
    assert after["status"] == "running"
    page.click("#stop")


def test_a_preset_is_taken_over_whole(open_page: Open, server: Server) -> None:
    page = open_page()
    page.click("summary:has-text('Presets')")
    page.click("text=The original: 2-100-3, SGD")
    page.wait_for_url("**optimizer=SGD**")
    configuration = run_of(page, server)["configuration"]
    assert configuration["optimizer"]["learning_rate"] == 1
    assert configuration["network"][0]["units"] == 100
    assert configuration["regularizer"]["name"] == "L2"


def test_the_address_holds_everything_and_restores_it(open_page: Open, server: Server) -> None:
    query = (
        "?task=sine&network=Dense(units!9*initializer!he)~LeakyReLU(slope!0.2)~Dense&data.noise=0.2&data.fresh=true"
        "&optimizer=SGD&optimizer.momentum=0.5&regularizer=L1&seed=3&batch_size=10&speed=50"
    )
    page = open_page(query)
    drawn(page, "fitted curve")
    first = run_of(page, server)["configuration"]
    assert first["network"][0].items() >= {"layer": "Dense", "units": 9, "initializer": "he"}.items()
    assert first["network"][1] == {"layer": "LeakyReLU", "slope": 0.2}
    assert (first["data"]["noise"], first["data"]["fresh"], first["optimizer"]["momentum"]) == (0.2, True, 0.5)
    assert (first["regularizer"]["name"], first["seed"], first["batch_size"]) == ("L1", 3, 10)
    again = open_page("?" + re.sub("&?run=[0-9a-f]+", "", url_of(page).partition("?")[2]))
    drawn(again, "fitted curve")
    assert run_of(again, server)["configuration"] == first
    assert len(url_of(page)) < 330


def test_nonsense_in_the_address_is_named_and_left_out(open_page: Open) -> None:
    page = open_page("?task=spiral&colour=red&network=Foo~Bar&optimizer=Best")
    drawn(page, "decision boundary")
    expect(page.locator("#banner")).to_contain_text("the default stands there: optimizer=Best, colour=red, network=Foo~Bar")


def test_what_the_address_asks_for_is_refused_with_words_and_the_defaults_are_shown(open_page: Open) -> None:
    page = open_page("?task=spiral&data.noise=9&seed=3")
    drawn(page, "decision boundary")
    expect(page.get_by_text("data.noise=9 (0 to 0.5)")).to_be_visible()
    assert "seed=3" in url_of(page)  # and all else is as it asks
    page = open_page("?task=spiral&network=Dense(units!4)~BatchNorm~Dense&batch_size=1", forgive=(MESSY,))
    drawn(page, "decision boundary")
    expect(page.locator("#banner, .refusal").filter(has_text="BatchNorm").first).to_be_visible()


def test_reload_during_training_finds_the_run_and_misses_nothing(open_page: Open, server: Server) -> None:
    page = open_page()
    page.click("#train")
    wait_for_step(page, 60)
    run = run_of(page, server)["id"]
    page.reload()
    wait_for_step(page, 120)
    assert run_of(page, server)["id"] == run
    page.click("#train")
    wait_for_status(page, "paused")
    drawn(page, "decision boundary", step(page))
    server_rows = httpx.get(f"{server.url}/api/runs/{run}/metrics").json()["columns"]["step"]
    page.wait_for_function(
        "n => (document.querySelector('#charts .js-plotly-plot')?.data?.[0].x.length ?? 0) >= n", arg=len(server_rows)
    )
    assert page.locator("#charts .js-plotly-plot").first.evaluate("p => Array.from(p.data[0].x)") == server_rows
    page.click("#stop")


HEAR_HEADLINE = """() => {
  window.said = [];
  const headline = document.querySelector('#headline');
  new MutationObserver(() => window.said.push(headline.textContent))
    .observe(headline, {childList: true, characterData: true, subtree: true});
}"""


def test_a_lost_connection_comes_back_without_a_gap(open_page: Open, server: Server) -> None:
    page = open_page("?speed=100", forgive=(MESSY, "WebSocket"))
    sockets: list = []
    page.route_web_socket(re.compile("/stream"), lambda ws: sockets.append(ws) or ws.connect_to_server())
    page.reload()
    page.click("#train")
    wait_for_step(page, 40)
    page.evaluate("() => { window.rowsSeen = true; }")
    page.evaluate(HEAR_HEADLINE)  # it is soon there again
    sockets[-1].close(code=1011)
    page.wait_for_function("() => window.said.some((words) => words.includes('Connection lost.'))")
    page.wait_for_function("() => !document.body.classList.contains('lost')")
    wait_for_step(page, 150)
    page.click("#train")
    wait_for_status(page, "paused")
    rows = httpx.get(f"{server.url}/api/runs/{run_of(page, server)['id']}/metrics").json()["columns"]["step"]
    page.wait_for_function(
        "n => (document.querySelector('#charts .js-plotly-plot')?.data?.[0].x.length ?? 0) >= n", arg=len(rows)
    )
    assert page.locator("#charts .js-plotly-plot").first.evaluate("p => Array.from(p.data[0].x)") == rows
    assert len(sockets) >= 2
    page.click("#stop")


def test_after_a_killed_server_the_run_goes_on_with_one_click(open_page: Open, start_server: Callable[..., Server]) -> None:
    first = start_server()
    page = open_page("?task=circles&seed=5", base=first.url, forgive=(MESSY, "WebSocket", "ERR_"))
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.click("#train")
    wait_for_step(page, 20)
    address = url_of(page)
    first.kill()
    expect(page.locator("#headline")).to_contain_text("Connection lost.")
    expect(page.locator("#headline")).to_contain_text("trying again in 3 s")  # the sixth time
    assert len(errors) < 3, "trying again leaves no error each time"
    start_server(port=first.port)
    wait_for_status(page, "interrupted")
    expect(page.locator("#headline")).not_to_contain_text("Connection lost")
    assert url_of(page) == address
    expect(page.locator("#train")).to_have_text("Resume")
    page.click("#train")
    wait_for_status(page, "running")
    wait_for_step(page, 100)
    page.click("#stop")


def test_runs_are_named_reopened_deleted_and_brought_back(open_page: Open, start_server: Callable[..., Server]) -> None:
    page = open_page("?task=xor", base=start_server().url, forgive=(MESSY, "WebSocket", "ERR_"))
    page.click("#train")
    wait_for_step(page, 40)
    page.click("#stop")
    wait_for_status(page, "stopped")
    expect(page.locator("#further")).to_be_visible()
    drawn(page, "decision boundary", step(page))
    before, at, first = pixels(page, "decision boundary"), step(page), url_of(page)
    choose_task(page, "sine")
    drawn(page, "fitted curve")
    page.click("#train")
    wait_for_step(page, 5)
    page.click("#stop")
    page.click("#tab-runs")
    page.click("#all-runs")
    rows = page.locator("#library [data-run]")
    expect(rows).to_have_count(2)
    mine = page.locator("#library [data-run]:not(.this)")
    mine.hover()
    mine.get_by_label("Rename XOR").click()
    page.get_by_label("Name of XOR").fill("<b onclick=alert(1)>mine</b>")
    page.keyboard.press("Enter")
    expect(mine.locator(".run-name")).to_have_text("<b onclick=alert(1)>mine</b>")
    mine.get_by_role("checkbox").click()
    page.locator("#library").get_by_role("button", name="Note", exact=True).click()
    page.get_by_label("A note for all").fill("<img src=x onerror=alert(2)>")
    page.keyboard.press("Enter")
    expect(rows).to_have_count(2)
    page.locator("#library").get_by_role("button", name="Delete", exact=True).click()
    expect(rows).to_have_count(1)
    page.locator(".deleted-runs button").click()
    expect(rows).to_have_count(2)
    mine.locator(".run-name").click()
    expect(page.locator("#library")).to_be_hidden()
    drawn(page, "decision boundary", at)
    assert pixels(page, "decision boundary") == before
    assert url_of(page) == first
    assert page.locator("#runs tr.this .run-name").inner_text() == "<b onclick=alert(1)>mine</b>"
    assert page.locator("b[onclick], img[onerror]").count() == 0
    page.mouse.move(0, 0)  # from what lay under the table's name, which is explained where the pointer rests
    page.click("#further")
    wait_for_step(page, at + 20)
    page.click("#stop")


def test_weights_are_saved_and_loaded_into_a_new_run(open_page: Open, tmp_path: Path) -> None:
    page = open_page("?task=circles")
    page.click("#train")
    wait_for_step(page, 60)
    page.click("#stop")
    wait_for_status(page, "stopped")
    drawn(page, "decision boundary", step(page))
    before = pixels(page, "decision boundary")
    page.click("#save")
    with page.expect_download() as download:
        page.get_by_text("weights.safetensors").click()
    download.value.save_as(tmp_path / "w.safetensors")
    page.set_input_files("#load-weights", tmp_path / "w.safetensors")
    wait_for_status(page, "paused")
    assert step(page) == 0
    page.wait_for_function(
        "wanted => document.querySelector('[data-picture=\"decision boundary\"] canvas').toDataURL() === wanted", arg=before
    )


def test_a_visitor_sees_the_teachers_run_and_can_change_nothing(open_page: Open, start_server: Callable[..., Server]) -> None:
    teacher, visitor = teacher_and_visitor(open_page, start_server)
    wait_for_step(visitor, 30)
    drawn(visitor, "decision boundary", 30)
    expect(visitor.locator("#train")).to_be_hidden()
    assert visitor.evaluate("document.querySelector('#shelf').inert")
    visitor.click("#panels .more > summary")  # what is folded can be read
    seed = visitor.locator('[data-path="seed"] input.number')
    expect(seed).to_be_visible()
    open_to_touch = "e => e.matches(':is(input, select, button, [draggable])') && !e.closest('[inert]')"
    assert not visitor.evaluate(f"[...document.querySelectorAll('#panels *')].some({open_to_touch})")
    assert "token" not in url_of(visitor)
    visitor.keyboard.press("r")
    teacher.click("#stop")
    wait_for_status(visitor, "stopped")
    id = re.search("run=([0-9a-f]+)", url_of(visitor)).group(1)
    visitor.goto(f"{url_of(visitor)}&compare={id}")  # several runs side by side can be looked at, and chosen in the table
    window = visitor.get_by_role("dialog", name="Runs side by side")
    expect(window.locator(f'[data-run="{id}"]')).to_have_attribute("data-step", re.compile(r"\d"))
    expect(window.get_by_role("button", name="All runs")).to_be_visible()


def test_two_pages_share_a_run(open_page: Open) -> None:
    one = open_page("?speed=50")
    drawn(one, "decision boundary")
    two = open_page(url_of(one).partition("/?")[2] and "?" + url_of(one).partition("/?")[2])
    drawn(two, "decision boundary")
    one.click("#train")
    wait_for_step(two, 10)
    two.click("#train")
    wait_for_status(one, "paused")
    one.click("#stop")
    wait_for_status(two, "stopped")


def test_a_diverging_run_says_so(open_page: Open) -> None:
    page = open_page("?task=sine&network=Dense(units!8)~ReLU~Dense&optimizer=SGD&optimizer.learning_rate=100&speed=none")
    page.click("#train")
    wait_for_status(page, "diverged")
    expect(page.locator("#said")).to_contain_text("threw the weights so far that the loss is no number")
    expect(page.locator("#banner")).to_be_hidden()
    page.wait_for_timeout(300)  # time for the charts to choke on what is not finite, if they did


def test_an_earlier_run_is_opened_again(open_page: Open, server: Server) -> None:
    page = open_page("?task=xor")
    page.click("#train")
    wait_for_step(page, 40)
    page.click("#stop")
    wait_for_status(page, "stopped")
    id = run_of(page, server)["id"]
    choose_task(page, "moons")
    page.wait_for_url("**task=moons**")
    page.click("#tab-runs")
    page.locator(f'#runs tr:not(.this)[data-run="{id}"] .run-name').click()
    page.wait_for_url(f"**task=xor**run={id}**")
    wait_for_status(page, "stopped")
    drawn(page, "decision boundary", 40)


def test_every_control_has_a_name_and_contrast_holds(open_page: Open) -> None:
    page = open_page()
    drawn(page, "decision boundary")
    nameless = page.locator("button, input, select").evaluate_all(
        "all => all.filter(e => !(e.getAttribute('aria-label') || e.textContent.trim() || e.labels?.length || e.title))"
        ".map(e => e.outerHTML)"
    )
    assert not nameless
    for theme in ("light", "dark"):
        page.evaluate("t => { document.documentElement.dataset.theme = t; }", theme)
        colours = json.loads(
            page.evaluate(
                "JSON.stringify(Object.fromEntries(['ink','muted','paper','ground','accent','accent-ink','ill','caution','caution-soft','train','test']"
                ".map(n => [n, getComputedStyle(document.documentElement).getPropertyValue('--' + n).trim()])))"
            )
        )
        for front, back in (
            ("ink", "paper"),
            ("muted", "paper"),
            ("muted", "ground"),
            ("accent-ink", "accent"),
            ("ill", "paper"),
            ("caution", "caution-soft"),
            ("ink", "caution-soft"),
            ("train", "paper"),
            ("test", "paper"),
        ):
            assert contrast(colours[front], colours[back]) >= 4.5, (theme, front, back)


def contrast(one: str, other: str) -> float:
    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_space_trains_and_the_live_region_speaks(open_page: Open) -> None:
    page = open_page()
    drawn(page, "decision boundary")
    page.keyboard.press("Space")
    wait_for_status(page, "running")
    expect(page.locator("#live")).to_contain_text("training, epoch")
    page.keyboard.press("Space")
    wait_for_status(page, "paused")
    expect(page.locator("#live")).to_contain_text("paused, epoch")


def test_the_mnist_download_says_that_there_is_no_network(start_server: Callable[..., Server], open_page: Open) -> None:
    server = start_server(http_proxy="http://127.0.0.1:9", https_proxy="http://127.0.0.1:9")
    page = open_page("?task=mnist", base=server.url)
    page.click("text=Get the full MNIST")
    expect(page.locator("#mnist-download .refusal")).to_contain_text("Is this machine connected to the internet?")
    expect(page.locator("#mnist-download button")).to_be_enabled()


def test_pictures_do_not_wait_for_plotly(open_page: Open) -> None:
    page = open_page("", forgive=(MESSY, "plotly"))
    page.route("**/vendor/**", lambda route: route.abort())
    page.reload()
    drawn(page, "decision boundary")
    expect(page.locator("#charts")).to_contain_text("The charts are missing: Plotly could not be loaded.")
    page.click("#train")
    wait_for_step(page, 20)
    page.click("#stop")


def test_training_waits_until_what_is_chosen_is_allowed(open_page: Open) -> None:
    page = open_page(forgive=(MESSY,))
    drawn(page, "decision boundary")
    page.locator(".layers > .adder").first.select_option("Residual")
    page.locator('.layer[data-layer="Residual"] .adder').select_option("MaxPool2D")
    expect(page.locator('[data-path="network.4"] > .refusal')).to_be_visible()
    page.click("#train")
    expect(page.locator('[data-path="network.4"] > .refusal')).to_be_visible()
    assert page.evaluate("document.body.dataset.status") == "paused"
    open_layer(page, "network.4.layers.1").get_by_label("Remove MaxPool2D").click()
    page.click("#train")
    wait_for_step(page, 5)
    page.click("#stop")


def test_a_network_of_characters_writes(open_page: Open) -> None:
    page = open_page("?task=text")
    drawn(page, "text")
    words = page.locator('[data-picture="text"] .words')
    before = words.inner_text()
    page.click("#train")
    drawn(page, "text", 60)
    assert words.inner_text() != before
    expect(page.locator('[data-picture="attention"]')).to_have_count(0)  # no layer of this network pays attention
    page.click("#stop")


def test_only_layers_that_fit_are_offered_and_the_others_say_why(open_page: Open, server: Server) -> None:
    page = open_page("?task=reverse")
    drawn(page, "attention")
    adder = page.locator(".layers > .adder").first
    expect(adder.locator('option[value="Conv2D"]')).to_have_text(re.compile("wants an image of height × width × channels, got"))
    expect(adder.locator('option[value="Conv2D"]')).to_be_disabled()
    adder.select_option("LSTM")
    expect(page.locator('.layer[data-layer="LSTM"] > .layer-shape')).to_have_text("8 × 32")
    assert run_of(page, server)["configuration"]["network"][3]["return_sequences"] is True


def test_layers_inside_a_residual_are_edited_and_kept_in_the_address(open_page: Open, server: Server) -> None:
    page = open_page("?task=circles")
    drawn(page, "decision boundary")
    page.locator(".layers > .adder").first.select_option("Residual")
    residual = page.locator('.layer[data-layer="Residual"]')
    expect(residual.locator('.layer[data-layer="Tanh"]')).to_be_visible()
    residual.locator(".adder").select_option("LayerNorm")
    page.wait_for_url("**LayerNorm**")
    for _ in range(800):  # the run before it is forgotten, and the address names the new one
        network = run_of(page, server).get("configuration", {}).get("network", [])
        inside = network[4]["layers"] if len(network) > 4 else []
        if len(inside) == 2:
            break
        page.wait_for_timeout(25)
    assert [layer["layer"] for layer in inside] == ["Tanh", "LayerNorm"]
    page.goto(re.sub("&run=[0-9a-f]+", "", url_of(page)))
    drawn(page, "decision boundary")
    assert run_of(page, server)["configuration"]["network"][4]["layers"] == inside


def test_a_layer_that_does_not_fit_inside_another_is_refused_there(open_page: Open) -> None:
    page = open_page("?task=circles", forgive=(MESSY,))
    drawn(page, "decision boundary")
    page.locator(".layers > .adder").first.select_option("Residual")
    residual = page.locator('.layer[data-layer="Residual"]')
    residual.locator(".adder").select_option("Conv2D")
    expect(residual.locator("> .refusal")).to_contain_text("Residual, layer 2 inside: Conv2D wants an image")


def test_other_examples_are_chosen_by_click_and_by_key(open_page: Open) -> None:
    page = open_page("?task=reverse")
    caption = page.locator('[data-picture="attention"] .caption')
    expect(caption).to_contain_text("example 0,")
    page.locator('[data-picture="attention"] canvas').click()
    expect(caption).to_contain_text("example 1,")
    page.keyboard.press("ArrowRight")
    expect(caption).to_contain_text("example 2,")
    page.keyboard.press("ArrowLeft")
    expect(caption).to_contain_text("example 1,")


def test_a_run_is_saved_from_the_page(open_page: Open) -> None:
    page = open_page()
    drawn(page, "decision boundary")
    page.click("#save")
    with page.expect_download() as saved:
        page.get_by_role("link", name="metrics.csv").click()
    assert saved.value.suggested_filename.endswith("-metrics.csv")
    assert saved.value.path().read_text().startswith(f"{','.join(COLUMNS)}\n0,")


def test_what_is_rarely_chosen_is_folded_away_and_a_run_that_ends_early_says_its_best_step(
    open_page: Open, server: Server
) -> None:
    query = "?task=spiral&averaging=0.9&batches_per_step=2&batch_size=20&loss.class_weights=1x2x0.5&speed=none"
    page = open_page(f"{query}&optimizer.learning_rate=0.05")
    drawn(page, "decision boundary")
    more = page.locator('.panel[data-name="Training"] .more > summary')
    more.scroll_into_view_if_needed()
    patience = page.locator('[data-path="patience"] input')
    expect(patience).to_be_hidden()
    more.click()
    expect(patience).to_have_attribute("placeholder", "none")
    patience.fill("0.5")
    patience.press("Enter")
    expect(page.locator('[data-path="patience"] .refusal')).to_contain_text("a whole number from 1")
    patience.fill("60")
    patience.press("Enter")
    page.wait_for_url("**patience=60**")
    configuration = run_of(page, server)["configuration"]
    assert (configuration["patience"], configuration["averaging"], configuration["batches_per_step"]) == (60, 0.9, 2)
    assert configuration["loss"]["class_weights"] == [1, 2, 0.5]
    page.click("#train")
    wait_for_status(page, "finished")
    run = run_of(page, server)
    assert run["step"] == run["best_step"] + 60 < 10_000
    expect(page.locator('[data-value="status"]')).to_have_text(f"finished, best at step {run['best_step']:,}")


def test_what_is_clicked_before_its_part_is_there_waits_for_it_and_asks_again_where_it_did_not_come(open_page: Open) -> None:
    page = open_page(forgive=(MESSY, "ERR_FAILED"))
    page.route("**/static/**", lambda route: route.abort() if route.request.method == "HEAD" else route.fallback())
    page.reload()
    drawn(page, "decision boundary")
    page.click("#share")
    expect(page.locator("#banner")).to_contain_text("This part could not be loaded. The server does not answer.")
    expect(page.locator("#sharing")).to_have_count(0)
    page.unroute("**/static/**")
    page.click("#share")
    expect(page.locator("#share-link")).to_have_value(re.compile("http"))
    page.keyboard.press("Escape")
    page.wait_for_selector("#charts .js-plotly-plot")
    assert page.locator("#sharing").count() == 1
    page.route("**/glass/glass.js", lambda route: route.abort())  # a browser may never ask again for what has failed once
    page.keyboard.press("g")
    expect(page.locator("#banner")).to_have_text("This part could not be loaded. Reload the page.")
