/** Numbers as a person types them: understood as they were meant, or refused with what they can mean. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { decimalMark, typedForm, understand, understandList } from "../../frontend/state/typed.js";

/** @param {object} about @returns {import("../../frontend/state/types.js").Field} */
const field = (about) => /** @type {any} */ ({ minimum: 0, maximum: 1e7, name: "steps", type: "int", ...about });
const STEPS = field({ minimum: 1 });
const RATE = field({ name: "learning_rate", type: "float", minimum: 1e-7, maximum: 100 });
const WIDE = field({ name: "class_weight", type: "float", maximum: 10_000 });

/** @param {string} text @param {typeof STEPS} of @param {string} language */
const value = (text, of, language) => understand(text, of, decimalMark(language)).value;
/** @param {string} text @param {typeof STEPS} of @param {string} language */
const words = (text, of, language) => understand(text, of, decimalMark(language)).words;

test("the decimal mark is the language's, and a point where the language is unknown", () => {
  assert.deepEqual(["en-US", "de-DE", "fr", "pt-BR", "ja", "de-CH", "??"].map(decimalMark), [
    ".",
    ",",
    ",",
    ",",
    ".",
    ".",
    ".",
  ]);
});

test("two thousand is two thousand, however it is written", () => {
  for (const text of ["2000", "2,000", "2 000", "2\u202f000", "2'000", "2’000", " 2000 ", "2e3", "+2000"])
    assert.equal(value(text, STEPS, "en"), 2000, text);
  for (const text of ["2000", "2.000", "2 000", "2\u00a0000", "2e3"])
    assert.equal(value(text, STEPS, "de"), 2000, text);
  for (const text of ["1,234,567", "1.234.567", "12,34,567", "1 234 567"])
    assert.equal(value(text, STEPS, "en"), 1_234_567, text);
});

test("a comma is a decimal mark wherever it cannot be anything else", () => {
  for (const language of ["en", "de"]) {
    assert.equal(value("0,02", RATE, language), 0.02);
    assert.equal(value("0.02", RATE, language), 0.02);
    assert.equal(value("0,005", RATE, language), 0.005); // no thousands begin with 0
    assert.equal(value("0.005", RATE, language), 0.005);
    assert.equal(value("1,5e-3", RATE, language), 0.0015);
    assert.equal(value("1.234,5", WIDE, language), 1234.5);
    assert.equal(value("1,234.5", WIDE, language), 1234.5);
    assert.equal(value("1 234,5", WIDE, language), 1234.5);
    assert.equal(value(",5", RATE, language), 0.5);
    assert.equal(value("−1", field({ minimum: -1, type: "float" }), language), -1);
  }
});

test("one mark before three digits is read as the language and the field have it", () => {
  assert.equal(value("1.000", STEPS, "de"), 1000);
  assert.equal(value("1,234", WIDE, "de"), 1.234);
  assert.equal(value("1,234", WIDE, "en"), 1234);
  assert.equal(value("1.234", WIDE, "en"), 1.234);
  assert.equal(value("1.234", RATE, "de"), 1.234); // as the page writes it; 1234 is no learning rate here
  assert.equal(value("2.500", STEPS, "en"), 2500); // 2.5 is no number of steps
  assert.equal(value("2,500", STEPS, "de"), 2500);
});

test("what can mean two allowed numbers is refused with both", () => {
  for (const [text, of, language, one, two] of /** @type {[string, typeof STEPS, string, string, string][]} */ ([
    ["2.000", STEPS, "en", "2", "2000"],
    ["2,000", STEPS, "de", "2", "2000"],
    ["1.234", WIDE, "de", "1.234", "1234"],
    ["1,234", RATE, "en", "1.234", "1234"],
  ])) {
    assert.equal(value(text, of, language), null, text);
    assert.match(words(text, of, language), new RegExp(`“${text}” can be ${one} or ${two}; write it without “[.,]”$`));
  }
});

test("what is no number, or none that is allowed, is refused with what is", () => {
  const refusal = "learning rate must be a number from 1e-7 to 100, not “";
  for (const text of [
    "",
    "abc",
    "1..2",
    "1,2,3",
    "1.2.3",
    "0x10",
    "200",
    "-1",
    "1 00",
    "Infinity",
    "NaN",
    "1e999",
    ".",
  ])
    assert.equal(words(text, RATE, "en"), `${refusal}${text}”`, text);
  for (const text of ["2.5", "2,5", "2,00", "2,00,0", "1e-1", "0", "20000000"])
    assert.equal(words(text, STEPS, "en"), `steps must be a whole number from 1 to 10,000,000, not “${text}”`, text);
  assert.equal(value("2.0", STEPS, "en"), 2);
});

test("what the page writes into a field is understood as the same number, in every language", () => {
  for (const mark of [".", ","])
    for (const v of [1, 12, 300, 1000, 2000, 8123, 60_000, 1_234_567])
      assert.equal(understand(typedForm(v, true, mark), STEPS, mark).value, v, `${v} ${mark}`);
  for (const mark of [".", ","])
    for (const v of [1e-7, 5e-5, 0.0001, 0.005, 0.1, 0.15, 1, 1.5, 12.25, 99.999])
      assert.equal(understand(typedForm(v, false, mark), RATE, mark).value, v, `${v} ${mark}`);
  assert.deepEqual(
    [typedForm(8000, true, "."), typedForm(8000, true, ","), typedForm(0.99999, false, ".")],
    ["8,000", "8000", "0.99999"],
  );
});

test("a list is parted by commas, spaces and crosses, and may have decimal commas where others part it", () => {
  const sizes = field({ name: "shape", type: "list", minimum: 1, maximum: 65536 });
  const weights = field({ name: "class_weights", type: "numbers | null", maximum: 1000 });
  const list = (/** @type {string} */ text, /** @type {typeof STEPS} */ of, /** @type {string} */ language) =>
    understandList(text, of, decimalMark(language));
  for (const text of ["28, 28, 1", "28,28,1", "28 28 1", "28×28×1", "28 x 28 x 1", "28; 28; 1"])
    assert.deepEqual(list(text, sizes, "de").values, [28, 28, 1], text);
  assert.deepEqual(list("7,128", sizes, "en").values, [7, 128]);
  assert.deepEqual(list("1, 0.5", weights, "en").values, [1, 0.5]);
  assert.deepEqual(list("1,0.5,2", weights, "de").values, [1, 0.5, 2]);
  assert.deepEqual(list("0,5 1 2,25", weights, "de").values, [0.5, 1, 2.25]);
  assert.deepEqual(list("1; 0,5", weights, "de").values, [1, 0.5]);
  assert.equal(list("1,5", weights, "de").words, "class weights: “1,5” can be 1.5, or 1 and 5; part numbers by spaces");
  for (const text of ["1,000", "", "a", "0", "1.5 2"]) assert.equal(list(text, sizes, "en").values, null, text);
});
