/** One of the runs that are compared: its name, its colour, its rows, and its picture where it has a network. */

import { getMetrics } from "../../server/api.js";
import { make } from "../../ui/element.js";
import { placeOf, stepAt } from "../across.js";
import { COLOURS, Lane } from "../lane.js";

/** @import {Store} from "../../state/store.js" */
/** @import {MetricsColumns, Run} from "../../state/types.js" */
/** @typedef {import("../lane.js").Actions & {failed: (error: unknown) => void}} Actions what a lane asks, and more */

export class Member {
  /** @param {Run} run @param {string} called @param {number} place @param {Store} store @param {Actions} actions */
  constructor(run, called, place, store, actions) {
    this.own = run;
    this.called = called;
    this.words = `${place + 1} \u2068${called}\u2069`;
    this.colour = COLOURS[place];
    this.lane = run.imported ? null : new Lane(run, this.words, place, store, actions);
    /** @type {MetricsColumns} of one that trained elsewhere: nothing is added to them any more */
    this.rows = { step: [], time: [] };
    this.element = this.lane?.element ?? this.outside();
    this.element.dataset.run = run.id;
    if (run.imported)
      getMetrics(run.id).then(({ columns }) => {
        this.rows = columns;
        actions.rows();
      }, actions.failed);
  }

  get run() {
    return this.lane?.run ?? this.own;
  }

  get columns() {
    return this.lane?.store.columns ?? this.rows;
  }

  /** What stands in the place of its picture. */
  outside() {
    const name = make("b", { dir: "ltr", textContent: this.words });
    name.style.setProperty("--own", this.colour);
    const words = "It trained elsewhere: its rows are here, but no network, so there is no picture of it.";
    const empty = make("p", { className: "outside muted", textContent: words });
    return make("article", { className: "card picture lane" }, make("header", {}, name), empty);
  }

  /** The places of its snapshots. @param {string} by */
  moments(by) {
    const steps = this.lane?.history.steps ?? [];
    return steps.flatMap((step) => placeOf(this.columns, this.run, by, step) ?? []);
  }

  /** Let the server have at hand what the first look back needs, which takes longer than the next ones. */
  async warm() {
    const newest = this.lane?.history.steps.at(-1);
    if (this.lane && newest !== undefined)
      await this.lane.history.pictures(newest, this.lane.stream.names).catch(() => null);
  }

  /** Show its picture at a place, or now. @param {string} by @param {number | null} place */
  async look(by, place) {
    if (!this.lane) return;
    const step = place === null ? null : stepAt(this.columns, this.run, by, place);
    if (place === null || step !== null) await this.lane.look(step);
  }

  close() {
    this.lane?.close();
    this.element.remove();
  }
}
