/** The optimizer, for one parameter: its gradient, what is remembered, the correction, and the step on a line. */

import { three } from "../figures.js";
import { arrow, bars, bracketed } from "./drawing/grid.js";
import { label, Picture, svg } from "./drawing/picture.js";

/** @typedef {import("./drawing/grid.js").Line} Line */

/**
 * What an optimizer may remember, and what each follows: the gradient, or its square. @type {[string, "g" | "g²",
 * string][]}
 */
const MEMORY = [
  ["velocity", "g", "the way it has been going"],
  ["m", "g", "average of g"],
  ["v", "g²", "average of g²"],
  ["total", "g²", "sum of all g²"],
  ["u", "g²", "average of its squared steps"],
];

export class OptimizerPicture extends Picture {
  k = 0;

  /** @override */
  async load() {
    const size = this.quantity("theta_before")?.shape[0] ?? 0;
    const [k] = this.cell.index;
    this.k = Math.min(k ?? /** @type {any} */ (this.glass).k ?? 0, Math.max(0, size - 1));
    const names = this.stop.quantities.map(({ symbol }) => symbol);
    const wanted = [
      "dL",
      "dR",
      "dtheta",
      "g",
      "theta_before",
      "theta_after",
      "theta",
      "m_hat",
      "v_hat",
      "eta",
      "t",
      "beta1",
      "beta2",
    ];
    const asked = [...wanted, ...MEMORY.flatMap(([name]) => [name, `${name}_before`])].filter((name) =>
      names.includes(name),
    );
    const found = await Promise.all(
      asked.map(async (symbol) => {
        const isOfAll = (this.quantity(symbol)?.shape.length ?? 0) > 0;
        const part = await this.glass.array(this.stop, symbol, isOfAll ? `${this.k}:${this.k + 1}` : undefined);
        return /** @type {[string, number]} */ ([symbol, part.values[0] ?? 0]);
      }),
    );
    this.numbers = new Map(found);
  }

  /** A number by its symbol. @param {string} symbol */
  value(symbol) {
    return this.numbers?.get(symbol);
  }

  numbers = /** @type {Map<string, number> | null} */ (null);

  /** @param {number} width @override */
  draw(width) {
    const { sheet, k } = this;
    const value = (/** @type {string} */ symbol) => this.value(symbol);
    const g = value("g") ?? value("dtheta") ?? value("dL") ?? 0;
    /** @type {[string, string][]} */
    const names = [
      ["∂L", "dL"],
      ["+ λ w", "dR"],
      ["both", "dtheta"],
      ["g", "g"],
    ];
    const chain = names.flatMap(([name, symbol], i) => {
      const v = value(symbol);
      const isSame = symbol === "dtheta" && value("dR") === undefined && v === value("dL");
      if (v === undefined || isSame) return [];
      return [/** @type {Line} */ ([name, v, i === 3 ? "total" : "of-gradient", symbol, [k]])];
    });
    sheet.append(label(0, 12, "The gradient of this weight", "strong"));
    let y = chain.length ? bars(this, chain, 18, { left: 64 }) : 18;
    const memory = MEMORY.filter(
      ([name]) => value(name) !== undefined && (value(name) !== 0 || value(`${name}_before`) !== 0),
    );
    if (memory.length) {
      y += 22;
      sheet.append(label(0, y - 6, "What it remembers, before and after", "strong"));
    }
    for (const [name, follows, words] of memory)
      y = this.remembered(name, follows === "g" ? g : g * g, words, y, width);
    y = this.corrected(y, width);
    return this.move(y + 22, width);
  }

  /**
   * A memory on a line: before, after, and what it follows.
   * @param {string} name @param {number} target @param {string} words @param {number} y @param {number} width
   */
  remembered(name, target, words, y, width) {
    const { sheet, k } = this;
    const after = this.value(name) ?? 0;
    const before = this.value(`${name}_before`) ?? 0;
    const [low, high] = [Math.min(before, after, target, 0), Math.max(before, after, target, 0)];
    const left = 64;
    const X = (/** @type {number} */ v) => left + 8 + ((v - low) / (high - low || 1)) * (width - left - 24);
    const top = y + 22;
    const letters = this.quantity(name)?.letters ?? name;
    sheet.append(label(0, top + 5, letters, "symbol heading"));
    sheet.append(
      svg("path", { d: `M${left} ${top}H${width}`, class: "axis thin" }),
      svg("path", { d: `M${X(0)} ${top - 5}v10`, class: "axis" }),
    );
    sheet.append(svg("path", { d: `M${X(before)} ${top}H${X(after)}`, class: "moved" }));
    const box = (/** @type {number} */ v) => ({ x: X(v) - 7, y: top - 7, width: 14, height: 14 });
    const old = svg("circle", { cx: X(before), cy: top, r: 5, class: "hollow" });
    if (this.quantity(`${name}_before`))
      this.mark(old, box(before), `${name}_before`, [k], `${letters} before ${three(before)}`);
    const now = svg("circle", { cx: X(after), cy: top, r: 6, class: "ball is-output" });
    this.mark(now, box(after), name, [k], `${letters} after ${three(after)}`);
    const goal = svg("path", { d: `M${X(target)} ${top - 7}l6 7l-6 7l-6 -7z`, class: "ball is-gradient" });
    this.mark(goal, box(target), "g", [k], `what it follows, ${three(target)}`);
    sheet.append(goal, old, now);
    const side = (/** @type {number} */ v) => (X(v) > width - 90 ? "end" : X(v) < left + 60 ? "" : "mid");
    sheet.append(label(X(after), top - 11, `${three(before)} → ${three(after)}`, `strong halo-paper ${side(after)}`));
    sheet.append(label(left, top + 20, words, "muted"));
    const what = target === this.value("g") ? "g" : "g²";
    const isClear = Math.abs(X(target) - left) > 190 || X(target) > width - 20;
    if (isClear) sheet.append(label(X(target), top + 20, `${what} ${three(target)}`, `muted ${side(target)}`));
    return y + 46;
  }

