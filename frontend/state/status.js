/** What the statuses of a run mean for the page. */

import { ACTIVE, ENDED, REOPENABLE, WAITING } from "./constants.js";

/** @import {Store} from "./store.js" */
/** @import {RunStatus} from "./types.js" */

/** Whether it trains, or will without a person. @param {RunStatus | undefined} status */
export const isActive = (status) => status !== undefined && ACTIVE.includes(status);

/** Whether it goes on when a person says so. @param {RunStatus | undefined} status */
export const waits = (status) => status !== undefined && WAITING.includes(status);

/** Whether it is over. @param {RunStatus | undefined} status */
export const hasEnded = (status) => status !== undefined && ENDED.includes(status);

/** Whether it is over, and more steps reopen it. @param {RunStatus | undefined} status */
export const isReopenable = (status) => status !== undefined && REOPENABLE.includes(status);

/** Say of a lost connection when it is tried again; the empty string where it is there. @param {Store} store */
export function lostWords({ lost, run }) {
  if (!lost) return "";
  const seconds = Math.max(1, Math.ceil((lost.until - performance.now()) / 1000));
  return `${isActive(run?.status) ? "Training goes on" : "Nothing is lost"}; trying again in ${seconds} s.`;
}
