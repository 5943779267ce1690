/** What differs between the runs of a race: two to four runs on the same data from the same first weights. */

import { named } from "../state/catalog.js";
import { make } from "../ui/element.js";
import { select } from "../ui/field.js";
import { icon } from "../ui/icons.js";
import { choicesOf, oneValue, RATE } from "./choices.js";

/** @import {Store} from "../state/store.js" */
/** @import {Axis} from "../state/types.js" */
/** @import {Choice} from "./choices.js" */
/** @import {Place} from "./choices.js" */

const FEWEST = 2;

export class RaceForm {
  /**
   * Offer a race of what is chosen: two optimizers, until a person chooses something else.
   * @param {Place} place @param {Store} store @param {{changed: () => void, start: () => void}} actions
   */
  constructor(place, store, actions) {
    this.place = place;
    this.store = store;
    this.actions = actions;
    this.isBuilt = false;
    const { chosen } = store;
    const other = chosen.optimizer.name === "SGD" ? "Adam" : "SGD";
    const options = choicesOf(store, false)[0].options ?? [];
    /** @type {Axis[]} */
    this.axes = [
      { path: "optimizer", values: [chosen.optimizer, options.find((o) => o.label === other)?.value] },
      { path: RATE, values: [chosen.optimizer.learning_rate, this.firstRate(other)] },
    ];
    this.build();
  }

  /** A learning rate that an optimizer can begin with. @param {string} name */
  firstRate(name) {
    const { catalog, task } = this.store;
    return named(catalog.optimizers, name)?.first_rate?.[task.kind];
  }

  get number() {
    return this.axes[0].values.length;
  }

  /** What differs: a part for each choice, with a row for each run. */
  build() {
    const choices = choicesOf(this.store, false, this.axes);
    this.axes = this.axes.filter((a) => choices.some((c) => c.path === a.path));
    const free = choices.filter((c) => !this.axes.some((a) => a.path === c.path));
    const rows = this.axes.map((_, k) => this.row(k, choices, free));
    const another = this.button("+ something else differs", () => this.axes.push(this.same(free[0])));
    const more = this.button("+ a run", () => {
      for (const { values } of this.axes) values.push(values.at(-1));
    });
    more.id = "race-more";
    more.disabled = this.number >= this.store.catalog.limits.racers;
    const fewer = this.button("− a run", () => {
      for (const { values } of this.axes) values.pop();
    });
    fewer.disabled = this.number <= FEWEST;
    const start = make(
      "button",
      { type: "button", id: "race-start", className: "primary", onclick: () => this.actions.start() },
      icon("play"),
      "Start the race",
    );
    const where = this.axes.some((a) => a.path.startsWith("network")) ? " where the layers are the same" : "";
    const intro = make("p", {
      className: "lab-intro",
      textContent: `${this.store.task.title}: the same data, the same first weights${where}. Choose what differs.`,
    });
    this.place.bar.replaceChildren(start);
    const buttons = make("div", { className: "two" }, more, fewer);
    this.place.choices.replaceChildren(intro, ...rows, another, buttons);
    if (this.isBuilt) this.actions.changed();
    this.isBuilt = true;
  }

  /** @param {number} k @param {Choice[]} choices @param {Choice[]} free those that are in no row */
  row(k, choices, free) {
    const axis = this.axes[k];
    const choice = choices.find((c) => c.path === axis.path) ?? choices[0];
    const labels = choices.filter((c) => c === choice || free.includes(c)).map((c) => c.label);
    const what = select(labels, choice.label, `race-what-${k}`, (label) => {
      this.axes[k] = this.same(/** @type {Choice} */ (choices.find((c) => c.label === label)));
      this.build();
    });
    what.setAttribute("aria-label", `What differs, ${k + 1}`);
    const cells = axis.values.map((value, i) => {
      const label = `${choice.label} of run ${i + 1}`;
      const name = make("span", { className: "race-run", textContent: String(i + 1) });
      const change = (/** @type {any} */ v) => this.set(k, i, v);
      return make(
        "div",
        { className: "race-value" },
        name,
        oneValue(choice, value, change, `race-value-${k}-${i}`, label),
      );
    });
    const drop = this.button("", () => this.axes.splice(k, 1));
    drop.append(icon("close"));
    drop.classList.add("tiny");
    drop.title = "Let this be the same for all";
    drop.setAttribute("aria-label", `${drop.title}: ${choice.label}`);
    drop.disabled = this.axes.length === 1;
    return make("div", { className: "race-row" }, make("div", { className: "race-what" }, what, drop), ...cells);
  }

  /** A row in which all runs have the same value. @param {Choice} choice @returns {Axis} */
  same(choice) {
    return { path: choice.path, values: Array(this.number).fill(choice.value) };
  }

  /** @param {string} words @param {() => void} act */
  button(words, act) {
    const onclick = () => {
      act();
      this.build();
    };
    return make("button", { type: "button", textContent: words, onclick });
  }

  /** @param {number} k @param {number} i @param {any} value */
  set(k, i, value) {
    this.axes[k].values[i] = value;
    const rates = this.axes.find((a) => a.path === RATE);
    const usual = this.firstRate(value?.name);
    if (this.axes[k].path !== "optimizer") return this.actions.changed();
    if (rates && usual) rates.values[i] = usual;
    return this.build();
  }

  /** What to ask the server for. @returns {Record<string, any>} */
  request() {
    const { speed, ...base } = this.store.chosen;
    return { base, axes: this.axes, speed };
  }

  close() {}
}
