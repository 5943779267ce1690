/** What is pointed at in a picture, as it is shown large: its map, and its numbers in words. */

import { brief, percent, withMinus } from "../state/numbers.js";

/** @import {AnyPicture} from "../state/types.js" */
/** @import {Touched} from "../state/store.js" */

/**
 * A map of bytes (rows, columns), how it is coloured, and which row is the highest; its words: what it is, and its
 * numbers.
 * @typedef {object} Look
 * @property {Uint8Array} bytes
 * @property {[number, number]} shape
 * @property {number} scale of the byte 255
 * @property {"plane" | "curve" | "image" | "shares"} kind
 * @property {string} title
 * @property {string} words
 */

const MOST_INCOMING = 4; // that a sentence names

/** A number with a true minus. @param {number} v */
export const signed = (v) => withMinus(brief(v));

/** @param {Uint8Array} array @param {number} i @param {number} size */
const nth = (array, i, size) => array.subarray(i * size, (i + 1) * size);

/**
 * Give the look of what is pointed at; null where the picture does not show it (any more).
 * @param {Touched} touched @param {AnyPicture | null | undefined} picture in which it is
 * @param {string[]} [inputs] the names of the network's inputs, where they have names
 * @returns {Look | null}
 */
export function lookOf(touched, picture, inputs = []) {
  if (!picture) return null;
  const { column, unit } = touched;
  if (picture.view === "diagram" || picture.view === "maps") return ofColumn(picture, touched, inputs);
  const arrays = /** @type {Record<string, Uint8Array>} */ (picture.arrays);
  if (column !== 0) return null;
  const found = { filters: ofFilter, states: ofState, attention: ofHead }[picture.view];
  const maps = arrays.filters ?? arrays.maps ?? arrays.heads;
  const [n, rows, columns] = picture.shapes[arrays.filters ? "filters" : arrays.maps ? "maps" : "heads"] ?? [0, 0, 0];
  if (!found || unit >= n) return null;
  const bytes = nth(maps, unit, rows * columns);
  return { kind: "image", shape: [rows, columns], bytes, scale: 1, ...found(picture, unit, bytes) };
}

/** @param {AnyPicture} picture @param {number} i @param {Uint8Array} bytes */
function ofFilter({ scale, units, arrays }, i, bytes) {
  const of = (/** @type {number} */ byte) => signed(((byte - 128) / 127) * scale);
  const bias = arrays.biases?.length ? ` · bias ${signed(arrays.biases[i])}` : "";
  const range = `weights from ${of(Math.min(...bytes))} to ${of(Math.max(...bytes))}`;
  return { scale, title: `Filter ${i + 1} of ${units}`, words: `${range}${bias}` };
}

/** @param {AnyPicture} picture @param {number} i */
function ofState({ title, names, arrays }, i) {
  const scale = arrays.scale[i];
  return { scale, title: `${title}: ${names[i]}`, words: `±${brief(scale)}, a row per unit, time →` };
}

/** @param {AnyPicture} picture @param {number} i @param {Uint8Array} bytes */
function ofHead({ titles, tokens }, i, bytes) {
  const n = tokens.length;
  const last = bytes.subarray((n - 1) * n);
  const at = last.indexOf(Math.max(...last));
  const words = `the last row looks at “${tokens[at]}” most, ${percent(last[at] / 255, 0)}`;
  return { kind: /** @type {const} */ ("shares"), title: titles[i], words };
}

/** @param {AnyPicture} picture @param {Touched} touched @param {string[]} known @returns {Look | null} */
function ofColumn(picture, { column, unit, from }, known) {
  const inputs = picture.columns?.[0]?.names?.length ? picture.columns[0].names : known;
  const about = picture.columns[column];
  const shape = picture.shapes[`columns.${column}.maps`];
  if (!about || unit >= shape[0]) return null;
  const [, rows, columns] = shape;
  const array = (/** @type {string} */ name) => picture.arrays[`columns.${column}.${name}`];
  const bytes = nth(/** @type {Uint8Array} */ (array("maps")), unit, rows * columns);
  const kind = picture.shows !== "neurons" ? "image" : rows > 1 ? "plane" : "curve";
  const scale = array("scale")[unit];
  const title = titleOf(picture, column, unit, inputs);
  const words =
    from !== null ? lineWords(picture, column, unit, from, inputs) : neuronWords(picture, column, unit, inputs);
  return { kind, bytes, shape: [rows, columns], scale, title, words };
}

