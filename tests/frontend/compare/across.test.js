/** Runs over one another: where rows lie by step, epoch, seconds and examples, and which step a moment is. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { across, curveOf, placeOf, stepAt, WAYS } from "../../../frontend/compare/across.js";

const columns = { step: [0, 10, 25], time: [0, 0.5, 2], loss: [1, 0.5, null] };
const run = { steps_per_epoch: 5, examples: /** @type {[number, number]} */ ([40, 10]) };
const elsewhere = { steps_per_epoch: 0 };

test("rows lie by steps, epochs, seconds and examples", () => {
  const places = WAYS.map((by) => across(columns, run, by));
  assert.deepEqual(places, [
    [0, 10, 25],
    [0, 2, 5],
    [0, 0.5, 2],
    [0, 80, 200],
  ]); // an epoch is 5 steps and 40 examples
  assert.deepEqual(
    WAYS.map((by) => across(columns, elsewhere, by)?.at(-1)),
    [25, undefined, 2, undefined],
  );
});

test("a moment leads back to the step that it came from, in whatever it is counted", () => {
  for (const by of WAYS)
    for (const step of columns.step) {
      const place = placeOf(columns, run, by, step);
      assert.equal(stepAt(columns, run, by, Number(place)), step, by);
    }
  assert.equal(placeOf(columns, run, "seconds", 24), 0.5); // as the last row before it
  assert.equal(stepAt(columns, run, "seconds", 1.9), 10);
  assert.equal(stepAt(columns, run, "seconds", -1), 0);
  assert.equal(stepAt(columns, elsewhere, "epoch", 1), null);
  assert.equal(stepAt({ step: [], time: [] }, run, "seconds", 1), null);
});

test("a curve of what a run does not have, or that cannot be laid out, has no points", () => {
  const of = { run, words: "first", colour: "blue" };
  assert.deepEqual(curveOf(of, columns, "epoch", "loss").x, [0, 2, 5]);
  assert.deepEqual(curveOf(of, columns, "epoch", "accuracy").y, []);
  const outside = curveOf({ ...of, run: elsewhere }, columns, "examples", "loss");
  assert.deepEqual([outside.x, outside.y], [[], []]);
});
