/**
 * BatchNorm and LayerNorm: numbers as dots that are centred, scaled, stretched; the terms of dx as bars that add up.
 */

import { three } from "../figures.js";
import { bars, bracketed, largestOf, ring } from "./drawing/grid.js";
import { label, Picture, svg } from "./drawing/picture.js";
import { written } from "./drawing/window.js";

const MOST = 256; // features of a row that are drawn

/**
 * @typedef {object} Normed what is normalized together
 * @property {number[]} x @property {number[]} x_hat @property {number[]} y
 * @property {(number[] | null)[]} at the places in this example, null where a number is another example's
 * @property {number} own which one is looked at
 * @property {number} mean @property {number} sigma @property {number} m how many there are
 */

/** Where the numbers come from: a feature over the batch, or the features of a row. */
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
  }

  get isBatch() {
    return this.stop.kind === "BatchNorm";
  }

  /** One number of an array. @param {string} symbol @param {number[]} at */
  async one(symbol, at) {
    return (await this.array(symbol, written(at.map((i) => [i, i + 1])))).values[0] ?? 0;
  }

  /** A row of an array: the features of one place. @param {string} symbol */
  async row(symbol) {
    const before = this.place.slice(0, -1).map((i) => /** @type {[number, number]} */ ([i, i + 1]));
    const features = this.quantity(symbol)?.shape.at(-1) ?? 0;
    return (await this.array(symbol, written([...before, [0, Math.min(MOST, features)]]))).values.map((v) => v ?? 0);
  }
}

