"""The knobs: numbers in any language, layers in a row each, sliders that say their value, and a phone's bar."""

from playwright.sync_api import Locator, Page, expect

from tests.browser.audit import audit_knobs, unfold
from tests.browser.page import MESSY, Open, drawn, open_layer, run_of, step, wait_for_status, wait_for_step
from tests.conftest import Server

SMALL = """least => [...document.querySelectorAll('#phone-bar *, #panels *')]
  .filter((e) => e.matches('button, select, summary, input:not([type=checkbox]), label:has(+ [type=checkbox])'))
  .filter((e) => e.checkVisibility()).map((e) => [e.textContent || e.id, e.getBoundingClientRect()])
  .filter(([, box]) => box.height < least - 0.5 || box.width < least - 0.5).map(([words]) => words)"""


def number(page: Page, path: str) -> Locator:
    return page.locator(f'[data-path="{path}"] input.number')


def write(page: Page, path: str, text: str) -> None:
    number(page, path).fill(text)
    number(page, path).press("Enter")


def layers(page: Page) -> list[str]:
    return page.locator("#panels [data-path=network] > .layer").evaluate_all("all => all.map(e => e.dataset.layer)")


def test_numbers_are_understood_as_the_browsers_language_has_them(open_page: Open) -> None:
    page = open_page(locale="de-DE")
    drawn(page, "decision boundary")
    write(page, "batch_size", "1.000")
    page.wait_for_url("**batch_size=1000**")
    expect(number(page, "batch_size")).to_have_value("1000")
    write(page, "optimizer.learning_rate", "0,02")
    page.wait_for_url("**learning_rate=0.02**")
    expect(number(page, "optimizer.learning_rate")).to_have_value("0.02")
    write(page, "batch_size", "2,000")
    row = page.locator('[data-path="batch_size"]')
    expect(row.locator(".refusal")).to_have_text("batch size: “2,000” can be 2 or 2000; write it without “,”")
    page = open_page(locale="en-US")
    drawn(page, "decision boundary")
    write(page, "batch_size", "2,000")
    page.wait_for_url("**batch_size=2000**")
    expect(number(page, "batch_size")).to_have_value("2,000")


def test_a_refused_value_stays_with_its_words_and_goes_with_them(open_page: Open) -> None:
    page = open_page()
    drawn(page, "decision boundary")
    row, typed = page.locator('[data-path="data.noise"]'), number(page, "data.noise")
    write(page, "data.noise", "7")

    def refused(is_refused: bool) -> None:
        expect(typed).to_have_value("7" if is_refused else "0.15")
        expect(row.locator(".refusal")).to_be_visible(visible=is_refused)
        assert typed.get_attribute("aria-invalid") == ("true" if is_refused else None)

    refused(True)
    write(page, "batch_size", "64")  # another choice, which the server takes
    page.wait_for_url("**batch_size=64**")
    page.wait_for_function("() => document.body.dataset.status === 'paused'")
    refused(True)
    typed.press("Escape")
    refused(False)
    write(page, "data.noise", "7")
    row.locator("input[type=range]").press("ArrowLeft")
    expect(row.locator(".refusal")).to_be_hidden()
    expect(typed).to_have_value("0.149")


def test_what_the_server_refused_keeps_its_words_while_the_knobs_are_made_anew(open_page: Open) -> None:
    page = open_page("?task=mnist", forgive=(MESSY,))
    drawn(page, "digits")
    open_layer(page, "network.3").get_by_label("Move Flatten down").click()
    refusal = page.locator('[data-path="network.3"] > .refusal')
    expect(refusal).to_be_visible()
    page.route("**/api/runs", lambda route: None)  # the next answer does not come
    page.select_option("#choose-optimizer", "SGD")
    expect(refusal).to_be_visible()


