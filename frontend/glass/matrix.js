/** One array as a heat map: numbers in its cells where there is room, a window where it is large, keys and pointer. */

import { fit } from "../ui/canvas.js";
import { make } from "../ui/element.js";
import { ofTheme, themed } from "../ui/palette.js";
import { powerFor, short, three, wordsFor } from "./figures.js";
import { heat, heatRGB, inkOn, paintHeat } from "./heat.js";
import { Overview } from "./overview.js";

/** @import {ArrayPart, Parameter, Quantity, Stop} from "../server/one_step.js" */
/** @import {Glass} from "./opened_step.js" */

const READABLE = 28; // pixels of a cell in which a number is printed
const [LOWEST, HIGHEST] = [15, 30];
const MOST_SEEN = 64; // rows and columns of a window
const PER_LINE = { few: 12, many: 32 }; // numbers of a vector in a line
const FEW = 48;
const MOST_ASKED = 16384; // numbers that the server gives at once

/** The type of numbers in cells: read once, not for each of many matrices. */
const cellFont = () => ofTheme("font of cells", () => `bold 11.5px ${getComputedStyle(document.body).fontFamily}`);

export class Matrix {
  /** @param {Glass} glass @param {Stop} stop @param {Quantity} quantity */
  constructor(glass, stop, quantity) {
    this.glass = glass;
    this.stop = stop;
    this.quantity = quantity;
    /** @type {ArrayPart | null} */
    this.part = null;
    /** @type {number[]} the leading axes' places */
    this.lead = [];
    /** where the window begins, in rows and columns */
    this.corner = [0, 0];
    /** @type {Parameter | null} whose numbers of theta are shown */
    this.parameter = null;
    this.cursor = 0;
    this.pointed = -1;
    this.width = 0;
    this.height = HIGHEST;
    this.cellWidth = 0;
    this.cellHeight = 0;
    this.isLit = false; // whether something is ringed
    this.canvas = make("canvas", { className: "glass-cells", tabIndex: 0 });
    this.canvas.setAttribute("role", "img");
    this.over = make("canvas", { className: "glass-over" });
    this.over.setAttribute("aria-hidden", "true");
    this.letters = make("span", { className: `role-${quantity.role}`, textContent: quantity.letters });
    this.about = make("small");
    this.reading = make("output");
    this.choosers = make("span", { className: "glass-choosers" });
    const head = make("h3", {}, this.letters, wordsFor(quantity), this.about, this.reading, this.choosers);
    this.sheet = make("div", { className: "glass-sheet" }, this.canvas, this.over);
    this.overview = new Overview((map, row, column) => this.move(map, row, column).catch(glass.failed));
    const parts = [head, this.overview.element, this.sheet];
    this.element = make("section", { className: `glass-matrix ${quantity.role}` }, ...parts);
    this.element.dataset.symbol = quantity.symbol;
    if (!this.shape.length) this.element.classList.add("one");
    this.canvas.addEventListener("pointermove", (event) => this.point(this.at(event)));
    this.canvas.addEventListener("pointerleave", () => this.leave());
    this.canvas.addEventListener("blur", () => this.leave());
    this.canvas.addEventListener("click", (event) => this.choose(this.at(event)));
    this.canvas.addEventListener("keydown", (event) => this.key(event));
  }

  // ── what of the array is shown ──

  /** The shape of what is shown, without the example. */
  get shape() {
    if (this.parameter) return this.parameter.shape;
    const { shape } = this.quantity;
    return this.glass.opened.isOfExample(this.quantity) ? shape.slice(1) : shape;
  }

  /** Which axes go down and across: those of an image's rows and columns, else the last two. @returns {number[]} */
  get drawn() {
    const names = this.quantity.axes.slice(-this.shape.length || this.quantity.axes.length);
    const image = ["row", "column"].map((name) => names.indexOf(name));
    if (!this.parameter && this.shape.length > 2 && image.every((axis) => axis >= 0)) return image;
    return [this.shape.length - 2, this.shape.length - 1].filter((axis) => axis >= 0);
  }

