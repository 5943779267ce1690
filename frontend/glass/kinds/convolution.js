/**
 * Convolutions, grouped, depthwise and along time too: the window slides over the input; on the way back a weight's sum
 * over the places, or who used a pixel.
 */

import { power } from "../../state/numbers.js";
import { short, three } from "../figures.js";
import { pathOf } from "./drawing/curve.js";
import { arrow, bars, grid, heading, largestOf, look, ring } from "./drawing/grid.js";
import { Kernel } from "./drawing/kernel.js";
import { label, svg, there } from "./drawing/picture.js";
import { Maps, MOST, Windowed } from "./drawing/sliding.js";
import { around, isInside, meetingsOf, paddingOf, pixelsOf, seersOf, written } from "./drawing/window.js";

const CHANNELS = 5; // whose sums are shown each
const ROW = 26; // pixels that a sequence's row is high
const WHOLE = 16384; // numbers of an input that are asked for at once

/** Which channels the filters of a picture's layer see. @param {Maps} picture */
const kernelOf = (picture) => new Kernel(picture.quantity("x")?.shape ?? [], picture.quantity("W")?.shape ?? []);

export class ConvolutionPicture extends Windowed {
  f = 0;
  c = 0;
  /** @type {[number, number]} @override */
  at = [0, 0];
  /** @type {number[] | null} the pixel that was asked about */
  pixel = null;

  /** @override */
  async load() {
    const [rows, columns] = this.axes();
    const kernel = kernelOf(this);
    const { height: H, width: W, channels: C } = kernel;
    const { symbol } = this.cell;
    const local = this.local(this.cell);
    this.pixel = null;
    if (symbol === "y") {
      const [i, j, f] = kernel.placeOf(local);
      [this.at, this.f] = [[i, j], f];
    } else if (symbol === "W") [this.c, this.f] = kernel.weightOf(local).slice(2);
    else if (symbol === "b") this.f = local[0];
    else if (symbol === "x") {
      const [p, r, channel] = kernel.placeOf(local);
      this.f = kernel.filterFor(channel, this.f);
      this.c = channel - kernel.firstOf(this.f);
      this.pixel = [p, r];
      const [i, j] = [seersOf(rows, p), seersOf(columns, r)];
      if (i.length && j.length) this.at = [i[Math.floor(i.length / 2)][1], j[Math.floor(j.length / 2)][1]];
    }
    this.f = Math.min(this.f, kernel.filters - 1);
    this.c = Math.min(this.c, C - 1);
    const first = kernel.firstOf(this.f);
    this.shown = this.shownAround(H, W);
    const { f, c, shown } = this;
    const seen = /** @type {[number, number]} */ ([first, first + C]);
    const [x, w, b, y, whole] = await Promise.all([
      this.array("x", written(kernel.part(shown.x[0], shown.x[1], [first + c, first + c + 1]))),
      this.array("W", written(kernel.weights([0, rows.size], [0, columns.size], [0, C], f))),
      this.array("b", written([[f, f + 1]])),
      this.array("y", written(kernel.part(shown.y[0], shown.y[1], [f, f + 1]))),
      H * W * C <= WHOLE ? this.array("x", written(kernel.part([0, H], [0, W], seen))) : null,
    ]);
    this.numbers = { kernel, first, W, C, x, w: w.values, b: b.values[0] ?? 0, y, whole: whole?.values };
    this.patch = await this.seen(this.at);
    return true;
  }

  /**
   * What the window at a place sees, all channels: (row of it, column of it, channel); null is padding.
   * @param {[number, number]} at @returns {Promise<(number | null)[]>}
   */
  async seen([i, j]) {
    const [rows, columns] = this.axes();
    const { kernel, first, W, C, whole } = there(this.numbers);
    const [down, across] = [pixelsOf(rows, i), pixelsOf(columns, j)];
    const [p, r] = [down, across].map((met, axis) =>
      met.map(([, at]) => at).filter((at) => isInside([rows, columns][axis], at)),
    );
    if (!p.length || !r.length) return down.flatMap(() => across.flatMap(() => Array(C).fill(null)));
    const [top, left] = [p[0], r[0]];
    const [high, wide] = [p[p.length - 1] + 1 - top, r[r.length - 1] + 1 - left];
    const window = kernel.part([top, top + high], [left, left + wide], [first, first + C]);
    const part = whole ? null : (await this.array("x", written(window))).values;
    return down.flatMap(([, pixel]) =>
      across.flatMap(([, column]) =>
        Array.from({ length: C }, (_, c) => {
          if (!isInside(rows, pixel) || !isInside(columns, column)) return null;
          if (whole) return whole[(pixel * W + column) * C + c];
          return part?.[((pixel - top) * wide + column - left) * C + c] ?? null;
        }),
      ),
    );
  }

