/** The markers of classes, so that they differ without colour too. */

import { CLASS_COLOURS } from "../../state/constants.js";
import { css, isDark, markerOf, ofTheme, themedRGB } from "../../ui/palette.js";

const MANY = 700; // points, from which on they are smaller
const SMALLEST = 2.4; // pixels

/**
 * How large the markers of so many points are on a plane so wide, in pixels.
 * @param {number} width @param {number} n
 */
export const radiusOf = (width, n) => Math.max(SMALLEST, (width / 140) * Math.min(1, MANY / n) ** 0.3);

const CORNERS = [0, 4, 3, 4, 5, 3, 6, 4]; // 0 is a disc
const TURN = [0, Math.PI / 4, -Math.PI / 2, 0, -Math.PI / 2, Math.PI / 2, 0, 0];

/**
 * Find the corners of a class's marker around 0; a disc has none.
 * @param {number} k @param {number} r @returns {[number, number][]}
 */
const cornersOf = (k, r) =>
  Array.from({ length: CORNERS[k % 8] }, (_, i) => {
    const angle = TURN[k % 8] + (2 * Math.PI * i) / CORNERS[k % 8];
    return [1.25 * r * Math.cos(angle), 1.25 * r * Math.sin(angle)];
  });

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

/** The colour of a class's markers. @param {number} k */
export const markerColour = (k) =>
  ofTheme(`marker ${k}`, () => css(markerOf(themedRGB("ink"), CLASS_COLOURS[k % CLASS_COLOURS.length], isDark())));

/**
 * Make a class's marker as an element, whose colour a browser's forced colours leave alone.
 * @param {number} k @param {string} colour
 */
export function markerShape(k, colour) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "marker");
  svg.setAttribute("viewBox", "-10 -10 20 20");
  svg.setAttribute("aria-hidden", "true");
  const corners = cornersOf(k, 7);
  const shape = document.createElementNS("http://www.w3.org/2000/svg", corners.length ? "polygon" : "circle");
  if (corners.length) shape.setAttribute("points", corners.map((corner) => corner.join()).join(" "));
  else shape.setAttribute("r", "7");
  shape.setAttribute("fill", colour);
  shape.setAttribute("stroke", "currentColor");
  svg.append(shape);
  return svg;
}
