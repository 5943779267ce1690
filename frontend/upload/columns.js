/** A table's columns: what each is, which is learned, which are read, what becomes of gaps; with its first rows. */

import { count, significant } from "../state/numbers.js";
import { make } from "../ui/element.js";

/** @import {ColumnChoice, Table, TableColumn} from "../state/types.js" */

/** What becomes of missing cells. */
const FILLINGS = {
  "leave out": "leave their rows out",
  "most frequent": "fill them: mean, most frequent word",
  "own word": "fill them: mean, the word “missing”",
};
const KINDS = { auto: "auto", number: "a number", word: "a word", date: "a date" };

/**
 * The columns that come from one in the file: itself, or the parts of a date.
 * @typedef {{name: string, source: number, places: number[]}} Group
 */

export class Columns {
  /**
   * @param {Table} table @param {ColumnChoice} chosen @param {() => void} changed
   * @param {Record<number, string>} kinds what a person said that columns are
   * @param {((kinds: Record<number, string>, id: string) => void) | null} retype has the file read so; null where it is
   * not at hand
   */
  constructor(table, chosen, changed, kinds = {}, retype = null) {
    this.table = table;
    this.chosen = { ...chosen, features: [...chosen.features] };
    this.changed = changed;
    this.kinds = kinds;
    this.retype = retype;
    this.groups = groupsOf(table);
    this.element = make("div", { className: "columns" });
    this.rows = make("span");
    this.rows.setAttribute("role", "status");
    this.build();
  }

  build() {
    const { columns } = this.table;
    const target = make(
      "select",
      { id: "target-column" },
      ...columns.map((c, k) => {
        const cannot = c.no_class && c.no_number ? c.no_class : "";
        return make("option", {
          value: String(k),
          textContent: cannot ? `${c.name} — ${cannot}` : c.name,
          disabled: Boolean(cannot),
          selected: k === this.chosen.target,
        });
      }),
    );
    target.onchange = () => this.learn(Number(target.value));
    const { no_class: noClass, no_number: noNumber } = columns[this.chosen.target];
    const kinds = [
      { value: "table", textContent: because("as a class", noClass), disabled: Boolean(noClass) },
      { value: "numbers", textContent: because("as a number", noNumber), disabled: Boolean(noNumber) },
    ].map((option) => make("option", { ...option, selected: option.value === this.chosen.task }));
    const kind = make("select", { id: "target-kind" }, ...kinds);
    kind.onchange = () => {
      this.chosen.task = kind.value;
      this.redo("target-kind");
    };
    kind.setAttribute("aria-label", "Learn it as");
    const rows = this.table.sample.map((row) =>
      make("tr", {}, ...row.map((cell) => make("td", { textContent: cell, title: cell }))),
    );
    const heads = this.groups.map((group) => this.head(group));
    const table = make("table", {}, make("thead", {}, make("tr", {}, ...heads)), make("tbody", {}, ...rows));
    this.element.replaceChildren(
      make(
        "p",
        { className: "learn" },
        make("label", { htmlFor: "target-column", textContent: "Learn" }),
        target,
        kind,
        make("span", {
          className: "muted",
          textContent: `from ${this.chosen.features.length} of ${columns.length - 1} other columns`,
        }),
      ),
      this.gaps(),
      make("div", { className: "sample", tabIndex: 0 }, table),
    );
  }

  /** Learn another column; what was learned before is read again, but no part of the same date. @param {number} k */
  learn(k) {
    const { columns } = this.table;
    const before = this.chosen.target;
    const apart = columns[k].part ? this.groups.find(({ places }) => places.includes(k))?.places : null;
    this.chosen.target = k;
    this.chosen.features = this.chosen.features.filter((f) => f !== k && !apart?.includes(f));
    if (!columns[before].no_feature && !apart?.includes(before))
      this.chosen.features = [...this.chosen.features, before].sort((a, b) => a - b);
    if (this.refused()) this.chosen.task = columns[k].no_class ? "numbers" : "table";
    this.redo("target-column");
  }

  /** Say how many rows are left with the chosen columns, and offer what becomes of missing cells. */
  gaps() {
    const { gaps } = this.table;
    if (!gaps.length) return "";
    const select = make(
      "select",
      { id: "missing-cells" },
      ...Object.entries(FILLINGS).map(([value, textContent]) =>
        make("option", { value, textContent, selected: value === this.chosen.missing_cells }),
      ),
    );
    select.onchange = () => {
      this.chosen.missing_cells = select.value;
      this.redo("missing-cells");
    };
    this.rows.textContent = rowsInWords(this.table, this.chosen);
    const label = make("label", { htmlFor: "missing-cells", textContent: "Missing cells" });
    return make("p", { className: "learn gaps" }, label, select, this.rows);
  }

  /** @param {Group} group */
  head({ name, source, places }) {
    const { columns } = this.table;
    const { features, target } = this.chosen;
    const able = places.filter((k) => k !== target && !columns[k].no_feature);
    const read = places.filter((k) => features.includes(k));
    const isTarget = places.includes(target);
    const column = columns[places[0]];
    const box = make("input", {
      type: "checkbox",
      id: `read-${places[0]}`,
      checked: read.length > 0,
      indeterminate: read.length > 0 && read.length < able.length,
      disabled: isTarget || !able.length,
    });
    box.onchange = () => this.tick(able, box.checked, box.id);
    const why = isTarget ? "" : column.no_feature || (read.length ? "" : column.left_out);
    const missing = column.missing
      ? make("span", { className: "hole", textContent: `${count(column.missing)} missing` })
      : "";
    return make(
      "th",
      { className: isTarget ? "target" : read.length ? "read" : "left" },
      make("label", {}, box, make("b", { textContent: name, title: name })),
      make("span", { textContent: isTarget ? "is learned" : about(column, read.length > 0) }),
      missing,
      why ? make("span", { className: column.no_feature ? "hole" : "", textContent: why }) : "",
      places.length > 1 && !isTarget ? this.parts(places) : "",
      this.kind(name, source),
    );
  }

