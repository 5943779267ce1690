/**
 * What the pictures of all kinds of stops share: marks that are cells of arrays, lit, chosen and reached by arrow
 * keys.
 */

import { make } from "../../../ui/element.js";
import { three } from "../../figures.js";

/** @import {ArrayPart, Stop, WindowAxis} from "../../../server/one_step.js" */
/** @import {Glass} from "../../opened_step.js" */

/** @typedef {{symbol: string, index: number[]}} Place the cell of an array, by the index that the engine has */
/** @typedef {ArrayPart} Numbers of one example */
/** @typedef {WindowAxis} Axis */

const SVG = "http://www.w3.org/2000/svg";
const PHONE = 372; // pixels; below, what stands side by side stands one below the other

/**
 * Make an element of a drawing.
 * @param {string} tag @param {Record<string, string | number>} [attributes] @param {(Node | string)[]} children
 */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return /** @type {SVGElement} */ (element);
}

/** Write words at a place. @param {number} x @param {number} y @param {string} words @param {string} [className] */
export const label = (x, y, words, className = "") => svg("text", { x, y, class: className }, words);

/** The name of a cell among the marks. @param {string} symbol @param {number[]} index */
export const keyOf = (symbol, index) => `${symbol}[${index}]`;

/** @typedef {{x: number, y: number, width: number, height: number}} Box */
/** @typedef {{place: Place, box: Box, element: SVGElement}} Mark */

/**
 * Find the mark that an arrow key leads to: the nearest one in its direction, those straight ahead first.
 * @param {Box[]} boxes @param {number} from @param {string} key @returns {number} -1 where there is none
 */
export function neighbour(boxes, from, key) {
  const middle = (/** @type {Box} */ box) => [box.x + box.width / 2, box.y + box.height / 2];
  const [across, down] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key] ?? [0, 0];
  const [x, y] = middle(boxes[from]);
  let best = -1;
  let least = Infinity;
  for (let i = 0; i < boxes.length; i++) {
    const [dx, dy] = [middle(boxes[i])[0] - x, middle(boxes[i])[1] - y];
    const ahead = dx * across + dy * down;
    const aside = Math.abs(dx * down) + Math.abs(dy * across);
    const far = ahead + 3 * aside;
    if (i !== from && ahead > 0.5 && far < least) [best, least] = [i, far];
  }
  return best;
}

let pictures = 0;

/**
 * What a picture has taken in by now: it draws only then.
 * @template T @param {T | null | undefined} taken @returns {T}
 */
export const there = (taken) => /** @type {T} */ (taken);

export class Picture {
  /** @param {HTMLElement} mount @param {Glass} glass */
  constructor(mount, glass) {
    this.glass = glass;
    /** @type {Stop} */
    this.stop = /** @type {any} */ (null);
    /** @type {Place & {value?: number | null}} */
    this.cell = { symbol: "", index: [] };
    /** @type {Map<string, Mark[]>} */
    this.marks = new Map();
    /** @type {Mark[]} in the order in which they were drawn */
    this.all = [];
    this.standing = 0; // the mark that the keyboard stands on
    this.hatch = `hatch-${++pictures}`; // the pattern of gradients
    this.wide = 0; // pixels that there are, 0 before they are asked for
    this.turn = 0; // counts what is shown, so that what comes late is not drawn
    this.caption = make("p", { className: "said" });
    this.sheet = /** @type {SVGSVGElement} */ (svg("svg", { class: "sheet", role: "group" }));
    this.tools = make("div", { className: "tools" });
    this.root = make("div", { className: "kind-picture" }, this.tools, /** @type {any} */ (this.sheet), this.caption);
    mount.replaceChildren(this.root);
    this.listen();
  }

  /** Width to draw on: asked once, for the page has to be laid out to tell it. */
  get width() {
    this.wide ||= this.root.clientWidth;
    return Math.max(280, this.wide || 520);
  }

  get isNarrow() {
    return this.width < PHONE;
  }

