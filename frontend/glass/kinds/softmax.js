/**
 * Softmax and cross-entropy: a fraction with every logit as a coloured term; on the way back what pulls up and down.
 */

import { three } from "../figures.js";
import { arrow, heading, largestOf, piece } from "./drawing/grid.js";
import { bothWays, label, Picture, svg, there } from "./drawing/picture.js";
import { around } from "./drawing/window.js";

const MOST = 12; // classes that are shown

/** What both have: a row of scores, a chosen one among them, and for each a colour. */
class Shares extends Picture {
  /** @type {number[]} the place of the row, in a sequence */
  row = [];
  k = 0;

  place() {
    const shape = (this.quantity("y")?.shape ?? [0]).slice(1);
    const local = this.local(this.cell);
    if (local.length === shape.length && shape.length)
      [this.row, this.k] = [local.slice(0, -1), local[local.length - 1]];
    else if (local.length === shape.length - 1 && this.cell.symbol !== "loss") this.row = local;
    if (this.row.length !== shape.length - 1) this.row = Array(shape.length - 1).fill(0);
    return shape[shape.length - 1];
  }

  /** A row of an array of one number for each class. @param {string} symbol */
  async shares(symbol) {
    const { values, shape } = await this.array(symbol);
    const K = shape[shape.length - 1];
    let start = 0;
    this.row.forEach((t, axis) => {
      start = start * shape[axis] + t;
    });
    return values.slice(start * K, (start + 1) * K).map((v) => v ?? 0);
  }

  /** The number that a row has of an array without the classes' axis. @param {string} symbol */
  async number(symbol) {
    const { values, shape } = await this.array(symbol);
    let at = 0;
    this.row.forEach((t, axis) => {
      at = at * (shape[axis] ?? 1) + t;
    });
    return values[at] ?? 0;
  }

  /**
   * The fraction: e^z of the chosen one, over all of them end to end.
   * @param {number[]} e
   * @param {number[]} z
   * @param {number} y
   * @param {number} width
   * @param {string} symbol of the shares
   * @param {number[]} p @param {number} right the class that is wanted, −1 where there is none
   */
  fraction(e, z, y, width, symbol, p, right) {
    const { sheet } = this;
    const [from, to] = around(e.length, MOST, this.k);
    const sum = e.reduce((a, b) => a + b, 0) || 1;
    const x0 = 58;
    const room = width - x0 - 8;
    const own = Math.max(1.5, (e[this.k] / sum) * room);
    const z_ = symbol === "p" ? "z" : "x";
    sheet.append(label(0, y + 15, `e^${z_} [${this.k}]`, "strong"));
    const top = piece(this.k, { x: x0, y, width: own, height: 20 });
    this.mark(
      top,
      { x: x0, y, width: own, height: 20 },
      symbol,
      [...this.row, this.k],
      `its share ${three(p[this.k])}`,
    );
    const beside = x0 + own + 8;
    const share = `${three(p[this.k])} of all`;
    sheet.append(top);
    if (beside + 90 < width) sheet.append(label(beside, y + 15, share, "big"));
    else top.append(label(x0 + own - 8, y + 15, share, "big end")); // in the ink that is legible there
    sheet.append(svg("path", { d: `M${x0} ${y + 27}H${width - 8}`, class: "axis" }));
    sheet.append(label(0, y + 48, `Σ e^${z_}`, "strong"));
    let x = x0;
    e.forEach((v, k) => {
      const wide = (v / sum) * room;
      const box = { x, y: y + 33, width: Math.max(0.4, wide - 0.8), height: 20 };
      const one = piece(k, box, wide > 18 ? String(k) : "", 2);
      this.mark(one, box, symbol, [...this.row, k], `class ${k}: ${three(p[k])}`);
      sheet.append(one);
      x += wide;
    });
    let at = y + 84;
    const columns = [0, 26, 92, 168];
    const names = ["", z_, `e^(${z_} − max)`, symbol];
    sheet.append(...names.map((words, i) => label(columns[i], at - 8, words, "muted")));
    const bar = columns[3] + 52;
    const long = Math.max(20, width - bar - 4);
    for (let k = from; k < to; k++) {
      const isOwn = k === this.k;
      if (isOwn)
        sheet.append(svg("rect", { x: -4, y: at - 2, width: width + 4, height: 24, rx: 5, class: "chosen-row" }));
      sheet.append(piece(k, { x: 0, y: at + 2, width: 17, height: 16 }, String(k)));
      sheet.append(label(columns[1], at + 15, three(z[k]), isOwn ? "strong" : ""));
      sheet.append(label(columns[2], at + 15, three(e[k]), isOwn ? "strong" : ""));
      sheet.append(label(columns[3], at + 15, three(p[k]), isOwn ? "strong" : ""));
      const box = { x: bar, y: at + 3, width: Math.max(1, p[k] * long), height: 14 };
      const one = piece(k, box, "", 2);
      this.mark(one, { ...box, width: long }, symbol, [...this.row, k], `share of class ${k}: ${three(p[k])}`);
      sheet.append(one);
      if (k === right) {
        const isInside = box.width > long - 62;
        const words = label(
          bar + box.width + (isInside ? -6 : 6),
          at + 15,
          "◂ wanted",
          `strong ${isInside ? "end" : ""}`,
        );
        (isInside ? one : sheet).append(words);
      }
      at += 24;
    }
    if (to - from < e.length)
      sheet.append(label(0, at + 12, `classes ${from} to ${to - 1} of ` + `${e.length}`, "muted"));
    return to - from < e.length ? at + 18 : at + 4;
  }
}

