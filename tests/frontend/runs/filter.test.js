/** The filter's line: what may stand at the caret, and clauses that lists put in and take out. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  asked,
  asking,
  both,
  columnCalled,
  completed,
  isWhole,
  placeAt,
  quoted,
  shortName,
  suggestions,
  times,
} from "../../../frontend/runs/filter/language.js";

/** @import {RunColumn} from "../../../frontend/server/run_table.js" */

/**
 * @param {string} name
 * @param {string} title
 * @param {RunColumn["kind"]} kind
 * @param {any[]} values
 * @returns {RunColumn}
 */
const column = (name, title, kind, values = []) => ({ name, title, group: "settings", kind, values, differs: true });
const COLUMNS = [
  column("name", "name", "text"),
  column("loss", "loss", "number"),
  column("loss.name", "loss", "choice", ["MSE"]),
  column("optimizer.name", "optimizer", "choice", ["Adam", "SGD with momentum"]),
  column("optimizer.learning_rate", "learning rate", "number", [0.1]),
  column("network.0.units", "layer 1 units", "number"),
  column("network.2.units", "layer 3 units", "number"),
  column("tags", "tags", "words", ["paper", "a b"]),
  column("created", "made", "time"),
];

/** @param {string} text with | where the caret is */
const at = (text) => placeAt(text.replace("|", ""), text.indexOf("|"));
/** @param {string} text */
const offered = (text) => suggestions(at(text), COLUMNS).map((one) => one.text);

test("the place says what may stand there", () => {
  const kinds = ["|", "opt|", "optimizer |", "optimizer =|", "optimizer = A|", "a = 1 |", "a = 1 a|", "a = 1 and |"];
  assert.deepEqual(
    kinds.map((text) => at(text).kind),
    ["name", "name", "sign", "value", "value", "join", "join", "name"],
  );
  for (const [text, kind] of [
    ["not (has |", "name"],
    ["has ta|", "name"],
    ["has tags |", "join"],
    ["has tags and |", "name"],
    ["a == |", "value"],
    ["a !~ b |", "join"],
  ])
    assert.equal(at(text).kind, kind, text);
  assert.equal(at("(a = 1 or b >|").column, "b");
});

test("names, signs, values and joins are offered, those first that begin as typed", () => {
  assert.deepEqual(offered("opt|"), ["optimizer", "learning_rate"]);
  assert.deepEqual(offered("layer 1|"), []);
  assert.deepEqual(offered("units|"), ["network.0.units", "network.2.units"]);
  assert.deepEqual(offered("optimizer |"), ["=", "!=", "~"]);
  assert.deepEqual(offered("learning_rate |").length, 6);
  assert.deepEqual(offered('optimizer = "s|'), ['"SGD with momentum"']);
  assert.deepEqual(offered("tag = |"), ["paper", '"a b"']);
  assert.deepEqual(offered('"optimizer name" = |'), []);
  assert.deepEqual(offered("'Tags' = |"), ["paper", '"a b"']);
  assert.deepEqual(offered("has ta|"), ["tags"]); // its values are not what the server understands there
  assert.deepEqual(offered("optimizer = Adam |"), []);
  assert.deepEqual(offered("optimizer = Adam a|"), ["and"]);
});

test("of times it is offered what a day means, and days and how long ago", () => {
  const signs = suggestions(at("created |"), COLUMNS).map(({ text, words }) => `${text} ${words}`);
  assert.deepEqual(signs.slice(0, 3), ["= within that day", "!= not within it", "> after it"]);
  assert.deepEqual(offered("created > -|"), ["-30m", "-2h", "-7d"]);
  const days = times(new Date(2027, 0, 1, 0, 5)).slice(0, 3);
  assert.deepEqual(
    days.map(({ text }) => text),
    ["2027-01-01", "2026-12-31", "2026-12-25"],
  );
});

test("half a filter is not asked for", () => {
  for (const text of [
    "",
    "a = 1",
    "not (a = 1 or has b)",
    'tag = "a b"',
    "a > 9 %",
    "(a > 9 %) and b ~ x",
    "a == 1",
    "a !~ b",
  ])
    assert.ok(isWhole(text), text);
  for (const text of ["a", "a =", "a = 1 and", "(a = 1", 'tag = "a b', "not", "has", "a = 1 or b"])
    assert.ok(!isWhole(text), text);
});

test("what is chosen takes the place of what was typed", () => {
  assert.deepEqual(completed("opt", at("opt|"), "optimizer"), { text: "optimizer ", caret: 10 });
  const text = 'optimizer = "SGD and loss < 1';
  const place = placeAt('optimizer = "SGD', 16);
  assert.equal(completed('optimizer = "SGD', place, '"SGD with momentum"').text, 'optimizer = "SGD with momentum" ');
  assert.equal(placeAt(text, 16).kind, "value"); // a quote that is not closed yet goes on to the end
  assert.equal(completed("loss =", at("loss =|"), "1").text, "loss = 1 ");
});

test("a name is as short as it tells", () => {
  const named = (/** @type {string} */ name) => COLUMNS.find((one) => one.name === name);
  assert.equal(columnCalled(COLUMNS, "learning_rate"), named("optimizer.learning_rate"));
  assert.equal(columnCalled(COLUMNS, "Optimizer"), named("optimizer.name"));
  assert.equal(columnCalled(COLUMNS, "units"), undefined);
  for (const one of COLUMNS) assert.equal(columnCalled(COLUMNS, shortName(COLUMNS, one)), one);
  assert.equal(shortName(COLUMNS, /** @type {RunColumn} */ (named("loss.name"))), "loss.name");
});

test("a list puts its clause in, changes it and takes it out, whatever else is asked", () => {
  assert.equal(asking("", "task", "spiral"), "task = spiral");
  assert.equal(
    asking("loss < 1 and task = spiral and step > 3", "task", "xor"),
    "loss < 1 and step > 3 and task = xor",
  );
  assert.equal(asking("task = spiral", "task", ""), "");
  assert.equal(asking("a = 1 or b = 2", "task", "xor"), "(a = 1 or b = 2) and task = xor");
  assert.equal(asking("(a = 1 or task = xor)", "tag", "a b"), '(a = 1 or task = xor) and tag = "a b"');
  assert.equal(asked('step > 3 and tag = "a b"', "tag"), "a b");
  assert.equal(asked("(tag = x or step > 3)", "tag"), "");
  assert.equal(asked("tag = x or step > 3", "tag"), "");
});

test("words with blanks, quotes and the language's own words are quoted and read back", () => {
  for (const value of ["a b", 'say "no"', "and", "x=1", "back\\slash", "שלום", "plain"])
    assert.equal(asked(`tag = ${quoted(value)}`, "tag"), value);
  assert.equal(quoted("plain"), "plain");
  assert.equal(both("a = 1 or b = 2", "c = 3"), "(a = 1 or b = 2) and c = 3");
  assert.equal(both(" ", "c = 3"), "c = 3");
});
