/** The settings of several runs side by side: a line for each, and whether they differ there. */

import { readable } from "../../state/catalog.js";
import { comparable, same, say } from "../../state/differences.js";
import { MISSING } from "../../state/numbers.js";

/** @import {Catalog, Layer, Run} from "../../state/types.js" */

/** @typedef {{path: string, title: string, values: string[], differs: boolean}} Setting one of each run, in words */

/**
 * All that was chosen of a run, by its path; of one that trained elsewhere, what is known.
 * @param {Run} run @param {Catalog} catalog @returns {Map<string, any>}
 */
function flat(run, catalog) {
  const { learning_rate: rate } = run.optimizer;
  if (run.imported) return new Map(rate === undefined ? [] : [["optimizer.learning_rate", rate]]);
  /** @type {Map<string, any>} */
  const found = new Map();
  for (const [name, value] of Object.entries(comparable({ ...run.configuration, optimizer: run.optimizer }, catalog))) {
    if (name === "network" || !value || typeof value !== "object" || Array.isArray(value)) found.set(name, value);
    else for (const [inner, own] of Object.entries(value)) found.set(inner === "name" ? name : `${name}.${inner}`, own);
  }
  return found;
}

/**
 * The layers of networks that are made of the same kinds: each field in which some differ.
 * @param {Layer[][]} networks @returns {{path: string, title: string, values: any[]}[]}
 */
function layersOf(networks) {
  const [first] = networks;
  const kinds = (/** @type {Layer[]} */ layers) => layers.map(({ layer }) => layer).join();
  if (!networks.every((layers) => kinds(layers) === kinds(first))) return [];
  return first.flatMap(({ layer }, k) => {
    const fields = new Set(networks.flatMap((layers) => Object.keys(layers[k])));
    return [...fields].flatMap((field) => {
      const values = networks.map((layers) => layers[k][field]);
      if (values.every((value) => same(value, values[0]))) return [];
      return [{ path: `network.${k}.${field}`, title: `layer ${k + 1}, ${layer}: ${readable(field)}`, values }];
    });
  });
}

/** Write a value in words. @param {string} path @param {any} value @param {Catalog} catalog */
function words(path, value, catalog) {
  if (path === "task") return catalog.tasks.find(({ name }) => name === value)?.title ?? value;
  if (path.endsWith(".drawing")) return value ? "a drawing" : "none";
  return say(value);
}

/**
 * Put the settings of runs side by side. What a run does not have, as another task's data, is said by a dash, and
 * differs; of a run that trained elsewhere nobody knows its settings, so nothing differs by it.
 * @param {Run[]} runs @param {Catalog} catalog @returns {Setting[]}
 */
export function sideBySide(runs, catalog) {
  const all = runs.map((run) => flat(run, catalog));
  /** @type {Setting[]} */
  const found = [];
  const lay = (
    /** @type {string} */ path,
    /** @type {string} */ title,
    /** @type {boolean[]} */ has,
    /** @type {any[]} */ values,
  ) => {
    const known = values.filter((_, k) => has[k] || !runs[k].imported);
    found.push({
      path,
      title,
      values: values.map((value, k) => (has[k] ? words(path, value, catalog) : MISSING)),
      differs: known.some((value) => !same(value, known[0])),
    });
  };
  const paths = new Set(all.flatMap((one) => [...one.keys()]));
  for (const path of paths) {
    const has = all.map((one) => one.has(path));
    lay(
      path,
      readable(path.replace(".", " ")),
      has,
      all.map((one) => one.get(path)),
    );
    if (path !== "network") continue;
    const layers = layersOf(all.filter((one) => one.has(path)).map((one) => one.get(path)));
    for (const { path: inner, title, values } of layers) {
      const rest = [...values];
      lay(
        inner,
        title,
        has,
        has.map((is) => (is ? rest.shift() : undefined)),
      );
    }
  }
  return found;
}
