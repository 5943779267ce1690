/** Digits read from top to bottom, and beside every row what the network guesses by then. */

import { addCanvas, fit } from "../../ui/canvas.js";
import { greyPalette, mix, ofTheme, palette, themed, themedRGB } from "../../ui/palette.js";
import { drawBytes, part, square } from "../bytes.js";
import { caption, goThroughExamples } from "../examples.js";
import { largest } from "../tiles.js";

/**
 * Images (N, 28, 28), labels (N,), and the probabilities × 255 after each of their rows (N, 28, 10).
 * @typedef {import("../view.js").PictureOf<{images: Uint8Array, labels: Uint8Array, probabilities: Uint8Array}>} Rows
 */

const GAP = 6;

export class RowsView {
  /** @param {import("../view.js").Mount} mount */
  constructor(mount) {
    this.canvas = addCanvas(mount.body, "Digits, and the guesses after each of their rows");
    this.mount = mount;
    /** @type {Rows | null} */
    this.picture = null;
    goThroughExamples(this.canvas, mount, 6);
  }

  /** @param {Rows} picture */
  draw(picture) {
    this.picture = picture;
    const { ctx, width, height, type } = fit(this.canvas);
    const { images, labels, probabilities } = picture.arrays;
    const n = labels.length;
    const line = Math.ceil(type.size * 1.35);
    ctx.font = type.font();
    const digits = 10 * (ctx.measureText("0").width + 2); // ten of them side by side
    const { columns, rows, size } = largest(
      n,
      (across, down) => Math.min(width / across - digits - 2 * GAP, height / down - line - GAP),
      12,
    );
    const grid = Math.max(digits, Math.min(size, width / columns - size - 2 * GAP));
    const grey = greyPalette();
    for (let i = 0; i < n; i++) {
      const x = (i % columns) * (width / columns) + (width / columns - size - GAP - grid) / 2;
      const y = Math.floor(i / columns) * (height / rows) + (height / rows - size - line) / 2;
      drawBytes(ctx, part(images, i, 784), 28, 28, grey, square(x, y + line, size), { smooth: true });
      const p = part(probabilities, i, 280);
      const box = { left: x + size + GAP, top: y + line, width: grid, height: size };
      guesses(ctx, p, box);
      ctx.textBaseline = "top";
      ctx.textAlign = "center";
      ctx.fillStyle = themed("muted");
      ctx.font = type.font();
      for (let k = 0; k < 10; k++) ctx.fillText(String(k), box.left + (k + 0.5) * (grid / 10), y);
      const guess = guessOf(p);
      const isRight = guess === labels[i];
      ctx.font = type.font({ weight: isRight ? "normal" : "bold" });
      ctx.textAlign = "left";
      ctx.fillStyle = isRight ? themed("ink") : themed("test");
      const words = isRight ? `a ${labels[i]}` : `✗ ${guess}, is ${labels[i]}`;
      ctx.fillText(ctx.measureText(words).width > size + GAP - 2 ? `✗ ${guess}` : words, x, y);
    }
    const { answers } = this.mount.surroundings;
    this.mount.say(caption("the bluer, the likelier after reading that row", answers && "click for others"));
  }

  /** Say what each digit is taken for in the end, and how early. */
  describe() {
    if (!this.picture) return "";
    const { labels, probabilities } = this.picture.arrays;
    const told = [...labels].map((label, i) => {
      const p = part(probabilities, i, 280);
      const guess = guessOf(p);
      let row = 28;
      while (row > 1 && guessOf(p.subarray(0, 10 * (row - 1))) === guess) row--;
      return `${label} taken for ${guess} from row ${row} on`;
    });
    return told.join(", ");
  }
}

/** The likeliest digit after the last row. @param {Uint8Array} p */
function guessOf(p) {
  const last = [...p.subarray(-10)];
  return last.indexOf(Math.max(...last));
}

/** @param {CanvasRenderingContext2D} ctx @param {Uint8Array} p @param {import("../axes.js").Box} box */
function guesses(ctx, p, box) {
  const { left, top, width, height } = box;
  const shades = ofTheme("shares", () => {
    const [low, high] = [themedRGB("zero"), themedRGB("train")];
    return palette((i) => mix(low, high, i / 255));
  });
  drawBytes(ctx, p, 28, 10, shades, { left, top, width, height });
}
