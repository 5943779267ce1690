/** Flatten and Reshape: the same numbers in another shape, one after the other; a thread leads from place to place. */

import { three } from "../figures.js";
import { arrow, grid, heading, ring } from "./drawing/grid.js";
import { label, svg, there } from "./drawing/picture.js";
import { Maps, MOST } from "./drawing/sliding.js";
import { around, written } from "./drawing/window.js";

const NEAR = 11; // numbers of the row that are printed around the one that is looked at
const TALL = 26;

/** The place of the k-th number of an array, row by row. @param {number[]} shape @param {number} k */
export function placeIn(shape, k) {
  /** @type {number[]} */
  const place = [];
  let rest = k;
  for (const length of [...shape].reverse()) {
    place.unshift(rest % length);
    rest = Math.floor(rest / length);
  }
  return place;
}

/** How many numbers stand before a place, row by row. @param {number[]} shape @param {number[]} place */
export const countBefore = (shape, place) => place.reduce((k, i, axis) => k * shape[axis] + i, 0);

export class ReshapePicture extends Maps {
  k = 0;

  /** @override */
  get count() {
    return this.numbers?.size ?? 1;
  }

  /** The array with more axes, the one with fewer, and their shapes. */
  get sides() {
    const isBack = this.stop.way === "backward";
    const both = isBack ? ["dx", "dy"] : ["x", "y"];
    const [before, after] = both.map((symbol) => this.quantity(symbol)?.shape.slice(1) ?? []);
    return { isBack, before: { symbol: both[0], shape: before }, after: { symbol: both[1], shape: after } };
  }

  /** @override */
  async load() {
    const { before, after } = this.sides;
    const { symbol } = this.cell;
    const local = this.local(this.cell);
    if (!before.shape.length || !after.shape.length) return false;
    for (const side of [before, after])
      if (symbol.replace("d", "") === side.symbol.replace("d", "") && local.length === side.shape.length)
        this.k = countBefore(side.shape, local);
    const size = before.shape.reduce((a, b) => a * b, 1);
    this.k = Math.min(this.k, size - 1);
    this.numbers = { size, map: await this.layer(before), row: await this.near(after) };
    return true;
  }

  /** The map, or the rows, of an array in which the k-th number is. @param {{symbol: string, shape: number[]}} side */
  async layer({ symbol, shape }) {
    const place = placeIn(shape, this.k);
    const isImage = shape.length === 3;
    const [down, across] = isImage ? [0, 1] : [shape.length - 2, shape.length - 1];
    const shown = [down, across].map((axis) =>
      axis < 0 ? /** @type {[number, number]} */ ([0, 1]) : around(shape[axis], MOST, place[axis]),
    );
    const window = shape.map((_, axis) =>
      axis === down
        ? shown[0]
        : axis === across
          ? shown[1]
          : /** @type {[number, number]} */ ([place[axis], place[axis] + 1]),
    );
    const at = (/** @type {number} */ i, /** @type {number} */ j) =>
      place.map((own, axis) => (axis === down ? i : axis === across ? j : own));
    return { symbol, shape, part: await this.array(symbol, written(window)), shown, at, isImage };
  }

  /** The numbers around the k-th one, in an array's last axis. @param {{symbol: string, shape: number[]}} side */
  async near({ symbol, shape }) {
    const place = placeIn(shape, this.k);
    const last = shape.length - 1;
    const [from, to] = around(shape[last], NEAR, place[last]);
    const window = place.map((i, axis) => /** @type {[number, number]} */ (axis === last ? [from, to] : [i, i + 1]));
    const values = (await this.array(symbol, written(window))).values;
    return { symbol, shape, values, from, at: (/** @type {number} */ k) => [...place.slice(0, -1), k] };
  }

  /** @param {number} width @override */
  draw(width) {
    const { map, row, size } = there(this.numbers);
    const { isBack } = this.sides;
    const place = placeIn(map.shape, this.k);
    const [[top, bottom], [left, right]] = map.shown;
    const cell = Math.max(3, Math.min(12, Math.floor((width * 0.6) / (right - left))));
    const of = map.isImage ? `channel ${place[2]} of ${map.shape[2]}` : map.shape.join(" × ");
    heading(this, 0, 12, map.symbol, of);
    const drawn = grid(this, {
      symbol: map.symbol,
      values: map.part.values,
      columns: right - left,
      x: 0,
      y: 20,
      size: cell,
      gap: cell > 9 ? 1 : 0,
      at: (i, j) => map.at(top + i, left + j),
    });
    const [i, j] = map.isImage ? place : [place.length > 1 ? place[place.length - 2] : 0, place[place.length - 1]];
    const own = drawn.boxOf(i - top, j - left);
    ring(this, own, "of-input");
    const y = 20 + (bottom - top) * cell + 58;
    const wide = Math.min(40, Math.floor(width / row.values.length));
    const strip = grid(this, {
      symbol: row.symbol,
      values: row.values,
      columns: row.values.length,
      x: 0,
      y,
      size: wide,
      tall: TALL,
      at: (_, c) => row.at(row.from + c),
    });
    heading(this, 0, y - 8, row.symbol, `around number ${this.k} of ${size}, in one row`, strip.tens);
    const last = placeIn(row.shape, this.k);
    const to = strip.boxOf(0, last[last.length - 1] - row.from);
    ring(this, to, "of-output");
    const ends = [own.x + own.width / 2, own.y + own.height + 3, to.x + to.width / 2, y - 26];
    arrow(this, isBack ? [ends[2], ends[3], ends[0], ends[1]] : ends, isBack ? "of-gradient" : "");
    const bar = y + TALL + 22;
    const X = (/** @type {number} */ k) => (k / size) * width;
    this.sheet.append(
      svg("rect", { x: 0, y: bar, width, height: 8, rx: 4, class: "ground" }),
      svg("rect", { x: X(this.k) - 1.5, y: bar - 3, width: 3, height: 14, class: "thumb" }),
      label(0, bar + 24, "0", "muted"),
      label(width, bar + 24, String(size - 1), "muted end"),
    );
    const value = three(row.values[last[last.length - 1] - row.from] ?? null);
    const sum = map.shape.length > 1 ? `${sumOf(map.shape, place)} = ${this.k}: ` : "";
    this.say(
      isBack
        ? `Nothing is computed: dy[${last}] = ${value} goes back to its place [${place}].`
        : `Nothing is computed: row by row, ${sum}x[${place}] = ${value} is y[${last}].`,
    );
    return bar + 28;
  }
}

/** How the place in the row is counted: (13 · 28 + 4) · 16 + 2. @param {number[]} shape @param {number[]} place */
function sumOf(shape, place) {
  let said = String(place[0]);
  for (let axis = 1; axis < place.length; axis++)
    said = `${axis > 1 ? `(${said})` : said} · ${shape[axis]} + ${place[axis]}`;
  return said;
}
