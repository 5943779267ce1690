/** The toolbar: train, step, reset, new seed, stop, and the speed. */

import { count } from "../state/numbers.js";
import { isActive, isReopenable, waits } from "../state/status.js";
import { make } from "../ui/element.js";
import { icon } from "../ui/icons.js";

/** @import {Store} from "../state/store.js" */
/** @import {Run} from "../state/types.js" */

const SPEEDS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, null];

/** @typedef {Record<"train" | "step" | "reset" | "seed" | "stop" | "further", () => void>} Buttons */

export class Toolbar {
  /**
   * @param {HTMLElement} element @param {Store} store
   * @param {Buttons & {speed: (speed: number | null) => void}} actions
   */
  constructor(element, store, actions) {
    const button = (
      /** @type {string} */ id,
      /** @type {string} */ shape,
      /** @type {string} */ title,
      /** @type {() => void} */ act,
    ) => {
      const made = make("button", { type: "button", id, title, onclick: () => act() }, icon(shape));
      made.setAttribute("aria-label", title);
      return made;
    };
    this.train = button("train", "play", "Train or pause (space)", actions.train);
    this.train.className = "primary";
    this.step = button("step", "step", "One step (→)", actions.step);
    this.reset = button("reset", "reset", "Reset to the same first weights (R)", actions.reset);
    this.seed = button("new-seed", "seed", "New seed: other data, other first weights (N)", actions.seed);
    this.stop = button("stop", "stop", "Stop", actions.stop);
    this.further = button("further", "further", "Train this run further", actions.further);
    this.bar = make("input", { type: "range", min: "0", max: String(SPEEDS.length - 1), step: "1", id: "speed" });
    this.words = make("output");
    this.bar.oninput = () => {
      const speed = SPEEDS[Number(this.bar.value)];
      this.sayLimit(speed);
      actions.speed(speed);
    };
    element.replaceChildren(
      make("div", { className: "buttons" }, this.train, this.step, this.reset, this.seed, this.stop, this.further),
      make("label", { className: "speed" }, "speed", this.bar, this.words),
    );
    for (const what of /** @type {const} */ (["task", "choices"]))
      store.on(what, () => this.showSpeed(store.chosen.speed));
    store.on("news", () => this.show(store.run));
    this.show(null);
  }

  /** @param {number | null} speed */
  sayLimit(speed) {
    this.words.textContent = speed === null ? "unlimited" : `${count(speed)} steps/s`;
    this.bar.setAttribute("aria-valuetext", this.words.textContent);
  }

  /** @param {number | null} speed */
  showSpeed(speed) {
    const at = SPEEDS.findIndex((s) => s === null || (speed !== null && s >= speed));
    this.bar.value = String(speed === null ? SPEEDS.length - 1 : at);
    this.sayLimit(speed);
  }

  /** Offer what the run's status allows. @param {Run | null} run */
  show(run) {
    const words = wordFor(run);
    const active = isActive(run?.status);
    const waiting = waits(run?.status);
    if (this.train.textContent !== words) this.train.replaceChildren(icon(active ? "pause" : "play"), words);
    this.train.disabled = !run;
    this.step.disabled = !waiting;
    this.reset.disabled = !run;
    this.further.hidden = !isReopenable(run?.status);
    this.stop.hidden = !this.further.hidden;
    this.stop.disabled = !(active || (waiting && run && run.step > 0));
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