  listen() {
    const { sheet } = this;
    sheet.addEventListener("pointerover", (event) => {
      const mark = this.markOf(event.target);
      this.pointed(mark);
      this.glass.lightUp(mark ? [mark.place] : []);
    });
    sheet.addEventListener("pointerleave", () => {
      this.pointed(null);
      this.glass.lightUp([]);
    });
    sheet.addEventListener("click", (event) => this.press(this.markOf(event.target)));
    sheet.addEventListener("focusin", (event) => {
      const mark = this.markOf(event.target);
      if (!mark) return;
      this.stand(this.all.indexOf(mark));
      this.pointed(mark);
      this.glass.lightUp([mark.place]);
    });
    sheet.addEventListener("keydown", (event) => {
      const mark = this.markOf(event.target);
      if (!mark || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === "Enter" || event.key === " ") this.press(mark);
      else if (!event.key.startsWith("Arrow")) return;
      const boxes = this.all.map((one) => one.box);
      const next = event.key.startsWith("Arrow") ? neighbour(boxes, this.all.indexOf(mark), event.key) : -1;
      event.preventDefault(); // arrow keys stay in the picture: outside it they go from stop to stop
      event.stopPropagation();
      if (next >= 0) this.all[next].element.focus();
    });
    const follow = new ResizeObserver(([{ contentRect }]) => {
      const wide = Math.round(contentRect.width);
      if (!this.root.isConnected || !wide || wide === this.wide) return;
      const isFirst = this.wide === 0;
      this.wide = wide;
      if (!isFirst && this.stop) this.redraw();
    });
    follow.observe(this.root);
  }

  /** @param {EventTarget | null} target @returns {Mark | null} */
  markOf(target) {
    const element = /** @type {Element | null} */ (target)?.closest?.("[data-mark]");
    return element ? this.all[Number(element.getAttribute("data-mark"))] : null;
  }

  /** Stand on a mark with the keyboard. @param {number} i */
  stand(i) {
    this.all[this.standing]?.element.setAttribute("tabindex", "-1");
    this.standing = i;
    this.all[i]?.element.setAttribute("tabindex", "0");
  }

  /** @param {Mark | null} mark */
  press(mark) {
    if (mark) this.glass.choose(this.owner(mark.place.symbol), mark.place.symbol, mark.place.index);
  }

  /** What a picture does itself where a mark is pointed at. @param {Mark | null} _mark */
  pointed(_mark) {}

  /**
   * Show a stop, with one of its cells chosen.
   * @param {Stop} stop @param {Place & {value?: number | null} | null} cell
   */
  async show(stop, cell) {
    const turn = ++this.turn;
    [this.stop, this.cell] = [stop, cell ?? { symbol: "", index: [] }];
    const ready = await this.load();
    if (turn !== this.turn || ready === false) return;
    this.root.dataset.kind = stop.kind;
    this.root.dataset.way = stop.way;
    this.redraw();
  }

  /**
   * Ask for the numbers of a stop that may come next.
   * @param {Stop} stop @param {Place & {value?: number | null}} cell @param {number} wide
   */
  async ahead(stop, cell, wide) {
    [this.stop, this.cell, this.wide] = [stop, cell, wide];
    await this.load();
  }

  redraw() {
    const hadFocus = this.sheet.contains(document.activeElement) ? this.all[this.standing]?.place : null;
    this.marks.clear();
    this.all = [];
    const line = svg("path", { d: "M0 0V6", class: "hatch-line" });
    const tile = {
      id: this.hatch,
      width: 6,
      height: 6,
      patternUnits: "userSpaceOnUse",
      patternTransform: "rotate(45)",
    };
    this.sheet.replaceChildren(svg("defs", {}, svg("pattern", tile, line)));
    const height = this.draw(this.width);
    this.sheet.setAttribute("viewBox", `0 0 ${this.width} ${height}`);
    this.sheet.setAttribute("width", String(this.width));
    this.sheet.setAttribute("height", String(height));
    this.sheet.setAttribute("aria-label", this.words());
    const chosen = this.marks.get(keyOf(this.cell.symbol, this.cell.index))?.[0];
    const last = hadFocus && this.marks.get(keyOf(hadFocus.symbol, hadFocus.index))?.[0];
    for (const mark of this.marks.get(keyOf(this.cell.symbol, this.cell.index)) ?? [])
      mark.element.classList.add("chosen");
    this.hide();
    this.standing = Math.max(0, this.all.indexOf(/** @type {Mark} */ (last || chosen)));
    this.stand(this.standing);
    if (last) last.element.focus({ preventScroll: true });
  }

  /** Hide the chosen number, where it is one that a person works out. */
  hide() {
    const { symbol, index, value } = this.cell;
    if (!symbol || !this.glass.isBlank?.(symbol, index)) return;
    this.say("This number is hidden: work it out from the others.");
    const written = three(value ?? null);
    for (const text of this.sheet.querySelectorAll("text"))
      if (text.textContent?.includes(written)) text.textContent = text.textContent.replaceAll(written, "?");
    for (const { element } of this.marks.get(keyOf(symbol, index)) ?? []) {
      element.setAttribute("aria-label", `${symbol}: hidden`);
      for (const text of element.querySelectorAll("text")) text.textContent = "?";
    }
  }

  /** Ask for the numbers. @returns {Promise<boolean | void>} false where there is nothing to draw */
  async load() {}

