/** The charts of the metrics on the page: fetched after the first pictures, drawn a few times a second. */

import { make } from "../ui/element.js";
import { themed } from "../ui/palette.js";
import { ChartCard } from "./chart_card.js";
import { chartsOf, curvesOf, parentCurve } from "./metrics.js";
import { loadPlotly } from "./plotly.js";

const PERIOD = 200;
const YIELD = 80; // the first pictures after a click go first: Plotly keeps the page busy for 40 ms

export class Charts {
  /** @param {HTMLElement} element @param {import("../state/store.js").Store} store */
  constructor(element, store) {
    this.element = element;
    this.store = store;
    /** @type {"log" | "linear"} of the losses */
    this.scale = "log";
    /** @type {{chart: import("./metrics.js").MetricsChart, card: ChartCard}[]} */
    this.cards = [];
    /** @type {import("./plotly.js").Plotly} null until it is there */
    this.plotly = null;
    this.drawnAt = 0;
    this.timer = 0;
    /** @type {number | null} the step that is pointed at */
    this.pointed = null;
    store.on("catalog", () => this.make());
    store.on("rows", () => this.soon());
    new ResizeObserver(() => this.soon()).observe(element);
  }

  /** Make a card for each chart; the losses can have a linear axis too. */
  make() {
    for (const chart of chartsOf(this.store.catalog.columns)) {
      const card = chart.name === "loss" ? new ChartCard(chart.title, this.toggle()) : new ChartCard(chart.title);
      card.body.textContent = "…";
      this.element.append(card.element);
      this.cards.push({ chart, card });
      this.store.emit("charts", card);
    }
  }

  /** The button between a logarithmic and a linear axis. */
  toggle() {
    const toggle = make("button", { type: "button", className: "quiet scale", id: "loss-scale" });
    const say = () => {
      toggle.textContent = this.scale;
      toggle.setAttribute("aria-label", `Loss axis: ${this.scale}; switch`);
    };
    toggle.onclick = () => {
      this.scale = this.scale === "log" ? "linear" : "log";
      say();
      this.soon();
    };
    say();
    return toggle;
  }

  /** Begin to fetch Plotly. */
  async load() {
    const say = (/** @type {string} */ words) => {
      for (const { card } of this.cards) card.body.textContent = words;
    };
    try {
      const plotly = await loadPlotly(this.store.catalog.plotly);
      say("");
      this.plotly = plotly;
      this.draw();
    } catch (error) {
      say(`The charts are missing: ${/** @type {Error} */ (error).message}.`);
    }
  }

  /** The charts of what the task has to learn: an accuracy is measured of classes. */
  get shown() {
    const hasClasses = this.store.catalog === null || this.store.task.kind === "classes";
    return this.cards.filter(({ chart }) => hasClasses || chart.scale !== "share");
  }

  soon() {
    const { shown } = this;
    for (const one of this.cards) one.card.element.hidden = !shown.includes(one);
    if (!this.plotly || this.timer) return;
    this.timer = window.setTimeout(
      () => {
        this.timer = 0;
        this.draw();
      },
      Math.max(YIELD, PERIOD - (performance.now() - this.drawnAt)),
    );
  }

  draw() {
    if (!this.plotly || document.hidden) return;
    for (const { chart, card } of this.shown) card.draw(this.plotly, this.described(chart), { isSmall: true });
    this.point(this.pointed);
    this.drawnAt = performance.now();
  }

  /**
   * Describe a chart, with the parent's curve and the changes.
   * @param {import("./metrics.js").MetricsChart} chart @returns {import("./line_chart.js").LineChart}
   */
  described(chart) {
    const { catalog, columns: rows, parent, changes } = this.store;
    const curves = curvesOf(catalog.columns, rows, chart);
    if (parent) curves.unshift(parentCurve(catalog.columns, parent, chart));
    const marks = changes.slice(1).map(({ step }) => ({ at: step, colour: themed("test"), width: 1, isDotted: true }));
    return { curves, over: "step", scale: chart.name === "loss" ? this.scale : chart.scale, marks };
  }

  /** Point at a step in every chart, or at none. @param {number | null} step */
  point(step) {
    this.pointed = step;
    for (const { card } of this.cards) card.point(step);
  }
}
