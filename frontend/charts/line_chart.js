/** A line chart as a description, and how it is laid out, for whoever draws it: Plotly on the page, else a canvas. */

import { acrossTicks, endWords, labelsOf, valueAxis } from "./axis.js";

/** @typedef {import("./axis.js").Numbers} Numbers */

/**
 * @typedef {object} Curve
 * @property {string} name
 * @property {string} [label] what stands at its end, where its name is said elsewhere
 * @property {Numbers} x
 * @property {Numbers} y
 * @property {string} colour
 * @property {number} width
 * @property {boolean} [isDotted]
 * @property {boolean} [isRaw] whether it stands pale behind its own average
 */

/**
 * A line from top to bottom, and what it stands for.
 * @typedef {object} Mark
 * @property {number} at where on the x axis
 * @property {string} colour
 * @property {number} width
 * @property {boolean} [isDotted]
 * @property {string} [words]
 * @property {boolean} [goesOn] whether it is so from there on: that part of the chart is tinted
 */

/**
 * @typedef {object} LineChart
 * @property {Curve[]} curves
 * @property {string} over what the x axis counts
 * @property {"log" | "linear" | "share"} scale of the y axis; a share goes from 0 to 1
 * @property {Mark[]} marks
 * @property {[number, number] | null} [zoom] the part of the x axis that is shown; all of it where none is said
 * @property {string} [note] what is to know of the curves
 */

/** How strong the tint of a part is in which something goes on. */
export const TINT = 0.13;
const MOST_POINTS = 1000;

/**
 * Thin a curve to the smallest and largest value of each stretch, so that no spike is lost; the newest row always
 * stays.
 * @param {Numbers} x @param {Numbers} y @param {number} most
 */
export function thin(x, y, most = MOST_POINTS) {
  if (x.length <= most) return { x: x.slice(), y: y.slice() };
  /** @type {{x: Numbers, y: Numbers}} */
  const kept = { x: [], y: [] };
  const keep = (/** @type {number} */ i) => {
    if (i < 0 || kept.x.at(-1) === x[i]) return;
    kept.x.push(x[i]);
    kept.y.push(y[i]);
  };
  const stretch = (2 * x.length) / most;
  for (let start = 0; start < x.length; start += stretch) {
    const end = Math.min(x.length, Math.floor(start + stretch));
    let [low, high] = [-1, -1];
    for (let i = Math.floor(start); i < end; i++) {
      const v = y[i];
      if (v === null) continue;
      if (low < 0 || v < /** @type {number} */ (y[low])) low = i;
      if (high < 0 || v > /** @type {number} */ (y[high])) high = i;
    }
    keep(Math.min(low, high));
    keep(Math.max(low, high));
  }
  keep(x.length - 1);
  return kept;
}

/**
 * The part of a curve that can be seen, with a point on either side.
 * @param {Curve} curve @param {[number, number]} span
 */
function within({ x, y }, [start, end]) {
  let [from, to] = [0, x.length];
  while (from + 1 < to && Number(x[from + 1]) < start) from++;
  while (to - 1 > from && Number(x[to - 2]) > end) to--;
  return { x: x.slice(from, to), y: y.slice(from, to) };
}

/**
 * Take the average of a curve's past, recent rows more:  sₜ = β sₜ₋₁ + (1 − β) yₜ,  each divided by 1 − βᵗ so that
 * it does not begin at nothing.
 * @param {Numbers} y @param {number} beta @returns {Numbers}
 */
export function smoothed(y, beta) {
  let [sum, weight] = [0, 0];
  return y.map((v) => {
    if (v === null || !Number.isFinite(v)) return null;
    sum = beta * sum + (1 - beta) * v;
    weight = beta * weight + 1 - beta;
    return sum / weight;
  });
}

/**
 * Move places apart so that they have a distance, each as little as may be.
 * @param {number[]} places in pixels @param {number} gap @param {number} low @param {number} high their ends
 */
export function spread(places, gap, low, high) {
  const order = places.map((at, i) => ({ at: Math.min(high, Math.max(low, at)), i })).sort((a, b) => a.at - b.at);
  for (let k = 1; k < order.length; k++) order[k].at = Math.max(order[k].at, order[k - 1].at + gap);
  let end = high;
  for (let k = order.length - 1; k >= 0; k--) {
    order[k].at = Math.min(order[k].at, end);
    end = order[k].at - gap;
  }
  const found = [...places];
  for (const { at, i } of order) found[i] = at;
  return found;
}

/**
 * Break words into lines that are not wider than so many pixels.
 * @param {string} words @param {number} most @param {(words: string) => number} widthOf
 */
