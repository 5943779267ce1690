/**
 * What works on every number alone: the curve with the point on it, and on the way back its tangent; a mask for
 * Dropout.
 */

import { three } from "../figures.js";
import { between } from "./drawing/curve.js";
import { arrow, grid, heading, largestOf, ring } from "./drawing/grid.js";
import { label, Picture, svg } from "./drawing/picture.js";
import { around, written } from "./drawing/window.js";

/** @typedef {import("../../server/one_step.js").Curve} Curve */

const ROW = 24; // neighbours of the number that are shown with it, at the most
const MOST_DOTS = 400;

/** What is shown of arrays of any shape: the last axis beside the chosen number, or an image's channel. */
export class Elementwise extends Picture {
  /** @type {number[]} */
  at = [];

  /** Which part is shown, and which number of it is chosen. */
  place() {
    const shape = (this.quantity("x")?.shape ?? []).slice(1);
    const local = this.local(this.cell);
    if (local.length === shape.length && this.cell.symbol !== "") this.at = local;
    if (this.at.length !== shape.length) this.at = shape.map((n) => Math.floor((n - 1) / 2));
    this.isImage = shape.length === 3;
    /** @type {[number, number][]} */
    this.part = shape.map((n, axis) => {
      if (this.isImage) return axis < 2 ? [0, Math.min(n, 28)] : [this.at[2], this.at[2] + 1];
      return axis === shape.length - 1
        ? around(n, n * 24 > this.width ? Math.floor(this.width / 29) : ROW, this.at[axis])
        : [this.at[axis], this.at[axis] + 1];
    });
    this.shape = shape;
  }

  /** @param {string} symbol */
  async piece(symbol) {
    return (await this.array(symbol, written(/** @type {[number, number][]} */ (this.part)))).values;
  }

  /** The place of the k-th number that is shown. @param {number} k */
  placeOf(k) {
    const part = /** @type {[number, number][]} */ (this.part);
    if (!this.isImage) return [...this.at.slice(0, -1), part[part.length - 1][0] + k];
    const wide = part[1][1] - part[1][0];
    return [part[0][0] + Math.floor(k / wide), part[1][0] + (k % wide), this.at[2]];
  }

  /** Where the chosen number stands among those that are shown. */
  chosen() {
    const part = /** @type {[number, number][]} */ (this.part);
    if (!this.isImage) return (this.at.at(-1) ?? 0) - part[part.length - 1][0];
    const [rows, columns] = part;
    return (this.at[0] - rows[0]) * (columns[1] - columns[0]) + this.at[1] - columns[0];
  }

  /**
   * Draw arrays below each other, or as images side by side, with arrows at the chosen number.
   * @param {[symbol: string, values: (number | null)[], words: string][]} arrays
   * @param {number} y
   * @param {number} width
   */
  strips(arrays, y, width) {
    const k = this.chosen();
    const part = /** @type {[number, number][]} */ (this.part);
    if (this.isImage) {
      const [rows, columns] = [part[0][1] - part[0][0], part[1][1] - part[1][0]];
      const size = Math.max(2, Math.floor((width - 24 * (arrays.length - 1)) / arrays.length / columns));
      arrays.forEach(([symbol, values, words], i) => {
        const x = i * (columns * size + 24);
        const drawn = grid(this, {
          symbol,
          values,
          columns,
          x,
          y: y + 8,
          size,
          at: (r, c) => this.placeOf(r * columns + c),
        });
        heading(this, x, y, symbol, words);
        ring(this, drawn.boxOf(Math.floor(k / columns), k % columns));
      });
      return y + 12 + rows * size;
    }
    const n = arrays[0][1].length;
    const size = Math.min(44, Math.floor(width / n));
    const each = 58;
    arrays.forEach(([symbol, values, words], i) => {
      const top = y + 8 + i * each;
      const drawn = grid(this, {
        symbol,
        values,
        columns: n,
        x: 0,
        y: top,
        size,
        tall: 26,
        at: (_, c) => this.placeOf(c),
      });
      const box = drawn.boxOf(0, k);
      ring(this, box);
      const x = box.x + box.width / 2;
      if (i) arrow(this, [x, top - each + 29, x, top - 3]);
      heading(this, 0, top - 7, symbol, words, drawn.tens);
    });
    return y + 8 + (arrays.length - 1) * each + 30;
  }
}

class CurvePicture extends Elementwise {
  isBack = false;