  /** Let the parts of a date be read one by one. @param {number[]} places */
  parts(places) {
    const { columns } = this.table;
    const names = [...new Set(places.map((k) => columns[k].part))];
    return make(
      "span",
      { className: "parts" },
      ...names.map((part) => {
        const own = places.filter((k) => columns[k].part === part);
        const able = own.filter((k) => !columns[k].no_feature);
        const checked = own.some((k) => this.chosen.features.includes(k));
        const box = make("input", { type: "checkbox", id: `part-${own[0]}`, checked, disabled: !able.length });
        box.onchange = () => this.tick(able, box.checked, box.id);
        return make("label", {}, box, part);
      }),
    );
  }

  /** Let a column be something else than was found out. @param {string} name @param {number} source */
  kind(name, source) {
    const { retype } = this;
    if (!retype) return "";
    const options = Object.entries(KINDS).map(([value, textContent]) => make("option", { value, textContent }));
    const select = make("select", { id: `kind-${source}` }, ...options);
    select.value = this.kinds[source] ?? "auto";
    select.setAttribute("aria-label", `What ${name} is`);
    select.onchange = () => {
      const { [source]: _before, ...others } = this.kinds;
      retype(select.value === "auto" ? others : { ...others, [source]: select.value }, select.id);
    };
    return select;
  }

  /** Read some columns, or read them not. @param {number[]} places @param {boolean} checked @param {string} id */
  tick(places, checked, id) {
    const others = this.chosen.features.filter((f) => !places.includes(f));
    this.chosen.features = checked ? [...others, ...places].sort((a, b) => a - b) : others;
    this.redo(id);
  }

  /** Build anew, and leave the focus where it was. @param {string} id */
  redo(id) {
    const scrolled = this.element.querySelector(".sample")?.scrollLeft ?? 0;
    this.build();
    const sample = this.element.querySelector(".sample");
    if (sample) sample.scrollLeft = scrolled;
    /** @type {HTMLElement | null} */ (this.element.querySelector(`#${id}`))?.focus();
    this.changed();
  }

  /** Say why this cannot be trained; the empty string where it can. */
  refused() {
    const column = this.table.columns[this.chosen.target];
    const why = this.chosen.task === "table" ? column.no_class : column.no_number;
    if (why) return `${column.name}: ${why}`;
    return this.chosen.features.length ? "" : "choose at least one column to read";
  }

  /** The data of a run. */
  get data() {
    const { features, missing_cells, target } = this.chosen;
    return { dataset: this.table.id, target_column: target, features: writtenPlaces(features), missing_cells };
  }
}

const LONG = 5; // columns in a row that are written as a range

/** Write which columns are read: "0.2.5-90" for 0, 2, and 5 to 90. @param {number[]} places */
export function writtenPlaces(places) {
  /** @type {number[][]} */
  const runs = [];
  for (const k of places) {
    if (runs.at(-1)?.at(-1) === k - 1) runs.at(-1)?.push(k);
    else runs.push([k]);
  }
  return runs.map((run) => (run.length < LONG ? run.join(".") : `${run[0]}-${run.at(-1)}`)).join(".");
}

/** Read what `writtenPlaces` writes, or a person: 7-3 is 3-7. @param {string} text */
export const placesIn = (text) =>
  text.split(".").flatMap((part) => {
    const ends = part.split("-").map(Number);
    const [first, last] = [Math.min(...ends), Math.max(...ends)];
    return Array.from({ length: last - first + 1 }, (_, k) => first + k);
  });

/** Say beside a choice why it cannot be made. @param {string} words @param {string} why */
const because = (words, why) => (why ? `${words} — ${why}` : words);

/** Put the parts of a date together. @param {Table} table @returns {Group[]} */
function groupsOf(table) {
  /** @type {Map<number, Group>} */
  const groups = new Map();
  table.columns.forEach((column, k) => {
    const source = column.source ?? k;
    const group = groups.get(source) ?? { name: table.read_as.names?.[source] ?? column.name, source, places: [] };
    group.places.push(k);
    groups.set(source, group);
  });
  return [...groups.values()];
}

/** Say what a column holds. @param {TableColumn} column @param {boolean} read */
function about(column, read) {
  if (column.part) return "a date";
  return column.kind === "number"
    ? `${significant(column.mean, 3)} ± ${significant(column.std, 3)}${read ? " → 0 ± 1" : ""}`
    : `${column.distinct} words${read ? ", each yes or no" : ""}`;
}

/**
 * Count the rows that a choice of columns leaves, and those of them that have a gap.
 * @param {Table} table @param {ColumnChoice} chosen
 */
export function rowsLeft(table, { features, missing_cells, target }) {
  let [lost, filled] = [0, 0];
  for (const { rows, columns } of table.gaps) {
    const holed = columns.some((k) => features.includes(k));
    if (columns.includes(target) || (holed && missing_cells === "leave out")) lost += rows;
    else if (holed) filled += rows;
  }
  return { left: table.rows - lost, filled };
}

/** @param {Table} table @param {ColumnChoice} chosen */
export function rowsInWords(table, chosen) {
  const { left, filled } = rowsLeft(table, chosen);
  const all = count(table.rows);
  if (chosen.missing_cells === "leave out") return `${count(left)} of ${all} rows have all chosen columns`;
  const words = left < table.rows ? `${count(left)} of ${all} rows have what is learned` : `all ${all} rows are used`;
  return filled ? `${words}, ${count(filled)} with cells that are filled in` : words;
}
