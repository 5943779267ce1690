/** Writes a lesson as its file, and what is chosen on the page as a step's settings. */

import { same } from "../state/differences.js";

/** @import {Chosen} from "../state/types.js" */
/** @import {LessonContent, LessonStep} from "../server/lesson_types.js" */

const FENCE = "+++";

/** Write a value as TOML in one line. @param {any} value @returns {string} */
export function toToml(value) {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "number" || typeof value === "boolean") return String(value).replace("e+", "e");
  if (Array.isArray(value)) return `[${value.map(toToml).join(", ")}]`;
  const said = Object.entries(value).filter(([, v]) => v !== null && v !== undefined);
  const key = (/** @type {string} */ name) => (/^[\w-]+$/.test(name) ? name : JSON.stringify(name));
  return `{${said.map(([name, v]) => `${key(name)} = ${toToml(v)}`).join(", ")}}`;
}

/**
 * What of a configuration is not as in the task's defaults.
 * @param {Chosen} chosen @param {Chosen} defaults @returns {Record<string, any>}
 */
export function settingsOf(chosen, defaults) {
  /** @type {Record<string, any>} */
  const said = { task: chosen.task };
  for (const [name, value] of Object.entries(chosen)) {
    const usual = defaults[/** @type {"data"} */ (name)];
    if (name === "task" || value === null || same(value, usual)) continue;
    const differing = (/** @type {Record<string, any>} */ here, /** @type {Record<string, any>} */ there) =>
      Object.fromEntries(Object.entries(here).filter(([key, v]) => v !== null && !same(v, there?.[key])));
    if (name === "data") said.data = differing(chosen.data, defaults.data);
    else if (name === "network") said.network = chosen.network.map((layer) => differing(layer, {}));
    else said[name] = value;
  }
  return said;
}

/** @param {LessonStep} step */
function stepText({ title, text, settings, hide, lock, question, goal }) {
  const some = (/** @type {string} */ name, /** @type {any} */ value) => (value ? [`${name} = ${toToml(value)}`] : []);
  const lines = [
    ...some("title", title),
    ...some("hide", hide.length && hide),
    ...some("lock", lock.length && lock),
    ...some("question", question),
    ...some("goal", goal && { ...goal, where: Object.keys(goal.where).length ? goal.where : null }),
  ];
  if (Object.keys(settings).length)
    lines.push("", "[settings]", ...Object.entries(settings).map(([name, value]) => `${name} = ${toToml(value)}`));
  return [FENCE, ...lines, FENCE, text.trim(), ""];
}

/** Write a lesson as the server reads it. @param {LessonContent} lesson */
export function lessonText({ title, summary, minutes, steps }) {
  const head = [`title = ${toToml(title)}`, `summary = ${toToml(summary)}`, `minutes = ${minutes}`];
  return [FENCE, ...head, FENCE, ...steps.flatMap(stepText)].join("\n");
}
