/** The sweep: one or two choices over many values, a small picture for each run, and the scores over both. */

import { ChartCard } from "../charts/chart_card.js";
import { drawScores } from "../charts/scores.js";
import { Card } from "../pictures/card.js";
import { surroundingsIn } from "../pictures/view.js";
import { call, Refusal } from "../server/api.js";
import { Film } from "../server/history.js";
import { ACTIVE, ENDED, WAITING } from "../state/constants.js";
import { say } from "../state/differences.js";
import { count, number, percent } from "../state/numbers.js";
import { Store } from "../state/store.js";
import { make } from "../ui/element.js";
import { readable, select } from "../ui/field.js";
import { icon } from "../ui/icons.js";
import { choicesOf, readList, spread, wordsOf } from "./choices.js";

const POLL = 700;
const STEPS = 2000; // of each run, until a person chooses more

/** A run as a small picture with its score. */
class Tile {
  /** @param {any} run @param {string[]} paths @param {import("../state/store.js").Store} store @param {(run: any) => void} open */
  constructor(run, paths, store, open) {
    this.run = run;
    this.film = new Film(run.id);
    this.shown = -1;
    this.fetching = false;
    const own = new Store();
    own.catalog = store.catalog;
    own.chosen = run.configuration;
    this.kind = own.task.kind;
    this.element = make("button", {
      type: "button",
      className: "tile",
      title: "Show this run alone",
      onclick: () => open(this.run),
    });
    this.score = make("b", {});
    this.state = make("span", {});
    const [picture, view] = Object.entries(own.task.pictures)[0];
    this.card = new Card(picture, view, own, surroundingsIn("sweep", own), this.element);
    this.element.prepend(make("span", { className: "tile-words", textContent: wordsOf(paths, run.group.at) }));
    this.element.append(make("span", { className: "tile-score" }, this.score, this.state));
  }

  get value() {
    const { metrics, step } = this.run;
    if (!step) return null;
    return this.kind === "classes"
      ? (metrics?.test_accuracy ?? metrics?.accuracy ?? null)
      : (metrics?.test_loss ?? metrics?.loss ?? null);
  }

  /** Take in how the run is now, and fetch its picture where it is another. @param {any} run */
  async update(run) {
    this.run = run;
    this.score.textContent = this.kind === "classes" ? percent(this.value) : number(this.value);
    this.state.textContent =
      run.status === "running" ? `step ${count(run.step)}` : run.status === "queued" ? "waiting" : run.status;
    if (run.step === this.shown || this.fetching || document.hidden) return;
    this.fetching = true;
    try {
      await this.film.refresh();
      const newest = this.film.steps.at(-1);
      if (newest === undefined || newest === this.shown) return;
      const { asked } = this.card;
      const picture = (await this.film.pictures(newest, [asked])).get(asked);
      this.shown = newest;
      if (picture) this.card.draw(picture);
    } catch {
      // the next round asks again
    } finally {
      this.fetching = false;
    }
  }
}

export class Sweep {
  /**
   * @param {HTMLElement} element @param {import("../state/store.js").Store} store
   * @param {{opened: (id: string) => void, open: (run: any) => void, failed: (error: unknown) => void, charts: () => Promise<any>, connection: (there: boolean) => void}} actions
   */
  constructor(element, store, actions) {
    this.element = element;
    this.store = store;
    this.actions = actions;
    /** @type {{path: string, values: any[]}[]} */
    this.axes = [];
    /** @type {Tile[]} */
    this.tiles = [];
    /** @type {any} */
    this.group = null;
    this.timer = 0;
    this.steps = STEPS;
  }

  /** @returns {number} runs of a sweep at the most */
  get most() {
    return this.store.catalog.limits.sweep;
  }

  /** Offer a sweep over the learning rate, until a person chooses something else. */
  setUp() {
    this.close();
    const rate = this.store.chosen.optimizer.learning_rate;
    this.steps = Math.min(this.store.chosen.steps, STEPS);
    this.axes = [
      { path: "optimizer.learning_rate", values: spread(rate / 10, Math.min(10, rate * 10), 5, true, false) },
    ];
    this.build();
  }

