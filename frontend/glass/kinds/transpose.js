/** Conv2DTranspose: every pixel lays a patch onto a larger image; on the way back it hears the same patch of dy. */

import { power as tenTo } from "../../state/numbers.js";
import { short, three } from "../figures.js";
import { heading, largestOf, look, ring } from "./drawing/grid.js";
import { label, svg, there } from "./drawing/picture.js";
import { Maps, MOST } from "./drawing/sliding.js";
import { around, isInside, pixelsOf, seersOf, written } from "./drawing/window.js";

/** @typedef {[number, number]} Part */

export class TransposePicture extends Maps {
  c = 0;
  f = 0;
  /** @type {number[]} the pixel of x */
  at = [0, 0];
  /** @type {number[] | null} the pixel of y that was asked about */
  pixel = null;

  get isBack() {
    return this.stop.way === "backward";
  }

  /** @override */
  get count() {
    const [rows, columns] = this.axes();
    return rows.count * columns.count;
  }

  /** @override */
  async load() {
    const [rows, columns] = this.axes();
    const [, , channels, filters] = this.quantity("W")?.shape ?? [];
    const { symbol } = this.cell;
    const local = this.local(this.cell);
    this.pixel = null;
    if (["W", "dW"].includes(symbol)) [this.c, this.f] = local.slice(2);
    else if (["b", "db"].includes(symbol)) this.f = local[0];
    else if (["x", "dx"].includes(symbol)) [this.at, this.c] = [local.slice(0, 2), local[2]];
    else if (["y", "dy"].includes(symbol)) {
      this.f = local[2];
      this.pixel = local.slice(0, 2);
      const [i, j] = [seersOf(rows, local[0]), seersOf(columns, local[1])];
      if (i.length && j.length) this.at = [i[0][1], j[0][1]];
    }
    if (this.isBack && !this.quantity("dx")) return false;
    [this.c, this.f] = [Math.min(this.c, channels - 1), Math.min(this.f, filters - 1)];
    const { c, f } = this;
    const [small, large] = this.isBack ? ["dx", "dy"] : ["x", "y"];
    const shown = {
      x: /** @type {Part[]} */ ([around(rows.count, MOST, this.at[0]), around(columns.count, MOST, this.at[1])]),
      y: /** @type {Part[]} */ ([
        around(rows.length, MOST, this.at[0] * rows.stride),
        around(columns.length, MOST, this.at[1] * columns.stride),
      ]),
    };
    const [x, y, w] = await Promise.all([
      this.array(small, written([...shown.x, [c, c + 1]])),
      this.array(large, written([...shown.y, [f, f + 1]])),
      this.array(
        "W",
        written([
          [0, rows.size],
          [0, columns.size],
          [c, c + 1],
          [f, f + 1],
        ]),
      ),
    ]);
    this.numbers = { x, y, w: w.values, shown, small, large, channels, filters };
    return true;
  }

  /** @param {number} width @override */
  draw(width) {
    const { x, y, shown, small, large, channels, filters } = there(this.numbers);
    const [, columns] = this.axes();
    const { c, f } = this;
    this.patterns();
    const span = (/** @type {Part} */ [from, to]) => to - from;
    const [wide, out] = [span(shown.x[1]), span(shown.y[1])];
    const size = Math.max(3, Math.min(14, Math.floor((width - 26) / (wide + out))));
    heading(this, 0, 12, small, `channel ${c} of ${channels}`);
    const from = this.map(small, x, shown.x, { x: 0, y: 20, size, at: (i, j) => [i, j, c] });
    const right = width - out * size;
    heading(this, right, 12, large, `filter ${f} of ${filters}`);
    const to = this.map(large, y, shown.y, { x: right, y: 20, size, at: (p, r) => [p, r, f] });
    this.places = { from, to, size };
    this.top = Math.max(from.bottom, to.bottom) + 14;
    this.group = svg("g", { class: "sliding" });
    this.fixed = this.all.length;
    this.sheet.append(this.group);
    const bottom = this.patch();
    this.slide(this.at[0] * columns.count + this.at[1]);
    return bottom;
  }

  /** @param {number} k @override */
  async go(k) {
    const [, columns] = this.axes();
    this.at = [Math.floor(k / columns.count), k % columns.count];
    this.pixel = null;
    this.patch();
  }

  /** A number of a map; null where it is not shown. @param {any} part @param {Part[]} shown @param {number[]} at */
  shownAt(part, [[top, bottom], [left, right]], [p, r]) {
    const isShown = p >= top && p < bottom && r >= left && r < right;
    return isShown ? (part.values[(p - top) * (right - left) + r - left] ?? null) : null;
  }