export class SoftmaxPicture extends Shares {
  static alone = true;

  /** @override */
  async load() {
    this.place();
    const [x, y] = await Promise.all([this.shares("x"), this.shares("y")]);
    const most = Math.max(...x);
    const largest = y[x.indexOf(most)] || 1; // e^(max − max) = 1 of the sum
    this.numbers = { x, y, e: y.map((share) => share / largest) };
  }

  /** @param {number} width @override */
  draw(width) {
    const { x, y, e } = there(this.numbers);
    this.say(`Of all the e^x together, number ${this.k} has ${three(y[this.k])}; the shares add up to 1.`);
    return this.fraction(e, x, 4, width, "y", y, -1);
  }
}

export class CrossEntropyPicture extends Shares {
  static alone = true;

  /** @override */
  async load() {
    this.place();
    const [z, p, sum, log, cell, target, dy] = await Promise.all([
      this.shares("y"),
      this.shares("p"),
      this.number("sum_e"),
      this.shares("log_p"),
      this.glass.cell(this.stop, "loss", []),
      this.number("target"),
      this.quantity("dy") ? this.shares("dy") : null,
    ]);
    if (this.cell.symbol === "loss" && target >= 0) this.k = target;
    this.numbers = { z, p, e: p.map((share) => share * sum), log, cell, right: target, dy };
  }

