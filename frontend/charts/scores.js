/** The scores of a sweep: over a choice, over two as a heatmap, over all as parallel coordinates, and what mattered. */

import { themed } from "../ui/palette.js";
import { draw, escaped } from "./plotly.js";

/** @import {Plotly} from "./plotly.js" */

/**
 * What differs between trials: its name, and its values, as numbers where all are, else in words.
 * @typedef {{label: string, values: (number | string)[], isLog: boolean}} Choice
 */
/**
 * @typedef {object} Scored
 * @property {Choice[]} choices with a value for each trial
 * @property {(number | null)[]} scores null where a trial diverged, or has none yet
 * @property {boolean[]} crosses which trials diverged, or cannot be
 * @property {number} beyond where those are marked
 * @property {string[]} names of the trials; of those that are crosses with the reason
 * @property {string} words what the scores are
 * @property {boolean} higher whether more is better
 */

const MARGIN = { l: 54, r: 12, t: 8, b: 38 };

/** @param {(number | string)[]} values @returns {values is number[]} */
const areNumbers = (values) => values.every((value) => typeof value === "number");

/** A value as Plotly shows it: a number as it is, words without markup. @param {number | string} value */
const written = (value) => (typeof value === "number" ? value : escaped(value));

/** @param {Choice} choice */
const axisOf = ({ label, values, isLog }) => ({
  title: { text: escaped(label), standoff: 4 },
  type: areNumbers(values) ? (isLog ? "log" : "linear") : "category",
  automargin: true,
  fixedrange: true,
  gridcolor: themed("line"),
});

/**
 * Each trial's score over one choice.
 * @param {Plotly} plotly @param {HTMLElement} body @param {Scored} scored @param {number} k
 */
export function drawChoice(plotly, body, scored, k) {
  const { choices, scores, crosses, beyond, names, words } = scored;
  const choice = choices[k];
  const at = (/** @type {(i: number) => boolean} */ keep) => scores.map((_, i) => i).filter(keep);
  const [ended, lost] = [at((i) => scores[i] !== null), at((i) => crosses[i])];
  const points = {
    type: "scatter",
    mode: "markers",
    x: ended.map((i) => written(choice.values[i])),
    y: ended.map((i) => scores[i]),
    text: ended.map((i) => escaped(names[i])),
    customdata: ended,
    marker: { color: themed("train"), size: 9, opacity: 0.75 },
    hovertemplate: `%{text}: %{y:.3g}<extra>${words}</extra>`,
  };
  const crossed = {
    ...points,
    x: lost.map((i) => written(choice.values[i])),
    y: lost.map(() => beyond),
    text: lost.map((i) => escaped(names[i])),
    customdata: lost,
    marker: { color: themed("ill"), size: 10, symbol: "x" },
    hovertemplate: "%{text}<extra></extra>",
  };
  const yaxis = { title: { text: words }, automargin: true, fixedrange: true, gridcolor: themed("line") };
  const layout = { margin: MARGIN, xaxis: axisOf(choice), yaxis, showlegend: false };
  draw(plotly, body, lost.length ? [points, crossed] : [points], layout);
}

/**
 * The scores over two choices: a cell for each pair of values, the best where there are several; crosses diverged.
 * @param {Plotly} plotly @param {HTMLElement} body @param {Scored} scored @param {[number, number]} pair which choices
 */
export function drawPair(plotly, body, scored, [a, b]) {
  const { choices, scores, crosses, names, words, higher } = scored;
  const [across, up] = [choices[a], choices[b]].map((choice) => cellsOf(choice));
  const z = up.names.map(() => across.names.map(() => /** @type {number | null} */ (null)));
  /** @type {[string, string, string][]} */
  const lost = [];
  scores.forEach((score, i) => {
    const [x, y] = [across.of[i], up.of[i]];
    const before = z[y][x];
    if (score !== null && (before === null || (higher ? score > before : score < before))) z[y][x] = score;
    if (crosses[i]) lost.push([across.names[x], up.names[y], names[i]]);
  });
  const heatmap = {
    type: "heatmap",
    x: across.names.map(escaped),
    y: up.names.map(escaped),
    z,
    colorscale: "Viridis",
    reversescale: !higher,
    hoverongaps: false,
    xgap: 2,
    ygap: 2,
    colorbar: { thickness: 10, outlinewidth: 0 },
    hovertemplate: `%{x}, %{y}: %{z:.3g}<extra>${words}</extra>`,
  };
  const marks = {
    type: "scatter",
    mode: "markers",
    x: lost.map(([x]) => escaped(x)),
    y: lost.map(([, y]) => escaped(y)),
    text: lost.map(([, , name]) => escaped(name)),
    marker: { color: themed("ill"), size: 11, symbol: "x" },
    hovertemplate: "%{text}<extra></extra>",
  };
  const axis = { type: "category", automargin: true, fixedrange: true, gridcolor: themed("line"), showgrid: false };
  const titled = (/** @type {number} */ k) => ({ ...axis, title: { text: escaped(choices[k].label), standoff: 4 } });
  const layout = { margin: MARGIN, xaxis: titled(a), yaxis: titled(b), showlegend: false };
  draw(plotly, body, lost.length ? [heatmap, marks] : [heatmap], layout);
}

