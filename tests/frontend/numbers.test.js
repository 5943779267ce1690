/** Numbers: each form as a person reads it on the page. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  alongAxis,
  brief,
  choice,
  coordinate,
  count,
  duration,
  number,
  onAxis,
  percent,
  power,
  significant,
  size,
  told,
} from "../../frontend/state/numbers.js";

test("a measured number has three digits, and a dash where there is none", () => {
  assert.deepEqual([0.12, 1, 12.345, 0, -0.5].map(number), ["0.120", "1.00", "12.3", "0.00", "-0.500"]);
  assert.deepEqual([0.0001234, -5e-8].map(number), ["1.23e-4", "-5.00e-8"]);
  assert.deepEqual([null, undefined].map(number), ["–", "–"]);
});

test("a share is written in percent, with one decimal or none", () => {
  assert.deepEqual([percent(0.98765), percent(1), percent(0), percent(null)], ["98.8 %", "100.0 %", "0.0 %", "–"]);
  assert.deepEqual([percent(0.985, 0), percent(0.005, 0), percent(undefined, 0)], ["99 %", "1 %", "–"]);
});

test("no zeros are left after a number of so many digits", () => {
  assert.deepEqual([significant(0.5, 3), significant(1234.5, 3), significant(-2.0049, 4)], ["0.5", "1230", "-2.005"]);
  assert.equal(significant(NaN, 3), "–");
});

test("a hyperparameter reads as it would be typed, and is told with all that was typed", () => {
  assert.deepEqual([0.005, 0.0001, 1e-7, 300, 2e6, 0].map(choice), ["0.005", "1.0e-4", "1.0e-7", "300", "2.0e6", "0"]);
  assert.deepEqual([0.005, 0.0001, 5e-5, 0.123456789, 0].map(told), ["0.005", "0.0001", "5e-5", "0.123457", "0"]);
});

test("a picture's numbers are as short as there is room for", () => {
  assert.deepEqual([0.1, 12.34, 0, 0.00312, -4e-5, NaN].map(brief), ["0.10", "12", "0.0", "3e−3", "-4e−5", "–"]);
  assert.deepEqual([1.005, -0.5, 99.999, 100.4, -1234.5].map(coordinate), ["1.00", "-0.50", "100.00", "100", "-1235"]);
});

test("numbers on an axis have a true minus, commas and no zeros after them", () => {
  const all = [-1.05, 0, 0.30000000000000004, 2500, -120000, 0.00002].map((v) => onAxis(v));
  assert.deepEqual(all, ["−1.05", "0", "0.3", "2,500", "−120,000", "2.0e−5"]);
  assert.equal(onAxis(2.7714, 3), "2.77");
  assert.deepEqual([-3, 0, 12].map(power), ["10⁻³", "10⁰", "10¹²"]);
});

test("counts, durations and sizes have their units", () => {
  assert.deepEqual([count(0), count(1234567)], ["0", "1,234,567"]);
  assert.deepEqual([59.94, 60, 3599, 3600, 7325].map(duration), [
    "59.9 s",
    "1 min 0 s",
    "59 min 59 s",
    "1 h 0 min",
    "2 h 2 min",
  ]);
  assert.deepEqual([10, 1499, 999_999, 1e6, 12_345_678].map(size), ["1 kB", "1 kB", "1000 kB", "1.0 MB", "12.3 MB"]);
});

test("a number on an axis that has exploded is written in powers of ten", () => {
  assert.equal(onAxis(5e16), "5×10¹⁶");
  assert.equal(onAxis(-2.5e7), "−2.5×10⁷");
  assert.equal(onAxis(20000), "20,000");
});

test("years along an axis have no comma, other thousands have", () => {
  const written = (/** @type {string} */ name, low = 1980, high = 2020) => alongAxis(name, low, high)(1990);
  for (const name of ["year", "Jahr", "birth_year", "Année", "Year (AD)"]) assert.equal(written(name), "1990", name);
  for (const name of ["price", "yearly income", "Jahresring"]) assert.equal(written(name), "1,990", name);
  assert.equal(written("year", 0), "1,990");
});
