/** How many rows of a table a choice of columns leaves, and how a reading goes to the server. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { rowsInWords, rowsLeft } from "../../../frontend/upload/columns.js";
import { countedPlaces, placesIn, typedPlaces, writtenPlaces } from "../../../frontend/upload/places.js";
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

test("columns are typed as a person counts them, and what is none is refused in words", () => {
  const some = [0, 1, 2, 44, 46];
  assert.equal(countedPlaces(some), "1-3, 45, 47");
  assert.deepEqual(typedPlaces(countedPlaces(some), 60), some);
  assert.deepEqual(typedPlaces(" 3 – 5; 4, 1", 60), [0, 2, 3, 4]);
  assert.deepEqual(typedPlaces("9-7", 60), [6, 7, 8]);
  assert.deepEqual([typedPlaces("", 60), typedPlaces("All", 3)], [[], [0, 1, 2]]);
  for (const text of ["0", "61", "9-300", "a", "1-2-3", "-4"])
    assert.throws(() => typedPlaces(text, 60), /none of 1 to 60: type numbers and ranges, as 1-20, 45/, text);
});