def test_a_slider_says_the_value_it_has(open_page: Open) -> None:
    page = open_page("?task=memory")
    expect(page.locator('[data-path="data.delay"] input[type=range]')).to_have_attribute("aria-valuetext", "40 steps")
    for query in ("?task=spiral", "?task=mnist"):
        page = open_page(query)
        page.wait_for_selector("#panels .field")
        unfold(page)
        rows = page.locator("#panels .field:has(input[type=range])").evaluate_all(
            "all => all.map(e => [e.dataset.path, e.querySelector('input').ariaValueText ?? "
            "e.querySelector('input').getAttribute('aria-valuetext'), e.querySelector('.number').value])"
        )
        assert len(rows) > 8
        for path, words, shown in rows:
            said, shown = words.split(" ")[0], shown.replace(",", "")
            assert float(said.replace(",", "")) == float(shown), path
            assert "e" not in said, f"{path} says {words}, which is no word"
    slider = page.locator('[data-path="batch_size"] input[type=range]')
    slider.press("ArrowRight")
    assert slider.get_attribute("aria-valuetext") == number(page, "batch_size").input_value()
    assert slider.get_attribute("aria-valuenow") == number(page, "batch_size").input_value()
    rate = page.locator('[data-path="optimizer.learning_rate"] input[type=range]')
    assert [float(rate.get_attribute(f"aria-value{end}")) for end in ("min", "max")] == [1e-7, 100], "in what it says too"


def test_the_output_cannot_be_removed_moved_or_passed(open_page: Open) -> None:
    page = open_page()
    drawn(page, "decision boundary")
    before = layers(page)
    output = open_layer(page, "network.4")
    expect(output.locator(".lock")).to_have_text("3 outputs")
    expect(output.get_by_role("button", name="Remove")).to_have_count(0)
    expect(output.get_by_role("button", name="Move")).to_have_count(0)
    expect(output).to_contain_text("cannot be removed")
    last = open_layer(page, "network.3")
    output.locator("> .layer-more > summary").press("Alt+ArrowUp")
    last.get_by_label("Remove Tanh").click()
    down = open_layer(page, "network.2").get_by_label("Move Dense down")
    expect(down).to_be_disabled()
    expect(down).to_have_attribute("title", "Only activations may follow the output")
    page.locator('[data-path="network.2"] > .layer-more > summary').press("Alt+ArrowDown")
    assert layers(page) == [*before[:3], "Dense"]


def test_a_softmax_goes_behind_the_output_where_the_doctor_finds_it(open_page: Open, server: Server) -> None:
    page = open_page()
    drawn(page, "decision boundary")
    page.locator(".layers[data-path=network] > .adder").select_option("Softmax")
    page.locator('[data-path="network.4"] > .layer-more > summary').press("Alt+ArrowDown")
    assert layers(page) == ["Dense", "Tanh", "Dense", "Tanh", "Dense", "Softmax"]
    expect(page.locator('[data-path="network.4"] > .lock')).to_have_text("3 outputs")
    expect(page.locator("#said b")).to_have_text("Softmax twice.")
    arms = number(page, "data.arms")
    arms.fill("5")
    arms.press("Enter")
    expect(page.locator('[data-path="network.4"] > .lock')).to_have_text("5 outputs")
    assert [layer.get("units") for layer in run_of(page, server)["configuration"]["network"]] == [12, None, 12, None, 5, None]
    page.locator(".layers[data-path=network] > .adder").select_option("Dense")
    assert layers(page) == ["Dense", "Tanh", "Dense", "Tanh", "Dense", "Dense", "Softmax"]


def test_layers_are_moved_by_keys_and_dragged_by_their_names(open_page: Open, server: Server) -> None:
    page = open_page()
    drawn(page, "decision boundary")
    more = page.locator('[data-path="network.1"] > .layer-more > summary')
    more.press("Alt+ArrowUp")
    assert layers(page) == ["Tanh", "Dense", "Dense", "Tanh", "Dense"]
    expect(page.locator('[data-path="network.0"] > .layer-more > summary')).to_be_focused()
    page.wait_for_url("**network=Tanh**")
    name = page.locator('[data-path="network.0"] > .layer-name')
    name.hover()
    expect(page.locator("#explanation")).to_be_visible()  # over the rows below, until one takes the name
    name.drag_to(page.locator('[data-path="network.3"] > .layer-name'))
    expect(page.locator("#explanation")).to_be_hidden()
    page.wait_for_function("() => document.querySelector('[data-path=\"network.0\"]').dataset.layer === 'Dense'")
    moved = layers(page)
    assert sorted(moved[:4]) == ["Dense", "Dense", "Tanh", "Tanh"]
    assert moved[4] == "Dense"
    page.wait_for_url("**network=Dense**")