const FEW = 12; // values of a choice that are cells of their own

/** Divide a choice's values into cells, with the cell of each trial. @param {Choice} choice */
export function cellsOf({ values, isLog }) {
  const own = [...new Set(values)];
  if (areNumbers(own) && own.length > FEW) {
    const way = isLog ? Math.log : Number;
    const [low, high] = [Math.min(...own), Math.max(...own)].map(way);
    const back = (/** @type {number} */ v) => (isLog ? Math.exp(v) : v);
    const n = FEW / 2;
    const of = values.map((v) => Math.min(n - 1, Math.floor((n * (way(Number(v)) - low)) / (high - low))));
    const ends = Array.from({ length: n + 1 }, (_, k) => back(low + ((high - low) * k) / n));
    let digits = 2; // enough to tell the cells apart
    const rounded = () => ends.map((end) => Number(end.toPrecision(digits)));
    while (digits < 12 && new Set(rounded()).size <= n) digits++;
    const names = rounded().flatMap((end, k, all) => (k < n ? [`${end} – ${all[k + 1]}`] : []));
    return { names, of };
  }
  if (areNumbers(own)) own.sort((a, b) => a - b);
  const names = own.map(String);
  return { names, of: values.map((v) => names.indexOf(String(v))) };
}

const SHADES = 8; // of the lines, from the worst score to the best
const TICKS = 5; // written beside an axis at the most

/** @typedef {{x: [number, number], y: [number, number]}} Span a part of parallel coordinates that was dragged over */

/**
 * Every trial as a line through the axes of all choices to its score; a drag over an axis picks those that pass there.
 * Drawn as lines of SVG: Plotly's own parallel coordinates want WebGL, and are not saved as SVG.
 * @param {Plotly} plotly @param {HTMLElement} body @param {Scored} scored @param {Span | null} span what is picked
 */
export function drawParallel(plotly, body, scored, span) {
  const { names, words, higher } = scored;
  const { shown, axes } = parallel(scored);
  const goodness = (/** @type {number} */ i) =>
    higher ? axes[axes.length - 1].at[i] : 1 - axes[axes.length - 1].at[i];
  const some = span && picked(scored, span);
  const shades = Array.from({ length: SHADES + 1 }, () => /** @type {number[]} */ ([]));
  for (const i of shown)
    shades[some && !some.has(i) ? 0 : 1 + Math.min(SHADES - 1, Math.floor(SHADES * goodness(i)))].push(i);
  const traces = shades.map((trials, k) => ({
    type: "scatter",
    mode: "lines+markers",
    x: trials.flatMap(() => [...axes.keys(), null]),
    y: trials.flatMap((i) => [...axes.map(({ at }) => at[i]), null]),
    text: trials.flatMap((i) => [...axes.map(() => escaped(names[i])), ""]),
    line: { color: k ? shade((k - 0.5) / SHADES) : themed("line"), width: k === SHADES ? 2.5 : 1.5 },
    marker: { size: 4 },
    opacity: k ? 0.85 : 0.6,
    hovertemplate: "%{text}<extra></extra>",
  }));
  const annotations = axes.flatMap(({ ticks }, x) =>
    ticks.map(([y, text]) => ({
      x,
      y,
      text: escaped(text),
      showarrow: false,
      xanchor: "left",
      xshift: 4,
      bgcolor: themed("paper"),
    })),
  );
  const layout = {
    margin: { l: 4, r: 30, t: 8, b: 44 },
    showlegend: false,
    hovermode: "closest",
    dragmode: "select",
    xaxis: {
      tickvals: [...axes.keys()],
      ticktext: [...scored.choices.map(({ label }) => escaped(label)), words],
      fixedrange: true,
      zeroline: false,
      gridcolor: themed("muted"),
      range: [-0.45, axes.length - 0.6],
    },
    yaxis: { visible: false, fixedrange: true, range: [-0.05, 1.05] },
    annotations,
    selections: span
      ? [{ type: "rect", xref: "x", yref: "y", x0: span.x[0], x1: span.x[1], y0: span.y[0], y1: span.y[1] }]
      : [],
    newselection: { line: { color: themed("ink") } },
  };
  draw(plotly, body, traces, layout);
}