  /** @param {number} width @override */
  draw(width) {
    const { kernel, first, C, x, y } = there(this.numbers);
    const { shown } = /** @type {any} */ (this);
    const [rows, columns] = this.axes();
    this.patterns();
    const [above, below] = paddingOf(rows);
    const [before, behind] = paddingOf(columns);
    const pads = [above, below, before, behind];
    const span = (/** @type {[number, number]} */ [from, to]) => to - from;
    const across = span(shown.x[1]) + before + behind;
    const out = span(shown.y[1]);
    const size = Math.max(3, Math.min(12, Math.floor((width - 26) / (across + out))));
    const small = Math.max(3, Math.min(14, Math.floor((width - 26 - across * size) / out)));
    const parts = [
      `channel ${first + this.c} of ${kernel.all}`,
      C < kernel.all ? `filter ${this.f} sees ${C === 1 ? "it alone" : `${first} to ${first + C - 1}`}` : "",
      rows.stride > 1 ? `stride ${rows.stride}` : "",
      rows.dilation > 1 ? `dilation ${rows.dilation}` : "",
    ];
    const place = (/** @type {number} */ c) => (/** @type {number} */ p, /** @type {number} */ r) =>
      kernel.place(p, r, c);
    heading(this, 0, 12, "x", parts.filter(Boolean).join(", "));
    const input = this.map("x", x, shown.x, {
      x: 0,
      y: 20,
      size,
      tall: kernel.isRow ? ROW : size,
      pads,
      at: place(first + this.c),
    });
    const right = width - out * small;
    const under = C < kernel.all ? `${this.f}` : this.isNarrow ? `${this.f}` : `filter ${this.f}`;
    heading(this, right, 12, "y", under);
    const output = this.map("y", y, shown.y, {
      x: right,
      y: 20,
      size: small,
      tall: kernel.isRow ? ROW : small,
      at: place(this.f),
    });
    this.places = { input, output, size, small };
    const top = Math.max(input.bottom, output.bottom) + 12;
    this.group = svg("g", { class: "sliding" });
    this.fixed = this.all.length;
    this.top = top;
    this.sheet.append(this.group);
    const bottom = this.window(this.at, this.patch ?? []);
    this.slide(this.at[0] * columns.count + this.at[1]);
    return bottom;
  }

  /** @param {number} k @override */
  async go(k) {
    const [, columns] = this.axes();
    const { turn } = this;
    /** @type {[number, number]} */
    const at = [Math.floor(k / columns.count), k % columns.count];
    const patch = await this.seen(at);
    if (turn !== this.turn || !this.root.isConnected) return;
    this.pixel = null;
    this.window(at, patch);
  }

