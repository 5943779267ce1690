/** The calls of the table of all runs: its rows, its columns, and what is done to many at once. */

import { call } from "./api.js";

/** @import {Run} from "../state/types.js" */

const LONGEST_NAME = 80; // characters

/**
 * A column that some run has a value in.
 * @typedef {object} RunColumn
 * @property {string} name a path, as in "optimizer.learning_rate"
 * @property {string} title
 * @property {"settings" | "about" | "scores" | "findings" | "marks"} group
 * @property {"number" | "text" | "choice" | "words" | "time" | "flag"} kind
 * @property {any[]} values some that occur
 * @property {boolean} differs whether not all runs have the same there
 * @property {string} [help]
 */
/** @typedef {{total: number, offset: number, revision: number, columns: Record<string, any[]>}} RowsAnswer */
/** @typedef {{filter?: string, order?: string, offset?: number, limit?: number, unless?: number}} RowsWanted */
/** @typedef {RowsWanted & {columns: string[]}} RowsQuery */
/**
 * Runs that have the same value in a column.
 * @typedef {object} RunGroup
 * @property {string | null} value null of those that have none
 * @property {string} title
 * @property {number} count
 * @property {number | null} best
 * @property {"up" | "down" | null} goal whether better is up or down
 */

/** Days in a filter are those of who reads the page. */
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** @param {Record<string, any>} asked what is empty is left out */
const query = (asked) =>
  new URLSearchParams(
    Object.entries(asked.filter ? { ...asked, zone } : asked)
      .filter(([, value]) => value !== undefined && value !== "")
      .map(([name, value]) => [name, String(value)]),
  );

/** @returns {Promise<RunColumn[]>} */
export const listColumns = () => call("GET", "runs/columns");
/**
 * Give some rows; null where nothing is newer than `unless`.
 * @param {RowsQuery} asked @returns {Promise<RowsAnswer | null>}
 */
export const listRows = (asked) => call("GET", `runs?${query(asked)}`);
/** @param {string} by @param {string} filter @returns {Promise<RunGroup[]>} */
export const listRunGroups = (by, filter) => call("GET", `runs/groups?${query({ by, filter })}`);
/** @typedef {{id: string, message: string}[]} Refused runs to which it could not be done, and why not */
/** @param {string[]} ids @param {object} changes @returns {Promise<{changed: string[], refused: Refused}>} */
export const changeRuns = (ids, changes) => call("PATCH", "runs", { ids, changes });
/** @param {string[]} ids @returns {Promise<{deleted: string[], refused: Refused, undo_until: number}>} */
export const deleteRuns = (ids) => call("POST", "runs/delete", { ids });
/** @param {string[]} ids @returns {Promise<{restored: string[], refused: Refused}>} */
export const restoreRuns = (ids) => call("POST", "runs/restore", { ids });
/**
 * Let the rows of a run that trained elsewhere stand beside ours.
 * @param {File} file @param {string} [accuracies] what they are: "share" or "percent"; else the file decides
 * @returns {Promise<Run>}
 */
export const importRows = (file, accuracies = "") => {
  const name = file.name.replace(/\.[^.]*$/, "").slice(0, LONGEST_NAME);
  return call("POST", `runs/import?${query({ name, accuracies })}`, file);
};
