/** What the network says against what is true: on the line where it is right. */

import { CLASS_COLOURS } from "../../state/constants.js";
import { addCanvas, fit } from "../../ui/canvas.js";
import { css, themed } from "../../ui/palette.js";
import { clipped, drawAxes, scales } from "../axes.js";

/**
 * What is true and what the network says (N,), both in `unit`.
 * @typedef {import("../view.js").PictureOf<
 *   {truth: Float32Array, guess: Float32Array, is_test: Uint8Array},
 *   {unit: string}
 * >} Agreement
 */

export class AgreementView {
  /** @type {import("../view.js").Shape} */
  static shape = "square";

  /** @param {import("../view.js").Mount} mount */
  constructor(mount) {
    this.canvas = addCanvas(mount.body, "What the network says against what is true");
    this.mount = mount;
  }

  /** @param {Agreement} picture */
  draw(picture) {
    const { ctx, width, height } = fit(this.canvas);
    const { truth, guess, is_test: isTest } = picture.arrays;
    let [low, high] = [Infinity, -Infinity];
    for (const v of truth) {
      low = Math.min(low, v);
      high = Math.max(high, v);
    }
    const room = 0.08 * (high - low) || 1;
    /** @type {import("../axes.js").Extent} */
    const extent = [low - room, high + room, low - room, high + room];
    const box = { left: 44, top: 6, width: width - 52, height: height - 28 };
    drawAxes(ctx, box, extent, ["truth", "guess"]);
    const to = scales(box, extent);
    clipped(ctx, box, () => {
      ctx.strokeStyle = themed("muted");
      ctx.setLineDash([5, 4]);
      ctx.beginPath();
      ctx.moveTo(to.x(extent[0]), to.y(extent[0]));
      ctx.lineTo(to.x(extent[1]), to.y(extent[1]));
      ctx.stroke();
      ctx.setLineDash([]);
      for (let i = 0; i < truth.length; i++) {
        ctx.beginPath();
        ctx.arc(to.x(truth[i]), to.y(guess[i]), isTest[i] ? 2.2 : 2.4, 0, 2 * Math.PI);
        ctx.fillStyle = ctx.strokeStyle = css(CLASS_COLOURS[isTest[i] ? 1 : 5], 0.85);
        if (isTest[i]) ctx.stroke();
        else ctx.fill();
      }
    });
    this.mount.say(`${picture.unit}: right on the line · ● training ○ test`);
  }
}
