/** Differences between configurations, in words. */

import { firstValues, leaveUnitsToTask, named, readable, symbol } from "./catalog.js";
import { told } from "./numbers.js";

/** @import {Store} from "./store.js" */
/** @import {Catalog, Chosen, Configuration, Layer, OptimizerChange, Run} from "./types.js" */
/** @typedef {{path: string, before: any, after: any, words: string}} Difference */

/** Write a value as a person would. @param {any} value */
export function say(value) {
  if (value === null || value === undefined) return "none";
  if (typeof value === "number") return told(value);
  if (Array.isArray(value))
    return typeof value[0] === "string"
      ? value.map(symbol).join(", ")
      : typeof value[0] === "object"
        ? value.map((layer) => sayLayer(layer)).join(" → ")
        : value.join(" × ");
  return typeof value === "object" ? sayLayer(value) : String(value);
}

/** @param {Record<string, any>} layer a layer, or another part with its name */
function sayLayer(layer) {
  const size = layer.units ?? layer.filters ?? layer.heads;
  return size ? `${layer.layer ?? layer.name} ${size}` : (layer.layer ?? layer.name);
}

/** Compare without caring for the order of names. @param {any} a @param {any} b @returns {boolean} */
export function same(a, b) {
  if (a === b || (a ?? null) === (b ?? null)) return true;
  if (typeof a !== "object" || typeof b !== "object" || !a || !b) return false;
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].every((name) => same(a[name], b[name]));
}

/** @param {string} name @param {any} before @param {any} after */
function wordsFor(name, before, after) {
  if (name === "drawing") return after ? "another drawing" : "no drawing";
  if (name === "dataset") return !after ? "made-up data" : before ? "other data" : "your data";
  if (after && typeof after === "object") return say(after);
  if (after === "") return `no ${readable(name)}`;
  if (!after && before && (after === null || typeof before === "object")) return `no ${readable(name)}`;
  return `${readable(name)} ${say(after)}`;
}

/**
 * List what differs: the path, both values, and words as in "learning rate 0.5".
 * @param {Record<string, any>} before @param {Record<string, any>} after @returns {Difference[]}
 */
export function differences(before, after) {
  const found = [];
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [a, b] = [before[key], after[key]];
    if (same(a, b)) continue;
    if (key === "network") found.push({ path: key, before: a, after: b, words: `network ${say(b)}` });
    else if (a && b && typeof a === "object" && typeof b === "object" && (a.name ?? "") === (b.name ?? "")) {
      for (const inner of differences(a, b)) found.push({ ...inner, path: `${key}.${inner.path}` });
    } else
      found.push({
        path: key,
        before: a,
        after: b,
        words: wordsFor(key, a, b),
      });
  }
  return found;
}

/**
 * Complete layers with the values that they have where nothing is said.
 * @param {Layer[]} layers @param {Catalog} catalog @returns {Layer[]}
 */
function complete(layers, catalog) {
  return layers.map((layer) => {
    const whole = { ...firstValues(named(catalog.layers, layer.layer)?.fields ?? []), ...layer };
    return whole.layers ? { ...whole, layers: complete(whole.layers, catalog) } : whole;
  });
}

/**
 * Write a configuration so that it can be compared: layers complete, and a Dense as output takes its units from the
 * task.
 * @param {Configuration & {speed?: number | null}} configuration @param {Catalog} catalog
 */
export function comparable(configuration, catalog) {
  const copy = structuredClone(configuration);
  delete copy.speed;
  copy.network = complete(copy.network, catalog);
  leaveUnitsToTask(copy.network, catalog);
  return copy;
}

const MOST_SETTINGS = 3;

/**
 * Tell runs apart by their settings: of each what differs from the run on the page, of that one what it has instead.
 * Of another task its network and optimizer are said.
 * @param {Run[]} runs @param {string} shown the id of the run on the page @param {Catalog} catalog
 * @returns {Map<string, string>} words by id
 */
export function settingsOf(runs, shown, catalog) {
  const current = runs.find(({ id }) => id === shown);
  const written = (/** @type {Run} */ run) => comparable({ ...run.configuration, optimizer: run.optimizer }, catalog);
  /** @type {Map<string, string>} */
  const own = new Map();
  /** @type {Map<string, string>} */
  const found = new Map();
  for (const run of runs) {
    if (run === current) continue;
    if (!current || run.task !== current.task) {
      found.set(run.id, `${run.optimizer.name}, learning rate ${told(run.optimizer.learning_rate ?? 0)}`);
      continue;
    }
    const [here, there] = [written(current), written(run)];
    found.set(run.id, inWords(differences(here, there).map(({ words }) => words)) || "the same settings");
    for (const { path, words } of differences(there, here)) own.set(path, words);
  }
  if (current) {
    const usual = `${current.optimizer.name}, learning rate ${told(current.optimizer.learning_rate ?? 0)}`;
    found.set(current.id, inWords([...own.values()]) || usual);
  }
  return found;
}

/** @param {string[]} all */
function inWords(all) {
  const more = all.length - MOST_SETTINGS;
  return all.slice(0, MOST_SETTINGS).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

/**
 * What was changed on the controls and is in no run yet.
 * @param {{run: Run | null, chosen: Configuration, catalog: Catalog}} store
 */
export const edited = ({ run, chosen, catalog }) =>
  run ? differences(comparable(run.configuration, catalog), comparable(chosen, catalog)) : [];

/** The same in words. @param {Store} store */
export const editedWords = (store) =>
  edited(store)
    .map((difference) => difference.words)
    .join(", ");

/**
 * The same as changes of the run's configuration: whole parts, but of the same optimizer only the fields that differ.
 * @param {Store} store
 */
export function editsSince(store) {
  const found = edited(store);
  const { chosen } = store;
  /** @type {Record<string, any>} */
  const changes = Object.fromEntries(
    found.map(({ path }) => path.split(".")[0]).map((key) => [key, chosen[/** @type {keyof Chosen} */ (key)]]),
  );
  if (changes.optimizer && changes.optimizer.name === store.run?.configuration.optimizer.name) {
    changes.optimizer = Object.fromEntries(
      found.filter(({ path }) => path.startsWith("optimizer.")).map(({ path, after }) => [path.slice(10), after]),
    );
  }
  return changes;
}

/** Say what was done to the network by hand. @param {import("./types.js").Edit} edit */
function byHand(edit) {
  const layer = `layer ${edit.layer + 1}`;
  if (edit.do === "set") return `${edit.parameter}[${edit.index.map((i) => i + 1)}] of ${layer} ${say(edit.value)}`;
  if (edit.do === "silence") return `neuron ${edit.unit + 1} of ${layer} ${edit.on ? "silent" : "speaks"}`;
  return edit.do === "freeze" ? `${layer} ${edit.on ? "frozen" : "learns"}` : `${layer} anew`;
}

/**
 * Say what was changed while a run trained: after which step, and what, in words as in "batch size 64".
 * @param {OptimizerChange[]} changes @returns {{step: number, words: string}[]}
 */
export const changesInWords = (changes) =>
  changes.slice(1).map((after, i) => {
    const before = changes[i];
    const steps = after.steps && before.steps ? [before.steps, after.steps] : [];
    const was = { optimizer: before.optimizer, steps: steps[0], ...(before.choices ?? after.choices) };
    const is = { optimizer: after.optimizer, steps: steps[1], ...(after.choices ?? before.choices) };
    const words = [...differences(was, is).map((one) => one.words), ...(after.edits ?? []).map(byHand)];
    return { step: after.step, words: words.join(", ") };
  });
