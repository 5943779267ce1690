/** What differs between the runs of a sweep: one or two choices over many values, and a run for every combination. */

import { Card } from "../pictures/card.js";
import { surroundingsIn } from "../pictures/view.js";
import { isWhole, named, readable } from "../state/catalog.js";
import { say } from "../state/differences.js";
import { Store } from "../state/store.js";
import { ownMark, understand, understandList } from "../state/typed.js";
import { make } from "../ui/element.js";
import { refusal, refuse, select } from "../ui/field.js";
import { icon } from "../ui/icons.js";
import { choicesOf, RATE, spread, wordsOf } from "./choices.js";

/** @import {AnyPicture, Axis, Field} from "../state/types.js" */
/** @import {Choice, Option} from "./choices.js" */
/** @import {Place} from "./choices.js" */

const STEPS = 2000; // of each run, until a person chooses more
const SHOWN = 60; // of its runs before the start, at the most
const LATER = "drawn when it trains"; // where a run has no picture yet
/** What leaves the first weights and the data as they are. */
const SAME_START = /^(optimizer|schedule|regularizer|batch_size|clip_norm|averaging)/;

export class SweepForm {
  /**
   * Offer a sweep over the learning rate, until a person chooses something else.
   * @param {Place} place @param {Store} store
   * @param {{changed: () => void, start: () => void, untrained: () => Promise<AnyPicture | null>}} actions
   */
  constructor(place, store, actions) {
    this.place = place;
    this.store = store;
    this.actions = actions;
    /** @type {Set<HTMLElement>} the rows in which something cannot be read */
    this.refused = new Set();
    /** @type {Card[]} */
    this.cards = [];
    this.isBuilt = false;
    const rate = store.chosen.optimizer.learning_rate;
    this.steps = Math.min(store.chosen.steps, STEPS);
    /** @type {Axis[]} */
    this.axes = [{ path: RATE, values: spread(rate / 10, Math.min(10, rate * 10), 5, true, false) }];
    this.build();
  }

  build() {
    const choices = choicesOf(this.store, true, this.axes);
    this.axes = this.axes.filter((a) => choices.some((c) => c.path === a.path));
    const rows = this.axes.map((axis, k) => this.row(axis, k, choices));
    const most = this.store.catalog.limits.sweep;
    const count = this.axes.reduce((n, a) => n * a.values.length, 1);
    const second = make("button", {
      type: "button",
      className: "quiet",
      id: "sweep-more",
      textContent: "+ a second choice",
      disabled: this.axes.length > 1,
      onclick: () => {
        const next = choices.find((c) => c.path === "activation") ?? choices.find((c) => c.path === "batch_size");
        if (next) this.axes.push({ path: next.path, values: firstOf(next) });
        this.build();
      },
    });
    const fewer = make("button", {
      type: "button",
      className: "quiet",
      textContent: "− the second",
      disabled: this.axes.length < 2,
      onclick: () => {
        this.axes.pop();
        this.build();
      },
    });
    this.refused.clear();
    this.isTooMuch = count < 2 || count > most;
    this.button = make(
      "button",
      { type: "button", id: "sweep-start", className: "primary", disabled: this.isTooMuch },
      icon("play"),
      `Train ${count} runs`,
    );
    this.button.onclick = () => this.actions.start();
    const line = "They wait in line; never more train at once than this machine has cores.";
    const words = make("p", {
      className: "lab-intro",
      textContent:
        count > most
          ? `${count} runs are too many; a sweep has ${most} at the most.`
          : count < 2
            ? "One run is no sweep: choose two values or more."
            : `${this.store.task.title}: a run for every combination. ${line}`,
    });
    words.classList.toggle("ill", this.isTooMuch);
    this.place.bar.replaceChildren(this.button);
    this.place.choices.replaceChildren(words, ...rows, make("div", { className: "two" }, second, fewer), this.length());
    this.preview();
    if (this.isBuilt) this.actions.changed();
    this.isBuilt = true;
  }

  /**
   * Say in its row why something cannot be read; until it can, nothing is sent.
   * @param {HTMLElement} row @param {string} words
   */
  refuse(row, words) {
    refuse(row, words);
    if (words) this.refused.add(row);
    else this.refused.delete(row);
    if (this.button) this.button.disabled = this.isTooMuch || this.refused.size > 0;
  }

  /** Show the runs as they will be: untrained, where all of them begin as the run on the page did. */
  preview() {
    for (const card of this.cards) card.close();
    this.cards = [];
    const { store } = this;
    const [first, second] = this.axes.map((axis) => axis.values);
    const all = first.flatMap((a) => (second ? second.map((b) => [a, b]) : [[a]]));
    const isSame = this.axes.every(({ path }) => SAME_START.test(path));
    const [picture, view] = Object.entries(store.task.pictures)[0];
    const own = new Store(store.catalog, store.chosen);
    const paths = this.axes.map(({ path }) => path);
    const tiles = all.slice(0, SHOWN).map((at) => {
      const tile = make("div", { className: "tile" });
      if (isSame) this.cards.push(new Card(picture, view, own, surroundingsIn("sweep", own), tile));
      else tile.append(make("span", { className: "tile-empty", textContent: LATER }));
      tile.prepend(make("span", { className: "tile-words", textContent: wordsOf(paths, at) }));
      tile.append(make("span", { className: "tile-score" }, make("span", { textContent: "not trained yet" })));
      return tile;
    });
    this.place.stage.replaceChildren(make("div", { className: "tiles" }, ...tiles));
    for (const { body } of this.cards) body.dataset.empty = LATER;
    if (isSame) this.drawUntrained(this.cards);
  }