  /** Rows and columns; a vector is one row. @returns {[number, number]} */
  get whole() {
    const [rows, columns] = this.drawn.map((axis) => this.shape[axis]);
    return columns === undefined ? [1, rows ?? 1] : [rows, columns];
  }

  /** Rows and columns that are seen at once. @returns {[number, number]} */
  get seen() {
    const [rows, columns] = this.whole;
    const most = this.parameter ? Math.max(1, Math.floor(MOST_ASKED / columns)) : MOST_SEEN;
    return [
      Math.min(rows, most, MOST_SEEN),
      Math.min(columns, this.shape.length > 1 ? MOST_SEEN : MOST_SEEN * MOST_SEEN),
    ];
  }

  /** How many cells stand in a line of the drawing. */
  get perLine() {
    const [, columns] = this.seen;
    if (this.shape.length > 1) return columns;
    return columns <= FEW ? Math.min(columns, PER_LINE.few) : PER_LINE.many;
  }

  get lines() {
    const [rows, columns] = this.seen;
    return this.shape.length > 1 ? rows : Math.ceil(columns / this.perLine);
  }

  get count() {
    const [rows, columns] = this.seen;
    return rows * columns;
  }

  /** What the server is asked for; the empty string where that is all. */
  get window() {
    if (this.parameter) {
      const [from, to] = linesOf(this.parameter, this.leading, this.corner, this.seen);
      return `${from}:${to}`;
    }
    const { shape, corner, seen, drawn } = this;
    if (product(shape) <= MOST_SEEN * MOST_SEEN) return "";
    if (shape.length < 2) return `${corner[1]}:${corner[1] + seen[1]}`;
    const { leading } = this;
    return shape
      .map((_, axis) => {
        const n = drawn.indexOf(axis);
        return n < 0 ? `${leading[axis]}:${leading[axis] + 1}` : `${corner[n]}:${corner[n] + seen[n]}`;
      })
      .join();
  }

  /** The places on all axes that are not drawn; 0 on those that are. */
  get leading() {
    return this.shape.map((_, axis) => (this.drawn.includes(axis) ? 0 : (this.lead[axis] ?? 0)));
  }

  fetch() {
    return this.glass.opened.array(this.stop, this.quantity.symbol, this.window);
  }

  /** Have its numbers. */
  async load() {
    const { window } = this;
    const part = await this.fetch();
    if (window === this.window) this.part = part;
  }

  /**
   * Take the room that it will need, before its numbers are there.
   * @param {number} width of its place @param {number} height of a line @param {number} widest how wide a cell may be
   */
  makeRoom(width, height, widest) {
    [this.width, this.height] = [width, height];
    this.offer();
    const { perLine, lines } = this;
    const cell = Math.max(2, Math.min(widest, Math.floor(this.width / perLine)));
    const high = cell >= READABLE ? Math.max(LOWEST, Math.min(HIGHEST, this.height)) : cell;
    [this.cellWidth, this.cellHeight] = [cell, high];
    for (const canvas of [this.canvas, this.over]) {
      canvas.style.width = `${cell * perLine}px`;
      canvas.style.height = `${high * lines}px`;
    }
    const shape = this.shape.join(" × ");
    this.about.textContent = shape;
    const words = [this.quantity.letters, wordsFor(this.quantity), shape].filter(Boolean).join(", ");
    this.canvas.setAttribute("aria-label", `${words}; arrow keys go from cell to cell, Enter opens one`);
  }

  /** How large its largest number is. */
  get largest() {
    return Math.max(Math.abs(this.part?.low ?? 0), Math.abs(this.part?.high ?? 0));
  }

  get power() {
    return powerFor(this.largest);
  }

