/** What a file has of a step, and what is said of an example. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { inputWords, wordsOf } from "../../../frontend/glass/example.js";
import { cut, stepsInFile } from "../../../frontend/server/one_step.js";

/** @type {import("../../../frontend/server/one_step.js").ArrayPart} */
const PART = {
  symbol: "W",
  shape: [3, 9],
  window: [
    [0, 3],
    [2, 6],
  ],
  values: Array.from({ length: 12 }, (_, n) => 10 * Math.floor(n / 4) + 2 + (n % 4)), // 10 · row + column
  low: 0,
  high: 30,
};

test("a file gives the window that is asked for, or says that it has it not", async () => {
  assert.deepEqual(cut(PART, "1:3,3:5")?.values, [13, 14, 23, 24]);
  assert.deepEqual(cut(PART, "2:3,5:6")?.values, [25]);
  assert.deepEqual(cut(PART, "")?.values, PART.values);
  for (const beyond of ["0:3,0:4", "0:3,5:7", "0:3", "0:undefined,2:6"]) assert.equal(cut(PART, beyond), undefined);
  const theta = { ...PART, shape: [4], window: null, values: [0, 1, 2, 3] };
  const arrays = { "update g": theta };
  const file = stepsInFile(/** @type {any} */ ({ step: 5, example: 0, arrays, cells: {}, code: {}, parameters: {} }));
  assert.deepEqual((await file.array(5, "update", "g", 0, "2:3")).values, [2]);
  await assert.rejects(file.array(5, "update", "g", 0, "3:9"), /not in the file/);
  assert.equal(await file.parameter?.(5, 7), null);
});

test("an example says which class was wanted, which came, and whether that is right", () => {
  assert.equal(
    wordsOf({ target: 2, prediction: [0.1, 3, -1] }),
    "Wanted: class 2. It says: class 1, which is wrong; its scores are 0.1, 3, −1.",
  );
  const ten = Array.from({ length: 10 }, (_, i) => (i === 7 ? 1 : 0));
  assert.equal(wordsOf({ target: 7, prediction: ten }), "Wanted: class 7. It says: class 7, which is right.");
  assert.equal(wordsOf({ target: [0.5], prediction: [0.25] }), "Wanted: 0.5. It says: 0.25.");
  assert.equal(
    wordsOf({ target: 1, prediction: [3, 1], classes: ["plum", "1"] }),
    "Wanted: class 1. It says: class 0 (plum), which is wrong; its scores are 3, 1.",
  );
});

test("what goes in is called as a table calls its columns, as far as there is room", () => {
  const part = (/** @type {number} */ n) => ({ values: Array.from({ length: n }, (_, i) => i + 0.5) });
  const names = Array.from({ length: 14 }, (_, i) => `column ${i}`);
  assert.equal(
    inputWords(part(2), { kind: "points", names: ["width", "h".repeat(40)] }),
    `width = 0.5, ${"h".repeat(31)}… = 1.5.`,
  );
  const many = inputWords(part(14), { kind: "row", names });
  assert.ok(many.startsWith("column 0 = 0.5, column 1 = 1.5,") && many.endsWith("column 11 = 11.5 and 2 more."), many);
  assert.equal(inputWords(part(2), { kind: "points" }), "x₁ = 0.5, x₂ = 1.5.");
  assert.equal(inputWords(part(14), { kind: "row" }), "");
});
