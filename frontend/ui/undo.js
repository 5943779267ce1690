/** An undo instead of a question: for a while after a deletion, the way back. */

import { make } from "./element.js";

const EARLIER = 5; // seconds before the server forgets for good

export class Undo {
  /** @param {import("../state/store.js").Store} store */
  constructor(store) {
    this.store = store;
    this.element = make("p", { className: "undo", hidden: true });
    this.element.setAttribute("role", "status");
    this.timer = 0;
  }

  /** @param {string} words what was deleted @param {() => Promise<void>} bring brings it back */
  offer(words, bring) {
    const back = make("button", { type: "button", textContent: "Undo" });
    back.onclick = () => {
      this.element.hidden = true;
      bring();
    };
    this.element.replaceChildren(`${words} `, back);
    this.element.hidden = false;
    clearTimeout(this.timer);
    const seconds = Math.max(1, this.store.catalog.limits.undo_seconds - EARLIER);
    const hide = () => {
      this.element.hidden = true;
    };
    this.timer = window.setTimeout(hide, 1000 * seconds);
  }
}
