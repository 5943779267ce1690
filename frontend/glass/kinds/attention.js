/** Attention: the row that asks, a head: q · k, / √d, mask, softmax, the values stacked; and its way back. */

import { power } from "../../state/numbers.js";
import { make } from "../../ui/element.js";
import { three } from "../figures.js";
import { bars, bracketed, grid, heading, largestOf, piece, ring } from "./drawing/grid.js";
import { label, Picture, svg, there } from "./drawing/picture.js";
import { around, written } from "./drawing/window.js";

/** @typedef {[number, number]} Part */
/** @typedef {import("./drawing/grid.js").Line} Line */

const MOST = 24; // places of a row that are shown along a side
const LISTED = 10; // places that a row's numbers are listed of
const GAP = 20; // pixels between what stands side by side
const FEW = 8; // numbers of a head that are shown with their weights
const PRINTED = 28; // pixels that a cell is wide at least where its number is printed
const RIGHT = 56; // pixels for a column that stands beside its weights

/** @param {(number | null)[]} values */
const total = (values) => values.reduce((/** @type {number} */ all, v) => all + (v ?? 0), 0);

/** What both ways share: the row that asks, the head, and the place and number that are looked at. */
class Heads extends Picture {
  h = 0;
  t = 0;
  s = 0;
  e = 0;
  o = 0; // the number of the output

  find() {
    const [, heads = 1, T = 1, d = 1] = this.quantity("Q")?.shape ?? [];
    const { symbol } = this.cell;
    const local = this.local(this.cell);
    if (local.length === 3) {
      this.h = local[0];
      if (["S", "A", "dS", "dA", "asked"].includes(symbol)) [this.t, this.s] = [local[1], local[2]];
      else if (["K", "V", "dK", "dV"].includes(symbol)) [this.s, this.e] = [local[1], local[2]];
      else [this.t, this.e] = [local[1], local[2]];
    } else if (symbol === "top" && local.length === 2) [this.h, this.t] = local;
    else if (["x", "y", "dx", "dy"].includes(symbol)) this.t = local[0];
    const [number] = /^d?Wo$/.test(symbol) ? local : /^d?[Wb][qkv]$/.test(symbol) ? local.slice(-1) : [];
    if (number !== undefined) [this.h, this.e] = [Math.floor(number / d), number % d];
    [this.h, this.t, this.s, this.e] = [
      Math.min(this.h, heads - 1),
      Math.min(this.t, T - 1),
      Math.min(this.s, T - 1),
      Math.min(this.e, d - 1),
    ];
    /** @type {Part} */
    this.rows = around(T, MOST, this.t);
    /** @type {Part} */
    this.columns = around(T, MOST, this.s);
    /** @type {Part} */
    this.numbered = [0, Math.min(d, MOST)];
    this.d = d;
    this.T = T;
    this.H = heads;
    if (["y", "dy"].includes(symbol)) this.o = local[1];
    else if (["Wo", "dWo"].includes(symbol)) this.o = local[1];
    else if (["bo", "dbo"].includes(symbol)) this.o = local[0];
    this.o = Math.min(this.o, (this.quantity("y")?.shape.at(-1) ?? 1) - 1);
    this.tabs(heads, this.stop.way === "backward" ? "dS" : "A");
  }

  /** A button for each head. @param {number} heads @param {string} symbol that it opens */
  tabs(heads, symbol) {
    const buttons = Array.from({ length: heads }, (_, h) => {
      const button = make("button", { type: "button", textContent: `Head ${h}` });
      button.setAttribute("aria-pressed", String(h === this.h));
      button.onclick = () => this.glass.choose(this.stop, symbol, this.full(symbol, [h, this.t, this.s]));
      return button;
    });
    this.tools.replaceChildren(...(heads > 1 ? buttons : []));
  }

  /** A square of an array of this head. @param {string} symbol @param {Part} rows @param {Part} columns */
  async square(symbol, rows, columns) {
    return (await this.array(symbol, written([[this.h, this.h + 1], rows, columns]))).values;
  }