  /** @override */
  async load() {
    this.place();
    const names = this.isBack ? ["x", "y", "dy", "dx"] : ["x", "y"];
    const [x, y, dy, dx] = await Promise.all(names.map((name) => (this.quantity(name) ? this.piece(name) : null)));
    this.numbers = { x, y, dy, dx };
  }

  /** The curve, as the engine computes it, else through the numbers that are there. @returns {Curve} */
  curve() {
    if (this.stop.curve) return this.stop.curve;
    const { x, y } = /** @type {any} */ (this.numbers);
    const order = x.map((/** @type {number} */ _, /** @type {number} */ i) => i);
    order.sort((/** @type {number} */ a, /** @type {number} */ b) => x[a] - x[b]);
    return {
      x: order.map((/** @type {number} */ i) => x[i]),
      y: order.map((/** @type {number} */ i) => y[i]),
      slope: [],
    };
  }

  /** @param {number} width @override */
  draw(width) {
    const { x, y, dy, dx } = /** @type {any} */ (this.numbers);
    const curve = this.curve();
    const k = this.chosen();
    const [px, py] = [x[k] ?? 0, y[k] ?? 0];
    const far = Math.max(4, Math.abs(px) * 1.15);
    const [left, right] = [Math.max(curve.x[0], -far), Math.min(curve.x[curve.x.length - 1], far)];
    const seen = curve.x.map((v, i) => [v, curve.y[i]]).filter(([v]) => v >= left && v <= right);
    const heights = [...seen.map(([, v]) => v), py, 0];
    const [low, high] = [Math.min(...heights), Math.max(...heights)];
    const room = 0.12 * (high - low || 1);
    const tall = Math.min(230, Math.round(width * 0.58));
    const X = (/** @type {number} */ v) => ((v - left) / (right - left || 1)) * width;
    const Y = (/** @type {number} */ v) => tall - ((v - low + room) / (high - low + 2 * room)) * tall;
    const { sheet } = this;
    sheet.append(svg("rect", { x: 0, y: 0, width, height: tall, rx: 8, class: "ground" }));
    sheet.append(svg("path", { d: `M0 ${Y(0)}H${width}M${X(0)} 0V${tall}`, class: "axis thin" }));
    for (const v of [left, right])
      sheet.append(label(v === left ? 4 : width - 4, Y(0) - 4, three(v), v === left ? "muted" : "muted end"));
    const path = seen.map(([a, b], i) => `${i ? "L" : "M"}${X(a).toFixed(1)} ${Y(b).toFixed(1)}`).join("");
    sheet.append(svg("path", { d: path, class: "curve" }));
    x.slice(0, MOST_DOTS).forEach((/** @type {number} */ v, /** @type {number} */ i) => {
      if (v === null || y[i] === null || v < left || v > right || i === k) return;
      const [cx, cy] = [X(v), Y(y[i])];
      const dot = svg("circle", { cx, cy, r: 3.5, class: "dot" });
      if (!this.isImage) {
        const box = { x: cx - 4, y: cy - 4, width: 8, height: 8 };
        this.mark(
          dot,
          box,
          this.isBack ? "dx" : "y",
          this.placeOf(i),
          `number ${this.placeOf(i)}: ${three(v)} gives ${three(y[i])}`,
        );
      }
      sheet.append(dot);
    });
    const slope = dy?.[k] && dx ? dx[k] / dy[k] : curve.slope.length ? between(curve.x, curve.slope, px) : null;
    if (this.isBack && slope !== null) {
      const reach = (right - left) / 5;
      const id = `${this.hatch}-clip`;
      sheet.append(svg("defs", {}, svg("clipPath", { id }, svg("rect", { x: 0, y: 0, width, height: tall }))));
      sheet.append(
        svg("path", {
          "clip-path": `url(#${id})`,
          d: `M${X(px - reach)} ${Y(py - slope * reach)}L${X(px + reach)} ${Y(py + slope * reach)}`,
          class: "tangent",
        }),
      );
    } else {
      sheet.append(svg("path", { d: `M${X(px)} ${Y(0)}V${Y(py)}H${X(0)}`, class: "drop" }));
    }
    sheet.append(svg("circle", { cx: X(px), cy: Y(py), r: 7, class: "here" }));
    const at = `(${three(px)}, ${three(py)})`;
    const isRight = X(px) > width * 0.62;
    const beside = label(
      X(px) + (isRight ? -12 : 12),
      Y(py) + (Y(py) < 30 ? 22 : -10),
      at,
      `strong halo ${isRight ? "end" : ""}`,
    );
    sheet.append(beside);
    const name = this.stop.kind;
    if (!this.isBack) {
      this.say(`${name} makes ${three(py)} of ${three(px)}. The other dots are the numbers beside it.`);
      return this.strips(
        [
          ["x", x, "what comes in"],
          ["y", y, "what goes out"],
        ],
        tall + 26,
        width,
      );
    }
    const bottom = this.through(dy?.[k] ?? 0, dx?.[k] ?? null, slope, tall + 14, width);
    this.say(
      "The slope of the curve at this point is ",
      `${three(slope)}: dx = dy · slope = ${three(dy?.[k] ?? null)} · ${three(slope)} = ${three(dx?.[k] ?? null)}.`,
    );
    const rows = /** @type {[string, any, string][]} */ ([["dy", dy, "from behind"]]);
    if (dx) rows.push(["dx", dx, "what is handed on"]);
    return this.strips(rows, bottom + 20, width);
  }

