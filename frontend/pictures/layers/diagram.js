/** The network from left to right: every neuron with its own map, every weight as a line, wide where it is large. */

import { addCanvas, fit } from "../../ui/canvas.js";
import { signedPalette, themed, weightColour } from "../../ui/palette.js";
import { drawBytes, part, square } from "../bytes.js";

/**
 * Of each layer the first neurons' maps (shown, rows, columns) as bytes around 128, their scales (shown,), and the
 * weights (shown before, shown) that lead to them, empty where they are not all on screen. It shows each neuron's
 * answers to all inputs ("neurons"), or one example's way through the layers ("example").
 * @typedef {import("../view.js").PictureOf<
 *   {[maps: `columns.${number}.maps`]: Uint8Array, [weights: `columns.${number}.weights`]: Float32Array},
 *   {columns: Layer[], shows: "neurons" | "example", words: string}
 * >} Diagram
 */
/** @typedef {{title: string, detail: string, units: number}} Layer */
/** @typedef {{left: number, size: number, tops: number[]}} Column where a layer's neurons are drawn, each a square */

const LABEL = 34;
const MOST_LINES = 900;

export class DiagramView {
  /** @type {import("../view.js").Shape} */
  static shape = "wide";

  /** @param {import("../view.js").Mount} mount */
  constructor(mount) {
    this.canvas = addCanvas(
      mount.body,
      "The network's layers with each neuron's answer over all inputs, and its weights",
    );
    this.mount = mount;
  }

  /** @param {Diagram} picture */
  draw(picture) {
    const { ctx, width, height } = fit(this.canvas);
    const columns = place(picture, width, height);
    for (let k = 1; k < columns.length; k++)
      lines(ctx, picture.arrays[`columns.${k}.weights`], columns[k - 1], columns[k]);
    const narrow = width / columns.length < (picture.shows === "example" ? 84 : 54);
    const palette = signedPalette();
    columns.forEach((column, k) => {
      neurons(ctx, picture, k, column, palette);
      const isSequence = picture.shapes[`columns.${k}.maps`][1] > 1 && column.tops.length === 1;
      const hidden = isSequence ? 0 : picture.columns[k].units - column.tops.length;
      label(ctx, picture.columns[k], hidden, column, { width, height }, narrow);
    });
    this.mount.say(`${picture.words || explanation(picture)} · orange − blue +`);
  }
}

/** What its squares are. @param {Diagram} picture */
function explanation(picture) {
  if (picture.shows === "example") return "one example on its way, layer by layer · time runs from left to right";
  return picture.shapes["columns.0.maps"][1] > 1
    ? "each square: one neuron's answer over the whole plane, on its own scale"
    : "each square: one neuron's answer from x = 0 to 10, on its own scale";
}

/**
 * Draw a layer's neurons.
 * @param {CanvasRenderingContext2D} ctx @param {Diagram} picture @param {number} k @param {Column} column
 * @param {Uint8ClampedArray} palette
 */
function neurons(ctx, picture, k, { left, size, tops }, palette) {
  const [, rows, columns] = picture.shapes[`columns.${k}.maps`];
  tops.forEach((top, i) => {
    const map = part(picture.arrays[`columns.${k}.maps`], i, rows * columns);
    ctx.fillStyle = themed("paper");
    ctx.fillRect(left, top, size, size);
    if (rows > 1 || columns === 1)
      drawBytes(ctx, map, rows, columns, palette, square(left, top, size), { upsideDown: picture.shows === "neurons" });
    else spark(ctx, map, left, top, size);
    ctx.strokeStyle = themed("line");
    ctx.lineWidth = 1;
    ctx.strokeRect(left + 0.5, top + 0.5, size - 1, size - 1);
  });
}

/**
 * Find a place for every neuron.
 * @param {Diagram} picture @param {number} width @param {number} height @returns {Column[]}
 */