  /** @param {number} width @override */
  draw(width) {
    const { z, p, e, log, cell, right, dy } = there(this.numbers);
    if (this.cell.symbol === "dy" && dy) return this.pulls(width);
    const bottom = this.fraction(e, z, 4, width, "p", p, right);
    if (right < 0) {
      this.say("Nothing is wanted here: this place has no loss and no gradient.");
      return bottom;
    }
    bothWays(this, "loss", [], [...this.row, right]);
    const { sheet } = this;
    const y = bottom + 12;
    const surprise = -log[right];
    const terms = cell.leaves
      .filter((/** @type {any} */ leaf) => leaf.symbol === "log_p")
      .map((/** @type {any} */ leaf) => -leaf.value);
    const isOwn = (/** @type {any} */ leaf) =>
      leaf.index[0] === this.example && leaf.index.slice(1, -1).join() === this.row.join();
    const own = cell.leaves.filter((/** @type {any} */ leaf) => leaf.symbol === "log_p").findIndex(isOwn);
    const most = Math.max(surprise, largestOf(terms), Math.log(p.length)) || 1;
    const x0 = 92;
    const room = width - x0 - 56;
    const box = { x: x0, y, width: Math.max(1.5, (surprise / most) * room), height: 20 };
    const bar = svg("g", { class: "bar total" }, svg("rect", { ...box, rx: 3 }));
    this.mark(bar, box, "log_p", [...this.row, right], `minus log of ${three(p[right])} is ${three(surprise)}`);
    sheet.append(
      label(0, y + 15, `−log p[${right}]`, "strong"),
      bar,
      label(x0 + box.width + 8, y + 15, three(surprise), "big"),
    );
    const chance = x0 + (Math.log(p.length) / most) * room;
    sheet.append(
      svg("path", { d: `M${chance} ${y - 3}v26`, class: "axis dashed" }),
      label(chance, y + 35, `guessing: ${three(Math.log(p.length))}`, "muted mid"),
    );
    const top = y + 54;
    const high = 56;
    const step = width / Math.max(1, terms.length);
    const drawn = cell.more?.count ? `, the first ${terms.length}` : "";
    sheet.append(label(0, top, `The mean over the batch: a bar for each${drawn}`, "muted"));
    terms.forEach((/** @type {number} */ v, /** @type {number} */ n) => {
      const tall = Math.max(0.8, (v / most) * high);
      const one = svg("rect", {
        x: n * step,
        y: top + 8 + high - tall,
        width: Math.max(0.8, step - (step > 4 ? 1 : 0)),
        height: tall,
        class: `bar total ${n === own ? "" : "faint"}`,
      });
      sheet.append(one);
    });
    const mean = top + 8 + high - ((cell.value ?? 0) / most) * high;
    sheet.append(
      svg("path", { d: `M0 ${mean}H${width}`, class: "mean" }),
      label(width, mean - 5, `L = ${three(cell.value)}`, "strong end halo-paper"),
    );
    this.say(
      `The right class, ${right}, got ${three(p[right])}: a surprise of −log ${three(p[right])} = ` +
        `${three(surprise)}. `,
      `The mean of all is the loss, ${three(cell.value)}.`,
    );
    return top + high + 14;
  }

  /** p − onehot, over N: bars that pull up and down. @param {number} width */
  pulls(width) {
    const { p, right, dy, z } = /** @type {any} */ (this.numbers);
    const [from, to] = around(p.length, MOST, this.k);
    const { sheet } = this;
    const n = to - from;
    const step = width / n;
    const high = 190;
    const most = largestOf(dy) || 1;
    const zero = 24 + high / 2;
    bothWays(this, "loss", [], [...this.row, this.k]);
    sheet.append(label(0, 10, "above: pushes the logit down; below: pulls it up", "muted"));
    sheet.append(label(width, 10, this.isNarrow ? "" : "dy = (p − wanted) / N", "strong end"));
    for (let k = from; k < to; k++) {
      const v = dy[k];
      const tall = (Math.abs(v) / most) * (high / 2 - 16);
      const x = (k - from) * step + step * 0.2;
      const wide = step * 0.6;
      const box = { x, y: v > 0 ? zero - tall : zero, width: wide, height: Math.max(1, tall) };
      if (k === this.k)
        sheet.append(
          svg("rect", { x: (k - from) * step, y: 18, width: step, height: high + 42, rx: 6, class: "chosen-row" }),
        );
      const bar = svg("g", { class: `bar of-gradient ${v < 0 ? "minus" : ""}` }, svg("rect", { ...box, rx: 3 }));
      this.mark(bar, { ...box, y: 24, height: high }, "dy", [...this.row, k], `class ${k}: ${three(v)}`);
      sheet.append(bar);
      const middle = x + wide / 2;
      if (tall > 8)
        arrow(
          this,
          v > 0 ? [middle, zero + 6, middle, zero + 22] : [middle, zero - 6, middle, zero - 22],
          "of-gradient",
        );
      if (step > 44) sheet.append(label(middle, v > 0 ? box.y - 4 : box.y + box.height + 13, three(v), "mid strong"));
      sheet.append(
        label(middle, 24 + high + 14, k === right ? `${k} ◂` : String(k), `mid ${k === right ? "strong" : ""}`),
      );
      if (step > 40) sheet.append(label(middle, 24 + high + 30, `p ${three(p[k])}`, "mid muted"));
    }
    sheet.append(svg("path", { d: `M0 ${zero}H${width}`, class: "axis" }));
    const v = dy[this.k];
    const N = right >= 0 && v ? (p[this.k] - (this.k === right ? 1 : 0)) / v : 0;
    this.say(
      right < 0
        ? "Nothing is wanted here: no gradient."
        : `(p − ${this.k === right ? 1 : 0}) / N = (${three(p[this.k])} − ${this.k === right ? 1 : 0}) / ` +
            `${Math.round(N)} = ${three(v)}: ` +
            (v < 0
              ? `a step against it lifts logit ${this.k}, which is ${three(z[this.k])}.`
              : `a step against it lowers logit ${this.k}, which is ${three(z[this.k])}.`),
    );
    return 24 + high + 40;
  }
}