export class NormPicture extends Norm {
  /** @override */
  async load() {
    this.find();
    const f = this.place[this.place.length - 1];
    if (!this.isBatch) {
      const before = this.place.slice(0, -1);
      const [x, x_hat, y, mean, sigma, gamma, beta] = await Promise.all([
        ...["x", "x_hat", "y"].map((name) => this.row(name)),
        this.one("mean", before),
        this.one("sigma", before),
        this.one("gamma", [f]),
        this.one("beta", [f]),
      ]);
      const at = /** @type {number[]} */ (x).map((_, k) => [...before, k]);
      this.normed = /** @type {any} */ ({
        x,
        x_hat,
        y,
        at,
        own: f,
        mean,
        sigma,
        gamma,
        beta,
        m: this.quantity("x")?.shape.at(-1),
      });
      return;
    }
    const names = ["mean", "variance", "gamma", "beta", "running_mean", "running_variance"];
    const before = ["running_mean_before", "running_variance_before"];
    const [
      mean,
      variance,
      gamma,
      beta,
      r_mean,
      r_var,
      r_mean0,
      r_var0,
      cell,
      m,
      epsilon,
      momentum,
      own_x,
      own_hat,
      own_y,
    ] = await Promise.all([
      ...[...names, ...before].map((name) => this.one(name, [f])),
      this.glass.cell(this.owner("mean"), "mean", [f]),
      ...["m", "epsilon", "momentum"].map((name) => this.one(name, [])),
      ...["x", "x_hat", "y"].map((name) => this.one(name, this.place)),
    ]);
    const n = (/** @type {any} */ v) => /** @type {number} */ (v);
    const leaves = /** @type {any} */ (cell).leaves.filter((/** @type {any} */ leaf) => leaf.symbol === "x");
    const x = leaves.map((/** @type {any} */ leaf) => leaf.value ?? 0);
    const sigma = Math.sqrt(/** @type {number} */ (variance) + /** @type {number} */ (epsilon));
    const x_hat = x.map((/** @type {number} */ v) => (v - /** @type {number} */ (mean)) / sigma);
    const y = x_hat.map((/** @type {number} */ v) => /** @type {number} */ (gamma) * v + /** @type {number} */ (beta));
    const at = leaves.map((/** @type {any} */ leaf) => (leaf.index[0] === this.example ? leaf.index.slice(1) : null));
    let own = at.findIndex((/** @type {any} */ place) => place?.join() === this.place.join());
    if (own < 0) {
      own = x.push(own_x) - 1;
      x_hat.push(own_hat);
      y.push(own_y);
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
    const [low, high] = [Math.min(...x, mean - sigma), Math.max(...x, mean + sigma)];
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
    for (const [top, scale, centre, half] of this.isBatch ? bands : bands.slice(0, 2)) {
      const [from, to] = [scale(centre - half), scale(centre + half)];
      sheet.append(
        svg("rect", { x: from, y: top - 14, width: Math.max(1, to - from), height: 28, rx: 6, class: "band" }),
      );
      sheet.append(svg("path", { d: `M${scale(centre)} ${top - 16}v32`, class: "mean" }));
    }
    const lines = svg("g", { class: "threads" });
    sheet.append(lines);
    for (let k = 0; k < x.length; k++) {
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
      const order = [.../** @type {number[]} */ (values).keys()].filter((k) => k !== own);
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
    const g = this.isBatch ? "" : `[${own}]`;
    const steps = [
      [78, `less the mean ${three(mean)}, over σ ${three(sigma)}`],
      [174, `times γ${g} ${three(gamma)}, plus β${g} ${three(beta)}`],
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
    const over = this.isBatch ? `the ${m} numbers of this feature in the batch` : `the ${m} features of this row`;
    const cut = this.isBatch && m > x.length ? ` (${x.length} of them drawn)` : "";
    this.say(
      `Normalized together: ${over}${cut}. Ringed: this example's, `,
      `(${three(x[own])} − ${bracketed(mean)}) / ${three(sigma)} = ${three(x_hat[own])}, so y = ${three(y[own])}.`,
    );
    return this.isBatch ? this.averages(258, width) : 250;
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
      const before = this.place.slice(0, -1);
      const [d, x_hat, dx, mean_d, mean_dx, sigma] = await Promise.all([
        ...["dx_hat", "x_hat", "dx"].map((name) => this.row(name)),
        ...["mean_d", "mean_d_x_hat", "sigma"].map((name) => this.one(name, before)),
      ]);
      const [own_d, own_hat] = [/** @type {number[]} */ (d)[f], /** @type {number[]} */ (x_hat)[f]];
      const s = /** @type {number} */ (sigma);
      this.numbers = {
        terms: [own_d / s, -(/** @type {number} */ (mean_d)) / s, (-own_hat * /** @type {number} */ (mean_dx)) / s],
        names: ["γ dy / σ", "− its mean / σ", "− x̂ · mean(γ dy x̂) / σ"],
        all: dx,
        own: f,
        at: /** @type {number[]} */ (dx).map((_, k) => [...before, k]),
        m: this.quantity("x")?.shape.at(-1),
      };
      return true;
    }
    const [gamma, variance, dbeta, dgamma, m, epsilon, dy, x_hat, dx, cell] = await Promise.all([
      ...["gamma", "variance", "dbeta", "dgamma"].map((name) => this.one(name, [f])),
      ...["m", "epsilon"].map((name) => this.one(name, [])),
      ...["dy", "x_hat", "dx"].map((name) => this.one(name, this.place)),
      this.glass.cell(this.owner("dgamma"), "dgamma", [f]),
    ]);
    const n = (/** @type {any} */ v) => /** @type {number} */ (v);
    const factor = n(gamma) / Math.sqrt(n(variance) + n(epsilon));
    const leaves = /** @type {any} */ (cell).leaves;
    const back = leaves.filter((/** @type {any} */ leaf) => leaf.symbol === "dy");
    const hats = leaves.filter((/** @type {any} */ leaf) => leaf.symbol === "x_hat");
    const dxOf = (/** @type {number} */ d, /** @type {number} */ h) =>
      factor * (d - n(dbeta) / n(m) - (h * n(dgamma)) / n(m));
    const at = back.map((/** @type {any} */ leaf) => (leaf.index[0] === this.example ? leaf.index.slice(1) : null));
    this.numbers = {
      terms: [factor * n(dy), (-factor * n(dbeta)) / n(m), (-factor * n(x_hat) * n(dgamma)) / n(m)],
      names: ["γ / σ · dy", "− γ / σ · dβ / m", "− γ / σ · x̂ dγ / m"],
      all: back.map((/** @type {any} */ leaf, /** @type {number} */ k) => dxOf(leaf.value ?? 0, hats[k]?.value ?? 0)),
      own: at.findIndex((/** @type {any} */ place) => place?.join() === this.place.join()),
      at,
      m,
      dx,
    };
    return true;
  }

  /** @param {number} width @override */
  draw(width) {
    const { terms, names, all, own, at, m, dx } = /** @type {any} */ (this.numbers);
    const { sheet } = this;
    const symbols = ["dy", this.isBatch ? "dbeta" : "mean_d", this.isBatch ? "dgamma" : "mean_d_x_hat"];
    const f = [this.place[this.place.length - 1]];
    const places = [this.place, this.isBatch ? f : this.place.slice(0, -1), this.isBatch ? f : this.place.slice(0, -1)];
    const value = dx ?? all[own];
    sheet.append(label(0, 12, "What comes back, less what all have in common", "strong"));
    /** @type {[string, number, string, string, number[]][]} */
    const lines = terms.map((/** @type {number} */ v, /** @type {number} */ i) => [
      names[i],
      v,
      "of-gradient",
      symbols[i],
      places[i],
    ]);
    lines.push(["dx", value, "total", "dx", this.place]);
    const y = bars(this, lines, 22, { tall: 28, left: 148 }) + 26;
    const high = 110;
    const zero = y + high / 2;
    const most = largestOf(all) || 1;
    const step = width / Math.max(1, all.length);
    const sum = all.reduce((/** @type {number} */ a, /** @type {number} */ b) => a + b, 0);
    const isWhole = all.length === m;
    const rounded = Math.abs(sum) < 1e-5 * most * all.length ? "0" : three(sum);
    sheet.append(label(0, y - 8, this.isBatch ? "dx of the whole batch" : "dx of the whole row", "strong"));
    if (isWhole) sheet.append(label(width, y - 8, `their sum: ${rounded}`, "end strong"));
    all.forEach((/** @type {number} */ v, /** @type {number} */ k) => {
      const tall = Math.max(0.6, (Math.abs(v) / most) * (high / 2 - 2));
      const box = {
        x: k * step,
        y: v < 0 ? zero : zero - tall,
        width: Math.max(1, step - (step > 4 ? 1.5 : 0)),
        height: tall,
      };
      const bar = svg("g", { class: `bar ${v < 0 ? "minus" : ""}` }, svg("rect", box));
      if (at[k]) this.mark(bar, { ...box, y, height: high }, "dx", at[k], `dx[${at[k]}] = ${three(v)}`);
      sheet.append(bar);
      if (k === own) ring(this, box);
    });
    sheet.append(svg("path", { d: `M0 ${zero}H${width}`, class: "axis" }));
    this.say(
      `${lines
        .slice(0, 3)
        .map(([, v]) => three(v))
        .join(" + ")
        .replaceAll("+ −", "− ")} = ${three(value)}. `,
      isWhole
        ? "A number that all share cannot change what is normalized: so the dx add up to 0."
        : `${all.length} of ${m} drawn.`,
    );
    return y + high + 4;
  }
}
