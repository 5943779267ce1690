/** What the layers' numbers say: outputs, dead ReLUs, gradients, steps, and a histogram of the weights. */

import { themed } from "../../ui/palette.js";
import { addCanvas, fit } from "../canvas.js";

export class StatisticsView {
  /** @param {HTMLElement} body @param {HTMLElement} caption */
  constructor(body, caption) {
    body.classList.add("statistics");
    this.body = body;
    this.caption = caption;
    /** @type {{row: HTMLElement, name: HTMLElement, numbers: HTMLElement, canvas: HTMLCanvasElement}[]} */
    this.rows = [];
  }

  /** @param {any} picture */
  draw(picture) {
    const { arrays, layers } = picture;
    if (this.rows.length !== layers.length) this.build(layers.length);
    const bins = picture.shapes.weights[1];
    this.rows.forEach(({ name, numbers, canvas }, k) => {
      name.textContent = layers[k];
      const dead = Number.isFinite(arrays.dead[k]) ? ` · dead ${Math.round(100 * arrays.dead[k])} %` : "";
      numbers.textContent = `${short(arrays.mean[k])} ± ${short(arrays.std[k])}${dead} · g ${short(arrays.gradient[k])} · Δ ${short(arrays.ratio[k])}`;
      canvas.title = `weights from ${short(arrays.low[k])} to ${short(arrays.high[k])}`;
      histogram(canvas, arrays.weights.subarray(k * bins, (k + 1) * bins));
    });
    this.caption.textContent =
      "outputs' mean ± std · dead ReLUs · g: gradient · Δ: last step ÷ weights · bars: weights";
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
    this.body.replaceChildren(...this.rows.map(({ row }) => row));
  }
}

/** @param {number} v */
const short = (v) =>
  !Number.isFinite(v)
    ? "–"
    : Math.abs(v) >= 1e-2 || v === 0
      ? v.toPrecision(2)
      : v.toExponential(0).replace("e-", "e−");

/** @param {HTMLCanvasElement} canvas @param {Uint8Array} bins */
function histogram(canvas, bins) {
  const { ctx, width, height } = fit(canvas);
  ctx.fillStyle = themed("accent");
  bins.forEach((n, i) =>
    ctx.fillRect((i * width) / bins.length, height * (1 - n / 255), width / bins.length - 0.5, (height * n) / 255),
  );
}
