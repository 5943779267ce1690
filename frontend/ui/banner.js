/** The banner under the top: what went wrong, where no field on the controls says it. */

import { Refusal } from "../server/api.js";
import { byId } from "./element.js";

export class Banner {
  /**
   * @param {HTMLElement} element
   * @param {(field: string | null, words: string) => boolean} refuse shows a refusal next to its field, where there is
   * one
   */
  constructor(element, refuse) {
    this.element = element;
    this.refuse = refuse;
    element.onclick = () => this.say("");
    element.title = "Click to close";
  }

  /** @param {string} words the empty string closes it */
  say(words) {
    this.element.textContent = words;
    this.element.hidden = !words;
  }

  /** @param {unknown} error */
  showError(error) {
    if (!(error instanceof Refusal)) {
      // biome-ignore lint/suspicious/noConsole: where a fault of the page itself comes from
      console.error(error);
      this.say(`Something went wrong on the page: ${error}. Reload it; the run goes on.`);
      return;
    }
    if (!this.refuse(error.field, error.message)) this.say(error.message);
  }

  /** @param {Error} error */
  couldNotStart(error) {
    this.say(error instanceof Refusal ? error.message : `The page could not start: ${error.message}`);
  }

  /** Say that the server is not there, and let nothing be chosen meanwhile. @param {string} words empty: it is there */
  connection(words) {
    document.body.classList.toggle("lost", Boolean(words));
    for (const id of ["controls", "shelf", "phone-bar"]) byId(id).inert = Boolean(words);
    const isInLab = document.body.classList.contains("in-lab"); // else the headline says it
    if (isInLab || !words) this.say(words && `Connection lost. ${words}`);
  }
}
