/** The share of right answers at every place of the sequence. */

import { CLASS_COLOURS } from "../../state/constants.js";
import { addCanvas, fit } from "../../ui/canvas.js";
import { css, themed } from "../../ui/palette.js";

/**
 * The share of right answers at each place (T,).
 * @typedef {import("../view.js").PictureOf<{accuracy: Float32Array}, {examples: number}>} PositionAccuracy
 */

export class PositionAccuracyView {
  /** @type {import("../view.js").Shape} */
  static shape = "wide";
  static companion = { kind: "diagram", share: 0.6 };

  /** @param {import("../view.js").Mount} mount */
  constructor(mount) {
    this.canvas = addCanvas(mount.body, "Accuracy at every place of the sequence");
    this.mount = mount;
  }

  /** @param {PositionAccuracy} picture */
  draw(picture) {
    const { ctx, width, height } = fit(this.canvas);
    const { accuracy } = picture.arrays;
    const pitch = width / accuracy.length;
    const room = height - 32;
    ctx.textAlign = "center";
    ctx.font = "11px system-ui, sans-serif";
    accuracy.forEach((share, t) => {
      const x = t * pitch;
      ctx.fillStyle = themed("zero");
      ctx.fillRect(x + 2, 16, pitch - 4, room);
      ctx.fillStyle = css(CLASS_COLOURS[0]);
      ctx.fillRect(x + 2, 16 + room * (1 - share), pitch - 4, room * share);
      ctx.fillStyle = themed("ink");
      ctx.textBaseline = "top";
      if (pitch > 22) ctx.fillText(`${Math.floor(100 * share)}`, x + pitch / 2, 2);
      ctx.fillStyle = themed("muted");
      ctx.textBaseline = "bottom";
      ctx.fillText(String(t + 1), x + pitch / 2, height);
    });
    this.mount.say(`per cent right at each place, over ${picture.examples} test rows`);
  }
}
