/**
 * What the doctor found, as the page shows it: one finding at a time, only if it lasts, now or at the step that is
 * looked back at.
 */

import { isActive } from "../state/status.js";

/** @import {Store} from "../state/store.js" */
/** @import {Finding, FoundAt} from "../state/types.js" */

const LASTS = 700; // milliseconds from which on it is no flicker

/** What tells a finding from others, whatever its numbers are. @param {Finding | null} finding */
export const keyOf = (finding) => (finding ? `${finding.cause} ${finding.layer ?? ""}` : "");

/** Whether a finding is one that a person wants to do something about. @param {Finding | null} finding */
export const isAlarm = (finding) => finding !== null && finding.kind !== "good";

/**
 * Choose what is shown of all that was found: the most causal, and what is well only where nothing else is.
 * @param {Finding[]} findings @returns {Finding | null}
 */
export const firstOf = (findings) => findings.find(isAlarm) ?? findings[0] ?? null;

/**
 * Give what was found at a step.
 * @param {FoundAt[]} found @param {number} step @returns {Finding[]}
 */
export const findingsAt = (found, step) => found.filter((entry) => entry.step <= step).at(-1)?.findings ?? [];

/**
 * List where what is ill began, of that which was shown, once for each cause.
 * @param {FoundAt[]} found @returns {{step: number, finding: Finding}[]}
 */
export function beginnings(found) {
  /** @type {Map<string, {step: number, finding: Finding}>} */
  const first = new Map();
  for (const { step, findings } of found) {
    const finding = firstOf(findings);
    if (finding && isAlarm(finding) && !first.has(finding.cause))
      first.set(finding.cause, { step: Math.min(step, finding.since), finding });
  }
  return [...first.values()].sort((a, b) => a.step - b.step);
}

/** Lets through what lasts: what comes and goes in a moment is never shown. */
export class Steady {
  /** @param {number} [lasts] milliseconds */
  constructor(lasts = LASTS) {
    this.lasts = lasts;
    /** @type {Finding | null} */
    this.shown = null;
    this.begun = -Infinity; // when something else than what is shown began
    this.isOther = false;
  }

  /**
   * Take in what is found now. Give the milliseconds after which to come again; 0 where that need not be.
   * @param {Finding | null} finding @param {number} now @param {boolean} [atOnce] nothing more will happen by itself
   */
  take(finding, now, atOnce = false) {
    const isSame = keyOf(finding) === keyOf(this.shown);
    if (!isSame && !this.isOther) this.begun = now;
    this.isOther = !isSame;
    const wait = this.begun + this.lasts - now;
    if (!isSame && !atOnce && wait > 0) return wait;
    this.shown = finding;
    this.isOther = false;
    return 0;
  }
}

/** Keeps in the store what is shown of all that was found. */
export class Diagnosis {
  /** @param {Store} store @param {() => number} [now] */
  constructor(store, now = () => performance.now()) {
    this.store = store;
    this.now = now;
    this.steady = new Steady();
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    store.on("run", () => {
      this.steady = new Steady();
      this.show();
    });
    for (const what of /** @type {const} */ (["findings", "news", "look"])) store.on(what, () => this.show());
  }

  show() {
    const { store, steady } = this;
    clearTimeout(this.timer);
    const wait = steady.take(firstOf(store.findings), this.now(), !isActive(store.run?.status));
    if (wait) this.timer = setTimeout(() => this.show(), wait);
    const shown = store.at === null ? steady.shown : firstOf(findingsAt(store.found, store.at));
    if (shown === store.finding) return;
    store.finding = shown;
    store.emit("finding");
  }
}
