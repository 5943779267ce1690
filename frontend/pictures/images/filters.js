/** The first convolution's filters as images. */

import { signedPalette, themed } from "../../ui/palette.js";
import { addCanvas, drawBytes, fit, tiles } from "../canvas.js";

export class FiltersView {
  /** @param {HTMLElement} body @param {HTMLElement} caption */
  constructor(body, caption) {
    this.canvas = addCanvas(body, "Filters of the first convolution");
    this.caption = caption;
  }

  /** @param {any} picture */
  draw(picture) {
    const { ctx, width, height } = fit(this.canvas);
    const [n, rows, columns] = picture.shapes.filters;
    const { columns: across, rows: down, size } = tiles(n, width, height, 4);
    const palette = signedPalette();
    const start = { x: (width - across * (size + 4)) / 2, y: (height - down * (size + 4)) / 2 };
    for (let i = 0; i < n; i++) {
      const x = start.x + (i % across) * (size + 4);
      const y = start.y + Math.floor(i / across) * (size + 4);
      drawBytes(
        ctx,
        picture.arrays.filters.subarray(i * rows * columns, (i + 1) * rows * columns),
        rows,
        columns,
        palette,
        x,
        y,
        size,
        size,
      );
      ctx.strokeStyle = themed("line");
      ctx.strokeRect(x + 0.5, y + 0.5, size - 1, size - 1);
    }
    this.caption.textContent = `${picture.units} filters of ${rows} × ${columns}, all on one scale: ±${picture.scale.toPrecision(2)} · orange − blue +`;
  }
}
