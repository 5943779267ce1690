"""The glass box on the page: what is printed adds up, keys lead through it, and a link leads to the same number."""

import json
import math
import re
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import httpx
import numpy as np
import pytest
from playwright.sync_api import Page, expect

import engine as nn
from engine.explain.one_step import OneStep
from engine.explain.walk import Walk
from engine.tasks import TASKS, Sine
from engine.training import checkpoint
from server.history import glass_box
from server.history.one_step import Opened
from tests.browser.audit import axe
from tests.browser.page import Open, other_run, run_of, url_of
from tests.conftest import Server


class Classic(Sine):
    """One example, that Mazur (2015) works out by hand: two inputs, two outputs."""

    name: ClassVar[str] = "classic"

    @property
    def input_shape(self) -> tuple[int, ...]:
        return (2,)

    @property
    def outputs(self) -> int:
        return 2

    @property
    def examples(self) -> int:
        return 1

    def load(self, rng: np.random.Generator) -> None:
        self.x = self.x_test = np.array([[0.05, 0.10]], np.float32)
        self.target = self.target_test = np.array([[0.01, 0.99]], np.float32)


CLASSIC: dict[str, Any] = {
    "task": "classic",
    "network": [{"layer": "Dense", "units": 2}, {"layer": "Sigmoid"}, {"layer": "Dense", "units": 2}, {"layer": "Sigmoid"}],
    "optimizer": {"name": "SGD", "learning_rate": 0.5},
    "loss": {"name": "MSE"},
    "batch_size": 1,
    "steps": 10,
}


def classic_step(monkeypatch: pytest.MonkeyPatch) -> Opened:
    """Do the first step of the classic example."""
    monkeypatch.setitem(TASKS, "classic", Classic)
    training = nn.Training(nn.configure(CLASSIC))
    training.network.theta[:] = [0.15, 0.25, 0.20, 0.30, 0.35, 0.35, 0.40, 0.50, 0.45, 0.55, 0.60, 0.60]
    return Opened(Walk(OneStep(checkpoint.pack(training))), None, 0)


