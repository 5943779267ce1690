/** Who looks at whom: a matrix for every head, with the tokens on both axes. */

import { percent } from "../../state/numbers.js";
import { addCanvas, fit } from "../../ui/canvas.js";
import { mix, ofTheme, palette, themed, themedRGB } from "../../ui/palette.js";
import { drawBytes, part } from "../bytes.js";
import { caption, goThroughExamples } from "../examples.js";
import { letPoint, ringPart, weightsOf } from "../pointing.js";
import { tiles } from "../tiles.js";

/**
 * Each head's probabilities × 255 (heads, T, T), a row for who asks; the tokens that are read, what the network answers
 * and should.
 * @typedef {import("../view.js").PictureOf<
 *   {heads: Uint8Array},
 *   {titles: string[], tokens: string[], answer: string[], target: string[], example: number}
 * >} Attention
 */

const GAP = 10;
const STRETCHED = 1.7; // up to here a matrix that is no square is still read as one

export class AttentionView {
  /** @param {import("../view.js").Mount} mount */
  constructor(mount) {
    this.canvas = addCanvas(mount.body, "Attention of every head");
    this.mount = mount;
    /** @type {Attention | null} */
    this.picture = null;
    /** @type {import("../pointing.js").Part[]} */
    this.parts = [];
    letPoint(this.canvas, mount, () => this.parts);
    goThroughExamples(this.canvas, mount, 1);
  }

  /** @param {Attention} picture */
  draw(picture) {
    this.picture = picture;
    const sheet = fit(this.canvas);
    const { ctx, width, height, type } = sheet;
    const [heads, steps] = picture.shapes.heads;
    const line = Math.ceil(type.size * 1.4);
    const foot = 2 * line + 6;
    const { columns, rows, size } = tiles(heads, width, height - foot, GAP, line);
    const shades = sharePalette();
    this.parts = [];
    const [across, down] = [width / columns, (height - foot) / rows];
    const margin = Math.min(Math.max(size / (steps + 1), line * 0.8), 2 * line); // for the tokens on both axes
    const room = { width: across - margin - GAP, height: down - line - margin - GAP };
    const wide = Math.min(room.width, STRETCHED * room.height);
    const high = Math.min(room.height, STRETCHED * room.width);
    const cell = { width: wide / steps, height: high / steps };
    for (let k = 0; k < heads; k++) {
      const x = (k % columns) * across + (across - wide - margin) / 2;
      const y = Math.floor(k / columns) * down + (down - high - margin - line) / 2;
      ctx.fillStyle = themed("muted");
      ctx.font = type.font();
      ctx.textAlign = "left";
      ctx.textBaseline = "top";
      ctx.fillText(picture.titles[k], x + margin, y);
      const head = part(picture.arrays.heads, k, steps * steps);
      const box = { left: x + margin, top: y + line + margin, width: wide, height: high };
      drawBytes(ctx, head, steps, steps, shades, box);
      this.parts.push({ ...box, column: 0, unit: k });
      tokens(sheet, picture.tokens, x + margin, y + line + margin, cell);
    }
    ringPart(sheet, this.mount, this.parts, themed("accent"));
    sentence(sheet, picture, height - foot + 6);
    const next = this.mount.surroundings.answers ? ", click for the next" : "";
    this.mount.say(caption(`example ${picture.example}${next}`, "each row looks at the blue columns"));
  }

  /** How the weights of what is drawn are looked at. */
  choices() {
    return weightsOf(this.mount, this.parts, "Weights of its heads …");
  }

  /** Say what is read and answered, and where each head looks most. */
  describe() {
    if (!this.picture) return "";
    const { arrays, shapes, titles, tokens: read, answer, target } = this.picture;
    const [heads, steps] = shapes.heads;
    const wrong = answer.filter((word, t) => target[t] && word !== target[t]).length;
    const looks = Array.from({ length: heads }, (_, k) => {
      const row = part(part(arrays.heads, k, steps * steps), steps - 1, steps);
      const at = row.indexOf(Math.max(...row));
      return `${titles[k]} looks from the last place at place ${at + 1} most, ${percent(row[at] / 255, 0)}`;
    });
    return `reads ${read.join(" ")}, says ${answer.join(" ")}, ${wrong} wrong; ${looks.join("; ")}`;
  }
}

/** From paper to blue. */
export const sharePalette = () =>
  ofTheme("attention", () => {
    const [low, high] = [themedRGB("zero"), themedRGB("train")];
    return palette((i) => mix(low, high, i / 255));
  });

/**
 * Write the tokens over a head's columns and beside its rows, as many as have room.
 * @param {import("../../ui/canvas.js").Sheet} sheet @param {string[]} words @param {number} left @param {number} top
 * @param {{width: number, height: number}} cell
 */
function tokens({ ctx, type }, words, left, top, cell) {
  const size = Math.min(type.size * 1.1, Math.max(type.size, Math.min(cell.width, cell.height) * 0.85));
  ctx.font = type.font({ size, family: "mono" });
  ctx.fillStyle = themed("ink");
  ctx.textBaseline = "middle";
  const widest = Math.max(...words.map((word) => ctx.measureText(word).width));
  const [across, down] = [Math.ceil((widest + 1) / cell.width), Math.ceil(size / cell.height)];
  words.forEach((word, t) => {
    ctx.textAlign = "center";
    if (t % across === 0) ctx.fillText(word, left + (t + 0.5) * cell.width, top - size * 0.6);
    ctx.textAlign = "right";
    if (t % down === 0) ctx.fillText(word, left - 4, top + (t + 0.5) * cell.height);
  });
}

/**
 * Write what is read and what is said, wrong places marked.
 * @param {import("../../ui/canvas.js").Sheet} sheet @param {Attention} picture @param {number} top
 */
function sentence({ ctx, width, type }, picture, top) {
  ctx.font = type.font();
  const indent = Math.ceil(ctx.measureText("reads").width) + 8;
  const pitch = Math.min(1.5 * type.size, (width - indent) / picture.tokens.length);
  const left = Math.max(0, (width - indent - pitch * picture.tokens.length) / 2);
  const line = Math.ceil(type.size * 1.4);
  ctx.textBaseline = "middle";
  /** @type {[string, string[]][]} */
  const rows = [
    ["reads", picture.tokens],
    ["says", picture.answer],
  ];
  const face = type.font({ size: Math.min(type.size * 1.15, Math.max(type.size, pitch)), family: "mono" });
  rows.forEach(([label, words], row) => {
    const y = top + (row + 0.5) * line;
    ctx.font = type.font();
    ctx.textAlign = "left";
    ctx.fillStyle = themed("muted");
    ctx.fillText(label, left, y);
    ctx.font = face;
    ctx.textAlign = "center";
    words.forEach((word, t) => {
      const wrong = row === 1 && picture.target[t] && word !== picture.target[t];
      const x = left + indent + (t + 0.5) * pitch;
      ctx.fillStyle = wrong ? themed("test") : themed("ink");
      ctx.fillText(word, x, y);
      if (wrong) ctx.fillRect(x - pitch * 0.35, y + line / 2 - 2, pitch * 0.7, 2);
    });
  });
}
