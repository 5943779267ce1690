/**
 * All parameters of a layer as tables, a part at a time: a filter's cells, a gate's weights, a head's. A cell that is
 * chosen is a number that can be set.
 */

import { getParameters } from "../server/api.js";
import { onAxis } from "../state/numbers.js";
import { make } from "../ui/element.js";
import { weightColour } from "../ui/palette.js";

/** @import {Store} from "../state/store.js" */

/**
 * @typedef {{row: number, column: number, index: number[], value: number | null, gradient: number | null}} Cell
 * @typedef {object} Parameters a window of a table
 * @property {number} step @property {string[]} parts @property {string[]} tables @property {string} parameter
 * @property {number} rows @property {number} columns of the whole table
 * @property {number} row @property {number} column where the window begins
 * @property {number | null} scale the largest number of the parameter
 * @property {Cell[]} cells
 * @typedef {Parameters & {run: string}} Seen in which run
 */

const EVERY = 400; // milliseconds between two questions while a run trains
const DIGITS = 2;
const STRONGEST = 0.4; // of a cell's tint, on which its number is still read

export class ParameterTable {
  /**
   * @param {Store} store
   * @param {(cell: Cell | null, parameter: string) => void} chosen hears which cell is in hand, and which none is
   * @param {(cell: Cell, seen: Seen) => void} now hears what the cell in hand is like
   */
  constructor(store, chosen, now) {
    this.store = store;
    this.chosen = chosen;
    this.now = now;
    this.element = make("div", { className: "parameter-table", hidden: true });
    this.part = make("select", { onchange: () => this.go({ part: this.part.selectedIndex, table: 0 }) });
    this.table = make("select", { onchange: () => this.go({ table: this.table.selectedIndex }) });
    this.part.setAttribute("aria-label", "Whose parameters");
    this.table.setAttribute("aria-label", "Which parameter");
    this.grid = make("table");
    this.grid.setAttribute("role", "grid");
    this.moves = make("div", { className: "parameter-moves" });
    this.words = make("p", { className: "parameter-words" });
    this.words.setAttribute("role", "status");
    this.element.append(make("div", { className: "parameter-choice" }, this.part, this.table));
    this.element.append(this.moves, this.grid, this.words);
    this.asked = { layer: -1, part: 0, table: 0, row: 0, column: 0 };
    /** @type {[number, number] | null} the cell in hand */
    this.at = null;
    /** @type {Seen | null} */
    this.seen = null;
    this.step = 0; // that the pictures show
    this.of = ""; // the run, the step and the window that is seen
    this.timer = 0;
    this.isAsking = false;
  }

  /**
   * Show a part of a layer, or nothing; what is shown already stays.
   * @param {{layer: number, part: number} | null} what
   */
  about(what) {
    this.element.hidden = what === null;
    if (!what) {
      this.asked.layer = -1;
      return;
    }
    const { layer, part } = this.asked;
    if (what.layer === layer && (what.part === part || this.begun === what.part)) {
      this.choose(this.at);
      if (this.of !== this.name()) this.ask();
      return;
    }
    this.begun = what.part;
    this.of = "";
    this.grid.replaceChildren();
    this.go({ ...what, table: 0 });
  }

  /** @type {number | undefined} the part that it was opened for, while another may be chosen */
  begun = undefined;

  /** Show another window. @param {Partial<ParameterTable["asked"]>} where */
  go(where) {
    if (!("row" in where || "column" in where)) Object.assign(this.asked, { row: 0, column: 0 });
    Object.assign(this.asked, where);
    this.choose(null);
    this.ask();
  }

  /** The numbers may be others: look again in a moment. @param {number} step that the pictures show */
  soon(step) {
    const { run } = this.store;
    this.step = step;
    if (this.element.hidden || !run || this.timer || this.of === this.name()) return;
    this.timer = window.setTimeout(() => {
      this.timer = 0;
      this.ask();
    }, EVERY);
  }

  /** What would be seen now. */
  name() {
    const { run, at } = this.store;
    return JSON.stringify([run?.id, at ?? this.step, this.asked]);
  }

  async ask() {
    const { run, at } = this.store;
    const { layer, ...rest } = this.asked;
    if (!run || layer < 0 || this.isAsking) return;
    const name = this.name();
    this.isAsking = true;
    try {
      const seen = await getParameters(run.id, layer, at === null ? rest : { ...rest, step: at });
      this.of = name;
      if (JSON.stringify({ layer, ...rest }) === JSON.stringify(this.asked)) this.show({ ...seen, run: run.id });
    } catch (error) {
      this.words.textContent = error instanceof Error ? error.message : String(error);
      this.of = name; // not asked again until something is another
    } finally {
      this.isAsking = false;
    }
    if (this.of !== this.name()) this.soon(this.step);
  }

