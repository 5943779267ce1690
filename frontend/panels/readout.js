/** The line of numbers above the pictures, and what a screen reader hears of the training. */

import { count, MISSING, number, percent } from "../state/numbers.js";

const WORDS = {
  queued: "waiting for its turn",
  running: "training",
  paused: "paused",
  finished: "finished",
  stopped: "stopped",
  diverged: "diverged",
  failed: "failed",
  interrupted: "interrupted",
};
const QUIET = 5000;

/** The number by which runs of a task are compared. @param {any} run @param {string} kind */
export const score = (run, kind) =>
  kind === "classes" ? percent(run.best_accuracy) : number(run.metrics?.test_loss ?? run.metrics?.loss);

export class Readout {
  /** @param {HTMLElement} element @param {HTMLElement} live */
  constructor(element, live) {
    this.element = element;
    this.live = live;
    this.said = { at: 0, status: "", loss: /** @type {number | null} */ (null) };
    /** @type {Map<string, HTMLElement>} */
    this.values = new Map();
  }

  /** @param {any} run @param {string} kind what the task has to learn */
  show(run, kind) {
    const m = run.metrics ?? {};
    const state =
      run.status === "queued" && run.waiting
        ? `waiting, place ${run.waiting}`
        : WORDS[/** @type {keyof typeof WORDS} */ (run.status)];
    this.put("status", state, run.status);
    this.put("step", count(run.step));
    this.put("epoch", count(Math.floor(run.epoch)));
    this.put("steps/s", run.steps_per_second ? count(Math.round(run.steps_per_second)) : MISSING);
    this.put("loss", number(m.loss));
    this.put(
      kind === "classes" ? "test accuracy" : "test loss",
      kind === "classes" ? percent(m.test_accuracy ?? m.accuracy) : number(m.test_loss),
    );
    const gone = kind === "classes" ? "test loss" : "test accuracy";
    this.values.get(gone)?.parentElement?.remove();
    this.values.delete(gone);
    this.element.title = "";
    this.announce(run, m, kind);
  }

  /** Show the numbers of a moment. @param {number} step @param {any} row the last row until then @param {any} run @param {string} kind */
  showMoment(step, row, run, kind) {
    this.put("status", "looking back", "past");
    this.put("step", count(step));
    this.put("epoch", count(Math.floor(run.epoch * (run.step ? step / run.step : 0))));
    this.put("steps/s", MISSING);
    this.put("loss", number(row.loss));
    this.put(
      kind === "classes" ? "test accuracy" : "test loss",
      kind === "classes" ? percent(row.test_accuracy ?? row.accuracy) : number(row.test_loss),
    );
    this.element.title = `loss and accuracy as measured at step ${row.step}`;
  }

  /** @param {string} name @param {string} value @param {string} [status] */
  put(name, value, status) {
    let cell = this.values.get(name);
    if (!cell) {
      const pair = document.createElement("div");
      const term = document.createElement("dt");
      term.textContent = name;
      cell = document.createElement("dd");
      cell.dataset.value = name;
      pair.append(term, cell);
      this.element.append(pair);
      this.values.set(name, cell);
    }
    if (cell.textContent !== value) cell.textContent = value;
    if (status) cell.dataset.status = status;
  }

  /** @param {any} run @param {any} m @param {string} kind */
  announce(run, m, kind) {
    const now = performance.now();
    if (run.status === this.said.status && (run.status !== "running" || now - this.said.at < QUIET)) return;
    const trend =
      this.said.loss === null || m.loss == null || run.status !== "running"
        ? ""
        : m.loss < this.said.loss
          ? ", loss falling"
          : ", loss rising";
    const result =
      kind === "classes"
        ? `test accuracy ${percent(m.test_accuracy ?? m.accuracy)}`
        : `test loss ${number(m.test_loss)}`;
    this.live.textContent = `${WORDS[/** @type {keyof typeof WORDS} */ (run.status)]}, epoch ${Math.floor(run.epoch)}, ${result}${trend}`;
    this.said = { at: now, status: run.status, loss: m.loss ?? null };
  }
}