  /** A row of an array of this head, all of it. @param {string} symbol @param {number} at */
  async row(symbol, at) {
    const n = this.quantity(symbol)?.shape.at(-1) ?? 1;
    return this.square(symbol, [at, at + 1], [0, n]);
  }

  /** One number of an array. @param {string} name @param {number[]} at */
  async one(name, at) {
    return (await this.array(name, written(at.map((i) => /** @type {Part} */ ([i, i + 1]))))).values[0] ?? 0;
  }

  /**
   * The places whose numbers are listed: all of them, or those that have the most.
   * @param {(number | null)[]} shares
   */
  listed(shares) {
    const order = [...shares.keys()];
    if (order.length <= LISTED) return order;
    order.sort((a, b) => (shares[b] ?? 0) - (shares[a] ?? 0));
    return order.slice(0, LISTED).sort((a, b) => a - b);
  }
}

export class AttentionPicture extends Heads {
  /** @override */
  async load() {
    this.find();
    const { rows, columns, t, s, e, h, T = 1 } = /** @type {any} */ (this);
    const [A, S, shares, asked, V, Q, K, head, d, output] = await Promise.all([
      this.square("A", rows, columns),
      this.row("S", t),
      this.row("A", t),
      this.row("asked", t),
      this.square("V", [0, T], [e, e + 1]),
      this.row("Q", t),
      this.row("K", s),
      this.one("head", [h, t, e]),
      this.array("d"),
      this.mixing().catch(() => null), // a file may not have it
    ]);
    this.numbers = { A, S, shares, asked, V, Q, K, head, root: Math.sqrt(d.values[0] ?? 1) };
    this.output = output;
  }

  /** What makes a number of y: the heads' numbers at this place, and a column of Wo. */
  async mixing() {
    const { H = 1, d = 1, t, o } = this;
    /** @type {Part[][]} */
    const [heads, column] = [
      [
        [0, H],
        [t, t + 1],
        [0, d],
      ],
      [
        [0, H * d],
        [o, o + 1],
      ],
    ];
    const [numbers, weights, bo, y] = await Promise.all([
      this.array("head", written(heads)),
      this.array("Wo", written(column)),
      this.one("bo", [o]),
      this.one("y", [t, o]),
    ]);
    return { numbers: numbers.values, weights: weights.values, bo, y };
  }

