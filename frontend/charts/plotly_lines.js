/** A line chart, drawn by Plotly. */

import { themed } from "../ui/palette.js";
import { positive, thin } from "./line_chart.js";
import { draw, escaped } from "./plotly.js";

/** Where there is little room, and where there is more. */
const SMALL = {
  margin: { l: 44, r: 8, t: 4, b: 34 },
  legend: { itemwidth: 30, font: { size: 10.5 } },
};
const LARGE = { margin: { l: 54, r: 10, t: 8, b: 38 }, legend: {} };

/**
 * @param {import("./plotly.js").Plotly} plotly @param {HTMLElement} body
 * @param {import("./line_chart.js").LineChart} chart @param {{isSmall?: boolean}} [how]
 */
export function drawLines(plotly, body, chart, { isSmall = false } = {}) {
  const { margin, legend } = isSmall ? SMALL : LARGE;
  const traces = chart.curves.map(({ name, x, y, colour, width, isDotted }) => ({
    ...thin(x, y),
    name,
    type: "scatter",
    mode: x.length === 1 ? "markers" : "lines",
    line: { color: colour, width, dash: isDotted ? "dot" : "solid" },
    marker: { color: colour, size: 5 },
    hovertemplate: `%{y:.4g}<extra>${escaped(name)}</extra>`,
  }));
  const shapes = chart.marks.map(({ at, colour, width, isDotted }) => ({
    type: "line",
    x0: at,
    x1: at,
    y0: 0,
    y1: 1,
    yref: "paper",
    line: { color: colour, width, dash: isDotted ? "dot" : "solid" },
  }));
  const line = themed("line");
  const axis = { gridcolor: line, zerolinecolor: line, linecolor: line, automargin: true };
  const close = isSmall && traces.length > 2 ? { indentation: -7 } : {}; // three entries beside each other
  draw(plotly, body, traces, {
    margin,
    hovermode: "x unified",
    showlegend: true,
    legend: { orientation: "h", x: 1, xanchor: "right", y: 1.02, yanchor: "bottom", ...legend, ...close },
    shapes,
    xaxis: { ...axis, title: { text: chart.over, standoff: 4 }, rangemode: "tozero" },
    yaxis: { ...axis, ...scaleOf(chart) },
  });
}

/** The y axis of a chart. @param {import("./line_chart.js").LineChart} chart */
function scaleOf({ scale, curves }) {
  if (scale === "share") return { exponentformat: "power", tickformat: ".0%", range: [0, 1.02] };
  if (scale === "linear") return { exponentformat: "power", type: "linear" };
  const decades = Math.max(...curves.map(({ y }) => decadesOf(y)));
  return { exponentformat: "power", type: "log", dtick: decades > 2 ? 1 : "D2", tickformat: ".1r" };
}

/** Count the powers of ten that a curve spans. @param {import("./line_chart.js").Numbers} values */
function decadesOf(values) {
  const [low, high] = positive([values]);
  return high > 0 ? Math.log10(high / low) : 0;
}
