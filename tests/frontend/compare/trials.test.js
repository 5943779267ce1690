import assert from "node:assert/strict";
import { test } from "node:test";
import { cellsOf, picked } from "../../../frontend/charts/scores.js";
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

test("a part that is dragged over picks the trials that pass through each axis in it", () => {
  const scored = {
    choices: [
      { label: "learning rate", values: [0.001, 0.01, 0.1, 0.1], isLog: true },
      { label: "activation", values: ["ReLU", "Tanh", "ReLU", "Tanh"], isLog: false },
    ],
    scores: [3, 2, 1, null],
    crosses: [false, false, false, true],
    beyond: 4,
    names: ["a", "b", "c", "d"],
    words: "test loss",
    higher: false,
  };
  assert.deepEqual(picked(scored, { x: [-0.2, 0.2], y: [0.4, 1] }), new Set([1, 2, 3]));
  assert.deepEqual(picked(scored, { x: [-0.2, 1.2], y: [0.9, 1] }), new Set([3]));
  assert.deepEqual(picked(scored, { x: [1.8, 2.2], y: [0, 0.5] }), new Set([1, 2]));
});
