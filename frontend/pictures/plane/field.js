/** The decision boundary: the winning class at every place, as strong as the network is sure, and the points. */

import { CLASS_COLOURS } from "../../state/constants.js";
import { coordinate, percent } from "../../state/numbers.js";
import { addCanvas, fit } from "../../ui/canvas.js";
import { mix, themed, themedRGB } from "../../ui/palette.js";
import { drawAxes, placeIn, scales } from "../axes.js";
import { drawImage } from "../bytes.js";
import { Cutter } from "./cutter.js";
import { marker, markerColour } from "./marker.js";
import { Painter } from "./painter.js";
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

const MARGIN = { left: 30, right: 6, top: 6, bottom: 20 };

export class FieldView {
  /** @type {import("../view.js").Shape} */
  static shape = "square";

  /** @param {import("../view.js").Mount} mount */
  constructor(mount) {
    this.canvas = addCanvas(mount.body, "Decision boundary with training and test points");
    this.mount = mount;
    /** @type {Field | null} */
    this.picture = null;
    /** @type {Box | null} where the plane is drawn */
    this.box = null;
    /** @type {Cutter | null} */
    this.cutter = null;
    /** @type {PointerEvent | null} */
    this.pointer = null;
    const point = (/** @type {PointerEvent | null} */ event) => {
      this.pointer = event;
      this.say();
    };
    this.canvas.addEventListener("pointermove", point);
    this.canvas.addEventListener("pointerleave", () => point(null));
    chooseByClick(this.canvas, mount, () => this.places());
    const view = {
      place: (/** @type {number} */ x, /** @type {number} */ y) => placeIn(this.box, x, y),
      box: () => this.box ?? { width: 1, height: 1 },
      shown: () => this.shown(),
      repaint: () => {
        if (this.picture) this.draw(this.picture);
      },
    };
    this.painter = mount.surroundings.isPaintable ? new Painter(this.canvas, mount, view, false) : null;
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

  /** @param {Field} picture */
  draw(picture) {
    this.picture = picture;
    if (picture.choices.length && this.mount.surroundings.answers) {
      this.cutter ??= new Cutter(this.mount, true);
      this.cutter.offer(picture);
    }
    const { ctx, width, height } = fit(this.canvas);
    const size = Math.min(width - MARGIN.left - MARGIN.right, height - MARGIN.top - MARGIN.bottom);
    const left = MARGIN.left + (width - MARGIN.left - MARGIN.right - size) / 2;
    const top = MARGIN.top + Math.max(0, (height - MARGIN.top - MARGIN.bottom - size) / 2);
    const box = { left, top, width: size, height: size };
    this.box = box;
    drawImage(ctx, imageOf(picture), box, true);
    drawAxes(ctx, box, picture.extent, picture.axes);
    this.painter?.confirm(picture.arrays.labels.length);
    const r = Math.max(2.4, size / 130);
    if (this.painter?.pending) drawSpots(ctx, this.painter.drawn, box, r);
    else drawPoints(ctx, picture, box, r);
    ringAt(ctx, placesOf(picture, box), this.mount);
    this.say();
  }

  /** Say what the network answers at the pointer, or what is drawn. */
  say() {
    const { picture, box, pointer, mount } = this;
    if (!picture || !box) return;
    const [rows, columns] = picture.shapes.winner;
    const [u, v] = (pointer && placeIn(box, pointer.offsetX, pointer.offsetY)) ?? [1, 1];
    if (u === 1 || v === 1) {
      const paint = this.painter ? "paint on the picture · " : "";
      mount.say(picture.words || `${paint}${columns} × ${rows} answers, interpolated · ● training ○ test`);
      return;
    }
    const at = Math.floor(v * rows) * columns + Math.floor(u * columns);
    const [left, right, bottom, top] = picture.extent;
    const [across, up] = picture.axes;
    const k = picture.arrays.winner[at];
    const place = [`${across} ${coordinate(left + u * (right - left))}`];
    if (up) place.push(`${up} ${coordinate(bottom + v * (top - bottom))}`);
    mount.say(
      `${place.join(", ")}: ${picture.names[k] ?? `class ${k}`}, ${percent(picture.arrays.confidence[at] / 255, 0)}`,
    );
  }
}

/** @param {Field} picture @param {Box} box @returns {import("./tracked_example.js").Places} */
function placesOf({ arrays: { points }, extent }, box) {
  const to = scales(box, extent);
  return { n: points.length / 2, at: (i) => [to.x(points[2 * i]), to.y(points[2 * i + 1])] };
}

/** Colour every place by its class, the surer the stronger. @param {Field} picture */
function imageOf(picture) {
  const [rows, columns] = picture.shapes.winner;
  const { winner, confidence } = picture.arrays;
  const image = new ImageData(columns, rows);
  const paper = themedRGB("paper");
  const least = 255 / picture.classes;
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      const from = (rows - 1 - i) * columns + j;
      const sure = Math.max(0, (confidence[from] - least) / (255 - least));
      const [r, g, b] = mix(paper, CLASS_COLOURS[winner[from] % CLASS_COLOURS.length], 0.08 + 0.5 * sure);
      image.data.set([r, g, b, 255], 4 * (i * columns + j));
    }
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
 */
function drawPoints(ctx, picture, box, r) {
  const { points, labels, is_test } = picture.arrays;
  const to = scales(box, picture.extent);
  const edge = themed("paper");
  for (const test of [1, 0]) {
    for (let i = 0; i < labels.length; i++) {
      if (is_test[i] !== test) continue;
      marker(ctx, labels[i], to.x(points[2 * i]), to.y(points[2 * i + 1]), test ? r * 0.85 : r);
      const colour = markerColour(labels[i]);
      ctx.lineWidth = test ? 1.3 : 0.8;
      ctx.strokeStyle = test ? colour : edge;
      ctx.fillStyle = test ? edge : colour;
      ctx.fill();
      ctx.stroke();
    }
  }
}
