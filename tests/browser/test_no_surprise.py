"""No surprise: what a choice does is said and can be undone, Back goes back, tabs agree, a lost connection loses nothing."""

import re
from collections.abc import Callable
from pathlib import Path

import httpx
from playwright.sync_api import Page, expect

from tests.browser.page import (
    MESSY,
    Open,
    choose_task,
    drawn,
    other_run,
    run_of,
    step,
    teacher_and_visitor,
    url_of,
    wait_for_status,
    wait_for_step,
)
from tests.conftest import Server


def field(page: Page, path: str) -> str:
    return page.locator(f'[data-path="{path}"] input').last.input_value()


def fill(page: Page, path: str, value: str) -> None:
    row = page.locator(f'[data-path="{path}"]')
    page.evaluate(
        "row => { for (let f = row.closest('details'); f; f = f.parentElement.closest('details')) f.open = true; }",
        row.element_handle(),
    )
    box = row.locator("input.number")
    box.fill(value)
    box.press("Enter")


def choose(page: Page, part: str, name: str) -> None:
    page.evaluate(
        "id => { for (let f = document.getElementById(id).closest('details'); f; f = f.parentElement.closest('details'))"
        " f.open = true; }",
        f"choose-{part}",
    )
    page.select_option(f"#choose-{part}", name)


def press(page: Page, key: str) -> None:
    """Press a key while nobody types."""
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press(key)


def id_of(page: Page) -> str:
    return re.search("run=([0-9a-f]+)", url_of(page)).group(1)  # type: ignore[union-attr]


def test_an_optimizer_comes_with_its_own_learning_rate_and_later_with_the_one_that_was_set(
    open_page: Open, server: Server
) -> None:
    page = open_page("?task=moons")
    drawn(page, "decision boundary")
    own = field(page, "optimizer.learning_rate")
    name = run_of(page, server)["configuration"]["optimizer"]["name"]
    choose(page, "optimizer", "SGD")
    page.wait_for_url("**optimizer=SGD**")
    first = field(page, "optimizer.learning_rate")
    assert first != own
    choose(page, "optimizer", name)
    page.wait_for_url(lambda url: "optimizer=" not in url)
    assert field(page, "optimizer.learning_rate") == own
    choose(page, "optimizer", "SGD")
    page.wait_for_url("**optimizer=SGD**")
    fill(page, "optimizer.learning_rate", "0.3")
    page.wait_for_url("**learning_rate=0.3**")
    choose(page, "optimizer", name)
    page.wait_for_url(lambda url: "optimizer=" not in url)
    choose(page, "optimizer", "SGD")
    page.wait_for_url("**learning_rate=0.3**")
    assert field(page, "optimizer.learning_rate") == "0.3"
    choose_task(page, "xor")
    page.wait_for_url("**task=xor**")
    choose(page, "optimizer", "SGD")
    page.wait_for_url("**optimizer=SGD**")
    assert field(page, "optimizer.learning_rate") == first  # what was set is of the other task


def test_what_can_be_taken_over_is_while_it_trains_and_undone(open_page: Open, server: Server) -> None:
    page = open_page("?speed=200&steps=100000")
    page.click("#train")
    wait_for_step(page, 10)
    id = id_of(page)
    fill(page, "batch_size", "16")
    page.wait_for_url("**batch_size=16**")
    choose(page, "regularizer", "L2")
    page.wait_for_url("**regularizer=L2**")
    choose(page, "schedule", "Cosine")
    page.wait_for_url("**schedule=Cosine**")
    fill(page, "clip_norm", "0.5")
    page.wait_for_url("**clip_norm=0.5**")
    fill(page, "evaluate_every", "10")
    page.wait_for_url("**evaluate_every=10**")
    run = run_of(page, server)
    assert (run["id"], run["status"], len(run["changes"])) == (id, "running", 6)
    chosen = run["configuration"]
    assert (chosen["batch_size"], chosen["clip_norm"], chosen["schedule"]["name"]) == (16, 0.5, "Cosine")
    press(page, "Control+z")
    page.wait_for_url(lambda url: "evaluate_every" not in url)
    press(page, "Control+z")
    page.wait_for_url(lambda url: "clip_norm" not in url)
    press(page, "Control+Shift+z")
    page.wait_for_url("**clip_norm=0.5**")
    run = run_of(page, server)
    assert (run["id"], run["status"], run["configuration"]["clip_norm"]) == (id, "running", 0.5)
    page.click("#train")
    wait_for_status(page, "paused")


