/** Pooling: the winner of a window, or its mean; on the way back who gets the gradient; unpooling puts back. */

import { three } from "../figures.js";
import { arrow, bars, heading, largestOf, look, ring } from "./drawing/grid.js";
import { label, svg, there } from "./drawing/picture.js";
import { Maps, MOST, Windowed } from "./drawing/sliding.js";
import { around, isInside, paddingOf, pixelsOf, seersOf, written } from "./drawing/window.js";

const CROWN = "M0 9V2l3.5 3L7 0l3.5 5L14 2v7z";

/** What pooling and its way back share: one channel's maps, large and small, and the window at a place. */
class Pool extends Windowed {
  c = 0;
  /** @type {number[] | null} */
  pixel = null;
  isBack = false;

  /** @override */
  async load() {
    const [rows, columns] = this.axes();
    const [, H, W, C] = this.quantity("x")?.shape ?? [];
    const { symbol } = this.cell;
    const local = this.local(this.cell);
    this.pixel = null;
    const [large, small] = this.isBack ? ["dx", "dy"] : ["x", "y"];
    if ((this.isBack && !this.quantity("dx")) || !H) return false;
    if ([small, "y", "dy", "winner"].includes(symbol)) [this.at, this.c] = [local.slice(0, 2), local[2]];
    else if ([large, "x", "dx"].includes(symbol)) {
      this.pixel = local;
      this.c = local[2];
      const [i, j] = [seersOf(rows, local[0]), seersOf(columns, local[1])];
      if (i.length && j.length) this.at = [i[0][1], j[0][1]];
    }
    this.c = Math.min(this.c, C - 1);
    this.shown = this.shownAround(H, W);
    const { x: seen, y: places } = this.shown;
    const channel = /** @type {[number, number]} */ ([this.c, this.c + 1]);
    const out = written([...places, channel]);
    const [x, y, winner, counts, inputs] = await Promise.all([
      this.array(large, written([...seen, channel])),
      this.array(small, out),
      this.quantity("winner") ? this.array("winner", out) : null,
      this.quantity("count") ? this.array("count", written(places)) : null,
      this.isBack ? this.array("x", written([...seen, channel])) : null,
    ]);
    this.numbers = { C, W, large, small, x, y, winner, counts, inputs: inputs ?? x };
    return true;
  }

  /** @param {number} width @override */
  draw(width) {
    const { C, large, small, x, y } = there(this.numbers);
    const shown = /** @type {{x: [number, number][], y: [number, number][]}} */ (this.shown);
    const [rows, columns] = this.axes();
    this.patterns();
    const pads = [...paddingOf(rows), ...paddingOf(columns)];
    const span = (/** @type {[number, number]} */ [from, to]) => to - from;
    const across = span(shown.x[1]) + pads[2] + pads[3];
    const out = span(shown.y[1]);
    const size = Math.max(3, Math.min(14, Math.floor((width - 26) / (across + out))));
    const room = Math.max(size, Math.min(24, Math.floor((width - 26 - across * size) / out)));
    const stride = rows.stride > 1 ? `, stride ${rows.stride}` : "";
    heading(this, 0, 12, large, `channel ${this.c} of ${C}${stride}`);
    const input = this.map(large, x, shown.x, { x: 0, y: 20, size, pads, at: (p, r) => [p, r, this.c] });
    const right = width - out * room;
    heading(this, right, 12, small, "");
    const output = this.map(small, y, shown.y, { x: right, y: 20, size: room, at: (i, j) => [i, j, this.c] });
    this.places = { input, output, size };
    this.top = Math.max(input.bottom, output.bottom) + 16;
    this.group = svg("g", { class: "sliding" });
    this.fixed = this.all.length;
    this.sheet.append(this.group);
    const bottom = this.window(this.at);
    this.slide(this.at[0] * columns.count + this.at[1]);
    return bottom;
  }