  /** @param {number} width @override */
  draw(width) {
    const { A, S, shares, asked, V, head, root } = /** @type {any} */ (this.numbers);
    const { h, t, s, e, sheet } = this;
    const [rows, columns] = [/** @type {Part} */ (this.rows), /** @type {Part} */ (this.columns)];
    const n = columns[1] - columns[0];
    const size = Math.max(7, Math.min(26, Math.floor((width * 0.5) / n)));
    heading(this, 0, 12, "A", `who asks whom`);
    const map = grid(this, {
      symbol: "A",
      values: A,
      columns: n,
      x: 18,
      y: 34,
      size,
      largest: 1,
      at: (i, j) => [h, rows[0] + i, columns[0] + j],
    });
    sheet.append(label(18, 28, "asked →", "muted"));
    const high = (rows[1] - rows[0]) * size;
    sheet.append(svg("text", { transform: `translate(11 ${34 + high}) rotate(-90)`, class: "muted" }, "asks →"));
    ring(this, { ...map.boxOf(t - rows[0], 0), width: n * size - 1 });
    if (s >= columns[0] && s < columns[1]) ring(this, map.boxOf(t - rows[0], s - columns[0]), "of-output");
    this.product(18 + n * size + 20, width);
    let y = Math.max(34 + high, 34 + 130) + 26;
    const listed = this.listed(shares);
    const columnsAt = this.isNarrow ? [24, 84, 130, 186] : [28, 98, 150, 216];
    [
      ["q · k", 1],
      [`/ √d`, 2],
      ["A", 3],
    ].forEach(([words, i]) => {
      sheet.append(label(columnsAt[Number(i)], y - 6, String(words), "muted end"));
    });
    const bar = columnsAt[3] + 8;
    sheet.append(label(bar, y - 6, "softmax of the row", "muted"));
    for (const j of listed) {
      if (j === s) sheet.append(svg("rect", { x: -4, y, width: width + 4, height: 21, rx: 5, class: "chosen-row" }));
      const isAsked = asked[j] !== 0 && S[j] !== null;
      sheet.append(piece(j, { x: 0, y: y + 2, width: 22, height: 16 }, String(j)));
      if (isAsked) {
        [S[j] * root, S[j], shares[j]].forEach((v, i) => {
          sheet.append(label(columnsAt[i + 1], y + 15, three(v), "end"));
        });
      } else sheet.append(label(30, y + 15, "masked: may not ask", "muted"));
      const room = { x: bar, y: y + 3, width: width - bar, height: 15 };
      const box = { ...room, width: Math.max(1, (shares[j] ?? 0) * room.width) };
      const one = piece(j, box);
      this.mark(one, room, "A", [h, t, j], `place ${t} asks place ${j}: ${three(shares[j])}`);
      sheet.append(one);
      y += 22;
    }
    y += 22;
    sheet.append(label(0, y, `A · V, number ${e} of head ${h}: what each place says, stacked`, "strong"));
    const terms = shares.map((/** @type {number} */ a, /** @type {number} */ j) => (a ?? 0) * (V[j] ?? 0));
    y = this.stack(terms, head, y + 10, width);
    this.say(
      `Place ${t} asks place ${s}: ${three(S[s] === null ? null : S[s] * root)} / ${three(root)}, softmax ` +
        `${three(shares[s])}; `,
      `all it hears makes head[${e}] = ${three(head)}, which Wo turns into y.`,
    );
    return this.output ? this.mixed(y + 18) : y;
  }

  /** What Wo makes of the heads at this place: a bar for each head's products, b, and y. @param {number} y */
  mixed(y) {
    const { numbers, weights, bo, y: out } = there(this.output);
    const { H = 1, d = 1, t, o } = this;
    this.sheet.append(label(0, y, `All heads side by side times column ${o} of Wo: number ${o} of y`, "strong"));
    /** @type {Line[]} */
    const lines = Array.from({ length: H }, (_, h) => {
      let sum = 0;
      for (let e = 0; e < d; e++) sum += (numbers[h * d + e] ?? 0) * (weights[h * d + e] ?? 0);
      return [`head ${h} · Wo`, sum, h === this.h ? "" : "faint", "head", [h, t, this.e]];
    });
    lines.push(["bo", bo, "", "bo", [o]], ["y", out, "total", "y", [t, o]]);
    return bars(this, lines, y + 8, { tall: 20 });
  }

  /** q · k as a sum of products, for the place that is asked. @param {number} x @param {number} width */
  product(x, width) {
    const { Q, K } = /** @type {any} */ (this.numbers);
    const { h, t, s, sheet } = this;
    const n = Math.min(8, Q.length);
    const size = Math.max(11, Math.min(40, Math.floor((width - x - 4) / 3)));
    heading(this, x, 28, "Q", `[${t}]`);
    heading(this, x + size + 12, 28, "K", `[${s}]`);
    grid(this, {
      symbol: "Q",
      values: Q.slice(0, n),
      columns: 1,
      x,
      y: 34,
      size,
      tall: 19,
      largest: largestOf(Q),
      tens: 0,
      at: (i) => [h, t, i],
    });
    grid(this, {
      symbol: "K",
      values: K.slice(0, n),
      columns: 1,
      x: x + size + 12,
      y: 34,
      size,
      tall: 19,
      largest: largestOf(K),
      tens: 0,
      at: (i) => [h, s, i],
    });
    const sum = Q.reduce(
      (/** @type {number} */ all, /** @type {number} */ v, /** @type {number} */ i) => all + v * K[i],
      0,
    );
    for (let i = 0; i < n; i++) sheet.append(label(x + size + 5, 34 + i * 19 + 13, "·", "mid muted"));
    const words = Q.length > n ? `and ${Q.length - n} more` : "";
    sheet.append(label(x, 34 + n * 19 + 13, words, "muted"));
    sheet.append(label(x + 2 * size + 20, 34 + 10 * n + 3, this.isNarrow ? "" : `= ${three(sum)}`, "strong"));
  }

