/** MSE, Huber and binary cross-entropy: each output's term on the loss's curve, and its slope there. */

import { three } from "../figures.js";
import { between } from "./drawing/curve.js";
import { largestOf } from "./drawing/grid.js";
import { bothWays, label, Picture, svg } from "./drawing/picture.js";

/** @typedef {import("../../server/one_step.js").Curve} Curve */

const MOST = 200; // outputs that are drawn beside the chosen one

/**
 * A term as the loss has it of one number, where the engine gives no curve.
 * @param {string} kind @param {number} delta
 */
function termOf(kind, delta) {
  if (kind === "Huber")
    return (/** @type {number} */ d) => (Math.abs(d) <= delta ? (d * d) / 2 : delta * (Math.abs(d) - delta / 2));
  return (/** @type {number} */ d) => d * d;
}

export class ErrorPicture extends Picture {
  /** @type {number[]} */
  at = [];

  /** @override */
  async load() {
    const shape = (this.quantity("y")?.shape ?? []).slice(1);
    const local = this.local(this.cell);
    if (local.length === shape.length && this.cell.symbol !== "loss") this.at = local;
    if (this.at.length !== shape.length) this.at = shape.map(() => 0);
    const isBinary = this.quantity("surprise") !== undefined;
    const part = this.at.map((i) => `${i}:${i + 1}`).join(",");
    const one = async (/** @type {string} */ symbol) =>
      this.quantity(symbol) ? ((await this.array(symbol, part)).values[0] ?? 0) : 0;
    const [y, target, dy, term, p, loss, N] = await Promise.all([
      one("y"),
      one("target"),
      one("dy"),
      one(isBinary ? "surprise" : "difference"),
      one("p"),
      this.glass.cell(this.stop, "loss", []),
      this.arrayOrNone("N"),
    ]);
    this.numbers = { y, target, dy, term, p, loss, N: N?.values[0] ?? 1, isBinary };
  }

  /** Which function of one number the loss is here. @returns {{x: number, far: number, line: number[][]}} */
  curve() {
    const { isBinary, target, y } = /** @type {any} */ (this.numbers);
    const given = /** @type {any} */ (this.stop).curves?.[Math.round(target)] ?? this.stop.curve;
    const x = isBinary ? y : /** @type {any} */ (this.numbers).term;
    const far = 1.25 * Math.max(Math.abs(x), isBinary ? 4 : largestOf(this.others()), 0.1);
    const places = Array.from({ length: 121 }, (_, i) => -far + (i * far) / 60);
    if (isBinary) {
      const surprise = (/** @type {number} */ z) => Math.max(z, 0) - z * target + Math.log1p(Math.exp(-Math.abs(z)));
      return { x, far, line: places.map((z) => [z, surprise(z)]) };
    }
    const term = termOf(this.stop.kind, this.stop.settings?.delta ?? 1);
    /** @type {number[][] | undefined} */
    const inside = given?.x
      .map((/** @type {number} */ v, /** @type {number} */ i) => [v, given.y[i]])
      .filter((/** @type {number[]} */ [v]) => Math.abs(v) <= far);
    return { x, far, line: inside && inside.length > 20 ? inside : places.map((d) => [d, term(d)]) };
  }

  /** The differences of the batch, or this example's. @returns {number[]} */
  others() {
    const { loss } = /** @type {any} */ (this.numbers);
    return loss.leaves
      .filter((/** @type {any} */ leaf) => leaf.symbol === "difference")
      .map((/** @type {any} */ leaf) => leaf.value ?? 0);
  }

