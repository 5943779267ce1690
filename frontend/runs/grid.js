/**
 * The table itself: only the lines that are seen are there, however many there are. It is a grid for keyboards and
 * screen readers: arrows go from cell to cell, Space selects, Enter opens, F2 writes.
 */

import { count } from "../state/numbers.js";
import { make } from "../ui/element.js";
import { icon } from "../ui/icons.js";
import { cell, isNumber, LONGEST, nameOf, oneLine, score, signature, termOf, titleOf, WRITABLE } from "./cells.js";
import { orders } from "./view.js";

/** @import {RunColumn} from "../server/run_table.js" */
/** @import {Store} from "../state/store.js" */
/** @import {Line, Lines, Section} from "./lines.js" */
/** @import {Row} from "./pages.js" */
/** @import {Selection} from "./selection.js" */

const OVER = 8; // lines above and below what is seen
const [ROW, CARD] = [2.25, 5.75]; // heights in rem; on a phone a run is a card
const MARGIN = 2.5; // rem, of the boxes that select
const STEP = 1; // rem by which a key widens a column
const DRAGGED = 5; // pixels after which a head is moved, not pressed

/**
 * What the grid asks of the window around it.
 * @typedef {object} Actions
 * @property {(row: Row) => void} open
 * @property {(row: Row, field: string, value: string) => Promise<void>} write
 * @property {(name: string, more: boolean) => void} sort
 * @property {(name: string, width: number, done: boolean) => void} widen
 * @property {(name: string, to: number) => void} move
 * @property {() => void} remove what is selected
 * @property {(error: unknown) => void} failed
 */
/** @typedef {HTMLElement & {line?: Line, said?: string[]}} RowElement */

/** @param {HTMLElement} element @param {Record<string, string | number | boolean>} said */
function aria(element, said) {
  for (const [name, value] of Object.entries(said)) element.setAttribute(`aria-${name}`, String(value));
}

/** @param {string} role @param {string} className @param {(Node | string)[]} children */
function part(role, className, ...children) {
  const made = make("div", { className }, ...children);
  made.setAttribute("role", role);
  if (role === "gridcell" || role === "columnheader") made.tabIndex = -1; // a click and a script can reach it
  return made;
}

/** Say of the cells of a row where they stand. @param {HTMLElement} row */
function number(row) {
  [...row.children].forEach((place, k) => {
    place.setAttribute("aria-colindex", String(k + 1));
  });
}

export class Grid {
  /** @param {Lines} lines @param {Selection} selection @param {Store} store @param {Actions} actions */
  constructor(lines, selection, store, actions) {
    this.lines = lines;
    this.selection = selection;
    this.store = store;
    this.actions = actions;
    /** @type {RunColumn[]} */
    this.columns = [];
    /** @type {number[]} in rem */
    this.widths = [];
    this.order = "";
    this.headsOf = ""; // the columns and the order that the heads were drawn for
    this.isStretched = true;
    this.wasNarrow = false;
    /** where a keyboard is: line −1 is the heads, column 0 the boxes that select */
    this.active = { line: -1, column: 1 };
    /** @type {Map<number, RowElement>} */
    this.rows = new Map();
    this.narrow = matchMedia("(max-width: 47.5em)");
    this.heads = part("row", "grid-heads");
    this.body = part("rowgroup", "grid-body");
    this.element = part("grid", "run-grid", part("rowgroup", "grid-head", this.heads), this.body);
    aria(this.element, { label: "Runs", multiselectable: true });
    this.element.onscroll = () => this.draw();
    this.element.onkeydown = (event) => this.key(event);
    this.body.onclick = (event) => this.click(event);
    this.body.ondblclick = (event) => this.doubleClick(event);
    this.body.onmousedown = (event) => {
      if (event.shiftKey) event.preventDefault(); // a range of runs is meant, not of letters
    };
    this.element.addEventListener("focusin", (event) => this.follow(/** @type {Element} */ (event.target)));
    this.narrow.addEventListener("change", () => this.lay(this.columns, this.widths, this.order));
    new ResizeObserver(() => this.draw()).observe(this.element);
  }

