/** The curves of the metrics, two side by side: fetched after the first pictures, drawn a few times a second. */

import { changesInWords } from "../state/differences.js";
import { make } from "../ui/element.js";
import { themed } from "../ui/palette.js";
import { ChartCard } from "./chart_card.js";
import { smoothed } from "./line_chart.js";
import { chartsOf, curvesOf, isMeasured, parentCurve } from "./metrics.js";
import { loadPlotly } from "./plotly.js";

/** @typedef {import("./metrics.js").MetricsChart} MetricsChart */
/** @typedef {[id: string, words: string, act: () => Promise<void>]} Choice in the menu of a chart */

const PERIOD = 200;
const SHARE = 0.1; // of the time, at most: on a busy machine they are drawn less often, and leave it to the pictures
const LONGEST = 800; // but no less often than this
const YIELD = 80; // the first pictures after a click go first: Plotly keeps the page busy for 40 ms
const FIRST = ["loss", "accuracy"];
const BETA = 0.9;

export class Charts {
  /**
   * @param {HTMLElement} element @param {import("../state/store.js").Store} store
   * @param {(act: () => void) => void} withPictures does something in the frame of the next pictures
   */
  constructor(element, store, withPictures) {
    this.element = element;
    this.store = store;
    this.withPictures = withPictures;
    /** @type {"log" | "linear"} of all but the shares */
    this.scale = "log";
    this.isSmooth = false;
    /** @type {MetricsChart[]} all that the catalog's columns name */
    this.charts = [];
    /** @type {Slot[]} */
    this.slots = [];
    /** @type {import("./plotly.js").Plotly} null until it is there */
    this.plotly = null;
    this.drawnAt = 0;
    this.took = 0;
    this.timer = 0;
    /** @type {number | null} the step that is pointed at */
    this.pointed = null;
    store.on("catalog", () => this.make());
    store.on("rows", () => this.soon());
    store.on("run", () => this.zoomTo(null));
    store.on("finding", () => this.soon());
    new ResizeObserver(() => this.soon()).observe(element);
    document.addEventListener("visibilitychange", () => this.soon()); // rows came, and nothing was drawn meanwhile
  }

  /** Make the two cards; the losses can have a linear axis too. */
  make() {
    this.charts = chartsOf(this.store.catalog.columns);
    this.slots = FIRST.map((name, i) => new Slot(this, name, i === 0 ? [this.toggle()] : []));
    for (const { card } of this.slots) {
      card.body.textContent = "…";
      this.element.append(card.element);
      this.store.emit("charts", card);
    }
  }

  /** The button between a logarithmic and a linear axis. */
  toggle() {
    const toggle = make("button", { type: "button", className: "quiet scale", id: "loss-scale" });
    const say = () => {
      toggle.textContent = this.scale;
      toggle.setAttribute("aria-label", `Axis of the values: ${this.scale}; switch`);
    };
    toggle.onclick = () => {
      this.scale = this.scale === "log" ? "linear" : "log";
      say();
      this.draw();
    };
    say();
    return toggle;
  }

  /** What can be chosen for the curves, beside saving them. @returns {Choice[]} */
  choices() {
    const end = this.store.columns.step.at(-1) ?? 0;
    const act = (/** @type {() => void} */ what) => async () => what();
    const smooth = this.isSmooth ? "As measured, not smoothed" : "Smoothed: average of about 10 rows";
    return [
      ["smooth", smooth, act(() => this.smooth(!this.isSmooth))],
      ["zoom-half", "The last half of the steps", act(() => this.zoomTo([end / 2, end]))],
      ["zoom-tenth", "The last tenth of the steps", act(() => this.zoomTo([0.9 * end, end]))],
      ["zoom-all", "All steps", act(() => this.zoomTo(null))],
    ];
  }

  /** Show averages of the rows, or the rows. @param {boolean} isSmooth */
  smooth(isSmooth) {
    this.isSmooth = isSmooth;
    this.draw();
  }

  /** Show a part of the steps in all charts, or all. @param {[number, number] | null} span */
  zoomTo(span) {
    for (const { card } of this.slots) card.zoom = span;
    this.draw();
  }

  /** Begin to fetch Plotly. */
  async load() {
    const say = (/** @type {string} */ words) => {
      for (const { card } of this.slots) card.body.textContent = words;
    };
    try {
      const plotly = await loadPlotly(this.store.catalog.plotly);
      say("");
      this.plotly = plotly;
      this.soon();
      this.draw();
    } catch (error) {
      say(`The charts are missing: ${/** @type {Error} */ (error).message}.`);
    }
  }

  /** The charts of what was measured: an accuracy only where classes are learned. @returns {MetricsChart[]} */
  get shown() {
    const { catalog, columns, task } = this.store;
    const hasClasses = task.kind === "classes";
    return this.charts.filter(
      (chart) =>
        (FIRST.includes(chart.name) || isMeasured(catalog.columns, columns, chart)) &&
        (hasClasses || chart.scale !== "share"),
    );
  }

