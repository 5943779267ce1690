/** Undoing what was changed last, and doing it again: loaded when somebody asks for it. */

import { changeRun, command, deleteRun, findRun } from "../server/api.js";
import { leaveUnitsToTask } from "../state/catalog.js";
import { editsSince } from "../state/differences.js";
import { hasEnded, isActive, isReopenable, waits } from "../state/status.js";

/** @import {Before} from "../state/undoing.js" */
/** @import {ShownRun} from "./shown_run.js" */

/**
 * Undo what was changed last, or do it again: the run that was there goes on where it was.
 * @param {ShownRun} shown @param {"undo" | "redo"} way
 */
export async function takeBack(shown, way) {
  const { store, page, undoing } = shown;
  if (store.catalog.view_only) return;
  shown.dropRenewal();
  const before = undoing.take(way, shown.run.id);
  if (!before) {
    page.tell(way === "undo" ? "There is nothing to undo here." : "There is nothing to do again here.");
    return;
  }
  try {
    shown.askFor(before.chosen);
  } catch (error) {
    undoing.back(way, before);
    throw error;
  }
  if (before.isRepair) page.race(null);
  // at once: a reload may come before all is done
  const note = (/** @type {Before} */ now) => undoing.back(way === "undo" ? "redo" : "undo", now);
  const back = way === "undo" ? null : shown.orders.undo;
  const isDone = await comeBack(shown, before, note, back).catch((error) => {
    undoing.back(way, before);
    throw error;
  });
  if (!isDone) return; // it is said already what became of it
  page.tell(way === "undo" ? "Undone." : "Done again.", back);
  store.emit("runs");
}

/**
 * Have what was chosen, and the run that was there, where it is still there.
 * @param {ShownRun} shown @param {Before} before @param {(now: Before) => void} note hears how it is now
 * @param {(() => void) | null} back takes this back in turn
 * @returns {Promise<boolean>} false where the run's last step came first, and what was chosen is kept
 */
async function comeBack(shown, before, note, back) {
  const { store } = shown;
  const here = shown.run;
  const { kept } = shown;
  const chosen = store.chosen;
  store.chosen = structuredClone(before.chosen);
  leaveUnitsToTask(store.chosen.network, store.catalog);
  const isSame = before.run === here.id;
  const now = kept ? { ...shown.before(here), chosen, isKept: true } : shown.before(here);
  store.sheet = isSame ? (before.sheet ?? null) : null;
  store.emit(isSame ? "choices" : "task");
  const changes = editsSince(store);
  const isDrawn = isReopenable(here.status) && Object.keys(changes).join() === "data";
  const waitsAgain = before.isKept && hasEnded(here.status);
  if (isSame && (waitsAgain || !Object.keys(changes).length)) {
    shown.changed = Object.keys(changes).length > 0;
    note(now);
    return true;
  }
  if (isSame && (isDrawn || isActive(here.status) || waits(here.status))) {
    const change = () => shown.changeOn(changes, (then) => note({ ...then, sheet: now.sheet }));
    if (!isDrawn) return shown.orKeep(change, (then) => note({ ...then, sheet: now.sheet }), back);
    await change();
    return true;
  }
  const there = isSame ? null : await findRun(before.run);
  if (there) {
    await shown.replaceBy(there, { note });
    if (before.isRepair) await deleteRun(here.id).catch(() => null);
  } else {
    await shown.renew(false, { note });
    shown.undoing.rename(before.run, shown.run.id);
  }
  shown.changed = Boolean(there && before.isKept);
  if (before.trains) await goOn(shown);
  return true;
}

/** Let the run that is on the page train on, where steps are left. @param {ShownRun} shown */
async function goOn(shown) {
  const { id, status, step, steps } = shown.run;
  if (step >= steps || isActive(status)) return;
  if (isReopenable(status)) shown.update(await changeRun(id, { steps }));
  if (waits(shown.run.status)) shown.update(await command(id, "resume"));
}
