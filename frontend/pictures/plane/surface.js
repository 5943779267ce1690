/** Optimizers on their way over a surface, on its contours. */

import { CLASS_COLOURS } from "../../state/constants.js";
import { precise } from "../../state/numbers.js";
import { addCanvas, fit } from "../../ui/canvas.js";
import { css, mix, palette, themed, themedRGB } from "../../ui/palette.js";
import { clipped, drawAxes, scales } from "../axes.js";
import { drawBytes } from "../bytes.js";

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
  /** @type {import("../view.js").Shape} */
  static shape = "square";

  /** @param {import("../view.js").Mount} mount */
  constructor(mount) {
    this.canvas = addCanvas(mount.body, "Paths of the optimizers over the surface's contours");
    this.mount = mount;
  }

  /** @param {Surface} picture */
  draw(picture) {
    const { ctx, width, height } = fit(this.canvas);
    const [rows, columns] = picture.shapes.height;
    const box = { left: 34, top: 4, width: width - 42, height: height - 24 };
    drawBytes(ctx, picture.arrays.height, rows, columns, bands(), box, { upsideDown: true, smooth: true });
    drawAxes(ctx, box, picture.extent, ["x", "y"]);
    const place = scales(box, picture.extent);
    const { minima } = picture.arrays;
    clipped(ctx, box, () => {
      for (let i = 0; i < minima.length; i += 2) star(ctx, place.x(minima[i]), place.y(minima[i + 1]));
      for (let k = picture.names.length - 1; k >= 0; k--) path(ctx, picture.arrays[`paths.${k}.points`], place, k);
    });
    legend(ctx, picture, box);
    this.mount.say("the greyer, the lower, in equal steps of the height's logarithm · ☆ a minimum · thick: this run");
  }
}

/** Shades from low to high in steps, so that their borders are contours. */
function bands() {
  const high = themedRGB("paper");
  const low = mix(high, themedRGB("muted"), 0.75);
  return palette((i) => mix(low, high, Math.floor((i * BANDS) / 256) / (BANDS - 1)));
}

/** @param {CanvasRenderingContext2D} ctx @param {number} x @param {number} y */
function star(ctx, x, y) {
  ctx.fillStyle = themed("ink");
  ctx.font = "18px system-ui, sans-serif";
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  ctx.fillText("☆", x, y);
}

/**
 * @param {CanvasRenderingContext2D} ctx @param {Float32Array} points @param {import("../axes.js").Scales} place
 * @param {number} k
 */
function path(ctx, points, place, k) {
  ctx.strokeStyle = css(CLASS_COLOURS[COLOURS[k]]);
  ctx.fillStyle = ctx.strokeStyle;
  ctx.lineWidth = k ? 1.6 : 3.2;
  ctx.lineJoin = "round";
  ctx.beginPath();
  for (let i = 0; i < points.length; i += 2) ctx.lineTo(place.x(points[i]), place.y(points[i + 1]));
  ctx.stroke();
  ctx.beginPath();
  ctx.arc(place.x(points[points.length - 2]), place.y(points[points.length - 1]), k ? 4 : 6, 0, 7);
  ctx.fill();
  ctx.strokeStyle = themed("paper");
  ctx.lineWidth = 1.2;
  ctx.stroke();
}

/**
 * Name the optimizers with their values.
 * @param {CanvasRenderingContext2D} ctx @param {Surface} picture @param {import("../axes.js").Box} box
 */
function legend(ctx, picture, box) {
  const left = box.left + box.width - 198;
  ctx.globalAlpha = 0.85;
  ctx.fillStyle = themed("paper");
  ctx.fillRect(left, box.top + 8, 190, 8 + 17 * picture.names.length);
  ctx.globalAlpha = 1;
  ctx.textBaseline = "middle";
  picture.names.forEach((name, k) => {
    const y = box.top + 20 + 17 * k;
    ctx.fillStyle = css(CLASS_COLOURS[COLOURS[k]]);
    ctx.fillRect(left + 8, y - 2, 16, k ? 2 : 4);
    ctx.fillStyle = themed("ink");
    ctx.font = `${k ? "" : "bold "}11.5px system-ui, sans-serif`;
    ctx.textAlign = "left";
    ctx.fillText(name, left + 30, y);
    ctx.textAlign = "right";
    ctx.fillText(precise(picture.arrays.values[k], 3), left + 184, y);
  });
}
