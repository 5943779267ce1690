/** Who looks at whom: a matrix for every head, with the tokens on both axes. */

import { CLASS_COLOURS } from "../../state/constants.js";
import { addCanvas, fit } from "../../ui/canvas.js";
import { css, mix, palette, themed, themedRGB } from "../../ui/palette.js";
import { drawBytes, part, square } from "../bytes.js";
import { caption, goThroughExamples } from "../examples.js";
import { tiles } from "../tiles.js";

/**
 * Each head's probabilities × 255 (heads, T, T), a row for who asks; the tokens that are read, what the network answers
 * and should.
 * @typedef {import("../view.js").PictureOf<
 *   {heads: Uint8Array},
 *   {titles: string[], tokens: string[], answer: string[], target: string[], example: number}
 * >} Attention
 */

const TITLE = 16;

export class AttentionView {
  /** @type {import("../view.js").Shape} */
  static shape = "wide";

  /** @param {import("../view.js").Mount} mount */
  constructor(mount) {
    this.canvas = addCanvas(mount.body, "Attention of every head");
    this.mount = mount;
    goThroughExamples(this.canvas, mount, 1);
  }

  /** @param {Attention} picture */
  draw(picture) {
    const { ctx, width, height } = fit(this.canvas);
    const [heads, steps] = picture.shapes.heads;
    const foot = 36;
    const { columns, rows, size } = tiles(heads, width, height - foot, 8, TITLE);
    const shades = scale();
    const left = (width - columns * (size + 8)) / 2;
    const top = Math.max(0, (height - foot - rows * (size + 8 + TITLE)) / 2);
    const cell = size / (steps + 1);
    for (let k = 0; k < heads; k++) {
      const x = left + (k % columns) * (size + 8);
      const y = top + Math.floor(k / columns) * (size + 8 + TITLE);
      ctx.fillStyle = themed("muted");
      ctx.font = "11px system-ui, sans-serif";
      ctx.textAlign = "left";
      ctx.textBaseline = "top";
      ctx.fillText(picture.titles[k], x + cell, y);
      const head = part(picture.arrays.heads, k, steps * steps);
      drawBytes(ctx, head, steps, steps, shades, square(x + cell, y + TITLE + cell, size - cell));
      tokens(ctx, picture.tokens, x, y + TITLE, cell);
    }
    sentence(ctx, picture, width, height - foot);
    const next = this.mount.surroundings.answers ? ", click for the next" : "";
    this.mount.say(
      caption("row: who asks", "column: who is asked", "the darker, the more", `example ${picture.example}${next}`),
    );
  }
}

/** From paper to blue. */
function scale() {
  const [low, high] = [themedRGB("zero"), themedRGB("accent")];
  return palette((i) => mix(low, high, i / 255));
}

/**
 * @param {CanvasRenderingContext2D} ctx @param {string[]} words @param {number} x @param {number} y
 * @param {number} cell
 */
function tokens(ctx, words, x, y, cell) {
  ctx.font = `${Math.min(13, cell * 0.85)}px ui-monospace, monospace`;
  ctx.fillStyle = themed("ink");
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  words.forEach((word, t) => {
    ctx.fillText(word, x + (t + 1.5) * cell, y + cell / 2);
    ctx.fillText(word, x + cell / 2, y + (t + 1.5) * cell);
  });
}

/**
 * Write what is read and what is said, wrong places marked.
 * @param {CanvasRenderingContext2D} ctx @param {Attention} picture @param {number} width @param {number} top
 */
function sentence(ctx, picture, width, top) {
  const pitch = Math.min(18, (width - 44) / picture.tokens.length);
  const left = Math.max(0, (width - 44 - pitch * picture.tokens.length) / 2);
  ctx.textBaseline = "middle";
  /** @type {[string, string[]][]} */
  const rows = [
    ["reads", picture.tokens],
    ["says", picture.answer],
  ];
  rows.forEach(([label, words], row) => {
    const y = top + 10 + row * 17;
    ctx.font = "11px system-ui, sans-serif";
    ctx.textAlign = "left";
    ctx.fillStyle = themed("muted");
    ctx.fillText(label, left, y);
    ctx.font = `${Math.min(14, pitch)}px ui-monospace, monospace`;
    ctx.textAlign = "center";
    words.forEach((word, t) => {
      const wrong = row === 1 && picture.target[t] && word !== picture.target[t];
      const x = left + 44 + (t + 0.5) * pitch;
      ctx.fillStyle = wrong ? themed("wrong") : themed("ink");
      ctx.fillText(word, x, y);
      if (!wrong) return;
      ctx.fillStyle = css(CLASS_COLOURS[4]);
      ctx.fillRect(x - pitch * 0.35, y + 8, pitch * 0.7, 2);
    });
  });
}
