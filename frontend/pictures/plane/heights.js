/** The numbers that the network predicts over the plane, in signed colours; the points in the colour of the truth. */

import { coordinate, number, withMinus } from "../../state/numbers.js";
import { addCanvas, fit } from "../../ui/canvas.js";
import { signedPalette, themed } from "../../ui/palette.js";
import { chip, drawEnds, placeIn, scales } from "../axes.js";
import { drawBytes } from "../bytes.js";
import { Cursor, followPointer } from "./cursor.js";
import { placesOf, planeIn } from "./field.js";
import { marker, radiusOf } from "./marker.js";
import { byteOf, inSteps, switchesBeside, switchesOf } from "./switches.js";
import { chooseByClick, ringAt } from "./tracked_example.js";

/**
 * The predicted heights (rows, columns), row 0 at the bottom; the points (N, 2), what is right there and what the
 * network says, and which are of the test (N,); and the largest height that has a colour of its own.
 * @typedef {import("../view.js").PictureOf<
 *   {heights: Float32Array, points: Float32Array, target: Float32Array, guess: Float32Array, is_test: Uint8Array},
 *   {limit: number, extent: Extent}
 * >} Heights
 */
/** @typedef {import("../axes.js").Box} Box */
/** @typedef {import("../axes.js").Extent} Extent */

const BAR = 14; // pixels that the colour bar is wide
const GAP = 6;
const [ROUND, SQUARE] = [0, 1]; // the markers of training and test

/** A number with a true minus. @param {number} v */
const signed = (v) => withMinus(number(v));

export class HeightsView {
  /** @param {import("../view.js").Mount} mount */
  constructor(mount) {
    this.canvas = addCanvas(mount.body, "Predicted heights with training and test points");
    this.mount = mount;
    this.painter = /** @type {import("./painter.js").Painter | null} */ (null); // nobody paints here
    /** @type {Heights | null} */
    this.picture = null;
    /** @type {Box | null} where the plane is drawn */
    this.box = null;
    /** @type {[number, number] | null} the pixel that is pointed at */
    this.pointer = null;
    if (mount.surroundings.answers) followPointer(this.canvas, this);
    chooseByClick(this.canvas, mount, () => this.places());
    this.cursor = new Cursor(this, "Predicted heights", "", () => this.box, true);
    switchesBeside(mount, () => this.repaint());
  }

  choices() {
    return switchesOf(this.mount.store);
  }

  repaint() {
    if (this.picture) this.draw(this.picture);
  }

  /** Where each point of the picture is on the canvas. */
  places() {
    const { picture, box } = this;
    return picture && box ? placesOf(picture, box) : null;
  }

  /** @param {Heights} picture */
  draw(picture) {
    this.picture = picture;
    const { surroundings, store } = this.mount;
    const { test, steps } = store.seen;
    this.mount.legend([
      { mark: "●", colour: "ink", words: "training" },
      ...(test ? [{ mark: "■", colour: "ink", words: "test" }] : []),
    ]);
    const sheet = fit(this.canvas);
    const { ctx, type } = sheet;
    ctx.font = type.font();
    const ends = [picture.limit, 0, -picture.limit].map(signed);
    const wide = Math.max(...ends.map((words) => ctx.measureText(words).width));
    const strip = surroundings.isSmall ? 0 : BAR + 2 * GAP + Math.ceil(wide);
    const box = planeIn({ ...sheet, width: sheet.width - strip });
    this.box = box;
    const [rows, columns] = picture.shapes.heights;
    const palette = steps ? inSteps(signedPalette()) : signedPalette();
    const bytes = Uint8Array.from(picture.arrays.heights, (height) => byteOf(height, picture.limit));
    drawBytes(ctx, bytes, rows, columns, palette, box, { upsideDown: true, smooth: !steps });
    drawPoints(ctx, picture, box, palette, test);
    ringAt(ctx, placesOf(picture, box), this.mount);
    if (!surroundings.isSmall) {
      drawEnds(sheet, box, picture.extent, ["x₁", "x₂"]);
      bar(sheet, { left: box.left + box.width + GAP, top: box.top, width: BAR, height: box.height }, ends, palette);
    }
    const at = this.cursor.at ?? (this.pointer && placeIn(box, ...this.pointer));
    if (at && at[0] < 1 && at[1] < 1) chip(sheet, box, this.answerAt(at), { across: 1, up: 1 }, box.width * 0.7);
    this.cursor.draw(ctx);
    this.mount.say("a point in the colour of the sheet is predicted right · orange − blue +");
  }

