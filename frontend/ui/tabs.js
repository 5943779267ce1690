/** Tabs: one list of names, one panel at a time; the arrow keys go along the names. */

import { make } from "./element.js";

export class Tabs {
  /** @param {HTMLElement} element @param {string} label what the tabs are of */
  constructor(element, label) {
    this.list = make("div", { className: "tab-list", role: "tablist" });
    this.list.setAttribute("aria-label", label);
    this.element = element;
    /** @type {Map<string, {button: HTMLButtonElement, panel: HTMLElement}>} */
    this.tabs = new Map();
    element.replaceChildren(this.list);
    this.list.onkeydown = (event) => this.key(event);
  }

  /**
   * Add a tab, the first one is open.
   * @param {string} name @param {string} title @param {HTMLElement} panel @param {string} term what explains it
   * @param {string} [before] which other one
   */
  add(name, title, panel, term, before) {
    const button = make("button", { type: "button", id: `tab-${name}`, role: "tab", textContent: title });
    button.dataset.term = term;
    button.onclick = () => this.open(name);
    if (!panel.id) panel.id = `panel-${name}`;
    panel.classList.add("tab-panel");
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", button.id);
    button.setAttribute("aria-controls", panel.id);
    this.tabs.set(name, { button, panel });
    this.list.insertBefore(button, (before && this.tabs.get(before)?.button) || null);
    this.element.append(panel);
    this.open(this.opened ?? name);
  }

  /** Take a tab away; where it was open, the first one is. @param {string} name */
  remove(name) {
    const tab = this.tabs.get(name);
    if (!tab) return;
    this.tabs.delete(name);
    tab.button.remove();
    tab.panel.remove();
    const first = /** @type {HTMLElement | null} */ (this.list.firstElementChild);
    if (this.opened === name && first) this.open(first.id.slice("tab-".length));
  }

  /** @param {string} name */
  open(name) {
    this.opened = name;
    for (const [other, { button, panel }] of this.tabs) {
      const isOpen = other === name;
      button.setAttribute("aria-selected", String(isOpen));
      button.tabIndex = isOpen ? 0 : -1;
      panel.hidden = !isOpen;
    }
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const buttons = /** @type {HTMLElement[]} */ ([...this.list.children]);
    const at = buttons.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 }[event.key];
    if (to === undefined || at < 0) return;
    event.preventDefault();
    event.stopPropagation();
    const button = buttons.at(to % buttons.length);
    button?.focus();
    button?.click();
  }
}
