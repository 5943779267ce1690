/** Where a task learns from what a person brings, and nothing was brought yet: the drop area, as the picture. */

import { named } from "../state/catalog.js";
import { make } from "../ui/element.js";

/** @import {Store} from "../state/store.js" */

export class DropPlace {
  /**
   * @param {HTMLElement} element over the picture @param {HTMLElement} picture @param {Store} store
   * @param {HTMLElement} area where files are dropped
   */
  constructor(element, picture, store, area) {
    this.element = element;
    this.picture = picture;
    this.store = store;
    this.left = ""; // the task in which a person went on without
    const on = make("button", { type: "button", id: "try-made-up", textContent: "Go on with made-up data" });
    on.onclick = () => {
      this.left = store.chosen.task;
      this.show();
    };
    element.append(area, on);
    for (const what of /** @type {const} */ (["task", "news"])) store.on(what, () => this.show());
  }

  /** It goes as soon as the made-up data are trained on. */
  show() {
    const { chosen, run, task } = this.store;
    if (run?.task === task.name && run.step > 0) this.left = task.name;
    if (task.name !== this.left) this.left = "";
    const brings = named(task.fields, "dataset") !== undefined && !chosen.data.dataset;
    this.element.hidden = !brings || !this.store.allowed("own", "data") || this.left === task.name;
    this.picture.inert = !this.element.hidden && getComputedStyle(this.element).order === "0"; // it lies under it
  }
}
