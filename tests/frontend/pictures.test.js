/** Where a task's pictures go, and their colours: markers stand out on the tint of their class, in both themes. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { placesOf, sharesOf } from "../../frontend/pictures/places.js";
import { CLASS_COLOURS } from "../../frontend/state/constants.js";
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
