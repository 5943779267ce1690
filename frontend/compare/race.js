/** The race: two to four runs on the same data from the same first weights, with something that differs. */

import { ChartCard } from "../charts/chart_card.js";
import { call } from "../server/api.js";
import { ACTIVE, WAITING } from "../state/constants.js";
import { count } from "../state/numbers.js";
import { make } from "../ui/element.js";
import { select } from "../ui/field.js";
import { icon } from "../ui/icons.js";
import { themed } from "../ui/palette.js";
import { choicesOf, oneValue, wordsOf } from "./choices.js";
import { Lane } from "./lane.js";

const DRAW_EVERY = 400;
/** A learning rate that each optimizer can begin with. @param {string} name @param {string} kind @returns {number | undefined} */
const firstRate = (name, kind) =>
  /** @type {Record<string, number>} */ ({
    Adam: 0.01,
    AdamW: 0.01,
    LazyAdam: 0.01,
    SGD: kind === "classes" ? 0.5 : 0.05,
    RMSProp: 0.01,
    AdaGrad: 0.1,
  })[name];

export class Race {
  /**
   * @param {HTMLElement} element @param {import("../state/store.js").Store} store
   * @param {{opened: (id: string) => void, open: (run: any) => void, failed: (error: unknown) => void, charts: () => Promise<any>, connection: (there: boolean) => void}} actions
   */
  constructor(element, store, actions) {
    this.element = element;
    this.store = store;
    this.actions = actions;
    /** @type {Lane[]} */
    this.lanes = [];
    /** @type {{path: string, values: any[]}[]} */
    this.axes = [];
    this.group = null;
    this.by = "step";
    this.target = 0.95;
    this.drawing = 0;
    /** @type {number | null} */
    this.at = null;
  }

  /** Offer a race of what is chosen: two optimizers, until a person chooses something else. */
  setUp() {
    this.close();
    const other = this.store.chosen.optimizer.name === "SGD" ? "Adam" : "SGD";
    const options = choicesOf(this.store, false)[0].options ?? [];
    const mine = this.store.chosen.optimizer;
    this.axes = [
      { path: "optimizer", values: [mine, options.find((o) => o.label === other)?.value] },
      { path: "optimizer.learning_rate", values: [mine.learning_rate, firstRate(other, this.store.task.kind)] },
    ];
    this.target = this.store.task.kind === "classes" ? 0.95 : 0.02;
    this.build();
  }

  get number() {
    return this.axes[0].values.length;
  }

