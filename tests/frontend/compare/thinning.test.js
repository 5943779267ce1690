/** Of very many points and lines so many are drawn as can be told apart, and the best of those that lie together. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { drawChoice, drawPair, drawParallel, isThinned, picked, shownOf } from "../../../frontend/charts/scores.js";
import { thinned } from "../../../frontend/charts/thinning.js";

/** @typedef {import("../../../frontend/charts/scores.js").Scored} Scored */

Object.assign(globalThis, {
  document: { documentElement: { dataset: {}, clientWidth: 1280 } },
  getComputedStyle: () => ({ getPropertyValue: () => "#123456", fontSize: "16px" }),
});

/** Numbers between 0 and 1, the same each time. @param {number} n */
function numbers(n) {
  let state = 1;
  return Array.from({ length: n }, () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  });
}

const N = 10_000;

/** So many trials as they are drawn, every hundredth a cross. @param {number} n @returns {Scored} */
function scoredOf(n) {
  const [rates, units, scores] = [numbers(3 * n).slice(0, n), numbers(2 * n).slice(n), numbers(3 * n).slice(2 * n)];
  const crosses = scores.map((_, i) => i % 100 === 99);
  return {
    choices: [
      { label: "rate", values: rates.map((v) => 10 ** (-4 * v)), isLog: true },
      { label: "units", values: units.map((v) => Math.floor(16 * v)), isLog: false },
    ],
    scores: scores.map((score, i) => (crosses[i] ? null : score)),
    crosses,
    beyond: -0.05,
    name: (i) => `trial ${i}`,
    words: "test accuracy",
    higher: true,
  };
}

/** What Plotly would be told to draw. @param {(plotly: any, body: any) => unknown} act @returns {any[]} */
function traces(act) {
  /** @type {any[]} */
  let told = [];
  const react = (/** @type {any} */ _, /** @type {any[]} */ all) => {
    told = all;
  };
  act({ react }, { clientWidth: 500, clientHeight: 300 });
  return told;
}

test("few are drawn all, in their order", () => {
  assert.deepEqual(
    thinned([3, 1, 2], [[0, 0, 0, 0]], () => 0, { pixels: 100, most: 3 }),
    [3, 1, 2],
  );
});

test("of those that lie together the best is kept, and ends are ends", () => {
  const at = numbers(N);
  const goodness = numbers(2 * N).slice(N);
  const kept = thinned([...at.keys()], [at], (i) => goodness[i], { pixels: 400, most: 100 });
  assert.ok(kept.length <= 100 && kept.length > 40, String(kept.length));
  assert.ok(kept.includes(goodness.indexOf(Math.max(...goodness))));
  const size = 1 / 100 + 1e-9;
  for (const end of [Math.min(...at), Math.max(...at)]) assert.ok(kept.some((i) => Math.abs(at[i] - end) < 2 * size));
});

test("a choice of ten thousand scores is drawn with some hundred points, the best among them", () => {
  const scored = scoredOf(N);
  const [points, crossed] = traces((plotly, body) => drawChoice(plotly, body, scored, 0));
  assert.ok(points.x.length > 300 && points.x.length <= 600, String(points.x.length));
  assert.equal(Math.max(...points.y), Math.max(...scored.scores.map((score) => score ?? 0)));
  assert.ok(crossed.x.length <= 100);
  assert.deepEqual(
    points.text,
    points.customdata.map((/** @type {number} */ i) => `trial ${i}`),
  );
});

test("few scores are drawn all", () => {
  const [points, crossed] = traces((plotly, body) => drawChoice(plotly, body, scoredOf(300), 0));
  assert.deepEqual([points.x.length, crossed.x.length], [297, 3]);
});

test("of ten thousand lines the page draws a few hundred, picked ones on their own", () => {
  const scored = scoredOf(N);
  const countOf = (/** @type {any[]} */ all) =>
    all.map(({ x }) => x.filter((/** @type {number | null} */ v) => v === null).length);
  const lines = countOf(traces((plotly, body) => drawParallel(plotly, body, scored, null)));
  const all = lines.reduce((a, b) => a + b);
  assert.ok(all > 100 && all <= 400, String(all));
  const span = /** @type {import("../../../frontend/charts/scores.js").Span} */ ({ x: [1.8, 2.2], y: [0.99, 1] });
  const [others, ...own] = countOf(traces((plotly, body) => drawParallel(plotly, body, scored, span)));
  const some = own.reduce((a, b) => a + b);
  assert.ok(some > 50 && some <= 400, String(some));
  assert.ok(others <= 400, String(others));
});

test("crosses in one cell are one, which says how many they are", () => {
  const [, marks] = traces((plotly, body) => drawPair(plotly, body, scoredOf(N), [0, 1]));
  assert.ok(marks.x.length <= 72, String(marks.x.length));
  assert.match(marks.text[0], /^trial \d+ and \d+ more$/);
  const [, few] = traces((plotly, body) => drawPair(plotly, body, scoredOf(100), [0, 1]));
  assert.deepEqual(few.text, ["trial 99"]);
});

test("a picture is said to leave some out where it does, each kind counted on its own", () => {
  for (const [n, expected] of /** @type {[number, boolean][]} */ ([
    [300, false],
    [606, false], // 600 scores, and 6 that diverged
    [620, true],
  ])) {
    const scored = scoredOf(n);
    const drawn = traces((plotly, body) => drawChoice(plotly, body, scored, 0)).flatMap(({ x }) => x);
    assert.equal(drawn.length < shownOf(scored).length, expected);
    assert.equal(isThinned("choice", scored, null), expected, String(n));
  }
  const scored = scoredOf(600);
  const span = /** @type {import("../../../frontend/charts/scores.js").Span} */ ({ x: [1.8, 2.2], y: [0.5, 1] });
  for (const [one, expected] of /** @type {const} */ ([
    [span, false],
    [null, true],
  ])) {
    const all = traces((plotly, body) => drawParallel(plotly, body, scored, one)).flatMap(({ x }) => x);
    assert.equal(all.filter((v) => v === null).length < 600, expected);
    assert.equal(isThinned("all", scored, one && picked(scored, one)), expected);
  }
  assert.equal(isThinned("pair", scoredOf(N), null), false);
});
