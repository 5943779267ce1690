/** The confusion matrix: which class was taken for which. */

import { CLASS_COLOURS } from "../../state/constants.js";
import { addCanvas, fit, shorter } from "../../ui/canvas.js";
import { css, mix, themed, themedRGB } from "../../ui/palette.js";

/**
 * How often each class (row) was taken for each class (column): counts (K, K).
 * @typedef {import("../view.js").PictureOf<{counts: Float32Array}, {examples: number, names: string[]}>} Confusion
 */

export class ConfusionView {
  /** @type {import("../view.js").Shape} */
  static shape = "square";

  /** @param {import("../view.js").Mount} mount */
  constructor(mount) {
    this.canvas = addCanvas(mount.body, "Confusion matrix");
    this.mount = mount;
  }

  /** @param {Confusion} picture */
  draw(picture) {
    const { ctx, width, height } = fit(this.canvas);
    const { counts } = picture.arrays;
    const k = picture.shapes.counts[0];
    const named = (/** @type {number} */ i) => picture.names[i] ?? String(i);
    ctx.font = "11px system-ui, sans-serif";
    let margin = 10;
    for (let i = 0; i < k; i++) margin = Math.min(width * 0.25, Math.max(margin, ctx.measureText(named(i)).width));
    const cell = Math.floor(Math.min((width - margin - 16) / k, (height - 18) / (k + (margin > 12 ? 0 : 1)), 90));
    const left = Math.round((width - cell * k) / 2 + margin / 2);
    const top = 16;
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    for (let i = 0; i < k; i++) {
      let total = 0;
      for (let j = 0; j < k; j++) total += counts[i * k + j];
      for (let j = 0; j < k; j++) {
        const n = counts[i * k + j];
        const colour = shade(total ? n / total : 0, i === j);
        ctx.fillStyle = css(colour);
        ctx.fillRect(left + j * cell, top + i * cell, cell - 1, cell - 1);
        ctx.font = `${Math.min(12, cell * 0.48)}px system-ui, sans-serif`;
        if (n) {
          ctx.fillStyle = colour[0] * 0.3 + colour[1] * 0.59 + colour[2] * 0.11 > 140 ? "#111111" : "#ffffff";
          ctx.fillText(String(n), left + (j + 0.5) * cell, top + (i + 0.5) * cell);
        }
      }
      ctx.font = "11px system-ui, sans-serif";
      ctx.fillStyle = themed("muted");
      ctx.fillText(shorter(ctx, named(i), cell), left + (i + 0.5) * cell, top - 8);
      ctx.textAlign = "right";
      ctx.fillText(shorter(ctx, named(i), margin), left - 6, top + (i + 0.5) * cell);
      ctx.textAlign = "center";
    }
    this.mount.say(`over ${picture.examples} test examples · rows: truth, columns: guess`);
  }
}

/**
 * The colour of a share of a class: its right answers, or mistakes, of which few shall be seen too.
 * @param {number} share @param {boolean} right
 */
const shade = (share, right) =>
  mix(themedRGB("paper"), CLASS_COLOURS[right ? 0 : 4], Math.min(1, right ? share * 0.75 : Math.sqrt(share)));
