/** A visitor's page shows what the teacher's shows: loaded where nobody may train. */

import { newestRun } from "../server/api.js";
import { isActive } from "../state/status.js";

/** @import {ShownRun} from "./shown_run.js" */

const FOLLOW_AFTER = 2000; // milliseconds after which a visitor asks whether the teacher has another run,
const FOLLOW_RARELY = 15_000; // and those between two times, where nothing has happened for long

/**
 * Show what the teacher shows, whenever that becomes another run: what a visitor looks at meanwhile stays until then.
 * The longer nothing happens, the more rarely ask.
 * @param {ShownRun} shown
 */
export function followTeacher(shown) {
  const { store } = shown;
  let wait = FOLLOW_AFTER;
  let timer = 0;
  let last = store.run?.id; // the run that the teacher showed
  const soon = () => {
    clearTimeout(timer);
    timer = window.setTimeout(ask, wait);
  };
  const ask = async () => {
    const { run } = store;
    last ??= run?.id;
    wait = isActive(run?.status) ? FOLLOW_AFTER : Math.min(FOLLOW_RARELY, 1.2 * wait);
    if (!isActive(run?.status) && !document.hidden && !shown.orders.areWaiting() && !store.lost) {
      const newest = await newestRun().catch(() => null);
      const isOther = newest !== null && newest.id !== last && run === store.run;
      if (isOther) last = newest.id;
      if (isOther && newest.id !== run?.id) {
        shown.adopt(newest, false);
        wait = FOLLOW_AFTER;
      }
    }
    soon();
  };
  document.addEventListener("visibilitychange", () => {
    wait = FOLLOW_AFTER;
    if (!document.hidden) soon();
  });
  soon();
}
