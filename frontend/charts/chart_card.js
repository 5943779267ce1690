/**
 * The card of a chart: its title, the chart, a cursor that points at a step, and a part of it that is looked at closer.
 */

import { make } from "../ui/element.js";
import { labelsOf } from "./axis.js";
import { drawLines } from "./plotly_lines.js";

const CLOSER = 0.6; // of what is seen, from one key to the next
const SIDEWAYS = 0.25;
const PICKED_AFTER = 350; // milliseconds, longer than a double click
const LEAST = 4; // what the axis across spans at the closest

export class ChartCard {
  /** @param {string} words its title @param {Node[]} tools beside the title */
  constructor(words, ...tools) {
    this.words = words;
    this.owner = ""; // after which its file is named, where that is not the task on the page
    this.heading = make("h2", {}, words);
    this.title = make("header", {}, this.heading, ...tools);
    /** @type {HTMLElement} */
    this.body = make("div", { className: "chart-body", tabIndex: 0 });
    this.body.setAttribute("role", "group");
    this.body.setAttribute("aria-roledescription", "chart");
    this.body.setAttribute(
      "aria-description",
      "Plus and minus look closer and less close, arrows move, Escape shows all, Enter opens its end in numbers.",
    );
    this.body.setAttribute("aria-label", words);
    this.body.onkeydown = (event) => this.key(event);
    this.all = make("button", { type: "button", className: "tiny chart-all", textContent: "All steps", hidden: true });
    this.all.onclick = () => {
      this.zoomTo(null);
      this.body.focus();
    };
    this.cursor = make("i", { className: "chart-cursor", hidden: true });
    this.element = make("article", { className: "card chart" }, this.title, this.body, this.cursor, this.all);
    /** @type {[number, number] | null} what of the axis across is shown; null is all */
    this.zoom = null;
    /** @type {(zoom: [number, number] | null) => void} hears that a person looks closer, or at all again */
    this.onzoom = () => this.redraw();
    /** @type {() => [id: string, words: string, act: () => Promise<void>][]} what its menu offers beside saving */
    this.choices = () => [];
    /** @type {(step: number) => void} hears that a point was clicked, or its end asked for by key */
    this.onpick = () => {};
    this.picking = 0;
    this.isListening = false;
    /** @type {{plotly: import("./plotly.js").Plotly, chart: import("./line_chart.js").LineChart} | null} */
    this.drawn = null;
  }

  /** @param {import("./plotly.js").Plotly} plotly @param {import("./line_chart.js").LineChart} chart */
  draw(plotly, chart) {
    if (this.drawn && this.drawn.chart.over !== chart.over) this.zoom = null;
    this.drawn = { plotly, chart };
    this.redraw();
  }

  redraw() {
    if (!this.drawn || /** @type {import("./plotly.js").Drawn} */ (this.body)._dragging) return;
    const { plotly, chart } = this.drawn;
    this.all.hidden = !this.zoom;
    drawLines(plotly, this.body, { ...chart, zoom: this.zoom });
    this.listen();
    const label = described(this.words, chart);
    if (this.body.getAttribute("aria-label") !== label) this.body.setAttribute("aria-label", label);
  }

  /** Hear of a part that was dragged over, and of a double click; once, as soon as Plotly is there. */
  listen() {
    const body = /** @type {import("./plotly.js").Drawn} */ (this.body);
    if (this.isListening || !body.on) return;
    this.isListening = true;
    body.on("plotly_relayout", (change) => {
      const [from, to] = [change["xaxis.range[0]"], change["xaxis.range[1]"]];
      if (typeof from === "number") this.zoomTo([from, to]);
    });
    body.on("plotly_doubleclick", () => {
      clearTimeout(this.picking);
      this.zoomTo(null);
    });
    body.on("plotly_click", ({ points }) => {
      clearTimeout(this.picking);
      const step = points?.[0]?.x;
      if (typeof step === "number" && this.drawn?.chart.over === "step")
        this.picking = window.setTimeout(() => this.onpick(step), PICKED_AFTER); // a second click shows all instead
    });
  }

  /** Look at a part of the axis across, or at all of it. @param {[number, number] | null} span */
  zoomTo(span) {
    const end = this.end;
    if (span) {
      const wide = Math.min(end, Math.max(LEAST, span[1] - span[0]));
      const from = Math.max(0, Math.min(end - wide, span[0]));
      span = wide >= end ? null : [from, from + wide];
    }
    this.zoom = span;
    this.onzoom(span);
  }

  /** Whether its curves have other words at their ends than their names. */
  get isNamedBelow() {
    return this.drawn?.chart.curves.some(({ label }) => label !== undefined) ?? false;
  }

  /** How far the axis across goes. */
  get end() {
    return Math.max(1, ...(this.drawn?.chart.curves ?? []).map(({ x }) => Number(x.at(-1) ?? 0)));
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const [from, to] = this.zoom ?? [0, this.end];
    if (event.key === "Enter" && event.target === this.body && this.drawn?.chart.over === "step") {
      event.preventDefault();
      this.onpick(to);
      return;
    }
    const [middle, half] = [(from + to) / 2, (to - from) / 2];
    const aside = 2 * half * SIDEWAYS;
    /** @type {Record<string, () => [number, number] | null>} */
    const keys = {
      "+": () => [middle - half * CLOSER, middle + half * CLOSER],
      "-": () => [middle - half / CLOSER, middle + half / CLOSER],
      ...(this.zoom && {
        ArrowLeft: () => [from - aside, to - aside],
        ArrowRight: () => [from + aside, to + aside],
        Escape: () => null,
      }),
    };
    const span = keys[event.key === "=" ? "+" : event.key];
    if (!span || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    this.zoomTo(span());
  }

  /** Point at a step, or at none. @param {number | null} step */
  point(step) {
    const axes = /** @type {import("./plotly.js").Drawn} */ (this.body)._fullLayout;
    const px = axes && step !== null ? axes.xaxis.l2p(step) : NaN;
    this.cursor.hidden = !axes || !(px >= 0 && px <= axes.xaxis._length);
    if (this.cursor.hidden || !axes) return;
    const { xaxis, yaxis } = axes;
    Object.assign(this.cursor.style, {
      left: `${this.body.offsetLeft + xaxis._offset + px}px`,
      top: `${this.body.offsetTop + yaxis._offset}px`,
      height: `${yaxis._length}px`,
    });
  }
}

/**
 * Say a chart for who does not see it: where each curve is now.
 * @param {string} words @param {import("./line_chart.js").LineChart} chart
 */
function described(words, { curves, scale, note, marks }) {
  const ends = curves.flatMap(({ name, y, isRaw }) => {
    const v = y.filter((value) => value !== null).at(-1);
    if (v === undefined || v === null || isRaw) return [];
    const written = scale === "share" ? `${(100 * v).toFixed(1)} %` : labelsOf([Number(v.toPrecision(3))])[0];
    return [`${name} ${written}`.trim()];
  });
  const flags = marks.flatMap(({ words: flag, at }) => (flag ? [`${flag} from ${at} on`] : []));
  return [words + (note ? ` (${note})` : ""), ends.join(", "), flags.join(", ")].filter(Boolean).join(": ");
}
