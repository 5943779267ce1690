/** The decision boundary: the winning class at every place, as strong as the network is sure, and the points. */

import { CLASS_COLOURS } from "../../state/constants.js";
import { coordinate, percent } from "../../state/numbers.js";
import { addCanvas, fit, Still } from "../../ui/canvas.js";
import { isDark, ofTheme, themed, themedRGB, tint } from "../../ui/palette.js";
import { chip, drawEnds, placeIn, scales } from "../axes.js";
import { drawImage } from "../bytes.js";
import { Cursor, followPointer } from "./cursor.js";
import { Cutter } from "./cutter.js";
import { marker, markerColour, radiusOf } from "./marker.js";
import { Painter } from "./painter.js";
import { switchesBeside, switchesOf } from "./switches.js";
import { chooseByClick, ringAt } from "./tracked_example.js";

/**
 * The likeliest class and its probability × 255 at every place (rows, columns), row 0 at the bottom; the points (N, 2),
 * their labels, and which are of the test (N,). Of a plane through more inputs: its axes, what else they could be, and
 * in words what is not seen.
 * @typedef {import("../view.js").PictureOf<
 *   {winner: Uint8Array, confidence: Uint8Array, points: Float32Array, labels: Uint8Array, is_test: Uint8Array},
 *   {classes: number, extent: Extent, axes: string[], names: string[], choices: string[], words: string}
 * >} Field
 */
/** @typedef {import("../axes.js").Box} Box */
/** @typedef {import("../axes.js").Extent} Extent */

const SKEWED = 1.25; // up to here a plane fills what it stands in

export class FieldView {
  /** @param {import("../view.js").Mount} mount */
  constructor(mount) {
    this.canvas = addCanvas(mount.body, "Decision boundary with training and test points");
    this.mount = mount;
    this.points = new Still();
    /** @type {Field | null} */
    this.picture = null;
    /** @type {Box | null} where the plane is drawn */
    this.box = null;
    /** @type {Cutter | null} */
    this.cutter = null;
    /** @type {[number, number] | null} the pixel that is pointed at */
    this.pointer = null;
    const { answers, hasSheet } = mount.surroundings;
    if (answers) followPointer(this.canvas, this);
    chooseByClick(this.canvas, mount, () => this.places());
    const view = {
      place: (/** @type {number} */ x, /** @type {number} */ y) => placeIn(this.box, x, y),
      box: () => this.box ?? { width: 1, height: 1 },
      shown: () => this.shown(),
      places: () => this.places(),
      repaint: () => this.repaint(),
    };
    this.painter = hasSheet ? new Painter(this.canvas, mount, view, false) : null;
    this.cursor = new Cursor(this, "Decision boundary", "paints", () => this.box, true);
    switchesBeside(mount, () => this.repaint());
  }

  choices() {
    return switchesOf(this.mount.store);
  }

  dispose() {
    this.painter?.dispose();
  }

  /** The points of the picture, as spots. */
  shown() {
    if (!this.picture) return [];
    const { points, labels } = this.picture.arrays;
    const [left, right, bottom, top] = this.picture.extent;
    return Array.from(labels, (k, i) => ({
      k,
      u: (points[2 * i] - left) / (right - left),
      v: (points[2 * i + 1] - bottom) / (top - bottom),
    }));
  }

  /** Where each point of the picture is on the canvas. */
  places() {
    const { picture, box } = this;
    return picture && box ? placesOf(picture, box) : null;
  }

  repaint() {
    if (this.picture) this.draw(this.picture);
  }

  /** @param {Field} picture */
  draw(picture) {
    this.picture = picture;
    const { surroundings, store } = this.mount;
    const { test, steps } = store.seen;
    const colour = "train";
    this.mount.legend([
      { mark: "●", colour, words: "training" },
      ...(test ? [{ mark: "○", colour, words: "test" }] : []),
    ]);
    if (picture.choices.length && surroundings.answers) {
      this.cutter ??= new Cutter(this.mount, true);
      this.cutter.offer(picture);
    }
    const sheet = fit(this.canvas);
    const { ctx } = sheet;
    const box = planeIn(sheet);
    this.box = box;
    drawImage(ctx, imageOf(picture, steps), box, !steps);
    const { labels, points, is_test } = picture.arrays;
    this.painter?.confirm(labels.length);
    const r = radiusOf(box.width, labels.length);
    if (this.painter?.pending) drawSpots(ctx, this.painter.drawn, box, r);
    else {
      const from = [points, labels, is_test, picture.classes, ...picture.extent, test];
      this.points.draw(sheet, from, (still) => drawPoints(still, picture, box, r, test));
    }
    ringAt(ctx, placesOf(picture, box), this.mount);
    if (!surroundings.isSmall) drawEnds(sheet, box, picture.extent, picture.axes);
    const at = this.cursor.at ?? (this.pointer && placeIn(box, ...this.pointer));
    if (at && at[0] < 1 && at[1] < 1) chip(sheet, box, this.answerAt(at), { across: 1, up: 1 }, box.width * 0.7);
    this.cursor.draw(ctx);
    this.mount.say(picture.words);
  }

  /** Say what the network answers at a place. @param {[number, number]} place from 0 to 1 across and up */
  answerAt([u, v]) {
    const { picture } = this;
    if (!picture) return "";
    const [rows, columns] = picture.shapes.winner;
    const at = Math.floor(v * rows) * columns + Math.floor(u * columns);
    const [left, right, bottom, top] = picture.extent;
    const [across, up] = picture.axes;
    const place = [`${across} ${coordinate(left + u * (right - left))}`];
    if (up) place.push(`${up} ${coordinate(bottom + v * (top - bottom))}`);
    const named = nameOf(picture, picture.arrays.winner[at]);
    return `${place.join(", ")}: ${named}, ${percent(picture.arrays.confidence[at] / 255, 0)}`;
  }

