/** A line chart, drawn on a canvas: for a page that has to do without Plotly. */

import { fit } from "../ui/canvas.js";
import { captionSize, legible, themed } from "../ui/palette.js";
import { laidOut, TINT } from "./line_chart.js";

/** @param {HTMLCanvasElement} canvas @param {import("./line_chart.js").LineChart} chart */
export function drawLines(canvas, chart) {
  const { ctx, width, height } = fit(canvas);
  const size = captionSize();
  ctx.font = `bold ${size}px ${themed("sans")}`;
  const widthOf = (/** @type {string} */ words) => ctx.measureText(words).width;
  const { margin, inner, axis, across, curves, px, py, words } = laidOut(chart, { width, height, size, widthOf });
  ctx.translate(margin.left, margin.top);
  ctx.font = `${size}px ${themed("sans")}`;
  ctx.lineWidth = 1;
  ctx.strokeStyle = themed("line");
  ctx.fillStyle = themed("muted");
  ctx.textBaseline = "middle";
  ctx.textAlign = "right";
  for (const { at, words: label } of axis.ticks) {
    ctx.strokeRect(0, Math.round(py(at)) + 0.5, inner.width, 0);
    ctx.fillText(label, -5, py(at));
  }
  ctx.textAlign = "center";
  ctx.textBaseline = "top";
  for (const { at, words: label } of across) ctx.fillText(label, px(at), inner.height + 5);
  ctx.save();
  ctx.beginPath();
  ctx.rect(0, 0, inner.width, inner.height);
  ctx.clip();
  chart.curves.forEach(({ colour, width: thickness, isDotted }, i) => {
    const { x, y } = curves[i];
    ctx.beginPath();
    y.forEach((v, k) => {
      if (v !== null && Number.isFinite(py(v))) ctx.lineTo(px(/** @type {number} */ (x[k])), py(v));
    });
    ctx.setLineDash(isDotted ? [5, 3] : []);
    ctx.strokeStyle = colour;
    ctx.lineWidth = thickness;
    ctx.stroke();
  });
  ctx.restore();
  for (const { at, colour, width: thickness, goesOn } of chart.marks) {
    ctx.fillStyle = colour;
    ctx.globalAlpha = TINT;
    if (goesOn) ctx.fillRect(px(at), 0, Math.max(0, inner.width - px(at)), inner.height);
    ctx.globalAlpha = 1;
    ctx.fillRect(px(at) - thickness / 2, 0, thickness, inner.height);
  }
  ctx.font = `bold ${size}px ${themed("sans")}`;
  ctx.textBaseline = "middle";
  for (const { words: lines, colour, x, y, anchor } of words) {
    ctx.fillStyle = colour ? legible(colour) : themed("ink");
    ctx.textAlign = anchor;
    lines.forEach((line, k) => {
      ctx.fillText(line, x, y + (k - (lines.length - 1) / 2) * (size + 2));
    });
  }
  ctx.translate(-margin.left, -margin.top);
}
