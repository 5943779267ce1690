/** The colours of classes: markers stand out on their own tint, in both themes of the style sheet. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { CLASS_COLOURS } from "../../frontend/state/constants.js";
import { contrast, markerOf, readableOn, tint } from "../../frontend/ui/palette.js";

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
