/** What is pointed at, large over the main picture: a neuron over the plane, along the curve, or as an image. */

import { drawAxes, indentOf, plotIn, scales, zeroLine } from "../pictures/axes.js";
import { drawBytes } from "../pictures/bytes.js";
import { colourBar } from "../pictures/colour_bar.js";
import { drawPoints, planeIn } from "../pictures/plane/field.js";
import { radiusOf } from "../pictures/plane/marker.js";
import { sharePalette } from "../pictures/sequences/attention.js";
import { addCanvas, fit } from "../ui/canvas.js";
import { make } from "../ui/element.js";
import { signedPalette, themed, weightColour } from "../ui/palette.js";

/** @import {Card} from "../pictures/card.js" */
/** @import {Look} from "./look.js" */
/** @import {AnyPicture} from "../state/types.js" */

export class Large {
  constructor() {
    this.element = make("figure", { className: "touched-large", hidden: true });
    this.canvas = addCanvas(this.element, "What is pointed at, large");
    this.title = make("b");
    this.words = make("span");
    this.bar = make("span");
    this.element.append(make("figcaption", {}, this.title, " ", this.words, " ", this.bar));
    /** @type {Card | null} over which it lies */
    this.card = null;
  }

  /** Show nothing. */
  hide() {
    this.element.hidden = true;
    this.card = null;
  }

  /**
   * Show a look over a card, and beside it another one, as a filter and what it makes of the image.
   * @param {Look} look @param {Look | null} beside @param {Card} card
   */
  show(look, beside, card) {
    this.card = card;
    if (this.element.parentElement !== card.body) card.body.append(this.element);
    this.element.hidden = false;
    this.element.dataset.map = look.shape.join("×");
    this.title.textContent = look.title;
    this.words.textContent = look.words;
    this.bar.replaceChildren(...(look.kind === "shares" ? [] : [colourBar("answers", look.scale)]));
    drawLook(this.canvas, look, beside, /** @type {AnyPicture | null} */ (card.picture));
  }
}

/**
 * Draw a look, and beside it another one.
 * @param {HTMLCanvasElement} canvas @param {Look} look @param {Look | null} beside
 * @param {AnyPicture | null} main the task's main picture, whose points and places it shares
 */
export function drawLook(canvas, look, beside, main) {
  const sheet = fit(canvas);
  const { width, height } = sheet;
  if (look.kind === "plane") plane(sheet, look, main?.view === "field" && !main.words ? main : null);
  else if (look.kind === "curve")
    curve(sheet, look, main?.view === "curve" ? /** @type {Float32Array} */ (main.arrays.x) : null);
  else {
    const half = beside ? width / 2 - 4 : width;
    image(sheet, look, { left: 0, top: 0, width: half, height });
    if (beside) image(sheet, beside, { left: half + 8, top: 0, width: half, height });
  }
}

/**
 * Draw a map over the plane, with the points where they lie on the same plane.
 * @param {import("../ui/canvas.js").Sheet} sheet @param {Look} look @param {any} field the picture of the boundary
 */
function plane(sheet, { bytes, shape }, field) {
  const box = planeIn(sheet);
  drawBytes(sheet.ctx, bytes, ...shape, signedPalette(), box, { upsideDown: true, smooth: true });
  if (!field) return;
  drawPoints(sheet.ctx, field, box, radiusOf(box.width, field.arrays.labels.length));
}

/**
 * Draw a neuron's answers along the curve.
 * @param {import("../ui/canvas.js").Sheet} sheet @param {Look} look @param {Float32Array | null} x of the fit
 */
function curve(sheet, { bytes, scale }, x) {
  const { ctx, width, height } = sheet;
  const [low, high] = x ? [x[0], x[x.length - 1]] : [0, 1];
  /** @type {import("../pictures/axes.js").Extent} */
  const extent = [low, high, -1.1 * scale, 1.1 * scale];
  const box = plotIn(sheet, { left: 0, top: 0, width, height }, indentOf(sheet, height, extent));
  drawAxes(sheet, box, extent, ["", ""]);
  const to = scales(box, extent);
  zeroLine(ctx, box, to);
  ctx.lineWidth = 3;
  const at = (/** @type {number} */ i) =>
    /** @type {const} */ ([
      to.x(low + ((high - low) * i) / (bytes.length - 1)),
      to.y(((bytes[i] - 128) / 127) * scale),
    ]);
  for (let i = 1; i < bytes.length; i++) {
    ctx.strokeStyle = weightColour(bytes[i] - 128, 1);
    ctx.beginPath();
    ctx.moveTo(...at(i - 1));
    ctx.lineTo(...at(i));
    ctx.stroke();
  }
}

/**
 * Draw an image as large as there is room, with square pixels where it is no sequence.
 * @param {import("../ui/canvas.js").Sheet} sheet @param {Look} look @param {import("../pictures/axes.js").Box} room
 */
function image({ ctx }, { bytes, shape: [rows, columns], kind }, room) {
  const isLong = Math.max(rows, columns) > 2.5 * Math.min(rows, columns);
  const cell = Math.min(room.width / columns, room.height / rows);
  const [width, height] = isLong ? [room.width, room.height] : [cell * columns, cell * rows];
  const box = { left: room.left + (room.width - width) / 2, top: room.top + (room.height - height) / 2, width, height };
  drawBytes(ctx, bytes, rows, columns, kind === "shares" ? sharePalette() : signedPalette(), box);
  ctx.strokeStyle = themed("line");
  ctx.lineWidth = 1;
  ctx.strokeRect(box.left + 0.5, box.top + 0.5, box.width - 1, box.height - 1);
}
