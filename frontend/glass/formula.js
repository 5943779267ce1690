/** A number as its formula: in the docstring's symbols, in its own, with its numbers, and each term as a bar. */

import { make } from "../ui/element.js";
import { three } from "./figures.js";
import { keyOf } from "./opened_step.js";

/** @import {Cell, CellTerm, Leaf, Quantity, Role, Stop} from "../server/one_step.js" */
/** @import {Glass} from "./opened_step.js" */

const LEAST = 0.66; // of the size of numbers
const SPACE = "http://www.w3.org/1998/Math/MathML";
const SUBSCRIPTS = "₀₁₂₃₄₅₆₇₈₉ᵢⱼₖₙₜₛₐₑₒₓₕₘₚ₊₋";
const PLAIN = "0123456789ijkntsaeoxhmp+−";
/** @type {Record<string, string>} */
const RAISED = { "²": "2", "³": "3", "⁴": "4", "⁻": "−", "¹": "1", ᵀ: "T" };
const MARKS = "[\\u0302\\u0304′]*";
const NAME = `(?!\\p{Lm})\\p{L}${MARKS}(?:(?!\\p{Lm})[\\p{L}_])*${MARKS}`;
const TOKEN = new RegExp(`(${NAME})|(\\d+(?:\\.\\d+)?)|(\\s+)|([${SUBSCRIPTS}]+)|([ᵀ²³⁴⁻¹]+)|(.)`, "gsu");

/** @param {string} tag @param {...(Node | string)} children */
function math(tag, ...children) {
  const element = document.createElementNS(SPACE, tag);
  element.append(...children);
  return element;
}

/**
 * Write a line of a docstring as MathML, with the colour of their role on the symbols that the stop has.
 * @param {string} line @param {(letters: string) => Role | null} roleOf
 */
export function mathOf(line, roleOf) {
  const row = math("mrow");
  for (const [, name, digits, space, below, above, other] of line.matchAll(TOKEN)) {
    const last = row.lastElementChild;
    if (space) {
      if (last && last.localName !== "mo") row.append(math("mtext", "\u2009"));
      continue;
    }
    if ((below || above) && last) {
      const plain = [...(below ?? above)].map((c) => PLAIN[SUBSCRIPTS.indexOf(c)] ?? RAISED[c] ?? c).join("");
      const part = math(below ? "msub" : "msup", last.cloneNode(true), math("mi", plain));
      row.replaceChild(part, last);
      continue;
    }
    const element = name ? math("mi", name) : digits ? math("mn", digits) : math("mo", other);
    const role = name ? roleOf(name) : null;
    if (role) element.setAttribute("class", `role-${role}`);
    row.append(element);
  }
  return math("math", row);
}

/**
 * Cut a <math> of the engine into its terms, so that they can stand in lines, each with the sign before it.
 * @param {string} markup @returns {Element[]}
 */
function pieces(markup) {
  const template = document.createElement("template");
  template.innerHTML = markup;
  const whole = template.content.querySelector("math");
  const top = whole?.children.length === 1 ? whole.firstElementChild : null;
  const children = top ? [...top.children] : [];
  if (!whole || !children.some((child) => child.matches(".term, .rest"))) return whole ? [inline(whole)] : [];
  /** @type {Element[]} */
  const found = [];
  /** @type {Element[]} */
  let held = [];
  for (const child of children) {
    held.push(child);
    if (!child.matches(".term, .rest")) continue;
    found.push(inline(math("math", math("mrow", ...held))));
    held = [];
  }
  if (held.length) found.at(-1)?.append(...held);
  return found;
}

/** @param {Element} element */
function inline(element) {
  element.setAttribute("display", "inline");
  element.setAttribute("displaystyle", "true");
  return element;
}

