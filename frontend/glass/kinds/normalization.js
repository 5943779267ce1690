/**
 * Normalizations: numbers as dots that are centred, scaled, stretched, as heaps where they are many; the terms of dx as
 * bars that add up.
 */

import { three } from "../figures.js";
import { bars, bracketed, largestOf, ring } from "./drawing/grid.js";
import { label, Picture, svg } from "./drawing/picture.js";
import { written } from "./drawing/window.js";

const MOST = 16384; // numbers that the server gives at once
const DOTS = 256; // numbers that are drawn as a dot each; more lie in heaps
const HEAPS = 56;

/** @typedef {[number, number]} Part */

/**
 * @typedef {object} Normed what is normalized together
 * @property {number[]} x @property {number[]} x_hat @property {number[]} y
 * @property {(number[] | null)[]} at the places in this example, null where a number is another example's
 * @property {number} own which one is looked at
 * @property {number} mean @property {number} sigma @property {number} m how many there are
 */

/**
 * Count numbers in heaps of equal width.
 * @param {number[]} values @param {number} low @param {number} high @param {number} [heaps]
 */
export function heaped(values, low, high, heaps = HEAPS) {
  const counts = Array(heaps).fill(0);
  for (const v of values)
    counts[Math.max(0, Math.min(heaps - 1, Math.floor(((v - low) / (high - low || 1)) * heaps)))]++;
  return counts;
}

const smaller = (/** @type {number} */ a, /** @type {number} */ b) => Math.min(a, b);
const larger = (/** @type {number} */ a, /** @type {number} */ b) => Math.max(a, b);

/** List all places within parts of axes, row by row. @param {Part[]} parts @returns {number[][]} */
export const placesIn = (parts) =>
  parts.reduce(
    (/** @type {number[][]} */ before, [from, to]) =>
      before.flatMap((place) => Array.from({ length: to - from }, (_, i) => [...place, from + i])),
    [[]],
  );

/** Where the numbers come from: a feature over the batch, or of an example the features of a place, or of a group. */
class Norm extends Picture {
  /** @type {number[]} */
  place = [];

  /** The place of the number that is looked at. */
  find() {
    const shape = (this.quantity("x")?.shape ?? []).slice(1);
    const local = this.local(this.cell);
    if (local.length === shape.length && this.quantity(this.cell.symbol)?.example_axis) this.place = local;
    else if (this.isBatch && local.length === 1) this.place = [...shape.slice(0, -1).map(() => 0), local[0]];
    if (this.place.length !== shape.length) this.place = shape.map((n) => Math.floor((n - 1) / 2));
    if (!this.isBatch && /^d?(gamma|beta)$/.test(this.cell.symbol)) this.place = [...this.place.slice(0, -1), local[0]];
  }

  get isBatch() {
    return this.stop.kind === "BatchNorm";
  }

  get isGroup() {
    return this.stop.kind === "GroupNorm";
  }

  /** What its numbers are divided by: σ, or RMSNorm's r, which takes no mean off. */
  get isCentred() {
    return this.stop.kind !== "RMSNorm";
  }

  /** How many channels a group has. */
  get broad() {
    const features = this.quantity("x")?.shape.at(-1) ?? 1;
    return features / (Number(this.stop.settings?.groups) || 1);
  }

  /** Where the mean and the spread of this number's kind are. */
  get statistic() {
    const before = this.place.slice(0, -1);
    return this.isGroup ? [Math.floor((this.place.at(-1) ?? 0) / this.broad)] : before;
  }

  /** What is normalized together in this example, as parts of the axes. @returns {Part[]} */
  get together() {
    const shape = (this.quantity("x")?.shape ?? []).slice(1);
    if (!this.isGroup)
      return [...this.place.slice(0, -1).map((i) => /** @type {Part} */ ([i, i + 1])), [0, shape.at(-1) ?? 1]];
    const [g] = this.statistic;
    return [...shape.slice(0, -1).map((n) => /** @type {Part} */ ([0, n])), [g * this.broad, (g + 1) * this.broad]];
  }

  /** One number of an array. @param {string} symbol @param {number[]} at */
  async one(symbol, at) {
    return (await this.array(symbol, written(at.map((i) => [i, i + 1])))).values[0] ?? 0;
  }

