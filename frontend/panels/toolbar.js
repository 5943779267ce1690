/** The toolbar: train, step, reset, new data, new weights, the speed, stop; and the bar that stays below on a phone. */

import { drawsData, SAME_DATA } from "../state/catalog.js";
import { count } from "../state/numbers.js";
import { isActive, isReopenable, waits } from "../state/status.js";
import { make } from "../ui/element.js";
import { control, fill, show } from "../ui/field.js";
import { icon } from "../ui/icons.js";

/** @import {Store} from "../state/store.js" */
/** @import {Run} from "../state/types.js" */
/** @import {Knob} from "../ui/field.js" */

const SPEEDS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, null];
const NARROW = "(max-width: 68.6875em)"; // where the knobs are a drawer, or below the pictures
const FIRST_KNOB = "optimizer.learning_rate";
const REMEMBERED = "phone knob";

/** @typedef {Record<"train" | "step" | "reset" | "data" | "weights" | "stop" | "further", () => void>} Buttons */

export class Toolbar {
  /**
   * @param {HTMLElement} element @param {Store} store
   * @param {Buttons & {speed: (speed: number | null) => void}} actions
   */
  constructor(element, store, actions) {
    const button = (
      /** @type {string} */ id,
      /** @type {string} */ shape,
      /** @type {string} */ words,
      /** @type {() => void} */ act,
    ) => make("button", { type: "button", id, onclick: () => act() }, ...(shape ? [icon(shape)] : []), words);
    this.element = element;
    this.store = store;
    this.train = button("train", "play", "Train", actions.train);
    this.train.className = "primary";
    this.train.append(make("kbd")); // its word is written by the style: it is no part of the button's name
    this.train.setAttribute("aria-keyshortcuts", "Space");
    this.step = button("step", "step", "Step", actions.step);
    this.reset = button("reset", "reset", "Reset", actions.reset);
    this.data = button("new-data", "points", "New data", actions.data);
    this.weights = button("new-weights", "dice", "New weights", actions.weights);
    this.stop = button("stop", "", "Stop", actions.stop);
    this.further = button("further", "", "Train further", actions.further);
    this.four = make("div", { className: "four" }, this.step, this.reset, this.data, this.weights);
    this.bar = make("input", { type: "range", min: "0", max: String(SPEEDS.length - 1), step: "1", id: "speed" });
    this.limit = make("output");
    this.limit.htmlFor.add("speed");
    this.bar.oninput = () => {
      const speed = SPEEDS[Number(this.bar.value)];
      this.sayLimit(speed);
      actions.speed(speed);
    };
    this.pace = make("dl", { id: "facts", className: "facts" }); // the headline writes them
    const ends = make("div", { className: "pace" }, this.pace, this.stop, this.further);
    const speed = make("label", { className: "speed" }, make("span", { textContent: "Speed" }), this.bar, this.limit);
    speed.dataset.term = "terms/speed";
    element.replaceChildren(this.train, this.four, speed, ends);
    for (const what of /** @type {const} */ (["task", "choices"]))
      store.on(what, () => this.showSpeed(store.chosen.speed));
    for (const what of /** @type {const} */ (["news", "limits"])) store.on(what, () => this.show(store.run));
    this.show(null);
  }

  /** @param {number | null} speed */
  sayLimit(speed) {
    const words = speed === null ? "unlimited" : `${count(speed)} ${speed === 1 ? "step" : "steps"}/s`;
    this.limit.textContent = words;
    fill(this.bar, words);
  }

  /** @param {number | null} speed */
  showSpeed(speed) {
    const at = SPEEDS.findIndex((s) => s === null || (speed !== null && s >= speed));
    this.bar.value = String(speed === null ? SPEEDS.length - 1 : at);
    this.sayLimit(speed);
  }

  /** Offer what the run's status allows, and say why not where it does not. @param {Run | null} run */
  show(run) {
    const words = wordFor(run);
    const active = isActive(run?.status);
    const waiting = waits(run?.status);
    if (this.train.textContent !== words) {
      this.train.replaceChildren(icon(active ? "pause" : "play"), words, make("kbd"));
    }
    /** @param {HTMLButtonElement} button @param {string} why it is disabled @param {string} title */
    const offer = (button, why, title) => {
      button.disabled = Boolean(why);
      button.title = why || title;
    };
    const none = run ? "" : "There is no run yet";
    offer(this.train, none, `${words} (space)`);
    offer(this.step, none || (active ? "Pause first" : waiting ? "" : "This run has ended"), "One step (→)");
    offer(this.reset, none, "Back to the same data and first weights (R)");
    const same = run && !drawsData(this.store) ? SAME_DATA : "";
    offer(this.data, none || same || this.store.whyNot("data"), "Other data, the same first weights (D)");
    offer(this.weights, none || this.store.whyNot("training"), "Other first weights, the same data (N)");
    const ended = isReopenable(run?.status);
    this.further.hidden = !ended;
    this.stop.hidden = ended;
    const begun = active || (waiting && run && run.step > 0);
    offer(this.stop, begun ? "" : "Nothing has been trained yet", "End this run; it can be trained further");
    this.further.title = run && run.step >= run.steps ? `${count(run.steps)} more steps` : "Go on with this run";
  }
}