export class Formula {
  /** @param {Glass} glass */
  constructor(glass) {
    this.glass = glass;
    this.general = make("div", { className: "glass-general" });
    this.numbers = make("div", { className: "glass-numbers" });
    this.terms = make("div", { className: "glass-terms" });
    /** @type {Map<string, Element[]>} what shows a number, by its key */
    this.shown = new Map();
    /** @type {Element[]} */
    this.lit = [];
    for (const place of [this.numbers, this.terms]) {
      place.addEventListener("pointerover", (event) => this.over(event.target));
      place.addEventListener("focusin", (event) => this.over(event.target));
      place.addEventListener("pointerleave", () => glass.lightUp([]));
      place.addEventListener("focusout", () => glass.lightUp([]));
      place.addEventListener("click", (event) => this.take(event.target));
    }
  }

  /** Show the formula of a stop in general. @param {Stop} stop */
  showStop(stop) {
    const roles = new Map(stop.quantities.map(({ letters, role }) => [letters.normalize("NFC"), role]));
    const roleOf = (/** @type {string} */ letters) => roles.get(letters.normalize("NFC")) ?? null;
    const lines = stop.formula.flatMap((line) => line.split(/,?\s{2,}/)).filter(Boolean);
    if (stop.formula.some((line) => /^\s*(for|if) .*:$/.test(line))) {
      this.general.replaceChildren(make("pre", { textContent: stop.formula.join("\n") })); // loops are read as code
      return;
    }
    this.general.replaceChildren(...lines.map((line) => make("div", {}, mathOf(line, roleOf))));
  }

  /** @param {Stop} stop @param {Cell} cell */
  show(stop, cell) {
    this.shown.clear();
    this.lit = [];
    const quantity = stop.quantities.find(({ symbol }) => symbol === cell.symbol);
    const [symbols, numbers] = [pieces(cell.mathml_symbols), pieces(cell.mathml_numbers)];
    const result = this.result(cell, quantity);
    const name = math("math", named(quantity?.letters ?? cell.symbol, cell.index));
    name.setAttribute("class", `role-${quantity?.role ?? "state"}`);
    if (!quantity?.opened && cell.leaves.length < 2) {
      const from = cell.comes_from ? "it comes from the stop that is lit" : "nothing here makes it: it is given";
      this.numbers.replaceChildren(name, " = ", result, make("span", { className: "muted", textContent: ` ${from}` }));
      this.terms.replaceChildren();
      return;
    }
    const pairs = numbers.map((piece, i) =>
      make("span", { className: "glass-piece" }, ...aboveOf(symbols[i]), this.coloured(piece)),
    );
    const first = make("span", { className: "glass-piece name" }, name, "=");
    this.numbers.replaceChildren(first, ...pairs, make("span", { className: "glass-piece name" }, "=", result));
    this.showTerms(cell, quantity);
    requestAnimationFrame(() => shrink(pairs));
  }

  /** The number itself. @param {Cell} cell @param {Quantity | undefined} quantity */
  result(cell, quantity) {
    const role = quantity?.role ?? "state";
    const result = make("b", { className: `glass-result role-${role}`, textContent: cell.shown ?? three(cell.value) });
    result.dataset.value = cell.exact;
    result.dataset.own = "";
    this.note(cell.symbol, cell.index, result);
    return result;
  }

  /** Give the numbers of a piece the colours of their roles. @param {Element} piece */
  coloured(piece) {
    for (const leaf of piece.querySelectorAll(".leaf")) {
      const symbol = leaf.getAttribute("data-symbol") ?? "";
      leaf.classList.add(`role-${this.glass.role(symbol)}`);
      this.note(symbol, indexOf(leaf), leaf);
    }
    return piece;
  }

