/** Looking back: brings pictures, numbers and charts to a moment of the film, and to now again. Training goes on meanwhile. */

import { Film } from "./server/history.js";

export class Past {
  /**
   * @param {import("./state/store.js").Store} store @param {import("./pictures/board.js").Board} board
   * @param {import("./charts/charts.js").Charts} charts @param {import("./panels/readout.js").Readout} readout
   * @param {{left: () => void, moved: (step: number) => void, failed: (error: unknown) => void}} actions
   */
  constructor(store, board, charts, readout, actions) {
    this.store = store;
    this.board = board;
    this.charts = charts;
    this.readout = readout;
    this.actions = actions;
    this.film = new Film("");
    /** @type {number | null} */
    this.step = null;
    this.fetching = false;
    this.shownIn = 0; // milliseconds from the wish to all pictures, for whoever measures
  }

  get active() {
    return this.step !== null;
  }

  /** Take up another run. @param {string} id */
  begin(id) {
    if (this.active) this.look(null);
    this.film = new Film(id);
    return this.film;
  }

  /** @param {number | null} step null is now */
  look(step) {
    this.step = step;
    document.body.classList.toggle("past", this.active);
    this.charts.point(step);
    if (step === null) {
      this.board.goLive();
      if (this.store.run) this.readout.show(this.store.run, this.store.task.kind);
      this.actions.left();
      return;
    }
    this.board.hold();
    this.readout.showMoment(step, this.rowAt(step), this.store.run, this.store.task.kind);
    this.fetch();
  }

  /** Fetch what is wanted now; while one answer is on its way, only the latest wish is kept. */
  async fetch() {
    if (this.fetching) return;
    this.fetching = true;
    try {
      for (let shown = ""; this.step !== null && shown !== this.wish(); ) {
        const [{ film, step }, names, start] = [this, this.board.watched(), performance.now()];
        shown = this.wish();
        const pictures = await film.pictures(/** @type {number} */ (step), names);
        if (this.step === null || film !== this.film) break;
        this.board.showMoment(pictures, /** @type {number} */ (step));
        const seen = [...pictures.values()].find((picture) => picture)?.step ?? step;
        if (seen !== step && this.step === step) {
          // that moment was thinned out meanwhile; this is the nearest one
          this.actions.moved(seen);
          continue;
        }
        this.shownIn = performance.now() - start;
        document.body.dataset.moment = String(step);
      }
    } catch (error) {
      this.actions.failed(error);
    } finally {
      this.fetching = false;
    }
  }

  wish() {
    return `${this.film.id} ${this.step} ${this.board.watched().join()}`;
  }

  /** Give the last row at or before a step. @param {number} step @returns {Record<string, number | null>} */
  rowAt(step) {
    const { columns } = this.store;
    let i = columns.step.length - 1;
    while (i > 0 && /** @type {number} */ (columns.step[i]) > step) i--;
    return Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, values[i] ?? null]));
  }
}