  /** The numbers of an array that are normalized together. @param {string} symbol */
  async these(symbol) {
    return (await this.array(symbol, written(this.together))).values.map((v) => v ?? 0);
  }

  /**
   * A feature's numbers of an array, over the batch, of so many examples as come at once; null where they do not come.
   * @param {string} symbol @param {number} f
   */
  async column(symbol, f) {
    const [N, ...shape] = this.quantity(symbol)?.shape ?? [0];
    const around = shape.slice(0, -1);
    const many = Math.min(N, Math.floor(MOST / around.reduce((a, b) => a * b, 1)));
    if (!many) return null;
    const window = written([[0, many], ...around.map((n) => /** @type {Part} */ ([0, n])), [f, f + 1]]);
    const part = await this.glass.ofBatch(this.owner(symbol), symbol, window).catch(() => null);
    if (!part) return null;
    const places = placesIn([[0, many], ...around.map((n) => /** @type {Part} */ ([0, n]))]);
    return {
      values: part.values.map((v) => v ?? 0),
      at: places.map(([n, ...place]) => (n === this.example ? [...place, f] : null)),
    };
  }
}

export class NormPicture extends Norm {
  /** @override */
  async load() {
    this.find();
    const f = this.place[this.place.length - 1];
    if (!this.isBatch) {
      const its = this.statistic;
      const [x, x_hat, y, mean, sigma, gamma, beta] = await Promise.all([
        ...["x", "x_hat", "y"].map((name) => this.these(name)),
        this.isCentred ? this.one("mean", its) : 0,
        this.one(this.isCentred ? "sigma" : "r", its),
        this.one("gamma", [f]),
        this.quantity("beta") ? this.one("beta", [f]) : 0,
      ]);
      const at = placesIn(this.together);
      const own = at.findIndex((place) => place.join() === this.place.join());
      this.normed = /** @type {any} */ ({ x, x_hat, y, at, own, mean, sigma, gamma, beta, m: at.length });
      return;
    }
    const names = ["mean", "variance", "gamma", "beta", "running_mean", "running_variance"];
    const before = ["running_mean_before", "running_variance_before"];
    const [mean, variance, gamma, beta, r_mean, r_var, r_mean0, r_var0, m, epsilon, momentum, own_x, own_hat, own_y] =
      await Promise.all([
        ...[...names, ...before].map((name) => this.one(name, [f])),
        ...["m", "epsilon", "momentum"].map((name) => this.one(name, [])),
        ...["x", "x_hat", "y"].map((name) => this.one(name, this.place)),
      ]);
    const n = (/** @type {any} */ v) => /** @type {number} */ (v);
    const sigma = Math.sqrt(/** @type {number} */ (variance) + /** @type {number} */ (epsilon));
    const listed = async () => {
      const { leaves } = await this.glass.cell(this.owner("mean"), "mean", [f]); // of a file, which has not the batch
      const its = leaves.filter((leaf) => leaf.symbol === "x");
      return {
        values: its.map((leaf) => leaf.value ?? 0),
        at: its.map((leaf) => (leaf.index[0] === this.example ? leaf.index.slice(1) : null)),
      };
    };
    const { values: x, at } = (await this.column("x", f)) ?? (await listed());
    const x_hat = x.map((v) => (v - /** @type {number} */ (mean)) / sigma);
    const y = x_hat.map((v) => /** @type {number} */ (gamma) * v + /** @type {number} */ (beta));
    let own = at.findIndex((place) => place?.join() === this.place.join());
    if (own < 0) {
      own = x.push(n(own_x)) - 1;
      x_hat.push(n(own_hat));
      y.push(n(own_y));
      at.push(this.place);
    }
    this.normed = /** @type {any} */ ({
      x,
      x_hat,
      y,
      at,
      own,
      mean,
      sigma,
      gamma,
      beta,
      m,
      variance,
      epsilon,
      momentum,
    });
    const unbiased = (n(variance) * n(m)) / Math.max(1, n(m) - 1); // of the batch, as the running average has it
    this.running = { mean: [r_mean0, mean, r_mean], variance: [r_var0, unbiased, r_var] };
  }

