/** The whole configuration in the page's address, short because what is as in the task's defaults is left out. */

/** Write a value so that it reads well in an address. @param {any} value */
const write = (value) => (value === null ? "none" : Array.isArray(value) ? value.join("x") : String(value));

/** Read a value as one of the types that the catalog names. @param {string} text @param {string} types */
function read(text, types) {
  if (text === "none" && types.includes("null")) return null;
  if (types.includes("bool")) return text === "true";
  if (types.includes("list") && /^\d+(x\d+)+$/.test(text)) return text.split("x").map(Number);
  if ((types.includes("int") || types.includes("float")) && text !== "" && Number.isFinite(Number(text)))
    return Number(text);
  return text;
}

/** Write layers as Dense(units!12)~Tanh. @param {any[]} layers @param {any} catalog */
export function writeNetwork(layers, catalog) {
  const nested = layers.some((layer) => Object.values(layer).some((v) => Array.isArray(v) && typeof v[0] === "object"));
  if (nested) return JSON.stringify(layers);
  return layers
    .map((layer) => {
      const fields = catalog.layers.find((/** @type {any} */ l) => l.name === layer.layer)?.fields ?? [];
      const said = fields
        .filter(
          (/** @type {any} */ f) =>
            layer[f.name] !== undefined &&
            layer[f.name] !== null &&
            (f.required || write(layer[f.name]) !== write(f.default)),
        )
        .map((/** @type {any} */ f) => `${f.name}!${write(layer[f.name])}`);
      return said.length ? `${layer.layer}(${said.join("*")})` : layer.layer;
    })
    .join("~");
}

/** Read what writeNetwork wrote; null where it makes no sense. @param {string} text @param {any} catalog */
export function readNetwork(text, catalog) {
  if (text.startsWith("[")) return readNested(text, catalog);
  const layers = [];
  for (const part of text.split("~")) {
    const match = /^(\w+)(?:\((.*)\))?$/.exec(part);
    const known = match && catalog.layers.find((/** @type {any} */ l) => l.name === match[1]);
    if (!known) return null;
    /** @type {Record<string, any>} */
    const layer = { layer: known.name };
    for (const setting of match[2] ? match[2].split("*") : []) {
      const [name, value = ""] = setting.split("!");
      const field = known.fields.find((/** @type {any} */ f) => f.name === name);
      if (!field) return null;
      layer[name] = read(value, field.type);
    }
    layers.push(layer);
  }
  return layers;
}

/** Read a network with layers inside others, which stands in the address as JSON. @param {string} text @param {any} catalog */
function readNested(text, catalog) {
  try {
    const layers = JSON.parse(text);
    const known = layers.every((/** @type {any} */ layer) =>
      catalog.layers.some((/** @type {any} */ l) => l.name === layer?.layer),
    );
    return known ? layers : null;
  } catch {
    return null;
  }
}

const CHOICES = [
  ["optimizer", "optimizers"],
  ["schedule", "schedules"],
  ["loss", "losses"],
  ["regularizer", "regularizers"],
];

/**
 * Write a configuration as an address's query.
 * @param {any} chosen @param {any} defaults the task's complete defaults @param {any} catalog @param {string | null} run
 */
export function writeURL(chosen, defaults, catalog, run) {
  const query = new URLSearchParams({ task: chosen.task });
  const network = writeNetwork(chosen.network, catalog);
  if (network !== writeNetwork(defaults.network, catalog)) query.set("network", network);
  for (const [name, value] of Object.entries(chosen.data)) {
    if (write(value) !== write(defaults.data[name])) query.set(`data.${name}`, write(value));
  }
  for (const [kind, table] of CHOICES) {
    const here = chosen[kind];
    const usual = defaults[kind];
    const there = here?.name === usual?.name ? usual : defaultsOf(here, catalog[table]);
    if (here === null && usual !== null) query.set(kind, "none");
    else if (here?.name !== usual?.name) query.set(kind, here.name);
    for (const [name, value] of Object.entries(here ?? {})) {
      if (name !== "name" && write(value) !== write(there[name])) query.set(`${kind}.${name}`, write(value));
    }
  }
  for (const { name } of catalog.run) if (chosen[name] !== defaults[name]) query.set(name, write(chosen[name]));
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

/** The values that a class begins with. @param {any} choice @param {any[]} owners @returns {Record<string, any>} */
function defaultsOf(choice, owners) {
  const owner = owners.find((o) => o.name === choice?.name);
  return Object.fromEntries((owner?.fields ?? []).map((/** @type {any} */ f) => [f.name, f.default]));
}

/**
 * Read a configuration from an address. What cannot be understood is left out and listed.
 * @param {string} search @param {any} catalog @param {(task: string) => any} taskDefaults
 * @returns {{chosen: any, run: string | null, unknown: string[]}}
 */
export function readURL(search, catalog, taskDefaults) {
  const query = new URLSearchParams(search);
  const asked = query.get("task") ?? catalog.tasks[0].name;
  const task = catalog.tasks.find((/** @type {any} */ t) => t.name === asked) ?? catalog.tasks[0];
  const chosen = taskDefaults(task.name);
  const unknown = task.name === asked ? [] : [`task=${asked}`];
  for (const [kind, table] of CHOICES) {
    const name = query.get(kind);
    if (name === "none") chosen[kind] = null;
    else if (name !== null) {
      const owner = catalog[table].find((/** @type {any} */ o) => o.name === name);
      if (owner && name !== chosen[kind]?.name) chosen[kind] = { name, ...defaultsOf({ name }, [owner]) };
      else if (owner) continue;
      else unknown.push(`${kind}=${name}`);
    }
  }
  for (const [key, value] of query) {
    const [group, name] = key.split(".");
    const scalar = catalog.run.find((/** @type {any} */ f) => f.name === key);
    if (["task", "run", "race", "sweep", "hide", "lock"].includes(key) || CHOICES.some(([kind]) => kind === key))
      continue;
    if (key === "network") {
      const layers = readNetwork(value, catalog);
      if (layers) chosen.network = layers;
      else unknown.push(`network=${value}`);
    } else if (key === "speed") {
      const speed = value === "none" ? null : Number(value);
      if (speed === null || speed > 0) chosen.speed = speed;
      else unknown.push(`speed=${value}`);
    } else if (scalar) chosen[key] = read(value, scalar.type);
    else {
      const table = CHOICES.find(([kind]) => kind === group)?.[1];
      const fields =
        group === "data"
          ? task.fields
          : catalog[table ?? ""]?.find((/** @type {any} */ o) => o.name === chosen[group]?.name)?.fields;
      const field = fields?.find((/** @type {any} */ f) => f.name === name);
      if (field) chosen[group][name] = read(value, field.type);
      else unknown.push(`${key}=${value}`);
    }
  }
  return { chosen, run: query.get("run"), unknown };
}
