/**
 * What a remedy changes, in words: before → after. The server, which alone makes the repaired run, lays the changes
 * over a configuration by the same rules (engine/explain/finding.py); the page does so too, to say at once what they
 * would do to what is chosen now. A test holds the two to each other.
 */

import { readable } from "../state/catalog.js";
import { differences, same, say } from "../state/differences.js";

/** @import {Configuration, Layer} from "../state/types.js" */

/**
 * Lay changes over a value: objects are merged, one with another name and a list take the place of the whole.
 * @param {any} before @param {any} value @returns {any}
 */
function merged(before, value) {
  const isObject = (/** @type {any} */ v) => v !== null && typeof v === "object" && !Array.isArray(v);
  if (!isObject(before) || !isObject(value)) return structuredClone(value);
  if (["name", "layer"].some((key) => key in value && value[key] !== before[key])) return structuredClone(value);
  const inside = Object.entries(value).map(([key, of]) => [key, merged(before[key], of)]);
  return { ...before, ...Object.fromEntries(inside) };
}

/**
 * Give the configuration that a remedy makes; a name with dots is a path, as in "network.0.initializer".
 * @param {Configuration} configuration @param {Record<string, any>} changes
 */
export function applied(configuration, changes) {
  const copy = /** @type {any} */ (structuredClone(configuration));
  for (const [path, value] of Object.entries(changes)) {
    const steps = path.split(".");
    const last = steps.pop() ?? "";
    let place = copy;
    for (const step of steps) place = place?.[step];
    if (place) place[last] = merged(place[last], value);
  }
  return /** @type {Configuration} */ (copy);
}

/**
 * Say what a remedy changes, a line for each: "learning rate 10 → 3.33", "Tanh after layer 1".
 * @param {Configuration} configuration @param {Record<string, any>} changes
 */
export function changed(configuration, changes) {
  const after = applied(configuration, changes);
  return differences(configuration, after).flatMap(({ path, before, after: value }) => {
    if (path === "network") return layersChanged(before, value);
    const name = readable(path.split(".").at(-1) ?? path);
    return [`${name} ${say(before)} → ${say(value)}`];
  });
}

/** @typedef {{words: string, where: string, layers: number[]}} Change the same in each of these layers */

/**
 * Say which layers come, go, or have other values: as few as possible of them, what is the same in several but once.
 * @param {Layer[]} before @param {Layer[]} after
 */
function layersChanged(before, after) {
  const common = alike(before, after);
  /** @type {Map<string, Change>} */
  const found = new Map();
  const note = (/** @type {string} */ words, /** @type {string} */ where, /** @type {number[]} */ ...layers) => {
    const key = `${words}${where}`;
    const known = found.get(key);
    if (known) known.layers.push(...layers);
    else found.set(key, { words, where, layers });
  };
  let [i, j] = [0, 0];
  for (const [k, l] of [...common, [before.length, after.length]]) {
    const [gone, come] = [before.slice(i, k), after.slice(j, l)].map((layers) => layers.map(say).join(", "));
    const places = Array.from({ length: k - i }, (_, n) => i + n + 1);
    if (gone && come) note(`${gone} → ${come}`, ",", ...places);
    else if (gone) note(`no ${gone}`, ",", ...places);
    else if (come) note(come, i ? " after" : " before", i || 1);
    if (k < before.length)
      for (const { path, before: was, after: is } of differences(before[k], after[l]))
        note(`${readable(path)} ${say(was)} → ${say(is)}`, ",", k + 1);
    [i, j] = [k + 1, l + 1];
  }
  return [...found.values()].map(({ words, where, layers }) => `${words}${where} ${layersInWords(layers)}`);
}

/** Name layers: "layer 2", "layers 1, 3 and 5". @param {number[]} layers counted from 1 */
function layersInWords(layers) {
  if (layers.length === 1) return `layer ${layers[0]}`;
  return `layers ${layers.slice(0, -1).join(", ")} and ${layers.at(-1)}`;
}

/**
 * Pair the layers that both lists have, in their order: the longest such list of places, those that are wholly the same
 * first.
 * @param {Layer[]} a @param {Layer[]} b @returns {[number, number][]}
 */
function alike(a, b) {
  const worth = (/** @type {number} */ i, /** @type {number} */ j) =>
    a[i].layer === b[j].layer ? (same(a[i], b[j]) ? 1.1 : 1) : 0;
  /** @type {number[][]} the worth of the best pairing from both places on */
  const best = Array.from({ length: a.length + 1 }, () => new Array(b.length + 1).fill(0));
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--) {
      const both = worth(i, j) ? worth(i, j) + best[i + 1][j + 1] : 0;
      best[i][j] = Math.max(both, best[i + 1][j], best[i][j + 1]);
    }
  /** @type {[number, number][]} */
  const pairs = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; )
    if (worth(i, j) && best[i][j] === worth(i, j) + best[i + 1][j + 1]) pairs.push([i++, j++]);
    else if (best[i][j] === best[i + 1][j]) i++;
    else j++;
  return pairs;
}
