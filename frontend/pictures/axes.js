/** The axes of the views that draw a plane: round numbers beside it, or chips inside it where it fills its card. */

import { alongAxis, onAxis } from "../state/numbers.js";
import { shorter } from "../ui/canvas.js";
import { css, ofTheme, themed, themedRGB } from "../ui/palette.js";
import { ticks } from "../ui/ticks.js";

/** @typedef {{left: number, top: number, width: number, height: number}} Box a rectangle in pixels */
/** @typedef {[number, number, number, number]} Extent left, right, bottom and top of a plane */
/** @typedef {{x: (v: number) => number, y: (v: number) => number}} Scales how values become pixels */
/** @typedef {import("../ui/canvas.js").Sheet} Sheet */
/** @typedef {{across: -1 | 1, up: -1 | 1, row?: number}} Corner which one; row 1 is one chip further from the edge */

const GAP = 6; // pixels between a plane and its numbers
const EDGE = 2; // between a chip and the edge
const PAD = 5; // beside a chip's words

/**
 * Say how the values of a plane become the pixels of a box.
 * @param {Box} box @param {Extent} extent @returns {Scales}
 */
export function scales(box, extent) {
  const [left, right, bottom, top] = extent;
  return {
    x: (v) => box.left + ((v - left) / (right - left)) * box.width,
    y: (v) => box.top + ((top - v) / (top - bottom)) * box.height,
  };
}

/**
 * Choose the numbers up the side of a plane: two at least.
 * @param {number} height @param {Extent} extent @param {number} size of the type @param {boolean} [isWhole]
 */
function besideIt(height, extent, size, isWhole = false) {
  const most = Math.max(2, Math.min(6, Math.floor(height / (3.2 * size))));
  for (let n = most; n < most + 4; n++) {
    const found = ticks(extent[2], extent[3], n).filter((t) => !isWhole || Number.isInteger(t));
    if (found.length > 1) return found;
  }
  return [extent[2], extent[3]];
}

/**
 * How much room the numbers up the side of a plane need.
 * @param {Sheet} sheet @param {number} height @param {Extent} extent @param {Numbers} [numbers]
 */
export function indentOf({ ctx, type }, height, extent, { written, isWhole } = PLAIN) {
  ctx.font = type.font();
  let widest = 0;
  for (const t of besideIt(height, extent, type.size, isWhole))
    widest = Math.max(widest, ctx.measureText(written(t)).width);
  return Math.ceil(widest) + GAP + 1;
}

/**
 * Find room for a plane in an area, so that the numbers beside and under it are in the area too.
 * @param {Sheet} sheet @param {Box} area @param {number} indent for the numbers beside it
 * @param {boolean} [under] whether there are numbers under it
 * @returns {Box}
 */
export function plotIn({ type }, area, indent, under = true) {
  const above = Math.ceil(type.size / 2);
  const below = under ? Math.ceil(type.size) + GAP + 2 : above;
  return {
    left: area.left + indent,
    top: area.top + above,
    width: Math.max(1, area.width - indent - 1),
    height: Math.max(1, area.height - above - below),
  };
}

/**
 * How the numbers beside a plane are written, and whether they are whole ones alone.
 * @typedef {{written: (v: number) => string, isWhole: boolean}} Numbers
 */

/** @type {Numbers} */
const PLAIN = { written: (v) => onAxis(v), isWhole: false };

/**
 * Draw both axes around a plane: numbers beside and under it, and what they are as chips inside.
 * @param {Sheet} sheet @param {Box} box @param {Extent} extent @param {string[]} labels across and up
 * @param {{under?: boolean, numbers?: Numbers}} [how] whether there are numbers under it, and which beside it
 */
export function drawAxes(sheet, box, extent, labels, { under = true, numbers = PLAIN } = {}) {
  const { ctx, type } = sheet;
  const { x, y } = scales(box, extent);
  ctx.fillStyle = themed("muted");
  ctx.strokeStyle = themed("line");
  ctx.lineWidth = 1;
  ctx.font = type.font();
  ctx.strokeRect(box.left + 0.5, box.top + 0.5, box.width - 1, box.height - 1);
  if (under) {
    ctx.textAlign = "center";
    ctx.textBaseline = "top";
    const written = alongAxis(labels[0], extent[0], extent[1]);
    for (const [t, at] of underIt(ctx, box, extent, x, written))
      ctx.fillText(written(t), at, box.top + box.height + GAP);
  }
  ctx.textAlign = "right";
  ctx.textBaseline = "middle";
  for (const t of besideIt(box.height, extent, type.size, numbers.isWhole))
    ctx.fillText(numbers.written(t), box.left - GAP, y(t));
  if (labels[0]) chip(sheet, box, labels[0], { across: 1, up: -1 });
  if (labels[1]) chip(sheet, box, labels[1], { across: -1, up: 1 });
}