  /** Turn to what is shown where a cell is. @param {number[]} place */
  turnTo(place) {
    const before = this.window;
    this.lead = [...place];
    const [row, column] = this.cornerOf(place);
    const { whole, seen } = this;
    this.corner = [row, column].map((i, axis) => {
      const from = this.corner[axis];
      if (i >= from && i < from + seen[axis]) return from;
      return Math.max(0, Math.min(whole[axis] - seen[axis], i - Math.floor(seen[axis] / 2)));
    });
    if (before !== this.window) this.part = null;
  }

  /** Which row and column a place is in. @param {number[]} place */
  cornerOf(place) {
    const [row, column] = this.drawn.map((axis) => place[axis]);
    return column === undefined ? [0, row ?? 0] : [row, column];
  }

  /** Let a person choose a map among many, or another part of what is large. */
  offer() {
    const { shape, whole, seen } = this;
    const named = this.quantity.axes.slice(-shape.length || this.quantity.axes.length);
    const { drawn, leading } = this;
    const others = shape.map((_, axis) => axis).filter((axis) => !drawn.includes(axis));
    const choosers = [
      ...others.map((axis) => ({
        name: named[axis] ?? `axis ${axis + 1}`,
        at: leading[axis],
        last: shape[axis] - 1,
        axis,
      })),
      ...[0, 1]
        .filter((n) => whole[n] > seen[n])
        .map((n) => ({
          name: shape.length > 1 ? `from ${named[drawn[n]] ?? ["row", "column"][n]}` : "from",
          at: this.corner[n],
          last: whole[n] - seen[n],
          axis: n - 2,
        })),
    ].filter(({ last }) => last > 0);
    this.choosers.replaceChildren(
      ...choosers.map(({ name, at, last, axis }) => {
        const input = make("input", { type: "number", min: "0", max: String(last), value: String(at) });
        input.onchange = () => {
          const to = Math.max(0, Math.min(last, Math.round(Number(input.value)) || 0));
          if (axis >= 0) this.lead[axis] = to;
          else this.corner[axis + 2] = to;
          this.show().catch(this.glass.failed);
        };
        return make("label", {}, `${name} `, input, ` of ${last + 1}`);
      }),
    );
  }

  /** The axes that maps are chosen on, where there is more than one map. */
  get others() {
    return this.shape.map((_, axis) => axis).filter((axis) => !this.drawn.includes(axis) && this.shape[axis] > 1);
  }

  /** All of the array as small as it came, with the window in it; null where all of it is shown. */
  get plan() {
    const { part, shape, whole, seen, others, drawn, leading } = this;
    if (!part || (!others.length && seen[0] === whole[0] && seen[1] === whole[1]) || shape.length < 2) return null;
    const isAll = !part.window || part.window.every(([from, to], axis) => from === 0 && to === part.shape[axis]);
    const all = this.parameter ? null : (part.overview ?? (isAll ? part : null));
    if (!isAll && this.glass.source?.spots) return null; // a file has no other part
    const size = all?.shape ?? shape;
    const scale = all ? 1 : Math.min(1, MOST_SEEN / Math.max(...whole));
    const at = others.reduce((n, axis) => n * size[axis] + Math.floor((leading[axis] * size[axis]) / shape[axis]), 0);
    const maps = others.reduce((n, axis) => n * size[axis], 1);
    const steps = size.map((_, axis) => size.slice(axis + 1).reduce((n, length) => n * length, 1));
    const firsts = Array.from({ length: all ? maps : 0 }, (_, map) => {
      let rest = map;
      return [...others].reverse().reduce((first, axis) => {
        const place = rest % size[axis];
        rest = Math.floor(rest / size[axis]);
        return first + place * steps[axis];
      }, 0);
    });
    const [down, across] = drawn.map((axis) => steps[axis]);
    const valueAt = (/** @type {number} */ map, /** @type {number} */ row, /** @type {number} */ column) =>
      all?.values[firsts[map] + row * down + column * across] ?? null;
    return {
      maps,
      at,
      whole,
      from: /** @type {[number, number]} */ ([...this.corner]),
      seen,
      small: /** @type {[number, number]} */ (drawn.map((axis) => Math.max(1, Math.round(scale * size[axis])))),
      valueAt: all && valueAt,
      largest: this.largest,
      words: [this.quantity.letters, wordsFor(this.quantity)].filter(Boolean).join(", "),
    };
  }

