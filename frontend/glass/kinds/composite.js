/** A layer made of layers: a button for each one inside, and its own picture, with its own symbols. */

import { make } from "../../ui/element.js";
import { there } from "./drawing/picture.js";

/** @import {Cell, Part, Stop} from "../../server/one_step.js" */
/** @import {Glass} from "../opened_step.js" */
/** @typedef {{symbol: string, index: number[]}} Place */
/** @typedef {(stop: Stop) => any} Find */

/**
 * List the layers inside that hold no others, each with the whole prefix of its symbols.
 * @param {Part[] | null | undefined} inside @param {string} [before] @returns {(Part & {prefix: string})[]}
 */
export function leavesOf(inside, before = "") {
  return (inside ?? []).flatMap((part) => {
    const prefix = before ? `${before}.${part.prefix}` : `${part.prefix}`;
    return part.inside?.length ? leavesOf(part.inside, prefix) : [{ ...part, prefix }];
  });
}

/**
 * Say what a symbol of the whole is called by the layer inside that has it; null where it is another's.
 * @param {string} symbol @param {string} prefix
 */
export function nameInside(symbol, prefix) {
  for (const [start, d] of [
    [`${prefix}.`, ""],
    [`d${prefix}.`, "d"],
  ])
    if (symbol.startsWith(start) && !/^\d/.test(symbol.slice(start.length))) return d + symbol.slice(start.length);
  return null;
}

export class CompositePicture {
  /** @param {HTMLElement} mount @param {Glass} glass @param {Find} find the picture of a stop */
  constructor(mount, glass, find) {
    this.glass = glass;
    this.find = find;
    this.at = -1;
    /** @type {any} */
    this.picture = null;
    /** @type {any} */
    this.kind = null;
    this.tabs = make("div", { className: "tools" });
    this.tabs.setAttribute("role", "group");
    this.tabs.setAttribute("aria-label", "Layers inside");
    this.place = make("div");
    this.none = make("p", { className: "said" });
    mount.replaceChildren(
      make("div", { className: "kind-picture" }, this.tabs),
      this.place,
      make("div", { className: "kind-picture" }, this.none),
    );
  }

  /** @param {Stop} stop @param {Cell | null} cell */
  async show(stop, cell) {
    const [inner, there] = this.enter(stop, cell);
    await this.picture?.show(inner, there);
  }

  /** Ask for what it would draw. @param {Stop} stop @param {Cell} cell @param {number} wide */
  async ahead(stop, cell, wide) {
    const [inner, there] = this.enter(stop, cell);
    await this.picture?.ahead(inner, there, wide);
  }

  /**
   * Choose the layer inside: the one whose number is open, else the one that was looked at.
   * @param {Stop} stop @param {Cell | null} cell @returns {[Stop | null, Place]} that stop, and the number in it
   */
  enter(stop, cell) {
    this.stop = stop;
    this.parts = leavesOf(stop.inside);
    const owner = this.parts.findIndex(({ prefix }) => cell && nameInside(cell.symbol, prefix) !== null);
    const attention = this.parts.findIndex(({ kind }) => kind === "MultiHeadAttention");
    if (owner >= 0) this.at = owner;
    else if (this.at < 0 || this.at >= this.parts.length) this.at = Math.max(0, attention);
    const buttons = this.parts.map(({ kind, prefix }, k) => {
      const button = make("button", { type: "button", textContent: kind, title: prefix });
      button.setAttribute("aria-pressed", String(k === this.at));
      button.onclick = () => {
        this.at = k;
        this.show(stop, null).catch(this.glass.failed);
      };
      return button;
    });
    this.tabs.replaceChildren(...buttons);
    const part = this.parts[this.at];
    if (!part) return [null, { symbol: "", index: [] }];
    const inner = this.inner(part);
    const Kind = this.find(inner);
    if (Kind !== this.kind) {
      this.place.replaceChildren();
      this.kind = Kind;
      this.picture = Kind && new Kind(this.place, this.wrapped());
    }
    this.none.textContent = Kind ? "" : `${part.kind} is shown by its matrices.`;
    const symbol = cell && nameInside(cell.symbol, part.prefix);
    if (symbol) return [inner, { ...cell, symbol }];
    const main = stop.way === "backward" ? "dx" : "y";
    const first = inner.quantities.find((quantity) => quantity.symbol === main);
    const middle = (first?.shape ?? []).map((n, i) =>
      i === 0 && first?.example_axis ? this.glass.walk.example : Math.floor((n - 1) / 2),
    );
    return [inner, { symbol: first?.symbol ?? "", index: middle }];
  }

