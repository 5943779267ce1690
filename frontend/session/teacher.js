/** A visitor's page shows what the teacher's shows: loaded where nobody may train. */

import { newestRun } from "../server/api.js";
import { isActive } from "../state/status.js";

/** @import {ShownRun} from "./shown_run.js" */

const FOLLOW_AFTER = 2000; // milliseconds after which a visitor asks whether the teacher has another run,
const FOLLOW_RARELY = 15_000; // and those between two times, where nothing has happened for long
const KEY = "teacher";

/**
 * Show what the teacher shows, whenever that becomes another run: what a visitor looks at meanwhile stays until then,
 * after a reload too. The longer nothing happens, the more rarely ask.
 * @param {ShownRun} shown @param {Pick<Storage, "getItem" | "setItem">} storage of the tab
 */
export function followTeacher(shown, storage) {
  const { store } = shown;
  let wait = FOLLOW_AFTER;
  let timer = 0;
  let last = remembered(storage, store.run?.id) ?? store.run?.id; // the run that the teacher showed
  const remember = () => {
    try {
      storage.setItem(KEY, JSON.stringify({ last, seen: store.run?.id }));
    } catch {
      // a tab that may not keep anything follows after a reload
    }
  };
  store.on("run", remember);
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
      if (isOther) {
        last = newest.id;
        remember();
      }
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

/**
 * The run that the teacher showed while a visitor looked at this one, before a reload; null where nobody did.
 * @param {Pick<Storage, "getItem">} storage @param {string | undefined} run @returns {string | null}
 */
function remembered(storage, run) {
  try {
    const { last, seen } = JSON.parse(storage.getItem(KEY) ?? "{}");
    return run && seen === run ? (last ?? null) : null;
  } catch {
    return null;
  }
}