  /** @param {Card[]} cards */
  async drawUntrained(cards) {
    const picture = await this.actions.untrained().catch(() => null);
    if (picture && cards === this.cards) for (const card of cards) card.draw(picture);
  }

  /** How long each run trains. */
  length() {
    const steps = make("input", { type: "text", className: "short", id: "sweep-steps", value: String(this.steps) });
    const field = /** @type {Field} */ (named(this.store.catalog.run, "steps"));
    const row = make("div", { className: "sweep-row" });
    steps.oninput = () => {
      const { value, words } = understand(steps.value, field, ownMark());
      if (value !== null) this.steps = value;
      this.refuse(row, words);
    };
    row.append(make("label", { className: "sweep-range" }, "each for", steps, "steps"), refusal());
    return row;
  }

  /** @param {Axis} axis @param {number} k @param {Choice[]} choices */
  row(axis, k, choices) {
    const choice = choices.find((c) => c.path === axis.path) ?? choices[0];
    const offered = choices.filter((c) => c === choice || !this.axes.some((a) => a.path === c.path));
    const labels = offered.map((c) => c.label);
    const what = select(labels, choice.label, `sweep-what-${k}`, (label) => {
      const chosen = /** @type {Choice} */ (choices.find((c) => c.label === label));
      this.axes[k] = { path: chosen.path, values: firstOf(chosen) };
      this.build();
    });
    what.setAttribute("aria-label", `Sweep over, ${k + 1}`);
    const row = make("div", { className: "sweep-row" }, what);
    row.append(
      ...(choice.field ? this.numbers(row, axis, k, choice.field) : [this.checks(axis, choice.options ?? [])]),
    );
    row.append(refusal());
    return row;
  }

  /** @param {Axis} axis @param {Option[]} options */
  checks(axis, options) {
    const has = (/** @type {Option} */ option) => axis.values.some((v) => say(v) === say(option.value));
    const boxes = options.map((option) => {
      const box = make("input", { type: "checkbox", checked: has(option) });
      box.onchange = () => {
        axis.values = options.filter((o) => (o === option ? box.checked : has(o))).map((o) => o.value);
        this.build();
      };
      return make("label", {}, box, option.label);
    });
    return make("div", { className: "sweep-checks" }, ...boxes);
  }

  /** @param {HTMLElement} row @param {Axis} axis @param {number} k @param {Field} field */
  numbers(row, axis, k, field) {
    const list = make("input", { type: "text", id: `sweep-values-${k}`, value: axis.values.map(say).join(", ") });
    list.setAttribute("aria-label", `Values of ${readable(field.name)}`);
    list.oninput = () => this.refuse(row, understandList(list.value, field, ownMark()).words);
    list.onchange = () => {
      const { values } = understandList(list.value, field, ownMark());
      if (!values) return;
      axis.values = [...new Set(values)];
      this.build();
    };
    const box = (/** @type {string} */ id, /** @type {number} */ value, /** @type {string} */ label) => {
      const made = make("input", { type: "text", id: `${id}-${k}`, value: say(value), className: "short" });
      made.setAttribute("aria-label", label);
      return made;
    };
    const sorted = [...axis.values].sort((a, b) => a - b);
    const [least, greatest] = [sorted[0], sorted[sorted.length - 1]];
    const low = box("sweep-from", least, "from");
    const high = box("sweep-to", greatest, "to");
    const many = box("sweep-number", axis.values.length, "how many");
    const isLog = field.scale === "log" || least * 50 < greatest;
    const scale = select(["linear", "logarithmic"], isLog ? "logarithmic" : "linear", `sweep-scale-${k}`, () =>
      again(),
    );
    scale.setAttribute("aria-label", "spread");
    const most = this.store.catalog.limits.sweep;
    const number = /** @type {Field} */ ({ ...field, name: "how many", type: "int", minimum: 1, maximum: most });
    const again = () => {
      const [from, to, n] = [
        understand(low.value, field, ownMark()),
        understand(high.value, field, ownMark()),
        understand(many.value, number, ownMark()),
      ];
      const words = from.words || to.words || n.words;
      this.refuse(row, words);
      if (from.value === null || to.value === null || n.value === null) return;
      axis.values = spread(from.value, to.value, n.value, scale.value === "logarithmic", isWhole(field));
      this.build();
    };
    for (const input of [low, high, many]) input.onchange = again;
    return [list, make("span", { className: "sweep-range" }, "from", low, "to", high, "in", many, scale)];
  }

  /** What to ask the server for. @returns {Record<string, any>} */
  request() {
    const { speed: _, ...base } = this.store.chosen;
    return { base: { ...base, steps: this.steps }, axes: this.axes };
  }

  close() {
    for (const card of this.cards) card.close();
    this.cards = [];
  }
}

/** The values that a sweep over a choice begins with. @param {Choice} choice @returns {any[]} */
function firstOf({ options, field, value }) {
  if (!field) return (options ?? []).slice(0, 4).map((o) => o.value);
  const [low, high] = [Math.max(field.minimum, value / 4), Math.min(field.maximum, value * 4)];
  return spread(low || field.minimum, high || field.maximum, 4, field.scale === "log", isWhole(field));
}
