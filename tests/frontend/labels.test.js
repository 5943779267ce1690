/** Labels of axes and under layers: at least two at any range, none over another, none cut; one clipped end. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { acrossTicks, labelsOf, valueAxis } from "../../frontend/charts/axis.js";
import { broken, labelsUnder, layersShown } from "../../frontend/pictures/layers/labels.js";

/** @typedef {import("../../frontend/charts/axis.js").Axis} Axis */

/** The pixels of an axis' ticks from its lower end. @param {Axis} axis @param {number} height */
function pixels({ range: [low, high], isLog, ticks }, height) {
  return ticks.map(({ at }) => (((isLog ? Math.log10(at) : at) - low) / (high - low)) * height);
}

/** Read what a label says. @param {string} words */
function read(words) {
  const digits = "⁰¹²³⁴⁵⁶⁷⁸⁹";
  const [, factor = "", exponent] = /^(?:(.*)×)?10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)$/.exec(words.replace("−", "-")) ?? [];
  if (exponent === undefined) return Number(words.replace("−", "-"));
  const n = [...exponent].map((d) => (d === "⁻" ? "-" : String(digits.indexOf(d)))).join("");
  return Number(`${factor || 1}e${n}`);
}

/**
 * Every label is another, says its value, lies on the axis and has room for its 12 pixels.
 * @param {Axis} axis @param {number} height @param {string} what
 */
function isReadable(axis, height, what) {
  const at = pixels(axis, height);
  const words = axis.ticks.map((tick) => tick.words);
  assert.ok(words.length >= 2 && words.length <= 7, `${what}: ${words}`);
  assert.equal(new Set(words).size, words.length, `${what}: ${words}`);
  at.forEach((px, i) => {
    assert.ok(px > -0.5 && px < height + 0.5, `${what}: ${words[i]} lies outside`);
    assert.ok(i === 0 || px - at[i - 1] >= 11.5, `${what}: ${words[i - 1]} and ${words[i]} lie on one another`);
    const said = read(words[i]);
    assert.ok(Math.abs(said - axis.ticks[i].at) <= 1e-5 * Math.abs(said), `${words[i]} is not ${axis.ticks[i].at}`);
    assert.ok(words[i].length <= 10, `${what}: ${words[i]} is too long`);
  });
}

test("at any range there are at least two labels, each another, none over another", () => {
  for (const scale of /** @type {const} */ (["log", "linear"]))
    for (const height of [60, 96, 150, 400])
      for (let low = -12; low <= 12; low += 0.37)
        for (const span of [0, 1e-4, 0.003, 0.02, 0.1, 0.29, 0.31, 0.5, 0.69, 0.71, 1, 1.4, 2, 3, 5, 8, 12, 24]) {
          const [a, b] = [10 ** low, 10 ** Math.min(12, low + span)];
          const axis = valueAxis(scale, [[b, a]], height); // it falls: nothing explodes
          isReadable(axis, height, `${scale} ${a} … ${b} on ${height} px`);
          const on = (/** @type {number} */ v) => (axis.isLog ? Math.log10(v) : v);
          assert.ok(on(a) >= axis.range[0] && on(b) <= axis.range[1], "all that was measured is on the axis");
          assert.equal(axis.beyond, null);
        }
});

test("one value, none, zeros, negative and missing ones have readable axes too", () => {
  for (const values of [[1.1], [], [null], [0], [0, 0, null], [NaN, 2, null], [-3, -1], [-1, 0, 1], [1e-45], [3e38]])
    for (const scale of /** @type {const} */ (["log", "linear", "share"]))
      for (const isZoomed of [false, true]) {
        const axis = valueAxis(scale, [values], 120, isZoomed);
        assert.ok(axis.range[0] < axis.range[1], `${scale} ${values}`);
        assert.ok(axis.range.every(Number.isFinite), `${scale} ${values}`);
        assert.ok(axis.ticks.length >= 2, `${scale} ${values}`);
      }
});

