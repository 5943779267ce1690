/** Optimizers on their way over a surface, on its contours. */

import { CLASS_COLOURS } from "../../state/constants.js";
import { number } from "../../state/numbers.js";
import { addCanvas, fit } from "../../ui/canvas.js";
import { css, isDark, markerOf, mix, ofTheme, palette, themed, themedRGB } from "../../ui/palette.js";
import { clipped, drawEnds, scales } from "../axes.js";
import { drawBytes } from "../bytes.js";
import { marker } from "./marker.js";

/**
 * The surface's height (rows, columns) as bytes of its logarithm, row 0 at the bottom; its minima (minima, 2); of every
 * optimizer its name, the value where it is (optimizers,), and its path (steps, 2).
 * @typedef {import("../view.js").PictureOf<
 *   {height: Uint8Array, minima: Float32Array, values: Float32Array, [path: `paths.${number}.points`]: Float32Array},
 *   {extent: import("../axes.js").Extent, names: string[]}
 * >} Surface
 */

const BANDS = 18;
const COLOURS = [4, 0, 1, 2, 3, 5, 6];

export class SurfaceView {
  /** @param {import("../view.js").Mount} mount */
  constructor(mount) {
    this.canvas = addCanvas(mount.body, "Paths of the optimizers over the surface's contours");
    this.mount = mount;
    /** @type {Surface | null} */
    this.picture = null;
    mount.legend([{ mark: "☆", colour: "ink", words: "lowest place" }]);
  }

  /** @param {Surface} picture */
  draw(picture) {
    this.picture = picture;
    const sheet = fit(this.canvas);
    const { ctx, width, height } = sheet;
    const [rows, columns] = picture.shapes.height;
    const box = { left: 0, top: 0, width, height };
    drawBytes(ctx, picture.arrays.height, rows, columns, bands(), box, { upsideDown: true, smooth: true });
    const place = scales(box, picture.extent);
    const { minima } = picture.arrays;
    const r = Math.max(3, Math.min(width, height) / 110);
    clipped(ctx, box, () => {
      for (let i = 0; i < minima.length; i += 2) star(ctx, place.x(minima[i]), place.y(minima[i + 1]), 2 * r);
      for (let k = picture.names.length - 1; k >= 0; k--) path(ctx, picture.arrays[`paths.${k}.points`], place, k, r);
    });
    if (this.mount.surroundings.isSmall) return;
    drawEnds(sheet, box, picture.extent, ["x", "y"]);
    this.mount.say("the greyer, the lower; the thick path is this run");
  }

  /** Say how low each optimizer is. */
  describe() {
    if (!this.picture) return "";
    const { names, arrays } = this.picture;
    return `height of the surface: ${names.map((name, k) => `${name} ${number(arrays.values[k])}`).join(", ")}`;
  }
}

/** The colour of an optimizer's path, the run's own first. @param {number} k */
export const pathColour = (k) =>
  ofTheme(`path ${k}`, () => css(markerOf(themedRGB("ink"), CLASS_COLOURS[COLOURS[k % COLOURS.length]], isDark())));

/** Shades from low to high in steps, so that their borders are contours. */
const bands = () =>
  ofTheme("bands", () => {
    const high = themedRGB("paper");
    const low = mix(high, themedRGB("muted"), isDark() ? 0.5 : 0.6);
    return palette((i) => mix(low, high, Math.floor((i * BANDS) / 256) / (BANDS - 1)));
  });

/**
 * Mark a lowest place.
 * @param {CanvasRenderingContext2D} ctx @param {number} x @param {number} y @param {number} r
 */
function star(ctx, x, y, r) {
  ctx.beginPath();
  for (let i = 0; i < 10; i++) {
    const [angle, reach] = [(Math.PI * i) / 5 - Math.PI / 2, i % 2 ? r * 0.45 : r];
    ctx.lineTo(x + reach * Math.cos(angle), y + reach * Math.sin(angle));
  }
  ctx.closePath();
  ctx.fillStyle = themed("paper");
  ctx.strokeStyle = themed("ink");
  ctx.lineWidth = 1.6;
  ctx.fill();
  ctx.stroke();
}

/**
 * @param {CanvasRenderingContext2D} ctx @param {Float32Array} points @param {import("../axes.js").Scales} place
 * @param {number} k @param {number} r
 */
function path(ctx, points, place, k, r) {
  ctx.lineJoin = "round";
  for (const [colour, width] of /** @type {[string, number][]} */ ([
    [themed("paper"), k ? 3.4 : 6],
    [pathColour(k), k ? 1.8 : 3.4],
  ])) {
    ctx.strokeStyle = colour;
    ctx.lineWidth = width;
    ctx.beginPath();
    for (let i = 0; i < points.length; i += 2) ctx.lineTo(place.x(points[i]), place.y(points[i + 1]));
    ctx.stroke();
  }
  ctx.fillStyle = pathColour(k);
  marker(ctx, k, place.x(points[points.length - 2]), place.y(points[points.length - 1]), k ? r : r * 1.5);
  ctx.fill();
  ctx.strokeStyle = themed("paper");
  ctx.lineWidth = 1.2;
  ctx.stroke();
}
