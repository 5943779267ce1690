/** Embedding and positions: the row that is looked up, the wave at a place; rows without a gradient are greyed. */

import { three } from "../figures.js";
import { pathOf } from "./drawing/curve.js";
import { arrow, grid, heading, largestOf, piece, ring } from "./drawing/grid.js";
import { label, Picture, svg, there } from "./drawing/picture.js";
import { around, written } from "./drawing/window.js";

/** @typedef {[number, number]} Part */

const MOST = { rows: 16, columns: 32, places: 24 };

export class EmbeddingPicture extends Picture {
  t = 0;
  j = 0;
  row = -1;

  /** @override */
  async load() {
    const isBack = this.stop.way === "backward";
    const [vocabulary, width] = this.quantity("W")?.shape ?? [1, 1];
    const { symbol } = this.cell;
    const local = this.local(this.cell);
    const isRow = ["W", "dW"].includes(symbol);
    if (isRow) [this.row, this.j] = local;
    else if (["y", "dy"].includes(symbol)) [this.t, this.j] = local;
    else if (["x", "dx"].includes(symbol)) this.t = local[0];
    const x = await this.array("x");
    const tokens = x.values.map((v) => v ?? 0);
    if (!isRow) this.row = tokens[this.t];
    else if (tokens.includes(this.row) && tokens[this.t] !== this.row) this.t = tokens.indexOf(this.row);
    /** @type {Part} */
    const rows = around(vocabulary, MOST.rows, this.row);
    /** @type {Part} */
    const columns = around(width, MOST.columns, this.j);
    const table = isBack ? "dW" : "W";
    const slope = isBack ? "dy" : "y";
    const [W, y] = await Promise.all([
      this.array(table, written([rows, columns])),
      this.array(slope, written([[this.t, this.t + 1], columns])),
    ]);
    this.numbers = { tokens, rows, columns, W, y: y.values, table, slope, vocabulary, width, isBack };
  }

  /** @param {number} wide @override */
  draw(wide) {
    const { tokens, rows, columns, W, y, table, slope, vocabulary, width, isBack } = there(this.numbers);
    const { sheet, t, row } = this;
    const [from, to] = around(tokens.length, MOST.places, t);
    const side = Math.min(34, (wide - 2) / (to - from));
    heading(this, 0, 12, "x", "tokens of this row");
    let own = { x: 0, y: 0, width: side, height: 24 };
    for (let k = from; k < to; k++) {
      const box = { x: (k - from) * side, y: 20, width: side - 2, height: 24 };
      const one = piece(tokens[k], box, side > 14 ? String(tokens[k]) : "", 4);
      this.mark(one, box, "x", [k], `place ${k}: token ${tokens[k]}`);
      sheet.append(one);
      if (k === t) own = box;
      if (tokens[k] === row && k !== t) ring(this, box, "soft");
    }
    ring(this, own);
    const n = columns[1] - columns[0];
    const size = Math.min(40, Math.floor((wide - 26) / n));
    const tall = 19;
    const top = 84;
    heading(this, 26, top - 8, table, `${vocabulary} tokens × ${width} numbers`);
    const drawn = grid(this, {
      symbol: table,
      values: W.values,
      columns: n,
      x: 26,
      y: top,
      size,
      tall,
      largest: Math.max(-W.low, W.high),
      at: (i, j) => [rows[0] + i, columns[0] + j],
    });
    for (let i = 0; i < rows[1] - rows[0]; i++) {
      const its = W.values.slice(i * n, (i + 1) * n);
      const isSilent = isBack && largestOf(its) === 0;
      sheet.append(
        label(18, top + i * tall + 13, String(rows[0] + i), `end ${rows[0] + i === row ? "strong" : "muted"}`),
      );
      if (isSilent) {
        const box = { ...drawn.boxOf(i, 0), width: n * size - 1 };
        sheet.append(svg("rect", { ...box, class: "silent" }));
      }
    }
    const line = { ...drawn.boxOf(row - rows[0], 0), width: n * size - 1 };
    ring(this, line);
    const bottom = top + (rows[1] - rows[0]) * tall + 26;
    const ends = [own.x + own.width / 2, 46, Math.max(34, own.x + own.width / 2), line.y - 3];
    const isFar = line.y - 46 > 30;
    if (isFar || row === rows[0])
      arrow(this, isBack ? [ends[2], ends[3], ends[0], ends[1]] : ends, isBack ? "of-gradient" : "");
    const result = grid(this, {
      symbol: slope,
      values: y,
      columns: n,
      x: 26,
      y: bottom,
      size,
      tall: 22,
      at: (_, j) => [t, columns[0] + j],
    });
    heading(this, 26, bottom - 8, slope, `place ${t}`, result.tens);
    const same = tokens.filter((/** @type {number} */ token) => token === row).length;
    if (isBack)
      this.say(
        `Token ${row} stands ${same} times in this row; dW[${row}] adds up dy of all places of the batch ` +
          `that hold it. `,
        "Greyed: tokens that did not come up, which learn nothing in this step.",
      );
    else
      this.say(`Place ${t} holds token ${tokens[t]}: y[${t}] is row ${tokens[t]} of W, looked up, nothing computed.`);
    return bottom + 26;
  }
}