/**
 * Choose the numbers under a plane, as many as have room, and where their middles are, the last one on the canvas too.
 * @param {CanvasRenderingContext2D} ctx @param {Box} box @param {Extent} extent @param {(v: number) => number} x
 * @param {(v: number) => string} written @returns {[number, number][]}
 */
function underIt(ctx, box, extent, x, written) {
  for (let n = 6; n > 0; n--) {
    const found = ticks(extent[0], extent[1], n);
    const half = Math.max(...found.map((t) => ctx.measureText(written(t)).width)) / 2;
    if (n > 1 && found.length * (2 * half + 12) > box.width + 2 * half) continue;
    return found.map((t) => [t, Math.min(x(t), box.left + box.width - half)]);
  }
  return [];
}

/**
 * Draw where values are zero.
 * @param {CanvasRenderingContext2D} ctx @param {Box} box @param {Scales} to
 */
export function zeroLine(ctx, box, to) {
  ctx.strokeStyle = themed("edge");
  ctx.lineWidth = 1;
  ctx.beginPath();
  ctx.moveTo(box.left, to.y(0));
  ctx.lineTo(box.left + box.width, to.y(0));
  ctx.stroke();
}

/** How high a chip is. @param {Sheet} sheet */
export const chipHeight = ({ type }) => Math.ceil(type.size * 1.3) + 2;

/**
 * Write words on a chip in a corner of a picture.
 * @param {Sheet} sheet @param {Box} box @param {string} words @param {Corner} corner @param {number} [widest]
 * @returns {Box} where the chip is
 */
export function chip(sheet, box, words, { across, up, row = 0 }, widest = box.width - 2 * EDGE) {
  const { ctx, type } = sheet;
  ctx.font = type.font();
  const said = shorter(ctx, words, widest - 2 * PAD);
  const [width, height] = [Math.ceil(ctx.measureText(said).width) + 2 * PAD, chipHeight(sheet)];
  const from = EDGE + row * (height + 2);
  const left = across < 0 ? box.left + EDGE : box.left + box.width - EDGE - width;
  const top = up > 0 ? box.top + from : box.top + box.height - from - height;
  ctx.fillStyle = ofTheme("chip", () => css(themedRGB("paper"), 0.82));
  ctx.beginPath();
  ctx.roundRect(left, top, width, height, 5);
  ctx.fill();
  ctx.fillStyle = themed("ink");
  ctx.textAlign = "left";
  ctx.textBaseline = "middle";
  ctx.fillText(said, left + PAD, top + height / 2 + 0.5);
  return { left, top, width, height };
}

/** Where an axis ends. @param {number} v */
const end = (v) => onAxis(v, 3);

/**
 * Say where the axes of a plane end, on chips in its corners. Where both begin alike, one number says it.
 * @param {Sheet} sheet @param {Box} box @param {Extent} extent @param {string[]} labels across and up
 */
export function drawEnds(sheet, box, [left, right, bottom, top], [across, up]) {
  const half = box.width / 2 - 4;
  chip(sheet, box, `${across} = ${end(right)}`, { across: 1, up: -1 }, half);
  if (up) chip(sheet, box, `${up} = ${end(top)}`, { across: -1, up: 1 });
  if (left === bottom) {
    chip(sheet, box, end(left), { across: -1, up: -1 });
    return;
  }
  chip(sheet, box, `${across} = ${end(left)}`, { across: -1, up: -1 }, half);
  if (up) chip(sheet, box, `${up} = ${end(bottom)}`, { across: -1, up: -1, row: 1 });
}

/**
 * Draw with everything outside a box cut off.
 * @param {CanvasRenderingContext2D} ctx @param {Box} box @param {() => void} draw
 */
export function clipped(ctx, box, draw) {
  ctx.save();
  ctx.beginPath();
  ctx.rect(box.left, box.top, box.width, box.height);
  ctx.clip();
  draw();
  ctx.restore();
}

/**
 * Find where a pixel is in a box, from 0 to 1 across and up; null outside.
 * @param {Box | null} box @param {number} x @param {number} y @returns {[number, number] | null}
 */
export function placeIn(box, x, y) {
  if (!box) return null;
  const [u, v] = [(x - box.left) / box.width, 1 - (y - box.top) / box.height];
  return u < 0 || u > 1 || v < 0 || v > 1 ? null : [u, v];
}
