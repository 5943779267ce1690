/** What a gate hears, and what is left of a gradient. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { heard, left } from "../../../frontend/glass/kinds/recurrent.js";

const leaf = (/** @type {string} */ symbol, /** @type {number} */ value) =>
  /** @type {any} */ ({ symbol, index: [], value });

test("a gate's sum falls into what it hears from the input, from the state, and its bias", () => {
  const leaves = [
    ["x", 2],
    ["W", 3],
    ["x", -1],
    ["W", 4],
    ["h", 0.5],
    ["U", 8],
    ["b", 0.25],
  ].map(([symbol, value]) => leaf(String(symbol), Number(value)));
  assert.deepEqual(heard({ leaves }), { input: 2, state: 4, bias: 0.25 });
});

test("what is left of a gradient at each step is the product of the gates behind it", () => {
  const gates = [0.9, 0.5, 0.25, 0.8];
  assert.deepEqual(left(gates), [0.5 * 0.25 * 0.8, 0.25 * 0.8, 0.8, 1]);
});
