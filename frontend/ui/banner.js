/** The banner under the top: what went wrong, where no field on the controls says it. */

import { Refusal } from "../server/api.js";

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

  /** Say that the server is not there, or is there again. @param {boolean} there */
  connection(there) {
    if (there === !document.body.classList.contains("lost")) return;
    document.body.classList.toggle("lost", !there);
    this.say(there ? "" : "The connection to the server is lost; trying again …");
  }
}