  /** The stop as the layer inside sees it. @param {Part & {prefix: string}} part @returns {Stop} */
  inner(part) {
    const stop = /** @type {Stop} */ (this.stop);
    const quantities = this.both().flatMap((one) =>
      one.quantities.flatMap((quantity) => {
        const symbol = nameInside(quantity.symbol, part.prefix);
        if (!symbol) return [];
        return [{ ...quantity, symbol, letters: quantity.letters.replace(`${part.prefix}.`, "") }];
      }),
    );
    return { ...stop, ...part, inside: null, quantities };
  }

  /** This stop, and the same layer's other way. @returns {Stop[]} */
  both() {
    const stop = /** @type {Stop} */ (this.stop);
    return [stop, ...this.glass.walk.stops.filter((other) => other.layer === stop.layer && other.id !== stop.id)];
  }

  /**
   * Which stop has a symbol of the layer inside, and what the whole calls it.
   * @param {string} symbol @returns {[Stop, string]}
   */
  outside(symbol) {
    const { prefix } = there(this.parts)[this.at];
    for (const stop of this.both())
      for (const quantity of stop.quantities)
        if (nameInside(quantity.symbol, prefix) === symbol) return [stop, quantity.symbol];
    return [/** @type {Stop} */ (this.stop), symbol];
  }

  /** What is asked of the box, by the names of the whole. @returns {Glass} */
  wrapped() {
    const { glass } = this;
    const prefix = () => there(this.parts)[this.at].prefix;
    const own = {
      array: (/** @type {Stop} */ _, /** @type {string} */ symbol, /** @type {string} */ window) =>
        glass.array(...this.outside(symbol), window),
      ofBatch: (/** @type {Stop} */ _, /** @type {string} */ symbol, /** @type {string} */ window) =>
        glass.ofBatch(...this.outside(symbol), window),
      cell: async (/** @type {Stop} */ _, /** @type {string} */ symbol, /** @type {number[]} */ index) => {
        const cell = await glass.cell(...this.outside(symbol), index);
        const leaves = cell.leaves.map((leaf) => ({
          ...leaf,
          symbol: nameInside(leaf.symbol, prefix()) ?? leaf.symbol,
        }));
        return { ...cell, symbol, leaves };
      },
      choose: (/** @type {Stop} */ _, /** @type {string} */ symbol, /** @type {number[]} */ index) =>
        glass.choose(...this.outside(symbol), index),
      lightUp: (/** @type {Place[]} */ cells) =>
        glass.lightUp(cells.map(({ symbol, index }) => ({ symbol: this.outside(symbol)[1], index }))),
      isBlank: (/** @type {string} */ symbol, /** @type {number[]} */ index) =>
        glass.isBlank?.(this.outside(symbol)[1], index),
    };
    return /** @type {any} */ (Object.assign(Object.create(glass), own));
  }

  /** @param {Place[]} cells */
  light(cells) {
    const part = this.parts?.[this.at];
    if (!part || !this.picture) return;
    const inner = cells.flatMap(({ symbol, index }) => {
      const name = nameInside(symbol, part.prefix);
      return name ? [{ symbol: name, index }] : [];
    });
    this.picture.light(inner);
  }
}