  /**
   * Draw the window at a place: ringed on both maps, and its pixels above its weights.
   * @param {[number, number]} at @param {(number | null)[]} patch
   */
  window(at, patch) {
    const [rows, columns] = this.axes();
    const { kernel, first, C, w, b } = there(this.numbers);
    const { input, output, size, small } = there(this.places);
    const { c, f, width } = this;
    const [i, j] = at;
    let bottom = this.top ?? 0;
    this.moving(/** @type {SVGElement} */ (this.group), () => {
      const [down, across] = [pixelsOf(rows, i), pixelsOf(columns, j)];
      const begin = input.boxOf(down[0][1], across[0][1]);
      const last = input.boxOf(down[rows.size - 1][1], across[columns.size - 1][1]);
      const frame = { x: begin.x, y: begin.y, width: last.x + size - begin.x, height: last.y + input.tall - begin.y };
      if (rows.dilation > 1 || columns.dilation > 1)
        for (const [, p] of down) for (const [, r] of across) ring(this, input.boxOf(p, r), "thin");
      if (rows.stride > 1 && j + 1 < columns.count)
        ring(this, { ...frame, x: frame.x + columns.stride * size }, "ghost");
      ring(this, frame);
      const [top, left] = there(this.shown).y.map((/** @type {number[]} */ part) => part[0]);
      const isShown = i >= top && j >= left && i - top < MOST && j - left < MOST;
      if (isShown) ring(this, output.boxOf(i, j), "of-output");
      this.users(output, small);
      const cell = Math.min(56, Math.floor((width - 4) / columns.size));
      const y0 = bottom + 12;
      const words = `pixel over weight, channel ${first + c}`;
      this.sheet.append(label(0, bottom + 2, words, "muted"));
      const mostX = largestOf(patch);
      const mostW = largestOf(w);
      const isLegible = cell >= 30;
      const tall = isLegible ? Math.min(40, cell) : cell;
      for (let u = 0; u < rows.size; u++)
        for (let v = 0; v < columns.size; v++) {
          const k = (u * columns.size + v) * C + c;
          const box = { x: v * cell, y: y0 + u * tall, width: cell - 2, height: tall - 2 };
          const pixel = patch[k];
          const half = { ...box, height: box.height / 2 };
          const over = svg("g", {}, svg("rect", { ...half, rx: 3 }));
          if (pixel === null || pixel === undefined) {
            over.setAttribute("class", "pad");
            over.firstElementChild?.setAttribute("fill", `url(#${this.hatch}-pad)`);
          } else {
            const seen = look(pixel, mostX);
            over.setAttribute("class", seen.className);
            over.setAttribute("style", `--t:${seen.depth}`);
            if (isLegible)
              over.append(label(half.x + half.width / 2, half.y + half.height / 2, short(pixel, 0), "value"));
            this.mark(over, half, "x", kernel.place(down[u][1], across[v][1], first + c), `x ${three(pixel)}`);
          }
          const weight = look(w[k], mostW);
          const lower = { ...half, y: half.y + half.height };
          const under = svg(
            "g",
            { class: weight.className, style: `--t:${weight.depth}` },
            svg("rect", { ...lower, rx: 3 }),
          );
          if (isLegible)
            under.append(label(lower.x + lower.width / 2, lower.y + lower.height / 2, short(w[k], 0), "value"));
          this.mark(under, lower, "W", kernel.weight(u, v, c, f), `W ${three(w[k])}`);
          this.sheet.append(
            over,
            under,
            svg("path", { d: `M${lower.x + 3} ${lower.y}h${lower.width - 6}`, class: "between" }),
          );
        }
      bottom = this.sums(patch, y0 + rows.size * tall + 8, b, at);
    });
    this.say(this.told(at));
    return bottom;
  }

  /** @param {[number, number]} at */
  told([i, j]) {
    const [rows] = this.axes();
    if (this.pixel)
      return (
        `Pixel [${this.pixel.slice(0, 2)}] is used by ${this.usedBy} of the outputs of this filter: ` +
        `those that are ringed.`
      );
    return (
      `At place [${i},${j}] every pixel of the window meets its weight; the products and b add up to ` +
      `y. ${rows.before ? "Hatched: padding, which is 0." : ""}`
    );
  }

  usedBy = 0;

  /** Ring all outputs that used the pixel that was asked about. @param {any} output @param {number} small */
  users(output, small) {
    if (!this.pixel) return;
    const [rows, columns] = this.axes();
    const [down, across] = [seersOf(rows, this.pixel[0]), seersOf(columns, this.pixel[1])];
    this.usedBy = down.length * across.length;
    for (const [, i] of down)
      for (const [, j] of across) ring(this, output.boxOf(i, j), small > 8 ? "of-output thin" : "of-output hair");
    ring(this, there(this.places).input.boxOf(this.pixel[0], this.pixel[1]), "of-input");
  }

