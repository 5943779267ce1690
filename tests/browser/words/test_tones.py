"""A run can be heard: each row by its loss, and what is found; only where somebody wants it."""

import math

from playwright.sync_api import expect

from tests.browser.page import Open, drawn, wait_for_status, wait_for_step

LISTEN = """
  window.tones = []; window.contexts = 0;
  const RealContext = window.AudioContext;
  window.AudioContext = class extends RealContext {
    constructor() { super(); window.contexts++; }
    createOscillator() {
      const made = super.createOscillator();
      const start = made.start.bind(made);
      made.start = (at) => { window.tones.push(made.frequency.value); start(at); };
      return made;
    }
  };
"""


def test_it_is_silent_until_the_keyboard_asks_for_it_and_then_the_loss_can_be_heard_falling(open_page: Open) -> None:
    page = open_page("?speed=200", script=LISTEN)
    drawn(page, "decision boundary")
    page.click("#train")
    wait_for_step(page, 40)
    page.click("#train")
    wait_for_status(page, "paused")
    assert page.evaluate("[tones.length, contexts]") == [0, 0]
    page.focus("#help")
    page.keyboard.press("Enter")
    expect(page.locator("#sound")).to_be_visible()  # what opens takes the focus
    page.locator("#sound").press("Space")
    expect(page.locator("#sound")).to_be_checked()
    assert page.evaluate("tones.splice(0)") == [660]
    page.focus("#help")
    page.keyboard.press("Enter")
    page.click("#reset")
    page.wait_for_function("() => document.querySelector('[data-value=step]').textContent === '0'")
    page.click("#train")
    page.wait_for_function("() => document.querySelector('#said b').textContent === 'Learned.'")
    page.wait_for_function("() => tones.includes(784)")
    page.click("#train")
    wait_for_status(page, "paused")
    heard = page.evaluate("tones")
    chord = heard.index(523)
    rows = [pitch for pitch in heard[:chord] if pitch not in (523, 659, 784)]
    assert heard[chord : chord + 3] == [523, 659, 784]
    assert rows[0] > rows[-1]
    assert math.isclose(rows[0], 660, rel_tol=0.2)
    page.reload()
    page.wait_for_selector("#train:not([disabled])")
    expect(page.locator("#sound")).to_be_checked()
