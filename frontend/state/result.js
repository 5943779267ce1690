/** What counts in a task: the accuracy where classes are learned, else the loss. */

import { number, percent } from "./numbers.js";

/** @import {MetricsRow, Run, TaskEntry} from "./types.js" */

/**
 * The result that a row of the metrics has: on the test data where that was measured, null where nothing was.
 * @param {MetricsRow} row @param {TaskEntry["kind"]} kind
 */
export const resultOf = (row, kind) =>
  (kind === "classes" ? (row.test_accuracy ?? row.accuracy) : (row.test_loss ?? row.loss)) ?? null;

/** Write a result. @param {number | null} result @param {TaskEntry["kind"]} kind */
export const written = (result, kind) => (kind === "classes" ? percent(result) : number(result));

/**
 * The result by which runs of a task are compared: of accuracies the best.
 * @param {Run} run @param {TaskEntry["kind"]} kind
 */
export const score = (run, kind) =>
  written(kind === "classes" ? run.best_accuracy : resultOf(run.metrics ?? {}, kind), kind);
