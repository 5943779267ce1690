/**
 * The history of one run: which snapshots there are, and how the pictures looked at each, as the server makes them
 * anew.
 */

import { call } from "./api.js";
import { unpackAll } from "./frames.js";

/** @import {AnyPicture, OptimizerChange} from "../state/types.js" */

const HELD = 400; // pictures that are kept

export class RunHistory {
  /** @param {string} id the run */
  constructor(id) {
    this.id = id;
    /** @type {number[]} the steps of the snapshots, in order */
    this.steps = [];
    /** @type {OptimizerChange[]} */
    this.changes = [];
    /** @type {Map<string, AnyPicture | null>} */
    this.held = new Map();
  }

  /** Ask which snapshots there are now. */
  async refresh() {
    const { steps, changes } = await call("GET", `runs/${this.id}/history`);
    this.steps = steps;
    this.changes = changes;
  }

  /**
   * Find the snapshot nearest to a step; undefined while there is none.
   * @param {number} step @returns {number | undefined}
   */
  nearest(step) {
    let best = this.steps[0];
    for (const snapshot of this.steps) if (Math.abs(snapshot - step) < Math.abs(best - step)) best = snapshot;
    return best;
  }

  /** Go some snapshots on from a step; null beyond the newest. @param {number | null} step @param {number} by */
  beside(step, by) {
    const here = step === null ? this.steps.length : this.steps.findIndex((s) => s >= step);
    const at = (here < 0 ? this.steps.length : here) + by;
    return at >= this.steps.length ? null : this.steps[Math.max(0, at)];
  }

  /**
   * Get pictures of a snapshot; one that shows nothing there is null.
   * @param {number} step @param {string[]} names @returns {Promise<Map<string, AnyPicture | null>>}
   */
  async pictures(step, names) {
    const missing = names.filter((name) => !this.held.has(`${step} ${name}`));
    if (missing.length) {
      const query = missing.map((name) => `names=${encodeURIComponent(name)}`).join("&");
      const reply = await fetch(`/api/runs/${this.id}/history/${step}?${query}`);
      if (!reply.ok) throw new Error(`the moment of step ${step} is not to be had`);
      const found = new Map(unpackAll(await reply.arrayBuffer()).map((picture) => [picture.name, picture]));
      for (const name of missing) this.held.set(`${step} ${name}`, found.get(name) ?? null);
      for (const key of this.held.keys()) {
        if (this.held.size <= HELD) break;
        this.held.delete(key);
      }
    }
    return new Map(names.map((name) => [name, this.held.get(`${step} ${name}`) ?? null]));
  }
}
