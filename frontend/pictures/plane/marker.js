/** The markers of classes, so that they differ without colour too. */

import { CLASS_COLOURS } from "../../state/constants.js";
import { css, mix, themedRGB } from "../../ui/palette.js";

const CORNERS = [0, 4, 3, 4, 5, 3, 6, 4]; // 0 is a disc
const TURN = [0, Math.PI / 4, -Math.PI / 2, 0, -Math.PI / 2, Math.PI / 2, 0, 0];

/**
 * Trace the marker of a class.
 * @param {CanvasRenderingContext2D} ctx @param {number} k @param {number} x @param {number} y @param {number} r
 */
export function marker(ctx, k, x, y, r) {
  ctx.beginPath();
  const [corners, turn] = [CORNERS[k % 8], TURN[k % 8]];
  if (!corners) ctx.arc(x, y, r, 0, 2 * Math.PI);
  for (let i = 0; i < corners; i++) {
    const angle = turn + (2 * Math.PI * i) / corners;
    ctx.lineTo(x + 1.25 * r * Math.cos(angle), y + 1.25 * r * Math.sin(angle));
  }
  ctx.closePath();
}

/** The colour of a class's markers: its own, with some ink. @param {number} k */
export const markerColour = (k) => css(mix(CLASS_COLOURS[k % CLASS_COLOURS.length], themedRGB("ink"), 0.25));