export class PositionPicture extends Picture {
  t = 0;
  k = 0;

  /** @override */
  async load() {
    const isBack = this.stop.way === "backward";
    const name = isBack && this.quantity("dP") ? "dP" : "P";
    const [, T = 1, width = 1] = this.quantity("x")?.shape ?? [];
    const local = this.local(this.cell);
    if (local.length === 2) [this.t, this.k] = local;
    this.t = Math.min(this.t, T - 1);
    this.k = Math.min(this.k, width - 1);
    /** @type {Part} */
    const rows = around(T, MOST.places, this.t);
    /** @type {Part} */
    const columns = around(width, MOST.columns, this.k);
    const at = written([
      [this.t, this.t + 1],
      [this.k, this.k + 1],
    ]);
    const [P, wave, x, y] = await Promise.all([
      this.array(name, written([rows, columns])),
      this.array(
        name,
        written([
          [0, T],
          [this.k, this.k + 1],
        ]),
      ),
      ...(isBack ? ["dy", "dx"] : ["x", "y"]).map(async (symbol) =>
        this.quantity(symbol) ? (await this.array(symbol, at)).values[0] : null,
      ),
    ]);
    this.numbers = { name, P, wave: wave.values.map((v) => v ?? 0), rows, columns, x, y, isBack, T, width };
  }

  /** @param {number} wide @override */
  draw(wide) {
    const { name, P, wave, rows, columns, x, y, isBack, T, width } = there(this.numbers);
    const { sheet, t, k } = this;
    const n = columns[1] - columns[0];
    const size = Math.min(30, Math.floor((wide - 26) / n));
    const tall = Math.max(8, Math.min(19, Math.floor(200 / (rows[1] - rows[0]))));
    heading(this, 26, 12, name, `${T} places × ${width} numbers`);
    const drawn = grid(this, {
      symbol: name,
      values: P.values,
      columns: n,
      x: 26,
      y: 20,
      size,
      tall,
      at: (i, j) => [rows[0] + i, columns[0] + j],
    });
    ring(this, { ...drawn.boxOf(t - rows[0], 0), width: n * size - 1 });
    ring(this, { ...drawn.boxOf(0, k - columns[0]), height: (rows[1] - rows[0]) * tall - 1 }, "soft");
    for (let i = rows[0]; i < rows[1]; i += tall < 12 ? 2 : 1)
      sheet.append(
        label(20, 20 + (i - rows[0]) * tall + tall / 2 + 4, String(i), `end ${i === t ? "strong" : "muted"}`),
      );
    const top = 20 + (rows[1] - rows[0]) * tall + 30;
    const high = 90;
    const most = largestOf(wave) || 1;
    const X = (/** @type {number} */ i) => 26 + ((i + 0.5) / wave.length) * (wide - 30);
    const Y = (/** @type {number} */ v) => top + high / 2 - (v / most) * (high / 2 - 10);
    sheet.append(label(26, top - 8, `Number ${k} from place to place`, "strong"));
    sheet.append(svg("rect", { x: 26, y: top, width: wide - 26, height: high, rx: 6, class: "ground" }));
    sheet.append(svg("path", { d: `M26 ${Y(0)}H${wide}`, class: "axis thin" }));
    sheet.append(
      svg("path", {
        d: pathOf(wave.map((/** @type {number} */ v, /** @type {number} */ i) => [X(i), Y(v)])),
        class: "curve",
      }),
    );
    wave.forEach((/** @type {number} */ v, /** @type {number} */ i) => {
      if (wave.length > 64 && i !== t) return;
      const dot = svg("circle", { cx: X(i), cy: Y(v), r: i === t ? 7 : 3.5, class: i === t ? "here" : "dot" });
      this.mark(dot, { x: X(i) - 5, y: Y(v) - 5, width: 10, height: 10 }, name, [i, k], `place ${i}: ${three(v)}`);
      sheet.append(dot);
    });
    const isRight = X(t) > wide - 70;
    sheet.append(
      label(X(t) + (isRight ? -12 : 12), Y(wave[t]) - 8, three(wave[t]), `strong halo ${isRight ? "end" : ""}`),
    );
    if (isBack)
      this.say(
        `What comes back goes on as it is: dx = dy = ` +
          `${three(y)}.${name === "dP" ? ` P[${t},${k}] learns from all rows of the batch.` : ""}`,
      );
    else
      this.say(
        `Place ${t} adds ${three(wave[t])} to number ${k}: ${three(x)} + ` +
          `${wave[t] < 0 ? `(${three(wave[t])})` : three(wave[t])} = ${three(y)}. So a place can be told from another.`,
      );
    return top + high + 4;
  }
}
