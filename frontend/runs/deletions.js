/** The deletions that can be undone, the newest first; they outlive a reload. */

const KEY = "deleted-runs";

/**
 * @typedef {{ids: string[], words: string, until: number}} Deletion of some runs, which can be undone until a time
 */

export class Deletions {
  /** @param {Pick<Storage, "getItem" | "setItem">} storage @param {() => number} now in milliseconds */
  constructor(storage, now = Date.now) {
    this.storage = storage;
    this.now = now;
  }

  /** @returns {Deletion[]} */
  get all() {
    try {
      const kept = /** @type {unknown} */ (JSON.parse(this.storage.getItem(KEY) ?? "[]"));
      if (!Array.isArray(kept)) return [];
      return kept
        .map(({ id, ids = [id], words, until }) => ({ ids, words, until })) // versions before kept one id
        .filter(({ until }) => until > this.now());
    } catch {
      return []; // it holds nothing of ours
    }
  }

  /** @param {Deletion} deletion */
  add(deletion) {
    this.keep([deletion, ...this.all]);
  }

  /** @param {Deletion} deletion */
  remove({ ids }) {
    this.keep(this.all.filter((one) => one.ids.join() !== ids.join()));
  }

  /** @param {Deletion[]} all */
  keep(all) {
    try {
      this.storage.setItem(KEY, JSON.stringify(all));
    } catch {
      // a browser that keeps nothing forgets with the reload
    }
  }
}
