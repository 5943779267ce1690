/** Curves: rows without gaps, and thinning that loses no spike. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { thin } from "../../frontend/charts/line_chart.js";
import { Store } from "../../frontend/state/store.js";

const COLUMNS = ["step", "loss", "test_loss", "accuracy", "test_accuracy", "time"];

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

test("rows follow on each other by number, and anything else is noticed", () => {
  const store = new Store();
  /** @param {number} since @param {number} next @param {number} from @param {number} to */
  const take = (since, next, from, to) => {
    const numbers = Array.from({ length: to - from }, (_, i) => from + i);
    return store.addRows({ since, next, columns: Object.fromEntries(COLUMNS.map((name) => [name, [...numbers]])) });
  };
  assert.ok(take(0, 5, 0, 5));
  assert.ok(take(5, 20, 5, 8));
  assert.ok(!take(3, 8, 3, 8));
  assert.ok(!take(25, 28, 25, 28));
  assert.deepEqual(store.columns.loss, [0, 1, 2, 3, 4, 5, 6, 7]);
});
