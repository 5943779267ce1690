/** What differs between the runs of a sweep: choices over many values, and how their combinations are searched. */

import { Card } from "../pictures/card.js";
import { surroundingsIn } from "../pictures/view.js";
import { listSearches } from "../server/api.js";
import { isWhole, named, readable } from "../state/catalog.js";
import { say } from "../state/differences.js";
import { count } from "../state/numbers.js";
import { Store } from "../state/store.js";
import { ownMark, understand, understandList } from "../state/typed.js";
import { make } from "../ui/element.js";
import { refusal, refuse, select } from "../ui/field.js";
import { icon } from "../ui/icons.js";
import { choicesOf, RATE, spread, wordsOf } from "./choices.js";
import { usualGoal } from "./trials.js";

/** @import {AnyPicture, Axis, AxisRange, Field, SearchWay} from "../state/types.js" */
/** @import {Choice, Option} from "./choices.js" */
/** @import {Place} from "./choices.js" */

const STEPS = 2000; // of each run, until a person chooses more
const SHOWN = 60; // of its runs before the start, at the most
const LATER = "drawn when it trains"; // where a run has no picture yet
const MOST_CHOICES = 16;
const MOST_VALUES = 64; // of one choice
const DRAWN = 20; // combinations that are drawn, until a person chooses more
const WHOLE = { type: "int", minimum: 1, scale: "linear", unit: "", among: [] };
/** The ways to search that take every combination. */
const OF_THE_GRID = ["grid", "halving"];
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
    this.how = "grid";
    this.runs = DRAWN;
    this.repeats = 1;
    this.goal = usualGoal(store.task.kind);
    /** @type {SearchWay[]} */
    this.ways = [];
    const rate = store.chosen.optimizer.learning_rate;
    this.steps = Math.min(store.chosen.steps, STEPS);
    /** @type {Axis[]} */
    this.axes = [ranged(RATE, { low: rate / 10, high: Math.min(10, rate * 10), scale: "log", count: 5 }, false)];
    /** @type {Choice[]} what could differ, too */
    this.left = [];
    this.isTooMuch = false;
    this.number = make("span");
    this.button = make(
      "button",
      { type: "button", id: "sweep-start", className: "primary" },
      icon("play"),
      this.number,
    );
    this.button.onclick = () => this.actions.start();
    this.words = make("p", { className: "lab-intro" });
    const quiet = (/** @type {string} */ id, /** @type {string} */ words, /** @type {() => void} */ act) =>
      make("button", { type: "button", className: "quiet", id, textContent: words, onclick: act });
    this.further = quiet("sweep-more", "+ another choice", () => this.add());
    this.fewer = quiet("sweep-fewer", "− the last", () => {
      this.axes.pop();
      this.build();
    });
    this.build();
    this.askWays();
  }

  /** Lay out the choices; what has the focus keeps it, or another field gets it. @param {string} [focused] its id */
  build(focused = document.activeElement?.id) {
    const choices = choicesOf(this.store, true, this.axes);
    this.axes = this.axes.filter((a) => choices.some((c) => c.path === a.path));
    this.left = choices.filter((c) => !this.axes.some((a) => a.path === c.path));
    const rows = this.axes.map((axis, k) => this.row(axis, k, choices));
    const two = make("div", { className: "two" }, this.further, this.fewer);
    if (!this.button.isConnected) this.place.bar.replaceChildren(this.button);
    this.place.choices.replaceChildren(this.words, ...rows, two, this.search(), this.length());
    if (focused && document.activeElement?.id !== focused) document.getElementById(focused)?.focus();
    this.refused.clear();
    this.refresh();
  }

  /** Say what will be trained, and show it, as it is chosen now; no control is another one afterwards. */
  refresh() {
    const grid = this.axes.reduce((n, a) => n * a.values.length, 1);
    const combinations = OF_THE_GRID.includes(this.how) ? grid : this.runs;
    const most = this.store.catalog.limits.runs;
    const number = combinations * this.repeats;
    this.isTooMuch = combinations < 2 || number > most;
    this.button.disabled = this.isTooMuch || this.refused.size > 0;
    this.number.textContent = `Train ${count(number)} runs`;
    this.further.disabled = !this.left.length || this.axes.length >= MOST_CHOICES;
    this.fewer.disabled = this.axes.length < 2;
    this.words.textContent =
      number > most
        ? `${count(number)} runs are too many; this server keeps ${count(most)}.`
        : combinations < 2
          ? "One run is no sweep: choose two values or more."
          : `${this.store.task.title}: ${this.said(combinations)} They wait in line for a core of their own.`;
    this.words.classList.toggle("ill", this.isTooMuch);
    this.preview();
    if (this.isBuilt) this.actions.changed();
    this.isBuilt = true;
  }

  /** Let one more choice differ. */
  add() {
    const { left } = this;
    const next = left.find((c) => c.path === "activation") ?? left.find((c) => c.path === "batch_size") ?? left[0];
    this.axes.push(firstOf(next));
    this.build(`sweep-what-${this.axes.length - 1}`);
  }

  /** Ask which ways to search this server has. */
  async askWays() {
    this.ways = await listSearches().catch(() => []);
    if (this.ways.length && this.button.isConnected) this.build();
  }

  /** Say in a sentence which combinations are trained. @param {number} number */
  said(number) {
    if (this.how === "grid") return "a run for every combination.";
    if (this.how === "halving") return `${count(number)} combinations, of which only the better ones train on.`;
    return `${count(number)} combinations of these ranges.`;
  }

  /** How the combinations are searched, how often each is trained, and what counts. */
  search() {
    const row = make("div", { className: "sweep-row sweep-search" });
    const titles = this.ways.map((way) => way.title);
    const way = this.ways.find(({ how }) => how === this.how);
    const how = select(titles.length ? titles : ["Grid"], way?.title ?? "Grid", "sweep-how", (title) => {
      this.how = this.ways.find((one) => one.title === title)?.how ?? "grid";
      this.build();
    });
    for (const [i, { available, install }] of this.ways.entries()) {
      how.options[i].disabled = !available;
      if (!available) how.options[i].text += ` (${install})`;
    }
    const goals = ["test_accuracy", "test_loss", "accuracy", "loss"];
    const offered = this.store.task.kind === "classes" ? goals : goals.filter((goal) => !goal.endsWith("accuracy"));
    const words = (/** @type {string} */ goal) => readable(goal);
    const goal = select(offered.map(words), words(this.goal), "sweep-goal", (chosen) => {
      this.goal = offered.find((one) => words(one) === chosen) ?? this.goal;
    });
    const parts = [
      make("label", { className: "sweep-range" }, "search", how),
      make("p", { className: "muted", textContent: way?.help ?? "" }),
      ...(OF_THE_GRID.includes(this.how)
        ? []
        : [this.whole(row, "runs", "combinations", this.store.catalog.limits.runs)]),
      this.whole(row, "repeats", "seeds of each", 20),
      make("label", { className: "sweep-range" }, "best by", goal),
    ];
    row.append(...parts, refusal());
    return row;
  }

  /**
   * A whole number of the search.
   * @param {HTMLElement} row @param {"runs" | "repeats"} name @param {string} label @param {number} most
   */
  whole(row, name, label, most) {
    const field = /** @type {Field} */ (/** @type {unknown} */ ({ ...WHOLE, name: label, maximum: most }));
    const input = make("input", { type: "text", className: "short", id: `sweep-${name}`, value: String(this[name]) });
    input.onchange = () => {
      const { value, words } = understand(input.value, field, ownMark());
      const wasRefused = this.refused.has(row);
      this.refuse(row, words);
      if (value === null) return;
      this[name] = value;
      if (wasRefused)
        this.build(); // the other number of the row may still be the one that cannot be read
      else this.refresh();
    };
    return make("label", { className: "sweep-range" }, input, label);
  }

  /**
   * Say in its row why something cannot be read; until it can, nothing is sent.
   * @param {HTMLElement} row @param {string} words
   */
  refuse(row, words) {
    refuse(row, words);
    if (words) this.refused.add(row);
    else this.refused.delete(row);
    this.button.disabled = this.isTooMuch || this.refused.size > 0;
  }

  /** Show the runs as they will be: untrained, where all of them begin as the run on the page did. */
  preview() {
    for (const card of this.cards) card.close();
    this.cards = [];
    const { store } = this;
    const all = OF_THE_GRID.includes(this.how) ? firstCombinations(this.axes) : [];
    const isSame = this.axes.every(({ path }) => SAME_START.test(path));
    const [picture, view] = Object.entries(store.task.pictures)[0];
    const own = new Store(store.catalog, store.chosen);
    const paths = this.axes.map(({ path }) => path);
    const tiles = all.map((at) => {
      const tile = make("div", { className: "tile" });
      if (isSame) this.cards.push(new Card(picture, view, own, surroundingsIn("sweep", own), tile));
      else tile.append(make("span", { className: "tile-empty", textContent: LATER }));
      tile.prepend(make("span", { className: "tile-words", textContent: wordsOf(paths, at) }));
      tile.append(make("span", { className: "tile-score" }, make("span", { textContent: "not trained yet" })));
      return tile;
    });
    const drawn = make("p", {
      className: "lab-intro",
      textContent: "Which combinations are trained is drawn by and by.",
    });
    this.place.stage.replaceChildren(tiles.length ? make("div", { className: "tiles" }, ...tiles) : drawn);
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
      this.axes[k] = firstOf(chosen);
      this.build();
    });
    what.setAttribute("aria-label", `Sweep over, ${k + 1}`);
    const row = make("div", { className: "sweep-row" }, what);
    row.append(
      ...(choice.field ? this.numbers(row, axis, k, choice.field) : [this.checks(axis, k, choice.options ?? [])]),
    );
    row.append(refusal());
    return row;
  }

  /** @param {Axis} axis @param {number} k @param {Option[]} options */
  checks(axis, k, options) {
    const has = (/** @type {Option} */ option) => axis.values.some((v) => say(v) === say(option.value));
    const boxes = options.map((option, i) => {
      const box = make("input", { type: "checkbox", id: `sweep-check-${k}-${i}`, checked: has(option) });
      box.onchange = () => {
        axis.values = options.filter((o) => (o === option ? box.checked : has(o))).map((o) => o.value);
        this.build(); // what else can differ hangs on it, as an optimizer's fields do
      };
      return make("label", {}, box, option.label);
    });
    return make("div", { className: "sweep-checks" }, ...boxes);
  }

  /** @param {HTMLElement} row @param {Axis} axis @param {number} k @param {Field} field */
  numbers(row, axis, k, field) {
    const list = make("input", { type: "text", id: `sweep-values-${k}` });
    list.setAttribute("aria-label", `Values of ${readable(field.name)}`);
    const read = () => {
      const { values, words } = understandList(list.value, field, ownMark());
      const own = values && [...new Set(values)];
      if (own && own.length > MOST_VALUES)
        return { own: null, words: `${count(own.length)} values are too many; ${MOST_VALUES} are the most` };
      return { own, words };
    };
    list.oninput = () => this.refuse(row, read().words);
    list.onchange = () => {
      const { own } = read();
      if (!own) return;
      axis.values = own;
      delete axis.range; // these values, and no others between them
      show();
      this.refresh();
    };
    const box = (/** @type {string} */ id, /** @type {string} */ label) => {
      const made = make("input", { type: "text", id: `${id}-${k}`, className: "short" });
      made.setAttribute("aria-label", label);
      return made;
    };
    const low = box("sweep-from", "from");
    const high = box("sweep-to", "to");
    const many = box("sweep-number", "how many");
    const scale = select(["linear", "logarithmic"], "linear", `sweep-scale-${k}`, () => again());
    scale.setAttribute("aria-label", "spread");
    const show = () => {
      const sorted = [...axis.values].sort((a, b) => a - b);
      const [least, greatest] = [sorted[0], sorted[sorted.length - 1]];
      list.value = axis.values.map(say).join(", ");
      low.value = say(axis.range?.low ?? least);
      high.value = say(axis.range?.high ?? greatest);
      many.value = say(axis.values.length);
      const isLog = axis.range ? axis.range.scale === "log" : field.scale === "log" || least * 50 < greatest;
      scale.value = isLog ? "logarithmic" : "linear";
    };
    show();
    const number = /** @type {Field} */ ({ ...field, name: "how many", type: "int", minimum: 1, maximum: MOST_VALUES });
    const again = () => {
      const [from, to, n] = [
        understand(low.value, field, ownMark()),
        understand(high.value, field, ownMark()),
        understand(many.value, number, ownMark()),
      ];
      const words = from.words || to.words || n.words;
      this.refuse(row, words);
      if (from.value === null || to.value === null || n.value === null) return;
      const spanned = scale.value === "logarithmic" ? "log" : "linear";
      const range = {
        low: from.value,
        high: to.value,
        scale: /** @type {"log" | "linear"} */ (spanned),
        count: n.value,
      };
      Object.assign(axis, ranged(axis.path, range, isWhole(field)));
      show();
      this.refresh();
    };
    for (const input of [low, high, many]) input.onchange = again;
    return [list, make("span", { className: "sweep-range" }, "from", low, "to", high, "in", many, scale)];
  }

  /** What to ask the server for. @returns {Record<string, any>} */
  request() {
    const { speed: _, ...base } = this.store.chosen;
    const { how, runs, repeats, goal } = this;
    const ofGrid = OF_THE_GRID.includes(how);
    const axes = this.axes.map(({ path, values, range }) =>
      how === "grid" || !range || range.low >= range.high
        ? { path, values }
        : { path, ...range, count: Math.max(2, range.count) },
    );
    const search = { how, repeats, goal, ...(ofGrid ? {} : { runs }) };
    return { base: { ...base, steps: this.steps }, axes, search };
  }

  close() {
    for (const card of this.cards) card.close();
    this.cards = [];
  }
}

