/** The charts of a run's metrics, described: the same on the page and in the replay. */

import { CLASS_COLOURS } from "../state/constants.js";
import { css, themed } from "../ui/palette.js";

/** @typedef {Record<string, import("./line_chart.js").Numbers>} Rows of the metrics log, column by column */
/** @typedef {import("../state/types.js").Catalog["columns"][number]} Column of the log, as it declares itself */
/** @typedef {{name: string, title: string, scale: "log" | "share"}} MetricsChart */

const [WIDTH, THIN] = [1.8, 1];

/** The charts that the columns name, in their order. @param {Column[]} columns @returns {MetricsChart[]} */
export function chartsOf(columns) {
  /** @type {Map<string, MetricsChart>} */
  const charts = new Map();
  for (const { chart: name, share } of columns)
    if (name && !charts.has(name))
      charts.set(name, { name, title: name[0].toUpperCase() + name.slice(1), scale: share ? "share" : "log" });
  return [...charts.values()];
}

/** The columns of a chart. @param {Column[]} columns @param {MetricsChart} chart */
const columnsOf = (columns, chart) => columns.filter((column) => column.chart === chart.name);

/** Tell whether a column is the chart's metric itself. @param {Column} column @param {MetricsChart} chart */
const isMain = ({ title }, chart) => title === chart.name || title === `test ${chart.name}`;

/**
 * The curves of a chart: its metric in training and on the test data, then what else belongs there, by its title, thin;
 * that is left out where it was nothing all the time, as the penalty is without a regularizer. A curve that is alone
 * needs no name.
 * @param {Column[]} columns @param {Rows} rows @param {MetricsChart} chart
 * @returns {import("./line_chart.js").Curve[]}
 */
export const curvesOf = (columns, rows, chart) =>
  columnsOf(columns, chart)
    .filter((column) => isMain(column, chart) || rows[column.name].some(Boolean))
    .map((column, i, { length }) => ({
      name: length === 1 ? "" : isMain(column, chart) ? (column.test ? "test" : "train") : column.title,
      x: rows.step,
      y: rows[column.name],
      colour: i < 2 ? themed(column.test ? "test" : "train") : css(CLASS_COLOURS[i % CLASS_COLOURS.length]),
      width: isMain(column, chart) ? WIDTH : THIN,
      isDotted: column.test,
    }));

/**
 * The curve of the run that this one went on from: its losses in training, of shares those on the test data.
 * @param {Column[]} columns @param {Rows} rows the parent's @param {MetricsChart} chart
 * @returns {import("./line_chart.js").Curve}
 */
export function parentCurve(columns, rows, chart) {
  const found = columnsOf(columns, chart).find(({ test }) => test === (chart.scale === "share"));
  return { name: "parent", x: rows.step, y: found ? rows[found.name] : [], colour: themed("muted"), width: 1.2 };
}

/**
 * Tell whether anything of a chart was measured.
 * @param {Column[]} columns @param {Rows} rows @param {MetricsChart} chart
 */
export const isMeasured = (columns, rows, chart) =>
  columnsOf(columns, chart).some(({ name }) => rows[name]?.some((v) => v !== null)); // none before the first run