  /** @param {number} width @override */
  draw(width) {
    const { x, x_hat, y, at, own, mean, sigma, gamma, beta, m } = /** @type {any} */ (this.normed);
    const { sheet } = this;
    const left = 64;
    const far = 1.1 * Math.max(2.5, largestOf(x_hat, y));
    const [least, most] = [x.reduce(smaller, Infinity), x.reduce(larger, -Infinity)];
    const [low, high] = [Math.min(least, mean - sigma), Math.max(most, mean + sigma)];
    const room = 0.06 * (high - low || 1);
    const X = (/** @type {number} */ v) => left + ((v - low + room) / (high - low + 2 * room)) * (width - left - 8);
    const Z = (/** @type {number} */ v) => left + ((v + far) / (2 * far)) * (width - left - 8);
    const rows = [30, 126, 222];
    /** @type {[number, (v: number) => number, number, number][]} */
    const bands = [
      [rows[0], X, mean, sigma],
      [rows[1], Z, 0, 1],
      [rows[2], Z, beta, Math.abs(gamma)],
    ];
    const isMany = x.length > DOTS;
    for (const [top, scale, centre, half] of this.isBatch ? bands : bands.slice(0, 2)) {
      const [from, to] = [scale(centre - half), scale(centre + half)];
      sheet.append(
        svg("rect", { x: from, y: top - 14, width: Math.max(1, to - from), height: 28, rx: 6, class: "band" }),
      );
      sheet.append(svg("path", { d: `M${scale(centre)} ${top - 16}v32`, class: "mean" }));
    }
    const lines = svg("g", { class: "threads" });
    sheet.append(lines);
    for (const k of isMany ? [own] : x.keys()) {
      const d = `M${X(x[k])} ${rows[0]}L${Z(x_hat[k])} ${rows[1]}L${Z(y[k])} ${rows[2]}`;
      lines.append(svg("path", { d, class: k === own ? "thread own" : "thread" }));
    }
    const names = [
      ["x", x, X],
      ["x_hat", x_hat, Z],
      ["y", y, Z],
    ];
    names.forEach(([symbol, values, scale], i) => {
      const top = rows[i];
      const { letters = "", role = "state" } = this.quantity(/** @type {string} */ (symbol)) ?? {};
      sheet.append(label(0, top + 5, letters, `symbol is-${role} heading`));
      sheet.append(svg("path", { d: `M${left} ${top}H${width}`, class: "axis thin" }));
      if (isMany) {
        const [from, to] = i ? [-far, far] : [low - room, high + room];
        this.heap(/** @type {number[]} */ (values), from, to, top, left, width - left - 8);
      }
      const order = isMany ? [] : [.../** @type {number[]} */ (values).keys()].filter((k) => k !== own);
      for (const k of [...order, own]) {
        const v = /** @type {number[]} */ (values)[k];
        const cx = /** @type {(v: number) => number} */ (scale)(v);
        const dot = svg("circle", { cx, cy: top, r: k === own ? 7 : 4, class: k === own ? "here" : "dot" });
        const box = { x: cx - 5, y: top - 5, width: 10, height: 10 };
        if (at[k]) this.mark(dot, box, /** @type {string} */ (symbol), at[k], `${letters}[${at[k]}] = ${three(v)}`);
        sheet.append(dot);
      }
      const cx = /** @type {(v: number) => number} */ (scale)(/** @type {number[]} */ (values)[own]);
      const isRight = cx > width - 60;
      const words = three(/** @type {number[]} */ (values)[own]);
      sheet.append(label(cx + (isRight ? -10 : 10), top - 10, words, `strong halo-paper ${isRight ? "end" : ""}`));
    });
    const g = this.isBatch ? "" : `[${this.place.at(-1)}]`;
    const plus = this.quantity("beta") ? `, plus β${g} ${three(beta)}` : "";
    const steps = [
      [78, this.isCentred ? `less the mean ${three(mean)}, over σ ${three(sigma)}` : `over r ${three(sigma)}`],
      [174, `times γ${g} ${three(gamma)}${plus}`],
    ];
    for (const [top, words] of steps)
      sheet.append(
        label(
          width / 2 + left / 2,
          /** @type {number} */ (top) + 4,
          /** @type {string} */ (words),
          "mid muted halo-paper",
        ),
      );
    const one = this.isGroup ? `the ${m} numbers of this group of channels` : `the ${m} features of this row`;
    const over = this.isBatch ? `the ${m} numbers of this feature in the batch` : one;
    const cut = m > x.length ? ` (the first ${x.length} drawn)` : "";
    const heaps = isMany ? ", in heaps" : "";
    const above = this.isCentred ? `(${three(x[own])} − ${bracketed(mean)})` : three(x[own]);
    this.say(
      `Normalized together: ${over}${heaps}${cut}. Ringed: this example's, `,
      `${above} / ${three(sigma)} = ${three(x_hat[own])}, so y = ${three(y[own])}.`,
    );
    return this.isBatch ? this.averages(258, width) : 250;
  }