  get isNarrow() {
    return this.narrow.matches;
  }

  /** Whether a person writes in a cell. */
  get isWritten() {
    return this.body.querySelector("[data-writing]") !== null;
  }

  /** In pixels. */
  get rem() {
    return Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
  }

  get height() {
    return Math.round((this.isNarrow ? CARD : ROW) * this.rem);
  }

  /** Have other columns. @param {RunColumn[]} columns @param {number[]} widths in rem @param {string} order */
  lay(columns, widths, order, isStretched = this.isStretched) {
    const names = (/** @type {RunColumn[]} */ all) => all.map(({ name, kind }) => `${name} ${kind}`).join();
    const isSame = names(columns) === names(this.columns) && this.wasNarrow === this.isNarrow;
    const focused = this.element.contains(document.activeElement);
    this.columns = columns;
    this.widths = widths;
    this.order = order;
    this.isStretched = isStretched;
    this.wasNarrow = this.isNarrow;
    this.active.column = Math.min(this.active.column, columns.length);
    aria(this.element, { colcount: columns.length + 1 });
    if (!isSame) {
      for (const row of this.rows.values()) row.remove();
      this.rows.clear();
    }
    this.fit();
    const heads = JSON.stringify([columns, order]);
    if (heads === this.headsOf)
      this.showSelection(); // made anew, one that is pressed or dragged would be lost
    else this.drawHeads();
    this.headsOf = heads;
    this.draw();
    if (focused && !this.element.contains(document.activeElement))
      this.cellAt(this.active.line, this.active.column)?.focus({ preventScroll: true });
  }

  /** Take over the widths. */
  fit() {
    const all = this.widths.map((w, i) => (i === 0 && this.isStretched ? `minmax(${w}rem, 1fr)` : `${w}rem`));
    const whole = MARGIN + this.widths.reduce((sum, w) => sum + w, 0);
    this.element.style.setProperty("--columns", `${MARGIN}rem ${all.join(" ")}`);
    this.element.style.setProperty("--whole", `${whole}rem`);
  }

  drawHeads() {
    const sorts = orders(this.order);
    const heads = this.columns.map((column, i) => {
      const sort = sorts.findIndex(({ name }) => name === column.name);
      const button = make("button", { type: "button", className: "quiet sorter", tabIndex: -1 });
      button.append(make("span", { textContent: titleOf(column) }));
      if (termOf(column)) button.dataset.term = termOf(column);
      if (sort >= 0 && sorts.length > 1) button.append(make("sup", { textContent: String(sort + 1) }));
      const grip = make("span", { className: "grip" });
      aria(grip, { hidden: true });
      const head = part("columnheader", isNumber(column) ? "number" : "", button, grip);
      head.dataset.column = column.name;
      head.title = column.help ?? "";
      aria(head, { colindex: i + 2 });
      if (sort >= 0) aria(head, { sort: sorts[sort].isDescending ? "descending" : "ascending" });
      this.drag(head, button, grip, column.name);
      return head;
    });
    const all = make("input", { type: "checkbox", tabIndex: -1, className: "select-all" });
    aria(all, { label: "Select all runs that match" });
    all.onchange = () => {
      if (all.checked) this.selection.takeAll();
      else this.selection.clear();
    };
    const box = part("columnheader", "box", all);
    aria(box, { colindex: 1 });
    this.heads.replaceChildren(box, ...heads);
    aria(this.heads, { rowindex: 1 });
    this.markActive();
    this.showSelection();
  }

