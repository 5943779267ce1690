/** The filters that are asked for most, as lists to choose from: what is chosen stands in the filter's line. */

import { make } from "../../ui/element.js";
import { asked, asking } from "./language.js";

/** @import {RunColumn} from "../../server/run_table.js" */
/** @import {Store} from "../../state/store.js" */

/** The name in the filter, the column, and what stands where nothing is asked. */
const KINDS = /** @type {const} */ ([
  ["task", "task", "Any task"],
  ["status", "status", "Any status"],
  ["tag", "tags", "Any tag"],
  ["sweep", "sweep", "Any sweep"],
]);

export class QuickFilters {
  /** @param {Store} store @param {() => string} filter @param {(filter: string) => void} take */
  constructor(store, filter, take) {
    this.store = store;
    this.filter = filter;
    this.selects = KINDS.map(([name, , nothing]) => {
      const made = make("select", { hidden: true });
      made.setAttribute("aria-label", `Filter by ${name}`);
      made.add(new Option(nothing, ""));
      made.onchange = () => take(asking(filter(), name, made.value));
      return made;
    });
    this.element = make("div", { className: "quick-filters" }, ...this.selects);
  }

  /** Offer the values that occur. @param {RunColumn[]} columns */
  offer(columns) {
    KINDS.forEach(([, column, nothing], k) => {
      const values = columns.find(({ name }) => name === column)?.values ?? [];
      const select = this.selects[k];
      const known = JSON.stringify(values);
      if (select.dataset.values === known) return; // a list that is open stays so
      select.dataset.values = known;
      const options = values.map((value) => new Option(this.title(column, String(value)), String(value)));
      select.replaceChildren(new Option(nothing, ""), ...options);
      select.hidden = !values.length;
    });
    this.show();
  }

  /** @param {string} column @param {string} value */
  title(column, value) {
    return column === "task" ? this.store.taskCalled(value).title : value;
  }

  /** Say what is asked for. */
  show() {
    KINDS.forEach(([name], k) => {
      const select = this.selects[k];
      const value = asked(this.filter(), name);
      if (value && ![...select.options].some((option) => option.value === value))
        select.add(new Option(this.title(name, value), value));
      select.value = value;
    });
  }
}