  /**
   * Segments end to end, those below zero to the left.
   * @param {number[]} terms
   * @param {number} sum
   * @param {number} y
   * @param {number} width
   */
  stack(terms, sum, y, width) {
    const { sheet, h, e } = this;
    const plus = terms.reduce((all, v) => all + Math.max(0, v), 0);
    const minus = terms.reduce((all, v) => all + Math.min(0, v), 0);
    const scale = (width - 8) / (plus - minus || 1);
    const zero = 4 - minus * scale;
    let [right, left] = [zero, zero];
    terms.forEach((v, j) => {
      const long = Math.abs(v) * scale;
      const box = { x: v < 0 ? left - long : right, y, width: Math.max(0.4, long - 0.8), height: 24 };
      if (v < 0) left -= long;
      else right += long;
      const one = piece(j, box, long > 16 ? String(j) : "", 2);
      this.mark(one, box, "V", [h, j, e], `place ${j} says ${three(v)}`);
      sheet.append(one);
    });
    const end = zero + sum * scale;
    sheet.append(svg("path", { d: `M${zero} ${y - 3}v44`, class: "axis" }));
    const bar = svg(
      "g",
      { class: "bar total" },
      svg("rect", { x: Math.min(zero, end), y: y + 28, width: Math.max(1, Math.abs(end - zero)), height: 9, rx: 2 }),
    );
    this.mark(
      bar,
      { x: Math.min(zero, end), y: y + 26, width: Math.max(4, Math.abs(end - zero)), height: 12 },
      "head",
      [h, this.t, e],
      `head ${three(sum)}`,
    );
    const isRight = end > width - 60;
    sheet.append(bar, label(end + (isRight ? -6 : 6), y + 51, three(sum), `strong ${isRight ? "end" : ""}`));
    return y + 56;
  }
}

export class AttentionBackPicture extends Heads {
  /**
   * Three arrays of this head side by side, a row of each ringed.
   * @param {number} y @param {{from: number, n: number, m: number, size: number, tall: number}} cells first column, how
   * many columns and rows there are, and how large a cell is
   * @param {[symbol: string, values: (number | null)[], words: string, row: number][]} list
   */
  squares(y, { from, n, m, size, tall }, list) {
    const room = (this.width - 2 * GAP) / 3;
    const [first] = /** @type {Part} */ (this.rows);
    list.forEach(([symbol, values, words, row], i) => {
      const x = i * (room + GAP);
      const at = (/** @type {number} */ p, /** @type {number} */ q) => [this.h, first + p, from + q];
      const map = grid(this, { symbol, values, columns: n, x, y, size, tall, at });
      heading(this, x, y - 8, symbol, this.isNarrow ? "" : words);
      if (row >= first && row < first + m) ring(this, { ...map.boxOf(row - first, 0), width: n * size - 1 });
    });
    return y + m * tall;
  }

  /** @override */
  async load() {
    this.find();
    const { rows, columns, t, numbered } = /** @type {any} */ (this);
    const output = this.throughWo().catch(() => null); // a file may not have it
    const [A, dA, dS, dQ, dK, dV, a, da, ds] = await Promise.all([
      ...["A", "dA", "dS"].map((name) => this.square(name, rows, columns)),
      ...["dQ", "dK", "dV"].map((name) => this.square(name, rows, numbered)),
      ...["A", "dA", "dS"].map((name) => this.row(name, t)),
    ]);
    this.numbers = { A, dA, dS, dQ, dK, dV, a, da, ds };
    this.output = await output;
  }

