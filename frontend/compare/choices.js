/**
 * What can differ between the runs of a race or a sweep, read from the catalog, and the controls to choose its values.
 */

import { fieldsOfLayer, firstChoice, isNumeric, named, outputOf, PARTS, readable } from "../state/catalog.js";
import { say } from "../state/differences.js";
import { apart } from "../state/numbers.js";
import { control, NOT_TYPED, select } from "../ui/field.js";

/** @import {Store} from "../state/store.js" */
/** @import {Axis, Field, Owner} from "../state/types.js" */

/** The path of the learning rate, with which races and sweeps begin, and which needs no name beside its value. */
export const RATE = "optimizer.learning_rate";

/** @typedef {{label: string, value: any}} Option */

/**
 * Where the parts of a race or a sweep are: its buttons, its choices, what is said of it, its runs.
 * @typedef {{bar: HTMLElement, choices: HTMLElement, words: HTMLElement, stage: HTMLElement}} Place
 */

/**
 * Something that can differ between runs.
 * @typedef {object} Choice
 * @property {string} path as the server reads it
 * @property {string} label
 * @property {Option[]} [options] where the values are closed
 * @property {Field} [field] where they are numbers
 * @property {any} value what is chosen now
 */

/** @param {Owner[]} owners @param {boolean} optional @returns {Option[]} */
const optionsOf = (owners, optional) => [
  ...(optional ? [{ label: "none", value: null }] : []),
  ...owners.map((owner) => ({ label: owner.name, value: firstChoice(owner) })),
];

/**
 * @param {string} path @param {string} label @param {Field} field @param {any} value
 * @returns {Choice[]} none where it is neither closed nor a number
 */
function ofField(path, label, field, value) {
  const choice = { path, label, value };
  if (field.among.length && field.type !== "names")
    return [{ ...choice, options: field.among.map((v) => ({ label: String(v), value: v })) }];
  const answers = [
    { label: "no", value: false },
    { label: "yes", value: true },
  ];
  if (field.type === "bool") return [{ ...choice, options: answers }];
  const isNumber = isNumeric(field) && !field.type.includes("list") && field.maximum !== null;
  return isNumber ? [{ ...choice, field }] : [];
}

/** @param {string} group @param {Field[]} fields @param {Record<string, any>} values @param {string} [prefix] */
const ofFields = (group, fields, values, prefix = "") =>
  fields.flatMap((f) => ofField(`${group}.${f.name}`, prefix + readable(f.name), f, values[f.name] ?? f.default));

/**
 * A choice of an optimizer, a schedule, a regularizer or a loss.
 * @param {Store} store @param {string} part @returns {Choice[]}
 */
function ofPart({ catalog, chosen, task }, part) {
  return PARTS.filter(([name]) => name === part).flatMap(([name, table, optional]) => {
    const owners = catalog[table].filter((o) => name !== "loss" || o.kinds?.includes(task.kind));
    const options = optionsOf(owners, optional);
    return options.length > 1 ? [{ path: name, label: name, options, value: chosen[name] }] : [];
  });
}

/**
 * What differs in the network: its activation, and the fields of its layers.
 * @param {Store} store @returns {Choice[]}
 */
function ofNetwork({ catalog, chosen, task }) {
  if (task.fixed_network) return [];
  const activations = catalog.layers.filter((l) => l.activation && !l.name.endsWith("Softmax"));
  const now = chosen.network.find((l) => named(activations, l.layer));
  const options = activations.map((a) => ({ label: a.name, value: a.name }));
  const output = outputOf(chosen.network, catalog);
  return [
    ...(now ? [{ path: "activation", label: "activation", options, value: now.layer }] : []),
    ...chosen.network.flatMap((layer, i) => {
      const fields = fieldsOfLayer(catalog, layer.layer).filter((f) => !(i === output && f.name === "units"));
      return ofFields(`network.${i}`, fields, layer, `layer ${i + 1} (${layer.layer}) `);
    }),
  ];
}