  /** Say what the network predicts at a place. @param {[number, number]} place from 0 to 1 across and up */
  answerAt([u, v]) {
    const { picture } = this;
    if (!picture) return "";
    const [rows, columns] = picture.shapes.heights;
    const height = picture.arrays.heights[Math.floor(v * rows) * columns + Math.floor(u * columns)];
    const [left, right, bottom, top] = picture.extent;
    const [x1, x2] = [left + u * (right - left), bottom + v * (top - bottom)];
    return `x₁ ${coordinate(x1)}, x₂ ${coordinate(x2)}: ${signed(height)}`;
  }

  /** Say from where to where the predicted heights reach, and how far off they are. */
  describe() {
    const { picture } = this;
    if (!picture) return "";
    const { heights, target, guess, is_test: isTest } = picture.arrays;
    const which = isTest.includes(1) ? 1 : 0;
    let [low, high, off, all] = [Infinity, -Infinity, 0, 0];
    for (const height of heights) [low, high] = [Math.min(low, height), Math.max(high, height)];
    for (const [i, right] of target.entries()) {
      if (isTest[i] !== which) continue;
      off += Math.abs(guess[i] - right);
      all++;
    }
    const mean = signed(off / Math.max(1, all));
    const points = `${all} ${which ? "test" : "training"} points`;
    return `predicted heights from ${signed(low)} to ${signed(high)}; ${points} are ${mean} off on average`;
  }
}

/**
 * Draw each point in the colour of its height, test points square.
 * @param {CanvasRenderingContext2D} ctx @param {Heights} picture @param {Box} box @param {Uint8ClampedArray} palette
 * @param {boolean} withTest
 */
function drawPoints(ctx, { arrays, extent, limit }, box, palette, withTest) {
  const { points, target, is_test } = arrays;
  const to = scales(box, extent);
  const r = radiusOf(box.width, target.length);
  ctx.strokeStyle = themed("ink");
  ctx.lineWidth = 0.9;
  for (const [i, height] of target.entries()) {
    if (is_test[i] && !withTest) continue;
    const at = 4 * byteOf(height, limit);
    ctx.fillStyle = `rgb(${palette[at]}, ${palette[at + 1]}, ${palette[at + 2]})`;
    marker(ctx, is_test[i] ? SQUARE : ROUND, to.x(points[2 * i]), to.y(points[2 * i + 1]), is_test[i] ? r * 0.85 : r);
    ctx.fill();
    ctx.stroke();
  }
}

/**
 * Draw which colour means which number.
 * @param {import("../../ui/canvas.js").Sheet} sheet @param {Box} box @param {string[]} ends at the top, the middle and
 * the bottom @param {Uint8ClampedArray} palette
 */
function bar({ ctx, type }, box, ends, palette) {
  drawBytes(
    ctx,
    Uint8Array.from({ length: 256 }, (_, i) => i),
    256,
    1,
    palette,
    box,
    { upsideDown: true },
  );
  ctx.strokeStyle = themed("edge");
  ctx.lineWidth = 1;
  ctx.strokeRect(box.left + 0.5, box.top + 0.5, box.width - 1, box.height - 1);
  ctx.font = type.font();
  ctx.fillStyle = themed("ink");
  ctx.textAlign = "left";
  for (const [k, words] of ends.entries()) {
    ctx.textBaseline = /** @type {CanvasTextBaseline[]} */ (["top", "middle", "bottom"])[k];
    ctx.fillText(words, box.left + box.width + GAP, box.top + (k * box.height) / 2);
  }
}
