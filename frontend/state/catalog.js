/** Reading the catalog: what has a name, and with which values it begins. */

/** @import {Catalog, Choice, Field, Layer, Owner} from "./types.js" */

/** Find what has a name. @template {{name: string}} T @param {T[]} all @param {string | undefined} name */
export const named = (all, name) => all.find((one) => one.name === name);

/** A name as a person reads it: "learning_rate" without its underscore. @param {string} name */
export const readable = (name) => name.replaceAll("_", " ");

/** A name as one writes it in mathematics: "sin(pi*x1)" as sin πx₁. @param {string} name */
export const symbol = (name) =>
  name
    .replace(/x(\d)/g, (_, digit) => `x${"₀₁₂₃₄₅₆₇₈₉"[digit]}`)
    .replace(/\((.*)\)/, " $1")
    .replace("pi", "π")
    .replace("^2", "²")
    .replaceAll("*", "");

/** Why there can be no other data. */
export const SAME_DATA = "The examples of this task are always the same";

/**
 * The seed that the data come from: their own, else the run's.
 * @param {{seed: number, data_seed: number | null}} chosen
 */
export const seedOfData = ({ seed, data_seed }) => data_seed ?? seed;

/**
 * Whether another seed gives other data: other examples, other places for their labels, another one batch.
 * @param {{task: {seeded: boolean}, chosen: {data: Record<string, any>}}} store
 */
export const drawsData = ({ task, chosen: { data } }) =>
  task.seeded || Boolean(data.shuffled_labels) || Boolean(data.one_batch);

/** The values that fields begin with. @param {Field[]} fields @returns {Record<string, any>} */
export const firstValues = (fields) => Object.fromEntries(fields.map((f) => [f.name, structuredClone(f.default)]));

/** Choose something with the values that it begins with. @param {Owner} owner @returns {Choice} */
export const firstChoice = (owner) => ({ name: owner.name, ...firstValues(owner.fields) });

/**
 * The parts of a configuration that are chosen by name, with the table of the catalog that lists them, and whether
 * there may be none.
 */
export const PARTS = /** @type {const} */ ([
  ["optimizer", "optimizers", false],
  ["schedule", "schedules", false],
  ["regularizer", "regularizers", true],
  ["loss", "losses", false],
]);

/** The fields of a layer. @param {Catalog} catalog @param {string} layer */
export const fieldsOfLayer = (catalog, layer) => named(catalog.layers, layer)?.fields ?? [];

/** Whether a field wants a number. @param {Field} field */
export const isNumeric = (field) => /int|float/.test(field.type);

/** Whether a field wants a whole number. @param {Field} field */
export const isWhole = (field) => !field.type.includes("float");

/**
 * The place of the output among a network's layers: the last one that is no activation.
 * @param {Layer[]} network @param {Catalog} catalog
 */
export function outputOf(network, catalog) {
  let place = network.length - 1;
  while (place > 0 && named(catalog.layers, network[place].layer)?.activation) place--;
  return place;
}

/**
 * Let a Dense as output take its units from the task, whatever it says.
 * @param {Layer[]} network @param {Catalog} catalog
 */
export function leaveUnitsToTask(network, catalog) {
  const output = network[outputOf(network, catalog)];
  if (output?.layer === "Dense") delete output.units;
}

/**
 * Whether a layer keeps its weights, or all inside it do.
 * @param {import("./types.js").Layer} layer @returns {boolean}
 */
export const isFrozen = (layer) =>
  layer.learning_rate_scale === 0 ||
  (Array.isArray(layer.layers) &&
    layer.layers.some(hasRate) &&
    layer.layers.every((one) => !hasRate(one) || isFrozen(one)));

/** Whether a layer has a rate of its own, or one inside it has. @param {Layer} layer @returns {boolean} */
const hasRate = (layer) => "learning_rate_scale" in layer || (layer.layers ?? []).some(hasRate);
