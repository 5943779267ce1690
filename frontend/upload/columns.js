/** A table's columns: what each is, which is learned, which are read, what becomes of gaps; with its first rows. */

import { count, significant, withMinus } from "../state/numbers.js";
import { make } from "../ui/element.js";
import { countedPlaces, typedPlaces, writtenPlaces } from "./places.js";

/** @import {ColumnChoice, Table, TableColumn} from "../state/types.js" */

/** What becomes of missing cells. */
const FILLINGS = {
  "leave out": "leave their rows out",
  "most frequent": "fill them: mean, most frequent word",
  "own word": "fill them: mean, the word “missing”",
};
const KINDS = { auto: "auto", number: "a number", word: "a word", date: "a date" };
const WIDE = 20; // columns beyond which they are chosen by their numbers too

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
    this.rows = make("span");
    this.rows.setAttribute("role", "status");
    this.read = make("span", { className: "muted" });
    this.range = make("input", { type: "text", id: "read-columns", spellcheck: false, autocomplete: "off" });
    this.refusal = make("span", { className: "hole" });
    this.refusal.setAttribute("role", "status");
    /** @type {Map<Group, HTMLElement>} */
    this.heads = new Map(this.groups.map((group) => [group, this.head(group)]));
    this.target = make("select", { id: "target-column" });
    this.kindOfTarget = make("select", { id: "target-kind" });
    this.element = make("div", { className: "columns" }, this.learned(), this.gaps(), this.sample());
    this.say();
  }

  /** Choose what is learned, as what, and in a wide table from which columns. */
  learned() {
    const { target, kindOfTarget, range } = this;
    target.append(
      ...this.table.columns.map((c, k) => {
        const cannot = c.no_class && c.no_number ? c.no_class : "";
        return make("option", {
          value: String(k),
          textContent: cannot ? `${c.name} — ${cannot}` : c.name,
          disabled: Boolean(cannot),
        });
      }),
    );
    target.value = String(this.chosen.target);
    target.onchange = () => this.learn(Number(target.value));
    kindOfTarget.onchange = () => {
      this.chosen.task = kindOfTarget.value;
      this.changed();
    };
    kindOfTarget.setAttribute("aria-label", "Learn it as");
    this.offerKinds();
    range.onchange = () => this.choose(range.value);
    const wide = this.groups.length > WIDE ? [make("label", {}, "by number, as 1-20, 45 ", range), this.refusal] : [];
    const label = make("label", { htmlFor: "target-column", textContent: "Learn" });
    return make("p", { className: "learn" }, label, target, kindOfTarget, this.read, ...wide);
  }

  /** Offer as what the column that is learned can be. */
  offerKinds() {
    const { no_class: noClass, no_number: noNumber } = this.table.columns[this.chosen.target];
    const kinds = [
      { value: "table", textContent: because("as a class", noClass), disabled: Boolean(noClass) },
      { value: "numbers", textContent: because("as a number", noNumber), disabled: Boolean(noNumber) },
    ];
    this.kindOfTarget.replaceChildren(...kinds.map((option) => make("option", option)));
    this.kindOfTarget.value = this.chosen.task;
  }

  /** Show the first rows, below what each column is. */
  sample() {
    const rows = this.table.sample.map((row) =>
      make("tr", {}, ...row.map((cell) => make("td", { textContent: cell, title: cell }))),
    );
    const heads = make("tr", {}, ...this.heads.values());
    const table = make("table", {}, make("thead", {}, heads), make("tbody", {}, ...rows));
    return make("div", { className: "sample", tabIndex: 0 }, table);
  }

  /** Say how many columns are read, and how many rows that leaves. */
  say() {
    const read = new Set(this.chosen.features);
    const groups = this.groups.flatMap(({ places }, k) => (places.some((place) => read.has(place)) ? [k] : []));
    this.read.textContent = `from ${groups.length} of ${this.groups.length - 1} other columns`;
    this.range.value = countedPlaces(groups);
    this.refuse("");
    if (this.table.gaps.length) this.rows.textContent = rowsInWords(this.table, this.chosen);
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
    this.offerKinds();
    this.renew([before, k, ...(apart ?? [])]);
  }

  /** Read the columns of these numbers, and no others. @param {string} text as a person types it */
  choose(text) {
    const { columns } = this.table;
    const before = new Set(this.chosen.features);
    try {
      const groups = typedPlaces(text, this.groups.length).map((k) => this.groups[k]);
      const places = groups
        .filter((group) => !group.places.includes(this.chosen.target))
        .flatMap((group) => group.places);
      this.chosen.features = places.filter((k) => !columns[k].no_feature).sort((a, b) => a - b);
    } catch (error) {
      this.refuse(/** @type {Error} */ (error).message); // and what was typed stays
      return;
    }
    const after = new Set(this.chosen.features);
    this.renew([...before, ...after].filter((k) => before.has(k) !== after.has(k)));
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
      this.say();
      this.changed();
    };
    const label = make("label", { htmlFor: "missing-cells", textContent: "Missing cells" });
    return make("p", { className: "learn gaps" }, label, select, this.rows);
  }

  /** @param {string} words why these are no numbers of columns; empty where they are */
  refuse(words) {
    this.refusal.textContent = words;
    this.range.setAttribute("aria-invalid", String(Boolean(words)));
  }

  /** @param {Group} group */
  head(group) {
    const { name, source, places } = group;
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
      { className: isTarget ? "target" : read.length ? "read" : "unread" },
      make("label", {}, box, make("b", { textContent: name, title: name })),
      this.groups.length > WIDE ? make("span", { textContent: `column ${this.groups.indexOf(group) + 1}` }) : "",
      make("span", {}, ...(isTarget ? ["is learned"] : about(column, read.length > 0))),
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
    this.renew(places);
    /** @type {HTMLElement | null} */ (this.element.querySelector(`#${id}`))?.focus();
  }

  /** Show what was changed of some columns; the others, perhaps a thousand, stay. @param {number[]} places */
  renew(places) {
    const changed = new Set(places);
    for (const [group, old] of this.heads) {
      if (!group.places.some((k) => changed.has(k))) continue;
      const head = this.head(group);
      old.replaceWith(head);
      this.heads.set(group, head);
    }
    this.say();
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
  if (column.part) return ["a date"];
  if (column.kind !== "number")
    return [`${count(column.distinct)} ${column.distinct === 1 ? "word" : "words"}${read ? ", each yes or no" : ""}`];
  const mean = withMinus(significant(column.mean, 3));
  if (column.distinct < 2) return [mean];
  return [
    `${mean} ± ${significant(column.std, 3)}`,
    ...(read ? [" ", make("span", { className: "scaled", textContent: "→ 0 ± 1" })] : []),
  ];
}

/**
 * Count the rows that a choice of columns leaves, and those of them that have a gap.
 * @param {Table} table @param {ColumnChoice} chosen
 */
export function rowsLeft(table, { features, missing_cells, target }) {
  let [lost, filled] = [0, 0];
  const read = new Set(features);
  for (const { rows, columns } of table.gaps) {
    const holed = columns.some((k) => read.has(k));
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