  /** Bring the window's middle to a place of a map of the overview. @param {number} map @param {number} row
   * @param {number} column
   */
  async move(map, row, column) {
    const { others, shape, part, seen, whole } = this;
    const size = this.parameter ? shape : (part?.overview?.shape ?? shape);
    let rest = map;
    for (const axis of [...others].reverse()) {
      const small = rest % size[axis];
      rest = Math.floor(rest / size[axis]);
      const own = Math.floor(((this.lead[axis] ?? 0) * size[axis]) / shape[axis]);
      if (own !== small) this.lead[axis] = Math.floor((small * shape[axis]) / size[axis]);
    }
    this.corner = [row, column].map((i, axis) =>
      Math.max(0, Math.min(whole[axis] - seen[axis], i - Math.floor(seen[axis] / 2))),
    );
    this.offer();
    this.overview.show(this.plan, this.width);
    await this.show();
  }

  /** Fetch and draw what is to be seen now. */
  async show() {
    await this.load();
    this.draw();
    this.light();
  }

  /** The place in the array of the n-th cell that is shown. @param {number} n */
  placeAt(n) {
    const [, columns] = this.seen;
    const [row, column] = [Math.floor(n / columns) + this.corner[0], (n % columns) + this.corner[1]];
    const place = this.leading;
    const { drawn } = this;
    for (const [i, axis] of drawn.entries()) place[axis] = drawn.length > 1 && i === 0 ? row : column;
    return place;
  }

  /** Which of the cells that are shown is at a place; −1 where it is not shown. @param {number[]} place */
  nth(place) {
    if (place.length !== this.shape.length) return -1;
    const { leading, corner, seen, drawn } = this;
    if (leading.some((at, axis) => !drawn.includes(axis) && at !== place[axis])) return -1;
    const [row, column] = this.cornerOf(place);
    const [y, x] = [row - corner[0], column - (place.length ? corner[1] : 0)];
    return y >= 0 && x >= 0 && y < seen[0] && x < seen[1] ? y * seen[1] + x : -1;
  }

  /** Where the first number that is shown is among those that came, and how far it is to the next below and beside. */
  get strides() {
    if (!this.part) return [0, 0, 0];
    if (this.parameter) return this.shape.length > 1 ? [this.corner[1], this.whole[1], 1] : [0, 0, 1];
    const { leading, drawn, corner, part } = this;
    const window = part.window ?? part.shape.map((length) => [0, length]);
    /** @type {number[]} */
    const steps = [];
    let step = 1;
    for (const [axis, [from, to]] of [...window.entries()].reverse()) {
      steps[axis] = step;
      step *= to - from;
      leading[axis] -= from;
    }
    const [down, across] = drawn.length > 1 ? [steps[drawn[0]], steps[drawn[1]]] : [0, steps[drawn[0]] ?? 0];
    for (const [i, axis] of drawn.entries()) leading[axis] += drawn.length > 1 ? corner[i] : corner[1];
    return [leading.reduce((at, i, axis) => at + i * steps[axis], 0), down, across];
  }

  /** The n-th number that is shown. @param {number} n @param {number[]} [strides] @returns {number | null} */
  valueAt(n, [first, down, across] = this.strides) {
    const [, columns] = this.seen;
    return this.part?.values[first + Math.floor(n / columns) * down + (n % columns) * across] ?? null;
  }

  /** The full index, in the engine's array, of the n-th cell. @param {number} n */
  indexAt(n) {
    const place = this.placeAt(n);
    if (!this.parameter) return this.glass.opened.full(this.quantity, place);
    const { start, shape } = this.parameter;
    return [start + place.reduce((at, i, axis) => at * shape[axis] + i, 0)];
  }

