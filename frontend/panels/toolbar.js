/** The toolbar: train, step, reset, new seed, stop, and the speed. */

import { ACTIVE, REOPENABLE, WAITING } from "../state/constants.js";
import { count } from "../state/numbers.js";
import { icon } from "../ui/icons.js";

const SPEEDS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, null];

export class Toolbar {
  /**
   * @param {HTMLElement} element
   * @param {{train: () => void, step: () => void, reset: () => void, seed: () => void, stop: () => void, further: () => void, speed: (s: number | null) => void}} actions
   */
  constructor(element, actions) {
    const button = (
      /** @type {string} */ id,
      /** @type {string} */ text,
      /** @type {string} */ title,
      /** @type {() => void} */ act,
    ) => {
      const made = document.createElement("button");
      Object.assign(made, { type: "button", id, title, onclick: act });
      made.append(icon(text));
      made.setAttribute("aria-label", title);
      return made;
    };
    this.train = button("train", "play", "Train or pause (space)", actions.train);
    this.train.className = "primary";
    this.stepButton = button("step", "step", "One step (→)", actions.step);
    this.reset = button("reset", "reset", "Reset to the same first weights (R)", actions.reset);
    this.seed = button("new-seed", "seed", "New seed: other data, other first weights (N)", actions.seed);
    this.stop = button("stop", "stop", "Stop", actions.stop);
    this.further = button("further", "further", "Train this run further", actions.further);
    const buttons = document.createElement("div");
    buttons.className = "buttons";
    buttons.append(this.train, this.stepButton, this.reset, this.seed, this.stop, this.further);
    const speed = document.createElement("label");
    speed.className = "speed";
    this.bar = document.createElement("input");
    Object.assign(this.bar, { type: "range", min: "0", max: String(SPEEDS.length - 1), step: "1", id: "speed" });
    this.words = document.createElement("output");
    this.bar.oninput = () => {
      const s = SPEEDS[Number(this.bar.value)];
      this.sayLimit(s);
      actions.speed(s);
    };
    speed.append("speed", this.bar, this.words);
    element.replaceChildren(buttons, speed);
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

  /** Offer what the run's status allows. @param {any} run */
  show(run) {
    const status = run?.status ?? "none";
    const active = ACTIVE.includes(status);
    const waits = WAITING.includes(status);
    const words = active
      ? "Pause"
      : status === "interrupted"
        ? "Resume"
        : status === "paused" && run.step > 0
          ? "Continue"
          : status === "paused" || !run
            ? "Train"
            : "Train again";
    if (this.train.textContent !== words) this.train.replaceChildren(icon(active ? "pause" : "play"), words);
    this.train.disabled = !run;
    this.stepButton.disabled = !waits;
    this.reset.disabled = !run;
    this.further.hidden = !REOPENABLE.includes(status);
    this.stop.hidden = !this.further.hidden;
    this.stop.disabled = !(active || (waits && run.step > 0));
  }
}