  /**
   * Draw many numbers as heaps on an axis.
   * @param {number[]} values @param {number} low @param {number} high @param {number} y @param {number} x
   * @param {number} width
   */
  heap(values, low, high, y, x, width) {
    const counts = heaped(values, low, high);
    const most = Math.max(...counts, 1);
    const step = width / counts.length;
    const group = svg("g", { class: "heaps", "aria-hidden": "true" });
    counts.forEach((count, k) => {
      if (!count) return;
      const tall = Math.max(1, (count / most) * 26);
      group.append(svg("rect", { x: x + k * step, y: y - tall, width: Math.max(1, step - 1), height: tall }));
    });
    this.sheet.append(group);
  }

  /** The running averages, and what prediction would make of this number. @param {number} y @param {number} width */
  averages(y, width) {
    const { sheet } = this;
    const { momentum, x, own, y: out, gamma, beta, epsilon } = /** @type {any} */ (this.normed);
    const f = [this.place[this.place.length - 1]];
    sheet.append(label(0, y + 4, "Running averages, for prediction", "strong"));
    const rows = /** @type {[string, number[]][]} */ (Object.entries(/** @type {any} */ (this.running)));
    rows.forEach(([name, [before, batch, after]], i) => {
      const top = y + 32 + 40 * i;
      const [low, high] = [Math.min(before, batch, after), Math.max(before, batch, after)];
      const X = (/** @type {number} */ v) => 130 + ((v - low) / (high - low || 1)) * (width - 190);
      sheet.append(
        label(0, top + 4, name, "muted"),
        svg("path", { d: `M120 ${top}H${width - 50}`, class: "axis thin" }),
      );
      sheet.append(svg("path", { d: `M${X(before)} ${top}H${X(after)}`, class: "moved" }));
      const old = svg("circle", { cx: X(before), cy: top, r: 5, class: "hollow" });
      const now = svg("circle", { cx: X(after), cy: top, r: 6, class: "ball is-output" });
      const [bx, by] = [X(batch), top];
      const its = svg("rect", {
        x: bx - 5,
        y: by - 5,
        width: 10,
        height: 10,
        class: "ball is-input",
        transform: `rotate(45 ${bx} ${by})`,
      });
      const box = (/** @type {number} */ v) => ({ x: X(v) - 6, y: top - 6, width: 12, height: 12 });
      this.mark(old, box(before), `running_${name}_before`, f, `${name} before ${three(before)}`);
      this.mark(its, box(batch), name, f, `the batch's ${three(batch)}${i ? ", times m / (m − 1)" : ""}`);
      this.mark(now, box(after), `running_${name}`, f, `${name} after ${three(after)}`);
      sheet.append(old, its, now);
      const isLow = before <= batch;
      sheet.append(label(X(before), top + 18, `before ${three(before)}`, `muted ${isLow ? "" : "end"}`));
      sheet.append(label(X(batch), top + 18, `batch ${three(batch)}`, `muted ${isLow ? "end" : ""}`));
      sheet.append(label(X(after), top - 9, three(after), "mid strong"));
    });
    const [after, spread] = [rows[0][1][2], rows[1][1][2]];
    const predicted = (gamma * (x[own] - after)) / Math.sqrt(spread + epsilon) + beta;
    sheet.append(
      label(0, y + 122, `In training y = ${three(out[own])}; prediction would say ${three(predicted)}.`, ""),
    );
    sheet.append(
      label(
        0,
        y + 140,
        `after = ${three(momentum)} · before + ${three(1 - momentum)} · batch; of the variance times m / (m − 1)`,
        "muted",
      ),
    );
    return y + 146;
  }
}

