/** Numbers as cells: sign is hue, amount is depth, printed where there is room, and each a mark of the picture. */

import { power } from "../../../state/numbers.js";
import { powerFor, short, three } from "../../figures.js";
import { label, svg } from "./picture.js";

/** @typedef {import("./picture.js").Picture} Picture */
/** @typedef {import("./picture.js").Box} Box */

const LEGIBLE = 28; // pixels that a cell is wide at least where its number is printed
const DEEP = 0.7; // of the largest: from there on dark ink is not legible on blue by night, nor white on orange
const FULL = 0.87;
const HUES = 8; // colours that are told apart

/** The largest amount among numbers. @param {Iterable<number | null>[]} all */
export function largestOf(...all) {
  let most = 0;
  for (const values of all)
    for (const v of values) if (v !== null && Math.abs(v) > most && Number.isFinite(v)) most = Math.abs(v);
  return most;
}

/**
 * Say how a cell looks: its classes, and how deep it is.
 * @param {number | null} v @param {number} largest
 */
export function look(v, largest) {
  if (v === null || !Number.isFinite(v)) return { className: "cell none", depth: 0 };
  const depth = largest > 0 ? Math.min(1, Math.abs(v) / largest) : 0;
  const side = v < 0 ? "minus" : "plus";
  return { className: `cell ${side}${depth > DEEP ? " deep" : ""}${depth > FULL ? " full" : ""}`, depth };
}

/**
 * @typedef {object} Cells what is drawn as a grid
 * @property {string} symbol
 * @property {(number | null)[]} values row by row
 * @property {number} columns
 * @property {number} x @property {number} y
 * @property {number} size of a cell, its width
 * @property {number} [tall] its height
 * @property {number} [largest] which amount is deepest
 * @property {(row: number, column: number) => number[]} at the place in this example's array
 * @property {string} [className]
 * @property {boolean} [silent] whether the cells are no marks
 * @property {number} [gap]
 * @property {number} [tens] the power of ten by which its numbers are written
 */

/**
 * Draw numbers as a grid of cells; gives where a cell is.
 * @param {Picture} picture @param {Cells} cells
 */
export function grid(picture, cells) {
  const { symbol, values, columns, x, y, size, tall = size, at, className = "", silent = false } = cells;
  const { gap = size >= 8 ? 1 : 0 } = cells;
  const largest = cells.largest ?? largestOf(values);
  const { tens = powerFor(largest) } = cells;
  const letters = picture.quantity(symbol)?.letters ?? symbol;
  const role = picture.quantity(symbol)?.role ?? "state";
  const rows = Math.ceil(values.length / Math.max(1, columns));
  const group = svg("g", { class: `cells of-${role} ${className}` });
  const boxOf = (/** @type {number} */ i, /** @type {number} */ j) => ({
    x: x + j * size,
    y: y + i * tall,
    width: size - gap,
    height: tall - gap,
  });
  values.forEach((v, k) => {
    const [i, j] = [Math.floor(k / columns), k % columns];
    const box = boxOf(i, j);
    const { className: its, depth } = look(v, largest);
    const rect = svg("rect", { ...box, rx: size >= 18 ? 3 : 0 });
    const one = svg("g", { class: its, style: `--t:${depth.toFixed(3)}` }, rect);
    const local = at(i, j);
    if (size >= LEGIBLE && tall >= 18) {
      const words = short(v, tens);
      const smaller = words.length > 4 && size < 34 ? "tight" : "";
      one.append(label(box.x + box.width / 2, box.y + box.height / 2, words, `value ${smaller}`));
    }
    if (!silent) picture.mark(one, box, symbol, local, `${letters}[${local}] = ${three(v)}`);
    group.append(one);
  });
  const frame = { x, y, width: columns * size - gap, height: rows * tall - gap };
  if (role === "gradient") group.append(svg("rect", { ...frame, class: "hatch", fill: `url(#${picture.hatch})` }));
  picture.sheet.append(group);
  return { group, frame, boxOf, tens, rows };
}

/**
 * Write a grid's name: its symbol in its role's colour and pattern, and words.
 * @param {Picture} picture @param {number} x @param {number} y @param {string} symbol @param {string} words
 * @param {number} [tens] the power of ten by which its numbers are written
 */
export function heading(picture, x, y, symbol, words, tens = 0) {
  const { letters = symbol, role = "state" } = picture.quantity(symbol) ?? {};
  const text = svg("text", { x, y, class: "heading" }, svg("tspan", { class: `symbol is-${role}` }, letters));
  const said = [words, tens ? `in ${power(tens)}` : ""].filter(Boolean).join(", ");
  if (said) text.append(svg("tspan", { dx: 6, class: "muted" }, said));
  picture.sheet.append(text);
}

