/** The rows of the runs that match, page by page from the server, as far as they are looked at. */

/** @import {RowsAnswer} from "../server/run_table.js" */

/** @typedef {{id: string} & Record<string, any>} Row what a run has in each column */
/**
 * What gives the rows; null where nothing is new.
 * @typedef {(query: {offset: number, limit: number, unless?: number}) => Promise<RowsAnswer | null>} Ask
 */

const SIZE = 100; // rows of a page
const AT_ONCE = 2; // pages that are asked for

/** Turn columns into rows. @param {RowsAnswer} answer @returns {Row[]} */
export function rowsOf({ columns }) {
  const names = Object.keys(columns);
  return columns.id.map((id, k) => {
    /** @type {Row} */
    const row = { id: String(id) };
    for (const name of names) row[name] = columns[name][k];
    return row;
  });
}

export class Pages {
  /** @param {Ask} ask @param {() => void} changed hears that there are other rows @param {number} [size] */
  constructor(ask, changed, size = SIZE) {
    this.ask = ask;
    this.changed = changed;
    this.size = size;
    this.total = 0;
    this.isKnown = false; // whether the total is
    this.isOutOfOrder = false; // whether the server would have the rows in another order by now
    this.revision = 0;
    /** @type {Map<number, Row[]>} by the number of their page */
    this.pages = new Map();
    /** @type {Set<number>} */
    this.asked = new Set();
    /** @type {[number, number]} the lines that are looked at */
    this.wanted = [0, 0];
    this.version = 0; // of what was asked for
  }

  /** Give a row; undefined where it is not here yet. @param {number} k @returns {Row | undefined} */
  row(k) {
    return this.pages.get(Math.floor(k / this.size))?.[k % this.size];
  }

  /** All rows that are here. */
  get rows() {
    return [...this.pages.values()].flat();
  }

  /**
   * Look at some lines: what is not here is asked for, what is far away and not asked for yet is not.
   * @param {number} first @param {number} last
   */
  async look(first, last) {
    this.wanted = [first, last];
    await this.fill();
  }

  /** Ask for what is missing of the lines that are looked at. @returns {Promise<unknown>} */
  async fill() {
    const [first, last] = this.wanted.map((k) => Math.floor(Math.max(0, k) / this.size));
    const missing = [];
    for (let page = first; page <= last; page++)
      if (!this.pages.has(page) && !this.asked.has(page) && (!this.isKnown || page * this.size < this.total || !page))
        missing.push(page);
    const now = missing.slice(0, AT_ONCE - this.asked.size);
    if (!now.length) return undefined;
    return Promise.all(now.map((page) => this.fetch(page)));
  }

  /** @param {number} page */
  async fetch(page) {
    const { version } = this;
    this.asked.add(page);
    try {
      const answer = await this.ask({ offset: page * this.size, limit: this.size });
      if (version !== this.version || !answer) return;
      this.take(page, answer);
    } finally {
      if (version === this.version) this.asked.delete(page);
    }
    this.changed();
    await this.fill();
  }

  /** @param {number} page @param {RowsAnswer} answer */
  take(page, answer) {
    this.total = answer.total;
    this.isKnown = true;
    this.revision = answer.revision;
    this.pages.set(page, rowsOf(answer));
  }

  /** Show the rows of others until there are own ones. @param {Pages} others */
  keep({ pages, total, isKnown, wanted }) {
    Object.assign(this, { pages, total, isKnown, wanted });
  }

  /** Begin anew, as another order wants it; what is here stays until the new is. */
  async again() {
    this.version++;
    this.asked.clear();
    this.isOutOfOrder = false;
    await this.renew(false);
  }

  /**
   * Take over what is new. Rows that are looked at stay in their places where only their order is another: nobody can
   * read what jumps.
   * @param {boolean} [inPlace] @returns {Promise<boolean>} whether there was something new
   */
  async renew(inPlace = true) {
    const { version } = this;
    const [first, last] = this.wanted.map((k) => Math.floor(Math.max(0, k) / this.size));
    const offset = first * this.size;
    const unless = inPlace && this.isKnown ? { unless: this.revision } : {};
    const missing = [];
    for (let page = first; page <= last; page++) if (!this.pages.has(page) && !this.asked.has(page)) missing.push(page);
    for (const page of missing) this.asked.add(page); // nobody needs to ask for them beside this
    let answer;
    try {
      answer = await this.ask({ offset, limit: (last - first + 1) * this.size, ...unless });
    } finally {
      if (version === this.version) for (const page of missing) this.asked.delete(page);
    }
    if (!answer || version !== this.version) return false;
    const found = rowsOf(answer);
    const before = [];
    for (let page = first; page <= last; page++) before.push(...(this.pages.get(page) ?? []));
    const rows = inPlace ? this.inTheirPlaces(before, found) : found;
    this.pages = new Map();
    this.asked.clear();
    this.version++;
    this.total = answer.total;
    this.isKnown = true;
    this.revision = answer.revision;
    for (let page = first; page <= last; page++)
      this.pages.set(page, rows.slice((page - first) * this.size, (page - first + 1) * this.size));
    this.changed();
    await this.fill();
    return true;
  }

  /** @param {Row[]} before @param {Row[]} found @returns {Row[]} */
  inTheirPlaces(before, found) {
    const byId = new Map(found.map((row) => [row.id, row]));
    const isSameSet = before.length === found.length && before.every(({ id }) => byId.has(id));
    if (!isSameSet) {
      this.isOutOfOrder = false;
      return found;
    }
    this.isOutOfOrder = before.some(({ id }, k) => id !== found[k].id);
    return before.map(({ id }) => /** @type {Row} */ (byId.get(id)));
  }
}