  /**
   * Let a head be pressed, moved along and widened.
   * @param {HTMLElement} head @param {HTMLElement} button @param {HTMLElement} grip @param {string} name
   */
  drag(head, button, grip, name) {
    let isMoved = false;
    button.onclick = (event) => {
      if (!isMoved) this.actions.sort(name, event.shiftKey);
      isMoved = false;
    };
    grip.onpointerdown = (event) => {
      event.preventDefault();
      grip.setPointerCapture(event.pointerId);
      const i = this.columns.findIndex((column) => column.name === name);
      const [from, width] = [event.clientX, head.offsetWidth];
      const widthAt = (/** @type {PointerEvent} */ e) => (width + e.clientX - from) / this.rem;
      grip.onpointermove = (e) => {
        this.actions.widen(name, widthAt(e), false);
        this.isStretched = this.isStretched && i !== 0;
        this.fit();
      };
      grip.onpointerup = (e) => {
        grip.onpointermove = grip.onpointerup = null;
        this.actions.widen(name, widthAt(e), true);
      };
    };
    button.onpointerdown = (event) => {
      if (event.button || event.pointerType === "touch") return;
      const from = event.clientX;
      const move = (/** @type {PointerEvent} */ e) => {
        if (Math.abs(e.clientX - from) < DRAGGED && !isMoved) return;
        isMoved = true;
        head.classList.add("moving");
        head.style.translate = `${e.clientX - from}px`;
      };
      const end = (/** @type {PointerEvent} */ e) => {
        removeEventListener("pointermove", move);
        removeEventListener("pointerup", end);
        removeEventListener("pointercancel", end);
        head.classList.remove("moving");
        head.style.translate = "";
        if (!isMoved) return;
        setTimeout(() => {
          isMoved = false; // the click that follows is not meant
        });
        const others = [.../** @type {HTMLElement[]} */ ([...this.heads.children]).slice(1)].filter((h) => h !== head);
        const to = others.filter((h) => h.getBoundingClientRect().left + h.offsetWidth / 2 < e.clientX).length;
        this.actions.move(name, to);
      };
      addEventListener("pointermove", move);
      addEventListener("pointerup", end);
      addEventListener("pointercancel", end);
    };
  }

  // ── the lines that are seen ──

  /** Draw what is seen, and the line where the keyboard is. */
  draw() {
    const { element, body, height, lines } = this;
    const n = lines.length;
    body.style.height = `${n * height}px`;
    aria(element, { rowcount: n + 1 });
    element.setAttribute("role", lines.by ? "treegrid" : "grid");
    if (!element.clientHeight) return;
    const top = Math.max(0, element.scrollTop);
    const first = Math.max(0, Math.floor(top / height) - OVER);
    const last = Math.min(n - 1, Math.ceil((top + element.clientHeight) / height) + OVER);
    lines.look(Math.floor(top / height), Math.ceil((top + element.clientHeight) / height));
    if (this.active.line >= n) this.active.line = n - 1;
    const wanted = new Set();
    for (let i = first; i <= last; i++) wanted.add(i);
    if (this.active.line >= 0) wanted.add(this.active.line);
    for (const [i, row] of this.rows) {
      if (wanted.has(i)) continue;
      row.remove();
      this.rows.delete(i);
    }
    /** @type {Element | null} */
    let before = null;
    for (const i of [...wanted].sort((a, b) => a - b)) {
      const row = this.row(i);
      if (row.previousElementSibling !== before || !row.isConnected)
        body.insertBefore(row, before ? before.nextSibling : body.firstChild);
      before = row;
    }
    this.markActive();
  }

  /** Give the element of a line as it is now. @param {number} i @returns {RowElement} */
  row(i) {
    const line = /** @type {Line} */ (this.lines.at(i));
    let element = this.rows.get(i);
    if (element?.line && (element.line.k < 0 !== line.k < 0 || !element.line.row !== !line.row)) {
      element.replaceChildren(); // it is of another kind now
      for (const name of ["data-run", "aria-selected", "aria-expanded"]) element.removeAttribute(name);
      element.said = undefined;
    }
    if (!element) {
      element = /** @type {RowElement} */ (part("row", "grid-row"));
      element.style.transform = `translateY(${i * this.height}px)`;
      element.dataset.line = String(i);
      aria(element, { rowindex: i + 2 });
      this.rows.set(i, element);
    }
    element.line = line;
    if (line.k < 0) this.drawGroup(element, line.section);
    else if (line.row) this.drawRun(element, line.row);
    else this.drawNothing(element);
    return element;
  }

