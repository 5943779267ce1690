/** The line of numbers above the pictures, and what a screen reader hears of the training. */

import { count, MISSING, number, percent } from "../state/numbers.js";
import { make } from "../ui/element.js";

/** @import {Store} from "../state/store.js" */
/** @import {MetricsRow, Run, RunStatus} from "../state/types.js" */

/** @type {Record<RunStatus, string>} */
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
const QUIET = 5000; // milliseconds between two sentences for a screen reader

export class Readout {
  /** @param {HTMLElement} element @param {HTMLElement} live @param {Store} store */
  constructor(element, live, store) {
    this.element = element;
    this.live = live;
    this.store = store;
    this.said = { at: 0, status: "", loss: /** @type {number | null} */ (null) };
    /** @type {Map<string, HTMLElement>} */
    this.values = new Map();
    store.on("news", () => {
      if (!store.looksBack) this.show();
    });
  }

  show() {
    const { run } = this.store;
    if (!run) return;
    const row = run.metrics ?? {};
    const waiting = run.status === "queued" && run.waiting;
    const best = run.status === "finished" && run.best_step !== null ? `, best at step ${count(run.best_step)}` : "";
    this.put("status", waiting ? `waiting, place ${run.waiting}` : WORDS[run.status] + best, run.status);
    this.put("step", count(run.step));
    this.put("epoch", count(Math.floor(run.epoch)));
    this.put("steps/s", run.steps_per_second ? count(Math.round(run.steps_per_second)) : MISSING);
    this.putLosses(run, row);
    this.drop(this.store.task.kind === "classes" ? "test loss" : "test accuracy");
    this.element.title = "";
    this.announce(run, row);
  }

  /** Show the numbers of a step of the run's history. @param {number} step */
  showSnapshot(step) {
    const { run } = this.store;
    if (!run) return;
    const row = this.store.rowAt(step);
    this.put("status", "looking back", "past");
    this.put("step", count(step));
    this.put("epoch", count(Math.floor(run.epoch * (run.step ? step / run.step : 0))));
    this.put("steps/s", MISSING);
    this.putLosses(run, row);
    this.element.title = `loss and accuracy as measured at step ${row.step}`;
  }

  /**
   * Show the loss, what counts, and, where a regularizer asks one, the penalty: what is minimized is loss + penalty.
   * @param {Run} run @param {MetricsRow} row
   */
  putLosses(run, row) {
    this.put("loss", number(row.loss));
    this.put(...this.result(row));
    const said = row.tested ? `measured on ${row.tested} test examples; the last row of an epoch measures all` : "";
    this.element.querySelector(`[data-value="${this.result(row)[0]}"]`)?.setAttribute("title", said);
    if (run.configuration.regularizer) this.put("penalty", number(row.penalty));
    else this.drop("penalty");
  }

  /**
   * What counts in this task: its name and its value, and of how many test examples where it was not all.
   * @param {MetricsRow} row @returns {[string, string]}
   */
  result(row) {
    const part = row.tested ? ` (of ${row.tested})` : "";
    return this.store.task.kind === "classes"
      ? ["test accuracy", percent(row.test_accuracy ?? row.accuracy) + part]
      : ["test loss", number(row.test_loss) + part];
  }

  /** @param {string} name @param {string} value @param {string} [status] */
  put(name, value, status) {
    let cell = this.values.get(name);
    if (!cell) {
      cell = make("dd");
      cell.dataset.value = name;
      this.element.append(make("div", {}, make("dt", { textContent: name }), cell));
      this.values.set(name, cell);
    }
    if (cell.textContent !== value) cell.textContent = value;
    if (status) cell.dataset.status = status;
  }

  /** @param {string} name */
  drop(name) {
    this.values.get(name)?.parentElement?.remove();
    this.values.delete(name);
  }

  /** @param {Run} run @param {MetricsRow} row */
  announce(run, row) {
    const now = performance.now();
    const { said } = this;
    const loss = row.loss ?? null;
    if (run.status === said.status && (run.status !== "running" || now - said.at < QUIET)) return;
    let trend = "";
    if (said.loss !== null && loss !== null && run.status === "running")
      trend = loss < said.loss ? ", loss falling" : ", loss rising";
    const result = this.result(row).join(" ");
    this.live.textContent = `${WORDS[run.status]}, epoch ${Math.floor(run.epoch)}, ${result}${trend}`;
    this.said = { at: now, status: run.status, loss };
  }
}