  /** Draw them, and say how high. @param {number} _width @returns {number} */
  draw(_width) {
    return 0;
  }

  /** Say in words what is drawn. */
  words() {
    return this.caption.textContent ?? "";
  }

  /** Write the sentence below. @param {(string | Node)[]} words */
  say(...words) {
    this.caption.replaceChildren(...words);
  }

  /** The stop that has a quantity: this one, or the same layer's other way. @param {string} symbol @returns {Stop} */
  owner(symbol) {
    const has = (/** @type {Stop} */ stop) => stop.quantities.some((quantity) => quantity.symbol === symbol);
    const { stop } = this;
    if (has(stop) || stop.layer === null || stop.layer === undefined) return stop;
    return this.glass.walk.stops.find((other) => other.layer === stop.layer && has(other)) ?? stop;
  }

  /** @param {string} symbol */
  quantity(symbol) {
    return this.owner(symbol).quantities.find((quantity) => quantity.symbol === symbol);
  }

  /**
   * Ask for an array, or a part of it, of this example alone.
   * @param {string} symbol @param {string} [window] @returns {Promise<Numbers>}
   */
  async array(symbol, window) {
    const { glass } = this;
    const stop = this.owner(symbol);
    const quantity = this.quantity(symbol);
    if (!quantity?.example_axis || !glass.opened?.isBatch) return glass.array(stop, symbol, window);
    const own = `${this.example}:${this.example + 1}`;
    const rest =
      window ??
      quantity.shape
        .slice(1)
        .map((n) => `0:${n}`)
        .join();
    const part = await glass.array(stop, symbol, rest ? `${own},${rest}` : own);
    return { ...part, shape: part.shape.slice(1) };
  }

  /** The row of the batch that is looked at. */
  get example() {
    return this.glass.walk.example;
  }

  /** Ask for an array that a stop may not have. @param {string} symbol @param {string} [window] */
  async arrayOrNone(symbol, window) {
    return this.quantity(symbol) ? await this.array(symbol, window) : null;
  }

  /** Open a cell by its place in this example. @param {string} symbol @param {number[]} local */
  open(symbol, local) {
    return this.glass.cell(this.owner(symbol), symbol, this.full(symbol, local));
  }

  /** The index that the engine has, of a place in this example. @param {string} symbol @param {number[]} local */
  full(symbol, local) {
    return this.quantity(symbol)?.example_axis ? [this.example, ...local] : local;
  }

  /** The place in this example, of an index that the engine has. @param {Place} place */
  local(place) {
    return this.quantity(place.symbol)?.example_axis ? place.index.slice(1) : place.index;
  }

  /**
   * Make an element of the drawing the mark of a cell.
   * @param {SVGElement} element @param {Box} box @param {string} symbol @param {number[]} local
   * @param {string} words what is read out
   */
  mark(element, box, symbol, local, words) {
    const index = this.full(symbol, local);
    element.setAttribute("data-mark", String(this.all.length));
    element.setAttribute("role", "button");
    element.setAttribute("tabindex", "-1");
    element.setAttribute("aria-label", words);
    element.classList.add("mark");
    const mark = { place: { symbol, index }, box, element };
    this.all.push(mark);
    const key = keyOf(symbol, index);
    const same = this.marks.get(key);
    if (same) same.push(mark);
    else this.marks.set(key, [mark]);
    return element;
  }

  /** Light marks up, and no others. @param {Place[]} cells */
  light(cells) {
    for (const element of this.sheet.querySelectorAll(".lit")) element.classList.remove("lit");
    for (const { symbol, index } of cells)
      for (const mark of this.marks.get(keyOf(symbol, index)) ?? []) mark.element.classList.add("lit");
  }
}

/**
 * Offer both ways of a loss, which are one stop: the number, and its slope.
 * @param {Picture} picture @param {string} symbol of the way forward @param {number[]} there @param {number[]} back
 */
export function bothWays(picture, symbol, there, back) {
  if (!picture.quantity("dy")) return;
  const isBack = picture.cell.symbol === "dy";
  const button = (/** @type {string} */ words, /** @type {boolean} */ isOn, /** @type {() => void} */ act) => {
    const made = make("button", { type: "button", textContent: words, onclick: act });
    made.setAttribute("aria-pressed", String(isOn));
    return made;
  };
  const { glass, stop } = picture;
  picture.tools.replaceChildren(
    button("Forward: what it costs", !isBack, () => glass.choose(stop, symbol, picture.full(symbol, there))),
    button("Backward: which way it pulls", isBack, () => glass.choose(stop, "dy", picture.full("dy", back))),
  );
}