/** What a sweep over a choice begins with. @param {Choice} choice @returns {Axis} */
function firstOf({ path, options, field, value }) {
  if (!field) return { path, values: (options ?? []).slice(0, 4).map((o) => o.value) };
  const low = Math.max(field.minimum, value / 4) || field.minimum;
  const high = Math.min(field.maximum, value * 4) || field.maximum;
  const scale = field.scale === "log" && low > 0 ? "log" : "linear";
  return ranged(path, { low, high, scale, count: 4 }, isWhole(field));
}

/**
 * A choice that spreads over a range.
 * @param {string} path @param {AxisRange} range @param {boolean} whole @returns {Axis}
 */
function ranged(path, range, whole) {
  const round = (/** @type {number} */ v) => (whole ? Math.round(v) : Number(v.toPrecision(3)));
  const values = spread(range.low, range.high, range.count, range.scale === "log", whole);
  return { path, values, range: { ...range, low: round(range.low), high: round(range.high) } };
}

/** The first combinations of all values, as many as are shown. @param {Axis[]} axes @returns {any[][]} */
function firstCombinations(axes) {
  /** @type {any[][]} */
  let all = [[]];
  for (const { values } of axes) all = all.flatMap((at) => values.map((value) => [...at, value])).slice(0, 64 * SHOWN);
  return all.slice(0, SHOWN);
}
