/** An array that is too large to be seen at once, small: what is shown of it is framed, and can be dragged. */

import { fit } from "../ui/canvas.js";
import { make } from "../ui/element.js";
import { themed } from "../ui/palette.js";
import { paintHeat } from "./heat.js";

const [TALLEST, WIDEST] = [96, 360]; // pixels
const GAP = 3; // pixels between maps
const [SMALLEST, LARGEST] = [0.5, 6]; // pixels of one of its numbers
const MOST_MAPS = 128;

/**
 * What is shown: one map, or several one beside the other, each of as many rows and columns.
 * @typedef {object} Plan
 * @property {number} maps
 * @property {number} at the map that is looked at
 * @property {[number, number]} whole rows and columns of a map
 * @property {[number, number]} from first row and column of the window
 * @property {[number, number]} seen rows and columns of the window
 * @property {[number, number]} small rows and columns of a map as it is drawn
 * @property {((map: number, row: number, column: number) => number | null) | null} valueAt of what is drawn
 * @property {number} largest
 * @property {string} words what it is an overview of
 */

/** @typedef {{size: number, across: number, width: number, height: number}} Layout size of a number, maps in a line */

/**
 * Lay maps out, as large as they can be; null where there is no room.
 * @param {Pick<Plan, "maps" | "small">} plan @param {number} room pixels across @returns {Layout | null}
 */
export function laidOut({ maps, small: [rows, columns] }, room) {
  if (maps > MOST_MAPS) return null;
  for (let size = LARGEST; size >= SMALLEST; size -= size > 1 ? 1 : SMALLEST) {
    const [wide, tall] = [Math.max(2, columns * size), Math.max(2, rows * size)];
    const across = Math.min(maps, Math.floor((room + GAP) / (wide + GAP)));
    const lines = Math.ceil(maps / Math.max(1, across));
    const height = lines * (tall + GAP) - GAP;
    if (across && height <= TALLEST) return { size, across, width: across * (wide + GAP) - GAP, height };
  }
  return null;
}

/**
 * Move a window by keys: by a quarter of itself, or from map to map.
 * @param {Plan} plan @param {string} key @param {number} across maps in a line
 * @returns {[map: number, row: number, column: number] | null} its new middle
 */
export function movedBy({ maps, at, whole, from, seen }, key, across) {
  const middle = /** @type {[number, number]} */ (from.map((first, axis) => first + Math.floor(seen[axis] / 2)));
  const axis = { ArrowUp: 0, ArrowDown: 0, ArrowLeft: 1, ArrowRight: 1 }[key];
  const sign = ["ArrowUp", "ArrowLeft", "PageUp"].includes(key) ? -1 : 1;
  if (axis !== undefined && whole[axis] > seen[axis]) {
    middle[axis] += sign * Math.max(1, Math.floor(seen[axis] / 4));
    return [at, ...middle];
  }
  const by = axis === 0 ? across : axis === 1 || key.startsWith("Page") ? 1 : 0;
  const to = at + sign * by;
  return by && to >= 0 && to < maps ? [to, ...middle] : null;
}

export class Overview {
  /** @param {(map: number, row: number, column: number) => void} go moves the window's middle there */
  constructor(go) {
    this.go = go;
    /** @type {Plan | null} */
    this.plan = null;
    /** @type {Layout | null} */
    this.layout = null;
    this.frame = 0;
    this.element = make("canvas", { className: "glass-overview", tabIndex: 0, hidden: true });
    this.element.setAttribute("role", "img");
    this.element.addEventListener("pointerdown", (event) => {
      event.preventDefault(); // no text is marked
      this.element.focus({ preventScroll: true });
      this.element.setPointerCapture(event.pointerId);
      this.drag(event);
    });
    this.element.addEventListener("pointermove", (event) => {
      if (this.element.hasPointerCapture(event.pointerId)) this.drag(event);
    });
    this.element.addEventListener("keydown", (event) => {
      if (!this.plan || !this.layout || event.ctrlKey || event.altKey || event.metaKey) return;
      if (!/^(Arrow|Page)/.test(event.key)) return;
      event.preventDefault(); // outside of it arrow keys go from stop to stop
      event.stopPropagation();
      const to = movedBy(this.plan, event.key, this.layout.across);
      if (to) this.go(...to);
    });
  }

