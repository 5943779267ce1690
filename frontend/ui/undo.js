/** An undo instead of a question: for a while after what was done, the way back. */

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

const SHOWN = 15; // seconds

/** Says at the foot of the page what was done just now, or what somebody else did, with the way back. */
export class Said {
  constructor() {
    this.element = make("p", { className: "said-now", hidden: true });
    this.element.setAttribute("role", "status");
    this.timer = 0;
    document.body.append(this.element);
  }

  /** @param {string} words the empty string closes it @param {(() => void) | null} [undo] */
  say(words, undo = null) {
    clearTimeout(this.timer);
    this.element.hidden = !words;
    if (!words) return;
    const back = make("button", { type: "button", id: "undo", textContent: "Undo", title: "Undo (Ctrl+Z)" });
    back.onclick = () => undo?.();
    this.element.replaceChildren(words, ...(undo ? [" ", back] : []));
    this.timer = window.setTimeout(() => {
      // what a person is about to use stays
      if (!this.element.contains(document.activeElement) && !this.element.matches(":hover")) this.element.hidden = true;
    }, 1000 * SHOWN);
  }
}
