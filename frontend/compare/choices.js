/** What can differ between the runs of a race or a sweep, read from the catalog, and the controls to choose its values. */

import { control, NOT_TYPED, readable, select } from "../ui/field.js";
import { say } from "../state/differences.js";

/**
 * @typedef {object} Choice
 * @property {string} path as the server reads it
 * @property {string} label
 * @property {{label: string, value: any}[]} [options] where the values are closed
 * @property {any} [field] where they are numbers
 * @property {any} value what is chosen now
 */

/** @param {any[]} owners @param {boolean} optional */
const named = (owners, optional) => [
  ...(optional ? [{ label: "none", value: null }] : []),
  ...owners.map((o) => ({
    label: o.name,
    value: { name: o.name, ...Object.fromEntries(o.fields.map((/** @type {any} */ f) => [f.name, f.default])) },
  })),
];

/** @param {string} path @param {string} label @param {any} field @param {any} value @returns {Choice | null} */
function ofField(path, label, field, value) {
  const choice = { path, label, value };
  if (field.among.length)
    return { ...choice, options: field.among.map((/** @type {string} */ v) => ({ label: v, value: v })) };
  if (field.type === "bool")
    return {
      ...choice,
      options: [
        { label: "no", value: false },
        { label: "yes", value: true },
      ],
    };
  return /int|float/.test(field.type) && !field.type.includes("list") && field.maximum !== null
    ? { ...choice, field }
    : null;
}

/** List what can differ. @param {import("../state/store.js").Store} store @param {boolean} withData a race runs on the same data @returns {Choice[]} */
export function choicesOf(store, withData) {
  const { catalog, chosen, task } = store;
  const fits = catalog.losses.filter((/** @type {any} */ l) => l.kinds.includes(task.kind));
  const found = /** @type {(Choice | null)[]} */ ([
    { path: "optimizer", label: "optimizer", options: named(catalog.optimizers, false), value: chosen.optimizer },
  ]);
  const add = (/** @type {string} */ group, /** @type {any[]} */ fields, /** @type {any} */ values, prefix = "") => {
    for (const f of fields)
      found.push(ofField(`${group}.${f.name}`, prefix + readable(f.name), f, values[f.name] ?? f.default));
  };
  add(
    "optimizer",
    catalog.optimizers.find((/** @type {any} */ o) => o.name === chosen.optimizer.name).fields,
    chosen.optimizer,
  );
  const batch = catalog.run.find((/** @type {any} */ f) => f.name === "batch_size");
  found.push(ofField("batch_size", "batch size", batch, chosen.batch_size));
  if (!task.fixed_network) {
    const activations = catalog.layers.filter((/** @type {any} */ l) => l.activation && l.name !== "Softmax");
    const now = chosen.network.find((/** @type {any} */ l) =>
      activations.some((/** @type {any} */ a) => a.name === l.layer),
    );
    if (now)
      found.push({
        path: "activation",
        label: "activation",
        options: activations.map((/** @type {any} */ a) => ({ label: a.name, value: a.name })),
        value: now.layer,
      });
    chosen.network.forEach((/** @type {any} */ layer, /** @type {number} */ i) => {
      const { fields } = catalog.layers.find((/** @type {any} */ l) => l.name === layer.layer);
      const isOutput = i === chosen.network.length - 1;
      add(
        `network.${i}`,
        fields.filter((/** @type {any} */ f) => !(isOutput && f.name === "units")),
        layer,
        `layer ${i + 1} (${layer.layer}) `,
      );
    });
  }
  found.push({ path: "schedule", label: "schedule", options: named(catalog.schedules, false), value: chosen.schedule });
  found.push({
    path: "regularizer",
    label: "regularizer",
    options: named(catalog.regularizers, true),
    value: chosen.regularizer,
  });
  if (fits.length > 1) found.push({ path: "loss", label: "loss", options: named(fits, false), value: chosen.loss });
  if (withData) {
    add(
      "data",
      task.fields.filter((/** @type {any} */ f) => !NOT_TYPED.includes(f.name)),
      chosen.data,
      "data: ",
    );
    found.push(
      ofField(
        "seed",
        "seed",
        catalog.run.find((/** @type {any} */ f) => f.name === "seed"),
        chosen.seed,
      ),
    );
  }
  return /** @type {Choice[]} */ (found.filter((choice) => choice !== null));
}

/** Name a run by what is different about it, as in "Adam, 0.01". @param {string[]} paths @param {any[]} values */
export const wordsOf = (paths, values) =>
  values
    .map((value, i) => {
      const [name, layer] = [paths[i].split(".").at(-1) ?? "", /^network\.(\d+)\./.exec(paths[i])];
      if (typeof value === "object" || typeof value === "string" || name === "learning_rate")
        return value === null ? `no ${paths[i]}` : say(value);
      return `${layer ? `layer ${Number(layer[1]) + 1} ` : ""}${readable(name)} ${say(value)}`;
    })
    .join(", ");

/** A control for one value. @param {Choice} choice @param {any} value @param {(value: any) => void} change @param {string} id @param {string} label */
export function oneValue(choice, value, change, id, label) {
  const { options } = choice;
  if (!options) {
    const row = control(choice.field, value, "", change);
    row.classList.add("bare");
    row.removeAttribute("data-path");
    for (const input of row.querySelectorAll("input")) input.setAttribute("aria-label", label);
    return row;
  }
  const now = options.find((o) => say(o.value) === say(value)) ?? options[0];
  const made = select(
    options.map((o) => o.label),
    now.label,
    id,
    (chosen) => change(options.find((o) => o.label === chosen)?.value),
  );
  made.setAttribute("aria-label", label);
  return made;
}

/** Spread n numbers from low to high. @param {number} low @param {number} high @param {number} n @param {boolean} log @param {boolean} whole */
export function spread(low, high, n, log, whole) {
  const values = Array.from({ length: n }, (_, i) => {
    const t = n === 1 ? 0 : i / (n - 1);
    const v = log && low > 0 ? low * (high / low) ** t : low + (high - low) * t;
    return whole ? Math.round(v) : Number(v.toPrecision(3));
  });
  return [...new Set(values)];
}

/** Read a list of numbers as a person writes it; null where it is none. @param {string} text @param {any} field */
export function readList(text, field) {
  const values = text
    .split(/[\s,;]+/)
    .filter(Boolean)
    .map(Number);
  const whole = !field.type.includes("float");
  const allowed = values.every(
    (v) => Number.isFinite(v) && v >= field.minimum && v <= field.maximum && (!whole || Number.isInteger(v)),
  );
  return values.length && allowed ? [...new Set(values)] : null;
}
