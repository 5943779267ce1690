/** Pictures in which a window slides over a map of pixels by itself, until it is pointed at. */

import { make } from "../../../ui/element.js";
import { grid } from "./grid.js";
import { keyOf, Picture, svg } from "./picture.js";
import { around } from "./window.js";

/** @typedef {import("./picture.js").Axis} Axis */
/** @typedef {import("./picture.js").Numbers} Numbers */
/** @typedef {import("./picture.js").Mark} Mark */

/** Pixels of a map that are shown along a side. */
export const MOST = 34;
const PAUSE = 600; // milliseconds from place to place

const isCalm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** A picture in which something moves from place to place by itself, until it is pointed at. */
export class Sliding extends Picture {
  isHeld = false;
  timer = 0;
  fixed = 0; // the marks that stay while the window slides

  /** How many places there are. */
  get count() {
    return 1;
  }
  /** Go to a place. @param {number} _k */
  async go(_k) {}

  /** Offer to hold and to let go, and begin. @param {number} from */
  slide(from) {
    clearTimeout(this.timer);
    if (this.count < 2) return this.tools.replaceChildren();
    const button = make("button", { type: "button", textContent: this.isHeld || isCalm() ? "Slide" : "Hold" });
    button.onclick = () => {
      this.isHeld = !(this.isHeld || isCalm());
      const runs = button.textContent === "Slide";
      button.textContent = runs ? "Hold" : "Slide";
      this.isHeld = !runs;
      if (runs) this.tick();
    };
    this.now = from;
    const step = (/** @type {number} */ by) => () => {
      this.isHeld = true;
      button.textContent = "Slide";
      this.now = (this.now + by + this.count) % this.count;
      this.go(this.now);
    };
    const back = make("button", { type: "button", textContent: "‹", ariaLabel: "the place before", onclick: step(-1) });
    const on = make("button", { type: "button", textContent: "›", ariaLabel: "the next place", onclick: step(1) });
    this.tools.replaceChildren(button, back, on);
    this.isHeld ||= isCalm();
    this.timer = window.setTimeout(() => this.tick(), 2 * PAUSE);
  }

  now = 0;

  async tick() {
    clearTimeout(this.timer);
    if (!this.root.isConnected) return;
    const isWatched = this.root.matches(":hover, :focus-within") || document.hidden || !this.root.checkVisibility();
    if (!this.isHeld && !isWatched) {
      this.now = (this.now + 1) % this.count;
      await this.go(this.now);
    }
    if (!this.isHeld) this.timer = window.setTimeout(() => this.tick(), PAUSE);
  }

  /** @param {Mark | null} mark @override */
  press(mark) {
    if (mark) this.isHeld = true;
    super.press(mark);
  }

  /** Draw what moves anew, its marks behind those that stay. @param {SVGElement} group @param {() => void} draw */
  moving(group, draw) {
    for (const { place } of this.all.splice(this.fixed)) {
      const key = keyOf(place.symbol, place.index);
      const kept = (this.marks.get(key) ?? []).filter((mark) => this.all.includes(mark));
      if (kept.length) this.marks.set(key, kept);
      else this.marks.delete(key);
    }
    group.replaceChildren();
    const { sheet } = this;
    this.sheet = /** @type {any} */ (group);
    draw();
    this.sheet = sheet;
  }
}

/** Where a map of pixels stands, with its padding. */
export class Maps extends Sliding {
  /** @returns {[Axis, Axis]} */
  axes() {
    const { rows, columns } = /** @type {{rows: Axis, columns: Axis}} */ (this.stop.windows);
    return [rows, columns];
  }

  /**
   * Draw one channel of an image, with padding hatched around it.
   * @param {string} symbol @param {Numbers} part @param {[number, number][]} shown rows and columns
   * @param {{x: number, y: number, size: number, tall?: number, pads?: number[],
   *   at: (i: number, j: number) => number[]}} how
   */
  map(symbol, part, shown, { x, y, size, tall: high = size, pads = [0, 0, 0, 0], at }) {
    const [[top, bottom], [left, right]] = shown;
    const [above, below, before, behind] = pads;
    const [wide, tall] = [(right - left) * size, (bottom - top) * high];
    if (above + below + before + behind) {
      const frame = { x, y, width: wide + (before + behind) * size, height: tall + (above + below) * high };
      this.sheet.append(svg("rect", { ...frame, class: "padding", fill: `url(#${this.hatch}-pad)` }));
    }
    const [x0, y0] = [x + before * size, y + above * high];
    const drawn = grid(this, {
      symbol,
      values: part.values,
      columns: right - left,
      x: x0,
      y: y0,
      size,
      tall: high,
      gap: size > 9 ? 1 : 0,
      at: (i, j) => at(top + i, left + j),
    });
    this.sheet.append(svg("rect", { x: x0 - 0.5, y: y0 - 0.5, width: wide + 1, height: tall + 1, class: "frame" }));
    const boxOf = (/** @type {number} */ p, /** @type {number} */ r) => ({
      x: x0 + (r - left) * size,
      y: y0 + (p - top) * high,
      width: size,
      height: high,
    });
    return {
      ...drawn,
      boxOf,
      tall: high,
      bottom: y + tall + (above + below) * high,
      right: x + wide + (before + behind) * size,
    };
  }

  patterns() {
    const id = `${this.hatch}-pad`;
    const tile = { id, width: 5, height: 5, patternUnits: "userSpaceOnUse", patternTransform: "rotate(-45)" };
    this.sheet.append(svg("defs", {}, svg("pattern", tile, svg("path", { d: "M0 0V5", class: "pad-line" }))));
  }
}

/** A window that slides over a map of pixels, and makes a number at each place. */
export class Windowed extends Maps {
  /** @type {number[]} row and column of the place */
  at = [0, 0];

  /** @override */
  get count() {
    const [rows, columns] = this.axes();
    return rows.count * columns.count;
  }

  /**
   * Choose the pixels and the places that are shown, rows and columns: those around the window.
   * @param {number} height @param {number} width @returns {{x: [number, number][], y: [number, number][]}}
   */
  shownAround(height, width) {
    const [rows, columns] = this.axes();
    const [i, j] = this.at;
    return {
      x: [around(height, MOST, i * rows.stride), around(width, MOST, j * columns.stride)],
      y: [around(rows.count, MOST, i), around(columns.count, MOST, j)],
    };
  }
}
