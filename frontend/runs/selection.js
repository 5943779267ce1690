/** Which runs are selected: some by their ids, or all that match but some. */

export class Selection {
  /** @param {() => void} [changed] */
  constructor(changed = () => {}) {
    this.changed = changed;
    this.all = false; // whether all that match are, but those below
    /** @type {Set<string>} */
    this.ids = new Set();
    /** @type {number | null} the line from which a range goes */
    this.anchor = null;
  }

  /** @param {string} id */
  has(id) {
    return this.ids.has(id) !== this.all;
  }

  /** How many are selected. @param {number} total of those that match */
  count(total) {
    return this.all ? Math.max(0, total - this.ids.size) : this.ids.size;
  }

  /** @param {string} id @param {boolean} [wanted] */
  toggle(id, wanted = !this.has(id)) {
    if (wanted === this.all) this.ids.delete(id);
    else this.ids.add(id);
    this.changed();
  }

  /**
   * Select these, and beside them what was selected where that shall stay.
   * @param {string[]} ids @param {boolean} [more]
   */
  take(ids, more = false) {
    if (!more) {
      this.all = false;
      this.ids = new Set(ids);
    } else
      for (const id of ids) {
        if (this.all) this.ids.delete(id);
        else this.ids.add(id);
      }
    this.changed();
  }

  takeAll() {
    this.all = true;
    this.ids = new Set();
    this.changed();
  }

  /** Forget the runs that are no more. @param {string[]} here those that there are */
  keep(here) {
    const known = new Set(here);
    const before = this.ids.size;
    this.ids = new Set([...this.ids].filter((id) => known.has(id)));
    if (this.ids.size < before) this.changed();
  }

  clear() {
    this.all = false;
    this.ids = new Set();
    this.anchor = null;
    this.changed();
  }
}
