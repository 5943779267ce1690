/** Undo and redo: each change once, turns of one control together, by the run on the page, also after a reload. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { optimizerFor, rateWords } from "../../frontend/state/optimizers.js";
import { lostWords } from "../../frontend/state/status.js";
import { Store } from "../../frontend/state/store.js";
import { Undoing } from "../../frontend/state/undoing.js";
import { catalog } from "./catalog.js";

/** A tab's storage and clock. */
function tab() {
  const kept = new Map();
  const storage = { getItem: (/** @type {string} */ k) => kept.get(k) ?? null, setItem: kept.set.bind(kept) };
  const clock = { at: 0 };
  return { storage, clock, open: () => new Undoing(storage, () => clock.at) };
}

/** @returns {any} */
const before = (/** @type {string} */ run, /** @type {string} */ after, /** @type {number} */ value) => ({
  run,
  after,
  trains: true,
  chosen: { value },
});

/** What was chosen then. */
const chosenThen = (/** @type {any} */ found) => found?.chosen.value;

test("the newest change that led to the run on the page is taken back, and done again", () => {
  const undoing = tab().open();
  undoing.note(before("a", "a", 1), "rate");
  undoing.note(before("a", "b", 2), "");
  undoing.note(before("x", "y", 9), ""); // of another run, that was opened meanwhile
  assert.equal(chosenThen(undoing.take("undo", "b")), 2);
  assert.equal(undoing.take("undo", "b"), undefined);
  assert.equal(chosenThen(undoing.take("undo", "a")), 1);
  undoing.back("redo", before("b", "a", 3));
  assert.equal(undoing.take("redo", "a")?.run, "b");
  undoing.back("redo", before("b", "a", 3));
  undoing.note(before("a", "a", 4), "other");
  assert.equal(undoing.take("redo", "a"), undefined); // something else was chosen since
});

test("turns of one control, one soon after the other, are one change", () => {
  const { clock, open } = tab();
  const undoing = open();
  for (const [at, what, value] of /** @type {const} */ ([
    [0, "rate", 1],
    [500, "rate", 2],
    [1000, "rate", 3],
    [1200, "beta1", 4],
    [3000, "beta1", 5],
  ])) {
    clock.at = at;
    undoing.note(before("a", "a", value), what);
  }
  const values = [1, 2, 3].map(() => chosenThen(undoing.take("undo", "a")));
  assert.deepEqual(values, [5, 4, 1]);
  assert.equal(undoing.take("undo", "a"), undefined);
});

test("a tab remembers over a reload, knows a run by its new id, and forgets what is too old", () => {
  const { open } = tab();
  const undoing = open();
  for (let i = 0; i < 60; i++) undoing.note(before("a", "b", i), "");
  undoing.rename("b", "c");
  const again = open();
  assert.equal(again.undo.length, 50);
  assert.equal(again.take("undo", "b"), undefined);
  assert.equal(chosenThen(again.take("undo", "c")), 59);
  const broken = { getItem: () => "{", setItem: () => assert.fail() };
  assert.deepEqual(new Undoing(broken).undo, []);
  assert.deepEqual(new Undoing({ getItem: () => null, setItem: () => {} }).undo, []);
});

test("every optimizer begins in every task with its own rate there, and comes back as it was set", () => {
  for (const task of catalog().tasks) {
    const store = new Store(catalog());
    store.chosen = store.defaultsOf(task.name);
    const own = structuredClone(store.chosen.optimizer);
    for (const { name, first_rate } of store.catalog.optimizers) {
      if (name === own.name) continue;
      store.chosen.optimizer = optimizerFor(store, name);
      assert.equal(store.chosen.optimizer.name, name);
      if (first_rate?.[task.kind]) assert.equal(store.chosen.optimizer.learning_rate, first_rate[task.kind]);
      assert.match(rateWords(store), new RegExp(`is where ${name} begins$`));
      store.chosen.optimizer.learning_rate = 0.0123;
      assert.equal(rateWords(store), "");
      store.chosen.optimizer = optimizerFor(store, own.name);
      assert.deepEqual(store.chosen.optimizer, own);
      assert.match(rateWords(store), new RegExp(`is this task's own for ${own.name}$`));
      store.chosen.optimizer = optimizerFor(store, name);
      assert.equal(store.chosen.optimizer.learning_rate, 0.0123);
      assert.equal(rateWords(store), `0.0123 is what you set for ${name} before`);
      store.chosen.optimizer = optimizerFor(store, own.name);
    }
  }
});

test("a lost connection is said with the seconds to the next try", () => {
  const store = new Store(catalog());
  assert.equal(lostWords(store), "");
  store.lost = { until: performance.now() + 2900 };
  store.run = /** @type {any} */ ({ status: "running" });
  assert.equal(lostWords(store), "Training goes on; trying again in 3 s.");
  store.run = /** @type {any} */ ({ status: "paused" });
  assert.match(lostWords(store), /^Nothing is lost; trying again in \d s\.$/);
});
