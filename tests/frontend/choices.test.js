/** What differs between runs: the values that a person spreads or lists, and the words that name a run. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { choicesOf, shortly, spread, wordsOf } from "../../frontend/compare/choices.js";
import { Store } from "../../frontend/state/store.js";
import { catalog } from "./catalog.js";

const store = new Store(catalog());

test("numbers are spread evenly, in logarithms where that is asked, and none twice", () => {
  assert.deepEqual(spread(0, 1, 5, false, false), [0, 0.25, 0.5, 0.75, 1]);
  assert.deepEqual(spread(0.001, 10, 5, true, false), [0.001, 0.01, 0.1, 1, 10]);
  assert.deepEqual(spread(1, 3, 6, false, true), [1, 2, 3]);
  assert.deepEqual(spread(7, 9, 1, false, true), [7]);
});

test("what differs has words", () => {
  assert.equal(wordsOf(["optimizer", "optimizer.learning_rate"], [{ name: "SGD" }, 0.5]), "SGD, 0.5");
  assert.equal(wordsOf(["network.2.units", "regularizer"], [8, null]), "layer 3 units 8, no regularizer");
  assert.equal(wordsOf(["batch_size"], [64]), "batch size 64");
  const values = [0.00464158883361, 1191];
  assert.equal(wordsOf(["optimizer.learning_rate", "batch_size"], values, shortly), "0.00464, batch size 1191");
});

test("every task offers choices that say where they are, each once, and a race none of the data", () => {
  for (const { name } of store.catalog.tasks) {
    store.chosen = store.defaultsOf(name);
    const paths = choicesOf(store, true).map((c) => c.path);
    assert.equal(new Set(paths).size, paths.length, name);
    assert.ok(paths.includes("optimizer") && paths.includes("batch_size") && paths.includes("seed"), name);
    assert.ok(
      choicesOf(store, false).every((c) => !c.path.startsWith("data.") && c.path !== "seed"),
      name,
    );
    for (const c of choicesOf(store, true)) assert.ok((c.options?.length ?? 0) > 0 !== Boolean(c.field), c.path);
  }
});

test("of an optimizer's fields only those are offered that all the optimizers in it have", () => {
  store.chosen = store.defaultsOf("sine");
  const fields = (/** @type {string[]} */ ...names) =>
    choicesOf(store, false, names.length ? [{ path: "optimizer", values: names.map((name) => ({ name })) }] : [])
      .map(({ path }) => path)
      .filter((path) => path.startsWith("optimizer."));
  assert.ok(fields().includes("optimizer.beta1") && fields("Adam", "AdamW").includes("optimizer.beta1"));
  assert.deepEqual(fields("Adam", "SGD"), ["optimizer.learning_rate"]);
});