  /** Where an index of the engine's array is shown; null where it is not. @param {number[]} index */
  shownAt(index) {
    if (!this.parameter) return this.glass.opened.placeOf(this.quantity, index);
    let [rest] = [index[0] - this.parameter.start];
    const { shape } = this.parameter;
    const size = product(shape);
    if (rest < 0 || rest >= size) return null;
    /** @type {number[]} */
    const place = [];
    for (const length of [...shape].reverse()) {
      place.unshift(rest % length);
      rest = Math.floor(rest / length);
    }
    return place;
  }

  // ── drawn ──

  draw() {
    const { part, perLine, lines, cellWidth: cell, cellHeight: high } = this;
    if (!part || !cell) return;
    const { ctx, width, height } = fit(this.canvas, [cell * perLine, high * lines]);
    if (cell >= READABLE) this.print(ctx);
    else this.paint(ctx, width, height);
    if (this.quantity.role === "gradient") this.hatch(ctx, width, height);
    this.overview.show(this.plan, this.width);
  }

  /** Draw cells that have room for their numbers. @param {CanvasRenderingContext2D} ctx */
  print(ctx) {
    const { perLine, count, cellWidth: cell, cellHeight: high, largest, power, strides } = this;
    const gap = perLine > 24 ? 0 : 1;
    const unit = power ? `in units of 10${raised(power)}` : "";
    this.about.textContent = [this.shape.join(" × "), unit].filter(Boolean).join(", ");
    ctx.font = cellFont();
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    const { blanked } = this.glass;
    const isIn = blanked !== null && blanked.symbol === this.quantity.symbol;
    const hidden = isIn ? this.nth(this.shownAt(blanked.index) ?? []) : -1;
    for (let n = 0; n < count; n++) {
      const value = this.valueAt(n, strides);
      const [x, y] = [(n % perLine) * cell, Math.floor(n / perLine) * high];
      ctx.fillStyle = heat(value, largest);
      ctx.fillRect(x, y, cell - gap, high - gap);
      ctx.fillStyle = inkOn(heatRGB(value, largest));
      const words = n === hidden ? "?" : short(value, power);
      ctx.fillText(words, x + (cell - gap) / 2, y + (high - gap) / 2 + 0.5, cell - 2);
    }
  }

  /** Draw cells that are small. @param {CanvasRenderingContext2D} ctx @param {number} w @param {number} h */
  paint(ctx, w, h) {
    const { perLine, lines, count, largest, strides } = this;
    const valueAt = (/** @type {number} */ row, /** @type {number} */ column) => {
      const n = row * perLine + column;
      return n < count ? this.valueAt(n, strides) : undefined;
    };
    paintHeat(ctx, [lines, perLine], valueAt, largest, [0, 0, w, h]);
  }

  /** Gradients are hatched, everywhere. @param {CanvasRenderingContext2D} ctx @param {number} w @param {number} h */
  hatch(ctx, w, h) {
    ctx.save();
    ctx.beginPath();
    ctx.rect(0, 0, w, h);
    ctx.clip();
    ctx.strokeStyle = themed("role-gradient");
    ctx.globalAlpha = 0.22;
    ctx.lineWidth = 1;
    ctx.beginPath();
    for (let x = -h; x < w; x += 7) {
      ctx.moveTo(x, h);
      ctx.lineTo(x + h, 0);
    }
    ctx.stroke();
    ctx.restore();
  }