  /** What comes back through Wo to this head, at the place that asks, and what one weight of Wo hears of all places. */
  async throughWo() {
    const { h, t, e, o, d = 1, T = 1 } = this;
    const few = around(d, FEW, e);
    const some = around(this.quantity("dy")?.shape.at(-1) ?? 1, MOST, o);
    /** @type {Part} */
    const rows = [h * d + few[0], h * d + few[1]];
    /** @type {[symbol: string, parts: Part[]][]} */
    const asked = [
      ["dy", [[t, t + 1], some]],
      ["Wo", [rows, some]],
      ["dhead", [[h, h + 1], [t, t + 1], few]],
      [
        "head",
        [
          [h, h + 1],
          [0, T],
          [e, e + 1],
        ],
      ],
      [
        "dy",
        [
          [0, T],
          [o, o + 1],
        ],
      ],
    ];
    const parts = asked.map(async ([symbol, part]) => (await this.array(symbol, written(part))).values);
    const [sum, dy, Wo, dhead, head, heard] = await Promise.all([this.one("dWo", [h * d + e, o]), ...parts]);
    return { few, some, sum, dy, Wo, dhead, head, heard };
  }

  /** @param {number} width @override */
  draw(width) {
    const { A, dA, dS, dQ, dK, dV, a, da, ds } = /** @type {any} */ (this.numbers);
    const { h, t, s, sheet } = this;
    const [rows, columns] = [/** @type {Part} */ (this.rows), /** @type {Part} */ (this.columns)];
    const n = columns[1] - columns[0];
    const m = rows[1] - rows[0];
    const room = (width - 2 * GAP) / 3;
    const wide = /** @type {Part} */ (this.numbered)[1];
    const small = Math.max(3, Math.min(22, Math.floor(room / wide)));
    const size = Math.max(3, Math.min(22, Math.floor(room / n)));
    const tall = Math.min(14, Math.max(small, 8));
    const [T, numbers] = [
      { from: columns[0], n },
      { from: 0, n: wide },
    ];
    let y = this.output ? this.intoHead(width) + 34 : 20;
    y = this.squares(y, { ...T, size, tall: size, m }, [
      ["A", A, "", t],
      ["dA", dA, "= dhead Vᵀ", t],
      ["dS", dS, "see below", t],
    ]);
    y = this.squares(y + 34, { ...numbers, size: small, tall, m }, [
      ["dQ", dQ, "= dS K", t],
      ["dK", dK, "= dSᵀ Q", s],
      ["dV", dV, "= Aᵀ dhead", s],
    ]);
    y += 24;
    const mean = a.reduce(
      (/** @type {number} */ all, /** @type {number} */ v, /** @type {number} */ j) => all + v * da[j],
      0,
    );
    sheet.append(
      label(0, y, `Row ${t}: dS = A (dA − Σ dA A) / √d`, "strong"),
      label(width, y, `Σ dA A = ${three(mean)}`, "end"),
    );
    const listed = this.listed(a);
    /** @type {Line[]} */
    const lines = listed.map((j) => [
      `${j}: ${three(a[j])} (${three(da[j])} − …)`,
      ds[j] ?? 0,
      "of-gradient",
      "dS",
      [h, t, j],
    ]);
    y = bars(this, lines, y + 8, { left: 150, tall: 20 });
    y = this.output ? this.intoWo(y + 26, width) : y;
    if (this.output && ["Wo", "dWo", "dhead"].includes(this.cell.symbol)) return y + 4;
    this.say(
      `dS[${t},${s}] = ${three(a[s])} · (${three(da[s])} − ${bracketed(mean)}) / √${this.d} = ${three(ds[s])}: `,
      "to ask more where the answer helped more than the others'.",
    );
    return y + 4;
  }

