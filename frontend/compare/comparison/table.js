/** The table of several runs: how far each is and how good, what was found, and the settings, what differs marked. */

import { markOfFindings } from "../../doctor/mark.js";
import { count, duration, MISSING, number, percent } from "../../state/numbers.js";
import { make } from "../../ui/element.js";
import { sideBySide } from "./settings.js";

/** @import {Catalog} from "../../state/types.js" */
/** @import {Member} from "./member.js" */

/**
 * A line of the table.
 * @typedef {{title: string, cells: (string | Node)[], differs?: boolean}} Line
 */

/**
 * What is said of the runs beside their settings; lines that say nothing of any run are left out.
 * @param {Member[]} members @param {Catalog} catalog @returns {Line[]}
 */
function about(members, catalog) {
  const line = (/** @type {string} */ title, /** @type {(member: Member) => string | Node} */ cell) => ({
    title,
    cells: members.map(cell),
  });
  const own = (/** @type {string} */ words) => (words ? make("bdi", { textContent: words }) : "");
  const scores = catalog.columns.filter(({ name }) => /^(test_)?(loss|accuracy)$/.test(name));
  return [
    line("status", ({ run, lane }) => (lane?.isGone ? "deleted" : run.status)),
    line("step", ({ run }) => `${count(run.step)} of ${count(run.steps)}`),
    line("time", ({ run }) => (run.imported && !run.seconds ? MISSING : duration(run.seconds))),
    ...scores.map(({ name, title, share }) =>
      line(title, ({ columns }) => {
        const v = columns[name]?.filter((one) => one !== null).at(-1) ?? null;
        return v === null ? "" : share ? percent(v) : number(v);
      }),
    ),
    line("found", ({ run, lane }) => {
      const found = lane?.store.findings.length ? lane.store.findings : (run.findings ?? []);
      return found.length ? markOfFindings(found, true) : "";
    }),
    line("parameters", ({ run }) => (run.imported ? "" : count(run.parameters))),
    line("tags", ({ run }) => own((run.tags ?? []).join(", "))),
    line("note", ({ run }) => own(run.note)),
  ].filter(({ cells }) => cells.some(Boolean));
}

export class ComparedTable {
  /** @param {Catalog} catalog @param {(id: string) => void} remove takes a run out of the comparison */
  constructor(catalog, remove) {
    this.catalog = catalog;
    this.remove = remove;
    this.head = make("thead");
    this.about = make("tbody");
    this.differs = make("tbody", { className: "differs" });
    this.alike = make("tbody");
    const table = make("table", {}, this.head, this.about, this.differs, this.alike);
    this.element = make("section", { className: "compared-table", tabIndex: 0 }, table);
    this.element.setAttribute("aria-label", "Settings");
  }

  /** @param {Member[]} members */
  show(members) {
    const heads = members.map(({ words, colour, run, called }) => {
      const name = make("b", { dir: "ltr", textContent: words, title: called });
      name.style.setProperty("--own", colour);
      const head = make("th", { scope: "col" }, name);
      if (members.length < 3) return head;
      const away = make("button", { type: "button", className: "quiet tiny", textContent: "take out" });
      away.setAttribute("aria-label", `Take out ${words}`);
      away.onclick = () => this.remove(run.id);
      head.append(away);
      return head;
    });
    this.head.replaceChildren(make("tr", {}, make("td"), ...heads));
    const settings = sideBySide(
      members.map(({ run }) => run),
      this.catalog,
    ).map(({ title, values, differs }) => ({ title, cells: values, differs }));
    const [other, alike] = [settings.filter(({ differs }) => differs), settings.filter(({ differs }) => !differs)];
    this.fill(this.differs, `What differs: ${count(other.length)} of ${count(settings.length)} settings`, other);
    this.fill(this.alike, "The same in all", alike);
    this.renew(members);
  }

  /** Say anew how the runs are. @param {Member[]} members */
  renew(members) {
    const lines = about(members, this.catalog);
    const now = lines.map(({ title, cells }) => [title, ...cells.map((c) => (c instanceof Node ? c.textContent : c))]);
    if (this.about.dataset.now === JSON.stringify(now)) return;
    this.about.dataset.now = JSON.stringify(now);
    this.fill(this.about, "", lines);
  }

  /** @param {HTMLTableSectionElement} body @param {string} title the empty string for none @param {Line[]} lines */
  fill(body, title, lines) {
    const rows = lines.map(({ title: head, cells, differs }) => {
      const mark = differs ? [make("span", { className: "unlike", textContent: "≠", ariaHidden: "true" })] : [];
      const row = make("tr", {}, make("th", { scope: "row" }, ...mark, head));
      row.append(...cells.map((cell) => make("td", {}, cell)));
      return row;
    });
    const width = (lines[0]?.cells.length ?? 0) + 1;
    const head = make("tr", {}, make("th", { colSpan: width, scope: "rowgroup", textContent: title }));
    body.replaceChildren(...(title && lines.length ? [head] : []), ...rows);
  }
}
