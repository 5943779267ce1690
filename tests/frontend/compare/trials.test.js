import assert from "node:assert/strict";
import { test } from "node:test";
import { cellsOf, picked, pickedByKey, saidOfPicked } from "../../../frontend/charts/scores.js";
import { bestOf, beyond, isCross, ranked, restingWords, scoreOf, withNews } from "../../../frontend/compare/trials.js";

/** @param {number} number @param {Record<string, any>} said */
const trial = (number, said) =>
  /** @type {any} */ ({ number, scored_at: 10, score: null, spread: null, diverged: 0, ...said });

test("those that are over come first, the longest trained before the score, those that diverged last of them", () => {
  const trials = [
    trial(0, { status: "waiting", scored_at: 0 }),
    trial(1, { status: "out", score: 0.1 }),
    trial(2, { status: "diverged", diverged: 1, scored_at: 90 }),
    trial(3, { status: "done", scored_at: 90, score: 0.3 }),
    trial(4, { status: "training", score: 0.01 }),
    trial(5, { status: "done", scored_at: 90, score: 0.2 }),
  ];
  const order = (/** @type {boolean} */ higher) => ranked(trials, higher).map(({ number }) => number);
  assert.deepEqual(order(false), [5, 3, 1, 2, 4, 0]);
  assert.deepEqual(order(true), [3, 5, 1, 2, 4, 0]);
});

test("the best of a search is the server's, also while it trains, of a plain sweep the first that is over", () => {
  const trials = [trial(4, { status: "out", score: 0.1 }), trial(7, { status: "training", score: 0.2 })];
  const search = (/** @type {string} */ status) => /** @type {any} */ ({ search: { best: 7, status } });
  assert.equal(bestOf(search("running"), trials)?.number, 7);
  assert.equal(bestOf(/** @type {any} */ ({ search: null }), trials)?.number, 4);
  const words = ["running", "paused", "interrupted", "stopped"].map((status) => restingWords(search(status)));
  assert.deepEqual(words, ["", " · paused", " · interrupted, because the server ended", " · stopped"]);
});

test("the cells of many numbers near each other have names of their own, and every number one", () => {
  const values = Array.from({ length: 14 }, (_, i) => 1000 + i);
  const { names, of } = cellsOf({ label: "units", values, isLog: false });
  assert.equal(new Set(names).size, 6);
  assert.deepEqual([of[0], of[13], Math.max(...of), Math.min(...of)], [0, 5, 5, 0]);
});

test("the cells of few numbers are named with three digits, or with more where two would read alike", () => {
  const few = cellsOf({ label: "rate", values: [0.1, 0.00464158883361, 0.000215443469003], isLog: true });
  assert.deepEqual(few, { names: ["0.000215", "0.00464", "0.1"], of: [2, 1, 0] });
  const close = cellsOf({ label: "rate", values: [0.0123456, 0.0123001, 1191], isLog: false });
  assert.deepEqual(close.names, ["0.0123", "0.01235", "1191"]);
});

test("a score is written with its spread over repeats, and what diverged has none", () => {
  assert.equal(scoreOf(trial(0, { status: "done", score: 0.5, spread: 0.021 }), true), "50.0 % ± 2.1 %");
  assert.equal(scoreOf(trial(0, { status: "done", score: 0.25 }), false), "0.250");
  assert.equal(scoreOf(trial(0, { status: "diverged", diverged: 1 }), false), "diverged");
});

test("what is new of a search takes the place of what was known; what no run can have is a cross, and says why", () => {
  const group = (/** @type {any[]} */ trials, /** @type {number} */ ended) =>
    /** @type {any} */ ({ id: "a", search: { trials, ended } });
  const [first, second] = [trial(0, { status: "done", score: 1 }), trial(1, { status: "training" })];
  const error = "the network would have 16,793,602 parameters";
  const news = [trial(1, { status: "done", score: 2 }), trial(2, { status: "failed", error })];
  const before = group([first, second], 1);
  const now = withNews(before, group(news, 3));
  assert.deepEqual(now.search?.trials, [first, ...news]);
  assert.deepEqual([now.search?.ended, before.search?.trials.length], [3, 2]);
  assert.deepEqual(now.search?.trials.map(isCross), [false, false, true]);
  assert.equal(scoreOf(news[1], false), error);
});

