/** Dense: the input's row meets the weights' columns; on the way back this example's share beside the batch's sum. */

import { power } from "../../state/numbers.js";
import { three } from "../figures.js";
import { Overview } from "../overview.js";
import { grid, heading, largestOf, ring } from "./drawing/grid.js";
import { label, Picture, svg, there } from "./drawing/picture.js";
import { around, written } from "./drawing/window.js";

/** @typedef {import("./drawing/picture.js").Numbers} Numbers */

const MOST = { rows: 14, columns: 12 };
const LEGIBLE = 29; // pixels for a cell with its number and the gap behind it
const LEFT = 50; // pixels for the column of the input
const AT_ONCE = 4096; // numbers that the server gives unasked
const ALMOST_ALL = 0.75; // of the weights: then there is nothing to look for
const DRAGGED = 60; // milliseconds that the window is held at a place before the number there opens

/** @param {[number, number]} part @param {number} length @param {string} what */
const partOf = ([from, to], length, what) =>
  to - from < length ? `, ${what} ${from} to ${to - 1} of ` + `${length}` : "";

/** What both ways share: which part of the weights is shown, around the chosen cell. */
class Weights extends Picture {
  /** @type {[number, number]} */
  rows = [0, 0];
  /** @type {[number, number]} */
  columns = [0, 0];
  /** @type {number[]} the place before the last axis, in a sequence */
  before = [];
  i = 0;
  j = 0;
  /** @type {Numbers["overview"]} all weights, small */
  small = undefined;
  dragged = 0;

  /** @param {HTMLElement} mount @param {import("../opened_step.js").Glass} glass */
  constructor(mount, glass) {
    super(mount, glass);
    this.overview = new Overview((_, row, column) => this.drag(row, column));
    this.tools.append(this.overview.element);
  }

  /** Have all weights, or gradients, small, where only some are shown. @param {string} symbol @param {Numbers} part */
  async overlook(symbol, part) {
    const [inputs, units] = part.shape;
    const [rows, columns] = [this.rows, this.columns].map(([from, to]) => to - from);
    this.small = undefined;
    if (rows * columns > ALMOST_ALL * inputs * units) return;
    this.small = part.overview ?? (inputs * units <= AT_ONCE ? await this.array(symbol) : undefined);
  }

  /**
   * Draw where the window is.
   * @param {string} symbol @param {number} largest @param {number} [row] @param {number} [column]
   */
  frame(symbol, largest, row = this.rows[0], column = this.columns[0]) {
    const { small: all, rows, columns } = this;
    const { shape: whole = [], letters = symbol } = this.quantity(symbol) ?? {};
    const [small, wide] = [/** @type {[number, number]} */ (all?.shape), all?.shape[1] ?? 1];
    this.framed = { symbol, largest };
    const plan = all && {
      maps: 1,
      at: 0,
      whole: /** @type {[number, number]} */ (whole),
      from: /** @type {[number, number]} */ ([row, column]),
      seen: /** @type {[number, number]} */ ([rows[1] - rows[0], columns[1] - columns[0]]),
      small,
      valueAt: (/** @type {number} */ _, /** @type {number} */ i, /** @type {number} */ j) => all.values[i * wide + j],
      largest,
      words: letters,
    };
    this.overview.show(plan ?? null, this.width);
  }

  /** Move the window, and where it stays open the number in its middle. @param {number} row @param {number} column */
  drag(row, column) {
    const { symbol, largest } = this.framed ?? { symbol: "W", largest: 1 };
    const [inputs, units] = this.quantity(symbol)?.shape ?? [1, 1];
    const first = (/** @type {[number, number]} */ [from, to], /** @type {number} */ at, /** @type {number} */ n) =>
      Math.max(0, Math.min(n - (to - from), at - Math.floor((to - from) / 2)));
    this.frame(symbol, largest, first(this.rows, row, inputs), first(this.columns, column, units));
    const at = [Math.max(0, Math.min(inputs - 1, row)), Math.max(0, Math.min(units - 1, column))];
    clearTimeout(this.dragged);
    this.dragged = window.setTimeout(() => this.glass.choose(this.owner(symbol), symbol, at), DRAGGED);
  }