/** Draw an arrow. @param {Picture} picture @param {number[]} line x and y of both ends @param {string} [className] */
export function arrow(picture, [x1, y1, x2, y2], className = "") {
  const angle = Math.atan2(y2 - y1, x2 - x1);
  const wing = (/** @type {number} */ turn) =>
    `${x2 - 6 * Math.cos(angle + turn)} ` + `${y2 - 6 * Math.sin(angle + turn)}`;
  const d = `M${x1} ${y1}L${x2} ${y2}M${wing(0.5)}L${x2} ${y2}L${wing(-0.5)}`;
  picture.sheet.append(svg("path", { d, class: `arrow ${className}` }));
}

/**
 * A piece in the colour of what it belongs to, the k-th class, place or token, with words on it where they fit.
 * @param {number} k @param {Box} box @param {string} [words] @param {number} [round]
 */
export function piece(k, box, words = "", round = 3) {
  const one = svg("g", { class: `part hue-${k % HUES}` }, svg("rect", { ...box, rx: round }));
  if (words) one.append(label(box.x + box.width / 2, box.y + box.height / 2 + 4.5, words, "mid on-part"));
  return one;
}

/** Ring a box. @param {Picture} picture @param {Box} box @param {string} [className] */
export function ring(picture, box, className = "") {
  const rect = svg("rect", { ...grown(box, 2), rx: 4, class: `ring ${className}` });
  picture.sheet.append(rect);
  return rect;
}

/** @param {Box} box @param {number} by @returns {Box} */
export const grown = ({ x, y, width, height }, by) => ({
  x: x - by,
  y: y - by,
  width: width + 2 * by,
  height: height + 2 * by,
});

/** @typedef {[name: string, value: number, className: string, symbol: string, at: number[]]} Line */

/**
 * Bars from a common zero, or each from where the one before ended, one below the other, the last one their sum.
 * @param {Picture} picture
 * @param {[name: string, value: number, className: string, symbol: string, at: number[]][]} lines
 * @param {number} y @param {{tall?: number, left?: number, width?: number, isStacked?: boolean}} [room]
 */
export function bars(picture, lines, y, { tall = 22, left = 112, width = picture.width, isStacked = false } = {}) {
  const ends = [0];
  for (const [, v, className] of lines) if (!className.includes("total")) ends.push((ends.at(-1) ?? 0) + v);
  const reach = isStacked
    ? [...ends, ...lines.map(([, v, className]) => (className.includes("total") ? v : 0))]
    : lines.map(([, v]) => v);
  const most = largestOf(reach) || 1;
  const half = (width - left - 66) / 2;
  const zero = left + half;
  const X = (/** @type {number} */ v) => zero + (v / most) * (half - 2);
  lines.forEach(([name, v, className, symbol, at], i) => {
    const top = y + i * tall;
    const isTotal = className.includes("total");
    if (isTotal) picture.sheet.append(svg("path", { d: `M0 ${top}H${width}`, class: "axis" }));
    const from = isStacked && !isTotal ? ends[i] : 0;
    const [a, b] = [X(Math.min(from, from + v)), X(Math.max(from, from + v))];
    const box = { x: a, y: top + 4, width: Math.max(1, b - a), height: tall - 7 };
    if (isStacked && i && !isTotal)
      picture.sheet.append(svg("path", { d: `M${X(from)} ${top - 4}v9`, class: "axis dashed" }));
    const bar = svg("g", { class: `bar ${v < 0 ? "minus" : ""} ${className}` }, svg("rect", { ...box, rx: 3 }));
    if (symbol)
      picture.mark(bar, { x: left, y: top, width: 2 * half, height: tall }, symbol, at, `${name}: ${three(v)}`);
    picture.sheet.append(label(left - 8, top + tall - 6, name, `end ${isTotal ? "strong" : ""}`), bar);
    picture.sheet.append(label(width, top + tall - 6, three(v), "end strong"));
  });
  picture.sheet.append(svg("path", { d: `M${zero} ${y}v${lines.length * tall}`, class: "axis" }));
  return y + lines.length * tall + 4;
}

/** Write a number behind a sign: a negative one in brackets. @param {number | null} v */
export const bracketed = (v) => (v !== null && v < 0 ? `(${three(v)})` : three(v));