  /** The table of what differs: a row for each choice, a column for each run. */
  build() {
    const choices = choicesOf(this.store, false);
    const rows = this.axes.map((axis, k) => {
      const choice = choices.find((c) => c.path === axis.path) ?? choices[0];
      const others = choices.filter((c) => c.path === axis.path || !this.axes.some((a) => a.path === c.path));
      const what = select(
        others.map((c) => c.label),
        choice.label,
        `race-what-${k}`,
        (label) => {
          const chosen = /** @type {any} */ (choices.find((c) => c.label === label));
          this.axes[k] = { path: chosen.path, values: Array(this.number).fill(chosen.value) };
          this.build();
        },
      );
      what.setAttribute("aria-label", `What differs, ${k + 1}`);
      const cells = axis.values.map((value, i) =>
        oneValue(choice, value, (v) => this.set(k, i, v), `race-value-${k}-${i}`, `${choice.label} of run ${i + 1}`),
      );
      const drop = make("button", {
        type: "button",
        className: "quiet tiny",
        textContent: "✕",
        title: "Let this be the same for all",
        disabled: this.axes.length === 1,
        onclick: () => {
          this.axes.splice(k, 1);
          this.build();
        },
      });
      return make("div", { className: "race-row" }, what, ...cells, drop);
    });
    const another = make("button", {
      type: "button",
      className: "quiet",
      textContent: "+ something else differs",
      onclick: () => {
        const next = /** @type {any} */ (choices.find((c) => !this.axes.some((a) => a.path === c.path)));
        this.axes.push({ path: next.path, values: Array(this.number).fill(next.value) });
        this.build();
      },
    });
    const more = make("button", {
      type: "button",
      className: "quiet",
      id: "race-more",
      textContent: "+ a run",
      disabled: this.number >= this.store.catalog.limits.racers,
      onclick: () => {
        for (const a of this.axes) a.values.push(a.values.at(-1));
        this.build();
      },
    });
    const fewer = make("button", {
      type: "button",
      className: "quiet",
      textContent: "− a run",
      disabled: this.number <= 2,
      onclick: () => {
        for (const a of this.axes) a.values.pop();
        this.build();
      },
    });
    const start = make(
      "button",
      { type: "button", id: "race-start", className: "primary" },
      icon("play"),
      "Start the race",
    );
    start.onclick = () => this.start();
    const intro = make("p", {
      className: "lab-intro",
      textContent: `${this.store.task.title}: the same data, the same first weights${this.axes.some((a) => a.path.startsWith("network")) ? " where the layers are the same" : ""}. Choose what differs.`,
    });
    const table = make("div", { className: "race-table" }, ...rows);
    table.style.setProperty("--runs", String(this.number));
    this.element.replaceChildren(intro, table, make("div", { className: "lab-actions" }, another, more, fewer, start));
  }

  /** @param {number} k @param {number} i @param {any} value */
  set(k, i, value) {
    this.axes[k].values[i] = value;
    const rates = this.axes.find((a) => a.path === "optimizer.learning_rate");
    const usual = firstRate(value?.name, this.store.task.kind);
    if (this.axes[k].path === "optimizer" && rates && usual) {
      rates.values[i] = usual;
      this.build();
    }
  }

  async start() {
    const { speed, ...base } = this.store.chosen;
    try {
      const group = await call("POST", "groups", { kind: "race", base, axes: this.axes, speed });
      this.actions.opened(group.id);
      this.show(group);
    } catch (error) {
      this.actions.failed(error);
    }
  }

  /** Show a race that is there. @param {any} group */
  show(group) {
    this.close();
    this.group = group;
    const actions = {
      rows: () => this.soon(),
      status: () => this.showStatus(),
      open: this.actions.open,
      connection: this.actions.connection,
    };
    this.lanes = group.runs.map(
      (/** @type {any} */ run, /** @type {number} */ i) =>
        new Lane(run, wordsOf(group.paths, run.group.at), i, this.store, actions),
    );
    this.target = this.lanes[0].kind === "classes" ? 0.95 : 0.02;
    this.all = make("button", { type: "button", id: "race-all", className: "primary" });
    this.all.onclick = () => this.order(this.lanes.some((l) => ACTIVE.includes(l.run.status)) ? "pause" : "resume");
    this.words = make("p", { className: "race-words", id: "race-words" });
    this.words.setAttribute("role", "status");
    const target = make("input", {
      type: "text",
      id: "race-target",
      value: this.lanes[0].kind === "classes" ? "95 %" : "0.02",
    });
    target.onchange = () => {
      const v = parseFloat(target.value);
      if (v > 0) this.target = this.lanes[0].kind === "classes" ? v / 100 : v;
      this.showReached();
    };
    const goal = make(
      "label",
      { className: "race-target" },
      this.lanes[0].kind === "classes" ? "first to a test accuracy of" : "first to a test loss of",
      target,
    );
    const axis = select(["step", "epoch", "seconds"], this.by, "race-by", (by) => {
      this.by = by;
      this.drawCharts();
    });
    axis.setAttribute("aria-label", "Losses over");
    this.handle = make("input", { type: "range", id: "race-moment", min: "0", max: "1", step: "1" });
    this.handle.setAttribute("aria-label", "Moment of the race");
    this.handle.oninput = () => this.look(Number(this.handle.value));
    this.now = make("button", {
      type: "button",
      id: "race-live",
      textContent: "Live",
      disabled: true,
      onclick: () => this.look(null),
    });
    const stop = make("button", {
      type: "button",
      textContent: "Stop",
      id: "race-stop",
      onclick: () => this.order("stop"),
    });
    const again = make("button", {
      type: "button",
      className: "quiet",
      textContent: "Another race",
      onclick: () => this.setUp(),
    });
    this.chart = new ChartCard("Test losses over", axis);
    this.chart.body.classList.add("lab-chart");
    const lanes = make("div", { className: "lanes" }, ...this.lanes.map((l) => l.element));
    lanes.dataset.runs = String(this.lanes.length);
    const rewind = make(
      "div",
      { className: "race-rewind" },
      make("span", { textContent: "rewind all" }),
      this.handle,
      this.now,
    );
    this.element.replaceChildren(
      make("div", { className: "lab-actions" }, this.all, stop, goal, this.words, again),
      lanes,
      rewind,
      this.chart.element,
    );
    this.store.emit("charts");
    this.showStatus();
    this.soon();
  }

