/**
 * Looking back: brings pictures, numbers and charts to a step of the run's history, and to now again. Training goes on
 * meanwhile.
 */

import { RunHistory } from "../server/history.js";

/** @import {Board} from "../pictures/board.js" */
/** @import {Charts} from "../charts/charts.js" */
/** @import {Headline} from "./headline.js" */
/** @import {Store} from "../state/store.js" */

export class LookingBack {
  /**
   * @param {Store} store @param {Board} board @param {Charts} charts @param {Headline} readout
   * @param {(error: unknown) => void} failed
   */
  constructor(store, board, charts, readout, failed) {
    this.store = store;
    this.board = board;
    this.charts = charts;
    this.readout = readout;
    this.failed = failed;
    this.history = new RunHistory("");
    this.fetching = false;
    this.shownIn = 0; // milliseconds from the wish to all pictures, for whoever measures
    store.on("run", () => this.begin());
    store.on("look", () => this.look());
    for (const happening of /** @type {const} */ (["example", "touched"]))
      store.on(happening, () => {
        if (store.looksBack) this.fetch();
      });
  }

  /** Take up another run. */
  begin() {
    this.store.look(null);
    this.history = new RunHistory(this.store.run?.id ?? "");
  }

  look() {
    const { board, charts, readout, store } = this;
    if (store.looksBack) {
      board.hold();
      this.fetch(); // first of all: while the server makes the pictures, the page has time for the rest
    }
    document.body.classList.toggle("past", store.looksBack);
    charts.point(store.at);
    if (store.at === null) {
      board.goLive();
      readout.show();
    } else {
      readout.showSnapshot(store.at);
    }
  }

  /** Fetch what is wanted now; while one answer is on its way, only the latest wish is kept. */
  async fetch() {
    if (this.fetching) return;
    this.fetching = true;
    try {
      for (let shown = ""; this.store.at !== null && shown !== this.wish(); ) {
        const { history, store } = this;
        const [step, names, start] = [this.store.at, this.board.watched(), performance.now()];
        shown = this.wish();
        const pictures = await history.pictures(step, names);
        if (store.at === null || history !== this.history) continue; // another wish, or none
        this.board.showSnapshot(pictures, step);
        const seen = [...pictures.values()].find((picture) => picture)?.step ?? step;
        if (seen !== step && store.at === step) {
          // that snapshot was thinned out meanwhile; this is the nearest one
          store.look(seen);
          history.refresh().catch(() => null);
          continue;
        }
        this.shownIn = performance.now() - start;
        document.body.dataset.snapshot = String(step);
      }
    } catch (error) {
      this.failed(error);
    } finally {
      this.fetching = false;
    }
  }

  wish() {
    return `${this.history.id} ${this.store.at} ${this.board.watched().join()}`;
  }
}
