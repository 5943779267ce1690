/** The charts that races and sweeps share. */

import { themed } from "../ui/palette.js";
import { decades, thin } from "./charts.js";

const CONFIG = {
  showSendToCloud: false,
  plotlyServerURL: "",
  displaylogo: false,
  displayModeBar: false,
  responsive: false,
};

/** The layout that all charts here have. @param {HTMLElement} body @param {object} more */
function layout(body, more) {
  return {
    margin: { l: 54, r: 10, t: 8, b: 38 },
    height: body.clientHeight,
    width: body.clientWidth,
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { size: 11, color: themed("muted"), family: "system-ui, sans-serif" },
    hoverlabel: { bgcolor: themed("paper"), font: { color: themed("ink") } },
    ...more,
  };
}

/**
 * Draw the runs' test losses over each other.
 * @param {any} plotly @param {HTMLElement} body @param {import("../compare/lane.js").Lane[]} lanes @param {string} by @param {number | null} at a step to point at
 */
export function drawLosses(plotly, body, lanes, by, at) {
  const axis = {
    gridcolor: themed("line"),
    zerolinecolor: themed("line"),
    linecolor: themed("line"),
    automargin: true,
  };
  const traces = lanes.map(({ store, run, words, colour }) => {
    const { step, time, test_loss: test, loss } = store.columns;
    const x =
      by === "seconds"
        ? time
        : by === "epoch"
          ? step.map((s) => /** @type {number} */ (s) / (run.steps_per_epoch || 1))
          : step;
    return {
      ...thin(x, test.some((v) => v !== null) ? test : loss),
      name: words,
      type: "scatter",
      mode: "lines",
      line: { color: colour, width: 2 },
      hovertemplate: `%{y:.4g}<extra>${escaped(words)}</extra>`,
    };
  });
  const shapes =
    at === null || by !== "step"
      ? []
      : [{ type: "line", x0: at, x1: at, y0: 0, y1: 1, yref: "paper", line: { color: themed("accent"), width: 1.5 } }];
  plotly.react(
    body,
    traces,
    layout(body, {
      hovermode: "x unified",
      showlegend: true,
      legend: { orientation: "h", x: 1, xanchor: "right", y: 1.02, yanchor: "bottom" },
      shapes,
      xaxis: { ...axis, title: { text: by, standoff: 4 }, rangemode: "tozero" },
      yaxis: {
        ...axis,
        type: "log",
        dtick: Math.max(...traces.map(({ y }) => decades(y))) > 2 ? 1 : "D2",
        tickformat: ".1r",
      },
    }),
    CONFIG,
  );
}

/** Plotly reads some markup in texts; words come as they are. @param {string} words */
const escaped = (words) => words.replaceAll("<", "&lt;");

/**
 * Draw scores over two choices as a heatmap, over one as bars.
 * @param {any} plotly @param {HTMLElement} body @param {string[]} labels @param {string[][]} values in words, for each axis
 * @param {(number | null)[][]} scores rows of the second axis @param {string} scored @param {boolean} highIsGood
 */
export function drawScores(plotly, body, labels, values, scores, scored, highIsGood) {
  const axis = { type: "category", automargin: true, gridcolor: themed("line") };
  const traces =
    values.length === 2
      ? [
          {
            type: "heatmap",
            x: values[0],
            y: values[1],
            z: scores,
            colorscale: "Viridis",
            reversescale: !highIsGood,
            hoverongaps: false,
            xgap: 2,
            ygap: 2,
            colorbar: { thickness: 10, outlinewidth: 0 },
            hovertemplate: `%{x}, %{y}: %{z:.3g}<extra>${scored}</extra>`,
          },
        ]
      : [
          {
            type: "bar",
            x: values[0],
            y: scores[0],
            marker: { color: themed("train") },
            hovertemplate: `%{x}: %{y:.3g}<extra>${scored}</extra>`,
          },
        ];
  plotly.react(
    body,
    traces,
    layout(body, {
      xaxis: { ...axis, title: { text: labels[0], standoff: 4 } },
      yaxis:
        values.length === 2
          ? { ...axis, title: { text: labels[1], standoff: 4 } }
          : { title: { text: scored }, automargin: true, gridcolor: themed("line") },
    }),
    CONFIG,
  );
}
