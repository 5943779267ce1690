/**
 * The shelf of tasks in the header: one line with the tasks of the open group, and a sheet for each other one; where
 * there is no room for a line, one button and one sheet for all.
 */

import { fileOf } from "../server/api.js";
import { make } from "../ui/element.js";
import { NOT_TYPED } from "../ui/field.js";
import { icon } from "../ui/icons.js";
import { opens } from "../ui/menu.js";

/** @import {Store} from "../state/store.js" */
/** @import {Chosen, TaskEntry} from "../state/types.js" */

/** What stands beside what, by the catalog's group. @type {Record<string, string>} */
const BESIDE = { surfaces: "curves" };
const OWN = "your data";
/** What goes where there is no room, one after the other; the last: all but one button. */
const GOES = ["no-counts", "no-brand", "no-names", "no-words", "picks"];

/**
 * Say on which part of the shelf a task stands: with the data that people bring, or where its group does.
 * @param {TaskEntry} task
 */
const partOf = ({ fields, group }) => (fields.some((f) => NOT_TYPED.includes(f.name)) ? OWN : (BESIDE[group] ?? group));

/**
 * A part of the shelf.
 * @typedef {object} Part
 * @property {HTMLElement} element @property {HTMLButtonElement} head @property {HTMLElement} tasks
 */

export class Shelf {
  /** @param {HTMLElement} element @param {Store} store @param {(chosen: Chosen) => void} choose */
  constructor(element, store, choose) {
    this.element = element;
    this.store = store;
    this.choose = choose;
    this.header = /** @type {HTMLElement} */ (element.parentElement);
    /** @type {Map<string, Part>} */
    this.parts = new Map();
    this.open = "";
    this.data = make(
      "button",
      { type: "button", id: "data", className: "task bring" },
      icon("bring"),
      make("b", { textContent: "Bring data" }),
      make("span", { textContent: "A table or a folder of images, from this machine." }),
    );
    this.pick = make("button", { type: "button", id: "task-button", className: "pick" });
    element.before(this.pick);
    opens(this.pick, element);
    element.append(this.data); // who listens to it finds it from the start
    store.on("catalog", () => this.show(store.catalog.tasks));
    store.on("task", () => this.mark(store.chosen.task));
    this.sizes = new ResizeObserver(() => requestAnimationFrame(() => this.fit()));
    this.sizes.observe(this.header);
  }

  /** @param {TaskEntry[]} tasks */
  show(tasks) {
    const parts = new Map();
    for (const task of tasks) parts.set(partOf(task), [...(parts.get(partOf(task)) ?? []), task]);
    const own = parts.get(OWN);
    parts.delete(OWN);
    if (own) parts.set(OWN, own); // stands last
    for (const [name, members] of parts) this.addPart(name, members);
    this.parts.get(OWN)?.tasks.append(this.data);
  }

  /** @param {string} name @param {TaskEntry[]} members */
  addPart(name, members) {
    const title = name[0].toUpperCase() + name.slice(1);
    const head = make(
      "button",
      { type: "button", className: "group-head" },
      name === OWN ? icon("bring") : thumbnail(members[0]),
      make("span", { textContent: title }),
      make("small", { textContent: String(members.length) }),
    );
    const tasks = make(
      "div",
      { id: `shelf-${name.replaceAll(" ", "-")}`, className: "tasks", role: "group" },
      ...members.map((task) => this.button(task)),
    );
    tasks.setAttribute("aria-label", title);
    const label = make("span", { className: "group-name", textContent: title });
    const element = make("div", { className: "group" }, label, head, tasks);
    opens(head, tasks);
    this.parts.set(name, { element, head, tasks });
    this.element.append(element);
    this.sizes.observe(element); // with larger letters it grows
  }

  /** @param {TaskEntry} task */
  button(task) {
    const button = make(
      "button",
      { type: "button", className: "task", title: task.summary },
      thumbnail(task),
      make("b", { textContent: task.title }),
      make("span", { textContent: task.summary }),
    );
    button.dataset.task = task.name;
    button.onclick = () => {
      const sheet = /** @type {HTMLElement | null} */ (button.closest(":popover-open"));
      sheet?.hidePopover();
      this.choose(this.store.defaultsOf(task.name));
    };
    return button;
  }

  /** Mark the chosen one, and open its part. @param {string} name */
  mark(name) {
    for (const button of this.element.querySelectorAll("[data-task]"))
      button.setAttribute("aria-pressed", String(/** @type {HTMLElement} */ (button).dataset.task === name));
    this.open = partOf(this.store.task);
    const words = make("b", { textContent: this.store.task.title });
    this.pick.replaceChildren(thumbnail(this.store.task), words, icon("down"));
    this.pick.setAttribute("aria-label", `Task: ${this.store.task.title}`);
    this.fit();
  }

  /** Let go what there is no room for, one thing after the other. */
  fit() {
    if (!this.open || this.element.querySelector(":popover-open") || this.element.matches(":popover-open")) return;
    const { header, element } = this;
    const isNarrow = matchMedia("(max-width: 47.5em)").matches;
    header.classList.remove(...GOES);
    this.layOut(false);
    if (isNarrow) header.classList.add(...GOES);
    else
      for (const what of GOES) {
        if (element.scrollWidth <= element.clientWidth) break;
        header.classList.add(what);
      }
    if (header.classList.contains("picks")) this.layOut(true);
  }

  /** Make one sheet for all, or a line with a sheet for each part that is not open. @param {boolean} asSheet */
  layOut(asSheet) {
    const { element, parts, pick } = this;
    pick.popoverTargetElement = asSheet ? element : null;
    element.popover = asSheet ? "auto" : null;
    for (const [name, { element: part, head, tasks }] of parts) {
      const isOpen = asSheet || name === this.open;
      part.classList.toggle("open", isOpen);
      tasks.popover = isOpen ? null : "auto";
      head.popoverTargetElement = isOpen ? null : tasks;
    }
  }
}

/** The picture of a task; the server has one for those that have none. @param {TaskEntry} task */
const thumbnail = ({ name }) => make("img", { src: fileOf(`thumbnails/${name}.png`), alt: "", loading: "lazy" });
