/** Where what is drawn stands in the network: which layer, which part of it, and whether that is one neuron. */

import { named } from "../state/catalog.js";

/** @import {Touched} from "../state/store.js" */
/** @import {AnyPicture, Owner, Run} from "../state/types.js" */

/**
 * Where something is in the network: the layer whose weights lead to it, which part of that it is, whether that is one
 * neuron, and which are silent.
 * @typedef {import("./deeds.js").Held & {part: number, isNeuron: boolean, silenced: number[]}} Place
 */

/**
 * Find its place; null where it is an input, or is not of one layer.
 * @param {AnyPicture} picture @param {Touched} held @param {Run | null} run @param {Owner[]} owners
 * @returns {Place | null}
 */
export function placeOf(picture, { column, unit }, run, owners) {
  const network = run?.configuration.network ?? [];
  const about = picture.columns?.[column] ?? picture;
  const layer = picture.view === "attention" ? picture.layers?.[unit] : about.layer;
  const spec = network[layer];
  if (!run || !spec) return null;
  const follows = named(owners, network[layer + 1]?.layer ?? "")?.activation;
  const last = about.last ?? (follows ? layer + 1 : layer);
  const learns = run.layers[layer].parameters > 0;
  const outputs = run.layers[last].output_shape.at(-1);
  const isNeuron =
    ["diagram", "maps", "filters"].includes(picture.view) && about.units === outputs && isOne(picture, column);
  const part = picture.parts?.[unit] ?? unit;
  return { layer, spec, learns, last, part, isNeuron, silenced: network[last]?.silenced ?? [] };
}

/**
 * Whether each map there is one neuron's, and no sequence of all.
 * @param {AnyPicture} picture @param {number} column
 */
function isOne(picture, column) {
  if (!picture.columns) return true;
  const [maps] = picture.shapes[`columns.${column}.maps`];
  return maps > 1 || picture.columns[column].units === 1;
}
