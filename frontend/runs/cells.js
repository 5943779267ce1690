/** What stands in a cell: every kind of value as a person reads it. */

import { count, duration, MISSING, number, percent, told } from "../state/numbers.js";
import { make } from "../ui/element.js";
import { icon } from "../ui/icons.js";

/** @import {RunColumn} from "../server/run_table.js" */
/** @import {Row} from "./pages.js" */

/** What the page needs of every run, whichever columns are shown. */
export const NEEDED = ["name", "title", "task", "words", "status", "step", "goal", "finding_kind"];
/** The columns in which a person can write. */
export const WRITABLE = ["name", "note", "tags"];
/** The most characters of each. @type {Record<string, number>} */
export const LONGEST = { name: 60, note: 500, tags: 200 };

const WHEN = new Intl.DateTimeFormat([], { dateStyle: "short", timeStyle: "short" }); // making one takes milliseconds
const COUNTED = ["step", "steps", "parameters"];
/** In rem. @type {Record<string, number>} */
const WIDTHS = { name: 16, note: 13, words: 16, network: 18, tags: 9, finding: 11, findings: 16, status: 7, error: 14 };
const OF_KIND = { number: 5, text: 10, choice: 8, words: 10, time: 10, flag: 5 };
const TERMS = ["step", "loss", "result", "status", "finding", "epoch"];

/** How wide a column is unless somebody widened it, in rem. @param {RunColumn} column */
export const usualWidth = ({ name, kind, title }) =>
  Math.max(WIDTHS[name] ?? OF_KIND[kind] ?? 8, Math.min(12, title.length * 0.45 + 1.75));

/** Whether its values stand on the right. @param {RunColumn} column */
export const isNumber = ({ kind }) => kind === "number";

/** @param {{title: string}} column */
export const titleOf = ({ title }) => title && title[0].toUpperCase() + title.slice(1);

/** What explains a column's head; the empty string where nothing does. @param {RunColumn} column */
export const termOf = ({ name }) => (TERMS.includes(name) ? `terms/${name}` : "");

/**
 * A column of which nothing is known any more, as an old link may name one.
 * @param {string} name @returns {RunColumn}
 */
export const unknownColumn = (name) => ({
  name,
  title: name.slice(name.lastIndexOf(".") + 1).replaceAll("_", " "),
  group: "settings",
  kind: "text",
  values: [],
  differs: false,
});

/**
 * The columns in which a person can write are there before anybody has.
 * @param {RunColumn[]} all @returns {RunColumn[]}
 */
export function withWritable(all) {
  const missing = WRITABLE.filter((name) => !all.some((one) => one.name === name)).map(unknownColumn);
  for (const column of missing) {
    column.group = column.name === "name" ? "about" : "marks";
    column.kind = column.name === "tags" ? "words" : "text";
    column.differs = true;
  }
  return [...missing, ...all];
}

/** Write a note in one line, as where it can be written anew. @param {string} words */
export const oneLine = (words) => words.replace(/\s*[\r\n]+\s*/g, " ").trim();

/** How a run is called: by its name or, where it has none, by its task. @param {Row} row */
export const nameOf = (row) => row.name || row.title || "Run";

/**
 * Write a score as its task has it: a share where more is better, else a loss.
 * @param {number | null} v @param {unknown} goal
 */
export const score = (v, goal) => (goal === "up" ? percent(v) : number(v));

/** Write a value in words. @param {RunColumn} column @param {any} value @param {Row} row */
export function written({ name, kind }, value, row) {
  if (value === null || value === undefined || value === "") return "";
  if (Array.isArray(value)) return value.join(", ");
  if (kind === "time") return WHEN.format(1000 * value);
  if (kind === "flag" || typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value !== "number") return String(value);
  if (name === "result") return score(value, row.goal);
  if (name.endsWith("accuracy")) return percent(value);
  if (name.endsWith("loss") || name === "epoch") return number(value);
  if (name === "seconds") return duration(value);
  return COUNTED.includes(name) || (Number.isInteger(value) && Math.abs(value) >= 1e4) ? count(value) : told(value);
}

/** What tells whether a cell is to be drawn anew. @param {RunColumn} column @param {Row} row */
export const signature = ({ name }, row) =>
  name === "name" ? `${row.name}\0${row.title}\0${row.words}` : String(row[name] ?? "");

/**
 * Draw a cell, but the name.
 * @param {RunColumn} column @param {Row} row @returns {(Node | string)[]}
 */
export function cell(column, row) {
  const value = row[column.name];
  if (value === null || value === undefined || value === "" || (Array.isArray(value) && !value.length))
    return column.kind === "number" ? [make("span", { className: "muted", textContent: MISSING })] : [];
  if (column.name === "status") {
    const made = make("span", { className: "run-status" });
    made.dataset.status = value;
    made.append(make("i"), value);
    return [made];
  }
  if (column.name === "finding") return [finding(value, row.finding_kind ?? "caution")];
  if (column.name === "tags")
    return value.map((/** @type {string} */ tag) => make("span", { className: "tag", dir: "auto", textContent: tag }));
  const made = make("span", { className: "of-cell", textContent: written(column, value, row) });
  if (column.kind === "text") made.dir = "auto";
  return [made];
}

/** @param {string} title @param {string} kind */
function finding(title, kind) {
  const made = make("span", { className: "found", title });
  made.dataset.kind = kind;
  made.append(icon(kind), make("span", { textContent: title }));
  return made;
}
