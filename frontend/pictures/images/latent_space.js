/** Where the digits lie in the narrowest layer, each drawn as itself. */

import { CLASS_COLOURS } from "../../state/constants.js";
import { percent } from "../../state/numbers.js";
import { addCanvas, fit } from "../../ui/canvas.js";
import { css } from "../../ui/palette.js";
import { drawAxes, scales } from "../axes.js";

/**
 * Points (N, 2) and labels (N,) of test examples; with more than two `numbers`, of which this share of the variance is
 * seen.
 * @typedef {import("../view.js").PictureOf<
 *   {points: Float32Array, labels: Uint8Array},
 *   {classes: number, layer: string, numbers: number, share: number}
 * >} LatentSpace
 */

export class LatentSpaceView {
  /** @type {import("../view.js").Shape} */
  static shape = "square";

  /** @param {import("../view.js").Mount} mount */
  constructor(mount) {
    this.canvas = addCanvas(mount.body, "Test digits laid out by their code");
    this.mount = mount;
  }

  /** @param {LatentSpace} picture */
  draw(picture) {
    const { ctx, width, height } = fit(this.canvas);
    const { points, labels } = picture.arrays;
    const extent = around(points);
    const box = { left: 34, top: 4, width: width - 40, height: height - 24 };
    const exact = picture.numbers === 2;
    drawAxes(ctx, box, extent, exact ? ["code₁", "code₂"] : ["component 1", "component 2"]);
    const { x, y } = scales(box, extent);
    ctx.font = "bold 11px system-ui, sans-serif";
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    labels.forEach((label, i) => {
      ctx.fillStyle = css(CLASS_COLOURS[label % CLASS_COLOURS.length]);
      ctx.fillText(String(label), x(points[2 * i]), y(points[2 * i + 1]));
    });
    this.mount.say(exact ? both(picture) : projection(picture));
  }
}

/** @param {LatentSpace} picture */
const both = ({ layer }) => `the two numbers of layer ${layer} · nobody told the network which digit is which`;

/** @param {LatentSpace} picture */
const projection = ({ layer, numbers, share }) =>
  `layer ${layer}: ${numbers} numbers, seen along the two directions that hold ${percent(share, 0)} of their variance`;

/** @param {Float32Array} points @returns {import("../axes.js").Extent} */
function around(points) {
  const xs = points.filter((_, i) => i % 2 === 0 && Number.isFinite(points[i]));
  const ys = points.filter((_, i) => i % 2 === 1 && Number.isFinite(points[i]));
  const reach = (/** @type {Float32Array} */ v) => {
    const [low, high] = [Math.min(...v, 0), Math.max(...v, 0)];
    const room = 0.05 * (high - low) + 1e-6;
    return [low - room, high + room];
  };
  const [[left, right], [bottom, top]] = [reach(xs), reach(ys)];
  return [left, right, bottom, top];
}
