/** Where the rows of a run lie across: by step, epoch, seconds or examples; and which step a moment of that is. */

/** @import {Curve} from "../charts/line_chart.js" */
/** @import {MetricsColumns, Run} from "../state/types.js" */

/** What rows lie over. */
export const WAYS = ["step", "epoch", "seconds", "examples"];

/** @typedef {Pick<Run, "steps_per_epoch" | "examples">} Sizes how large a run's epochs are, and its data */

/**
 * How much of something there is in one step; null where nobody knows, as of a run that trained elsewhere, and of
 * seconds, which are not alike.
 * @param {Sizes} run @param {string} by
 */
function perStep({ steps_per_epoch: steps, examples }, by) {
  if (by === "step") return 1;
  if (by === "epoch") return steps ? 1 / steps : null;
  return by === "examples" && steps && examples?.[0] ? examples[0] / steps : null;
}

/**
 * Where rows lie; null where that is not known of the run.
 * @param {MetricsColumns} columns @param {Sizes} run @param {string} by @returns {(number | null)[] | null}
 */
export function across({ step, time }, run, by) {
  if (by === "seconds") return time;
  const each = perStep(run, by);
  return each === null ? null : step.map((s) => s * each);
}

/**
 * The last row whose value is not larger; −1 where there is none.
 * @param {(number | null)[]} values @param {number} most
 */
function lastUpTo(values, most) {
  let i = values.length - 1;
  while (i >= 0 && !(values[i] !== null && Number(values[i]) <= most)) i--;
  return i;
}

/**
 * Where a step lies; of seconds where the last row up to it does.
 * @param {MetricsColumns} columns @param {Sizes} run @param {string} by @param {number} step @returns {number | null}
 */
export function placeOf({ step: steps, time }, run, by, step) {
  if (by === "seconds") return time[Math.max(0, lastUpTo(steps, step))] ?? null;
  const each = perStep(run, by);
  return each === null ? null : step * each;
}

/**
 * Which step of a run lies at a place; null where that is not known.
 * @param {MetricsColumns} columns @param {Sizes} run @param {string} by @param {number} place @returns {number | null}
 */
export function stepAt({ step: steps, time }, run, by, place) {
  if (by === "seconds") return steps[lastUpTo(time, place)] ?? steps[0] ?? null;
  const each = perStep(run, by);
  return each === null ? null : Math.round(place / each);
}

/**
 * Draw a column of a run's rows; where it has none there, or where they lie across is not known, nothing.
 * @param {{run: Sizes, words: string, colour: string}} of @param {MetricsColumns} columns @param {string} by
 * @param {string} name the column's @returns {Curve}
 */
export function curveOf({ run, words, colour }, columns, by, name) {
  const x = across(columns, run, by);
  return { name: words, x: x ?? [], y: x ? (columns[name] ?? []) : [], colour, width: 2 };
}
