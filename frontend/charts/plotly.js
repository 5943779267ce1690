/** Plotly: fetched once, after the first pictures, and told what all charts have in common. */

import { captionSize, themed } from "../ui/palette.js";

/** @typedef {any} Plotly the library, which brings no types */

/**
 * An element that Plotly has drawn into, with what is read of it: what was drawn, how values become pixels there, and
 * whether a person drags over it.
 * @typedef {object} PlotlyElement
 * @property {object[]} data
 * @property {{margin: object}} layout
 * @property {Axes} [_fullLayout]
 * @property {boolean} [_dragging]
 * @property {(what: string, listener: (change: any) => void) => void} [on]
 */
/** @typedef {HTMLElement & PlotlyElement} Drawn */
/** @typedef {{_offset: number, _length: number, l2p: (v: number) => number}} Across */
/** @typedef {{xaxis: Across, yaxis: {_offset: number, _length: number}}} Axes */

/** @type {Promise<Plotly> | null} */
let plotly = null;

/** Fetch Plotly once. @param {string} url @returns {Promise<Plotly>} */
export function loadPlotly(url) {
  plotly ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = url;
    script.onload = () => resolve(/** @type {any} */ (window).Plotly);
    script.onerror = () => reject(new Error("Plotly could not be loaded"));
    document.head.append(script);
  });
  return plotly;
}

const CONFIG = {
  showSendToCloud: false,
  plotlyServerURL: "",
  displaylogo: false,
  displayModeBar: false,
  responsive: false,
  doubleClick: false,
};

/**
 * Draw traces into an element of the page, in the page's colours.
 * @param {Plotly} plotly @param {HTMLElement} body @param {object[]} traces
 * @param {object} layout what only this chart has
 */
export function draw(plotly, body, traces, layout) {
  const common = {
    height: body.clientHeight,
    width: body.clientWidth,
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { size: captionSize(), color: themed("muted"), family: themed("sans") },
    hoverlabel: { bgcolor: themed("paper"), font: { color: themed("ink"), size: captionSize() } },
  };
  plotly.react(body, traces, { ...common, ...layout }, CONFIG);
}

/** Plotly reads some markup in texts; words come as they are. @param {string} words */
export const escaped = (words) => words.replaceAll("<", "&lt;");