  /** Draw what the pixel lays onto the image, or what it hears of it: each of the patch's pixels over its weight. */
  patch() {
    const [rows, columns] = this.axes();
    const { x, y, w, shown, large } = there(this.numbers);
    const { from, to, size } = /** @type {any} */ (this.places);
    const { c, f, at, width, isBack } = this;
    const value = this.shownAt(x, shown.x, at);
    const [down, across] = [pixelsOf(rows, at[0]), pixelsOf(columns, at[1])];
    const most = largestOf(w);
    const cell = Math.min(56, Math.floor((width - 4) / columns.size));
    const tall = cell >= 30 ? Math.min(40, cell) : cell;
    const top = this.top ?? 0;
    const over = isBack ? largestOf(y.values) : most * Math.abs(value ?? 0);
    const tens = over > 0 ? Math.floor(Math.log10(over)) : 0;
    const power = tens < -1 ? tens : 0;
    let sum = 0;
    this.moving(/** @type {SVGElement} */ (this.group), () => {
      if (value !== null) ring(this, from.boxOf(...at), "of-input");
      for (const [, p] of down)
        for (const [, r] of across)
          if (this.shownAt(y, shown.y, [p, r]) !== null) ring(this, to.boxOf(p, r), size > 8 ? "thin" : "hair");
      this.overlap();
      const words = isBack ? "dy over weight" : `x · weight over weight: what pixel [${at}] lays`;
      this.sheet.append(label(0, top, words, "muted"));
      if (power) this.sheet.append(label(width, top, `the upper in ${tenTo(power)}`, "muted end"));
      down.forEach(([u, p], a) => {
        across.forEach(([v, r], b) => {
          const weight = w[u * columns.size + v] ?? 0;
          const isOutside = !isInside(rows, p) || !isInside(columns, r);
          const slope = isOutside ? null : this.shownAt(y, shown.y, [p, r]);
          const upper = isOutside ? null : isBack ? slope : weight * (value ?? 0);
          sum += isBack ? (slope ?? 0) * weight : 0;
          const half = { x: b * cell, y: top + 10 + a * tall, width: cell - 2, height: (tall - 2) / 2 };
          const lower = { ...half, y: half.y + half.height };
          /** @type {[typeof half, number | null, number, number, string, number[]][]} */
          const both = [
            [half, upper, over, power, large, [p, r, f]],
            [lower, weight, most, 0, "W", [u, v, c, f]],
          ];
          for (const [box, number, largest, tens, symbol, place] of both) {
            const { className, depth } = look(number, largest);
            const one = svg("g", { class: className, style: `--t:${depth}` }, svg("rect", { ...box, rx: 3 }));
            if (number === null) one.firstElementChild?.setAttribute("fill", `url(#${this.hatch}-pad)`);
            else if (cell >= 30)
              one.append(label(box.x + box.width / 2, box.y + box.height / 2, short(number, tens), "value"));
            if (number !== null) this.mark(one, box, symbol, place, `${symbol}[${place}]: ${three(number)}`);
            this.sheet.append(one);
          }
        });
      });
    });
    const bottom = top + 14 + rows.size * tall;
    const hides = columns.stride < columns.size ? " Patches overlap, and add up." : "";
    if (this.pixel)
      this.say(
        `Pixel [${this.pixel}] of y is the sum of what ${this.laidBy} pixels lay there, in each channel, and b.`,
      );
    else if (isBack)
      this.say(
        `dx[${at},${c}] hears the patch that it laid: with filter ${f} Σ dy · W = ${three(sum)}; ` +
          `all filters together give ${three(value)}.`,
      );
    else this.say(`Pixel [${at}] of channel ${c}, ${three(value)}, lays itself times W onto y.${hides}`);
    return bottom;
  }

  laidBy = 0;

  /** Ring all pixels that laid something onto the pixel that was asked about. */
  overlap() {
    if (!this.pixel) return;
    const [rows, columns] = this.axes();
    const { x, shown } = there(this.numbers);
    const { from, to } = /** @type {any} */ (this.places);
    const [down, across] = [seersOf(rows, this.pixel[0]), seersOf(columns, this.pixel[1])];
    this.laidBy = down.length * across.length;
    for (const [, i] of down)
      for (const [, j] of across)
        if (this.shownAt(x, shown.x, [i, j]) !== null) ring(this, from.boxOf(i, j), "of-input thin");
    ring(this, to.boxOf(...this.pixel), "of-output");
  }
}