  /** @param {number} width @override */
  draw(width) {
    const { y, target, dy, term, p, loss, N, isBinary } = /** @type {any} */ (this.numbers);
    const { sheet } = this;
    const isBack = this.cell.symbol === "dy";
    const { x, far, line } = this.curve();
    const at = isBinary ? term : termOf(this.stop.kind, this.stop.settings?.delta ?? 1)(x);
    const high = Math.max(...line.map(([, v]) => v)) || 1;
    const tall = 210;
    const X = (/** @type {number} */ v) => ((v + far) / (2 * far)) * width;
    const Y = (/** @type {number} */ v) => 66 + tall - 12 - (v / high) * (tall - 24);
    this.ruler(width);
    sheet.append(svg("rect", { x: 0, y: 66, width, height: tall, rx: 8, class: "ground" }));
    sheet.append(svg("path", { d: `M0 ${Y(0)}H${width}M${X(0)} 66V${66 + tall}`, class: "axis thin" }));
    if (!isBinary && this.stop.kind === "MSE" && !isBack) this.square(X, Y, x, at);
    const path = line.map(([a, b], i) => `${i ? "L" : "M"}${X(a).toFixed(1)} ${Y(b).toFixed(1)}`).join("");
    sheet.append(svg("path", { d: path, class: "curve" }));
    const [xs, ys] = [line.map(([a]) => a), line.map(([, b]) => b)];
    const height = (/** @type {number} */ d) => between(xs, ys, d);
    const leaves = loss.leaves.filter((/** @type {any} */ leaf) => leaf.symbol === "difference").slice(0, MOST);
    for (const leaf of leaves) {
      const [cx, cy] = [X(leaf.value), Y(height(leaf.value))];
      const dot = svg("circle", { cx, cy, r: 3.5, class: "dot" });
      const own = leaf.index[0] === this.example || !this.quantity("difference")?.example_axis;
      if (own)
        this.mark(
          dot,
          { x: cx - 4, y: cy - 4, width: 8, height: 8 },
          isBack ? "dy" : "difference",
          this.local(leaf),
          `difference ${three(leaf.value)}`,
        );
      sheet.append(dot);
    }
    if (isBack) {
      const slope = dy * N;
      const reach = far / 2.6;
      const id = `${this.hatch}-clip`;
      sheet.append(svg("defs", {}, svg("clipPath", { id }, svg("rect", { x: 0, y: 66, width, height: tall }))));
      sheet.append(
        svg("path", {
          d: `M${X(x - reach)} ${Y(at - slope * reach)}L${X(x + reach)} ${Y(at + slope * reach)}`,
          class: "tangent",
          "clip-path": `url(#${id})`,
        }),
      );
    } else sheet.append(svg("path", { d: `M${X(x)} ${Y(0)}V${Y(at)}`, class: "drop" }));
    const here = svg("circle", { cx: X(x), cy: Y(at), r: 7, class: "here" });
    this.mark(
      here,
      { x: X(x) - 7, y: Y(at) - 7, width: 14, height: 14 },
      isBack ? "dy" : isBinary ? "surprise" : "difference",
      this.at,
      isBack ? `slope ${three(dy)}` : `term ${three(at)}`,
    );
    sheet.append(here);
    const words = isBack ? `slope ${three(dy * N)}` : three(at);
    const isRight = x > 0.2 * far;
    sheet.append(
      label(X(x) + (isRight ? -12 : 12), Math.max(82, Y(at) - 12), words, `big halo ${isRight ? "end" : ""}`),
    );
    sheet.append(label(width - 6, 66 + tall - 6, isBinary ? "logit" : "difference y − target", "muted end"));
    const many = leaves.length > 1 ? " The other dots are the other outputs of the batch." : "";
    if (isBack && isBinary) this.say(`(p − target) / N = (${three(p)} − ${three(target)}) / ${N} = ${three(dy)}.`);
    else if (isBack)
      this.say(
        `The curve's slope at ${three(x)} is ${three(dy * N)}; over ${N} numbers that is dy = ${three(dy)}: ` +
          `a step against it moves y ${dy > 0 ? "down" : "up"}, to the target.`,
      );
    else if (isBinary)
      this.say(
        `p = σ(${three(y)}) = ${three(p)}, wanted is ${three(target)}: a surprise of ${three(term)}. The ` +
          `mean of all ${N} is the loss, ${three(loss.value)}.`,
      );
    else
      this.say(
        `${three(y)} − ${three(target)} = ${three(term)}, which costs ${three(at)}; the mean of all ${N} ` +
          `terms is the loss, ${three(loss.value)}.${many}`,
      );
    bothWays(this, isBinary ? "surprise" : "difference", this.at, this.at);
    return 66 + tall + 4;
  }

  /** Prediction and target on a line, and what lies between. @param {number} width */
  ruler(width) {
    const { y, target, p, isBinary } = /** @type {any} */ (this.numbers);
    const value = isBinary ? p : y;
    const [low, high] = isBinary ? [0, 1] : [Math.min(value, target), Math.max(value, target)];
    const room = isBinary ? 0.06 : 0.5 * (high - low) || 1;
    const X = (/** @type {number} */ v) => 30 + ((v - low + room) / (high - low + 2 * room)) * (width - 60);
    const at = 32;
    const { sheet } = this;
    sheet.append(svg("path", { d: `M0 ${at}H${width}`, class: "axis" }));
    const [a, b] = [Math.min(X(value), X(target)), Math.max(X(value), X(target))];
    sheet.append(
      svg("rect", {
        x: a,
        y: at - 4,
        width: Math.max(1, b - a),
        height: 8,
        class: `bar ${value < target ? "minus" : ""}`,
      }),
    );
    const guess = svg("circle", { cx: X(value), cy: at, r: 8, class: "ball is-output" });
    this.mark(
      guess,
      { x: X(value) - 8, y: at - 8, width: 16, height: 16 },
      isBinary ? "p" : "y",
      this.at,
      `prediction ${three(value)}`,
    );
    const wanted = svg("rect", {
      x: X(target) - 7,
      y: at - 7,
      width: 14,
      height: 14,
      class: "ball is-input",
      transform: `rotate(45 ${X(target)} ${at})`,
    });
    this.mark(
      wanted,
      { x: X(target) - 8, y: at - 8, width: 16, height: 16 },
      "target",
      this.at,
      `target ${three(target)}`,
    );
    sheet.append(wanted, guess);
    const side = (/** @type {number} */ v) => (X(v) < 60 ? "" : X(v) > width - 60 ? "end" : "mid");
    sheet.append(label(X(value), at - 14, `${isBinary ? "p" : "y"} ${three(value)}`, `strong ${side(value)}`));
    sheet.append(label(X(target), at + 24, `target ${three(target)}`, `strong ${side(target)}`));
  }

  /**
   * The square of the difference as a square.
   * @param {(v: number) => number} X @param {(v: number) => number} Y @param {number} x @param {number} at
   */
  square(X, Y, x, at) {
    const wide = Math.abs(X(x) - X(0));
    const tall = Y(0) - Y(at);
    this.sheet.append(
      svg("rect", { x: Math.min(X(x), X(0)), y: Y(at), width: wide, height: Math.max(0.5, tall), class: "area" }),
    );
  }
}
