/** The shelf of tasks at the top, in groups. */

import { make } from "../ui/element.js";

/** @import {Store} from "../state/store.js" */
/** @import {Chosen, TaskEntry} from "../state/types.js" */

export class Shelf {
  /** @param {HTMLElement} element @param {Store} store @param {(chosen: Chosen) => void} choose */
  constructor(element, store, choose) {
    this.element = element;
    this.store = store;
    this.choose = choose;
    store.on("catalog", () => this.show(store.catalog.tasks));
    store.on("task", () => this.mark(store.chosen.task));
  }

  /** @param {TaskEntry[]} tasks */
  show(tasks) {
    let group = "";
    for (const task of tasks) {
      if (group && task.group !== group) this.element.append(make("span", { className: "divider" }));
      group = task.group;
      const button = make("button", { type: "button", textContent: task.title, title: task.summary });
      button.dataset.task = task.name;
      button.onclick = () => this.choose(this.store.defaultsOf(task.name));
      this.element.append(button);
    }
  }

  /** Mark the chosen one, and bring it into sight. @param {string} name */
  mark(name) {
    for (const button of this.element.querySelectorAll("button")) {
      const isChosen = button.dataset.task === name;
      button.setAttribute("aria-pressed", String(isChosen));
      if (isChosen) this.element.scrollTo({ left: button.offsetLeft - this.element.clientWidth / 2 });
    }
  }
}
