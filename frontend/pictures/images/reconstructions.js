/** Test images, what the network was given of them, and what it made of that. */

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
  /** @type {import("../view.js").Shape} */
  static shape = "wide";
  static companion = { kind: "latent-space", share: 0.5 };

  /** @param {import("../view.js").Mount} mount */
  constructor(mount) {
    this.canvas = addCanvas(mount.body, "Digits and their reconstructions");
    this.mount = mount;
    goThroughExamples(this.canvas, mount, 12);
  }

  /** @param {Reconstructions} picture */
  draw(picture) {
    const { ctx, width, height } = fit(this.canvas);
    const { images, given, output } = picture.arrays;
    const noisy = given.some((v, i) => v !== images[i]);
    const stack = noisy ? [images, given, output] : [images, output];
    const names = noisy ? ["digit", "given", "made"] : ["given", "made"];
    const n = picture.shapes.images[0];
    const { columns, size } = largest(
      n,
      (across, down) => Math.floor(Math.min((width - 36) / across - GAP, (height / down - 2 * GAP) / stack.length - 1)),
      8,
    );
    const palette = greyPalette();
    const left = 36 + (width - 36 - columns * (size + GAP)) / 2;
    ctx.font = "11px system-ui, sans-serif";
    ctx.textBaseline = "middle";
    for (let i = 0; i < n; i++) {
      const block = Math.floor(i / columns) * (stack.length * (size + 1) + 2 * GAP);
      stack.forEach((bytes, k) => {
        const y = block + k * (size + 1);
        const box = square(left + (i % columns) * (size + GAP), y, size);
        drawBytes(ctx, part(bytes, i, 784), 28, 28, palette, box);
        if (i % columns) return;
        ctx.fillStyle = themed("muted");
        ctx.textAlign = "right";
        ctx.fillText(names[k], left - 4, y + size / 2);
      });
    }
    const { answers } = this.mount.surroundings;
    this.mount.say(caption("test digits before and after the narrow place", answers && "click for others"));
  }
}
