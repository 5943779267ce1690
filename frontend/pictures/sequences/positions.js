/** The share of right answers at every place of the sequence. */

import { css, CLASSES, themed } from "../../ui/palette.js";
import { addCanvas, fit } from "../canvas.js";

export class PositionsView {
  /** @param {HTMLElement} body @param {HTMLElement} caption */
  constructor(body, caption) {
    this.canvas = addCanvas(body, "Accuracy at every place of the sequence");
    this.caption = caption;
  }

  /** @param {any} picture */
  draw(picture) {
    const { ctx, width, height } = fit(this.canvas);
    const { accuracy } = picture.arrays;
    const pitch = width / accuracy.length;
    const room = height - 32;
    ctx.textAlign = "center";
    ctx.font = "11px system-ui, sans-serif";
    accuracy.forEach((/** @type {number} */ share, /** @type {number} */ t) => {
      const x = t * pitch;
      ctx.fillStyle = themed("zero");
      ctx.fillRect(x + 2, 16, pitch - 4, room);
      ctx.fillStyle = css(CLASSES[0]);
      ctx.fillRect(x + 2, 16 + room * (1 - share), pitch - 4, room * share);
      ctx.fillStyle = themed("ink");
      ctx.textBaseline = "top";
      if (pitch > 22) ctx.fillText(`${Math.floor(100 * share)}`, x + pitch / 2, 2);
      ctx.fillStyle = themed("muted");
      ctx.textBaseline = "bottom";
      ctx.fillText(String(t + 1), x + pitch / 2, height);
    });
    this.caption.textContent = `per cent right at each place, over ${picture.examples} test rows`;
  }
}
