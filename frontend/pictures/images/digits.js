/** Test digits with the network's guesses: wrong ones are framed, crossed and named. Click one to follow it. */

import { CLASS_COLOURS } from "../../state/constants.js";
import { addCanvas, fit, shorter } from "../../ui/canvas.js";
import { css, greyPalette, themed } from "../../ui/palette.js";
import { drawBytes, part, square } from "../bytes.js";
import { caption, onArrows } from "../examples.js";
import { tiles } from "../tiles.js";

/**
 * Images (N, 28, 28), labels and guesses (N,), and the guesses' probabilities × 255 (N,).
 * @typedef {import("../view.js").PictureOf<
 *   {images: Uint8Array, labels: Uint8Array, guesses: Uint8Array, confidence: Uint8Array},
 *   {names: string[]}
 * >} Digits
 */

const TEXT = 15;
const GAP = 5;

export class DigitsView {
  /** @type {import("../view.js").Shape} */
  static shape = "wide";
  static companion = { kind: "maps", share: 0.45 };

  /** @param {import("../view.js").Mount} mount */
  constructor(mount) {
    this.canvas = addCanvas(mount.body, "Test digits and the network's guesses");
    this.mount = mount;
    this.store = mount.store;
    if (mount.surroundings.answers) this.hear();
  }

  /** Let a click, or an arrow key, choose a digit. */
  hear() {
    const { canvas, store } = this;
    canvas.tabIndex = 0;
    canvas.classList.add("clickable");
    canvas.setAttribute("aria-label", "Test digits and the network's guesses; arrow keys choose one");
    canvas.addEventListener("click", (event) => this.choose(event.offsetX, event.offsetY));
    onArrows(canvas, (by) => {
      const n = this.picture?.arrays.labels.length;
      if (n) this.select((store.example + by + n) % n);
    });
  }

  /** @param {Digits} picture */
  draw(picture) {
    this.picture = picture;
    const { ctx, width, height } = fit(this.canvas);
    const { images, labels, guesses, confidence } = picture.arrays;
    const n = labels.length;
    const layout = tiles(n, width, height, GAP, TEXT);
    const start = {
      x: (width - layout.columns * (layout.size + GAP)) / 2,
      y: (height - layout.rows * (layout.size + GAP + TEXT)) / 2,
    };
    this.layout = { ...layout, start };
    const palette = greyPalette();
    ctx.textAlign = "center";
    ctx.textBaseline = "top";
    for (let i = 0; i < n; i++) {
      const x = start.x + (i % layout.columns) * (layout.size + GAP);
      const y = start.y + Math.floor(i / layout.columns) * (layout.size + GAP + TEXT);
      const wrong = guesses[i] !== labels[i];
      const chosen = i === this.store.example;
      drawBytes(ctx, part(images, i, 784), 28, 28, palette, square(x, y, layout.size), { smooth: true });
      ctx.lineWidth = chosen ? 3 : wrong ? 2 : 1;
      ctx.strokeStyle = chosen ? css(CLASS_COLOURS[0]) : wrong ? css(CLASS_COLOURS[4]) : themed("line");
      ctx.strokeRect(x, y, layout.size, layout.size);
      ctx.globalAlpha = 0.55 + (0.45 * confidence[i]) / 255;
      ctx.fillStyle = wrong ? themed("wrong") : themed("ink");
      ctx.font = `${wrong ? "bold " : ""}12px system-ui, sans-serif`;
      const guess = picture.names[guesses[i]] ?? String(guesses[i]);
      const words = shorter(ctx, wrong ? `✗ ${guess}` : guess, layout.size + 4);
      ctx.fillText(words, x + layout.size / 2, y + layout.size + 2);
      ctx.globalAlpha = 1;
    }
    const right = labels.reduce((sum, label, i) => sum + Number(label === guesses[i]), 0);
    this.mount.say(
      caption(
        `${right} of ${n} right`,
        "✗ marks a wrong guess",
        this.mount.surroundings.answers && "click one to follow it",
      ),
    );
  }

  /** @param {number} x @param {number} y */
  choose(x, y) {
    if (!this.layout || !this.picture) return;
    const { start, size, columns } = this.layout;
    const column = Math.floor((x - start.x) / (size + GAP));
    const i = Math.floor((y - start.y) / (size + GAP + TEXT)) * columns + column;
    if (column >= 0 && column < columns && i >= 0 && i < this.picture.arrays.labels.length) this.select(i);
  }

  /** @param {number} i */
  select(i) {
    this.store.example = i;
    this.store.emit("example");
    if (this.store.task.example_history) {
      this.store.tracked = i;
      this.store.emit("tracked");
    }
    if (this.picture) this.draw(this.picture);
  }
}
