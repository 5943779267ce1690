/** One parameter's way through the optimizer: g, its averages, the step, the new weight; its last steps as lines. */

import { fit } from "../ui/canvas.js";
import { make } from "../ui/element.js";
import { themed } from "../ui/palette.js";
import { three } from "./figures.js";
import { keyOf } from "./opened_step.js";

/** @import {ParameterChain} from "../server/one_step.js" */
/** @import {Glass} from "./opened_step.js" */

export class ParameterHistory {
  /** @param {Glass} glass */
  constructor(glass) {
    this.glass = glass;
    this.element = make("div", { className: "parameter-history" });
    this.k = -1;
    /** @type {import("./opened_step.js").OpenedStep | null} of which step it is */
    this.opened = null;
    /** @type {ParameterChain["past"]} */
    this.past = null;
    /** @type {Map<string, HTMLElement>} */
    this.rows = new Map();
    this.element.addEventListener("pointerover", ({ target }) => {
      const row = /** @type {HTMLElement} */ (target).closest("tr");
      if (row?.dataset.symbol) glass.lightUp([{ symbol: row.dataset.symbol, index: [glass.k] }]);
    });
    this.element.addEventListener("pointerleave", () => glass.lightUp([]));
  }

  /** @param {number} wish */
  async show(wish) {
    const { glass } = this;
    const { source, opened, k } = glass;
    const isAnother = k !== this.k || opened !== this.opened; // its history does not stand under this one
    if (isAnother || !source?.parameter) this.element.replaceChildren();
    [this.k, this.opened] = [k, opened];
    if (!source?.parameter || k < 0) return;
    const found = await opened.once(
      `parameter ${k}`,
      () => source.parameter?.(opened.walk.step, k) ?? Promise.reject(),
    );
    if (wish === glass.wish && found) this.draw(found);
  }

  redraw() {
    if (this.past && this.canvas?.isConnected) this.paint(this.past);
  }

  /** @param {ParameterChain} chain */
  draw({ position, name, index, quantities, past, why }) {
    const { glass } = this;
    this.rows.clear();
    const rows = quantities.map((cell) => {
      const home = [glass.stop, glass.opened.updating(cell.symbol)];
      const quantity = home.flatMap((stop) => stop?.quantities ?? []).find(({ symbol }) => symbol === cell.symbol);
      const open = make("button", { type: "button", className: `glass-leaf role-${quantity?.role ?? "state"}` });
      open.textContent = cell.shown ?? three(cell.value);
      open.dataset.value = cell.exact;
      open.onclick = () => glass.chooseHere(cell.symbol, cell.index);
      const row = make(
        "tr",
        {},
        make("th", { scope: "row", textContent: quantity?.letters ?? cell.symbol }),
        make("td", { className: "muted", textContent: cell.numbers === cell.shown ? "" : cell.numbers }),
        make("td", { className: "num" }, open),
      );
      row.dataset.symbol = cell.symbol;
      this.rows.set(keyOf(cell.symbol, cell.index), row);
      return row;
    });
    const caption = make("caption", {
      textContent: `${name}[${index.join(",")}] of layer ${position + 1}, from g to its new value`,
    });
    const table = make("table", {}, caption, make("tbody", {}, ...rows));
    const lines = past ? [this.lines(past)] : why ? [make("p", { className: "caption", textContent: why })] : [];
    this.element.replaceChildren(...lines, table);
    this.past = past;
    if (past) this.paint(past);
  }

  /** @param {NonNullable<ParameterChain["past"]>} past */
  lines(past) {
    this.canvas = make("canvas");
    this.canvas.setAttribute("role", "img");
    const last = past.g.at(-1) ?? null;
    this.canvas.setAttribute(
      "aria-label",
      `g and the steps of the last ${past.steps.length} steps; g is ${three(last)} now`,
    );
    const words = `The last ${past.steps.length} steps: g, and how far it moved`;
    return make("figure", {}, this.canvas, make("figcaption", { className: "caption", textContent: words }));
  }

  /** @param {NonNullable<ParameterChain["past"]>} past */
  paint({ g, moved }) {
    if (!this.canvas) return;
    const { ctx, width, height } = fit(this.canvas);
    const half = height / 2;
    for (const [values, colour, top] of /** @type {const} */ ([
      [g, "role-gradient", 0],
      [moved, "role-weight", half],
    ])) {
      const largest = Math.max(...values.map((v) => Math.abs(v ?? 0)), Number.MIN_VALUE);
      const middle = top + half / 2;
      ctx.strokeStyle = themed("line");
      ctx.lineWidth = 1;
      ctx.strokeRect(0, middle, width, 0);
      ctx.strokeStyle = themed(colour);
      ctx.lineWidth = 1.5;
      ctx.setLineDash(colour === "role-gradient" ? [4, 3] : []);
      ctx.beginPath();
      for (const [i, v] of values.entries())
        ctx.lineTo((i / Math.max(1, values.length - 1)) * width, middle - ((v ?? 0) / largest) * (half / 2 - 3));
      ctx.stroke();
    }
  }

  /** @param {Set<string>} keys */
  light(keys) {
    for (const [key, row] of this.rows) row.classList.toggle("lit", keys.has(key));
  }
}
