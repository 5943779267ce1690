/** The confusion matrix: which class was taken for which. */

import { css, CLASSES, mix, themed, themedRGB } from "../../ui/palette.js";
import { addCanvas, fit, shorter } from "../canvas.js";

export class ConfusionView {
  /** @param {HTMLElement} body @param {HTMLElement} caption */
  constructor(body, caption) {
    this.canvas = addCanvas(body, "Confusion matrix");
    this.caption = caption;
  }

  /** @param {any} picture */
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
        const share = total ? n / total : 0;
        const colour = mix(
          themedRGB("paper"),
          CLASSES[i === j ? 0 : 4],
          Math.min(1, i === j ? share * 0.75 : Math.sqrt(share)),
        );
        ctx.fillStyle = css(/** @type {any} */ (colour));
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
    this.caption.textContent = `over ${picture.examples} test examples · rows: truth, columns: guess`;
  }
}
