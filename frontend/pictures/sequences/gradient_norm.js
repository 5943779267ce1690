/** How large the gradient still is at every step back through time, on a logarithmic scale. */

import { count, number, percent, power, significant } from "../../state/numbers.js";
import { addCanvas, fit } from "../../ui/canvas.js";
import { themed } from "../../ui/palette.js";
import { drawAxes, indentOf, plotIn, scales } from "../axes.js";

/**
 * The norm of ∂L/∂h at each step (steps,), over the last training batch.
 * @typedef {import("../view.js").PictureOf<{norm: Float32Array}, {title: string}>} GradientNorm
 */

const LEAST = 1e-14;
const POWERS = { written: power, isWhole: true };

export class GradientNormView {
  /** @param {import("../view.js").Mount} mount */
  constructor(mount) {
    this.canvas = addCanvas(mount.body, "Norm of the gradient at every step of the sequence");
    this.mount = mount;
    /** @type {GradientNorm | null} */
    this.picture = null;
  }

  /** @param {GradientNorm} picture */
  draw(picture) {
    this.picture = picture;
    const sheet = fit(this.canvas);
    const { ctx, width, height } = sheet;
    const logs = logsOf(picture);
    if (!logs.length) {
      this.mount.say("the gradient comes with the first step");
      return;
    }
    const n = logs.length;
    const low = Math.floor(Math.min(...logs));
    const high = Math.max(Math.ceil(Math.max(...logs)), low + 1);
    /** @type {import("../axes.js").Extent} */
    const extent = [1, Math.max(n, 2), low, high];
    const box = plotIn(sheet, { left: 0, top: 0, width, height }, indentOf(sheet, height, extent, POWERS));
    const { x, y } = scales(box, extent);
    ctx.strokeStyle = themed("train");
    ctx.lineWidth = 2;
    ctx.beginPath();
    for (const [t, v] of logs.entries()) ctx.lineTo(x(t + 1), y(v));
    ctx.stroke();
    drawAxes(sheet, box, extent, ["step of the sequence", "size of the gradient"], { numbers: POWERS });
    this.mount.say(`the first step gets ${shareOf(logs)} of what the last one gets`);
  }

  /** Say how much of the gradient comes through to the first step. */
  describe() {
    if (!this.picture?.arrays.norm.length) return "";
    const logs = logsOf(this.picture);
    const [first, last] = [logs[0], logs[logs.length - 1]].map((v) => number(10 ** v));
    return `${this.picture.title}: gradient ${last} at the last of ${logs.length} steps, ${first} at the first`;
  }
}

/** The logarithms of the norms. @param {GradientNorm} picture */
const logsOf = ({ arrays }) => [...arrays.norm].map((v) => Math.log10(Math.max(Number.isFinite(v) ? v : LEAST, LEAST)));

/** How much of the last step's gradient the first one gets, in words. @param {number[]} logs */
function shareOf(logs) {
  const share = 10 ** (logs[0] - logs[logs.length - 1]);
  return share >= 2
    ? `${significant(share, 2)} times`
    : share >= 0.001
      ? percent(share)
      : `1/${count(Math.round(1 / share))}`;
}