  place() {
    const [inputs, units] = /** @type {import("../../server/one_step.js").Quantity} */ (this.quantity("W")).shape;
    const { symbol } = this.cell;
    const at = this.local(this.cell);
    const last = at.at(-1) ?? 0;
    if (symbol === "W" || symbol === "dW") [this.i, this.j] = at;
    else if (["y", "dy", "b", "db"].includes(symbol)) this.j = last;
    else if (symbol === "x" || symbol === "dx") this.i = last;
    if (["x", "y", "dx", "dy"].includes(symbol)) this.before = at.slice(0, -1);
    const places = (this.quantity("x")?.shape.length ?? 2) - 2;
    if (this.before.length !== places) this.before = Array(places).fill(0);
    this.i = Math.min(this.i, inputs - 1);
    this.j = Math.min(this.j, units - 1);
    this.rows = around(inputs, MOST.rows, this.i);
    const room = Math.floor((this.width - LEFT) / LEGIBLE);
    this.columns = around(units, room < 8 ? MOST.columns : Math.min(MOST.columns, room), this.j);
    return { inputs, units };
  }

  /** Ask for a row of an array of x's kind, a part of it. @param {string} symbol @param {[number, number]} part */
  async row(symbol, part) {
    const fixed = this.before.map((t) => /** @type {[number, number]} */ ([t, t + 1]));
    return (await this.array(symbol, written([...fixed, part]))).values;
  }
}

export class DensePicture extends Weights {
  static alone = true;

  /** @override */
  async load() {
    const { inputs, units } = this.place();
    const { rows, columns } = this;
    const [x, W, b, y, line] = await Promise.all([
      this.row("x", rows),
      this.array("W", written([rows, columns])),
      this.array("b", written([columns])),
      this.row("y", columns),
      inputs === 2 && this.quantity("dW") ? this.points() : null,
    ]);
    await this.overlook("W", W);
    this.numbers = { x, W: W.values, b: b.values, y, inputs, units, line, largest: Math.max(-W.low, W.high) };
  }

  /** Where the batch's examples lie, in the plane that the two inputs span. */
  async points() {
    const [first, second] = await Promise.all([0, 1].map((i) => this.pairs(i)));
    return first.map((x, n) => [x, second[n]]);
  }

  /** Read an input of all examples out of the sum that makes its weight's gradient. @param {number} i */
  async pairs(i) {
    const cell = await this.glass.cell(this.owner("dW"), "dW", [i, this.j]).catch(() => null); // a file may not have it
    return (cell?.leaves ?? []).filter((leaf) => leaf.symbol === "x").map((leaf) => leaf.value ?? 0);
  }

  /** @param {number} width @override */
  draw(width) {
    const { x, W, b, y, inputs, units, line, largest } = there(this.numbers);
    const { rows, columns, before, i, j } = this;
    const n = columns[1] - columns[0];
    const size = Math.min(44, Math.floor((width - LEFT) / n));
    const tall = Math.min(26, Math.max(20, size));
    this.frame("W", largest);
    const top = 22;
    const name = (/** @type {number} */ k) => `${k}`;
    const h = rows[1] - rows[0];
    const input = grid(this, {
      symbol: "x",
      values: x,
      columns: 1,
      x: 0,
      y: top,
      size: LEFT - 16,
      tall,
      at: (r) => [...before, rows[0] + r],
    });
    const weights = grid(this, {
      symbol: "W",
      values: W,
      columns: n,
      x: LEFT,
      y: top,
      size,
      tall,
      largest,
      at: (r, c) => [rows[0] + r, columns[0] + c],
    });
    this.named("x", 12, 14, input.tens);
    heading(this, LEFT, 12, "W", `weights ${inputs} × ${units}${partOf(rows, inputs, "rows")}`, weights.tens);
    const under = top + h * tall + 26;
    const bias = grid(this, {
      symbol: "b",
      values: b,
      columns: n,
      x: LEFT,
      y: under,
      size,
      tall,
      at: (_, c) => [columns[0] + c],
    });
    this.named("b", under + 15, 14, bias.tens);
    const out = under + tall + 8;
    const result = grid(this, {
      symbol: "y",
      values: y,
      columns: n,
      x: LEFT,
      y: out,
      size,
      tall,
      at: (_, c) => [...before, columns[0] + c],
    });
    this.named("y", out + 16, 14, result.tens);
    const column = { ...weights.boxOf(0, j - columns[0]), height: h * tall - 1 };
    ring(this, column);
    ring(this, { ...input.boxOf(0, 0), height: h * tall - 1 }, "of-input");
    ring(this, result.boxOf(0, j - columns[0]), "of-output");
    const middle = column.x + column.width / 2;
    const sign = label(middle, under - 9, "Σ +", "mid muted");
    this.sheet.append(sign);
    this.falling(x, input, column, tall);
    const terms = rows[1] - rows[0] < inputs ? `${inputs} products` : `the ${inputs} products`;
    this.say(
      `The row x falls onto column ${name(j)} of W: `,
      `${terms} and b add up to y[${name(j)}] = ${three(y[j - columns[0]])}.`,
    );
    if (i >= rows[0] && i < rows[1] && this.cell.symbol === "x")
      ring(this, { ...weights.boxOf(i - rows[0], 0), width: n * size - 1 }, "soft");
    return line ? this.plane(line, out + tall + 16, width) : out + tall + 4;
  }