  /** Show each term as a bar. @param {Cell} cell @param {Quantity | undefined} quantity */
  showTerms(cell, quantity) {
    const sorted = [...(cell.terms ?? [])].sort((a, b) => Math.abs(b.value ?? 0) - Math.abs(a.value ?? 0));
    const empty = sorted.filter(({ value }) => value === 0);
    const terms = empty.length > 1 ? sorted.filter(({ value }) => value !== 0) : sorted;
    const rest = cell.rest?.count ? cell.rest : null;
    if (!sorted.length) {
      this.terms.replaceChildren();
      return;
    }
    const all = [...terms.map(({ value }) => value ?? 0), rest?.value ?? 0, cell.value ?? 0];
    const largest = Math.max(...all.map(Math.abs).filter(Number.isFinite), Number.MIN_VALUE);
    const isSum = sorted.length > 1 || rest;
    const rows = terms.map((term) => this.row(term, largest, Boolean(isSum)));
    if (terms.length < sorted.length) rows.push(plainRow(`${empty.length} terms are 0`, 0, largest, "rest"));
    if (rest) rows.push(plainRow(`${rest.count} smaller terms`, rest.value, largest, "rest"));
    if (isSum) {
      const row = plainRow("all together", cell.value, largest, `sum role-${quantity?.role ?? "state"}`);
      const value = /** @type {HTMLElement} */ (row.querySelector(".num"));
      Object.assign(value.dataset, { value: cell.exact, own: "" });
      rows.push(row);
    }
    const table = make("table", {}, make("tbody", {}, ...rows));
    table.setAttribute("aria-label", isSum ? "Its terms, the largest first" : "What it is made from");
    this.terms.replaceChildren(table);
  }

  /** @param {CellTerm} term @param {number} largest @param {boolean} isSum */
  row(term, largest, isSum) {
    const shown = term.leaves.slice(0, 4).map((leaf) => this.leafButton(leaf, !isSum));
    const buttons = shown.flatMap((button, i) => [...(i ? [" · "] : []), button]);
    const isProduct = term.leaves.length > 0 && isProductOf(term);
    const what = make("td", { className: "what" }, ...(isProduct ? buttons : this.written(term, isSum)));
    const row = isSum
      ? make("tr", {}, what, bar(term.value, largest, ""), figure(term.value), make("td", { className: "who" }))
      : make("tr", {}, what);
    const who = row.querySelector(".who");
    if (who)
      who.textContent = term.leaves
        .filter(({ index }) => index.length)
        .map(({ symbol, index }) => this.glass.nameOf(symbol, index))
        .slice(0, 2)
        .join(" · ");
    for (const { symbol, index } of term.leaves) this.note(symbol, index, row);
    return row;
  }

  /**
   * A term that is no plain product: of a sum its cells, else as it is written, too.
   * @param {CellTerm} term @param {boolean} isSum
   */
  written(term, isSum) {
    const cells = term.leaves.filter(({ index }) => index.length);
    if (isSum && cells.length > 0 && cells.length < 3) return cells.map((leaf) => this.leafButton(leaf, true));
    const template = document.createElement("template");
    template.innerHTML = term.mathml.includes("<math") ? term.mathml : `<math>${term.mathml}</math>`;
    const whole = template.content.querySelector("math");
    const buttons = term.leaves.slice(0, 6).map((leaf) => this.leafButton(leaf, true));
    return [
      ...(whole ? [this.coloured(inline(whole))] : [term.text]),
      make("span", { className: "glass-leaves" }, ...buttons),
    ];
  }

  /** A number that can be opened. @param {Leaf} leaf @param {boolean} [isNamed] */
  leafButton({ symbol, index, value }, isNamed = false) {
    const name = this.glass.nameOf(symbol, index);
    const button = make("button", { type: "button", className: `glass-leaf role-${this.glass.role(symbol)}` });
    button.textContent = isNamed ? `${name} ${three(value)}` : three(value);
    button.setAttribute("aria-label", `${name}: ${three(value)}`);
    Object.assign(button.dataset, { symbol, index: index.join(","), value: String(value) });
    this.note(symbol, index, button);
    return button;
  }