  /** @param {RowElement} element */
  drawNothing(element) {
    if (element.said) return;
    element.said = [];
    element.className = "grid-row waiting";
    element.replaceChildren(part("gridcell", "box"), ...this.columns.map(() => part("gridcell", "", make("i"))));
    number(element);
  }

  /** @param {RowElement} element @param {Section} section */
  drawGroup(element, section) {
    const { title, count: n, best, goal } = /** @type {NonNullable<Section["group"]>} */ (section.group);
    const words = `${count(n)} ${n === 1 ? "run" : "runs"}`;
    const said = [title, words, score(best, goal), String(section.isOpen)];
    aria(element, { expanded: section.isOpen, level: 1 });
    if (element.said?.join() === said.join()) return;
    element.said = said;
    element.className = "grid-row of-group";
    const fold = make("button", { type: "button", className: "quiet fold", tabIndex: -1 });
    fold.append(icon("down"), make("b", { dir: "auto", textContent: title }));
    fold.onclick = () => {
      this.lines.fold(section);
      this.go(Number(element.dataset.line), 0);
    };
    aria(fold, { expanded: section.isOpen });
    const bestWords = best === null ? "" : `best ${score(best, goal)}`;
    const whole = part(
      "gridcell",
      "whole",
      fold,
      make("span", { textContent: words }),
      make("span", { textContent: bestWords }),
    );
    aria(whole, { colindex: 1, colspan: this.columns.length + 1 });
    element.replaceChildren(whole);
  }

  /** @param {RowElement} element @param {Row} row */
  drawRun(element, row) {
    const isThis = row.id === this.store.run?.id;
    const isSelected = this.selection.has(row.id);
    const className = `grid-row${isThis ? " this" : ""}${isSelected ? " selected" : ""}`;
    if (element.className !== className) element.className = className;
    aria(element, { selected: isSelected });
    if (this.lines.by) aria(element, { level: 2 });
    const isOther = element.dataset.run !== row.id;
    if (!element.said) {
      const box = make("input", { type: "checkbox", tabIndex: -1 });
      element.replaceChildren(part("gridcell", "box", box));
      element.append(...this.columns.map((column) => part("gridcell", isNumber(column) ? "number" : "")));
      number(element);
      this.columns.forEach(({ name }, k) => {
        /** @type {HTMLElement} */ (element.children[k + 1]).dataset.column = name;
      });
      element.said = [];
    }
    element.dataset.run = row.id;
    const box = /** @type {HTMLInputElement} */ (element.children[0].firstElementChild);
    box.checked = isSelected;
    if (isOther || box.ariaLabel !== `Select ${nameOf(row)}`) box.ariaLabel = `Select ${nameOf(row)}`;
    const said = element.said;
    this.columns.forEach((column, k) => {
      const now = (column.name === "name" ? `${isThis}` : "") + signature(column, row);
      if (!isOther && said[k] === now) return;
      const place = /** @type {HTMLElement} */ (element.children[k + 1]);
      if (place.dataset.writing !== undefined && !isOther) return; // a person writes there
      said[k] = now;
      this.drawCell(place, column, row);
    });
  }

  /** @param {HTMLElement} place @param {RunColumn} column @param {Row} row */
  drawCell(place, column, row) {
    if (column.name === "name") place.replaceChildren(...this.name(row));
    else {
      const said = cell(column, row);
      place.replaceChildren(...(said.length ? this.label(column) : []), ...said);
    }
    place.title = place.textContent ?? ""; // all of it, where the column is too narrow for it
    if (!this.isWritable(column.name) || this.isNarrow) return;
    const pen = make("button", { type: "button", className: "quiet tiny write", tabIndex: -1 }, icon("pen"));
    aria(pen, {
      label: `${column.name === "name" ? "Rename" : `Write ${titleOf(column).toLowerCase()} of`} ${nameOf(row)}`,
    });
    pen.onclick = () => this.write(place, column.name, row);
    place.append(pen);
  }