  /** Say how many points are on the right side, and which classes are taken for one another. */
  describe() {
    const { picture } = this;
    if (!picture) return "";
    const { winner, points, labels, is_test: isTest } = picture.arrays;
    const [rows, columns] = picture.shapes.winner;
    const [left, right, bottom, top] = picture.extent;
    const which = isTest.includes(1) ? 1 : 0;
    /** @type {Map<string, number>} */
    const mixed = new Map();
    let [all, hits] = [0, 0];
    for (let i = 0; i < labels.length; i++) {
      if (isTest[i] !== which) continue;
      const inside = (/** @type {number} */ t, /** @type {number} */ n) =>
        Math.min(n - 1, Math.max(0, Math.floor(t * n)));
      const row = inside((points[2 * i + 1] - bottom) / (top - bottom), rows);
      const guess = winner[row * columns + inside((points[2 * i] - left) / (right - left), columns)];
      all++;
      if (guess === labels[i]) hits++;
      else {
        const pair = [guess, labels[i]].sort((a, b) => a - b).map((k) => nameOf(picture, k));
        mixed.set(pair.join(" and "), (mixed.get(pair.join(" and ")) ?? 0) + 1);
      }
    }
    const [worst] = [...mixed].sort((a, b) => b[1] - a[1]);
    const of = `${which ? "test" : "training"} points right`;
    const most = worst ? `; most errors between ${worst[0]}` : "";
    return `boundary: ${percent(hits / Math.max(1, all), 0)} of ${all} ${of}${most}`;
  }
}

/** @param {Field} picture @param {number} k */
const nameOf = (picture, k) => picture.names[k] ?? `class ${k}`;

/**
 * Find the plane's place: all there is where that is nearly a square, else a square in the middle.
 * @param {import("../../ui/canvas.js").Sheet} sheet @returns {Box}
 */
export function planeIn({ width, height }) {
  const size = Math.min(width, height);
  if (Math.max(width, height) < SKEWED * size) return { left: 0, top: 0, width, height };
  return { left: (width - size) / 2, top: (height - size) / 2, width: size, height: size };
}

/**
 * Where each point of a picture of the plane is on the canvas.
 * @param {{arrays: {points: Float32Array}, extent: Extent}} picture @param {Box} box
 * @returns {import("./tracked_example.js").Places}
 */
export function placesOf({ arrays: { points }, extent }, box) {
  const to = scales(box, extent);
  return { n: points.length / 2, at: (i) => [to.x(points[2 * i]), to.y(points[2 * i + 1])] };
}

/** The colour of each class (8) at each confidence (256), as the pixels of an image. @param {number} classes */
const tints = (classes) =>
  ofTheme(`tints ${classes}`, () => {
    const [paper, dark, least] = [themedRGB("paper"), isDark(), 255 / classes];
    const bytes = new Uint8ClampedArray(4 * 256 * CLASS_COLOURS.length);
    CLASS_COLOURS.forEach((colour, k) => {
      for (let c = 0; c < 256; c++) {
        const sure = Math.max(0, (c - least) / (255 - least));
        bytes.set([...tint(paper, colour, sure, dark), 255], 4 * (256 * k + c));
      }
    });
    return new Uint32Array(bytes.buffer);
  });

/**
 * Colour every place by its class, the surer the stronger, or where it is seen in steps, as if it were sure.
 * @param {Field} picture @param {boolean} steps
 */
function imageOf(picture, steps) {
  const [rows, columns] = picture.shapes.winner;
  const { winner, confidence } = picture.arrays;
  const image = new ImageData(columns, rows);
  const pixels = new Uint32Array(image.data.buffer);
  const colours = tints(picture.classes);
  for (let i = 0; i < rows; i++) {
    const from = (rows - 1 - i) * columns;
    for (let j = 0; j < columns; j++)
      pixels[i * columns + j] =
        colours[256 * (winner[from + j] % CLASS_COLOURS.length) + (steps ? 255 : confidence[from + j])];
  }
  return image;
}

/**
 * Draw what is being painted, before the run has it.
 * @param {CanvasRenderingContext2D} ctx @param {import("./painter.js").Spot[]} spots @param {Box} box @param {number} r
 */
function drawSpots(ctx, spots, { left, top, width, height }, r) {
  ctx.lineWidth = 0.8;
  ctx.strokeStyle = themed("paper");
  for (const { k, u, v } of spots) {
    marker(ctx, k, left + u * width, top + (1 - v) * height, r);
    ctx.fillStyle = markerColour(k);
    ctx.fill();
    ctx.stroke();
  }
}

/**
 * Draw training points filled, test points hollow.
 * @param {CanvasRenderingContext2D} ctx @param {Field} picture @param {Box} box @param {number} r
 * @param {boolean} [withTest]
 */
export function drawPoints(ctx, picture, box, r, withTest = true) {
  const { points, labels, is_test } = picture.arrays;
  const to = scales(box, picture.extent);
  const paper = themed("paper");
  for (const test of withTest ? [1, 0] : [0]) {
    ctx.lineWidth = test ? 1.4 : 0.8;
    for (let k = 0; k < picture.classes; k++) {
      const colour = markerColour(k);
      ctx.strokeStyle = test ? colour : paper;
      ctx.fillStyle = test ? paper : colour;
      for (let i = 0; i < labels.length; i++) {
        if (is_test[i] !== test || labels[i] !== k) continue;
        marker(ctx, k, to.x(points[2 * i]), to.y(points[2 * i + 1]), test ? r * 0.85 : r);
        ctx.fill();
        ctx.stroke();
      }
    }
  }
}
