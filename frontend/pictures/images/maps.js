/** One digit on its way through the layers: the image, the maps that each layer makes of it, and the verdict. */

import { css, CLASSES, signedPalette, themed } from "../../ui/palette.js";
import { addCanvas, drawBytes, fit, greyPalette, shorter, tiles } from "../canvas.js";
import { DigitPad } from "./digitpad.js";

export class MapsView {
  /** @param {HTMLElement} body @param {HTMLElement} caption @param {import("../../state/store.js").Store} store */
  constructor(body, caption, store) {
    this.example = true;
    this.canvas = addCanvas(body, "Feature maps of the chosen digit");
    this.caption = caption;
    this.pad = store.editable ? new DigitPad(body, store, (picture) => this.draw(picture)) : null;
  }

  dispose() {
    this.pad?.close();
  }

  /** @param {any} picture */
  draw(picture) {
    if (this.pad?.isOpen && picture.label >= 0) return; // what comes from the stream waits while somebody draws
    const { ctx, width, height } = fit(this.canvas);
    const dark = document.documentElement.dataset.theme === "dark";
    const left = Math.min(90, width * 0.22);
    drawBytes(ctx, picture.arrays.image, 28, 28, greyPalette(dark), 0, 4, left, left);
    const named = (/** @type {number} */ k) => picture.names[k] ?? String(k);
    bars(ctx, picture.arrays.probabilities, named, 0, left + 14, left, height - left - 18);
    const palette = signedPalette();
    const n = picture.columns.length;
    picture.columns.forEach((/** @type {any} */ column, /** @type {number} */ k) => {
      const [count, rows, cells] = picture.shapes[`columns.${k}.maps`];
      const top = (k * height) / n;
      ctx.fillStyle = themed("muted");
      ctx.font = "11px system-ui, sans-serif";
      ctx.textAlign = "left";
      ctx.textBaseline = "top";
      ctx.fillText(column.title, left + 14, top + 2);
      const room = { width: width - left - 14, height: height / n - 18 };
      const { columns: across, size } = tiles(count, room.width, room.height, 3);
      for (let i = 0; i < count; i++) {
        drawBytes(
          ctx,
          picture.arrays[`columns.${k}.maps`].subarray(i * rows * cells, (i + 1) * rows * cells),
          rows,
          cells,
          palette,
          left + 14 + (i % across) * (size + 3),
          top + 17 + Math.floor(i / across) * (size + 3),
          size,
          size,
        );
      }
    });
    if (picture.label < 0) {
      const { probabilities: p } = picture.arrays;
      const best = p.indexOf(Math.max(...p));
      this.caption.textContent = `your ${isDigit(picture) ? "digit: a " : "drawing: "}${named(best)}, ${Math.round(100 * p[best])} % · centred and scaled as MNIST was`;
      return;
    }
    const what = isDigit(picture)
      ? `test digit ${picture.example}, a ${picture.label}`
      : `test image ${picture.example}, ${named(picture.label)}`;
    this.caption.textContent = n
      ? `${what} · click ${isDigit(picture) ? "a digit" : "an image"} to choose another · each map on its own scale`
      : `${what} · this network has no layer between image and answer`;
  }
}

/** Tell whether a picture is about the digits 0 to 9. @param {any} picture */
const isDigit = ({ names }) => names.join("") === "0123456789";

/** @param {CanvasRenderingContext2D} ctx @param {Float32Array} probabilities @param {(k: number) => string} named @param {number} left @param {number} top @param {number} width @param {number} height */
function bars(ctx, probabilities, named, left, top, width, height) {
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
    ctx.fillStyle = css(CLASSES[0]);
    ctx.fillRect(left + indent, y - pitch * 0.3, (width - indent) * (Number.isFinite(p) ? p : 0), pitch * 0.6);
  });
}
