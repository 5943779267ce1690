/** Which of many inputs a picture shows: across and up, or the principal components. The choice is this page's own. */

import { select } from "../../ui/field.js";

export class Cutter {
  /** @param {import("../view.js").Mount} mount @param {boolean} isPlane two axes, or one */
  constructor({ title, store }, isPlane) {
    this.store = store;
    this.isPlane = isPlane;
    this.shown = "";
    this.element = document.createElement("span");
    this.element.className = "tools cutter";
    title.append(this.element);
  }

  /**
   * Offer the inputs that a picture names, with those chosen that it shows.
   * @param {{choices: string[], axes: string[]}} picture
   */
  offer({ choices, axes }) {
    const now = `${choices.join()} ${axes.join()}`;
    if (now === this.shown || this.element.contains(document.activeElement)) return;
    this.shown = now;
    const offered = this.isPlane ? ["components", ...choices] : choices;
    const [across, up] = axes.map((axis) => (choices.includes(axis) ? axis : "components"));
    const make = (/** @type {string} */ value, /** @type {string} */ id, /** @type {string} */ words) => {
      const made = select(offered, value, id, () => this.choose(offered));
      made.setAttribute("aria-label", words);
      made.title = words;
      return made;
    };
    this.across = make(across, "axis-across", "across");
    this.up = this.isPlane ? make(up, "axis-up", "up") : null;
    this.element.replaceChildren(...[this.across, this.up].filter((s) => s !== null));
  }

  /** @param {string[]} offered */
  choose(offered) {
    const { across, up } = this;
    if (!across) return;
    const [i, j] = [across, up].map((s) => (s ? offered.indexOf(s.value) : 0));
    const n = offered.length - 1;
    if (!up) this.store.example = 1 + i;
    else if (i && j && i !== j) this.store.example = 1 + (i - 1) * n + (j - 1);
    else
      this.fallBack(offered, document.activeElement === up ? up : across, document.activeElement === up ? across : up);
    /** @type {HTMLElement | null} */ (document.activeElement)?.blur();
    this.store.emit("example");
  }

  /**
   * One axis was chosen: the other goes to the components with it, or away from them.
   * @param {string[]} offered @param {HTMLSelectElement} chosen @param {HTMLSelectElement} other
   */
  fallBack(offered, chosen, other) {
    if (chosen.value === offered[0]) {
      this.store.example = 0;
      return;
    }
    const free = offered.slice(1).find((name) => name !== chosen.value) ?? offered[1];
    other.value = free;
    this.choose(offered);
  }
}
