/** The confusion matrix: which class was taken for which. */

import { CLASS_COLOURS } from "../../state/constants.js";
import { count, percent } from "../../state/numbers.js";
import { addCanvas, fit, shorter } from "../../ui/canvas.js";
import { css, mix, ofTheme, readableOn, themed, themedRGB } from "../../ui/palette.js";
import { onCursor } from "../examples.js";

/**
 * How often each class (row) was taken for each class (column): counts (K, K); words say what there is to know of the
 * classes.
 * @typedef {{examples: number, names: string[], words: string}} ConfusionWords
 * @typedef {import("../view.js").PictureOf<{counts: Float32Array}, ConfusionWords>} Confusion
 */

const GAP = 6;
const SHADES = 200;
const LEAST = 4; // pixels of a cell beside which there is a gap

export class ConfusionView {
  /** @param {import("../view.js").Mount} mount */
  constructor(mount) {
    this.canvas = addCanvas(mount.body, "Confusion matrix");
    this.mount = mount;
    /** @type {Confusion | null} */
    this.picture = null;
    /** @type {[number, number] | null} the row and the column of the keys' cursor */
    this.cursor = null;
    if (mount.surroundings.answers) this.hear();
  }

  /** Let the arrow keys go from cell to cell. */
  hear() {
    const { canvas } = this;
    canvas.setAttribute("aria-label", "Confusion matrix; arrow keys go from cell to cell");
    const move = (/** @type {number} */ across, /** @type {number} */ down) => {
      const k = this.picture?.shapes.counts[0] ?? 1;
      const [row, column] = this.cursor ?? [0, 0];
      const kept = (/** @type {number} */ i) => Math.min(k - 1, Math.max(0, i));
      this.cursor = [kept(row + down), kept(column + across)];
      canvas.setAttribute("aria-label", this.cell(...this.cursor));
      if (this.picture) this.draw(this.picture);
    };
    onCursor(canvas, move, () => move(0, 0));
    canvas.addEventListener("blur", () => {
      this.cursor = null;
      if (this.picture) this.draw(this.picture);
    });
  }

  /** Say what a cell counts. @param {number} row @param {number} column */
  cell(row, column) {
    if (!this.picture) return "";
    const { arrays, shapes } = this.picture;
    const n = arrays.counts[row * shapes.counts[0] + column];
    return `${this.named(row)} taken for ${this.named(column)}: ${count(n)}`;
  }

  /** @param {number} k */
  named(k) {
    return this.picture?.names[k] ?? String(k);
  }

  /** @param {Confusion} picture */
  draw(picture) {
    this.picture = picture;
    const { ctx, width, height, type } = fit(this.canvas);
    const { counts } = picture.arrays;
    const k = picture.shapes.counts[0];
    const names = Array.from({ length: k }, (_, i) => this.named(i));
    ctx.font = type.font();
    const line = Math.ceil(type.size * 1.35);
    const widest = Math.max(...names.map((name) => ctx.measureText(name).width));
    const sides = "truth ↓ guess →";
    const indent = Math.max(ctx.measureText(sides).width + GAP, Math.min(width * 0.3, widest + GAP));
    const top = line;
    const across = (width - indent) / k;
    const down = Math.min((height - top) / k, across * 1.2);
    const isNarrow = widest > across - 4; // then columns have the numbers that stand before the rows' names
    ctx.fillStyle = themed("muted");
    ctx.textBaseline = "middle";
    ctx.textAlign = "right";
    ctx.fillText(sides, indent - GAP, line / 2);
    const every = Math.ceil(type.size / down);
    const everyColumn = isNarrow ? Math.ceil((ctx.measureText(String(k)).width + GAP) / across) : 1;
    const gaps = [across, down].map((side) => (side < LEAST ? 0 : 1)); // of hundreds of classes nothing else were left
    names.forEach((name, i) => {
      ctx.fillStyle = themed("ink");
      ctx.textAlign = "center";
      if (i % everyColumn === 0 && (i + everyColumn / 2) * across < width - indent)
        ctx.fillText(isNarrow ? String(i + 1) : name, indent + (i + 0.5) * across, line / 2);
      if (i % every) return;
      ctx.textAlign = "right";
      const words = shorter(ctx, isNarrow ? `${i + 1} ${name}` : name, indent - GAP);
      ctx.fillText(words, indent - GAP, top + (i + 0.5) * down);
    });
    ctx.textAlign = "center";
    ctx.font = type.font({ size: Math.min(type.size * 1.15, down * 0.7) });
    for (let i = 0; i < k; i++) {
      let total = 0;
      for (let j = 0; j < k; j++) total += counts[i * k + j];
      for (let j = 0; j < k; j++) {
        const n = counts[i * k + j];
        const { cell, ink } = shadesOf(i === j)[total ? Math.round((SHADES * n) / total) : 0];
        ctx.fillStyle = cell;
        ctx.fillRect(indent + j * across, top + i * down, across - gaps[0], down - gaps[1]);
        const words = n < 1000 ? String(n) : count(n);
        if (!n || down < type.size || ctx.measureText(words).width > across - 2) continue;
        ctx.fillStyle = ink;
        ctx.fillText(words, indent + (j + 0.5) * across - 0.5, top + (i + 0.5) * down);
      }
    }
    if (this.cursor) {
      const [row, column] = this.cursor;
      ctx.strokeStyle = themed("accent");
      ctx.lineWidth = 3;
      ctx.strokeRect(indent + column * across, top + row * down, across - 1, down - 1);
    }
    this.mount.legend([{ mark: "", colour: "ink", words: `${count(picture.examples)} test examples` }]);
    this.mount.say(picture.words);
  }

  /** Say how many are right, and what is taken for what most often. */
  describe() {
    if (!this.picture) return "";
    const { counts } = this.picture.arrays;
    const k = this.picture.shapes.counts[0];
    let [right, worst] = [0, -1];
    for (let i = 0; i < counts.length; i++) {
      const isRight = i % (k + 1) === 0;
      if (isRight) right += counts[i];
      else if (worst < 0 || counts[i] > counts[worst]) worst = i;
    }
    const all = this.picture.examples;
    const most = counts[worst] > 0 ? `; most often ${this.cell(Math.floor(worst / k), worst % k)}` : "";
    return `confusion: ${percent(right / Math.max(1, all), 0)} of ${count(all)} test examples right${most}`;
  }
}

/**
 * The colours of shares of a class, from none to all: its right answers, or mistakes, of which few shall be seen too.
 * @param {boolean} right
 */
const shadesOf = (right) =>
  ofTheme(`shares ${right}`, () => {
    const none = themedRGB("sunk");
    return Array.from({ length: SHADES + 1 }, (_, i) => {
      const share = i / SHADES;
      const colour = mix(none, CLASS_COLOURS[right ? 0 : 4], right ? share * 0.85 : 0.7 * Math.sqrt(share));
      return { cell: css(colour), ink: readableOn(colour) };
    });
  });