  /** @param {number} k @override */
  async go(k) {
    const [, columns] = this.axes();
    this.pixel = null;
    this.at = [Math.floor(k / columns.count), k % columns.count];
    this.window(this.at);
  }

  /** A number that is shown of an array with a place for each window. @param {any} part @param {number[]} at */
  shownAt(part, [i, j]) {
    const [[top, bottom], [left, right]] = there(this.shown).y;
    if (i < top || j < left || i >= bottom || j >= right) return null;
    return part.values[(i - top) * (right - left) + j - left];
  }

  /** Where the winner of a window lies. @param {number[]} at @returns {[number, number] | null} */
  winnerOf(at) {
    const { winner, W } = there(this.numbers);
    const won = winner ? this.shownAt(winner, at) : null;
    return won === null ? null : [Math.floor(won / W), won % W];
  }

  /** Draw the window at a place, ringed on both maps and large. @param {number[]} at */
  window(at) {
    const [rows, columns] = this.axes();
    const { y, counts, inputs, small } = there(this.numbers);
    const { input, output, size } = /** @type {any} */ (this.places);
    const [[top], [left, right]] = /** @type {any} */ (this.shown).x;
    const [down, across] = [pixelsOf(rows, at[0]), pixelsOf(columns, at[1])];
    const winner = this.winnerOf(at);
    const value = this.shownAt(y, at) ?? 0;
    const count = counts ? this.shownAt(counts, at) : 1;
    let bottom = this.top ?? 0;
    this.moving(/** @type {SVGElement} */ (this.group), () => {
      const first = input.boxOf(down[0][1], across[0][1]);
      const last = input.boxOf(down[rows.size - 1][1], across[columns.size - 1][1]);
      ring(this, { x: first.x, y: first.y, width: last.x + size - first.x, height: last.y + size - first.y });
      if (this.shownAt(y, at) !== null) ring(this, output.boxOf(...at), this.isBack ? "of-gradient" : "of-output");
      if (winner) ring(this, input.boxOf(...winner), "of-output");
      this.choosers(output);
      const cell = Math.min(72, Math.floor((this.width - 120) / columns.size), Math.floor(220 / rows.size));
      const words = this.isBack ? "what each pixel of the window gets" : `the window at [${at}]`;
      this.sheet.append(label(0, bottom, words, "muted"));
      const most = largestOf(inputs.values);
      down.forEach(([, p], u) => {
        across.forEach(([, r], v) => {
          const box = { x: v * cell, y: bottom + 10 + u * cell, width: cell - 3, height: cell - 3 };
          const isOutside = !isInside(rows, p) || !isInside(columns, r);
          const pixel = isOutside ? null : (inputs.values[(p - top) * (right - left) + r - left] ?? null);
          const isWinner = winner?.[0] === p && winner[1] === r;
          const share = winner ? (isWinner ? value : 0) : value / (count || 1);
          const shown = this.isBack && !isOutside ? share : pixel;
          const one = svg("g", {}, svg("rect", { ...box, rx: 4 }));
          if (isOutside) one.firstElementChild?.setAttribute("fill", `url(#${this.hatch}-pad)`);
          else {
            const seen = look(shown, this.isBack ? Math.abs(value) : most);
            one.setAttribute("class", seen.className);
            one.setAttribute("style", `--t:${seen.depth}`);
            const middle = [box.x + box.width / 2, box.y + box.height / 2 + (isWinner && cell > 40 ? 6 : 0)];
            if (cell >= 34) one.append(label(middle[0], middle[1], three(shown), "value"));
            this.mark(one, box, this.isBack ? "dx" : "x", [p, r, this.c], `pixel ${p}, ${r}: ${three(shown)}`);
          }
          this.sheet.append(one);
          if (isWinner) {
            const place = `translate(${box.x + box.width / 2 - 7} ${box.y + 4})`;
            if (cell > 40) this.sheet.append(svg("path", { d: CROWN, class: "crown", transform: place }));
            ring(this, box, "of-output");
          }
        });
      });
      const beside = columns.size * cell + 10;
      const middle = bottom + 10 + (rows.size * cell) / 2;
      const from = this.isBack ? [beside + 34, middle, beside + 4, middle] : [beside + 4, middle, beside + 34, middle];
      arrow(this, from, this.isBack ? "of-gradient" : "");
      heading(this, beside + 42, middle - 6, small, "");
      this.sheet.append(label(beside + 42, middle + 14, three(value), "big"));
      bottom += 18 + rows.size * cell;
    });
    this.told(at, value, count ?? 1, winner);
    return bottom;
  }

