/** Addresses: every task and preset survives being written into one and read from it. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Store } from "../../frontend/state/store.js";
import { readNetwork, readURL, writeNetwork, writeURL } from "../../frontend/state/url.js";
import { catalog } from "./catalog.js";

const store = new Store(catalog());
const read = (/** @type {string} */ search) =>
  readURL(search, store.catalog, (/** @type {string} */ name) => store.defaultsOf(name));

test("every configuration survives its address", () => {
  assert.ok(store.catalog.tasks.length > 10);
  for (const task of store.catalog.tasks) {
    for (const title of ["", ...Object.keys(task.presets)]) {
      const chosen = store.defaultsOf(task.name, task.presets[title] ?? {});
      const url = writeURL(chosen, store.defaultsOf(task.name), store.catalog, "abc");
      const found = read(url);
      assert.equal(writeURL(found.chosen, store.defaultsOf(task.name), store.catalog, found.run), url);
      assert.deepEqual(found.unknown, []);
      const inside = url.includes("network=%5B"); // layers that hold layers stand there as JSON
      assert.ok(url.length <= (inside ? 1200 : 500), url);
      if (!title) assert.equal(url, `?task=${task.name}&run=abc`);
    }
  }
});

test("what cannot be understood is left out and listed, and the rest is taken", () => {
  const asked =
    "?task=circles&seed=3&data.noise=0.3&data.nothing=1&optimizer=Magic&loss.delta=2&network=Nothing(2)&speed=-1";
  const { chosen, unknown } = read(asked);
  assert.deepEqual([chosen.task, chosen.seed, chosen.data.noise], ["circles", 3, 0.3]);
  const left = ["optimizer=Magic", "data.nothing=1", "loss.delta=2", "network=Nothing(2)", "speed=-1"];
  assert.deepEqual(unknown.sort(), left.sort());
  assert.deepEqual(chosen.network, store.defaultsOf("circles").network);
  assert.deepEqual(read("?task=nothing").unknown, ["task=nothing"]);
});

test("another optimizer begins with its own values, and nothing is written of them", () => {
  const { chosen } = read("?task=xor&optimizer=SGD&optimizer.momentum=0.5&regularizer=L2&schedule=none");
  assert.deepEqual([chosen.optimizer.name, chosen.optimizer.momentum, chosen.regularizer?.name], ["SGD", 0.5, "L2"]);
  assert.equal(chosen.schedule, null);
  const url = writeURL(chosen, store.defaultsOf("xor"), store.catalog, null);
  assert.ok(url.includes("optimizer=SGD&optimizer.momentum=0.5"), url);
  assert.ok(!url.includes("learning_rate"), url);
});

test("layers stand in the address by name, those with layers inside as JSON", () => {
  const layers = [{ layer: "Dense", units: 8 }, { layer: "Tanh" }, { layer: "Dense" }];
  assert.equal(writeNetwork(layers, store.catalog), "Dense(units!8)~Tanh~Dense");
  assert.deepEqual(readNetwork("Dense(units!8)~Tanh~Dense", store.catalog), layers);
  const nested = [{ layer: "Residual", layers: [{ layer: "Dense", units: 8 }] }, { layer: "Dense" }];
  assert.deepEqual(readNetwork(writeNetwork(nested, store.catalog), store.catalog), nested);
  for (const text of ["[", "[1]", "Dense(size!8)", "dense"]) assert.equal(readNetwork(text, store.catalog), null, text);
});

test("weights of classes stand in the address as numbers", () => {
  const { chosen } = read("?task=spiral&loss.class_weights=1x0.5x20&loss.label_smoothing=0.1");
  assert.deepEqual([chosen.loss.class_weights, chosen.loss.label_smoothing], [[1, 0.5, 20], 0.1]);
  const url = writeURL(chosen, store.defaultsOf("spiral"), store.catalog, null);
  assert.ok(url.includes("loss.class_weights=1x0.5x20"), url);
  assert.equal(read("?task=spiral&loss.class_weights=none").chosen.loss.class_weights, null);
});
