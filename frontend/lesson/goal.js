/** A goal in words, and how far a run is from it. */

import { readable } from "../state/catalog.js";
import { count, percent, told } from "../state/numbers.js";

/** @import {Goal, Verdict} from "../server/lesson_types.js" */

/** Write a value of a column. @param {string | null} metric @param {number} value */
const written = (metric, value) =>
  metric?.includes("accuracy") ? percent(value, value * 100 === Math.round(value * 100) ? 0 : 1) : told(value);

/** @param {Goal} goal */
export function goalWords(goal) {
  const { metric, value, cause, within, after, neurons, where } = goal;
  /** @type {string[]} */
  const said = [];
  if (cause) said.push(`the doctor finds “${cause}”`);
  else if (metric === "step") said.push(`${count(goal.at_least ?? 1)} steps are trained`);
  else {
    const name = readable(metric ?? value?.split(".").at(-1) ?? "");
    const bounds = [];
    if (goal.at_least !== null) bounds.push(`at least ${written(metric, goal.at_least)}`);
    if (goal.at_most !== null) bounds.push(`at most ${written(metric, goal.at_most)}`);
    if (goal.above !== null) bounds.push(`above the best of step ${goal.above}`);
    if (goal.below !== null) bounds.push(`below the best of step ${goal.below}`);
    said.push(`${name} ${bounds.join(", ")}`);
  }
  if (within !== null) said.push(`within ${count(within)} steps`);
  if (after !== null) said.push(`after ${count(after)} steps`);
  if (neurons !== null) said.push(`with at most ${count(neurons)} hidden neurons`);
  for (const [path, wanted] of Object.entries(where))
    said.push(`with ${readable(path.replace(/\.name$/, ""))} ${wanted}`);
  return `${said.join(" ")}`;
}

/** @param {Goal} goal @param {Verdict} verdict */
export function verdictWords(goal, { reached, words, best }) {
  if (reached !== null) return reached ? `Reached at step ${count(reached)}.` : "Reached.";
  if (words) return words;
  return best === null || goal.metric === "step" ? "" : `Best so far: ${written(goal.metric, best)}.`;
}
