/** What can be done to the runs that are selected; it is there as long as some are. */

import { count } from "../state/numbers.js";
import { make } from "../ui/element.js";
import { asks } from "./ask.js";
import { LONGEST } from "./cells.js";

/** @import {Row} from "./pages.js" */

const [LEAST, MOST] = [2, 8]; // runs that are compared
const MOST_TAGS = 8; // that are offered to be removed

/**
 * What the bar asks of the window.
 * @typedef {object} Acts
 * @property {() => void} all select all that match
 * @property {() => void} clear
 * @property {(() => unknown) | null} compare null where there is no such view
 * @property {(row: Row) => void} open
 * @property {(row: Row, name: string) => unknown} rename
 * @property {(changes: object) => Promise<void>} change all that are selected
 * @property {() => unknown} remove
 * @property {boolean} isReading whether who is here may change nothing
 * @property {() => string[]} tags those that any run has
 * @property {() => string[]} ownTags those that the selected have
 */

export class SelectionBar {
  /** @param {Acts} acts */
  constructor(acts) {
    const act = (/** @type {string} */ title, /** @type {() => unknown} */ onclick, className = "") =>
      make("button", { type: "button", textContent: title, className, onclick });
    this.acts = acts;
    /** @type {Row | undefined} the only one that is selected */
    this.one = undefined;
    this.number = make("b");
    this.number.setAttribute("role", "status");
    this.everyOne = act("Select all", acts.all, "quiet");
    this.compare = act("Compare", () => acts.compare?.());
    this.open = act("Open", () => this.one && acts.open(this.one));
    const remover = (/** @type {string} */ tag) => {
      const made = act("Remove ", () => acts.change({ remove_tags: [tag] }), "quiet");
      made.append(make("bdi", { textContent: tag }));
      return made;
    };
    const tag = asks("Tag", "A tag for all that are selected", "Add", 40, {
      offered: acts.tags,
      more: () => acts.ownTags().slice(0, MOST_TAGS).map(remover),
      take: async (words) => {
        const tags = listed(words);
        if (tags.length) await acts.change({ add_tags: tags });
      },
    });
    const note = asks("Note", "A note for all that are selected", "Keep", LONGEST.note, {
      before: () => this.one?.note ?? "",
      take: (words) => acts.change({ note: words }),
    });
    this.rename = asks("Rename", "Its name", "Keep", LONGEST.name, {
      before: () => this.one?.name ?? "",
      take: async (words) => {
        if (this.one) await acts.rename(this.one, words);
      },
    });
    const panels = [this.rename.panel, tag.panel, note.panel];
    const changes = [this.rename.button, tag.button, note.button, act("Delete", acts.remove)];
    this.element = make(
      "div",
      { className: "runs-acts", hidden: true },
      this.number,
      this.everyOne,
      this.compare,
      this.open,
      ...(acts.isReading ? [] : changes),
      act("Clear", acts.clear, "quiet last"),
      ...panels,
    );
    this.element.setAttribute("role", "group");
    this.element.setAttribute("aria-label", "What is selected");
  }

  /**
   * @param {number} n how many are selected
   * @param {number} total of how many
   * @param {Row | undefined} one the only one
   */
  show(n, total, one) {
    this.one = one;
    this.element.hidden = !n;
    if (!n) return;
    this.number.textContent = `${count(n)} selected`;
    this.everyOne.hidden = n === total;
    this.everyOne.textContent = `Select all ${count(total)}`;
    this.open.hidden = this.rename.button.hidden = !one;
    this.compare.hidden = !this.acts.compare || n < LEAST;
    this.compare.disabled = n > MOST;
    this.compare.textContent = n > MOST ? `Compare (${LEAST} to ${MOST})` : "Compare";
  }
}

/** Take words apart that have commas between. @param {string} words */
export const listed = (words) => words.split(",").flatMap((one) => one.trim() || []);
