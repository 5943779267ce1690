/** Where the digits lie in the narrowest layer, each drawn as itself where there is room. */

import { CLASS_COLOURS } from "../../state/constants.js";
import { percent } from "../../state/numbers.js";
import { addCanvas, fit } from "../../ui/canvas.js";
import { drawAxes, indentOf, plotIn, scales } from "../axes.js";
import { markerColour } from "../plane/marker.js";

/**
 * Points (N, 2) and labels (N,) of test examples; with more than two `numbers`, of which this share of the variance is
 * seen.
 * @typedef {import("../view.js").PictureOf<
 *   {points: Float32Array, labels: Uint8Array},
 *   {classes: number, layer: string, numbers: number, share: number}
 * >} LatentSpace
 */

export class LatentSpaceView {
  /** @param {import("../view.js").Mount} mount */
  constructor(mount) {
    this.canvas = addCanvas(mount.body, "Test digits laid out by their code");
    this.mount = mount;
    /** @type {LatentSpace | null} */
    this.picture = null;
  }

  /** @param {LatentSpace} picture */
  draw(picture) {
    this.picture = picture;
    const sheet = fit(this.canvas);
    const { ctx, width, height, type } = sheet;
    const { points, labels } = picture.arrays;
    const extent = around(points);
    const box = plotIn(sheet, { left: 0, top: 0, width, height }, indentOf(sheet, height, extent));
    const { x, y } = scales(box, extent);
    const cell = type.size * 0.95;
    const across = Math.ceil(width / cell) + 3;
    const taken = new Uint8Array(across * (Math.ceil(height / cell) + 3)); // where a digit is written, or is close
    const place = (/** @type {number} */ i) => [x(points[2 * i]), y(points[2 * i + 1])];
    const written = [];
    for (let i = 0; i < labels.length; i++) {
      const at = place(i);
      const middle = (Math.round(at[1] / cell) + 1) * across + Math.round(at[0] / cell) + 1;
      if (!hasRoom(at, box, type.size) || taken[middle]) {
        dot(ctx, at, labels[i]);
        continue;
      }
      for (const row of [middle - across, middle, middle + across]) taken.fill(1, row - 1, row + 2);
      written.push(i);
    }
    ctx.font = type.font({ weight: "bold" });
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    for (const i of written) {
      ctx.fillStyle = markerColour(labels[i]);
      const [px, py] = place(i);
      ctx.fillText(String(labels[i]), px, py);
    }
    const exact = picture.numbers === 2;
    drawAxes(sheet, box, extent, exact ? ["code 1", "code 2"] : ["component 1", "component 2"]);
    this.mount.say(exact ? BOTH : projection(picture));
  }

  /** Say what is drawn, and how far apart the digits are. */
  describe() {
    if (!this.picture) return "";
    const { points, labels } = this.picture.arrays;
    const { classes } = this.picture;
    const middles = Array.from({ length: classes }, () => [0, 0, 0]);
    labels.forEach((k, i) => {
      const middle = middles[k];
      middle[0] += points[2 * i];
      middle[1] += points[2 * i + 1];
      middle[2]++;
    });
    const at = middles.map(([u, v, n]) => [u / Math.max(1, n), v / Math.max(1, n)]);
    let near = 0;
    labels.forEach((k, i) => {
      const far = at.map(([u, v]) => Math.hypot(points[2 * i] - u, points[2 * i + 1] - v));
      if (far.indexOf(Math.min(...far)) === k) near++;
    });
    const n = labels.length;
    return `code of ${n} test digits: ${percent(near / Math.max(1, n), 0)} lie nearest to the middle of their own kind`;
  }
}

const BOTH = "the two numbers of each digit; nobody told the network which is which";

/** @param {LatentSpace} picture */
const projection = ({ numbers, share }) =>
  `${numbers} numbers of each digit, seen along two directions with ${percent(share, 0)} of their variance`;

/**
 * Tell whether a digit has room: in its box, and not under what the axes are called.
 * @param {number[]} at @param {import("../axes.js").Box} box @param {number} size
 */
function hasRoom([x, y], { left, top, width, height }, size) {
  const [u, v] = [x - left, y - top];
  if (u < size || v < size || u > width - size || v > height - size) return false;
  const [wide, high] = [9 * size, 2.4 * size];
  return !(u < wide && v < high) && !(u > width - wide && v > height - high);
}

/** @param {CanvasRenderingContext2D} ctx @param {number[]} at @param {number} label */
function dot(ctx, [x, y], label) {
  ctx.beginPath();
  ctx.arc(x, y, 2.4, 0, 2 * Math.PI);
  ctx.fillStyle = ctx.strokeStyle = markerColour(label);
  ctx.lineWidth = 1.2;
  if (label < CLASS_COLOURS.length) ctx.fill();
  else ctx.stroke();
}

/** @param {Float32Array} points @returns {import("../axes.js").Extent} */
function around(points) {
  const reach = (/** @type {number} */ axis) => {
    let [low, high] = [0, 0];
    for (let i = axis; i < points.length; i += 2) {
      if (!Number.isFinite(points[i])) continue;
      low = Math.min(low, points[i]);
      high = Math.max(high, points[i]);
    }
    const room = 0.05 * (high - low) + 1e-6;
    return [low - room, high + room];
  };
  const [[left, right], [bottom, top]] = [reach(0), reach(1)];
  return [left, right, bottom, top];
}