  /** Whether who is here may write in a column: a visitor only reads. @param {string} name */
  isWritable(name) {
    return WRITABLE.includes(name) && !this.store.catalog.view_only;
  }

  /** On a card each value says what it is. @param {RunColumn} column */
  label(column) {
    return this.isNarrow ? [make("span", { className: "of-column", textContent: `${titleOf(column)} ` })] : [];
  }

  /** @param {Row} row */
  name(row) {
    const open = make("button", { type: "button", className: "run-name", tabIndex: -1 });
    open.append(make("bdi", { textContent: nameOf(row) }));
    open.onclick = () => this.actions.open(row);
    const isThis = row.id === this.store.run?.id;
    const about = isThis ? "on the page" : row.name ? "" : (row.words ?? "");
    return [open, ...(about ? [make("span", { className: "about", dir: "auto", textContent: about })] : [])];
  }

  /** Say at the boxes what is selected, and at that of all whether all are. */
  showSelection() {
    for (const row of this.rows.values()) if (row.line?.row) this.drawRun(row, row.line.row);
    const all = /** @type {HTMLInputElement | null} */ (this.heads.querySelector(".select-all"));
    const n = this.selection.count(this.lines.total);
    if (!all) return;
    all.checked = n > 0 && n === this.lines.total;
    all.indeterminate = n > 0 && !all.checked;
  }

  /** Remember where the runs stand that are seen. */
  anchor() {
    const { element, height, lines, active, selection } = this;
    const top = Math.floor(element.scrollTop / height);
    const id = (/** @type {number | null} */ i) => (i === null || i < 0 ? undefined : lines.at(i)?.row?.id);
    return { top, seen: id(top), active: id(active.line), from: id(selection.anchor) };
  }

  /** Have them seen where they were: what came in above moves nothing. @param {ReturnType<Grid["anchor"]>} before */
  stay({ top, seen, active, from }) {
    const { lines, element, height } = this;
    const place = (/** @type {string | undefined} */ id) => (id ? lines.lineOf(id) : -1);
    const now = place(seen);
    if (top > 0 && now >= 0 && now !== top) element.scrollTop += (now - top) * height;
    if (place(from) >= 0) this.selection.anchor = place(from);
    const line = place(active);
    if (line < 0 || line === this.active.line) return;
    const isHere = this.body.contains(document.activeElement) && !this.isWritten;
    this.active.line = line;
    this.draw();
    if (isHere) this.cellAt(line, this.active.column)?.focus({ preventScroll: true });
  }

  // ── the keyboard ──

  /** @param {number} line @param {number} column @returns {HTMLElement | undefined} */
  cellAt(line, column) {
    const row = line < 0 ? this.heads : this.rows.get(line);
    const cells = row?.children ?? [];
    return /** @type {HTMLElement | undefined} */ (cells[Math.min(column, cells.length - 1)]);
  }

  /** One cell can be reached by Tab. */
  markActive() {
    const at = this.cellAt(this.active.line, this.active.column);
    for (const old of this.element.querySelectorAll('[tabindex="0"]'))
      if (old !== at && old.matches("[role=gridcell], [role=columnheader]")) old.setAttribute("tabindex", "-1");
    if (at && at.tabIndex !== 0) at.tabIndex = 0;
  }

  /** Remember which cell was reached, by whatever way. @param {Element} target */
  follow(target) {
    const place = target.closest("[role=gridcell], [role=columnheader]");
    const row = /** @type {HTMLElement | null} */ (place?.closest("[role=row]"));
    if (!place || !row) return;
    const line = row === this.heads ? -1 : Number(row.dataset.line);
    this.active = { line, column: [...row.children].indexOf(place) };
    this.markActive();
  }