def answers(opened: Opened, url: str) -> dict[str, Any]:
    """Answer as the server does."""
    path, said = urlsplit(url).path, {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    what, asked = path.rpartition("/one_step")[2], said.get("example", "0")
    example = 0 if asked == "all" else int(asked)
    if what == "/array":
        return glass_box.array_of(opened, said["stop"], said["symbol"], None if asked == "all" else example, None)
    if what == "/cell":
        index = tuple(int(i) for i in said["index"].split(",")) if "index" in said else ()
        return glass_box.cell_of(opened, said["stop"], said["symbol"], index, example)
    if what == "/parameter":
        return {"position": 0, "name": "W", "index": [0, 0], "k": 0, "quantities": [], "past": None, "why": "the first step"}
    return glass_box.walk_of(opened, example)


def exactly(page: Page) -> float:
    """Read the number that is open, as it is copied."""
    return float(page.locator(".glass-result").get_attribute("data-value") or "nan")


def opened_at(page: Page, stop: str) -> None:
    """Wait until a stop is shown."""
    page.locator(f'#glass[data-stop="{stop}"]').wait_for()


def go(page: Page, base: str, run: str, place: str) -> None:
    """Follow a link to a number."""
    page.goto(f"{base}/?run={run}&glass={place}")
    opened_at(page, place.split(",")[2])


def test_the_classic_example_shows_its_three_numbers(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = classic_step(monkeypatch)
    page = open_page("?task=sine&seed=1")
    page.locator("#picture [data-picture]").first.wait_for()
    page.route(
        re.compile("/api/runs/.*/one_step"),
        lambda route: route.fulfill(body=json.dumps(answers(opened, route.request.url)), content_type="application/json"),
    )
    page.keyboard.press("g")
    opened_at(page, "0.forward")
    page.get_by_role("button", name="Loss, loss", exact=True).click()
    opened_at(page, "loss")
    expect(page.locator(".glass-result")).to_have_text("0.298")
    assert exactly(page) == pytest.approx(0.298371109, abs=5e-8)
    for k, name, shown, value in ((0, "w1", "0.15", 0.149780716), (6, "w5", "0.359", 0.35891648)):
        page.goto(re.sub(r"&glass=.*", "", url_of(page)) + f"&glass=0,0,update,theta_after,{k},3")
        opened_at(page, "update")
        expect(page.locator(".glass-result"), name).to_have_text(shown)
        assert exactly(page) == pytest.approx(value, abs=3e-8), name
    page.goto("about:blank")  # what it still asks for beforehand needs no answer
    page.unroute_all(behavior="ignoreErrors")


PRINTED = """() => {
  const said = (node) => {
    const parts = [...node.children].map(said);
    switch (node.localName) {
      case "mfrac": return `((${parts[0]})/(${parts[1]}))`;
      case "msqrt": return `sqrt(${parts.join("")})`;
      case "msup":
        return node.firstElementChild.textContent === "e" ? `exp(${parts[1]})` : `((${parts[0]})**(${parts[1]}))`;
      case "mtext": case "mspace": return "";
      case "mi": return { σ: "sigmoid" }[node.textContent] ?? node.textContent;
      case "mn": case "mo": return node.textContent.replaceAll("−", "-").replaceAll("·", "*").replace("∞", "inf");
      default: return parts.join("");
    }
  };
  const last = (piece) => said([...piece.querySelectorAll("math")].at(-1));
  return [...document.querySelectorAll(".glass-numbers .glass-piece:not(.name)")].map(last);
}"""
"""What is printed of a number's terms, each in a form that Python reads."""
KNOWN = {
    "sqrt": math.sqrt,
    "exp": math.exp,
    "tanh": math.tanh,
    "log": math.log,
    "erf": math.erf,
    "max": max,
    "sigmoid": lambda x: 1 / (1 + math.exp(-x)),
}
ATTENTION: list[dict[str, Any]] = [
    {"layer": "Embedding", "vocabulary": 10, "width": 12},
    {"layer": "MultiHeadAttention", "heads": 2},
    {"layer": "Dense"},
]
TEN_STOPS = {
    "spiral": ({}, ["0.forward", "1.forward", "loss", "2.backward", "update"]),
    "mnist": ({"data": {"source": "bundled"}, "batch_size": 8}, ["0.forward", "2.forward"]),
    "memory": ({"batch_size": 8}, ["0.forward", "0.backward"]),
    "sort": ({"batch_size": 8, "network": ATTENTION}, ["2.forward"]),
}
"""Of each task the stops, with what is chosen so that a step is small."""


def waiting_run(server: Server, task: str, steps: int, **choices: Any) -> str:
    """Train so many steps; then it has ended."""
    with httpx.Client(base_url=f"{server.url}/api", timeout=60) as api:
        made = api.post("/runs", json={"task": task, "steps": steps, "seed": 3, **choices}).json()
        while api.get(f"/runs/{made['id']}").json()["status"] in ("queued", "running"):
            pass
    return str(made["id"])


def test_what_is_printed_of_ten_stops_of_four_tasks_can_be_worked_out_by_hand(open_page: Open, server: Server) -> None:
    page = open_page("?task=circles")
    checked = 0
    for task, (choices, stops) in TEN_STOPS.items():
        run = waiting_run(server, task, 3, **choices)
        go(page, server.url, run, f"2,1,{stops[0]},,,3")
        for stop in stops:
            if stop != stops[0]:
                at = page.locator("#glass .glass-stop").evaluate_all(
                    "(all, stop) => all.findIndex(button => button.dataset.stop === stop)", stop
                )
                page.locator("#glass .glass-stop").nth(at).click()
                opened_at(page, stop)
            terms = [float(eval(term.lstrip("+"), dict(KNOWN))) for term in page.evaluate(PRINTED)]
            printed = float(page.locator(".glass-result").inner_text().replace("−", "-"))
            room = 0.012 * sum(map(abs, terms)) + 0.006 * abs(printed) + 1e-9  # each number has three digits
            assert terms, (task, stop)
            assert sum(terms) == pytest.approx(printed, abs=room), (task, stop, terms)
            assert exactly(page) == pytest.approx(printed, rel=0.006), (task, stop)
            checked += 1
            if (task, stop) == ("memory", "0.forward"):
                windows_move_by_their_overview(page)
            elif task == "sort":
                the_way_back_goes_through_wo(page, run)
    assert checked == 10


KINDS: list[dict[str, Any]] = [
    {"layer": "Conv2D", "filters": 4, "kernel_size": 3, "stride": 3},
    {"layer": "DepthwiseConv2D", "kernel_size": 3},
    {"layer": "GroupNorm", "groups": 2},
    {"layer": "GroupedConv2D", "filters": 6, "kernel_size": 3, "stride": 2, "groups": 2},
    {"layer": "UpSample2D"},
    {"layer": "Conv2DTranspose", "filters": 2, "kernel_size": 3, "stride": 2},
    {"layer": "Reshape", "shape": [20, 40]},
    {"layer": "Conv1D", "filters": 3, "kernel_size": 3, "stride": 3},
    {"layer": "Flatten"},
    {"layer": "RMSNorm"},
    {"layer": "Dense", "units": 10},
]
"""A layer of each kind that has a picture of its own, but those of the other tests."""
BARS = """() => [...document.querySelectorAll(".kind-picture .sliding > text.end.strong")].map(text => text.textContent)
  .filter(words => /\\d/.test(words))"""


def test_every_kind_has_its_picture_both_ways_and_its_bars_add_up(open_page: Open, server: Server) -> None:
    run = waiting_run(server, "mnist", 2, data={"source": "bundled"}, batch_size=4, network=KINDS)
    page = open_page("?task=circles")
    go(page, server.url, run, "1,1,0.forward,,,3")
    added = []
    for layer, kind in enumerate(chosen["layer"] for chosen in KINDS[:-1]):
        for way in ("forward", "backward"):
            page.locator("#glass .glass-stop").nth(layer if way == "forward" else 2 * len(KINDS) - layer).click()
            opened_at(page, f"{layer}.{way}")
            picture = page.locator(f'.kind-picture[data-kind="{kind}"][data-way="{way}"]')
            expect(picture.locator(".mark").first, f"{kind} {way}").to_be_visible()
            if way == "forward" and kind.endswith(("Conv2D", "Conv1D")):
                *terms, total = (float(text.replace("−", "-")) for text in page.evaluate(BARS))
                assert sum(terms) == pytest.approx(total, abs=0.006 * sum(map(abs, [*terms, total]))), (kind, terms, total)
                added.append(kind)
    assert added == ["Conv2D", "DepthwiseConv2D", "GroupedConv2D", "Conv1D"]


def windows_move_by_their_overview(page: Page) -> None:
    """Move the window into the LSTM's W, of 6 × 96, by key and by pointer; what it shows are the numbers there."""
    matrix = page.locator('.glass-matrix[data-symbol="W"]')
    overview, start = matrix.locator(".glass-overview"), matrix.locator(".glass-choosers input")
    matrix.scroll_into_view_if_needed()
    expect(overview).to_be_visible()
    overview.focus()
    page.keyboard.press("ArrowRight")
    expect(overview).to_have_attribute("aria-label", re.compile("columns 16 to 79 of 96"))
    expect(start).to_have_value("16")
    expect(page.locator('#glass[data-stop="0.forward"]')).to_be_visible()
    box = overview.bounding_box()
    assert box
    overview.click(position={"x": box["width"] - 2, "y": 4})
    expect(overview).to_have_attribute("aria-label", re.compile("columns 32 to 95 of 96"))
    cells = matrix.locator(".glass-cells")
    part = cells.bounding_box()
    assert part
    cells.hover(position={"x": part["width"] - 2, "y": 3})
    expect(matrix.locator("output")).to_contain_text("W[0,95] = ")


BAR_WORDS = "bars => bars.map(bar => bar.getAttribute('aria-label')).filter(Boolean)"


def the_way_back_goes_through_wo(page: Page, run: str) -> None:
    """See this example's share of dWo as the sum over its places, and dhead as dy meets Wo."""
    go(page, url_of(page).partition("/?")[0], run, "2,1,1.backward,dWo,7x3,3")
    picture = page.locator('.kind-picture[data-kind="MultiHeadAttention"][data-way="backward"]')
    expect(picture.locator(".said")).to_contain_text("this example's share is")
    told = {
        name: float(value.replace("−", "-"))
        for name, value in (words.rsplit(": ", 1) for words in picture.locator(".bar").evaluate_all(BAR_WORDS))
    }
    terms = [value for name, value in told.items() if " · " in name]
    said = re.search(r"this example's share is (\S+);", picture.locator(".said").inner_text())
    assert said
    own = float(said[1].replace("−", "-"))
    assert len(terms) > 2
    assert sum(terms) == pytest.approx(own, abs=0.006 * sum(map(abs, [*terms, own])))
    assert told["the batch"] == pytest.approx(exactly(page), rel=0.006)


def test_keys_lead_through_the_walk_and_a_number_is_worked_out_nudged_and_set(open_page: Open, server: Server) -> None:
    run = waiting_run(server, "circles", 20, data={"points": 60}, evaluate_every=5)
    page = open_page(f"?run={run}", forgive=("422",))
    page.locator("#picture [data-picture]").first.wait_for()
    page.keyboard.press("g")
    opened_at(page, "0.forward")
    for key, stop in (("ArrowRight", "1.forward"), ("ArrowRight", "2.forward"), ("ArrowLeft", "1.forward")):
        page.keyboard.press(key)
        opened_at(page, stop)
    levels = page.locator(".glass-levels [aria-pressed=true]")
    for key, level in (("ArrowDown", "Matrices"), ("ArrowDown", "Code"), ("ArrowUp", "Matrices"), ("ArrowUp", "One cell")):
        page.keyboard.press(key)
        expect(levels).to_have_text(level)
        if level == "Code":
            expect(page.locator(".glass-code-line.lit").first).to_contain_text("tanh")
    page.keyboard.press("ArrowRight")
    opened_at(page, "2.forward")
    result = page.locator(".glass-result")
    term = page.locator(".glass-terms tr").first
    term.hover()
    expect(page.locator(".glass-piece.lit")).to_have_count(1)

    value = exactly(page)
    page.get_by_role("button", name="Blank: I work it out").click()
    expect(result).to_have_text("?")
    answer = page.get_by_label("Your answer")
    answer.fill(f"{2 * value + 1:.4f}")
    answer.press("Enter")
    expect(page.locator(".glass-answer")).to_contain_text("more than 1 % away")
    answer.fill(f"{1.005 * value:.6f}".replace("-", "−"))
    answer.press("Enter")
    expect(page.locator(".glass-answer")).to_contain_text("Right: it is")
    expect(result).not_to_have_text("?")

    page.locator('.glass-terms button[data-symbol="W"]').first.click()
    expect(page.locator("#glass-title")).to_contain_text("W[")
    page.get_by_role("button", name="Nudge this weight").click()
    expect(page.locator(".glass-answer dd").last).to_have_text(re.compile("good|fine"))
    assert not axe(page)
    weight = page.locator("#glass-title").inner_text()
    page.get_by_role("button", name="Go to its update").click()
    opened_at(page, "update")
    expect(page.locator("#glass-title")).to_contain_text(f"of {weight.rpartition(': ')[2]}, layer 3")
    page.get_by_role("button", name="Go to this weight in its layer").click()
    opened_at(page, "2.forward")
    expect(page.locator("#glass-title")).to_have_text(weight)

    place = url_of(page)
    page.goto(place)
    opened_at(page, "2.forward")
    expect(page.locator("#glass-title")).to_contain_text("W[")
    assert url_of(page) == place
    page.get_by_role("button", name="Set this weight, in a fork").click()
    new = page.get_by_label("The weight's new value")
    new.fill("much")
    new.press("Enter")
    expect(page.locator(".glass-form")).to_contain_text("Type a number from −1,000,000 to 1,000,000; got much.")
    assert run_of(page, server)["id"] == run, "a refused value changes nothing"
    new.fill("0,25")
    new.press("Enter")
    other_run(page, run)
    expect(result).to_have_text("0.25")
    assert run_of(page, server)["parent"]["run"] == run
    expect(page.locator("#glass-title")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#glass")).to_be_hidden()
    assert "glass=" not in url_of(page)
    page.set_viewport_size({"width": 390, "height": 844})
    page.locator("#numbers").click()
    opened_at(page, "0.forward")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert not axe(page)
    page.locator("#glass-close").click()
    expect(page.locator("#numbers")).to_be_focused()
