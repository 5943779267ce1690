/** A small chart on a canvas, for a page that has to do without Plotly: curves over steps, and where we are. */

import { themed } from "../ui/palette.js";
import { ticks } from "../ui/ticks.js";
import { fit } from "../ui/canvas.js";

const BOX = { left: 40, right: 8, top: 8, bottom: 20 };

/**
 * @param {HTMLCanvasElement} canvas @param {(number | null)[]} x
 * @param {{name: string, values: (number | null)[], colour: string, dashed?: boolean}[]} curves
 * @param {boolean} log @param {number} at the step we are at
 */
export function drawGraph(canvas, x, curves, log, at) {
  const { ctx, width, height } = fit(canvas);
  const scale = (/** @type {number | null} */ v) => (v === null ? NaN : log ? Math.log10(v) : v);
  let [low, high] = log ? [Infinity, -Infinity] : [0, 1];
  if (log)
    for (const { values } of curves)
      for (const v of values)
        if (v !== null && v > 0) {
          low = Math.min(low, scale(v));
          high = Math.max(high, scale(v));
        }
  if (!(high > low)) [low, high] = [low - 1, low + 1];
  const end = Math.max(1, /** @type {number} */ (x.at(-1)) ?? 1);
  const px = (/** @type {number} */ s) => BOX.left + (s / end) * (width - BOX.left - BOX.right);
  const py = (/** @type {number} */ v) => BOX.top + ((high - v) / (high - low)) * (height - BOX.top - BOX.bottom);
  ctx.font = "11px system-ui, sans-serif";
  ctx.lineWidth = 1;
  ctx.strokeStyle = themed("line");
  ctx.fillStyle = themed("muted");
  ctx.textBaseline = "middle";
  ctx.textAlign = "right";
  const marks = log && high - low >= 1.5 ? ticks(low, high, 3).filter(Number.isInteger) : ticks(low, high, 3);
  for (const t of marks) {
    ctx.strokeRect(BOX.left, Math.round(py(t)) + 0.5, width - BOX.left - BOX.right, 0);
    ctx.fillText(log ? String(Number((10 ** t).toPrecision(2))) : `${Math.round(100 * t)} %`, BOX.left - 4, py(t));
  }
  ctx.textAlign = "center";
  ctx.textBaseline = "top";
  for (const t of ticks(0, end, 4))
    ctx.fillText(t.toLocaleString("en"), Math.min(px(t), width - 16), height - BOX.bottom + 5);
  for (const { values, colour, dashed } of curves) {
    ctx.beginPath();
    values.forEach((v, i) => {
      const y = scale(v);
      if (Number.isFinite(y)) ctx.lineTo(px(/** @type {number} */ (x[i])), py(y));
    });
    ctx.setLineDash(dashed ? [3, 3] : []);
    ctx.strokeStyle = colour;
    ctx.lineWidth = 1.8;
    ctx.stroke();
  }
  ctx.setLineDash([]);
  ctx.fillStyle = themed("accent");
  ctx.fillRect(px(at) - 0.75, BOX.top, 1.5, height - BOX.top - BOX.bottom);
}