  /**
   * Name what stands beside it, and in which unit its numbers are written.
   * @param {string} symbol @param {number} y @param {number} x of the unit @param {number} tens
   */
  named(symbol, y, x, tens) {
    heading(this, 0, y, symbol, "");
    if (tens) this.sheet.append(label(x, y, `·${power(tens)}`, "muted"));
  }

  /**
   * Let copies of the input's cells slide onto the column, then fade.
   * @param {(number | null)[]} x @param {any} from @param {import("./drawing/grid.js").Box} column @param {number} tall
   */
  falling(x, from, column, tall) {
    const copy = from.group.cloneNode(true);
    copy.setAttribute("class", "falls");
    copy.setAttribute("aria-hidden", "true");
    for (const mark of copy.querySelectorAll("[data-mark]"))
      for (const name of ["data-mark", "role", "tabindex", "aria-label"]) mark.removeAttribute(name);
    copy.setAttribute("style", `--from-x:${-column.x}px;--from-y:0px;pointer-events:none`);
    const moved = svg("g", { transform: `translate(${column.x} 0)`, "aria-hidden": "true" }, copy);
    this.sheet.append(moved);
    if (x.length * tall > 2000) moved.remove();
  }

  /**
   * Draw the line where this neuron's sum is zero, in the plane of its two inputs.
   * @param {number[][]} points @param {number} y @param {number} width
   */
  plane(points, y, width) {
    const { W, b, x } = there(this.numbers);
    const n = this.columns[1] - this.columns[0];
    const c = this.j - this.columns[0];
    const [w1, w2, bias] = [W[c] ?? 0, W[n + c] ?? 0, b[c] ?? 0];
    const side = Math.min(190, width - 150);
    const far = 1.12 * Math.max(0.5, largestOf(points.flat(), x));
    const px = (/** @type {number} */ v) => ((v + far) / (2 * far)) * side;
    const py = (/** @type {number} */ v) => y + side - ((v + far) / (2 * far)) * side;
    const steep = Math.hypot(w1, w2) || 1;
    const most = Math.abs(bias) + far * (Math.abs(w1) + Math.abs(w2)) || 1;
    const on = (/** @type {number} */ z) => [px(((z - bias) * w1) / steep ** 2), py(((z - bias) * w2) / steep ** 2)];
    const [[x1, y1], [x2, y2]] = [on(-most / 2), on(most / 2)];
    const id = `${this.hatch}-slope`;
    const stop = (/** @type {number} */ offset, /** @type {string} */ colour, /** @type {number} */ opacity) =>
      svg("stop", { offset, style: `stop-color:var(${colour});stop-opacity:${opacity}` });
    const slope = svg(
      "linearGradient",
      { id, gradientUnits: "userSpaceOnUse", x1, y1, x2, y2 },
      stop(0, "--minus", 0.85),
      stop(0.5, "--zero", 1),
      stop(1, "--plus", 0.85),
    );
    const clip = `${this.hatch}-plane`;
    const frame = { x: 0, y, width: side, height: side, rx: 8 };
    this.sheet.append(
      svg("defs", {}, slope, svg("clipPath", { id: clip }, svg("rect", frame))),
      svg("rect", { ...frame, fill: `url(#${id})` }),
    );
    const [along, from] = [
      [-w2 / steep, w1 / steep],
      [(-bias * w1) / steep ** 2, (-bias * w2) / steep ** 2],
    ];
    const end = (/** @type {number} */ s) => [px(from[0] + s * along[0]), py(from[1] + s * along[1])];
    const [[ax, ay], [bx, by]] = [end(-4 * far), end(4 * far)];
    const inside = svg("g", { "clip-path": `url(#${clip})` });
    inside.append(
      svg("path", { d: `M${px(-far)} ${py(0)}H${px(far)}M${px(0)} ${y}V${y + side}`, class: "rule" }),
      svg("path", { d: `M${ax} ${ay}L${bx} ${by}`, class: "zero-line" }),
      ...points.map(([u, v]) => svg("circle", { cx: px(u), cy: py(v), r: 2.5, class: "dot" })),
      svg("circle", { cx: px(x[0] ?? 0), cy: py(x[1] ?? 0), r: 6, class: "here" }),
    );
    this.sheet.append(inside);
    const words = [
      "The line it draws:",
      "where its sum is 0.",
      "Blue: more than 0,",
      "orange: less.",
      "Ringed: this example.",
    ];
    this.sheet.append(...words.map((line, k) => label(side + 12, y + 16 + 18 * k, line, k ? "muted" : "strong")));
    return y + side + 4;
  }
}

