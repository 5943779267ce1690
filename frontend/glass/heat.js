/** The colour of a number's cell: blue is plus, orange is minus, deeper is more. */

import { contrast, css, isDark, mix, ofTheme, themedRGB } from "../ui/palette.js";

/** @import {RGB} from "../ui/palette.js" */

/** @type {RGB} */
const PLUS = [33, 113, 193];
/** @type {RGB} */
const MINUS = [235, 124, 20];

/** @param {number | null} value @param {number} largest @returns {RGB} */
export function heatRGB(value, largest) {
  const zero = ofTheme("zero of heat", () => themedRGB("zero"));
  if (value === null || Number.isNaN(value) || !(largest > 0)) return zero;
  const share = Math.min(1, Math.abs(value) / largest);
  return mix(zero, value < 0 ? MINUS : PLUS, share);
}

/** @param {number | null} value @param {number} largest */
export const heat = (value, largest) => css(/** @type {RGB} */ (heatRGB(value, largest).map(Math.round)));

const [NIGHT, WHITE] = [/** @type {RGB} */ ([16, 21, 31]), /** @type {RGB} */ ([255, 255, 255])];

/** Ink that can be read on such a cell. @param {RGB} ground */
export const inkOn = (ground) =>
  (isDark() ? contrast(ground, WHITE) >= 4.5 : contrast(ground, NIGHT) < 4.5) ? css(WHITE) : css(NIGHT);