test("those that diverged are marked beyond the worst", () => {
  const trials = [trial(0, { score: 1 }), trial(1, { score: 3 }), trial(2, {})];
  assert.ok(beyond(trials, false) > 3);
  assert.ok(beyond(trials, true) < 1);
});

const LINES = {
  choices: [
    { label: "learning rate", values: [0.001, 0.01, 0.1, 0.1], isLog: true },
    { label: "activation", values: ["ReLU", "Tanh", "ReLU", "Tanh"], isLog: false },
  ],
  scores: [3, 2, 1, null],
  crosses: [false, false, false, true],
  beyond: 4,
  name: (/** @type {number} */ i) => "abcd"[i],
  words: "test loss",
  higher: false,
};

test("arrows pick along an axis and on the next one, Shift moves the upper end, and what is picked is said", () => {
  const steps = [
    ["ArrowDown", "learning rate 0.1", [2, 3]], // begins at the top
    ["ArrowDown", "learning rate 0.01", [1]],
    ["Shift ArrowUp", "learning rate 0.01 to 0.1", [1, 2, 3]],
    ["ArrowUp", "learning rate 0.01 to 0.1", [1, 2, 3]], // there is nothing further on
    ["ArrowDown", "learning rate 0.001 to 0.01", [0, 1]],
    ["Shift ArrowDown", "learning rate 0.001", [0]],
    ["Shift ArrowDown", "learning rate 0.001", [0]],
    ["ArrowLeft", "learning rate 0.001", [0]],
    ["ArrowRight", "activation Tanh", [1, 3]],
    ["ArrowDown", "activation ReLU", [0, 2]],
    ["ArrowRight", "test loss diverged", [3]],
    ["ArrowRight", "test loss diverged", [3]],
    ["Shift ArrowDown", "test loss diverged", [3]],
    ["ArrowDown", "test loss 3", [0]],
  ];
  /** @type {import("../../../frontend/charts/scores.js").Span | null} */
  let span = null;
  for (const [keys, words, trials] of steps) {
    const key = String(keys).split(" ").at(-1) ?? "";
    span = pickedByKey(LINES, span, key, String(keys).startsWith("Shift"));
    assert.ok(span, String(keys));
    assert.equal(saidOfPicked(LINES, span), words);
    assert.deepEqual([...picked(LINES, span)], trials);
  }
  assert.equal(saidOfPicked(LINES, { x: [-0.2, 1.2], y: [0.9, 1] }), "learning rate 0.1; activation Tanh");
  assert.deepEqual([...picked(LINES, pickedByKey(LINES, null, "ArrowLeft", false) ?? assert.fail())], [3]);
});

test("of very many values the arrows pass in tenths, and every one is in one of them", () => {
  const values = Array.from({ length: 101 }, (_, i) => i / 7);
  const scores = values.map(() => 1);
  const choices = [{ label: "rate", values, isLog: false }];
  const many = { ...LINES, choices, scores, crosses: scores.map(() => false) };
  const seen = new Set();
  /** @type {import("../../../frontend/charts/scores.js").Span | null} */
  let span = null;
  for (let i = 0; i <= 10; i++) {
    span = pickedByKey(many, span, "ArrowDown", false);
    for (const one of picked(many, span ?? assert.fail())) seen.add(one);
  }
  assert.equal(seen.size, 101);
});

test("a part that is dragged over picks the trials that pass through each axis in it", () => {
  assert.deepEqual(picked(LINES, { x: [-0.2, 0.2], y: [0.4, 1] }), new Set([1, 2, 3]));
  assert.deepEqual(picked(LINES, { x: [-0.2, 1.2], y: [0.9, 1] }), new Set([3]));
  assert.deepEqual(picked(LINES, { x: [1.8, 2.2], y: [0, 0.5] }), new Set([1, 2]));
});
