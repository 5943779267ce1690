/** The scores of a sweep: over a choice, over two as a heatmap, over all as parallel coordinates, and what mattered. */

import { apart } from "../state/numbers.js";
import { themed } from "../ui/palette.js";
import { draw, escaped } from "./plotly.js";
import { thinned } from "./thinning.js";

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
 * @property {(i: number) => string} name of a trial; of one that is a cross with the reason
 * @property {string} words what the scores are
 * @property {boolean} higher whether more is better
 */

const MARGIN = { l: 54, r: 12, t: 8, b: 38 };
const DOT = 6; // pixels of a point that others leave free
const POINTS = 600; // of a kind,
const LINES = 400; // and lines, beyond which the best is drawn of those that lie together

/** @param {(number | string)[]} values @returns {values is number[]} */
const areNumbers = (values) => values.every((value) => typeof value === "number");

/** A value as Plotly shows it: a number as it is, words without markup. @param {number | string} value */
const written = (value) => (typeof value === "number" ? value : escaped(value));

const LETTER = 6; // pixels, about
const NAMED = 1 / 3; // of the width of a chart, for the names beside it at the most

/** Cut a name to a width in pixels. @param {string} name @param {number} width */
const shortened = (name, width) => {
  const most = Math.max(5, Math.floor(width / LETTER));
  return escaped(name.length > most ? `${name.slice(0, most - 1)}…` : name);
};

/** Name places of an axis, in a part of a chart's width. @param {string[]} names @param {HTMLElement} body */
const named = (names, body) => ({
  tickvals: names.map(escaped),
  ticktext: names.map((name) => shortened(name, NAMED * body.clientWidth)),
});

/** @param {Choice} choice @param {HTMLElement} body */
const axisOf = ({ label, values, isLog }, body) => ({
  ...(areNumbers(values) ? {} : named([...new Set(values)].map(String), body)),
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
  const { choices, scores, beyond, name, words, higher } = scored;
  const choice = choices[k];
  const { shown, axes } = parallel({ ...scored, choices: [choice] });
  const places = axes.map(({ at }) => at);
  const goodness = (/** @type {number} */ i) => (higher ? places[1][i] : -places[1][i]);
  const how = { pixels: body.clientWidth, cell: DOT, most: POINTS };
  const [ended, lost] = kindsOf(scored, shown).map((kind) => thinned(kind, places, goodness, how));
  const points = {
    type: "scatter",
    mode: "markers",
    x: ended.map((i) => written(choice.values[i])),
    y: ended.map((i) => scores[i]),
    text: ended.map((i) => escaped(name(i))),
    customdata: ended,
    marker: { color: themed("train"), size: 9, opacity: 0.75 },
    hovertemplate: `%{text}: %{y:.3g}<extra>${words}</extra>`,
  };
  const crossed = {
    ...points,
    x: lost.map((i) => written(choice.values[i])),
    y: lost.map(() => beyond),
    text: lost.map((i) => escaped(name(i))),
    customdata: lost,
    marker: { color: themed("ill"), size: 10, symbol: "x" },
    hovertemplate: "%{text}<extra></extra>",
  };
  const yaxis = { title: { text: words }, automargin: true, fixedrange: true, gridcolor: themed("line") };
  const layout = { margin: MARGIN, xaxis: axisOf(choice, body), yaxis, showlegend: false };
  draw(plotly, body, lost.length ? [points, crossed] : [points], layout);
}

/**
 * The scores over two choices: a cell for each pair of values, the best where there are several; crosses diverged. A
 * point of it knows its trial.
 * @param {Plotly} plotly @param {HTMLElement} body @param {Scored} scored @param {[number, number]} pair which choices
 */
export function drawPair(plotly, body, scored, [a, b]) {
  const { choices, scores, crosses, name, words, higher } = scored;
  const [across, up] = [choices[a], choices[b]].map((choice) => cellsOf(choice));
  const best = up.names.map(() => across.names.map(() => /** @type {number | null} */ (null)));
  scores.forEach((score, i) => {
    const [x, y] = [across.of[i], up.of[i]];
    const before = scores[best[y][x] ?? -1] ?? null;
    if (score !== null && (before === null || (higher ? score > before : score < before))) best[y][x] = i;
  });
  /** @type {Map<string, number[]>} */
  const lost = new Map();
  crosses.forEach((isCross, i) => {
    const cell = `${across.of[i]} ${up.of[i]}`;
    if (isCross) lost.set(cell, [...(lost.get(cell) ?? []), i]);
  });
  const firsts = [...lost.values()].map(([i]) => i);
  const heatmap = {
    type: "heatmap",
    x: across.names.map(escaped),
    y: up.names.map(escaped),
    z: best.map((row) => row.map((i) => (i === null ? null : scores[i]))),
    text: best.map((row) => row.map((i) => (i === null ? "" : escaped(name(i))))),
    customdata: best,
    colorscale: "Viridis",
    reversescale: !higher,
    hoverongaps: false,
    xgap: 2,
    ygap: 2,
    colorbar: { thickness: 10, outlinewidth: 0 },
    hovertemplate: `%{text}: %{z:.3g}<extra>${words}</extra>`,
  };
  const marks = {
    type: "scatter",
    mode: "markers",
    x: firsts.map((i) => escaped(across.names[across.of[i]])),
    y: firsts.map((i) => escaped(up.names[up.of[i]])),
    text: [...lost.values()].map(([i, ...others]) => {
      return escaped(name(i)) + (others.length ? ` and ${others.length} more` : "");
    }),
    customdata: firsts,
    marker: { color: themed("ill"), size: 11, symbol: "x" },
    hovertemplate: "%{text}<extra></extra>",
  };
  const axis = { type: "category", automargin: true, fixedrange: true, gridcolor: themed("line"), showgrid: false };
  const titled = (/** @type {number} */ k, /** @type {string[]} */ all) => ({
    ...axis,
    ...named(all, body),
    title: { text: escaped(choices[k].label), standoff: 4 },
  });
  const layout = { margin: MARGIN, xaxis: titled(a, across.names), yaxis: titled(b, up.names), showlegend: false };
  draw(plotly, body, firsts.length ? [heatmap, marks] : [heatmap], layout);
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
    const names = apart(ends, 2).flatMap((end, k, all) => (k < n ? [`${end} – ${all[k + 1]}`] : []));
    return { names, of };
  }
  if (areNumbers(own)) own.sort((a, b) => a - b);
  const names = areNumbers(own) ? apart(own) : own.map(String);
  return { names, of: values.map((v) => own.indexOf(v)) };
}

