/** The whole configuration in the page's address, short because what is as in the task's defaults is left out. */

import { fieldsOfLayer, firstChoice, named, PARTS } from "./catalog.js";
import { told } from "./numbers.js";

/** @import {Catalog, Chosen, Field, Layer, Value} from "./types.js" */

/** What stands in the address beside what is chosen. */
const OTHERS = ["task", "run", "race", "sweep", "hide", "lock", "lesson", "view", "glass", "runs", "compare"];

const [SLOWEST, FASTEST] = [1, 1_000_000]; // steps per second

/** What parts the elements of a list: a name may hold an x. @param {number[] | string[]} list */
const partedBy = (list) => (typeof list[0] === "string" ? "," : "x");

/** Write a value so that it reads well in an address. @param {Value} value */
const write = (value) => (value === null ? "none" : Array.isArray(value) ? value.join(partedBy(value)) : String(value));

const NUMBER = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i;

/** Read a number; undefined where it is none. @param {string} text */
const readNumber = (text) => (NUMBER.test(text) && Number.isFinite(Number(text)) ? Number(text) : undefined);

/**
 * Read a value of a field; undefined where the text means none that the field may have.
 * @param {string} text @param {Field} field @returns {Value | undefined}
 */
function read(text, field) {
  const types = field.type.split(" | ");
  const parts = text.split("x");
  const numbers = parts.map(readNumber);
  /** @type {Value[]} */
  const meant = [];
  if (text === "none") meant.push(null);
  if (text === "true" || text === "false") meant.push(text === "true");
  if (numbers.every((n) => n !== undefined)) meant.push(parts.length > 1 ? numbers : numbers[0], numbers);
  if (types.includes("str")) meant.push(text);
  if (types.includes("names")) meant.push(text.split(","));
  return meant.find((value) => mayBe(value, field));
}

/** Say what a field may have, where it has limits, to stand behind what it may not. @param {Field} field */
function allowed({ among, minimum, maximum }) {
  if (among.length) return ` (${among.join(", ")})`;
  return minimum === null || maximum === null ? "" : ` (${told(minimum)} to ${told(maximum)})`;
}

/**
 * Whether a field may have a value, as far as its type and its limits say. Types are written as in "int | list | null".
 * @param {unknown} value @param {Field} field @returns {boolean}
 */
function mayBe(value, field) {
  const types = field.type.split(" | ");
  const within = (/** @type {number} */ n) => n >= (field.minimum ?? -Infinity) && n <= (field.maximum ?? Infinity);
  if (value === null) return types.includes("null");
  if (typeof value === "boolean") return types.includes("bool");
  if (typeof value === "number")
    return within(value) && (types.includes("float") || (types.includes("int") && Number.isInteger(value)));
  if (typeof value === "string") return types.includes("str") && (!field.among.length || field.among.includes(value));
  if (!Array.isArray(value) || !value.length) return false;
  if (types.includes("names"))
    return new Set(value).size === value.length && value.every((name) => field.among.includes(name));
  const isListed = types.includes("list") && value.every((n) => Number.isInteger(n) && within(n));
  return isListed || (types.includes("numbers") && value.every((n) => typeof n === "number" && within(n)));
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
      const meant = read(value, field);
      if (meant === undefined) return null;
      layer[name] = meant;
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
    return areLayers(layers, catalog) ? layers : null;
  } catch {
    return null;
  }
}

/**
 * Whether something is a list of layers with values that they may have.
 * @param {unknown} said @param {Catalog} catalog
 */
function areLayers(said, catalog) {
  /** @type {(layer: any) => boolean} */
  const isLayer = (layer) =>
    typeof layer?.layer === "string" &&
    named(catalog.layers, layer.layer) !== undefined &&
    Object.entries(layer).every(([name, value]) => {
      const field = named(fieldsOfLayer(catalog, layer.layer), name);
      if (name === "layer" || !field) return name === "layer";
      if (field.type.includes("layers")) return areLayers(value, catalog);
      return mayBe(value, field) || (field.required && value === null);
    });
  return Array.isArray(said) && said.length > 0 && said.every(isLayer);
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
  for (const [part, table, optional] of PARTS) {
    const name = query.get(part);
    if (name === null || name === chosen[part]?.name) continue;
    const owner = named(catalog[table], name);
    if (owner || (optional && name === "none")) Object.assign(chosen, { [part]: owner ? firstChoice(owner) : null });
    else unknown.push(`${part}=${name}`);
  }
  /** @param {string} group @returns {Field[]} the fields of the data, or of what is chosen of a part */
  const fieldsOf = (group) => {
    if (group === "data") return task.fields;
    const [part, table] = PARTS.find(([name]) => name === group) ?? [];
    return (part && table && named(catalog[table], chosen[part]?.name)?.fields) || [];
  };
  for (const [key, value] of query) {
    if (OTHERS.includes(key) || key.startsWith("runs.") || PARTS.some(([part]) => part === key)) continue;
    const [group, name, more] = key.split(".");
    const ofRun = named(catalog.run, key);
    const field = ofRun ?? (more === undefined ? named(fieldsOf(group), name) : undefined);
    const meant = field && read(value, field);
    const layers = key === "network" ? readNetwork(value, catalog) : null;
    const speed = value === "none" ? null : readNumber(value);
    if (layers) chosen.network = layers;
    else if (key === "speed" && (speed === null || (speed && speed >= SLOWEST && speed <= FASTEST)))
      chosen.speed = speed;
    else if (meant === undefined) unknown.push(`${key}=${value}${field ? allowed(field) : ""}`);
    else {
      const owner = /** @type {Record<string, any>} */ (ofRun ? chosen : chosen[/** @type {"data"} */ (group)]);
      owner[ofRun ? key : name] = meant;
    }
  }
  return { chosen, run: query.get("run"), unknown };
}