test("numbers are powers of ten from 10⁴ on and below 0.001, and written in one way on an axis", () => {
  assert.deepEqual(labelsOf([0.05, 0.1, 0.5, 1]), ["0.05", "0.1", "0.5", "1"]);
  assert.deepEqual(labelsOf([1000, 2000, 5000]), ["1000", "2000", "5000"]);
  assert.deepEqual(labelsOf([0, 20_000, 40_000]), ["0", "2×10⁴", "4×10⁴"]);
  assert.deepEqual(labelsOf([1, 1e4, 1e8]), ["1", "10⁴", "10⁸"]);
  assert.deepEqual(labelsOf([1e-12, 1e-6, 1]), ["10⁻¹²", "10⁻⁶", "1"]);
  assert.deepEqual(labelsOf([-1e5, 0]), ["−10⁵", "0"]);
});

test("where a run explodes the axis ends at ten times its beginning, and knows how far the run goes on", () => {
  const axis = valueAxis("log", [[1.2, 0.8, 1e3, 1e7, 1e12, null]], 120);
  assert.equal(axis.beyond, 1e12);
  assert.ok(axis.range[1] < Math.log10(20) && axis.range[1] >= Math.log10(12));
  assert.ok(axis.range[0] <= Math.log10(0.8) && axis.range[0] > Math.log10(0.3));
  isReadable(axis, 120, "exploded");
  const race = valueAxis(
    "log",
    [
      [1.1, 0.01],
      [1.2, 1e30],
    ],
    120,
  );
  assert.equal(race.beyond, 1e30);
  assert.ok(race.range[1] < 1.3, "the other run's curve is as readable as without it");
  assert.equal(valueAxis("linear", [[1.2, 1e12]], 120).beyond, 1e12);
  assert.equal(valueAxis("log", [[1.2, 300]], 120).beyond, null, "bad, but no explosion");
  assert.equal(valueAxis("log", [[300, 0.01]], 120).beyond, null, "a large beginning is none");
});

test("an accuracy goes from 0 to 100, and closer where one has zoomed", () => {
  const words = (/** @type {Axis} */ { ticks }) => ticks.map((tick) => tick.words);
  assert.deepEqual(words(valueAxis("share", [[0.2, 0.99]], 80)), ["0", "50", "100"]);
  assert.deepEqual(words(valueAxis("share", [[0.2, 0.99]], 160)), ["0", "25", "50", "75", "100"]);
  const near = valueAxis("share", [[0.98, 0.99]], 100, true);
  assert.ok(near.range[0] > 0.9 && near.range[1] < 1.02);
  assert.ok(near.ticks.length >= 2 && near.ticks.every(({ at }) => at > 0.95 && at <= 1));
});

test("the axis across says its ends, the unit at the last, and nothing over another", () => {
  const wide = (/** @type {string} */ words) => 7 * words.length;
  const at = (/** @type {number} */ end, /** @type {number} */ width, over = "step", start = 0) =>
    acrossTicks(over, start, end, width, wide).map(({ words }) => words);
  assert.deepEqual(at(960, 120), ["0", "960 steps"]);
  assert.deepEqual(at(960, 700).at(-1), "960 steps");
  assert.ok(at(960, 700).length > 4);
  assert.deepEqual(at(1, 120), ["0", "1 step"]);
  assert.deepEqual(at(1_234_567, 40), ["1,234,567 steps"], "where both do not fit, the end stays");
  assert.deepEqual(at(4.5, 120, "epoch"), ["0", "4.5 epochs"]);
  assert.deepEqual(at(12.34, 120, "seconds"), ["0", "12.3 s"]);
  for (let end = 1; end < 1e6; end = Math.ceil(end * 1.7))
    for (const width of [90, 200, 333, 900]) {
      const found = acrossTicks("step", 0, end, width, wide);
      let edge = -Infinity;
      found.forEach(({ at: v, words }, i) => {
        const [px, w] = [(v / end) * width, wide(words)];
        assert.ok(i === 0 || px - w / 2 > edge + 3, `${found.map((f) => f.words)} on ${width}`);
        edge = px + w / 2;
      });
    }
});

