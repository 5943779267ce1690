/**
 * RNN, LSTM and GRU: a strip of time with a cursor, what each gate is made of, and how much of the gradient is left.
 */

import { three } from "../figures.js";
import { pathOf } from "./drawing/curve.js";
import { bars, bracketed, grid, heading, largestOf, ring } from "./drawing/grid.js";
import { label, Picture, svg, there } from "./drawing/picture.js";
import { around, written } from "./drawing/window.js";

/** @import {Cell} from "../../server/one_step.js" */
/** @typedef {import("./drawing/grid.js").Line} Line */

const MOST = { steps: 48, units: 24 };
/**
 * What the gates are called, in the order of their blocks. @type {Record<string, [symbol: string, words: string][]>}
 */
const GATES = {
  LSTM: [
    ["i", "input"],
    ["f", "forget"],
    ["g", "proposal"],
    ["o", "output"],
  ],
  GRU: [
    ["r", "reset"],
    ["z", "update"],
    ["n", "proposal"],
  ],
  RNN: [["h", "state"]],
};

/**
 * Sum up what a gate hears: from the input, from the state before, and its bias.
 * @param {Pick<Cell, "leaves">} cell
 */
export function heard(cell) {
  const sums = { input: 0, state: 0, bias: 0 };
  for (let k = 0; k < cell.leaves.length; k++) {
    const { symbol, value } = cell.leaves[k];
    const next = cell.leaves[k + 1];
    const product = (value ?? 0) * (next?.value ?? 0);
    if (symbol === "x" && next?.symbol === "W") [sums.input, k] = [sums.input + product, k + 1];
    else if (symbol === "h" && next?.symbol === "U") [sums.state, k] = [sums.state + product, k + 1];
    else sums.bias += value ?? 0;
  }
  return sums;
}

/** Multiply from the end: how much is left at each step of what stands at the last one. @param {number[]} factors */
export function left(factors) {
  const kept = Array(factors.length).fill(1);
  for (let t = factors.length - 2; t >= 0; t--) kept[t] = kept[t + 1] * factors[t + 1];
  return kept;
}

/** What both ways share: the step and the unit that are looked at, and the strip of time. */
class Recurrent extends Picture {
  t = -1;
  j = 0;

  /** Which step and unit the chosen cell belongs to. */
  find() {
    const units = this.quantity("h")?.shape.at(-1) ?? 1;
    const T = this.quantity("x")?.shape[1] ?? 1;
    const { symbol } = this.cell;
    const local = this.local(this.cell);
    const last = (local.at(-1) ?? 0) % units;
    if (["h", "c"].includes(symbol) && !(symbol === "c" && this.stop.kind === "GRU"))
      [this.t, this.j] = [local[0] - 1, last];
    else if (["y", "dy"].includes(symbol)) [this.t, this.j] = [local.length > 1 ? local[0] : T - 1, last];
    else if (["x", "dx"].includes(symbol)) this.t = local[0];
    else if (["W", "U", "b", "d", "dW", "dU", "db", "dd"].includes(symbol)) this.j = last;
    else if (local.length === 2) [this.t, this.j] = [local[0], last];
    if (this.t < 0 || this.t >= T)
      this.t =
        this.t < 0 && symbol !== "h" && symbol !== "c" ? Math.floor((T - 1) / 2) : Math.max(0, Math.min(T - 1, this.t));
    this.j = Math.min(this.j, units - 1);
    this.T = T;
    this.units = units;
    /** @type {[number, number]} */
    this.steps = around(T, MOST.steps, this.t);
    /** @type {[number, number]} */
    this.shown = around(units, MOST.units, this.j);
  }

  get gates() {
    return GATES[this.stop.kind] ?? GATES.RNN;
  }

  /** One number of an array. @param {string} symbol @param {number[]} at */
  async one(symbol, at) {
    return (await this.array(symbol, written(at.map((i) => [i, i + 1])))).values[0] ?? 0;
  }

  /** One unit at all steps. @param {string} symbol @param {number} [column] */
  async through(symbol, column = this.j) {
    const steps = this.quantity(symbol)?.shape[1] ?? 0;
    const { values } = await this.array(
      symbol,
      written([
        [0, steps],
        [column, column + 1],
      ]),
    );
    return values.map((v) => v ?? 0);
  }

  /** The part of a state that the strip shows, after each step. @param {string} symbol @param {number} later */
  async strip(symbol, later) {
    const [from, to] = /** @type {[number, number]} */ (this.steps);
    return (
      await this.array(symbol, written([[from + later, to + later], /** @type {[number, number]} */ (this.shown)]))
    ).values;
  }