/** What the first button does now. @param {Run | null} run */
function wordFor(run) {
  if (!run) return "Train";
  if (isActive(run.status)) return "Pause";
  if (run.status === "interrupted") return "Resume";
  if (run.status === "paused") return run.step > 0 ? "Continue" : "Train";
  return "Train again";
}

/**
 * The bar that stays below on a narrow screen: one knob, any of them, the toolbar's first buttons, and, where the knobs
 * are a drawer, what opens it.
 */
export class PhoneBar {
  /** @param {HTMLElement} element @param {Toolbar} toolbar where the buttons are on a larger screen */
  constructor(element, toolbar) {
    this.element = element;
    this.toolbar = toolbar;
    /** @type {Knob[]} */
    this.knobs = [];
    this.path = localStorage.getItem(REMEMBERED) ?? FIRST_KNOB;
    this.chooser = make("select", { id: "phone-knob", className: "chooser" });
    this.chooser.setAttribute("aria-label", "Which knob stays here");
    this.chooser.onchange = () => {
      this.path = this.chooser.value;
      localStorage.setItem(REMEMBERED, this.path);
      this.build();
    };
    this.knob = make("div", { className: "phone-knob" });
    this.buttons = make("div", { className: "go" });
    this.drawer = make("button", { type: "button", id: "all-knobs", textContent: "All knobs" });
    this.drawer.setAttribute("aria-controls", "controls");
    this.drawer.onclick = () => this.slide(!document.body.classList.contains("knobs-open"));
    element.replaceChildren(this.drawer, this.knob, this.buttons);
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.slide(false)) return;
      event.preventDefault(); // it closes nothing else
      this.drawer.focus();
    });
    document.addEventListener("pointerdown", (event) => {
      if (!(/** @type {HTMLElement} */ (event.target).closest("#controls, #phone-bar, dialog, .menu")))
        this.slide(false);
    });
    const narrow = matchMedia(NARROW);
    narrow.addEventListener("change", () => this.place(narrow.matches));
    this.place(narrow.matches);
  }

  /** Slide the drawer of all knobs in or out; false where it was so already. @param {boolean} open */
  slide(open) {
    if (document.body.classList.contains("knobs-open") === open) return false;
    document.body.classList.toggle("knobs-open", open);
    this.drawer.setAttribute("aria-expanded", String(open));
    return true;
  }

  /** Take the buttons here, or give them back. @param {boolean} here */
  place(here) {
    const { train, step, reset, element, four } = this.toolbar;
    this.element.hidden = !here;
    if (here) this.buttons.replaceChildren(train, step, reset);
    else {
      element.prepend(train);
      four.prepend(step, reset);
    }
  }

  /** Offer the knobs there are now. @param {Knob[]} knobs */
  offer(knobs) {
    this.knobs = knobs;
    this.build();
  }

  build() {
    const { knobs, chooser } = this;
    const now = knobs.find((k) => k.path === this.path) ?? knobs.find((k) => k.path === FIRST_KNOB) ?? knobs[0];
    chooser.replaceChildren(...knobs.map((k) => new Option(k.title, k.path, false, k === now)));
    if (!now) {
      this.knob.replaceChildren(); // a lesson leaves none
      return;
    }
    const row = control(now.field, now.value(), "", (value) => {
      now.change(value);
      show(now.row, value);
    });
    row.removeAttribute("data-path"); // refusals of the server stand on the knobs themselves
    for (const input of row.querySelectorAll("input")) input.setAttribute("aria-label", now.title);
    row.querySelector("label")?.replaceWith(chooser);
    this.knob.replaceChildren(row);
    this.row = row;
    this.now = now;
  }

  /** A knob was turned elsewhere. @param {string} path @param {any} value */
  turned(path, value) {
    if (this.row && this.now?.path === path) show(this.row, value);
  }
}
