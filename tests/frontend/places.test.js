/** Where a task's pictures go. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { placesOf, sharesOf } from "../../frontend/pictures/places.js";

/** @typedef {import("../../frontend/pictures/places.js").Placed} Placed */

/** @param {string} kind @param {Partial<Placed>} [more] @returns {Placed} */
const view = (kind, more) => ({ kind, shape: "wide", ...more });
/** @param {Placed[]} placed */
const kinds = (placed) => placed.map(({ kind }) => kind);
const statistics = view("statistics", { shape: "aside" });

test("the first picture is the picture, the second stands beside it, the others are under tabs, layers last", () => {
  const { picture, beside, tabs } = placesOf([statistics, view("field"), view("diagram"), view("confusion")]);
  assert.deepEqual([kinds(picture), kinds(beside), kinds(tabs)], [["field"], ["diagram"], ["confusion", "statistics"]]);
  assert.deepEqual(sharesOf(picture), [1]);
});

test("a companion shares a place, wherever it stands in the order, and takes its share", () => {
  const digits = view("digits", { companion: { kind: "maps", share: 0.45 } });
  const { picture, beside } = placesOf([digits, view("filters"), view("maps"), view("confusion")]);
  assert.deepEqual([kinds(picture), kinds(beside)], [["digits", "maps"], ["filters"]]);
  assert.deepEqual(sharesOf(picture), [0.55, 0.45]);
});

test("where the companion has nothing to show, its place is the other's", () => {
  const digits = view("digits", { companion: { kind: "maps", share: 0.45 } });
  const { picture, beside, tabs } = placesOf([digits, view("filters")]);
  assert.deepEqual([kinds(picture), kinds(beside), kinds(tabs)], [["digits"], ["filters"], []]);
  assert.deepEqual(sharesOf(picture), [1]);
});

test("a picture alone leaves nothing beside it", () => {
  assert.deepEqual(kinds(placesOf([view("surface"), statistics]).beside), []);
  assert.deepEqual(sharesOf([]), []);
});
