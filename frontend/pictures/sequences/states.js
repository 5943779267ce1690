/** A recurrent layer reading one example: hidden state, gates and cell, time from left to right. */

import { precise } from "../../state/numbers.js";
import { addCanvas, fit } from "../../ui/canvas.js";
import { signedPalette, themed } from "../../ui/palette.js";
import { drawBytes, part } from "../bytes.js";
import { caption, goThroughExamples } from "../examples.js";

/**
 * Hidden state, gates and cell (names, units, steps) as bytes around 128, each on its own scale (names,); the words
 * that are read, and the answer in words.
 * @typedef {import("../view.js").PictureOf<
 *   {maps: Uint8Array, scale: Float32Array},
 *   {title: string, names: string[], inputs: string[], answer: string, example: number}
 * >} States
 */

const LABEL = 15;

export class StatesView {
  /** @type {import("../view.js").Shape} */
  static shape = "wide";

  /** @param {import("../view.js").Mount} mount */
  constructor(mount) {
    this.canvas = addCanvas(mount.body, "Hidden state, gates and cell of the recurrent layer over time");
    this.mount = mount;
    goThroughExamples(this.canvas, mount, 1);
  }

  /** @param {States} picture */
  draw(picture) {
    const { ctx, width, height } = fit(this.canvas);
    const [sections, units, steps] = picture.shapes.maps;
    const top = picture.inputs.length && height / sections > 34 ? 16 : 0;
    const across = (height - top) / sections < 34 ? 2 : 1;
    const pitch = (height - top) / Math.ceil(sections / across);
    const room = width / across - (across - 1) * 4;
    const palette = signedPalette();
    ctx.font = "11px system-ui, sans-serif";
    ctx.textBaseline = "top";
    for (let k = 0; k < sections; k++) {
      const x = (k % across) * (room + 8);
      const y = top + Math.floor(k / across) * pitch;
      ctx.fillStyle = themed("muted");
      ctx.textAlign = "left";
      ctx.fillText(`${picture.names[k]} · ±${precise(picture.arrays.scale[k], 2)}`, x, y + 1);
      const box = { left: x, top: y + LABEL, width: room, height: Math.max(4, pitch - LABEL - 3) };
      drawBytes(ctx, part(picture.arrays.maps, k, units * steps), units, steps, palette, box);
    }
    if (across === 1) inputs(ctx, picture.inputs, width);
    this.mount.say(
      caption(
        picture.answer,
        `${picture.title}, a row for each unit, time from left to right`,
        `example ${picture.example}${this.mount.surroundings.answers ? ", click for the next" : ""}`,
        "orange − blue +",
      ),
    );
  }
}

/**
 * Write what is read over the steps, as far as there is room.
 * @param {CanvasRenderingContext2D} ctx @param {string[]} words @param {number} width
 */
function inputs(ctx, words, width) {
  const pitch = width / words.length;
  ctx.font = `${Math.min(12, Math.max(8, pitch * 0.9))}px ui-monospace, monospace`;
  ctx.textAlign = "center";
  ctx.fillStyle = themed("ink");
  words.forEach((word, t) => {
    if (pitch >= 6 || t % Math.ceil(6 / pitch) === 0) ctx.fillText(word, (t + 0.5) * pitch, 1);
  });
}