def test_what_starts_again_says_so_and_is_undone_by_button_key_and_after_a_reload(open_page: Open, server: Server) -> None:
    page = open_page("?task=circles&speed=100&steps=100000")
    page.click("#train")
    wait_for_step(page, 30)
    first = id_of(page)
    choose(page, "optimizer", "SGD")
    other_run(page, first)
    wait_for_status(page, "running")
    expect(page.locator(".said-now")).to_contain_text("Started again")
    second = id_of(page)
    wait_for_step(page, 5)
    page.click("#undo")
    page.wait_for_url(f"**run={first}**")
    wait_for_status(page, "running")
    assert httpx.get(f"{server.url}/api/runs/{first}").json()["step"] >= 30  # it goes on, and did not begin anew
    press(page, "Control+Shift+z")
    page.wait_for_url(f"**run={second}**")
    page.reload()
    wait_for_step(page, 5)
    press(page, "Meta+z")
    page.wait_for_url(f"**run={first}**")
    wait_for_status(page, "running")
    box = page.locator('[data-path="batch_size"] input.number')
    box.focus()
    box.press("Control+z")
    box.press("r")
    page.wait_for_timeout(400)
    assert id_of(page) == first  # who types undoes what was typed


def test_a_run_that_was_forgotten_is_made_again_by_undo(open_page: Open) -> None:
    page = open_page("?task=circles")
    drawn(page, "decision boundary")
    first = id_of(page)
    choose(page, "optimizer", "SGD")
    page.wait_for_url("**optimizer=SGD**")
    other_run(page, first)
    press(page, "Control+z")
    page.wait_for_url(lambda url: "optimizer=" not in url)
    expect(page.locator("#choose-optimizer")).not_to_have_value("SGD")
    press(page, "Control+Shift+z")
    page.wait_for_url("**optimizer=SGD**")
    press(page, "Control+Shift+z")
    expect(page.locator(".said-now")).to_contain_text("nothing to do again")


def test_presets_and_reset_go_on_training_where_it_trained(open_page: Open) -> None:
    page = open_page("?speed=100&steps=100000")
    page.click("#train")
    wait_for_step(page, 20)
    first = id_of(page)
    press(page, "r")
    other_run(page, first)
    wait_for_status(page, "running")
    expect(page.locator(".said-now")).to_contain_text("same first weights")
    wait_for_step(page, 10)
    second = id_of(page)
    page.click("summary:has-text('Presets')")
    page.click("text=The original: 2-100-3, SGD")
    other_run(page, second)
    wait_for_status(page, "running")
    page.click("#train")
    wait_for_status(page, "paused")
    third = id_of(page)
    page.click("#reset")
    other_run(page, third)
    assert page.evaluate("document.body.dataset.status") == "paused"


def test_back_and_forward_go_through_tasks_and_runs(open_page: Open) -> None:
    page = open_page("?task=circles")
    page.click("#train")
    wait_for_step(page, 20)
    page.click("#train")
    wait_for_status(page, "paused")
    circles = id_of(page)
    fill(page, "batch_size", "16")
    page.wait_for_url("**batch_size=16**")
    press(page, "r")  # what begins anew after some steps is another run, and Back undoes it
    other_run(page, circles)
    again = id_of(page)
    page.click("#train")
    wait_for_step(page, 5)
    page.go_back()
    page.wait_for_url(f"**run={circles}**")
    drawn(page, "decision boundary", 20)
    page.go_forward()
    page.wait_for_url(f"**run={again}**")
    wait_for_status(page, "paused")
    drawn(page, "decision boundary", 5)
    page.go_back()
    page.wait_for_url(f"**run={circles}**")
    drawn(page, "decision boundary", 20)
    choose_task(page, "moons")
    page.wait_for_url("**task=moons**")
    choose_task(page, "xor")
    page.wait_for_url("**task=xor**")
    page.go_back()
    page.wait_for_url("**task=moons**")
    page.go_back()
    page.wait_for_url(f"**task=circles**run={circles}**")
    drawn(page, "decision boundary", 20)
    assert field(page, "batch_size") == "16"
    page.go_forward()
    page.wait_for_url("**task=moons**")
    page.go_forward()
    page.wait_for_url("**task=xor**")
    expect(page.locator("#picture h2").first).to_be_visible()
    for _ in range(3):
        page.go_back()  # the last one leaves the page: nothing holds a person here
    assert "task=" not in url_of(page) or "run=" not in url_of(page)