  /** Ring what is chosen, what it is made from, and what is pointed at. */
  light() {
    const { perLine, lines, cellWidth, cellHeight } = this;
    if (!this.part || !cellWidth) return;
    const { chosen, made, hot, from, to } = this.glass.lights;
    const { symbol } = this.quantity;
    /** @type {[n: number, colour: string, weight: number][]} */
    const rings = [];
    const ring = (/** @type {{symbol: string, index: number[]}} */ cell, /** @type {string} */ colour, weight = 2) => {
      if (cell.symbol !== symbol) return;
      const place = this.shownAt(cell.index);
      const n = place ? this.nth(place) : -1;
      if (n >= 0) rings.push([n, colour, weight]);
    };
    const [accent, ink] = [themed("accent"), themed("ink")];
    for (const cell of made) ring(cell, accent, cellWidth < 8 ? 1 : 1.5);
    for (const cell of to) ring(cell, ink, 1.5);
    for (const cell of from) ring(cell, accent, 2);
    if (chosen) ring(chosen, accent, 3.5);
    for (const cell of hot) ring(cell, ink, 3);
    if (!rings.length && !this.isLit) return; // most of many matrices: a canvas costs nothing while nothing is on it
    this.isLit = rings.length > 0;
    const { ctx, width, height } = fit(this.over, [cellWidth * perLine, cellHeight * lines]);
    for (const [n, colour, weight] of rings) {
      const [x, y] = [(n % perLine) * cellWidth, Math.floor(n / perLine) * cellHeight];
      const inset = weight / 2;
      ctx.strokeStyle = colour;
      ctx.lineWidth = weight;
      const [w, h] = [Math.max(2, cellWidth - weight), Math.max(2, cellHeight - weight)];
      ctx.strokeRect(Math.min(x + inset, width - w - inset), Math.min(y + inset, height - h - inset), w, h);
    }
  }

  // ── pointed at ──

  /** @param {PointerEvent | MouseEvent} event */
  at({ offsetX, offsetY }) {
    const { perLine, cellWidth, cellHeight } = this;
    const [column, line] = [Math.floor(offsetX / cellWidth), Math.floor(offsetY / cellHeight)];
    const n = line * perLine + column;
    return column >= 0 && column < perLine && n >= 0 && n < this.count ? n : -1;
  }

  /** @param {number} n */
  point(n) {
    if (n === this.pointed) return;
    this.pointed = n;
    if (n < 0) {
      this.leave();
      return;
    }
    this.cursor = n;
    const index = this.indexAt(n);
    const { symbol } = this.quantity;
    const isHidden = this.glass.isBlank(symbol, index) || !this.part;
    this.reading.textContent = `${this.glass.nameOf(symbol, index)} = ${isHidden ? "?" : three(this.valueAt(n))}`;
    this.glass.hover(this.stop, symbol, index);
  }

  leave() {
    this.pointed = -1;
    this.reading.textContent = "";
    this.glass.lightUp([]);
  }

  /** @param {number} n */
  choose(n) {
    if (n >= 0) this.glass.choose(this.stop, this.quantity.symbol, this.indexAt(n));
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -this.perLine, ArrowDown: this.perLine }[event.key];
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "Enter" || event.key === " ") this.choose(this.cursor);
    else if (by) {
      const to = this.cursor + (this.pointed < 0 ? 0 : by);
      if (to >= 0 && to < this.count) this.point(to);
      this.canvas.setAttribute("aria-label", this.reading.textContent ?? "");
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

/**
 * Say which numbers of theta are the lines that a window into one of its parameters shows, whole lines of them.
 * @param {{start: number, shape: number[]}} parameter @param {number[]} leading places on the axes before the last two
 * @param {number[]} corner @param {number[]} seen rows and columns
 * @returns {[number, number]} the first, and the one behind the last
 */
export function linesOf({ start, shape }, leading, corner, seen) {
  if (shape.length < 2) return [start + corner[1], start + corner[1] + seen[1]];
  const [rows, columns] = shape.slice(-2);
  const map = shape.slice(0, -2).reduce((at, length, axis) => at * length + leading[axis], 0);
  const first = start + map * rows * columns + corner[0] * columns;
  return [first, first + seen[0] * columns];
}

/** @param {number[]} shape */
const product = (shape) => shape.reduce((a, b) => a * b, 1);

/** @param {number} power */
const raised = (power) =>
  String(power)
    .replace("-", "⁻")
    .replace(/\d/g, (digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(digit)]);
