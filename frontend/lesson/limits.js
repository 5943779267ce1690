/**
 * What a lesson hides is not there, what it locks can be seen and not changed; and the one button that leaves it, which
 * a visitor of a teacher's server does not have.
 */

import { Limits, PARTS } from "../state/parts.js";
import { byId } from "../ui/element.js";

/** @import {Store} from "../state/store.js" */

export class LimitedPage {
  /**
   * @param {Store} store
   * @param {{left: (before: Limits) => void, address: () => void}} actions hear that a person left the lesson, and that
   * the address is another
   */
  constructor(store, actions) {
    this.store = store;
    this.actions = actions;
    this.leaveButton = /** @type {HTMLButtonElement} */ (byId("leave-lesson"));
    this.leaveButton.onclick = () => this.leave();
    store.on("catalog", () => this.apply());
    for (const what of /** @type {const} */ (["limits", "lesson"]))
      store.on(what, () => {
        this.apply();
        actions.address();
      });
  }

  /** Take all limits away; whoever did not mean it can come back. */
  leave() {
    const before = this.store.limits;
    this.store.limit(new Limits());
    this.actions.left(before);
  }

  /** Hide and lock the parts of the page; to be called again when parts were built anew. */
  apply() {
    const { limits, catalog } = this.store;
    const viewOnly = Boolean(catalog?.view_only);
    document.body.classList.toggle("view-only", viewOnly);
    if (viewOnly) {
      for (const id of ["toolbar", "shelf", "data"]) byId(id).inert = true;
      for (const panel of byId("panels").children) setInert(panel, true);
    }
    for (const [name, { selector }] of Object.entries(PARTS)) {
      const how = limits.of(/** @type {keyof typeof PARTS} */ (name));
      /** @type {NodeListOf<HTMLElement>} */
      const elements = document.querySelectorAll(selector);
      for (const element of elements) {
        const wasLocked = element.classList.contains("lesson-locked");
        element.classList.toggle("lesson-hidden", how === "hidden");
        element.classList.toggle("lesson-locked", how === "locked");
        if (how === "locked") setInert(element, true);
        else if (wasLocked) setInert(element, viewOnly);
      }
    }
    this.leaveButton.hidden = !(limits.any || this.store.lesson) || viewOnly;
  }
}

/**
 * Lock what is in an element, or unlock it; what is folded can be opened and read.
 * @param {Element} element @param {boolean} inert
 */
function setInert(element, inert) {
  if (!element.matches("details") && !element.querySelector("details"))
    /** @type {HTMLElement} */ (element).inert = inert;
  else for (const child of element.children) if (!child.matches("summary")) setInert(child, inert);
}
