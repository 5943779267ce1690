/** Test digits with the network's guesses: wrong ones are framed, crossed and named. Click one to follow it. */

import { css, CLASSES, themed } from "../../ui/palette.js";
import { addCanvas, drawBytes, fit, greyPalette, shorter, tiles } from "../canvas.js";

const TEXT = 15;

export class DigitsView {
  /** @param {HTMLElement} body @param {HTMLElement} caption @param {import("../../state/store.js").Store} store */
  constructor(body, caption, store) {
    this.canvas = addCanvas(body, "Test digits and the network's guesses; arrow keys choose one");
    this.canvas.tabIndex = 0;
    this.caption = caption;
    this.store = store;
    this.canvas.addEventListener("click", (event) => this.choose(event.offsetX, event.offsetY));
    this.canvas.addEventListener("keydown", (event) => {
      const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!by || !this.picture) return;
      event.preventDefault();
      event.stopPropagation();
      this.select((store.example + by + this.picture.arrays.labels.length) % this.picture.arrays.labels.length);
    });
  }

  /** @param {any} picture */
  draw(picture) {
    this.picture = picture;
    const { ctx, width, height } = fit(this.canvas);
    const { images, labels, guesses, confidence } = picture.arrays;
    const n = labels.length;
    const layout = tiles(n, width, height, 5, TEXT);
    const start = {
      x: (width - layout.columns * (layout.size + 5)) / 2,
      y: (height - layout.rows * (layout.size + 5 + TEXT)) / 2,
    };
    this.layout = { ...layout, start };
    const palette = greyPalette(document.documentElement.dataset.theme === "dark");
    ctx.textAlign = "center";
    ctx.textBaseline = "top";
    for (let i = 0; i < n; i++) {
      const x = start.x + (i % layout.columns) * (layout.size + 5);
      const y = start.y + Math.floor(i / layout.columns) * (layout.size + 5 + TEXT);
      const wrong = guesses[i] !== labels[i];
      drawBytes(ctx, images.subarray(i * 784, (i + 1) * 784), 28, 28, palette, x, y, layout.size, layout.size, {
        smooth: true,
      });
      ctx.lineWidth = i === this.store.example ? 3 : wrong ? 2 : 1;
      ctx.strokeStyle = i === this.store.example ? css(CLASSES[0]) : wrong ? css(CLASSES[4]) : themed("line");
      ctx.strokeRect(x, y, layout.size, layout.size);
      ctx.globalAlpha = 0.55 + (0.45 * confidence[i]) / 255;
      ctx.fillStyle = wrong ? themed("wrong") : themed("ink");
      ctx.font = `${wrong ? "bold " : ""}12px system-ui, sans-serif`;
      const guess = picture.names[guesses[i]] ?? String(guesses[i]);
      ctx.fillText(
        shorter(ctx, wrong ? `✗ ${guess}` : guess, layout.size + 4),
        x + layout.size / 2,
        y + layout.size + 2,
      );
      ctx.globalAlpha = 1;
    }
    const wrongs = labels.reduce(
      (/** @type {number} */ sum, /** @type {number} */ label, /** @type {number} */ i) =>
        sum + Number(label !== guesses[i]),
      0,
    );
    this.caption.textContent = `${n - wrongs} of ${n} right · ✗ marks a wrong guess · click one to follow it`;
  }

  /** @param {number} x @param {number} y */
  choose(x, y) {
    if (!this.layout || !this.picture) return;
    const { start, size, columns } = this.layout;
    const column = Math.floor((x - start.x) / (size + 5));
    const i = Math.floor((y - start.y) / (size + 5 + TEXT)) * columns + column;
    if (column >= 0 && column < columns && i >= 0 && i < this.picture.arrays.labels.length) this.select(i);
  }

  /** @param {number} i */
  select(i) {
    this.store.example = i;
    this.store.emit("example");
    if (this.store.task.example_history) {
      this.store.witness = i;
      this.store.emit("witness");
    }
    if (this.picture) this.draw(this.picture);
  }
}
