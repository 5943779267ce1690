/** One digit on its way through the layers: the image, the maps that each layer makes of it, and the verdict. */

import { CLASS_COLOURS } from "../../state/constants.js";
import { percent } from "../../state/numbers.js";
import { addCanvas, fit, shorter } from "../../ui/canvas.js";
import { css, greyPalette, signedPalette, themed } from "../../ui/palette.js";
import { drawBytes, part, square } from "../bytes.js";
import { caption } from "../examples.js";
import { tiles } from "../tiles.js";
import { DigitPad } from "./digit_pad.js";

/**
 * An image (28, 28), the maps (number, height, width) of each layer, and the probabilities (classes,); label −1 for one
 * that somebody drew.
 * @typedef {import("../view.js").PictureOf<
 *   {image: Uint8Array, probabilities: Float32Array, [maps: `columns.${number}.maps`]: Uint8Array},
 *   {columns: {title: string}[], label: number, example: number, names: string[]}
 * >} FeatureMaps
 */

export class MapsView {
  /** @type {import("../view.js").Shape} */
  static shape = "wide";

  /** @param {import("../view.js").Mount} mount */
  constructor(mount) {
    this.canvas = addCanvas(mount.body, "Feature maps of the chosen digit");
    this.mount = mount;
    const show = (/** @type {import("../view.js").Picture} */ picture) =>
      this.draw(/** @type {FeatureMaps} */ (/** @type {unknown} */ (picture)));
    this.pad = mount.surroundings.answers ? new DigitPad(mount, show) : null;
  }

  dispose() {
    this.pad?.close();
  }

  /** @param {FeatureMaps} picture */
  draw(picture) {
    if (this.pad?.isOpen && picture.label >= 0) return; // what comes from the stream waits while somebody draws
    const { ctx, width, height } = fit(this.canvas);
    const left = Math.min(90, width * 0.22);
    drawBytes(ctx, picture.arrays.image, 28, 28, greyPalette(), square(0, 4, left));
    const named = (/** @type {number} */ k) => picture.names[k] ?? String(k);
    bars(ctx, picture.arrays.probabilities, named, {
      left: 0,
      top: left + 14,
      width: left,
      height: height - left - 18,
    });
    const n = picture.columns.length;
    const palette = signedPalette();
    for (let k = 0; k < n; k++) {
      const box = { left: left + 14, top: (k * height) / n, width: width - left - 14, height: height / n };
      maps(ctx, picture, k, box, palette);
    }
    this.mount.say(picture.label < 0 ? verdict(picture, named) : this.told(picture, named));
  }

  /** What a test image is, and what can be done. @param {FeatureMaps} picture @param {(k: number) => string} named */
  told(picture, named) {
    const what = isDigit(picture)
      ? `test digit ${picture.example}, a ${picture.label}`
      : `test image ${picture.example}, ${named(picture.label)}`;
    if (!picture.columns.length) return caption(what, "this network has no layer between image and answer");
    const click = `click ${isDigit(picture) ? "a digit" : "an image"} to choose another`;
    return caption(what, this.mount.surroundings.answers && click, "each map on its own scale");
  }
}

/** What the network takes a drawing for. @param {FeatureMaps} picture @param {(k: number) => string} named */
function verdict(picture, named) {
  const { probabilities: p } = picture.arrays;
  const best = p.indexOf(Math.max(...p));
  const what = isDigit(picture) ? "digit: a" : "drawing:";
  return `your ${what} ${named(best)}, ${percent(p[best], 0)} · centred and scaled as MNIST was`;
}

/** Tell whether a picture is about the digits 0 to 9. @param {FeatureMaps} picture */
const isDigit = ({ names }) => names.join("") === "0123456789";

/**
 * Draw a layer's maps under its name.
 * @param {CanvasRenderingContext2D} ctx @param {FeatureMaps} picture @param {number} k
 * @param {import("../axes.js").Box} box @param {Uint8ClampedArray} palette
 */
function maps(ctx, picture, k, box, palette) {
  const [count, rows, columns] = picture.shapes[`columns.${k}.maps`];
  ctx.fillStyle = themed("muted");
  ctx.font = "11px system-ui, sans-serif";
  ctx.textAlign = "left";
  ctx.textBaseline = "top";
  ctx.fillText(picture.columns[k].title, box.left, box.top + 2);
  const { columns: across, size } = tiles(count, box.width, box.height - 18, 3);
  for (let i = 0; i < count; i++) {
    const map = part(picture.arrays[`columns.${k}.maps`], i, rows * columns);
    const [x, y] = [box.left + (i % across) * (size + 3), box.top + 17 + Math.floor(i / across) * (size + 3)];
    drawBytes(ctx, map, rows, columns, palette, square(x, y, size));
  }
}

/**
 * Draw each class's probability.
 * @param {CanvasRenderingContext2D} ctx @param {Float32Array} probabilities @param {(k: number) => string} named
 * @param {import("../axes.js").Box} box
 */
function bars(ctx, probabilities, named, { left, top, width, height }) {
  const pitch = Math.min(height / probabilities.length, 26);
  ctx.font = `${Math.min(11, Math.max(8, pitch - 2))}px system-ui, sans-serif`;
  ctx.textBaseline = "middle";
  ctx.textAlign = "left";
  let indent = 12;
  for (let k = 0; k < probabilities.length; k++)
    indent = Math.min(width * 0.55, Math.max(indent, ctx.measureText(named(k)).width + 5));
  probabilities.forEach((p, k) => {
    const y = top + (k + 0.5) * pitch;
    ctx.fillStyle = themed("muted");
    ctx.fillText(shorter(ctx, named(k), indent - 4), left, y);
    ctx.fillStyle = themed("line");
    ctx.fillRect(left + indent, y - pitch * 0.3, width - indent, pitch * 0.6);
    ctx.fillStyle = css(CLASS_COLOURS[0]);
    ctx.fillRect(left + indent, y - pitch * 0.3, (width - indent) * (Number.isFinite(p) ? p : 0), pitch * 0.6);
  });
}