  /** Ring the windows that chose the pixel that was asked about. @param {any} output */
  choosers(output) {
    if (!this.pixel) return;
    const [rows, columns] = this.axes();
    this.chosenBy = 0;
    for (const [, i] of seersOf(rows, this.pixel[0]))
      for (const [, j] of seersOf(columns, this.pixel[1])) {
        const winner = this.winnerOf([i, j]);
        const isChosen = !winner || (winner[0] === this.pixel[0] && winner[1] === this.pixel[1]);
        if (isChosen) this.chosenBy++;
        if (this.shownAt(there(this.numbers).y, [i, j]) !== null)
          ring(this, output.boxOf(i, j), isChosen ? "of-output thin" : "ghost");
      }
    ring(this, there(this.places).input.boxOf(this.pixel[0], this.pixel[1]), "of-input");
  }

  chosenBy = 0;

  /** @param {number[]} at @param {number} value @param {number} count @param {number[] | null} winner */
  told(at, value, count, winner) {
    if (this.pixel) {
      const who = winner ? `${this.chosenBy} of the windows over it chose it` : `${this.chosenBy} windows hold it`;
      this.say(`Pixel [${this.pixel.slice(0, 2)}]: ${who}${this.isBack ? "; from those its gradient comes" : ""}.`);
    } else if (winner && this.isBack)
      this.say(`All of dy = ${three(value)} goes to the pixel that was the largest, [${winner}]; the others get 0.`);
    else if (winner)
      this.say(`The largest of the window, ${three(value)} at [${winner}], is what goes on; of equal ones the first.`);
    else if (this.isBack)
      this.say(`dy = ${three(value)} is shared: each of the ${count} pixels gets ${three(value / count)}.`);
    else this.say(`The mean of the ${count} pixels at [${at}] is ${three(value)}.`);
  }
}

export class PoolPicture extends Pool {}

export class PoolBackPicture extends Pool {
  /** @override */
  isBack = true;
}

/** A small map beside a large one: a pixel of it, and where that lies on the large one, ringed and joined. */
class Enlarging extends Maps {
  c = 0;
  at = [0, 0];

  /** @override */
  get count() {
    const [, h, w] = this.quantity("x")?.shape ?? [0, 1, 1];
    return h * w;
  }

  get isBack() {
    return this.stop.way === "backward";
  }

  /** What the two maps are called. */
  get names() {
    return this.isBack ? ["dx", "dy"] : ["x", "y"];
  }

  /** Have a part of both maps. @param {[number, number][]} few rows and columns @param {[number, number][]} many */
  async have(few, many) {
    const [small, large] = this.names;
    const C = this.quantity(small)?.shape[3] ?? 1;
    const channel = /** @type {[number, number]} */ ([this.c, this.c + 1]);
    const [x, y] = await Promise.all([
      this.array(small, written([...few, channel])),
      this.array(large, written([...many, channel])),
    ]);
    this.numbers = { x, y, few, many, C, w: this.quantity(small)?.shape[2] ?? 1 };
  }

