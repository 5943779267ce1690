/** A lesson is a link: ?hide= takes parts of the page away, ?lock= lets them be seen and not changed. */

import { byId } from "../ui/element.js";

/** The parts, and where they are. @type {Record<string, {words: string, selector: string}>} */
export const PARTS = {
  tasks: { words: "tasks", selector: "#shelf, #task-button" },
  presets: { words: "presets", selector: '.panel[data-name="Presets"]' },
  data: { words: "data", selector: '.panel[data-name="Data"]' },
  own: { words: "own data", selector: "#data, #own-data, #drop-place" },
  network: { words: "network", selector: '.panel[data-name="Network"]' },
  training: { words: "training", selector: '.panel[data-name="Training"]' },
  speed: { words: "speed", selector: ".speed" },
  doctor: { words: "remedies and Why?", selector: "#said .do" },
  timeline: { words: "timeline", selector: "#timeline" },
  compare: { words: "race and sweep", selector: "#compare" },
  runs: { words: "runs", selector: "#runs, #tab-runs, #wide-runs" },
};

export class Lesson {
  /** Read what an address hides and locks; names that there are not are `unknown`. @param {string} search */
  constructor(search) {
    const query = new URLSearchParams(search);
    const [hide, lock] = ["hide", "lock"].map((how) => (query.get(how) ?? "").split(",").filter(Boolean));
    const known = (/** @type {string} */ name) => name in PARTS;
    this.hide = hide.filter(known);
    this.lock = lock.filter((name) => known(name) && !hide.includes(name));
    this.unknown = [
      ...hide.filter((n) => !known(n)).map((n) => `hide=${n}`),
      ...lock.filter((n) => !known(n)).map((n) => `lock=${n}`),
    ];
  }

  /** Let a part be "as it is", "locked" or "hidden". @param {string} name @param {string} how */
  set(name, how) {
    this.hide = this.hide.filter((n) => n !== name);
    this.lock = this.lock.filter((n) => n !== name);
    if (how === "hidden") this.hide.push(name);
    if (how === "locked") this.lock.push(name);
  }

  /** Write it into an address's query. @param {URLSearchParams} query */
  write(query) {
    for (const how of /** @type {const} */ (["hide", "lock"])) {
      if (this[how].length) query.set(how, this[how].join(","));
      else query.delete(how);
    }
  }

  /** Let a visitor who only watches change nothing. @param {boolean} viewOnly */
  forbid(viewOnly) {
    document.body.classList.toggle("view-only", viewOnly);
    for (const id of ["toolbar", "panels", "shelf", "data"]) byId(id).inert = viewOnly;
  }

  /** Hide and lock the parts of the page; to be called again when parts were built anew. */
  apply() {
    for (const [name, { selector }] of Object.entries(PARTS)) {
      /** @type {NodeListOf<HTMLElement>} */
      const elements = document.querySelectorAll(selector);
      for (const element of elements) {
        element.classList.toggle("lesson-hidden", this.hide.includes(name));
        element.classList.toggle("lesson-locked", this.lock.includes(name));
        if (this.lock.includes(name)) lock(element);
      }
    }
  }
}

/** Lock what is in an element, and let what is folded be opened and read. @param {Element} element */
function lock(element) {
  if (!element.matches("details") && !element.querySelector("details"))
    /** @type {HTMLElement} */ (element).inert = true;
  else for (const child of element.children) if (!child.matches("summary")) lock(child);
}