  /** The row of dy meets the rows of Wo that are this head's: dhead. @param {number} width */
  intoHead(width) {
    const { few, some, dy, Wo, dhead } = there(this.output);
    const { h, t, e, d = 1 } = this;
    const [n, m] = [some[1] - some[0], few[1] - few[0]];
    const size = Math.min(44, Math.floor((width - RIGHT) / n));
    const isPrinted = size >= PRINTED;
    const tall = isPrinted ? 20 : Math.max(10, Math.min(16, size));
    const cells = { columns: n, x: 0, size, tall };
    const from = grid(this, { ...cells, symbol: "dy", values: dy, y: 20, at: (_, j) => [t, some[0] + j] });
    heading(this, 0, 12, "dy", `of place ${t}, from behind`, isPrinted ? from.tens : 0);
    const y = 20 + tall + 26;
    const at = (/** @type {number} */ i, /** @type {number} */ j) => [h * d + few[0] + i, some[0] + j];
    const weights = grid(this, { ...cells, symbol: "Wo", values: Wo, y, at });
    const numbers = m < d ? `, numbers ${few[0]} to ${few[1] - 1} of ${d}` : "";
    heading(this, 0, y - 8, "Wo", `the rows of head ${h}${numbers}`, isPrinted ? weights.tens : 0);
    const x = n * size + 14;
    const to = grid(this, {
      symbol: "dhead",
      values: dhead,
      columns: 1,
      x,
      y,
      size: Math.min(40, width - x),
      tall,
      at: (i) => [h, t, few[0] + i],
    });
    const isScaled = isPrinted && to.tens !== 0;
    heading(this, x, y - (isScaled ? 26 : 8), "dhead", "");
    if (isScaled) this.sheet.append(label(x, y - 8, `·${power(to.tens)}`, "muted"));
    ring(this, { ...from.boxOf(0, 0), width: n * size - 1 }, "of-gradient");
    ring(this, { ...weights.boxOf(e - few[0], 0), width: n * size - 1 });
    ring(this, to.boxOf(e - few[0], 0), "of-output");
    if (this.cell.symbol === "dhead")
      this.say(
        `The way back uses the same weights: the row dy of place ${t} meets row ${h * d + e} of Wo, `,
        `and their products add up to dhead[${e}] = ${three(dhead[e - few[0]])}.`,
      );
    return y + m * tall;
  }

  /**
   * dWo = Σ head · dy: a bar for each place of this example, their sum, and the batch's.
   * @param {number} y @param {number} width
   */
  intoWo(y, width) {
    const { sum, head, heard } = /** @type {any} */ (this.output);
    const { h, e, o, d = 1 } = this;
    const name = `dWo[${h * d + e},${o}]`;
    const terms = head.map((/** @type {number} */ v, /** @type {number} */ j) => v * heard[j]);
    const own = total(terms);
    const listed = this.listed(terms.map(Math.abs));
    this.sheet.append(label(0, y, `What Wo hears: ${name} = Σ head · dy`, "strong"));
    /** @type {Line[]} */
    const lines = listed.map((j) => [
      this.isNarrow ? `place ${j}` : `${j}: ${three(head[j])} · ${bracketed(heard[j])}`,
      terms[j],
      "of-gradient",
      "dy",
      [j, o],
    ]);
    const rest = own - total(listed.map((j) => terms[j]));
    if (listed.length < terms.length) lines.push([`${terms.length - listed.length} more`, rest, "faint", "", []]);
    lines.push(["this example", own, "total", "", []], ["the batch", sum, "total", "dWo", [h * d + e, o]]);
    if (["Wo", "dWo"].includes(this.cell.symbol))
      this.say(
        `Number ${e} of head ${h}, times what comes back to number ${o} of y, of all places: this example's share is `,
        `${three(own)}; all examples' together are ${name} = ${three(sum)}.`,
      );
    return bars(this, lines, y + 8, { left: this.isNarrow ? 96 : 170, tall: 20, width });
  }
}