def test_two_tabs_on_one_run_show_the_same_and_what_the_other_changed_is_said(open_page: Open, server: Server) -> None:
    one = open_page("?task=circles&speed=50&steps=100000")
    one.click("#train")
    wait_for_step(one, 5)
    two = open_page("?" + url_of(one).partition("?")[2])
    wait_for_step(two, 5)
    fill(one, "optimizer.learning_rate", "0.123")
    expect(two.locator('[data-path="optimizer.learning_rate"] input.number')).to_have_value("0.123")
    expect(two.locator(".said-now")).to_have_text("learning rate is 0.123 now: changed in another tab.")
    two.wait_for_url("**learning_rate=0.123**")
    choose(two, "regularizer", "L1")
    expect(one.locator("#choose-regularizer")).to_have_value("L1")
    expect(one.locator(".said-now")).to_contain_text("changed in another tab")
    expect(two.locator(".said-now")).not_to_contain_text("regularizer")  # one's own change is no news
    assert run_of(one, server)["id"] == run_of(two, server)["id"]


def test_an_address_with_words_for_numbers_opens_with_the_defaults_and_says_so(open_page: Open, server: Server) -> None:
    page = open_page(forgive=(MESSY,))
    nested = '[{"layer":"Residual","layers":[{"layer":"Dense","units":"abc"}]},{"layer":"Dense"}]'
    for said in (
        ["batch_size=abc", "steps=2,000", "seed=x", "clip_norm=much"],
        ["optimizer=none", "loss=none", "schedule=none", "speed=quick", "network=Dense(units!abc)~Tanh~Dense"],
        ["optimizer.learning_rate=fast", "regularizer.strength=strong", f"network={nested}"],
        ["task=\N{COLLISION SYMBOL}", "batch_size=1e999", "data.noise=loud", "data.points=-3", "data=1", "data.__proto__=1"],
    ):
        page.goto(f"{server.url}/?{'&'.join(said)}&regularizer=L2&run=%00&hide=what&lock=")
        drawn(page, "decision boundary")
        expect(page.locator("#banner")).to_contain_text("the default stands there: ")
        for words in said:
            expect(page.locator("#banner")).to_contain_text(words[:50])
        page.reload()  # its own address is a good one by then
        drawn(page, "decision boundary")
        for words in said:
            expect(page.locator("#banner")).not_to_contain_text(words[:50])
        expect(page.locator("#train")).to_be_enabled()


def test_a_wrong_file_of_weights_touches_nothing_and_a_right_one_is_named(
    open_page: Open, server: Server, tmp_path: Path
) -> None:
    page = open_page("?task=circles&speed=100&steps=100000", forgive=(MESSY,))
    page.click("#train")
    wait_for_step(page, 30)
    id = id_of(page)
    (tmp_path / "right.safetensors").write_bytes(httpx.get(f"{server.url}/api/runs/{id}/export/weights.safetensors").content)
    (tmp_path / "wrong.npz").write_bytes(b"PK nothing of the kind")
    before = httpx.get(f"{server.url}/api/runs").json()
    page.set_input_files("#load-weights", tmp_path / "wrong.npz")
    expect(page.locator("#banner")).to_be_visible()
    at = step(page)
    wait_for_step(page, at + 10)
    assert (id_of(page), run_of(page, server)["status"]) == (id, "running")
    assert [run["id"] for run in httpx.get(f"{server.url}/api/runs").json()] == [run["id"] for run in before]
    page.set_input_files("#load-weights", tmp_path / "right.safetensors")
    expect(page.locator(".said-now")).to_contain_text("weights of right.safetensors, at step 0")
    run = run_of(page, server)
    assert (run["id"] != id, run["step"], run["name"], run["weights_loaded"]) == (True, 0, "weights of right.safetensors", True)
    page.click("#undo")
    page.wait_for_url(f"**run={id}**")
    wait_for_status(page, "running")


def test_visitors_follow_the_teacher_to_another_run(open_page: Open, start_server: Callable[..., Server]) -> None:
    teacher, visitor = teacher_and_visitor(open_page, start_server)
    wait_for_step(visitor, 20)
    first = id_of(visitor)
    choose_task(teacher, "moons")
    teacher.wait_for_url("**task=moons**")
    visitor.wait_for_url("**task=moons**")
    teacher.click("#train")
    wait_for_step(visitor, 20)
    assert id_of(visitor) == id_of(teacher) != first