  /** @param {"pause" | "resume" | "stop"} what */
  async order(what) {
    await call("POST", `groups/${this.group.id}/${what}`).catch(this.actions.failed);
  }

  showStatus() {
    const active = this.lanes.some((l) => ACTIVE.includes(l.run.status));
    const waits = this.lanes.some((l) => WAITING.includes(l.run.status));
    this.all.replaceChildren(
      icon(active ? "pause" : "play"),
      active ? "Pause all" : waits ? "Train all" : "The race is over",
    );
    this.all.disabled = !active && !waits;
  }

  soon() {
    this.drawing ||= window.setTimeout(() => {
      this.drawing = 0;
      this.update();
    }, DRAW_EVERY);
  }

  update() {
    if (!this.lanes.length || !this.handle) return;
    const end = Math.max(1, ...this.lanes.map((l) => l.store.columns.step.at(-1) ?? 0));
    this.handle.max = String(end);
    if (this.at === null) this.handle.value = String(end);
    this.showReached();
    this.drawCharts();
  }

  /** Say who was first to reach the target, and when the others did. */
  showReached() {
    const there = this.lanes
      .flatMap((lane) => {
        const when = lane.reached(this.target);
        return when ? [{ lane, when }] : [];
      })
      .sort((a, b) => a.when.step - b.when.step);
    this.words.textContent = there.length
      ? there
          .map(
            ({ lane, when }, i) => `${i + 1}. ${lane.words}: ${count(when.step)} steps, ${when.seconds.toFixed(2)} s`,
          )
          .join("  ·  ")
      : "nobody yet";
  }

  async drawCharts() {
    const plotly = await this.actions.charts().catch(() => null);
    if (!plotly || !this.lanes.length) return;
    this.chart?.draw(plotly, {
      curves: this.lanes.map((lane) => lane.curve(this.by)),
      over: this.by,
      scale: "log",
      marks: this.at === null || this.by !== "step" ? [] : [{ at: this.at, colour: themed("accent"), width: 1.5 }],
    });
  }

  /** Rewind all runs to a step, or show now. @param {number | null} step */
  async look(step) {
    this.at = step;
    this.now.disabled = step === null;
    if (step !== null && !this.lanes.every((l) => l.film.steps.length && !l.held))
      await Promise.all(this.lanes.filter((l) => !l.held).map((l) => l.film.refresh().catch(() => null)));
    if (this.at !== step) return;
    await Promise.all(this.lanes.map((l) => l.look(step)));
    this.drawCharts();
  }

  close() {
    for (const lane of this.lanes) lane.close();
    this.lanes = [];
    this.at = null;
    clearTimeout(this.drawing);
    this.drawing = 0;
  }
}
