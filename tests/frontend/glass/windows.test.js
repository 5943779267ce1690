/** Which part is shown, where windows lie, and where an arrow key leads. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { between } from "../../../frontend/glass/kinds/drawing/curve.js";
import { Kernel } from "../../../frontend/glass/kinds/drawing/kernel.js";
import { neighbour } from "../../../frontend/glass/kinds/drawing/picture.js";
import { around, meetingsOf, paddingOf, pixelsOf, seersOf } from "../../../frontend/glass/kinds/drawing/window.js";
import { heaped, placesIn } from "../../../frontend/glass/kinds/normalization.js";
import { countBefore, placeIn } from "../../../frontend/glass/kinds/reshape.js";

/**
 * Place windows as the engine does.
 * @param {number} length @param {number} size @param {number} stride @param {number} dilation
 * @param {number} before @param {number} after
 */
function axis(length, size, stride, dilation, before, after) {
  const span = (size - 1) * dilation + 1;
  return { length, size, stride, dilation, before, count: Math.floor((before + length + after - span) / stride) + 1 };
}

const AXES = [axis(28, 7, 1, 1, 3, 3), axis(28, 3, 2, 1, 0, 1), axis(14, 3, 1, 2, 0, 0), axis(5, 4, 1, 1, 1, 2)];

test("who sees a pixel, and whom a cell meets, say what the windows see", () => {
  for (const one of AXES) {
    /** @type {string[]} */
    const seen = [];
    for (let place = 0; place < one.count; place++)
      for (const [cell, pixel] of pixelsOf(one, place))
        if (pixel >= 0 && pixel < one.length) seen.push(`${place} ${cell} ${pixel}`);
    const seers = Array.from({ length: one.length }, (_, pixel) =>
      seersOf(one, pixel).map(([cell, place]) => `${place} ${cell} ${pixel}`),
    ).flat();
    const met = Array.from({ length: one.size }, (_, cell) =>
      meetingsOf(one, cell).map(([place, pixel]) => `${place} ${cell} ${pixel}`),
    ).flat();
    assert.deepEqual(seers.sort(), seen.sort());
    assert.deepEqual(met.sort(), seen.sort());
    assert.ok(seen.length > one.length);
  }
  assert.deepEqual(
    seersOf(AXES[0], 0).map(([, place]) => place),
    [0, 1, 2, 3],
  );
});

test("padding is what the windows reach outside the image", () => {
  assert.deepEqual(AXES.map(paddingOf), [
    [3, 3],
    [0, 1],
    [0, 0],
    [1, 2],
  ]);
});

test("the part that is shown holds the place, and as many as there is room for", () => {
  for (const [length, room] of [
    [5, 12],
    [12, 12],
    [100, 12],
  ])
    for (let at = 0; at < length; at++) {
      const [from, to] = around(length, room, at);
      assert.ok(from >= 0 && to <= length && from <= at && at < to, `${length} ${at}`);
      assert.equal(to - from, Math.min(room, length));
    }
});

test("an arrow key leads to the nearest mark ahead, and stays where there is none", () => {
  const boxes = [0, 1, 2].flatMap((i) => [0, 1, 2].map((j) => ({ x: j * 30, y: i * 26, width: 28, height: 24 })));
  const go = (/** @type {string} */ key) => neighbour(boxes, 4, key);
  assert.deepEqual(["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"].map(go), [3, 5, 1, 7]);
  assert.equal(neighbour(boxes, 0, "ArrowLeft"), -1);
  assert.equal(neighbour(boxes, 8, "ArrowDown"), -1);
});

test("between two known places of a curve lies the line", () => {
  const [xs, ys] = [
    [-1, 0, 2],
    [1, 0, 4],
  ];
  assert.deepEqual(
    [-1, -0.5, 0, 1, 2].map((x) => between(xs, ys, x)),
    [1, 0.5, 0, 2, 4],
  );
});

test("a filter sees its group's channels, or its own alone, and its numbers lie where the engine has them", () => {
  const grouped = new Kernel([2, 8, 9, 6], [3, 3, 2, 12]); // three groups of two channels, with four filters each
  assert.deepEqual(
    [0, 3, 4, 11].map((f) => grouped.firstOf(f)),
    [0, 0, 2, 4],
  );
  assert.deepEqual([grouped.filterFor(3, 5), grouped.filterFor(3, 0), grouped.filterFor(5, 0)], [5, 4, 8]);
  assert.deepEqual(grouped.weight(1, 2, 1, 7), [1, 2, 1, 7]);
  const depthwise = new Kernel([2, 8, 9, 6], [3, 3, 6]);
  assert.deepEqual([depthwise.firstOf(4), depthwise.filterFor(2, 5), depthwise.share], [4, 2, 1]);
  assert.deepEqual(depthwise.weight(1, 2, 0, 4), [1, 2, 4]);
  assert.deepEqual(depthwise.weightOf([1, 2, 4]), [1, 2, 0, 4]);
  const row = new Kernel([2, 9, 6], [1, 3, 6, 12]);
  assert.deepEqual([row.height, row.width, row.firstOf(11), row.share], [1, 9, 0, 12]);
  assert.deepEqual(
    [row.place(0, 5, 2), row.placeOf([5, 2])],
    [
      [5, 2],
      [0, 5, 2],
    ],
  );
});

test("numbers lie in heaps, each once, and places are listed row by row", () => {
  const counts = heaped([-1, -0.5, 0, 0.999, 1], -1, 1, 4);
  assert.deepEqual(counts, [1, 1, 1, 2]);
  assert.deepEqual(heaped([3, 3], 3, 3, 2), [2, 0]);
  assert.deepEqual(
    placesIn([
      [0, 2],
      [4, 6],
    ]),
    [
      [0, 4],
      [0, 5],
      [1, 4],
      [1, 5],
    ],
  );
  for (let k = 0; k < 24; k++) assert.equal(countBefore([2, 3, 4], placeIn([2, 3, 4], k)), k);
  assert.deepEqual(placeIn([2, 3, 4], 23), [1, 2, 3]);
});