  /**
   * A bar for each channel's sum, b, and y.
   * @param {(number | null)[]} patch @param {number} y @param {number} b @param {[number, number]} at
   */
  sums(patch, y, b, [i, j]) {
    const { kernel, first, C, w, y: out } = there(this.numbers);
    const [top, left] = there(this.shown).y;
    const sums = Array(C).fill(0);
    patch.forEach((pixel, k) => {
      sums[k % C] += (pixel ?? 0) * (w[k] ?? 0);
    });
    const order = sums.map((v, c) => [v, c]).sort((a, z) => Math.abs(z[0]) - Math.abs(a[0]));
    const shown = order.slice(0, C <= CHANNELS + 1 ? C : CHANNELS);
    const rest = order.slice(shown.length).reduce((sum, [v]) => sum + v, 0);
    const result = out.values[(i - top[0]) * (left[1] - left[0]) + j - left[0]];
    /** @type {[string, number, string, string, number[]][]} */
    const lines = shown.map(([v, c]) => [
      C === 1 ? "Σ pixel · weight" : `channel ${first + c}`,
      v,
      "",
      "x",
      kernel.place(0, 0, first + c),
    ]);
    if (order.length > shown.length)
      lines.push([`${order.length - shown.length} other channels`, rest, "rest", "", []]);
    lines.push(["b", b, "", "b", [this.f]]);
    if (result !== undefined) lines.push(["y", result ?? 0, "total", "y", kernel.place(i, j, this.f)]);
    return bars(this, lines, y);
  }
}

/** The way back: dW as a running sum over the places; dx from all outputs that used the pixel. */
export class ConvolutionBackPicture extends Maps {
  /** @type {number[]} row and column of the weight, channel, filter */
  weight = [0, 0, 0, 0];
  /** @type {number[]} */
  pixel = [0, 0, 0];

  /** @override */
  get count() {
    return /** @type {any} */ (this.numbers)?.met?.length ?? 1;
  }

  /** @override */
  async load() {
    const [rows, columns] = this.axes();
    const kernel = kernelOf(this);
    const { height: H, width: W } = kernel;
    const { symbol } = this.cell;
    const local = this.local(this.cell);
    this.isPixel = symbol === "dx" || symbol === "x";
    if (symbol === "dW" || symbol === "W") this.weight = kernel.weightOf(local);
    else if (symbol === "db" || symbol === "b") this.weight[3] = local[0];
    else if (symbol === "dy" || symbol === "y") this.weight[3] = kernel.placeOf(local)[2];
    else this.pixel = kernel.placeOf(local);
    if (this.isPixel && !this.quantity("dx")) this.isPixel = false;
    this.weight[3] = Math.min(this.weight[3], kernel.filters - 1);
    if (this.isPixel) this.weight[3] = kernel.filterFor(this.pixel[2], this.weight[3]);
    const [u, v, own, f] = this.weight;
    const first = kernel.firstOf(f);
    const channel = this.isPixel ? this.pixel[2] : first + own;
    const middle = this.isPixel ? this.pixel : [Math.floor(H / 2), Math.floor(W / 2)];
    /** @type {{x: [number, number][], y: [number, number][]}} */
    const shown = {
      x: [around(H, MOST, middle[0]), around(W, MOST, middle[1])],
      y: [
        around(rows.count, MOST, Math.round(middle[0] / rows.stride)),
        around(columns.count, MOST, Math.round(middle[1] / columns.stride)),
      ],
    };
    this.shown = shown;
    const window = /** @type {[number, number][]} */ ([
      [0, rows.size],
      [0, columns.size],
      [channel - first, channel - first + 1],
    ]);
    const filter = written(kernel.weights(window[0], window[1], window[2], f));
    const seen = /** @type {[number, number]} */ ([channel, channel + 1]);
    const of = /** @type {[number, number]} */ ([f, f + 1]);
    const [x, dy, dW, all, W_] = await Promise.all([
      this.array(this.isPixel ? "dx" : "x", written(kernel.part(shown.x[0], shown.x[1], seen))),
      this.array("dy", written(kernel.part(shown.y[0], shown.y[1], of))),
      this.isPixel ? null : this.array("dW", filter),
      this.isPixel ? null : this.array("dy", written(kernel.part([0, rows.count], [0, columns.count], of))),
      this.isPixel ? this.array("W", filter) : null,
    ]);
    this.numbers = { kernel, first, x, dy, dW, W_, channel };
    if (this.isPixel) return true;
    const isWhole = H === shown.x[0][1] - shown.x[0][0] && W === shown.x[1][1] - shown.x[1][0];
    const image = isWhole ? x : await this.array("x", written(kernel.part([0, H], [0, W], seen)));
    let sum = 0;
    const met = meetingsOf(rows, u).flatMap(([i, p]) =>
      meetingsOf(columns, v).map(([j, r]) => {
        const [pixel, slope] = [image.values[p * W + r] ?? 0, all?.values[i * columns.count + j] ?? 0];
        sum += pixel * slope;
        return { i, j, p, r, pixel, slope, sum };
      }),
    );
    Object.assign(this.numbers, { met, total: sum });
    return true;
  }

