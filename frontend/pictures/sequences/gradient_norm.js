/** How large the gradient still is at every step back through time, on a logarithmic scale. */

import { fixed } from "../../state/numbers.js";
import { addCanvas, fit } from "../../ui/canvas.js";
import { themed } from "../../ui/palette.js";
import { drawAxes, scales } from "../axes.js";

/**
 * The norm of ∂L/∂h at each step (steps,), over the last training batch.
 * @typedef {import("../view.js").PictureOf<{norm: Float32Array}, {title: string}>} GradientNorm
 */

const LEAST = 1e-14;

export class GradientNormView {
  /** @type {import("../view.js").Shape} */
  static shape = "wide";

  /** @param {import("../view.js").Mount} mount */
  constructor(mount) {
    this.canvas = addCanvas(mount.body, "Norm of the gradient at every step of the sequence");
    this.mount = mount;
  }

  /** @param {GradientNorm} picture */
  draw(picture) {
    const { ctx, width, height } = fit(this.canvas);
    if (!picture.arrays.norm.length) {
      this.mount.say("the gradient comes with the first step");
      return;
    }
    const logs = [...picture.arrays.norm].map((v) => Math.log10(Math.max(Number.isFinite(v) ? v : LEAST, LEAST)));
    const n = logs.length;
    const low = Math.floor(Math.min(...logs));
    const high = Math.max(Math.ceil(Math.max(...logs)), low + 1);
    const box = { left: 30, top: 4, width: width - 36, height: height - 24 };
    /** @type {import("../axes.js").Extent} */
    const extent = [1, Math.max(n, 2), low, high];
    drawAxes(ctx, box, extent, ["step", "log₁₀ ‖∂L/∂h‖"]);
    const { x, y } = scales(box, extent);
    ctx.strokeStyle = themed("train");
    ctx.lineWidth = 2;
    ctx.beginPath();
    for (const [t, v] of logs.entries()) ctx.lineTo(x(t + 1), y(v));
    ctx.stroke();
    const reach = logs[0] - logs[n - 1];
    this.mount.say(
      `${picture.title}, last training batch · the first step gets 10^${fixed(reach, 1)} of the last one's`,
    );
  }
}