/**
 * Name a neuron: "x₁", "Dense 12 · Tanh, neuron 3".
 * @param {AnyPicture} picture @param {number} column @param {number} unit @param {string[]} inputs
 */
export function titleOf(picture, column, unit, inputs) {
  const { title, detail, units } = picture.columns[column];
  if (column === 0 && picture.view === "diagram" && units === inputs.length) return `Input ${inputs[unit]}`;
  const of = [title, detail].filter(Boolean).join(" · ");
  return units === 1 ? of : `${of}, ${picture.view === "maps" ? "map" : "neuron"} ${unit + 1}`;
}

/** Name what a weight comes from, shortly. @param {AnyPicture} picture @param {number} column @param {number} unit
 * @param {string[]} inputs
 */
function sourceOf(picture, column, unit, inputs) {
  if (column > 0) return `neuron ${unit + 1}`;
  return picture.columns[0].units === inputs.length ? inputs[unit] : `input ${unit + 1}`;
}

/**
 * List what a neuron receives: the weights of all neurons before it and their gradients, as far as they are shown.
 * @param {AnyPicture} picture @param {number} column @param {number} unit @param {string[]} inputs
 * @returns {{from: number, source: string, weight: number, gradient: number | null}[]}
 */
export function incoming(picture, column, unit, inputs) {
  const weights = picture.arrays[`columns.${column}.weights`];
  if (!weights?.length) return [];
  const [before, n] = picture.shapes[`columns.${column}.weights`];
  const gradients = picture.arrays[`columns.${column}.gradients`];
  return Array.from({ length: before }, (_, a) => ({
    from: a,
    source: sourceOf(picture, column - 1, a, inputs),
    weight: weights[a * n + unit],
    gradient: gradients?.length ? gradients[a * n + unit] : null,
  }));
}

/** A neuron's bias and its gradient; null where it has none. @param {AnyPicture} picture @param {number} column
 * @param {number} unit
 */
export function biasOf(picture, column, unit) {
  const biases = picture.arrays[`columns.${column}.biases`];
  if (!biases?.length) return null;
  return { weight: biases[unit], gradient: picture.arrays[`columns.${column}.bias_gradients`]?.[unit] ?? null };
}

/** @param {AnyPicture} picture @param {number} column @param {number} unit @param {string[]} inputs */
function neuronWords(picture, column, unit, inputs) {
  const [low, high] = ["low", "high"].map((name) => picture.arrays[`columns.${column}.${name}`]?.[unit]);
  const isOne = picture.shapes[`columns.${column}.maps`].slice(1).every((n) => n === 1);
  const parts = [];
  if (low !== undefined) parts.push(isOne ? `says ${signed(low)}` : `from ${signed(low)} to ${signed(high)}`);
  const bias = biasOf(picture, column, unit);
  if (bias) parts.push(`bias ${signed(bias.weight)}`);
  const all = incoming(picture, column, unit, inputs);
  const { units } = picture.columns[Math.max(0, column - 1)];
  const strongest = [...all].sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight)).slice(0, MOST_INCOMING);
  const received = strongest.map(({ source, weight }) => `${signed(weight)} × ${source}`).join(", ");
  if (received) parts.push(`receives ${all.length > MOST_INCOMING ? `most ${received}; ${units} in all` : received}`);
  return parts.join(" · ");
}

/**
 * @param {AnyPicture} picture @param {number} column @param {number} unit @param {number} from
 * @param {string[]} inputs
 */
function lineWords(picture, column, unit, from, inputs) {
  const found = from < 0 ? biasOf(picture, column, unit) : incoming(picture, column, unit, inputs)[from];
  if (!found) return "";
  const what = from < 0 ? "its bias" : `the weight from ${sourceOf(picture, column - 1, from, inputs)}`;
  const slope = picture.step && found.gradient !== null ? ` · gradient ${signed(found.gradient)}` : "";
  return `${what}: ${signed(found.weight)}${slope}`;
}