/** A colour of Viridis, the one of the heatmap, dark for the worst. @param {number} t from 0 to 1 */
function shade(t) {
  const stops = [
    [68, 1, 84],
    [59, 82, 139],
    [33, 145, 140],
    [94, 201, 98],
    [253, 231, 37],
  ];
  const at = Math.min(stops.length - 2, Math.floor(t * (stops.length - 1)));
  const rest = t * (stops.length - 1) - at;
  return `rgb(${stops[at].map((from, k) => Math.round(from + rest * (stops[at + 1][k] - from))).join()})`;
}

/**
 * Where trials pass each axis, from 0 to 1, and what is written beside it; the last axis is the score's.
 * @param {Scored} scored
 */
function parallel({ choices, scores, crosses, beyond }) {
  const shown = scores.flatMap((score, i) => (score !== null || crosses[i] ? [i] : []));
  const ends = scores.map((score) => score ?? beyond);
  const axes = [...choices, { label: "", values: ends, isLog: false }].map(({ values, isLog }) => {
    if (!areNumbers(values)) {
      const own = [...new Set(values)].map(String);
      const place = (/** @type {number} */ k) => (own.length > 1 ? k / (own.length - 1) : 0.5);
      const at = values.map((v) => place(own.indexOf(String(v))));
      return { at, ticks: own.map((name, k) => /** @type {[number, string]} */ ([place(k), name])) };
    }
    const way = isLog ? Math.log10 : Number;
    const own = [...new Set(shown.map((i) => values[i]))].sort((a, b) => a - b);
    const [low, high] = [way(own[0] ?? 0), way(own.at(-1) ?? 1)];
    const place = (/** @type {number} */ v) => (high > low ? (way(v) - low) / (high - low) : 0.5);
    const few = own.length > TICKS ? [own[0], own[Math.floor(own.length / 2)], own[own.length - 1]] : own;
    const ticks = few.map((v) => /** @type {[number, string]} */ ([place(v), String(Number(v.toPrecision(3)))]));
    return { at: values.map(place), ticks };
  });
  return { shown, axes };
}

/**
 * Say which trials pass through what was dragged over.
 * @param {Scored} scored @param {Span} span @returns {Set<number>} places in `scores`
 */
export function picked(scored, { x, y }) {
  const { shown, axes } = parallel(scored);
  const over = axes.filter((_, k) => k >= x[0] && k <= x[1]);
  return new Set(shown.filter((i) => over.every(({ at }) => at[i] >= y[0] && at[i] <= y[1])));
}

/**
 * How much of the differences between scores each choice explains.
 * @param {Plotly} plotly @param {HTMLElement} body @param {{label: string, share: number}[]} shares largest first
 */
export function drawImportance(plotly, body, shares) {
  const upward = [...shares].reverse();
  const bars = {
    type: "bar",
    orientation: "h",
    x: upward.map(({ share }) => 100 * share),
    y: upward.map(({ label }) => escaped(label)),
    marker: { color: themed("train") },
    hovertemplate: "%{y}: %{x:.0f} %<extra></extra>",
  };
  const axis = { automargin: true, fixedrange: true, gridcolor: themed("line") };
  const xaxis = { ...axis, title: { text: "% of the variance of the scores", standoff: 4 }, range: [0, 100] };
  const few = {
    text: "Too few combinations have a score yet.",
    showarrow: false,
    xref: "paper",
    yref: "paper",
    x: 0.5,
    y: 0.5,
  };
  draw(plotly, body, [bars], { margin: MARGIN, xaxis, yaxis: axis, annotations: shares.length ? [] : [few] });
}
