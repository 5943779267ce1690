/** The first convolution's filters as images. */

import { precise } from "../../state/numbers.js";
import { addCanvas, fit } from "../../ui/canvas.js";
import { signedPalette, themed } from "../../ui/palette.js";
import { drawPixels, part, sizeOf, square } from "../bytes.js";
import { letPoint, ringPart } from "../pointing.js";
import { tiles } from "../tiles.js";

/**
 * Filters (number, height, width) as bytes around 128, all of one scale; in colour (number, height, width, 3).
 * @typedef {import("../view.js").PictureOf<
 *   {filters: Uint8Array, biases: Float32Array}, {scale: number, units: number, layer: number}
 * >} Filters
 */

const GAP = 4;

export class FiltersView {
  /** @param {import("../view.js").Mount} mount */
  constructor(mount) {
    this.canvas = addCanvas(mount.body, "Filters of the first convolution");
    this.mount = mount;
    /** @type {Filters | null} */
    this.picture = null;
    /** @type {import("../pointing.js").Part[]} */
    this.parts = [];
    letPoint(
      this.canvas,
      mount,
      () => this.parts,
      ({ unit }) => `filter ${unit + 1} of ${this.parts.length}`,
    );
  }

  /** @param {Filters} picture */
  draw(picture) {
    this.picture = picture;
    const sheet = fit(this.canvas);
    const { ctx, width, height } = sheet;
    this.parts = [];
    const [n, ...shape] = picture.shapes.filters;
    const [rows, columns, channels] = shape;
    const { columns: across, rows: down, size } = tiles(n, width, height, GAP);
    const palette = signedPalette();
    const start = { x: (width - across * (size + GAP) + GAP) / 2, y: (height - down * (size + GAP) + GAP) / 2 };
    ctx.lineWidth = 1;
    ctx.strokeStyle = themed("line");
    for (let i = 0; i < n; i++) {
      const x = start.x + (i % across) * (size + GAP);
      const y = start.y + Math.floor(i / across) * (size + GAP);
      const filter = part(picture.arrays.filters, i, sizeOf(shape));
      drawPixels(ctx, filter, shape, palette, square(x, y, size));
      ctx.strokeRect(x + 0.5, y + 0.5, size - 1, size - 1);
      this.parts.push({ ...square(x, y, size), column: 0, unit: i });
    }
    ringPart(sheet, this.mount, this.parts, themed("accent"));
    this.mount.entitle(`What the ${picture.units} filters look for`);
    this.mount.legend(
      channels
        ? [{ mark: "", colour: "ink", words: "a weight of 0 is grey" }]
        : [
            { mark: "■", colour: "minus", words: "orange −" },
            { mark: "■", colour: "plus", words: "blue +" },
          ],
    );
    const each = channels ? `${rows} × ${columns} × 3` : `${rows} × ${columns}`;
    this.mount.say(`${each} weights each, all on one scale: ±${precise(picture.scale, 2)}`);
  }

  /** Say how many there are, and how large their weights. */
  describe() {
    if (!this.picture) return "";
    const { units, scale } = this.picture;
    const shape = this.picture.shapes.filters.slice(1).join(" × ");
    return `${units} filters of ${shape} weights; the largest weight is ${precise(scale, 2)}`;
  }
}