  /** @param {number} width @override */
  draw(width) {
    const { x, y, few, many, w, C } = there(this.numbers);
    const [small, large] = this.names;
    this.patterns();
    const [n, N] = [few, many].map(([, [from, to]]) => to - from);
    const size = Math.max(3, Math.min(14, Math.floor((width - 40) / (n + N))));
    heading(this, 0, 12, small, `channel ${this.c} of ${C}`);
    const from = this.map(small, x, few, { x: 0, y: 20, size, at: (i, j) => [i, j, this.c] });
    const left = width - N * size;
    heading(this, left, 12, large, "");
    const to = this.map(large, y, many, { x: left, y: 20, size, at: (p, r) => [p, r, this.c] });
    this.places = { from, to };
    this.group = svg("g", { class: "sliding" });
    this.fixed = this.all.length;
    this.sheet.append(this.group);
    this.put();
    this.slide(this.at[0] * w + this.at[1]);
    return Math.max(from.bottom, to.bottom) + 6;
  }

  /** @param {number} k @override */
  async go(k) {
    const { w } = there(this.numbers);
    this.at = [Math.floor(k / w), k % w];
    this.put();
  }

  /** Where a pixel lies on the large map: row, column, and how many. @returns {[number, number, number, number]} */
  target() {
    return [0, 0, 1, 1];
  }

  put() {
    const { x, few } = there(this.numbers);
    const { from, to } = there(this.places);
    const [i, j] = this.at;
    const [[top, bottom], [left, right]] = few;
    const isShown = i >= top && i < bottom && j >= left && j < right;
    const [p, r, high, wide] = this.target();
    this.moving(/** @type {SVGElement} */ (this.group), () => {
      if (!isShown) return;
      const [a, first] = [from.boxOf(i, j), to.boxOf(p, r)];
      const b = { ...first, width: first.width * wide, height: first.height * high };
      ring(this, a, "of-input");
      ring(this, b, "of-output");
      const ends = [a.x + a.width + 3, a.y + a.height / 2, b.x - 3, b.y + b.height / 2];
      arrow(this, this.isBack ? [ends[2], ends[3], ends[0], ends[1]] : ends, this.isBack ? "of-gradient" : "");
    });
    this.told(three(isShown ? x.values[(i - top) * (right - left) + j - left] : null));
  }

  /** @param {string} _value */
  told(_value) {}
}

/** Unpooling: every number goes to the place that its pool remembers. */
export class UnpoolPicture extends Enlarging {
  /** @override */
  c = 0;
  /** @override */
  at = [0, 0];

  /** @override */
  async load() {
    if (!this.quantity("winner") || (this.isBack && !this.quantity("dx"))) return false;
    const [, h, w, C] = this.quantity("x")?.shape ?? [];
    const [, H, W] = this.quantity("y")?.shape ?? [];
    const local = this.local(this.cell);
    if (local.length === 3) this.c = Math.min(local[2], C - 1);
    const few = /** @type {[number, number][]} */ ([around(h, MOST, 0), around(w, MOST, 0)]);
    const [, winner] = await Promise.all([
      this.have(few, [around(H, MOST, 0), around(W, MOST, 0)]),
      this.array("winner", written([...few, [this.c, this.c + 1]])),
    ]);
    if (["x", "dx", "winner"].includes(this.cell.symbol) && local.length === 3) this.at = local.slice(0, 2);
    else if (local.length === 3) {
      const found = winner.values.indexOf(local[0] * W + local[1]);
      if (found >= 0) this.at = [Math.floor(found / w), found % w];
    }
    this.winner = { winner, w, W };
    return true;
  }

  /** @override @returns {[number, number, number, number]} */
  target() {
    const { winner, w, W } = there(this.winner);
    const won = winner.values[this.at[0] * w + this.at[1]] ?? 0;
    return [Math.floor(won / W), won % W, 1, 1];
  }

  /** @param {string} value @override */
  told(value) {
    const [p, r] = this.target();
    this.say(
      this.isBack
        ? `dx[${this.at}] = ${value} is the gradient of the remembered place [${p},${r}]; what stood at the ` +
            `0s gets none.`
        : `${value} goes to [${p},${r}], where the pool's winner was; all other places are 0.`,
    );
  }
}

