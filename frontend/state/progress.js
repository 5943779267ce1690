/** How far a run is on the way to its task's goal: the engine says the goal, the rows whether it is reached. */

import { number, percent, told } from "./numbers.js";

/** @import {Goal, MetricsColumns, MetricsRow} from "./types.js" */
/** @typedef {"begun" | "well" | "learned"} Stage */

const WELL = 0.9; // of the way from the first row to the goal, and it does well
const DOUBT = 0.8; // below it does so no more
const WORDS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];

/** The name of the column that counts where there are no test data. @param {string} column */
const untested = (column) => column.replace("test_", "");

/** Goes along with the rows of a run, so that each is looked at once. */
export class Progress {
  /** @param {Goal} goal */
  constructor(goal) {
    this.goal = goal;
    this.isShare = goal.column.endsWith("accuracy");
    /** @type {MetricsColumns | null} the rows that were looked at */
    this.columns = null;
    this.next = 0; // the first that was not
    /** @type {Stage} */
    this.stage = "begun";
    /** @type {number | null} */
    this.first = null;
  }

  /** Whether a value is as good as another, or better. @param {number} value @param {number} other */
  reaches(value, other) {
    return this.isShare ? value >= other : value <= other;
  }

  /**
   * Look at the rows up to a step.
   * @param {MetricsColumns} columns @param {number} [step]
   */
  upTo(columns, step = Infinity) {
    if (columns !== this.columns || (this.next > 0 && columns.step[this.next - 1] > step))
      Object.assign(this, { columns, next: 0, stage: "begun", first: null });
    const { goal } = this;
    const [tested, plain] = [columns[goal.column] ?? [], columns[untested(goal.column)] ?? []];
    for (; this.next < columns.step.length && columns.step[this.next] <= step; this.next++) {
      const value = tested[this.next] ?? plain[this.next];
      if (value === null || value === undefined) continue;
      this.first ??= value;
      this.stage = this.after(value, this.first);
    }
    return this.stage;
  }

  /** @param {number} value @param {number} first @returns {Stage} */
  after(value, first) {
    const { goal, stage } = this;
    const learned = stage === "learned" ? !this.reaches(goal.lost, value) : this.reaches(value, goal.reached);
    if (learned) return "learned";
    const way = (value - first) / (goal.reached - first);
    return way >= (stage === "begun" ? WELL : DOUBT) ? "well" : "begun";
  }
}

/**
 * Say what was learned, with what is true of this run.
 * @param {Goal} goal @param {MetricsRow} row @param {Record<string, any>} data the fields of its data
 */
export function learnedWords(goal, row, data) {
  const value = row[goal.column] ?? row[untested(goal.column)];
  const isTested = !goal.column.startsWith("test_") || (row[goal.column] ?? null) !== null;
  const filled = {
    ...Object.fromEntries(Object.entries(data).map(([name, of]) => [name, WORDS[of] ?? String(of)])),
    value: goal.column.endsWith("accuracy") ? percent(value) : number(value),
    unseen: isTested ? "it never saw" : "it trained on",
  };
  return goal.learned.replace(/\{(\w+)\}/g, (all, name) => filled[/** @type {"value"} */ (name)] ?? all);
}

/**
 * Say how far a run is that does well and has not learned it yet.
 * @param {Goal} goal @param {MetricsRow} row
 */
export function wellWords({ column, reached }, row) {
  const name = (row[column] ?? null) === null ? untested(column) : column;
  const words = name.replaceAll("_", " ");
  const [value, aim] = name.endsWith("accuracy")
    ? [percent(row[name]), percent(reached, 0)]
    : [number(row[name]), told(reached)];
  return `${words[0].toUpperCase()}${words.slice(1)} ${value}, on the way to ${aim}.`;
}
