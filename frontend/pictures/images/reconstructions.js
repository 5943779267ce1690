/** Test images, what the network was given of them, and what it made of that. */

import { percent } from "../../state/numbers.js";
import { addCanvas, fit } from "../../ui/canvas.js";
import { greyPalette, themed } from "../../ui/palette.js";
import { drawBytes, part, square } from "../bytes.js";
import { caption, goThroughExamples } from "../examples.js";
import { largest } from "../tiles.js";

/**
 * Test images, what is given of them and what is made of that: each (N, 28, 28).
 * @typedef {import("../view.js").PictureOf<Record<"images" | "given" | "output", Uint8Array>>} Reconstructions
 */

const GAP = 3;

export class ReconstructionsView {
  /** @param {import("../view.js").Mount} mount */
  constructor(mount) {
    this.canvas = addCanvas(mount.body, "Digits and their reconstructions");
    this.mount = mount;
    /** @type {Reconstructions | null} */
    this.picture = null;
    goThroughExamples(this.canvas, mount, 12);
  }

  /** @param {Reconstructions} picture */
  draw(picture) {
    this.picture = picture;
    const { ctx, width, height, type } = fit(this.canvas);
    const { images, given, output } = picture.arrays;
    const noisy = given.some((v, i) => v !== images[i]);
    const stack = noisy ? [images, given, output] : [images, output];
    const names = noisy ? ["digit", "given", "made"] : ["given", "made"];
    const n = picture.shapes.images[0];
    ctx.font = type.font();
    const indent = Math.ceil(Math.max(...names.map((name) => ctx.measureText(name).width))) + 6;
    const room = (/** @type {number} */ down) => height / down - (down > 1 ? 3 * GAP : 0);
    const { columns, rows, size } = largest(
      n,
      (across, down) => Math.floor(Math.min((width - indent) / across - GAP, room(down) / stack.length - 1)),
      8,
    );
    const palette = greyPalette();
    const pitch = stack.length * (size + 1) + 3 * GAP;
    const left = indent + (width - indent - columns * (size + GAP) + GAP) / 2;
    const first = Math.max(0, (height - rows * pitch + 3 * GAP) / 2);
    ctx.textBaseline = "middle";
    for (let i = 0; i < n; i++) {
      const block = first + Math.floor(i / columns) * pitch;
      stack.forEach((bytes, k) => {
        const y = block + k * (size + 1);
        const box = square(left + (i % columns) * (size + GAP), y, size);
        drawBytes(ctx, part(bytes, i, 784), 28, 28, palette, box);
        if (i % columns) return;
        ctx.fillStyle = themed("muted");
        ctx.textAlign = "right";
        ctx.fillText(names[k], left - 6, y + size / 2);
      });
    }
    const { answers } = this.mount.surroundings;
    this.mount.say(caption("test digits before and after the narrow place", answers && "click for others"));
  }

  /** Say how far what is made is from the digits. */
  describe() {
    if (!this.picture) return "";
    const { images, output } = this.picture.arrays;
    const off = images.reduce((sum, v, i) => sum + Math.abs(v - output[i]), 0) / images.length / 255;
    const n = this.picture.shapes.images[0];
    return `${n} test digits and what is made of them: a pixel is ${percent(off)} off on average`;
  }
}
