/** One digit on its way through the layers: the image, the maps that each layer makes of it, and the verdict. */

import { percent } from "../../state/numbers.js";
import { addCanvas, fit, shorter } from "../../ui/canvas.js";
import { greyPalette, signedPalette, themed } from "../../ui/palette.js";
import { drawBytes, drawPixels, part, square } from "../bytes.js";
import { caption } from "../examples.js";
import { letPoint, ringPart } from "../pointing.js";
import { tiles } from "../tiles.js";
import { DigitPad } from "./digit_pad.js";

/**
 * An image (side, side), in colour (side, side, 3), the maps (number, height, width) of each layer, and the
 * probabilities (classes,); label −1 for one that somebody drew.
 * @typedef {import("../view.js").PictureOf<
 *   {image: Uint8Array, probabilities: Float32Array, [maps: `columns.${number}.maps`]: Uint8Array},
 *   {columns: {title: string}[], label: number, example: number, names: string[], words?: string}
 * >} FeatureMaps
 */

/** @typedef {import("../../ui/canvas.js").Sheet} Sheet */
/** @typedef {import("../axes.js").Box} Box */

const GAP = 8;

export class MapsView {
  /** @param {import("../view.js").Mount} mount */
  constructor(mount) {
    this.canvas = addCanvas(mount.body, "Feature maps of the chosen digit");
    this.mount = mount;
    /** @type {FeatureMaps | null} */
    this.picture = null;
    /** @type {import("../pointing.js").Part[]} */
    this.parts = [];
    letPoint(
      this.canvas,
      mount,
      () => this.parts,
      ({ column, unit }) => `${this.picture?.columns[column].title}, map ${unit + 1}`,
    );
    const show = (/** @type {import("../view.js").Picture | null} */ picture, /** @type {string} */ words) =>
      picture ? this.draw(/** @type {FeatureMaps} */ (/** @type {unknown} */ (picture))) : this.blank(words);
    /** @type {FeatureMaps | null} the newest of a test image */
    this.test = null;
    const left = () => this.test && this.draw(this.test);
    this.pad = mount.surroundings.answers ? new DigitPad(mount, show, left) : null;
  }

  dispose() {
    this.pad?.dispose();
  }

  /** @param {FeatureMaps} picture */
  draw(picture) {
    if (picture.label >= 0) this.test = picture;
    if (this.pad?.isOpen && picture.label >= 0) {
      this.settle(); // what comes from the stream waits while somebody draws
      return;
    }
    this.picture = picture;
    const sheet = fit(this.canvas);
    const { ctx, width, height, type } = sheet;
    const pitch = Math.ceil(type.size * 1.12);
    const left = Math.round(Math.min(Math.max(80, width * 0.16), width * 0.28));
    const classes = picture.arrays.probabilities.length;
    const image = Math.max(28, Math.min(left, height - GAP - Math.min(classes, 10) * pitch));
    const box = square((left - image) / 2, 0, image);
    drawPixels(ctx, picture.arrays.image, picture.shapes.image, greyPalette(), box, { smooth: true });
    const named = (/** @type {number} */ k) => picture.names[k] ?? String(k);
    bars(sheet, picture, named, { left: 0, top: image + GAP, width: left, height: height - image - GAP });
    const area = { left: left + 2 * GAP, top: 0, width: width - left - 2 * GAP, height };
    this.parts = layers(sheet, picture, area);
    ringPart(sheet, this.mount, this.parts, themed("accent"));
    this.mount.entitle(titleOf(picture, named(picture.label)));
    this.mount.say(picture.label < 0 ? verdict(picture, named) : this.told(picture, named));
  }

  /** Show no answer, because there is nothing to answer to. @param {string} words what is to be done */
  blank(words) {
    this.picture = null;
    fit(this.canvas);
    this.mount.entitle("How it reads your drawing");
    this.mount.say(words);
  }

  /** Draw what was drawn by hand once more, where it has another size now. */
  settle() {
    this.pad?.redraw();
    const { canvas, picture } = this;
    const isOther = Math.abs(canvas.width - canvas.clientWidth * (window.devicePixelRatio || 1)) > 1;
    if (picture && picture.label < 0 && isOther) this.draw(picture);
  }

  /** Say what it takes the image for. */
  describe() {
    if (!this.picture) return "";
    const { arrays, names, columns } = this.picture;
    const likely = [...arrays.probabilities].map((p, k) => ({ p, k })).sort((a, b) => b.p - a.p);
    const said = likely.slice(0, 3).map(({ p, k }) => `${names[k] ?? k} ${percent(p, 0)}`);
    return `${said.join(", ")}; through ${columns.map(({ title }) => title).join(", ")}`;
  }

  /** What a test image is, and what can be done. @param {FeatureMaps} picture @param {(k: number) => string} named */
  told(picture, named) {
    const what = isDigit(picture)
      ? `test digit ${picture.example}, a ${picture.label}`
      : `test image ${picture.example}, ${named(picture.label)}`;
    return picture.columns.length ? what : caption(what, "no layer between image and answer");
  }
}