  /** Adam's correction: divided by 1 − βᵗ, while the averages are young. @param {number} y @param {number} width */
  corrected(y, width) {
    const { sheet, k } = this;
    const [m_hat, v_hat, t] = ["m_hat", "v_hat", "t"].map((name) => this.value(name));
    if (m_hat === undefined || v_hat === undefined) return y;
    y += 20;
    sheet.append(label(0, y - 4, `Corrected, since they began at 0 (t = ${t === undefined ? "?" : t})`, "strong"));
    /** @type {[string, number, number | undefined, string][]} */
    const rows = [
      ["m", m_hat, this.value("m"), "m_hat"],
      ["v", v_hat, this.value("v"), "v_hat"],
    ];
    for (const [name, hat, plain, symbol] of rows) {
      const beta = this.value(name === "m" ? "beta1" : "beta2");
      const share = hat ? (plain ?? 0) / hat : 1;
      const letters = this.quantity(symbol)?.letters ?? symbol;
      const room = width - 220;
      sheet.append(label(0, y + 16, letters, "symbol heading"));
      sheet.append(svg("rect", { x: 64, y: y + 4, width: room, height: 15, rx: 3, class: "ground" }));
      const box = { x: 64, y: y + 4, width: Math.max(1, room * Math.min(1, Math.max(0, share))), height: 15 };
      const one = svg("g", { class: "bar total" }, svg("rect", { ...box, rx: 3 }));
      this.mark(one, { ...box, width: room }, symbol, [k], `${letters} ${three(hat)}`);
      const words = beta === undefined ? "" : `1 − ${beta.toPrecision(3)}ᵗ = ${three(share)}`;
      sheet.append(one, label(72 + room, y + 16, words, "muted"));
      sheet.append(label(width, y + 16, this.isNarrow ? "" : "", "end"));
      y += 24;
      sheet.append(label(64, y + 8, `${three(plain ?? 0)} / ${three(share)} = ${three(hat)}`, ""));
      y += 14;
    }
    return y;
  }

  /** The old weight, the step, the new one. @param {number} y @param {number} width */
  move(y, width) {
    const { sheet, k } = this;
    const before = this.value("theta_before");
    const after = this.value("theta_after") ?? this.value("theta");
    if (before === undefined || after === undefined) {
      this.say(`g = ${three(this.value("g") ?? null)} is what the optimizer is given.`);
      return y;
    }
    const step = after - before;
    const isDown = step < 0;
    sheet.append(label(0, y, "The step", "strong"));
    const [left, right] = [width * 0.22, width * 0.78];
    const [from, to] = isDown ? [right, left] : [left, right];
    const top = y + 40;
    sheet.append(svg("path", { d: `M0 ${top}H${width}`, class: "axis" }));
    if (step !== 0) arrow(this, [from, top - 16, to, top - 16]);
    const old = svg("circle", { cx: from, cy: top, r: 7, class: "hollow" });
    const now = svg("circle", { cx: step ? to : from, cy: top, r: 8, class: "ball is-weight" });
    const box = (/** @type {number} */ x) => ({ x: x - 8, y: top - 8, width: 16, height: 16 });
    this.mark(old, box(from), "theta_before", [k], `before ${three(before)}`);
    this.mark(
      now,
      box(step ? to : from),
      this.quantity("theta_after") ? "theta_after" : "theta",
      [k],
      `after ${three(after)}`,
    );
    sheet.append(old, now);
    sheet.append(label((from + to) / 2, top - 22, `${step < 0 ? "−" : "+"} ${three(Math.abs(step))}`, "big mid"));
    sheet.append(label(from, top + 24, `before ${before.toPrecision(6).replace("-", "−")}`, "mid"));
    sheet.append(
      label(step ? to : from, top + (step ? 24 : 42), `after ${after.toPrecision(6).replace("-", "−")}`, "mid strong"),
    );
    const g = this.value("g") ?? 0;
    const m_hat = this.value("m_hat");
    const [eta, v_hat] = [this.value("eta") ?? 0, this.value("v_hat") ?? 0];
    const against =
      g === 0
        ? ""
        : g > 0 === isDown
          ? "against its gradient"
          : "on, against this gradient: what it remembers weighs more";
    const way = step === 0 ? "nowhere" : `${isDown ? "down" : "up"} by ${three(Math.abs(step))}`;
    const adams = m_hat === undefined ? 0 : (-eta * m_hat) / Math.sqrt(v_hat);
    const isAdams = step !== 0 && Math.abs(adams / step - 1) < 0.01; // no decay, nothing else beside it
    const how = isAdams
      ? `Step = −η m̂ / (√v̂ + ε) = −${three(eta)} · ${bracketed(m_hat ?? 0)} / √${three(v_hat)}.`
      : `The learning rate is ${three(eta)}.`;
    this.say(`${how} The weight goes ${way}${against ? `, ${against}` : ""}.`);
    return top + 48;
  }
}
