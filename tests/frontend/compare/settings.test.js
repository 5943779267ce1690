/** Settings side by side: a line for each, what differs marked, also of other tasks and of runs from elsewhere. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { sideBySide } from "../../../frontend/compare/comparison/settings.js";
import { Store } from "../../../frontend/state/store.js";
import { catalog } from "../catalog.js";

/** @param {string} task @param {(chosen: any) => void} [change] @returns {any} */
function runOf(task, change = () => {}) {
  const store = new Store(catalog());
  const chosen = store.defaultsOf(task);
  change(chosen);
  return { task, configuration: chosen, optimizer: chosen.optimizer };
}

/** @param {any[]} runs */
const lines = (runs) => new Map(sideBySide(runs, catalog()).map((line) => [line.path, line]));

test("of runs of one task only what was chosen otherwise differs", () => {
  const found = lines([
    runOf("spiral"),
    runOf("spiral", (chosen) => {
      chosen.optimizer.learning_rate = 0.5;
      chosen.network[0].units += 1;
      chosen.seed = 99;
    }),
  ]);
  const other = [...found.values()].filter(({ differs }) => differs).map(({ path }) => path);
  assert.deepEqual(other, ["network", "network.0.units", "optimizer.learning_rate", "seed"]);
  assert.equal(found.get("optimizer.learning_rate")?.title, "optimizer learning rate");
  assert.equal(found.get("optimizer.learning_rate")?.values[1], "0.5");
  assert.match(found.get("network.0.units")?.title ?? "", /^layer 1, Dense: units$/);
  assert.equal(found.get("task")?.values[0], "Spiral");
});

test("a setting that another task or optimizer does not have is a dash, and differs", () => {
  const sgd = runOf("sine", (chosen) => {
    chosen.optimizer = { name: "SGD", learning_rate: 0.1, momentum: 0, nesterov: false };
  });
  const found = lines([runOf("spiral"), sgd]);
  assert.deepEqual(found.get("optimizer")?.values, ["Adam", "SGD"]);
  assert.deepEqual(
    [found.get("optimizer.momentum")?.values, found.get("optimizer.momentum")?.differs],
    [["–", "0"], true],
  );
  assert.ok(found.get("task")?.differs);
});

test("of a run that trained elsewhere nothing is known, so nothing differs by it", () => {
  const outside = {
    task: "imported",
    imported: true,
    configuration: {},
    optimizer: { name: "unknown", learning_rate: 7 },
  };
  const found = lines([runOf("spiral"), outside, runOf("spiral")]);
  const other = [...found.values()].filter(({ differs }) => differs).map(({ path }) => path);
  assert.deepEqual(other, ["optimizer.learning_rate"]); // that is known
  assert.equal(found.get("task")?.values[1], "–");
});