export class NormBackPicture extends Norm {
  /** @override */
  async load() {
    this.find();
    if (!this.quantity("dx")) return false;
    const f = this.place[this.place.length - 1];
    if (!this.isBatch) {
      const its = this.statistic;
      const [d, x_hat, dx, mean_d, mean_dx, sigma] = await Promise.all([
        ...["dx_hat", "x_hat", "dx"].map((name) => this.these(name)),
        this.isCentred ? this.one("mean_d", its) : 0,
        this.one("mean_d_x_hat", its),
        this.one(this.isCentred ? "sigma" : "r", its),
      ]);
      const at = placesIn(this.together);
      const own = at.findIndex((place) => place.join() === this.place.join());
      const [all, hats] = [/** @type {number[]} */ (dx), /** @type {number[]} */ (x_hat)];
      const s = /** @type {number} */ (sigma);
      const by = this.isCentred ? "σ" : "r";
      /** @type {[string, number, string][]} */
      const terms = [
        [`γ dy / ${by}`, /** @type {number[]} */ (d)[own] / s, "dy"],
        ["− its mean / σ", -(/** @type {number} */ (mean_d)) / s, "mean_d"],
        [`− x̂ · mean(γ dy x̂) / ${by}`, (-hats[own] * /** @type {number} */ (mean_dx)) / s, "mean_d_x_hat"],
      ];
      this.numbers = {
        terms: this.isCentred ? terms : [terms[0], terms[2]],
        places: this.isCentred ? [this.place, its, its] : [this.place, its],
        all,
        own,
        at,
        m: at.length,
        along: all.reduce((sum, v, k) => sum + v * hats[k], 0),
      };
      return true;
    }
    const [gamma, variance, dbeta, dgamma, m, epsilon, dy, x_hat, dx] = await Promise.all([
      ...["gamma", "variance", "dbeta", "dgamma"].map((name) => this.one(name, [f])),
      ...["m", "epsilon"].map((name) => this.one(name, [])),
      ...["dy", "x_hat", "dx"].map((name) => this.one(name, this.place)),
    ]);
    const n = (/** @type {any} */ v) => /** @type {number} */ (v);
    const factor = n(gamma) / Math.sqrt(n(variance) + n(epsilon));
    const listed = async () => {
      // a file has not the batch
      const { leaves } = await this.glass.cell(this.owner("dgamma"), "dgamma", [f]);
      const [back, hats] = ["dy", "x_hat"].map((symbol) => leaves.filter((leaf) => leaf.symbol === symbol));
      const dxOf = (/** @type {number} */ d, /** @type {number} */ h) =>
        factor * (d - n(dbeta) / n(m) - (h * n(dgamma)) / n(m));
      return {
        values: back.map((leaf, k) => dxOf(leaf.value ?? 0, hats[k]?.value ?? 0)),
        at: back.map((leaf) => (leaf.index[0] === this.example ? leaf.index.slice(1) : null)),
      };
    };
    const { values: all, at } = (await this.column("dx", f)) ?? (await listed());
    this.numbers = {
      terms: [
        ["γ / σ · dy", factor * n(dy), "dy"],
        ["− γ / σ · dβ / m", (-factor * n(dbeta)) / n(m), "dbeta"],
        ["− γ / σ · x̂ dγ / m", (-factor * n(x_hat) * n(dgamma)) / n(m), "dgamma"],
      ],
      places: [this.place, [f], [f]],
      all,
      own: at.findIndex((place) => place?.join() === this.place.join()),
      at,
      m,
      dx,
    };
    return true;
  }

