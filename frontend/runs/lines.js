/**
 * The lines of the table: runs, or folded groups with their runs below; each group is read page by page by itself.
 */

import { both, quoted } from "./filter/language.js";
import { Pages } from "./pages.js";

/** @import {RowsAnswer, RowsQuery, RunGroup} from "../server/run_table.js" */
/** @import {Row} from "./pages.js" */

/** @typedef {{group: RunGroup | null, isOpen: boolean, pages: Pages}} Section runs that stand together */
/** @typedef {{section: Section, k: number, row: Row | undefined}} Line of a group its head has k = −1 */

const AT_FIRST = 30; // lines that wait where nobody knows yet how many there are

/** The clause that a group's runs fulfil. @param {string} by @param {string | null} value */
export const clauseOf = (by, value) => (value === null ? `not has ${by}` : `${by} = ${quoted(value)}`);

export class Lines {
  /**
   * @param {(query: RowsQuery) => Promise<RowsAnswer | null>} ask @param {() => void} changed
   * @param {(error: unknown) => void} failed
   */
  constructor(ask, changed, failed) {
    this.ask = ask;
    this.changed = changed;
    this.failed = failed;
    /** @type {Section[]} */
    this.sections = [];
    this.what = { columns: /** @type {string[]} */ ([]), filter: "", order: "" };
    this.by = "";
    /** @type {Set<string | null>} the groups that are open */
    this.open = new Set();
  }

  /** How many lines there are. */
  get length() {
    return this.sections.reduce((n, section) => n + sizeOf(section), 0);
  }

  /** How many runs match. */
  get total() {
    return this.sections.reduce((n, { group, pages }) => n + (pages.isKnown ? pages.total : (group?.count ?? 0)), 0);
  }

  /** Whether it is known how many there are, at least of the runs that stand together. */
  get isKnown() {
    return this.by !== "" || this.sections.some(({ pages }) => pages.isKnown);
  }

  get isOutOfOrder() {
    return this.sections.some(({ isOpen, pages }) => isOpen && pages.isOutOfOrder);
  }

  /** @param {number} i @returns {Line | undefined} */
  at(i) {
    let first = 0;
    for (const section of this.sections) {
      const size = sizeOf(section);
      if (i < first + size) {
        const k = i - first - (section.group ? 1 : 0);
        return { section, k, row: k < 0 ? undefined : section.pages.row(k) };
      }
      first += size;
    }
    return undefined;
  }

  /** The line where a run stands that is here; −1 where it is not. @param {string} id */
  lineOf(id) {
    let first = 0;
    for (const section of this.sections) {
      if (section.isOpen)
        for (const [page, rows] of section.pages.pages) {
          const k = rows.findIndex((row) => row.id === id);
          if (k >= 0) return first + (section.group ? 1 : 0) + page * section.pages.size + k;
        }
      first += sizeOf(section);
    }
    return -1;
  }

  /** All rows that are here. */
  get rows() {
    return this.sections.flatMap(({ pages }) => pages.rows);
  }

  /** @param {RunGroup | null} group @returns {Section} */
  section(group) {
    const pages = new Pages((query) => {
      const { columns, filter, order } = this.what;
      const own = group ? both(filter, clauseOf(this.by, group.value)) : filter;
      return this.ask({ columns, filter: own, order, ...query });
    }, this.changed);
    return { group, isOpen: !group || this.open.has(group.value), pages };
  }

  /**
   * Ask for other runs, or for the same otherwise.
   * @param {{columns: string[], filter: string, order: string}} what @param {string} by the empty string folds nothing
   * @param {RunGroup[]} groups
   */
  async show(what, by, groups) {
    const before = { what: this.what, by: this.by, sections: this.sections };
    const isOther = by !== this.by || what.filter !== this.what.filter || Boolean(by);
    this.what = what;
    this.by = by;
    if (isOther || !this.sections.length)
      this.sections = by ? groups.map((group) => this.section(group)) : [this.section(null)];
    const [first] = before.sections;
    if (isOther && !by && first && !first.group) this.sections[0].pages.keep(first.pages); // until the others are here
    const { sections } = this;
    try {
      await Promise.all(sections.filter(({ isOpen }) => isOpen).map(({ pages }) => pages.again()));
    } catch (error) {
      if (this.sections === sections) Object.assign(this, before);
      throw error;
    }
  }

  /** Look at some lines. @param {number} first @param {number} last */
  look(first, last) {
    let start = 0;
    for (const { group, isOpen, pages } of this.sections) {
      const from = start + (group ? 1 : 0);
      const size = isOpen ? (pages.isKnown ? pages.total : (group?.count ?? 1)) : 0;
      if (isOpen && first < from + size && last >= from)
        pages.look(Math.max(0, first - from), Math.max(0, Math.min(size - 1, last - from))).catch(this.failed);
      start = from + size;
    }
  }

  /** Take over which groups there are now; those that are open stay so. @param {RunGroup[]} groups */
  regroup(groups) {
    const before = new Map(this.sections.map((section) => [section.group?.value, section]));
    this.sections = groups.map((group) => {
      const section = before.get(group.value);
      return section ? Object.assign(section, { group }) : this.section(group);
    });
    this.changed();
  }

  /** Open a group, or fold it. @param {Section} section */
  fold(section) {
    section.isOpen = !section.isOpen;
    const value = section.group?.value ?? null;
    if (section.isOpen) this.open.add(value);
    else this.open.delete(value);
    this.changed();
  }

  /** Take over what is new. @returns {Promise<boolean>} whether there was something */
  async renew() {
    const shown = this.sections.filter(({ isOpen, pages }) => isOpen && pages.isKnown);
    const news = await Promise.all(shown.map(({ pages }) => pages.renew()));
    return news.some(Boolean);
  }

  /**
   * The ids of the runs in some lines, also of those that are not here.
   * @param {number} first @param {number} last
   */
  async ids(first, last) {
    /** @type {string[]} */
    const found = [];
    for (let i = first; i <= last; i++) {
      const line = this.at(i);
      if (!line || line.k < 0) continue;
      if (line.row) found.push(line.row.id);
      else {
        const { group, pages } = line.section;
        const size = pages.isKnown ? pages.total : (group?.count ?? 0);
        const limit = Math.max(1, Math.min(last - i + 1, size - line.k));
        const { filter, order } = this.what;
        const own = group ? both(filter, clauseOf(this.by, group.value)) : filter;
        const answer = await this.ask({ columns: ["id"], filter: own, order, offset: line.k, limit });
        found.push(...(answer?.columns.id ?? []));
        i += limit - 1;
      }
    }
    return found;
  }
}

/** @param {Section} section */
function sizeOf({ group, isOpen, pages }) {
  const runs = isOpen ? (pages.isKnown ? pages.total : (group?.count ?? AT_FIRST)) : 0;
  return runs + (group ? 1 : 0);
}
