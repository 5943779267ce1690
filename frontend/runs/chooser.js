/** The columns to choose from: those that are shown, in their order, then what differs, and with a search all. */

import { make } from "../ui/element.js";
import { titleOf } from "./cells.js";
import { moved } from "./view.js";

/** @import {RunColumn} from "../server/run_table.js" */

const MOST = 80; // at a time
/** @type {Record<RunColumn["group"], string>} */
const GROUPS = { about: "About", scores: "Scores", findings: "Findings", marks: "Marks", settings: "Settings" };

/**
 * List what is offered: of all columns those that a search finds, else those that differ between runs.
 * @param {RunColumn[]} all @param {string} search @param {boolean} isWhole whether those that do not differ are wanted
 */
export function offered(all, search, isWhole) {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (/** @type {RunColumn} */ { name, title, group }) => {
    const said = `${title} ${name.replaceAll("_", " ")} ${name} ${GROUPS[group]}`.toLowerCase();
    return words.every((word) => said.includes(word));
  };
  return all.filter((column) => (words.length ? fits(column) : isWhole || column.differs));
}

export class Chooser {
  /** @param {(columns: string[]) => void} take the empty list chooses none */
  constructor(take) {
    this.take = take;
    /** @type {RunColumn[]} */
    this.all = [];
    /** @type {string[]} */
    this.shown = [];
    this.isWhole = false;
    this.search = make("input", { type: "text", placeholder: "Search all columns", autocomplete: "off" });
    this.search.setAttribute("aria-label", "Search all columns");
    this.search.oninput = () => this.draw();
    this.list = make("div", { className: "column-chooser-list" });
    this.rest = make("button", { type: "button", className: "quiet" });
    this.rest.onclick = () => {
      this.isWhole = !this.isWhole;
      this.draw();
    };
    const usual = make("button", { type: "button", className: "quiet", textContent: "As at first" });
    usual.onclick = () => this.take([]);
    const foot = make("div", { className: "column-chooser-foot" }, this.rest, usual);
    this.element = make("div", { id: "run-columns", className: "menu column-chooser" }, this.search, this.list, foot);
    this.element.setAttribute("role", "dialog");
    this.element.setAttribute("aria-label", "Columns");
  }

  /** @param {RunColumn[]} all @param {string[]} shown */
  show(all, shown) {
    this.all = all;
    this.shown = shown;
    if (this.element.matches(":popover-open")) this.draw();
  }

  opened() {
    this.search.value = "";
    this.isWhole = false;
    this.draw();
  }

  draw() {
    const { all, shown, search } = this;
    const found = offered(all, search.value, this.isWhole);
    const here = search.value.trim() ? found.filter(({ name }) => shown.includes(name)) : this.inOrder();
    const others = found.filter(({ name }) => !shown.includes(name)).slice(0, MOST);
    const focused = /** @type {HTMLElement | null} */ (document.activeElement)?.dataset.column;
    const way = document.activeElement?.className;
    const title = search.value.trim() || this.isWhole ? "More" : "More that differ";
    this.list.replaceChildren(
      ...this.part("Shown", here),
      ...this.part(title, others),
      ...(here.length + others.length
        ? []
        : [make("p", { className: "muted", textContent: "No column is called so." })]),
    );
    const same = all.filter(({ name, differs }) => !differs && !shown.includes(name)).length;
    this.rest.hidden = Boolean(search.value.trim()) || !same;
    this.rest.textContent = this.isWhole ? "Only what differs" : `${same} more that do not differ`;
    if (focused)
      /** @type {HTMLElement | undefined} */ (
        [...this.list.querySelectorAll(`[data-column="${CSS.escape(focused)}"]`)].find((e) => e.className === way)
      )?.focus();
  }

  inOrder() {
    return this.shown.flatMap((name) => this.all.find((one) => one.name === name) ?? []);
  }

  /** @param {string} title @param {RunColumn[]} columns */
  part(title, columns) {
    if (!columns.length) return [];
    const rows = columns.map((column) => this.row(column));
    const list = make("ul", {}, ...rows);
    list.setAttribute("aria-label", title);
    return [make("h3", { textContent: title }), list];
  }

  /** @param {RunColumn} column */
  row(column) {
    const { shown } = this;
    const { name } = column;
    const isShown = shown.includes(name);
    const box = make("input", { type: "checkbox", checked: isShown, disabled: isShown && shown.length === 1 });
    box.dataset.column = name;
    box.onchange = () => this.take(isShown ? shown.filter((one) => one !== name) : [...shown, name]);
    const path = name.includes(".") ? [make("span", { className: "muted", textContent: name })] : [];
    const label = make(
      "label",
      { title: column.help ?? "" },
      box,
      make("span", { textContent: titleOf(column) }),
      ...path,
    );
    const at = shown.indexOf(name);
    const step = (/** @type {string} */ sign, /** @type {string} */ words, /** @type {number} */ by) => {
      const to = at + by;
      const made = make("button", { type: "button", className: `quiet tiny ${words}`, textContent: sign });
      made.dataset.column = name;
      made.disabled = to < 0 || to >= shown.length;
      made.setAttribute("aria-label", `Move ${column.title} ${words}`);
      made.onclick = () => this.take(moved(shown, name, to));
      return made;
    };
    return make("li", {}, label, ...(isShown ? [step("↑", "up", -1), step("↓", "down", 1)] : []));
  }
}
