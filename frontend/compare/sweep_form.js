/** What differs between the runs of a sweep: one or two choices over many values, and a run for every combination. */

import { createGroup } from "../server/api.js";
import { isWhole, readable } from "../state/catalog.js";
import { say } from "../state/differences.js";
import { make } from "../ui/element.js";
import { select } from "../ui/field.js";
import { icon } from "../ui/icons.js";
import { choicesOf, RATE, readList, spread } from "./choices.js";

/** @import {Store} from "../state/store.js" */
/** @import {Axis, Field, Group} from "../state/types.js" */
/** @import {Choice, Option} from "./choices.js" */

const STEPS = 2000; // of each run, until a person chooses more

export class SweepForm {
  /**
   * Offer a sweep over the learning rate, until a person chooses something else.
   * @param {HTMLElement} element @param {Store} store
   * @param {{started: (group: Group) => void, failed: (error: unknown) => void}} actions
   */
  constructor(element, store, actions) {
    this.element = element;
    this.store = store;
    this.actions = actions;
    const rate = store.chosen.optimizer.learning_rate;
    this.steps = Math.min(store.chosen.steps, STEPS);
    /** @type {Axis[]} */
    this.axes = [{ path: RATE, values: spread(rate / 10, Math.min(10, rate * 10), 5, true, false) }];
    this.build();
  }

  build() {
    const choices = choicesOf(this.store, true);
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
    const start = make(
      "button",
      {
        type: "button",
        id: "sweep-start",
        className: "primary",
        disabled: count < 2 || count > most,
        onclick: () => this.start(),
      },
      icon("play"),
      `Train ${count} runs`,
    );
    const line = "They wait in line; never more train at once than this machine has cores.";
    const words = make("p", {
      className: "lab-intro",
      textContent:
        count > most
          ? `${count} runs are too many; a sweep has ${most} at the most.`
          : `${this.store.task.title}: a run for every combination. ${line}`,
    });
    const actions = make("div", { className: "lab-actions" }, second, fewer, start);
    this.element.replaceChildren(words, ...rows, this.length(), actions);
  }

  /** How long each run trains. */
  length() {
    const steps = make("input", { type: "text", className: "short", id: "sweep-steps", value: String(this.steps) });
    steps.onchange = () => {
      this.steps = Math.max(1, Math.round(Number(steps.value)) || STEPS);
      steps.value = String(this.steps);
    };
    const label = make("label", { className: "sweep-range" }, "each for", steps, "steps");
    return make("div", { className: "sweep-row" }, label);
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
    const values = choice.field ? this.numbers(axis, k, choice.field) : [this.checks(axis, choice.options ?? [])];
    return make("div", { className: "sweep-row" }, what, ...values);
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

  /** @param {Axis} axis @param {number} k @param {Field} field */
  numbers(axis, k, field) {
    const list = make("input", { type: "text", id: `sweep-values-${k}`, value: axis.values.map(say).join(", ") });
    list.setAttribute("aria-label", `Values of ${readable(field.name)}`);
    list.onchange = () => {
      const values = readList(list.value, field);
      list.setAttribute("aria-invalid", String(!values));
      list.title = values ? "" : `numbers from ${field.minimum} to ${field.maximum}, with commas between them`;
      if (values) {
        axis.values = values;
        this.build();
      }
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
    const again = () => {
      const values = spread(
        Math.max(field.minimum, Number(low.value)),
        Math.min(field.maximum, Number(high.value)),
        Math.max(1, Math.min(this.store.catalog.limits.sweep, Math.round(Number(many.value)))),
        scale.value === "logarithmic",
        isWhole(field),
      );
      if (values.every(Number.isFinite)) {
        axis.values = values;
        this.build();
      }
    };
    for (const input of [low, high, many]) input.onchange = again;
    return [list, make("span", { className: "sweep-range" }, "from", low, "to", high, "in", many, scale)];
  }

  async start() {
    const { speed: _, ...base } = this.store.chosen;
    const request = { base: { ...base, steps: this.steps }, axes: this.axes };
    try {
      this.actions.started(await createGroup({ kind: "sweep", ...request }));
    } catch (error) {
      this.actions.failed(error);
    }
  }
}

/** The values that a sweep over a choice begins with. @param {Choice} choice @returns {any[]} */
function firstOf({ options, field, value }) {
  if (!field) return (options ?? []).slice(0, 4).map((o) => o.value);
  const [low, high] = [Math.max(field.minimum, value / 4), Math.min(field.maximum, value * 4)];
  return spread(low || field.minimum, high || field.maximum, 4, field.scale === "log", isWhole(field));
}