  soon() {
    if (this.store.catalog) {
      const { shown } = this;
      for (const slot of this.slots) slot.offer(shown);
    }
    if (!this.plotly || this.timer) return;
    this.timer = window.setTimeout(
      () => {
        this.withPictures(() => {
          this.timer = 0;
          this.draw();
        });
      },
      Math.max(YIELD, Math.max(PERIOD, Math.min(this.took / SHARE, LONGEST)) - (performance.now() - this.drawnAt)),
    );
  }

  draw() {
    if (!this.plotly || document.hidden || !this.element.clientWidth) return;
    const start = performance.now();
    for (const { card, chart } of this.slots)
      if (chart && !card.element.hidden) card.draw(this.plotly, this.described(chart));
    this.point(this.pointed);
    this.drawnAt = performance.now();
    this.took = this.drawnAt - start;
  }

  /**
   * Describe a chart, with the parent's curve and the changes.
   * @param {MetricsChart} chart @returns {import("./line_chart.js").LineChart}
   */
  described(chart) {
    const { catalog, columns: rows, parent } = this.store;
    const measured = curvesOf(catalog.columns, rows, chart);
    const curves = this.isSmooth ? measured.flatMap((curve) => [rawOf(curve), averageOf(curve)]) : measured;
    if (parent) curves.unshift(parentCurve(catalog.columns, parent, chart));
    return {
      curves,
      over: "step",
      scale: chart.scale === "share" ? "share" : this.scale,
      marks: [...this.marks(), ...this.found(chart)],
      note: this.isSmooth ? "smoothed" : undefined,
    };
  }

  /** The changes while it trained, each with what was changed. */
  marks() {
    const colour = themed("test");
    return changesInWords(this.store.changes).map(({ step, words }) => {
      return { at: step, colour, width: 1, isDotted: true, words: words.replace(/^learning rate/, "rate") };
    });
  }

  /**
   * Where what the doctor found began; the part from there on is tinted in the chart in which it is seen.
   * @param {MetricsChart} chart @returns {import("./line_chart.js").Mark[]}
   */
  found(chart) {
    const { catalog, finding } = this.store;
    if (!finding || finding.kind === "good") return [];
    const column = catalog.columns.find(({ name, title }) => [name, title].includes(finding.picture ?? ""));
    const colour = themed(finding.kind);
    const isShown = this.slots.some((slot) => slot.chart?.name === column?.chart);
    const goesOn = chart.name === (isShown ? column?.chart : "loss");
    return [{ at: finding.since, colour, width: 1.5, words: finding.cause, goesOn }];
  }

  /** Point at a step in every chart, or at none. @param {number | null} step */
  point(step) {
    this.pointed = step;
    for (const { card } of this.slots) card.point(step);
  }
}

/** @typedef {import("./line_chart.js").Curve} Curve */

/** A curve as it was measured, pale behind its average. @param {Curve} curve @returns {Curve} */
const rawOf = (curve) => ({ ...curve, isRaw: true });

/** @param {Curve} curve @returns {Curve} */
const averageOf = (curve) => ({ ...curve, y: smoothed(curve.y, BETA) });

/** One of the places for charts: its card, and which chart a person wants there. */
class Slot {
  /** @param {Charts} charts @param {string} wanted the chart's name @param {Node[]} tools */
  constructor(charts, wanted, tools) {
    this.wanted = wanted;
    /** @type {MetricsChart | undefined} */
    this.chart = charts.charts.find(({ name }) => name === wanted);
    this.select = make("select", { className: "chart-choice" });
    this.select.setAttribute("aria-label", "Which curve");
    this.select.onchange = () => {
      this.wanted = this.select.value;
      charts.soon();
      charts.draw();
    };
    this.unit = make("span", { className: "muted" });
    this.card = new ChartCard(this.chart?.title ?? "", ...tools);
    this.card.heading.replaceChildren(this.select, this.unit);
    this.card.onzoom = (span) => charts.zoomTo(span);
    this.card.choices = () => charts.choices();
    this.card.onpick = (step) => charts.store.emit("numbers", { step: Math.round(step), isNear: true });
  }

  /** Offer what there is; a place whose chart there is not is empty. @param {MetricsChart[]} shown */
  offer(shown) {
    this.chart = shown.find(({ name }) => name === this.wanted);
    this.card.element.hidden = !this.chart;
    this.select.dataset.term = `terms/${this.wanted}`;
    if (this.select.childElementCount !== shown.length)
      this.select.replaceChildren(...shown.map(({ name, title }) => make("option", { value: name }, title)));
    if (this.select.value !== this.wanted) this.select.value = this.wanted;
    this.select.dataset.term = `terms/${this.wanted}`;
    this.card.words = this.chart?.title ?? "";
    this.unit.textContent = this.chart?.scale === "share" ? " %" : "";
  }
}