const widthOf = (/** @type {string} */ words) => 6.6 * words.length;
const LINE = 14;

/** @param {string[]} names as in "Dense 12 · Tanh" */
const layers = (...names) =>
  names.map((name) => {
    const [title, detail = ""] = name.split(" · ");
    return { title, detail };
  });

/** @param {number} n @param {number} width */
const middles = (n, width) => Array.from({ length: n }, (_, k) => 20 + (k * (width - 40)) / Math.max(1, n - 1));

const SPIRAL = layers("input", "Dense 12 · Tanh", "Dense 12 · Tanh", "Dense 3");
const SORT = layers(
  "input",
  "Embedding 32",
  "PositionalEncoding 32",
  "TransformerBlock 32 · 4 heads",
  "TransformerBlock 32 · 4 heads",
  "LayerNorm 32",
  "Dense 10",
);
const DEEP = layers("input", ...Array(11).fill("Conv2D 64 · LeakyReLU"), "Dense 10");

test("names lie on no other one and inside the picture, at any width", () => {
  for (const names of [SPIRAL, SORT, DEEP, layers("input", "Dense 1")])
    for (let width = 180; width <= 720; width += 15)
      for (const height of [60, 90, 130]) {
        const { labels, height: taken } = labelsUnder(
          names,
          middles(names.length, width),
          { width, height, line: LINE },
          widthOf,
        );
        assert.equal(labels.length, names.length);
        assert.ok(taken <= Math.max(height, 3 * LINE));
        const boxes = labels.flatMap(({ lines, x, level }) =>
          lines.map((words, i) => ({
            words,
            left: x - widthOf(words) / 2,
            right: x + widthOf(words) / 2,
            row: level + i,
          })),
        );
        for (const [i, a] of boxes.entries()) {
          assert.ok(a.left > -0.1 && a.right < width + 0.1, `${a.words} leaves ${width}`);
          assert.ok((a.row + 1) * LINE <= taken + 0.1);
          for (const b of boxes.slice(i + 1))
            assert.ok(a.row !== b.row || a.right < b.left || b.right < a.left, `${a.words} on ${b.words} at ${width}`);
        }
        assert.ok(labels[0].lines.length && labels[labels.length - 1].lines.length, "the ends are named");
      }
});

test("where there is room each name stands whole beside the others, with what follows it below", () => {
  const { labels, height } = labelsUnder(SPIRAL, middles(4, 380), { width: 380, height: 90, line: LINE }, widthOf);
  assert.deepEqual(
    labels.map(({ lines }) => lines),
    [["input"], ["Dense 12", "Tanh"], ["Dense 12", "Tanh"], ["Dense 3"]],
  );
  assert.ok(labels.every(({ level }) => level === 0));
  assert.equal(height, 2 * LINE);
});

test("seven layers of long names are all named in 380 pixels", () => {
  const { labels } = labelsUnder(SORT, middles(7, 380), { width: 380, height: 100, line: LINE }, widthOf);
  for (const [k, { lines }] of labels.entries())
    assert.equal(lines.join("").replaceAll(" ", "").slice(0, 5), SORT[k].title.replaceAll(" ", "").slice(0, 5));
});

test("a name breaks at its spaces first, then at its capitals, and loses no letter", () => {
  assert.deepEqual(broken("Dense 12", 100, widthOf), ["Dense 12"]);
  assert.deepEqual(broken("Dense 12", 40, widthOf), ["Dense", "12"]);
  assert.deepEqual(broken("PositionalEncoding 32", 80, widthOf), ["Positional", "Encoding 32"]);
});

test("of more layers than fit the first and the last ones are shown", () => {
  assert.deepEqual(layersShown(4, 9), { shown: [0, 1, 2, 3], hole: 4 });
  assert.deepEqual(layersShown(10, 5), { shown: [0, 1, 2, 8, 9], hole: 3 });
});
