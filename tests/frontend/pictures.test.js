/** Where a task's pictures go, and their colours: markers stand out on the tint of their class, in both themes. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { placesOf, sharesOf } from "../../frontend/pictures/places.js";
import { CLASS_COLOURS } from "../../frontend/state/constants.js";
import { biasOf, incoming, lookOf } from "../../frontend/touch/look.js";
import { contrast, markerOf, readableOn, tint } from "../../frontend/ui/palette.js";

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

/** @typedef {import("../../frontend/ui/palette.js").RGB} RGB */

const LEAST = 3.1;
const css = readFileSync(new URL("../../frontend/styles/base.css", import.meta.url), "utf8");

/** Read a colour of a theme from the style sheet. @param {string} theme @param {string} name @returns {RGB} */
function themed(theme, name) {
  const [, rules] = /** @type {string[]} */ (css.match(new RegExp(`${theme} \\{([^}]*)\\}`)));
  const [, hex] = /** @type {string[]} */ (rules.match(new RegExp(`--${name}: #([0-9a-f]{6})`)));
  const n = parseInt(hex, 16);
  return [n >> 16, (n >> 8) & 255, n & 255];
}

for (const [theme, dark] of /** @type {[string, boolean][]} */ ([
  [":root", false],
  ['\\[data-theme="dark"\\]', true],
])) {
  const [paper, ink] = [themed(theme, "paper"), themed(theme, "ink")];

  test(`markers stand out on the tint of their class, sure or not, and on paper: ${dark ? "dark" : "light"}`, () => {
    CLASS_COLOURS.forEach((colour, k) => {
      const marker = markerOf(ink, colour, dark);
      for (const sure of [0, 0.5, 1]) {
        const ratio = contrast(marker, tint(paper, colour, sure, dark));
        assert.ok(ratio >= LEAST, `class ${k}, ${sure} sure: ${ratio.toFixed(2)}`);
      }
      assert.ok(contrast(marker, paper) >= LEAST, `class ${k} on paper`);
    });
  });

  test(`numbers are readable on every colour of a class: ${dark ? "dark" : "light"}`, () => {
    for (const colour of CLASS_COLOURS)
      for (const sure of [0, 0.25, 0.5, 0.75, 1]) {
        const ground = tint(paper, colour, sure, dark);
        const words =
          readableOn(ground) === "#ffffff" ? /** @type {RGB} */ ([255, 255, 255]) : /** @type {RGB} */ ([17, 17, 17]);
        assert.ok(contrast(words, ground) >= 4.5, `${colour} ${sure}`);
      }
  });
}

test("contrast is as WCAG says", () => {
  assert.equal(contrast([0, 0, 0], [255, 255, 255]), 21);
  assert.equal(contrast([119, 119, 119], [255, 255, 255]).toFixed(2), "4.48");
});

/** A network of two inputs and three neurons, over a plane of 2 × 2 places. */
const diagram = /** @type {any} */ ({
  view: "diagram",
  shows: "neurons",
  step: 7,
  columns: [
    { title: "input", detail: "", units: 2, layer: -1, last: -1 },
    { title: "Dense 3", detail: "Tanh", units: 3, layer: 0, last: 1 },
  ],
  arrays: {
    "columns.0.maps": new Uint8Array(8).fill(200),
    "columns.0.scale": Float32Array.of(1, 1),
    "columns.1.maps": Uint8Array.from({ length: 12 }, (_, i) => i),
    "columns.1.scale": Float32Array.of(0.5, 1, 2),
    "columns.1.low": Float32Array.of(-0.5, -1, -2),
    "columns.1.high": Float32Array.of(0.25, 0.5, 1),
    "columns.1.weights": Float32Array.of(1, 2, 3, -4, -5, -6),
    "columns.1.gradients": Float32Array.of(0.1, 0.2, 0.3, 0.4, 0.5, 0.6),
    "columns.1.biases": Float32Array.of(0, 0.75, 0),
    "columns.1.bias_gradients": Float32Array.of(0, -0.25, 0),
  },
  shapes: { "columns.0.maps": [2, 2, 2], "columns.1.maps": [3, 2, 2], "columns.1.weights": [2, 3] },
});
const inputs = ["x₁", "x₂"];
const at = (/** @type {number} */ column, /** @type {number} */ unit, /** @type {number | null} */ from = null) => ({
  picture: "network",
  column,
  unit,
  from,
});

test("a neuron says its range, its bias and what it receives", () => {
  const look = lookOf(at(1, 1), diagram, inputs);
  assert.deepEqual([...(look?.bytes ?? [])], [4, 5, 6, 7]);
  assert.equal(look?.kind, "plane");
  assert.equal(look?.title, "Dense 3 · Tanh, neuron 2");
  assert.equal(look?.words, "from −1.0 to 0.50 · bias 0.75 · receives −5.0 × x₂, 2.0 × x₁");
  assert.equal(lookOf(at(0, 1), diagram, inputs)?.title, "Input x₂");
});

test("a line says its weight and its gradient, a bias too, and before the first step no gradient", () => {
  assert.equal(lookOf(at(1, 2, 0), diagram, inputs)?.words, "the weight from x₁: 3.0 · gradient 0.30");
  assert.equal(lookOf(at(1, 1, -1), diagram, inputs)?.words, "its bias: 0.75 · gradient −0.25");
  assert.equal(lookOf(at(1, 2, 0), { ...diagram, step: 0 }, inputs)?.words, "the weight from x₁: 3.0");
  assert.deepEqual(
    incoming(diagram, 1, 2, []).map(({ source, weight }) => [source, weight]),
    [
      ["input 1", 3],
      ["input 2", -6],
    ],
  );
  assert.equal(biasOf(diagram, 1, 1)?.weight, 0.75);
});

test("what is not there any more has no look, and an older picture no numbers", () => {
  assert.equal(lookOf(at(1, 3), diagram, inputs), null);
  assert.equal(lookOf(at(2, 0), diagram, inputs), null);
  assert.equal(lookOf(at(1, 0), null, inputs), null);
  const older = { ...diagram, arrays: { ...diagram.arrays } };
  for (const name of ["low", "high", "biases", "gradients"]) delete older.arrays[`columns.1.${name}`];
  assert.equal(lookOf(at(1, 0), older, inputs)?.words, "receives −4.0 × x₂, 1.0 × x₁");
});

test("a filter says its weights and its bias, a head where it looks", () => {
  const filters = /** @type {any} */ ({
    view: "filters",
    units: 2,
    scale: 2,
    arrays: { filters: Uint8Array.of(1, 255, 128, 128), biases: Float32Array.of(0.5, 0) },
    shapes: { filters: [2, 1, 2] },
  });
  assert.equal(lookOf({ ...at(0, 0), picture: "filters" }, filters)?.words, "weights from −2.0 to 2.0 · bias 0.50");
  const heads = /** @type {any} */ ({
    view: "attention",
    titles: ["head 1"],
    tokens: ["a", "b"],
    arrays: { heads: Uint8Array.of(255, 0, 51, 204) },
    shapes: { heads: [1, 2, 2] },
  });
  const look = lookOf(at(0, 0), heads);
  assert.deepEqual([look?.kind, look?.words], ["shares", "the last row looks at “b” most, 80 %"]);
});