function place(picture, width, height) {
  const n = picture.columns.length;
  const counts = picture.columns.map((_, k) => picture.shapes[`columns.${k}.maps`][0]);
  const most = Math.max(...counts);
  const widest = picture.shows === "example" ? 80 : 44;
  const sizeOf = (/** @type {number} */ count) =>
    Math.floor(Math.max(4, Math.min(widest, (height - LABEL) / count - Math.min(4, 40 / count), (width / n) * 0.62)));
  return counts.map((count, k) => {
    const size = sizeOf(picture.shows === "example" ? count : most);
    const left = n === 1 ? (width - size) / 2 : 2 + Math.round((k * (width - size - 4)) / (n - 1));
    const pitch = Math.min((height - LABEL) / count, size + Math.max(4, size * 0.45));
    const first = (height - LABEL - pitch * count) / 2 + (pitch - size) / 2;
    return { left, size, tops: Array.from({ length: count }, (_, i) => Math.round(first + i * pitch)) };
  });
}

/** @param {CanvasRenderingContext2D} ctx @param {Float32Array} weights @param {Column} from @param {Column} to */
function lines(ctx, weights, from, to) {
  const n = to.tops.length;
  if (!weights?.length || weights.length > MOST_LINES || weights.length !== n * from.tops.length) return;
  let most = 1e-9;
  for (const w of weights) if (Number.isFinite(w)) most = Math.max(most, Math.abs(w));
  weights.forEach((w, i) => {
    const strength = Math.abs(w) / most;
    if (!(strength > 0.03)) return;
    const y0 = from.tops[Math.floor(i / n)] + from.size / 2;
    const y1 = to.tops[i % n] + to.size / 2;
    const [x0, x1] = [from.left + from.size, to.left];
    ctx.beginPath();
    ctx.moveTo(x0, y0);
    ctx.bezierCurveTo((x0 + x1) / 2, y0, (x0 + x1) / 2, y1, x1, y1);
    ctx.lineWidth = 0.4 + 3 * strength;
    ctx.strokeStyle = weightColour(w, 0.15 + 0.65 * strength);
    ctx.stroke();
  });
}

/**
 * Draw a map of one row as a curve.
 * @param {CanvasRenderingContext2D} ctx @param {Uint8Array} map @param {number} left @param {number} top
 * @param {number} size
 */
function spark(ctx, map, left, top, size) {
  ctx.strokeStyle = themed("line");
  ctx.lineWidth = 1;
  ctx.beginPath();
  ctx.moveTo(left, top + size / 2);
  ctx.lineTo(left + size, top + size / 2);
  ctx.stroke();
  ctx.lineWidth = 1.6;
  for (let i = 1; i < map.length; i++) {
    ctx.strokeStyle = weightColour(map[i] - 128, 1);
    ctx.beginPath();
    ctx.moveTo(left + ((i - 1) / (map.length - 1)) * size, top + (1 - map[i - 1] / 255) * (size - 4) + 2);
    ctx.lineTo(left + (i / (map.length - 1)) * size, top + (1 - map[i] / 255) * (size - 4) + 2);
    ctx.stroke();
  }
}

/**
 * Write a layer's name in up to two lines under its column; where columns stand close, only how many units it has.
 * @param {CanvasRenderingContext2D} ctx @param {Layer} layer @param {number} hidden how many neurons are not shown
 * @param {Column} column @param {{width: number, height: number}} canvas @param {boolean} narrow
 */
function label(ctx, layer, hidden, column, { width, height }, narrow) {
  const { title, detail } = layer;
  const first = narrow && title !== "input" ? shortened(title) : title;
  const second = narrow ? (hidden > 0 ? `+${hidden}` : "") : hidden > 0 ? `${detail} +${hidden} more`.trim() : detail;
  ctx.fillStyle = themed("muted");
  ctx.font = "11px system-ui, sans-serif";
  ctx.textBaseline = "top";
  const middle = column.left + column.size / 2;
  ctx.textAlign = middle < 40 ? "left" : middle > width - 40 ? "right" : "center";
  const x = middle < 40 ? 2 : middle > width - 40 ? width - 2 : middle;
  ctx.fillText(first, x, height - LABEL + 6);
  ctx.fillText(second, x, height - LABEL + 20);
}

/** "TransformerBlock 32" as "T 32": capitals are enough where columns stand close. @param {string} name */
const shortened = (name) => name.replace(/[a-z]+(?=.* )/g, "");