/** The way back: outer product and sum over the batch, or the row of weights that a dx hears. */
export class DenseBackPicture extends Weights {
  /** @override */
  async load() {
    const { inputs, units } = this.place();
    const { rows, columns } = this;
    const isInput = this.cell.symbol === "dx";
    const has = this.quantity("dx") !== undefined;
    const [x, dy, dW, W, dx, terms] = await Promise.all([
      this.row("x", rows),
      this.row("dy", columns),
      this.array("dW", written([rows, columns])),
      isInput ? this.array("W", written([rows, columns])) : null,
      has ? this.row("dx", rows) : null,
      isInput
        ? null
        : this.open(this.cell.symbol === "db" ? "db" : "dW", this.cell.symbol === "db" ? [this.j] : [this.i, this.j]),
    ]);
    await this.overlook(isInput ? "W" : "dW", W ?? dW);
    this.numbers = { inputs, units, x, dy, dW, W, dx, terms, isInput };
  }

  /** @param {number} width @override */
  draw(width) {
    const { isInput, W, dW } = there(this.numbers);
    const part = W ?? dW;
    this.frame(isInput ? "W" : "dW", Math.max(-part.low, part.high));
    return isInput ? this.heard(width) : this.outer(width);
  }

  /** dx_i = Σ dy_j W_ij. @param {number} width */
  heard(width) {
    const { inputs, units, dy, W, dx } = /** @type {any} */ (this.numbers);
    const { rows, columns, before, i } = this;
    const [n, h] = [columns[1] - columns[0], rows[1] - rows[0]];
    const right = 52;
    const size = Math.min(44, Math.floor((width - right) / n));
    const tall = Math.min(26, Math.max(20, size));
    const from = grid(this, {
      symbol: "dy",
      values: dy,
      columns: n,
      x: 0,
      y: 20,
      size,
      tall,
      at: (_, c) => [...before, columns[0] + c],
    });
    heading(this, 0, 12, "dy", "from behind", from.tens);
    const y = 20 + tall + 26;
    heading(this, 0, y - 8, "W", `weights ${inputs} × ${units}${partOf(columns, units, "columns")}`);
    const weights = grid(this, {
      symbol: "W",
      values: W.values,
      columns: n,
      x: 0,
      y,
      size,
      tall,
      largest: Math.max(-W.low, W.high),
      at: (r, c) => [rows[0] + r, columns[0] + c],
    });
    const at = n * size + 14;
    const to = grid(this, {
      symbol: "dx",
      values: dx,
      columns: 1,
      x: at,
      y,
      size: Math.min(40, width - at),
      tall,
      at: (r) => [...before, rows[0] + r],
    });
    heading(this, at, y - 8, "dx", "", to.tens);
    ring(this, { ...from.boxOf(0, 0), width: n * size - 1 }, "of-gradient");
    ring(this, { ...weights.boxOf(i - rows[0], 0), width: n * size - 1 });
    ring(this, to.boxOf(i - rows[0], 0), "of-output");
    this.say(
      `The way back uses the same weights: row ${i} of W meets dy, and their products add up to dx[${i}] = ` +
        `${three(dx[i - rows[0]])}.`,
    );
    return y + h * tall + 4;
  }