  /**
   * Draw time from left to right, a row for each unit, and a cursor at the step and unit that are looked at.
   * @param {string} symbol @param {(number | null)[]} values step by step @param {number} later
   * @param {string} words @param {number} width
   */
  time(symbol, values, later, words, width) {
    const [[from, to], [first, last]] = [
      /** @type {[number, number]} */ (this.steps),
      /** @type {[number, number]} */ (this.shown),
    ];
    const [steps, units] = [to - from, last - first];
    const size = Math.min(28, (width - 2) / steps);
    const tall = Math.max(6, Math.min(12, Math.floor(150 / units)));
    const turned = Array.from({ length: units }, (_, j) =>
      Array.from({ length: steps }, (_, t) => values[t * units + j]),
    ).flat();
    const part = units < (this.units ?? 0) ? `, units ${first} to ${last - 1} of ${this.units}` : "";
    heading(this, 0, 12, symbol, `${words}${part}`);
    const drawn = grid(this, {
      symbol,
      values: turned,
      columns: steps,
      x: 0,
      y: 20,
      size,
      tall,
      gap: size > 6 ? 1 : 0,
      at: (j, t) => [from + t + later, first + j],
    });
    const own = drawn.boxOf(this.j - first, this.t - from);
    const bottom = 20 + units * tall;
    ring(this, { ...own, y: 20, height: bottom - 21 });
    ring(this, { ...drawn.boxOf(this.j - first, 0), width: steps * size - 1 }, "soft");
    const middle = own.x + own.width / 2;
    this.sheet.append(label(Math.max(14, Math.min(width - 14, middle)), bottom + 16, `t = ${this.t}`, "mid strong"));
    if (middle > 50) this.sheet.append(label(0, bottom + 16, String(from), "muted"));
    if (middle < width - 50)
      this.sheet.append(label(Math.min(width, steps * size), bottom + 16, String(to - 1), "muted end"));
    return bottom + 24;
  }
}

export class RecurrentPicture extends Recurrent {
  /**
   * What a gate hears: sums, and all together; a GRU's proposal hears the state times r.
   * @param {number} column of W @param {number} k which gate
   * @returns {Promise<{sums: (number | null)[], a: number}>}
   */
  async hears(column, k) {
    const { t, j } = this;
    if (this.quantity("a")) {
      const cell = await this.open("a", [t, column]);
      const { input, state, bias } = heard(cell);
      return { sums: cell.more?.count ? [null, null, null] : [input, state, bias], a: cell.value ?? 0 };
    }
    const isProposal = this.gates[k][0] === "n";
    const [input, state, r] = await Promise.all([
      this.one("xW", [t, column]),
      this.one("hU", [t, column]),
      isProposal ? this.one("r", [t, j]) : 1,
    ]);
    return { sums: [input, r * state, null], a: input + r * state };
  }

  /** @override */
  async load() {
    this.find();
    const { t, j, units = 1 } = this;
    const isCell = this.stop.kind === "LSTM";
    const opened = this.gates.map((_, k) => this.hears(k * units + j, k));
    const [strip, cells, values, h0, h1, c0, c1, tanh] = await Promise.all([
      this.strip(isCell ? "c" : "h", 1),
      Promise.all(opened),
      Promise.all(this.gates.map(([symbol]) => this.one(symbol, symbol === "h" ? [t + 1, j] : [t, j]))),
      this.one("h", [t, j]),
      this.one("h", [t + 1, j]),
      isCell ? this.one("c", [t, j]) : 0,
      isCell ? this.one("c", [t + 1, j]) : 0,
      isCell ? this.one("tanh_c", [t, j]) : 0,
    ]);
    this.numbers = { isCell, strip, cells, values, h0, h1, c0, c1, tanh };
  }

