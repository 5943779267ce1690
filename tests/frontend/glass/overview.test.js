/** Where the window into a large array is, and where keys and maps lead; which example is the next wrong one. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { nextOf } from "../../../frontend/glass/example.js";
import { linesOf } from "../../../frontend/glass/matrix.js";
import { laidOut, movedBy } from "../../../frontend/glass/overview.js";

/** @type {import("../../../frontend/glass/overview.js").Plan} */
const PLAN = {
  maps: 1,
  at: 0,
  whole: [6, 96],
  from: [0, 32],
  seen: [6, 64],
  small: [6, 96],
  valueAt: null,
  largest: 1,
  words: "W",
};

test("a window goes by a quarter of itself, and from map to map where a map is seen whole", () => {
  assert.deepEqual(movedBy(PLAN, "ArrowRight", 1), [0, 3, 80]);
  assert.deepEqual(movedBy(PLAN, "ArrowLeft", 1), [0, 3, 48]);
  assert.equal(movedBy(PLAN, "ArrowDown", 1), null, "all rows are seen, and there is no other map");
  const maps = { ...PLAN, maps: 12, at: 7, whole: PLAN.seen, from: /** @type {[number, number]} */ ([0, 0]) };
  assert.deepEqual(movedBy(maps, "ArrowRight", 5), [8, 3, 32]);
  assert.deepEqual(movedBy(maps, "ArrowUp", 5), [2, 3, 32]);
  assert.equal(movedBy(maps, "ArrowDown", 5), null, "there is no map below");
  assert.deepEqual(movedBy({ ...PLAN, maps: 3 }, "PageDown", 3), [1, 3, 64]);
});

test("maps are as large as the room lets them be, and none are drawn where there are too many", () => {
  assert.deepEqual(laidOut({ maps: 16, small: [14, 14] }, 380), { size: 3, across: 8, width: 357, height: 87 });
  assert.deepEqual(laidOut({ maps: 2, small: [8, 8] }, 380), { size: 6, across: 2, width: 99, height: 48 });
  assert.equal(laidOut({ maps: 1000, small: [2, 2] }, 380), null);
  assert.equal(laidOut({ maps: 1, small: [4, 4000] }, 380), null);
});

test("a window into a parameter asks for whole lines of its numbers in theta", () => {
  const parameter = { start: 100, shape: [2, 3, 8, 96] };
  assert.deepEqual(linesOf(parameter, [1, 2, 0, 0], [2, 32], [6, 64]), [100 + 5 * 768 + 192, 100 + 5 * 768 + 768]);
  assert.deepEqual(linesOf({ start: 7, shape: [12] }, [0], [0, 3], [1, 9]), [10, 19]);
});

test("the next wrong example is the next in order, and behind the last the first", () => {
  assert.equal(nextOf([2, 5, 9], 5), 9);
  assert.equal(nextOf([2, 5, 9], 9), 2);
  assert.equal(nextOf([], 4), 4);
});
