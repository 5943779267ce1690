/**
 * New runs that go on from the one on the page: with other weights, from a step of its history, with a change by hand,
 * with a remedy. Loaded when somebody asks for one.
 */

import {
  checkWeights,
  command,
  createRun,
  deleteRun,
  forkRun,
  loadWeights,
  Refusal,
  remedyRun,
} from "../server/api.js";
import { editsSince } from "../state/differences.js";
import { count } from "../state/numbers.js";
import { partsOf } from "../state/parts.js";
import { isActive } from "../state/status.js";

/** @import {Finding, Run} from "../state/types.js" */
/** @import {ShownRun} from "./shown_run.js" */

const LONGEST_NAME = 80; // characters of a run's name

/**
 * Begin a new run of the same network with the weights of a file. Where they are refused, the one on the page goes on.
 * @param {ShownRun} shown @param {File} file
 */
export async function load(shown, file) {
  shown.ask("weights");
  await checkWeights(shown.run.id, file);
  const words = `weights of ${file.name}`;
  const made = await createRun({ ...shown.store.chosen, start: false, name: words.slice(0, LONGEST_NAME) });
  const run = await loadWeights(made.id, file).catch(async (error) => {
    await deleteRun(made.id).catch(() => null);
    throw error;
  });
  const { step } = shown.run;
  shown.takeUp(run);
  await shown.replaceBy(run);
  shown.page.tell(`Now the ${words}, at step 0.`, step ? shown.orders.undo : null);
}

/**
 * Go on from a step of the run's history in a new run, with what was changed on the controls since. This one pauses.
 * @param {ShownRun} shown @param {number} step @param {object} changes
 */
export async function fork(shown, step, changes) {
  shown.ask("train", ...partsOf(Object.keys(changes)), ...shown.ofOtherData(shown.store.chosen));
  const { id, status, speed } = shown.run;
  const run = await forkRun(id, { step, changes, speed });
  if (isActive(status)) await command(id, "pause").catch(() => null);
  shown.adopt(run);
}

/**
 * Do something to the network by hand, in a new run that goes on from the step that is shown. This one pauses.
 * @param {ShownRun} shown @param {object[]} edits as the server takes them @param {string} words that say what was done
 * @param {(words: string) => void} refused says beside the field why it was not
 */
export async function edit(shown, edits, words, refused) {
  shown.ask("network", "weights");
  const { store } = shown;
  if (!store.looksBack && !shown.kept) await shown.settle();
  // what was chosen meanwhile for that moment, or kept as the run ended
  const { kept } = shown;
  const changes = store.looksBack ? editsSince(store) : (kept ?? {});
  const old = shown.run;
  const before = kept ? { chosen: structuredClone(store.chosen), isKept: true } : {};
  const trains = isActive(old.status);
  /** @type {Run} */
  let run;
  try {
    run = await forkRun(old.id, { step: store.at, changes, edits, speed: old.speed, start: trains });
  } catch (error) {
    if (!(error instanceof Refusal) || ![404, 409, 422].includes(error.status)) throw error;
    refused(error.message);
    return;
  }
  if (trains) await command(old.id, "pause").catch(() => null);
  shown.takeUp(run);
  shown.connection.follow(run, true);
  store.emit("choices");
  shown.undoing.note({ ...shown.before(old), ...before }, "");
  store.emit("runs");
  shown.page.tell(`${words}, in a run of its own from step ${count(run.step)} on.`, shown.orders.undo);
}

/**
 * Let a run that is repaired train beside this one, which goes on: both are shown as a race, and this page is about the
 * repaired one from now on.
 * @param {ShownRun} shown @param {Finding} finding @param {number} remedy which of those that help
 */
export async function apply(shown, { cause, remedies }, remedy) {
  shown.ask("doctor", "train", ...partsOf(Object.keys(remedies[remedy].changes)));
  const ill = shown.run;
  const group = await remedyRun(ill.id, cause, remedy);
  const repaired = group.runs.find(({ id }) => id !== ill.id);
  if (!repaired) return;
  shown.adopt(repaired);
  shown.undoing.note({ ...shown.before(ill), isRepair: true }, "");
  shown.page.race(group);
  const words = shown.store.allowed("compare") ? "trains beside the ill one" : "is the one that is shown now";
  shown.page.tell(`${remedies[remedy].title}: the repaired run ${words}.`, shown.orders.undo);
}
