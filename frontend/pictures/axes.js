/** Axes with round numbers, for the views that draw a plane. */

import { themed } from "../ui/palette.js";

/** Choose about n round numbers in an interval. @param {number} low @param {number} high @param {number} n */
export function ticks(low, high, n) {
  const rough = (high - low) / n;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((m) => m * power >= rough) ?? 10);
  const found = [];
  for (let k = Math.ceil(low / step); k * step <= high + 1e-9; k++) found.push(Number((k * step).toPrecision(6)));
  return found;
}

/**
 * Draw both axes around a plot, and return how values become pixels.
 * @param {CanvasRenderingContext2D} ctx @param {{left: number, top: number, width: number, height: number}} box
 * @param {[number, number, number, number]} extent left, right, bottom, top @param {[string, string]} labels
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

/** @param {{left: number, top: number, width: number, height: number}} box @param {[number, number, number, number]} extent */
export function scales(box, extent) {
  const [left, right, bottom, top] = extent;
  return {
    x: (/** @type {number} */ v) => box.left + ((v - left) / (right - left)) * box.width,
    y: (/** @type {number} */ v) => box.top + ((top - v) / (top - bottom)) * box.height,
  };
}
