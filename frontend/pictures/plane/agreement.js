/** What the network says against what is true: on the line where it is right. */

import { number } from "../../state/numbers.js";
import { addCanvas, fit } from "../../ui/canvas.js";
import { themed } from "../../ui/palette.js";
import { clipped, drawAxes, indentOf, plotIn, scales } from "../axes.js";
import { dots } from "./curve.js";

/**
 * What is true and what the network says (N,), both in `unit`.
 * @typedef {import("../view.js").PictureOf<
 *   {truth: Float32Array, guess: Float32Array, is_test: Uint8Array},
 *   {unit: string}
 * >} Agreement
 */

export class AgreementView {
  /** @param {import("../view.js").Mount} mount */
  constructor(mount) {
    this.canvas = addCanvas(mount.body, "What the network says against what is true");
    this.mount = mount;
    /** @type {Agreement | null} */
    this.picture = null;
    mount.legend([
      { mark: "●", colour: "train", words: "training" },
      { mark: "○", colour: "train", words: "test" },
    ]);
  }

  /** @param {Agreement} picture */
  draw(picture) {
    this.picture = picture;
    const sheet = fit(this.canvas);
    const { ctx, width, height } = sheet;
    const { truth, guess, is_test: isTest } = picture.arrays;
    let [low, high] = [Infinity, -Infinity];
    for (const v of truth) {
      low = Math.min(low, v);
      high = Math.max(high, v);
    }
    const room = 0.08 * (high - low) || 1;
    /** @type {import("../axes.js").Extent} */
    const extent = [low - room, high + room, low - room, high + room];
    const box = plotIn(sheet, { left: 0, top: 0, width, height }, indentOf(sheet, height, extent));
    const to = scales(box, extent);
    clipped(ctx, box, () => {
      ctx.strokeStyle = themed("muted");
      ctx.lineWidth = 1.2;
      ctx.setLineDash([5, 4]);
      ctx.beginPath();
      ctx.moveTo(to.x(extent[0]), to.y(extent[0]));
      ctx.lineTo(to.x(extent[1]), to.y(extent[1]));
      ctx.stroke();
      ctx.setLineDash([]);
      dots(ctx, truth.length, (i) => [to.x(truth[i]), to.y(guess[i]), isTest[i]], Math.max(2.2, box.width / 190));
    });
    drawAxes(sheet, box, extent, ["truth", "guess"]);
    this.mount.say(`${picture.unit}: right on the line`);
  }

  /** Say how far guesses are from the truth. */
  describe() {
    if (!this.picture) return "";
    const { truth, guess, is_test: isTest } = this.picture.arrays;
    const which = isTest.includes(1) ? 1 : 0;
    const off = [...truth].map((v, i) => Math.abs(v - guess[i])).filter((_, i) => isTest[i] === which);
    const mean = off.reduce((sum, v) => sum + v, 0) / Math.max(1, off.length);
    const what = `${off.length} ${which ? "test" : "training"} examples`;
    return `${this.picture.unit}: over ${what} on average ${number(mean)} off, at most ${number(Math.max(...off))}`;
  }
}
