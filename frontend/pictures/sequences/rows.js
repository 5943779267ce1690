/** Digits read from top to bottom, and beside every row what the network guesses by then. */

import { CLASS_COLOURS } from "../../state/constants.js";
import { addCanvas, fit } from "../../ui/canvas.js";
import { css, greyPalette, themed } from "../../ui/palette.js";
import { drawBytes, part, square } from "../bytes.js";
import { caption, goThroughExamples } from "../examples.js";
import { largest } from "../tiles.js";

/**
 * Images (N, 28, 28), labels (N,), and the probabilities × 255 after each of their rows (N, 28, 10).
 * @typedef {import("../view.js").PictureOf<{images: Uint8Array, labels: Uint8Array, probabilities: Uint8Array}>} Rows
 */

const TEXT = 16;

export class RowsView {
  /** @type {import("../view.js").Shape} */
  static shape = "tall";
  static companion = { kind: "states", share: 0.6 };

  /** @param {import("../view.js").Mount} mount */
  constructor(mount) {
    this.canvas = addCanvas(mount.body, "Digits, and the guesses after each of their rows");
    this.mount = mount;
    goThroughExamples(this.canvas, mount, 6);
  }

  /** @param {Rows} picture */
  draw(picture) {
    const { ctx, width, height } = fit(this.canvas);
    const { images, labels, probabilities } = picture.arrays;
    const n = labels.length;
    const { columns, size } = largest(
      n,
      (across, down) => Math.min(width / across / 2 - 4, height / down - TEXT - 8),
      12,
    );
    const grey = greyPalette();
    ctx.textBaseline = "top";
    for (let i = 0; i < n; i++) {
      const x = (i % columns) * (width / columns) + (width / columns - 1.9 * size) / 2;
      const y = Math.floor(i / columns) * (size + TEXT + 8);
      drawBytes(ctx, part(images, i, 784), 28, 28, grey, square(x, y + TEXT, size));
      const p = part(probabilities, i, 280);
      guesses(ctx, p, { left: x + size + 6, top: y + TEXT, width: size * 0.9 - 6, height: size });
      const last = [...p.subarray(270)];
      const guess = last.indexOf(Math.max(...last));
      ctx.font = `${guess === labels[i] ? "" : "bold "}11px system-ui, sans-serif`;
      ctx.textAlign = "left";
      ctx.fillStyle = guess === labels[i] ? themed("muted") : themed("wrong");
      ctx.fillText(guess === labels[i] ? `a ${labels[i]}` : `✗ ${guess}, is ${labels[i]}`, x, y + 1);
    }
    const { answers } = this.mount.surroundings;
    this.mount.say(
      caption("beside each row: the probability of 0 … 9 after reading it", answers && "click for other digits"),
    );
  }
}

/** @param {CanvasRenderingContext2D} ctx @param {Uint8Array} p @param {import("../axes.js").Box} box */
function guesses(ctx, p, { left, top, width, height }) {
  const [w, h] = [width / 10, height / 28];
  ctx.fillStyle = themed("zero");
  ctx.fillRect(left, top, width, height);
  for (let row = 0; row < 28; row++) {
    for (let k = 0; k < 10; k++) {
      const share = p[row * 10 + k] / 255;
      if (share < 0.02) continue;
      ctx.fillStyle = css(CLASS_COLOURS[0], share);
      ctx.fillRect(left + k * w, top + row * h, w, h + 0.5);
    }
  }
  ctx.font = `${Math.min(10, w)}px system-ui, sans-serif`;
  ctx.textAlign = "center";
  ctx.fillStyle = themed("muted");
  for (let k = 0; k < 10; k++) ctx.fillText(String(k), left + (k + 0.5) * w, top - 12);
}