  /** @param {number} width @override */
  draw(width) {
    const { kernel, x, dy, channel } = there(this.numbers);
    const { shown } = /** @type {any} */ (this);
    const f = this.weight[3];
    this.patterns();
    const span = (/** @type {[number, number]} */ [from, to]) => to - from;
    const [wide, out] = [span(shown.x[1]), span(shown.y[1])];
    const size = Math.max(3, Math.min(12, Math.floor((width - 26) / (wide + out))));
    const name = this.isPixel ? "dx" : "x";
    const place = (/** @type {number} */ c) => (/** @type {number} */ p, /** @type {number} */ r) =>
      kernel.place(p, r, c);
    heading(this, 0, 12, name, `channel ${channel} of ${kernel.all}`);
    const input = this.map(name, x, shown.x, {
      x: 0,
      y: 20,
      size,
      tall: kernel.isRow ? ROW : size,
      at: place(channel),
    });
    const right = width - out * size;
    heading(this, right, 12, "dy", `filter ${f}`);
    const output = this.map("dy", dy, shown.y, {
      x: right,
      y: 20,
      size,
      tall: kernel.isRow ? ROW : size,
      at: place(f),
    });
    this.places = { input, output, size };
    const top = Math.max(input.bottom, output.bottom) + 22;
    return this.isPixel ? this.used(top, width) : this.sum(top, width);
  }

  /** dW: what the weight met, place by place. @param {number} y @param {number} width */
  sum(y, width) {
    const [rows, columns] = this.axes();
    const { kernel, dW, met } = /** @type {any} */ (this.numbers);
    const [u, v, c, f] = this.weight;
    const room = Math.min(140, Math.floor(width * 0.36));
    const size = Math.max(8, Math.min(30, Math.floor(room / columns.size)));
    heading(this, 0, y, "dW", "the batch's sum");
    const drawn = grid(this, {
      symbol: "dW",
      values: dW.values,
      columns: columns.size,
      x: 0,
      y: y + 8,
      size,
      at: (a, b) => kernel.weight(a, b, c, f),
    });
    ring(this, drawn.boxOf(u, v));
    const left = Math.max(columns.size * size, 96) + 24;
    const tall = Math.max(120, rows.size * size);
    const sums = met.map((/** @type {any} */ one) => one.sum);
    const [low, high] = [Math.min(0, ...sums), Math.max(0, ...sums)];
    const X = (/** @type {number} */ k) => left + ((k + 1) / Math.max(1, met.length)) * (width - left);
    const Y = (/** @type {number} */ s) => y + 8 + tall - ((s - low) / (high - low || 1)) * tall;
    this.sheet.append(label(left, y, "x · dy, added up place by place", "muted"));
    this.sheet.append(svg("rect", { x: left, y: y + 8, width: width - left, height: tall, rx: 6, class: "ground" }));
    this.sheet.append(svg("path", { d: `M${left} ${Y(0)}H${width}`, class: "axis thin" }));
    const points = met.map((/** @type {any} */ one, /** @type {number} */ k) => [X(k), Y(one.sum)]);
    this.sheet.append(svg("path", { d: pathOf([[left, Y(0)], ...points]), class: "curve of-gradient" }));
    this.chart = { X, Y, y };
    this.group = svg("g", { class: "sliding" });
    this.fixed = this.all.length;
    this.sheet.append(this.group);
    const best = met.reduce(
      (/** @type {number} */ b, /** @type {any} */ one, /** @type {number} */ k) =>
        Math.abs(one.pixel * one.slope) > Math.abs(met[b].pixel * met[b].slope) ? k : b,
      0,
    );
    this.cursor(best);
    this.slide(best);
    return y + 8 + tall + 24;
  }

  /** @param {number} k @override */
  async go(k) {
    this.cursor(k);
  }