/**
 * List what can differ.
 * @param {Store} store @param {boolean} withData a race runs on the same data
 * @param {Axis[]} axes what differs already: of an optimizer's fields only those differ that all optimizers have
 * @returns {Choice[]}
 */
export function choicesOf(store, withData, axes = []) {
  const { catalog, chosen, task } = store;
  const { optimizer } = chosen;
  const optimizers = axes.find(({ path }) => path === "optimizer")?.values ?? [optimizer];
  const hasField = (/** @type {string} */ name) =>
    optimizers.every((o) => named(named(catalog.optimizers, o.name)?.fields ?? [], name));
  const fields = named(catalog.optimizers, optimizer.name)?.fields.filter((f) => hasField(f.name)) ?? [];
  const ofRun = (/** @type {"batch_size" | "seed"} */ name) =>
    ofField(name, readable(name), /** @type {Field} */ (named(catalog.run, name)), chosen[name]);
  const data = task.fields.filter((f) => !NOT_TYPED.includes(f.name));
  return [
    ...ofPart(store, "optimizer"),
    ...ofFields("optimizer", fields, optimizer),
    ...ofRun("batch_size"),
    ...ofNetwork(store),
    ...ofPart(store, "schedule"),
    ...ofPart(store, "regularizer"),
    ...ofPart(store, "loss"),
    ...(withData ? [...ofFields("data", data, chosen.data, "data: "), ...ofRun("seed")] : []),
  ];
}

/** Name what differs by its path, as in "layer 1 units". @param {string} path */
export function nameOf(path) {
  const layer = /^network\.(\d+)\./.exec(path);
  return `${layer ? `layer ${Number(layer[1]) + 1} ` : ""}${readable(path.split(".").at(-1) ?? "")}`;
}

/** Write a value for where there is little room: a number with three digits. @param {any} value */
export const shortly = (value) => (typeof value === "number" ? apart([value])[0] : say(value));

/**
 * Name a run by what is different about it, as in "Adam, 0.01".
 * @param {string[]} paths @param {any[]} values @param {(value: any) => string} [write]
 */
export const wordsOf = (paths, values, write = say) =>
  values
    .map((value, i) => {
      if (value === null) return `no ${paths[i]}`;
      const speaksForItself = typeof value !== "number" && typeof value !== "boolean";
      return speaksForItself || paths[i] === RATE ? write(value) : `${nameOf(paths[i])} ${write(value)}`;
    })
    .join(", ");

/**
 * Say what a search may choose of something.
 * @param {{values: any[] | null, low: number | null, high: number | null}} axis @param {(value: any) => string} [write]
 */
export const rangeOf = ({ values, low, high }, write = say) =>
  values?.map(write).join(", ") ?? `${write(low)} to ${write(high)}`;

/**
 * A control for one value.
 * @param {Choice} choice @param {any} value @param {(value: any) => void} change @param {string} id
 * @param {string} label
 */
export function oneValue(choice, value, change, id, label) {
  const { options, field } = choice;
  if (field) {
    const row = control(field, value, "", change);
    row.classList.add("bare");
    row.removeAttribute("data-path");
    for (const input of row.querySelectorAll("input")) input.setAttribute("aria-label", label);
    return row;
  }
  const offered = options ?? [];
  const now = offered.find((o) => say(o.value) === say(value)) ?? offered[0];
  const labels = offered.map((o) => o.label);
  const made = select(labels, now.label, id, (label) => change(offered.find((o) => o.label === label)?.value));
  made.setAttribute("aria-label", label);
  return made;
}

/**
 * Spread n numbers from low to high.
 * @param {number} low @param {number} high @param {number} n @param {boolean} log @param {boolean} whole
 */
export function spread(low, high, n, log, whole) {
  const values = Array.from({ length: n }, (_, i) => {
    const t = n === 1 ? 0 : i / (n - 1);
    const v = log && low > 0 ? low * (high / low) ** t : low + (high - low) * t;
    return whole ? Math.round(v) : Number(v.toPrecision(3));
  });
  return [...new Set(values)];
}
