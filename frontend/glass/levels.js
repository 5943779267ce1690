/** The five levels at which a stop is looked at, and what stands in the middle at each. */

import { make } from "../ui/element.js";
import { wordsFor } from "./figures.js";

/** @import {Code, Lines, Stop} from "../server/one_step.js" */

export const LEVELS = ["Sentence", "Shapes", "One cell", "Matrices", "Code"];

export class LevelBar {
  /** @param {(level: number) => void} go */
  constructor(go) {
    this.buttons = LEVELS.map((name, i) => {
      const button = make("button", { type: "button", textContent: name, onclick: () => go(i + 1) });
      return button;
    });
    this.element = make("div", { className: "glass-levels", role: "group" }, ...this.buttons);
    this.element.setAttribute("aria-label", "Level, arrow up and down");
  }

  /** @param {number} level */
  mark(level) {
    for (const [i, button] of this.buttons.entries()) button.setAttribute("aria-pressed", String(i + 1 === level));
  }
}

/** The shapes of a stop, and each array in words. @param {Stop} stop */
export function shapesOf(stop) {
  const rows = stop.quantities.map((quantity) => {
    const { letters, role, shape, axes, from } = quantity;
    const size = shape.length ? shape.join(" × ") : "one number";
    return make(
      "tr",
      {},
      make("th", { scope: "row" }, make("span", { className: `role-${role}`, textContent: letters })),
      make("td", { textContent: wordsFor(quantity) }),
      make("td", { className: "num", textContent: size }),
      make("td", { textContent: axes.join(" × ") }),
      make("td", { className: "muted", textContent: from.length ? `from ${from.join(", ")}` : "given" }),
    );
  });
  const head = ["Symbol", "What it is", "Shape", "Axes", "Made"].map((words) =>
    make("th", { scope: "col", textContent: words }),
  );
  const body = make("tbody", {}, ...rows);
  const table = make("table", { className: "glass-shapes" }, make("thead", {}, make("tr", {}, ...head)), body);
  return [make("p", { className: "glass-line", textContent: stop.shapes }), table];
}

/** The lines of the engine that did it, those of this stop lit. @param {Code} code @param {string} symbol */
export function codeOf(code, symbol) {
  const parts = [{ ...code, name: "" }, ...(code.also ?? [])];
  return parts.flatMap((part) => [
    make("p", {
      className: "caption",
      textContent: `${part.file}, from line ${part.first}${part.name && `: ${part.name}`}`,
    }),
    listing(part, new Set(part.by_symbol?.[symbol] ?? [])),
  ]);
}

/** @param {Lines} part @param {Set<number>} own the lines of the number that is open */
function listing({ first, lines, lit }, own) {
  const rows = lines.map((line, i) => {
    const row = make("span", { className: "glass-code-line", textContent: `${line}\n` });
    row.dataset.line = String(first + i);
    if (lit.includes(first + i)) row.classList.add("lit");
    if (own.has(first + i)) row.classList.add("own");
    return row;
  });
  const pre = make("pre", { className: "glass-code", tabIndex: 0 }, make("code", {}, ...rows));
  pre.setAttribute("aria-label", "The engine's lines");
  return pre;
}