def test_a_fork_takes_the_values_that_were_on_the_controls_when_it_was_asked_for(open_page: Open, server: Server) -> None:
    page = open_page("?task=circles&speed=200&steps=100000")
    page.click("#train")
    wait_for_step(page, 100)
    page.click("#train")
    wait_for_status(page, "paused")
    first = id_of(page)
    page.locator("#snapshot").focus()
    page.keyboard.press("PageDown")
    page.wait_for_selector("body.past")
    fill(page, "batch_size", "20")
    expect(page.locator("#fork")).to_contain_text("with the changes")
    # an order that is slow, and one more turn of the control after the click
    page.evaluate("""() => {
      document.querySelector('#fork').click();
      const box = document.querySelector('[data-path="batch_size"] input.number');
      box.value = '50';
      box.dispatchEvent(new Event('change', {bubbles: true}));
    }""")
    other_run(page, first)
    assert run_of(page, server)["configuration"]["batch_size"] == 20


def test_while_the_connection_is_lost_nothing_can_be_ordered_and_then_all_is_as_on_the_server(
    open_page: Open, server: Server
) -> None:
    alone = "delete window.SharedWorker"  # where there is none, the page tries by itself, and the route below ends that
    page = open_page("?speed=50&steps=100000", forgive=(MESSY, "WebSocket", "ERR_"), script=alone)
    sockets: list = []
    page.route_web_socket(re.compile("/stream"), lambda ws: sockets.append(ws) or ws.connect_to_server())
    page.reload()
    page.click("#train")
    wait_for_step(page, 20)
    id, batch = id_of(page), field(page, "batch_size")
    page.focus("#train")
    page.route(re.compile(r"/api/runs/[0-9a-f]+$"), lambda route: route.abort())
    sockets[-1].close(code=1011)
    lost = re.compile(r"Connection lost\. Training goes on; trying again in \d s\.")
    expect(page.locator("#said")).to_contain_text(lost)
    assert page.evaluate("document.querySelector('#controls').inert && document.body.classList.contains('lost')")
    page.keyboard.press("n")
    expect(page.locator(".said-now")).to_have_text("Nothing was done: the connection is lost.")
    httpx.patch(f"{server.url}/api/runs/{id}", json={"optimizer": {"learning_rate": 0.0321}})
    page.unroute(re.compile(r"/api/runs/[0-9a-f]+$"))
    page.wait_for_function("() => !document.body.classList.contains('lost')")
    expect(page.locator("#said")).not_to_contain_text(lost)
    expect(page.locator('[data-path="optimizer.learning_rate"] input.number')).to_have_value("0.0321")
    assert (id_of(page), field(page, "batch_size")) == (id, batch)
    assert not page.evaluate("document.querySelector('#controls').inert")
    assert page.evaluate("document.activeElement.id") == "train"
    wait_for_step(page, step(page) + 10)


FOCUSED = "() => { const e = document.activeElement; return e === document.body ? 'body' : e.id || e.tagName; }"


def test_the_focus_stays_where_it_was_whatever_is_made_anew(open_page: Open) -> None:
    page = open_page("?task=circles&speed=100&steps=100000")
    drawn(page, "decision boundary")
    first = id_of(page)
    page.focus("#choose-optimizer")
    page.keyboard.press("ArrowUp")  # the controls are built anew, and the run too
    other_run(page, first)
    assert page.evaluate(FOCUSED) == "choose-optimizer"
    page.focus("#train")
    page.keyboard.press("Enter")
    wait_for_step(page, 20)
    assert page.evaluate(FOCUSED) == "train"
    second = id_of(page)
    page.keyboard.press("n")
    other_run(page, second)
    page.wait_for_selector("#undo")
    page.focus("#undo")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**run={second}**")
    page.wait_for_function("() => document.activeElement !== document.body")
    wait_for_status(page, "running")
    page.focus("#train")
    page.keyboard.press("Enter")
    wait_for_status(page, "paused")
    page.focus("#step")
    page.keyboard.press("Enter")
    page.wait_for_timeout(300)
    assert page.evaluate(FOCUSED) == "step"
    page.focus("#tab-curves")
    page.keyboard.press("ArrowRight")
    assert page.evaluate(FOCUSED).startswith("tab-")
    page.locator("[data-path='network.1'] summary, [data-path='network.1'] button").first.focus()
    for _ in range(40):
        page.keyboard.press("Tab")  # through all that is there: some of it is left by the page's end
        if page.evaluate(FOCUSED) == "body":
            break
    page.focus("#stop")
    page.keyboard.press("Enter")  # it is hidden, or disabled, as soon as it was used
    wait_for_status(page, "stopped")
    page.wait_for_function("() => document.activeElement !== document.body")
