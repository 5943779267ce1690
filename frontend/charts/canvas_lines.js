/** A line chart, drawn on a canvas: for a page that has to do without Plotly. */

import { count, percent, significant } from "../state/numbers.js";
import { fit } from "../ui/canvas.js";
import { themed } from "../ui/palette.js";
import { ticks } from "../ui/ticks.js";
import { positive } from "./line_chart.js";

const BOX = { left: 40, right: 8, top: 8, bottom: 20 };

/**
 * @param {HTMLCanvasElement} canvas @param {import("./line_chart.js").LineChart} chart whose scale is "log" or "share"
 */
export function drawLines(canvas, { curves, scale, marks }) {
  const { ctx, width, height } = fit(canvas);
  const isLog = scale === "log";
  const on = (/** @type {number | null} */ v) => (v === null ? NaN : isLog ? Math.log10(v) : v);
  let [low, high] = isLog ? positive(curves.map(({ y }) => y)).map(Math.log10) : [0, 1];
  if (!(high > low)) [low, high] = [low - 1, low + 1];
  const end = Math.max(1, ...curves.map(({ x }) => x.at(-1) ?? 1));
  const inside = { width: width - BOX.left - BOX.right, height: height - BOX.top - BOX.bottom };
  const px = (/** @type {number} */ v) => BOX.left + (v / end) * inside.width;
  const py = (/** @type {number} */ v) => BOX.top + ((high - v) / (high - low)) * inside.height;
  ctx.font = "11px system-ui, sans-serif";
  ctx.lineWidth = 1;
  ctx.strokeStyle = themed("line");
  ctx.fillStyle = themed("muted");
  ctx.textBaseline = "middle";
  ctx.textAlign = "right";
  const rungs = ticks(low, high, 3).filter((t) => !isLog || high - low < 1.5 || Number.isInteger(t));
  for (const t of rungs) {
    ctx.strokeRect(BOX.left, Math.round(py(t)) + 0.5, inside.width, 0);
    ctx.fillText(isLog ? significant(10 ** t, 2) : percent(t, 0), BOX.left - 4, py(t));
  }
  ctx.textAlign = "center";
  ctx.textBaseline = "top";
  for (const t of ticks(0, end, 4)) ctx.fillText(count(t), Math.min(px(t), width - 16), height - BOX.bottom + 5);
  for (const { x, y, colour, width: thickness, isDotted } of curves) {
    ctx.beginPath();
    y.forEach((v, i) => {
      if (Number.isFinite(on(v))) ctx.lineTo(px(/** @type {number} */ (x[i])), py(on(v)));
    });
    ctx.setLineDash(isDotted ? [3, 3] : []);
    ctx.strokeStyle = colour;
    ctx.lineWidth = thickness;
    ctx.stroke();
  }
  ctx.setLineDash([]);
  for (const { at, colour, width: thickness } of marks) {
    ctx.fillStyle = colour;
    ctx.fillRect(px(at) - thickness / 2, BOX.top, thickness, inside.height);
  }
}
