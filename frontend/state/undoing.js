/** What was chosen before, so that it can be undone and done again: also after a reload, for the tab remembers it. */

/** @import {Chosen} from "./types.js" */

/**
 * How it was before a change: the run that was on the page, what was chosen, and whether it trained; `after` is the
 * run that was on the page when the change was done; the sheet is what was drawn where no run learns from that. A
 * repair is undone by forgetting that run. What was kept waits: the run's last step came before it.
 * @typedef {object} Before
 * @property {string} run @property {Chosen} chosen @property {boolean} trains @property {string} after
 * @property {string | null} [sheet] @property {boolean} [isRepair]
 * @property {boolean} [isKept]
 */

const MOST = 50;
const TOGETHER = 1000; // milliseconds in which turns of the same control are one change
const KEY = "undo";

export class Undoing {
  /** @param {Pick<Storage, "getItem" | "setItem">} storage of the tab @param {() => number} now */
  constructor(storage, now = () => performance.now()) {
    this.storage = storage;
    this.now = now;
    /** @type {Before[]} */
    this.undo = [];
    /** @type {Before[]} */
    this.redo = [];
    this.last = { what: "", at: -TOGETHER };
    try {
      const kept = JSON.parse(storage.getItem(KEY) ?? "{}");
      this.undo = kept.undo ?? [];
      this.redo = kept.redo ?? [];
    } catch {
      // a tab that may not keep anything forgets with the reload
    }
  }

  keep() {
    try {
      this.storage.setItem(KEY, JSON.stringify({ undo: this.undo, redo: this.redo }));
    } catch {
      // the same
    }
  }

  /**
   * Note that something was changed. Turns of one control, one soon after the other, are undone at once.
   * @param {Before} before @param {string} what names the control
   * @param {number} [together] within so many milliseconds
   */
  note(before, what, together = TOGETHER) {
    const isSame = what && what === this.last.what && this.now() - this.last.at < together;
    if (!isSame || this.undo.at(-1)?.after !== before.run || before.run !== before.after) this.undo.push(before);
    this.last = { what, at: this.now() };
    if (this.undo.length > MOST) this.undo.shift();
    this.redo = [];
    this.keep();
  }

  /**
   * Take out what was before the newest change that led to this run; undefined where none did.
   * @param {"undo" | "redo"} way @param {string | undefined} run
   */
  take(way, run) {
    const at = this[way].map((before) => before.after).lastIndexOf(run ?? "");
    this.last = { what: "", at: -TOGETHER };
    return at < 0 ? undefined : this[way].splice(at, 1)[0];
  }

  /** Let it be taken back too. @param {"undo" | "redo"} way @param {Before} before */
  back(way, before) {
    this[way].push(before);
    this.keep();
  }

  /** A run was made anew under another id. @param {string} old @param {string} id */
  rename(old, id) {
    for (const before of [...this.undo, ...this.redo]) {
      if (before.run === old) before.run = id;
      if (before.after === old) before.after = id;
    }
    this.keep();
  }
}
