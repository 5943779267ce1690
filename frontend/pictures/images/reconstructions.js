/** Test images, what the network was given of them, and what it made of that. */

import { themed } from "../../ui/palette.js";
import { addCanvas, drawBytes, fit, goThroughExamples, greyPalette, largest } from "../canvas.js";

const GAP = 3;

export class ReconstructionsView {
  /** @param {HTMLElement} body @param {HTMLElement} caption @param {import("../../state/store.js").Store} store */
  constructor(body, caption, store) {
    this.example = true;
    this.canvas = addCanvas(body, "Digits and their reconstructions; click or arrow keys for others");
    goThroughExamples(this.canvas, store, 12);
    this.caption = caption;
  }

  /** @param {any} picture */
  draw(picture) {
    const { ctx, width, height } = fit(this.canvas);
    const { images, given, output } = picture.arrays;
    const noisy = given.some((/** @type {number} */ v, /** @type {number} */ i) => v !== images[i]);
    const stack = noisy ? [images, given, output] : [images, output];
    const names = noisy ? ["digit", "given", "made"] : ["given", "made"];
    const n = picture.shapes.images[0];
    const { columns, size } = largest(
      n,
      (across, down) => Math.floor(Math.min((width - 36) / across - GAP, (height / down - 2 * GAP) / stack.length - 1)),
      8,
    );
    const palette = greyPalette(document.documentElement.dataset.theme === "dark");
    const left = 36 + (width - 36 - columns * (size + GAP)) / 2;
    ctx.font = "11px system-ui, sans-serif";
    ctx.textBaseline = "middle";
    for (let i = 0; i < n; i++) {
      const block = Math.floor(i / columns) * (stack.length * (size + 1) + 2 * GAP);
      stack.forEach((bytes, k) => {
        const y = block + k * (size + 1);
        drawBytes(
          ctx,
          bytes.subarray(i * 784, (i + 1) * 784),
          28,
          28,
          palette,
          left + (i % columns) * (size + GAP),
          y,
          size,
          size,
        );
        if (i % columns) return;
        ctx.fillStyle = themed("muted");
        ctx.textAlign = "right";
        ctx.fillText(names[k], left - 4, y + size / 2);
      });
    }
    this.caption.textContent = "test digits before and after the narrow place · click for others";
  }
}