/** What the network takes a drawing for. @param {FeatureMaps} picture @param {(k: number) => string} named */
function verdict(picture, named) {
  const { probabilities: p } = picture.arrays;
  const best = p.indexOf(Math.max(...p));
  const what = isDigit(picture) ? "digit: a" : "drawing:";
  return caption(
    `your ${what} ${named(best)}, ${percent(p[best], 0)}`,
    picture.words || "centred and scaled as MNIST was",
  );
}

/** Tell whether a picture is about the digits 0 to 9. @param {FeatureMaps} picture */
const isDigit = ({ names }) => names.join("") === "0123456789";

/**
 * Draw what every layer makes of the image, side by side where there are many.
 * @param {Sheet} sheet @param {FeatureMaps} picture @param {Box} area
 */
function layers(sheet, picture, area) {
  const n = picture.columns.length;
  if (!n) return [];
  const least = 3 * sheet.type.size; // of a name and its maps
  const across = Math.max(1, Math.min(Math.floor(area.width / 150), Math.ceil((n * least) / area.height)));
  const down = Math.ceil(n / across);
  const palette = signedPalette();
  const parts = [];
  for (let k = 0; k < n; k++) {
    const [column, row] = [Math.floor(k / down), k % down];
    const [width, height] = [area.width / across, area.height / down];
    const box = { left: area.left + column * width, top: row * height, width: width - (across > 1 ? GAP : 0), height };
    parts.push(...maps(sheet, picture, k, box, palette));
  }
  return parts;
}

/**
 * Draw a layer's maps under its name.
 * @param {Sheet} sheet @param {FeatureMaps} picture @param {number} k @param {Box} box
 * @param {Uint8ClampedArray} palette
 */
function maps({ ctx, type }, picture, k, box, palette) {
  const [count, rows, columns] = picture.shapes[`columns.${k}.maps`];
  const line = Math.ceil(type.size * 1.35);
  ctx.fillStyle = themed("muted");
  ctx.font = type.font();
  ctx.textAlign = "left";
  ctx.textBaseline = "top";
  ctx.fillText(fitting(ctx, picture.columns[k].title, box.width), box.left, box.top + 1);
  const { columns: across, size } = tiles(count, box.width, box.height - line - 2, 3);
  /** @type {import("../pointing.js").Part[]} */
  const parts = [];
  for (let i = 0; i < count; i++) {
    const map = part(picture.arrays[`columns.${k}.maps`], i, rows * columns);
    const [x, y] = [box.left + (i % across) * (size + 3), box.top + line + Math.floor(i / across) * (size + 3)];
    drawBytes(ctx, map, rows, columns, palette, square(x, y, size));
    parts.push({ ...square(x, y, size), column: k, unit: i });
  }
  return parts;
}

/**
 * A layer's name, without its shape where there is no room for it.
 * @param {CanvasRenderingContext2D} ctx @param {string} title @param {number} width
 */
const fitting = (ctx, title, width) => (ctx.measureText(title).width <= width ? title : title.split(" ")[0]);

/**
 * Draw each class's probability; where there is no room for all, the likeliest ones'.
 * @param {Sheet} sheet @param {FeatureMaps} picture @param {(k: number) => string} named @param {Box} box
 */
function bars({ ctx, type }, { arrays: { probabilities } }, named, { left, top, width, height }) {
  const least = Math.ceil(type.size * 1.12);
  const shown = [...probabilities.keys()]
    .sort((a, b) => probabilities[b] - probabilities[a])
    .slice(0, Math.max(1, Math.floor(height / least)))
    .sort((a, b) => a - b);
  const pitch = Math.min(height / shown.length, 2 * type.size);
  ctx.font = type.font();
  ctx.textBaseline = "middle";
  ctx.textAlign = "left";
  const widest = Math.max(...shown.map((k) => ctx.measureText(named(k)).width));
  const indent = Math.min(width * 0.6, widest + 6);
  shown.forEach((k, i) => {
    const y = top + (i + 0.5) * pitch;
    const p = probabilities[k];
    ctx.fillStyle = themed("muted");
    ctx.fillText(shorter(ctx, named(k), indent - 4), left, y);
    ctx.fillStyle = themed("line");
    ctx.fillRect(left + indent, y - pitch * 0.28, width - indent, pitch * 0.56);
    ctx.fillStyle = themed("train");
    ctx.fillRect(left + indent, y - pitch * 0.28, (width - indent) * (Number.isFinite(p) ? p : 0), pitch * 0.56);
  });
}

/** Call a digit by its name, and any other class an image. @param {any} picture @param {string} name */
const titleOf = ({ label }, name) =>
  label < 0 ? "How it reads your drawing" : `How it reads this ${/^\d$/.test(name) ? name : "image"}`;
