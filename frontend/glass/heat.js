/** The colour of a number's cell: blue is plus, orange is minus, deeper is more. */

import { make } from "../ui/element.js";
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

/** @type {HTMLCanvasElement | undefined} on which numbers stand, a pixel each, before they are made larger */
let small;

/**
 * Draw many numbers small: a pixel for each, made as large as there is room.
 * @param {CanvasRenderingContext2D} ctx @param {[rows: number, columns: number]} size
 * @param {(row: number, column: number) => number | null | undefined} valueAt undefined where there is none
 * @param {number} largest @param {number[]} box x, y, width and height
 */
export function paintHeat(ctx, [rows, columns], valueAt, largest, [x, y, width, height]) {
  const pixels = new ImageData(columns, rows);
  for (let n = 0; n < rows * columns; n++) {
    const value = valueAt(Math.floor(n / columns), n % columns);
    if (value !== undefined) pixels.data.set([...heatRGB(value, largest), 255], 4 * n);
  }
  small ??= make("canvas");
  [small.width, small.height] = [columns, rows];
  small.getContext("2d")?.putImageData(pixels, 0, 0);
  ctx.imageSmoothingEnabled = false;
  ctx.drawImage(small, x, y, width, height);
}

const [NIGHT, WHITE] = [/** @type {RGB} */ ([16, 21, 31]), /** @type {RGB} */ ([255, 255, 255])];

/** Ink that can be read on such a cell. @param {RGB} ground */
export const inkOn = (ground) =>
  (isDark() ? contrast(ground, WHITE) >= 4.5 : contrast(ground, NIGHT) < 4.5) ? css(WHITE) : css(NIGHT);
