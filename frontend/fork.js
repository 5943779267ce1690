/** Going on from a moment of a run in a new one, and what the new one shares with its parent. */

import { call, command } from "./server/api.js";
import { ACTIVE } from "./state/constants.js";
import { comparable, differences } from "./state/differences.js";

/** What was changed on the controls and is in no run yet. @param {import("./state/store.js").Store} store */
export const edited = ({ run, chosen, catalog }) =>
  differences(comparable(run.configuration, catalog), comparable(chosen, catalog));

/** The same in words. @param {import("./state/store.js").Store} store */
export const editedWords = (store) =>
  edited(store)
    .map((difference) => difference.words)
    .join(", ");

/**
 * Make a run that goes on from a moment of the one on the page, with what was changed on the controls since. That one pauses.
 * @param {import("./state/store.js").Store} store @param {number} step
 */
export async function forkFrom(store, step) {
  const { id, status, speed, configuration } = store.run;
  const found = edited(store);
  const changes = Object.fromEntries(
    found.map(({ path }) => path.split(".")[0]).map((key) => [key, store.chosen[key]]),
  );
  if (changes.optimizer?.name === configuration.optimizer.name) {
    changes.optimizer = Object.fromEntries(
      found.filter(({ path }) => path.startsWith("optimizer.")).map(({ path, after }) => [path.slice(10), after]),
    );
  }
  const run = await call("POST", `runs/${id}/fork`, { step, changes, speed });
  if (ACTIVE.includes(status)) await command(id, "pause").catch(() => null);
  return run;
}

/** Fetch the rows of the run that this one went on from. @param {import("./state/store.js").Store} store @param {any} run */
export async function followParent(store, run) {
  store.parent = null;
  store.changes = run.changes ?? [];
  if (!run.parent) return;
  const rows = await call("GET", `runs/${run.parent.run}/metrics`).catch(() => null);
  if (store.run?.id !== run.id || !rows) return;
  store.parent = rows.columns;
  store.emit("rows");
}
