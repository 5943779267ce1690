/** Where pictures go, by their number and their shapes. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { gridOf } from "../../frontend/pictures/grid.js";

/** @param {string} tracks as in "minmax(0, 1.9fr) minmax(0, 1fr)" */
const shares = (tracks) => [...tracks.matchAll(/([\d.]+)fr/g)].map(([, share]) => Number(share));

/** @param {import("../../frontend/pictures/view.js").Shape[]} shapes */
function layout(...shapes) {
  const { columns, rows, span, isTight } = gridOf(shapes);
  return { columns: shares(columns).length, rows: shares(rows), span, isTight };
}

test("one picture has all of the board, two stand side by side", () => {
  assert.deepEqual(layout("square"), { columns: 1, rows: [1], span: 1, isTight: false });
  assert.deepEqual(layout("square", "wide"), { columns: 2, rows: [1], span: 1, isTight: false });
});

test("of three the main one takes the left, and a square one needs less height than a wide one", () => {
  assert.deepEqual(layout("square", "wide", "square"), { columns: 2, rows: [3, 2], span: 2, isTight: false });
  assert.deepEqual(layout("wide", "wide", "wide"), { columns: 2, rows: [3, 3], span: 2, isTight: true });
});

test("a tall main one takes the left beside any number", () => {
  assert.deepEqual(layout("tall", "wide", "wide", "wide"), { columns: 2, rows: [3, 3, 3], span: 3, isTight: true });
});

test("else they go two by two, and every place of the grid is taken", () => {
  assert.deepEqual(layout("wide", "square", "wide", "square"), {
    columns: 2,
    rows: [1.25, 1],
    span: 1,
    isTight: false,
  });
  for (let n = 4; n < 9; n++) {
    const { columns, rows, span } = layout("wide", .../** @type {"wide"[]} */ (Array(n - 1).fill("wide")));
    assert.equal(columns * rows.length, n - 1 + span);
  }
});