  /** @param {Plan | null} plan @param {number} room pixels across */
  show(plan, room) {
    this.plan = plan;
    this.layout = plan && laidOut(plan, Math.min(WIDEST, room));
    this.element.hidden = !this.layout;
    if (!plan || !this.layout) return;
    const { width, height } = this.layout;
    this.element.style.width = `${width}px`;
    this.element.style.height = `${height}px`;
    const { at, maps, whole, from, seen } = plan;
    const named = ["rows", "columns"].map((name, axis) =>
      whole[axis] > seen[axis] ? `${name} ${from[axis]} to ${from[axis] + seen[axis] - 1} of ${whole[axis]}` : "",
    );
    const where = [maps > 1 ? `${at + 1} of ${maps} maps` : "", ...named].filter(Boolean).join(", ");
    this.element.setAttribute(
      "aria-label",
      `Overview of ${plan.words}: framed are ${where}; arrow keys move the frame`,
    );
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => {
      if (this.plan && this.layout) this.draw(this.plan, this.layout); // what it is an overview of comes first
    });
  }

  /** Where a map stands. @param {number} map @param {Plan} plan @param {Layout} layout */
  boxOf(map, { small: [rows, columns] }, { size, across }) {
    const [wide, tall] = [Math.max(2, columns * size), Math.max(2, rows * size)];
    return [(map % across) * (wide + GAP), Math.floor(map / across) * (tall + GAP), wide, tall];
  }

  /** @param {Plan} plan @param {Layout} layout */
  draw(plan, layout) {
    const { maps, at, whole, from, seen, small, valueAt, largest } = plan;
    const { ctx } = fit(this.element, [layout.width, layout.height]);
    for (let map = 0; map < maps; map++) {
      const [x, y, wide, tall] = this.boxOf(map, plan, layout);
      if (valueAt) paintHeat(ctx, small, (row, column) => valueAt(map, row, column), largest, [x, y, wide, tall]);
      else {
        ctx.fillStyle = themed("zero");
        ctx.fillRect(x, y, wide, tall);
      }
    }
    const [x, y, wide, tall] = this.boxOf(at, plan, layout);
    const [top, left] = [(from[0] / whole[0]) * tall, (from[1] / whole[1]) * wide];
    const [high, broad] = [(seen[0] / whole[0]) * tall, (seen[1] / whole[1]) * wide];
    for (const [colour, weight] of /** @type {const} */ ([
      ["paper", 4],
      ["accent", 2],
    ])) {
      ctx.strokeStyle = themed(colour);
      ctx.lineWidth = weight;
      ctx.strokeRect(x + left + 1, y + top + 1, Math.max(1, broad - 2), Math.max(1, high - 2));
    }
  }

  /** Bring the window's middle where the pointer is. @param {PointerEvent} event */
  drag({ offsetX, offsetY }) {
    const { plan, layout } = this;
    if (!plan || !layout) return;
    const [, , wide, tall] = this.boxOf(0, plan, layout);
    const within = (/** @type {number} */ i, /** @type {number} */ n) => Math.max(0, Math.min(n - 1, Math.floor(i)));
    const column = within(offsetX / (wide + GAP), layout.across);
    const line = within(offsetY / (tall + GAP), Math.ceil(plan.maps / layout.across));
    const map = Math.min(plan.maps - 1, line * layout.across + column);
    const [x, y] = this.boxOf(map, plan, layout);
    const { whole } = plan;
    this.go(
      map,
      within(((offsetY - y) / tall) * whole[0], whole[0]),
      within(((offsetX - x) / wide) * whole[1], whole[1]),
    );
  }
}
