/** What the layers' numbers say: outputs, dead ReLUs, gradients, steps, and a histogram of the weights. */

import { brief, percent } from "../../state/numbers.js";
import { addCanvas, fit } from "../../ui/canvas.js";
import { themed } from "../../ui/palette.js";
import { part } from "../bytes.js";

/** @typedef {"mean" | "std" | "dead" | "gradient" | "ratio" | "low" | "high"} Quantity */
/**
 * Of each layer with parameters: its outputs' mean and std, the share of dead ReLUs (NaN where there are none),
 * ‖∂L/∂θ‖, ‖Δθ‖ / ‖θ‖, its smallest and largest weight, each (layers,); and a histogram of its weights (layers, bins),
 * 255 the largest bin.
 * @typedef {import("../view.js").PictureOf<
 *   {weights: Uint8Array} & Record<Quantity, Float32Array>,
 *   {layers: string[]}
 * >} Statistics
 */

export class StatisticsView {
  /** @type {import("../view.js").Shape} */
  static shape = "aside";

  /** @param {import("../view.js").Mount} mount */
  constructor(mount) {
    mount.body.classList.add("statistics");
    this.mount = mount;
    /** @type {{row: HTMLElement, name: HTMLElement, numbers: HTMLElement, canvas: HTMLCanvasElement}[]} */
    this.rows = [];
  }

  /** @param {Statistics} picture */
  draw(picture) {
    const { arrays, layers } = picture;
    if (this.rows.length !== layers.length) this.build(layers.length);
    const bins = picture.shapes.weights[1];
    this.rows.forEach(({ name, numbers, canvas }, k) => {
      name.textContent = layers[k];
      const dead = Number.isFinite(arrays.dead[k]) ? ` · dead ${percent(arrays.dead[k], 0)}` : "";
      const [mean, std, gradient, ratio] = [arrays.mean, arrays.std, arrays.gradient, arrays.ratio].map((v) =>
        brief(v[k]),
      );
      numbers.textContent = `${mean} ± ${std}${dead} · g ${gradient} · Δ ${ratio}`;
      canvas.title = `weights from ${brief(arrays.low[k])} to ${brief(arrays.high[k])}`;
      histogram(canvas, part(arrays.weights, k, bins));
    });
    this.mount.say("outputs' mean ± std · dead ReLUs · g: gradient · Δ: last step ÷ weights · bars: weights");
  }

  /** @param {number} n */
  build(n) {
    this.rows = Array.from({ length: n }, () => {
      const [row, name, numbers, chart] = ["div", "b", "span", "div"].map((tag) => document.createElement(tag));
      row.className = "statistic";
      chart.className = "histogram";
      row.append(name, chart, numbers);
      return { row, name, numbers, canvas: addCanvas(chart, "Histogram of the weights") };
    });
    this.mount.body.replaceChildren(...this.rows.map(({ row }) => row));
  }
}

/** @param {HTMLCanvasElement} canvas @param {Uint8Array} bins */
function histogram(canvas, bins) {
  const { ctx, width, height } = fit(canvas);
  ctx.fillStyle = themed("accent");
  for (const [i, n] of bins.entries())
    ctx.fillRect((i * width) / bins.length, height * (1 - n / 255), width / bins.length - 0.5, (height * n) / 255);
}