  /** Stand at one place of the sum. @param {number} k */
  cursor(k) {
    const { kernel, met, total, dW } = /** @type {any} */ (this.numbers);
    const { input, output } = there(this.places);
    const { X, Y } = /** @type {any} */ (this.chart);
    const [, columns] = this.axes();
    const [u, v, c, f] = this.weight;
    const one = met[k];
    if (!one) return;
    this.moving(/** @type {SVGElement} */ (this.group), () => {
      ring(this, input.boxOf(one.p, one.r), "of-input");
      ring(this, output.boxOf(one.i, one.j), "of-gradient");
      this.sheet.append(svg("circle", { cx: X(k), cy: Y(one.sum), r: 5, class: "here" }));
      const isRight = X(k) > this.width - 90;
      this.sheet.append(
        label(
          X(k) + (isRight ? -9 : 9),
          Math.max(Y(one.sum) - 8, this.chart?.y + 20),
          three(one.sum),
          `strong halo ${isRight ? "end" : ""}`,
        ),
      );
    });
    const value = dW.values[u * columns.size + v];
    this.say(
      `Place [${one.i},${one.j}]: x · dy = ${three(one.pixel)} · ${three(one.slope)}; so far ${three(one.sum)}. `,
      `All ${met.length} places of this example give ${three(total)}, ` +
        `all examples dW[${kernel.weight(u, v, c, f)}] = ` +
        `${three(value)}.`,
    );
  }

  chart = /** @type {any} */ (null);

  /** dx: all outputs that used the pixel. @param {number} y @param {number} width */
  used(y, width) {
    this.tools.replaceChildren();
    clearTimeout(this.timer);
    const [rows, columns] = this.axes();
    const { kernel, first, W_, dy } = /** @type {any} */ (this.numbers);
    const { input, output } = /** @type {any} */ (this.places);
    const { shown } = /** @type {any} */ (this);
    const [p, r, c] = this.pixel;
    const f = this.weight[3];
    const [down, across] = [seersOf(rows, p), seersOf(columns, r)];
    ring(this, input.boxOf(p, r), "of-input");
    for (const [, i] of down) for (const [, j] of across) ring(this, output.boxOf(i, j), "of-gradient hair");
    this.sheet.append(label(0, y, `dy over weight, filter ${f}: the outputs that used pixel [${p},${r}]`, "muted"));
    const cell = Math.min(56, Math.floor((width - 4) / Math.max(1, across.length)));
    const isLegible = cell >= 30;
    const tall = isLegible ? Math.min(40, cell) : cell;
    const most = [largestOf(dy.values), largestOf(W_.values)];
    const tens = Math.floor(Math.log10(most[0] || 1));
    let sum = 0;
    for (const [a, [u, i]] of down.entries()) {
      for (const [b, [v, j]] of across.entries()) {
        const [top, left] = shown.y;
        const slope = dy.values[(i - top[0]) * (left[1] - left[0]) + j - left[0]] ?? 0;
        const weight = W_.values[u * columns.size + v] ?? 0;
        sum += slope * weight;
        const box = { x: b * cell, y: y + 10 + a * tall, width: cell - 2, height: (tall - 2) / 2 };
        const draw = (
          /** @type {string} */ symbol,
          /** @type {number} */ value,
          /** @type {number} */ largest,
          /** @type {number} */ at,
          /** @type {number[]} */ place,
          /** @type {string} */ words,
        ) => {
          const { className, depth } = look(value, largest);
          const rect = { ...box, y: box.y + at };
          const one = svg("g", { class: className, style: `--t:${depth}` }, svg("rect", { ...rect, rx: 3 }));
          if (isLegible) one.append(label(rect.x + rect.width / 2, rect.y + rect.height / 2, words, "value"));
          this.mark(one, rect, symbol, place, `${symbol} ${three(value)}`);
          this.sheet.append(one);
        };
        draw("dy", slope, most[0], 0, kernel.place(i, j, f), short(slope, tens));
        draw("W", weight, most[1], box.height, kernel.weight(u, v, c - first, f), short(weight, 0));
      }
    }
    const bottom = y + 10 + down.length * tall;
    if (isLegible && tens) this.sheet.append(label(width, y, `dy in ${power(tens)}`, "muted end"));
    const value = there(this.numbers).x.values[
      (p - shown.x[0][0]) * (shown.x[1][1] - shown.x[1][0]) + r - shown.x[1][0]
    ];
    arrow(this, [width / 2, bottom + 2, width / 2, bottom + 14], "of-gradient");
    const who = kernel.share === 1 ? "no other filter sees it, so" : `all ${kernel.share} filters that see it together`;
    this.say(`Filter ${f} sends back Σ dy · W = ${three(sum)}; ${who} dx[${kernel.place(p, r, c)}] = ${three(value)}.`);
    return bottom + 18;
  }
}
