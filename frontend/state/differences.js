/** Differences between configurations, in words. */

import { told } from "./numbers.js";

/** @param {string} name */
const readable = (name) => name.replaceAll("_", " ");

/** Write a value as a person would. @param {any} value */
export function say(value) {
  if (value === null || value === undefined) return "none";
  if (typeof value === "number") return told(value);
  if (Array.isArray(value))
    return typeof value[0] === "object" ? value.map((layer) => sayLayer(layer)).join(" → ") : value.join(" × ");
  return typeof value === "object" ? sayLayer(value) : String(value);
}

/** @param {any} layer */
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

/**
 * List what differs: the path, both values, and words as in "learning rate 0.5".
 * @param {any} before @param {any} after @returns {{path: string, before: any, after: any, words: string}[]}
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
        words:
          typeof b === "object" || typeof a === "object"
            ? b
              ? say(b)
              : `no ${readable(key)}`
            : `${readable(key)} ${say(b)}`,
      });
  }
  return found;
}

/** Complete layers with the values that they have where nothing is said. @param {any[]} layers @param {any} catalog @returns {any[]} */
function complete(layers, catalog) {
  return layers.map((layer) => {
    const fields = catalog.layers.find((/** @type {any} */ l) => l.name === layer.layer)?.fields ?? [];
    const whole = { ...Object.fromEntries(fields.map((/** @type {any} */ f) => [f.name, f.default])), ...layer };
    return whole.layers ? { ...whole, layers: complete(whole.layers, catalog) } : whole;
  });
}

/** Write a configuration so that it can be compared: layers complete, and a last Dense takes its units from the task. @param {any} configuration @param {any} catalog */
export function comparable(configuration, catalog) {
  const { speed, ...copy } = structuredClone(configuration);
  copy.network = complete(copy.network, catalog);
  const last = copy.network.at(-1);
  if (last?.layer === "Dense") delete last.units;
  return copy;
}
