/** How far a file is on its way to the server, with what gives it up: a button, Escape, or closing the window. */

import { make } from "../ui/element.js";

const STAGES = { prepare: "Reading the files …", send: "Sending …", read: "The server reads it …" };

export class Progress {
  /** @param {HTMLDialogElement} dialog the window that the files are brought into */
  constructor(dialog) {
    this.dialog = dialog;
    /** @type {AbortController | null} gives up what is on its way */
    this.giveUp = null;
    /** @type {HTMLElement | null} who had the focus before the button took it */
    this.before = null;
    this.bar = make("progress", { max: 1 });
    this.bar.setAttribute("aria-label", "How much is sent");
    this.words = make("span");
    this.words.setAttribute("role", "status");
    this.button = make("button", { type: "button", id: "data-cancel", textContent: "Cancel" });
    this.button.onclick = () => this.cancel();
    this.element = make("div", { className: "data-progress", hidden: true }, this.words, this.bar, this.button);
    dialog.addEventListener("close", () => this.cancel());
    dialog.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.giveUp) return;
      event.preventDefault(); // the window stays
      this.cancel();
    });
  }

  cancel() {
    this.giveUp?.abort();
  }

  /**
   * Do work that can be given up; what was on its way before is. Whoever had the focus has it again where it was.
   * @template T @param {(signal: AbortSignal) => Promise<T>} work
   * @returns {Promise<T | null>} null where it was given up
   */
  async follow(work) {
    this.cancel();
    const mine = new AbortController();
    if (document.activeElement !== this.button)
      this.before = /** @type {HTMLElement | null} */ (document.activeElement);
    this.giveUp = mine;
    this.say("prepare");
    this.element.hidden = false;
    this.button.focus();
    try {
      return await work(mine.signal);
    } catch (error) {
      if (mine.signal.aborted) return null;
      throw error;
    } finally {
      if (this.giveUp === mine) {
        this.giveUp = null;
        const hasFocus = document.activeElement === this.button;
        this.element.hidden = true;
        if (hasFocus) this.before?.focus();
      }
    }
  }

  /** Hear which share of the file is sent; when all of it is, the server reads. @param {number} share */
  sent(share) {
    this.say(share < 1 ? "send" : "read");
    if (share < 1) this.bar.value = share;
  }

  /** @param {keyof typeof STAGES} stage */
  say(stage) {
    if (this.words.textContent !== STAGES[stage]) this.words.textContent = STAGES[stage];
    if (stage !== "send") this.bar.removeAttribute("value"); // it goes on, nobody knows how far
  }
}
