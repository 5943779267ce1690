/** The axes of the views that draw a plane. */

import { themed } from "../ui/palette.js";
import { ticks } from "../ui/ticks.js";

/** @typedef {{left: number, top: number, width: number, height: number}} Box a rectangle in pixels */
/** @typedef {[number, number, number, number]} Extent left, right, bottom and top of a plane */
/** @typedef {{x: (v: number) => number, y: (v: number) => number}} Scales how values become pixels */

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
 * Draw both axes around a plot.
 * @param {CanvasRenderingContext2D} ctx @param {Box} box @param {Extent} extent @param {string[]} labels across and up
 */
export function drawAxes(ctx, box, extent, labels) {
  const { x, y } = scales(box, extent);
  ctx.fillStyle = themed("muted");
  ctx.strokeStyle = themed("line");
  ctx.lineWidth = 1;
  ctx.font = "11px system-ui, sans-serif";
  ctx.strokeRect(box.left + 0.5, box.top + 0.5, box.width - 1, box.height - 1);
  ctx.textAlign = "center";
  ctx.textBaseline = "top";
  for (const t of ticks(extent[0], extent[1], 5)) ctx.fillText(String(t), x(t), box.top + box.height + 4);
  ctx.textAlign = "right";
  ctx.textBaseline = "middle";
  for (const t of ticks(extent[2], extent[3], 5)) ctx.fillText(String(t), box.left - 4, y(t));
  ctx.textBaseline = "bottom";
  ctx.fillText(labels[0], box.left + box.width - 4, box.top + box.height - 3);
  ctx.textAlign = "left";
  ctx.textBaseline = "top";
  ctx.fillText(labels[1], box.left + 4, box.top + 3);
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