  build() {
    const choices = choicesOf(this.store, true);
    const rows = this.axes.map((axis, k) => this.row(axis, k, choices));
    const count = this.axes.reduce((n, a) => n * a.values.length, 1);
    const second = make("button", {
      type: "button",
      className: "quiet",
      id: "sweep-more",
      textContent: "+ a second choice",
      disabled: this.axes.length > 1,
      onclick: () => {
        const next = /** @type {any} */ (
          choices.find((c) => c.path === "activation") ?? choices.find((c) => c.path === "batch_size")
        );
        this.axes.push({ path: next.path, values: firstValues(next) });
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
        disabled: count < 2 || count > this.most,
        onclick: () => this.start(),
      },
      icon("play"),
      `Train ${count} runs`,
    );
    const words = make("p", {
      className: "lab-intro",
      textContent:
        count > this.most
          ? `${count} runs are too many; a sweep has ${this.most} at the most.`
          : `${this.store.task.title}: a run for every combination. They wait in line; never more train at once than this machine has cores.`,
    });
    const steps = make("input", { type: "text", className: "short", id: "sweep-steps", value: String(this.steps) });
    steps.onchange = () => {
      this.steps = Math.max(1, Math.round(Number(steps.value)) || STEPS);
      steps.value = String(this.steps);
    };
    rows.push(
      make("div", { className: "sweep-row" }, make("label", { className: "sweep-range" }, "each for", steps, "steps")),
    );
    this.element.replaceChildren(words, ...rows, make("div", { className: "lab-actions" }, second, fewer, start));
  }

  /** @param {{path: string, values: any[]}} axis @param {number} k @param {import("./choices.js").Choice[]} choices */
  row(axis, k, choices) {
    const choice = choices.find((c) => c.path === axis.path) ?? choices[0];
    const others = choices.filter((c) => c.path === axis.path || !this.axes.some((a) => a.path === c.path));
    const what = select(
      others.map((c) => c.label),
      choice.label,
      `sweep-what-${k}`,
      (label) => {
        const chosen = /** @type {any} */ (choices.find((c) => c.label === label));
        this.axes[k] = { path: chosen.path, values: firstValues(chosen) };
        this.build();
      },
    );
    what.setAttribute("aria-label", `Sweep over, ${k + 1}`);
    return make(
      "div",
      { className: "sweep-row" },
      what,
      ...(choice.options ? [this.checks(axis, choice.options)] : this.numbers(axis, k, choice.field)),
    );
  }

  /** @param {{values: any[]}} axis @param {{label: string, value: any}[]} options */
  checks(axis, options) {
    return make(
      "div",
      { className: "sweep-checks" },
      ...options.map((option) => {
        const box = make("input", { type: "checkbox", checked: axis.values.some((v) => say(v) === say(option.value)) });
        box.onchange = () => {
          axis.values = options
            .filter((o) => (o === option ? box.checked : axis.values.some((v) => say(v) === say(o.value))))
            .map((o) => o.value);
          this.build();
        };
        return make("label", {}, box, option.label);
      }),
    );
  }

  /** @param {{values: any[]}} axis @param {number} k @param {any} field */
  numbers(axis, k, field) {
    const whole = !field.type.includes("float");
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
    const box = (/** @type {string} */ id, /** @type {any} */ value, /** @type {string} */ label) => {
      const made = make("input", { type: "text", id: `${id}-${k}`, value: say(value), className: "short" });
      made.setAttribute("aria-label", label);
      return made;
    };
    const sorted = [...axis.values].sort((a, b) => a - b);
    const [low, high, n] = [
      box("sweep-from", sorted[0], "from"),
      box("sweep-to", sorted.at(-1), "to"),
      box("sweep-number", axis.values.length, "how many"),
    ];
    const scale = select(
      ["linear", "logarithmic"],
      field.scale === "log" || sorted[0] * 50 < /** @type {number} */ (sorted.at(-1)) ? "logarithmic" : "linear",
      `sweep-scale-${k}`,
      () => again(),
    );
    scale.setAttribute("aria-label", "spread");
    const again = () => {
      const values = spread(
        Math.max(field.minimum, Number(low.value)),
        Math.min(field.maximum, Number(high.value)),
        Math.max(1, Math.min(this.most, Math.round(Number(n.value)))),
        scale.value === "logarithmic",
        whole,
      );
      if (values.every(Number.isFinite)) {
        axis.values = values;
        this.build();
      }
    };
    for (const input of [low, high, n]) input.onchange = again;
    return [list, make("span", { className: "sweep-range" }, "from", low, "to", high, "in", n, scale)];
  }

  async start() {
    const { speed, ...base } = this.store.chosen;
    try {
      const group = await call("POST", "groups", {
        kind: "sweep",
        base: { ...base, steps: this.steps },
        axes: this.axes,
      });
      this.actions.opened(group.id);
      this.show(group);
    } catch (error) {
      this.actions.failed(error);
    }
  }

  /** Show a sweep that is there. @param {any} group */
  show(group) {
    this.close();
    this.group = group;
    this.tiles = group.runs.map((/** @type {any} */ run) => new Tile(run, group.paths, this.store, this.actions.open));
    this.words = make("p", { className: "race-words", id: "sweep-words" });
    this.words.setAttribute("role", "status");
    const stop = make("button", {
      type: "button",
      id: "sweep-stop",
      textContent: "Stop all",
      onclick: () => call("POST", `groups/${group.id}/stop`).catch(this.actions.failed),
    });
    this.further = make("button", {
      type: "button",
      id: "sweep-further",
      className: "primary",
      textContent: "Go on",
      title: "Train those that were interrupted",
      hidden: true,
    });
    this.further.onclick = () =>
      call("POST", `groups/${group.id}/resume`)
        .then(() => {
          clearTimeout(this.timer);
          this.poll();
        })
        .catch(this.actions.failed);
    const csv = make("a", {
      className: "button",
      href: `api/groups/${group.id}/export/metrics.csv`,
      download: "",
      textContent: "metrics.csv",
    });
    const again = make("button", {
      type: "button",
      className: "quiet",
      textContent: "Another sweep",
      onclick: () => this.setUp(),
    });
    this.grid = make("div", { className: "tiles" }, ...this.tiles.map((t) => t.element));
    const chart = new ChartCard(this.tiles[0].kind === "classes" ? "Test accuracy" : "Test loss");
    this.chart = chart.body;
    this.chart.classList.add("lab-chart");
    this.element.replaceChildren(
      make("div", { className: "lab-actions" }, this.further, stop, csv, this.words, again),
      make("div", { className: "sweep-both" }, this.grid, chart.element),
    );
    this.store.emit("charts");
    this.poll(group);
  }

  /** Ask how all runs are, until all have ended. @param {any} [first] */
  async poll(first) {
    const { group } = this;
    const now = first ?? (await call("GET", `groups/${group.id}`).catch((error) => error));
    if (this.group !== group) return;
    if (now instanceof Refusal) {
      this.actions.connection(now.status !== 0);
      if (now.status === 404)
        this.words.textContent = "This sweep was deleted. Choose another one, or begin a new one.";
      else this.timer = window.setTimeout(() => this.poll(), POLL);
      return;
    }
    this.actions.connection(true);
    await this.take(now);
    const ended = now.runs.every((/** @type {any} */ r) => !ACTIVE.includes(r.status)); // those interrupted wait for a person
    if (this.group === group && !ended) this.timer = window.setTimeout(() => this.poll(), POLL);
  }

  /** @param {any} group */
  async take(group) {
    for (const run of group.runs) this.tiles.find((t) => t.run.id === run.id)?.update(run);
    const high = this.tiles[0].kind === "classes";
    const over = (/** @type {any} */ run) => ENDED.includes(run.status);
    this.further.hidden = !group.runs.some((/** @type {any} */ run) => WAITING.includes(run.status));
    // those that are over by their score, then those that train, then those that wait: nothing jumps while it trains
    const rank = (/** @type {Tile} */ t) => (t.value === null ? 1e9 : !over(t.run) ? 1e8 : high ? -t.value : t.value);
    const sorted = [...this.tiles].sort((a, b) => rank(a) - rank(b));
    sorted.forEach((tile, i) => {
      if (this.grid.children[i] !== tile.element) this.grid.insertBefore(tile.element, this.grid.children[i]);
    });
    const done = group.runs.filter(over).length;
    const best = sorted[0];
    this.words.textContent = `${done} of ${group.runs.length} done${done === 0 ? "" : ` · best: ${wordsOf(group.paths, best.run.group.at)}, ${best.score.textContent}`}`;
    const plotly = await this.actions.charts().catch(() => null);
    if (plotly && this.group?.id === group.id) this.drawChart(plotly, group, high);
  }

  /** @param {any} plotly @param {any} group @param {boolean} high */
  drawChart(plotly, group, high) {
    const values = group.paths.map((/** @type {string} */ _, /** @type {number} */ k) => [
      ...new Set(group.runs.map((/** @type {any} */ r) => say(r.group.at[k]))),
    ]);
    const scoreAt = (/** @type {string} */ a, /** @type {string | undefined} */ b) =>
      this.tiles.find((t) => say(t.run.group.at[0]) === a && (b === undefined || say(t.run.group.at[1]) === b))
        ?.value ?? null;
    const scores =
      values.length === 2
        ? values[1].map((/** @type {string} */ b) => values[0].map((/** @type {string} */ a) => scoreAt(a, b)))
        : [values[0].map((/** @type {string} */ a) => scoreAt(a, undefined))];
    const labels = group.paths.map((/** @type {string} */ path) =>
      readable(
        path.replace(/^(optimizer|data)\./, "").replace(/^network\.(\d+)\./, (_, n) => `layer ${Number(n) + 1} `),
      ),
    );
    drawScores(plotly, this.chart, labels, values, scores, high ? "test accuracy" : "test loss", high);
    if (this.clickable === this.chart) return;
    this.clickable = this.chart;
    /** @type {any} */ (this.chart).on("plotly_click", (/** @type {any} */ { points: [p] }) => {
      const tile = this.tiles.find(
        (t) => say(t.run.group.at[0]) === String(p.x) && (values.length < 2 || say(t.run.group.at[1]) === String(p.y)),
      );
      if (tile) this.actions.open(tile.run);
    });
  }

  close() {
    clearTimeout(this.timer);
    this.group = null;
    for (const tile of this.tiles) tile.card.close();
    this.tiles = [];
  }
}

/** The values that a sweep over a choice begins with. @param {import("./choices.js").Choice} choice */
function firstValues({ options, field, value }) {
  if (options) return options.slice(0, 4).map((o) => o.value);
  const whole = !field.type.includes("float");
  const [low, high] = [Math.max(field.minimum, value / 4), Math.min(field.maximum, value * 4)];
  return spread(low || field.minimum, high || field.maximum, 4, field.scale === "log", whole);
}
