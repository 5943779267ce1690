/** A line chart, drawn by Plotly: it gets the points, the axes and the words as they were laid out. */

import { captionSize, legible, themed } from "../ui/palette.js";
import { laidOut, TINT } from "./line_chart.js";
import { draw, escaped } from "./plotly.js";

const DASH = "5px,3px";

/**
 * @param {import("./plotly.js").Plotly} plotly @param {HTMLElement} body
 * @param {import("./line_chart.js").LineChart} chart
 */
export function drawLines(plotly, body, chart) {
  const { clientWidth: width, clientHeight: height } = body;
  if (!width || !height) return;
  const size = captionSize();
  const plan = laidOut(chart, { width, height, size, widthOf });
  const traces = chart.curves.map(({ name, colour, width: thickness, isDotted, isRaw }, i) => ({
    ...plan.curves[i],
    name,
    type: "scatter",
    mode: plan.curves[i].x.length === 1 ? "markers" : "lines",
    line: { color: colour, width: isRaw ? 1 : thickness, dash: isDotted ? DASH : "solid" },
    marker: { color: colour, size: 6 },
    opacity: isRaw ? 0.35 : 1,
    hoverinfo: isRaw ? "skip" : "all",
    hovertemplate: isRaw ? undefined : `%{y:.4~g}<extra>${escaped(name)}</extra>`,
  }));
  const tall = { y0: 0, y1: 1, yref: "paper" };
  const shapes = chart.marks.flatMap(({ at, colour, width: thickness, isDotted, goesOn }) => [
    ...(goesOn && at < plan.span[1]
      ? [
          {
            ...tall,
            type: "rect",
            x0: at,
            x1: plan.span[1],
            fillcolor: colour,
            opacity: TINT,
            line: { width: 0 },
            layer: "below",
          },
        ]
      : []),
    {
      ...tall,
      type: "line",
      x0: at,
      x1: at,
      line: { color: colour, width: thickness, dash: isDotted ? "dot" : "solid" },
    },
  ]);
  const line = themed("line");
  const { margin, axis, across, span } = plan;
  const common = { zeroline: false, automargin: false, tickmode: "array", ticks: "", fixedrange: false };
  draw(plotly, body, [...traces, wordsTrace(plan, size)], {
    margin: { l: margin.left, r: margin.right, t: margin.top, b: margin.bottom },
    hovermode: "x unified",
    dragmode: matchMedia("(pointer: coarse)").matches ? false : "zoom", // a finger goes on scrolling the page
    showlegend: false,
    shapes,
    xaxis: {
      ...common,
      range: span,
      showgrid: false,
      tickvals: across.map(({ at }) => at),
      ticktext: across.map(({ words }) => words),
      hoverformat: ",~f",
    },
    yaxis: {
      ...common,
      type: axis.isLog ? "log" : "linear",
      range: axis.range,
      gridcolor: line,
      tickvals: axis.ticks.map(({ at }) => at),
      ticktext: axis.ticks.map(({ words }) => words),
      ticklabelstandoff: 3,
      fixedrange: true,
    },
  });
}

/**
 * The words of a chart, as a trace of nothing else: it costs less than annotations. Plotly hides a point outside of the
 * plot, so words that stand there begin at its edge.
 * @param {ReturnType<typeof laidOut>} plan @param {number} size
 */
function wordsTrace({ words, span, axis, inner }, size) {
  const [low, high] = axis.range;
  const inside = (/** @type {number} */ px, /** @type {number} */ most) => Math.max(0.001, Math.min(0.999, px / most));
  const value = (/** @type {number} */ y) => high - inside(y, inner.height) * (high - low);
  return {
    type: "scatter",
    mode: "text",
    name: "words",
    showlegend: false,
    cliponaxis: false,
    hoverinfo: "skip",
    x: words.map(({ x }) => span[0] + inside(x, inner.width) * (span[1] - span[0])),
    y: words.map(({ y }) => (axis.isLog ? 10 ** value(y) : value(y))),
    text: words.map(({ words: lines, anchor }) => lines.map((line) => bold(line, anchor)).join("<br>")),
    textposition: words.map(({ anchor, y }) => `${y < 0 ? "top" : "middle"} ${anchor === "end" ? "left" : "right"}`),
    textfont: { size, color: words.map(({ colour }) => (colour ? legible(colour) : themed("ink"))) },
  };
}

/** Words that stand a little off their place. @param {string} words @param {"start" | "end"} anchor */
const bold = (words, anchor) =>
  `<b>${anchor === "start" ? "\u00a0" : ""}${escaped(words)}${anchor === "end" ? "\u00a0" : ""}</b>`;

/** @type {CanvasRenderingContext2D | null} */
let ruler = null;

/** Measure words as they are drawn in charts. @param {string} words */
function widthOf(words) {
  ruler ??= document.createElement("canvas").getContext("2d");
  if (!ruler) return 7 * words.length;
  ruler.font = `bold ${captionSize()}px ${themed("sans")}`;
  return ruler.measureText(words).width;
}
