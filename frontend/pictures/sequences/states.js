/** A recurrent layer reading one example: hidden state, gates and cell, time from left to right. */

import { precise } from "../../state/numbers.js";
import { addCanvas, fit } from "../../ui/canvas.js";
import { signedPalette, themed } from "../../ui/palette.js";
import { drawBytes, part } from "../bytes.js";
import { caption, goThroughExamples } from "../examples.js";
import { letPoint, ringPart, weightsOf } from "../pointing.js";

/**
 * Hidden state, gates and cell (names, units, steps) as bytes around 128, each on its own scale (names,); the words
 * that are read, and the answer in words.
 * @typedef {import("../view.js").PictureOf<
 *   {maps: Uint8Array, scale: Float32Array},
 *   {title: string, names: string[], inputs: string[], answer: string, example: number}
 * >} States
 */

export class StatesView {
  /** @param {import("../view.js").Mount} mount */
  constructor(mount) {
    this.canvas = addCanvas(mount.body, "Hidden state, gates and cell of the recurrent layer over time");
    this.mount = mount;
    /** @type {States | null} */
    this.picture = null;
    /** @type {import("../pointing.js").Part[]} */
    this.parts = [];
    letPoint(this.canvas, mount, () => this.parts);
    mount.legend([
      { mark: "■", colour: "minus", words: "orange −" },
      { mark: "■", colour: "plus", words: "blue +" },
    ]);
    goThroughExamples(this.canvas, mount, 1);
  }

  /** @param {States} picture */
  draw(picture) {
    this.picture = picture;
    const sheet = fit(this.canvas);
    const { ctx, width, height, type } = sheet;
    const [sections, units, steps] = picture.shapes.maps;
    const line = Math.ceil(type.size * 1.35);
    const isTall = (/** @type {number} */ across) => height / Math.ceil(sections / across) > 2.6 * line;
    const across = isTall(1) || sections < 2 ? 1 : 2;
    const top = across === 1 && this.inputs(sheet, picture.inputs) ? line : 0;
    const pitch = (height - top) / Math.ceil(sections / across);
    const room = (width - (across - 1) * 8) / across;
    const palette = signedPalette();
    ctx.font = type.font();
    ctx.textBaseline = "top";
    ctx.textAlign = "left";
    this.parts = [];
    for (let k = 0; k < sections; k++) {
      const x = (k % across) * (room + 8);
      const y = top + Math.floor(k / across) * pitch;
      ctx.fillStyle = themed("muted");
      ctx.fillText(`${picture.names[k]}, ±${precise(picture.arrays.scale[k], 2)}`, x, y + 1);
      const box = { left: x, top: y + line, width: room, height: Math.max(4, pitch - line - 3) };
      drawBytes(ctx, part(picture.arrays.maps, k, units * steps), units, steps, palette, box);
      this.parts.push({ ...box, column: 0, unit: k });
    }
    ringPart(sheet, this.mount, this.parts, themed("accent"));
    const { answers } = this.mount.surroundings;
    this.mount.say(caption(picture.answer, "a row per unit, time →", answers && "click for the next"));
  }

  /** How the weights of what is drawn are looked at. */
  choices() {
    return weightsOf(this.mount, this.parts, "Weights of its gates …");
  }

  /** Say what is read, what is answered, and how large each number becomes. */
  describe() {
    if (!this.picture) return "";
    const { title, names, arrays, answer, inputs } = this.picture;
    const largest = names.map((name, k) => `${name} up to ${precise(arrays.scale[k], 2)}`);
    return `${title} reads ${inputs.join(" ")}; ${answer}; ${largest.join(", ")}`;
  }

  /**
   * Write what is read over the steps: words where all have room, of numbers some.
   * @param {import("../../ui/canvas.js").Sheet} sheet @param {string[]} words
   */
  inputs({ ctx, width, type }, words) {
    if (!words.length) return false;
    const pitch = width / words.length;
    ctx.font = type.font({ family: "mono" });
    const widest = Math.max(...words.map((word) => ctx.measureText(word).width)) + 1;
    const every = Math.ceil(widest / pitch);
    if (every > 1 && words.some((word) => Number.isNaN(Number(word)))) return false;
    ctx.textAlign = "center";
    ctx.textBaseline = "top";
    ctx.fillStyle = themed("ink");
    words.forEach((word, t) => {
      const half = ctx.measureText(word).width / 2;
      const x = Math.min(width - half, Math.max(half, (t + 0.5) * pitch));
      if (t % every === 0) ctx.fillText(word, x, 1);
    });
    return true;
  }
}
