/** An undo instead of a question: for a while after a deletion, the way back. */

import { make } from "./element.js";

const WHILE = 25000; // the server forgets for good a little later

export class Undo {
  constructor() {
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
    this.timer = window.setTimeout(() => {
      this.element.hidden = true;
    }, WHILE);
  }
}