def test_the_stepper_changes_the_number_of_units_by_sensible_steps(open_page: Open, server: Server) -> None:
    page = open_page()
    drawn(page, "decision boundary")
    page.get_by_label("Dense, layer 1: units: more").click()
    expect(number(page, "network.0.units")).to_have_value("13")
    page.wait_for_url("**units!13**")
    expect(page.locator('[data-path="network.0"] > .layer-shape')).to_have_text("2 → 13")
    write(page, "network.0.units", "40")
    page.get_by_label("Dense, layer 1: units: more").click()
    expect(number(page, "network.0.units")).to_have_value("44")
    write(page, "network.0.units", "1")
    less = page.get_by_label("Dense, layer 1: units: less")
    expect(less).to_be_disabled()
    expect(less).to_have_attribute("title", "1 is the least")
    write(page, "network.0.units", "0")
    expect(page.locator('[data-path="network.0.units"] .refusal')).to_contain_text("a whole number from 1 to 4,096")


def test_a_button_that_is_not_offered_says_why(open_page: Open) -> None:
    page = open_page("?speed=50")
    drawn(page, "decision boundary")
    expect(page.locator("#stop")).to_have_attribute("title", "Nothing has been trained yet")
    page.click("#train")
    wait_for_step(page, 3)
    expect(page.locator("#step")).to_be_disabled()
    expect(page.locator("#step")).to_have_attribute("title", "Pause first")
    page.click("#stop")
    wait_for_status(page, "stopped")
    expect(page.locator("#step")).to_have_attribute("title", "This run has ended")
    expect(page.locator("#further")).to_have_text("Train further")
    assert audit_knobs(page) == []


def test_a_phone_has_one_knob_and_the_buttons_at_hand(open_page: Open) -> None:
    page = open_page(width=390, height=844, has_touch=True)
    drawn(page, "decision boundary")
    bar = page.locator("#phone-bar")
    assert bar.bounding_box()["height"] == 116
    assert bar.locator("#train, #step, #reset").count() == 3
    bar.locator("#step").tap()
    wait_for_step(page, 1)
    bar.locator("select").select_option("batch_size")
    bar.locator("input.number").fill("64")
    bar.locator("input.number").press("Enter")
    page.wait_for_url("**batch_size=64**")
    expect(number(page, "batch_size")).to_have_value("64")
    write(page, "batch_size", "32")
    expect(bar.locator("input.number")).to_have_value("32")
    bar.locator("select").select_option("network.0.units")
    bar.locator("input[type=range]").press("ArrowRight")
    expect(number(page, "network.0.units")).to_have_value(bar.locator("input.number").input_value())
    assert page.evaluate(SMALL, 44) == []
    page.reload()
    page.wait_for_selector("#train:not([disabled])")
    expect(bar.locator("select")).to_have_value("network.0.units")
    page.set_viewport_size({"width": 640, "height": 400})
    expect(bar.locator("#step")).to_be_hidden()
    assert bar.bounding_box()["height"] == 56
    page.set_viewport_size({"width": 1280, "height": 800})
    expect(bar).to_be_hidden()
    expect(page.locator("#toolbar #train + .four > #step + #reset + #new-data + #new-weights")).to_be_visible()
    assert step(page) >= 0


def test_a_tablet_has_all_knobs_in_a_drawer(open_page: Open) -> None:
    page = open_page(width=768, height=1024)
    drawn(page, "decision boundary")
    button, knob = page.locator("#all-knobs"), page.locator("#choose-optimizer")
    expect(page.locator("#train")).to_be_visible()
    expect(knob).to_be_hidden()
    button.click()
    expect(knob).to_be_visible()
    expect(button).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Escape")
    expect(knob).to_be_hidden()
    expect(button).to_be_focused()
    button.click()
    page.locator("#picture").click(position={"x": 430, "y": 20})
    expect(knob).to_be_hidden()
