/** The charts of a run's metrics, described: the same on the page and in the replay. */

import { themed } from "../ui/palette.js";

/** @typedef {Record<string, import("./line_chart.js").Numbers>} Columns rows of the metrics log */
/** @typedef {{name: string, title: string, scale: "log" | "share", parent: string}} Metric and a parent's column */

/** @type {Metric[]} */
export const METRICS = [
  { name: "loss", title: "Loss", scale: "log", parent: "loss" },
  { name: "accuracy", title: "Accuracy", scale: "share", parent: "test_accuracy" },
];

/**
 * The curves of a metric, in training and on the test data.
 * @param {Columns} columns @param {Metric} metric @returns {import("./line_chart.js").Curve[]}
 */
export const curvesOf = (columns, { name }) => [
  { name: "train", x: columns.step, y: columns[name], colour: themed("train"), width: 1.8 },
  { name: "test", x: columns.step, y: columns[`test_${name}`], colour: themed("test"), width: 1.8, isDotted: true },
];
