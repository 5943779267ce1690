/** The scores of a sweep: over two choices as a heatmap, over one as bars. */

import { themed } from "../ui/palette.js";
import { draw } from "./plotly.js";

/**
 * @param {import("./plotly.js").Plotly} plotly @param {HTMLElement} body @param {string[]} labels of the axes
 * @param {string[][]} values in words, for each axis @param {(number | null)[][]} scores rows of the second axis
 * @param {string} scored what they are @param {boolean} highIsGood
 */
export function drawScores(plotly, body, labels, values, scores, scored, highIsGood) {
  const axis = { type: "category", automargin: true, fixedrange: true, gridcolor: themed("line") };
  const xaxis = { ...axis, title: { text: labels[0], standoff: 4 } };
  const margin = { l: 54, r: 10, t: 8, b: 38 };
  if (values.length < 2) {
    const bars = {
      type: "bar",
      x: values[0],
      y: scores[0],
      marker: { color: themed("train") },
      hovertemplate: `%{x}: %{y:.3g}<extra>${scored}</extra>`,
    };
    const yaxis = { title: { text: scored }, automargin: true, fixedrange: true, gridcolor: themed("line") };
    draw(plotly, body, [bars], { margin, xaxis, yaxis });
    return;
  }
  const heatmap = {
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
  };
  draw(plotly, body, [heatmap], { margin, xaxis, yaxis: { ...axis, title: { text: labels[1], standoff: 4 } } });
}
