/** The share of right answers at every place of the sequence. */

import { count, percent } from "../../state/numbers.js";
import { addCanvas, fit } from "../../ui/canvas.js";
import { themed } from "../../ui/palette.js";

/**
 * The share of right answers at each place (T,).
 * @typedef {import("../view.js").PictureOf<{accuracy: Float32Array}, {examples: number}>} PositionAccuracy
 */

export class PositionAccuracyView {
  /** @param {import("../view.js").Mount} mount */
  constructor(mount) {
    this.canvas = addCanvas(mount.body, "Accuracy at every place of the sequence");
    this.mount = mount;
    /** @type {PositionAccuracy | null} */
    this.picture = null;
  }

  /** @param {PositionAccuracy} picture */
  draw(picture) {
    this.picture = picture;
    const { ctx, width, height, type } = fit(this.canvas);
    const { accuracy } = picture.arrays;
    const pitch = width / accuracy.length;
    const line = Math.ceil(type.size * 1.4);
    const room = Math.max(1, height - 2 * line);
    ctx.textAlign = "center";
    ctx.font = type.font();
    const every = Math.ceil((ctx.measureText("99").width + 3) / pitch);
    const hasNumbers = ctx.measureText("100").width + 2 < pitch;
    accuracy.forEach((share, t) => {
      const x = t * pitch;
      ctx.fillStyle = themed("sunk");
      ctx.fillRect(x + 1, line, pitch - 2, room);
      ctx.fillStyle = themed("train");
      ctx.fillRect(x + 1, line + room * (1 - share), pitch - 2, room * share);
      ctx.fillStyle = themed("ink");
      ctx.textBaseline = "top";
      if (hasNumbers) ctx.fillText(`${Math.floor(100 * share)}`, x + pitch / 2, 1);
      ctx.fillStyle = themed("muted");
      ctx.textBaseline = "bottom";
      if (t % every === 0) ctx.fillText(String(t + 1), x + pitch / 2, height);
    });
    this.mount.legend([{ mark: "", colour: "ink", words: `% of ${count(picture.examples)} test rows` }]);
  }

  /** Say the share of right answers at every place. */
  describe() {
    if (!this.picture) return "";
    const said = [...this.picture.arrays.accuracy].map((share, t) => `${t + 1}: ${percent(share, 0)}`);
    return `right at each place: ${said.join(", ")}`;
  }
}