  /** Go to a cell, and have it seen. @param {number} line @param {number} column */
  go(line, column) {
    const n = this.lines.length;
    this.active = {
      line: Math.max(this.isNarrow ? 0 : -1, Math.min(n - 1, line)),
      column: Math.max(0, Math.min(this.columns.length, column)),
    };
    if (this.active.line >= 0) this.bring(this.active.line);
    this.draw();
    const at = this.cellAt(this.active.line, this.active.column);
    at?.focus({ preventScroll: true });
    at?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  /** Have a line seen. @param {number} line */
  bring(line) {
    const { element, height } = this;
    const room = element.clientHeight - this.heads.offsetHeight;
    const [top, bottom] = [line * height, (line + 1) * height];
    if (top < element.scrollTop) element.scrollTop = top;
    else if (bottom > element.scrollTop + room) element.scrollTop = bottom - room;
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    if (event.altKey || target.closest("[data-writing]")) return;
    const { line, column } = this.active;
    const isHeld = event.ctrlKey || event.metaKey;
    const page = Math.max(1, Math.floor(this.element.clientHeight / this.height) - 2);
    const head = line < 0 ? this.columns[column - 1] : undefined;
    const isAlong = event.key === "ArrowLeft" || event.key === "ArrowRight";
    if (head && isAlong && (event.shiftKey || isHeld)) {
      event.preventDefault();
      const by = event.key === "ArrowLeft" ? -1 : 1;
      if (event.shiftKey) this.actions.widen(head.name, this.widths[column - 1] + by * STEP, true);
      else this.actions.move(head.name, column - 1 + by);
      this.go(-1, event.shiftKey ? column : column + by);
      return;
    }
    const section = line >= 0 ? this.lines.at(line) : undefined;
    if (section && section.k < 0 && isAlong) {
      event.preventDefault();
      if (section.section.isOpen !== (event.key === "ArrowRight")) this.lines.fold(section.section);
      return;
    }
    /** @type {Record<string, [number, number]>} */
    const ways = {
      ArrowDown: [line + 1, column],
      ArrowUp: [line - 1, column],
      ArrowRight: [line, column + 1],
      ArrowLeft: [line, column - 1],
      PageDown: [Math.max(line, 0) + page, column],
      PageUp: [Math.max(0, line - page), column],
      Home: [isHeld ? 0 : line, isHeld ? column : 0],
      End: [isHeld ? this.lines.length - 1 : line, isHeld ? column : this.columns.length],
    };
    const way = ways[event.key];
    if (way) {
      event.preventDefault();
      this.go(...way);
      if (event.shiftKey && line >= 0 && !isAlong) {
        this.selection.anchor ??= line; // the run where the keyboard was belongs to the range
        this.takeRange(this.active.line);
      }
      return;
    }
    const act = this.actFor(event, isHeld);
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  /** @param {KeyboardEvent} event @param {boolean} isHeld @returns {(() => void) | undefined} */
  actFor(event, isHeld) {
    const { line, column } = this.active;
    const { selection } = this;
    const on = /** @type {HTMLElement} */ (event.target);
    if (isHeld && event.key.toLowerCase() === "a") return () => selection.takeAll();
    if (line < 0) {
      const control = /** @type {HTMLElement | null} */ (this.cellAt(-1, column)?.querySelector("button, input"));
      const isPress = event.key === "Enter" || event.key === " ";
      if (!isPress || !control || on === control) return undefined;
      const name = this.columns[column - 1]?.name;
      return () => (name ? this.actions.sort(name, event.shiftKey) : control.click());
    }
    const there = this.lines.at(line);
    if (!there) return undefined;
    if (there.k < 0)
      return event.key === "Enter" || event.key === " " ? () => this.lines.fold(there.section) : undefined;
    const { row } = there;
    if (!row) return undefined;
    const name = this.columns[column - 1]?.name ?? "";
    const place = this.cellAt(line, column);
    const write = () => place && this.write(place, name, row);
    if (event.key === " ") return event.shiftKey ? () => this.takeRange(line) : () => this.press(line, row, true);
    if (event.key === "F2" && this.isWritable(name)) return write;
    if (event.key === "Enter") return name !== "name" && this.isWritable(name) ? write : () => this.actions.open(row);
    if (event.key === "Delete" && !this.store.catalog.view_only) {
      return () => {
        if (!selection.count(this.lines.total)) selection.take([row.id]);
        this.actions.remove();
      };
    }
    return undefined;
  }

  // ── the pointer ──

  /** Select a run beside the others, or no more. @param {number} line @param {Row} row @param {boolean} more */
  press(line, row, more) {
    if (more) this.selection.toggle(row.id);
    else this.selection.take([row.id]);
    this.selection.anchor = line;
  }

  /** Select all from where it was begun. @param {number} line */
  async takeRange(line) {
    const from = this.selection.anchor ?? line;
    this.selection.anchor = from;
    try {
      this.selection.take(await this.lines.ids(Math.min(from, line), Math.max(from, line)));
    } catch (error) {
      this.actions.failed(error);
    }
  }

  /** @param {MouseEvent} event */
  click(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    const element = /** @type {RowElement | null} */ (target.closest(".grid-row"));
    const { line } = element ?? {};
    if (!element || !line?.row || target.closest("button, [data-writing]")) return;
    const i = Number(element.dataset.line);
    const isBox = target.closest(".box") !== null;
    if (event.shiftKey) this.takeRange(i);
    else this.press(i, line.row, isBox || event.ctrlKey || event.metaKey || this.isNarrow);
    const place = target.closest("[role=gridcell]");
    if (!isBox && place instanceof HTMLElement) place.focus({ preventScroll: true });
  }

  /** @param {MouseEvent} event */
  doubleClick(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    const place = /** @type {HTMLElement | null} */ (target.closest("[data-column]"));
    const row = /** @type {RowElement | null} */ (target.closest(".grid-row"))?.line?.row;
    if (!place || !row || target.closest("button, input")) return;
    const name = place.dataset.column ?? "";
    if (this.isWritable(name) && name !== "name") this.write(place, name, row);
    else this.actions.open(row);
  }

  // ── writing ──

  /**
   * Let a person write a name, a note or tags: Enter or leaving it keeps it, Escape brings back what was there.
   * @param {HTMLElement} place @param {string} field @param {Row} row
   */
  write(place, field, row) {
    if (place.dataset.writing !== undefined) return;
    place.dataset.writing = "";
    const before = oneLine([row[field] ?? ""].flat().join(", "));
    const input = make("input", { type: "text", value: before, dir: "auto", maxLength: LONGEST[field] });
    input.placeholder = field === "tags" ? "words, with commas between" : field === "name" ? nameOf(row) : "a note";
    aria(input, { label: `${titleOf({ title: field })} of ${nameOf(row)}` });
    let isOver = false;
    const end = (/** @type {boolean} */ kept, /** @type {boolean} */ stays) => {
      if (isOver) return;
      isOver = true;
      const { value } = input;
      delete place.dataset.writing;
      const column = this.columns.find(({ name }) => name === field);
      if (column) this.drawCell(place, column, row);
      if (stays) place.focus({ preventScroll: true });
      if (kept && value.trim() !== before) this.actions.write(row, field, value.trim()).catch(this.actions.failed);
    };
    input.onkeydown = (event) => {
      if (event.key !== "Enter" && event.key !== "Escape") return;
      event.preventDefault();
      event.stopPropagation(); // Escape was for what is typed
      end(event.key === "Enter", true);
    };
    input.onblur = () => end(true, false);
    place.replaceChildren(input);
    input.focus();
    input.select();
  }
}
