/** A table's columns: what each is, which is learned, which are read; with the first rows as they are. */

import { count, significant } from "../state/numbers.js";
import { make } from "../ui/element.js";

/** @import {ColumnChoice, Table, TableColumn} from "../state/types.js" */

export class Columns {
  /** @param {Table} table @param {ColumnChoice} chosen @param {() => void} changed */
  constructor(table, chosen, changed) {
    this.table = table;
    this.chosen = { ...chosen, features: [...chosen.features] };
    this.changed = changed;
    this.element = make("div", { className: "columns" });
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
    target.onchange = () => {
      const before = this.chosen.target;
      this.chosen.target = Number(target.value);
      this.chosen.features = this.chosen.features.filter((k) => k !== this.chosen.target);
      if (!columns[before].no_feature) this.chosen.features = [...this.chosen.features, before].sort((a, b) => a - b);
      const column = columns[this.chosen.target];
      if (this.refused()) this.chosen.task = column.no_class ? "numbers" : "table";
      this.redo("target-column");
    };
    const { no_class: noClass, no_number: noNumber } = columns[this.chosen.target];
    const kinds = [
      { value: "table", textContent: "as a class", disabled: Boolean(noClass) },
      { value: "numbers", textContent: "as a number", disabled: Boolean(noNumber) },
    ].map((option) => make("option", { ...option, selected: option.value === this.chosen.task }));
    const kind = make("select", { id: "target-kind" }, ...kinds);
    kind.onchange = () => {
      this.chosen.task = kind.value;
      this.redo("target-kind");
    };
    kind.setAttribute("aria-label", "Learn it as");
    const heads = columns.map((c, k) => this.head(c, k));
    const rows = this.table.sample.map((row) =>
      make("tr", {}, ...row.map((cell) => make("td", { textContent: cell }))),
    );
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
      make("div", { className: "sample", tabIndex: 0 }, table),
    );
  }

  /** @param {TableColumn} column @param {number} k */
  head(column, k) {
    const isTarget = k === this.chosen.target;
    const box = make("input", {
      type: "checkbox",
      id: `read-${k}`,
      checked: this.chosen.features.includes(k),
      disabled: isTarget || Boolean(column.no_feature),
    });
    box.onchange = () => {
      this.chosen.features = box.checked
        ? [...this.chosen.features, k].sort((a, b) => a - b)
        : this.chosen.features.filter((f) => f !== k);
      this.redo(`read-${k}`);
    };
    const about =
      column.kind === "number"
        ? `${significant(column.mean, 3)} ± ${significant(column.std, 3)}${box.checked ? " → 0 ± 1" : ""}`
        : `${column.distinct} words${box.checked ? ", each yes or no" : ""}`;
    const missing = column.missing
      ? make("span", { className: "hole", textContent: `${count(column.missing)} missing` })
      : "";
    const why = isTarget ? "" : column.no_feature;
    const head = make(
      "th",
      { className: isTarget ? "target" : box.checked ? "read" : "left" },
      make("label", {}, box, make("b", { textContent: column.name, title: column.name })),
      make("span", { textContent: isTarget ? "is learned" : about }),
      missing,
      why ? make("span", { className: "hole", textContent: why }) : "",
    );
    return head;
  }

  /** Build anew, and leave the focus where it was. @param {string} id */
  redo(id) {
    this.build();
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
    return { dataset: this.table.id, target_column: this.chosen.target, features: this.chosen.features.join(".") };
  }
}