  /** dW_ij = Σ_n x_ni dy_nj. @param {number} width */
  outer(width) {
    const { x, dy, dW, terms, inputs, units } = /** @type {any} */ (this.numbers);
    const { rows, columns, before, i, j } = this;
    const [n, h] = [columns[1] - columns[0], rows[1] - rows[0]];
    const isBias = this.cell.symbol === "db";
    const size = Math.max(8, Math.min(22, Math.floor((width - 34 - 22) / (2 * n))));
    const tall = Math.max(12, size);
    const y = 62;
    heading(this, 34, 12, "dy", "of this example");
    grid(this, {
      symbol: "dy",
      values: dy,
      columns: n,
      x: 34,
      y: 20,
      size,
      tall,
      at: (_, c) => [...before, columns[0] + c],
    });
    heading(this, 0, y + 4, "x", "");
    const left = grid(this, {
      symbol: "x",
      values: x,
      columns: 1,
      x: 0,
      y: y + 10,
      size: 22,
      tall,
      at: (r) => [...before, rows[0] + r],
    });
    const outer = x.flatMap((/** @type {number} */ a) => dy.map((/** @type {number} */ d) => a * d));
    this.sheet.append(label(34, y + 2, "x · dy, its share", "muted"));
    const share = grid(this, {
      symbol: "dW",
      values: outer,
      columns: n,
      x: 34,
      y: y + 10,
      size,
      tall,
      silent: true,
      className: "of-gradient",
      at: () => [],
    });
    const over = 34 + n * size + 22;
    heading(
      this,
      over,
      y + 2,
      "dW",
      partOf(rows, inputs, "rows") || partOf(columns, units, "columns")
        ? `window of ${inputs} × ${units}`
        : "the batch's sum",
    );
    const sum = grid(this, {
      symbol: "dW",
      values: dW.values,
      columns: n,
      x: over,
      y: y + 10,
      size,
      tall,
      largest: Math.max(-dW.low, dW.high),
      at: (r, c) => [rows[0] + r, columns[0] + c],
    });
    if (!isBias) {
      ring(this, left.boxOf(i - rows[0], 0), "of-input");
      ring(this, share.boxOf(i - rows[0], j - columns[0]));
    }
    ring(this, sum.boxOf(i - rows[0], j - columns[0]));
    return this.examples(
      terms,
      y + 10 + h * tall + 34,
      width,
      isBias,
      outer[(i - rows[0]) * n + (j - columns[0])] ?? 0,
    );
  }

  /**
   * A bar for each example's term of the sum.
   * @param {import("../../server/one_step.js").Cell} cell
   * @param {number} y
   * @param {number} width
   * @param {boolean} isBias
   * @param {number} own
   */
  examples(cell, y, width, isBias, own) {
    const back = cell.leaves.filter((leaf) => leaf.symbol === "dy");
    const heard = cell.leaves.filter((leaf) => leaf.symbol === "x");
    const terms = back.map((leaf, k) => (leaf.value ?? 0) * (isBias ? 1 : (heard[k]?.value ?? 0)));
    const most = largestOf(terms) || 1;
    const high = 84;
    const zero = y + high / 2;
    const step = width / Math.max(1, terms.length);
    const what = isBias ? `db[${this.j}]` : `dW[${this.i},${this.j}]`;
    this.sheet.append(label(0, y - 10, `A bar for each term of ${what}`, "strong"));
    terms.forEach((v, k) => {
      const tall = (Math.abs(v) / most) * (high / 2 - 2);
      const box = {
        x: k * step,
        y: v < 0 ? zero : zero - tall,
        width: Math.max(1, step - (step > 4 ? 1.5 : 0)),
        height: Math.max(0.5, tall),
      };
      const isOwn = back[k].index[0] === this.example;
      const bar = svg("g", { class: `bar ${v < 0 ? "minus" : ""} ${isOwn ? "own" : ""}` }, svg("rect", box));
      this.mark(
        bar,
        { ...box, y, height: high },
        "dy",
        this.local(back[k]),
        `example ${back[k].index[0]}: ${three(v)}`,
      );
      this.sheet.append(bar);
      if (isOwn) ring(this, box);
    });
    this.sheet.append(svg("path", { d: `M0 ${zero}H${width}`, class: "axis" }));
    const rest = cell.more?.count ? ` (the first ${terms.length} terms are drawn)` : "";
    this.say(
      isBias ? "This example sends " : `This example's share is x · dy = ${three(heard.length ? own : 0)}; `,
      isBias ? `dy; ` : "",
      `all ${terms.length}${cell.more?.count ? " and more" : ""} terms together are ${what} = ` +
        `${three(cell.value)}${rest}.`,
    );
    return y + high + 4;
  }
}