/** Softmax's way back: dx = y (dy − Σ y dy). */
export class SoftmaxBackPicture extends Shares {
  /** @override */
  async load() {
    this.place();
    const [y, dy, dx] = await Promise.all(["y", "dy", "dx"].map((name) => this.shares(name)));
    this.numbers = { y, dy, dx };
  }

  /** @param {number} width @override */
  draw(width) {
    const { y, dy, dx } = there(this.numbers);
    const { sheet } = this;
    const [from, to] = around(y.length, MOST, this.k);
    const mean = y.reduce(
      (/** @type {number} */ sum, /** @type {number} */ v, /** @type {number} */ k) => sum + v * dy[k],
      0,
    );
    const most = largestOf(dy, [mean]) || 1;
    const half = (width - 170) / 2;
    const zero = 60 + half;
    sheet.append(
      label(0, 12, "y", "symbol is-output strong"),
      label(zero, 12, "dy, beside their mean Σ y dy", "muted mid"),
      label(width, 12, "dx", "symbol is-gradient strong end"),
    );
    let at = 22;
    const line = zero + (mean / most) * half;
    for (let k = from; k < to; k++) {
      if (k === this.k)
        sheet.append(svg("rect", { x: -4, y: at - 1, width: width + 4, height: 26, rx: 5, class: "chosen-row" }));
      sheet.append(label(0, at + 16, three(y[k]), "strong"));
      const end = zero + (dy[k] / most) * half;
      const box = { x: Math.min(end, line), y: at + 5, width: Math.max(1, Math.abs(end - line)), height: 14 };
      const bar = svg("g", { class: `bar of-gradient ${dy[k] < mean ? "minus" : ""}` }, svg("rect", { ...box, rx: 2 }));
      this.mark(
        bar,
        { x: 60, y: at, width: 2 * half, height: 24 },
        "dx",
        [...this.row, k],
        `dx ${k}: ` + `${three(dx[k])}`,
      );
      sheet.append(bar, label(width, at + 16, three(dx[k]), "end strong"));
      at += 27;
    }
    sheet.append(svg("path", { d: `M${line} 20V${at}`, class: "mean" }));
    heading(this, 0, at + 14, "dx", `= y (dy − Σ y dy)`);
    this.say(
      `${three(y[this.k])} · (${three(dy[this.k])} − ${three(mean)}) = ${three(dx[this.k])}: only what ` +
        `differs from the mean comes through, so the dx add up to 0.`,
    );
    return at + 18;
  }
}
