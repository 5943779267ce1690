/** A run's history: which snapshot is meant, which row belongs to a step, and what became of its examples. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { RunHistory } from "../../frontend/server/history.js";
import { Dynamics } from "../../frontend/state/dynamics.js";
import { Store } from "../../frontend/state/store.js";

test("a step means the nearest snapshot, and beyond the newest is now", () => {
  const history = new RunHistory("abc");
  assert.equal(history.nearest(7), undefined);
  history.steps = [0, 10, 20, 40];
  assert.deepEqual(
    [4, 6, 29, 31, 99].map((step) => history.nearest(step)),
    [0, 10, 20, 40, 40],
  );
  assert.deepEqual([history.beside(10, 1), history.beside(10, -5), history.beside(40, 1)], [20, 0, null]);
  assert.deepEqual([history.beside(null, -1), history.beside(15, -1), history.beside(15, 1)], [40, 10, 40]);
});

test("a step has the last row until then, and now the newest", () => {
  const columns = [{ name: "loss", title: "loss", chart: "loss", test: false }];
  const store = new Store(/** @type {any} */ ({ columns }));
  assert.deepEqual(store.rowAt(), { loss: null, step: null, time: null });
  store.addRows({ since: 0, next: 3, columns: { step: [0, 5, 9], loss: [3, 2, null], time: [0, 0.5, 1] } });
  assert.deepEqual(store.rowAt(8), { loss: 2, step: 5, time: 0.5 });
  assert.deepEqual(store.rowAt(-1), { loss: 3, step: 0, time: 0 });
  assert.deepEqual(store.rowAt(), { loss: null, step: 9, time: 1 });
});

test("looking back is told once for each step, and coming back to now too", () => {
  const store = new Store();
  /** @type {(number | null)[]} */
  const seen = [];
  store.on("look", () => seen.push(store.at));
  for (const step of [null, 5, 5, 7, null, null]) store.look(step);
  assert.deepEqual(seen, [5, 7, null]);
});

/** What the server says of two examples over three snapshots. @param {Record<string, any>} arrays */
const told = (arrays) => {
  const all = { steps: [0, 5, 9], order: [1, 0], labels: [2, 0], is_test: [0, 1], ...arrays };
  const shapes = Object.fromEntries(Object.entries(all).map(([name, values]) => [name, [values.length / 2, 2]]));
  return new Dynamics(
    /** @type {any} */ ({ step: 9, names: ["a"], arrays: all, shapes: { ...shapes, images: [0, 28, 28] } }),
  );
};

test("the dynamics of an example of a class are how sure the network was, and when it was wrong", () => {
  const one = told({ confidence: [51, 255, 102, 204, 153, 0], right: [0, 1, 1, 1, 1, 0], error: [] });
  assert.ok(one.ofClasses);
  assert.deepEqual(one.responses(0), [0.2, 0.4, 0.6]);
  assert.equal(one.response(1), 0);
  assert.ok(Math.abs(one.confidence(1) - 0.6) < 1e-12);
  assert.deepEqual(
    [0, 1, 2].map((snapshot) => one.wasWrong(0, snapshot)),
    [true, false, false],
  );
  assert.deepEqual([one.isTest(0), one.isTest(1), one.label(0), one.order[0]], [false, true, 2, 1]);
});

test("a point that was never right was never learned; one that was right once was", () => {
  const right = { right: [0, 1, 0, 1, 0, 0], learned: [-1, -1], forgotten: [0, 1] };
  const one = told({ confidence: [51, 255, 102, 204, 153, 0], error: [], ...right });
  assert.equal(one.words(0), "never learned · 60 % sure of the right class");
  assert.equal(one.words(1), "not right now · forgotten once · 0 % sure of the right class");
});

test("the dynamics of an example of a number are how far off the network was", () => {
  const one = told({ confidence: [], right: [], error: [1, -2, 0.5, -1, 0.25, 0] });
  assert.ok(!one.ofClasses);
  assert.deepEqual([one.responses(0), one.response(1), one.wasWrong(0, 0)], [[1, 0.5, 0.25], 0, false]);
});
