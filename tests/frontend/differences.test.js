/** Differences between configurations: where, in words, and as the changes of a run that goes on. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  changesInWords,
  differences,
  edited,
  editedWords,
  editsSince,
  say,
  settingsOf,
} from "../../frontend/state/differences.js";
import { Store } from "../../frontend/state/store.js";
import { catalog } from "./catalog.js";

/** A store whose run was made from the spiral's defaults. */
function storeOfARun() {
  const store = new Store(catalog());
  store.chosen = store.defaultsOf("spiral");
  const { speed, ...configuration } = structuredClone(store.chosen);
  store.run = /** @type {any} */ ({ id: "abc", configuration, speed });
  return store;
}

test("values are said as a person would", () => {
  const layers = [{ layer: "Dense", units: 12 }, { layer: "Tanh" }];
  const values = [null, true, 0.00001, [28, 28, 1], layers, { name: "Adam", learning_rate: 1 }];
  assert.deepEqual(values.map(say), ["none", "true", "1e-5", "28 × 28 × 1", "Dense 12 → Tanh", "Adam"]);
});

test("a difference says where it is, and what is there now", () => {
  const before = { optimizer: { name: "Adam", learning_rate: 0.1 }, regularizer: null, steps: 10, seed: 7 };
  const after = { optimizer: { name: "Adam", learning_rate: 0.2 }, regularizer: { name: "L2" }, steps: 10, seed: 8 };
  const words = (/** @type {any} */ a, /** @type {any} */ b) => differences(a, b).map((d) => `${d.path}: ${d.words}`);
  assert.deepEqual(words(before, after), [
    "optimizer.learning_rate: learning rate 0.2",
    "regularizer: L2",
    "seed: seed 8",
  ]);
  assert.deepEqual(words(after, before).slice(1, 2), ["regularizer: no regularizer"]);
  assert.deepEqual(words({ optimizer: { name: "SGD" } }, after).slice(0, 1), ["optimizer: Adam"]);
  assert.deepEqual(differences(before, structuredClone(before)), []);
});

test("what is chosen differs from the run only where a person changed it", () => {
  const store = storeOfARun();
  delete store.chosen.network.at(-1)?.units;
  assert.deepEqual(edited(store), []);
  assert.deepEqual(editsSince(store), {});
  store.chosen.optimizer.learning_rate = 0.5;
  store.chosen.data.noise = 0.25;
  assert.equal(editedWords(store), "noise 0.25, learning rate 0.5");
  assert.deepEqual(editsSince(store), { data: store.chosen.data, optimizer: { learning_rate: 0.5 } });
});

test("another optimizer is a change of the whole", () => {
  const store = storeOfARun();
  store.chosen.optimizer = { name: "SGD", learning_rate: 0.1, momentum: 0, nesterov: false };
  assert.deepEqual(editsSince(store), { optimizer: store.chosen.optimizer });
});

test("runs are told apart by what differs from the one on the page, and that one by what it has instead", () => {
  const store = storeOfARun();
  const { configuration } = /** @type {import("../../frontend/state/types.js").Run} */ (store.run);
  const run = (/** @type {string} */ id, /** @type {object} */ changes, /** @type {object} */ optimizer = {}) =>
    /** @type {any} */ ({
      id,
      task: "spiral",
      configuration: { ...configuration, ...changes },
      optimizer: { ...configuration.optimizer, ...optimizer },
    });
  const runs = [
    run("here", {}),
    run("turned", {}, { learning_rate: 1 }),
    run("same", {}),
    run("many", { seed: 3, batch_size: 8, steps: 5, clip_norm: 1, patience: 2 }),
    { ...run("other", {}), task: "sine" },
  ];
  const words = settingsOf(runs, "here", store.catalog);
  assert.equal(words.get("turned"), "learning rate 1");
  assert.equal(words.get("same"), "the same settings");
  assert.match(words.get("many") ?? "", /^[^,]+, [^,]+, [^,]+ and 2 more$/);
  assert.equal(words.get("other"), `Adam, learning rate ${configuration.optimizer.learning_rate}`);
  assert.match(words.get("here") ?? "", new RegExp(`learning rate ${configuration.optimizer.learning_rate}`));
});

test("what was changed while it trained is said at its step, of homes of 0.3.0 too", () => {
  const adam = { name: "Adam", learning_rate: 0.01 };
  const choices = { schedule: { name: "Constant" }, regularizer: null, batch_size: 32, clip_norm: null };
  /** @type {import("../../frontend/state/types.js").OptimizerChange[]} */
  const changes = [
    { step: 0, optimizer: adam },
    { step: 7, optimizer: { ...adam, learning_rate: 0.5 } },
    { step: 9, optimizer: { ...adam, learning_rate: 0.5 }, steps: 900, choices },
    { step: 9, optimizer: { ...adam, learning_rate: 0.5 }, steps: 800, choices: { ...choices, batch_size: 64 } },
    {
      step: 12,
      optimizer: adam,
      steps: 800,
      choices: { ...choices, batch_size: 64, clip_norm: 1, regularizer: { name: "L2", strength: 0.1 } },
    },
    { step: 15, optimizer: adam, steps: 800, choices: { ...choices, batch_size: 64 } },
  ];
  assert.deepEqual(
    changesInWords(changes).map(({ step, words }) => `${step}: ${words}`),
    [
      "7: learning rate 0.5",
      "9: ",
      "9: steps 800, batch size 64",
      "12: learning rate 0.01, L2, clip norm 1",
      "15: no regularizer, no clip norm",
    ],
  );
});

test("what was done to the network by hand is said in words", () => {
  const optimizer = { name: "Adam", learning_rate: 0.01 };
  /** @type {import("../../frontend/state/types.js").Edit[]} */
  const edits = [
    { do: "set", layer: 0, parameter: "W", index: [1, 3], value: 2.5 },
    { do: "silence", layer: 1, unit: 3, on: true },
    { do: "freeze", layer: 2, on: false },
    { do: "renew", layer: 4 },
  ];
  const changes = [
    { step: 0, optimizer },
    { step: 30, optimizer, edits },
  ];
  assert.deepEqual(changesInWords(changes), [
    { step: 30, words: "W[2,4] of layer 1 2.5, neuron 4 of layer 2 silent, layer 3 learns, layer 5 anew" },
  ]);
});

test("data of one's own are told without the marks by which they are kept", () => {
  const words = (/** @type {any} */ a, /** @type {any} */ b) => differences(a, b).map((one) => one.words);
  assert.deepEqual(words({ dataset: "" }, { dataset: "7e1a7b78a20e" }), ["your data"]);
  assert.deepEqual(words({ dataset: "4b5896648369" }, { dataset: "7e1a7b78a20e" }), ["other data"]);
  const own = { dataset: "4b5896648369", features: "0-8" };
  assert.deepEqual(words(own, { dataset: "", features: "" }), ["made-up data", "no features"]);
});
