/**
 * The line in which a person says which runs he wants to see: names and values are offered, what is wrong is said
 * below.
 */

import { Refusal } from "../../server/api.js";
import { make } from "../../ui/element.js";
import { completed, isWhole, placeAt, suggestions } from "./language.js";

/** @import {RunColumn} from "../../server/run_table.js" */
/** @import {Place, Suggestion} from "./language.js" */

const REST = 350; // milliseconds without a key after which it is asked for
const PATIENCE = 1500; // after which what is half typed is called wrong

export class FilterLine {
  /** @param {(text: string) => Promise<void>} take shows the runs that match, or throws why it cannot */
  constructor(take) {
    this.take = take;
    /** @type {RunColumn[]} */
    this.columns = [];
    this.taken = ""; // what is shown
    this.resting = 0;
    this.doubting = 0;
    /** @type {Place} */
    this.place = placeAt("", 0);
    /** @type {Suggestion[]} */
    this.offered = [];
    this.at = -1;
    this.input = make("input", { type: "text", id: "run-filter", autocomplete: "off", spellcheck: false, dir: "auto" });
    this.input.placeholder = "optimizer = Adam and test_accuracy > 0.95";
    this.list = make("ul", { id: "run-filter-list", className: "menu filter-list", popover: "manual" });
    this.error = make("p", { id: "run-filter-error", className: "refusal", hidden: true });
    this.error.setAttribute("role", "alert");
    this.clear = make("button", { type: "button", className: "quiet tiny", textContent: "Clear", hidden: true });
    this.clear.onclick = () => {
      this.show("");
      this.ask();
      this.input.focus();
    };
    const said = { role: "combobox", "aria-label": "Filter", "aria-autocomplete": "list", "aria-expanded": "false" };
    for (const [name, value] of Object.entries({ ...said, "aria-controls": this.list.id }))
      this.input.setAttribute(name, value);
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", "What can stand here");
    this.element = make("div", { className: "run-filter" }, this.input, this.clear, this.list, this.error);
    this.input.oninput = () => this.typed();
    this.input.onclick = () => this.offer();
    this.input.onfocus = () => this.offer();
    this.input.onblur = () => {
      this.close();
      this.ask(true);
    };
    this.input.onkeydown = (event) => this.key(event);
  }

  /** Let it say something else. @param {string} text */
  show(text) {
    this.input.value = text;
    this.clear.hidden = !text;
  }

  typed() {
    this.clear.hidden = !this.input.value;
    this.offer();
    clearTimeout(this.resting);
    clearTimeout(this.doubting);
    this.resting = window.setTimeout(() => this.ask(), REST);
    this.doubting = window.setTimeout(() => this.ask(true), PATIENCE);
  }

  /**
   * Ask for what is typed.
   * @param {boolean} [isDone] whether the person is done with it: then what is wrong is said
   */
  async ask(isDone = false) {
    const text = this.input.value.trim();
    clearTimeout(this.resting);
    if (isDone) clearTimeout(this.doubting);
    if (text === this.taken) {
      this.refuse("");
      return;
    }
    if (!isDone && !isWhole(text)) return;
    try {
      await this.take(text);
      this.taken = text;
      if (this.input.value.trim() === text) this.refuse("");
    } catch (error) {
      if (!(error instanceof Refusal) || error.field !== "filter") throw error;
      if (isDone && this.input.value.trim() === text) this.refuse(error.message);
    }
  }

  /** @param {string} words the empty string takes it back */
  refuse(words) {
    this.error.textContent = words;
    this.error.hidden = !words;
    if (words) {
      this.input.setAttribute("aria-invalid", "true");
      this.input.setAttribute("aria-describedby", this.error.id);
    } else for (const name of ["aria-invalid", "aria-describedby"]) this.input.removeAttribute(name);
  }

  // ── what is offered ──

  offer() {
    const { input, list } = this;
    this.place = placeAt(input.value, input.selectionStart ?? input.value.length);
    this.offered = document.activeElement === input ? suggestions(this.place, this.columns) : [];
    this.at = -1;
    if (!this.offered.length) {
      this.close();
      return;
    }
    const options = this.offered.map(({ text, words }, k) => {
      const option = make("li", { id: `run-filter-${k}`, role: "option" });
      option.append(
        make("b", { textContent: text, dir: "auto" }),
        make("span", { className: "muted", textContent: words }),
      );
      option.setAttribute("aria-selected", "false");
      option.onpointerdown = (event) => {
        event.preventDefault(); // the line keeps the focus
        this.put(k);
      };
      return option;
    });
    list.replaceChildren(...options);
    if (!list.matches(":popover-open")) list.showPopover();
    const { left, bottom } = input.getBoundingClientRect();
    list.style.left = `${left}px`;
    list.style.top = `${bottom + 4}px`;
    input.setAttribute("aria-expanded", "true");
    this.mark();
  }

  close() {
    this.offered = [];
    if (this.list.matches(":popover-open")) this.list.hidePopover();
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  mark() {
    [...this.list.children].forEach((option, k) => {
      option.setAttribute("aria-selected", String(k === this.at));
      if (k === this.at) option.scrollIntoView({ block: "nearest" });
    });
    if (this.at < 0) this.input.removeAttribute("aria-activedescendant");
    else this.input.setAttribute("aria-activedescendant", `run-filter-${this.at}`);
  }

  /** Put in what is offered. @param {number} k */
  put(k) {
    const { text, caret } = completed(this.input.value, this.place, this.offered[k].text);
    this.input.value = text;
    this.input.setSelectionRange(caret, caret);
    this.typed();
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const n = this.offered.length;
    const { key } = event;
    if (n && (key === "ArrowDown" || key === "ArrowUp")) {
      event.preventDefault();
      this.at = key === "ArrowDown" ? (this.at + 1) % n : (this.at <= 0 ? n : this.at) - 1;
      this.mark();
    } else if ((key === "Enter" || key === "Tab") && n && (this.at >= 0 || (key === "Tab" && this.place.typed))) {
      event.preventDefault();
      this.put(Math.max(0, this.at));
    } else if (key === "Enter") {
      event.preventDefault();
      this.close();
      this.ask(true);
    } else if (key === "Escape" && n) {
      event.preventDefault();
      event.stopPropagation();
      this.close();
    }
  }
}