  /** @param {Seen} seen */
  show(seen) {
    const isFirst = !this.grid.rows.length;
    const isNew = !this.seen || shapeOf(seen) !== shapeOf(this.seen) || !this.grid.rows.length;
    this.seen = seen;
    offer(this.part, seen.parts, this.asked.part);
    offer(this.table, seen.tables, this.asked.table);
    Object.assign(this.asked, { row: seen.row, column: seen.column });
    if (isNew) this.build(seen);
    for (const cell of seen.cells) {
      const made = this.cell(cell.row, cell.column);
      if (!made) continue;
      const { value } = cell;
      made.textContent = value === null ? "NaN" : onAxis(value, DIGITS);
      const share = value === null ? 0 : Math.abs(value) / (seen.scale || 1);
      made.style.background = value ? weightColour(value, STRONGEST * share) : "";
      made.setAttribute("aria-label", `row ${cell.row + 1}, column ${cell.column + 1}: ${made.textContent}`);
    }
    const held = this.held;
    if (held) this.now(held, seen);
    if (isFirst) this.grew();
    this.words.textContent =
      seen.rows * seen.columns > seen.cells.length
        ? `${seen.rows} × ${seen.columns}, from row ${seen.row + 1}, column ${seen.column + 1} on`
        : "";
  }

  /** The cell in hand, as it is now. */
  get held() {
    const { at, seen } = this;
    return (at && seen?.cells.find(({ row, column }) => row === at[0] && column === at[1])) || null;
  }

  /** @param {number} row @param {number} column */
  cell(row, column) {
    return /** @type {HTMLElement | null} */ (this.grid.querySelector(`[data-at="${row},${column}"]`));
  }

  /** @param {Parameters} seen */
  build(seen) {
    const { row, column, cells } = seen;
    this.grid.setAttribute("aria-label", seen.tables[this.asked.table]);
    const rows = new Map();
    for (const cell of cells) {
      if (!rows.has(cell.row)) rows.set(cell.row, make("tr"));
      const made = make("td", { tabIndex: -1 });
      made.dataset.at = `${cell.row},${cell.column}`;
      made.onclick = () => this.choose([cell.row, cell.column], true);
      made.onkeydown = (event) => this.key(event, cell);
      rows.get(cell.row).append(made);
    }
    this.grid.replaceChildren(...rows.values());
    const first = this.cell(...(this.at ?? [row, column])) ?? this.cell(row, column);
    if (first) first.tabIndex = 0;
    const move = (
      /** @type {string} */ words,
      /** @type {string} */ label,
      /** @type {object} */ where,
      isThere = true,
    ) => {
      const made = make("button", { type: "button", className: "quiet tiny", textContent: words, disabled: !isThere });
      made.setAttribute("aria-label", label);
      made.onclick = () => this.go({ row: this.asked.row, column: this.asked.column, ...where });
      return made;
    };
    const [high, wide] = [rows.size, cells.filter((cell) => cell.row === row).length];
    const moves = [];
    if (seen.rows > high)
      moves.push(
        move("↑", "Rows before", { row: Math.max(0, row - high) }, row > 0),
        move("↓", "Rows after", { row: row + high }, row + high < seen.rows),
      );
    if (seen.columns > wide)
      moves.push(
        move("←", "Columns before", { column: Math.max(0, column - wide) }, column > 0),
        move("→", "Columns after", { column: column + wide }, column + wide < seen.columns),
      );
    this.moves.replaceChildren(...moves);
    this.choose(this.at);
  }

  /** Go through the cells by arrow keys. @param {KeyboardEvent} event @param {Cell} cell */
  key(event, cell) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const by = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (event.key === "Enter" || event.key === " ") this.choose([cell.row, cell.column], true);
    else if (by) {
      const next = this.cell(cell.row + by[0], cell.column + by[1]);
      if (next) {
        /** @type {HTMLElement} */ (event.target).tabIndex = -1;
        next.tabIndex = 0;
        next.focus();
      }
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /**
   * Take a cell in hand, or none.
   * @param {[number, number] | null} at @param {boolean} [isByHand] whether its number gets the focus
   */
  choose(at, isByHand = false) {
    this.at = at;
    for (const old of this.grid.querySelectorAll("[aria-selected]")) old.removeAttribute("aria-selected");
    const { held, seen } = this;
    if (held) this.cell(held.row, held.column)?.setAttribute("aria-selected", "true");
    this.chosen(held, seen?.parameter ?? "");
    if (!held || !seen) return;
    this.now(held, seen);
    if (isByHand) this.focused();
  }

  /** Has the number of the cell in hand get the focus. */
  focused = () => {};

  /** Hears that the table is as large as another one now. */
  grew = () => {};
}

/** What decides how a table is built. @param {Parameters} seen */
const shapeOf = ({ tables, parameter, row, column, rows, columns, cells }) =>
  JSON.stringify([tables, parameter, row, column, rows, columns, cells.length, cells[0]?.index]);

/** Offer names in a select, where they are others. @param {HTMLSelectElement} select @param {string[]} names
 * @param {number} at which is chosen
 */
function offer(select, names, at) {
  if (select.length !== names.length || names.some((name, i) => select.options[i].text !== name))
    select.replaceChildren(...names.map((name) => new Option(name)));
  select.selectedIndex = at;
  select.hidden = names.length < 2;
}
