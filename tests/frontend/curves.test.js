/** Curves: rows without gaps, and thinning that loses no spike. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { thin } from "../../frontend/charts/line_chart.js";
import { chartsOf, curvesOf } from "../../frontend/charts/metrics.js";
import { Store } from "../../frontend/state/store.js";

const COLUMNS = ["loss", "test_loss", "accuracy", "test_accuracy"];

test("thinning keeps every spike and the newest row", () => {
  const x = Array.from({ length: 100_000 }, (_, i) => i);
  /** @type {(number | null)[]} */
  const y = x.map((i) => Math.sin(i / 5000));
  [y[31415], y[27182], y[500]] = [99, -99, null];
  const thinned = thin(x, y);
  assert.ok(thinned.x.length <= 1100);
  assert.equal(Math.max(...thinned.y.map(Number)), 99);
  assert.equal(Math.min(...thinned.y.map(Number)), -99);
  assert.equal(thinned.x.at(-1), 99_999);
  const steps = thinned.x.map(Number);
  assert.ok(steps.every((v, i) => !i || v > steps[i - 1]));
});

test("a chart is there because a column names it", () => {
  const column = (/** @type {string} */ name, /** @type {string | null} */ chart, share = false) => ({
    name,
    title: name,
    chart,
    test: false,
    share,
  });
  const charts = chartsOf([
    column("step", null),
    column("loss", "loss"),
    column("accuracy", "accuracy", true),
    column("penalty", "loss"),
    column("norm", "gradient norm"),
  ]);
  assert.deepEqual(charts, [
    { name: "loss", title: "Loss", scale: "log" },
    { name: "accuracy", title: "Accuracy", scale: "share" },
    { name: "gradient norm", title: "Gradient norm", scale: "log" },
  ]);
});

test("a penalty is a curve of its own where a regularizer asks one, and no curve at nothing where none does", () => {
  const colours = { document: { documentElement: null }, getComputedStyle: () => ({ getPropertyValue: () => "" }) };
  Object.assign(globalThis, colours);
  const columns = ["loss", "test_loss", "penalty"].map((name) => ({
    name,
    title: name.replace("_", " "),
    chart: "loss",
    test: name === "test_loss",
    share: false,
  }));
  const [chart] = chartsOf(columns);
  const names = (/** @type {(number | null)[]} */ penalty) =>
    curvesOf(columns, { step: [0, 1], loss: [2, 1], test_loss: [2, 1], penalty }, chart).map(({ name }) => name);
  assert.deepEqual(names([0.3, 0.2]), ["train", "test", "penalty"]);
  assert.deepEqual(names([0, 0]), ["train", "test"]);
  assert.deepEqual(names([null, null]), ["train", "test"]);
});

test("rows follow on each other by number, and anything else is noticed", () => {
  const columns = COLUMNS.map((name) => ({ name, title: name, chart: null, test: false, share: false }));
  const store = new Store(/** @type {any} */ ({ columns }));
  /** @param {number} since @param {number} next @param {number} from @param {number} to */
  const take = (since, next, from, to) => {
    const numbers = Array.from({ length: to - from }, (_, i) => from + i);
    const rows = Object.fromEntries(["step", ...COLUMNS, "time"].map((name) => [name, [...numbers]]));
    return store.addRows({ since, next, columns: /** @type {any} */ (rows) });
  };
  assert.ok(take(0, 5, 0, 5));
  assert.ok(take(5, 20, 5, 8));
  assert.ok(!take(3, 8, 3, 8));
  assert.ok(!take(25, 28, 25, 28));
  assert.deepEqual(store.columns.loss, [0, 1, 2, 3, 4, 5, 6, 7]);
});