  /**
   * Two bars: what arrives, and what of it comes through.
   * @param {number} dy @param {number | null} dx @param {number | null} slope @param {number} y @param {number} width
   */
  through(dy, dx, slope, y, width) {
    const most = Math.max(Math.abs(dy), Math.abs(dx ?? 0)) || 1;
    const room = width - 130;
    const bar = (/** @type {number} */ v, /** @type {number} */ top, /** @type {string} */ symbol) => {
      const box = { x: 30, y: top, width: Math.max(1.5, (Math.abs(v) / most) * room), height: 16, rx: 3 };
      const made = svg("g", { class: `bar of-gradient ${v < 0 ? "minus" : ""}` }, svg("rect", box));
      this.mark(made, box, symbol, this.at, `${symbol}: ${three(v)}`);
      this.sheet.append(made, label(38 + box.width, top + 13, three(v), "strong"));
      heading(this, 0, top + 13, symbol, "");
    };
    const share = slope === null ? "–" : three(slope);
    this.sheet.append(label(0, y + 12, `${share} of the gradient comes through`, "big"));
    bar(dy, y + 24, "dy");
    if (dx !== null) bar(dx, y + 46, "dx");
    return y + 66;
  }
}

export class ActivationPicture extends CurvePicture {}

export class ActivationBackPicture extends CurvePicture {
  /** @override */
  isBack = true;
}

/** Dropout: the mask of this very step, the same both ways. */
class MaskPicture extends Elementwise {
  names = ["x", "y"];

  /** @override */
  async load() {
    this.place();
    const names = [this.names[0], ...(this.quantity("mask") ? ["mask"] : []), this.names[1]].filter((name) =>
      this.quantity(name),
    );
    const values = await Promise.all(names.map((name) => this.piece(name)));
    this.rows = names.map((name, i) => /** @type {[string, (number | null)[], string]} */ ([name, values[i], ""]));
  }

  /** @param {number} width @override */
  draw(width) {
    const rows = /** @type {[string, (number | null)[], string][]} */ (this.rows);
    const mask = rows.find(([name]) => name === "mask")?.[1] ?? [];
    /** @type {Record<string, string>} */
    const words = {
      x: "what comes in",
      y: "what goes out",
      dy: "from behind",
      dx: "what is handed on",
      mask: "0: dropped, else it grows",
    };
    for (const row of rows) row[2] = words[row[0]];
    const bottom = this.strips(rows, 12, width);
    const dropped = mask.filter((v) => v === 0).length;
    const factor = largestOf(mask);
    if (!this.isImage)
      for (const [name] of rows)
        if (name !== "mask")
          mask.forEach((v, i) => {
            const at = this.marks.get(`${name}[${this.full(name, this.placeOf(i))}]`)?.[0];
            if (v === 0 && at) {
              const { x, y, width: w, height: h } = at.box;
              this.sheet.append(svg("path", { d: `M${x} ${y}l${w} ${h}m0 ${-h}l${-w} ${h}`, class: "struck" }));
            }
          });
    this.say(
      mask.length
        ? `${dropped} of these ${mask.length} are dropped in this step; the others are multiplied by ` +
            `${three(factor)}, so that their mean stays. ` +
            `${this.stop.way === "backward" ? "What was dropped hears nothing on the way back." : ""}`
        : "Nothing is dropped here: what comes in goes out.",
    );
    return bottom;
  }
}

export class DropoutPicture extends MaskPicture {}

export class DropoutBackPicture extends MaskPicture {
  /** @override */
  names = ["dy", "dx"];
}