  /** @param {number} width @override */
  draw(width) {
    const { isCell, strip, cells, values, h0, h1, c0, c1, tanh } = there(this.numbers);
    const { sheet, t, j } = this;
    const symbol = isCell ? "c" : "h";
    const top =
      this.time(symbol, strip, 1, isCell ? "what the cells remember, over time" : "the state, over time", width) + 14;
    const columns = [62, 114, 168, 214, 264];
    const isGRU = this.stop.kind === "GRU"; // its biases stand within the two sums
    const heads = isGRU ? ["x W + b", "h U + d", "", "= a"] : ["x W", "h U", "b", "= a"];
    heads.forEach((words, i) => {
      sheet.append(label(columns[i + 1] - 4, top, words, "muted end"));
    });
    sheet.append(label(0, top, `Unit ${j}`, "strong"));
    let y = top + 8;
    const bar = columns[4] + 2;
    const room = width - bar - 46;
    this.gates.forEach(([name, words], k) => {
      const { sums, a } = cells[k];
      const value = values[k];
      const isSigned = name === "g" || name === "n" || name === "h";
      const place = name === "h" ? [t + 1, j] : [t, j];
      sheet.append(label(0, y + 17, name, "symbol strong"), label(14, y + 17, words, "muted"));
      [...sums, a].forEach((v, i) => {
        sheet.append(label(columns[i + 1] - 4, y + 17, v === null ? "" : three(v), `end ${i === 3 ? "strong" : ""}`));
      });
      const back = { x: bar, y: y + 5, width: room, height: 16 };
      const zero = isSigned ? bar + room / 2 : bar;
      const long = Math.abs(value) * (isSigned ? room / 2 : room);
      const box = { x: value < 0 ? zero - long : zero, y: y + 5, width: Math.max(1, long), height: 16 };
      sheet.append(svg("rect", { ...back, rx: 3, class: "ground" }));
      const one = svg("g", { class: `bar ${value < 0 ? "minus" : ""}` }, svg("rect", { ...box, rx: 3 }));
      this.mark(one, back, name, place, `${words} ${name}: ${three(value)}`);
      sheet.append(one, label(width, y + 17, three(value), "end strong"));
      y += 25;
    });
    const before = t === 0 ? " (h and c start at 0)" : "";
    y += 10;
    if (isCell) {
      const [i, f, g, o] = values;
      /** @type {Line[]} */
      const lines = [
        ["f · cₜ₋₁", f * c0, "", "c", [t, j]],
        ["i · g", i * g, "", "g", [t, j]],
        ["cₜ", c1, "total", "c", [t + 1, j]],
      ];
      y = bars(this, lines, y, { left: 72, isStacked: true, tall: 24 }) + 6;
      y = bars(this, [["o · tanh cₜ", h1, "total", "h", [t + 1, j]]], y, { left: 72, tall: 24 });
      this.say(
        `Of what it remembered, ${three(c0)}, it keeps ${three(f)}, and writes ${three(i)} of ${three(g)}: ` +
          `cₜ = ${three(c1)}. `,
        `It shows ${three(o)} of tanh cₜ = ${three(tanh)}: h = ${three(h1)}${before}.`,
      );
    } else if (isGRU) {
      const [, z, n] = values;
      /** @type {Line[]} */
      const lines = [
        ["z · hₜ₋₁", z * h0, "", "h", [t, j]],
        ["(1 − z) · n", (1 - z) * n, "", "n", [t, j]],
        ["hₜ", h1, "total", "h", [t + 1, j]],
      ];
      y = bars(this, lines, y, { left: 84, isStacked: true, tall: 24 });
      this.say(
        `Of its old state, ${three(h0)}, it keeps ${three(z)}; the rest is the proposal ${three(n)}: h = ${three(h1)}.`,
      );
    } else this.say(`h = tanh(x W + h U + b) = tanh(${three(cells[0].a)}) = ${three(h1)}${before}.`);
    return y + 8;
  }
}

export class RecurrentBackPicture extends Recurrent {
  /** What reaches the gates before their bend. */
  get back() {
    return this.quantity("da") ? "da" : "dxW";
  }

  /** @override */
  async load() {
    this.find();
    const { t, j, units = 1, T = 1 } = this;
    const isCell = this.stop.kind === "LSTM";
    const keeps = { LSTM: "f", GRU: "z" }[this.stop.kind];
    const isLast = t + 1 >= T;
    const [strip, gates, keep, dh, dhs, dc, dc1, f1, o, tanh] = await Promise.all([
      this.strip(isCell ? "dc" : "dh", 0),
      Promise.all(this.gates.map((_, k) => this.one(this.back, [t, k * units + j]))),
      keeps ? this.through(keeps) : null,
      this.one("dh", [t, j]),
      this.through("dh"),
      isCell ? this.one("dc", [t, j]) : 0,
      isCell && !isLast ? this.one("dc", [t + 1, j]) : 0,
      isCell && !isLast ? this.one("f", [t + 1, j]) : 0,
      isCell ? this.one("o", [t, j]) : 0,
      isCell ? this.one("tanh_c", [t, j]) : 0,
    ]);
    this.numbers = { isCell, strip, gates, keep, keeps, dh, dhs, dc, dc1, f1, o, tanh };
  }