  /** @param {string} symbol @param {number[]} index @param {Element} element */
  note(symbol, index, element) {
    const key = keyOf(symbol, index);
    const before = this.shown.get(key);
    if (before) before.push(element);
    else this.shown.set(key, [element]);
  }

  /** Point at a number, or at a term. @param {EventTarget | null} target */
  over(target) {
    const element = /** @type {Element} */ (target);
    const leaf = element.closest("[data-symbol]");
    const piece = element.closest(".glass-piece, tr");
    const leaves = leaf ? [leaf] : [...(piece?.querySelectorAll("[data-symbol]") ?? [])];
    this.glass.lightUp(leaves.map((one) => ({ symbol: one.getAttribute("data-symbol") ?? "", index: indexOf(one) })));
    this.glass.exactly(element.closest("[data-value]"));
  }

  /** Open a number that was clicked. @param {EventTarget | null} target */
  take(target) {
    const leaf = /** @type {Element} */ (target).closest("[data-symbol]");
    const symbol = leaf?.getAttribute("data-symbol");
    if (leaf && symbol) this.glass.chooseHere(symbol, indexOf(leaf));
  }

  /** Light what shows these numbers. @param {Set<string>} keys */
  light(keys) {
    for (const element of this.lit) element.classList.remove("lit");
    this.lit = [];
    for (const key of keys)
      for (const element of this.shown.get(key) ?? []) {
        const piece = element.closest(".glass-piece");
        for (const one of piece ? [element, piece] : [element]) {
          one.classList.add("lit");
          this.lit.push(one);
        }
      }
  }
}

/** @param {Element} leaf */
const indexOf = (leaf) => (leaf.getAttribute("data-index") || null)?.split(",").map(Number) ?? [];

/** A symbol with its place under it. @param {string} letters @param {number[]} index */
export function named(letters, index) {
  const name = math("mi", letters);
  if (!index.length) return name;
  const below = math("mrow", ...index.flatMap((i, n) => [...(n ? [math("mo", ",")] : []), math("mn", String(i))]));
  return math("msub", name, below);
}

/** What stands above a piece: its symbols, but not what only repeats numbers. @param {Element | undefined} symbols */
const aboveOf = (symbols) => (symbols && !symbols.querySelector(".rest:only-child, mo + .rest") ? [symbols] : []);

/** Make what is too wide for its line smaller, as far as it can be read. @param {HTMLElement[]} pieces */
function shrink(pieces) {
  const wide = pieces.map((piece) => piece.clientWidth / Math.max(1, piece.scrollWidth));
  for (const [i, share] of wide.entries())
    if (share < 1) pieces[i].style.fontSize = `${Math.max(LEAST, Math.floor(100 * share) / 100)}em`;
}

/** Whether a term is nothing but its numbers, multiplied. @param {CellTerm} term */
const isProductOf = ({ text, leaves }) => text.split(" · ").length === leaves.length && !/[√/^]|[a-zσ(]{2}/.test(text);

/** @param {number | null} value @param {number} largest @param {string} kind */
function bar(value, largest, kind) {
  const share = Math.min(1, Math.abs(value ?? 0) / largest) || 0;
  const mark = make("i", { className: `${(value ?? 0) < 0 ? "minus" : "plus"} ${kind}` });
  mark.style.width = `${50 * share}%`;
  const cell = make("td", { className: "bar" }, mark);
  cell.setAttribute("aria-hidden", "true");
  return cell;
}

/** @param {number | null} value */
function figure(value) {
  const cell = make("td", { className: "num", textContent: three(value) });
  cell.dataset.value = String(value);
  return cell;
}

/** @param {string} words @param {number | null} value @param {number} largest @param {string} kind */
function plainRow(words, value, largest, kind) {
  const what = make("td", { className: "what", textContent: words });
  return make("tr", { className: kind }, what, bar(value, largest, kind.split(" ")[0]), figure(value), make("td"));
}
