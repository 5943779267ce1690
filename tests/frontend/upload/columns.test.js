/** How many rows of a table a choice of columns leaves, and how a reading goes to the server. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { placesIn, rowsInWords, rowsLeft, writtenPlaces } from "../../../frontend/upload/columns.js";
import { parametersOf } from "../../../frontend/upload/reading.js";

/** @import {ColumnChoice, Table} from "../../../frontend/state/types.js" */

const gaps = [
  { rows: 5, columns: [0] },
  { rows: 3, columns: [0, 2] },
  { rows: 2, columns: [3] },
];
const table = /** @type {Table} */ (/** @type {unknown} */ ({ rows: 40, gaps }));
/** @param {number[]} features @param {string} cells @returns {ColumnChoice} */
const chosen = (features, cells) => ({ features, target: 3, task: "table", missing_cells: cells });

test("rows are lost where a chosen column or what is learned is missing", () => {
  assert.deepEqual(rowsLeft(table, chosen([1], "leave out")), { left: 38, filled: 0 });
  assert.deepEqual(rowsLeft(table, chosen([1, 2], "leave out")), { left: 35, filled: 0 });
  assert.deepEqual(rowsLeft(table, chosen([0, 1, 2], "leave out")), { left: 30, filled: 0 });
  assert.equal(rowsInWords(table, chosen([0, 1], "leave out")), "30 of 40 rows have all chosen columns");
});

test("where gaps are filled only rows without what is learned are lost", () => {
  assert.deepEqual(rowsLeft(table, chosen([0, 1], "most frequent")), { left: 38, filled: 8 });
  const words = "38 of 40 rows have what is learned, 8 with cells that are filled in";
  assert.equal(rowsInWords(table, chosen([0, 1], "own word")), words);
});

test("what a person said of a file is sent, and nothing else", () => {
  assert.deepEqual(parametersOf({}), {});
  const how = { separator: "tab", skip: "2", kinds: { 0: "word", 7: "date" } };
  assert.deepEqual(parametersOf(how), { separator: "tab", skip: "2", kinds: "0:word,7:date" });
});

test("many columns are written as ranges, and read back", () => {
  const many = [0, ...Array.from({ length: 50 }, (_, k) => k + 3), 99];
  assert.equal(writtenPlaces(many), "0.3-52.99");
  for (const places of [[0], [0, 1, 2, 3], many]) assert.deepEqual(placesIn(writtenPlaces(places)), places);
  assert.deepEqual(placesIn("7-3.1"), [3, 4, 5, 6, 7, 1]);
});