  /** @param {number} width @override */
  draw(width) {
    const { isCell, strip, gates, keep, keeps, dh, dhs, dc, dc1, f1, o, tanh } = there(this.numbers);
    const { sheet, t, j, units = 1 } = this;
    const words = isCell ? "the gradient of each cell, over time" : "the gradient of the state, over time";
    let y = this.time(isCell ? "dc" : "dh", strip, 0, words, width) + 8;
    if (isCell) {
      const here = dh * o * (1 - tanh ** 2);
      /** @type {Line[]} */
      const lines = [
        ["dh o (1 − tanh²c)", here, "of-gradient", "dh", [t, j]],
        ["dcₜ₊₁ · fₜ₊₁", dc1 * f1, "of-gradient", "dc", [Math.min(t + 1, (this.T ?? 1) - 1), j]],
        ["dcₜ", dc, "total", "dc", [t, j]],
      ];
      y = bars(this, lines, y, { isStacked: true, tall: 24, left: 124 }) + 4;
    }
    const each = this.gates.map(
      ([name, its], k) =>
        /** @type {Line} */ ([
          `d${name === "h" ? "a" : name}, ${its}`,
          gates[k],
          "of-gradient",
          this.back,
          [t, k * units + j],
        ]),
    );
    sheet.append(label(0, y + 10, `What reaches unit ${j}'s gates, before their bend`, "muted"));
    y = bars(this, each, y + 16, { left: 124, tall: 21 }) + 4;
    y = this.kept(keep, keeps, dhs, y, width);
    const what = keep ? left(keep)[t] : null;
    const share = what === null ? "" : ` Of a gradient at the last step, ${three(what)} is left here.`;
    if (isCell)
      this.say(
        `dcₜ = ${three(dh)} · ${three(o)} · (1 − ${three(tanh ** 2)}) + ${three(dc1)} · ${bracketed(f1)} = ` +
          `${three(dc)}.${share}`,
      );
    else this.say(`dh = ${three(dh)} at step ${t} of unit ${j}.${share}`);
    return y;
  }

  /**
   * How much of the gradient is left: the product of what the gates keep; else the gradient itself.
   * @param {number[] | null} keep
   * @param {string | undefined} name
   * @param {number[]} dhs
   * @param {number} y
   * @param {number} width
   */
  kept(keep, name, dhs, y, width) {
    const { sheet, t } = this;
    const values = keep ? left(keep) : dhs;
    const high = 70;
    const most = Math.max(largestOf(values), keep ? 1 : 0) || 1;
    const low = Math.min(0, ...values);
    const X = (/** @type {number} */ k) => ((k + 0.5) / values.length) * width;
    const Y = (/** @type {number} */ v) => y + 20 + high - ((v - low) / (most - low || 1)) * (high - 8);
    const words = keep ? `Product of ${name} from here to the end: how much is left` : "dh of this unit, over time";
    sheet.append(label(0, y + 12, words, "strong"));
    sheet.append(svg("rect", { x: 0, y: y + 20, width, height: high, rx: 6, class: "ground" }));
    const points = values.map((v, k) => [X(k), Y(v)]);
    if (keep)
      sheet.append(
        svg("path", { d: `${pathOf([[X(0), Y(0)], ...points, [X(values.length - 1), Y(0)]])}Z`, class: "area" }),
      );
    sheet.append(svg("path", { d: pathOf(points), class: "curve of-gradient" }));
    sheet.append(svg("path", { d: `M${X(t)} ${y + 20}v${high}`, class: "drop" }));
    values.forEach((v, k) => {
      if (values.length > MOST.steps) return;
      const dot = svg("circle", { cx: X(k), cy: Y(v), r: k === t ? 6 : 3, class: k === t ? "here" : "dot" });
      const box = { x: X(k) - 4, y: Y(v) - 4, width: 8, height: 8 };
      this.mark(dot, box, keep && name ? name : "dh", [k, this.j], `step ${k}: ${three(v)}`);
      sheet.append(dot);
    });
    const isRight = X(t) > width - 70;
    sheet.append(
      label(
        X(t) + (isRight ? -10 : 10),
        Math.max(y + 34, Y(values[t]) - 6),
        three(values[t]),
        `big halo ${isRight ? "end" : ""}`,
      ),
    );
    return y + 24 + high;
  }
}