  /** @param {number} width @override */
  draw(width) {
    const { terms, places, all, own, at, m, dx, along } = /** @type {any} */ (this.numbers);
    const { sheet } = this;
    const value = dx ?? all[own];
    sheet.append(label(0, 12, "What comes back, less what all have in common", "strong"));
    /** @type {import("./drawing/grid.js").Line[]} */
    const lines = terms.map((/** @type {[string, number, string]} */ [name, v, symbol], /** @type {number} */ i) => [
      name,
      v,
      "of-gradient",
      symbol,
      places[i],
    ]);
    lines.push(["dx", value, "total", "dx", this.place]);
    const y = bars(this, lines, 22, { tall: 28, left: 148 }) + 26;
    const high = 110;
    const most = largestOf(all) || 1;
    const isWhole = all.length === m;
    const sum = this.isCentred ? all.reduce((/** @type {number} */ a, /** @type {number} */ b) => a + b, 0) : along;
    const rounded = Math.abs(sum) < 1e-5 * most * all.length ? "0" : three(sum);
    const of = this.isGroup ? "group" : this.isBatch ? "batch" : "row";
    sheet.append(label(0, y - 8, `dx of the whole ${of}`, "strong"));
    const total = this.isCentred ? "their sum" : "Σ dx · x̂";
    if (isWhole) sheet.append(label(width, y - 8, `${total}: ${rounded}`, "end strong"));
    if (all.length > DOTS) this.heap(all, most, value, y, high, width);
    else this.each(all, at, own, most, y, high, width);
    if (all.length <= DOTS) sheet.append(svg("path", { d: `M0 ${y + high / 2}H${width}`, class: "axis" }));
    this.say(
      `${lines
        .slice(0, -1)
        .map(([, v]) => three(v))
        .join(" + ")
        .replaceAll("+ −", "− ")} = ${three(value)}. `,
      isWhole && this.isCentred
        ? "A number that all share cannot change what is normalized: so the dx add up to 0."
        : "",
      isWhole && !this.isCentred ? "A factor that all share cannot change what is normalized: so Σ dx · x̂ is 0." : "",
      isWhole ? "" : `The first ${all.length} of ${m} are drawn.`,
    );
    return y + high + 4;
  }
  /**
   * A bar for each.
   * @param {number[]} all @param {(number[] | null)[]} at @param {number} own @param {number} most @param {number} y
   * @param {number} high @param {number} width
   */
  each(all, at, own, most, y, high, width) {
    const step = width / Math.max(1, all.length);
    const zero = y + high / 2;
    all.forEach((v, k) => {
      const tall = Math.max(0.6, (Math.abs(v) / most) * (high / 2 - 2));
      const box = {
        x: k * step,
        y: v < 0 ? zero : zero - tall,
        width: Math.max(1, step - (step > 4 ? 1.5 : 0)),
        height: tall,
      };
      const bar = svg("g", { class: `bar ${v < 0 ? "minus" : ""}` }, svg("rect", box));
      const place = at[k];
      if (place) this.mark(bar, { ...box, y, height: high }, "dx", place, `dx[${place}] = ${three(v)}`);
      this.sheet.append(bar);
      if (k === own) ring(this, box);
    });
  }

  /**
   * How many there are of each size, where they are too many for a bar each: from the least to the most.
   * @param {number[]} all @param {number} most @param {number} own the one that is looked at @param {number} y
   * @param {number} high @param {number} width
   */
  heap(all, most, own, y, high, width) {
    const counts = heaped(all, -most, most);
    const largest = Math.max(...counts, 1);
    const step = width / counts.length;
    counts.forEach((count, k) => {
      const tall = (count / largest) * (high - 26);
      const side = k < counts.length / 2 ? "minus" : "";
      const rect = svg("rect", { x: k * step, y: y + high - 14 - tall, width: Math.max(1, step - 1), height: tall });
      if (count) this.sheet.append(svg("g", { class: `bar ${side}` }, rect));
    });
    const x = ((own + most) / (2 * most)) * width;
    this.sheet.append(
      svg("path", { d: `M0 ${y + high - 14}H${width}`, class: "axis" }),
      svg("path", { d: `M${x} ${y + 6}V${y + high - 14}`, class: "mean" }),
      label(x, y + 2, "this one", `muted ${x > width - 60 ? "end" : x < 60 ? "" : "mid"}`),
      label(0, y + high, three(-most), "muted"),
      label(width / 2, y + high, "0", "muted mid"),
      label(width, y + high, three(most), "muted end"),
    );
  }
}