/**
 * The trials that are points and those that are crosses, each drawn as a kind of its own.
 * @param {Pick<Scored, "scores" | "crosses">} scored @param {number[]} shown
 */
const kindsOf = ({ scores, crosses }, shown) => [
  shown.filter((i) => scores[i] !== null),
  shown.filter((i) => crosses[i]),
];

/**
 * The lines that are picked and those that are not: what is picked is drawn even where others lie over it.
 * @param {number[]} shown @param {Set<number> | null} some what is picked
 */
const groupsOf = (shown, some) =>
  some ? [shown.filter((i) => !some.has(i)), shown.filter((i) => some.has(i))] : [shown];

/**
 * Whether a picture draws not all trials.
 * @param {string} look @param {Pick<Scored, "scores" | "crosses">} scored
 * @param {Set<number> | null} some what is picked
 */
export function isThinned(look, scored, some) {
  const shown = shownOf(scored);
  if (look === "choice") return kindsOf(scored, shown).some((kind) => kind.length > POINTS);
  return look === "all" && groupsOf(shown, some).some((group) => group.length > LINES);
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
  const { name, words, higher } = scored;
  const { shown: all, axes } = parallel(scored);
  const places = axes.map(({ at }) => at);
  const last = places[axes.length - 1];
  const goodness = (/** @type {number} */ i) => (higher ? last[i] : 1 - last[i]);
  const some = span && picked(scored, span);
  const how = { pixels: body.clientHeight, most: LINES };
  const shown = groupsOf(all, some).flatMap((group) => thinned(group, places, goodness, how));
  const shades = Array.from({ length: SHADES + 1 }, () => /** @type {number[]} */ ([]));
  for (const i of shown)
    shades[some && !some.has(i) ? 0 : 1 + Math.min(SHADES - 1, Math.floor(SHADES * goodness(i)))].push(i);
  const traces = shades.map((trials, k) => ({
    type: "scatter",
    mode: shown.length < all.length ? "lines" : "lines+markers",
    x: trials.flatMap(() => [...axes.keys(), null]),
    y: trials.flatMap((i) => [...axes.map(({ at }) => at[i]), null]),
    text: trials.flatMap((i) => [...axes.map(() => escaped(name(i))), ""]),
    line: { color: k ? shade((k - 0.5) / SHADES) : themed("line"), width: k === SHADES ? 2.5 : 1.5 },
    marker: { size: 4 },
    opacity: k ? 0.85 : 0.6,
    hovertemplate: "%{text}<extra></extra>",
  }));
  const annotations = axes.flatMap(({ ticks }, x) =>
    ticks.map(([y, text]) => ({
      x,
      y,
      text: shortened(text, NAMED * body.clientWidth),
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
      ticktext: [...scored.choices.map(({ label }) => label), words].map(
        (name) => shortened(name, (2 * body.clientWidth) / axes.length), // at a slant one may be longer than its place
      ),
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

/** The trials that have a place in a picture. @param {Pick<Scored, "scores" | "crosses">} scored */
export const shownOf = ({ scores, crosses }) => scores.flatMap((score, i) => (score !== null || crosses[i] ? [i] : []));

/**
 * Where trials pass each axis, from 0 to 1, and what is written beside it; the last axis is the score's.
 * @param {Pick<Scored, "choices" | "scores" | "crosses" | "beyond">} scored
 */
function parallel({ choices, scores, crosses, beyond }) {
  const shown = shownOf({ scores, crosses });
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
    const names = apart(few);
    const ticks = few.map((v, k) => /** @type {[number, string]} */ ([place(v), names[k]]));
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

const BESIDE = 0.2; // of the way to the next axis, that what is picked by key reaches
const NEAR = 0.02; // of an axis
const PARTS = 10; // of an axis, where its values are many or close together

/**
 * Where a key stops on an axis, and how far what is picked there reaches.
 * @param {number[]} at where trials pass
 */
function stopsOf(at) {
  const own = [...new Set(at)].sort((a, b) => a - b);
  const isClear = own.length <= FEW && own.every((v, i) => !i || v - own[i - 1] > 2 * NEAR);
  if (isClear) return { stops: own, reach: NEAR };
  return { stops: Array.from({ length: PARTS + 1 }, (_, k) => k / PARTS), reach: 0.5 / PARTS };
}

/**
 * Pick by key: up and down along an axis, or with its upper end alone, left and right on the next axis, there the
 * topmost part.
 * @param {Scored} scored @param {Span | null} span what is picked @param {string} key of an arrow
 * @param {boolean} isEnd whether only the upper end moves
 * @returns {Span | null}
 */
export function pickedByKey(scored, span, key, isEnd) {
  const { shown, axes } = parallel(scored);
  if (!shown.length) return null;
  const last = axes.length - 1;
  const now = span ? axes.findIndex((_, k) => k >= span.x[0] && k <= span.x[1]) : -1;
  const aside = key === "ArrowLeft" ? -1 : key === "ArrowRight" ? 1 : 0;
  const k = now < 0 ? (aside < 0 ? last : 0) : Math.max(0, Math.min(last, now + aside));
  const { stops, reach } = stopsOf(shown.map((i) => axes[k].at[i]));
  const top = stops.length - 1;
  const pick = (/** @type {number} */ from, /** @type {number} */ to) =>
    /** @type {Span} */ ({ x: [k - BESIDE, k + BESIDE], y: [stops[from] - reach, stops[to] + reach] });
  if (!span || now < 0 || k !== now) return pick(top, top);
  if (aside) return span; // there is no axis further on
  const inside = stops.flatMap((stop, i) => (stop >= span.y[0] && stop <= span.y[1] ? [i] : []));
  const middle = (span.y[0] + span.y[1]) / 2;
  const distances = stops.map((stop) => Math.abs(stop - middle));
  const nearest = distances.indexOf(Math.min(...distances));
  const [from, to] = [inside[0] ?? nearest, inside.at(-1) ?? nearest];
  const by = key === "ArrowUp" ? 1 : -1;
  if (isEnd) return pick(from, Math.max(from, Math.min(top, to + by)));
  return from + by < 0 || to + by > top ? pick(from, to) : pick(from + by, to + by);
}

/** Say what is picked, as in "learning rate 0.001 to 0.01". @param {Scored} scored @param {Span} span */
export function saidOfPicked(scored, { x, y }) {
  const { choices, scores, crosses, words } = scored;
  const { shown, axes } = parallel(scored);
  const ends = scores.map((score, i) => (crosses[i] ? "diverged" : (score ?? "")));
  return [...choices, { label: words, values: ends }]
    .flatMap(({ label, values }, k) => {
      if (k < x[0] || k > x[1]) return [];
      const there = shown.filter((i) => axes[k].at[i] >= y[0] && axes[k].at[i] <= y[1]).map((i) => values[i]);
      const numbers = there.filter((v) => typeof v === "number");
      const own = [...new Set(numbers.length ? [Math.min(...numbers), Math.max(...numbers)] : [])];
      const others = new Set(there.filter((v) => typeof v !== "number"));
      return [`${label} ${[...(own.length ? [apart(own).join(" to ")] : []), ...others].join(", ") || "–"}`];
    })
    .join("; ");
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
  const names = upward.map(({ label }) => label);
  const yaxis = { ...axis, ...named(names, body) };
  const few = {
    text: "Too few combinations have a score yet.",
    showarrow: false,
    xref: "paper",
    yref: "paper",
    x: 0.5,
    y: 0.5,
  };
  draw(plotly, body, [bars], { margin: MARGIN, xaxis, yaxis, annotations: shares.length ? [] : [few] });
}
