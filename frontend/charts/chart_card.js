/** The card of a chart: its title, the chart, and a cursor that points at a step. */

import { make } from "../ui/element.js";
import { drawLines } from "./plotly_lines.js";

export class ChartCard {
  /** @param {string} words its title @param {Node[]} tools beside the title */
  constructor(words, ...tools) {
    this.words = words;
    this.title = make("header", {}, make("h2", { textContent: words }), ...tools);
    /** @type {HTMLElement} */
    this.body = make("div", { className: "chart-body" });
    this.cursor = make("i", { className: "chart-cursor", hidden: true });
    this.element = make("article", { className: "card chart" }, this.title, this.body, this.cursor);
  }

  /**
   * @param {import("./plotly.js").Plotly} plotly @param {import("./line_chart.js").LineChart} chart
   * @param {{isSmall?: boolean}} [how]
   */
  draw(plotly, chart, how) {
    drawLines(plotly, this.body, chart, how);
  }

  /** Point at a step, or at none. @param {number | null} step */
  point(step) {
    const axes = /** @type {import("./plotly.js").Drawn} */ (this.body)._fullLayout;
    this.cursor.hidden = step === null || !axes;
    if (step === null || !axes) return;
    const { xaxis, yaxis } = axes;
    Object.assign(this.cursor.style, {
      left: `${this.body.offsetLeft + xaxis._offset + xaxis.l2p(step)}px`,
      top: `${this.body.offsetTop + yaxis._offset}px`,
      height: `${yaxis._length}px`,
    });
  }
}