/** Every pixel becomes a block of equal ones; on the way back it gets the block's sum. */
export class UpSamplePicture extends Enlarging {
  /** @override */
  c = 0;
  /** @override */
  at = [0, 0];
  block = [1, 1]; // height and width of one

  /** @override */
  async load() {
    if (this.isBack && !this.quantity("dx")) return false;
    const [small, large] = this.names.map((symbol) => this.quantity(symbol)?.shape ?? []);
    const [, h, w, C] = small;
    this.block = [large[1] / h, large[2] / w];
    const [high, wide] = this.block;
    const local = this.local(this.cell);
    if (local.length === 3) {
      const by = ["y", "dy"].includes(this.cell.symbol) ? [high, wide] : [1, 1];
      this.at = [Math.floor(local[0] / by[0]), Math.floor(local[1] / by[1])];
      this.c = Math.min(local[2], C - 1);
    }
    const rows = around(h, Math.floor(MOST / high), this.at[0]);
    const columns = around(w, Math.floor(MOST / wide), this.at[1]);
    const times = (/** @type {[number, number]} */ [from, to], /** @type {number} */ n) =>
      /** @type {[number, number]} */ ([from * n, to * n]);
    await this.have([rows, columns], [times(rows, high), times(columns, wide)]);
    return true;
  }

  /** @override @returns {[number, number, number, number]} */
  target() {
    const [high, wide] = this.block;
    const { at } = this;
    return [at[0] * high, at[1] * wide, high, wide];
  }

  /** @param {string} value @override */
  told(value) {
    const block = this.block.join(" × ");
    this.say(
      this.isBack
        ? `dx[${this.at}] is the sum of dy over its block of ${block}: ${value}.`
        : `Pixel [${this.at}], ${value}, becomes a block of ${block} equal ones.`,
    );
  }
}

/** What GlobalAveragePool2D does: a mean for every channel. */
export class GlobalPoolPicture extends Maps {
  c = 0;

  /** @override */
  async load() {
    const [, H, W, C] = this.quantity("x")?.shape ?? [];
    const local = this.local(this.cell);
    this.c = Math.min(local.at(-1) ?? 0, C - 1);
    const isBack = this.stop.way === "backward";
    if (isBack && !this.quantity("dx")) return false;
    const shown = /** @type {[number, number][]} */ ([around(H, MOST, 0), around(W, MOST, 0)]);
    const [x, y] = await Promise.all([
      this.array(isBack ? "dx" : "x", written([...shown, [this.c, this.c + 1]])),
      this.array(isBack ? "dy" : "y"),
    ]);
    this.numbers = { x, y, shown, isBack, pixels: H * W };
    return true;
  }

  /** @param {number} width @override */
  draw(width) {
    const { x, y, shown, isBack, pixels } = there(this.numbers);
    this.patterns();
    const size = Math.max(3, Math.min(20, Math.floor((width * 0.5) / shown[1][1])));
    heading(this, 0, 12, isBack ? "dx" : "x", `channel ${this.c}`);
    const map = this.map(isBack ? "dx" : "x", x, shown, { x: 0, y: 20, size, at: (p, r) => [p, r, this.c] });
    const [from, to] = around(y.values.length, 8, this.c);
    /** @type {[string, number, string, string, number[]][]} */
    const lines = [];
    for (let c = from; c < to; c++)
      lines.push([`channel ${c}`, y.values[c] ?? 0, c === this.c ? "total" : "", isBack ? "dy" : "y", [c]]);
    const bottom = bars(this, lines, map.bottom + 12);
    const value = y.values[this.c] ?? 0;
    this.say(
      isBack
        ? `dy = ${three(value)} is shared by ${pixels} pixels: each gets ${three(value / pixels)}.`
        : `The mean of all ${pixels} pixels of channel ${this.c} is ${three(value)}.`,
    );
    return bottom;
  }
}