export function wrapped(words, most, widthOf) {
  /** @type {string[]} */
  const lines = [];
  for (const word of words.split(" ")) {
    const longer = lines.length ? `${lines.at(-1)} ${word}` : word;
    if (lines.length && widthOf(longer) <= most) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

/**
 * The room that a chart has, and how wide words are there.
 * @typedef {object} Room
 * @property {number} width
 * @property {number} height
 * @property {number} size of the type
 * @property {(words: string) => number} widthOf
 */

/**
 * Words in a chart.
 * @typedef {{words: string[], colour: string, x: number, y: number, anchor: "start" | "end"}} Words
 */

const TOP = 7;
const NAME = 0.36; // of the width that names may take at the most

/**
 * Lay a chart out: its margins, both axes, the points to draw, and its words; pixels count from the plot's upper left.
 * @param {LineChart} chart @param {Room} room
 */
export function laidOut({ curves, over, scale, marks, zoom, note }, { width, height, size, widthOf }) {
  const line = size + 2;
  const end = Math.max(...curves.map(({ x }) => Number(x.at(-1) ?? 0)), 0);
  /** @type {[number, number]} */
  const span = zoom ?? [0, end || 1];
  const flags = marks.filter((mark) => mark.words && mark.at >= span[0] && mark.at <= span[1]);
  const names = curves.map(({ name, label = name }) => wrapped(label, NAME * width, widthOf));
  const top = flags.length ? line + 3 : TOP;
  const bottom = line + 6;
  const inner = { width: 0, height: Math.max(10, height - top - bottom) };
  const seen = curves.map((curve) => (zoom ? within(curve, span) : curve));
  const drawn = seen.map(({ x, y }) => thin(x, y, Math.max(200, 2 * Math.round(width))));
  const axis = valueAxis(
    scale,
    drawn.map(({ y }) => y),
    inner.height,
    Boolean(zoom),
  );
  const left = Math.ceil(Math.max(...axis.ticks.map(({ words }) => widthOf(words)))) + 8;
  const right = Math.ceil(
    Math.max(widthOf(endWords(over, span[1])) / 2 + 2, ...names.flat().map((name) => widthOf(name) + 8)),
  );
  inner.width = Math.max(10, width - left - right);
  const [low, high] = axis.range;
  const px = (/** @type {number} */ v) => ((v - span[0]) / (span[1] - span[0])) * inner.width;
  const py = (/** @type {number} */ v) => ((high - (axis.isLog ? Math.log10(v) : v)) / (high - low)) * inner.height;
  return {
    margin: { left, right, top, bottom },
    inner,
    span,
    axis,
    across: acrossTicks(over, span[0], zoom ? span[1] : end, inner.width, widthOf),
    curves: drawn,
    px,
    py,
    words: [
      ...endNames(curves, drawn, names, { py, inner, line }),
      ...flagWords(flags, { px, inner, widthOf, y: -line / 2 - 1 }),
      ...beyondWords(drawn, axis, { px, inner, widthOf, line }),
      ...(note
        ? [{ words: [note], colour: "", x: 4, y: inner.height - line / 2 - 2, anchor: /** @type {const} */ ("start") }]
        : []),
    ],
  };
}

/**
 * The names of curves at their ends, apart from each other.
 * @param {Curve[]} curves @param {{y: Numbers}[]} drawn @param {string[][]} names in lines
 * @param {{py: (v: number) => number, inner: {width: number, height: number}, line: number}} plot
 * @returns {Words[]}
 */
function endNames(curves, drawn, names, { py, inner, line }) {
  const found = drawn.flatMap(({ y }, i) => {
    const v = y.filter((value) => value !== null && Number.isFinite(py(value))).at(-1);
    return v === undefined || curves[i].isRaw ? [] : [{ i, at: py(/** @type {number} */ (v)) }];
  });
  const most = Math.max(1, ...found.map(({ i }) => names[i].length));
  const places = spread(
    found.map(({ at }) => at),
    most * line,
    0,
    inner.height,
  );
  return found.map(({ i }, k) => ({
    words: names[i],
    colour: curves[i].colour,
    x: inner.width + 5,
    y: places[k],
    anchor: "start",
  }));
}

/**
 * The words of flags above the plot, the newest first; where two would lie on one another, the older one has none.
 * @param {Mark[]} flags
 * @param {{px: (v: number) => number, inner: {width: number}, widthOf: (words: string) => number, y: number}} plot
 * @returns {Words[]}
 */
function flagWords(flags, { px, inner, widthOf, y }) {
  /** @type {Words[]} */
  const found = [];
  let free = Infinity;
  for (const { at, words = "", colour } of [...flags].sort((a, b) => b.at - a.at)) {
    const wide = widthOf(words);
    const most = inner.width + 30 - wide; // where words may begin
    const isAtEnd = px(at) > most && px(at) >= wide;
    const from = isAtEnd ? px(at) - wide : Math.min(px(at), most);
    if (from + wide > free) continue;
    free = from - 8;
    found.push({ words: [words], colour, x: isAtEnd ? px(at) : from, y, anchor: isAtEnd ? "end" : "start" });
  }
  return found;
}

/**
 * Where a curve leaves the axis, how far it goes on.
 * @param {{x: Numbers, y: Numbers}[]} drawn @param {import("./axis.js").Axis} axis
 * @param {{px: (v: number) => number, inner: {width: number}, widthOf: (words: string) => number, line: number}} plot
 * @returns {Words[]}
 */
function beyondWords(drawn, { beyond, isLog, range }, { px, inner, widthOf, line }) {
  if (beyond === null) return [];
  const on = (/** @type {number | null} */ v) => (isLog ? Math.log10(Number(v)) : Number(v));
  const first = drawn.flatMap(({ x, y }) => {
    const i = y.findIndex((v) => v !== null && on(v) > range[1]);
    if (i < 0) return [];
    const [before, after] = [on(y[i - 1] ?? y[i]), on(y[i])];
    const share = after > before ? (range[1] - before) / (after - before) : 1; // of the way, where it leaves
    const from = Number(x[i - 1] ?? x[i]);
    return [from + share * (Number(x[i]) - from)];
  });
  const at = px(Math.min(...first));
  const words = `↑ to ${labelsOf([Number(beyond.toPrecision(1))])[0]}`;
  const isAtEnd = at + widthOf(words) + 6 > inner.width;
  return [
    { words: [words], colour: "", x: at + (isAtEnd ? -6 : 6), y: line / 2 + 1, anchor: isAtEnd ? "end" : "start" },
  ];
}
