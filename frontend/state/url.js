/** The whole configuration in the page's address, short because what is as in the task's defaults is left out. */

import { fieldsOfLayer, firstChoice, named, PARTS } from "./catalog.js";

/** @import {Catalog, Chosen, Field, Layer, Value} from "./types.js" */

/** What stands in the address beside what is chosen. */
const OTHERS = ["task", "run", "race", "sweep", "hide", "lock"];

/** Write a value so that it reads well in an address. @param {Value} value */
const write = (value) => (value === null ? "none" : Array.isArray(value) ? value.join("x") : String(value));

/**
 * Read a value as one of the types that the catalog names.
 * @param {string} text @param {string} types @returns {Value}
 */
function read(text, types) {
  if (text === "none" && types.includes("null")) return null;
  if (types.includes("bool")) return text === "true";
  if (types.includes("list") && /^\d+(x\d+)+$/.test(text)) return text.split("x").map(Number);
  if (types.includes("numbers") && text.split("x").every((n) => n && Number.isFinite(Number(n))))
    return text.split("x").map(Number);
  if ((types.includes("int") || types.includes("float")) && text !== "" && Number.isFinite(Number(text)))
    return Number(text);
  return text;
}

/** Whether a layer has layers inside. @param {Layer} layer */
const isNested = (layer) => Object.values(layer).some((v) => Array.isArray(v) && typeof v[0] === "object");

/** Write layers as Dense(units!12)~Tanh. @param {Layer[]} layers @param {Catalog} catalog */
export function writeNetwork(layers, catalog) {
  if (layers.some(isNested)) return JSON.stringify(layers);
  return layers
    .map((layer) => {
      const said = fieldsOfLayer(catalog, layer.layer)
        .filter((f) => (layer[f.name] ?? null) !== null && (f.required || write(layer[f.name]) !== write(f.default)))
        .map((f) => `${f.name}!${write(layer[f.name])}`);
      return said.length ? `${layer.layer}(${said.join("*")})` : layer.layer;
    })
    .join("~");
}

/**
 * Read what writeNetwork wrote; null where it makes no sense.
 * @param {string} text @param {Catalog} catalog @returns {Layer[] | null}
 */
export function readNetwork(text, catalog) {
  if (text.startsWith("[")) return readNested(text, catalog);
  const layers = [];
  for (const part of text.split("~")) {
    const match = /^(\w+)(?:\((.*)\))?$/.exec(part);
    const known = match && named(catalog.layers, match[1]);
    if (!known) return null;
    /** @type {Layer} */
    const layer = { layer: known.name };
    for (const setting of match[2] ? match[2].split("*") : []) {
      const [name, value = ""] = setting.split("!");
      const field = named(known.fields, name);
      if (!field) return null;
      layer[name] = read(value, field.type);
    }
    layers.push(layer);
  }
  return layers;
}

/**
 * Read a network with layers inside others, which stands in the address as JSON.
 * @param {string} text @param {Catalog} catalog
 */
function readNested(text, catalog) {
  try {
    /** @type {Layer[]} */
    const layers = JSON.parse(text);
    return layers.every((layer) => named(catalog.layers, layer?.layer)) ? layers : null;
  } catch {
    return null;
  }
}

/**
 * Write a configuration as an address's query.
 * @param {Chosen} chosen
 * @param {Chosen} defaults the task's complete defaults
 * @param {Catalog} catalog
 * @param {string | null} run
 */
export function writeURL(chosen, defaults, catalog, run) {
  const query = new URLSearchParams({ task: chosen.task });
  const network = writeNetwork(chosen.network, catalog);
  if (network !== writeNetwork(defaults.network, catalog)) query.set("network", network);
  for (const [name, value] of Object.entries(chosen.data)) {
    if (write(value) !== write(defaults.data[name])) query.set(`data.${name}`, write(value));
  }
  for (const [part, table] of PARTS) {
    const here = chosen[part];
    const isUsual = here?.name === defaults[part]?.name;
    const owner = named(catalog[table], here?.name);
    const there = isUsual ? defaults[part] : owner && firstChoice(owner);
    if (!isUsual) query.set(part, here?.name ?? "none");
    for (const [name, value] of Object.entries(here ?? {})) {
      if (name !== "name" && write(value) !== write(there?.[name])) query.set(`${part}.${name}`, write(value));
    }
  }
  for (const { name } of catalog.run) {
    const key = /** @type {"steps"} */ (name);
    if (chosen[key] !== defaults[key]) query.set(key, write(chosen[key]));
  }
  if (chosen.speed !== defaults.speed) query.set("speed", write(chosen.speed));
  if (run) query.set("run", run);
  return `?${legible(query)}`;
}

/** Leave what an address may hold as it is. @param {URLSearchParams} query */
export const legible = (query) =>
  query
    .toString()
    .replaceAll("%28", "(")
    .replaceAll("%29", ")")
    .replaceAll("%21", "!")
    .replaceAll("%7E", "~")
    .replaceAll("%2C", ",");

/**
 * Read a configuration from an address. What cannot be understood is left out and listed.
 * @param {string} search @param {Catalog} catalog @param {(task: string) => Chosen} taskDefaults
 * @returns {{chosen: Chosen, run: string | null, unknown: string[]}}
 */
export function readURL(search, catalog, taskDefaults) {
  const query = new URLSearchParams(search);
  const asked = query.get("task") ?? catalog.tasks[0].name;
  const task = named(catalog.tasks, asked) ?? catalog.tasks[0];
  const chosen = taskDefaults(task.name);
  const unknown = task.name === asked ? [] : [`task=${asked}`];
  for (const [part, table] of PARTS) {
    const name = query.get(part);
    if (name === null || name === chosen[part]?.name) continue;
    const owner = named(catalog[table], name);
    if (owner || name === "none") Object.assign(chosen, { [part]: owner ? firstChoice(owner) : null });
    else unknown.push(`${part}=${name}`);
  }
  /** @param {string} group @returns {Field[]} the fields of the data, or of what is chosen of a part */
  const fieldsOf = (group) => {
    if (group === "data") return task.fields;
    const [part, table] = PARTS.find(([name]) => name === group) ?? [];
    return (part && table && named(catalog[table], chosen[part]?.name)?.fields) || [];
  };
  for (const [key, value] of query) {
    if (OTHERS.includes(key) || PARTS.some(([part]) => part === key)) continue;
    const [group, name] = key.split(".");
    const ofRun = named(catalog.run, key);
    const field = named(fieldsOf(group), name);
    const layers = key === "network" ? readNetwork(value, catalog) : null;
    const speed = value === "none" ? null : Number(value);
    if (layers) chosen.network = layers;
    else if (key === "speed" && (speed === null || speed > 0)) chosen.speed = speed;
    else if (ofRun) Object.assign(chosen, { [key]: read(value, ofRun.type) });
    else if (field) /** @type {Record<string, any>} */ (chosen)[group][name] = read(value, field.type);
    else unknown.push(`${key}=${value}`);
  }
  return { chosen, run: query.get("run"), unknown };
}
