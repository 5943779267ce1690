/** Digits read from top to bottom, and beside every row what the network guesses by then. */

import { css, CLASSES, themed } from "../../ui/palette.js";
import { addCanvas, drawBytes, fit, goThroughExamples, greyPalette, largest } from "../canvas.js";

const TEXT = 16;

export class RowsView {
  /** @param {HTMLElement} body @param {HTMLElement} caption @param {import("../../state/store.js").Store} store */
  constructor(body, caption, store) {
    this.example = true;
    this.canvas = addCanvas(body, "Digits, and the guesses after each of their rows; click or arrow keys for others");
    goThroughExamples(this.canvas, store, 6);
    this.caption = caption;
  }

  /** @param {any} picture */
  draw(picture) {
    const { ctx, width, height } = fit(this.canvas);
    const { images, labels, probabilities } = picture.arrays;
    const n = labels.length;
    const { columns, size } = largest(
      n,
      (across, down) => Math.min(width / across / 2 - 4, height / down - TEXT - 8),
      12,
    );
    const grey = greyPalette(document.documentElement.dataset.theme === "dark");
    ctx.textBaseline = "top";
    for (let i = 0; i < n; i++) {
      const x = (i % columns) * (width / columns) + (width / columns - 1.9 * size) / 2;
      const y = Math.floor(i / columns) * (size + TEXT + 8);
      drawBytes(ctx, images.subarray(i * 784, (i + 1) * 784), 28, 28, grey, x, y + TEXT, size, size);
      const p = probabilities.subarray(i * 280, (i + 1) * 280);
      guesses(ctx, p, x + size + 6, y + TEXT, size * 0.9 - 6, size);
      const last = [...p.subarray(270)];
      const guess = last.indexOf(Math.max(...last));
      ctx.font = `${guess === labels[i] ? "" : "bold "}11px system-ui, sans-serif`;
      ctx.textAlign = "left";
      ctx.fillStyle = guess === labels[i] ? themed("muted") : themed("wrong");
      ctx.fillText(guess === labels[i] ? `a ${labels[i]}` : `✗ ${guess}, is ${labels[i]}`, x, y + 1);
    }
    this.caption.textContent = "beside each row: the probability of 0 … 9 after reading it · click for other digits";
  }
}

/** @param {CanvasRenderingContext2D} ctx @param {Uint8Array} p @param {number} left @param {number} top @param {number} width @param {number} height */
function guesses(ctx, p, left, top, width, height) {
  const [w, h] = [width / 10, height / 28];
  ctx.fillStyle = themed("zero");
  ctx.fillRect(left, top, width, height);
  for (let row = 0; row < 28; row++) {
    for (let k = 0; k < 10; k++) {
      const share = p[row * 10 + k] / 255;
      if (share < 0.02) continue;
      ctx.fillStyle = css(CLASSES[0], share);
      ctx.fillRect(left + k * w, top + row * h, w, h + 0.5);
    }
  }
  ctx.font = `${Math.min(10, w)}px system-ui, sans-serif`;
  ctx.textAlign = "center";
  ctx.fillStyle = themed("muted");
  for (let k = 0; k < 10; k++) ctx.fillText(String(k), left + (k + 0.5) * w, top - 12);
}
